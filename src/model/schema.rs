//! The schema of a table: its columns and indexes, and how a transaction changes them.

use std::sync::Arc;

use super::engine::State;
use super::handles::{Sesid, TableKey};
use super::index::Index;
use super::name::Name;
use super::outcome::Jet;
use super::remembered::Remembered;
use super::rules::rules;
use super::store::{IndexId, View};
use super::table::{SchemaChanged, Table};
use super::value::columns::Columns;
use crate::abi::errors::JetError;

rules! {
    /// Two open transactions cannot both change the schema of a table.
    /// (extensible-storage-engine-error-codes.md)
    ONE_AT_A_TIME = "table/schema-write-conflict";
}

/// The columns and indexes of a table.
#[derive(Debug, Clone, Default, Hash)]
pub struct Schema {
    /// Its columns, those of its template included.
    pub columns: Columns,
    /// Its indexes, the primary one among them.
    pub indexes: Vec<Index>,
}

/// A schema that rows, cursors and calls share until somebody changes it; its hash is remembered, for
/// a digest is asked for after every call.
pub type SharedSchema = Arc<Remembered<Schema, u64>>;

impl Schema {
    /// As tables hold it.
    pub fn shared(self) -> SharedSchema {
        Arc::new(Remembered::new(self))
    }

    /// The schema of a new table; `template` for a template table.
    pub fn new(template: bool) -> Self {
        Self {
            columns: Columns::new(template),
            indexes: Vec::new(),
        }
    }

    /// What a table derived from this one starts with.
    pub fn derived(&self) -> Self {
        let derived = |index: &Index| Index {
            derived: true,
            ..index.clone()
        };
        Self {
            columns: Columns::derived(&self.columns),
            indexes: self.indexes.iter().map(derived).collect(),
        }
    }

    /// The primary index, if one was defined.
    pub fn primary(&self) -> Option<&Index> {
        self.indexes.iter().find(|index| index.is_primary())
    }

    /// The secondary indexes.
    pub fn secondary(&self) -> impl Iterator<Item = &Index> {
        self.indexes.iter().filter(|index| !index.is_primary())
    }

    /// The index of a name.
    pub fn index_named(&self, name: &Name) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == *name)
    }

    /// The index of an identity.
    pub fn index(&self, id: IndexId) -> Option<&Index> {
        self.indexes.iter().find(|index| index.id == id)
    }
}

impl Table {
    /// The secondary indexes that rows have entries in, for whatever transaction they exist.
    pub fn all_secondary(&self) -> Vec<&Index> {
        let mut all: Vec<&Index> = self.schema.secondary().collect();
        if let Some((_, schema)) = &self.uncommitted_schema {
            let known: Vec<IndexId> = all.iter().map(|index| index.id).collect();
            all.extend(
                schema
                    .secondary()
                    .filter(|index| !known.contains(&index.id)),
            );
        }
        all
    }

    /// The schema for all, and the one of an open transaction where it has other indexes.
    pub fn schemas(&self) -> Vec<SharedSchema> {
        let mut all = vec![Arc::clone(&self.schema)];
        all.extend(
            self.uncommitted_schema
                .as_ref()
                .map(|(_, schema)| Arc::clone(schema)),
        );
        all
    }

    /// Drops the entries of indexes that exist for nobody any more.
    pub(super) fn forget_lost_indexes(&mut self) {
        let known: Vec<IndexId> = self.all_secondary().iter().map(|index| index.id).collect();
        for id in self.rows.index_ids() {
            if !known.contains(&id) {
                self.rows.drop_index(id);
            }
        }
    }
}

impl State {
    /// Refuses a change of a schema that another transaction is changing.
    pub(super) fn check_schema_free(&self, sesid: Sesid, key: TableKey) -> Jet<()> {
        let tx = self.transaction_of(sesid)?;
        let uncommitted = &self.table(key)?.uncommitted_schema;
        let other = matches!(uncommitted, Some((other, _)) if *other != tx);
        ONE_AT_A_TIME.refuse(other, JetError::WriteConflict)
    }

    /// Changes the schema of a table for the session's transaction, and for all once that commits.
    ///
    /// # Errors
    /// Those of the change; `JET_errWriteConflict` while another transaction changes the schema.
    pub(super) fn change_schema<T>(
        &mut self,
        sesid: Sesid,
        key: TableKey,
        change: impl FnOnce(&mut Schema) -> Jet<T>,
    ) -> Jet<T> {
        self.check_schema_free(sesid, key)?;
        let tx = self.transaction_of(sesid)?;
        let view: View = self.view(sesid)?;
        let table = self.table(key)?;
        let before = table.uncommitted_schema.clone();
        let mut schema = Schema::clone(table.schema(view));
        let value = change(&mut schema)?;
        self.table_mut(key)?.uncommitted_schema = Some((tx, schema.shared()));
        self.note(sesid, SchemaChanged { table: key, before })?;
        Ok(value)
    }
}
