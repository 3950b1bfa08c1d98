//! Return codes with their documented names: how a list of them is written down, and how a number is
//! read.

use super::errors::JetError;
use super::warnings::JetWarning;

macro_rules! codes {
    ($(#[$doc:meta])* $kind:ident { $($variant:ident = $code:literal, $name:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each variant is the documented name without its prefix")]
        pub enum $kind { $($variant,)* /// A code that no document lists; callbacks may return any.
            Other(i32) }

        impl $kind {
            /// The value that crosses the C border.
            pub const fn code(self) -> i32 {
                match self { $(Self::$variant => $code,)* Self::Other(code) => code }
            }

            /// The typed form of a code, `Other` where no document lists it.
            pub const fn from_code(code: i32) -> Self {
                match code { $($code => Self::$variant,)* _ => Self::Other(code) }
            }

            /// The documented name with its prefix, `None` for an unlisted code.
            pub const fn name(self) -> Option<&'static str> {
                match self { $(Self::$variant => Some($name),)* Self::Other(_) => None }
            }

            /// Every listed code, by documented name.
            pub const LISTED: &'static [(&'static str, i32)] = &[$(($name, $code)),*];
        }
    };
}

pub(super) use codes;

/// Second names of codes that the documents use beside the first.
pub const ALIASES: &[(&str, i32)] = &[
    ("JET_errColumnIllegalNull", -1504),
    ("JET_errDatabaseInconsistent", -550),
    ("JET_errIndexTuplesTooManyColumns", -1431),
    ("JET_errIndexTuplesTextColumnsOnly", -1433),
    ("JET_wrnRecordFoundGreater", 1039),
    ("JET_wrnRecordFoundLess", 1039),
];

/// The documented name of a return code (`JET_errSuccess` for zero), `None` for an unlisted one.
pub const fn code_name(code: i32) -> Option<&'static str> {
    match code {
        0 => Some("JET_errSuccess"),
        code if code < 0 => JetError::from_code(code).name(),
        code => JetWarning::from_code(code).name(),
    }
}
