//! What a call of the model gives back: a typed error, or a value that may carry a warning.

use crate::abi::errors::{JetError, JetWarning};

/// The result of a call.
pub type Jet<T> = Result<T, JetError>;

/// A value with the warning that goes with it, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Warned<T> {
    /// What the call produced.
    pub value: T,
    /// The positive return code, `None` for `JET_errSuccess`.
    pub warning: Option<JetWarning>,
}

impl<T> Warned<T> {
    /// A value without a warning.
    pub const fn plain(value: T) -> Self {
        Self {
            value,
            warning: None,
        }
    }

    /// A value with a warning.
    pub const fn with(value: T, warning: JetWarning) -> Self {
        Self {
            value,
            warning: Some(warning),
        }
    }

    /// The return code: zero, or the code of the warning.
    pub fn code(&self) -> i32 {
        self.warning.map_or(0, JetWarning::code)
    }
}
