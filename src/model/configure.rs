//! Setting and reading parameters: JetSetSystemParameter, JetGetSystemParameter,
//! JetSetSessionParameter, JetGetSessionParameter, JetEnableMultiInstance.

use std::sync::{Arc, MutexGuard};

use super::callback::Callback;
use super::engine::{Engine, State};
use super::handles::{Instance, Sesid};
use super::instance::Mode;
use super::outcome::Jet;
use super::parameter::{self, Given, Moment, ParameterValue, SessionParameter};
use super::quirks;
use super::recovery_status::is_inside_control;
use super::rules::rules;
use super::settings::{Settings, id};
use super::threads;
use crate::abi::errors::JetError;

rules! {
    /// The handles are judged before the parameter.
    HANDLES_FIRST = "parameter/handles-first";
    /// While JetInit runs the parameters of its instance cannot be reached.
    DURING_INIT = "gate/parameter-during-init";
    /// What is set without an instance is what later instances begin with.
    TEMPLATE = "parameter/global-is-template";
    /// Reading gives the value. (jetgetsystemparameter-function.md)
    GETS = "parameter/gets";
    /// A code has a name and words. (error-handling-parameters.md)
    ERROR_NAME = "parameter/error-to-string";
    /// A session has parameters of its own. (jetsetsessionparameter-function.md)
    SESSION_SETS = "parameter/session-sets";
    /// JetEnableMultiInstance brings multi-instance mode. (jetenablemultiinstance-function.md)
    MULTI_MODE = "instance/multi-mode";
    /// What was set before a parameter is refused stays set. (jetenablemultiinstance-function.md)
    PARTLY = "instance/multi-mode-partly";
    /// After a failure the mode is what it was. (jetenablemultiinstance-function.md)
    NOT_ENTERED = "instance/multi-mode-not-entered";
    /// A callback before a change runs one level deeper than its caller.
    LEVEL = "callback/transaction-level";
    /// Setting is setting.
    SETS = "parameter/sets";
}

/// `JET_paramTransactionLevel`: the level of a session, only read.
const TRANSACTION_LEVEL: u32 = 38;
/// `JET_paramErrorToString`
const ERROR_TO_STRING: u32 = 70;

/// Whose parameter a call means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whose {
    /// The instance, `None` where the caller gave no pointer, or a pointer to zero.
    pub instance: Option<Instance>,
    /// The session, `None` where the caller gave zero or all ones.
    pub sesid: Option<Sesid>,
}

/// The value that a caller of JetSetSystemParameter gives.
#[derive(Debug, Clone, Default)]
pub struct Setting<'a> {
    /// `lParam`
    pub number: u64,
    /// `szParam`
    pub text: Option<&'a str>,
    /// `lParam` as a function, for `JET_paramRuntimeCallback`.
    pub function: Option<Arc<dyn Callback>>,
}

impl Engine {
    /// JetSetSystemParameter. (jetsetsystemparameter-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidInstance`, `JET_errInvalidSesid`, `JET_errInitInProgress`,
    /// `JET_errTermInProgress`, `JET_errRestoreInProgress`, then `JET_errInvalidParameter`,
    /// `JET_errAlreadyInitialized` or what the parameter itself refuses.
    pub fn set_system_parameter(&self, whose: Whose, id: u32, setting: Setting) -> Jet<()> {
        let mut state = self.enter_parameters(whose, id, false)?;
        if let (Some(sesid), id::COMMIT_DEFAULT) = (whose.sesid, id) {
            let value = state.checked(whose, id, &setting)?;
            if let ParameterValue::Number(number) = value {
                state.session_mut(sesid)?.commit_default = number as u32;
            }
            return Ok(());
        }
        state.set_parameter(whose, id, setting)
    }

