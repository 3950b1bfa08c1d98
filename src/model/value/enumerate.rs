//! JetEnumerateColumns: the columns of a record and all their values.
//!
//! (jetenumeratecolumns-function.md, jet-enumcolumn-structure.md, jet-enumcolumnvalue-structure.md)

use std::collections::BTreeMap;

use super::column::{Column, Storage};
use super::columns::Columns;
use super::grbit::EnumerateGrbit;
use super::record::{Record, Shown};
use crate::abi::errors::{JetError, JetWarning};
use crate::model::outcome::Jet;
use crate::model::quirks::{ENUMERATION_ASKS_NOBODY, ENUMERATION_ASKS_NOBODY_DERIVED};
use crate::model::rules::{Rule, rules};

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
    /// The function of a user-defined default is called. (jetenumeratecolumns-function.md)
    USER_DEFAULT = "default/enumerate-fails";
    /// It is not where such defaults are ignored. (jetenumeratecolumns-function.md)
    USER_DEFAULT_IGNORED = "default/enumerate-ignored";
    /// That of a template's column is called for a derived table. (jetenumeratecolumns-function.md)
    USER_DEFAULT_DERIVED = "default/enumerate-derived";
    /// Enumerated long values need some room.
    NO_ROOM = "retrieve/enumerate-no-room";
    /// Columns that are asked for are told in the order of the asking. (jetenumeratecolumns-function.md)
    IN_ORDER = "retrieve/enumerate-order";
    /// A columnid of zero, and a sequence number of zero, is passed over. (jetenumeratecolumns-function.md)
    SKIPPED = "retrieve/enumerate-skipped";
    /// A value that is not there is told as null. (jet-enumcolumnvalue-structure.md)
    NO_VALUE = "retrieve/enumerate-no-value";
    /// A long value of its own is cut to `cbDataMost`. (jetenumeratecolumns-function.md)
    TRUNCATED = "retrieve/enumerate-truncated";
    /// Every other value is told as it is. (jetenumeratecolumns-function.md)
    WHOLE = "retrieve/enumerate-whole";
    /// Only tagged columns are told. (jetenumeratecolumns-function.md)
    TAGGED_ONLY = "retrieve/enumerate-tagged-only";
    /// That is for an enumeration of all columns alone. (jetenumeratecolumns-function.md)
    TAGGED_OF_ALL = "retrieve/enumerate-tagged-only-some";
    /// Defaults are not told. (jetenumeratecolumns-function.md)
    IGNORES_DEFAULT = "retrieve/enumerate-ignore-default";
    /// Of a column that is asked for it is told that it has its default.
    TOLD_DEFAULT = "retrieve/enumerate-default-told";
    /// Values of their own are not fetched.
    IN_RECORD_ONLY = "retrieve/enumerate-in-record-only";
    /// A column that is none is told of in its place. (jetenumeratecolumns-function.md)
    BAD_COLUMN = "retrieve/enumerate-bad-column";
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
    /// Why nothing is said of it: it is no column.
    pub error: Option<JetError>,
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

/// The values that functions of the application gave, by columnid, and whether each was cut.
pub type Computed = BTreeMap<u32, (Vec<u8>, bool)>;

/// Refuses options, and tables, that enumeration does not take.
///
/// # Errors
/// `JET_errInvalidGrbit`, and in the published engine `JET_errCallbackFailed` for a table with a
/// user-defined default.
pub fn check(columns: &Columns, requests: &[Request], grbit: EnumerateGrbit) -> Jet<()> {
    UNKNOWN_OPTION.refuse(grbit.bits() & REFUSED != 0, JetError::InvalidGrbit)?;
    let tagged = grbit.contains(EnumerateGrbit::TAGGED_ONLY) && !requests.is_empty();
    TAGGED_OF_ALL.refuse(tagged, JetError::InvalidGrbit)?;
    let computed = |column: &&Column| column.user_default().is_some();
    let own = |column: &Column| computed(&column) && !column.derived;
    let (rule, quirk) = if columns.iter().any(own) {
        (&USER_DEFAULT, &ENUMERATION_ASKS_NOBODY)
    } else {
        (&USER_DEFAULT_DERIVED, &ENUMERATION_ASKS_NOBODY_DERIVED)
    };
    let fails = asks(grbit) && columns.has_user_default() && quirk.genuine();
    rule.refuse(fails, JetError::CallbackFailed)
}

/// Whether user-defined defaults are wanted.
fn asks(grbit: EnumerateGrbit) -> bool {
    let ignores = |option, rule: &Rule| grbit.contains(option) && rule.holds();
    !ignores(EnumerateGrbit::IGNORE_DEFAULT, &IGNORES_DEFAULT)
        && !ignores(
            EnumerateGrbit::IGNORE_USER_DEFINED_DEFAULT,
            &USER_DEFAULT_IGNORED,
        )
}

