//! JetRestoreInstance, JetRestore and JetRestore2: databases out of a backup, brought up to the end
//! of the logs of the backup and of those that followed.
//!
//! (jetrestoreinstance-function.md, jetrestore-function.md, jetrestore2-function.md)

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::backup::{within, write_error};
use super::durable::header::Header;
use super::durable::image::{self, ImageError, Sync};
use super::durable::log::{self, LogError, LogFile, LogFiles};
use super::durable::log_writer::LogWriter;
use super::durable::moment::LogPosition;
use super::durable::place::LogPlace;
use super::durable::record::LogRecord;
use super::durable::replay::Places;
use super::durable::signature::Signature;
use super::engine::Engine;
use super::handles::Instance;
use super::instance::Mode;
use super::logging::{checkpoint_path, file_size, log_place, write_checkpoint};
use super::outcome::Jet;
use super::path::complete;
use super::quirks;
use super::recovery::{InitOptions, Recovery, tail};
use super::recovery_status::Teller;
use super::rules::rules;
use super::settings::{Settings, id};
use super::status::Status;
use crate::abi::errors::JetError;

rules! {
    /// The trial call of the runtime callback is made here, too.
    PROBES = "parameter/runtime-callback-probe-restore";
    /// The databases are there again. (jetrestoreinstance-function.md)
    RESTORES = "restore/restores";
    /// Where they are to be. (jetrestoreinstance-function.md)
    DESTINATION = "restore/destination";
    /// A failure leaves the instance. (jetrestoreinstance-function.md)
    FAILURE_KEEPS = "restore/failure-uninitialized";
    /// Meanwhile the instance is not there for anything else.
    CALLS_REFUSED = "restore/instance-calls-refused";
    /// Nor is it initialised, or restored by another thread.
    INIT_RESTORING = "restore/instance-init-refused";
    /// An instance that runs is not restored. (jetrestoreinstance-function.md)
    ALREADY = "restore/already-initialized";
    /// The folder exists. (jetrestoreinstance-function.md)
    PATH = "restore/path";
    /// So do those of the log and of the checkpoint. (jetrestoreinstance-function.md)
    FILES_PATH = "restore/path-of-files";
    /// So does the destination, unless it may be made. (jetrestore2-function.md)
    DESTINATION_PATH = "restore/destination-missing";
    /// No name is that of the current folder.
    PATH_EMPTY = "restore/path-empty";
    /// A database that no backup made is none to restore.
    NOT_A_BACKUP = "restore/not-a-backup";
    /// A database that a backup lacks is not restored.
    INCOMPLETE = "restore/incomplete-backup";
    /// Nor is what its last log says where that is missing.
    LAST_LOG = "restore/last-log-missing";
    /// The folder holds a backup.
    EMPTY = "restore/no-logs";
    /// No log of the backup is missing. (jetrestoreinstance-function.md)
    MISSING_LOG = "restore/log-missing";
    /// The logs at hand go on where those of the backup end. (jetrestoreinstance-function.md)
    SEQUENCE = "restore/log-sequence";
    /// The pages are those of the backup. (jetrestoreinstance-function.md)
    PAGE_SIZE = "restore/page-size";
    /// Without an instance only in one-instance mode. (jetrestore-function.md)
    MODE = "restore/mode";
    /// What was committed after the backup is replayed, too. (jetrestoreinstance-function.md)
    ROLLS_FORWARD = "restore/rolls-forward";
    /// A damaged log is told. (jetrestoreinstance-function.md)
    DAMAGED_LOG = "restore/damaged-log";
    /// A damaged copy is told. (jetrestoreinstance-function.md)
    DAMAGED_COPY = "restore/damaged-database";
    /// What cannot be written fails the call.
    DISK = "restore/disk-refuses";
    /// What is refused is not told.
    EARLY_SILENT = "restore/early-failure-silent";
}

/// A restore to do.
#[derive(Debug, Clone)]
pub struct Restore {
    /// The folder of the backup.
    pub source: Option<String>,
    /// The folder for the databases; without one they go where they were.
    pub destination: Option<String>,
    /// The function to tell.
    pub status: Option<Arc<dyn Status>>,
}

