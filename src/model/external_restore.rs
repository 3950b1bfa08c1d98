//! JetExternalRestore and JetExternalRestore2: logs replayed over files that the application has
//! put where they are to be. (jetexternalrestore-function.md, jetexternalrestore2-function.md)

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::durable::image::{self, ImageError};
use super::durable::log::{self, LogFiles};
use super::durable::place::{FileNames, LogPlace};
use super::durable::replay::Places;
use super::durable::signature::Signature;
use super::durable::trailer;
use super::engine::Engine;
use super::first_files::has_temporary;
use super::handles::Instance;
use super::instance::{InstanceState, Mode};
use super::logging::{checkpoint_path, file_names, log_place};
use super::outcome::Jet;
use super::path::complete;
use super::quirks;
use super::recovery::{InitOptions, Moved, Recovery};
use super::recovery_status::Teller;
use super::restore::{genuine_code, go_on, is_copy, join, last_generation};
use super::rules::rules;
use super::settings::{Settings, id};
use super::status::Status;
use crate::abi::errors::JetError;

rules! {
    /// Logs are replayed over the files, and that is told. (jetexternalrestore-function.md)
    EXTERNAL = "restore/external";
    /// Only the databases of the map. (jetexternalrestore-function.md)
    SUBSET = "restore/external-subset";
    /// The target's two paths belong together. (jetexternalrestore2-function.md)
    ARGUMENTS = "restore/external-arguments";
    /// The target is named in one way. (jetexternalrestore2-function.md)
    TWO_TARGETS = "restore/external-two-targets";
    /// Not in one-instance mode. (jetexternalrestore-function.md)
    ONE_MODE = "restore/external-one-mode";
    /// The target is an instance that runs. (jetexternalrestore2-function.md)
    TARGET = "restore/external-target";
    /// No instance that runs has the place of its temporary database.
    TEMP_PATH = "restore/external-temp-path";
    /// The files and folders exist. (jetexternalrestore-function.md)
    MISSING = "restore/external-missing";
    /// The databases are databases. (jetexternalrestore-function.md)
    CORRUPTED = "restore/external-corrupted";
    /// And were backed up. (jetexternalrestore-function.md)
    NOT_BACKUP = "restore/external-not-backup";
    /// The logs are within the generations that are named. (jetexternalrestore-function.md)
    LOGS = "restore/external-logs";
    /// Logs beside those of the backup are replayed, too. (jetexternalrestore-function.md)
    ROLLS_FORWARD = "restore/external-rolls-forward";
}

/// What JetExternalRestore2 is given. (jetexternalrestore2-function.md)
#[derive(Debug, Clone)]
pub struct ExternalRestore {
    /// `szCheckpointFilePath`
    pub checkpoint: Option<PathBuf>,
    /// `szLogPath`
    pub log: Option<PathBuf>,
    /// `rgrstmap`
    pub moved: Vec<Moved>,
    /// `szBackupLogPath`
    pub backup: Option<PathBuf>,
    /// `ulGenLow`, `ulGenHigh`
    pub generations: (u32, u32),
    /// `szBaseName`
    pub base_name: String,
    /// `szTargetInstanceName`
    pub target_name: Option<String>,
    /// `szTargetInstanceLogPath`
    pub target_log: Option<PathBuf>,
    /// `szTargetInstanceCheckpointPath`
    pub target_checkpoint: Option<PathBuf>,
    /// `pfn`
    pub status: Option<Arc<dyn Status>>,
}

impl Engine {
    /// JetExternalRestore and JetExternalRestore2. (jetexternalrestore2-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`, `JET_errRunningInOneInstanceMode`,
    /// `JET_errBadRestoreTargetInstance`, `JET_errTempPathInUse`, `JET_errInvalidPath`, `JET_errFileNotFound`,
    /// `JET_errDatabaseCorrupted`, `JET_errRestoreOfNonBackupDatabase`,
    /// `JET_errStartingRestoreLogTooHigh`, `JET_errEndingRestoreLogTooLow`, and what is wrong with a
    /// log or with a file.
    pub fn external_restore(&self, given: &ExternalRestore) -> Jet<()> {
        let one = given.target_log.is_some() != given.target_checkpoint.is_some();
        ARGUMENTS.refuse(one, JetError::InvalidParameter)?;
        let both = given.target_name.is_some() && (given.target_log.is_some() || one);
        TWO_TARGETS.refuse(both, JetError::InvalidParameter)?;
        let mode = self.lock().process.mode;
        ONE_MODE.refuse(mode == Mode::One, JetError::RunningInOneInstanceMode)?;
        let target = self.target(given)?;
        self.check_temp_path()?;
        let logs = given.check(self.legacy_names())?;
        let restored = last_generation(&logs);
        let options = InitOptions::default();
        let place = LogPlace {
            folder: given.log.clone().unwrap_or_default(),
            base_name: given.base_name.clone(),
            names: self.legacy_names(),
        };
        let onward = target.clone().unwrap_or_else(|| place.clone());
        let logs = match ROLLS_FORWARD.holds() {
            true => join(logs, &onward)?,
            false => logs,
        };
        let checkpoint = given.checkpoint.clone().unwrap_or_default();
        let mut recovery = Recovery {
            checkpoint: checkpoint.join(format!(
                "{}.{}",
                given.base_name,
                place.names.checkpoint()
            )),
            place,
            options: &options,
            teller: Teller::of_restore(given.status.clone(), Instance::NIL),
            lost: false,
            restored: Some(restored),
            taken: Vec::new(),
        };
        let places = OnlyMapped(&given.moved);
        if EXTERNAL.holds() {
            let replayed = recovery.restore(&logs, &places, true);
            replayed.map_err(genuine_code)?;
        }
        match target {
            // The log of a running instance goes its own way.
            Some(_) => Ok(()),
            None => {
                let settings = self.lock().process.settings.clone();
                go_on(&logs, &recovery.place, &recovery.checkpoint, &settings)
            }
        }
    }

