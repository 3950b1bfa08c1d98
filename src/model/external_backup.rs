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
use super::durable::log_writer::LogWriter;
use super::durable::moment::Time;
use super::engine::{Engine, State};
use super::gate::NO_INSTANCE;
use super::handles::{FileHandle, Instance};
use super::instance::{InstanceState, Mode};
use super::logging::checkpoint_path;
use super::outcome::Jet;
use super::quirks;
use super::rules::{Rule, rules};
use super::settings::id;
use crate::abi::errors::JetError;

rules! {
    /// Without an instance only in one-instance mode. (jetbeginexternalbackup-function.md)
    LEGACY = "backup/legacy-mode";
    /// A backup begins. (jetbeginexternalbackup-function.md)
    BEGINS = "backup/begins";
    /// One backup at a time. (jetbeginexternalbackup-function.md)
    IN_PROGRESS = "backup/in-progress";
    /// Not even where the one that runs tells how far it is.
    NESTED = "backup/nested";
    /// What cannot begin leaves the one that runs alone. (jetbeginexternalbackup-function.md)
    BEGIN_KEEPS = "backup/begin-failure-keeps";
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
    /// The log can be written. (jetbeginexternalbackup-function.md)
    LOG_WRITE = "backup/log-write";
    /// And is what was written. (jetbeginexternalbackup-function.md)
    CHECKPOINT_CORRUPT = "backup/checkpoint-corrupt";
    /// A backup has begun. (jetgetattachinfo-function.md)
    NO_BACKUP = "backup/none";
    /// Nobody stopped it. (jetstopbackup-function.md)
    STOPPED = "backup/stopped";
    /// A backup that tells its beginning can be stopped there.
    STOPPED_INSIDE = "backup/stopped-inside";
    /// Its calls fail from then on. (jetstopbackup-function.md)
    STOP = "backup/stop";
    /// The databases are named. (jetgetattachinfo-function.md)
    ATTACH_INFO = "backup/attach-info";
    /// A list that does not fit is cut. (jetgetattachinfo-function.md)
    LIST_TRUNCATED = "backup/list-truncated";
    /// Databases are a matter of full backups. (jetgetattachinfo-function.md)
    ATTACH_SEQUENCE = "backup/attach-info-sequence";
    /// Databases come before logs. (jetopenfile-function.md)
    OPEN_SEQUENCE = "backup/open-file-sequence";
    /// The size of a file is told in two halves. (jetopenfile-function.md)
    OPEN_FILE = "backup/open-file";
    /// With what is appended to a database. (jetopenfile-function.md)
    SIZE_TOLD = "backup/size-told";
    /// A file has a name. (jetopenfile-function.md)
    NAME = "backup/open-file-name";
    /// One file at a time. (jetopenfile-function.md)
    ONE_FILE = "backup/open-file-one";
    /// The file exists. (jetopenfile-function.md)
    FILE_MISSING = "backup/open-file-missing";
    /// A database is attached; asking for another one ends nothing. (jetopenfile-function.md)
    UNATTACHED = "backup/open-file-unattached";
    /// And so does its folder. (jetopenfile-function.md)
    OPEN_PATH = "backup/open-file-path";
    /// The file is closed. (jetclosefile-function.md)
    CLOSES = "backup/closes";
    /// The file is open. (jetclosefile-function.md)
    HANDLE = "backup/file-handle";
    /// The bytes of a file come one after the other. (jetreadfile-function.md)
    READS = "backup/reads";
    /// After the last one there are none. (jetreadfile-function.md)
    READ_END = "backup/read-end";
    /// A database is read in pages. (jetreadfile-function.md)
    READ_SIZE = "backup/read-size";
    /// And three of them at least at first. (jetreadfile-function.md)
    READ_FIRST = "backup/read-first";
    /// A damaged page is not read. (jetreadfile-function.md)
    DAMAGED = "backup/damaged-file";
    /// Its file is closed then. (jetreadfile-function.md)
    DAMAGED_CLOSES = "backup/damaged-closes";
    /// A damaged log neither. (jetreadfile-function.md)
    LOG_DAMAGED = "backup/damaged-log";
    /// A failure ends the backup. (jetgetattachinfo-function.md)
    FAILURE_CANCELS = "backup/failure-cancels";
}

