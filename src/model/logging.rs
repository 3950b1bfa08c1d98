//! The log of an instance as a whole: where it is, what JetInit does with it, and its checkpoint.
//!
//! (jetinit-function.md, transaction-log-parameters.md, extensible-storage-engine-files.md)

use std::path::{Path, PathBuf};

use super::callback::{Argument, Context, Event, reason};
use super::durable::checkpoint::Checkpoint;
use super::durable::header::Header;
use super::durable::image::{self, Part, Sync};
use super::durable::log;
use super::durable::log_writer::{LogEnd, LogWriter};
use super::durable::place::{FileNames, LogPlace};
use super::durable::record::LogRecord;
use super::durable::replay::Attached;
use super::durable::signature::Signature;
use super::engine::{Engine, State};
use super::first_files;
use super::handles::{Dbid, Instance, Sesid, Tableid};
use super::outcome::{Jet, Warned};
use super::quirks;
use super::recovery::{InitOptions, Recovered, Recovery, bits};
use super::recovery_status::Teller;
use super::rules::rules;
use super::settings::{Settings, id};
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// Without recovery nothing is recovered, and nothing told.
    RECOVERY_OFF = "restore/rstinfo-recovery-off";
    /// What was attached when the log ended is no longer. (jetinit-function.md)
    DETACHES = "instance/init-detaches";
    /// Replaying the log calls nobody.
    SILENT = "callback/silent-during-recovery";
    /// Logs that were lost are told of. (jetinit3-function.md)
    LOST = "recovery/lost-logs-warning";
    /// With circular logging only what recovery needs is kept. (transaction-log-parameters.md)
    CIRCULAR = "log/circular";
    /// The checkpoint file has its name. (extensible-storage-engine-files.md)
    CHECKPOINT_FILE = "log/checkpoint-file";
    /// Files are named as earlier releases did, or not. (extensible-storage-engine-files.md)
    NAMES = "log/legacy-file-names";
    /// Logs that do not belong to the sequence are removed. (backup-and-restore-parameters.md)
    OUT_OF_RANGE = "recovery/delete-out-of-range-logs";
    /// A log file is as large as it is to be. (transaction-log-parameters.md)
    FILE_SIZE = "log/file-size";
    /// A size that was not set is that of the files. (backup-and-restore-parameters.md)
    SIZE_ADOPTED = "recovery/log-size-adopted";
    /// One that was set is that of the files. (backup-and-restore-parameters.md)
    SIZE_MISMATCH = "recovery/log-size-mismatch";
    /// Unless they may go. (backup-and-restore-parameters.md)
    CLEANUP = "recovery/cleanup-mismatched-logs";
    /// With some options control notifications are not told.
    FILTERED = "recovery/control-filtered";
}

/// `JET_bitESE98FileNames`
const ESE98_FILE_NAMES: u64 = 0x1;

/// The size of a log file where its setting is not minded, in bytes.
const ANY_SIZE: u64 = 1 << 30;

/// Where the log of an instance is.
pub(super) fn log_place(settings: &Settings) -> LogPlace {
    LogPlace {
        folder: super::path::complete(&settings.text(id::LOG_FILE_PATH)),
        base_name: settings.text(id::BASE_NAME),
        names: file_names(settings),
    }
}

/// What the names of its files end with.
pub(super) fn file_names(settings: &Settings) -> FileNames {
    let legacy = settings.number(id::LEGACY_FILE_NAMES) & ESE98_FILE_NAMES != 0;
    match legacy || !NAMES.holds() {
        true => FileNames::Legacy,
        false => FileNames::New,
    }
}

/// Where its checkpoint file is.
pub(super) fn checkpoint_path(settings: &Settings) -> PathBuf {
    let folder = super::path::complete(&settings.text(id::SYSTEM_PATH));
    let name = settings.text(id::BASE_NAME);
    let ending = match CHECKPOINT_FILE.holds() {
        true => file_names(settings).checkpoint(),
        false => "checkpoint",
    };
    folder.join(format!("{name}.{ending}"))
}

