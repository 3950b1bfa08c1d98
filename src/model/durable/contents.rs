//! What a database holds, in a form that can be written down.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::header::Header;
use super::image::TableHead;
use crate::model::index_options::{SpaceHints, TupleLimits, Unicode};
use crate::model::name::Name;
use crate::model::value::columns::Columns;
use crate::model::value::record::Record;

/// A database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseImage {
    /// What its file says of it.
    pub header: Header,
    /// Its tables by their object numbers.
    pub tables: BTreeMap<u32, TableImage>,
}

impl DatabaseImage {
    /// A new database without tables.
    pub fn new(page_size: u32) -> Self {
        Self {
            header: Header::new(page_size),
            tables: BTreeMap::new(),
        }
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableImage {
    /// What it is.
    pub schema: SchemaImage,
    /// The next value of its autoincrement column.
    pub next_autoincrement: u64,
    /// The next bookmark of a table without primary index.
    pub next_counter: u32,
    /// Its rows by their bookmarks.
    pub rows: BTreeMap<Vec<u8>, RowImage>,
}

impl TableImage {
    /// What it is, without its rows.
    pub fn head(&self, object: u32) -> TableHead {
        TableHead {
            object,
            schema: self.schema.clone(),
            next_autoincrement: self.next_autoincrement,
            next_counter: self.next_counter,
        }
    }
}

/// What a table is, apart from its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaImage {
    /// Its name.
    pub name: Name,
    /// The object number of its template.
    pub template: Option<u32>,
    /// How it was created.
    pub options: TableOptionsImage,
    /// The callbacks stored with it, in the order in which they are called.
    pub callbacks: Vec<StoredCallback>,
    /// Its columns, those of its template included.
    pub columns: Columns,
    /// Its indexes.
    pub indexes: Vec<IndexImage>,
}

/// How a table was created. (jet-tablecreate2-structure.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TableOptionsImage {
    /// `grbit`
    pub grbit: u32,
    /// `ulPages`
    pub pages: u32,
    /// `ulDensity`
    pub density: u32,
}

/// A callback stored in a schema. (jet-tablecreate2-structure.md)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCallback {
    /// `cbtyp`
    pub cbtyp: u32,
    /// `szCallback`, module and function, narrow text.
    pub callback: Vec<u8>,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexImage {
    /// Its identity within the table.
    pub id: u32,
    /// Its name.
    pub name: Name,
    /// Its options.
    pub grbit: u32,
    /// Its density in percent.
    pub density: u32,
    /// The columns of its key: columnid, and whether descending.
    pub columns: Vec<(u32, bool)>,
    /// Its conditions: columnid, and whether it must be null.
    pub conditions: Vec<(u32, bool)>,
    /// The longest key in bytes.
    pub key_most: u32,
    /// The most bytes that a column of variable size adds.
    pub segment_most: u32,
    /// The tuples that its first column is split into.
    pub tuples: Option<TupleLimits>,
    /// How its Unicode text is normalised.
    pub unicode: Unicode,
    /// Hints about its space.
    pub space: SpaceHints,
    /// Whether a derived table has it from its template.
    pub derived: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowImage {
    /// Its values.
    pub record: Arc<Record>,
    /// Its keys in the secondary indexes, by the identity of the index: kept, since the functions
    /// of user-defined defaults cannot be asked again.
    pub keys: BTreeMap<u32, Vec<Vec<u8>>>,
}
