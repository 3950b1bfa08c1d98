//! The trace: what happened, in order. Handles and addresses are renamed to the scenario's own
//! names, so two traces can be compared.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::scenario::plan::{CallbackId, StepId, ThreadId};

/// A name in a trace: shared, because a long run repeats the same few names in every step.
pub type Name = SmolStr;

/// Everything that one run of a plan saw.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The steps that were done, in the order in which they ended.
    pub steps: Vec<StepTrace>,
    /// Callbacks that came while no step was waiting for them: from a thread of the engine's own,
    /// never awaited, or after the last step.
    pub strays: Vec<Event>,
    /// How the run ended.
    pub end: End,
    /// What the library changed in its process behind the program's back, in words.
    pub changes: Vec<String>,
    /// What the library wrote to standard error, the last lines.
    pub stderr: String,
    /// How processes that the library was in died before this run.
    pub deaths: Vec<Death>,
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// All steps were done.
    #[default]
    Complete,
    /// A step could not be done because the library lacks the function.
    Unsupported {
        /// The step.
        step: StepId,
        /// The exported name that is missing.
        function: String,
    },
    /// The host process died.
    Died {
        /// The step that it had announced.
        step: StepId,
        /// The function called, or what else was being done.
        doing: String,
        /// Signal, exception or exit code, in words.
        how: String,
    },
    /// A time limit passed.
    TimedOut {
        /// The step that had not ended.
        step: StepId,
        /// The function called, or what else was being done.
        doing: String,
        /// The limit in milliseconds.
        limit_ms: u64,
    },
    /// The runner itself could not go on.
    Broken {
        /// The step.
        step: Option<StepId>,
        /// Why.
        reason: String,
    },
}

/// The death of a process that the library was in, for which no case is to blame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Death {
    /// How it died, in words.
    pub how: String,
    /// After which case, or in which.
    pub when: String,
    /// The last that it wrote to standard error.
    pub words: String,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepTrace {
    /// Which step.
    pub step: StepId,
    /// What came of it.
    pub outcome: Outcome,
    /// Outputs in the order of the parameters.
    pub outputs: Vec<(Name, Value)>,
    /// Callbacks that fired during it, in order.
    pub events: Vec<Event>,
    /// What the library did to memory that it had no business with.
    pub violations: Vec<Violation>,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The call returned this code.
    Returned(i32),
    /// A call was begun.
    Started,
    /// A step that is no call was done.
    Done,
    /// A step that is no call could not be done, or did not hold.
    Failed(String),
    /// The call did not return: a callback killed the host inside it.
    Killed,
}

/// One invocation of a callback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Which callback.
    pub callback: CallbackId,
    /// `JET_CALLBACK` or `JET_PFNSTATUS`.
    pub kind: EventKind,
    /// Every argument by its documented name, in order. Of a user-defined default, `pvArg2` is the
    /// size that it points to, and `pvContext` the stored data where the plan expects bytes.
    /// Shared, because a long run repeats the same few invocations.
    pub arguments: Arc<[(Name, Value)]>,
    /// The thread that it came on.
    pub thread: EventThread,
    /// What the body did.
    pub steps: Vec<StepTrace>,
    /// What the body returned.
    pub returned: i32,
}

/// The two prototypes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// `JET_CALLBACK`
    Callback,
    /// `JET_PFNSTATUS`
    Status,
}

/// The thread that an event came on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventThread {
    /// A thread of the plan.
    Plan(ThreadId),
    /// A thread of the engine's own.
    Engine,
}

/// A value that a call or a callback gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// A number; signed ones sign-extended.
    Number(i64),
    /// A handle or address that the plan has a name for.
    Named(Name),
    /// A handle that the plan has no name for: its kind, and the how-many-eth of them it is.
    Fresh {
        /// `sesid`, `tableid`…
        kind: String,
        /// From 1, in order of appearance.
        number: u32,
    },
    /// An address that the plan has no name for.
    Address,
    /// A null pointer or a zero handle.
    Null,
    /// All bits set.
    Nil,
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text.
    Text(String),
    /// A list of texts.
    TextList(Vec<String>),
    /// Fields of a structure.
    Structure(Vec<(Name, Value)>),
    /// Elements of an array that the engine allocated.
    Array(Vec<Value>),
    /// Nothing was written there.
    Untouched,
}

/// Memory written or read against the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Violation {
    /// A byte beside the memory of a parameter was written.
    OutsideBuffer {
        /// The parameter, with its path.
        name: String,
        /// Offset of the first such byte from the start of the buffer; negative before it.
        offset: i64,
    },
    /// An input was written.
    InputWritten {
        /// The parameter, with its path.
        name: String,
        /// Offset of the first such byte.
        offset: i64,
    },
    /// Memory of an earlier call was written after that call had returned.
    LateWrite {
        /// The parameter of that call.
        name: String,
        /// The step that made the call.
        step: StepId,
    },
}
