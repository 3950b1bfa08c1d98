//! Attached databases, and opening and closing them in a session.

use std::path::{Path, PathBuf};

use super::database_room::Measured;
use super::durable::header::Header;
use super::engine::{Engine, State};
use super::gate::Entry;
use super::handles::{Dbid, Instance, Sesid, TableKey};
use super::outcome::{Jet, Warned};
use super::path::complete;
use super::quirks;
use super::rules::rules;
use super::settings::id;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// The same database has the same number every time. (jetopendatabase-function.md)
    OPENS = "database/opens";
    /// Opening works inside a transaction.
    IN_TRANSACTION = "database/open-in-transaction";
    /// Unknown options are ignored.
    UNKNOWN_BITS = "database/open-unknown-bits";
    /// Closing takes an opening back. (jetclosedatabase-function.md)
    CLOSES = "database/closes";
    /// No path. (jetopendatabase-function.md)
    PATH = "database/open-path";
    /// A file that is not attached. (jetopendatabase-function.md)
    NOT_ATTACHED = "database/open-not-attached";
    /// A second database where a session may have one. (jetopendatabase-function.md)
    ONE_PER_SESSION = "database/one-per-session";
    /// Another session has it exclusively. (jetopendatabase-function.md)
    LOCKED = "database/open-locked";
    /// Exclusive access to a database that is open. (jetopendatabase-function.md)
    EXCLUSIVE = "database/open-exclusive";
    /// A read-only database that is opened for writing. (jetopendatabase-function.md)
    READ_ONLY_WARNING = "database/open-read-only-warning";
    /// Closing what the session has not open. (jetclosedatabase-function.md)
    CLOSE_NOT_OPENED = "database/close-not-opened";
    /// The last close of a session closes its cursors too.
    CLOSE_CURSORS = "database/close-closes-cursors";
    /// The cursor of a callback outlives the closing of its database inside.
    CLOSE_INSIDE = "callback/close-database-inside";
    /// A database that the session has not open, or no database at all.
    DBID = "gate/dbid-invalid";
}

/// Options of JetOpenDatabase and JetAttachDatabase. (jetopendatabase-function.md)
pub mod bits {
    /// `JET_bitDbReadOnly`
    pub const READ_ONLY: u32 = 0x1;
    /// `JET_bitDbExclusive`
    pub const EXCLUSIVE: u32 = 0x2;
}

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
    /// The most pages that it may have, zero for no limit.
    pub pages_most: u32,
    /// How full it is known to be, where there is a limit.
    pub measured: Measured,
    /// What its file is known by; `None` for a database that has none.
    pub file: Option<DatabaseFile>,
}

/// What the file of a database is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseFile {
    /// What the file says of it.
    pub header: Header,
    /// The object number that the next table gets.
    pub next_object: u32,
}

/// Finding databases.
impl State {
    /// The database of the instance that is attached from that file.
    pub fn attached(&self, instance: Instance, path: &Path) -> Option<&Database> {
        self.databases
            .values()
            .find(|db| db.instance == instance && db.path == path)
    }

    /// How often the database is open, in all sessions.
    pub fn opens(&self, instance: Instance, dbid: Dbid) -> usize {
        self.sessions
            .values()
            .filter(|session| session.instance == instance)
            .filter_map(|session| session.opened.get(&dbid))
            .sum()
    }

    /// The database that a call names by its number, which its session has to have open.
    ///
    /// # Errors
    /// `JET_errInvalidDatabaseId`.
    pub fn database_of(&self, sesid: Sesid, dbid: Dbid) -> Jet<&Database> {
        let session = self.session(sesid)?;
        DBID.refuse(!session.has_open(dbid), JetError::InvalidDatabaseId)?;
        self.database(session.instance, dbid)
    }

    /// The tables of a database.
    pub(super) fn tables_in(&self, home: (Instance, Dbid)) -> Vec<TableKey> {
        self.tables
            .values()
            .filter(|table| table.home == home)
            .map(|table| table.key)
            .collect()
    }

    /// Opens an attached database in a session.
    pub(super) fn open(&mut self, sesid: Sesid, path: &Path, grbit: u32) -> Jet<Warned<Dbid>> {
        let instance = self.session(sesid)?.instance;
        let database = self
            .attached(instance, path)
            .ok_or_else(|| NOT_ATTACHED.error(JetError::DatabaseNotFound))?;
        let (dbid, read_only, exclusive) = (database.dbid, database.read_only, database.exclusive);
        self.check_one_per_session(sesid, Some(dbid))?;
        let locked = exclusive.is_some_and(|owner| owner != sesid);
        LOCKED.refuse(locked, JetError::DatabaseLocked)?;
        if grbit & bits::EXCLUSIVE != 0 {
            let in_use = self.opens(instance, dbid) > 0;
            EXCLUSIVE.refuse(in_use, JetError::DatabaseInUse)?;
            self.database_mut(instance, dbid)?.exclusive = Some(sesid);
        }
        *self.session_mut(sesid)?.opened.entry(dbid).or_default() += 1;
        let surprised = read_only && grbit & bits::READ_ONLY == 0;
        if surprised && READ_ONLY_WARNING.holds() {
            return Ok(Warned::with(dbid, JetWarning::FileOpenReadOnly));
        }
        Ok(Warned::plain(dbid))
    }

