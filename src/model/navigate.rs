//! Moving a cursor: JetMove, JetMakeKey, JetSeek, JetSetIndexRange, JetIndexRecordCount.
//!
//! (jetmove-function.md, jetmakekey-function.md, jetseek-function.md,
//! jetsetindexrange-function.md, jetindexrecordcount-function.md)

use super::engine::{Engine, State};
use super::handles::{Sesid, Tableid};
use super::index::Index;
use super::index_keys::normaliser;
use super::operation::Operation;
use super::outcome::{Jet, Warned};
use super::position::{NO_CURRENT_RECORD, Position, RECORD_DELETED, Range, Seek};
use super::rules::rules;
use super::schema::Schema;
use super::store::Spot;
use super::value::grbit::KeyGrbit;
use super::value::key::{KeyIndex, KeyPart};
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// A cursor can be moved in a transaction that another thread began.
    OTHER_THREAD = "gate/navigation-in-transaction-of-other-thread";
    /// A seek drops the index range. (jetseek-function.md)
    SEEK_DROPS_RANGE = "seek/drops-range";
    /// A seek for a key may set a range over it. (jetseek-function.md)
    SEEK_SETS_RANGE = "seek/sets-range";
    /// Only a seek for the key itself does. (jetseek-function.md)
    SEEK_RANGE_EQUAL = "seek/range-only-with-equal";
    /// A move out of the range ends it.
    LEAVES_RANGE = "move/leaving-range-drops-it";
    /// Past either end the cursor stands outside. (jetmove-function.md)
    BEFORE_AFTER = "move/before-first-after-last";
    /// An offset may be larger than the index.
    BIG_OFFSETS = "move/big-offsets";
    /// In an empty index every move finds nothing. (jetmove-function.md)
    EMPTY = "move/empty-table";
    /// The first and the last record are those of the index. (jetmove-function.md)
    FIRST_LAST = "move/first-last";
    /// A move keeps the search key. (jetmove-function.md)
    MOVE_KEEPS_KEY = "move/keeps-key";
    /// An offset counts entries. (jetmove-function.md)
    TO_OFFSET = "move/to-offset";
    /// Unknown options of a move are ignored.
    MOVE_GRBIT = "move/unknown-bits";
    /// A move by zero tells whether the record is there. (jetmove-function.md)
    ZERO = "move/zero-tests";
    /// A seek for the key itself. (jetseek-function.md)
    SEEK_EQUAL = "seek/equal";
    /// A seek for a greater key. (jetseek-function.md)
    SEEK_GREATER = "seek/greater";
    /// A seek for the key or a greater one. (jetseek-function.md)
    SEEK_GREATER_EQUAL = "seek/greater-or-equal";
    /// A seek for a smaller key. (jetseek-function.md)
    SEEK_LESS = "seek/less";
    /// A seek for the key or a smaller one. (jetseek-function.md)
    SEEK_LESS_EQUAL = "seek/less-or-equal";
    /// A seek that finds nothing leaves the cursor where the key would be.
    /// (jetseek-function.md)
    SEEK_PLACE = "seek/not-found-place";
    /// A seek may have several directions.
    SEEK_SEVERAL = "seek/several-directions";
    /// Uniqueness is told only of the key itself. (jetseek-function.md)
    UNIQUE_ONLY_EQUAL = "seek/unique-only-with-equal";
    /// Unknown options of a seek are ignored.
    SEEK_UNKNOWN = "seek/unknown-bits";
    /// A seek drops the prepared update. (jetseek-function.md)
    SEEK_CANCELS = "seek/cancels-update";
    /// Moving away drops the prepared update. (jetupdate-function.md)
    MOVED_AWAY = "update/moved-away-drops";
    /// A move drops the prepared update. (jetmove-function.md)
    MOVE_CANCELS = "move/cancels-update";
    /// A move to the first or last record drops the index range. (jetsetindexrange-function.md)
    MOVE_ENDS_RANGE = "move/first-last-ends-range";
    /// A seek says how to compare. (jetseek-function.md)
    SEEK_GRBIT = "seek/grbit";
    /// A seek that finds no key that matches. (jetseek-function.md)
    SEEK_NOT_FOUND = "seek/record-not-found";
    /// A seek that finds another key than the one asked for says so. (jetseek-function.md)
    SEEK_NOT_EQUAL = "seek/not-equal-warning";
    /// A seek tells a key that no other entry has, where it is asked to. (jetseek-function.md)
    UNIQUE_KEY = "seek/unique-key-warning";
}

