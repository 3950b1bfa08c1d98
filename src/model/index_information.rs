//! JetGetTableIndexInfo and JetGetIndexInfo.
//!
//! (jetgettableindexinfo-function.md, jetgetindexinfo-function.md, jet-indexlist-structure.md)

use super::engine::Engine;
use super::handles::{Sesid, Tableid};
use super::index::Index;
use super::index_count::Counted;
use super::index_options::{SpaceHints, TupleLimits, Unicode};
use super::listing::{Cell, ListColumn, Listing};
use super::name::{Name, Named};
use super::operation::Operation;
use super::outcome::{Jet, Warned};
use super::quirks;
use super::rules::{Rule, rules};
use super::schema::Schema;
use super::store::IndexId;
use super::value::coltyp::Coltyp;
use super::value::grbit::IndexGrbit;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// What the level asks for is told. (jetgettableindexinfo-function.md)
    INFO = "index/info";
    /// The indexes are counted. (jetgettableindexinfo-function.md)
    COUNT = "index/info-count";
    /// The density is told. (jetgetindexinfo-function.md)
    DENSITY = "index/info-density";
    /// The most that a column adds to a key is told. (jetgettableindexinfo-function.md)
    SEGMENT_MOST = "index/info-segment-most";
    /// The longest key is told. (jetgettableindexinfo-function.md)
    KEY_MOST = "index/info-key-most";
    /// One row for each column of each index. (jet-indexlist-structure.md)
    LISTED = "index/info-list";
    /// With a name those of one index alone. (jetgettableindexinfo-function.md)
    LISTED_ONE = "index/info-list-one";
    /// What was counted is listed. (jet-indexlist-structure.md)
    LISTED_COUNT = "index/stats";
    /// The level is a listed one and not obsolete. (jetgettableindexinfo-function.md)
    LEVEL = "index/info-level";
    /// The buffer has room. (jetgettableindexinfo-function.md)
    BUFFER = "index/info-buffer";
    /// The definition of an index, or of all, is told. (jetgettableindexinfo-function.md)
    TELLS = "index/info";
    /// The index exists. (jetgettableindexinfo-function.md)
    FOUND = "index/info-found";
    /// The definition is told as it would be given. (jetgettableindexinfo-function.md)
    CREATE = "index/info-create";
    /// What is taken for granted is told, too.
    CREATE_ALL = "index/info-create-all";
    /// The number of the locale. (jetgettableindexinfo-function.md)
    LOCALE = "index/info-locale";
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
    /// `JET_IdxInfoCreateIndex`, `2` and `3`: a JET_INDEXCREATE of that kind.
    Create(u8),
    /// `JET_IdxInfoLocaleName`
    LocaleName,
    /// `JET_IdxInfoSortVersion` and `JET_IdxInfoDefinedSortVersion`
    SortVersion,
    /// `JET_IdxInfoSortId`
    SortId,
    /// `JET_IdxInfoSpaceOwned`
    PagesOwned,
    /// `JET_IdxInfoSpaceAvail`
    PagesAvailable,
}

/// Reads `InfoLevel`.
///
/// # Errors
/// `JET_errFeatureNotAvailable` for an obsolete level, `JET_errInvalidParameter` for a number of no
/// level.
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
        11 => Level::Create(1),
        12 => Level::Create(2),
        13 => Level::Create(3),
        14 => Level::LocaleName,
        15 | 16 => Level::SortVersion,
        17 => Level::SortId,
        18 => Level::PagesOwned,
        19 => Level::PagesAvailable,
        2..=4 => return Err(LEVEL.error(JetError::FeatureNotAvailable)),
        _ => return Err(LEVEL.error(JetError::InvalidParameter)),
    })
}

