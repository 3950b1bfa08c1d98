//! Creating, attaching and detaching databases.

use std::path::{Path, PathBuf};

use super::database::{Database, bits, file};
use super::database_room::Measured;
use super::engine::{Engine, State};
use super::gate::Entry;
use super::handles::{Dbid, Instance, Sesid};
use super::outcome::{Jet, Warned};
use super::quirks;
use super::rules::rules;
use super::settings::id;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// Registrations end with their instance. (jetregistercallback-function.md)
    LOST_AT_TERM = "register/lost-at-term";
    /// Inside a callback before a change there is a transaction.
    INSIDE = "callback/detach-inside";
    /// A new database is open in the session. (jetcreatedatabase-function.md)
    CREATES = "database/creates";
    /// A file that exists is replaced on demand. (jetcreatedatabase-function.md)
    OVERWRITES = "database/create-overwrites";
    /// A database that is attached is not overwritten.
    NOT_ATTACHED = "database/create-overwrites-not-attached";
    /// The database can be opened. (jetattachdatabase-function.md)
    ATTACHES = "database/attaches";
    /// The database is no longer known. (jetdetachdatabase-function.md)
    DETACHES = "database/detaches";
    /// Creating inside a transaction. (jetcreatedatabase-function.md)
    CREATE_IN_TRANSACTION = "database/create-in-transaction";
    /// That is judged before the path.
    CREATE_IN_TRANSACTION_FIRST = "database/create-in-transaction-first";
    /// Attaching inside a transaction.
    ATTACH_IN_TRANSACTION = "database/attach-in-transaction";
    /// Detaching inside a transaction. (jetdetachdatabase-function.md)
    DETACH_IN_TRANSACTION = "database/detach-in-transaction";
    /// More pages than a database can have. (jetcreatedatabase2-function.md)
    PAGES = "database/create-pages";
    /// No path for a new database. (jetcreatedatabase-function.md)
    CREATE_PATH = "database/create-path";
    /// A folder that is missing. (jetcreatedatabase-function.md)
    CREATE_FOLDER = "database/create-folder-missing";
    /// A file that is there already, or attached. (jetcreatedatabase-function.md)
    DUPLICATE = "database/create-duplicate";
    /// A database of another instance of the process. (jetattachdatabase-function.md)
    SHARING = "database/attached-elsewhere";
    /// More databases than an instance may have. (jetattachdatabase-function.md)
    TOO_MANY = "database/too-many";
    /// The temporary database takes a place.
    SEVENTH = "database/seventh";
    /// No path to attach. (jetattachdatabase-function.md)
    ATTACH_PATH = "database/attach-path";
    /// No file to attach. (jetattachdatabase-function.md)
    ATTACH_MISSING = "database/attach-file-missing";
    /// A file that cannot be written. (jetattachdatabase-function.md)
    FILE_READ_ONLY = "database/attach-file-read-only";
    /// Deleting indexes of a database that is not to be changed.
    ATTACH_GRBIT = "database/attach-grbit";
    /// Attaching twice is a warning. (jetattachdatabase-function.md)
    AGAIN = "database/attach-again-warns";
    /// Attaching while a backup runs. (jetattachdatabase-function.md)
    ATTACH_BACKUP = "database/attach-during-backup";
    /// Detaching while a backup runs. (jetdetachdatabase-function.md)
    DETACH_BACKUP = "database/detach-during-backup";
    /// Detaching by force. (jetdetachdatabase2-function.md)
    FORCE = "database/detach-force";
    /// Detaching what is not attached. (jetdetachdatabase-function.md)
    DETACH_NOT_ATTACHED = "database/detach-not-attached";
    /// Detaching what is open. (jetdetachdatabase-function.md)
    DETACH_IN_USE = "database/detach-in-use";
    /// One after the other: those before it are gone then.
    DETACH_IN_ORDER = "database/detach-all-in-order";
    /// Registrations outlive the detaching. (jetregistercallback-function.md)
    KEEPS_REGISTRATIONS = "register/survives-detach";
}

/// Options of these calls. (jetcreatedatabase-function.md, jetattachdatabase-function.md,
/// jetdetachdatabase2-function.md)
mod options {
    pub const OVERWRITE: u32 = 0x200;
    pub const DELETE_UNICODE_INDEXES: u32 = 0x400;
    pub const FORCE_DETACH: u32 = 0x1;
}

