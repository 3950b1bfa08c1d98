//! What the log says was done to a database, until it is written into its file.
//!
//! Only the changes are held in memory: the file is read once to see that it is whole, and once
//! more, row by row, while its successor is written.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::path::Path;

use super::contents::SchemaImage;
use super::header::Header;
use super::image::{self, Frame, ImageError, Part, Sync, TableHead};
use super::record::{Deed, Operation};
use super::writer::{FileWriter, encode_row};

/// Rows by their bookmarks: their bytes in a file, or that they are gone.
type Rows = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A database whose file lacks something.
#[derive(Debug)]
pub struct Pending {
    /// What its file is to say of it.
    pub header: Header,
    tables: BTreeMap<u32, Changes>,
}

/// What was done to a table.
#[derive(Debug)]
struct Changes {
    /// What the table is now; `None` for one that was deleted.
    head: Option<TableHead>,
    /// Its rows in the file are still its own.
    in_file: bool,
    rows: Rows,
}

impl Pending {
    /// Reads the file through.
    ///
    /// # Errors
    /// See [`ImageError`]; [`ImageError::Damaged`] for rows that are not in their order.
    pub fn open(path: &Path) -> Result<Self, ImageError> {
        let mut file = image::open(path)?;
        let damaged = || ImageError::Damaged(path.to_owned());
        let mut tables = BTreeMap::new();
        let mut last: Option<Vec<u8>> = None;
        while let Some(frame) = file.frame()? {
            match frame {
                Frame::Table(bytes) => {
                    let head = table(bytes).ok_or_else(damaged)?;
                    let object = head.object;
                    let changes = Changes {
                        head: Some(head),
                        in_file: true,
                        rows: Rows::new(),
                    };
                    if tables.insert(object, changes).is_some() {
                        return Err(damaged());
                    }
                    last = None;
                }
                Frame::Row(bookmark, _) => {
                    let late = last.as_deref().is_some_and(|last| last >= bookmark);
                    if late || tables.is_empty() {
                        return Err(damaged());
                    }
                    let last = last.get_or_insert_default();
                    last.clear();
                    last.extend_from_slice(bookmark);
                }
            }
        }
        let header = file.header;
        Ok(Self { header, tables })
    }

    /// Applies the operations of record `number` that are about this database, unless the file
    /// has them already.
    pub fn apply(&mut self, number: u64, operations: Vec<Operation>) {
        if number <= self.header.applied {
            return;
        }
        for operation in operations {
            if operation.database == self.header.signature {
                self.apply_to_table(operation.table, operation.deed);
            }
        }
        self.header.applied = number;
    }

    fn apply_to_table(&mut self, object: u32, deed: Deed) {
        match deed {
            Deed::Define(schema) => self.define(object, *schema),
            Deed::Drop => {
                let table = self.tables.get_mut(&object);
                table.into_iter().for_each(Changes::drop_all);
            }
            // A deed to a table that is gone is without effect: the table was dropped later in its
            // group.
            deed => {
                let table = self.tables.get_mut(&object);
                table.into_iter().for_each(|table| table.apply(&deed));
            }
        }
    }

    fn define(&mut self, object: u32, schema: SchemaImage) {
        let table = self.tables.entry(object).or_insert_with(|| Changes {
            head: None,
            in_file: false,
            rows: Rows::new(),
        });
        match &mut table.head {
            Some(head) => head.schema = schema,
            None => {
                table.head = Some(TableHead {
                    object,
                    schema,
                    next_autoincrement: 1,
                    next_counter: 1,
                });
            }
        }
    }

    /// Writes the file with all that was done.
    ///
    /// # Errors
    /// See [`ImageError`]; the file that was there is still there then.
    pub fn write(mut self, path: &Path, sync: Sync) -> Result<(), ImageError> {
        let mut before = image::open(path)?;
        let mut after = FileWriter::create(path, &self.header)?;
        let mut here = Merge::nothing();
        while let Some(frame) = before.frame()? {
            match frame {
                Frame::Table(bytes) => {
                    here.finish(&mut after)?;
                    here = match table(bytes).and_then(|head| self.tables.remove(&head.object)) {
                        Some(changes) if changes.in_file => Merge::begin(changes, &mut after)?,
                        Some(changes) => {
                            // The rows in the file were those of a table that is gone.
                            let object = changes.head.as_ref().map(|head| head.object);
                            self.tables.extend(object.map(|object| (object, changes)));
                            Merge::nothing()
                        }
                        None => Merge::nothing(),
                    };
                }
                Frame::Row(bookmark, bytes) => here.row(bookmark, bytes, &mut after)?,
            }
        }
        here.finish(&mut after)?;
        for changes in self.tables.into_values() {
            Merge::begin(changes, &mut after)?.finish(&mut after)?;
        }
        // Windows lets no file take the place of one that is open.
        drop(before);
        after.finish(sync)
    }
}

impl Changes {
    fn drop_all(&mut self) {
        self.head = None;
        self.in_file = false;
        self.rows.clear();
    }

    fn apply(&mut self, deed: &Deed) {
        let Some(head) = &mut self.head else {
            return;
        };
        match deed {
            Deed::Put { bookmark, row } => {
                // What was read out of a log can be written down again.
                if let Ok(bytes) = encode_row(bookmark, row) {
                    self.rows.insert(bookmark.clone(), Some(bytes));
                }
            }
            Deed::Remove { bookmark } => {
                self.rows.insert(bookmark.clone(), None);
            }
            Deed::Counters {
                next_autoincrement,
                next_counter,
            } => {
                head.next_autoincrement = *next_autoincrement;
                head.next_counter = *next_counter;
            }
            Deed::Define(_) | Deed::Drop => {}
        }
    }
}

/// A table of a file that is being written with its changes.
struct Merge {
    /// The table is written at all.
    written: bool,
    changes: Peekable<std::collections::btree_map::IntoIter<Vec<u8>, Option<Vec<u8>>>>,
}

impl Merge {
    /// No table.
    fn nothing() -> Self {
        Self {
            written: false,
            changes: Rows::new().into_iter().peekable(),
        }
    }

    fn begin(changes: Changes, after: &mut FileWriter) -> Result<Self, ImageError> {
        let Some(head) = changes.head else {
            return Ok(Self::nothing());
        };
        after.table(&head)?;
        Ok(Self {
            written: true,
            changes: changes.rows.into_iter().peekable(),
        })
    }

    /// Takes over a row of the file, unless it was changed.
    fn row(
        &mut self,
        bookmark: &[u8],
        bytes: &[u8],
        after: &mut FileWriter,
    ) -> Result<(), ImageError> {
        if !self.written {
            return Ok(());
        }
        let mut changed = false;
        let up_to = |(own, _): &(Vec<u8>, Option<Vec<u8>>)| own.as_slice() <= bookmark;
        while let Some((own, row)) = self.changes.next_if(up_to) {
            changed = own == bookmark;
            if let Some(row) = row {
                after.raw(&row)?;
            }
        }
        if changed { Ok(()) } else { after.raw(bytes) }
    }

    /// Writes the rows that come after those of the file.
    fn finish(self, after: &mut FileWriter) -> Result<(), ImageError> {
        for row in self.changes.filter_map(|(_, row)| row) {
            after.raw(&row)?;
        }
        Ok(())
    }
}

fn table(bytes: &[u8]) -> Option<TableHead> {
    match postcard::from_bytes(bytes) {
        Ok(Part::Table(head)) => Some(head),
        _ => None,
    }
}
