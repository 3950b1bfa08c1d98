//! JetUpdate: the prepared insert or replace happens, with its callbacks before and after.
//!
//! (jetupdate-function.md, jetupdate2-function.md, jet-cbtyp.md)

use std::sync::Arc;

use super::callback::reason;
use super::dispatch::Stand;
use super::engine::{Engine, State};
use super::gate::Call;
use super::handles::{Sesid, TableKey, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::position::Position;
use super::prepare::{Prep, Prepared};
use super::rules::rules;
use super::store::{Bookmark, Entry, Intent, Keys};
use super::temp_table::DUPLICATE_REFUSED;
use super::transaction::UNMATCHED;
use super::value::record::Record;
use crate::abi::errors::JetError;

rules! {
    /// The bookmark of a replace is cut to the buffer.
    BOOKMARK_CUT = "update/bookmark-replace-cut";
    /// The option about older engines changes nothing for a record with few values.
    /// (jetupdate2-function.md)
    COMPATIBILITY = "update/compatibility-option";
    /// JetUpdate2 does what JetUpdate does. (jetupdate2-function.md)
    SECOND_FORM = "update/second-form";
    /// A null that an index disallows. (jetupdate-function.md)
    NULL_KEY = "update/null-key";
    /// A key that an index may not cut. (jetupdate-function.md)
    KEY_TRUNCATED = "update/key-truncated";
    /// An update that fails calls nobody afterwards. (jetupdate-function.md)
    FAILS_SILENTLY = "update/failure-calls-no-after";
    /// A unique index takes each key once. (jet-indexcreate-structure.md)
    UNIQUE_INDEX = "index/unique";
    /// An update that is done is prepared no more. (jetupdate-function.md)
    DONE = "update/done";
    /// The original is deleted. (jetprepareupdate-function.md)
    COMPOUND = "update/copy-delete-original";
    /// The bookmark of the record is told. (jetupdate-function.md)
    BOOKMARK = "update/bookmark";
    /// An insert does not move the cursor.
    STAYS = "update/insert-stays";
    /// After an insert the cursor stands where it stood. (jet-cbtyp.md)
    AFTER_INSERT_STAYS = "cbtyp/after-insert-not-moved";
    /// A key is taken by a record that the session does not see, too.
    UNSEEN = "update/key-duplicate-unseen";
    /// Unknown options are ignored.
    UNKNOWN = "update/unknown-bits";
    /// After the change nothing is prepared any more.
    AFTER_NOT_PREPARED = "cbtyp/after-not-prepared";
    /// After a replace the record has its new values. (jet-cbtyp.md)
    AFTER_NEW_VALUES = "cbtyp/after-replace-new-values";
    /// The delete of an original is told before the insert of the copy is tried.
    AFTER_DELETE_EARLY = "cbtyp/copy-delete-original-after-delete-early";
    /// Nothing is prepared, or only a copy for reading. (jetupdate-function.md)
    NOT_PREPARED = "update/not-prepared";
    /// An unversioned update is only for a table created in the same transaction.
    /// (jetupdate2-function.md)
    MUST_VERSION = "update/no-version-committed-table";
    /// The Before callback of an insert comes before the record is checked. (jet-cbtyp.md)
    BEFORE_INSERT_FIRST = "callback/before-insert-precedes-checks";
    /// An autoincrement column that must be set was not.
    AUTOINCREMENT_NOT_SET = "update/autoincrement-not-set";
    /// Inside BeforeInsert the auto-increment column has its value, the version column none.
    NUMBERS_BEFORE = "cbtyp/before-insert-auto-increment";
    /// Inside After callbacks no copy is left to be read.
    NO_COPY_AFTER = "cbtyp/after-copy-is-record";
    /// Inside a transaction others see a change only once that is committed.
    WITHIN_TRANSACTION = "callback/after-within-transaction";
    /// A change that fails takes back what its callbacks did with its session.
    UNDOES_INSIDE = "callback/veto-undoes-inside";
    /// A version column starts at zero. (jet-columndef-structure.md)
    VERSION_STARTS = "update/version-starts-at-zero";
    /// The bookmark of the new record fits into the buffer. (jetupdate-function.md)
    BOOKMARK_FITS = "update/bookmark-buffer-too-small";
    /// No two records have the same primary key. (jetupdate-function.md)
    PRIMARY_DUPLICATE = "update/key-duplicate";
    /// No two records have the same key in a unique index. (jetupdate-function.md)
    UNIQUE_DUPLICATE = "update/unique-key-duplicate";
    /// With the original deleted, the callbacks are those of a delete and of an insert.
    DELETE_THEN_INSERT = "callback/compound-delete-insert";
    /// What fails the delete, an error of its Before callback for one, fails the whole update.
    COMPOUND_VETO = "callback/compound-veto";
    /// An After callback is called once the update is committed to the transaction around it.
    /// (jet-cbtyp.md)
    AFTER_COMMIT = "callback/after-follows-commit";
    /// When an update fails no After callback has been called. (jetupdate-function.md)
    FAILURE_NO_AFTER = "update/failure-calls-no-after";
    /// A failed update stays prepared. (jetupdate-function.md)
    STAYS_PREPARED = "update/stays-prepared-on-failure";
    /// A transaction that a callback ended cannot be committed by the update around it.
    UNBALANCED = "callback/unbalanced-transaction";
}

/// `JET_bitUpdateNoVersion` (jetupdate2-function.md)
const NO_VERSION: u32 = 0x2;
/// `JET_bitUpdateCheckESE97Compatibility` (jetupdate2-function.md)
const CHECK_ESE97: u32 = 0x1;

impl Engine {
    /// JetUpdate and JetUpdate2. `buffer` is `cbBookmark` where `pvBookmark` is given. Gives the
    /// bookmark of the record. Options that no page lists are ignored. (jetupdate2-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errUpdateNotPrepared`, `JET_errUpdateMustVersion`, the error
    /// of a Before callback, `JET_errNullInvalid`, `JET_errAutoIncrementNotSet`,
    /// `JET_errNullKeyDisallowed`, `JET_errBufferTooSmall`, `JET_errKeyDuplicate`,
    /// `JET_errOutOfDatabaseSpace`, `JET_errRecordPrimaryChanged`, `JET_errWriteConflict`,
    /// `JET_errRecordDeleted`, `JET_errSessionSharingViolation` when a callback ended the transaction.
    pub fn update(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        buffer: Option<u32>,
        grbit: u32,
    ) -> Jet<Bookmark> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::Update)?;
        let Some(prepared) = call.cursor(tableid)?.writable_update() else {
            NOT_PREPARED.refuse(true, JetError::UpdateNotPrepared)?;
            return Ok(Bookmark::new());
        };
        UNKNOWN.allow(grbit & !NO_VERSION != 0, JetError::InvalidGrbit)?;
        COMPATIBILITY.allow(grbit & CHECK_ESE97 != 0, JetError::InvalidGrbit)?;
        let prep = prepared.prep;
        call.begin_inner(sesid)?;
        let level = call.session(sesid)?.level();
        let done = call.apply(tableid, prep, buffer, grbit);
        let after = if prep.replaces() {
            reason::AFTER_REPLACE
        } else {
            reason::AFTER_INSERT
        };
        if done.is_err() {
            if !FAILURE_NO_AFTER.holds() {
                call.after(tableid, after)?;
            }
            call.abandon_level(level)?;
            call.restore_compound(tableid, prep);
            if grbit & NO_VERSION != 0 && !matches!(done, Err(JetError::UpdateMustVersion)) {
                call.must_roll_back(tableid)?;
            }
        }
        if done.is_err() && !FAILS_SILENTLY.holds() {
            call.after(tableid, reason::AFTER_INSERT)?;
        }
        let over = match done {
            Ok(_) => DONE.holds() && AFTER_NOT_PREPARED.holds() && NO_COPY_AFTER.holds(),
            Err(_) => !STAYS_PREPARED.holds(),
        };
        if over && let Ok(cursor) = call.cursor_mut(tableid) {
            cursor.update = None;
        }
        let bookmark = done?;
        let small = buffer.is_some_and(|size| (size as usize) < bookmark.len());
        BOOKMARK_CUT.allow(small, JetError::BufferTooSmall)?;
        if prep.inserts() && !(STAYS.holds() && AFTER_INSERT_STAYS.holds()) {
            call.go_to_new(tableid, &bookmark)?;
        }
        if AFTER_COMMIT.holds() {
            call.close_level(level)?;
            call.show_early(sesid)?;
            call.after(tableid, after)?;
        } else {
            call.after(tableid, after)?;
            call.close_level(level)?;
        }
        if let Ok(cursor) = call.cursor_mut(tableid) {
            if DONE.holds() {
                cursor.update = None;
            }
            if !AFTER_NEW_VALUES.holds() {
                cursor.asked_for.clear();
            }
        }
        if !BOOKMARK.holds() {
            return Ok(Bookmark::new());
        }
        Ok(bookmark)
    }
}

