//! Tables as a database file and the log hold them, and back again.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use super::durable::contents::{
    IndexImage, RowImage, SchemaImage, StoredCallback, TableOptionsImage,
};
use super::durable::image::{ImageError, Part, PartReader, TableHead};
use super::durable::writer::FileWriter;
use super::engine::State;
use super::handles::{Dbid, Instance, TableKey};
use super::index::{Condition, Index, KeyColumn};
use super::outcome::Jet;
use super::schema::Schema;
use super::store::{Bookmark, IndexId, Keys, View};
use super::table::{Table, TableOptions};
use super::value::grbit::IndexGrbit;
use crate::abi::errors::JetError;

/// Options of a table that are written down. (jet-tablecreate2-structure.md)
mod bits {
    pub const FIXED_DDL: u32 = 0x1;
    pub const TEMPLATE: u32 = 0x2;
    pub const SYSTEM: u32 = 0x8;
}

impl TableOptions {
    fn image(self) -> TableOptionsImage {
        let bit = |set, bit| if set { bit } else { 0 };
        TableOptionsImage {
            grbit: bit(self.fixed_ddl, bits::FIXED_DDL)
                | bit(self.template, bits::TEMPLATE)
                | bit(self.system, bits::SYSTEM),
            pages: self.pages,
            density: self.density,
        }
    }

    fn of_image(image: TableOptionsImage) -> Self {
        Self {
            fixed_ddl: image.grbit & bits::FIXED_DDL != 0,
            template: image.grbit & bits::TEMPLATE != 0,
            system: image.grbit & bits::SYSTEM != 0,
            temporary: None,
            pages: image.pages,
            density: image.density,
        }
    }
}

impl Index {
    fn image(&self) -> IndexImage {
        let columns = self.columns.iter();
        let conditions = self.conditions.iter();
        IndexImage {
            id: self.id.0,
            name: self.name.clone(),
            grbit: self.grbit.bits(),
            density: self.density,
            columns: columns.map(|c| (c.columnid, c.descending)).collect(),
            conditions: conditions.map(|c| (c.columnid, c.must_be_null)).collect(),
            key_most: self.key_most as u32,
            segment_most: self.segment_most as u32,
            tuples: self.tuples,
            unicode: self.unicode.clone(),
            space: self.space,
            derived: self.derived,
        }
    }

    fn of_image(image: IndexImage) -> Self {
        let column = |(columnid, descending)| KeyColumn {
            columnid,
            descending,
        };
        let condition = |(columnid, must_be_null)| Condition {
            columnid,
            must_be_null,
        };
        Self {
            id: IndexId(image.id),
            name: image.name,
            grbit: IndexGrbit::from_bits_retain(image.grbit),
            density: image.density,
            columns: image.columns.into_iter().map(column).collect(),
            conditions: image.conditions.into_iter().map(condition).collect(),
            key_most: image.key_most as usize,
            segment_most: image.segment_most as usize,
            tuples: image.tuples,
            unicode: image.unicode,
            space: image.space,
            derived: image.derived,
        }
    }
}

impl Table {
    /// What the table is, for all; `template` is the object number of its template.
    pub(super) fn schema_image(&self, template: Option<u32>) -> SchemaImage {
        let callbacks = self.stored_callbacks.iter().cloned();
        SchemaImage {
            name: self.committed_name().clone(),
            template,
            options: self.options.image(),
            callbacks: callbacks
                .map(|(callback, cbtyp)| StoredCallback { cbtyp, callback })
                .collect(),
            columns: self.schema.columns.clone(),
            indexes: self.schema.indexes.iter().map(Index::image).collect(),
        }
    }

    /// The table as it is committed, without its rows.
    pub(super) fn head(&self, object: u32, template: Option<u32>) -> TableHead {
        TableHead {
            object,
            schema: self.schema_image(template),
            next_autoincrement: self.next_autoincrement,
            next_counter: self.rows.counter(),
        }
    }

    /// A row as it is committed; `None` where there is none.
    pub(super) fn row_image(&self, bookmark: &[u8]) -> Option<RowImage> {
        let record = self.rows.read(View::LEVEL_0, bookmark)?;
        let keys = self.rows.keys(View::LEVEL_0, bookmark)?;
        Some(RowImage {
            record,
            keys: self.keys_image(keys),
        })
    }