/// A file of a database in the folder of a backup.
#[derive(Debug)]
struct Copy {
    path: PathBuf,
    /// A backup has made it.
    backed_up: bool,
    /// Where the log attaches it for the last time before it was copied: what was before is over.
    attached: LogPosition,
}

/// A backup that was found to be one.
#[derive(Debug)]
struct Ready {
    /// The logs to replay.
    logs: LogFiles,
    /// The last generation of those that are the backup's.
    restored: u32,
    /// The copies by what they are.
    copies: BTreeMap<Signature, Copy>,
    settings: Settings,
}

impl Engine {
    /// JetRestoreInstance; the instance is not initialised afterwards.
    /// (jetrestoreinstance-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`, `JET_errInvalidInstance`, `JET_errAlreadyInitialized`,
    /// `JET_errInvalidPath` (genuine engine: `JET_errFileNotFound`), `JET_errMissingLogFile` (genuine
    /// engine: `JET_errFileNotFound`), `JET_errInvalidLogSequence`, `JET_errBadLogSignature`,
    /// `JET_errPageSizeMismatch`, the error of the runtime callback, and what is wrong with a file.
    pub fn restore_instance(&self, handle: Instance, given: &Restore) -> Jet<()> {
        let mut state = self.lock();
        let instance = state.instance_argument(handle)?;
        let busy = instance.initialized || instance.initializing.is_some();
        ALREADY.refuse(busy, JetError::AlreadyInitialized)?;
        INIT_RESTORING.refuse(instance.restoring, JetError::AlreadyInitialized)?;
        let settings = instance.settings.clone();
        state.instance_mut(handle)?.restoring = true;
        drop(state);
        let restored = self.restore(handle, given, settings);
        let mut state = self.lock();
        if let Ok(instance) = state.instance_mut(handle) {
            instance.restoring = false;
        }
        if restored.is_err() && !FAILURE_KEEPS.holds() {
            state.remove_instance(handle);
        }
        drop(state);
        self.notify();
        restored
    }

    /// JetRestore and JetRestore2: with an instance of its own. (jetrestore2-function.md)
    ///
    /// # Errors
    /// `JET_errRunningInMultiInstanceMode`, then as
    /// [`restore_instance`](Self::restore_instance).
    pub fn restore_one(&self, given: &Restore) -> Jet<()> {
        let mut state = self.lock();
        let multi = state.process.mode == Mode::Multi;
        MODE.refuse(multi, JetError::RunningInMultiInstanceMode)?;
        let running = state.process.mode == Mode::One;
        ALREADY.refuse(running, JetError::AlreadyInitialized)?;
        let handle = state.add_instance(Mode::One, None, None)?;
        drop(state);
        let restored = self.restore_instance(handle, given);
        self.lock().remove_instance(handle);
        restored
    }

    fn restore(&self, handle: Instance, given: &Restore, settings: Settings) -> Jet<()> {
        let ready = check(given, settings);
        if ready.is_err() && !EARLY_SILENT.holds() {
            Teller::of_restore(given.status.clone(), handle).fail(0);
        }
        let ready = ready?;
        if PROBES.holds() {
            self.probe(self.lock(), handle)?;
        }
        let options = InitOptions::default();
        let destination = given.destination.as_deref().map(complete);
        let places = Copies {
            copies: &ready.copies,
            destination: destination.as_deref(),
        };
        let mut recovery = Recovery {
            place: log_place(&ready.settings),
            checkpoint: checkpoint_path(&ready.settings),
            options: &options,
            teller: Teller::of_restore(given.status.clone(), handle),
            lost: false,
            restored: Some(ready.restored),
            taken: Vec::new(),
        };
        let replayed = recovery.restore(&ready.logs, &places, false);
        replayed.map_err(genuine_code)?;
        go_on(
            &ready.logs,
            &recovery.place,
            &recovery.checkpoint,
            &ready.settings,
        )
    }
}