    /// JetGetSystemParameter: the value, before it is fitted into what the caller gave. `number` is
    /// what `plParam` holds on the way in. (jetgetsystemparameter-function.md)
    ///
    /// # Errors
    /// As [`set_system_parameter`](Self::set_system_parameter).
    pub fn system_parameter(&self, whose: Whose, id: u32, number: u64) -> Jet<ParameterValue> {
        let inside = whose.instance.is_some_and(is_inside_control);
        let state = self.enter_parameters(whose, id, inside)?;
        if let Some(sesid) = whose.sesid {
            let session = state.session(sesid)?;
            match id {
                TRANSACTION_LEVEL => {
                    let level = state.level_told(sesid)?;
                    return Ok(ParameterValue::Number(level as u64));
                }
                id::COMMIT_DEFAULT => {
                    return Ok(ParameterValue::Number(session.commit_default.into()));
                }
                _ => {}
            }
        }
        if id == ERROR_TO_STRING {
            ERROR_NAME.allow(true, JetError::InvalidParameter)?;
            let code = number as i32;
            return Ok(ParameterValue::Text(parameter::error_to_string(code)));
        }
        parameter::find(id)?;
        if !GETS.holds() {
            return Ok(match state.settings(whose)?.value(id) {
                ParameterValue::Number(number) => ParameterValue::Number(number ^ 1),
                ParameterValue::Text(text) => ParameterValue::Text(format!("{text}x")),
            });
        }
        Ok(state.settings(whose)?.value(id))
    }

    /// JetEnableMultiInstance. How many parameters were set, how each ended as far as they were
    /// tried, and the result. (jetenablemultiinstance-function.md)
    pub fn enable_multi_instance(&self, settings: Vec<(u32, Setting)>) -> MultiInstance {
        let mut state = self.lock();
        if let Err(error) = state.check_multi_instance() {
            return MultiInstance {
                tried: None,
                result: Err(error),
            };
        }
        let before = state.process.settings.clone();
        let mut tried = Vec::new();
        for (id, setting) in settings {
            let set = if MULTI_MODE.holds() {
                state.set_parameter(Whose::PROCESS, id, setting)
            } else {
                Ok(())
            };
            tried.push(set);
            if set.is_err() {
                break;
            }
        }
        let result = tried.iter().copied().find(Result::is_err).unwrap_or(Ok(()));
        if result.is_err() && !PARTLY.holds() {
            state.process.settings = before;
        }
        if !MULTI_MODE.holds() {
            return MultiInstance {
                tried: Some(tried),
                result,
            };
        }
        let in_spite = quirks::MULTI_MODE_IN_SPITE.genuine() || !NOT_ENTERED.holds();
        if result.is_ok() || in_spite {
            state.process.mode = Mode::Multi;
        }
        MultiInstance {
            tried: Some(tried),
            result,
        }
    }

    /// JetSetSessionParameter. (jetsetsessionparameter-function.md)
    ///
    /// # Errors
    /// Those of the session gates, and what the parameter refuses.
    pub fn set_session_parameter(&self, sesid: Sesid, id: u32, value: u32, size: u32) -> Jet<()> {
        let mut state = self.lock();
        state.session(sesid)?;
        state.check_call_inside()?;
        let parameter = SessionParameter::find(id, size).map_err(|error| match error {
            JetError::InvalidSesparamId if !quirks::SESSION_ID_HAS_AN_ERROR.genuine() => {
                JetError::InvalidParameter
            }
            other => other,
        })?;
        parameter.check_set(value)?;
        if parameter == SessionParameter::CommitDefault && SESSION_SETS.holds() {
            state.session_mut(sesid)?.commit_default = value;
        }
        Ok(())
    }

    /// JetGetSessionParameter. It is not kept out by a call that is inside with the session.
    /// (jetgetsessionparameter-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidSesid`, and what the parameter refuses.
    pub fn session_parameter(&self, sesid: Sesid, id: u32, size: u32) -> Jet<u32> {
        let state = self.lock();
        let session = state.session(sesid)?;
        state.check_call_inside()?;
        Ok(match SessionParameter::find(id, size)? {
            SessionParameter::CommitDefault => session.commit_default,
            SessionParameter::TransactionLevel => state.level_told(sesid)? as u32,
        })
    }

