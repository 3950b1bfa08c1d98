//! The streaming backup: an application asks for the names of the files, and reads them.
//!
//! (jetbeginexternalbackup-function.md, jetgetattachinfo-function.md, jetopenfile-function.md,
//! jetreadfile-function.md, jetclosefile-function.md, jetgetloginfo-function.md,
//! jettruncatelog-function.md, jetendexternalbackup-function.md, jetstopbackup-function.md)

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::backup_file::{BackupFile, ReadFault};
use super::durable::checkpoint::{Checkpoint, CheckpointError};
use super::durable::header::{BackupNote, Moment};
use super::durable::image::Sync;
use super::durable::moment::Time;
use super::engine::{Engine, State};
use super::handles::{FileHandle, Instance};
use super::instance::{InstanceState, Mode};
use super::logging::{checkpoint_path, log_place};
use super::outcome::Jet;
use super::quirks;
use super::rules::{Rule, rules};
use super::settings::id;
use crate::abi::errors::JetError;

rules! {
    /// Without an instance only in one-instance mode. (jetbeginexternalbackup-function.md)
    LEGACY = "backup/legacy-mode";
    /// One backup at a time. (jetbeginexternalbackup-function.md)
    IN_PROGRESS = "backup/in-progress";
    /// Not while the instance is being initialised. (jetbeginexternalbackup-function.md)
    NOT_YET = "backup/not-yet";
    /// There is a log. (jetbeginexternalbackup-function.md)
    LOGGING = "backup/logging-disabled";
    /// An incremental backup needs its logs. (jetbeginexternalbackup-function.md)
    CIRCULAR = "backup/incremental-circular";
    /// And a full backup before it. (jetbeginexternalbackup-function.md)
    MISSING_FULL = "backup/missing-full";
    /// Options that do not exist. (jetbeginexternalbackup-function.md)
    GRBIT = "backup/external-grbit";
    /// The checkpoint can be read. (jetbeginexternalbackup-function.md)
    CHECKPOINT_MISSING = "backup/checkpoint-missing";
    /// And is what was written. (jetbeginexternalbackup-function.md)
    CHECKPOINT_CORRUPT = "backup/checkpoint-corrupt";
    /// A backup has begun. (jetgetattachinfo-function.md)
    NO_BACKUP = "backup/none";
    /// Nobody stopped it. (jetstopbackup-function.md)
    STOPPED = "backup/stopped";
    /// A backup that tells its beginning can be stopped there.
    STOPPED_INSIDE = "backup/stopped-inside";
    /// Databases are a matter of full backups. (jetgetattachinfo-function.md)
    ATTACH_SEQUENCE = "backup/attach-info-sequence";
    /// Databases come before logs. (jetopenfile-function.md)
    OPEN_SEQUENCE = "backup/open-file-sequence";
    /// A file has a name. (jetopenfile-function.md)
    NAME = "backup/open-file-name";
    /// One file at a time. (jetopenfile-function.md)
    ONE_FILE = "backup/open-file-one";
    /// The file exists. (jetopenfile-function.md)
    FILE_MISSING = "backup/open-file-missing";
    /// The file is open. (jetclosefile-function.md)
    HANDLE = "backup/file-handle";
    /// A database is read in pages. (jetreadfile-function.md)
    READ_SIZE = "backup/read-size";
    /// And three of them at least at first. (jetreadfile-function.md)
    READ_FIRST = "backup/read-first";
    /// A damaged page is not read. (jetreadfile-function.md)
    DAMAGED = "backup/damaged-file";
    /// A damaged log neither. (jetreadfile-function.md)
    LOG_DAMAGED = "backup/damaged-log";
    /// No file is open while logs are named. (jetgetloginfo-function.md)
    LOG_SEQUENCE = "backup/log-info-sequence";
    /// Nor while they are removed. (jettruncatelog-function.md)
    TRUNCATE_SEQUENCE = "backup/truncate-sequence";
    /// Logs that are no longer needed are removed. (jettruncatelog-function.md)
    TRUNCATES = "backup/truncates";
    /// A failure ends the backup. (jetgetattachinfo-function.md)
    FAILURE_CANCELS = "backup/failure-cancels";
    /// A backup that is ended too early. (jetendexternalbackup-function.md)
    ABORTED = "backup/aborted-by-caller";
    /// A backup that was stopped. (jetendexternalbackup-function.md)
    END_STOPPED = "backup/end-stopped";
    /// The headers of databases say when they were backed up. (jetbackupinstance-function.md)
    NOTED = "backup/header-noted";
}