    /// Refuses another database where the instance allows a session only one.
    pub(super) fn check_one_per_session(&self, sesid: Sesid, dbid: Option<Dbid>) -> Jet<()> {
        let session = self.session(sesid)?;
        let only_one = self
            .instance(session.instance)?
            .settings
            .flag(id::ONE_DATABASE_PER_SESSION);
        let other = session.opened.keys().any(|open| Some(*open) != dbid);
        ONE_PER_SESSION.refuse(only_one && other, JetError::OneDatabasePerSession)
    }

    /// Closes every cursor of the session on the database, save those whose event is delivered.
    fn close_cursors_in(&mut self, sesid: Sesid, dbid: Dbid) {
        for tableid in self.cursors_of(sesid) {
            let Ok(cursor) = self.cursor(tableid) else {
                continue;
            };
            let spared = self.threads.restricts(tableid) && CLOSE_INSIDE.holds();
            if cursor.dbid == dbid && !spared {
                self.close_cursor(tableid);
            }
        }
    }

    /// Takes one opening of the database back; the last one closes the session's cursors.
    fn close(&mut self, sesid: Sesid, dbid: Dbid) -> Jet<()> {
        let session = self.session_mut(sesid)?;
        let instance = session.instance;
        let Some(count) = session.opened.get_mut(&dbid) else {
            return Ok(());
        };
        *count -= 1;
        if *count == 0 {
            session.opened.remove(&dbid);
            if CLOSE_CURSORS.holds() {
                self.close_cursors_in(sesid, dbid);
            }
        }
        let database = self.database_mut(instance, dbid)?;
        if database.exclusive == Some(sesid) {
            database.exclusive = None;
        }
        Ok(())
    }

    /// Closes every database of a session.
    pub(super) fn close_all(&mut self, sesid: Sesid) {
        while let Some(dbid) = self
            .session(sesid)
            .ok()
            .and_then(|session| session.opened.keys().next().copied())
        {
            if self.close(sesid, dbid).is_err() {
                return;
            }
        }
    }
}

/// The file that a path means.
///
/// # Errors
/// `JET_errDatabaseInvalidPath` for no path.
pub(super) fn file(path: Option<&str>, rule: &super::rules::Rule) -> Jet<PathBuf> {
    let text = path.filter(|text| !text.is_empty());
    text.map(complete)
        .ok_or_else(|| rule.error(JetError::DatabaseInvalidPath))
}

impl Engine {
    /// JetOpenDatabase; the connect string is ignored. (jetopendatabase-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errDatabaseInvalidPath`, `JET_errDatabaseNotFound`,
    /// `JET_errOneDatabasePerSession`, `JET_errDatabaseLocked`, `JET_errDatabaseInUse`.
    pub fn open_database(&self, sesid: Sesid, path: Option<&str>, grbit: u32) -> Jet<Warned<Dbid>> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        let path = file(path, &PATH)?;
        let in_transaction = call.session(sesid)?.level() > 0;
        IN_TRANSACTION.allow(in_transaction, JetError::InTransaction)?;
        let unknown = grbit & !(bits::READ_ONLY | bits::EXCLUSIVE) != 0;
        UNKNOWN_BITS.allow(unknown, JetError::InvalidGrbit)?;
        let opened = call.open(sesid, &path, grbit)?;
        if OPENS.holds() {
            return Ok(opened);
        }
        Ok(Warned::plain(Dbid(opened.value.0 + 1)))
    }

    /// JetCloseDatabase. (jetclosedatabase-function.md)
    ///
    /// # Errors
    /// Those of the session gates that hold even after JetStopService, `JET_errInvalidDatabaseId`,
    /// `JET_errDatabaseNotFound` for a database that the session has not open.
    pub fn close_database(&self, sesid: Sesid, dbid: Dbid) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::EvenStopped)?;
        let instance = call.instance;
        let attached = call.database(instance, dbid).is_ok();
        let opened = call.session(sesid)?.has_open(dbid);
        DBID.refuse(!attached, JetError::InvalidDatabaseId)?;
        let not_opened = if quirks::CLOSE_NOT_OPENED.genuine() {
            JetError::InvalidDatabaseId
        } else {
            JetError::DatabaseNotFound
        };
        CLOSE_NOT_OPENED.refuse(!opened, not_opened)?;
        if !CLOSES.holds() {
            call.session_mut(sesid)?.opened.insert(dbid, 1);
        }
        call.close(sesid, dbid)
    }
}
