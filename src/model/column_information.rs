//! JetGetTableColumnInfo and JetGetColumnInfo.
//!
//! (jetgettablecolumninfo-function.md, jetgetcolumninfo-function.md, jet-columnlist-structure.md)

use super::engine::Engine;
use super::gate::Call;
use super::handles::{Sesid, Tableid};
use super::listing::{Cell, ListColumn, Listing};
use super::name::{Name, Named};
use super::operation::Operation;
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::value::coltyp::Coltyp;
use super::value::column::Column;
use crate::abi::errors::JetError;

rules! {
    /// A column that there is is told about. (jetgettablecolumninfo-function.md)
    INFO = "column/info";
    /// A columnid does in the place of a name. (jetgettablecolumninfo-function.md)
    BY_COLUMNID = "column/info-by-columnid";
    /// The column that it comes from is told. (jet-columnbase-structure.md)
    BASE = "column/info-base";
    /// All columns are listed. (jet-columnlist-structure.md)
    LISTED = "column/info-list";
    /// By their names. (jet-columnlist-structure.md)
    BY_NAME = "column/info-list-by-name";
    /// Or by their columnids. (jetgettablecolumninfo-function.md)
    SORTED = "column/info-list-by-columnid";
    /// Without those of the template. (jet-columnlist-structure.md)
    COMPACT = "column/info-list-compact";
    /// Without those of the template. (jetgettablecolumninfo-function.md)
    OWN_ONLY = "column/info-list-own";
    /// Names and columnids alone. (jetgettablecolumninfo-function.md)
    MINIMAL = "column/info-list-minimal";
    /// The level is a listed one and not obsolete. (jetgettablecolumninfo-function.md)
    LEVEL = "column/info-level";
    /// The buffer has room. (jetgettablecolumninfo-function.md)
    BUFFER = "column/info-buffer";
    /// The level is judged first, then the size, then the name.
    ORDER = "column/info-order";
    /// The name is one that a column can have. (jetgettablecolumninfo-function.md)
    PLAIN_NAME = "column/info-name";
    /// The column exists. (jetgettablecolumninfo-function.md)
    FOUND = "column/info-found";
}

/// What is told of a column, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// `JET_ColInfo`, `JET_ColInfoByColid`: a definition.
    Definition,
    /// `JET_ColInfoBase`, `JET_ColInfoBaseByColid`: a definition and where it comes from.
    Base,
    /// `JET_ColInfoList` and its kin.
    List(Listed),
}

/// Which columns are listed, and what of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listed {
    /// Sorted by columnid, not by name.
    pub by_columnid: bool,
    /// Without those of the template.
    pub own_only: bool,
    /// Only names and columnids.
    pub minimal: bool,
}

/// Options within the level. (jetgettablecolumninfo-function.md)
mod bits {
    pub const NON_DERIVED_ONLY: u32 = 0x8000_0000;
    pub const MINIMAL: u32 = 0x4000_0000;
    pub const SORT_BY_COLUMNID: u32 = 0x2000_0000;
}

/// Reads `InfoLevel`; tells beside it whether a columnid is given in the place of a name.
///
/// # Errors
/// `JET_errFeatureNotAvailable` for `JET_ColInfoSysTabCursor`, `JET_errInvalidParameter` for a
/// number of no level.
pub fn read_level(level: u32) -> Jet<(Level, bool)> {
    let options = bits::NON_DERIVED_ONLY | bits::MINIMAL | bits::SORT_BY_COLUMNID;
    let has = |bit| level & bit != 0;
    let listed = Listed {
        by_columnid: has(bits::SORT_BY_COLUMNID) && SORTED.holds(),
        own_only: has(bits::NON_DERIVED_ONLY) && OWN_ONLY.holds(),
        minimal: has(bits::MINIMAL) && MINIMAL.holds(),
    };
    Ok(match level & !options {
        0 => (Level::Definition, false),
        1 => (Level::List(listed), false),
        4 => (Level::Base, false),
        5 => {
            let own_only = listed.own_only || COMPACT.holds();
            (Level::List(Listed { own_only, ..listed }), false)
        }
        6 => (Level::Definition, true),
        7 => {
            let by_columnid = SORTED.holds();
            (
                Level::List(Listed {
                    by_columnid,
                    ..listed
                }),
                false,
            )
        }
        8 => (Level::Base, true),
        3 => return Err(LEVEL.error(JetError::FeatureNotAvailable)),
        _ => return Err(LEVEL.error(JetError::InvalidParameter)),
    })
}

/// Which column is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// The one of a name.
    Named(Option<&'a str>),
    /// The one of a columnid.
    Numbered(u32),
}

/// What is told of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInformation {
    /// `columnid`
    pub columnid: u32,
    /// `coltyp`
    pub coltyp: u32,
    /// `cp`
    pub cp: u16,
    /// `cbMax`
    pub cb_max: u32,
    /// `grbit`
    pub grbit: u32,
    /// The table that it comes from: the template, or the table itself.
    pub base_table: String,
    /// Its name there.
    pub name: String,
    default: Vec<u8>,
}

/// What a call of JetGetTableColumnInfo tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnAnswer {
    /// One column.
    One(ColumnInformation),
    /// Many.
    Many(Listing),
}