/// Options of JetBeginExternalBackup. (jetbeginexternalbackup-function.md)
pub(super) const INCREMENTAL: u32 = 0x1;
/// Options of JetEndExternalBackupInstance2. (jetendexternalbackupinstance2-function.md)
pub(super) mod end {
    pub const ABORT: u32 = 0x2;
    pub const TRUNCATE_DONE: u32 = 0x100;
}

/// A backup that runs.
#[derive(Debug)]
pub struct ExternalBackup {
    /// It is a full one.
    full: bool,
    /// Only logs can be opened from here on.
    logs_only: bool,
    /// Somebody stopped it.
    stopped: bool,
    /// The file that is open.
    open: Option<(FileHandle, BackupFile)>,
    /// Where and when it began.
    mark: Moment,
    /// The first generation that it needs.
    low: u32,
    /// The generation after the last one that it needs, once that is known.
    high: Option<u32>,
    /// The databases that were read to their end.
    copied: BTreeSet<PathBuf>,
    /// Logs were removed.
    truncated: bool,
}

/// The logs that a backup is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogNames {
    /// The files.
    pub names: Vec<PathBuf>,
    /// The first generation.
    pub low: u32,
    /// The last generation.
    pub high: u32,
    /// `JET_paramBaseName`
    pub base_name: String,
}

impl Engine {
    /// The instance of a function that names none.
    ///
    /// # Errors
    /// `JET_errRunningInMultiInstanceMode`, `JET_errNotInitialized`.
    pub fn only_instance(&self) -> Jet<Instance> {
        let state = self.lock();
        let multi = state.process.mode == Mode::Multi;
        LEGACY.refuse(multi, JetError::RunningInMultiInstanceMode)?;
        let only = state.instances.keys().next().copied();
        only.ok_or(JetError::NotInitialized)
    }

    /// JetBeginExternalBackupInstance. (jetbeginexternalbackupinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errBackupNotAllowedYet`, `JET_errLoggingDisabled`,
    /// `JET_errInvalidGrbit`, `JET_errInvalidBackup`, `JET_errBackupInProgress`,
    /// `JET_errMissingFullBackup`, `JET_errCheckpointFileNotFound`, `JET_errCheckpointCorrupt`.
    pub fn begin_external_backup(&self, handle: Instance, grbit: u32) -> Jet<()> {
        self.check_not_yet(handle)?;
        let mut state = self.enter_instance(handle)?;
        let instance = state.instance(handle)?;
        LOGGING.refuse(!instance.settings.recovery(), JetError::LoggingDisabled)?;
        GRBIT.refuse(grbit & !INCREMENTAL != 0, JetError::InvalidGrbit)?;
        state.begin_backup(handle, grbit & INCREMENTAL == 0)
    }

    /// Refuses a backup of an instance that is being initialised.
    pub(super) fn check_not_yet(&self, handle: Instance) -> Jet<()> {
        let state = self.lock();
        let handle = state.one_instance_or(handle)?;
        let starting = state.instance_argument(handle)?.initializing.is_some();
        if quirks::BACKUP_NOT_YET.genuine() {
            return Ok(());
        }
        NOT_YET.refuse(starting, JetError::BackupNotAllowedYet)
    }

    /// JetGetAttachInfoInstance: the files of the databases.
    /// (jetgetattachinfoinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errNoBackup`, `JET_errBackupAbortByServer`,
    /// `JET_errInvalidBackupSequence`; the backup is over then.
    pub fn attach_info(&self, handle: Instance) -> Jet<Vec<PathBuf>> {
        let mut state = self.enter_instance(handle)?;
        let full = state.running_backup(handle)?.full;
        let refused = ATTACH_SEQUENCE.refuse(!full, JetError::InvalidBackupSequence);
        state.or_cancel(handle, refused)?;
        let databases = state.databases.values();
        let ours = databases.filter(|one| one.instance == handle && !one.read_only);
        Ok(ours.map(|database| database.path.clone()).collect())
    }

