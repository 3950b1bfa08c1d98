//! What the log says was done to a database, until it is written into its file.
//!
//! The file is read once to see that it is whole, and once more, row by row, while its successor is
//! written; what was done to its rows is held in little memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::contents::SchemaImage;
use super::header::Header;
use super::image::{self, Frame, ImageError, Part, Sync, TableHead, io_error};
use super::record::{Deed, Operation};
use super::row_changes::{Merged, RowChanges, SortedRowChanges};
use super::writer::FileWriter;

/// A database whose file lacks something.
#[derive(Debug)]
pub struct Pending {
    /// What its file is to say of it.
    pub header: Header,
    path: PathBuf,
    tables: BTreeMap<u32, Changes>,
    rows: RowChanges,
}

/// What was done to a table, apart from its rows.
#[derive(Debug)]
struct Changes {
    /// What the table is now; `None` for one that was deleted.
    head: Option<TableHead>,
    /// Its rows in the file are still its own.
    in_file: bool,
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
        // A name without a folder is in the current one.
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        Ok(Self {
            header: file.header,
            path: path.to_owned(),
            tables,
            rows: RowChanges::new(folder.unwrap_or(Path::new("."))),
        })
    }

    /// Applies the operations of record `number` that are about this database, unless the file
    /// has them already.
    ///
    /// # Errors
    /// [`ImageError::Damaged`] for a row that is none, [`ImageError::Io`] where what is known cannot
    /// be put aside.
    pub fn apply(&mut self, number: u64, operations: &[Operation]) -> Result<(), ImageError> {
        if number <= self.header.applied {
            return Ok(());
        }
        for operation in operations {
            if operation.database == self.header.signature {
                self.apply_to_table(operation.table, &operation.deed)?;
            }
        }
        self.header.applied = number;
        Ok(())
    }

    fn apply_to_table(&mut self, object: u32, deed: &Deed) -> Result<(), ImageError> {
        if let Deed::Define(schema) = deed {
            self.define(object, schema);
            return Ok(());
        }
        // A deed to a table that is gone is without effect: the table was dropped later in its group.
        let Some(changes) = self.tables.get_mut(&object) else {
            return Ok(());
        };
        let Some(head) = &mut changes.head else {
            return Ok(());
        };
        let done = match deed {
            Deed::Put { row } => self.rows.put(object, row),
            Deed::Remove { bookmark } => self.rows.remove(object, bookmark),
            Deed::Counters {
                next_autoincrement,
                next_counter,
            } => {
                head.next_autoincrement = *next_autoincrement;
                head.next_counter = *next_counter;
                Ok(())
            }
            Deed::Drop => {
                changes.head = None;
                changes.in_file = false;
                self.rows.forget(object);
                Ok(())
            }
            Deed::Define(_) => Ok(()),
        };
        done.map_err(|source| image::wrong(&self.path, source))
    }

    fn define(&mut self, object: u32, schema: &SchemaImage) {
        let table = self.tables.entry(object).or_insert_with(|| Changes {
            head: None,
            in_file: false,
        });
        match &mut table.head {
            Some(head) => head.schema = schema.clone(),
            None => {
                table.head = Some(TableHead {
                    object,
                    schema: schema.clone(),
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
    pub fn write(self, sync: Sync) -> Result<(), ImageError> {
        let mut before = image::open(&self.path)?;
        let mut after = FileWriter::create(&self.path, &self.header)?;
        let rows = self.rows.sorted();
        let mut here: Option<Merge<'_>> = None;
        while let Some(frame) = before.frame()? {
            match frame {
                Frame::Table(bytes) => {
                    if let Some(table) = here.take() {
                        table.finish(&mut after)?;
                    }
                    // Where it is not in the file any more its rows there were those of a table that is
                    // gone.
                    let object = table(bytes).map(|head| head.object);
                    let own = object.and_then(|object| self.tables.get(&object));
                    let Some(head) = own.filter(|own| own.in_file).and_then(Changes::head) else {
                        continue;
                    };
                    here = Some(Merge::begin(head, &rows, &self.path, &mut after)?);
                }
                Frame::Row(bookmark, bytes) => {
                    if let Some(table) = &mut here {
                        table.row(bookmark, bytes, &mut after)?;
                    }
                }
            }
        }
        if let Some(table) = here.take() {
            table.finish(&mut after)?;
        }
        let new = self.tables.values().filter(|own| !own.in_file);
        for head in new.filter_map(Changes::head) {
            Merge::begin(head, &rows, &self.path, &mut after)?.finish(&mut after)?;
        }
        // Windows lets no file take the place of one that is open.
        drop(before);
        after.finish(sync)
    }
}

impl Changes {
    fn head(&self) -> Option<&TableHead> {
        self.head.as_ref()
    }
}

/// A table of a file that is being written with its changes.
struct Merge<'c> {
    changes: Merged<'c>,
    path: &'c Path,
}

impl<'c> Merge<'c> {
    fn begin(
        head: &TableHead,
        rows: &'c SortedRowChanges,
        path: &'c Path,
        after: &mut FileWriter,
    ) -> Result<Self, ImageError> {
        after.table(head)?;
        let changes = rows.of(head.object).map_err(io_error(path))?;
        Ok(Self { changes, path })
    }

    /// Takes over a row of the file, unless it was changed.
    fn row(
        &mut self,
        bookmark: &[u8],
        bytes: &[u8],
        after: &mut FileWriter,
    ) -> Result<(), ImageError> {
        let mut changed = false;
        while let Some(own) = self.changes.here().filter(|own| own.bookmark() <= bookmark) {
            changed = own.bookmark() == bookmark;
            if let Some(row) = own.row() {
                after.raw(row)?;
            }
            self.changes.turn().map_err(io_error(self.path))?;
        }
        if changed { Ok(()) } else { after.raw(bytes) }
    }

    /// Writes the rows that come after those of the file.
    fn finish(mut self, after: &mut FileWriter) -> Result<(), ImageError> {
        while let Some(own) = self.changes.here() {
            if let Some(row) = own.row() {
                after.raw(row)?;
            }
            self.changes.turn().map_err(io_error(self.path))?;
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
