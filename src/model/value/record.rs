//! A record: the values of its columns, and what it takes of a page.
//!
//! A column that the record holds nothing for shows its default. (columns.md)

use std::fmt;

use serde::{Deserialize, Serialize};

use super::column::{Column, Storage, UserDefault};
use super::columns::Columns;
use super::grbit::ColumnGrbit;
use crate::abi::errors::JetError;
use crate::model::outcome::Jet;
use crate::model::rules::rules;
use crate::model::store::Escrowed;

rules! {
    /// A record is not stored while a column that may not be null is.
    NOT_NULL_STORED = "update/not-null";
}

/// One value of a column.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Hash)]
pub struct Value {
    /// Its bytes, possibly none.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// Whether it is a long value kept apart from the record.
    pub separate: bool,
}

/// Each byte as one character: digests are made of it, and a long value has many.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.bytes.iter().copied().map(char::from).collect();
        f.write_str(&text)?;
        write!(f, "/{}/{}", self.bytes.len(), self.separate)
    }
}

/// What a record holds for a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Hash)]
enum Cell {
    /// Null, said in so many words: the default does not show.
    Null,
    /// One value.
    One(Value),
    /// Several values of a tagged column.
    Many(Vec<Value>),
}

impl Cell {
    /// So many values; `None` where there are none.
    fn of(mut values: Vec<Value>) -> Option<Self> {
        match values.len() {
            0 => None,
            1 => values.pop().map(Self::One),
            _ => Some(Self::Many(values)),
        }
    }