/// The size of the files of a log that has files: theirs, where none was set.
pub(super) fn file_size(settings: &Settings, found: Option<u64>) -> u64 {
    let adopts = !settings.is_set(id::LOG_FILE_SIZE) && SIZE_ADOPTED.holds() && FILE_SIZE.holds();
    match found.filter(|_| adopts) {
        Some(size) => size,
        None => log_size(settings),
    }
}

/// The size of its files in bytes.
fn log_size(settings: &Settings) -> u64 {
    match FILE_SIZE.holds() {
        true => settings.number(id::LOG_FILE_SIZE).saturating_mul(1024),
        false => ANY_SIZE,
    }
}

/// Says in a checkpoint file that nothing before the end of the log is needed.
pub(super) fn write_checkpoint(log: &LogWriter, path: &Path) -> Jet<()> {
    let checkpoint = Checkpoint {
        log: log.signature(),
        position: log.position(),
    };
    checkpoint.write(path).map_err(|_| JetError::LogWriteFail)
}

impl Engine {
    /// Recovers the databases of an instance that is being initialised, and begins to log.
    ///
    /// # Errors
    /// Those of [`Recovery::run`], `JET_errLogFileSizeMismatchDatabasesConsistent` after it, what is
    /// wrong with the log; in the genuine profile `JET_errInvalidSettings`.
    pub(super) fn recover(&self, handle: Instance, options: &InitOptions) -> Jet<Warned<()>> {
        let settings = self.lock().instance(handle)?.settings.clone();
        if !settings.recovery() {
            if !RECOVERY_OFF.holds() {
                Teller::of_init(options.status.clone(), handle, false).begin();
            }
            first_files::without_recovery(&settings);
            return Ok(Warned::plain(()));
        }
        let circular = settings.flag(id::CIRCULAR_LOG);
        let unsettled = settings.flag(id::CLEANUP_MISMATCHED_LOGS) && !circular;
        if unsettled && quirks::CLEANUP_NEEDS_CIRCULAR.genuine() {
            return Err(CLEANUP.error(JetError::InvalidSettings));
        }
        if settings.flag(id::DELETE_OUT_OF_RANGE_LOGS) && OUT_OF_RANGE.holds() {
            remove_out_of_range(&log_place(&settings))?;
        }
        let filters = bits::WITHOUT_UNDO | bits::MUST_EXIST | bits::IGNORE_LOST;
        let controls = options.grbit & bits::EXTERNAL_CONTROL != 0 || !FILTERED.holds();
        let filtered = options.grbit & filters != 0 && !controls;
        let mut recovery = Recovery {
            place: log_place(&settings),
            checkpoint: checkpoint_path(&settings),
            options,
            teller: Teller::of_init(options.status.clone(), handle, !filtered),
            lost: false,
            restored: None,
            taken: self.lock().attached_elsewhere(handle),
        };
        let recovered = recovery.run()?;
        if !SILENT.holds() {
            self.call_for_replayed(handle, &recovered.attached);
        }
        let lost = recovered.lost && LOST.holds();
        let attached = recovered.attached.clone();
        let writer = open_log(recovery.place, recovered, &settings)?;
        first_files::reserve_logs(writer.place(), writer.size());
        let begun = writer.is_open();
        let mut state = self.lock();
        state.instance_mut(handle)?.log = Some(writer);
        if begun {
            state.note_checkpoint(handle)?;
        }
        if !DETACHES.holds() {
            state.keep_attached(handle, attached)?;
        }
        Ok(match lost {
            true => Warned::with((), JetWarning::CommittedLogFilesLost),
            false => Warned::plain(()),
        })
    }

    /// What an engine does that replays a change as it would make it: it calls the functions that
    /// the tables of recovered databases name for an insert, and those of their columns.
    fn call_for_replayed(&self, handle: Instance, recovered: &Attached) {
        for path in recovered.values() {
            let Ok(mut file) = image::open(path) else {
                continue;
            };
            while let Ok(Some(part)) = file.part() {
                let Part::Table(table) = part else { continue };
                for stored in table.schema.callbacks {
                    if stored.cbtyp & reason::AFTER_INSERT != 0 {
                        self.call_stored(handle, &stored.callback, reason::AFTER_INSERT);
                    }
                }
                let defaults = table.schema.columns.iter();
                for default in defaults.filter_map(|column| column.user_default()) {
                    self.call_stored(handle, &default.callback, reason::USER_DEFINED_DEFAULT);
                }
            }
        }
    }

