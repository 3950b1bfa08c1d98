//! An index of a table, and how its definition is read.
//!
//! (jetcreateindex-function.md, jetcreateindex2-function.md, jet-indexcreate-structure.md,
//! jet-conditionalcolumn-structure.md)

use super::index_options::{SpaceHints, TupleLimits, Unicode};
use super::name::{Name, Named};
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::schema::Schema;
use super::store::IndexId;
use super::value::column::Column;
use super::value::columns::Columns;
use super::value::grbit::{ColumnGrbit, IndexGrbit};
use crate::abi::errors::JetError;

rules! {
    /// The longest key is 255 bytes, up to what the page size allows where the option asks for it.
    /// (jet-indexcreate-structure.md)
    KEY_MOST = "index/key-most";
    /// Without the option `cbKeyMost` is not looked at. (jet-indexcreate-structure.md)
    KEY_MOST_IGNORED = "index/key-most-ignored";
    /// A primary index leaves no row out. (jet-indexcreate-structure.md)
    PRIMARY_NULLS = "index/primary-ignores-no-nulls";
    /// A primary index has no conditions. (jet-indexcreate-structure.md)
    PRIMARY_CONDITION = "index/primary-unconditional";
    /// Cross product and nested table exclude each other. (jet-indexcreate-structure.md)
    CROSS_OR_NESTED = "index/cross-product-or-nested";
    /// `JET_bitIndexEmpty` needs `JET_bitIndexIgnoreAnyNull`. (jet-indexcreate-structure.md)
    EMPTY = "index/empty-ignores-any-null";
    /// The locale structure and its option go together. (jet-indexcreate-structure.md)
    UNICODE = "index/unicode-with-option";
    /// The key names at least one column. (jetcreateindex-function.md)
    KEY_GIVEN = "index/key-given";
    /// The key is `+` or `-` and a column name, zero-terminated, again and again, and an empty
    /// string. (jetcreateindex-function.md)
    KEY_FORM = "index/key-form";
    /// At most 16 key columns. (jetcreateindex-function.md)
    KEY_COLUMNS = "index/key-columns";
    /// The density is 0, or 20 to 100. (jetcreateindex-function.md)
    DENSITY = "index/density";
    /// `cbVarSegMac` is at most the longest key. (jet-indexcreate-structure.md)
    SEGMENT_MOST = "index/segment-most";
    /// A tuple index is secondary. (jet-indexcreate-structure.md)
    TUPLES_SECONDARY = "index/tuples-secondary";
    /// A tuple index is not unique. (jet-indexcreate-structure.md)
    TUPLES_NOT_UNIQUE = "index/tuples-not-unique";
    /// A tuple index has no `cbVarSegMac`. (jet-indexcreate-structure.md)
    TUPLES_SEGMENT = "index/tuples-segment-most";
    /// A tuple index is over one column. (jetcreateindex2-function.md)
    TUPLES_ONE = "index/tuples-one-column";
    /// The structure of tuple limits and its option go together. (jetcreateindex2-function.md)
    TUPLES_GIVEN = "index/tuples-with-option";
    /// A tuple index is over text or bytes. (jet-indexcreate-structure.md)
    TUPLES_TYPE = "index/tuples-type";
    /// Every key column is a column of the table. (jetcreateindex-function.md)
    COLUMN_FOUND = "index/column-found";
    /// An escrow column is not indexed. (jetcreateindex-function.md)
    ESCROW = "index/no-escrow-column";
    /// An encrypted column is not indexed.
    ENCRYPTED = "index/no-encrypted-column";
    /// A primary key column is not multi-valued. (jetcreateindex-function.md)
    PRIMARY_MULTI_VALUED = "index/primary-single-valued";
    /// A condition is that a column is null, or that it is not.
    /// (jet-conditionalcolumn-structure.md)
    CONDITION = "index/condition-grbit";
    /// At most 16 conditions. (jet-indexcreate-structure.md)
    CONDITIONS = "index/conditions";
}

/// The most columns of a key (`JET_ccolKeyMost`).
const COLUMNS_MOST: usize = 16;
/// The longest key unless an index asks for more (`JET_cbKeyMost`).
pub const KEY_MOST_USUAL: u32 = 255;

