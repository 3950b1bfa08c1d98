//! JetBackupInstance and JetBackup: what recovery needs of all databases, in a folder.
//!
//! The files are copied into a folder within the one that is given and moved at the end, so that a
//! backup that failed leaves nothing that could be taken for one.
//! (jetbackupinstance-function.md, jetbackup-function.md)

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::backup_end::bits::ABORT;
use super::durable::place::LogPlace;
use super::engine::Engine;
use super::external_backup::{INCREMENTAL, LOGGING};
use super::handles::Instance;
use super::logging::log_place;
use super::outcome::Jet;
use super::path::complete;
use super::quirks;
use super::rules::rules;
use super::settings::id;
use super::status::{self, Kind, Notification, Operation, Status};
use crate::abi::errors::JetError;

rules! {
    /// What a restore needs is copied. (jetbackupinstance-function.md)
    COPIES = "backup/copies";
    /// An incremental backup adds logs. (jetbackupinstance-function.md)
    ADDS = "backup/incremental";
    /// Other calls with the instance work while it tells.
    CALLS_INSIDE = "backup/calls-inside";
    /// Without an instance only in one-instance mode.
    ONE_MODE = "backup/legacy-one-mode";
    /// Options that do not exist. (jetbackupinstance-function.md)
    GRBIT = "backup/grbit";
    /// The folder exists. (jetbackupinstance-function.md)
    PATH = "backup/path";
    /// Or is made. (jetbackupinstance-function.md)
    MAKES_PATH = "backup/path-made";
    /// The folder is empty.
    NOT_EMPTY = "backup/folder-not-empty";
    /// Without a folder only the log is cut. (jetbackupinstance-function.md)
    NO_PATH = "backup/path-null-truncates";
    /// No name is that of the current folder.
    PATH_EMPTY = "backup/path-empty";
    /// The logs of an incremental backup go on where the folder's end.
    CONTIGUOUS = "backup/incremental-contiguous";
    /// Logs that are no longer needed are gone afterwards. (jetbackupinstance-function.md)
    TRUNCATES_AFTER = "backup/truncates-after";
    /// A failed backup leaves nothing behind. (jetbackupinstance-function.md)
    LEAVES_NOTHING = "backup/failure-leaves-nothing";
    /// What cannot be written fails the call. (jetbackupinstance-function.md)
    DISK = "backup/disk-refuses";
    /// An atomic backup keeps the one before until it has succeeded. (jetbackupinstance-function.md)
    ATOMIC = "backup/atomic";
    /// Begin, progress and completion are told. (jet-pfnstatus-callback-function.md)
    TOLD = "backup/begin-and-complete";
    /// Of a hundred hundredths.
    NUMBERS = "backup/numbers";
    /// An incremental backup tells nothing.
    INCREMENTAL_SILENT = "backup/incremental-silent";
    /// What the function answers is ignored.
    RESULTS_IGNORED = "backup/results-ignored";
    /// A failure is not told.
    NO_FAIL = "backup/no-fail";
    /// Its end comes after the completion was told, and can fail.
    BEFORE_END = "backup/complete-is-not-the-end";
    /// What is refused is not told either.
    EARLY_SILENT = "backup/early-failure-silent";
}

/// Options. (jetbackupinstance-function.md)
mod bits {
    pub const ATOMIC: u32 = 0x4;
    pub const SNAPSHOT: u32 = 0x10;
}

/// The folder of an atomic backup within the one that is given.
pub(super) const NEW: &str = "new";
/// The one before it, until the new one has succeeded.
pub(super) const OLD: &str = "old";
/// The folder that a backup is made in.
const UNFINISHED: &str = "temp";
/// The bytes that are copied at once.
const CHUNK: usize = 1 << 18;

/// A backup to make.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The folder; without one only the log is cut.
    pub path: Option<String>,
    /// The options.
    pub grbit: u32,
    /// The function to tell.
    pub status: Option<Arc<dyn Status>>,
}

impl Backup {
    fn full(&self) -> bool {
        self.grbit & INCREMENTAL == 0
    }

    fn atomic(&self) -> bool {
        self.grbit & bits::ATOMIC != 0 && ATOMIC.holds()
    }
}

/// A backup at work.
struct Work<'b> {
    engine: &'b Engine,
    handle: Instance,
    given: &'b Backup,
    /// The bytes copied, and those to copy in all.
    done: u64,
    total: u64,
    told: u32,
    /// What was read last.
    bytes: Vec<u8>,
}

impl Engine {
    /// The instance that JetBackup is about. (jetbackup-function.md)
    ///
    /// # Errors
    /// `JET_errRunningInMultiInstanceMode`, `JET_errNotInitialized`.
    pub fn instance_to_back_up(&self) -> Jet<Instance> {
        self.only_instance_by(&ONE_MODE)
    }