    fn call_stored(&self, handle: Instance, name: &[u8], cbtyp: u32) {
        let found = self.lock().resolve_stored(handle, name);
        if let Some(callback) = found {
            callback.call(&mut Event {
                sesid: Sesid::NIL,
                dbid: Dbid::NIL,
                tableid: Tableid::NIL,
                cbtyp,
                arg1: Argument::Null,
                arg2: Argument::Null,
                context: Context::NULL,
                unused: 0,
            });
        }
    }
}

/// Lets the log go on after recovery: the databases are no longer attached.
fn open_log(place: LogPlace, recovered: Recovered, settings: &Settings) -> Jet<LogWriter> {
    let signature = recovered.log.unwrap_or_else(Signature::fresh);
    let wanted = file_size(settings, recovered.file_size);
    let size = recovered.file_size.unwrap_or(wanted);
    let other = size != wanted;
    let size = if SIZE_MISMATCH.holds() { size } else { wanted };
    let mut writer = LogWriter::new(place.clone(), signature, recovered.end, size);
    if recovered.log.is_some() || first_files::MADE.holds() {
        writer.open()?;
    }
    for database in recovered.attached.into_keys() {
        writer.append(&LogRecord::Detach { database }, Sync::Memory)?;
    }
    if !other || !SIZE_MISMATCH.holds() {
        return Ok(writer);
    }
    let cleans = settings.flag(id::CLEANUP_MISMATCHED_LOGS) && CLEANUP.holds();
    if !cleans {
        return Err(JetError::LogFileSizeMismatchDatabasesConsistent);
    }
    drop(writer);
    remove_all(&place)?;
    let end = LogEnd::default();
    let mut writer = LogWriter::new(place, Signature::fresh(), end, wanted);
    writer.open()?;
    Ok(writer)
}

/// Removes a log as a whole, its last file at the end: without it the others are none.
fn remove_all(place: &LogPlace) -> Jet<()> {
    let full = place.generations()?;
    let full = full.into_iter().map(|generation| place.full(generation));
    remove_files(full.chain([place.current()]))
}

/// Removes files of a log, in their order.
///
/// # Errors
/// `JET_errLogWriteFail`
pub(super) fn remove_files(files: impl IntoIterator<Item = PathBuf>) -> Jet<()> {
    for path in files {
        std::fs::remove_file(path).map_err(|_| JetError::LogWriteFail)?;
    }
    Ok(())
}

/// Removes the logs that do not go before the one that is written to.
fn remove_out_of_range(place: &LogPlace) -> Jet<()> {
    let Ok(Some(current)) = log::read_head(&place.current()) else {
        return Ok(());
    };
    let mut next = current.generation;
    for generation in place.generations()?.into_iter().rev() {
        let path = place.full(generation);
        let head = log::read_head(&path).ok().flatten();
        let ours = head.is_some_and(|head| head.log == current.log);
        if ours && generation.checked_add(1) == Some(next) {
            next = generation;
            continue;
        }
        remove_files([path])?;
    }
    Ok(())
}

impl State {
    /// What releases before Windows XP do with the databases that were attached.
    fn keep_attached(&mut self, handle: Instance, attached: Attached) -> Jet<()> {
        for path in attached.into_values() {
            let dbid = self.add_database(handle, path, 0, false);
            self.load_file(handle, dbid)?;
        }
        Ok(())
    }

    /// The files that other instances have attached.
    fn attached_elsewhere(&self, handle: Instance) -> Vec<PathBuf> {
        let others = self.databases.values().filter(|one| one.instance != handle);
        others.map(|database| database.path.clone()).collect()
    }

    /// Writes a checkpoint where enough was logged since the last one. A failure is no harm: what
    /// the files of the databases lack is in the log, and the next commit tries again.
    pub(super) fn checkpoint_if_due(&mut self, handle: Instance) {
        let Ok(instance) = self.instance(handle) else {
            return;
        };
        let depth = instance.settings.number(id::CHECKPOINT_DEPTH_MAX);
        // Writing the files again for less than their own size would cost more than it saves.
        let due_from = depth.max(instance.checkpoint_size);
        let log = instance.log.as_ref();
        let due = log.is_some_and(|log| log.written() > due_from);
        if due && instance.backup.is_none() && !self.is_frozen(handle) {
            let _ = self.checkpoint(handle);
        }
    }