/// An index as the application defines it. (jet-indexcreate-structure.md)
#[derive(Debug, Clone, Default)]
pub struct IndexDefinition<'a> {
    /// `szIndexName`
    pub name: Option<&'a str>,
    /// `szKey`, `cbKey` bytes of it, as text with its zero characters.
    pub key: &'a str,
    /// `grbit`
    pub grbit: u32,
    /// `ulDensity`
    pub density: u32,
    /// The `JET_UNICODEINDEX` that was given.
    pub unicode: Option<Unicode>,
    /// `cbVarSegMac`; zero for none.
    pub segment_most: u32,
    /// `rgconditionalcolumn`: name and grbit.
    pub conditions: Vec<(Option<&'a str>, u32)>,
    /// `cbKeyMost`, where `JET_bitIndexKeyMost` makes it count.
    pub key_most: u32,
    /// `ptuplelimits`, where `JET_bitIndexTupleLimits` makes it count.
    pub tuples: Option<TupleLimits>,
    /// `pSpacehints`
    pub space: Option<SpaceHints>,
    /// Whether it was given by its parts, to JetCreateIndex.
    pub first_form: bool,
}

/// A column of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyColumn {
    /// The column.
    pub columnid: u32,
    /// Whether its values sort the other way round.
    pub descending: bool,
}

/// A condition that a row has to meet to have entries in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Condition {
    /// The column.
    pub columnid: u32,
    /// The column has to be null; otherwise it must not be.
    pub must_be_null: bool,
}

/// An index of a table.
#[derive(Debug, Clone, Hash)]
pub struct Index {
    /// Its identity within the table.
    pub id: IndexId,
    /// Its name.
    pub name: Name,
    /// Its options.
    pub grbit: IndexGrbit,
    /// Its density in percent.
    pub density: u32,
    /// The columns of its key.
    pub columns: Vec<KeyColumn>,
    /// What rows have to meet.
    pub conditions: Vec<Condition>,
    /// The longest key in bytes.
    pub key_most: usize,
    /// The most bytes that a column of variable size adds to a key.
    pub segment_most: usize,
    /// The tuples that its first column is split into, if it is a tuple index.
    pub tuples: Option<TupleLimits>,
    /// How its Unicode text is normalised.
    pub unicode: Unicode,
    /// Hints about its space.
    pub space: SpaceHints,
    /// Whether a derived table has it from its template.
    pub derived: bool,
}

impl Index {
    /// Whether rows are kept in its order.
    pub fn is_primary(&self) -> bool {
        self.grbit.contains(IndexGrbit::PRIMARY)
    }

    /// Whether no two rows have the same key.
    pub fn is_unique(&self) -> bool {
        self.grbit
            .intersects(IndexGrbit::PRIMARY | IndexGrbit::UNIQUE)
    }

    /// Whether a column is in its key or its conditions.
    pub fn uses(&self, columnid: u32) -> bool {
        self.columns
            .iter()
            .any(|column| column.columnid == columnid)
            || self
                .conditions
                .iter()
                .any(|condition| condition.columnid == columnid)
    }
}

/// `JET_bitIndexColumnMustBeNull`
const MUST_BE_NULL: u32 = 0x1;
/// `JET_bitIndexColumnMustBeNonNull`
const MUST_BE_NON_NULL: u32 = 0x2;

/// A definition of which all but the columns was found right.
#[derive(Debug)]
pub struct Read<'a> {
    name: Name,
    grbit: IndexGrbit,
    density: u32,
    key: Vec<(&'a str, bool)>,
    conditions: Vec<(Option<&'a str>, u32)>,
    key_most: u32,
    segment_most: u32,
    tuples: Option<TupleLimits>,
    unicode: Unicode,
    space: SpaceHints,
}

/// What the instance and its page size say of every index.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// The longest key that the page size allows, in bytes.
    pub key_most: u32,
    /// The tuples of an index that says nothing of them.
    pub tuples: TupleLimits,
}

