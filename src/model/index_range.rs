//! Ranges of an index, and counting the entries in them.
//!
//! (jetsetindexrange-function.md, jetindexrecordcount-function.md)

use super::engine::Engine;
use super::handles::{Sesid, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::position::{Position, RECORD_DELETED, Range};
use super::quirks;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// Only a range that there is can be removed. (jetsetindexrange-function.md)
    RANGE_REMOVE = "cursor/range-remove";
    /// The key of the limit is within where that is asked for. (jetsetindexrange-function.md)
    RANGE_INCLUSIVE = "cursor/range-inclusive";
    /// A range limits moves. (jetsetindexrange-function.md)
    RANGE_SET = "cursor/range-set";
    /// A range has an upper limit or a lower one. (jetsetindexrange-function.md)
    RANGE_UPPER = "cursor/range-upper";
    /// A range may only be tested. (jetsetindexrange-function.md)
    RANGE_INSTANT = "cursor/range-instant";
    /// A range is removed. (jetsetindexrange-function.md)
    RANGE_REMOVED = "cursor/range-removed";
    /// The search key is judged before the record.
    RANGE_KEY_FIRST = "cursor/range-key-first";
    /// Unknown options of a range are ignored.
    RANGE_UNKNOWN = "cursor/range-unknown-bits";
    /// The entries from the cursor on are counted. (jetindexrecordcount-function.md)
    COUNTS = "cursor/count";
    /// The count stops at the most that is asked for. (jetindexrecordcount-function.md)
    COUNTS_MOST = "cursor/count-most";
    /// Without a record nothing is counted. (jetindexrecordcount-function.md)
    COUNT_NO_RECORD = "cursor/count-no-record";
    /// An empty index has no entries. (jetindexrecordcount-function.md)
    COUNT_EMPTY = "cursor/count-empty";
    /// A range is made for a current index. (jetsetindexrange-function.md)
    RANGE_INDEX = "cursor/range-current-index";
    /// Without an entry in the range the call fails. (jetsetindexrange-function.md)
    RANGE_EMPTY = "cursor/range-empty";
    /// A range without an entry is in effect, and the cursor stays. (jetsetindexrange-function.md)
    EMPTY_STAYS = "cursor/range-empty-stays";
}

/// Options of a range. (jetsetindexrange-function.md)
mod bits {
    pub const INCLUSIVE: u32 = 0x1;
    pub const UPPER_LIMIT: u32 = 0x2;
    pub const INSTANT_DURATION: u32 = 0x4;
    pub const REMOVE: u32 = 0x8;
    pub const ALL: u32 = 0xf;
}

/// Ranges.
impl Engine {
    /// JetSetIndexRange. (jetsetindexrange-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidOperation`, `JET_errNoCurrentIndex`,
    /// `JET_errKeyNotMade`, `JET_errNoCurrentRecord`.
    pub fn set_index_range(&self, sesid: Sesid, tableid: Tableid, grbit: u32) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::SetIndexRange)?;
        call.check_seekable(tableid)?;
        let has = |bit| grbit & bit != 0;
        if has(bits::REMOVE) {
            let none = call.cursor(tableid)?.range.is_none();
            RANGE_REMOVE.refuse(none, JetError::InvalidOperation)?;
            if RANGE_REMOVED.holds() {
                call.cursor_mut(tableid)?.range = None;
            }
            return Ok(());
        }
        let view = call.view(sesid)?;
        let key = call.cursor(tableid)?.table;
        let schema = std::sync::Arc::clone(call.table(key)?.schema(view));
        let no_index = call.current_index(tableid, &schema).is_none();
        RANGE_INDEX.refuse(no_index, JetError::NoCurrentIndex)?;
        if !RANGE_KEY_FIRST.holds() {
            call.place(sesid, tableid)?;
        }
        RANGE_UNKNOWN.allow(grbit & !bits::ALL != 0, JetError::InvalidGrbit)?;
        let range = Range {
            upper: has(bits::UPPER_LIMIT) == RANGE_UPPER.holds(),
            inclusive: has(bits::INCLUSIVE) == RANGE_INCLUSIVE.holds(),
            key: call.cursor_mut(tableid)?.key.use_up()?,
        };
        let instant = has(bits::INSTANT_DURATION) && RANGE_INSTANT.holds();
        let place = call.place(sesid, tableid);
        let inside = place.as_ref().is_ok_and(|entry| range.contains(&entry.key));
        let outside = if range.upper {
            Position::After
        } else {
            Position::Before
        };
        let stays = EMPTY_STAYS.holds() && !quirks::EMPTY_RANGE_MOVES.genuine();
        // Without a record to start from the range is set all the same.
        let set = inside || stays || place.is_err();
        let keep = !instant && set && RANGE_SET.holds();
        call.cursor_mut(tableid)?.range = keep.then_some(range);
        place?;
        if !inside && RANGE_EMPTY.holds() {
            if !stays {
                call.put(sesid, tableid, outside)?;
            }
            return Err(JetError::NoCurrentRecord);
        }
        Ok(())
    }

    /// JetIndexRecordCount and 2: the records from the current one to the end of the index or of
    /// its range, at most `most` of them; zero for no limit. (jetindexrecordcount-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errNoCurrentRecord`, `JET_errRecordDeleted`.
    pub fn index_record_count(&self, sesid: Sesid, tableid: Tableid, most: u64) -> Jet<u64> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::IndexRecordCount)?;
        let empty = call.walk(sesid, tableid)?.first().is_none();
        let fresh = call.cursor(tableid)?.position == Position::Fresh;
        if empty && fresh && !quirks::COUNT_EMPTY_FAILS.genuine() && COUNT_EMPTY.holds() {
            return Ok(0);
        }
        let place = call.place(sesid, tableid);
        let entry = place.map_err(|error| COUNT_NO_RECORD.error(error))?;
        let walk = call.walk(sesid, tableid)?;
        let gone = !walk.rows.has_entry(walk.view, walk.order, &entry);
        RECORD_DELETED.refuse(gone, JetError::RecordDeleted)?;
        let range = call.cursor(tableid)?.range.as_ref();
        let most = match most {
            0 => u64::MAX,
            most if COUNTS_MOST.holds() => most,
            _ => u64::MAX,
        };
        let mut count = 1;
        let mut position = Position::On(entry);
        while count < most {
            position = walk.advance(&position, 1, false, range.filter(|range| range.upper));
            if !matches!(position, Position::On(_)) {
                break;
            }
            count += 1;
        }
        // Without the rule the entry under the cursor is forgotten.
        Ok(count - u64::from(!COUNTS.holds()))
    }
}
