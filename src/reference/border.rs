//! The border itself: one engine for the process, and what every call goes through on its way in
//! and out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

use super::stored::Modules;
use crate::abi::JET_ERR;
use crate::abi::errors::JetError;
use crate::model::engine::Engine;
use crate::model::gate::{Entry, POINTER};
use crate::model::handles::{Instance, Sesid};
use crate::model::outcome::{Jet, Warned};
use crate::model::rules::Rule;

/// The engine of the process.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let engine = Engine::new();
    engine.lock().resolver = Some(Arc::new(Modules));
    engine
});

/// The engine that the exported functions work on.
pub fn engine() -> &'static Engine {
    &ENGINE
}

/// What a call works on: the instance that is no longer to be trusted should jetspec fail in it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    /// The process.
    Process,
    /// An instance, by its handle.
    Instance(usize),
    /// The instance of a session.
    Session(usize),
}

/// A value that a call succeeds with, as a return code.
pub(super) trait Answer {
    /// `JET_errSuccess`, or the code of a warning.
    fn code(&self) -> JET_ERR;
}

impl Answer for () {
    fn code(&self) -> JET_ERR {
        0
    }
}

impl<T> Answer for Warned<T> {
    fn code(&self) -> JET_ERR {
        Warned::code(self)
    }
}

/// Runs a call and gives its return code.
///
/// A panic of the engine is a fault of jetspec and of nobody else. It does not cross the border:
/// the call answers `JET_errInternalError`, and the instance is unavailable from then on.
pub(super) fn answer<T: Answer>(
    subject: Subject,
    body: impl FnOnce(&'static Engine) -> Jet<T>,
) -> JET_ERR {
    let call = std::any::type_name_of_val(&body);
    match catch_unwind(AssertUnwindSafe(|| body(engine()))) {
        Ok(Ok(value)) => value.code(),
        Ok(Err(error)) => error.code(),
        Err(_) => {
            let call = call.trim_end_matches("::{{closure}}");
            eprintln!("jetspec: a fault of jetspec itself, not of its caller, in {call}");
            shut(subject);
            JetError::InternalError.code()
        }
    }
}

/// Makes the instance of a call that jetspec failed in unavailable.
fn shut(subject: Subject) {
    let mut state = engine().lock();
    let instance = match subject {
        Subject::Process => None,
        Subject::Instance(instance) => Some(Instance(instance)),
        Subject::Session(sesid) => state.session(Sesid(sesid)).ok().map(|found| found.instance),
    };
    let instance = instance.and_then(|instance| state.instance_mut(instance).ok());
    if let Some(instance) = instance {
        instance.unavailable = Some(JetError::InstanceUnavailable);
    }
}

/// Refuses a call with a session that lacks a pointer it cannot do without.
///
/// The published engine crashes on most of these; a session that it refuses comes first.
///
/// # Errors
/// Those of the session gates, then `JET_errInvalidParameter`.
pub(super) fn required(engine: &Engine, sesid: usize, given: bool) -> Jet<()> {
    required_by(&POINTER, engine, sesid, given)
}

/// As [`required`], where a page says so: by the rule of that page.
///
/// # Errors
/// As [`required`].
pub(super) fn required_by(rule: &Rule, engine: &Engine, sesid: usize, given: bool) -> Jet<()> {
    if given {
        return Ok(());
    }
    engine.enter_session(Sesid(sesid), Entry::Usual)?;
    Err(rule.error(JetError::InvalidParameter))
}

/// The error of a call that lacks a pointer it cannot do without.
pub(super) fn without_pointer() -> JetError {
    POINTER.error(JetError::InvalidParameter)
}