    /// JetBackupInstance; without an instance, JetBackup. (jetbackupinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errBackupNotAllowedYet`, `JET_errInvalidGrbit`,
    /// `JET_errLoggingDisabled`, `JET_errBackupInProgress`, `JET_errInvalidBackup`,
    /// `JET_errInvalidPath`, `JET_errBackupDirectoryNotEmpty`, those of the streaming backup, and
    /// what is wrong with a file.
    pub fn backup(&self, handle: Instance, given: &Backup) -> Jet<()> {
        let begun = self.check_backup(handle, given);
        if begun.is_err() && !EARLY_SILENT.holds() {
            self.tell(handle, given, Kind::Fail, 0);
        }
        let (handle, folder) = begun?;
        let done = self.back_up(handle, given, folder.as_deref());
        let abort = if done.is_err() { ABORT } else { 0 };
        let ended = self.lock().end_backup(handle, abort);
        self.notify();
        if done.is_err() && !NO_FAIL.holds() {
            self.tell(handle, given, Kind::Fail, 100);
        }
        match BEFORE_END.holds() {
            true => done.and(ended),
            false => done,
        }
    }

    /// What is refused before anything is told; the backup has begun afterwards. Gives the folder to
    /// copy into.
    fn check_backup(&self, handle: Instance, given: &Backup) -> Jet<(Instance, Option<PathBuf>)> {
        let handle = self.lock().one_instance_or(handle)?;
        self.check_not_yet(handle)?;
        let mut state = self.enter_instance(handle)?;
        let instance = state.instance(handle)?;
        let known = INCREMENTAL | bits::ATOMIC | bits::SNAPSHOT;
        let unknown = given.grbit & !known != 0 && !quirks::BACKUP_OPTIONS.genuine();
        GRBIT.refuse(unknown, JetError::InvalidGrbit)?;
        LOGGING.refuse(!instance.settings.recovery(), JetError::LoggingDisabled)?;
        state.check_idle(handle)?;
        let instance = state.instance(handle)?;
        let makes = instance.settings.flag(id::CREATE_PATH_IF_NOT_EXIST);
        let place = log_place(&instance.settings);
        let path = given.path.as_deref();
        PATH_EMPTY.allow(path == Some(""), JetError::InvalidPath)?;
        let here = path.is_none() && quirks::BACKUP_HERE.genuine();
        let folder = path.or(here.then_some("")).map(complete);
        state.begin_backup(handle, given.full())?;
        let ready = folder
            .as_deref()
            .map_or(Ok(()), |folder| prepare(folder, given, makes, &place));
        if ready.is_err() {
            state.instance_mut(handle)?.backup = None;
        }
        ready.map(|()| (handle, folder))
    }

    fn back_up(&self, handle: Instance, given: &Backup, folder: Option<&Path>) -> Jet<()> {
        let Some(folder) = folder else {
            return match NO_PATH.holds() {
                true => self.lock().truncate_uncopied(handle),
                false => Ok(()),
            };
        };
        self.told(handle, given, Kind::Begin, 0)?;
        let unfinished = folder.join(UNFINISHED);
        let mut work = Work {
            engine: self,
            handle,
            given,
            done: 0,
            total: 0,
            told: 0,
            bytes: Vec::new(),
        };
        let copied = work
            .copy(&unfinished)
            .and_then(|()| promote(&unfinished, folder, given));
        if copied.is_err() && !DISK.holds() {
            return Ok(());
        }
        if copied.is_err() && LEAVES_NOTHING.holds() {
            // Nobody misses a half-made copy.
            let _ = fs::remove_dir_all(&unfinished);
        }
        copied?;
        if TRUNCATES_AFTER.holds() {
            self.lock().truncate_backed_up(handle)?;
        }
        self.told(handle, given, Kind::Complete, 100)
    }

    /// Tells how far a full backup is.
    ///
    /// # Errors
    /// None while the rule about results is kept.
    fn told(&self, handle: Instance, given: &Backup, kind: Kind, done: u32) -> Jet<()> {
        if !TOLD.holds() || (!given.full() && INCREMENTAL_SILENT.holds()) {
            return Ok(());
        }
        let answered = self.tell(handle, given, kind, done);
        if answered < 0 && !RESULTS_IGNORED.holds() {
            return Err(JetError::from_code(answered));
        }
        Ok(())
    }

    fn tell(&self, handle: Instance, given: &Backup, kind: Kind, done: u32) -> i32 {
        let Some(status) = &given.status else {
            return 0;
        };
        let total = if NUMBERS.holds() { 100 } else { 1000 };
        self.note_telling(handle, true);
        let notification = Notification {
            sesid: status::no_session(),
            operation: Operation::Backup,
            kind,
            progress: Some(status::within_total(done, total)),
        };
        let answered = status::notify_here(&**status, &notification);
        self.note_telling(handle, false);
        answered
    }

    fn note_telling(&self, handle: Instance, telling: bool) {
        if let Ok(instance) = self.lock().instance_mut(handle) {
            instance.telling = telling;
        }
    }
}

