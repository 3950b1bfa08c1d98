//! Instances and the modes of the process.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread::ThreadId;

use super::durable::log_writer::LogWriter;
use super::durable::record::LogRecord;
use super::external_backup::ExternalBackup;
use super::handles::{Instance, SnapId};
use super::name::Name;
use super::registration::Registration;
use super::settings::Settings;
use super::snapshot_freeze::Frozen;
use crate::abi::errors::JetError;

/// How many instances the process may have; decided by the first call that makes one, and free
/// again when none is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
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
    /// The global parameters, which instances made later begin with.
    pub settings: Settings,
}

/// An instance, created or initialised.
#[derive(Debug)]
pub struct InstanceState {
    /// Its handle.
    pub handle: Instance,
    /// The name that distinguishes it, `None` when it was made without one.
    pub name: Option<String>,
    /// The name that informs about it.
    pub display_name: Option<String>,
    /// Its parameters.
    pub settings: Settings,
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
    /// The backup that runs.
    pub backup: Option<ExternalBackup>,
    /// A function of the application is being told how far that is.
    pub telling: bool,
    /// The session of a snapshot that it takes part in.
    pub snapshot: Option<SnapId>,
    /// What it remembers from the freeze to the end of that session.
    pub frozen: Option<Frozen>,
    /// How many sessions were ever begun.
    pub sessions_begun: usize,
    /// JetStopService was called; it never ends.
    pub stopped: bool,
    /// It was stopped as a whole by JetStopServiceInstance2, which cannot be resumed.
    pub stopped_all: bool,
    /// The code that every call gets after a fatal error.
    pub unavailable: Option<JetError>,
    /// Its log, once it is initialised with recovery.
    pub log: Option<LogWriter>,
    /// Records of lazy commits that are not in the log yet, in their order.
    pub lazy: Vec<LogRecord>,
    /// The bytes of the files of the databases at the last checkpoint.
    pub checkpoint_size: u64,
    /// The file of its temporary database, once there is one.
    pub temporary: Option<PathBuf>,
    /// Registrations on tables of detached databases, by file and table.
    pub kept: BTreeMap<(PathBuf, Name), Vec<Registration>>,
}

impl InstanceState {
    /// An instance as JetCreateInstance makes it.
    pub fn created(handle: Instance, name: Option<String>) -> Self {
        Self {
            handle,
            name,
            display_name: None,
            settings: Settings::default(),
            initializing: None,
            initialized: false,
            terminating: false,
            locked: false,
            restoring: false,
            backup: None,
            telling: false,
            snapshot: None,
            frozen: None,
            checkpoint_size: 0,
            temporary: None,
            sessions_begun: 0,
            stopped: false,
            stopped_all: false,
            unavailable: None,
            log: None,
            lazy: Vec::new(),
            kept: BTreeMap::new(),
        }
    }
}