/// `JET_MoveFirst`
pub const MOVE_FIRST: i32 = i32::MIN;
/// `JET_MoveLast`
pub const MOVE_LAST: i32 = i32::MAX;

/// The largest offset of an engine that minds large ones.
const NARROW_OFFSET: u32 = 64;

/// Options of moves and seeks. (jetmove-function.md, jetseek-function.md)
mod bits {
    pub const MOVE_KEY_NE: u32 = 0x1;
    pub const SEEK_LT: u32 = 0x2;
    pub const SEEK_LE: u32 = 0x4;
    pub const SEEK_GE: u32 = 0x8;
    pub const SEEK_GT: u32 = 0x10;
    pub const SEEK_ALL: u32 = 0x1f;
    pub const SET_INDEX_RANGE: u32 = 0x20;
    pub const CHECK_UNIQUENESS: u32 = 0x40;
}

impl State {
    /// The index that the cursor walks along; `None` for the primary order of a table without
    /// primary index.
    pub(super) fn current_index<'s>(
        &self,
        tableid: Tableid,
        schema: &'s Schema,
    ) -> Option<&'s Index> {
        match self.cursor(tableid).ok()?.index {
            Some(id) => schema.index(id),
            None => schema.primary(),
        }
    }

    /// Puts the cursor somewhere, and notes that it was moved.
    pub(super) fn put(&mut self, sesid: Sesid, tableid: Tableid, position: Position) -> Jet<()> {
        self.cursor_mut(tableid)?.position = position;
        if let Some(level) = self.session_mut(sesid)?.innermost() {
            level.moved.insert(tableid);
        }
        Ok(())
    }

    /// Forgets the prepared update, as moving elsewhere does.
    pub(super) fn drop_update(&mut self, tableid: Tableid) -> Jet<()> {
        if MOVE_CANCELS.holds() && MOVED_AWAY.holds() {
            self.cursor_mut(tableid)?.update = None;
        }
        Ok(())
    }

    fn advance(&mut self, sesid: Sesid, tableid: Tableid, rows: i32, by_key: bool) -> Jet<()> {
        let rows = if TO_OFFSET.holds() {
            rows
        } else {
            rows.signum()
        };
        let big = rows.unsigned_abs() > NARROW_OFFSET;
        BIG_OFFSETS.allow(big, JetError::InvalidParameter)?;
        let cursor = self.cursor(tableid)?;
        let walk = self.walk(sesid, tableid)?;
        let position = if self.is_filtered(tableid)? {
            let mut position = cursor.position.clone();
            let step = rows.signum();
            for _ in 0..rows.unsigned_abs() {
                position = walk.advance(&position, step, by_key, cursor.range.as_ref());
                position = self.pass_over(sesid, tableid, position, step)?;
                if !matches!(position, Position::On(_)) {
                    break;
                }
            }
            position
        } else {
            walk.advance(&cursor.position, rows, by_key, cursor.range.as_ref())
        };
        let lost = !matches!(position, Position::On(_));
        let stays = self.cursor(tableid)?.range.is_some() && !LEAVES_RANGE.holds();
        if !lost || (BEFORE_AFTER.holds() && !stays) {
            self.put(sesid, tableid, position)?;
        }
        if lost {
            if !stays {
                self.cursor_mut(tableid)?.range = None;
            }
            return NO_CURRENT_RECORD.refuse(true, JetError::NoCurrentRecord);
        }
        Ok(())
    }

    fn move_to_end(&mut self, sesid: Sesid, tableid: Tableid, last: bool) -> Jet<()> {
        if MOVE_ENDS_RANGE.holds() {
            self.cursor_mut(tableid)?.range = None;
        }
        let walk = self.walk(sesid, tableid)?;
        let entry = if last == FIRST_LAST.holds() {
            walk.last()
        } else {
            walk.first()
        };
        let empty = entry.is_none();
        let outside = if last {
            Position::After
        } else {
            Position::Before
        };
        let mut position = entry.map_or(outside, Position::On);
        if self.is_filtered(tableid)? {
            let step = if last { -1 } else { 1 };
            position = self.pass_over(sesid, tableid, position, step)?;
        }
        let none = !matches!(position, Position::On(_));
        self.put(sesid, tableid, position)?;
        if empty && !EMPTY.holds() {
            return Ok(());
        }
        NO_CURRENT_RECORD.refuse(none, JetError::NoCurrentRecord)
    }

    /// Goes on from a record that does not meet the cursor's conditions to the next that does.
    fn pass_over(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        mut position: Position,
        step: i32,
    ) -> Jet<Position> {
        let range = self.cursor(tableid)?.range.as_ref();
        let walk = self.walk(sesid, tableid)?;
        while let Position::On(entry) = &position {
            if self.meets_filters(sesid, tableid, entry)? {
                break;
            }
            position = walk.advance(&position, step, false, range);
        }
        Ok(position)
    }
}