    /// What comes before the parameter itself; `inside` a notification that lets it be read.
    fn enter_parameters(&self, whose: Whose, id: u32, inside: bool) -> Jet<MutexGuard<'_, State>> {
        let state = self.lock();
        if !HANDLES_FIRST.holds() {
            parameter::find(id)?;
        }
        if let Some(handle) = whose.instance {
            let instance = state.instance_argument(handle)?;
            let initializing = instance.initializing.is_some() && !inside;
            DURING_INIT.refuse(initializing, JetError::InitInProgress)?;
            super::gate::check_locked(instance)?;
        }
        if let Some(sesid) = whose.sesid {
            state.check_sesid(sesid)?;
        }
        state.check_call_inside()?;
        Ok(state)
    }
}

/// How JetEnableMultiInstance ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiInstance {
    /// Each parameter that was tried; `None` where the mode already stood in the way.
    pub tried: Option<Vec<Jet<()>>>,
    /// The return code.
    pub result: Jet<()>,
}

impl MultiInstance {
    /// How many parameters were set, where the caller is told.
    pub fn succeeded(&self) -> Option<usize> {
        let tried = self.tried.as_ref()?;
        Some(tried.iter().filter(|set| set.is_ok()).count())
    }
}

impl Whose {
    /// The process.
    pub const PROCESS: Self = Self {
        instance: None,
        sesid: None,
    };
}

impl State {
    /// The instance that a call means: in one-instance mode the one.
    fn meant(&self, whose: Whose) -> Option<Instance> {
        let only = match self.process.mode {
            Mode::One => self.instances.keys().next().copied(),
            _ => None,
        };
        let of_session = || Some(self.session(whose.sesid?).ok()?.instance);
        whose.instance.or(only).or_else(of_session)
    }

    /// The transaction level of a session as it is told.
    fn level_told(&self, sesid: Sesid) -> Jet<usize> {
        let level = self.session(sesid)?.level();
        let before = self.threads.before_change(threads::here());
        if before && !LEVEL.holds() {
            return Ok(level.saturating_sub(1));
        }
        Ok(level)
    }

    fn settings(&self, whose: Whose) -> Jet<&Settings> {
        match self.meant(whose) {
            Some(handle) => self.instance(handle).map(|instance| &instance.settings),
            None => Ok(&self.process.settings),
        }
    }

    fn moment(&self, whose: Whose) -> Jet<Moment> {
        Ok(match self.meant(whose) {
            Some(handle) if self.instance(handle)?.initialized => Moment::Initialised,
            Some(_) => Moment::Created,
            None if self.instances.is_empty() => Moment::NoInstance,
            None => Moment::Template,
        })
    }

    fn checked(&self, whose: Whose, id: u32, setting: &Setting) -> Jet<ParameterValue> {
        let given = Given {
            number: setting.number,
            text: setting.text,
        };
        let current = self.settings(whose)?.value(id);
        parameter::find(id)?.check_set(self.moment(whose)?, &current, given)
    }

    fn set_parameter(&mut self, whose: Whose, id: u32, setting: Setting) -> Jet<()> {
        let value = self.checked(whose, id, &setting)?;
        if !SETS.holds() {
            return Ok(());
        }
        match self.meant(whose) {
            Some(handle) => {
                let settings = &mut self.instance_mut(handle)?.settings;
                settings.put(id, value, setting.function);
            }
            None => {
                let function = setting.function;
                if !TEMPLATE.holds() {
                    for instance in self.instances.values_mut() {
                        instance.settings.put(id, value.clone(), function.clone());
                    }
                }
                self.process.settings.put(id, value, function);
            }
        }
        Ok(())
    }
}
