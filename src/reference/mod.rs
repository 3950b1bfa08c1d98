//! The C exports over the model: pointers in, typed call, pointers out.
//!
//! `table` holds the reference's functions under their documented signatures, `exports` gives each of
//! them its name in the shared library. An export looks its function up in the table and never calls
//! another export: with some linkers that other name would be the executable's.
//!
//! Every function goes through `border`. Texts come through `text`, results go out through `output`,
//! C callbacks become the engine's through `callback`.

mod border;
mod callback;
pub mod control;
mod database;
mod exports;
mod instance;
mod memory;
mod output;
mod registration;
mod session;
mod table;
mod text;
mod transaction;

pub use border::engine;
pub use table::TABLE;
