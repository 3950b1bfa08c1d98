//! Making instances and initialising them: JetCreateInstance, JetInit.

use std::sync::MutexGuard;

use super::attach::LOST_AT_TERM;
use super::callback::{Argument, Context, Event};
use super::engine::{Engine, State};
use super::first_files::{check_temporary_folder, has_temporary};
use super::gate::{INSTANCE_NIL, INSTANCE_STALE};
use super::handles::{Dbid, Instance, Sesid, Tableid};
use super::instance::{InstanceState, Mode};
use super::outcome::{Jet, Warned};
use super::recovery::InitOptions;
use super::restore::INIT_RESTORING;
use super::rules::rules;
use super::settings::{Settings, id};
use super::threads;
use crate::abi::errors::JetError;

rules! {
    /// Options of a new instance are ignored.
    OPTIONS = "instance/options-ignored";
    /// Nowhere to put the handle. (jetcreateinstance-function.md)
    POINTER_NULL = "instance/pointer-null";
    /// Two instances of one name. (jetcreateinstance-function.md)
    NAME_IN_USE = "instance/name-in-use";
    /// Names are compared exactly, and no name is a name.
    NAME_EXACT = "instance/name-exact";
    /// Several instances may have one display name.
    DISPLAY_NAMES = "instance/display-names-free";
    /// JetInit initialises. (jetinit-function.md)
    INIT = "instance/init";
    /// JetInit makes the one instance of one-instance mode. (jetinit-function.md)
    INIT_NULL = "instance/init-null";
    /// Without instances the process can run in either mode.
    MODE_ENDS = "instance/term-mode-ends";
    /// An instance brings multi-instance mode. (jetcreateinstance-function.md)
    CREATES = "instance/creates";
    /// Another instance in one-instance mode. (jetcreateinstance-function.md)
    ONE_MODE = "instance/one-instance-mode";
    /// More instances than JET_paramMaxInstances. (jetcreateinstance-function.md)
    TOO_MANY = "instance/too-many";
    /// Multi-instance mode in one-instance mode. (jetenablemultiinstance-function.md)
    MULTI_IN_ONE = "instance/multi-mode-in-one-mode";
    /// Multi-instance mode twice. (jetenablemultiinstance-function.md)
    MULTI_AGAIN = "instance/multi-mode-again";
    /// Initialising twice. (jetinit-function.md)
    TWICE = "instance/init-twice";
    /// Initialising what another thread initialises just then.
    INIT_AGAIN = "instance/init-during-init";
    /// Initialising nothing in particular in multi-instance mode. (jetinit-function.md)
    NULL_IN_MULTI = "instance/init-null-multi-mode";
    /// What cannot be initialised is gone.
    FAILURE_FREES = "instance/init-failure-frees";
    /// Two instances that share a temporary database, a log folder or a system folder.
    PATHS_IN_USE = "instance/paths-in-use";
    /// Without recovery only the temporary database is compared.
    LOG_PATH = "instance/log-path-without-recovery";
    /// A system folder that is missing.
    FOLDER_MISSING = "instance/system-path-missing";
    /// A system folder is made where that is asked for.
    FOLDER_MADE = "instance/system-path-made";
    /// JetInit calls the runtime callback once. (callback-parameters.md)
    PROBE = "parameter/runtime-callback-probe";
    /// There is nothing in its arguments. (callback-parameters.md)
    PROBE_ARGUMENTS = "parameter/runtime-callback-probe-arguments";
    /// A warning of that call is nothing.
    PROBE_WARNING = "parameter/runtime-callback-probe-warning";
    /// An error of that call is the result of JetInit.
    PROBE_ERROR = "parameter/runtime-callback-probe-error";
}

/// What the caller of JetInit gave as the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitTarget {
    /// A null pointer.
    Null,
    /// A pointer to this value, a handle or not.
    Handle(Instance),
}

/// JetInit failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InitFailed {
    /// The return code.
    pub error: JetError,
    /// The instance is gone: the caller's variable becomes zero.
    pub freed: bool,
}

impl From<JetError> for InitFailed {
    fn from(error: JetError) -> Self {
        Self {
            error,
            freed: false,
        }
    }
}

impl Engine {
    /// JetCreateInstance and 2; options are ignored. (jetcreateinstance2-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter` without anywhere to put the handle,
    /// `JET_errRunningInOneInstanceMode`, `JET_errInstanceNameInUse`, `JET_errTooManyInstances`.
    pub fn create_instance(
        &self,
        name: Option<String>,
        display_name: Option<String>,
        wants_handle: bool,
    ) -> Jet<Instance> {
        POINTER_NULL.refuse(!wants_handle, JetError::InvalidParameter)?;
        let mut state = self.lock();
        let one = state.process.mode == Mode::One;
        ONE_MODE.refuse(one, JetError::RunningInOneInstanceMode)?;
        state.add_instance(Mode::Multi, name, display_name)
    }

