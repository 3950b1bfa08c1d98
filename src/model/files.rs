//! The files of databases: made at creation, read at attaching, written at detaching.
//!
//! While a database is attached its file says so, and what was committed since is in the log.

use super::database::DatabaseFile;
use super::durable::contents::DatabaseImage;
use super::durable::image::{self, Sync};
use super::engine::State;
use super::handles::{Dbid, Instance};
use super::outcome::Jet;
use super::settings::id;

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
        image::write(&path, &image, Sync::Memory)?;
        self.begin_use(instance, dbid, image)
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
        let image = image::read(&path)?;
        image::check_clean(&image)?;
        let tables = image.tables.clone();
        self.begin_use(instance, dbid, image)?;
        self.insert_images((instance, dbid), tables)
    }

    /// Notes in the log and in the file that a database is attached. The log comes first: a file
    /// that says so without the log's knowledge could not be recovered.
    fn begin_use(&mut self, instance: Instance, dbid: Dbid, mut image: DatabaseImage) -> Jet<()> {
        let database = self.database_mut(instance, dbid)?;
        database.file = Some(DatabaseFile {
            signature: image.signature,
            next_object: image
                .tables
                .keys()
                .max()
                .map_or(FIRST_OBJECT, |last| last + 1),
            page_size: image.page_size,
        });
        let (read_only, path) = (database.read_only, database.path.clone());
        self.add_system_tables((instance, dbid))?;
        if read_only {
            return Ok(());
        }
        self.log_attachment(instance, image.signature, Some(path.clone()))?;
        let log = self.instance(instance)?.log.as_ref();
        image.log = log.map(|log| log.signature());
        image.applied = log.map_or(0, |log| log.last_number());
        image.clean = false;
        image::write(&path, &image, Sync::Memory)?;
        Ok(())
    }

    /// What is committed in a database, as a file of its own.
    pub(super) fn database_image(&mut self, instance: Instance, dbid: Dbid) -> Jet<DatabaseImage> {
        let file = self.database(instance, dbid)?.file.as_ref();
        let page_size = file.map_or(super::limits::PAGE_SIZE_USUAL, |file| file.page_size);
        let mut image = DatabaseImage::new(page_size);
        for key in self.tables_in((instance, dbid)) {
            let template = self.table(key)?.template;
            let template = template.and_then(|template| self.object_of(template));
            if let Some(object) = self.object_of(key) {
                image
                    .tables
                    .insert(object, self.table(key)?.image(template));
            }
        }
        Ok(image)
    }

    /// Writes a database that is being detached.
    pub(super) fn write_file(&mut self, instance: Instance, dbid: Dbid) -> Jet<()> {
        let database = self.database(instance, dbid)?;
        let Some(file) = database.file.clone().filter(|_| !database.read_only) else {
            return Ok(());
        };
        let path = database.path.clone();
        self.flush_log(instance)?;
        let mut image = DatabaseImage {
            signature: file.signature,
            ..self.database_image(instance, dbid)?
        };
        let log = self.instance(instance)?.log.as_ref();
        image.log = log.map(|log| log.signature());
        image.applied = log.map_or(0, |log| log.last_number());
        image::write(&path, &image, Sync::Memory)?;
        self.log_attachment(instance, file.signature, None)
    }
}

/// The first object number of a table that is not the engine's own.
const FIRST_OBJECT: u32 = 2;
