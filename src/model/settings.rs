//! The values of the system parameters: those of the process, and those of each instance.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::callback::Callback;
use super::first_files;
use super::parameter::{self, ParameterValue};
use super::path;
use super::remembered::Remembered;
use super::rules::rules;

rules! {
    /// JET_paramDisableCallbacks is false at first. (callback-parameters.md)
    DISABLE_VALUE = "parameter/disable-callbacks-value";
    /// JET_paramEnablePersistedCallbacks is false at first. (callback-parameters.md)
    PERSISTED_VALUE = "parameter/persisted-callbacks-value";
    /// JET_paramRuntimeCallback is null at first. (callback-parameters.md)
    RUNTIME_VALUE = "parameter/runtime-callback";
}

/// The parameters that the engine itself looks at, by their numbers.
/// (extensible-storage-engine-system-parameters.md)
pub mod id {
    pub const SYSTEM_PATH: u32 = 0;
    pub const TEMP_PATH: u32 = 1;
    pub const LOG_FILE_PATH: u32 = 2;
    pub const BASE_NAME: u32 = 3;
    pub const MAX_SESSIONS: u32 = 5;
    pub const MAX_OPEN_TABLES: u32 = 6;
    pub const MAX_CURSORS: u32 = 8;
    pub const MAX_TEMPORARY_TABLES: u32 = 10;
    pub const LOG_FILE_SIZE: u32 = 11;
    pub const PAGE_TEMP_DB_MIN: u32 = 19;
    pub const COMMIT_DEFAULT: u32 = 16;
    pub const CIRCULAR_LOG: u32 = 17;
    pub const CHECKPOINT_DEPTH_MAX: u32 = 24;
    pub const RECOVERY: u32 = 34;
    pub const ENABLE_TEMP_TABLE_VERSIONING: u32 = 46;
    pub const DELETE_OUT_OF_RANGE_LOGS: u32 = 52;
    pub const DATABASE_PAGE_SIZE: u32 = 64;
    pub const CLEANUP_MISMATCHED_LOGS: u32 = 77;
    pub const ZERO_DURING_BACKUP: u32 = 71;
    pub const OS_SNAPSHOT_TIMEOUT: u32 = 82;
    pub const DISABLE_CALLBACKS: u32 = 65;
    pub const RUNTIME_CALLBACK: u32 = 73;
    pub const CREATE_PATH_IF_NOT_EXIST: u32 = 100;
    pub const ONE_DATABASE_PER_SESSION: u32 = 102;
    pub const MAX_DATABASES: u32 = 103;
    pub const MAX_INSTANCES: u32 = 104;
    pub const LEGACY_FILE_NAMES: u32 = 136;
    pub const ENABLE_PERSISTED_CALLBACKS: u32 = 156;
}

/// The page size before it is ever set, in bytes.
const PAGE_SIZE: u64 = 4096;

/// The parameters of the process or of an instance: what was set, else the default.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    set: Remembered<BTreeMap<u32, ParameterValue>, u64>,
    /// `JET_paramRuntimeCallback`. (callback-parameters.md)
    pub runtime_callback: Option<Arc<dyn Callback>>,
}

impl Hash for Settings {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.set, &self.runtime_callback).hash(state);
    }
}

impl Settings {
    /// The number of a numeric parameter, zero for any other.
    pub fn number(&self, id: u32) -> u64 {
        match self.value(id) {
            ParameterValue::Number(number) => number,
            ParameterValue::Text(_) => 0,
        }
    }

    /// Whether a boolean parameter is set.
    pub fn flag(&self, id: u32) -> bool {
        self.number(id) != 0
    }

    /// The string of a string parameter, empty for any other.
    pub fn text(&self, id: u32) -> String {
        match self.value(id) {
            ParameterValue::Text(text) => text,
            ParameterValue::Number(_) => String::new(),
        }
    }

    /// The value of a parameter.
    pub fn value(&self, id: u32) -> ParameterValue {
        if let Some(value) = self.set.get(&id) {
            return value.clone();
        }
        let page_size = match self.set.get(&id::DATABASE_PAGE_SIZE) {
            Some(ParameterValue::Number(size)) => *size,
            _ => PAGE_SIZE,
        };
        let rule = match id {
            id::DISABLE_CALLBACKS => Some(&DISABLE_VALUE),
            id::ENABLE_PERSISTED_CALLBACKS => Some(&PERSISTED_VALUE),
            id::RUNTIME_CALLBACK => Some(&RUNTIME_VALUE),
            _ => None,
        };
        if rule.is_some_and(|rule| !rule.holds()) {
            return ParameterValue::Number(1);
        }
        match parameter::find(id) {
            Ok(parameter) => parameter.default_value(page_size),
            Err(_) => ParameterValue::Number(0),
        }
    }

    /// Whether a parameter was set, be it to its default.
    pub fn is_set(&self, id: u32) -> bool {
        self.set.contains_key(&id)
    }

    /// Sets a parameter, whatever the phase and the range.
    pub fn set(&mut self, id: u32, value: ParameterValue) {
        self.set.insert(id, value);
    }

    /// As [`set`](Self::set), with the function behind `JET_paramRuntimeCallback`.
    pub(super) fn put(
        &mut self,
        id: u32,
        value: ParameterValue,
        function: Option<Arc<dyn Callback>>,
    ) {
        if id == id::RUNTIME_CALLBACK {
            self.runtime_callback = function;
        }
        self.set(id, value);
    }

    /// Whether changes are logged: `JET_paramRecovery` is anything but "off".
    /// (transaction-log-parameters.md)
    pub fn recovery(&self) -> bool {
        !self.text(id::RECOVERY).eq_ignore_ascii_case("off")
    }

    /// Makes the paths absolute, as JetInit does.
    pub(super) fn complete_paths(&mut self) {
        for id in [id::SYSTEM_PATH, id::LOG_FILE_PATH] {
            let folder = path::folder(&self.text(id));
            self.set(id, ParameterValue::Text(folder));
        }
        let temporary = first_files::temporary_file(self);
        let file = temporary.to_string_lossy().into_owned();
        self.set(id::TEMP_PATH, ParameterValue::Text(file));
    }
}