/// Moves.
impl Engine {
    /// JetMove. Options that no page lists are ignored. (jetmove-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errNoCurrentRecord`, `JET_errRecordDeleted` for a move by
    /// zero.
    pub fn move_cursor(&self, sesid: Sesid, tableid: Tableid, rows: i32, grbit: u32) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::Move)?;
        OTHER_THREAD.allow(
            call.session(sesid)?.foreign_transaction(&call.threads),
            JetError::SessionSharingViolation,
        )?;
        call.end_filling(tableid)?;
        call.check_direction(
            tableid,
            rows != MOVE_FIRST && (rows < 0 || rows == MOVE_LAST),
        )?;
        MOVE_GRBIT.allow(grbit & !bits::MOVE_KEY_NE != 0, JetError::InvalidGrbit)?;
        call.drop_update(tableid)?;
        if !MOVE_KEEPS_KEY.holds() {
            call.cursor_mut(tableid)?.key.clear();
        }
        match rows {
            0 if !ZERO.holds() => Ok(()),
            MOVE_FIRST => call.move_to_end(sesid, tableid, false),
            MOVE_LAST => call.move_to_end(sesid, tableid, true),
            0 => {
                let entry = call.place(sesid, tableid)?;
                let walk = call.walk(sesid, tableid)?;
                let gone = !walk.rows.has_entry(walk.view, walk.order, &entry);
                call.put(sesid, tableid, Position::On(entry))?;
                RECORD_DELETED.refuse(gone, JetError::RecordDeleted)
            }
            rows => call.advance(sesid, tableid, rows, grbit & bits::MOVE_KEY_NE != 0),
        }
    }
}

/// Keys and seeks.
impl Engine {
    /// JetMakeKey. (jetmakekey-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, and those of search keys.
    pub fn make_key(&self, sesid: Sesid, tableid: Tableid, data: &[u8], grbit: u32) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::MakeKey)?;
        let view = call.view(sesid)?;
        let key = call.cursor(tableid)?.table;
        let schema = std::sync::Arc::clone(call.table(key)?.schema(view));
        let index = call
            .current_index(tableid, &schema)
            .map(|index| key_index(&schema, index));
        let index = index.transpose()?;
        let grbit = KeyGrbit::from_bits_retain(grbit);
        call.cursor_mut(tableid)?
            .key
            .make(index.as_ref(), data, grbit)
    }

    /// JetSeek. (jetseek-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidParameter`, `JET_errKeyNotMade`,
    /// `JET_errRecordNotFound`.
    pub fn seek(&self, sesid: Sesid, tableid: Tableid, grbit: u32) -> Jet<Warned<()>> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::Seek)?;
        call.end_filling(tableid)?;
        call.check_seekable(tableid)?;
        let directions = grbit & bits::SEEK_ALL;
        SEEK_GRBIT.refuse(directions == 0, JetError::InvalidParameter)?;
        let known = bits::SEEK_ALL | bits::SET_INDEX_RANGE | bits::CHECK_UNIQUENESS;
        SEEK_UNKNOWN.allow(grbit & !known != 0, JetError::InvalidGrbit)?;
        let several = directions.count_ones() > 1;
        SEEK_SEVERAL.allow(several, JetError::InvalidParameter)?;
        let key = call.cursor_mut(tableid)?.key.use_up()?;
        if SEEK_CANCELS.holds() {
            call.drop_update(tableid)?;
        }
        if SEEK_DROPS_RANGE.holds() {
            call.cursor_mut(tableid)?.range = None;
        }
        if directions.count_ones() != 1 {
            return call.seek_either_side(sesid, tableid, &key);
        }
        let seek = direction(directions);
        let (position, exact) = call.walk(sesid, tableid)?.seek(&key, seek);
        let found = matches!(position, Position::On(_));
        if found || SEEK_PLACE.holds() {
            call.put(sesid, tableid, position)?;
        }
        SEEK_NOT_FOUND.refuse(!found, JetError::RecordNotFound)?;
        if grbit & bits::SET_INDEX_RANGE != 0 && found {
            let range = Range {
                upper: !matches!(seek, Seek::Less | Seek::LessOrEqual),
                inclusive: true,
                key: key.clone(),
            };
            let equal = seek == Seek::Equal || !SEEK_RANGE_EQUAL.holds();
            call.cursor_mut(tableid)?.range =
                Some(range).filter(|_| equal && SEEK_SETS_RANGE.holds());
        }
        let inexact = !exact && matches!(seek, Seek::LessOrEqual | Seek::GreaterOrEqual);
        if found && inexact && SEEK_NOT_EQUAL.holds() {
            return Ok(Warned::with((), JetWarning::SeekNotEqual));
        }
        let kind = seek == Seek::Equal || !UNIQUE_ONLY_EQUAL.holds();
        let asked = kind && grbit & bits::CHECK_UNIQUENESS != 0;
        if found && asked && UNIQUE_KEY.holds() && call.is_only(sesid, tableid, &key)? {
            return Ok(Warned::with((), JetWarning::UniqueKey));
        }
        Ok(Warned::plain(()))
    }
}

