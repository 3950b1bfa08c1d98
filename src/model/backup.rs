//! JetBackupInstance and JetBackup: copies of all databases of an instance in a folder.
//!
//! (jetbackupinstance-function.md, jetbackup-function.md)

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::durable::contents::DatabaseImage;
use super::durable::image::{self, Sync};
use super::engine::Engine;
use super::handles::{Dbid, Instance, Sesid};
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::status::{Kind, Notification, Operation, Progress, Status};
use crate::abi::errors::JetError;

rules! {
    /// One backup at a time. (jetbackupinstance-function.md)
    IN_PROGRESS = "backup/in-progress";
    /// Not while the instance is being initialised. (jetbackupinstance-function.md)
    NOT_YET = "backup/not-yet";
    /// An incremental backup needs its logs. (jetbackupinstance-function.md)
    CIRCULAR = "backup/incremental-circular";
    /// Options that do not exist. (jetbackupinstance-function.md)
    GRBIT = "backup/grbit";
    /// The folder exists. (jetbackupinstance-function.md)
    PATH = "backup/path";
    /// The folder is empty.
    NOT_EMPTY = "backup/folder-not-empty";
    /// There is a log. (jetbackupinstance-function.md)
    LOGGING = "backup/logging-disabled";
    /// A damaged file is not copied. (jetbackupinstance-function.md)
    DAMAGED = "backup/damaged-file";
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
    /// What is refused is not told either.
    EARLY_SILENT = "backup/early-failure-silent";
}

/// Options. (jetbackupinstance-function.md)
mod bits {
    pub const INCREMENTAL: u32 = 0x1;
    pub const ATOMIC: u32 = 0x4;
    pub const SNAPSHOT: u32 = 0x10;
}

/// `JET_paramCircularLog` (transaction-log-parameters.md)
const CIRCULAR_LOG: u32 = 17;
/// The folder of an atomic backup within the one that is given.
pub(super) const NEW: &str = "new";
/// The list of where the databases belong, one path in a line, in the order of the copies.
pub(super) const LIST: &str = "databases.txt";

/// The name of a copy within the folder.
pub(super) fn copy_name(number: usize) -> String {
    format!("{number}.edb")
}

/// A backup to make.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The folder; without one only the log would be cut.
    pub path: Option<PathBuf>,
    /// The options.
    pub grbit: u32,
    /// The function to tell.
    pub status: Option<Arc<dyn Status>>,
}

impl Engine {
    /// JetBackupInstance; without an instance, JetBackup. (jetbackupinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errBackupNotAllowedYet`, `JET_errInvalidGrbit`,
    /// `JET_errBackupInProgress`, `JET_errLoggingDisabled`, `JET_errInvalidBackup`,
    /// `JET_errInvalidPath`, `JET_errBackupDirectoryNotEmpty`, and what is wrong with a file.
    pub fn backup(&self, handle: Instance, given: &Backup) -> Jet<()> {
        let checked = self.check_backup(handle, given);
        if checked.is_err() && !EARLY_SILENT.holds() {
            tell(given, Kind::Fail, 0);
        }
        let (handle, folder) = match checked? {
            (handle, Some(folder)) => (handle, folder),
            (_, None) => return Ok(()),
        };
        self.lock().instance_mut(handle)?.backup = true;
        let copied = self.copy_all(handle, given, &folder);
        if let Ok(instance) = self.lock().instance_mut(handle) {
            instance.backup = false;
        }
        self.notify();
        if copied.is_err() && !NO_FAIL.holds() {
            tell(given, Kind::Fail, 100);
        }
        copied
    }

