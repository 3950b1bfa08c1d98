//! The copy that a compaction makes: every table with its schema, rows and counters, page by page.
//! (jetcompact-function.md)

use std::path::{Path, PathBuf};

use super::compact::{Work, bits};
use super::compact_file::{Destination, size, verify};
use super::compact_statistics::{Statistics, TableCount};
use super::database::file;
use super::durable::contents::{RowImage, SchemaImage};
use super::durable::image::TableHead;
use super::handles::{Dbid, TableKey};
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::settings::id;
use super::store::{Bookmark, View};
use crate::abi::errors::JetError;

rules! {
    /// A path of the source.
    SOURCE_PATH = "compact/source-path";
    /// The source is attached.
    SOURCE_ATTACHED = "compact/source-not-attached";
    /// Nobody has the source open. (jetcompact-function.md)
    SOURCE_IN_USE = "compact/source-in-use";
    /// Nobody has the source exclusively.
    SOURCE_LOCKED = "compact/source-locked";
    /// Meanwhile nobody else opens the source.
    SOURCE_KEPT = "compact/source-kept";
    /// A path of the destination.
    DESTINATION_PATH = "compact/destination-path";
    /// The destination is new.
    DESTINATION_NEW = "compact/destination-exists";
    /// The folder of the destination.
    DESTINATION_FOLDER = "compact/destination-folder-missing";
    /// The destination is not attached afterwards.
    DESTINATION_DETACHED = "compact/destination-detached";
    /// The source is whole.
    DAMAGED = "compact/damaged-source";
    /// Or damage is passed over. (jetcompact-function.md)
    REPAIR = "compact/repair";
    /// The source is only read. (jetcompact-function.md)
    SOURCE_UNCHANGED = "compact/source-unchanged";
    /// Rows are copied. (jetcompact-function.md)
    COPIES = "compact/copies";
    /// And schemas. (jetcompact-function.md)
    SCHEMA = "compact/schema";
    /// And long values. (jetcompact-function.md)
    LONG_VALUES = "compact/long-values";
    /// And autoincrement counters. (jetcompact-function.md)
    AUTOINCREMENT = "compact/autoincrement";
    /// And what derived tables are derived from. (jetcompact-function.md)
    DERIVED = "compact/derived-tables";
    /// And stored callbacks. (jetcompact-function.md)
    STORED = "compact/stored-callbacks";
    /// Nobody is called about the rows.
    NO_CALLBACKS = "compact/no-change-callbacks";
    /// What cannot be written fails the call.
    DISK = "compact/disk-refuses";
}

/// The units that stand for a database without rows, before and after its tables.
const UNITS_BEFORE: u32 = 20;
const UNITS_AFTER: u32 = 10;
/// A table with more secondary indexes than this has some of them told of by other threads.
const INDEXES_TOGETHER: usize = 16;

/// A table that is to be copied.
struct Source {
    key: TableKey,
    object: u32,
    template: Option<u32>,
    rows: u32,
    /// Its secondary indexes, where there are many.
    many_indexes: u32,
}

impl Source {
    fn units(&self) -> u32 {
        self.rows
            .saturating_add(self.many_indexes)
            .saturating_add(1)
    }
}

impl Work<'_, '_> {
    /// Copies the source to the destination.
    pub(super) fn copy(&mut self, statistics: Option<Statistics>) -> Jet<()> {
        let (dbid, source) = self.open_source()?;
        let copied = self.copy_opened(dbid, &source, statistics);
        self.close_source(dbid);
        copied
    }

    /// Opens the source for the session alone.
    fn open_source(&mut self) -> Jet<(Dbid, PathBuf)> {
        let path = file(self.given.source.as_deref(), &SOURCE_PATH)?;
        let (instance, sesid) = (self.call.instance, self.sesid);
        let attached = self.call.attached(instance, &path);
        let found = attached.map(|database| (database.dbid, database.exclusive));
        let (dbid, exclusive) =
            found.ok_or_else(|| SOURCE_ATTACHED.error(JetError::DatabaseNotFound))?;
        self.call.check_one_per_session(sesid, Some(dbid))?;
        let locked = exclusive.is_some_and(|owner| owner != sesid);
        SOURCE_LOCKED.refuse(locked, JetError::DatabaseLocked)?;
        let in_use = self.call.opens(instance, dbid) > 0;
        SOURCE_IN_USE.refuse(in_use, JetError::DatabaseInUse)?;
        if SOURCE_KEPT.holds() && !in_use {
            self.call.database_mut(instance, dbid)?.exclusive = Some(sesid);
            self.call.session_mut(sesid)?.opened.insert(dbid, 1);
        }
        Ok((dbid, path))
    }

