//! What a plan expects of its steps: codes, outputs and callbacks, for each profile.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::plan::{CallbackId, Place, Profile, VariableId};

/// What must come of a step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Expectations {
    /// The return code.
    pub code: ByProfile<Codes>,
    /// Outputs by name.
    pub outputs: Vec<OutputExpectation>,
    /// The callbacks that fire during the step, all of them, in order.
    pub events: ByProfile<Vec<EventExpectation>>,
    /// Requirement ids.
    pub covers: Vec<String>,
}

/// An expectation that may differ between the profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByProfile<T> {
    /// What the documents promise.
    pub documented: T,
    /// What the genuine engine does.
    pub genuine: T,
}

impl<T> ByProfile<T> {
    /// The expectation under a profile.
    pub fn of(&self, profile: Profile) -> &T {
        match profile {
            Profile::Documented => &self.documented,
            Profile::Genuine => &self.genuine,
        }
    }
}

/// What a step may return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Codes {
    /// One code, or any of several where the register allows it.
    OneOf(Cow<'static, [i32]>),
    /// Any error, where the documents say that the call fails and do not say with which code.
    Error,
    /// The call does not return, because a callback kills the host inside it.
    Killed,
}

impl Codes {
    /// Whether the step may return this code.
    pub fn allows(&self, code: i32) -> bool {
        match self {
            Codes::OneOf(codes) => codes.contains(&code),
            Codes::Error => code < 0,
            Codes::Killed => false,
        }
    }
}

impl Default for Codes {
    /// Exactly `JET_errSuccess`.
    fn default() -> Self {
        Codes::OneOf(Cow::Borrowed(&[0]))
    }
}

/// What an output must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputExpectation {
    /// The output's name.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// What it must hold.
    pub value: ByProfile<Expected>,
}

/// A value that is expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expected {
    /// This number; sign-extended to 64 bits.
    Number(u64),
    /// These bytes.
    Bytes(Vec<u8>),
    /// This text.
    Text(String),
    /// These texts, in order.
    Texts(Vec<String>),
    /// What the variable holds then.
    Variable(VariableId),
    /// The call wrote nothing there.
    Untouched,
    /// All bits set.
    Nil,
    /// A null pointer, or zero.
    Null,
    /// Anything but null, nil and untouched.
    Some,
    /// No demand.
    Any,
}

/// One callback that must fire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventExpectation {
    /// Which callback.
    pub callback: CallbackId,
    /// Where it is written.
    pub place: Place,
    /// Arguments by documented name (`cbtyp`, `pvContext`, `snp`…); what is not named is not judged
    /// by the expectation, but still compared with the reference.
    pub arguments: Vec<(String, Expected)>,
    /// Whether it comes on the thread that made the call (`true`), on another (`false`).
    pub same_thread: Option<bool>,
    /// How often.
    pub times: Times,
    /// What must hold of numbers from one notification to the next, by the path of the number
    /// (`pv.cunitDone`).
    pub courses: Vec<(String, Course)>,
}

/// How often an event must come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Times {
    /// So often, one directly after the other.
    Exactly(u32),
    /// Once or more, one directly after the other.
    Some,
    /// Any number of times or never, one directly after the other.
    Any,
    /// Any number of times or never, between whatever others come.
    Anywhere,
}

impl Default for Times {
    fn default() -> Self {
        Times::Exactly(1)
    }
}

/// How a number of a notification stands to that of the last `JET_sntProgress` before it. Where there
/// was none before it, only what is said of the notification itself must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Course {
    /// It is not less, and not above the total of its own notification.
    Climbs,
    /// It is more, and not above the total of its own notification.
    Rises,
    /// It is the same.
    Stays,
}
