//! The client of `jetspec_control`, the one export of our own library that is not ESENT. A foreign
//! library has no such export and is taken as it is.

use serde::{Deserialize, Serialize};

use crate::abi::Library;
use crate::model::digest::Digest;
use crate::reference::control::{self, Answer, Request};
use crate::scenario::plan::Profile;

/// How our own library is set before a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// The engine that it is.
    pub profile: Profile,
    /// Requirement ids whose rules are switched off.
    pub rules_off: Vec<String>,
    /// Whether what each call does to the engine is watched: for the reference engine in the
    /// executable alone.
    pub watched: bool,
}

/// Why a request was not fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// The library said no.
    #[error("the reference engine refused: {0}")]
    Refused(String),
    /// The library's answer makes no sense to this build.
    #[error("the library's control answers in a way that this build does not understand")]
    Strange,
}

type Function = unsafe extern "system" fn(*const u8, usize, *mut u8, usize) -> usize;

/// Control over a copy of the reference engine.
#[derive(Clone, Copy)]
pub struct Control(Function);

impl Control {
    /// Control over the reference engine in this executable.
    pub fn linked() -> Control {
        Control(control::jetspec_control)
    }

    /// Control over a loaded library, `None` where it is not ours, or not of this build.
    pub fn of(library: &Library) -> Option<Control> {
        let control = Control::found(library)?;
        let ours = control.stamp().is_ok_and(|stamp| stamp == control::STAMP);
        ours.then_some(control)
    }

    /// Control over a loaded library of any build of ours.
    pub(super) fn found(library: &Library) -> Option<Control> {
        let address = library.symbol("jetspec_control")?;
        // SAFETY: only our own library exports this name, and always with this signature; a library
        // once loaded stays loaded.
        let function = unsafe { std::mem::transmute::<*mut (), Function>(address.as_ptr()) };
        Some(Control(function))
    }

    /// The build that the copy is of.
    pub fn stamp(&self) -> Result<String, ControlError> {
        match self.ask(&Request::Stamp)? {
            Answer::Text(stamp) => Ok(stamp),
            _ => Err(ControlError::Strange),
        }
    }

    /// The exported names that it implements.
    pub fn implemented(&self) -> Result<Vec<String>, ControlError> {
        self.list(&Request::Implemented)
    }

    /// The requirement ids of its rules.
    pub fn rules(&self) -> Result<Vec<String>, ControlError> {
        self.list(&Request::Rules)
    }

    /// Forgets all instances, sessions and global parameters, and what was set up.
    pub fn reset(&self) -> Result<(), ControlError> {
        self.done(&Request::Reset)
    }

    /// A digest of its state.
    pub fn digest(&self) -> Result<Digest, ControlError> {
        match self.ask(&Request::Digest)? {
            Answer::Digest(digest) => Ok(digest),
            _ => Err(ControlError::Strange),
        }
    }

    /// Resets it and sets it as asked.
    pub fn set_up(&self, setup: &Setup) -> Result<(), ControlError> {
        self.reset()?;
        self.done(&Request::Genuine(setup.profile == Profile::Genuine))?;
        for rule in &setup.rules_off {
            let rule = rule.clone();
            self.done(&Request::Switch { rule, on: false })?;
        }
        Ok(())
    }

    fn list(&self, request: &Request) -> Result<Vec<String>, ControlError> {
        match self.ask(request)? {
            Answer::List(list) => Ok(list),
            _ => Err(ControlError::Strange),
        }
    }

    fn done(&self, request: &Request) -> Result<(), ControlError> {
        match self.ask(request)? {
            Answer::Done => Ok(()),
            _ => Err(ControlError::Strange),
        }
    }

    fn ask(&self, request: &Request) -> Result<Answer, ControlError> {
        let request = serde_json::to_vec(request).map_err(|_| ControlError::Strange)?;
        let mut buffer = vec![0; 1024];
        loop {
            // SAFETY: both lengths are the slices' own.
            let length = unsafe {
                (self.0)(
                    request.as_ptr(),
                    request.len(),
                    buffer.as_mut_ptr(),
                    buffer.len(),
                )
            };
            if length > buffer.len() {
                buffer.resize(length, 0);
                continue;
            }
            buffer.truncate(length);
            return match serde_json::from_slice(&buffer) {
                Ok(Answer::Refused(why)) => Err(ControlError::Refused(why)),
                Ok(answer) => Ok(answer),
                Err(_) => Err(ControlError::Strange),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linked_engine_is_of_this_build() {
        let control = Control::linked();
        assert_eq!(control.stamp(), Ok(control::STAMP.to_owned()));
        assert!(control.rules().is_ok_and(|rules| !rules.is_empty()));
    }

    #[test]
    fn an_unknown_rule_is_refused() {
        let request = Request::Switch {
            rule: "no/such-rule".into(),
            on: false,
        };
        let refused = Control::linked().done(&request);
        assert!(matches!(refused, Err(ControlError::Refused(_))));
    }
}