    /// JetOpenFileInstance; answers the size of the file as it will be read.
    /// (jetopenfileinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errNoBackup`, `JET_errBackupAbortByServer`,
    /// `JET_errInvalidParameter`, `JET_errOutOfMemory` while another file is open,
    /// `JET_errInvalidBackupSequence`, `JET_errMissingFileToBackup`, `JET_errInvalidPath`,
    /// `JET_errFileAccessDenied`; the backup is over then, unless the call itself made no sense.
    pub fn open_file(&self, handle: Instance, name: Option<&str>) -> Jet<(FileHandle, u64)> {
        let mut state = self.enter_instance(handle)?;
        let backup = state.running_backup(handle)?;
        let name = name.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| NAME.error(JetError::InvalidParameter))?;
        ONE_FILE.refuse(backup.open.is_some(), JetError::OutOfMemory)?;
        let opened = state.open_backup_file(handle, &super::path::complete(name));
        state.or_cancel(handle, opened)
    }

    /// JetReadFileInstance: the next bytes of a file, at most so many.
    /// (jetreadfileinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errNoBackup`, `JET_errBackupAbortByServer`,
    /// `JET_errInvalidParameter`; `JET_errReadVerifyFailure`, which closes the file;
    /// `JET_errLogReadVerifyFailure`, after which the backup is over.
    pub fn read_file(&self, handle: Instance, file: FileHandle, most: usize) -> Jet<Vec<u8>> {
        let mut state = self.enter_instance(handle)?;
        let high = state.generation(handle);
        let backup = state.running_backup(handle)?;
        let open = backup.open.as_mut().filter(|(one, _)| *one == file);
        let (_, open) = open.ok_or_else(|| HANDLE.error(JetError::InvalidParameter))?;
        if let Some(page_size) = open.page_size() {
            let odd = !most.is_multiple_of(page_size);
            READ_SIZE.refuse(odd, JetError::InvalidParameter)?;
            let small = open.at_start() && most / page_size < FIRST_PAGES;
            READ_FIRST.refuse(small, JetError::InvalidParameter)?;
        }
        match open.read(most, high, DAMAGED.holds(), LOG_DAMAGED.holds()) {
            Ok(bytes) => Ok(bytes),
            // What is wrong with one database ends the backup of that one only.
            Err(ReadFault::Page) => {
                backup.open = None;
                Err(JetError::ReadVerifyFailure)
            }
            Err(ReadFault::Log) => state.or_cancel(handle, Err(JetError::LogReadVerifyFailure)),
            Err(ReadFault::Io) => state.or_cancel(handle, Err(JetError::DiskIO)),
        }
    }

    /// JetCloseFileInstance. (jetclosefileinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errNoBackup`, `JET_errInvalidParameter`.
    pub fn close_file(&self, handle: Instance, file: FileHandle) -> Jet<()> {
        let mut state = self.enter_instance(handle)?;
        let backup = state.any_backup(handle)?;
        let open = backup.open.take_if(|(one, _)| *one == file);
        let (_, open) = open.ok_or_else(|| HANDLE.error(JetError::InvalidParameter))?;
        if let Some(path) = open.database_read_whole() {
            backup.copied.insert(path);
        }
        Ok(())
    }

    /// JetGetLogInfoInstance: the logs to copy. From here on no database can be opened, and the log
    /// goes on in a new file. (jetgetloginfoinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errNoBackup`, `JET_errBackupAbortByServer`,
    /// `JET_errInvalidBackupSequence`, what is wrong with the log; the backup is over then.
    pub fn log_info(&self, handle: Instance) -> Jet<LogNames> {
        let mut state = self.enter_instance(handle)?;
        let named = state.name_logs(handle);
        state.or_cancel(handle, named)
    }

    /// JetGetTruncateLogInfoInstance: the logs that can go.
    /// (jetgettruncateloginfoinstance-function.md)
    ///
    /// # Errors
    /// As [`log_info`](Self::log_info).
    pub fn truncate_log_info(&self, handle: Instance) -> Jet<LogNames> {
        let mut state = self.enter_instance(handle)?;
        let named = state
            .name_logs(handle)
            .and_then(|_| state.removable_logs(handle));
        state.or_cancel(handle, named)
    }

    /// JetTruncateLogInstance: removes the logs that can go, the oldest first.
    /// (jettruncateloginstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errNoBackup`, `JET_errBackupAbortByServer`,
    /// `JET_errInvalidBackupSequence`, what is wrong with a file.
    pub fn truncate_log(&self, handle: Instance) -> Jet<()> {
        let mut state = self.enter_instance(handle)?;
        state.truncate_backed_up(handle)
    }

    /// JetEndExternalBackupInstance and 2. (jetendexternalbackupinstance2-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errNoBackup`, `JET_errBackupAbortByServer`,
    /// `JET_errBackupAbortByCaller`; the backup is over in any case.
    pub fn end_external_backup(&self, handle: Instance, grbit: u32) -> Jet<()> {
        let mut state = self.enter_instance(handle)?;
        let ended = state.end_backup(handle, grbit);
        drop(state);
        self.notify();
        ended
    }

    /// JetStopBackupInstance. (jetstopbackupinstance-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`, `JET_errInvalidInstance`.
    pub fn stop_backup(&self, handle: Instance) -> Jet<()> {
        let mut state = self.lock();
        let handle = state.one_instance_or(handle)?;
        state.instance_argument(handle)?;
        if let Some(backup) = &mut state.instance_mut(handle)?.backup {
            backup.stopped = STOPPED_INSIDE.holds();
        }
        Ok(())
    }
}