    fn keys_image(&self, keys: &Keys) -> BTreeMap<u32, Vec<Vec<u8>>> {
        let of_index = |index: &Index| (index.id.0, keys.of(index.id).cloned().collect());
        self.schema.secondary().map(of_index).collect()
    }

    /// The rows as they are committed, after that one or all of them.
    pub(super) fn row_images(
        &self,
        after: Option<&Bookmark>,
    ) -> impl Iterator<Item = (&Bookmark, RowImage)> {
        let rows = self.rows.shown_after(View::LEVEL_0, after);
        rows.map(|(bookmark, record, keys)| {
            let keys = self.keys_image(keys);
            (bookmark, RowImage { record, keys })
        })
    }

    /// Writes the table as it is committed, row by row.
    fn write(
        &self,
        object: u32,
        template: Option<u32>,
        file: &mut FileWriter,
    ) -> Result<(), ImageError> {
        file.table(&self.head(object, template))?;
        for (bookmark, row) in self.row_images(None) {
            file.row(bookmark, &row)?;
        }
        Ok(())
    }

    /// A table that was written down, without its rows, its template and its callbacks.
    fn of_head(home: (Instance, Dbid), head: &TableHead) -> Self {
        let schema = &head.schema;
        let options = TableOptions::of_image(schema.options);
        let mut table = Self::new(home, schema.name.clone(), options);
        table.object = head.object;
        table.next_autoincrement = head.next_autoincrement;
        let indexes = schema.indexes.iter().cloned();
        let own = Schema {
            columns: schema.columns.clone(),
            indexes: indexes.map(Index::of_image).collect(),
        };
        table.schema = own.shared();
        let secondary = Arc::clone(&table.schema);
        for index in secondary.secondary() {
            table.rows.fill_index(index.id, []);
        }
        table.rows.set_counter(head.next_counter);
        table
    }

    fn restore_row(&mut self, bookmark: Vec<u8>, row: RowImage) {
        let mut keys = Keys::new();
        for (index, of_index) in row.keys {
            keys.set(IndexId(index), of_index);
        }
        self.rows.restore(bookmark, row.record, keys);
    }
}

impl State {
    /// Puts the tables of a database file into the engine, as they are read.
    pub(super) fn load_parts(
        &mut self,
        home: (Instance, Dbid),
        mut file: PartReader<impl Read>,
    ) -> Jet<()> {
        let mut keys: BTreeMap<u32, TableKey> = BTreeMap::new();
        let mut heads = Vec::new();
        let mut here = None;
        while let Some(part) = file.part()? {
            match part {
                Part::Table(head) => {
                    let table = Table::of_head(home, &head);
                    keys.insert(head.object, table.key);
                    here = Some(table.key);
                    heads.push((table.key, head.schema));
                    self.tables.insert(table.key, table);
                }
                Part::Row(bookmark, row) => {
                    let table = here.and_then(|key| self.tables.get_mut(&key));
                    let table = table.ok_or(JetError::DatabaseCorrupted)?;
                    table.restore_row(bookmark, row);
                }
                Part::End => {}
            }
        }
        for (key, schema) in heads {
            let template = schema.template.and_then(|object| keys.get(&object));
            self.table_mut(key)?.template = template.copied();
            let stored = schema.callbacks.into_iter();
            self.table_mut(key)?.stored_callbacks = stored
                .map(|stored| (stored.callback, stored.cbtyp))
                .collect();
            self.load_callbacks(key)?;
        }
        Ok(())
    }

    /// Writes all that is committed in a database to a file.
    pub(super) fn write_parts(&mut self, home: (Instance, Dbid), file: &mut FileWriter) -> Jet<()> {
        for key in self.tables_in(home) {
            let template = self.table(key)?.template;
            let template = template.and_then(|template| self.object_of(template));
            let Some(object) = self.object_of(key) else {
                continue;
            };
            let table = self.table(key)?;
            if table.exists(View::LEVEL_0) {
                table.write(object, template, file)?;
            }
        }
        Ok(())
    }

    /// The object number of a table, given out now if it has none yet; `None` for a table that is
    /// in no file.
    pub(super) fn object_of(&mut self, key: TableKey) -> Option<u32> {
        let table = self
            .tables
            .get_mut(&key)
            .filter(|table| !table.options.system)?;
        let file = self.databases.get_mut(&table.home)?.file.as_mut()?;
        if table.object == 0 {
            table.object = file.next_object;
            file.next_object += 1;
        }
        Some(table.object)
    }
}