/// Makes sure of the folder.
fn prepare(folder: &Path, given: &Backup, makes: bool, place: &LogPlace) -> Jet<()> {
    if !folder.is_dir() {
        let made = makes && MAKES_PATH.holds() && fs::create_dir_all(folder).is_ok();
        PATH.refuse(!made, JetError::InvalidPath)?;
    }
    let mut entries = fs::read_dir(folder).map_err(|_| PATH.error(JetError::InvalidPath))?;
    let full = given.full() && !given.atomic() && entries.next().is_some();
    NOT_EMPTY.refuse(full, JetError::BackupDirectoryNotEmpty)?;
    if given.full() {
        return Ok(());
    }
    let there = LogPlace {
        folder: within(folder),
        base_name: place.base_name.clone(),
        names: place.names,
    };
    let last = there.generations()?.last().copied();
    let first = place.generations()?.first().copied();
    // A folder without logs ends before the first one.
    let gap = first.is_some_and(|first| first > last.unwrap_or(0).saturating_add(1));
    CONTIGUOUS.refuse(gap, JetError::InvalidLogSequence)
}

/// The folder of the last backup within the folder of an atomic one.
pub(super) fn within(folder: &Path) -> PathBuf {
    let new = folder.join(NEW);
    let old = folder.join(OLD);
    match () {
        () if new.is_dir() => new,
        () if old.is_dir() => old,
        () => folder.to_owned(),
    }
}

impl Work<'_> {
    /// Copies everything into a folder of its own.
    fn copy(&mut self, folder: &Path) -> Jet<()> {
        // What a backup left here whose process was killed.
        if folder.is_dir() {
            fs::remove_dir_all(folder).map_err(write_error)?;
        }
        fs::create_dir_all(folder).map_err(|_| JetError::DiskIO)?;
        if self.given.full() && COPIES.holds() {
            let databases = self.engine.attach_info(self.handle)?;
            let sizes = databases.iter().map(|path| size(path));
            self.total = sizes.sum();
            for path in databases {
                self.copy_file(&path, folder)?;
            }
        }
        let logs = self.engine.log_info(self.handle)?;
        if !self.given.full() && !ADDS.holds() {
            return Ok(());
        }
        self.total = self.done + logs.names.iter().map(|path| size(path)).sum::<u64>();
        for path in logs.names {
            self.copy_file(&path, folder)?;
        }
        Ok(())
    }

    fn copy_file(&mut self, path: &Path, folder: &Path) -> Jet<()> {
        let target = folder.join(path.file_name().unwrap_or_default());
        let (file, _) = self.engine.open_file(self.handle, path.to_str())?;
        let copied = self.copy_open(file, &target);
        let closed = self.engine.close_file(self.handle, file);
        copied.and(closed)
    }

    fn copy_open(&mut self, file: super::handles::FileHandle, target: &Path) -> Jet<()> {
        let mut copy = File::create_new(target).map_err(write_error)?;
        loop {
            let (engine, bytes) = (self.engine, &mut self.bytes);
            engine.read_file(self.handle, file, CHUNK, bytes)?;
            if bytes.is_empty() {
                return Ok(());
            }
            copy.write_all(bytes).map_err(write_error)?;
            self.done += bytes.len() as u64;
            self.progress()?;
        }
    }

    fn progress(&mut self) -> Jet<()> {
        let percent = (self.done * 100 / self.total.max(1)).min(99) as u32;
        if percent <= self.told || quirks::BACKUP_WITHOUT_PROGRESS.genuine() {
            return Ok(());
        }
        self.told = percent;
        self.engine
            .told(self.handle, self.given, Kind::Progress, percent)
    }
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

pub(super) fn write_error(error: io::Error) -> JetError {
    match error.kind() {
        io::ErrorKind::AlreadyExists => JetError::FileAlreadyExists,
        io::ErrorKind::StorageFull => JetError::DiskFull,
        io::ErrorKind::PermissionDenied => JetError::FileAccessDenied,
        _ => JetError::DiskIO,
    }
}

/// Puts the finished copies where they belong.
fn promote(unfinished: &Path, folder: &Path, given: &Backup) -> Jet<()> {
    if given.full() && given.atomic() {
        return promote_folder(unfinished, folder).map_err(write_error);
    }
    let target = if given.full() {
        folder.to_owned()
    } else {
        within(folder)
    };
    let entries = fs::read_dir(unfinished).map_err(write_error)?;
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    let taken = |name: &std::ffi::OsString| target.join(name).exists();
    // Somebody else has put it there meanwhile.
    if given.full() && names.iter().any(taken) {
        return Err(NOT_EMPTY.error(JetError::FileAlreadyExists));
    }
    for name in names {
        fs::rename(unfinished.join(&name), target.join(&name)).map_err(write_error)?;
    }
    fs::remove_dir(unfinished).map_err(write_error)
}

/// The backup before stays until the new one is there.
fn promote_folder(unfinished: &Path, folder: &Path) -> io::Result<()> {
    let (new, old) = (folder.join(NEW), folder.join(OLD));
    if new.is_dir() {
        if old.is_dir() {
            fs::remove_dir_all(&old)?;
        }
        fs::rename(&new, &old)?;
    }
    fs::rename(unfinished, &new)?;
    if old.is_dir() {
        fs::remove_dir_all(&old)?;
    }
    Ok(())
}
