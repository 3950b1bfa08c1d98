//! The C exports over the model: pointers in, typed call, pointers out.
//!
//! `table` holds the reference's functions under their documented signatures, `exports` gives each of
//! them its name in the shared library. An export looks its function up in the table and never calls
//! another export: with some linkers that other name would be the executable's.

mod exports;
mod table;

pub use table::TABLE;