/// The columns whose function has to be called before a record is enumerated.
pub fn to_be_asked(
    record: &Record,
    columns: &Columns,
    requests: &[Request],
    grbit: EnumerateGrbit,
) -> Vec<u32> {
    let wanted = |column: &Column| {
        let all = requests.is_empty() || !CHOOSES.holds();
        let of_it = |request: &Request| {
            let first = request.itags.is_empty() || request.itags.contains(&1);
            request.columnid == column.columnid && first
        };
        all || requests.iter().any(of_it)
    };
    let kept = |column: &Column| match column.derived {
        true => USER_DEFAULT_DERIVED.holds() && !ENUMERATION_ASKS_NOBODY_DERIVED.genuine(),
        false => USER_DEFAULT.holds() && !ENUMERATION_ASKS_NOBODY.genuine(),
    };
    let empty = |column: &Column| matches!(record.shown(column, 1), Shown::UserDefault(_));
    let asked = columns
        .iter()
        .filter(|column| asks(grbit) && empty(column) && wanted(column) && kept(column));
    asked.map(|column| column.columnid).collect()
}

fn bare(columnid: u32, warning: JetWarning) -> EnumeratedColumn {
    EnumeratedColumn {
        columnid,
        warning: Some(warning),
        error: None,
        values: Vec::new(),
    }
}

/// A column that is none, in the place that it is asked for.
fn bad(columnid: u32, error: JetError) -> EnumeratedColumn {
    EnumeratedColumn {
        columnid,
        warning: None,
        error: BAD_COLUMN.holds().then_some(error),
        values: Vec::new(),
    }
}

/// A record that is to be enumerated, and how.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The record.
    pub record: &'a Record,
    /// What the functions of user-defined defaults have answered.
    pub computed: &'a Computed,
    /// The most of each long value kept apart from the record, in bytes.
    pub cb_data_most: usize,
    /// The options.
    pub grbit: EnumerateGrbit,
}

impl<'a> Job<'a> {
    /// Enumerates the requested columns, all where none is requested. One that is no column has its
    /// place, with the error.
    ///
    /// # Errors
    /// `JET_errOutOfMemory` where `cb_data_most` leaves no room for a long value.
    pub fn enumerate(
        &self,
        columns: &'a Columns,
        requests: &[Request],
    ) -> Jet<Vec<EnumeratedColumn>> {
        if requests.is_empty() || !CHOOSES.holds() {
            return columns
                .iter()
                .filter(|column| self.is_listed(column))
                .map(|column| self.column(column, &[]))
                .collect();
        }
        let mut told = Vec::with_capacity(requests.len());
        for request in requests {
            told.extend(self.requested(columns, request)?);
        }
        if !IN_ORDER.holds() {
            told.sort_by_key(|column| column.columnid);
        }
        Ok(told)
    }

    fn requested(&self, columns: &'a Columns, request: &Request) -> Jet<Option<EnumeratedColumn>> {
        let columnid = request.columnid;
        if columnid == 0 {
            let skipped = || bare(columnid, JetWarning::ColumnSkipped);
            return Ok(SKIPPED.holds().then(skipped));
        }
        Ok(Some(match columns.find(columnid) {
            Err(_) if !COLUMNID.holds() => bare(columnid, JetWarning::ColumnSkipped),
            Err(error) => bad(columnid, error),
            Ok(column) => self.asked_for(column, &request.itags)?,
        }))
    }

    /// Whether an enumeration of all columns lists it: tagged ones only with something to show.
    fn is_listed(&self, column: &'a Column) -> bool {
        let tagged = column.storage() == Storage::Tagged;
        let tagged_only = self.grbit.contains(EnumerateGrbit::TAGGED_ONLY) && TAGGED_ONLY.holds();
        let asked = tagged || !tagged_only;
        let has_value = self.shown(column, 1) != Shown::Null;
        let listed_as_null = !tagged && NULLS.holds();
        asked && (listed_as_null || has_value || self.record.is_explicit_null(column.columnid))
    }

