//! The reference engine: safe Rust, one file per concept, no pointers, no C.

pub mod name;
pub mod rules;
pub mod store;
