//! Instances and the modes of the process.

use std::thread::ThreadId;

use super::handles::Instance;
use crate::abi::errors::JetError;

/// How many instances the process may have; decided by the first call that makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// No instance yet.
    #[default]
    Undecided,
    /// One instance, made by JetInit without JetCreateInstance. (jetinit-function.md)
    One,
    /// Instances made by JetCreateInstance. (jetenablemultiinstance-function.md)
    Multi,
}

/// What belongs to the process and not to an instance.
#[derive(Debug, Default)]
pub struct Process {
    /// One instance or many.
    pub mode: Mode,
}

/// An instance, created or initialised.
#[derive(Debug)]
pub struct InstanceState {
    /// Its handle.
    pub handle: Instance,
    /// The name that distinguishes it, `None` when it was made without one.
    pub name: Option<String>,
    /// The thread whose JetInit runs.
    pub initializing: Option<ThreadId>,
    /// JetInit has completed.
    pub initialized: bool,
    /// JetTerm has begun: session calls are refused.
    pub terminating: bool,
    /// JetTerm no longer waits: instance calls are refused as well.
    pub locked: bool,
    /// A restore runs.
    pub restoring: bool,
    /// JetStopService was called; it never ends.
    pub stopped: bool,
    /// The code that every call gets after a fatal error.
    pub unavailable: Option<JetError>,
}

impl InstanceState {
    /// An instance as JetCreateInstance makes it.
    pub fn created(handle: Instance, name: Option<String>) -> Self {
        Self {
            handle,
            name,
            initializing: None,
            initialized: false,
            terminating: false,
            locked: false,
            restoring: false,
            stopped: false,
            unavailable: None,
        }
    }
}
