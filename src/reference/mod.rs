//! The C exports over the model: pointers in, typed call, pointers out.
//!
//! `table` holds the reference's functions under their documented signatures, `exports` gives each of
//! them its name in the shared library. An export looks its function up in the table and never calls
//! another export: with some linkers that other name would be the executable's.
//!
//! Every function goes through `border`. Texts come through `text`, results go out through `output`,
//! C callbacks become the engine's through `callback`.

mod backup;
mod border;
mod callback;
mod columns;
mod compact;
pub mod control;
mod database;
mod defragment;
mod enumerate;
mod exports;
mod external_backup;
mod external_restore;
#[cfg(all(windows, target_arch = "x86_64"))]
mod guarded;
mod hints;
mod information;
#[cfg(test)]
mod information_tests;
mod instance;
mod local_storage;
#[cfg(test)]
mod maintenance_tests;
mod memory;
mod navigate;
mod output;
mod parameter;
mod record_size;
mod registration;
mod retrieve;
mod session;
mod sizes;
mod snapshot;
mod status;
mod stored;
mod structures;
mod table;
mod tables;
mod temporary;
#[cfg(test)]
mod tests;
mod text;
mod told;
mod told_index;
mod told_objects;
mod transaction;
mod update;
pub mod watch;

pub use border::engine;
pub use table::TABLE;
pub(crate) use text::MOST_UNITS;
pub use watch::WATCHED;
