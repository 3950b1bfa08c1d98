//! JetMakeKey: a search key, column by column.
//!
//! (jetmakekey-function.md, jetseek-function.md, jetsetindexrange-function.md)

use super::coltyp::Coltyp;
use super::column::{Column, Storage};
use super::fit::pad;
use super::grbit::KeyGrbit;
use super::normal::Normaliser;
use crate::abi::errors::JetError;
use crate::model::index_options::TupleLimits;
use crate::model::outcome::Jet;
use crate::model::quirks;
use crate::model::rules::rules;

rules! {
    /// A limit at the end fills the key.
    LIMIT_FILLS = "key/limit-fills";
    /// Each call adds a column to the key. (jetmakekey-function.md)
    ADDS = "key/adds-column";
    /// Only a key that was made can be copied. (jetretrievekey-function.md)
    COPY_NOT_MADE = "key/copy-not-made";
    /// A tuple as short as any is a key. (jetmakekey-function.md)
    TUPLE_LEAST = "key/tuple-least";
    /// A key that was used is gone. (jetretrievekey-function.md)
    COPY_USED = "key/copy-after-use";
    /// A normalised key is taken as it is. (jetmakekey-function.md)
    NORMALIZED = "key/normalized";
    /// No data stands for null.
    NULL = "key/null";
    /// The size of a value is judged before the options.
    ORDER = "key/order-of-checks";
    /// Unknown options of a key are ignored.
    UNKNOWN = "key/unknown-bits";
    /// A key is made for a current index, unless it comes normalised.
    CURRENT_INDEX = "key/current-index";
    /// A normalised key is at most as long as the index allows.
    NORMALIZED_SIZE = "key/normalized-size";
    /// The first column of a key comes with NewKey.
    NEW_KEY = "key/new-key-first";
    /// No column comes after a limit.
    AFTER_LIMIT = "key/nothing-after-limit";
    /// A key has no more columns than its index.
    COLUMNS = "key/columns-of-index";
    /// A value of a fixed column has exactly the column's size.
    FIXED_SIZE = "key/fixed-size";
    /// A column has at most one of the four limits.
    ONE_LIMIT = "key/one-limit";
    /// Partial limits are for text, and for bytes of variable length.
    PARTIAL_TYPE = "key/partial-limit-type";
    /// ZeroLength is for text and bytes of variable length.
    ZERO_LENGTH = "key/zero-length-type";
    /// A seek or a range takes a key that was made for it.
    KEY_MADE = "key/made";
    /// A seek or a range uses the key up.
    USED_UP = "key/used-up";
    /// The longest key of an index cuts what is longer.
    CUT = "key/cut-at-most";
    /// A value for a tuple index is as long as its shortest tuple. (jetmakekey-function.md)
    TUPLE = "key/tuple-too-small";
}

/// The prefix of a value that is not null.
const VALUE: u8 = 0x7f;
/// Every option of a key that the pages know.
const KNOWN: KeyGrbit = LIMITS
    .union(KeyGrbit::NEW_KEY)
    .union(KeyGrbit::STR_LIMIT)
    .union(KeyGrbit::SUB_STR_LIMIT)
    .union(KeyGrbit::NORMALIZED_KEY)
    .union(KeyGrbit::DATA_ZERO_LENGTH);
/// Fills an end limit.
const SENTINEL: u8 = 0xff;
/// Ends the alphabetic weights of Unicode text.
const UNICODE_DELIMITER: u8 = 1;
/// The options of which a column has at most one.
const LIMITS: KeyGrbit = KeyGrbit::FULL_COLUMN_START_LIMIT
    .union(KeyGrbit::FULL_COLUMN_END_LIMIT)
    .union(KeyGrbit::PARTIAL_COLUMN_START_LIMIT)
    .union(KeyGrbit::PARTIAL_COLUMN_END_LIMIT);

/// The longest key that comes normalised where there is no index (`JET_cbKeyMost`).
const NORMALIZED_MOST: usize = 255;

/// A column of the key of an index.
#[derive(Debug, Clone, Copy)]
pub struct KeyPart<'a> {
    /// The column of the table.
    pub column: &'a Column,
    /// How the index normalises its values.
    pub normaliser: Normaliser,
}

/// The index that a key is made for.
#[derive(Debug, Clone)]
pub struct KeyIndex<'a> {
    /// The columns of its key.
    pub parts: Vec<KeyPart<'a>>,
    /// The longest key in bytes.
    pub key_most: usize,
    /// The lengths of the tuples that the first column is split into.
    pub tuples: Option<TupleLimits>,
}

/// The tuple that a value for a tuple index stands for: its beginning, as long as tuples are.
///
/// # Errors
/// `JET_errIndexTuplesKeyTooSmall` for a value that is shorter than the shortest tuple.
fn tuple<'a>(column: &Column, data: &'a [u8], limits: TupleLimits) -> Jet<&'a [u8]> {
    let unit = column.unit();
    // Without the rule one character more is asked for.
    let least = limits.least as usize + usize::from(!TUPLE_LEAST.holds());
    let short = data.len() / unit < least;
    TUPLE.refuse(short, JetError::IndexTuplesKeyTooSmall)?;
    Ok(&data[..data.len().min(limits.most as usize * unit)])
}

