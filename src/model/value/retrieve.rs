//! JetRetrieveColumn: what is found, and how much of it the buffer gets.
//!
//! (jetretrievecolumn-function.md, jet-retinfo-structure.md, jetretrievecolumns-function.md)

use super::column::{Column, Storage, UserDefault};
use super::columns::Columns;
use super::grbit::{ColumnGrbit, RetrieveGrbit};
use super::record::{Record, Shown};
use crate::abi::errors::{JetError, JetWarning};
use crate::model::outcome::{Jet, Warned};
use crate::model::rules::{Rule, rules};

rules! {
    /// Where no value is chosen it is the first. (jetretrievecolumn-function.md)
    FIRST_VALUE = "retrieve/first-value";
    /// A column that was never set has its default. (jetretrievecolumn-function.md)
    DEFAULT = "retrieve/default";
    /// Defaults are left out where that is asked for. (jetretrievecolumn-function.md)
    IGNORE_DEFAULT = "retrieve/ignore-default";
    /// The sequence number chooses a value. (jet-retinfo-structure.md)
    CHOOSES = "retrieve/itag";
    /// A column that is not tagged has no sequence.
    ITAG_IGNORED = "retrieve/itag-ignored";
    /// Beyond the end of a long value there is nothing.
    OFFSET_BEYOND = "retrieve/offset-beyond";
    /// The engine's own option bits are refused.
    UNKNOWN_OPTION = "retrieve/unknown-option";
    /// PageNumber, CopyIntrinsic and PhysicalSize go with no other option.
    SPECIAL_ALONE = "retrieve/special-options-alone";
    /// PhysicalSize takes no buffer and no offset.
    PHYSICAL_SIZE = "retrieve/physical-size-arguments";
    /// Tuple goes only with FromIndex.
    TUPLE = "retrieve/tuple-needs-index";
    /// FromIndex and FromPrimaryBookmark exclude each other.
    INDEX_OR_BOOKMARK = "retrieve/index-or-bookmark";
    /// A single value is asked for by a sequence number from 1.
    ITAG = "retrieve/itag-sequence";
    /// A value that the buffer has no room for is cut, with a warning.
    TRUNCATED = "retrieve/truncated-warning";
    /// A null column is told by a warning.
    NULL = "retrieve/null-warning";
    /// A long value is read from the offset on.
    OFFSET = "retrieve/offset-long-value";
    /// An offset has no effect on other values.
    OFFSET_IGNORED = "retrieve/offset-ignored";
    /// That walk meets a user-defined default as one value.
    DEFAULT_IN_SCAN = "default/tagged-scan";
    /// Columnid 0 walks over the values of all tagged columns, defaults included.
    SCAN = "retrieve/columnid-zero";
}

/// The option bits that the published engine keeps for itself.
const INTERNAL: u32 = 0x8000_0000;

/// What a retrieval asks for, by its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A value.
    Value,
    /// The number of a database page (`JET_bitRetrievePageNumber`).
    PageNumber,
    /// The room for long values in the copy buffer (`JET_bitRetrieveCopyIntrinsic`).
    CopyIntrinsic,
    /// The size alone (`JET_bitRetrievePhysicalSize`).
    PhysicalSize,
}

