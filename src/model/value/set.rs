//! JetSetColumn: how a value comes into a record, rule by rule.
//!
//! (jetsetcolumn-function.md, jet-setinfo-structure.md)

use super::column::{Column, Storage};
use super::columns::Columns;
use super::fit::fit;
use super::grbit::{ColumnGrbit, SetGrbit};
use super::normal::Normaliser;
use super::record::{Record, SEPARATE_LEAST, Value};
use crate::abi::errors::JetError;
use crate::model::outcome::{Jet, Warned};
use crate::model::quirks::{INTRINSIC_OF_ANY_SIZE, OVERWRITE_KEEPS_THE_REST};
use crate::model::rules::rules;

rules! {
    /// Appending keeps what was there. (jetsetcolumn-function.md)
    APPENDS = "setcolumn/append";
    /// A call that fails changes nothing. (jetsetcolumn-function.md)
    FAILURE = "setcolumn/failure-sets-nothing";
    /// A column of one value has no sequence.
    ITAG_IGNORED = "setcolumn/itag-ignored";
    /// The sequence number chooses the value to replace. (jet-setinfo-structure.md)
    ITAG_REPLACES = "setcolumn/itag-replaces";
    /// A null pointer sets null, whatever the size.
    NULL_POINTER = "setcolumn/null-pointer-is-null";
    /// A tagged column is brought back to its default. (jetsetcolumn-function.md)
    REVERTS = "setcolumn/revert-to-default";
    /// The value is the one that was given. (jetsetcolumn-function.md)
    SETS = "setcolumn/sets";
    /// A long value is cut or extended. (jetsetcolumn-function.md)
    SIZE = "setcolumn/size";
    /// Unknown options are ignored.
    UNKNOWN = "setcolumn/unknown-bits";
    /// A version column can be set in an insert.
    VERSION_IN_INSERT = "setcolumn/version-in-insert";
    /// A fixed column has no values of zero length. (jetsetcolumn-function.md)
    ZERO_LENGTH_FIXED = "setcolumn/zero-length-fixed";
    /// The unique options exclude those of parts of long values.
    UNIQUE_ALONE = "setcolumn/unique-excludes-parts";
    /// ContiguousLV goes only with SeparateLV.
    CONTIGUOUS_SEPARATE = "setcolumn/contiguous-needs-separate";
    /// ContiguousLV needs a value of at least a page.
    CONTIGUOUS_SIZE = "setcolumn/contiguous-size";
    /// A version column cannot be set in a replace.
    VERSION_REPLACE = "setcolumn/version-in-replace";
    /// An autoincrement column cannot be set, unless the update is there for it.
    AUTOINCREMENT = "setcolumn/autoincrement";
    /// An autoincrement column that must be set cannot be set to null.
    AUTOINCREMENT_NULL = "setcolumn/autoincrement-null";
    /// A long value is set in a transaction.
    IN_TRANSACTION = "setcolumn/long-value-transaction";
    /// A column that may not be null cannot be set to null.
    NOT_NULL = "setcolumn/not-null";
    /// With the unique options no two values of the column are the same.
    UNIQUE = "setcolumn/unique-multi-values";
    /// A part of a long value begins within it or at its end.
    PART_WITHIN = "setcolumn/part-within";
    /// Overwriting leaves nothing of the value that was there.
    OVERWRITE = "setcolumn/overwrite";
    /// A long value is at most as long as its column allows.
    LONG_TOO_BIG = "setcolumn/long-value-too-big";
    /// A long value that is to stay in the record has at most 1024 bytes.
    INTRINSIC_TOO_BIG = "setcolumn/intrinsic-too-big";
    /// A record fits into a page.
    RECORD_FITS = "setcolumn/record-too-big";
    /// No bytes mean null, unless ZeroLength is asked for.
    EMPTY_IS_NULL = "setcolumn/empty-is-null";
    /// `itagSequence` zero, or beyond the last value, appends one.
    ITAG_APPENDS = "setcolumn/itag-appends";
    /// Null takes a value out of the sequence, and the later ones move down.
    NULL_REMOVES = "setcolumn/null-removes";
}

