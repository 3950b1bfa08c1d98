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
use super::position::Position;
use super::rules::rules;
use super::settings::id;
use super::transaction::Step;
use crate::abi::errors::JetError;

rules! {
    /// Options of a duplicate are ignored.
    DUP_OPTIONS = "cursor/dup-grbit-ignored";
    /// The duplicate of a read-only cursor is read-only.
    DUP_READ_ONLY = "cursor/dup-read-only";
    /// A duplicate is closed with the transaction that it was made in.
    DUP_ROLLED_BACK = "cursor/dup-rolled-back";
    /// A duplicate has nothing of the state of its model.
    DUP_FRESH = "cursor/dup-starts-fresh";
    /// A duplicate is a cursor of its own. (jetdupcursor-function.md)
    DUPLICATES = "cursor/duplicates";
    /// A cursor is closed. (jetclosetable-function.md)
    CLOSES = "cursor/closes";
    /// Rollback does not open a cursor again.
    CLOSED_STAYS = "cursor/close-not-undone";
    /// What was closed in the transaction stays closed.
    ROLLBACK_KEEPS_CLOSED = "transaction/rollback-keeps-closed";
    /// A table is opened. (jetopentable-function.md)
    OPENS = "table/opens";
    /// A cursor that was opened is on the first record.
    ON_FIRST = "table/open-on-first";
    /// A session may deny others what it has open itself.
    DENY_OWN = "table/open-deny-own";
    /// A cursor can be opened for reading alone. (jetopentable-function.md)
    READ_ONLY = "table/open-read-only";
    /// A cursor is closed with the transaction that it was opened in.
    ROLLED_BACK = "table/open-rolled-back";
    /// The name of a table keeps the rules of names. (jetopentable-function.md)
    NAME = "table/open-name";
    /// The database is judged first, then the options, then the name.
    ORDER = "table/open-order";
    /// The session has the database open. (jetopentable-function.md)
    DATABASE_OPEN = "table/database-open";
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
    /// The engine takes one of them for itself.
    OUT_OF_CURSORS_EXACTLY = "cursor/out-of-cursors-exactly";
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
        let own = if OUT_OF_CURSORS_EXACTLY.holds() {
            OWN_CURSORS
        } else {
            0
        };
        let most = settings.number(id::MAX_CURSORS).saturating_sub(own);
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

    /// As [`add_cursor`](Self::add_cursor); one that is to last outlives a rollback, as in a sloppy
    /// engine.
    fn add_cursor_for(&mut self, cursor: Cursor, lasting: bool) -> Tableid {
        if !lasting {
            return self.add_cursor(cursor);
        }
        let tableid = cursor.tableid;
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
        let own = self
            .cursors
            .values()
            .any(|other| other.table == key && other.sesid == sesid);
        DENY_OWN.allow(mode.deny_read && own, JetError::TableInUse)?;
        let readers = self.others_on(key, sesid).next().is_some();
        IN_USE.refuse(mode.deny_read && readers, JetError::TableInUse)
    }

    /// Closes a cursor that the application has no more use for.
    fn end_cursor(&mut self, tableid: Tableid) {
        let temporary = self
            .cursor(tableid)
            .map(|cursor| (cursor.dbid, cursor.table));
        self.close_cursor_by_name(tableid);
        self.let_table_go_early(temporary);
        if let Ok((Dbid::TEMPORARY, key)) = temporary
            && !self.cursors.values().any(|cursor| cursor.table == key)
        {
            self.forget_temporary(key);
        }
    }
}

/// Refuses options that contradict each other.
fn check_options(grbit: u32) -> Jet<()> {
    let has = |bit| grbit & bit != 0;
    PERMIT_DDL.refuse(
        has(bits::PERMIT_DDL) && !has(bits::DENY_READ),
        JetError::InvalidGrbit,
    )?;
    CONTRADICTION.refuse(
        has(bits::READ_ONLY) && has(bits::UPDATABLE | bits::DENY_READ),
        JetError::InvalidGrbit,
    )
}

/// A cursor was closed, in an engine that opens it again when the transaction is rolled back.
#[derive(Debug)]
struct CursorClosed(Option<Cursor>);

impl Step for CursorClosed {
    fn undo(self: Box<Self>, state: &mut State) {
        if let Some(cursor) = self.0 {
            state.cursors.insert(cursor.tableid, cursor);
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
        let has = |bit| grbit & bit != 0;
        if !ORDER.holds() {
            Name::parse(Named::Table, name)?;
            check_options(grbit)?;
        }
        let home = call
            .home(sesid, dbid)
            .map_err(|error| DATABASE_OPEN.error(error))?;
        check_options(grbit)?;
        let name = Name::parse(Named::Table, name).map_err(|error| NAME.error(error))?;
        let read_only = call.database(home.0, dbid)?.read_only;
        let view = call.view(sesid)?;
        let Some(key) = call.table_named(home, &name, view).map(|table| table.key) else {
            return Err(NOT_FOUND.error(JetError::ObjectNotFound));
        };
        let reads_only = has(bits::READ_ONLY) && READ_ONLY.holds();
        let mode = Mode {
            updatable: !(reads_only || read_only),
            deny_read: has(bits::DENY_READ),
            deny_write: has(bits::DENY_WRITE),
            permit_ddl: has(bits::PERMIT_DDL),
        };
        call.check_resolved(key)?;
        call.check_mode(key, sesid, mode, mode.updatable && has(bits::UPDATABLE))?;
        call.check_room(home.0, key)?;
        if !OPENS.holds() {
            return Ok(Tableid::fresh());
        }
        let mut cursor = Cursor::new(sesid, dbid, key, mode);
        if !ON_FIRST.holds() {
            cursor.position = Position::Before;
        }
        let lasting = !ROLLED_BACK.holds();
        Ok(call.add_cursor_for(cursor, lasting))
    }

    /// JetDupCursor: a further cursor over the same table, on the first record of the primary
    /// order. (jetdupcursor-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates.
    pub fn dup_cursor(&self, sesid: Sesid, tableid: Tableid, grbit: u32) -> Jet<Tableid> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::DupCursor)?;
        DUP_OPTIONS.allow(grbit != 0, JetError::InvalidGrbit)?;
        if !DUPLICATES.holds() {
            return Ok(tableid);
        }
        let source = call.cursor(tableid)?;
        let mode = Mode {
            updatable: source.mode.updatable || !DUP_READ_ONLY.holds(),
            permit_ddl: source.mode.permit_ddl,
            ..Mode::default()
        };
        let mut cursor = Cursor::new(sesid, source.dbid, source.table, mode);
        cursor.stand = source.stand;
        cursor.duplicate = true;
        cursor.duplicated_inside = call.threads.restricts(tableid);
        if !DUP_FRESH.holds() {
            cursor.position = source.position.clone();
            cursor.key = source.key.clone();
            cursor.update = source.update.clone();
        }
        call.check_room(call.instance, cursor.table)?;
        let lasting = !DUP_ROLLED_BACK.holds();
        Ok(call.add_cursor_for(cursor, lasting))
    }

    /// JetCloseTable. A prepared update is forgotten. (jetclosetable-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates that hold even after JetStopService.
    pub fn close_table(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::CloseTable)?;
        if !CLOSES.holds() {
            return Ok(());
        }
        let reopens = !CLOSED_STAYS.holds() || !ROLLBACK_KEEPS_CLOSED.holds();
        if reopens && call.session(sesid)?.level() > 0 {
            let cursor = call.cursors.remove(&tableid);
            return call.note(sesid, CursorClosed(cursor));
        }
        call.end_cursor(tableid);
        Ok(())
    }
}