/// The search key of a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct SearchKey {
    bytes: Vec<u8>,
    columns: usize,
    prepared: bool,
    limit: bool,
    cut: bool,
    /// Whether there is a key to copy: one was made since the index became current.
    exists: bool,
}

impl SearchKey {
    /// Adds a column, or takes a whole normalised key. `data` empty stands for null, or with
    /// `JET_bitKeyDataZeroLength` for a value of zero length.
    ///
    /// # Errors
    /// See the rules of this file, in their order. A failure with `JET_bitNewKey` still discards the
    /// key that was there.
    pub fn make(&mut self, index: Option<&KeyIndex<'_>>, data: &[u8], grbit: KeyGrbit) -> Jet<()> {
        let unknown = !grbit.difference(KNOWN).is_empty();
        UNKNOWN.allow(unknown, JetError::InvalidGrbit)?;
        if grbit.contains(KeyGrbit::NORMALIZED_KEY) {
            let most = index.map_or(NORMALIZED_MOST, |index| index.key_most);
            return self.take(data, most);
        }
        let Some(index) = index else {
            CURRENT_INDEX.refuse(true, JetError::NoCurrentIndex)?;
            return self.take(data, NORMALIZED_MOST);
        };
        if grbit.contains(KeyGrbit::NEW_KEY) {
            *self = Self::default();
        } else {
            AFTER_LIMIT.refuse(self.limit, JetError::KeyIsMade)?;
            NEW_KEY.refuse(!self.prepared, JetError::KeyNotMade)?;
        }
        let Some(part) = index.parts.get(self.columns) else {
            COLUMNS.refuse(true, JetError::KeyIsMade)?;
            return Ok(());
        };
        let null = data.is_empty() && !grbit.contains(KeyGrbit::DATA_ZERO_LENGTH);
        NULL.allow(null, JetError::InvalidBufferSize)?;
        if !ORDER.holds() {
            check_limits(part.column, grbit)?;
        }
        let tuples = index.tuples.filter(|_| self.columns == 0);
        let data = tuples.map_or(Ok(data), |limits| tuple(part.column, data, limits))?;
        let value = sized(part.column, data)?;
        check_limits(part.column, grbit)?;
        self.append(
            part,
            value.as_deref().unwrap_or(data),
            index.key_most,
            grbit,
        )
    }

    fn take(&mut self, data: &[u8], most: usize) -> Jet<()> {
        let longest = most + 1;
        let too_long = data.len() > longest && data.len() > NORMALIZED_MOST;
        NORMALIZED_SIZE.refuse(too_long, JetError::InvalidParameter)?;
        // Without the rule it gets the prefix of a value once more.
        let prefix: &[u8] = if NORMALIZED.holds() { &[] } else { &[VALUE] };
        *self = Self {
            bytes: [prefix, &data[..data.len().min(longest)]].concat(),
            columns: 1,
            prepared: true,
            limit: data.len() > most,
            cut: false,
            exists: true,
        };
        Ok(())
    }

    fn append(
        &mut self,
        part: &KeyPart<'_>,
        data: &[u8],
        key_most: usize,
        grbit: KeyGrbit,
    ) -> Jet<()> {
        let room = key_most.saturating_sub(self.bytes.len());
        if !self.cut && (room > 0 || !CUT.holds()) {
            let mut segment = normalised(part, data, grbit)?;
            if segment.len() > room && CUT.holds() {
                segment.truncate(room);
                self.cut = true;
            }
            self.limit |= limit(part, data, &mut segment, room, grbit);
            if ADDS.holds() {
                self.bytes.append(&mut segment);
            }
        }
        self.columns += 1;
        self.prepared = true;
        self.exists = true;
        Ok(())
    }

    /// The key for a seek or a range, which uses it up.
    ///
    /// # Errors
    /// `JET_errKeyNotMade`
    pub fn use_up(&mut self) -> Jet<Vec<u8>> {
        self.check_made()?;
        if USED_UP.holds() {
            self.prepared = false;
            self.limit = false;
            self.columns = 0;
            self.exists &= !COPY_USED.holds() || quirks::USED_KEY_STAYS.genuine();
        }
        Ok(self.bytes.clone())
    }

    /// Refuses where no key is made.
    ///
    /// # Errors
    /// `JET_errKeyNotMade`
    pub fn check_made(&self) -> Jet<()> {
        KEY_MADE.refuse(!self.prepared, JetError::KeyNotMade)
    }

    /// The key as JetRetrieveKey copies it.
    ///
    /// # Errors
    /// `JET_errKeyNotMade` where none was made since the index became current, or it was used.
    pub fn bytes(&self) -> Jet<&[u8]> {
        COPY_NOT_MADE.refuse(!self.exists, JetError::KeyNotMade)?;
        Ok(&self.bytes)
    }

    /// Whether the key ends in a limit.
    pub fn is_limit(&self) -> bool {
        self.limit
    }

