//! The files of databases: made at creation, read at attaching, written at checkpoints and at
//! detaching.
//!
//! While a database is attached its file says so, and what was committed since is in the log.

use crate::abi::errors::JetError;

use super::database::DatabaseFile;
use super::durable::contents::DatabaseImage;
use super::durable::header::{BackupNote, DatabaseState, Header, Moment};
use super::durable::image::{self, Sync};
use super::durable::moment::Time;
use super::durable::writer::FileWriter;
use super::engine::State;
use super::handles::{Dbid, Instance};
use super::outcome::Jet;
use super::rules::rules;
use super::settings::id;

rules! {
    /// Backups that another log belongs to are forgotten.
    OTHER_LOG = "database/misc-backups-of-another-log";
}

impl State {
    /// Makes the file of a new database, over an old one if there is one.
    pub(super) fn create_file(&mut self, instance: Instance, dbid: Dbid) -> Jet<()> {
        let made = self.try_create_file(instance, dbid);
        if made.is_err() {
            self.databases.remove(&(instance, dbid));
        }
        made
    }

    fn try_create_file(&mut self, instance: Instance, dbid: Dbid) -> Jet<()> {
        let settings = &self.instance(instance)?.settings;
        let page_size = settings.number(id::DATABASE_PAGE_SIZE) as u32;
        let image = DatabaseImage::new(page_size);
        let path = self.database(instance, dbid)?.path.clone();
        image::write(&path, &image, Sync::Memory).map_err(|error| match error.is_missing() {
            // Its folder is there: some systems say so of a name that no file can have.
            true => image::NAME_LENGTH.error(JetError::DatabaseInvalidPath),
            false => error.code(),
        })?;
        self.begin_use(instance, dbid, image.header, FIRST_OBJECT)
    }

    /// Reads the tables of a database that is being attached.
    pub(super) fn load_file(&mut self, instance: Instance, dbid: Dbid) -> Jet<()> {
        let loaded = self.try_load_file(instance, dbid);
        if loaded.is_err() {
            for key in self.tables_in((instance, dbid)) {
                self.tables.remove(&key);
            }
            self.databases.remove(&(instance, dbid));
        }
        loaded
    }

    fn try_load_file(&mut self, instance: Instance, dbid: Dbid) -> Jet<()> {
        let path = self.database(instance, dbid)?.path.clone();
        let file = image::open(&path)?;
        let header = file.header.clone();
        image::check_clean(&header)?;
        // What a table of the file names by its number must be there before it is attached.
        self.database_mut(instance, dbid)?.file = Some(DatabaseFile {
            header: header.clone(),
            next_object: FIRST_OBJECT,
        });
        self.load_parts((instance, dbid), file)?;
        let of_file = self.tables_in((instance, dbid)).into_iter();
        let objects = of_file.filter_map(|key| Some(self.table(key).ok()?.object));
        let next = objects.max().map_or(FIRST_OBJECT, |last| last + 1);
        self.begin_use(instance, dbid, header, next)
    }

    /// Notes in the log and in the file that a database is attached. The log comes first: a file
    /// that says so without the log's knowledge could not be recovered.
    fn begin_use(
        &mut self,
        instance: Instance,
        dbid: Dbid,
        mut header: Header,
        next_object: u32,
    ) -> Jet<()> {
        let database = self.database_mut(instance, dbid)?;
        let (read_only, path) = (database.read_only, database.path.clone());
        database.file = Some(DatabaseFile {
            header: header.clone(),
            next_object,
        });
        self.add_system_tables((instance, dbid))?;
        if read_only {
            return Ok(());
        }
        self.log_attachment(instance, header.signature, Some(path.clone()))?;
        let log = self.instance(instance)?.log.as_ref();
        let signature = log.map(|log| log.signature());
        // The logs that continue these backups are others.
        if header.log != signature && OTHER_LOG.holds() {
            header.full = BackupNote::default();
            header.incremental = BackupNote::default();
        }
        header.log = signature;
        header.applied = log.map_or(0, |log| log.last_number());
        header.state = DatabaseState::Dirty;
        header.consistent = Moment::default();
        header.attached = Moment {
            position: log.map_or_else(Default::default, |log| log.last_position()),
            time: Time::now(),
        };
        let generation = log.map_or(0, |log| log.generation());
        header.min_required = generation;
        header.max_required = generation;
        header.committed = generation;
        header.write(&path, Sync::Memory)?;
        self.remember_header(instance, dbid, header)
    }

    /// Writes a database that is being detached.
    pub(super) fn write_file(&mut self, instance: Instance, dbid: Dbid) -> Jet<()> {
        let database = self.database(instance, dbid)?;
        let Some(file) = database.file.clone().filter(|_| !database.read_only) else {
            return Ok(());
        };
        self.flush_log(instance)?;
        let mut header = file.header;
        let log = self.instance(instance)?.log.as_ref();
        header.log = log.map(|log| log.signature());
        header.applied = log.map_or(0, |log| log.last_number());
        header.make_clean(log.map_or_else(Default::default, |log| log.position()));
        let signature = header.signature;
        self.write_database(instance, dbid, &header)?;
        self.log_attachment(instance, signature, None)
    }

    /// Writes all that is committed in a database over its file.
    pub(super) fn write_database(
        &mut self,
        instance: Instance,
        dbid: Dbid,
        header: &Header,
    ) -> Jet<()> {
        let path = self.database(instance, dbid)?.path.clone();
        let mut file = FileWriter::create(&path, header)?;
        // A database never gives space back by itself. (jetcompact-function.md)
        file.keep_size();
        self.write_parts((instance, dbid), &mut file)?;
        file.finish(Sync::Memory)?;
        Ok(())
    }

    /// Keeps in mind what the file of a database says now.
    pub(super) fn remember_header(
        &mut self,
        instance: Instance,
        dbid: Dbid,
        header: Header,
    ) -> Jet<()> {
        if let Some(file) = &mut self.database_mut(instance, dbid)?.file {
            file.header = header;
        }
        Ok(())
    }
}

/// The first object number of a table that is not the engine's own.
const FIRST_OBJECT: u32 = 2;