/// Reads a definition, without looking at the table.
///
/// # Errors
/// Those of the rules of this file, in their order.
pub fn read<'a>(given: &IndexDefinition<'a>, around: Surroundings) -> Jet<Read<'a>> {
    let name = Name::parse(Named::Index, given.name)?;
    let grbit = IndexGrbit::from_bits_retain(given.grbit);
    let asks =
        grbit.contains(IndexGrbit::KEY_MOST) || (given.key_most != 0 && !KEY_MOST_IGNORED.holds());
    let key_most = if asks { given.key_most } else { KEY_MOST_USUAL };
    let fits = (KEY_MOST_USUAL..=around.key_most.max(KEY_MOST_USUAL)).contains(&key_most);
    KEY_MOST.refuse(!fits, JetError::IndexInvalidDef)?;
    check_options(grbit, given)?;
    let key = read_key(given.key)?;
    let space = given.space.map(SpaceHints::check).transpose()?;
    let valid_density = given.density == 0 || (20..=100).contains(&given.density);
    DENSITY.refuse(!valid_density, JetError::DensityInvalid)?;
    KEY_COLUMNS.refuse(key.len() > COLUMNS_MOST, JetError::IndexInvalidDef)?;
    let segment_most = if given.segment_most == 0 {
        key_most
    } else {
        given.segment_most
    };
    SEGMENT_MOST.refuse(segment_most > key_most, JetError::IndexInvalidDef)?;
    check_tuples(grbit, segment_most < key_most, key.len())?;
    let tuples = IndexGrbit::TUPLES | IndexGrbit::TUPLE_LIMITS;
    let tuples = grbit
        .intersects(tuples)
        .then(|| given.tuples.unwrap_or(around.tuples).check())
        .transpose()?;
    Ok(Read {
        name,
        grbit,
        density: given.density,
        key,
        conditions: given.conditions.clone(),
        key_most,
        segment_most,
        tuples,
        unicode: given.unicode.clone().unwrap_or_default(),
        space: space.unwrap_or_else(|| SpaceHints::of_density(given.density)),
    })
}

fn check_options(grbit: IndexGrbit, given: &IndexDefinition<'_>) -> Jet<()> {
    let primary = grbit.contains(IndexGrbit::PRIMARY);
    let leaves_out =
        IndexGrbit::IGNORE_NULL | IndexGrbit::IGNORE_ANY_NULL | IndexGrbit::IGNORE_FIRST_NULL;
    PRIMARY_NULLS.refuse(
        primary && grbit.intersects(leaves_out),
        JetError::InvalidGrbit,
    )?;
    let both = IndexGrbit::CROSS_PRODUCT | IndexGrbit::NESTED_TABLE;
    CROSS_OR_NESTED.refuse(grbit.contains(both), JetError::InvalidGrbit)?;
    PRIMARY_CONDITION.refuse(
        primary && !given.conditions.is_empty(),
        JetError::IndexInvalidDef,
    )?;
    let empty = grbit.contains(IndexGrbit::EMPTY);
    EMPTY.refuse(
        empty && !grbit.contains(IndexGrbit::IGNORE_ANY_NULL),
        JetError::InvalidGrbit,
    )?;
    UNICODE.refuse(
        grbit.contains(IndexGrbit::UNICODE) && given.unicode.is_none(),
        JetError::IndexInvalidDef,
    )?;
    TUPLES_GIVEN.refuse(
        grbit.contains(IndexGrbit::TUPLE_LIMITS) && given.tuples.is_none(),
        JetError::IndexInvalidDef,
    )
}

/// The column names of a key, with whether each is descending.
fn read_key(key: &str) -> Jet<Vec<(&str, bool)>> {
    KEY_GIVEN.refuse(key.is_empty(), JetError::InvalidParameter)?;
    let well_formed = key.starts_with(['+', '-']) && key.ends_with("\0\0");
    KEY_FORM.refuse(!well_formed, JetError::IndexInvalidDef)?;
    let names = key.split('\0').take_while(|name| !name.is_empty());
    let columns: Vec<_> = names
        .map(|name| match name.strip_prefix('-') {
            Some(name) => (name, true),
            None => (name.strip_prefix('+').unwrap_or(name), false),
        })
        .collect();
    let length: usize = key
        .split('\0')
        .take_while(|name| !name.is_empty())
        .map(|n| n.len() + 1)
        .sum();
    KEY_FORM.refuse(length + 1 < key.len(), JetError::IndexInvalidDef)?;
    Ok(columns)
}