/// The warning of a call whose buffer has no room. (jetgettableindexinfo-function.md)
///
/// # Errors
/// In the genuine engine it is `JET_errBufferTooSmall`.
pub fn without_room() -> Jet<Option<JetWarning>> {
    if !BUFFER.holds() {
        return Ok(None);
    }
    if quirks::INDEX_INFO_BUFFER.genuine() {
        return Err(JetError::BufferTooSmall);
    }
    Ok(Some(JetWarning::BufferTruncated))
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
    /// A definition.
    Definition(Box<ToldIndex>),
    /// The name of a locale.
    Locale(String),
    /// Zeros: the order of Unicode text is the engine's own here, and not one of the system's.
    NoSort,
    /// Nothing: the buffer had no room.
    Nothing,
}

/// A definition as it is told. (jet-indexcreate-structure.md)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldIndex {
    /// `szIndexName`
    pub name: String,
    /// The texts of `szKey`: each column with its sign.
    pub key: Vec<String>,
    /// `grbit`
    pub grbit: u32,
    /// `ulDensity`
    pub density: u32,
    /// What `pidxunicode` points to.
    pub unicode: Unicode,
    /// `cbVarSegMac`
    pub segment_most: u32,
    /// What `ptuplelimits` points to.
    pub tuples: Option<TupleLimits>,
    /// `rgconditionalcolumn`: columns, and whether each must be null.
    pub conditions: Vec<(String, bool)>,
    /// `cbKeyMost`
    pub key_most: u32,
    /// What `pSpacehints` points to.
    pub space: SpaceHints,
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
/// The country that is told of every index.
const COUNTRY: u32 = 1;
/// The sort of a locale number above its language.
const LANGUAGE_MASK: u32 = 0xffff;

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
        if let Some(warning) = (!fits).then(without_room).transpose()?.flatten() {
            return Ok(Warned::with(IndexAnswer::Nothing, warning));
        }
        TELLS.allow(true, JetError::ObjectNotFound)?;
        let name = name.filter(|name| !name.is_empty());
        let (key, view) = (call.cursor(tableid)?.table, call.view(sesid)?);
        let table = call.table(key)?;
        let (schema, counted) = (table.schema(view).clone(), table.counted.clone());
        let room = |index: &Index| call.index_room(key, view, index);
        let list = Told {
            schema: &schema,
            counted: &counted,
        };
        let answer = match level {
            Level::OneOrAll if name.is_some() && LISTED_ONE.holds() => {
                let rows = list.rows(&[find(&schema, name)?])?;
                drop(call);
                IndexAnswer::Many(self.list(sesid, &LIST, &rows, wide)?)
            }
            Level::OneOrAll | Level::All => {
                let all: Vec<&Index> = schema.indexes.iter().collect();
                let rows = list.rows(&all)?;
                drop(call);
                IndexAnswer::Many(self.list(sesid, &LIST, &rows, wide)?)
            }
            Level::Count => number(&COUNT, schema.indexes.len() as u32),
            Level::Space => number(&DENSITY, find(&schema, name)?.density),
            Level::Language => {
                let lcid = find(&schema, name)?.unicode.lcid();
                IndexAnswer::Ulong(if LOCALE.holds() { lcid } else { 0 })
            }
            Level::SegmentMost => short(&SEGMENT_MOST, find(&schema, name)?.segment_most),
            Level::KeyMost => short(&KEY_MOST, find(&schema, name)?.key_most),
            Level::Identity => IndexAnswer::Identity(find(&schema, name)?.id),
            Level::Create(_) => {
                CREATE.allow(true, JetError::FeatureNotAvailable)?;
                // Without a name the primary index is meant.
                let index = match name {
                    None => primary(&schema)?,
                    name => find(&schema, name)?,
                };
                IndexAnswer::Definition(Box::new(told(&schema, index)?))
            }
            Level::LocaleName => IndexAnswer::Locale(find(&schema, name)?.unicode.locale.clone()),
            Level::SortVersion | Level::SortId => {
                find(&schema, name).map(|_| IndexAnswer::NoSort)?
            }
            Level::PagesOwned => IndexAnswer::Ulong(room(find(&schema, name)?)?.owned),
            Level::PagesAvailable => IndexAnswer::Ulong(room(find(&schema, name)?)?.available),
        };
        Ok(Warned::plain(answer))
    }
}