impl State {
    /// Puts the cursor on the record that it has inserted, as a sloppy engine would.
    fn go_to_new(&mut self, tableid: Tableid, bookmark: &Bookmark) -> Jet<()> {
        let cursor = self.cursor_mut(tableid)?;
        cursor.position = Position::On(Entry {
            key: bookmark.clone(),
            bookmark: bookmark.clone(),
        });
        Ok(())
    }
}

impl Call<'_> {
    /// Commits the level of an update, which was the `level`th, or what a callback has left of it.
    ///
    /// # Errors
    /// `JET_errSessionSharingViolation` when a callback has ended the whole transaction.
    pub(super) fn close_level(&mut self, level: usize) -> Jet<()> {
        let sesid = self.sesid;
        let now = self.session(sesid)?.level();
        if now == 0 {
            let alone = level <= 1;
            let rule = if alone { &UNMATCHED } else { &UNBALANCED };
            return rule.refuse(true, JetError::SessionSharingViolation);
        }
        if std::mem::take(&mut self.session_mut(sesid)?.lost) {
            return self.rollback_level(sesid).map(|_| ());
        }
        // A level that a callback opened and left open stays open in the place of this one.
        self.commit_level(sesid).map(|_| ())
    }

    /// Rolls the level of an update back, if a callback has left it.
    pub(super) fn abandon_level(&mut self, level: usize) -> Jet<()> {
        let sesid = self.sesid;
        if self.session(sesid)?.level() >= level {
            if UNDOES_INSIDE.holds() {
                self.rollback_level(sesid)?;
            } else {
                self.commit_level(sesid)?;
            }
        }
        Ok(())
    }

    /// Shows a change to others before its transaction is committed, as a sloppy engine would.
    pub(super) fn show_early(&mut self, sesid: Sesid) -> Jet<()> {
        if WITHIN_TRANSACTION.holds() {
            return Ok(());
        }
        self.settle_early(sesid)
    }

    /// An unversioned update has failed: its table may be in any state until the transaction that
    /// made it is rolled back, so the session's cursors on it are of no more use.
    fn must_roll_back(&mut self, tableid: Tableid) -> Jet<()> {
        let sesid = self.sesid;
        let table = self.cursor(tableid)?.table;
        for cursor in self.cursors.values_mut() {
            if cursor.sesid == sesid && cursor.table == table && cursor.stand == Stand::Stored {
                cursor.stand = Stand::MustRollBack;
            }
        }
        if let Some(transaction) = self.session_mut(sesid)?.transaction.as_mut() {
            transaction.must_roll_back = true;
        }
        Ok(())
    }

    fn apply(
        &mut self,
        tableid: Tableid,
        prep: Prep,
        buffer: Option<u32>,
        grbit: u32,
    ) -> Jet<Bookmark> {
        self.check_version(tableid, prep, grbit)?;
        if prep.replaces() {
            return self.replace(tableid, prep);
        }
        let mut original = None;
        if prep.deletes_original() {
            // Until the update is done it is an insert: the callbacks of the delete may delete again.
            if let Some(update) = self.cursor_mut(tableid)?.update.as_mut() {
                update.prep = Prep::InsertCopy;
            }
            original = self.original(tableid)?;
            if DELETE_THEN_INSERT.holds() && COMPOUND.holds() {
                let deleted = self.delete_current(tableid);
                if COMPOUND_VETO.holds() {
                    deleted?;
                }
                if AFTER_DELETE_EARLY.holds() {
                    self.after(tableid, reason::AFTER_DELETE)?;
                }
            }
        }
        let inserted = self.insert(tableid, buffer, grbit & NO_VERSION != 0);
        if inserted.is_err() {
            self.put_back(tableid, original)?;
        }
        let bookmark = inserted?;
        if prep.deletes_original() && !AFTER_DELETE_EARLY.holds() {
            self.after(tableid, reason::AFTER_DELETE)?;
        }
        Ok(bookmark)
    }

    fn check_version(&self, tableid: Tableid, prep: Prep, grbit: u32) -> Jet<()> {
        if grbit & NO_VERSION == 0 {
            return Ok(());
        }
        let view = self.view(self.sesid)?;
        let table = self.table(self.cursor(tableid)?.table)?;
        let uncommitted = table.created_by.is_some() && table.created_by == view.tx;
        MUST_VERSION.refuse(!uncommitted || prep.replaces(), JetError::UpdateMustVersion)
    }

    /// The prepared update of a cursor; a callback may have done away with it.
    pub(super) fn prepared(&mut self, tableid: Tableid) -> Jet<&mut Prepared> {
        let update = self.cursor_mut(tableid)?.update.as_mut();
        update.ok_or_else(|| NOT_PREPARED.error(JetError::UpdateNotPrepared))
    }

    fn insert(
        &mut self,
        tableid: Tableid,
        buffer: Option<u32>,
        unversioned: bool,
    ) -> Jet<Bookmark> {
        let sesid = self.sesid;
        if !NUMBERS_BEFORE.holds() {
            self.start_version(tableid)?;
        }
        if BEFORE_INSERT_FIRST.holds() {
            self.before(tableid, reason::BEFORE_INSERT)?;
        }
        let view = self.view(sesid)?;
        let key = self.cursor(tableid)?.table;
        let schema = Arc::clone(self.table(key)?.schema(view));
        let prepared = self.prepared(tableid)?;
        prepared.copy.check_not_null(&schema.columns)?;
        if let Some(column) = schema.columns.autoincrement() {
            let unset = prepared.copy.count(column) == 0;
            AUTOINCREMENT_NOT_SET.refuse(unset, JetError::AutoIncrementNotSet)?;
        }
        // The copy stays as it is: an insert that fails leaves it prepared.
        let mut record = prepared.copy.clone();
        if let Some(version) = schema.columns.version()
            && record.held(version.columnid) == 0
            && VERSION_STARTS.holds()
        {
            record.put(version.columnid, Some(0_u32.to_le_bytes().to_vec()));
        }
        let record = Arc::new(record);
        let bookmark = self.new_bookmark(tableid, key, view, &record)?;
        let too_small = buffer.is_some_and(|size| (size as usize) < bookmark.len());
        BOOKMARK_FITS.refuse(too_small, JetError::BufferTooSmall)?;
        let rows = &self.table(key)?.rows;
        let seen =
            rows.is_visible(view, &bookmark) && !rows.conflicts(view, &bookmark, Intent::Write);
        let taken = rows.is_taken(view, &bookmark) && (seen || UNSEEN.holds());
        if taken && self.drops_duplicates(tableid)? {
            return Ok(bookmark);
        }
        let temporary = self.table(key)?.is_temporary();
        let rule = if temporary {
            &DUPLICATE_REFUSED
        } else {
            &PRIMARY_DUPLICATE
        };
        rule.refuse(taken, JetError::KeyDuplicate)?;
        let keys = match self.secondary_keys(tableid, &record) {
            Err(JetError::NullKeyDisallowed) if !NULL_KEY.holds() => Ok(Keys::new()),
            Err(JetError::KeyTruncated) if !KEY_TRUNCATED.holds() => Ok(Keys::new()),
            keys => keys,
        };
        let keys = keys.and_then(|keys| self.check_unique(key, &bookmark, &keys).map(|()| keys));
        if keys.is_err() && unversioned {
            // Half of an insert without versions cannot be taken back alone.
            for cursor in self
                .cursors
                .values_mut()
                .filter(|cursor| cursor.table == key)
            {
                cursor.stand = Stand::MustRollBack;
            }
        }
        let keys = keys?;
        if !BEFORE_INSERT_FIRST.holds() {
            self.before(tableid, reason::BEFORE_INSERT)?;
        }
        self.check_room_for(key, view, &record)?;
        self.write_row(key, &bookmark, record, keys)?;
        Ok(bookmark)
    }

    /// The version of a new record is zero.
    fn start_version(&mut self, tableid: Tableid) -> Jet<()> {
        let view = self.view(self.sesid)?;
        let schema = Arc::clone(self.table(self.cursor(tableid)?.table)?.schema(view));
        let copy = &mut self.prepared(tableid)?.copy;
        if let Some(version) = schema.columns.version()
            && copy.held(version.columnid) == 0
            && VERSION_STARTS.holds()
        {
            copy.put(version.columnid, Some(0_u32.to_le_bytes().to_vec()));
        }
        Ok(())
    }

    pub(super) fn check_unique(&self, key: TableKey, bookmark: &[u8], keys: &Keys) -> Jet<()> {
        let view = self.view(self.sesid)?;
        let table = self.table(key)?;
        for index in table
            .all_secondary()
            .iter()
            .filter(|index| index.is_unique())
        {
            let taken = |key| table.rows.is_key_taken(view, index.id, key, bookmark);
            let duplicate = keys.of(index.id).any(|key| taken(key));
            let duplicate = duplicate && UNIQUE_INDEX.holds();
            UNIQUE_DUPLICATE.refuse(duplicate, JetError::KeyDuplicate)?;
        }
        Ok(())
    }

    pub(super) fn write_row(
        &mut self,
        key: TableKey,
        bookmark: &[u8],
        record: Arc<Record>,
        keys: Keys,
    ) -> Jet<()> {
        let sesid = self.sesid;
        if self.session(sesid)?.level() == 0 {
            // A callback has ended the transaction: what follows is committed on its own.
            return self.within_level(sesid, |state| {
                state.write_version(sesid, key, bookmark, record, keys)
            });
        }
        self.write_version(sesid, key, bookmark, record, keys)
    }
}

impl State {
    fn write_version(
        &mut self,
        sesid: Sesid,
        key: TableKey,
        bookmark: &[u8],
        record: Arc<Record>,
        keys: Keys,
    ) -> Jet<()> {
        let tx = self.transaction_of(sesid)?;
        let change = self.table_mut(key)?.rows.write(tx, bookmark, record, keys);
        self.note_row(sesid, key, tx, change)
    }
}