/// The most pages of a database. (jetcreatedatabase2-function.md)
const PAGES_MOST: u32 = 0x7fff_fffe;

impl Engine {
    /// JetCreateDatabase and 2; the new database is open in the session.
    /// (jetcreatedatabase-function.md, jetcreatedatabase2-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInTransaction`, `JET_errDatabaseInvalidPages`,
    /// `JET_errDatabaseInvalidPath`, `JET_errDatabaseSharingViolation`,
    /// `JET_errTooManyAttachedDatabases`, `JET_errDatabaseDuplicate`, `JET_errOneDatabasePerSession`.
    pub fn create_database(
        &self,
        sesid: Sesid,
        path: Option<&str>,
        pages_most: u32,
        grbit: u32,
    ) -> Jet<Dbid> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        call.wait_until_thawed();
        let in_transaction = call.in_transaction()?;
        if !CREATE_IN_TRANSACTION_FIRST.holds() {
            file(path, &CREATE_PATH)?;
        }
        CREATE_IN_TRANSACTION.refuse(in_transaction, JetError::InTransaction)?;
        PAGES.refuse(pages_most > PAGES_MOST, JetError::DatabaseInvalidPages)?;
        let path = file(path, &CREATE_PATH)?;
        let instance = call.instance;
        call.check_folder(instance, &path)?;
        let attached = call.attached(instance, &path).is_some();
        let overwrite = grbit & options::OVERWRITE != 0 && OVERWRITES.holds();
        let over_attached = grbit & options::OVERWRITE != 0 && !NOT_ATTACHED.holds();
        if attached && over_attached {
            return call.open(sesid, &path, 0).map(|opened| opened.value);
        }
        DUPLICATE.refuse(attached, JetError::DatabaseDuplicate)?;
        call.check_place(instance, &path)?;
        call.check_one_per_session(sesid, None)?;
        DUPLICATE.refuse(path.exists() && !overwrite, JetError::DatabaseDuplicate)?;
        let dbid = call.add_database(instance, path.clone(), pages_most, false);
        call.create_file(instance, dbid)?;
        if !CREATES.holds() {
            return Ok(dbid);
        }
        call.open(sesid, &path, 0).map(|opened| opened.value)
    }

    /// JetAttachDatabase and 2. (jetattachdatabase-function.md, jetattachdatabase2-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInTransaction`, `JET_errDatabaseInvalidPath`,
    /// `JET_errInvalidGrbit`, `JET_errFileNotFound`, `JET_errDatabaseFileReadOnly`,
    /// `JET_errBackupInProgress`, `JET_errDatabaseSharingViolation`,
    /// `JET_errTooManyAttachedDatabases`, and what is wrong with the file.
    pub fn attach_database(
        &self,
        sesid: Sesid,
        path: Option<&str>,
        pages_most: u32,
        grbit: u32,
    ) -> Jet<Warned<()>> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        let in_transaction = call.in_transaction()?;
        ATTACH_IN_TRANSACTION.refuse(in_transaction, JetError::InTransaction)?;
        let path = file(path, &ATTACH_PATH)?;
        let read_only = grbit & bits::READ_ONLY != 0;
        let deletes = grbit & options::DELETE_UNICODE_INDEXES != 0;
        ATTACH_GRBIT.refuse(read_only && deletes, JetError::InvalidGrbit)?;
        check_file(&path, read_only)?;
        let instance = call.instance;
        let backup = call.is_backed_up(instance)?;
        ATTACH_BACKUP.refuse(backup, JetError::BackupInProgress)?;
        if call.attached(instance, &path).is_some() {
            return match AGAIN.holds() {
                true => Ok(Warned::with((), JetWarning::DatabaseAttached)),
                false => Ok(Warned::plain(())),
            };
        }
        call.check_place(instance, &path)?;
        if !ATTACHES.holds() {
            return Ok(Warned::plain(()));
        }
        let dbid = call.add_database(instance, path, pages_most, read_only);
        call.load_file(instance, dbid)?;
        call.restore_registrations(instance, dbid)?;
        Ok(Warned::plain(()))
    }

    /// JetDetachDatabase and 2; without a path, every database of the instance.
    /// (jetdetachdatabase-function.md, jetdetachdatabase2-function.md)
    ///
    /// # Errors
    /// Those of the session gates that hold even after JetStopService,
    /// `JET_errForceDetachNotAllowed`, `JET_errInTransaction`, `JET_errBackupInProgress`,
    /// `JET_errDatabaseNotFound`, `JET_errDatabaseInUse`.
    pub fn detach_database(&self, sesid: Sesid, path: Option<&str>, grbit: u32) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::EvenStopped)?;
        let force = grbit & options::FORCE_DETACH != 0;
        FORCE.refuse(force, JetError::ForceDetachNotAllowed)?;
        // What neither detaches nor says that it is not supported does not know the option.
        FORCE.allow(force, JetError::InvalidGrbit)?;
        let in_transaction = call.in_transaction()?;
        DETACH_IN_TRANSACTION.refuse(in_transaction, JetError::InTransaction)?;
        let instance = call.instance;
        let backup = call.is_backed_up(instance)?;
        DETACH_BACKUP.refuse(backup, JetError::BackupInProgress)?;
        call.let_deleted_tables_go(instance);
        let named = call.named_or_all(instance, path)?;
        if !DETACH_IN_ORDER.holds() {
            let in_use = named.iter().any(|dbid| call.opens(instance, *dbid) > 0);
            DETACH_IN_USE.refuse(in_use, JetError::DatabaseInUse)?;
        }
        for dbid in named {
            let in_use = call.opens(instance, dbid) > 0;
            DETACH_IN_USE.refuse(in_use, JetError::DatabaseInUse)?;
            call.unlocked(|| self.end_defragmentation(instance, Some(dbid)));
            if DETACHES.holds() {
                call.detach(instance, dbid, false)?;
            }
        }
        Ok(())
    }
}

