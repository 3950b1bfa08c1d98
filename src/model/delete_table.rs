//! Deleting and renaming tables.
//!
//! (jetdeletetable-function.md, jetrenametable-function.md)

use super::catalogue::Rows;
use super::engine::{Engine, State};
use super::gate::Entry;
use super::handles::{Dbid, Sesid, TableKey};
use super::name::{Name, Named};
use super::outcome::Jet;
use super::rules::rules;
use super::table::{TableDeleted, TableRenamed};
use crate::abi::errors::JetError;

rules! {
    /// Both names are given. (jetrenametable-function.md)
    RENAME_NULL = "table/rename-null";
    /// The table has its new name. (jetrenametable-function.md)
    RENAMES = "table/renames";
    /// A table that does not exist is not renamed. (jetrenametable-function.md)
    RENAME_FOUND = "table/rename-found";
    /// A table may get its own name in other letters.
    RENAME_OWN_CASE = "table/rename-own-case";
    /// A read-only transaction renames nothing. (jetrenametable-function.md)
    RENAME_READ_ONLY = "table/rename-read-only-transaction";
    /// The table is gone. (jetdeletetable-function.md)
    DELETES = "table/deletes";
    /// A cursor of the same session keeps the table as any other does.
    IN_USE_OWN = "table/delete-in-use-code";
    /// Registrations end with their table.
    LOST = "register/lost-with-table";
    /// A table that does not exist is neither deleted nor renamed. (jetdeletetable-function.md)
    FOUND = "table/delete-found";
    /// The engine's own tables stay. (jetdeletetable-function.md)
    SYSTEM = "table/delete-system-table";
    /// A table with open cursors stays. (jetdeletetable-function.md)
    IN_USE = "table/delete-in-use";
    /// Another session has deleted the table, or denies it. (jetdeletetable-function.md)
    LOCKED = "table/delete-locked";
    /// A template table stays. (jetdeletetable-function.md)
    TEMPLATE = "table/delete-template";
    /// A database attached read-only stays as it is. (jetdeletetable-function.md)
    PERMISSION = "table/delete-permission";
    /// A read-only transaction deletes nothing. (jetbegintransaction2-function.md)
    READ_ONLY_TRANSACTION = "table/delete-read-only-transaction";
    /// A table is not renamed to the name of another. (jetrenametable-function.md)
    RENAME_DUPLICATE = "table/rename-duplicate";
    /// A table of fixed schema keeps its name. (jetrenametable-function.md)
    RENAME_FIXED = "table/rename-fixed-ddl";
}

impl Engine {
    /// JetDeleteTable. (jetdeletetable-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidDatabaseId`, `JET_errPermissionDenied`,
    /// `JET_errTransReadOnly`, `JET_errInvalidName`, `JET_errObjectNotFound`,
    /// `JET_errCannotDeleteSystemTable`, `JET_errTableLocked`, `JET_errTableInUse`,
    /// `JET_errCannotDeleteTemplateTable`.
    pub fn delete_table(&self, sesid: Sesid, dbid: Dbid, name: Option<&str>) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        let Some(key) = call.table_to_change(sesid, dbid, name)? else {
            return Ok(());
        };
        let table = call.table(key)?;
        SYSTEM.refuse(table.options.system, JetError::CannotDeleteSystemTable)?;
        LOCKED.refuse(table.deleted_by.is_some(), JetError::TableLocked)?;
        call.check_not_blocked(key)?;
        let mut cursors = call.cursors.values();
        let open = cursors.any(|cursor| cursor.table == key);
        let own = call
            .cursors_of(sesid)
            .iter()
            .any(|own| call.cursor(*own).is_ok_and(|cursor| cursor.table == key));
        IN_USE_OWN.allow(own, JetError::TableLocked)?;
        IN_USE.refuse(open, JetError::TableInUse)?;
        TEMPLATE.refuse(table.options.template, JetError::CannotDeleteTemplateTable)?;
        if !DELETES.holds() {
            return Ok(());
        }
        let home = table.home;
        let schema = table.schema(call.view(sesid)?);
        let rows = 1 + schema.columns.len() + schema.indexes.len();
        call.tell_catalogue(sesid, home, Rows::Deleted, rows)?;
        call.within_level(sesid, |state| {
            let tx = state.transaction_of(sesid)?;
            state.table_mut(key)?.deleted_by = Some(tx);
            state.note(sesid, TableDeleted(key))
        })
    }

    /// JetRenameTable. (jetrenametable-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidDatabaseId`, `JET_errPermissionDenied`,
    /// `JET_errTransReadOnly`, `JET_errInvalidName`, `JET_errObjectNotFound`, `JET_errFixedDDL`,
    /// `JET_errKeyDuplicate`.
    pub fn rename_table(
        &self,
        sesid: Sesid,
        dbid: Dbid,
        name: Option<&str>,
        to: Option<&str>,
    ) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        let missing = name.is_none() || to.is_none();
        RENAME_NULL.refuse(missing, JetError::InvalidParameter)?;
        let new_name = Name::parse(Named::Table, to)?;
        let found = call.table_to_change(sesid, dbid, name);
        let found = found.map_err(|error| match error {
            JetError::ObjectNotFound => RENAME_FOUND.error(error),
            JetError::TransReadOnly => RENAME_READ_ONLY.error(error),
            other => other,
        });
        let Some(key) = found? else {
            return Ok(());
        };
        let table = call.table(key)?;
        RENAME_FIXED.refuse(table.options.fixed_ddl, JetError::FixedDDL)?;
        let view = call.view(sesid)?;
        let other = call.table_named(table.home, &new_name, view);
        RENAME_DUPLICATE.refuse(
            other.is_some_and(|other| other.key != key || !RENAME_OWN_CASE.holds()),
            JetError::KeyDuplicate,
        )?;
        if !RENAMES.holds() {
            return Ok(());
        }
        call.within_level(sesid, |state| {
            let before = state.table_mut(key)?.rename(new_name);
            state.note(sesid, TableRenamed { table: key, before })
        })
    }
}

impl State {
    /// The table of a name, if the session may change it; `None` while the rule that it has to
    /// exist is off.
    fn table_to_change(
        &self,
        sesid: Sesid,
        dbid: Dbid,
        name: Option<&str>,
    ) -> Jet<Option<TableKey>> {
        let home = self.home(sesid, dbid)?;
        let read_only = self.database(home.0, dbid)?.read_only;
        PERMISSION.refuse(read_only, JetError::PermissionDenied)?;
        let in_read_only = self.session(sesid)?.in_read_only_transaction();
        READ_ONLY_TRANSACTION.refuse(in_read_only, JetError::TransReadOnly)?;
        let name = Name::parse(Named::Table, name)?;
        let table = self.table_named(home, &name, self.view(sesid)?);
        FOUND.refuse(table.is_none(), JetError::ObjectNotFound)?;
        Ok(table.map(|table| table.key))
    }
}