/// Reads the options of a retrieval. `cb_max` is the size of the buffer, `wants_actual` tells that
/// `pcbActual` is not null.
///
/// # Errors
/// `JET_errInvalidGrbit` for options that exclude each other, `JET_errInvalidParameter` for
/// PhysicalSize with a buffer, an offset, or without `pcbActual`.
pub fn read_options(
    grbit: RetrieveGrbit,
    cb_max: u32,
    wants_actual: bool,
    ib_long_value: u32,
) -> Jet<Asked> {
    let internal = grbit.bits() & INTERNAL != 0;
    UNKNOWN_OPTION.refuse(internal, JetError::InvalidGrbit)?;
    for (option, asked) in [
        (RetrieveGrbit::PAGE_NUMBER, Asked::PageNumber),
        (RetrieveGrbit::COPY_INTRINSIC, Asked::CopyIntrinsic),
    ] {
        if grbit.contains(option) {
            SPECIAL_ALONE.refuse(grbit != option, JetError::InvalidGrbit)?;
            return Ok(asked);
        }
    }
    let physical = grbit.contains(RetrieveGrbit::PHYSICAL_SIZE);
    if physical {
        let others = grbit.difference(RetrieveGrbit::PHYSICAL_SIZE | RetrieveGrbit::COPY);
        SPECIAL_ALONE.refuse(!others.is_empty(), JetError::InvalidGrbit)?;
        let wrong = cb_max != 0 || !wants_actual || ib_long_value != 0;
        PHYSICAL_SIZE.refuse(wrong, JetError::InvalidParameter)?;
    }
    let tuple = grbit.contains(RetrieveGrbit::TUPLE);
    let index = grbit.contains(RetrieveGrbit::FROM_INDEX);
    TUPLE.refuse(tuple && !index, JetError::InvalidGrbit)?;
    let bookmark = grbit.contains(RetrieveGrbit::FROM_PRIMARY_BOOKMARK);
    INDEX_OR_BOOKMARK.refuse(index && bookmark, JetError::InvalidGrbit)?;
    Ok(if physical {
        Asked::PhysicalSize
    } else {
        Asked::Value
    })
}

/// A value found in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'a> {
    /// The column; `None` where a walk over the tagged columns found no such value.
    pub column: Option<&'a Column>,
    /// Which of its values, from 1.
    pub itag_sequence: u32,
    /// What the record shows.
    pub shown: Shown<'a>,
    /// Whether the record says in so many words that the column is null, as a walk that was asked
    /// for nulls reports with `JET_wrnColumnSetNull`.
    pub set_null: bool,
}

impl Found<'_> {
    /// The columnid to report as `columnidNextTagged`, zero where nothing was found.
    pub fn columnid(&self) -> u32 {
        self.column.map_or(0, |column| column.columnid)
    }
}

/// Finds a value in a record; columnid 0 counts the values of all tagged columns.
///
/// # Errors
/// `JET_errBadColumnId`, `JET_errColumnNotFound`, and `JET_errBadItagSequence` for `itag` 0 of a
/// tagged column.
pub fn find<'a>(
    record: &'a Record,
    columns: &'a Columns,
    columnid: u32,
    itag: u32,
    grbit: RetrieveGrbit,
) -> Jet<Found<'a>> {
    if columnid == 0 && SCAN.holds() {
        ITAG.refuse(itag == 0, JetError::BadItagSequence)?;
        return Ok(scan(record, columns, grbit)
            .nth((itag as usize).saturating_sub(1))
            .unwrap_or(NOTHING));
    }
    let column = columns.find(columnid)?;
    let tagged = column.storage() == Storage::Tagged;
    ITAG.refuse(tagged && itag == 0, JetError::BadItagSequence)?;
    let ignored = grbit.contains(RetrieveGrbit::IGNORE_DEFAULT) && tagged && IGNORE_DEFAULT.holds();
    let itag = if tagged && !CHOOSES.holds() { 1 } else { itag };
    let last = record.held(columnid);
    let itag = match FIRST_VALUE.holds() || itag != 1 || last == 0 {
        true => itag,
        false => last,
    };
    let shown = match record.shown(column, itag) {
        Shown::Default(_) | Shown::UserDefault(_) if ignored => Shown::Null,
        Shown::Default(_) if !DEFAULT.holds() => Shown::Null,
        _ if !tagged && itag > 1 && !ITAG_IGNORED.holds() => Shown::Null,
        shown => shown,
    };
    Ok(Found {
        column: Some(column),
        itag_sequence: itag,
        shown,
        set_null: false,
    })
}

const NOTHING: Found<'static> = Found {
    column: None,
    itag_sequence: 0,
    shown: Shown::Null,
    set_null: false,
};

/// The number of values that columnid 0 walks over.
pub fn scan_count(record: &Record, columns: &Columns, grbit: RetrieveGrbit) -> u32 {
    scan(record, columns, grbit).count() as u32
}