    /// Lets go of the log before its current file where the files of all databases have all that it
    /// says: a backup need not take it along.
    pub(super) fn checkpoint_if_idle(&mut self, handle: Instance) {
        let Ok(Some(log)) = self.instance(handle).map(|instance| &instance.log) else {
            return;
        };
        let (generation, change) = (log.generation(), log.last_change());
        let ours = self.databases_of(handle).into_iter();
        let writable: Vec<Dbid> = ours
            .filter(|dbid| {
                let database = self.database(handle, *dbid);
                database.is_ok_and(|database| !database.read_only)
            })
            .collect();
        let header = |state: &Self, dbid: Dbid| {
            let file = state.database(handle, dbid).ok()?.file.as_ref();
            Some(file?.header.clone())
        };
        let headers = writable.iter().map(|dbid| header(self, *dbid));
        let Some(headers) = headers.collect::<Option<Vec<_>>>() else {
            return;
        };
        let behind = |header: &Header| header.applied < change;
        let needed = |header: &Header| header.min_required < generation;
        if headers.iter().any(behind) || !headers.iter().any(needed) {
            return;
        }
        for (dbid, mut header) in writable.into_iter().zip(headers) {
            header.min_required = generation;
            header.max_required = generation;
            header.committed = generation;
            let path = self.database(handle, dbid).map(|one| one.path.clone());
            // Where a header cannot be written it needs what it needed before.
            let written = path.is_ok_and(|path| header.write(&path, Sync::Memory).is_ok());
            if !written || self.remember_header(handle, dbid, header).is_err() {
                return;
            }
        }
        let _ = self.note_checkpoint(handle);
    }

    /// Brings the files of all databases up to the end of the log.
    ///
    /// # Errors
    /// What is wrong with a file.
    pub(super) fn checkpoint(&mut self, handle: Instance) -> Jet<()> {
        self.flush_log(handle)?;
        let mut size = 0;
        for dbid in self.databases_of(handle) {
            let database = self.database(handle, dbid)?;
            let Some(file) = database.file.clone().filter(|_| !database.read_only) else {
                continue;
            };
            let path = database.path.clone();
            let mut header = file.header;
            let Some(log) = &self.instance(handle)?.log else {
                return Ok(());
            };
            header.applied = log.last_number();
            header.min_required = log.generation();
            header.max_required = log.generation();
            header.committed = log.generation();
            self.write_database(handle, dbid, &header)?;
            self.remember_header(handle, dbid, header)?;
            size += std::fs::metadata(&path).map_or(0, |file| file.len());
        }
        self.instance_mut(handle)?.checkpoint_size = size;
        self.note_checkpoint(handle)
    }

    /// Says in the checkpoint file that the files of all databases are as far as the log is, and
    /// lets go of the log before it where logging is circular.
    pub(super) fn note_checkpoint(&mut self, handle: Instance) -> Jet<()> {
        let instance = self.instance_mut(handle)?;
        let path = checkpoint_path(&instance.settings);
        let circular = instance.settings.flag(id::CIRCULAR_LOG) && CIRCULAR.holds();
        let Some(log) = &mut instance.log else {
            return Ok(());
        };
        write_checkpoint(log, &path)?;
        log.reset_written();
        if circular {
            log.remove_before(log.generation())?;
        }
        Ok(())
    }

    /// Says in the files of all databases that a new file of the log was begun. They do not need
    /// it: it only lets recovery see whether the end of the log was lost.
    pub(super) fn note_generation(&mut self, handle: Instance) {
        let generation = self
            .instance(handle)
            .ok()
            .and_then(|instance| instance.log.as_ref())
            .map_or(0, LogWriter::generation);
        for dbid in self.databases_of(handle) {
            let Ok(database) = self.database_mut(handle, dbid) else {
                continue;
            };
            if let Some(file) = database.file.as_mut().filter(|_| !database.read_only) {
                file.header.committed = generation;
                let _ = file.header.write(&database.path, Sync::Memory);
            }
        }
    }
}