    fn values(&self) -> &[Value] {
        match self {
            Self::Null => &[],
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    fn values_mut(&mut self) -> &mut [Value] {
        match self {
            Self::Null => &mut [],
            Self::One(value) => std::slice::from_mut(value),
            Self::Many(values) => values,
        }
    }

    fn into_values(self) -> Vec<Value> {
        match self {
            Self::Null => Vec::new(),
            Self::One(value) => vec![value],
            Self::Many(values) => values,
        }
    }
}

/// What a record shows for one value of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<'a> {
    /// Nothing.
    Null,
    /// A value of the record.
    Value(&'a Value),
    /// The column's default.
    Default(&'a [u8]),
    /// The answer of a function of the application, yet to be asked.
    UserDefault(&'a UserDefault),
}

impl<'a> Shown<'a> {
    /// The bytes, where they are at hand.
    pub fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Value(value) => Some(&value.bytes),
            Self::Default(bytes) => Some(bytes),
            Self::Null | Self::UserDefault(_) => None,
        }
    }
}

/// A record of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Hash)]
pub struct Record {
    /// By columnid, in its order.
    cells: Vec<(u32, Cell)>,
}

impl Record {
    fn place(&self, columnid: u32) -> Result<usize, usize> {
        self.cells.binary_search_by_key(&columnid, |(own, _)| *own)
    }

    fn cell(&self, columnid: u32) -> Option<&Cell> {
        let at = self.place(columnid).ok()?;
        self.cells.get(at).map(|(_, cell)| cell)
    }

    fn set_cell(&mut self, columnid: u32, cell: Cell) {
        match self.place(columnid) {
            Ok(at) => self.cells[at].1 = cell,
            Err(at) => self.cells.insert(at, (columnid, cell)),
        }
    }

    /// Takes a cell out.
    fn take_cell(&mut self, columnid: u32) -> Option<Cell> {
        let at = self.place(columnid).ok()?;
        Some(self.cells.remove(at).1)
    }

    /// What the record shows for a column. `itag` counts from 1 and matters for tagged columns.
    pub fn shown<'a>(&'a self, column: &'a Column, itag: u32) -> Shown<'a> {
        let itag = match column.storage() {
            Storage::Fixed | Storage::Variable => 1,
            Storage::Tagged => itag as usize,
        };
        match self.cell(column.columnid) {
            Some(cell) => itag
                .checked_sub(1)
                .and_then(|index| cell.values().get(index))
                .map_or(Shown::Null, Shown::Value),
            None if itag == 1 => default_of(column),
            None => Shown::Null,
        }
    }

    /// The first value as bytes; `None` where it is null or a function must be asked.
    pub fn bytes<'a>(&'a self, column: &'a Column) -> Option<&'a [u8]> {
        self.shown(column, 1).bytes()
    }

    /// The number of values that the record shows for a column, its default included.
    pub fn count(&self, column: &Column) -> u32 {
        match self.cell(column.columnid) {
            Some(cell) => cell.values().len() as u32,
            None => u32::from(default_of(column) != Shown::Null),
        }
    }

    /// The number of values that the record itself holds.
    pub fn held(&self, columnid: u32) -> u32 {
        self.values(columnid).len() as u32
    }

    /// The values that the record itself holds.
    pub fn values(&self, columnid: u32) -> &[Value] {
        self.cell(columnid).map_or(&[], Cell::values)
    }

    /// Whether the record says that the column is null, where a default would show otherwise.
    pub fn is_explicit_null(&self, columnid: u32) -> bool {
        self.cell(columnid) == Some(&Cell::Null)
    }

    /// Shows null where a default would show, as a buffer without defaults would.
    pub fn hide_defaults(&mut self, columns: &Columns) {
        for column in columns.iter() {
            if self.held(column.columnid) == 0 && column.default_value().is_some() {
                self.put(column.columnid, None);
            }
        }
    }

    /// Makes a column hold one value, or null.
    pub fn put(&mut self, columnid: u32, bytes: Option<Vec<u8>>) {
        let cell = bytes.map_or(Cell::Null, |bytes| {
            Cell::One(Value {
                bytes,
                separate: false,
            })
        });
        self.set_cell(columnid, cell);
    }

    /// Makes a column hold nothing, so that its default shows.
    pub fn clear(&mut self, columnid: u32) {
        self.take_cell(columnid);
    }

    /// Puts one of the values of a tagged column: `itag` 0, or beyond the last, appends.
    pub(super) fn put_value(&mut self, columnid: u32, itag: u32, value: Value) {
        let held = self.take_cell(columnid);
        let mut values = held.map_or_else(Vec::new, Cell::into_values);
        let place = (itag as usize).checked_sub(1);
        match place.and_then(|index| values.get_mut(index)) {
            Some(old) => *old = value,
            None => values.push(value),
        }
        if let Some(cell) = Cell::of(values) {
            self.set_cell(columnid, cell);
        }
    }

    /// Removes one of the values of a tagged column; the later ones move down.
    ///
    /// Where none is left the column is null, or shows its default again when `revert` is asked
    /// for or it has none.
    pub(super) fn remove_value(&mut self, column: &Column, itag: u32, revert: bool) {
        let has_default = default_of(column) != Shown::Null;
        let null = has_default && !revert;
        match self.take_cell(column.columnid) {
            Some(Cell::Null) if !revert => {
                self.set_cell(column.columnid, Cell::Null);
                return;
            }
            Some(cell) => {
                let mut values = cell.into_values();
                let index = itag as usize;
                if (1..=values.len()).contains(&index) {
                    values.remove(index - 1);
                }
                if let Some(rest) = Cell::of(values) {
                    self.set_cell(column.columnid, rest);
                    return;
                }
            }
            // Nothing to remove: only the first value can be said to be null.
            None if itag != 1 => return,
            None => {}
        }
        if null {
            self.set_cell(column.columnid, Cell::Null);
        }
    }

    /// Refuses a record that is null where a column may not be.
    ///
    /// # Errors
    /// `JET_errNullInvalid`
    pub fn check_not_null(&self, columns: &Columns) -> Jet<()> {
        let missing = columns.iter().any(|column| {
            column.is(ColumnGrbit::NOT_NULL)
                && !column.is(ColumnGrbit::AUTOINCREMENT)
                && self.count(column) == 0
        });
        NOT_NULL_STORED.refuse(missing, JetError::NullInvalid)
    }

    /// Moves long values out of the record, the largest first, until it fits into `most` bytes.
    ///
    /// # Errors
    /// `JET_errRecordTooBig` where it does not fit even so.
    pub(super) fn fit_into(&mut self, columns: &Columns, most: u32) -> Jet<()> {
        while self.size(columns) > most {
            let largest = self
                .long_values_mut(columns)
                .filter(|value| !value.separate && value.bytes.len() > SEPARATE_LEAST)
                .max_by_key(|value| value.bytes.len());
            match largest {
                Some(value) => value.separate = true,
                None => return Err(JetError::RecordTooBig),
            }
        }
        Ok(())
    }

    /// The bytes of long values that are kept apart.
    pub fn separate_bytes(&self) -> u64 {
        let values = self.cells.iter().flat_map(|(_, cell)| cell.values());
        let separate = values.filter(|value| value.separate);
        separate.map(|value| value.bytes.len() as u64).sum()
    }

    /// Forgets the bytes of long values that are kept apart, as an engine does that copies records
    /// alone.
    pub(in crate::model) fn lose_separate(&mut self) {
        let values = self
            .cells
            .iter_mut()
            .flat_map(|(_, cell)| cell.values_mut());
        let separate = values.filter(|value| value.separate);
        separate.for_each(|value| value.bytes.clear());
    }

    fn long_values_mut(&mut self, columns: &Columns) -> impl Iterator<Item = &mut Value> {
        self.cells
            .iter_mut()
            .filter(|(columnid, _)| {
                columns
                    .iter()
                    .any(|column| column.columnid == *columnid && column.coltyp.is_long_value())
            })
            .flat_map(|(_, cell)| cell.values_mut())
    }

    /// The bytes that the record takes of a page: data, long values apart, and what keeps them.
    pub fn size(&self, columns: &Columns) -> u32 {
        /// The record's own head.
        const HEAD: usize = 5;
        /// The offset of a variable value, and of each of several values.
        const OFFSET: usize = 2;
        /// The head of a tagged column.
        const TAGGED: usize = 5;
        let mut fixed_columns = 0;
        let mut size = HEAD;
        for (columnid, cell) in &self.cells {
            let values = cell.values();
            let data: usize = values.iter().map(in_record).sum();
            match Storage::of_columnid(*columnid) {
                Some(Storage::Fixed) => {
                    fixed_columns += 1;
                    let size_of_column = columns.find(*columnid).map_or(0, |c| c.cb_max as usize);
                    size += size_of_column.max(data);
                }
                Some(Storage::Variable) => size += OFFSET + data,
                Some(Storage::Tagged) | None => {
                    let values = values.len();
                    size += TAGGED + data + if values > 1 { OFFSET * values } else { 0 };
                }
            }
        }
        u32::try_from(size + fixed_columns / 8 + 1).unwrap_or(u32::MAX)
    }
}

/// Long values of up to that many bytes are never kept apart: the reference would be no shorter.
pub(super) const SEPARATE_LEAST: usize = 4;

/// The bytes of a value in the record; a long value kept apart leaves a reference.
fn in_record(value: &Value) -> usize {
    if value.separate {
        SEPARATE_LEAST + 1
    } else {
        value.bytes.len()
    }
}

fn default_of(column: &Column) -> Shown<'_> {
    if let Some(bytes) = column.default_value() {
        return Shown::Default(bytes);
    }
    column
        .user_default()
        .map_or(Shown::Null, Shown::UserDefault)
}

impl Escrowed for Record {
    /// Adds to a column of four bytes, wrapping around; a column that holds nothing counts as the
    /// zero that its default must have been replaced by before.
    fn add(&mut self, columnid: u32, delta: i32) {
        let old = match self.values(columnid) {
            [value] => value
                .bytes
                .as_slice()
                .try_into()
                .map_or(0, i32::from_le_bytes),
            _ => 0,
        };
        let new = old.wrapping_add(delta);
        self.put(columnid, Some(new.to_le_bytes().to_vec()));
    }
}