impl super::gate::Call<'_> {
    /// Whether databases cannot be attached or detached for a transaction.
    fn in_transaction(&self) -> Jet<bool> {
        let before = self.threads.before_change(self.thread());
        let level = self.session(self.sesid)?.level();
        // A sloppy engine does not count the level that it opened itself around the change.
        let own = usize::from(before && !INSIDE.holds());
        Ok(level > own)
    }
}

/// What is wrong with the file itself, before it is looked into.
fn check_file(path: &Path, read_only: bool) -> Jet<()> {
    let Ok(metadata) = std::fs::metadata(path) else {
        return Err(ATTACH_MISSING.error(JetError::FileNotFound));
    };
    let protected = metadata.permissions().readonly();
    FILE_READ_ONLY.refuse(protected && !read_only, JetError::DatabaseFileReadOnly)
}

impl State {
    /// Refuses a folder that is not there, unless it is to be made.
    fn check_folder(&mut self, instance: Instance, path: &Path) -> Jet<()> {
        let folder = path.parent().unwrap_or(path).to_path_buf();
        if folder.is_dir() {
            return Ok(());
        }
        let settings = &self.instance(instance)?.settings;
        if settings.flag(id::CREATE_PATH_IF_NOT_EXIST) {
            let made = std::fs::create_dir_all(&folder);
            return made.map_err(|_| CREATE_FOLDER.error(JetError::DatabaseInvalidPath));
        }
        if quirks::CREATE_FOLDER_KILLS.genuine() {
            self.instance_mut(instance)?.unavailable = Some(JetError::InstanceUnavailable);
            return Err(CREATE_FOLDER.error(JetError::InvalidPath));
        }
        Err(CREATE_FOLDER.error(JetError::DatabaseInvalidPath))
    }

    /// Refuses a file of another instance, and one database too many.
    fn check_place(&self, instance: Instance, path: &Path) -> Jet<()> {
        let elsewhere = self.databases.values().any(|db| db.path == path);
        SHARING.refuse(elsewhere, JetError::DatabaseSharingViolation)?;
        self.check_not_temporary(path)?;
        // The temporary database takes one of the places.
        let places = self.instance(instance)?.settings.number(id::MAX_DATABASES);
        let temporary = usize::from(SEVENTH.holds());
        let taken = temporary + self.databases_of(instance).len();
        let full = taken >= places as usize;
        TOO_MANY.refuse(full, JetError::TooManyAttachedDatabases)
    }