    /// Forgets the key, as another current index does.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The value of a fixed column at its full size; `None` where the data can stand as it is.
fn sized(column: &Column, data: &[u8]) -> Jet<Option<Vec<u8>>> {
    let size = column.cb_max as usize;
    if column.storage() != Storage::Fixed || data.is_empty() || data.len() == size {
        return Ok(None);
    }
    let short_text = column.coltyp == Coltyp::Text && data.len() < size;
    FIXED_SIZE.refuse(!short_text, JetError::InvalidBufferSize)?;
    let mut padded = data.to_vec();
    pad(column, &mut padded);
    padded.truncate(size);
    Ok(Some(padded))
}

fn check_limits(column: &Column, grbit: KeyGrbit) -> Jet<()> {
    let limits = grbit.intersection(LIMITS);
    ONE_LIMIT.refuse(limits.bits().count_ones() > 1, JetError::InvalidGrbit)?;
    let partial = limits
        .intersects(KeyGrbit::PARTIAL_COLUMN_START_LIMIT | KeyGrbit::PARTIAL_COLUMN_END_LIMIT);
    PARTIAL_TYPE.refuse(partial && !has_delimiter(column), JetError::InvalidGrbit)
}

/// Whether the values of a column end in bytes that say where they end.
fn has_delimiter(column: &Column) -> bool {
    let fixed = column.storage() == Storage::Fixed;
    column.coltyp.is_text() || (column.coltyp.is_binary() && !fixed)
}

fn normalised(part: &KeyPart<'_>, data: &[u8], grbit: KeyGrbit) -> Jet<Vec<u8>> {
    let zero_length = data.is_empty() && grbit.contains(KeyGrbit::DATA_ZERO_LENGTH);
    let unsized_type = part.column.coltyp.fixed_size().is_none();
    let variable = unsized_type && part.column.storage() != Storage::Fixed;
    ZERO_LENGTH.refuse(zero_length && !variable, JetError::InvalidBufferSize)?;
    let value = (!data.is_empty() || zero_length).then_some(data);
    Ok(part.normaliser.normalise(value))
}

/// Makes a limit of a normalised column with `room` bytes left in the key; answers whether the
/// options ask for one.
fn limit(
    part: &KeyPart<'_>,
    data: &[u8],
    segment: &mut Vec<u8>,
    room: usize,
    grbit: KeyGrbit,
) -> bool {
    let text = part.column.coltyp.is_text();
    let limits = grbit.intersection(LIMITS);
    let end =
        limits.intersects(KeyGrbit::FULL_COLUMN_END_LIMIT | KeyGrbit::PARTIAL_COLUMN_END_LIMIT);
    let partial = limits
        .intersects(KeyGrbit::PARTIAL_COLUMN_START_LIMIT | KeyGrbit::PARTIAL_COLUMN_END_LIMIT);
    // One byte beyond the longest key, so that a limit sorts after any key.
    let full = room + 1;
    if limits.is_empty() {
        if grbit.contains(KeyGrbit::SUB_STR_LIMIT) && text {
            partial_text(part, segment, full, true);
        } else if grbit.contains(KeyGrbit::STR_LIMIT) {
            partial_binary(part, data, segment, full, true);
        } else {
            return false;
        }
    } else if partial && text {
        partial_text(part, segment, full, end);
    } else if partial {
        partial_binary(part, data, segment, full, end);
    } else {
        full_column(segment, full, end);
    }
    true
}

fn full_column(segment: &mut Vec<u8>, full: usize, end: bool) {
    if end {
        let full = if LIMIT_FILLS.holds() {
            full
        } else {
            segment.len() + 1
        };
        segment.resize(full.max(segment.len()), SENTINEL);
    }
}

/// Takes the end of a text away, so that longer texts that begin with it follow.
fn partial_text(part: &KeyPart<'_>, segment: &mut Vec<u8>, full: usize, end: bool) {
    let turned = if part.normaliser.descending { 0xff } else { 0 };
    if part.column.is_unicode() {
        let delimiter = UNICODE_DELIMITER ^ turned;
        let weights = segment
            .iter()
            .skip(1)
            .take_while(|byte| **byte != delimiter);
        let length = 1 + weights.count();
        segment.truncate(length);
    } else if segment.len() > 1 && segment.last() == Some(&turned) {
        segment.pop();
    }
    full_column(segment, full, end);
}

/// Takes the filling and the count of the last group away; for other columns all of it stays.
fn partial_binary(part: &KeyPart<'_>, data: &[u8], segment: &mut Vec<u8>, full: usize, end: bool) {
    const GROUP: usize = 8;
    if !part.column.coltyp.is_binary() || !has_delimiter(part.column) || data.is_empty() {
        return full_column(segment, full, end);
    }
    // A group and its count take nine bytes, after the prefix.
    let whole_groups = (data.len() - 1) / GROUP;
    let delimiter = 1 + data.len() + whole_groups;
    if delimiter >= segment.len() {
        return full_column(segment, full, end);
    }
    let length = segment.len();
    segment.truncate(delimiter);
    if end {
        segment.resize(length + 1, SENTINEL);
    }
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