/// A number; nothing of it without the rule.
fn number(rule: &Rule, number: u32) -> IndexAnswer {
    IndexAnswer::Ulong(if rule.holds() { number } else { 0 })
}

fn short(rule: &Rule, number: usize) -> IndexAnswer {
    IndexAnswer::Ushort(if rule.holds() { number as u16 } else { 0 })
}

fn find<'a>(schema: &'a Schema, name: Option<&str>) -> Jet<&'a Index> {
    let name = Name::parse(Named::Index, name)?;
    let missing = || FOUND.error(JetError::IndexNotFound);
    schema.index_named(&name).ok_or_else(missing)
}

fn primary(schema: &Schema) -> Jet<&Index> {
    let missing = || FOUND.error(JetError::IndexNotFound);
    schema.primary().ok_or_else(missing)
}

/// A definition as it would be given.
fn told(schema: &Schema, index: &Index) -> Jet<ToldIndex> {
    let column = |columnid| -> Jet<String> {
        let column = schema.columns.find(columnid)?;
        Ok(column.name.as_str().to_owned())
    };
    let key = index.columns.iter().map(|part| {
        let sign = if part.descending { '-' } else { '+' };
        column(part.columnid).map(|name| format!("{sign}{name}"))
    });
    let conditions = index.conditions.iter();
    // Without the rule it is told as it was given.
    let unicode = match CREATE_ALL.holds() {
        true => IndexGrbit::UNICODE.bits(),
        false => 0,
    };
    let tuples = index.tuples.map_or(0, |_| IndexGrbit::TUPLE_LIMITS.bits());
    Ok(ToldIndex {
        name: index.name.as_str().to_owned(),
        key: key.collect::<Jet<_>>()?,
        // The locale is always told, so the option that says so is always set.
        grbit: index.grbit.bits() | unicode | tuples,
        density: index.density,
        unicode: index.unicode.clone(),
        segment_most: index.segment_most as u32,
        tuples: index.tuples,
        conditions: conditions
            .map(|condition| Ok((column(condition.columnid)?, condition.must_be_null)))
            .collect::<Jet<_>>()?,
        key_most: index.key_most as u32,
        space: index.space,
    })
}

/// What the lists are made from.
struct Told<'a> {
    schema: &'a Schema,
    counted: &'a Counted,
}

impl Told<'_> {
    /// The rows of indexes: one for each column of each.
    fn rows(&self, indexes: &[&Index]) -> Jet<Vec<Vec<Cell>>> {
        let rows: Jet<Vec<_>> = indexes.iter().map(|index| self.rows_of(index)).collect();
        let mut rows = rows?.concat();
        if !LISTED.holds() {
            rows.truncate(1);
        }
        Ok(rows)
    }

    fn rows_of(&self, index: &Index) -> Jet<Vec<Vec<Cell>>> {
        let number = |number: u32| Cell::Number(number.into());
        let counted = self.counted.get(&index.id).filter(|_| LISTED_COUNT.holds());
        let counted = counted.copied().unwrap_or_default();
        let mut rows = Vec::new();
        for (position, part) in (0..).zip(&index.columns) {
            let column = self.schema.columns.find(part.columnid)?;
            rows.push(vec![
                Cell::Text(index.name.as_str().to_owned()),
                number(index.grbit.bits()),
                number(counted.keys),
                number(counted.entries),
                number(counted.pages),
                number(index.columns.len() as u32),
                number(position),
                number(part.columnid),
                number(column.coltyp.number()),
                number(COUNTRY),
                number(index.unicode.lcid() & LANGUAGE_MASK),
                number(column.cp.into()),
                number(0),
                number(if part.descending { DESCENDING } else { 0 }),
                Cell::Text(column.name.as_str().to_owned()),
                number(index.unicode.map_flags),
            ]);
        }
        Ok(rows)
    }
}
