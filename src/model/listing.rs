//! Lists that calls give as temporary tables: JetGetTableColumnInfo, JetGetTableIndexInfo,
//! JetGetObjectInfo. The caller closes them with JetCloseTable.

use super::engine::Engine;
use super::handles::{Sesid, Tableid};
use super::outcome::Jet;
use super::set_column::SetColumn;
use super::temp_table::TemporaryDefinition;
use super::value::coltyp::Coltyp;
use super::value::column::CODE_PAGE_UNICODE;
use super::value::definition::{DefaultGiven, Definition};
use super::value::grbit::ColumnGrbit;
use super::value::set::{Given, SetInfo};

/// `JET_prepInsert`
const INSERT: u32 = 0;
/// `JET_MoveFirst`
const FIRST: i32 = i32::MIN;
/// `JET_bitTTScrollable` and `JET_bitTTIndexed` (jetopentemptable-function.md)
const SCROLLABLE_INDEXED: u32 = 0x9;

/// A column of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListColumn {
    /// Its type.
    pub coltyp: Coltyp,
    /// Whether the list is sorted by it.
    pub key: bool,
}

impl ListColumn {
    /// A column that the list is not sorted by.
    pub const fn of(coltyp: Coltyp) -> Self {
        Self { coltyp, key: false }
    }

    /// A column that the list is sorted by.
    pub const fn key(coltyp: Coltyp) -> Self {
        Self { coltyp, key: true }
    }
}

/// A value of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number of the column's size.
    Number(u64),
    /// Text, in the width of the caller's.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A list as a temporary table, its cursor on the first row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The cursor.
    pub tableid: Tableid,
    /// `cRecord`
    pub count: u32,
    /// The columnids, in the order in which the columns were named.
    pub columnids: Vec<u32>,
}

impl Engine {
    /// Makes a list. `wide` tells the width of its texts.
    ///
    /// # Errors
    /// Those of opening and filling a temporary table.
    pub(super) fn list(
        &self,
        sesid: Sesid,
        columns: &[ListColumn],
        rows: &[Vec<Cell>],
        wide: bool,
    ) -> Jet<Listing> {
        let definition = TemporaryDefinition {
            columns: columns.iter().map(|column| define(column, wide)).collect(),
            grbit: SCROLLABLE_INDEXED,
            ..TemporaryDefinition::default()
        };
        let (tableid, columnids) = self.open_temporary_table(sesid, &definition)?;
        let filled = self.fill(sesid, tableid, columns, &columnids, rows, wide);
        if let Err(error) = filled {
            self.close_table(sesid, tableid)?;
            return Err(error);
        }
        Ok(Listing {
            tableid,
            count: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            columnids,
        })
    }

    fn fill(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        columns: &[ListColumn],
        columnids: &[u32],
        rows: &[Vec<Cell>],
        wide: bool,
    ) -> Jet<()> {
        for row in rows {
            self.prepare_update(sesid, tableid, INSERT)?;
            for ((cell, column), columnid) in row.iter().zip(columns).zip(columnids) {
                let Some(bytes) = encode(cell, column.coltyp, wide) else {
                    continue;
                };
                let set = SetColumn {
                    columnid: *columnid,
                    given: Given::Bytes(&bytes),
                    grbit: 0,
                    info: SetInfo::default(),
                    structure: true,
                };
                self.set_column(sesid, tableid, &set)?;
            }
            self.update(sesid, tableid, None, 0)?;
        }
        if rows.is_empty() {
            return Ok(());
        }
        self.move_cursor(sesid, tableid, FIRST, 0)
    }
}

fn define(column: &ListColumn, wide: bool) -> Definition<'static> {
    Definition {
        name: None,
        coltyp: column.coltyp.number(),
        cp: if wide && column.coltyp.is_text() {
            CODE_PAGE_UNICODE
        } else {
            0
        },
        cb_max: 0,
        grbit: if column.key {
            ColumnGrbit::TT_KEY.bits()
        } else {
            0
        },
        default: DefaultGiven::None,
    }
}

fn encode(cell: &Cell, coltyp: Coltyp, wide: bool) -> Option<Vec<u8>> {
    match cell {
        Cell::Null => None,
        Cell::Number(number) => {
            let size = coltyp.fixed_size().unwrap_or(4) as usize;
            Some(number.to_le_bytes()[..size.min(8)].to_vec())
        }
        Cell::Text(text) if wide => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        Cell::Text(text) => Some(text.as_bytes().to_vec()),
        Cell::Bytes(bytes) => Some(bytes.clone()),
    }
}