    /// What is refused before anything is told. Gives the folder to copy into.
    fn check_backup(&self, handle: Instance, given: &Backup) -> Jet<(Instance, Option<PathBuf>)> {
        let state = self.lock();
        let handle = state.one_instance_or(handle)?;
        let starting = state.instance_argument(handle)?.initializing.is_some();
        if !quirks::BACKUP_NOT_YET.genuine() {
            NOT_YET.refuse(starting, JetError::BackupNotAllowedYet)?;
        }
        drop(state);
        let state = self.enter_instance(handle)?;
        let instance = state.instance(handle)?;
        let known = bits::INCREMENTAL | bits::ATOMIC | bits::SNAPSHOT;
        let unknown = given.grbit & !known != 0 && !quirks::BACKUP_OPTIONS.genuine();
        GRBIT.refuse(unknown, JetError::InvalidGrbit)?;
        IN_PROGRESS.refuse(instance.backup, JetError::BackupInProgress)?;
        let logged = instance.settings.recovery();
        LOGGING.refuse(!logged, JetError::LoggingDisabled)?;
        let circular = instance.settings.flag(CIRCULAR_LOG);
        let incremental = given.grbit & bits::INCREMENTAL != 0;
        CIRCULAR.refuse(incremental && circular, JetError::InvalidBackup)?;
        let Some(path) = &given.path else {
            return Ok((handle, None));
        };
        PATH.refuse(!path.is_dir(), JetError::InvalidPath)?;
        let atomic = given.grbit & bits::ATOMIC != 0;
        let mut entries = fs::read_dir(path).map_err(|_| JetError::InvalidPath)?;
        let full = !atomic && !incremental && entries.next().is_some();
        NOT_EMPTY.refuse(full, JetError::BackupDirectoryNotEmpty)?;
        let folder = if atomic { path.join(NEW) } else { path.clone() };
        Ok((handle, Some(folder)))
    }

    fn copy_all(&self, handle: Instance, given: &Backup, folder: &Path) -> Jet<()> {
        told(given, Kind::Begin, 0)?;
        let databases = self.lock().databases_of(handle);
        let mut copies = Vec::new();
        for (number, dbid) in (1u32..).zip(&databases) {
            copies.push(self.copy_of(handle, *dbid)?);
            if !quirks::BACKUP_WITHOUT_PROGRESS.genuine() {
                let done = number.saturating_mul(100) / databases.len().max(1) as u32;
                told(given, Kind::Progress, done)?;
            }
        }
        write_all(folder, &copies).map_err(|_| JetError::DiskIO)?;
        told(given, Kind::Complete, 100)
    }

    /// What is committed in a database, if its file is whole.
    fn copy_of(&self, handle: Instance, dbid: Dbid) -> Jet<(PathBuf, DatabaseImage)> {
        let mut state = self.lock();
        let path = state.database(handle, dbid)?.path.clone();
        if DAMAGED.holds() {
            image::read(&path)?;
        }
        Ok((path, state.database_image(handle, dbid)?))
    }
}

/// Writes the copies and the list of where they belong.
fn write_all(folder: &Path, copies: &[(PathBuf, DatabaseImage)]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut list = String::new();
    for (number, (path, contents)) in copies.iter().enumerate() {
        let copy = folder.join(copy_name(number));
        image::write(&copy, contents, Sync::Memory).map_err(std::io::Error::other)?;
        list.push_str(&path.to_string_lossy());
        list.push('\n');
    }
    fs::write(folder.join(LIST), list)
}

/// Tells how far a full backup is.
///
/// # Errors
/// None while the rule about results is kept.
fn told(given: &Backup, kind: Kind, done: u32) -> Jet<()> {
    let incremental = given.grbit & bits::INCREMENTAL != 0;
    if !TOLD.holds() || (incremental && INCREMENTAL_SILENT.holds()) {
        return Ok(());
    }
    let answered = tell(given, kind, done);
    if answered < 0 && !RESULTS_IGNORED.holds() {
        return Err(JetError::from_code(answered));
    }
    Ok(())
}

fn tell(given: &Backup, kind: Kind, done: u32) -> i32 {
    let Some(status) = &given.status else {
        return 0;
    };
    let total = if NUMBERS.holds() { 100 } else { 1000 };
    status.notify(&Notification {
        sesid: Sesid::NIL,
        operation: Operation::Backup,
        kind,
        progress: Some(Progress { done, total }),
    })
}
