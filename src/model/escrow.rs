//! JetEscrowUpdate: adding to a column without keeping others from adding to it too.
//!
//! (jetescrowupdate-function.md)

use super::callback::reason;
use super::engine::{Engine, State};
use super::handles::{Sesid, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::position::{Position, RECORD_DELETED};
use super::quirks;
use super::rules::rules;
use super::store::{Bookmark, Intent};
use super::value::grbit::ColumnGrbit;
use crate::abi::errors::JetError;

rules! {
    /// The delta is added, and the value before is told. (jetescrowupdate-function.md)
    ADDS = "escrow/adds";
    /// A rollback takes the change back. (jetescrowupdate-function.md)
    ROLLED_BACK = "escrow/rolled-back";
    /// An escrow update happens in a transaction. (jetescrowupdate-function.md)
    IN_TRANSACTION = "escrow/in-transaction";
    /// The column has to exist. (jetescrowupdate-function.md)
    BUFFER_SIZE = "escrow/buffer-size";
    /// The column has to be an escrow column. (jetescrowupdate-function.md)
    NOT_ESCROW = "escrow/column-kind";
    /// A row that another session has written or locked cannot be escrow updated.
    /// (jetescrowupdate-function.md)
    CONFLICT = "escrow/write-conflict";
    /// An escrow update of another session is no hindrance. (jetescrowupdate-function.md)
    SESSIONS_AGREE = "escrow/sessions-agree";
    /// With JET_bitEscrowNoRollback the change survives rollback.
    /// (jetescrowupdate-function.md)
    SURVIVES_ROLLBACK = "escrow/no-rollback-bit";
    /// Other sessions do not see a change that is not committed. (jetescrowupdate-function.md)
    OWN_VIEW = "escrow/own-view";
    /// The transaction is judged before cursor, column and sizes.
    TRANSACTION_FIRST = "escrow/in-transaction-first";
    /// Nothing is prepared on the cursor. (jetescrowupdate-function.md)
    UPDATE_PREPARED = "escrow/update-prepared";
    /// The column has to be one of the table.
    COLUMN_UNKNOWN = "escrow/column-unknown";
    /// The cursor may change records. (jetescrowupdate-function.md)
    READ_ONLY_CURSOR = "escrow/read-only-cursor";
    /// The transaction may change records. (jetescrowupdate-function.md)
    READ_ONLY_TRANSACTION = "escrow/read-only-transaction";
    /// The value before need not be asked for. (jetescrowupdate-function.md)
    OLD_VALUE_NULL = "escrow/old-value-null";
    /// The sum wraps around.
    WRAPS = "escrow/overflow-wraps";
    /// Options that no page lists are ignored.
    UNKNOWN_BITS = "escrow/unknown-bits";
    /// No callback is called.
    NO_REASONS = "escrow/no-reasons";
    /// The cursor has to be on a record. (jetescrowupdate-function.md)
    NO_CURRENT_RECORD = "escrow/no-current-record";
}

/// The size of a delta in bytes.
const SIZE: u32 = 4;
/// `JET_bitEscrowNoRollback` (jetescrowupdate-function.md)
const NO_ROLLBACK: u32 = 0x1;

/// The sizes that an escrow update is given, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// `cbMax`
    pub given: u32,
    /// `cbOldMax`, where `pvOld` is given.
    pub old: Option<u32>,
}

impl Sizes {
    fn check(self) -> Jet<()> {
        let short = self.old.is_some_and(|size| size != 0 && size < SIZE);
        BUFFER_SIZE.refuse(self.given != SIZE || short, JetError::InvalidBufferSize)
    }
}

/// What is added to a column.
#[derive(Debug, Clone, Copy)]
struct Addition {
    columnid: u32,
    delta: i32,
    /// A rollback does not take it back.
    lasts: bool,
}