    /// JetInit, 2 and 3. (jetinit-function.md, jetinit3-function.md)
    ///
    /// # Errors
    /// `JET_errAlreadyInitialized`, `JET_errRunningInMultiInstanceMode`,
    /// `JET_errInvalidParameter` for a stale handle in multi-instance mode, the error of the runtime
    /// callback, `JET_errTempPathInUse`, `JET_errLogFilePathInUse`, `JET_errSystemPathInUse`, and
    /// what recovery finds.
    pub fn init(&self, target: InitTarget, grbit: u32) -> Result<Instance, InitFailed> {
        let options = InitOptions {
            grbit,
            ..InitOptions::default()
        };
        self.init_with(target, &options)
            .map(|started| started.value)
    }

    /// As [`init`](Self::init), with what JetInit3 is given beside. (jetinit3-function.md)
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn init_with(
        &self,
        target: InitTarget,
        options: &InitOptions,
    ) -> Result<Warned<Instance>, InitFailed> {
        let mut guard = self.lock();
        let handle = guard.init_target(target)?;
        guard.instance_mut(handle)?.initializing = Some(threads::here());
        drop(guard);
        let started = self.start(handle, options);
        let mut guard = self.lock();
        if let Ok(instance) = guard.instance_mut(handle) {
            instance.initializing = None;
            instance.initialized = (started.is_ok() && INIT.holds()) || !FAILURE_FREES.holds();
        }
        let error = match started {
            Ok(started) => {
                return Ok(Warned {
                    value: handle,
                    warning: started.warning,
                });
            }
            Err(error) => error,
        };
        if FAILURE_FREES.holds() {
            guard.remove_instance(handle);
        }
        Err(InitFailed { error, freed: true })
    }

    /// What JetInit does once the instance is chosen.
    fn start(&self, handle: Instance, options: &InitOptions) -> Jet<Warned<()>> {
        let mut guard = self.lock();
        guard.instance_mut(handle)?.settings.complete_paths();
        guard.check_paths(handle)?;
        guard.check_folders(handle)?;
        drop(guard);
        let recovered = self.recover(handle, options)?;
        self.probe(self.lock(), handle)?;
        self.make_temporary(handle)?;
        Ok(recovered)
    }

    /// Calls the runtime callback once with nothing in its arguments.
    pub(super) fn probe(&self, guard: MutexGuard<'_, State>, handle: Instance) -> Jet<()> {
        let callback = guard.instance(handle)?.settings.runtime_callback.clone();
        drop(guard);
        let Some(callback) = callback.filter(|_| PROBE.holds()) else {
            return Ok(());
        };
        let code = callback.call(&mut Event {
            sesid: Sesid::NIL,
            dbid: if PROBE_ARGUMENTS.holds() {
                Dbid::NIL
            } else {
                Dbid::TEMPORARY
            },
            tableid: Tableid::NIL,
            cbtyp: 0,
            arg1: Argument::Null,
            arg2: Argument::Null,
            context: Context::NULL,
            unused: 0,
        });
        PROBE_WARNING.allow(code > 0, JetError::CallbackFailed)?;
        PROBE_ERROR.refuse(code < 0, JetError::from_code(code))
    }
}

impl State {
    /// Whether JetEnableMultiInstance may go on.
    ///
    /// # Errors
    /// `JET_errRunningInOneInstanceMode`, `JET_errSystemParamsAlreadySet`.
    pub(super) fn check_multi_instance(&self) -> Jet<()> {
        let mode = self.process.mode;
        MULTI_IN_ONE.refuse(mode == Mode::One, JetError::RunningInOneInstanceMode)?;
        MULTI_AGAIN.refuse(mode == Mode::Multi, JetError::SystemParamsAlreadySet)
    }

    /// Makes an instance; its parameters are the global ones.
    pub(super) fn add_instance(
        &mut self,
        mode: Mode,
        name: Option<String>,
        display_name: Option<String>,
    ) -> Jet<Instance> {
        let same_display = |other: &InstanceState| {
            other.display_name.is_some() && other.display_name == display_name
        };
        let shown = self.instances.values().any(same_display);
        DISPLAY_NAMES.allow(shown, JetError::InstanceNameInUse)?;
        let taken = |other: &InstanceState| same_name(&other.name, &name);
        let in_use = self.instances.values().any(taken);
        NAME_IN_USE.refuse(in_use, JetError::InstanceNameInUse)?;
        let most = self.process.settings.number(id::MAX_INSTANCES) as usize;
        TOO_MANY.refuse(self.instances.len() >= most, JetError::TooManyInstances)?;
        self.process.mode = mode;
        let handle = Instance::fresh();
        let instance = InstanceState {
            display_name,
            settings: self.process.settings.clone(),
            initialized: mode == Mode::Multi && !CREATES.holds(),
            ..InstanceState::created(handle, name)
        };
        self.instances.insert(handle, instance);
        Ok(handle)
    }