    fn close_source(&mut self, dbid: Dbid) {
        let (instance, sesid) = (self.call.instance, self.sesid);
        let Ok(database) = self.call.database_mut(instance, dbid) else {
            return;
        };
        if database.exclusive == Some(sesid) {
            database.exclusive = None;
            if let Ok(session) = self.call.session_mut(sesid) {
                session.opened.remove(&dbid);
            }
        }
    }

    fn copy_opened(
        &mut self,
        dbid: Dbid,
        source: &Path,
        mut statistics: Option<Statistics>,
    ) -> Jet<()> {
        let path = self.check_destination(source)?;
        let instance = self.call.instance;
        let of_file = self.call.database(instance, dbid)?.file.as_ref();
        let page_size =
            of_file.map_or(super::limits::PAGE_SIZE_USUAL, |file| file.header.page_size);
        let mut destination = match Destination::create(&path, source, page_size) {
            Err(_) if !DISK.holds() => return Ok(()),
            created => created?,
        };
        let copied = self.copy_tables(dbid, source, &mut destination, &mut statistics);
        if let Err(error) = copied {
            destination.abandon();
            return Err(error);
        }
        match destination.finish() {
            Err(_) if !DISK.holds() => return Ok(()),
            finished => finished?,
        }
        if let Some(statistics) = statistics {
            statistics.finish(size(source), size(&path))?;
        }
        if !DESTINATION_DETACHED.holds() {
            self.call.attach_unasked(instance, path)?;
        }
        Ok(())
    }

    /// The file of the destination, which must not be there yet.
    fn check_destination(&mut self, source: &Path) -> Jet<PathBuf> {
        let path = file(self.given.destination.as_deref(), &DESTINATION_PATH)?;
        let instance = self.call.instance;
        let taken = path == source || path.exists();
        DESTINATION_NEW.refuse(taken, JetError::DatabaseDuplicate)?;
        let folder = path.parent().unwrap_or(&path).to_path_buf();
        if folder.is_dir() || !DESTINATION_FOLDER.holds() {
            return Ok(path);
        }
        let settings = &self.call.instance(instance)?.settings;
        if settings.flag(id::CREATE_PATH_IF_NOT_EXIST) {
            return match std::fs::create_dir_all(&folder) {
                Ok(()) => Ok(path),
                Err(_) => Err(JetError::InvalidPath),
            };
        }
        self.call.instance_mut(instance)?.unavailable = Some(JetError::InstanceUnavailable);
        Err(JetError::InvalidPath)
    }

    fn copy_tables(
        &mut self,
        dbid: Dbid,
        source: &Path,
        destination: &mut Destination,
        statistics: &mut Option<Statistics>,
    ) -> Jet<()> {
        let tables = self.tables(dbid)?;
        let units = tables.iter().map(Source::units);
        let units = units.fold(UNITS_BEFORE + UNITS_AFTER, u32::saturating_add);
        self.advance(UNITS_BEFORE, units)?;
        self.check_source(source)?;
        if !SOURCE_UNCHANGED.holds() {
            touch(source);
        }
        for table in &tables {
            let count = self.copy_table(table, destination, units)?;
            if let Some(statistics) = statistics {
                let name = self.call.table(table.key)?.name.clone();
                statistics.table(&name, &count, destination.page_size())?;
            }
        }
        Ok(())
    }