/// What is refused before anything is told.
fn check(given: &Restore, mut settings: Settings) -> Jet<Ready> {
    settings.complete_paths();
    let destination = given.destination.as_deref().map(complete);
    let absent = destination.is_some_and(|folder| !folder.is_dir());
    let makes = settings.flag(id::CREATE_PATH_IF_NOT_EXIST);
    DESTINATION_PATH.refuse(absent && !makes, JetError::InvalidPath)?;
    let named = |name: &&str| !name.is_empty() || PATH_EMPTY.holds();
    let folder = given.source.as_deref().filter(named).map(complete);
    let folder = folder.filter(|folder| folder.is_dir());
    let missing = if quirks::RESTORE_PATH.genuine() {
        JetError::FileNotFound
    } else {
        JetError::InvalidPath
    };
    let folder = folder.ok_or_else(|| PATH.error(missing))?;
    let place = log_place(&settings);
    let checkpoint = checkpoint_path(&settings);
    let absent = [Some(&*place.folder), checkpoint.parent()];
    let absent = absent.into_iter().flatten().any(|folder| !folder.is_dir());
    FILES_PATH.refuse(absent && !makes, JetError::InvalidPath)?;
    let source = |folder: PathBuf| LogPlace {
        folder,
        base_name: place.base_name.clone(),
        names: place.names,
    };
    let mut backup = source(folder.clone());
    if backup.generations()?.is_empty() {
        backup = source(within(&folder));
    }
    let found = find(&backup)?;
    let found = found.ok_or_else(|| EMPTY.error(JetError::FileNotFound))?;
    let restored = last_generation(&found);
    let copies = copies(&backup.folder, &settings)?;
    let logs = match ROLLS_FORWARD.holds() {
        true => join(found, &place)?,
        false => found,
    };
    let goes_on = logs.files.iter().any(|file| file.current);
    LAST_LOG.allow(!goes_on, JetError::MissingLogFile)?;
    Ok(Ready {
        logs,
        restored,
        copies,
        settings,
    })
}

/// The last generation that there is a log of, zero without one.
pub(super) fn last_generation(logs: &LogFiles) -> u32 {
    logs.files.last().map_or(0, |file| file.generation)
}

/// The logs of a backup.
fn find(place: &LogPlace) -> Jet<Option<LogFiles>> {
    match log::find(place, 0) {
        Err(LogError::Missing(_)) if quirks::RESTORE_LOG_MISSING.genuine() => {
            Err(MISSING_LOG.error(JetError::FileNotFound))
        }
        Err(LogError::Missing(_)) => Err(MISSING_LOG.error(JetError::MissingLogFile)),
        found => Ok(found?),
    }
}

/// The copies of databases in a folder. One that cannot be read is told of later, by what is wrong
/// with it.
fn copies(folder: &Path, settings: &Settings) -> Jet<BTreeMap<Signature, Copy>> {
    let page_size = settings.number(id::DATABASE_PAGE_SIZE) as u32;
    let entries = fs::read_dir(folder).map_err(|_| JetError::InvalidPath)?;
    let mut copies = BTreeMap::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        match image::header(&path) {
            Ok(header) => {
                let other = header.page_size != page_size;
                PAGE_SIZE.refuse(other, JetError::PageSizeMismatch)?;
                let copy = Copy {
                    path,
                    backed_up: is_copy(&header),
                    attached: header.attached.position,
                };
                let known = copies.get(&header.signature);
                if !known.is_some_and(|known: &Copy| known.backed_up) {
                    copies.insert(header.signature, copy);
                }
            }
            Err(ImageError::Damaged(_)) => return Err(damaged_copy()),
            Err(_) => {}
        }
    }
    Ok(copies)
}

fn damaged_copy() -> JetError {
    let code = if quirks::RESTORE_DAMAGED_COPY.genuine() {
        JetError::DatabaseCorrupted
    } else {
        JetError::ReadVerifyFailure
    };
    DAMAGED_COPY.error(code)
}

/// The logs of a backup, and those in the folder of the log that go on where they end.
pub(super) fn join(mut backup: LogFiles, place: &LogPlace) -> Jet<LogFiles> {
    let Some(last) = backup.files.last().map(|file| file.generation) else {
        return Ok(backup);
    };
    let here = match log::find(place, 0) {
        Ok(Some(here)) => here,
        Ok(None) => return Ok(backup),
        Err(LogError::Missing(_)) => return Err(SEQUENCE.error(JetError::InvalidLogSequence)),
        Err(LogError::Signature(_)) => return Err(SEQUENCE.error(other_logs())),
        Err(error) => return Err(error.code()),
    };
    let foreign = here.log != backup.log;
    SEQUENCE.refuse(foreign, other_logs())?;
    let first = here.files.first().map_or(0, |file| file.generation);
    let apart = first > last.saturating_add(1);
    SEQUENCE.refuse(apart, JetError::InvalidLogSequence)?;
    if foreign || apart {
        return Ok(backup);
    }
    let known = |file: &LogFile| file.generation <= last;
    let later = here.files.into_iter().filter(|file| !known(file));
    backup.files.extend(later);
    Ok(backup)
}

