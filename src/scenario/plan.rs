//! The plan: one case of a scenario with every name resolved and every argument lowered to words and
//! memory. Whoever runs a plan looks nothing up and knows no role.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::abi::role::Scalar;
use crate::abi::{Form, FunctionId};

pub use super::expectations::{
    ByProfile, Codes, Course, EventExpectation, Expectations, Expected, OutputExpectation, Times,
};
pub use super::profile::Profile;

/// The most callbacks that a plan can have: the runner has so many functions.
pub const MOST_CALLBACKS: usize = 64;

/// The most threads that a plan can have, `main` among them.
pub const MOST_THREADS: usize = 128;

/// Where something stands in a scenario or fixture file. Lines and columns count from one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file, as the user named it or relative to the scenario folder.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A variable of the plan, by position in [`Plan::variables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VariableId(pub u32);

/// A callback of the plan, by position in [`Plan::callbacks`]: the number of its trampoline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CallbackId(pub u32);

/// A thread of the plan, by position in [`Plan::threads`]. Zero is `main`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ThreadId(pub u32);

/// A step, by its number within the plan. Steps of fixture, case, aftermath and callback bodies are
/// numbered together; a step inside a loop or a body keeps its number each time it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StepId(pub u32);

/// One piece of memory of a call, by position in [`Call::memory`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MemoryId(pub u32);

/// One case, ready to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// `folder/file.yaml` of the scenario.
    pub file: Arc<str>,
    /// The case's name; empty where the scenario has no cases.
    pub case: String,
    /// The width of the texts that the case passes.
    pub form: Form,
    /// The scenario's title.
    pub title: String,
    /// Fixture, case, aftermath, in that order.
    pub steps: Vec<Step>,
    /// Callbacks in the order of their definition.
    pub callbacks: Vec<Callback>,
    /// Variables in the order of their first mention.
    pub variables: Vec<Variable>,
    /// Thread names; the first is `main`.
    pub threads: Vec<String>,
    /// Names that threads wait for and wake (`wait`, `wake`).
    pub signals: Vec<String>,
}

/// A name that holds a value while the plan runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name in the scenario.
    pub name: SmolStr,
    /// What it holds.
    pub kind: VariableKind,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum VariableKind {
    /// A number or a handle.
    Scalar(Scalar),
    /// Bytes.
    Bytes,
}

/// Which part of a scenario a step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// The fixture: a failure there is no verdict about the case.
    Fixture,
    /// The case itself.
    Case,
    /// What follows each case (`then`).
    Aftermath,
    /// A callback's body.
    Body,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its number.
    pub id: StepId,
    /// Where it is written (where a shorthand is used, for the steps that it stands for).
    pub place: Place,
    /// The part it belongs to.
    pub part: Part,
    /// The thread that does it.
    pub thread: ThreadId,
    /// What it does.
    pub action: Action,
    /// What must come of it.
    pub expect: Expectations,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Calls and waits for the return.
    Call(Arc<Call>),
    /// Begins a call on the step's thread and goes on without waiting; `label` names it.
    Start {
        /// The name under which `End` asks for the result.
        label: String,
        /// The call.
        call: Arc<Call>,
    },
    /// The call begun under that label must have returned, or returns now. Its code, outputs and
    /// events are judged here.
    End {
        /// The name given by `Start`.
        label: String,
    },
    /// Repeats a call until it returns one of the codes, within the time limit. Attempts before the
    /// last are not part of the trace.
    Until {
        /// The codes that end the repetition.
        codes: Vec<i32>,
        /// The call.
        call: Arc<Call>,
    },
    /// Waits until a callback has been invoked by a thread of the engine's own, `times` in all since
    /// the last such wait.
    Await {
        /// The callback.
        callback: CallbackId,
        /// How many invocations.
        times: u32,
    },
    /// Waits until another thread wakes this signal.
    Wait {
        /// Position in [`Plan::signals`].
        signal: u32,
    },
    /// Wakes whoever waits for this signal, now or later.
    Wake {
        /// Position in [`Plan::signals`].
        signal: u32,
    },
    /// Steps that are done so many times.
    Repeat {
        /// How many times.
        times: u32,
        /// The steps.
        steps: Vec<Step>,
    },
    /// Acts on a file as an application's surroundings do.
    File(FileAction),
    /// The host process dies here, as if killed; the plan goes on in a new one. Variables that hold
    /// numbers and bytes are kept, the library starts afresh.
    KillHost,
    /// Compares variables.
    Compare {
        /// The variables.
        variables: Vec<VariableId>,
        /// What must hold of them.
        relation: Relation,
    },
    /// Sets a variable to a number: the sum of a variable and an offset, or a plain number.
    Let {
        /// The variable that is set.
        variable: VariableId,
        /// The base, zero where absent.
        base: Option<VariableId>,
        /// What is added, wrapping.
        add: i64,
    },
}