    /// The tables in the order of their object numbers, so that a template comes before what is
    /// derived from it.
    fn tables(&mut self, dbid: Dbid) -> Jet<Vec<Source>> {
        let instance = self.call.instance;
        let mut tables = Vec::new();
        for key in self.call.tables_in((instance, dbid)) {
            let template = self.call.table(key)?.template;
            let template = template.and_then(|template| self.call.object_of(template));
            let Some(object) = self.call.object_of(key) else {
                continue;
            };
            let table = self.call.table(key)?;
            if !table.exists(View::LEVEL_0) {
                continue;
            }
            self.call.check_copyable(key)?;
            let called = !table.registrations.is_empty();
            NO_CALLBACKS.allow(called, JetError::CallbackFailed)?;
            let rows = table.rows.count(View::LEVEL_0);
            let indexes = table.schema.secondary().count();
            let many = indexes > INDEXES_TOGETHER;
            tables.push(Source {
                key,
                object,
                template: template.filter(|_| DERIVED.holds()),
                rows: u32::try_from(rows).unwrap_or(u32::MAX),
                many_indexes: if many { indexes as u32 } else { 0 },
            });
        }
        tables.sort_by_key(|table| table.object);
        Ok(tables)
    }

    /// Reads the file of the source through.
    ///
    /// # Errors
    /// `JET_errReadVerifyFailure` for one that is damaged.
    fn check_source(&mut self, source: &Path) -> Jet<()> {
        let repairs = self.given.grbit & bits::REPAIR != 0 && REPAIR.holds();
        let repairs = repairs && !quirks::REPAIR_IGNORED.genuine();
        if repairs || !DAMAGED.holds() {
            return Ok(());
        }
        let read = self.call.unlocked(|| verify(source));
        read.map_err(|error| error.code())
    }

    fn copy_table(
        &mut self,
        table: &Source,
        destination: &mut Destination,
        units: u32,
    ) -> Jet<TableCount> {
        let head = self
            .call
            .table(table.key)?
            .head(table.object, table.template);
        destination.table(&spoil_head(head))?;
        let mut count = TableCount::default();
        let mut after: Option<Bookmark> = None;
        loop {
            let rows = self.copy_page(table, &mut after, destination, &mut count)?;
            if rows == 0 {
                break;
            }
            self.advance(rows, units)?;
        }
        for _ in 0..table.many_indexes {
            self.advance_elsewhere(1, units)?;
        }
        self.advance(1, units)?;
        Ok(count)
    }

    /// Copies as many rows as fill a page. Gives how many.
    fn copy_page(
        &mut self,
        table: &Source,
        after: &mut Option<Bookmark>,
        destination: &mut Destination,
        count: &mut TableCount,
    ) -> Jet<u32> {
        let full = count.bytes() + u64::from(destination.page_size());
        let table = self.call.table(table.key)?;
        let mut rows = 0;
        let mut last = None;
        let copies = COPIES.holds();
        for (bookmark, mut row) in table.row_images(after.as_ref()) {
            spoil_row(&mut row);
            count.add(&row.record, &table.schema.columns);
            rows += 1;
            if copies {
                destination.row(bookmark, &row)?;
            }
            last = Some(bookmark);
            if count.bytes() >= full {
                break;
            }
        }
        if let Some(last) = last {
            *after = Some(last.clone());
        }
        Ok(rows)
    }
}

/// What an engine loses of a table that lacks a rule about the copy.
fn spoil_head(mut head: TableHead) -> TableHead {
    if !SCHEMA.holds() {
        spoil_schema(&mut head.schema);
    }
    if !AUTOINCREMENT.holds() {
        head.next_autoincrement = 1;
    }
    if !STORED.holds() {
        head.schema.callbacks.clear();
    }
    head
}

fn spoil_schema(schema: &mut SchemaImage) {
    use super::value::grbit::IndexGrbit;
    schema.columns.lose_definitions();
    let lost = (IndexGrbit::UNIQUE | IndexGrbit::IGNORE_NULL).bits();
    let primary = IndexGrbit::PRIMARY.bits();
    let secondary = schema.indexes.iter_mut();
    for index in secondary.filter(|index| index.grbit & primary == 0) {
        index.grbit &= !lost;
        index.conditions.clear();
    }
}

fn spoil_row(row: &mut RowImage) {
    if !LONG_VALUES.holds() {
        std::sync::Arc::make_mut(&mut row.record).lose_separate();
    }
}

/// What a sloppy engine does to its source: a byte more at its end.
fn touch(source: &Path) {
    let append = std::fs::OpenOptions::new().append(true).open(source);
    // It is not meant to work, only to be noticed.
    let _ = append.and_then(|mut file| std::io::Write::write_all(&mut file, &[0]));
}