    /// The numbers of the databases of an instance.
    pub fn databases_of(&self, instance: Instance) -> Vec<Dbid> {
        self.databases
            .values()
            .filter(|db| db.instance == instance)
            .map(|db| db.dbid)
            .collect()
    }

    /// An attached database without tables, under the lowest free number.
    pub(super) fn add_database(
        &mut self,
        instance: Instance,
        path: PathBuf,
        pages_most: u32,
        read_only: bool,
    ) -> Dbid {
        let free = |number: &u32| !self.databases.contains_key(&(instance, Dbid(*number)));
        let dbid = Dbid((1..).find(free).unwrap_or(u32::MAX));
        let database = Database {
            instance,
            dbid,
            path,
            read_only,
            exclusive: None,
            pages_most,
            measured: Measured::default(),
            file: None,
        };
        self.databases.insert((instance, dbid), database);
        dbid
    }

    /// The database of that path, or every one where none is given.
    fn named_or_all(&self, instance: Instance, path: Option<&str>) -> Jet<Vec<Dbid>> {
        let Some(text) = path.filter(|text| !text.is_empty()) else {
            return Ok(self.databases_of(instance));
        };
        let path = super::path::complete(text);
        match self.attached(instance, &path) {
            Some(database) => Ok(vec![database.dbid]),
            None => Err(DETACH_NOT_ATTACHED.error(JetError::DatabaseNotFound)),
        }
    }

    /// Attaches a file that nobody asked to have attached.
    pub(super) fn attach_unasked(&mut self, instance: Instance, path: PathBuf) -> Jet<()> {
        let dbid = self.add_database(instance, path, 0, false);
        self.load_file(instance, dbid)
    }

    /// Writes a database to its file and forgets it and its tables.
    fn detach(&mut self, instance: Instance, dbid: Dbid, dirty: bool) -> Jet<()> {
        for key in self.tables_in((instance, dbid)) {
            self.let_table_go(instance, key);
        }
        let written = if dirty {
            Ok(())
        } else {
            self.write_file(instance, dbid)
        };
        let path = self.database(instance, dbid)?.path.clone();
        for key in self.tables_in((instance, dbid)) {
            self.drop_table(key, Some(&path));
        }
        self.databases.remove(&(instance, dbid));
        written
    }

    /// Forgets a table; its registrations are kept for the next attaching where that is promised.
    fn drop_table(&mut self, key: super::handles::TableKey, path: Option<&Path>) {
        let Some(table) = self.tables.remove(&key) else {
            return;
        };
        let keeps = KEEPS_REGISTRATIONS.holds() && !quirks::REGISTRATION_ENDS_AT_DETACH.genuine();
        let keeps = keeps || !LOST_AT_TERM.holds();
        let (Some(path), true) = (path, keeps) else {
            return;
        };
        if let Ok(instance) = self.instance_mut(table.home.0) {
            let volatile = table.registrations.iter().filter(|r| !r.stored).cloned();
            let place = (path.to_path_buf(), table.name);
            instance.kept.insert(place, volatile.collect());
        }
    }

    /// Puts the registrations back that were kept while the database was detached.
    fn restore_registrations(&mut self, instance: Instance, dbid: Dbid) -> Jet<()> {
        let path = self.database(instance, dbid)?.path.clone();
        for key in self.tables_in((instance, dbid)) {
            let place = (path.clone(), self.table(key)?.name.clone());
            let kept = self.instance_mut(instance)?.kept.remove(&place);
            let kept = kept.or_else(|| self.left_registrations.remove(&place));
            if let Some(kept) = kept {
                self.table_mut(key)?.registrations.put_back(kept);
            }
        }
        Ok(())
    }

    /// Detaches every database of an instance that ends; the first failure is reported.
    pub(super) fn close_databases(&mut self, instance: Instance, dirty: bool) -> Jet<()> {
        let mut result = Ok(());
        for dbid in self.databases_of(instance) {
            let detached = self.detach(instance, dbid, dirty);
            result = result.and(detached);
        }
        for key in self.tables_in((instance, Dbid::TEMPORARY)) {
            self.forget_temporary(key);
        }
        self.let_deleted_tables_go(instance);
        result
    }
}