/// What to do to a file. Paths are relative to the scratch folder of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileAction {
    /// Removes a file.
    Remove(String),
    /// Copies a file.
    Copy {
        /// From.
        from: String,
        /// To.
        to: String,
    },
    /// Puts a copy of the module whose functions schemas name where a library can load it.
    CopyModule(String),
    /// Cuts a file to so many bytes; a negative number counts from its end.
    Truncate {
        /// The file.
        path: String,
        /// Bytes.
        size: i64,
    },
    /// Inverts one byte; a negative offset counts from the end.
    FlipByte {
        /// The file.
        path: String,
        /// Which byte.
        offset: i64,
    },
    /// Writes a file with this content.
    Write {
        /// The file.
        path: String,
        /// What it holds afterwards.
        bytes: Vec<u8>,
    },
    /// Writes what a variable holds behind the end of a file, which is made where it is not there.
    Append {
        /// The file.
        path: String,
        /// Bytes that an output was bound to.
        bytes: VariableId,
    },
    /// Makes a folder.
    MakeFolder(String),
    /// Takes the right to write to a folder or file away.
    MakeReadOnly(String),
    /// Gives it back.
    MakeWritable(String),
    /// From now on the system refuses every write to a file (`true`), as a disk does that is broken,
    /// until this is taken back (`false`) or the run ends.
    RefuseWrites(bool),
    /// The file must exist, or must not.
    Exists {
        /// The file.
        path: String,
        /// Which of the two.
        exists: bool,
    },
    /// The file must hold these bytes somewhere.
    Holds {
        /// The file.
        path: String,
        /// What it must hold.
        bytes: Vec<u8>,
    },
    /// Keeps the digest of a file's bytes under a name and compares it with the last one kept.
    Unchanged {
        /// The file.
        path: String,
        /// `false` the first time (remember), `true` afterwards (compare).
        compare: bool,
    },
}

/// What must hold of variables that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// All are equal.
    Same,
    /// All differ from each other.
    Distinct,
    /// Each is a smaller number than the next.
    Less,
}

impl Relation {
    /// Its word in a scenario.
    pub fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Distinct => "distinct",
            Self::Less => "less",
        }
    }
}

/// A call with its arguments lowered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The function.
    #[serde(with = "function_by_name")]
    pub function: FunctionId,
    /// Narrow or wide.
    pub form: Form,
    /// One for each parameter.
    pub arguments: SmallVec<[Argument; 8]>,
    /// The memory that arguments and other memory point to.
    pub memory: Vec<Memory>,
}

/// One argument: what goes into the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Argument {
    /// A number, a null pointer, an invented handle or address.
    Word(u64),
    /// The value that a variable holds then.
    Variable(VariableId),
    /// The address of a piece of memory.
    Memory(MemoryId),
    /// An address inside a piece of memory, so many bytes behind its beginning.
    Inside(MemoryId, u32),
    /// The address of a callback's `JET_CALLBACK` function.
    Callback(CallbackId),
    /// The address of a callback's `JET_PFNSTATUS` function.
    Status(CallbackId),
    /// The address of the runner's reallocation function.
    Realloc,
    /// How many bytes a bytes variable holds then.
    LengthOf(VariableId),
}

/// A piece of memory that a call reads or writes. Guards stand on both sides of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// The parameter, with the path inside its structure (`ptablecreate.rgcolumncreate[0].pvDefault`).
    pub name: SmolStr,
    /// What it holds before the call. Outputs hold [`PATTERN`].
    pub bytes: MemoryBytes,
    /// Where addresses and values of variables are put before the call.
    pub patches: Vec<Patch>,
    /// What the call may write. Everything else must be unchanged afterwards.
    pub outputs: SmallVec<[Output; 1]>,
    /// Where the content comes from instead of `bytes`, when only the run knows it.
    pub from: Option<Content>,
    /// Whether it ends where a page of memory ends behind which nobody may read.
    pub at_end: bool,
}

