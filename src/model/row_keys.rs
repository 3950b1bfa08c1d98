//! The keys of a row in every index of its table, with user-defined defaults asked for.
//!
//! (jet-userdefineddefault-structure.md, jet-cbtyp.md)

use std::sync::Arc;

use super::callback::{Argument, Occasion, reason};
use super::gate::Call;
use super::handles::{Sesid, TableKey, Tableid};
use super::index::Index;
use super::index_keys::{self, Values};
use super::outcome::Jet;
use super::rules::rules;
use super::schema::Schema;
use super::store::{Bookmark, Key, Keys, View};
use super::value::column::Column;
use super::value::record::{Record, Shown};
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// A user-defined default is asked for when a key is built over its column. (jet-cbtyp.md)
    ASKED_FOR_KEYS = "default/asked-for-keys";
    /// The callback is told the size of the buffer, and the size that it leaves is the size of the
    /// value. (jet-cbtyp.md)
    SIZE_OUT = "default/size-in-out";
    /// For a key as much of the value counts as the buffer holds.
    INDEX_TRUNCATION = "default/index-truncation";
    /// A value larger than the buffer is taken as far as the buffer goes.
    INDEX_OVERSIZE = "default/index-oversize";
    /// For a key an unknown warning is success.
    INDEX_WARNING = "default/index-other-warning";
    /// A null answer makes the key column null. (jet-cbtyp.md)
    NULL_KEY = "default/null-key";
    /// For a condition there is no buffer, only whether the value is null counts.
    CONDITION_BUFFER = "default/conditional-null-buffer";
    /// Every replace that sets a column asks again for the keys over user-defined defaults.
    EVERY_REPLACE = "default/every-replace";
    /// An error of the callback of a user-defined default is the result of the call.
    /// (jet-cbtyp.md)
    KEY_ERROR = "default/error-fails-key";
    /// Where the caller has no transaction the callback of a user-defined default runs inside a
    /// read-only one.
    LEVEL_AT_ZERO = "default/level-at-zero";
    /// Two values of a record do not have one key in a unique index. (jetupdate-function.md)
    MULTI_VALUED = "update/multi-valued-violation";
}

/// The buffer that a user-defined default gets while a key is built, in bytes.
const KEY_BUFFER: u32 = 255;

/// Where the function of a user-defined default writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// It gets no buffer at all.
    None,
    /// A buffer of the engine's own, of so many bytes.
    Own(u32),
    /// The buffer of the call that reads; what the function does not write stays as it is.
    Callers {
        /// Where the buffer is, zero for a null pointer.
        address: usize,
        /// Its size in bytes.
        size: u32,
    },
}

impl Room {
    const fn size(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Own(size) | Self::Callers { size, .. } => size,
        }
    }
}

/// The answer of a user-defined default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The return code of the callback.
    pub code: i32,
    /// The engine's own buffer as the callback left it.
    pub bytes: Vec<u8>,
    /// The size that the callback told, the buffer's own size where it told none.
    pub actual: u32,
}

