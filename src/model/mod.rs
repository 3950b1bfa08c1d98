//! The reference engine: safe Rust, one file per concept, no pointers, no C.

pub mod store;
