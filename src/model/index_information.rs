//! JetGetTableIndexInfo and JetGetIndexInfo.
//!
//! (jetgettableindexinfo-function.md, jetgetindexinfo-function.md, jet-indexlist-structure.md)

use super::engine::Engine;
use super::handles::{Sesid, Tableid};
use super::index::Index;
use super::listing::{Cell, ListColumn, Listing};
use super::name::{Name, Named};
use super::operation::Operation;
use super::outcome::{Jet, Warned};
use super::quirks;
use super::rules::rules;
use super::schema::Schema;
use super::store::IndexId;
use super::value::coltyp::Coltyp;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// What the level asks for is told. (jetgettableindexinfo-function.md)
    INFO = "index/info";
    /// The level is a listed one and not obsolete. (jetgettableindexinfo-function.md)
    LEVEL = "index/info-level";
    /// The buffer has room. (jetgettableindexinfo-function.md)
    BUFFER = "index/info-buffer";
    /// The definition of an index, or of all, is told. (jetgettableindexinfo-function.md)
    TELLS = "index/info";
    /// The index exists. (jetgettableindexinfo-function.md)
    FOUND = "index/info-found";
}

/// What is told of an index, or of all. (jetgettableindexinfo-function.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// `JET_IdxInfo`: one index as a list, all without a name.
    OneOrAll,
    /// `JET_IdxInfoList`
    All,
    /// `JET_IdxInfoSpaceAlloc`
    Space,
    /// `JET_IdxInfoLCID`
    Language,
    /// `JET_IdxInfoCount`
    Count,
    /// `JET_IdxInfoVarSegMac`
    SegmentMost,
    /// `JET_IdxInfoIndexId`
    Identity,
    /// `JET_IdxInfoKeyMost`
    KeyMost,
}

/// Reads `InfoLevel`.
///
/// # Errors
/// `JET_errFeatureNotAvailable` for an obsolete level, and for one that gives a structure to create
/// the index again from, `JET_errInvalidParameter` for a number of no level.
pub fn read_level(level: u32) -> Jet<Level> {
    Ok(match level {
        0 => Level::OneOrAll,
        1 => Level::All,
        5 => Level::Space,
        6 => Level::Language,
        7 => Level::Count,
        8 => Level::SegmentMost,
        9 => Level::Identity,
        10 => Level::KeyMost,
        2..=4 | 11..=19 => return Err(LEVEL.error(JetError::FeatureNotAvailable)),
        _ => return Err(LEVEL.error(JetError::InvalidParameter)),
    })
}

/// What a call of JetGetTableIndexInfo tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexAnswer {
    /// A list.
    Many(Listing),
    /// A number of 32 bits.
    Ulong(u32),
    /// A number of 16 bits.
    Ushort(u16),
    /// An identity for JetSetCurrentIndex4.
    Identity(IndexId),
    /// Nothing: the buffer had no room.
    Nothing,
}

/// The columns of a list, in the order of the columnids of JET_INDEXLIST: one row for each column of
/// an index.
const LIST: [ListColumn; 16] = [
    ListColumn::key(Coltyp::Text),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Long),
    ListColumn::key(Coltyp::Long),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Short),
    ListColumn::of(Coltyp::Short),
    ListColumn::of(Coltyp::Short),
    ListColumn::of(Coltyp::Short),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Text),
    ListColumn::of(Coltyp::Long),
];

/// `JET_bitKeyDescending` (jet-indexlist-structure.md)
const DESCENDING: u32 = 0x1;
/// The language of indexes over Unicode text that were given none: neutral.
const LANGUAGE_NEUTRAL: u32 = 0x7f;

impl Engine {
    /// JetGetTableIndexInfo. `fits` tells that the buffer has room for what the level tells, `wide`
    /// the width of texts in a list. (jetgettableindexinfo-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidName`, `JET_errIndexNotFound`; in the genuine
    /// engine `JET_errBufferTooSmall` without room, which the documents tell as a warning.
    pub fn table_index_info(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        level: Jet<Level>,
        name: Option<&str>,
        fits: bool,
        wide: bool,
    ) -> Jet<Warned<IndexAnswer>> {
        let call = self.enter_cursor(sesid, tableid, Operation::GetTableIndexInfo)?;
        let level = level?;
        INFO.allow(true, JetError::IndexNotFound)?;
        if !fits && BUFFER.holds() {
            if quirks::INDEX_INFO_BUFFER.genuine() {
                return Err(JetError::BufferTooSmall);
            }
            let warning = JetWarning::BufferTruncated;
            return Ok(Warned::with(IndexAnswer::Nothing, warning));
        }
        TELLS.allow(true, JetError::ObjectNotFound)?;
        let name = name.filter(|name| !name.is_empty());
        let schema = call.table(call.cursor(tableid)?.table)?;
        let schema = schema.schema(call.view(sesid)?).clone();
        drop(call);
        let answer = match level {
            Level::OneOrAll if name.is_some() => {
                let index = find(&schema, name)?;
                IndexAnswer::Many(self.list_indexes(sesid, &schema, &[index], wide)?)
            }
            Level::OneOrAll | Level::All => {
                let all: Vec<&Index> = schema.indexes.iter().collect();
                IndexAnswer::Many(self.list_indexes(sesid, &schema, &all, wide)?)
            }
            Level::Count => IndexAnswer::Ulong(schema.indexes.len() as u32),
            Level::Space => IndexAnswer::Ulong(find(&schema, name)?.density),
            Level::Language => find(&schema, name).map(|_| IndexAnswer::Ulong(LANGUAGE_NEUTRAL))?,
            Level::SegmentMost => IndexAnswer::Ushort(find(&schema, name)?.segment_most as u16),
            Level::KeyMost => IndexAnswer::Ushort(find(&schema, name)?.key_most as u16),
            Level::Identity => IndexAnswer::Identity(find(&schema, name)?.id),
        };
        Ok(Warned::plain(answer))
    }

    fn list_indexes(
        &self,
        sesid: Sesid,
        schema: &Schema,
        indexes: &[&Index],
        wide: bool,
    ) -> Jet<Listing> {
        let rows: Jet<Vec<Vec<Vec<Cell>>>> =
            indexes.iter().map(|index| rows(schema, index)).collect();
        self.list(sesid, &LIST, &rows?.concat(), wide)
    }
}

fn find<'a>(schema: &'a Schema, name: Option<&str>) -> Jet<&'a Index> {
    let name = Name::parse(Named::Index, name)?;
    let missing = || FOUND.error(JetError::IndexNotFound);
    schema.index_named(&name).ok_or_else(missing)
}

/// The rows of an index, one for each of its columns.
fn rows(schema: &Schema, index: &Index) -> Jet<Vec<Vec<Cell>>> {
    let number = |number: u32| Cell::Number(number.into());
    let mut rows = Vec::new();
    for (position, part) in (0..).zip(&index.columns) {
        let column = schema.columns.find(part.columnid)?;
        rows.push(vec![
            Cell::Text(index.name.as_str().to_owned()),
            number(index.grbit.bits()),
            number(0),
            number(0),
            number(0),
            number(index.columns.len() as u32),
            number(position),
            number(part.columnid),
            number(column.coltyp.number()),
            number(0),
            number(LANGUAGE_NEUTRAL),
            number(column.cp.into()),
            number(0),
            number(if part.descending { DESCENDING } else { 0 }),
            Cell::Text(column.name.as_str().to_owned()),
            number(0),
        ]);
    }
    Ok(rows)
}
