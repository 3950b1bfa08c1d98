//! The values of the system parameters: those of the process, and those of each instance.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::callback::Callback;

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
    pub const COMMIT_DEFAULT: u32 = 16;
    pub const RECOVERY: u32 = 34;
    pub const DISABLE_CALLBACKS: u32 = 65;
    pub const RUNTIME_CALLBACK: u32 = 73;
    pub const CREATE_PATH_IF_NOT_EXIST: u32 = 100;
    pub const ONE_DATABASE_PER_SESSION: u32 = 102;
    pub const MAX_DATABASES: u32 = 103;
    pub const MAX_INSTANCES: u32 = 104;
    pub const ENABLE_PERSISTED_CALLBACKS: u32 = 156;
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number or a boolean.
    Number(u64),
    /// A string.
    Text(String),
}

/// The parameters of the process or of an instance: what was set, else the default.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    set: BTreeMap<u32, Value>,
    /// `JET_paramRuntimeCallback`. (callback-parameters.md)
    pub runtime_callback: Option<Arc<dyn Callback>>,
}

impl Settings {
    /// The number of a numeric parameter, zero for any other.
    pub fn number(&self, id: u32) -> u64 {
        match self.value(id) {
            Value::Number(number) => number,
            Value::Text(_) => 0,
        }
    }

    /// Whether a boolean parameter is set.
    pub fn flag(&self, id: u32) -> bool {
        self.number(id) != 0
    }

    /// The string of a string parameter, empty for any other.
    pub fn text(&self, id: u32) -> String {
        match self.value(id) {
            Value::Text(text) => text,
            Value::Number(_) => String::new(),
        }
    }

    /// The value of a parameter.
    pub fn value(&self, id: u32) -> Value {
        self.set.get(&id).cloned().unwrap_or_else(|| default(id))
    }

    /// Sets a parameter, whatever the phase and the range.
    pub fn set(&mut self, id: u32, value: Value) {
        self.set.insert(id, value);
    }

    /// Whether changes are logged: `JET_paramRecovery` is anything but "off".
    /// (transaction-log-parameters.md)
    pub fn recovery(&self) -> bool {
        !self.text(id::RECOVERY).eq_ignore_ascii_case("off")
    }
}

fn default(id: u32) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    match id {
        id::SYSTEM_PATH | id::LOG_FILE_PATH => text(".\\"),
        id::TEMP_PATH => text("tmp.edb"),
        id::BASE_NAME => text("edb"),
        id::RECOVERY => text("on"),
        id::MAX_SESSIONS | id::MAX_INSTANCES => Value::Number(16),
        id::MAX_OPEN_TABLES => Value::Number(300),
        id::MAX_CURSORS => Value::Number(1024),
        id::MAX_TEMPORARY_TABLES => Value::Number(20),
        id::MAX_DATABASES => Value::Number(7),
        _ => Value::Number(0),
    }
}
