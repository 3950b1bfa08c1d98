//! Locking the current record, and looking at it.
//!
//! (jetgetlock-function.md)

use std::borrow::Cow;
use std::sync::Arc;

use super::callback::reason;
use super::engine::{Engine, State};
use super::handles::{Sesid, TableKey, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::position::{RECORD_DELETED, Walk};
use super::prepare::USED_UP;
use super::redo::Touched;
use super::retrieve::AFTER_DELETE;
use super::rules::{Rule, rules};
use super::settings::id;
use super::store::{Bookmark, Change, Entry, Intent, Lock, Stamp, TxId};
use super::table::Table;
use super::threads::here;
use super::transaction::Step;
use super::value::record::Record;
use crate::abi::errors::JetError;

rules! {
    /// Without versions a change of a temporary table cannot be taken back.
    /// (temporary-database-parameters.md)
    UNVERSIONED = "temp/versioning-off";
    /// A record that another session has changed or locked is not locked for writing.
    /// (jetgetlock-function.md)
    LOCK_CONFLICT = "update/lock-conflict";
    /// A session may lock again what it has locked. (jetgetlock-function.md)
    LOCK_AGAIN = "update/lock-gets";
    /// Without a record nothing is locked. (jetgetlock-function.md)
    LOCK_NO_RECORD = "update/lock-no-record";
    /// A read-only cursor takes no write lock. (jetgetlock-function.md)
    LOCK_READ_ONLY_CURSOR = "update/lock-read-only-cursor";
    /// A read-only transaction takes no write lock. (jetgetlock-function.md)
    LOCK_READ_ONLY_TRANSACTION = "update/lock-read-only-transaction";
    /// A lock lasts to the end of a transaction, so it needs one. (jetgetlock-function.md)
    IN_TRANSACTION = "update/lock-in-transaction";
    /// That is judged before the record.
    IN_TRANSACTION_FIRST = "update/lock-in-transaction-first";
    /// A lock is a read lock or a write lock. (jetgetlock-function.md)
    GRBIT = "update/lock-grbit";
    /// A row that another session has changed or locked cannot be written: neither while its
    /// transaction is open, nor by a transaction that began before it was committed.
    /// (jetprepareupdate-function.md)
    WRITE_CONFLICT = "update/write-conflict";
    /// A row that another session has changed or locked for writing cannot be read-locked.
    /// (jetgetlock-function.md)
    READ_LOCK_CONFLICT = "update/read-lock-conflict";
    /// Read locks do not keep each other out. (jetgetlock-function.md)
    LOCKS_AGREE = "update/read-locks-agree";
}

/// Options of JetGetLock. (jetgetlock-function.md)
mod bits {
    pub const READ: u32 = 0x1;
    pub const WRITE: u32 = 0x2;
}

/// A version of a row was written.
#[derive(Debug)]
pub(super) struct RowChanged {
    pub table: TableKey,
    pub tx: TxId,
    pub change: Change,
}

impl Step for RowChanged {
    fn undo(self: Box<Self>, state: &mut State) {
        if let Ok(table) = state.table_mut(self.table) {
            table.rows.undo(&self.change);
            if !USED_UP.holds() {
                table.next_autoincrement = table.next_autoincrement.saturating_sub(1).max(1);
            }
        }
    }

    fn settle(self: Box<Self>, state: &mut State, stamp: Stamp) {
        let oldest = state.oldest_view();
        if let Ok(table) = state.table_mut(self.table) {
            table.rows.settle(&self.change, self.tx, stamp);
            table.rows.prune(oldest);
        }
    }

    fn touch(&self, touched: &mut Touched) {
        let row = (self.table, self.change.bookmark.clone());
        touched.rows.insert(row);
    }
}

impl State {
    /// The oldest moment that some open transaction sees.
    pub(super) fn oldest_view(&self) -> Stamp {
        let began = self
            .sessions
            .values()
            .filter_map(|session| session.transaction.as_ref());
        began.map(|trx| trx.began).min().unwrap_or(Stamp::NOW)
    }

    /// The entries of a cursor's index as its session sees them.
    pub(super) fn walk(&self, sesid: Sesid, tableid: Tableid) -> Jet<Walk<'_, Record>> {
        let cursor = self.cursor(tableid)?;
        Ok(Walk {
            rows: &self.table(cursor.table)?.rows,
            view: self.view(sesid)?,
            order: cursor.order(),
        })
    }

    /// The entry that the cursor is on, whether its record is there or not. A fresh cursor is put
    /// on the first record.
    ///
    /// # Errors
    /// `JET_errNoCurrentRecord`.
    pub(super) fn place(&mut self, sesid: Sesid, tableid: Tableid) -> Jet<Entry> {
        let walk = self.walk(sesid, tableid)?;
        let position = walk.resolve(&self.cursor(tableid)?.position);
        let place = walk.place(&position);
        if let Cow::Owned(position) = position {
            self.cursor_mut(tableid)?.position = position;
        }
        place
    }

    /// The record that the cursor is on, and its bookmark.
    ///
    /// # Errors
    /// `JET_errNoCurrentRecord`, `JET_errRecordDeleted`.
    pub(super) fn current_record(
        &mut self,
        sesid: Sesid,
        tableid: Tableid,
    ) -> Jet<(Bookmark, Arc<Record>)> {
        let bookmark = self.place(sesid, tableid)?.bookmark;
        let view = self.view(sesid)?;
        let rows = &self.table(self.cursor(tableid)?.table)?.rows;
        if let Some(record) = rows.read(view, &bookmark) {
            return Ok((bookmark, record));
        }
        let told = self.threads.reason(here()) == Some(reason::AFTER_DELETE);
        AFTER_DELETE.allow(told, JetError::InternalError)?;
        RECORD_DELETED.refuse(true, JetError::RecordDeleted)?;
        // Without the rule the record still shows as it was last.
        let last = rows.last(&bookmark).ok_or(JetError::RecordDeleted)?;
        Ok((bookmark, last))
    }

    /// Notes a change of a row in the session's innermost level.
    pub(super) fn note_row(
        &mut self,
        sesid: Sesid,
        table: TableKey,
        tx: TxId,
        change: Change,
    ) -> Jet<()> {
        self.note_work(|work| work.dirtied = work.dirtied.wrapping_add(1));
        if self.is_unversioned(self.table(table)?)? {
            self.table_mut(table)?.rows.settle_alone(&change);
            return Ok(());
        }
        self.note(sesid, RowChanged { table, tx, change })
    }

    /// Whether nobody can take back what is done to a table.
    ///
    /// # Errors
    /// `JET_errInvalidInstance` for a table whose instance has gone.
    pub(super) fn is_unversioned(&self, table: &Table) -> Jet<bool> {
        if !table.is_temporary() {
            return Ok(false);
        }
        let settings = &self.instance(table.home.0)?.settings;
        let versions = settings.flag(id::ENABLE_TEMP_TABLE_VERSIONING);
        Ok(!versions && UNVERSIONED.holds())
    }

    /// Locks the current record for writing.
    ///
    /// # Errors
    /// `JET_errNoCurrentRecord`, `JET_errRecordDeleted`, `JET_errWriteConflict`.
    pub(super) fn lock_current(&mut self, sesid: Sesid, tableid: Tableid) -> Jet<Bookmark> {
        self.lock_as(sesid, tableid, Lock::Write, &WRITE_CONFLICT)
    }

    /// As [`lock_current`](Self::lock_current), where a rule of the operation's own keeps others out.
    pub(super) fn lock_for(
        &mut self,
        sesid: Sesid,
        tableid: Tableid,
        own: &'static Rule,
    ) -> Jet<Bookmark> {
        self.lock_as(sesid, tableid, Lock::Write, own)
    }

    fn lock_as(
        &mut self,
        sesid: Sesid,
        tableid: Tableid,
        lock: Lock,
        own: &'static Rule,
    ) -> Jet<Bookmark> {
        let bookmark = self.place(sesid, tableid)?.bookmark;
        let view = self.view(sesid)?;
        let key = self.cursor(tableid)?.table;
        let rows = &self.table(key)?.rows;
        if !rows.is_visible(view, &bookmark) {
            // What the transaction itself deleted is its own to lock.
            let own = rows.is_deleted_by(view, &bookmark);
            RECORD_DELETED.refuse(!own, JetError::RecordDeleted)?;
            return Ok(bookmark);
        }
        let (rule, intent) = match lock {
            Lock::Read if LOCKS_AGREE.holds() => (&READ_LOCK_CONFLICT, Intent::ReadLock),
            Lock::Read => (&READ_LOCK_CONFLICT, Intent::Write),
            Lock::Write => (&WRITE_CONFLICT, Intent::Write),
        };
        let conflict = rows.conflicts(view, &bookmark, intent);
        rule.refuse(conflict && own.holds(), JetError::WriteConflict)?;
        let tx = self.transaction_of(sesid)?;
        let change = self.table_mut(key)?.rows.lock(tx, &bookmark, lock);
        if let Some(transaction) = self.session_mut(sesid)?.transaction.as_mut() {
            // A read lock is a version of the cursor's, too.
            transaction.changed_by.insert(tableid);
        }
        self.note_row(sesid, key, tx, change)?;
        Ok(bookmark)
    }
}

