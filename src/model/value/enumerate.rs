//! JetEnumerateColumns: the columns of a record and all their values.
//!
//! (jetenumeratecolumns-function.md, jet-enumcolumn-structure.md, jet-enumcolumnvalue-structure.md)

use super::column::{Column, Storage};
use super::columns::Columns;
use super::grbit::EnumerateGrbit;
use super::record::{Record, Shown};
use crate::abi::errors::{JetError, JetWarning};
use crate::model::outcome::Jet;
use crate::model::rules::rules;

rules! {
    /// Columnids, and sequence numbers, choose what is told. (jetenumeratecolumns-function.md)
    CHOOSES = "retrieve/enumerate-some";
    /// Columns that are asked for exist. (jetenumeratecolumns-function.md)
    COLUMNID = "retrieve/enumerate-columnid";
    /// A single value in short form. (jetenumeratecolumns-function.md)
    COMPRESSED = "retrieve/enumerate-compressed";
    /// Only which columns have values. (jetenumeratecolumns-function.md)
    PRESENCE = "retrieve/enumerate-presence";
    /// Null columns that are not tagged are listed.
    NULLS = "retrieve/enumerate-nulls";
    /// Options that enumeration does not have are refused.
    UNKNOWN_OPTION = "retrieve/enumerate-unknown-option";
    /// A table with a user-defined default is enumerated only without such defaults.
    USER_DEFAULT = "default/enumerate-fails";
    /// A derived table with a user-defined default of its template is enumerated so, too.
    USER_DEFAULT_DERIVED = "default/enumerate-derived";
    /// Enumerated long values need some room.
    NO_ROOM = "retrieve/enumerate-no-room";
}

/// The options that enumeration refuses.
const REFUSED: u32 = 0x2 | 0x4 | 0x8 | 0x1_0000 | 0x8000_0000;

/// A value as it is enumerated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumeratedValue {
    /// Which of the values, from 1.
    pub itag_sequence: u32,
    /// What is said of it; `None` for nothing.
    pub warning: Option<JetWarning>,
    /// Its bytes, as many as are asked for.
    pub bytes: Vec<u8>,
}

/// A column as it is enumerated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumeratedColumn {
    /// Its columnid.
    pub columnid: u32,
    /// What is said of it. With `JET_wrnColumnSingleValue` the one value stands for the list;
    /// with `JET_wrnColumnNull`, `JET_wrnColumnPresent` and `JET_wrnColumnSkipped` there is none.
    pub warning: Option<JetWarning>,
    /// Its values.
    pub values: Vec<EnumeratedValue>,
}

/// A column that is asked for, with the sequence numbers of its values, none for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The columnid.
    pub columnid: u32,
    /// The sequence numbers.
    pub itags: Vec<u32>,
}

/// Refuses options, and tables, that enumeration does not take.
///
/// # Errors
/// `JET_errInvalidGrbit`, and `JET_errCallbackFailed` for a table with a user-defined default.
pub fn check(columns: &Columns, grbit: EnumerateGrbit) -> Jet<()> {
    UNKNOWN_OPTION.refuse(grbit.bits() & REFUSED != 0, JetError::InvalidGrbit)?;
    let without = EnumerateGrbit::IGNORE_DEFAULT | EnumerateGrbit::IGNORE_USER_DEFINED_DEFAULT;
    let asks = !grbit.intersects(without);
    let computed = |column: &&Column| column.user_default().is_some();
    let own = |column: &Column| computed(&column) && !column.derived;
    let rule = if columns.iter().any(own) {
        &USER_DEFAULT
    } else {
        &USER_DEFAULT_DERIVED
    };
    rule.refuse(asks && columns.has_user_default(), JetError::CallbackFailed)
}

/// Enumerates the requested columns, all where none is requested. `cb_data_most` is the most of
/// each long value kept apart from the record.
///
/// # Errors
/// `JET_errBadColumnId`, `JET_errColumnNotFound` for a request, `JET_errOutOfMemory` where
/// `cb_data_most` leaves no room for a long value.
pub fn enumerate(
    record: &Record,
    columns: &Columns,
    requests: &[Request],
    cb_data_most: u32,
    grbit: EnumerateGrbit,
) -> Jet<Vec<EnumeratedColumn>> {
    let job = Job {
        record,
        cb_data_most: cb_data_most as usize,
        grbit,
    };
    if requests.is_empty() || !CHOOSES.holds() {
        return columns
            .iter()
            .filter(|column| job.is_listed(column))
            .map(|column| job.column(column, &[]))
            .collect();
    }
    requests
        .iter()
        .map(|request| match request.columnid {
            0 => Ok(bare(0, JetWarning::ColumnSkipped)),
            columnid => match columns.find(columnid) {
                Err(_) if !COLUMNID.holds() => Ok(bare(columnid, JetWarning::ColumnSkipped)),
                column => job.column(column?, &request.itags),
            },
        })
        .collect()
}