/// Options of JetBeginExternalBackup. (jetbeginexternalbackup-function.md)
pub(super) const INCREMENTAL: u32 = 0x1;
/// A backup that runs.
#[derive(Debug)]
pub struct ExternalBackup {
    /// It is a full one.
    pub(super) full: bool,
    /// Only logs can be opened from here on.
    pub(super) logs_only: bool,
    /// Somebody stopped it.
    pub(super) stopped: bool,
    /// The file that is open.
    pub(super) open: Option<(FileHandle, BackupFile)>,
    /// Where and when it began.
    pub(super) mark: Moment,
    /// The first generation that it needs.
    pub(super) low: u32,
    /// The generation after the last one that it needs, once that is known.
    pub(super) high: Option<u32>,
    /// The databases that were read to their end.
    pub(super) copied: BTreeSet<PathBuf>,
    /// Logs were removed.
    pub(super) truncated: bool,
}

impl Engine {
    /// The instance of a function that names none.
    ///
    /// # Errors
    /// `JET_errRunningInMultiInstanceMode`, `JET_errNotInitialized`.
    pub fn only_instance(&self) -> Jet<Instance> {
        self.only_instance_by(&LEGACY)
    }

    /// As [`only_instance`](Self::only_instance), by the rule of one function.
    pub(super) fn only_instance_by(&self, rule: &Rule) -> Jet<Instance> {
        let state = self.lock();
        let multi = state.process.mode == Mode::Multi;
        rule.refuse(multi, JetError::RunningInMultiInstanceMode)?;
        let only = state.instances.keys().next().copied();
        only.ok_or_else(|| NO_INSTANCE.error(JetError::NotInitialized))
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
        if !BEGINS.holds() {
            return Ok(());
        }
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
        let named = ours.filter(|_| ATTACH_INFO.holds());
        Ok(named.map(|database| database.path.clone()).collect())
    }

