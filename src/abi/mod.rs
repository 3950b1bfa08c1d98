//! The contract: every exported function, its parameters by role, the C types, the constants.

pub mod constants;
pub mod errors;
pub mod release;
