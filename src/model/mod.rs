//! The reference engine: safe Rust, one file per concept, no pointers, no C.
//!
//! Everything sits behind one lock ([`engine`]). A call enters through the gates ([`gate`]), works
//! on the locked state, and lets go of the lock while code of the application runs ([`callback`]).
//! Rules that can be switched off are in [`rules`]; where the published engine departs from the
//! documents there is a named quirk in [`quirks`].

pub mod attach;
pub mod callback;
#[cfg(test)]
mod callback_tests;
pub mod catalogue;
pub mod configure;
#[cfg(test)]
mod configure_tests;
pub mod cursor;
pub mod database;
#[cfg(test)]
mod database_tests;
pub mod dispatch;
pub mod durable;
pub mod engine;
pub mod files;
#[cfg(test)]
pub(crate) mod fixture;
pub mod gate;
#[cfg(test)]
mod gate_tests;
pub mod handles;
pub mod information;
pub mod instance;
#[cfg(test)]
mod instance_tests;
pub mod name;
pub mod outcome;
pub mod outputs;
pub mod parameter;
pub mod parameter_table;
pub mod path;
pub mod position;
pub mod profile;
pub mod quirks;
pub mod registration;
pub mod rules;
pub mod session;
#[cfg(test)]
mod session_tests;
pub mod settings;
pub mod start;
pub mod store;
pub mod structures;
pub mod table;
pub mod term;
pub mod threads;
pub mod transaction;
pub mod value;