/// What is said of logs that are not those of the backup.
fn other_logs() -> JetError {
    match quirks::RESTORE_OTHER_LOGS.genuine() {
        true => JetError::ExistingLogFileHasBadSignature,
        false => JetError::InvalidLogSequence,
    }
}

/// What the published engine calls a damaged log or database during a restore.
pub(super) fn genuine_code(error: JetError) -> JetError {
    let genuine = quirks::RESTORE_DAMAGED_LOG.genuine();
    match error {
        JetError::LogFileCorrupt if !DAMAGED_LOG.holds() => JetError::InternalError,
        JetError::LogFileCorrupt if genuine => JetError::LogCorruptDuringHardRestore,
        JetError::ReadVerifyFailure => damaged_copy(),
        other => other,
    }
}

/// Databases that come out of a folder.
struct Copies<'c> {
    copies: &'c BTreeMap<Signature, Copy>,
    destination: Option<&'c Path>,
}

impl Places for Copies<'_> {
    fn place(&self, database: Signature, before: &Path) -> Jet<Option<PathBuf>> {
        let copy = self.copies.get(&database).filter(|_| RESTORES.holds());
        INCOMPLETE.allow(copy.is_none(), JetError::FileNotFound)?;
        let Some(copy) = copy else {
            return Ok(None);
        };
        if !copy.backed_up {
            NOT_A_BACKUP.refuse(true, JetError::RestoreOfNonBackupDatabase)?;
            return Ok(None);
        }
        // A sloppy engine puts what has a place elsewhere, and leaves the rest in the backup.
        let destination = match (DESTINATION.holds(), self.destination) {
            (true, destination) => destination,
            (false, Some(_)) => None,
            (false, None) => copy.path.parent(),
        };
        let target = match (destination, before.file_name()) {
            (Some(folder), Some(name)) => folder.join(name),
            _ => before.to_owned(),
        };
        let copied = put_back(&copy.path, &target).map_err(write_error);
        if DISK.holds() {
            copied?;
        }
        Ok(Some(target))
    }

    fn begins(&self, database: Signature) -> LogPosition {
        let copy = self.copies.get(&database).filter(|copy| copy.backed_up);
        copy.map_or_else(LogPosition::default, |copy| copy.attached)
    }
}

/// Copies a database out of a backup: under another name first, since half of it is none.
fn put_back(copy: &Path, target: &Path) -> std::io::Result<()> {
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut aside = target.as_os_str().to_owned();
    aside.push(".restored");
    fs::copy(copy, &aside)
        .and_then(|_| fs::rename(&aside, target))
        .inspect_err(|_| {
            let _ = fs::remove_file(&aside);
        })
}

/// Lets the log go on behind what was restored: the databases are no longer attached.
pub(super) fn go_on(
    logs: &LogFiles,
    place: &LogPlace,
    checkpoint: &Path,
    settings: &Settings,
) -> Jet<()> {
    let mut tail = tail(logs)?;
    let last = logs.files.last();
    if last.is_none_or(|file| file.path != place.current()) {
        // The last file is the backup's, or full: the next one is begun.
        let generation = last.map_or(0, |file| file.generation);
        tail.end.generation = generation.saturating_add(1);
        tail.end.length = 0;
    }
    let size = file_size(settings, last.map(|file| file.size));
    let mut writer = LogWriter::new(place.clone(), logs.log, tail.end, size);
    writer.open()?;
    for database in tail.attached.into_keys() {
        writer.append(&LogRecord::Detach { database }, Sync::Memory)?;
    }
    write_checkpoint(&writer, checkpoint)
}

/// Whether a header is that of a copy that a backup made.
pub(super) fn is_copy(header: &Header) -> bool {
    header.current.low > 0
}