impl Engine {
    /// JetGetLock. (jetgetlock-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errNotInTransaction`, `JET_errInvalidGrbit`,
    /// `JET_errPermissionDenied`, `JET_errTransReadOnly`, `JET_errNoCurrentRecord`,
    /// `JET_errRecordDeleted`, `JET_errWriteConflict`.
    pub fn get_lock(&self, sesid: Sesid, tableid: Tableid, grbit: u32) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::GetLock)?;
        let outside = call.session(sesid)?.level() == 0;
        if !IN_TRANSACTION_FIRST.holds() {
            call.current_record(sesid, tableid)?;
        }
        IN_TRANSACTION.refuse(outside, JetError::NotInTransaction)?;
        let asked = grbit & (bits::READ | bits::WRITE);
        GRBIT.refuse(
            asked != bits::READ && asked != bits::WRITE,
            JetError::InvalidGrbit,
        )?;
        if outside {
            return Ok(());
        }
        let lock = match asked & bits::WRITE {
            0 => Lock::Read,
            _ => Lock::Write,
        };
        if lock == Lock::Write {
            LOCK_READ_ONLY_CURSOR.refuse(
                !call.cursor(tableid)?.mode.updatable,
                JetError::PermissionDenied,
            )?;
            LOCK_READ_ONLY_TRANSACTION.refuse(
                call.session(sesid)?.in_read_only_transaction(),
                JetError::TransReadOnly,
            )?;
            let transaction = call.session(sesid)?.transaction.as_ref();
            let locked = transaction.is_some_and(|trx| trx.versions_by(tableid));
            LOCK_AGAIN.allow(locked, JetError::WriteConflict)?;
        }
        match call.lock_as(sesid, tableid, lock, &LOCK_CONFLICT) {
            Err(JetError::NoCurrentRecord) => Err(LOCK_NO_RECORD.error(JetError::NoCurrentRecord)),
            locked => locked.map(|_| ()),
        }
    }
}
