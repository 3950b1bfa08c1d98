//! The reference engine: safe Rust, one file per concept, no pointers, no C.
//!
//! Everything sits behind one lock ([`engine`]). A call enters through the gates ([`gate`]), works
//! on the locked state, and lets go of the lock while code of the application runs ([`callback`]).
//! Rules that can be switched off are in [`rules`]; where the published engine departs from the
//! documents there is a named quirk in [`quirks`].

pub mod alter_index;
pub mod alter_table;
pub mod attach;
pub mod backup;
pub mod backup_end;
pub mod backup_file;
pub mod backup_logs;
pub mod bookmark;
pub mod callback;
pub mod catalogue;
pub mod cleanup;
pub mod column_default;
pub mod column_information;
pub mod compact;
mod compact_copy;
mod compact_file;
mod compact_statistics;
mod compact_told;
mod compound;
pub mod configure;
pub mod create_table;
pub mod current_index;
pub mod cursor;
pub mod cursor_filter;
pub mod database;
pub mod database_file_information;
pub mod database_information;
pub mod database_room;
pub mod defragment;
pub mod defragment_tree;
pub mod delete;
pub mod delete_table;
pub mod deliver;
pub mod digest;
pub mod dispatch;
pub mod durable;
pub mod engine;
pub mod enumerate_columns;
pub mod error_category;
pub mod escrow;
pub mod external_backup;
pub mod external_restore;
pub mod files;
pub mod first_files;
pub mod gate;
pub mod handles;
pub mod hints;
pub mod idle;
pub mod index;
pub mod index_count;
pub mod index_information;
pub mod index_keys;
pub mod index_options;
pub mod index_range;
pub mod information;
pub mod instance;
pub mod intersect;
pub mod levels;
pub mod limits;
pub mod listing;
pub mod local_storage;
pub mod lock;
pub mod logging;
pub mod name;
pub mod navigate;
pub mod open_table;
pub mod operation;
pub mod outcome;
pub mod outputs;
pub mod parameter;
pub mod parameter_table;
pub mod path;
pub mod position;
pub mod prepare;
pub mod profile;
pub mod quirks;
pub mod record_size;
pub mod recovery;
pub mod recovery_status;
pub mod redo;
pub mod registration;
pub mod registrations;
pub mod remembered;
pub mod replace;
pub mod resize;
pub mod restore;
pub mod retrieve;
pub mod retrieve_default;
pub mod retrieve_index;
pub mod room;
pub mod row_keys;
pub mod rules;
pub mod schema;
pub mod session;
pub mod set_column;
pub mod settings;
pub mod snapshot;
pub mod snapshot_freeze;
pub mod start;
pub mod status;
pub mod store;
pub mod stored_callback;
pub mod stored_table;
pub mod structures;
pub mod system_table;
pub mod table;
pub mod table_information;
pub mod temp_table;
pub mod term;
pub mod thread_statistics;
pub mod threads;
pub mod transaction;
pub mod update;
pub mod value;

#[cfg(test)]
mod callback_tests;
#[cfg(test)]
mod changes_tests;
#[cfg(test)]
mod configure_tests;
#[cfg(test)]
mod cursor_states_tests;
#[cfg(test)]
mod database_tests;
#[cfg(test)]
mod escrow_tests;
#[cfg(test)]
mod files_tests;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod gate_tests;
#[cfg(test)]
mod instance_tests;
#[cfg(test)]
mod local_storage_tests;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod temp_table_tests;