impl Engine {
    /// JetEscrowUpdate. Gives the value before. Options that no page lists are ignored.
    /// (jetescrowupdate-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errNotInTransaction`, `JET_errPermissionDenied`,
    /// `JET_errTransReadOnly`, `JET_errBadColumnId`, `JET_errColumnNotFound`,
    /// `JET_errAlreadyPrepared`, `JET_errInvalidBufferSize`, `JET_errInvalidOperation`,
    /// `JET_errNoCurrentRecord`, `JET_errRecordDeleted`, `JET_errWriteConflict`.
    pub fn escrow_update(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        columnid: u32,
        delta: i32,
        size: Sizes,
        grbit: u32,
    ) -> Jet<i32> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::EscrowUpdate)?;
        if !TRANSACTION_FIRST.holds() {
            size.check()?;
        }
        let outside = call.session(sesid)?.level() == 0;
        IN_TRANSACTION.refuse(outside, JetError::NotInTransaction)?;
        call.check_writer(sesid, tableid, &READ_ONLY_CURSOR, &READ_ONLY_TRANSACTION)?;
        OLD_VALUE_NULL.allow(size.old.is_none(), JetError::InvalidParameter)?;
        UNKNOWN_BITS.allow(grbit & !NO_ROLLBACK != 0, JetError::InvalidGrbit)?;
        let view = call.view(sesid)?;
        let key = call.cursor(tableid)?.table;
        let column = call.table(key)?.schema(view).columns.find(columnid);
        let column = column.map_err(|error| COLUMN_UNKNOWN.error(error))?;
        let escrow = column.is(ColumnGrbit::ESCROW_UPDATE);
        let pending = call.cursor(tableid)?.update.is_some();
        UPDATE_PREPARED.refuse(pending, JetError::AlreadyPrepared)?;
        size.check()?;
        NOT_ESCROW.refuse(!escrow, JetError::InvalidOperation)?;
        if !NO_REASONS.holds() {
            call.before(tableid, reason::BEFORE_REPLACE)?;
        }
        call.within_level(sesid, |state| {
            let bookmark = state.escrow_place(sesid, tableid)?;
            let lasts = grbit & NO_ROLLBACK != 0 && SURVIVES_ROLLBACK.holds();
            let addition = Addition {
                columnid,
                delta,
                lasts,
            };
            state.add_to_row(sesid, tableid, &bookmark, addition)
        })
    }
}

impl State {
    /// The row to add to. The published engine takes the first or last row when the cursor stands
    /// outside.
    fn escrow_place(&mut self, sesid: Sesid, tableid: Tableid) -> Jet<Bookmark> {
        let walk = self.walk(sesid, tableid)?;
        let position = self.cursor(tableid)?.position.clone();
        let substitute = match position {
            Position::Before => walk.first(),
            Position::After => walk.last(),
            Position::Beside(_) if quirks::ESCROW_ANYWHERE.genuine() => {
                return Err(NO_CURRENT_RECORD.error(JetError::RecordDeleted));
            }
            _ => return self.place(sesid, tableid).map(|entry| entry.bookmark),
        };
        NO_CURRENT_RECORD.refuse(
            substitute.is_none() || !quirks::ESCROW_ANYWHERE.genuine(),
            JetError::NoCurrentRecord,
        )?;
        let entry = substitute.ok_or(JetError::NoCurrentRecord)?;
        Ok(entry.bookmark)
    }

    fn add_to_row(
        &mut self,
        sesid: Sesid,
        tableid: Tableid,
        bookmark: &[u8],
        addition: Addition,
    ) -> Jet<i32> {
        let columnid = addition.columnid;
        let view = self.view(sesid)?;
        let tx = self.transaction_of(sesid)?;
        let key = self.cursor(tableid)?.table;
        let table = self.table_mut(key)?;
        if table.rows.read(view, bookmark).is_none() {
            let own = table.rows.is_deleted_by(view, bookmark);
            RECORD_DELETED.refuse(!own, JetError::RecordDeleted)?;
            return Ok(0);
        }
        let conflict = table.rows.conflicts(view, bookmark, Intent::Escrow);
        CONFLICT.refuse(conflict, JetError::WriteConflict)?;
        let touched = table.rows.conflicts(view, bookmark, Intent::ReadLock);
        SESSIONS_AGREE.allow(touched && !conflict, JetError::WriteConflict)?;
        let column = table.schema(view).columns.find(columnid)?;
        // Whose transaction it was that added does not matter here, nor whether it has ended.
        let stored = table.rows.stored(bookmark);
        let old = stored.and_then(|record| record.bytes(column)?.try_into().ok());
        let old = old.map_or(0, i32::from_le_bytes);
        WRAPS.allow(
            old.checked_add(addition.delta).is_none(),
            JetError::InvalidParameter,
        )?;
        if !ADDS.holds() {
            return Ok(old.wrapping_add(addition.delta));
        }
        let change = table.rows.escrow(tx, bookmark, columnid, addition.delta);
        if addition.lasts || !ROLLED_BACK.holds() || !OWN_VIEW.holds() {
            table.rows.settle_alone(&change);
        } else {
            self.note_row(sesid, key, tx, change)?;
        }
        if old.wrapping_add(addition.delta) == 0 {
            self.note_zeroed(key, bookmark, columnid);
        }
        Ok(old)
    }
}