/// How a single direction compares; without its rule, how one that is easily mistaken for it does.
fn direction(bit: u32) -> Seek {
    let (rule, seek, mistaken) = match bit {
        bits::SEEK_LT => (&SEEK_LESS, Seek::Less, Seek::LessOrEqual),
        bits::SEEK_LE => (&SEEK_LESS_EQUAL, Seek::LessOrEqual, Seek::Equal),
        bits::SEEK_GE => (&SEEK_GREATER_EQUAL, Seek::GreaterOrEqual, Seek::Equal),
        bits::SEEK_GT => (&SEEK_GREATER, Seek::Greater, Seek::GreaterOrEqual),
        _ => (&SEEK_EQUAL, Seek::Equal, Seek::Greater),
    };
    if rule.holds() { seek } else { mistaken }
}

impl State {
    /// A seek in several directions at once: what is equal, else the next entry, else the last. The
    /// published engine tells the side with a warning of its own.
    fn seek_either_side(&mut self, sesid: Sesid, tableid: Tableid, key: &[u8]) -> Jet<Warned<()>> {
        const FOUND_LESS: i32 = 312;
        const FOUND_GREATER: i32 = 313;
        let walk = self.walk(sesid, tableid)?;
        let (position, exact) = walk.seek(key, Seek::GreaterOrEqual);
        let (position, side) = match position {
            Position::On(_) => (position, FOUND_GREATER),
            _ => (
                walk.last().map_or(Position::After, Position::On),
                FOUND_LESS,
            ),
        };
        let found = matches!(position, Position::On(_));
        self.put(sesid, tableid, position)?;
        SEEK_NOT_FOUND.refuse(!found, JetError::RecordNotFound)?;
        if exact || !found {
            return Ok(Warned::plain(()));
        }
        Ok(Warned::with((), JetWarning::from_code(side)))
    }

    /// Whether only one entry of the current index has the key.
    fn is_only(&self, sesid: Sesid, tableid: Tableid, key: &[u8]) -> Jet<bool> {
        let walk = self.walk(sesid, tableid)?;
        let Position::On(entry) = &self.cursor(tableid)?.position else {
            return Ok(false);
        };
        let next = walk
            .rows
            .next(walk.view, walk.order, &Spot::On(entry.clone()));
        Ok(next.is_none_or(|next| next.key != key))
    }
}

/// The parts of an index that a search key is made of.
fn key_index<'s>(schema: &'s Schema, index: &Index) -> Jet<KeyIndex<'s>> {
    let mut parts = Vec::new();
    for part in &index.columns {
        let column = schema.columns.find(part.columnid)?;
        parts.push(KeyPart {
            column,
            normaliser: normaliser(index, column, part.descending),
        });
    }
    Ok(KeyIndex {
        parts,
        key_most: index.key_most,
        tuples: index.tuples,
    })
}
