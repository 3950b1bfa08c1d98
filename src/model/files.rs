//! The files of databases: made at creation, read at attaching, written at detaching.

use std::path::Path;

use super::catalogue::Catalogue;
use super::engine::State;
use super::handles::{Dbid, Instance};
use super::outcome::Jet;
use super::table::Table;
use crate::abi::errors::JetError;

/// What a detached database leaves behind.
#[derive(Debug, Default)]
pub struct Shelved {
    /// Its catalogue.
    pub catalogue: Catalogue,
    /// Its tables.
    pub tables: Vec<Table>,
}

impl State {
    /// Makes the file of a new database, over an old one if there is one.
    pub(super) fn create_file(&mut self, instance: Instance, dbid: Dbid) -> Jet<()> {
        let path = self.database(instance, dbid)?.path.clone();
        self.shelf.remove(&path);
        let made = write(&path);
        if made.is_err() {
            self.databases.remove(&(instance, dbid));
        }
        made
    }

    /// Reads the tables of a database that is being attached.
    pub(super) fn load_file(&mut self, instance: Instance, dbid: Dbid) -> Jet<()> {
        let path = self.database(instance, dbid)?.path.clone();
        let Some(shelved) = self.shelf.remove(&path) else {
            self.databases.remove(&(instance, dbid));
            return Err(JetError::DatabaseCorrupted);
        };
        self.database_mut(instance, dbid)?.catalogue = shelved.catalogue;
        for mut table in shelved.tables {
            table.home = (instance, dbid);
            self.tables.insert(table.key, table);
        }
        Ok(())
    }

    /// Writes a database that is being detached.
    pub(super) fn write_file(&mut self, instance: Instance, dbid: Dbid) -> Jet<()> {
        let database = self.database_mut(instance, dbid)?;
        let path = database.path.clone();
        let catalogue = std::mem::take(&mut database.catalogue);
        let keys = self.tables_in((instance, dbid));
        let tables = keys
            .into_iter()
            .filter_map(|key| self.tables.remove(&key))
            .collect();
        self.shelf.insert(path, Shelved { catalogue, tables });
        Ok(())
    }
}

fn write(path: &Path) -> Jet<()> {
    std::fs::write(path, b"").map_err(|_| JetError::FileAccessDenied)
}
