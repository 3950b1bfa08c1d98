//! Opening, duplicating and closing cursors.
//!
//! (jetopentable-function.md, jetdupcursor-function.md, jetclosetable-function.md)

use std::collections::BTreeSet;

use super::cursor::{Cursor, Mode};
use super::engine::{Engine, State};
use super::gate::Entry;
use super::handles::{Dbid, Instance, Sesid, TableKey, Tableid};
use super::name::{Name, Named};
use super::operation::Operation;
use super::outcome::Jet;
use super::rules::rules;
use super::settings::id;
use crate::abi::errors::JetError;

rules! {
    /// `JET_bitTablePermitDDL` needs `JET_bitTableDenyRead`. (jetopentable-function.md)
    PERMIT_DDL = "table/permit-ddl-needs-deny-read";
    /// Read-only excludes updatable and the denials. (jetopentable-function.md)
    CONTRADICTION = "table/open-grbit-contradiction";
    /// A table of the name has to exist. (jetopentable-function.md)
    NOT_FOUND = "table/name-found";
    /// Another session denies reading the table. (jetopentable-function.md)
    LOCKED = "table/locked-by-other";
    /// No more cursors than the instance was sized for. (jetopentable-function.md)
    OUT_OF_CURSORS = "cursor/out-of-cursors";
    /// No more different tables than the instance was sized for. (jetopentable-function.md)
    TOO_MANY_TABLES = "cursor/too-many-tables";
    /// The table cannot be denied to others who have it open. (jetopentable-function.md)
    IN_USE = "table/in-use-by-other";
}

/// The cursors that the engine keeps for itself.
const OWN_CURSORS: u64 = 1;
/// The tables that can be open beyond twice the number that was asked for.
const OWN_TABLES: u64 = 142;

/// Options of JetOpenTable. (jetopentable-function.md)
mod bits {
    pub const DENY_WRITE: u32 = 0x1;
    pub const DENY_READ: u32 = 0x2;
    pub const READ_ONLY: u32 = 0x4;
    pub const UPDATABLE: u32 = 0x8;
    pub const PERMIT_DDL: u32 = 0x10;
}

impl State {
    /// The database of a number that the session has open.
    ///
    /// # Errors
    /// `JET_errInvalidDatabaseId`.
    pub(super) fn home(&self, sesid: Sesid, dbid: Dbid) -> Jet<(Instance, Dbid)> {
        let database = self.database_of(sesid, dbid)?;
        Ok((database.instance, database.dbid))
    }

    /// Refuses a cursor too many, or a table too many.
    ///
    /// # Errors
    /// `JET_errOutOfCursors`, `JET_errTooManyOpenTables`.
    pub(super) fn check_room(&self, instance: Instance, key: TableKey) -> Jet<()> {
        let settings = &self.instance(instance)?.settings;
        let ours = |cursor: &&Cursor| {
            let session = self.session(cursor.sesid);
            session.is_ok_and(|session| session.instance == instance)
        };
        let open: Vec<&Cursor> = self.cursors.values().filter(ours).collect();
        let most = settings.number(id::MAX_CURSORS).saturating_sub(OWN_CURSORS);
        OUT_OF_CURSORS.refuse(open.len() as u64 >= most, JetError::OutOfCursors)?;
        let mut tables: BTreeSet<TableKey> = open.iter().map(|cursor| cursor.table).collect();
        let most = settings.number(id::MAX_OPEN_TABLES) * 2 + OWN_TABLES;
        let full = tables.len() as u64 >= most;
        TOO_MANY_TABLES.refuse(full && tables.insert(key), JetError::TooManyOpenTables)
    }

    /// Puts a new cursor among those of its session; a rollback of this level closes it.
    pub(super) fn add_cursor(&mut self, cursor: Cursor) -> Tableid {
        let tableid = cursor.tableid;
        if let Ok(session) = self.session_mut(cursor.sesid)
            && let Some(level) = session.innermost()
        {
            level.opened.insert(tableid);
        }
        self.cursors.insert(tableid, cursor);
        tableid
    }

    /// The cursors that sessions other than this one have on a table.
    fn others_on(&self, key: TableKey, sesid: Sesid) -> impl Iterator<Item = &Cursor> {
        let cursors = self.cursors.values();
        cursors.filter(move |cursor| cursor.table == key && cursor.sesid != sesid)
    }

