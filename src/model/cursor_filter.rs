//! JetSetCursorFilter: conditions that a record has to meet for a move to stop at it.
//!
//! (jetsetcursorfilter-function.md, jetrelop-enumeration.md)

use super::engine::{Engine, State};
use super::handles::{Sesid, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::rules::rules;
use super::store::Entry;
use super::value::coltyp::Coltyp;
use super::value::column::{Column, ColumnDefault};
use super::value::normal::Normaliser;
use super::value::record::Record;
use crate::abi::errors::JetError;

rules! {
    /// A move passes over records that do not meet the conditions. (jetsetcursorfilter-function.md)
    FILTER = "cursor/filter";
    /// Only moves along the primary index are filtered. (jetsetcursorfilter-function.md)
    SECONDARY = "cursor/filter-secondary";
    /// Values whose order the index alone knows are not compared.
    COLUMN = "cursor/filter-column";
    /// The comparison can be made with values of the column. (jetrelop-enumeration.md)
    RELOP = "cursor/filter-relop";
}

/// How a value compares, `JET_RELOP`. (jetrelop-enumeration.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relop {
    /// `JET_relopEquals`
    Equals,
    /// `JET_relopPrefixEquals`
    PrefixEquals,
    /// `JET_relopNotEquals`
    NotEquals,
    /// `JET_relopLessThanOrEqual`
    LessThanOrEqual,
    /// `JET_relopLessThan`
    LessThan,
    /// `JET_relopGreaterThanOrEqual`
    GreaterThanOrEqual,
    /// `JET_relopGreaterThan`
    GreaterThan,
    /// `JET_relopBitmaskEqualsZero`
    BitmaskEqualsZero,
    /// `JET_relopBitmaskNotEqualsZero`
    BitmaskNotEqualsZero,
}

impl Relop {
    /// The comparison with a documented number.
    pub const fn from_number(relop: i32) -> Option<Self> {
        Some(match relop {
            0 => Self::Equals,
            1 => Self::PrefixEquals,
            2 => Self::NotEquals,
            3 => Self::LessThanOrEqual,
            4 => Self::LessThan,
            5 => Self::GreaterThanOrEqual,
            6 => Self::GreaterThan,
            7 => Self::BitmaskEqualsZero,
            8 => Self::BitmaskNotEqualsZero,
            _ => return None,
        })
    }
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter {
    /// The column.
    pub columnid: u32,
    /// The comparison.
    pub relop: Relop,
    /// What to compare with; no bytes stand for null.
    pub value: Vec<u8>,
}

impl Filter {
    /// Whether the published engine compares values of the column at all.
    fn has_order(column: &Column) -> bool {
        let text = column.coltyp.is_text() || column.coltyp.is_long_value();
        !text && !matches!(column.default, ColumnDefault::UserDefined(_))
    }

    /// Whether the comparison makes sense: the beginning of a number does not, nor do the bits of
    /// anything else.
    fn can_be_made(&self, column: &Column) -> bool {
        let binary = column.coltyp == Coltyp::Binary;
        let bits = matches!(
            self.relop,
            Relop::BitmaskEqualsZero | Relop::BitmaskNotEqualsZero
        );
        let beginning = self.relop == Relop::PrefixEquals;
        if self.value.is_empty() {
            return !bits && !beginning;
        }
        let size = column.coltyp.fixed_size().map(|size| size as usize);
        if binary {
            return !bits;
        }
        let number = !matches!(column.coltyp, Coltyp::Bit | Coltyp::Guid);
        size == Some(self.value.len()) && !beginning && (number || !bits)
    }

    fn is_met(&self, column: &Column, record: &Record) -> bool {
        let value = record.bytes(column);
        let given = (!self.value.is_empty()).then_some(self.value.as_slice());
        let normaliser = Normaliser::of(column);
        let sortable = |bytes: Option<&[u8]>| {
            let size = column.coltyp.fixed_size().map(|size| size as usize);
            let fits = bytes.is_none_or(|bytes| size.is_none_or(|size| size == bytes.len()));
            fits.then(|| normaliser.normalise(bytes))
        };
        let order = || sortable(value).cmp(&sortable(given));
        let masked = || {
            let pairs = value.unwrap_or_default().iter().zip(&self.value);
            pairs.fold(0, |bits, (byte, mask)| bits | (byte & mask))
        };
        match self.relop {
            Relop::Equals => order().is_eq(),
            Relop::PrefixEquals => value.is_some_and(|value| value.starts_with(&self.value)),
            Relop::NotEquals => order().is_ne(),
            Relop::LessThanOrEqual => order().is_le(),
            Relop::LessThan => order().is_lt(),
            Relop::GreaterThanOrEqual => order().is_ge(),
            Relop::GreaterThan => order().is_gt(),
            Relop::BitmaskEqualsZero => masked() == 0,
            Relop::BitmaskNotEqualsZero => masked() != 0,
        }
    }
}

impl Engine {
    /// JetSetCursorFilter: no condition takes the conditions back. `filters` holds `None` for a
    /// comparison that does not exist. Options are not looked at.
    /// (jetsetcursorfilter-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errFilteredMoveNotSupported` on a secondary index and for text,
    /// long values and columns with a default function, `JET_errInvalidParameter`,
    /// `JET_errBadColumnId`, `JET_errColumnNotFound`.
    pub fn set_cursor_filter(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        filters: Vec<Option<Filter>>,
    ) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::SetCursorFilter)?;
        let secondary = call.cursor(tableid)?.index.is_some();
        SECONDARY.refuse(
            secondary && !filters.is_empty(),
            JetError::FilteredMoveNotSupported,
        )?;
        let filters: Option<Vec<Filter>> = filters.into_iter().collect();
        let filters = filters.ok_or_else(|| RELOP.error(JetError::InvalidParameter))?;
        let view = call.view(sesid)?;
        let table = call.table(call.cursor(tableid)?.table)?;
        for filter in &filters {
            let column = table.schema(view).columns.find(filter.columnid)?;
            let compared = Filter::has_order(column);
            COLUMN.refuse(!compared, JetError::FilteredMoveNotSupported)?;
            RELOP.refuse(!filter.can_be_made(column), JetError::InvalidParameter)?;
        }
        call.cursor_mut(tableid)?.filters = filters;
        Ok(())
    }
}

impl State {
    /// Whether moves of the cursor are filtered at all.
    ///
    /// # Errors
    /// `JET_errFilteredMoveNotSupported` on a secondary index.
    pub(super) fn is_filtered(&self, tableid: Tableid) -> Jet<bool> {
        let cursor = self.cursor(tableid)?;
        let filtered = !cursor.filters.is_empty() && FILTER.holds();
        SECONDARY.refuse(
            filtered && cursor.index.is_some(),
            JetError::FilteredMoveNotSupported,
        )?;
        Ok(filtered)
    }

    /// Whether the record of an entry meets the cursor's conditions.
    pub(super) fn meets_filters(&self, sesid: Sesid, tableid: Tableid, entry: &Entry) -> Jet<bool> {
        let cursor = self.cursor(tableid)?;
        let view = self.view(sesid)?;
        let table = self.table(cursor.table)?;
        let Some(record) = table.rows.read(view, &entry.bookmark) else {
            return Ok(false);
        };
        let columns = &table.schema(view).columns;
        Ok(cursor.filters.iter().all(|filter| {
            let column = columns.find(filter.columnid);
            column.is_ok_and(|column| filter.is_met(column, &record))
        }))
    }
}