/// A first read of a database has room for so many pages.
const FIRST_PAGES: usize = 3;

impl State {
    /// Begins a backup whose options were looked at.
    pub(super) fn begin_backup(&mut self, handle: Instance, full: bool) -> Jet<()> {
        let instance = self.instance(handle)?;
        let circular = instance.settings.flag(id::CIRCULAR_LOG);
        CIRCULAR.refuse(!full && circular, JetError::InvalidBackup)?;
        IN_PROGRESS.refuse(instance.backup.is_some(), JetError::BackupInProgress)?;
        if full {
            check_checkpoint(instance)?;
        }
        self.flush_log(handle)?;
        let notes = self.notes(handle);
        let never = notes.iter().any(|(full, _)| full.high == 0);
        MISSING_FULL.refuse(!full && never, JetError::MissingFullBackup)?;
        let instance = self.instance(handle)?;
        let log = instance.log.as_ref();
        let log = log.ok_or_else(|| LOGGING.error(JetError::LoggingDisabled))?;
        let mark = Moment {
            position: log.position(),
            time: Time::now(),
        };
        let current = log.generation();
        let low = if full {
            self.lowest_required(handle).unwrap_or(current)
        } else {
            let next = |(full, incremental): &(BackupNote, BackupNote)| {
                full.high.max(incremental.high) + 1
            };
            notes.iter().map(next).min().unwrap_or(current)
        };
        self.instance_mut(handle)?.backup = Some(ExternalBackup {
            full,
            logs_only: !full,
            stopped: false,
            open: None,
            mark,
            low,
            high: None,
            copied: BTreeSet::new(),
            truncated: false,
        });
        Ok(())
    }

    /// The last full and incremental backups of the databases.
    fn notes(&self, handle: Instance) -> Vec<(BackupNote, BackupNote)> {
        let databases = self.databases.values();
        let ours = databases.filter(|one| one.instance == handle && !one.read_only);
        ours.filter_map(|database| database.file.as_ref())
            .map(|file| (file.header.full, file.header.incremental))
            .collect()
    }

    /// The first generation that recovery of the databases needs.
    fn lowest_required(&self, handle: Instance) -> Option<u32> {
        let databases = self.databases.values();
        let ours = databases.filter(|one| one.instance == handle && !one.read_only);
        let required =
            ours.filter_map(|database| Some(database.file.as_ref()?.header.min_required));
        required.min()
    }