    fn check_mode(&self, key: TableKey, sesid: Sesid, mode: Mode, wants_write: bool) -> Jet<()> {
        let deleted = self.table(key)?.deleted_by.is_some();
        let denied = self.others_on(key, sesid).any(|other| other.mode.deny_read);
        LOCKED.refuse(deleted || denied, JetError::TableLocked)?;
        let write_denied = self
            .others_on(key, sesid)
            .any(|other| other.mode.deny_write);
        LOCKED.refuse(wants_write && write_denied, JetError::TableLocked)?;
        if mode.deny_write {
            let writers = self.others_on(key, sesid).any(|other| other.mode.updatable);
            IN_USE.refuse(write_denied || writers, JetError::TableInUse)?;
        }
        let readers = self.others_on(key, sesid).next().is_some();
        IN_USE.refuse(mode.deny_read && readers, JetError::TableInUse)
    }

    /// Closes a cursor that the application has no more use for.
    fn end_cursor(&mut self, tableid: Tableid) {
        let temporary = self
            .cursor(tableid)
            .map(|cursor| (cursor.dbid, cursor.table));
        self.close_cursor(tableid);
        if let Ok((Dbid::TEMPORARY, key)) = temporary
            && !self.cursors.values().any(|cursor| cursor.table == key)
        {
            self.forget_temporary(key);
        }
    }
}

impl Engine {
    /// JetOpenTable. (jetopentable-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidDatabaseId`, `JET_errInvalidGrbit`,
    /// `JET_errInvalidName`, `JET_errObjectNotFound`, `JET_errTableLocked`, `JET_errTableInUse`.
    pub fn open_table(
        &self,
        sesid: Sesid,
        dbid: Dbid,
        name: Option<&str>,
        grbit: u32,
    ) -> Jet<Tableid> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        let home = call.home(sesid, dbid)?;
        let has = |bit| grbit & bit != 0;
        PERMIT_DDL.refuse(
            has(bits::PERMIT_DDL) && !has(bits::DENY_READ),
            JetError::InvalidGrbit,
        )?;
        CONTRADICTION.refuse(
            has(bits::READ_ONLY) && has(bits::UPDATABLE | bits::DENY_READ),
            JetError::InvalidGrbit,
        )?;
        let name = Name::parse(Named::Table, name)?;
        let read_only = call.database(home.0, dbid)?.read_only;
        let view = call.view(sesid)?;
        let Some(key) = call.table_named(home, &name, view).map(|table| table.key) else {
            return Err(NOT_FOUND.error(JetError::ObjectNotFound));
        };
        let mode = Mode {
            updatable: !has(bits::READ_ONLY) && !read_only,
            deny_read: has(bits::DENY_READ),
            deny_write: has(bits::DENY_WRITE),
            permit_ddl: has(bits::PERMIT_DDL),
        };
        call.check_resolved(key)?;
        call.check_mode(key, sesid, mode, mode.updatable && has(bits::UPDATABLE))?;
        call.check_room(home.0, key)?;
        Ok(call.add_cursor(Cursor::new(sesid, dbid, key, mode)))
    }

    /// JetDupCursor: a further cursor over the same table, on the first record of the primary
    /// order. (jetdupcursor-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates.
    pub fn dup_cursor(&self, sesid: Sesid, tableid: Tableid) -> Jet<Tableid> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::DupCursor)?;
        let source = call.cursor(tableid)?;
        let mode = Mode {
            updatable: source.mode.updatable,
            permit_ddl: source.mode.permit_ddl,
            ..Mode::default()
        };
        let mut cursor = Cursor::new(sesid, source.dbid, source.table, mode);
        cursor.stand = source.stand;
        cursor.duplicated_inside = source.in_events > 0;
        call.check_room(call.instance, cursor.table)?;
        Ok(call.add_cursor(cursor))
    }

    /// JetCloseTable. A prepared update is forgotten. (jetclosetable-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates that hold even after JetStopService.
    pub fn close_table(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::CloseTable)?;
        call.end_cursor(tableid);
        Ok(())
    }
}