    /// What the record shows, without the defaults that are not asked for.
    fn shown(&self, column: &'a Column, itag: u32) -> Shown<'a> {
        let ignores = |option| self.grbit.contains(option);
        match self.record.shown(column, itag) {
            Shown::Default(_)
                if ignores(EnumerateGrbit::IGNORE_DEFAULT) && IGNORES_DEFAULT.holds() =>
            {
                // The default of a fixed column is part of the record.
                match column.storage() {
                    Storage::Tagged => Shown::Null,
                    Storage::Fixed | Storage::Variable => self.record.shown(column, itag),
                }
            }
            Shown::UserDefault(_) => match self.computed.get(&column.columnid) {
                Some((bytes, _)) => Shown::Default(bytes),
                None => Shown::Null,
            },
            shown => shown,
        }
    }

    /// A column that is asked for by its columnid. Where its default is ignored that is all that
    /// can be said of it.
    fn asked_for(&self, column: &'a Column, itags: &[u32]) -> Jet<EnumeratedColumn> {
        if itags.is_empty() && self.is_ignored(column) {
            return Ok(bare(column.columnid, JetWarning::ColumnDefault));
        }
        self.column(column, itags)
    }

    /// Whether the record holds nothing in it and defaults are ignored.
    fn is_ignored(&self, column: &'a Column) -> bool {
        let absent = matches!(
            self.record.shown(column, 1),
            Shown::Default(_) | Shown::UserDefault(_) | Shown::Null
        ) && !self.record.is_explicit_null(column.columnid);
        let ignores = self.grbit.contains(EnumerateGrbit::IGNORE_DEFAULT);
        let tagged = column.storage() == Storage::Tagged;
        ignores && tagged && absent && TOLD_DEFAULT.holds() && IGNORES_DEFAULT.holds()
    }

    fn column(&self, column: &'a Column, itags: &[u32]) -> Jet<EnumeratedColumn> {
        if itags.is_empty() {
            return self.all_values(column);
        }
        let mut values = Vec::with_capacity(itags.len());
        for itag in itags {
            if *itag != 0 || SKIPPED.holds() {
                values.push(self.value(column, *itag)?);
            }
        }
        Ok(EnumeratedColumn {
            columnid: column.columnid,
            warning: None,
            error: None,
            values,
        })
    }

    fn all_values(&self, column: &'a Column) -> Jet<EnumeratedColumn> {
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
            error: None,
            values,
        })
    }

    fn value(&self, column: &'a Column, itag: u32) -> Jet<EnumeratedValue> {
        let present = self.grbit.contains(EnumerateGrbit::PRESENCE_ONLY) && PRESENCE.holds();
        let shown = match column.storage() {
            Storage::Fixed | Storage::Variable if itag > 1 => Shown::Null,
            _ => self.shown(column, itag),
        };
        let (warning, bytes) = match shown {
            _ if itag == 0 => (Some(JetWarning::ColumnSkipped), Vec::new()),
            Shown::Null if itag == 1 && self.is_ignored(column) => {
                (Some(JetWarning::ColumnDefault), Vec::new())
            }
            Shown::Null => (self.told_of_none(), Vec::new()),
            _ if present => (Some(JetWarning::ColumnPresent), Vec::new()),
            Shown::Value(value) if value.separate => self.long_value(&value.bytes)?,
            shown => match shown.bytes() {
                Some(bytes) => (self.told_of(column, itag), self.inside(bytes)),
                None => (self.told_of_none(), Vec::new()),
            },
        };
        Ok(EnumeratedValue {
            itag_sequence: itag,
            warning,
            bytes,
        })
    }

    fn told_of_none(&self) -> Option<JetWarning> {
        NO_VALUE.holds().then_some(JetWarning::ColumnNull)
    }

    /// A value that is part of the record, which `cbDataMost` is not about.
    fn inside(&self, bytes: &[u8]) -> Vec<u8> {
        let most = match WHOLE.holds() {
            true => bytes.len(),
            false => bytes.len().min(self.cb_data_most),
        };
        bytes[..most].to_vec()
    }

    /// What is said of a value that is not kept apart from the record.
    fn told_of(&self, column: &Column, itag: u32) -> Option<JetWarning> {
        let asked = self.record.held(column.columnid) == 0 && itag == 1;
        let cut = asked && matches!(self.computed.get(&column.columnid), Some((_, true)));
        cut.then_some(JetWarning::ColumnTruncated)
    }

    fn long_value(&self, bytes: &[u8]) -> Jet<(Option<JetWarning>, Vec<u8>)> {
        if self.grbit.contains(EnumerateGrbit::IN_RECORD_ONLY) && IN_RECORD_ONLY.holds() {
            return Ok((Some(JetWarning::ColumnNotInRecord), Vec::new()));
        }
        NO_ROOM.refuse(self.cb_data_most == 0, JetError::OutOfMemory)?;
        Ok(if bytes.len() <= self.cb_data_most {
            (None, bytes.to_vec())
        } else {
            let first = bytes[..self.cb_data_most].to_vec();
            let told = TRUNCATED.holds().then_some(JetWarning::ColumnTruncated);
            (told, first)
        })
    }
}

#[cfg(test)]
#[path = "enumerate_tests.rs"]
mod tests;