/// The values of all tagged columns, as columnid 0 walks over them.
fn scan<'a>(
    record: &'a Record,
    columns: &'a Columns,
    grbit: RetrieveGrbit,
) -> impl Iterator<Item = Found<'a>> {
    columns
        .iter()
        .filter(|column| column.storage() == Storage::Tagged)
        .filter(|column| column.user_default().is_none() || DEFAULT_IN_SCAN.holds())
        .flat_map(move |column| {
            let set_null = record.is_explicit_null(column.columnid);
            let held = record.held(column.columnid);
            let many = match (set_null, held) {
                (true, _) => u32::from(grbit.contains(RetrieveGrbit::NULL)),
                (false, 0) if grbit.contains(RetrieveGrbit::IGNORE_DEFAULT) => 0,
                (false, 0) => record.count(column),
                (false, held) => held,
            };
            (1..=many).map(move |itag| Found {
                column: Some(column),
                itag_sequence: itag,
                shown: record.shown(column, itag),
                set_null,
            })
        })
}

/// What the application's buffer gets of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered<'a> {
    /// The bytes to copy.
    pub bytes: &'a [u8],
    /// `cbActual`: the bytes from the offset on, whatever the buffer.
    pub actual: u32,
}

impl Found<'_> {
    /// An escrow column is told whole or not at all. (jetretrievecolumn-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidBufferSize`.
    pub fn check_room(&self, cb_max: u32, asked: Asked, rule: &Rule) -> Jet<()> {
        let escrow = self
            .column
            .is_some_and(|column| column.is(ColumnGrbit::ESCROW_UPDATE));
        let short = self
            .shown
            .bytes()
            .is_some_and(|bytes| bytes.len() > cb_max as usize);
        let refused = escrow && short && asked != Asked::PhysicalSize;
        rule.refuse(refused, JetError::InvalidBufferSize)
    }
}

/// What a buffer of `cb_max` bytes gets of what was found.
///
/// `Err` carries the user-defined default whose function must be asked instead.
///
/// # Errors
/// The user-defined default, to be answered by the application.
pub fn deliver<'a>(
    found: &Found<'a>,
    ib_long_value: u32,
    cb_max: u32,
    asked: Asked,
) -> Result<Warned<Delivered<'a>>, &'a UserDefault> {
    let bytes = match found.shown {
        Shown::UserDefault(default) => return Err(default),
        Shown::Null => return Ok(null(found)),
        Shown::Value(value) => value.bytes.as_slice(),
        Shown::Default(bytes) => bytes,
    };
    if asked == Asked::PhysicalSize {
        let actual = bytes.len() as u32;
        return Ok(Warned::plain(Delivered { bytes: &[], actual }));
    }
    let long = found.column.is_some_and(|c| c.coltyp.is_long_value());
    let counts = if long {
        OFFSET.holds()
    } else {
        !OFFSET_IGNORED.holds()
    };
    let from = if counts { ib_long_value as usize } else { 0 };
    let beyond = if OFFSET_BEYOND.holds() { &[] } else { bytes };
    Ok(cut(bytes.get(from..).unwrap_or(beyond), cb_max))
}

fn null(found: &Found<'_>) -> Warned<Delivered<'static>> {
    let warning = if found.set_null {
        JetWarning::ColumnSetNull
    } else {
        JetWarning::ColumnNull
    };
    Warned {
        value: Delivered::default(),
        warning: NULL.holds().then_some(warning),
    }
}

/// The first `cb_max` bytes, with a warning where there are more.
pub fn cut(bytes: &[u8], cb_max: u32) -> Warned<Delivered<'_>> {
    let fits = bytes.len() <= cb_max as usize;
    Warned {
        value: Delivered {
            bytes: if fits {
                bytes
            } else {
                &bytes[..cb_max as usize]
            },
            actual: bytes.len() as u32,
        },
        warning: (!fits && TRUNCATED.holds()).then_some(JetWarning::BufferTruncated),
    }
}

#[cfg(test)]
#[path = "retrieve_tests.rs"]
mod tests;