    fn generation(&self, handle: Instance) -> u32 {
        let log = self.instance(handle).ok().and_then(|one| one.log.as_ref());
        log.map_or(0, |log| log.generation())
    }

    /// The backup that runs, stopped or not.
    fn any_backup(&mut self, handle: Instance) -> Jet<&mut ExternalBackup> {
        let backup = self.instance_mut(handle)?.backup.as_mut();
        backup.ok_or_else(|| NO_BACKUP.error(JetError::NoBackup))
    }

    /// The backup that runs and that nobody stopped.
    fn running_backup(&mut self, handle: Instance) -> Jet<&mut ExternalBackup> {
        let backup = self.any_backup(handle)?;
        STOPPED.refuse(backup.stopped, JetError::BackupAbortByServer)?;
        Ok(backup)
    }

    /// After a failure the backup is over, unless it was none or was stopped.
    fn or_cancel<T>(&mut self, handle: Instance, done: Jet<T>) -> Jet<T> {
        let spared = [JetError::NoBackup, JetError::BackupAbortByServer];
        if let Err(error) = &done
            && FAILURE_CANCELS.holds()
            && !spared.contains(error)
        {
            self.instance_mut(handle)?.backup = None;
        }
        done
    }

    fn open_backup_file(&mut self, handle: Instance, path: &Path) -> Jet<(FileHandle, u64)> {
        let database = self.attached(handle, path);
        let header = database.and_then(|database| Some(database.file.as_ref()?.header.clone()));
        let backup = self.running_backup(handle)?;
        let late = header.is_some() && backup.logs_only;
        OPEN_SEQUENCE.refuse(late, JetError::InvalidBackupSequence)?;
        let note = BackupNote {
            mark: backup.mark,
            low: backup.low,
            high: 0,
        };
        let opened = match header {
            Some(header) => BackupFile::database(path, header, note),
            None => BackupFile::log(path),
        };
        let missing = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::PermissionDenied => JetError::FileAccessDenied,
            _ if path.parent().is_some_and(|folder| !folder.is_dir()) => JetError::InvalidPath,
            _ => FILE_MISSING.error(JetError::MissingFileToBackup),
        };
        let file = opened.map_err(missing)?;
        let (size, given) = (file.size(), FileHandle::fresh());
        backup.open = Some((given, file));
        Ok((given, size))
    }

    fn check_no_file(&mut self, handle: Instance, rule: &Rule) -> Jet<()> {
        let open = self.running_backup(handle)?.open.is_some();
        rule.refuse(open, JetError::InvalidBackupSequence)
    }

    /// The logs that belong to the backup; the first time the log goes on in a new file.
    pub(super) fn name_logs(&mut self, handle: Instance) -> Jet<LogNames> {
        self.check_no_file(handle, &LOG_SEQUENCE)?;
        self.flush_log(handle)?;
        let backup = self.running_backup(handle)?;
        backup.logs_only = true;
        if backup.high.is_none() {
            let instance = self.instance_mut(handle)?;
            let log = instance.log.as_mut().ok_or(JetError::LoggingDisabled)?;
            log.begin_next_file()?;
            let high = log.generation();
            self.any_backup(handle)?.high = Some(high);
            self.note_generation(handle);
        }
        let backup = self.any_backup(handle)?;
        let (low, high) = (backup.low, backup.high.unwrap_or(backup.low));
        self.names(handle, low, high)
    }

    /// The full files of the log from one generation up to another.
    fn names(&self, handle: Instance, low: u32, high: u32) -> Jet<LogNames> {
        let settings = &self.instance(handle)?.settings;
        let place = log_place(settings);
        let generations = place.generations()?.into_iter();
        let within = generations.filter(|generation| (low..high).contains(generation));
        Ok(LogNames {
            names: within.map(|generation| place.full(generation)).collect(),
            low,
            high: high.saturating_sub(1),
            base_name: place.base_name,
        })
    }

    /// The logs that are needed neither by recovery nor by the next incremental backup.
    fn removable_logs(&mut self, handle: Instance) -> Jet<LogNames> {
        let backup = self.any_backup(handle)?;
        let (full, high) = (backup.full, backup.high.unwrap_or(0));
        let copied: Vec<PathBuf> = backup.copied.iter().cloned().collect();
        let databases = self.databases.values();
        let ours = databases.filter(|one| one.instance == handle && !one.read_only);
        // A database that was not copied still needs what came after its last backup.
        let kept = ours.filter(|database| full && !copied.contains(&database.path));
        let kept = kept.filter_map(|database| Some(database.file.as_ref()?.header.full.high));
        let kept = kept.min().unwrap_or(high);
        let required = self.lowest_required(handle).unwrap_or(high);
        self.names(handle, 0, high.min(required).min(kept))
    }

    /// Lets go of every log that recovery does not need, with nothing copied.
    pub(super) fn truncate_uncopied(&mut self, handle: Instance) -> Jet<()> {
        let databases = self.databases.values();
        let ours = databases.filter(|one| one.instance == handle && !one.read_only);
        let paths: BTreeSet<PathBuf> = ours.map(|database| database.path.clone()).collect();
        self.any_backup(handle)?.copied = paths;
        self.name_logs(handle)?;
        self.truncate_backed_up(handle)?;
        // Nothing was backed up: the headers must not say so.
        self.any_backup(handle)?.copied.clear();
        Ok(())
    }

    pub(super) fn truncate_backed_up(&mut self, handle: Instance) -> Jet<()> {
        self.check_no_file(handle, &TRUNCATE_SEQUENCE)?;
        let unnamed = self.any_backup(handle)?.high.is_none();
        TRUNCATE_SEQUENCE.refuse(unnamed, JetError::InvalidBackupSequence)?;
        let removable = self.removable_logs(handle)?;
        let backup = self.any_backup(handle)?;
        backup.logs_only = true;
        backup.truncated = true;
        if !TRUNCATES.holds() {
            return Ok(());
        }
        for path in removable.names {
            std::fs::remove_file(path).map_err(|_| JetError::LogWriteFail)?;
        }
        Ok(())
    }

    pub(super) fn end_backup(&mut self, handle: Instance, grbit: u32) -> Jet<()> {
        self.any_backup(handle)?;
        let Some(backup) = self.instance_mut(handle)?.backup.take() else {
            return Err(JetError::NoBackup);
        };
        let wanted = grbit & end::ABORT != 0;
        END_STOPPED.refuse(backup.stopped && !wanted, JetError::BackupAbortByServer)?;
        let early = !backup.logs_only || wanted;
        ABORTED.refuse(early, JetError::BackupAbortByCaller)?;
        if backup.truncated || grbit & end::TRUNCATE_DONE != 0 || !backup.full {
            self.note_backup(handle, &backup);
        }
        Ok(())
    }

    /// Says in the headers of the databases that they were backed up. It is for information: where
    /// a header cannot be written the backup is good all the same.
    fn note_backup(&mut self, handle: Instance, backup: &ExternalBackup) {
        if !NOTED.holds() {
            return;
        }
        let note = BackupNote {
            mark: backup.mark,
            low: backup.low,
            high: backup.high.map_or(0, |high| high.saturating_sub(1)),
        };
        for dbid in self.databases_of(handle) {
            let Ok(database) = self.database_mut(handle, dbid) else {
                continue;
            };
            let copied = !backup.full || backup.copied.contains(&database.path);
            if let Some(file) = database.file.as_mut().filter(|_| copied) {
                if backup.full {
                    file.header.full = note;
                    file.header.incremental = BackupNote::default();
                } else {
                    file.header.incremental = note;
                }
                let _ = file.header.write(&database.path, Sync::Memory);
            }
        }
    }
}

/// A full backup reads the checkpoint.
fn check_checkpoint(instance: &InstanceState) -> Jet<()> {
    match Checkpoint::read(&checkpoint_path(&instance.settings)) {
        Ok(_) => Ok(()),
        Err(CheckpointError::Damaged) => {
            CHECKPOINT_CORRUPT.refuse(true, JetError::CheckpointCorrupt)
        }
        Err(CheckpointError::Io(_)) => {
            CHECKPOINT_MISSING.refuse(true, JetError::CheckpointFileNotFound)
        }
    }
}