fn check_tuples(grbit: IndexGrbit, limited: bool, columns: usize) -> Jet<()> {
    if !grbit.intersects(IndexGrbit::TUPLES | IndexGrbit::TUPLE_LIMITS) {
        return Ok(());
    }
    TUPLES_SECONDARY.refuse(
        grbit.contains(IndexGrbit::PRIMARY),
        JetError::IndexTuplesSecondaryIndexOnly,
    )?;
    TUPLES_NOT_UNIQUE.refuse(
        grbit.contains(IndexGrbit::UNIQUE),
        JetError::IndexTuplesNonUniqueOnly,
    )?;
    TUPLES_SEGMENT.refuse(limited, JetError::IndexTuplesVarSegMacNotAllowed)?;
    let several = columns > 1 && !quirks::TUPLES_OF_SEVERAL.genuine();
    TUPLES_ONE.refuse(several, JetError::IndexTuplesOneColumnOnly)
}

impl Read<'_> {
    /// Finds the columns of the definition in a schema.
    ///
    /// # Errors
    /// Those of the rules of this file, in their order.
    pub fn resolve(self, schema: &Schema, id: IndexId) -> Jet<Index> {
        let mut columns = Vec::new();
        for (position, (name, descending)) in self.key.iter().enumerate() {
            let Some(column) = find(&schema.columns, Some(name))? else {
                continue;
            };
            self.check_key_column(column, position)?;
            columns.push(KeyColumn {
                columnid: column.columnid,
                descending: *descending,
            });
        }
        CONDITIONS.refuse(
            self.conditions.len() > COLUMNS_MOST,
            JetError::IndexInvalidDef,
        )?;
        let mut conditions = Vec::new();
        for (name, grbit) in &self.conditions {
            let known = [MUST_BE_NULL, MUST_BE_NON_NULL].contains(grbit);
            CONDITION.refuse(!known, JetError::InvalidGrbit)?;
            let Some(column) = find(&schema.columns, *name)? else {
                continue;
            };
            conditions.push(Condition {
                columnid: column.columnid,
                must_be_null: *grbit == MUST_BE_NULL,
            });
        }
        Ok(Index {
            id,
            name: self.name,
            grbit: self.grbit,
            density: if self.density == 0 { 80 } else { self.density },
            columns,
            conditions,
            key_most: self.key_most as usize,
            segment_most: self.segment_most as usize,
            tuples: self.tuples,
            unicode: self.unicode,
            space: self.space,
            derived: false,
        })
    }

    fn check_key_column(&self, column: &Column, position: usize) -> Jet<()> {
        ENCRYPTED.refuse(
            column.is(ColumnGrbit::ENCRYPTED),
            JetError::CannotIndexOnEncryptedColumn,
        )?;
        ESCROW.refuse(column.is(ColumnGrbit::ESCROW_UPDATE), JetError::CannotIndex)?;
        let primary = self.grbit.contains(IndexGrbit::PRIMARY);
        PRIMARY_MULTI_VALUED.refuse(
            primary && column.is_multi_valued(),
            JetError::IndexInvalidDef,
        )?;
        let tuples = self
            .grbit
            .intersects(IndexGrbit::TUPLES | IndexGrbit::TUPLE_LIMITS);
        let other = !column.coltyp.is_text() && !column.coltyp.is_binary();
        TUPLES_TYPE.refuse(
            tuples && position == 0 && other,
            JetError::IndexTuplesTextBinaryColumnsOnly,
        )
    }
}

/// The column of a name; `None` only while the rule that it has to exist is off.
fn find<'s>(columns: &'s Columns, name: Option<&str>) -> Jet<Option<&'s Column>> {
    let name = Name::parse(Named::Column, name)?;
    let column = columns.by_name(&name);
    COLUMN_FOUND.refuse(column.is_none(), JetError::ColumnNotFound)?;
    Ok(column)
}
