//! JetRestoreInstance, JetRestore and JetRestore2: databases out of a backup.
//!
//! (jetrestoreinstance-function.md, jetrestore-function.md, jetrestore2-function.md)

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::backup::{LIST, NEW, copy_name};
use super::durable::contents::DatabaseImage;
use super::durable::image::{self, Sync};
use super::engine::Engine;
use super::handles::{Instance, Sesid};
use super::instance::Mode;
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::settings::id;
use super::status::{Kind, Notification, Operation, Progress, Status};
use crate::abi::errors::JetError;

rules! {
    /// An instance that runs is not restored. (jetrestoreinstance-function.md)
    ALREADY = "restore/already-initialized";
    /// The folder exists. (jetrestoreinstance-function.md)
    PATH = "restore/path";
    /// The pages are those of the backup. (jetrestoreinstance-function.md)
    PAGE_SIZE = "restore/page-size";
    /// Without an instance only in one-instance mode. (jetrestore-function.md)
    MODE = "restore/mode";
    /// Begin, progress and completion are told. (jet-pfnstatus-callback-function.md)
    TOLD = "restore/begin-progress-complete";
    /// Progress rises to a hundred.
    PERCENTAGES = "restore/percentages";
    /// A failure is told. (jet-pfnstatus-callback-function.md)
    FAIL_TOLD = "restore/fail-notified";
    /// What the function answers is ignored.
    RESULTS_IGNORED = "restore/results-ignored";
    /// What is refused is not told.
    EARLY_SILENT = "restore/early-failure-silent";
}

/// A restore to do.
#[derive(Debug, Clone)]
pub struct Restore {
    /// The folder of the backup.
    pub source: Option<PathBuf>,
    /// The folder for the databases; without one they go where they were.
    pub destination: Option<PathBuf>,
    /// The function to tell.
    pub status: Option<Arc<dyn Status>>,
}

/// A copy and the place that it belongs to.
type Copy = (PathBuf, PathBuf);

impl Engine {
    /// JetRestoreInstance; the instance is not initialised afterwards.
    /// (jetrestoreinstance-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`, `JET_errInvalidInstance`, `JET_errAlreadyInitialized`,
    /// `JET_errInvalidPath` (genuine engine: `JET_errFileNotFound`), the error of the runtime
    /// callback, `JET_errPageSizeMismatch`, and what is wrong with a file.
    pub fn restore_instance(&self, handle: Instance, given: &Restore) -> Jet<()> {
        let mut state = self.lock();
        let instance = state.instance_argument(handle)?;
        let busy = instance.initialized || instance.initializing.is_some() || instance.restoring;
        ALREADY.refuse(busy, JetError::AlreadyInitialized)?;
        let page_size = instance.settings.number(id::DATABASE_PAGE_SIZE) as u32;
        state.instance_mut(handle)?.restoring = true;
        drop(state);
        let restored = self.restore(handle, given, page_size);
        if let Ok(instance) = self.lock().instance_mut(handle) {
            instance.restoring = false;
        }
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

    fn restore(&self, handle: Instance, given: &Restore, page_size: u32) -> Jet<()> {
        let ready = check(given, page_size);
        if ready.is_err() && !EARLY_SILENT.holds() {
            tell(given, Kind::Fail, 0);
        }
        let copies = ready?;
        self.probe(self.lock(), handle)?;
        told(given, Kind::Begin, 0)?;
        let done = put_back(given, &copies).and_then(|()| told(given, Kind::Complete, 100));
        if done.is_err() && FAIL_TOLD.holds() && !quirks::RESTORE_FAILS_SILENTLY.genuine() {
            tell(given, Kind::Fail, 100);
        }
        done
    }
}

/// What is refused before anything is told. Gives the copies and where they belong.
fn check(given: &Restore, page_size: u32) -> Jet<Vec<Copy>> {
    let folder = given.source.as_deref().filter(|folder| folder.is_dir());
    let missing = if quirks::RESTORE_PATH.genuine() {
        JetError::FileNotFound
    } else {
        JetError::InvalidPath
    };
    let folder = folder.ok_or_else(|| PATH.error(missing))?;
    let new = folder.join(NEW);
    let folder = if new.is_dir() {
        new
    } else {
        folder.to_path_buf()
    };
    let list = fs::read_to_string(folder.join(LIST)).map_err(|_| JetError::MissingFullBackup)?;
    let copies: Vec<Copy> = list
        .lines()
        .enumerate()
        .map(|(number, place)| (folder.join(copy_name(number)), target(given, place)))
        .collect();
    for (copy, _) in &copies {
        // A copy that cannot be read is told of later, by what is wrong with it.
        let other = image::read(copy).is_ok_and(|image| image.page_size != page_size);
        PAGE_SIZE.refuse(other, JetError::PageSizeMismatch)?;
    }
    Ok(copies)
}

fn target(given: &Restore, place: &str) -> PathBuf {
    let place = Path::new(place);
    match (&given.destination, place.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => place.to_path_buf(),
    }
}

fn put_back(given: &Restore, copies: &[Copy]) -> Jet<()> {
    for (number, (copy, place)) in (1u32..).zip(copies) {
        let contents: DatabaseImage = image::read(copy)?;
        let folder = place.parent().unwrap_or(place);
        fs::create_dir_all(folder).map_err(|_| JetError::InvalidPath)?;
        image::write(place, &contents, Sync::Memory)?;
        told(
            given,
            Kind::Progress,
            number.saturating_mul(100) / copies.len().max(1) as u32,
        )?;
    }
    Ok(())
}

/// Tells how far the restore is.
///
/// # Errors
/// None while the rule about results is kept.
fn told(given: &Restore, kind: Kind, done: u32) -> Jet<()> {
    if !TOLD.holds() {
        return Ok(());
    }
    let answered = tell(given, kind, done);
    if answered < 0 && !RESULTS_IGNORED.holds() {
        return Err(JetError::from_code(answered));
    }
    Ok(())
}

fn tell(given: &Restore, kind: Kind, done: u32) -> i32 {
    let Some(status) = &given.status else {
        return 0;
    };
    let done = if PERCENTAGES.holds() { done } else { done * 2 };
    status.notify(&Notification {
        sesid: Sesid::NIL,
        operation: Operation::Restore,
        kind,
        progress: Some(Progress { done, total: 100 }),
    })
}
