//! A table whose schema is loaded.

use super::handles::{Dbid, Instance, TableKey};
use super::registration::Registration;

/// A table, shared by all cursors of all sessions.
#[derive(Debug)]
pub struct Table {
    /// Its key, never used again.
    pub key: TableKey,
    /// The instance and database that hold it.
    pub home: (Instance, Dbid),
    /// Its name as it was created.
    pub name: String,
    /// The template that the table is derived from.
    pub template: Option<TableKey>,
    /// Callbacks on the table, the newest first; those stored in its schema come last.
    pub registrations: Vec<Registration>,
}