    /// The restore has an instance of its own for a while, which cannot share its temporary database.
    fn check_temp_path(&self) -> Jet<()> {
        let state = self.lock();
        let place = |settings: &Settings| complete(&settings.text(id::TEMP_PATH));
        let ours = place(&state.process.settings);
        let running = state.instances.values().filter(|one| one.initialized);
        let mut running = running.filter(|one| has_temporary(&one.settings));
        let taken = running.any(|instance| place(&instance.settings) == ours);
        TEMP_PATH.refuse(taken, JetError::TempPathInUse)
    }

    /// What the names of files end with where no instance says so.
    fn legacy_names(&self) -> FileNames {
        file_names(&self.lock().process.settings)
    }

    /// The log of the running instance that the logs go on in.
    fn target(&self, given: &ExternalRestore) -> Jet<Option<LogPlace>> {
        if given.target_name.is_none() && given.target_log.is_none() {
            return Ok(None);
        }
        let state = self.lock();
        let is_it = |instance: &&InstanceState| match &given.target_log {
            Some(log) => {
                let checkpoint = checkpoint_path(&instance.settings);
                let folders = (Some(log.as_path()), given.target_checkpoint.as_deref());
                (
                    Some(&*log_place(&instance.settings).folder),
                    checkpoint.parent(),
                ) == folders
            }
            None => instance.name == given.target_name,
        };
        let mut running = state.instances.values().filter(|one| one.initialized);
        let found = running.find(is_it);
        let takes_place = given.target_log.is_some() && quirks::RESTORE_TARGET_STOPPED.genuine();
        let refused = found.is_none() && !takes_place;
        TARGET.refuse(refused, JetError::BadRestoreTargetInstance)?;
        Ok(found.map(|instance| log_place(&instance.settings)))
    }
}

impl ExternalRestore {
    /// What is refused before anything is told. Gives the logs of the backup.
    fn check(&self, names: FileNames) -> Jet<LogFiles> {
        let folders = [&self.log, &self.backup, &self.checkpoint];
        for folder in folders.into_iter().flatten() {
            MISSING.refuse(!folder.is_dir(), JetError::InvalidPath)?;
        }
        let backup = self.backup.clone().or_else(|| self.log.clone());
        let backup = backup.ok_or_else(|| MISSING.error(JetError::InvalidPath))?;
        let place = LogPlace {
            folder: backup,
            base_name: self.base_name.clone(),
            names,
        };
        let (low, high) = self.generations;
        let found = place.generations()?;
        let below = found.iter().any(|generation| *generation < low);
        let above = found.iter().any(|generation| *generation > high);
        let by_note = quirks::RESTORE_LOGS_BY_NOTE.genuine();
        LOGS.refuse(below && !by_note, JetError::StartingRestoreLogTooHigh)?;
        LOGS.refuse(above && !by_note, JetError::EndingRestoreLogTooLow)?;
        for moved in &self.moved {
            self.check_database(&moved.after)?;
        }
        let missing = || MISSING.error(JetError::FileNotFound);
        let mut logs = log::find(&place, low)?.ok_or_else(missing)?;
        logs.files.retain(|file| file.generation <= high);
        if logs.files.is_empty() {
            return Err(missing());
        }
        Ok(logs)
    }

    fn check_database(&self, path: &Path) -> Jet<()> {
        let header = match image::header(path) {
            Ok(header) => header,
            Err(error) if error.is_missing() => {
                return Err(MISSING.error(JetError::FileNotFound));
            }
            Err(ImageError::Io { .. }) => {
                return Err(MISSING.error(JetError::FileAccessDenied));
            }
            Err(_) => return Err(CORRUPTED.error(JetError::DatabaseCorrupted)),
        };
        NOT_BACKUP.refuse(!is_copy(&header), JetError::RestoreOfNonBackupDatabase)?;
        let note = trailer::read(path, header.page_size).map_err(|_| JetError::DiskIO)?;
        let (low, high) = self.generations;
        let required = note.unwrap_or(header.current);
        LOGS.refuse(required.low < low, JetError::StartingRestoreLogTooHigh)?;
        let above = required.high > 0 && required.high > high;
        LOGS.refuse(above, JetError::EndingRestoreLogTooLow)
    }
}

/// Databases by a map; what it leaves out is not restored.
struct OnlyMapped<'m>(&'m [Moved]);

impl Places for OnlyMapped<'_> {
    fn place(&self, database: Signature, before: &Path) -> Jet<Option<PathBuf>> {
        let is_it = |moved: &&Moved| {
            image::header(&moved.after).is_ok_and(|header| header.signature == database)
        };
        let mapped = self.0.iter().find(is_it).map(|moved| moved.after.clone());
        Ok(mapped.or_else(|| (!SUBSET.holds()).then(|| before.to_owned())))
    }
}