/// The columns of a list, in the order of the columnids of JET_COLUMNLIST: sorted by name.
const LIST: [ListColumn; 14] = [
    ListColumn::of(Coltyp::Long),
    ListColumn::key(Coltyp::Text),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Short),
    ListColumn::of(Coltyp::Short),
    ListColumn::of(Coltyp::Short),
    ListColumn::of(Coltyp::Short),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Binary),
    ListColumn::of(Coltyp::Text),
    ListColumn::of(Coltyp::Text),
    ListColumn::of(Coltyp::Text),
];
/// Where the name of a column is among them.
const NAME: usize = 1;
/// Where the columnid is.
const COLUMNID: usize = 2;

impl Engine {
    /// JetGetTableColumnInfo. `fits` tells that the buffer has room for what the level tells,
    /// `wide` the width of texts in a list. (jetgettablecolumninfo-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidParameter` (genuine engine:
    /// `JET_errBufferTooSmall`) without room, `JET_errInvalidName`, `JET_errColumnNotFound`,
    /// `JET_errBadColumnId`.
    pub fn table_column_info(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        level: Jet<Level>,
        which: Which<'_>,
        fits: bool,
        wide: bool,
    ) -> Jet<ColumnAnswer> {
        let call = self.enter_cursor(sesid, tableid, Operation::GetTableColumnInfo)?;
        let found = || call.one_column(sesid, tableid, which);
        if !ORDER.holds() {
            found()?;
        }
        let level = level?;
        let too_small = if quirks::COLUMN_INFO_BUFFER.genuine() {
            JetError::BufferTooSmall
        } else {
            JetError::InvalidParameter
        };
        BUFFER.refuse(!fits, too_small)?;
        let Level::List(listed) = level else {
            INFO.allow(found().is_ok(), JetError::ColumnNotFound)?;
            return found().map(ColumnAnswer::One);
        };
        let columns = call.all_columns(sesid, tableid, listed)?;
        drop(call);
        let mut rows: Vec<_> = columns.iter().map(|one| row(one, listed)).collect();
        if !LISTED.holds() {
            rows.truncate(1);
        }
        let mut list = LIST;
        list[NAME].key = !listed.by_columnid && BY_NAME.holds();
        list[COLUMNID].key = listed.by_columnid;
        self.list(sesid, &list, &rows, wide).map(ColumnAnswer::Many)
    }
}

impl Call<'_> {
    fn one_column(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        which: Which<'_>,
    ) -> Jet<ColumnInformation> {
        let columns = self.all_columns(sesid, tableid, Listed::default())?;
        let found = match which {
            Which::Named(name) => {
                let name =
                    Name::parse(Named::Column, name).map_err(|error| PLAIN_NAME.error(error))?;
                let same = |one: &ColumnInformation| Name::own(&one.name) == name;
                columns.iter().find(|one| same(one))
            }
            Which::Numbered(columnid) => columns
                .iter()
                .find(|one| one.columnid == columnid && BY_COLUMNID.holds()),
        };
        let missing = FOUND.error(JetError::ColumnNotFound);
        found.cloned().ok_or(missing)
    }

    fn all_columns(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        listed: Listed,
    ) -> Jet<Vec<ColumnInformation>> {
        let cursor = self.cursor(tableid)?;
        let table = self.table(cursor.table)?;
        let template = table.template.and_then(|key| self.table(key).ok());
        let schema = table.schema(self.view(sesid)?);
        let wanted = |column: &&Column| !(listed.own_only && column.derived);
        Ok(schema
            .columns
            .iter()
            .filter(wanted)
            .map(|column| {
                let base = template.filter(|_| column.derived).unwrap_or(table);
                information(column, base.name.as_str(), cursor.mode.updatable)
            })
            .collect())
    }
}

fn information(column: &Column, base: &str, updatable: bool) -> ColumnInformation {
    ColumnInformation {
        columnid: column.columnid,
        coltyp: column.coltyp.number(),
        cp: column.cp,
        cb_max: column.cb_max,
        grbit: column.reported_grbit(updatable),
        base_table: if BASE.holds() { base } else { "" }.to_owned(),
        name: column.name.as_str().to_owned(),
        default: column.default_value().unwrap_or_default().to_vec(),
    }
}

/// A column as a row of a list.
fn row(column: &ColumnInformation, listed: Listed) -> Vec<Cell> {
    let number = |number: u32| Cell::Number(number.into());
    let rest = |cell: Cell| if listed.minimal { Cell::Null } else { cell };
    let default = match column.default.as_slice() {
        [] => Cell::Null,
        bytes => Cell::Bytes(bytes.iter().copied().take(255).collect()),
    };
    // The order of presentation is told where it is not that of the names.
    let order = match listed.by_columnid {
        true => number(column.columnid),
        false => Cell::Null,
    };
    vec![
        order,
        Cell::Text(column.name.clone()),
        number(column.columnid),
        rest(number(column.coltyp)),
        rest(number(0)),
        rest(number(0)),
        rest(number(column.cp.into())),
        rest(number(0)),
        rest(number(column.cb_max)),
        rest(number(column.grbit)),
        rest(default),
        rest(Cell::Text(column.base_table.clone())),
        rest(Cell::Text(column.name.clone())),
        rest(Cell::Text(column.name.clone())),
    ]
}