    /// JetOpenFileInstance; answers the size of the file as it will be read.
    /// (jetopenfileinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errNoBackup`, `JET_errBackupAbortByServer`,
    /// `JET_errInvalidParameter`, `JET_errOutOfMemory` while another file is open,
    /// `JET_errDatabaseNotFound` for what is no attached database before the logs were asked for;
    /// `JET_errInvalidBackupSequence`, `JET_errMissingFileToBackup`, `JET_errInvalidPath`,
    /// `JET_errFileAccessDenied`, after which the backup is over.
    pub fn open_file(&self, handle: Instance, name: Option<&str>) -> Jet<(FileHandle, u64)> {
        let mut state = self.enter_instance(handle)?;
        let backup = state.running_backup(handle)?;
        let name = name.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| NAME.error(JetError::InvalidParameter))?;
        ONE_FILE.refuse(backup.open.is_some(), JetError::OutOfMemory)?;
        let logs_only = backup.logs_only;
        let path = super::path::complete(name);
        let unattached = !logs_only && state.attached(handle, &path).is_none();
        UNATTACHED.refuse(unattached, JetError::DatabaseNotFound)?;
        let opened = state.open_backup_file(handle, &path);
        let (file, size) = state.or_cancel(handle, opened)?;
        // A sloppy engine takes one half of the size for the other.
        let turned = if OPEN_FILE.holds() { 0 } else { 32 };
        Ok((file, size.rotate_left(turned)))
    }

    /// JetReadFileInstance: the next bytes of a file, at most so many, in place of those of before.
    /// (jetreadfileinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errNoBackup`, `JET_errBackupAbortByServer`,
    /// `JET_errInvalidParameter`; `JET_errReadVerifyFailure`, which closes the file;
    /// `JET_errLogReadVerifyFailure`, after which the backup is over.
    pub fn read_file(
        &self,
        handle: Instance,
        file: FileHandle,
        most: usize,
        bytes: &mut Vec<u8>,
    ) -> Jet<()> {
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
        match open.read(most, high, DAMAGED.holds(), LOG_DAMAGED.holds(), bytes) {
            Ok(()) => {
                READ_END.allow(bytes.is_empty(), JetError::FileIOBeyondEOF)?;
                if !READS.holds() {
                    bytes.truncate(bytes.len().div_ceil(2));
                }
                Ok(())
            }
            // What is wrong with one database ends the backup of that one only.
            Err(ReadFault::Page) => {
                if DAMAGED_CLOSES.holds() {
                    backup.open = None;
                }
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
        let is_it = |open: &mut (FileHandle, BackupFile)| open.0 == file;
        if !CLOSES.holds() && backup.open.as_mut().is_some_and(is_it) {
            return Ok(());
        }
        let open = backup.open.take_if(is_it);
        let (_, open) = open.ok_or_else(|| HANDLE.error(JetError::InvalidParameter))?;
        if let Some(path) = open.database_read_whole() {
            backup.copied.insert(path);
        }
        Ok(())
    }

    /// JetStopBackupInstance. (jetstopbackupinstance-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`, `JET_errInvalidInstance`.
    pub fn stop_backup(&self, handle: Instance) -> Jet<()> {
        let mut state = self.lock();
        let handle = state.one_instance_or(handle)?;
        state.instance_argument(handle)?;
        let instance = state.instance_mut(handle)?;
        let rule = if instance.telling {
            &STOPPED_INSIDE
        } else {
            &STOP
        };
        if let Some(backup) = &mut instance.backup {
            backup.stopped = rule.holds();
        }
        Ok(())
    }
}

/// A list that a call names files in: whether it may be cut.
///
/// # Errors
/// None while the rule about short lists is kept.
pub fn check_list(fits: bool) -> Jet<()> {
    LIST_TRUNCATED.allow(!fits, JetError::BufferTooSmall)
}

/// A first read of a database has room for so many pages.
const FIRST_PAGES: usize = 3;

impl State {
    /// Refuses a second backup.
    ///
    /// # Errors
    /// `JET_errBackupInProgress`
    pub(super) fn check_idle(&mut self, handle: Instance) -> Jet<()> {
        let backed_up = self.is_backed_up(handle)?;
        let nested = self.instance(handle)?.telling && !NESTED.holds();
        IN_PROGRESS.refuse(backed_up && !nested, JetError::BackupInProgress)
    }

    /// Begins a backup whose options were looked at.
    pub(super) fn begin_backup(&mut self, handle: Instance, full: bool) -> Jet<()> {
        let instance = self.instance(handle)?;
        let circular = instance.settings.flag(id::CIRCULAR_LOG);
        CIRCULAR.refuse(!full && circular, JetError::InvalidBackup)?;
        let idle = self.check_idle(handle);
        if idle.is_err() && !BEGIN_KEEPS.holds() {
            self.instance_mut(handle)?.backup = None;
        }
        idle?;
        if full {
            check_checkpoint(self.instance(handle)?)?;
        }
        if let Err(error) = self.flush_log(handle) {
            LOG_WRITE.refuse(true, error)?;
        }
        if full {
            self.checkpoint_if_idle(handle);
        }
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

    /// Refuses an incremental backup that has no full one to go on from, or no logs.
    pub(super) fn check_incremental(&self, handle: Instance) -> Jet<()> {
        let never = self.notes(handle).iter().any(|(full, _)| full.high == 0);
        MISSING_FULL.refuse(never, JetError::MissingFullBackup)?;
        let circular = self.instance(handle)?.settings.flag(id::CIRCULAR_LOG);
        CIRCULAR.refuse(circular, JetError::InvalidBackup)
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
    pub(super) fn lowest_required(&self, handle: Instance) -> Option<u32> {
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
    pub(super) fn any_backup(&mut self, handle: Instance) -> Jet<&mut ExternalBackup> {
        let backup = self.instance_mut(handle)?.backup.as_mut();
        backup.ok_or_else(|| NO_BACKUP.error(JetError::NoBackup))
    }

    /// The backup that runs and that nobody stopped.
    pub(super) fn running_backup(&mut self, handle: Instance) -> Jet<&mut ExternalBackup> {
        let backup = self.any_backup(handle)?;
        STOPPED.refuse(backup.stopped, JetError::BackupAbortByServer)?;
        Ok(backup)
    }

    /// After a failure the backup is over, unless it was none or was stopped.
    pub(super) fn or_cancel<T>(&mut self, handle: Instance, done: Jet<T>) -> Jet<T> {
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
            _ if path.parent().is_some_and(|folder| !folder.is_dir()) && OPEN_PATH.holds() => {
                JetError::InvalidPath
            }
            _ => FILE_MISSING.error(JetError::MissingFileToBackup),
        };
        let file = opened.map_err(missing)?;
        let size = match SIZE_TOLD.holds() {
            true => file.size(),
            false => file.length(),
        };
        let given = FileHandle::fresh();
        backup.open = Some((given, file));
        Ok((given, size))
    }
}

/// A full backup reads the checkpoint.
fn check_checkpoint(instance: &InstanceState) -> Jet<()> {
    match Checkpoint::read(&checkpoint_path(&instance.settings)) {
        Ok(_) => Ok(()),
        Err(CheckpointError::Damaged) => {
            CHECKPOINT_CORRUPT.refuse(true, JetError::CheckpointCorrupt)
        }
        // An instance that has logged nothing has none yet.
        Err(CheckpointError::Io(_)) if !instance.log.as_ref().is_some_and(LogWriter::is_open) => {
            Ok(())
        }
        Err(CheckpointError::Io(_)) => {
            CHECKPOINT_MISSING.refuse(true, JetError::CheckpointFileNotFound)
        }
    }
}
