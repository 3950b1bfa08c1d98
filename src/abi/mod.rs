//! The contract: every exported function, its parameters by role, the C types, the constants.
//!
//! Widths are those of Windows everywhere: `JET_ERR`, `JET_GRBIT`, `JET_CBTYP`, every other C `long`,
//! `JET_DBID` and `JET_COLUMNID` have 32 bits; instances, sessions, cursors and callback handles are
//! as wide as a pointer; the calling convention is `extern "system"`; wide text has 16-bit units.

#[cfg(not(target_pointer_width = "64"))]
compile_error!("jetspec knows the 64-bit layout of the structures only");

mod api;
mod by_function;
mod codes;
pub mod constants;
pub mod errors;
mod function;
mod list;
mod load;
mod machine;
pub mod release;
pub mod role;
pub mod structure;
mod structures;
mod warnings;

pub use api::{Api, EXPORTS};
pub use by_function::ByFunction;
pub use function::{FUNCTIONS, Form, Function, FunctionId, Parameter, Signature, function, names};
pub(crate) use list::jet_functions;
pub use load::{Library, LoadError, own_libraries, own_libraries_beside};
pub use release::Release;
pub use structures::*;

/// A return code: zero success, negative an error, positive a warning (jet-err.md).
#[allow(non_camel_case_types, reason = "the documented name")]
pub type JET_ERR = i32;