impl Memory {
    /// Why it cannot be written as it is described, where it cannot.
    pub fn unwritable(&self) -> Option<&'static str> {
        if self.outputs.is_empty() {
            return None;
        }
        let is_address = |patch: &&Patch| {
            !matches!(
                patch.value,
                Argument::Word(_) | Argument::Variable(_) | Argument::LengthOf(_)
            )
        };
        let mut addresses = self.patches.iter().filter(is_address);
        let is_written = |patch: &Patch| {
            let end = u64::from(patch.offset) + u64::from(patch.size);
            self.outputs.iter().any(|output| {
                u64::from(output.offset) < end
                    && u64::from(patch.offset) < u64::from(output.offset) + u64::from(output.size)
            })
        };
        if self.at_end {
            return Some("it is written, and what stands where memory ends is only read");
        }
        addresses
            .any(is_written)
            .then_some("an output lies over the address of other memory or of a function")
    }
}

/// What a piece of memory holds: most often a number or a short name.
pub type MemoryBytes = SmallVec<[u8; 16]>;

/// Content of memory that only the run knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// What a bytes variable holds then.
    Variable(VariableId),
    /// The same as a text: ended by a zero unit, whatever the variable holds.
    Text(VariableId),
    /// The text `module!function` under which a library that loads the module finds the callback's
    /// `JET_CALLBACK` function, with its terminator (`szCallback` of JET_TABLECREATE2 and
    /// JET_USERDEFINEDDEFAULT).
    ExportName(CallbackId, Form),
    /// The same in another module: a path within the folder of the run.
    ExportNameIn(CallbackId, Form, String),
}

/// What output memory is filled with, so that what was not written is seen.
pub const PATTERN: u8 = 0xA5;

/// A place in memory that is filled in before the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// Offset in bytes.
    pub offset: u32,
    /// Width in bytes (1, 2, 4 or 8).
    pub size: u8,
    /// What is put there.
    pub value: Argument,
}

/// A place in memory that the call may write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Documented name with its path (`pcbActual`, `ptablecreate.tableid`).
    pub name: SmolStr,
    /// Offset in bytes.
    pub offset: u32,
    /// Size in bytes.
    pub size: u32,
    /// How it is read.
    pub show: Show,
    /// The variable that takes the value after a call that did not fail.
    pub bind: Option<VariableId>,
}

/// Where a call leaves how many bytes it had to write: 4 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    /// The memory: that of the parameter which receives the length, or the structure with that field.
    pub memory: MemoryId,
    /// Offset in bytes.
    pub offset: u32,
}

/// How an output is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Show {
    /// A number or a handle.
    Scalar(Scalar),
    /// Bytes; where another output of the call tells the length, no more than that.
    Bytes {
        /// Where the length is, after the call.
        length: Option<Length>,
    },
    /// Text up to its zero unit.
    Text(Form),
    /// A list of texts.
    TextList(Form),
    /// A pointer that the engine sets: only null or not is shown.
    Pointer,
    /// A pointer to text within the memory that it is part of.
    TextInside(Form),
    /// A pointer to a list of texts within the memory that it is part of.
    TextsInside(Form),
    /// What shares the place of other memory: what is there afterwards nobody decides, so that nobody
    /// looks, and a trace has it as untouched.
    Shared,
    /// An array that the engine allocates; `count` is the memory that holds the number of elements.
    EngineArray {
        /// Where the number of elements is.
        count: MemoryId,
    },
}

/// A callback: what it does when it is invoked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Callback {
    /// Its name.
    pub name: String,
    /// Where it is defined.
    pub place: Place,
    /// What it does for each reason; the first that matches. None: returns success.
    pub bodies: Vec<Body>,
    /// Variables that hold the arguments while a body runs: sesid, dbid, tableid.
    pub arguments: [VariableId; 3],
}

/// What a callback does for some reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// The reasons (`cbtyp`, or `snt` for a status function); empty means every one.
    pub reasons: Vec<u32>,
    /// For the first so many invocations only.
    pub times: Option<u32>,
    /// Steps done inside.
    pub steps: Vec<Step>,
    /// Bytes written to `*pvArg1`.
    pub write_arg1: Option<Vec<u8>>,
    /// A 32-bit number written to `*pvArg2`.
    pub write_arg2: Option<u32>,
    /// The code returned.
    pub returns: i32,
    /// Whether it does not return at all.
    pub never: bool,
    /// The exception of Windows that it ends by instead.
    pub raises: Option<u32>,
}

/// Functions travel by name, so that two builds never mean different ones by a number.
mod function_by_name {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::abi::{FunctionId, function};

    pub fn serialize<S: Serializer>(id: &FunctionId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(id.get().name)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FunctionId, D::Error> {
        let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        function(&name).ok_or_else(|| D::Error::custom(format!("unknown function {name}")))
    }
}