impl Call<'_> {
    /// Asks for the user-defined default of a column of a record.
    ///
    /// While the callback runs, the cursor reads that record.
    pub(super) fn ask_default(
        &mut self,
        tableid: Tableid,
        record: &Arc<Record>,
        columnid: u32,
        room: Room,
    ) -> Answer {
        let size = room.size();
        let arg1 = match room {
            Room::None | Room::Callers { address: 0, .. } => Argument::Null,
            Room::Own(size) => Argument::Bytes(vec![0; size as usize]),
            Room::Callers { address, .. } => Argument::Value(address),
        };
        let mut occasion = Occasion {
            tableid,
            cbtyp: reason::USER_DEFINED_DEFAULT,
            columnid,
            arg1,
            arg2: Argument::Number(if SIZE_OUT.holds() { size } else { 0 }),
        };
        if let Ok(cursor) = self.cursor_mut(tableid) {
            cursor.asked_for.push(Arc::clone(record));
        }
        let inside = self.begin_reading();
        let code = self.fire(&mut occasion);
        if inside {
            self.end_reading();
        }
        if let Ok(cursor) = self.cursor_mut(tableid) {
            cursor.asked_for.pop();
        }
        let bytes = match occasion.arg1 {
            Argument::Bytes(bytes) => bytes,
            _ => Vec::new(),
        };
        let actual = match occasion.arg2 {
            Argument::Number(actual) if SIZE_OUT.holds() => actual,
            _ => size,
        };
        Answer {
            code,
            bytes,
            actual,
        }
    }

    /// Where the caller has no transaction, opens a read-only one; whether it did.
    fn begin_reading(&mut self) -> bool {
        let sesid = self.sesid;
        let outside = self
            .session(sesid)
            .is_ok_and(|session| session.level() == 0);
        if !outside || !LEVEL_AT_ZERO.holds() || self.begin_inner(sesid).is_err() {
            return false;
        }
        if let Ok(session) = self.session_mut(sesid)
            && let Some(transaction) = session.transaction.as_mut()
        {
            transaction.read_only = true;
        }
        true
    }

    /// Ends the transaction of [`begin_reading`](Self::begin_reading), if the callback has left it.
    fn end_reading(&mut self) {
        let sesid = self.sesid;
        if self.session(sesid).is_ok_and(|session| session.level() > 0) {
            // Nothing was changed in it, so there is nothing that could fail.
            let _ended = self.commit_level(sesid);
        }
    }

    /// The values of a record in a key column or a condition.
    fn key_values(
        &mut self,
        tableid: Tableid,
        record: &Arc<Record>,
        column: &Column,
        condition: bool,
    ) -> Jet<Values> {
        if !matches!(record.shown(column, 1), Shown::UserDefault(_)) {
            return Ok(plain_values(record, column));
        }
        if !ASKED_FOR_KEYS.holds() {
            return Ok(Values::new());
        }
        let none = condition && CONDITION_BUFFER.holds();
        let room = if none {
            Room::None
        } else {
            Room::Own(KEY_BUFFER)
        };
        let mut answer = self.ask_default(tableid, record, column.columnid, room);
        let cut = answer.code == JetWarning::BufferTruncated.code();
        INDEX_TRUNCATION.allow(cut, JetError::CallbackFailed)?;
        let null = answer.code == JetWarning::ColumnNull.code();
        let unknown = answer.code > 0 && !cut && !null;
        INDEX_WARNING.allow(unknown, JetError::CallbackFailed)?;
        let oversize = answer.code == 0 && !none && answer.actual > KEY_BUFFER;
        INDEX_OVERSIZE.allow(oversize, JetError::CallbackFailed)?;
        KEY_ERROR.refuse(answer.code < 0, JetError::from_code(answer.code))?;
        if answer.code < 0 || (null && NULL_KEY.holds()) {
            return Ok(Values::new());
        }
        answer.bytes.truncate(answer.actual as usize);
        Ok(vec![answer.bytes])
    }

    /// The keys of a record in one index.
    ///
    /// # Errors
    /// Those of building keys, and those of the callbacks of user-defined defaults.
    pub(super) fn index_keys(
        &mut self,
        tableid: Tableid,
        schema: &Schema,
        index: &Index,
        record: &Arc<Record>,
    ) -> Jet<Vec<Key>> {
        // The conditions are looked at first, and the key only where all of them are met.
        let mut conditions_left = index.conditions.len();
        let mut values_of = |column: &Column| {
            let condition = conditions_left > 0;
            conditions_left = conditions_left.saturating_sub(1);
            self.key_values(tableid, record, column, condition)
        };
        let keys = index_keys::keys(index, &schema.columns, &mut values_of)?;
        Ok(keys.into_iter().map(|(_, key)| key).collect())
    }

    /// The keys of a record in every secondary index.
    ///
    /// # Errors
    /// As [`index_keys`](Self::index_keys).
    pub(super) fn secondary_keys(&mut self, tableid: Tableid, record: &Arc<Record>) -> Jet<Keys> {
        let key = self.cursor(tableid)?.table;
        let mut keys = Keys::new();
        for schema in self.table(key)?.schemas() {
            for index in schema.secondary() {
                let of_index = self.index_keys(tableid, &schema, index, record)?;
                MULTI_VALUED.refuse(
                    index.is_unique() && repeats(&of_index),
                    JetError::MultiValuedIndexViolation,
                )?;
                keys.set(index.id, of_index);
            }
        }
        Ok(keys)
    }

    /// Asks again for the user-defined defaults that the keys of a stored record are made of, as
    /// taking its entries out of their indexes needs them.
    ///
    /// # Errors
    /// As [`index_keys`](Self::index_keys).
    pub(super) fn rebuild_default_keys(
        &mut self,
        tableid: Tableid,
        record: &Arc<Record>,
    ) -> Jet<()> {
        if !EVERY_REPLACE.holds() {
            return Ok(());
        }
        let key = self.cursor(tableid)?.table;
        for schema in self.table(key)?.schemas() {
            let asks = |column: &&Column| matches!(record.shown(column, 1), Shown::UserDefault(_));
            let asked: Vec<u32> = schema
                .columns
                .iter()
                .filter(asks)
                .map(|c| c.columnid)
                .collect();
            let uses = |index: &&Index| asked.iter().any(|columnid| index.uses(*columnid));
            for index in schema.secondary().filter(uses) {
                self.index_keys(tableid, &schema, index, record)?;
            }
        }
        Ok(())
    }

    /// Builds a new index over the rows of the cursor's table.
    ///
    /// # Errors
    /// As [`index_keys`](Self::index_keys), and `JET_errKeyDuplicate`.
    pub(super) fn build_index(&mut self, sesid: Sesid, tableid: Tableid, index: &Index) -> Jet<()> {
        let key = self.cursor(tableid)?.table;
        let view = self.view(sesid)?;
        let schema = Arc::clone(self.table(key)?.schema(view));
        let rows = self.table(key)?.rows.images();
        let mut built: Vec<(Bookmark, u64, Vec<Key>)> = Vec::new();
        for (bookmark, serial, record) in rows {
            let keys = self.index_keys(tableid, &schema, index, &record)?;
            check_own_duplicates(index, &keys)?;
            built.push((bookmark, serial, keys));
        }
        let table = self.table_mut(key)?;
        table.rows.fill_index(index.id, built);
        let duplicates = index.is_unique() && table.rows.has_duplicates(view, index.id);
        if duplicates && super::alter_table::UNIQUE.holds() {
            table.rows.drop_index(index.id);
            return Err(JetError::KeyDuplicate);
        }
        Ok(())
    }

    /// The bookmark of a record that is to be inserted.
    ///
    /// # Errors
    /// As [`index_keys`](Self::index_keys).
    pub(super) fn new_bookmark(
        &mut self,
        tableid: Tableid,
        table: TableKey,
        view: View,
        record: &Arc<Record>,
    ) -> Jet<Bookmark> {
        let schema = Arc::clone(self.table(table)?.schema(view));
        match schema.primary() {
            None => Ok(self.table_mut(table)?.rows.next_counter()),
            Some(primary) => {
                let keys = self.index_keys(tableid, &schema, primary, record)?;
                let mut bookmark = keys.into_iter().next().unwrap_or_default();
                if self.keeps_duplicates(tableid)? {
                    // Rows with equal keys follow each other in the order of their insertion.
                    bookmark.extend(self.table_mut(table)?.rows.next_counter());
                }
                Ok(bookmark)
            }
        }
    }
}

/// A unique index takes each key of a row once. Here a row's equal keys are one entry, so this only
/// keeps an index from being built over a row that repeats itself.
fn check_own_duplicates(index: &Index, keys: &[Key]) -> Jet<()> {
    super::alter_table::UNIQUE.refuse(index.is_unique() && repeats(keys), JetError::KeyDuplicate)
}

/// Whether a key comes twice.
fn repeats(keys: &[Key]) -> bool {
    let mut sorted: Vec<&Key> = keys.iter().collect();
    sorted.sort();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// The values that a record holds, or its default.
pub(super) fn plain_values(record: &Record, column: &Column) -> Values {
    let held = record.values(column.columnid);
    if held.is_empty() {
        return record
            .bytes(column)
            .map(<[u8]>::to_vec)
            .into_iter()
            .collect();
    }
    held.iter().map(|value| value.bytes.clone()).collect()
}