/// Long values from that many bytes on are kept apart from the record.
const SEPARATE_FROM: usize = 1024;

/// What JetSetColumn is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<'a> {
    /// `pvData` null; the size counts only with `JET_bitSetSizeLV`.
    Null {
        /// `cbData`
        size: u32,
    },
    /// `cbData` bytes, possibly none.
    Bytes(&'a [u8]),
}

impl<'a> Given<'a> {
    fn bytes(self) -> &'a [u8] {
        match self {
            Self::Null { .. } => &[],
            Self::Bytes(bytes) => bytes,
        }
    }

    /// `cbData`, as far as it counts.
    fn size(self, grbit: SetGrbit) -> usize {
        match self {
            Self::Null { size } if grbit.contains(SetGrbit::SIZE_LV) => size as usize,
            Self::Null { .. } => 0,
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// `JET_SETINFO`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetInfo {
    /// `itagSequence`: which of the values, from 1; 0 appends.
    pub itag_sequence: u32,
    /// `ibLongValue`: where in a long value the data begins.
    pub ib_long_value: u32,
}

impl Default for SetInfo {
    /// What a null `psetinfo` stands for.
    fn default() -> Self {
        Self {
            itag_sequence: 1,
            ib_long_value: 0,
        }
    }
}

/// What the rules need to know of the update and the engine.
#[derive(Debug, Clone, Copy)]
pub struct Update {
    /// Whether the update replaces a record.
    pub replacing: bool,
    /// Whether it was prepared with `JET_prepInsert...MustSetAutoIncrement`.
    pub must_set_autoincrement: bool,
    /// Whether the session is in a transaction.
    pub in_transaction: bool,
    /// The page size in bytes.
    pub page_size: u32,
    /// The largest record in bytes that its values can make, by page size.
    pub record_most: u32,
}

impl Record {
    /// Sets a value.
    ///
    /// # Errors
    /// See the rules of this file, in their order, then those of `fit`. The record is unchanged
    /// then.
    pub fn set(
        &mut self,
        columns: &Columns,
        columnid: u32,
        given: Given<'_>,
        grbit: SetGrbit,
        info: SetInfo,
        update: &Update,
    ) -> Jet<Warned<()>> {
        let set = self.try_set(columns, columnid, given, grbit, info, update);
        if set.is_err() && !FAILURE.holds() {
            self.clear(columnid);
        }
        set
    }

    fn try_set(
        &mut self,
        columns: &Columns,
        columnid: u32,
        given: Given<'_>,
        grbit: SetGrbit,
        info: SetInfo,
        update: &Update,
    ) -> Jet<Warned<()>> {
        let unknown = !grbit.difference(KNOWN).is_empty();
        UNKNOWN.allow(unknown, JetError::InvalidGrbit)?;
        check_options(given, grbit, update)?;
        let column = columns.find(columnid)?;
        check_special(column, update)?;
        let mut changed = self.clone();
        let warning = if column.coltyp.is_long_value() {
            changed.check_unique(column, given.bytes(), grbit, info)?;
            IN_TRANSACTION.refuse(!update.in_transaction, JetError::NotInTransaction)?;
            changed.set_long(column, given, grbit, info)?;
            None
        } else {
            changed.set_short(column, given, grbit, info)?.warning
        };
        let fits = changed.fit_into(columns, update.record_most);
        RECORD_FITS.refuse(fits.is_err(), JetError::RecordTooBig)?;
        *self = changed;
        Ok(Warned { value: (), warning })
    }

    fn set_short(
        &mut self,
        column: &Column,
        given: Given<'_>,
        grbit: SetGrbit,
        info: SetInfo,
    ) -> Jet<Warned<()>> {
        let zeros = match given {
            Given::Null { size } if !NULL_POINTER.holds() => {
                vec![0; (size as usize).min(column.cb_max as usize)]
            }
            _ => Vec::new(),
        };
        let bytes = if zeros.is_empty() {
            given.bytes()
        } else {
            &zeros
        };
        let zero_length = grbit.contains(SetGrbit::ZERO_LENGTH);
        let null = bytes.is_empty() && !zero_length && EMPTY_IS_NULL.holds();
        let fixed = column.storage() == Storage::Fixed;
        if bytes.is_empty() && zero_length && fixed && !ZERO_LENGTH_FIXED.holds() {
            self.put(column.columnid, Some(vec![0; column.cb_max as usize]));
            return Ok(Warned::plain(()));
        }
        let null = null || (bytes.is_empty() && fixed);
        if null {
            return self.set_null(column, grbit, info).map(Warned::plain);
        }
        let (mut fitted, warning) = fit(column, bytes)?;
        if let Some(first) = fitted.first_mut().filter(|_| !SETS.holds()) {
            *first = first.wrapping_add(1);
        }
        match column.storage() {
            Storage::Fixed | Storage::Variable => self.put(column.columnid, Some(fitted)),
            Storage::Tagged => {
                self.check_unique(column, &fitted, grbit, info)?;
                self.put_tagged(column, info, plain(fitted));
            }
        }
        Ok(Warned { value: (), warning })
    }

    fn set_null(&mut self, column: &Column, grbit: SetGrbit, info: SetInfo) -> Jet<()> {
        let not_null = column.is(ColumnGrbit::NOT_NULL);
        NOT_NULL.refuse(not_null, JetError::NullInvalid)?;
        let autoincrement = column.is(ColumnGrbit::AUTOINCREMENT);
        AUTOINCREMENT_NULL.refuse(autoincrement, JetError::AutoIncrementNotSet)?;
        match column.storage() {
            Storage::Fixed | Storage::Variable => self.put(column.columnid, None),
            Storage::Tagged if NULL_REMOVES.holds() => {
                let revert = grbit.contains(SetGrbit::REVERT_TO_DEFAULT_VALUE) && REVERTS.holds();
                self.remove_value(column, effective_itag(column, info), revert);
            }
            Storage::Tagged => {}
        }
        Ok(())
    }

    fn put_tagged(&mut self, column: &Column, info: SetInfo, value: Value) {
        let mut itag = effective_itag(column, info);
        if itag == 0 && !ITAG_APPENDS.holds() {
            itag = 1;
        }
        if column.is_multi_valued() && !ITAG_REPLACES.holds() {
            itag = 0;
        }
        self.put_value(column.columnid, itag, value);
    }

    /// Refuses a value that the column already has, where the options ask for that.
    fn check_unique(
        &self,
        column: &Column,
        bytes: &[u8],
        grbit: SetGrbit,
        info: SetInfo,
    ) -> Jet<()> {
        let either = SetGrbit::UNIQUE_MULTI_VALUES | SetGrbit::UNIQUE_NORMALIZED_MULTI_VALUES;
        let null = bytes.is_empty() && !grbit.contains(SetGrbit::ZERO_LENGTH);
        if !grbit.intersects(either) || null {
            return Ok(());
        }
        let itag = effective_itag(column, info) as usize;
        let normaliser = Normaliser::of(column);
        let same = |other: &[u8]| {
            if grbit.contains(SetGrbit::UNIQUE_NORMALIZED_MULTI_VALUES) {
                normaliser.normalise(Some(other)) == normaliser.normalise(Some(bytes))
            } else {
                other == bytes
            }
        };
        let duplicate = self
            .values(column.columnid)
            .iter()
            .enumerate()
            .any(|(index, value)| index + 1 != itag && same(&value.bytes));
        UNIQUE.refuse(duplicate, JetError::MultiValuedDuplicate)
    }

    fn set_long(
        &mut self,
        column: &Column,
        given: Given<'_>,
        grbit: SetGrbit,
        info: SetInfo,
    ) -> Jet<()> {
        let itag = effective_itag(column, info) as usize;
        let old = itag
            .checked_sub(1)
            .and_then(|index| self.values(column.columnid).get(index))
            .map(|value| value.bytes.as_slice());
        // Judged before anything of that size is made.
        let most = match column.cb_max as usize {
            0 => LONG_MOST,
            most => most,
        };
        let sized = grbit.contains(SetGrbit::SIZE_LV) && given.size(grbit) > most;
        LONG_TOO_BIG.refuse(sized, JetError::ColumnTooBig)?;
        match long_value(old, given, grbit, info.ib_long_value as usize)? {
            Long::Kept => Ok(()),
            Long::Null => self.set_null(column, grbit, info),
            Long::Bytes(bytes) => {
                LONG_TOO_BIG.refuse(bytes.len() > most, JetError::ColumnTooBig)?;
                let intrinsic = grbit.contains(SetGrbit::INTRINSIC_LV)
                    && bytes.len() > SEPARATE_FROM
                    && !INTRINSIC_OF_ANY_SIZE.genuine();
                INTRINSIC_TOO_BIG.refuse(intrinsic, JetError::ColumnTooBig)?;
                let separate = is_kept_apart(&bytes, grbit);
                self.put_tagged(column, info, Value { bytes, separate });
                Ok(())
            }
        }
    }
}

/// The longest value of a column without a limit of its own, in bytes. (jet-coltyp.md)
const LONG_MOST: usize = 0x7fff_ffff;

fn plain(bytes: Vec<u8>) -> Value {
    Value {
        bytes,
        separate: false,
    }
}

/// Which value is meant: only multi-valued columns have more than one.
fn effective_itag(column: &Column, info: SetInfo) -> u32 {
    if column.is_multi_valued() || !ITAG_IGNORED.holds() {
        info.itag_sequence
    } else {
        1
    }
}

/// Refuses options that do not go together.
///
/// # Errors
/// `JET_errInvalidGrbit`, `JET_errInvalidParameter`, `JET_errNotInTransaction`.
pub fn check_options(given: Given<'_>, grbit: SetGrbit, update: &Update) -> Jet<()> {
    let unique = SetGrbit::UNIQUE_MULTI_VALUES | SetGrbit::UNIQUE_NORMALIZED_MULTI_VALUES;
    let parts = SetGrbit::APPEND_LV | SetGrbit::OVERWRITE_LV | SetGrbit::SIZE_LV;
    UNIQUE_ALONE.refuse(
        grbit.intersects(unique) && grbit.intersects(parts),
        JetError::InvalidGrbit,
    )?;
    let contiguous = grbit.contains(SetGrbit::CONTIGUOUS_LV);
    let separate = grbit.contains(SetGrbit::SEPARATE_LV);
    CONTIGUOUS_SEPARATE.refuse(contiguous && !separate, JetError::InvalidGrbit)?;
    let small = given.size(grbit) < update.page_size as usize;
    CONTIGUOUS_SIZE.refuse(contiguous && small, JetError::InvalidBufferSize)
}

fn check_special(column: &Column, update: &Update) -> Jet<()> {
    let version = column.is(ColumnGrbit::VERSION) && update.replacing;
    VERSION_REPLACE.refuse(version, JetError::InvalidColumnType)?;
    let new_version = column.is(ColumnGrbit::VERSION) && !update.replacing;
    VERSION_IN_INSERT.allow(new_version, JetError::InvalidColumnType)?;
    let autoincrement = column.is(ColumnGrbit::AUTOINCREMENT) && !update.must_set_autoincrement;
    AUTOINCREMENT.refuse(autoincrement, JetError::InvalidColumnType)
}

fn is_kept_apart(bytes: &[u8], grbit: SetGrbit) -> bool {
    let asked = grbit.contains(SetGrbit::SEPARATE_LV) && bytes.len() > SEPARATE_LEAST;
    let large = bytes.len() >= SEPARATE_FROM && !grbit.contains(SetGrbit::INTRINSIC_LV);
    asked || large
}

/// What becomes of a long value.
enum Long {
    Kept,
    Null,
    Bytes(Vec<u8>),
}

/// Every option that the pages know.
const KNOWN: SetGrbit = OPERATION
    .union(SetGrbit::SEPARATE_LV)
    .union(SetGrbit::UNIQUE_MULTI_VALUES)
    .union(SetGrbit::UNIQUE_NORMALIZED_MULTI_VALUES)
    .union(SetGrbit::REVERT_TO_DEFAULT_VALUE)
    .union(SetGrbit::INTRINSIC_LV)
    .union(SetGrbit::UNCOMPRESSED)
    .union(SetGrbit::COMPRESSED)
    .union(SetGrbit::CONTIGUOUS_LV);

/// The options that decide what is done to a long value.
const OPERATION: SetGrbit = SetGrbit::APPEND_LV
    .union(SetGrbit::OVERWRITE_LV)
    .union(SetGrbit::SIZE_LV)
    .union(SetGrbit::ZERO_LENGTH);

fn long_value(old: Option<&[u8]>, given: Given<'_>, grbit: SetGrbit, at: usize) -> Jet<Long> {
    const APPEND: SetGrbit = SetGrbit::APPEND_LV;
    const PART: SetGrbit = SetGrbit::OVERWRITE_LV;
    const SIZE: SetGrbit = SetGrbit::SIZE_LV;
    const ZERO: SetGrbit = SetGrbit::ZERO_LENGTH;
    let operation = grbit.intersection(OPERATION);
    let none = given.size(grbit) == 0;
    let data = given.bytes();
    if operation == APPEND {
        return Ok(append(old, data));
    }
    if operation == PART {
        let keeps = at > 0 || OVERWRITE_KEEPS_THE_REST.genuine() || !OVERWRITE.holds();
        return overwrite(old, data, at, !keeps);
    }
    if operation == SIZE || operation == SIZE | ZERO {
        return Ok(match (none, operation == SIZE) {
            (true, true) => Long::Null,
            (true, false) => Long::Bytes(Vec::new()),
            (false, _) => resized(old, given.size(grbit))?,
        });
    }
    if operation == SIZE | PART {
        return if none {
            Ok(Long::Null)
        } else {
            overwrite(old, data, at, true)
        };
    }
    // Other combinations have no meaning of their own: the whole value is set.
    let zero_length = operation == ZERO || !EMPTY_IS_NULL.holds();
    Ok(if none && !zero_length {
        Long::Null
    } else {
        Long::Bytes(data.to_vec())
    })
}

fn append(old: Option<&[u8]>, data: &[u8]) -> Long {
    match (old, data) {
        (Some(_), []) => Long::Kept,
        (_, data) if !APPENDS.holds() => Long::Bytes(data.to_vec()),
        (old, data) => Long::Bytes([old.unwrap_or_default(), data].concat()),
    }
}

fn resized(old: Option<&[u8]>, size: usize) -> Jet<Long> {
    let mut bytes = old.unwrap_or_default().to_vec();
    if SIZE.holds() {
        let room = bytes.try_reserve(size.saturating_sub(bytes.len()));
        room.map_err(|_| JetError::OutOfMemory)?;
        bytes.resize(size, 0);
    }
    Ok(Long::Bytes(bytes))
}

fn overwrite(old: Option<&[u8]>, data: &[u8], at: usize, cut: bool) -> Jet<Long> {
    if old.is_some() && data.is_empty() {
        return Ok(Long::Kept);
    }
    let mut bytes = old.unwrap_or_default().to_vec();
    PART_WITHIN.refuse(at > bytes.len(), JetError::ColumnNoChunk)?;
    let end = at.saturating_add(data.len());
    if bytes.len() < end {
        // Where the rule is off a gap is filled with zeroes, up to a size that memory allows.
        let room = bytes.try_reserve(end - bytes.len());
        room.map_err(|_| JetError::OutOfMemory)?;
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(data);
    if cut {
        bytes.truncate(end);
    }
    Ok(Long::Bytes(bytes))
}

#[cfg(test)]
#[path = "set_tests.rs"]
mod tests;
