//! JetDelete.
//!
//! (jetdelete-function.md, jet-cbtyp.md)

use super::callback::reason;
use super::engine::{Engine, State};
use super::gate::Call;
use super::handles::{Sesid, TableKey, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::position::{Position, RECORD_DELETED};
use super::replace::DELETED_INSIDE;
use super::rules::rules;
use super::update::AFTER_COMMIT;
use crate::abi::errors::JetError;

rules! {
    /// The cursor stays between the neighbours of the deleted record. (jetdelete-function.md)
    POSITION = "delete/position";
    /// Until it is moved reading finds the deleted record.
    READING_AFTER = "delete/reading-after";
    /// A deletion that fails leaves the cursor where it is. (jetdelete-function.md)
    KEEPS_POSITION = "delete/failure-keeps-position";
    /// A record that another session has changed or locked stays. (jetdelete-function.md)
    CONFLICT = "delete/conflict";
    /// The record is gone. (jetdelete-function.md)
    DELETES = "delete/done";
    /// Without a record nothing is deleted. (jetdelete-function.md)
    NO_RECORD = "delete/no-record";
    /// A call that is refused at its door deletes nothing. (jetdelete-function.md)
    REFUSED_CHANGES_NOTHING = "gate/refusal-changes-nothing";
    /// A read-only cursor deletes nothing. (jetdelete-function.md)
    READ_ONLY_CURSOR = "delete/read-only-cursor";
    /// A read-only transaction deletes nothing. (jetdelete-function.md)
    READ_ONLY_TRANSACTION = "delete/read-only-transaction";
    /// A record is deleted once.
    DELETED = "delete/record-deleted";
    /// A change that is refused for being read-only calls nobody.
    REFUSED_SILENTLY = "cbtyp/read-only-fires-nothing";
    /// The Before callback of a delete comes before a conflict is seen.
    BEFORE_CONFLICT = "cbtyp/before-delete-conflict";
    /// With an insert prepared that deletes the original nothing else is deleted.
    COMPOUND_PREPARED = "delete/compound-prepared";
    /// Any other prepared update is cancelled first. (jetdelete-function.md)
    CANCELS_UPDATE = "delete/cancels-update";
    /// The Before callback of a delete comes before the cursor and the record are looked at.
    BEFORE_FIRST = "callback/before-delete-precedes-checks";
}

impl Engine {
    /// JetDelete. (jetdelete-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errPermissionDenied`, `JET_errTransReadOnly`,
    /// `JET_errAlreadyPrepared`, the error of a Before callback, `JET_errNoCurrentRecord`,
    /// `JET_errRecordDeleted`, `JET_errWriteConflict`, `JET_errSessionSharingViolation` when a
    /// callback ended the transaction.
    pub fn delete(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        let mut call = match self.enter_cursor(sesid, tableid, Operation::Delete) {
            Err(error) if !REFUSED_CHANGES_NOTHING.holds() => {
                return self.refuse_too_late(tableid, error);
            }
            entered => entered?,
        };
        if !REFUSED_SILENTLY.holds() {
            call.before(tableid, reason::BEFORE_DELETE)?;
        }
        call.check_writer(sesid, tableid, &READ_ONLY_CURSOR, &READ_ONLY_TRANSACTION)?;
        let update = call.cursor(tableid)?.update.as_ref();
        let compound = update.is_some_and(|update| update.prep.deletes_original());
        COMPOUND_PREPARED.refuse(compound, JetError::AlreadyPrepared)?;
        if CANCELS_UPDATE.holds() {
            call.cursor_mut(tableid)?.update = None;
        }
        call.begin_inner(sesid)?;
        let level = call.session(sesid)?.level();
        let done = call.delete_current(tableid).map_err(told);
        match done {
            Ok(()) if AFTER_COMMIT.holds() => {
                call.close_level(level)?;
                call.show_early(sesid)?;
            }
            Ok(()) => {
                call.after(tableid, reason::AFTER_DELETE)?;
                return call.close_level(level);
            }
            Err(error) => {
                call.abandon_level(level)?;
                if !KEEPS_POSITION.holds() {
                    call.cursor_mut(tableid)?.reset_position();
                }
                return Err(error);
            }
        }
        call.after(tableid, reason::AFTER_DELETE)?;
        if !(POSITION.holds() && READING_AFTER.holds()) {
            let rows = call.walk(sesid, tableid)?.first().is_some();
            // Without the rule it is at the wrong end.
            call.cursor_mut(tableid)?.position = match rows {
                true => Position::Before,
                false => Position::After,
            };
        }
        Ok(())
    }
}

/// What is said where there is no record to delete.
fn told(error: JetError) -> JetError {
    match error {
        JetError::NoCurrentRecord => NO_RECORD.error(error),
        JetError::RecordDeleted => DELETED.error(error),
        other => other,
    }
}

impl Engine {
    /// Deletes the current record without calling anybody.
    pub(super) fn delete_silently(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::Delete)?;
        call.within_level(sesid, |state| state.delete_row(sesid, tableid))
    }

    /// Deletes the record and refuses the call only then, as an engine does that looks at its
    /// handles too late.
    fn refuse_too_late(&self, tableid: Tableid, error: JetError) -> Jet<()> {
        let owner = self.lock().cursor(tableid).map(|cursor| cursor.sesid);
        if let Ok(owner) = owner {
            // The caller learns of the refusal alone.
            let _done = self.delete_silently(owner, tableid);
        }
        Err(error)
    }
}

