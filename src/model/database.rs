//! Attached databases.

use std::path::PathBuf;

use super::catalogue::Catalogue;
use super::handles::{Dbid, Instance, Sesid};

/// A database that is attached to an instance.
#[derive(Debug)]
pub struct Database {
    /// The instance.
    pub instance: Instance,
    /// Its number in the instance.
    pub dbid: Dbid,
    /// Its file, absolute.
    pub path: PathBuf,
    /// Attached with `JET_bitDbReadOnly`.
    pub read_only: bool,
    /// The session that opened it with `JET_bitDbExclusive`.
    pub exclusive: Option<Sesid>,
    /// Its tables.
    pub catalogue: Catalogue,
}