fn bare(columnid: u32, warning: JetWarning) -> EnumeratedColumn {
    EnumeratedColumn {
        columnid,
        warning: Some(warning),
        values: Vec::new(),
    }
}

struct Job<'a> {
    record: &'a Record,
    cb_data_most: usize,
    grbit: EnumerateGrbit,
}

impl<'a> Job<'a> {
    /// Whether an enumeration of all columns lists it: tagged ones only with something to show.
    fn is_listed(&self, column: &Column) -> bool {
        let tagged = column.storage() == Storage::Tagged;
        let asked = tagged || !self.grbit.contains(EnumerateGrbit::TAGGED_ONLY);
        let has_value = self.shown(column, 1) != Shown::Null;
        let listed_as_null = !tagged && NULLS.holds();
        asked && (listed_as_null || has_value || self.record.is_explicit_null(column.columnid))
    }

    /// What the record shows, without the defaults that are not asked for.
    fn shown(&self, column: &'a Column, itag: u32) -> Shown<'a> {
        let ignores = |option| self.grbit.contains(option);
        match self.record.shown(column, itag) {
            Shown::Default(_) if ignores(EnumerateGrbit::IGNORE_DEFAULT) => {
                // The default of a fixed column is part of the record.
                match column.storage() {
                    Storage::Tagged => Shown::Null,
                    Storage::Fixed | Storage::Variable => self.record.shown(column, itag),
                }
            }
            Shown::UserDefault(_) => Shown::Null,
            shown => shown,
        }
    }

    fn column(&self, column: &Column, itags: &[u32]) -> Jet<EnumeratedColumn> {
        if itags.is_empty() {
            return self.all_values(column);
        }
        let values: Jet<Vec<_>> = itags.iter().map(|itag| self.value(column, *itag)).collect();
        Ok(EnumeratedColumn {
            columnid: column.columnid,
            warning: None,
            values: values?,
        })
    }

    fn all_values(&self, column: &Column) -> Jet<EnumeratedColumn> {
        if self.shown(column, 1) == Shown::Null {
            let told = match NULLS.holds() {
                true => JetWarning::ColumnNull,
                false => JetWarning::ColumnSkipped,
            };
            return Ok(bare(column.columnid, told));
        }
        if self.grbit.contains(EnumerateGrbit::PRESENCE_ONLY) && PRESENCE.holds() {
            return Ok(bare(column.columnid, JetWarning::ColumnPresent));
        }
        let many = self.record.count(column);
        let values: Jet<Vec<_>> = (1..=many).map(|itag| self.value(column, itag)).collect();
        let values = values?;
        let compress = self.grbit.contains(EnumerateGrbit::COMPRESS_OUTPUT) && COMPRESSED.holds();
        let single = matches!(&values[..], [only] if only.warning.is_none());
        Ok(EnumeratedColumn {
            columnid: column.columnid,
            warning: (compress && single).then_some(JetWarning::ColumnSingleValue),
            values,
        })
    }

    fn value(&self, column: &Column, itag: u32) -> Jet<EnumeratedValue> {
        let (warning, bytes) = match self.shown(column, itag) {
            _ if itag == 0 => (Some(JetWarning::ColumnSkipped), Vec::new()),
            Shown::Value(value) if value.separate => self.long_value(&value.bytes)?,
            shown => match shown.bytes() {
                Some(bytes) => (None, bytes.to_vec()),
                None => (Some(JetWarning::ColumnNull), Vec::new()),
            },
        };
        Ok(EnumeratedValue {
            itag_sequence: itag,
            warning,
            bytes,
        })
    }

    fn long_value(&self, bytes: &[u8]) -> Jet<(Option<JetWarning>, Vec<u8>)> {
        if self.grbit.contains(EnumerateGrbit::IN_RECORD_ONLY) {
            return Ok((Some(JetWarning::ColumnNotInRecord), Vec::new()));
        }
        NO_ROOM.refuse(self.cb_data_most == 0, JetError::OutOfMemory)?;
        Ok(if bytes.len() <= self.cb_data_most {
            (None, bytes.to_vec())
        } else {
            let first = bytes[..self.cb_data_most].to_vec();
            (Some(JetWarning::ColumnTruncated), first)
        })
    }
}

#[cfg(test)]
#[path = "enumerate_tests.rs"]
mod tests;