    /// Forgets an instance; when none is left the process can run in either mode again.
    pub(super) fn remove_instance(&mut self, handle: Instance) {
        let gone = self.instances.remove(&handle);
        if let Some(gone) = gone.filter(|_| !LOST_AT_TERM.holds()) {
            self.left_registrations.extend(gone.kept);
        }
        if self.instances.is_empty() && MODE_ENDS.holds() {
            self.process.mode = Mode::Undecided;
        }
    }

    /// The instance that JetInit is to initialise, made now if need be.
    fn init_target(&mut self, target: InitTarget) -> Jet<Instance> {
        let nil = match target {
            InitTarget::Null => true,
            InitTarget::Handle(handle) => handle.0 == 0 || handle == Instance::NIL,
        };
        match (self.process.mode, target) {
            (Mode::Undecided, InitTarget::Null) if !INIT_NULL.holds() => {
                Err(JetError::InvalidParameter)
            }
            (Mode::Undecided, _) => self.add_instance(Mode::One, None, None),
            (Mode::One, _) => self.init_one(),
            (Mode::Multi, InitTarget::Null) => {
                NULL_IN_MULTI.refuse(true, JetError::RunningInMultiInstanceMode)?;
                self.add_instance(Mode::Multi, None, None)
            }
            (Mode::Multi, InitTarget::Handle(_)) if nil => {
                self.add_instance(Mode::Multi, None, None)
            }
            (Mode::Multi, InitTarget::Handle(handle)) => self.init_multi(handle),
        }
    }

    fn init_one(&mut self) -> Jet<Instance> {
        TWICE.refuse(true, JetError::AlreadyInitialized)?;
        let only = self.instances.keys().next().copied();
        only.ok_or_else(|| INSTANCE_NIL.error(JetError::InvalidParameter))
    }

    fn init_multi(&mut self, handle: Instance) -> Jet<Instance> {
        let instance = self
            .instance(handle)
            .map_err(|_| INSTANCE_STALE.error(JetError::InvalidParameter))?;
        if instance.initializing.is_some() {
            return Err(INIT_AGAIN.error(JetError::AlreadyInitialized));
        }
        TWICE.refuse(instance.initialized, JetError::AlreadyInitialized)?;
        INIT_RESTORING.refuse(instance.restoring, JetError::AlreadyInitialized)?;
        Ok(handle)
    }

    /// Refuses an instance whose files a running instance uses.
    fn check_paths(&self, handle: Instance) -> Jet<()> {
        let ours = &self.instance(handle)?.settings;
        let others: Vec<&Settings> = self
            .instances
            .values()
            .filter(|other| other.handle != handle && other.initialized)
            .map(|other| &other.settings)
            .collect();
        // Only files that both of them have can meet.
        let shared = |id: u32, has: &dyn Fn(&Settings) -> bool| {
            let mut others = others.iter().filter(|other| has(other) && has(ours));
            others.any(|other| same_path(&other.text(id), &ours.text(id)))
        };
        let logs = |settings: &Settings| settings.recovery() || !LOG_PATH.holds();
        for (id, taken) in [
            (id::TEMP_PATH, shared(id::TEMP_PATH, &has_temporary)),
            (id::LOG_FILE_PATH, shared(id::LOG_FILE_PATH, &logs)),
            (id::SYSTEM_PATH, shared(id::SYSTEM_PATH, &logs)),
        ] {
            PATHS_IN_USE.refuse(taken, in_use(id))?;
        }
        Ok(())
    }
}

/// The folders that an instance needs.
impl State {
    /// Refuses a system or log folder that is missing, unless it is to be made.
    fn check_folders(&self, handle: Instance) -> Jet<()> {
        let settings = &self.instance(handle)?.settings;
        let make = settings.flag(id::CREATE_PATH_IF_NOT_EXIST) && FOLDER_MADE.holds();
        let needed: &[u32] = if settings.recovery() {
            &[id::SYSTEM_PATH, id::LOG_FILE_PATH]
        } else {
            &[id::SYSTEM_PATH]
        };
        for id in needed {
            let folder = super::path::complete(&settings.text(*id));
            let missing = !folder.is_dir();
            let made = missing && make && std::fs::create_dir_all(&folder).is_ok();
            FOLDER_MISSING.refuse(missing && !made, JetError::InvalidPath)?;
        }
        check_temporary_folder(settings)
    }
}

/// The error of a place that a running instance has its files at.
fn in_use(id: u32) -> JetError {
    match id {
        id::TEMP_PATH => JetError::TempPathInUse,
        id::LOG_FILE_PATH => JetError::LogFilePathInUse,
        _ => JetError::SystemPathInUse,
    }
}

fn same_name(one: &Option<String>, other: &Option<String>) -> bool {
    if NAME_EXACT.holds() {
        return one == other;
    }
    let loose = |name: &Option<String>| name.as_deref().unwrap_or("").trim().to_lowercase();
    loose(one) == loose(other)
}

fn same_path(one: &str, other: &str) -> bool {
    super::path::complete(one) == super::path::complete(other)
}