impl Call<'_> {
    /// Deletes the current record within the level that is open.
    ///
    /// # Errors
    /// The error of a Before callback, `JET_errNoCurrentRecord`, `JET_errRecordDeleted`,
    /// `JET_errWriteConflict`, and those of user-defined defaults.
    pub(super) fn delete_current(&mut self, tableid: Tableid) -> Jet<()> {
        let sesid = self.sesid;
        let callers = self.session(sesid)?.level() > 1;
        self.session_mut(sesid)?.all_rolled_back = false;
        if !BEFORE_FIRST.holds() {
            self.current_record(sesid, tableid)?;
        }
        if !BEFORE_CONFLICT.holds() {
            self.lock_current(sesid, tableid)?;
        }
        self.before(tableid, reason::BEFORE_DELETE)?;
        if self.session(sesid)?.level() == 0 {
            if callers && self.session(sesid)?.all_rolled_back {
                // The cursor has lost its record with the transaction that it was found in.
                return Err(JetError::NoCurrentRecord);
            }
            // A callback has ended the transaction: what follows is committed on its own.
            return self.within_level(sesid, |state| state.delete_row(sesid, tableid));
        }
        let current = self.current_record(sesid, tableid);
        if matches!(current, Err(JetError::RecordDeleted)) && !DELETED_INSIDE.holds() {
            return Ok(());
        }
        self.lock_for(sesid, tableid, &CONFLICT)?;
        let current = self.current_record(sesid, tableid)?;
        self.rebuild_default_keys(tableid, &current.1)?;
        self.cursor_mut(tableid)?.deleted = Some(current);
        self.delete_row(sesid, tableid)
    }
}

impl State {
    fn delete_row(&mut self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        let bookmark = self.lock_for(sesid, tableid, &CONFLICT)?;
        let view = self.view(sesid)?;
        let key: TableKey = self.cursor(tableid)?.table;
        let visible = self.table(key)?.rows.is_visible(view, &bookmark);
        RECORD_DELETED.refuse(!visible, JetError::RecordDeleted)?;
        if !DELETES.holds() {
            return Ok(());
        }
        let tx = self.transaction_of(sesid)?;
        let change = self.table_mut(key)?.rows.delete(tx, &bookmark);
        self.note_row(sesid, key, tx, change)
    }
}
