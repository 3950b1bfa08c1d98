//! The logs of a backup: which belong to it, and which can go once they are copied.
//!
//! (jetgetloginfo-function.md, jetgettruncateloginfoinstance-function.md, jettruncatelog-function.md)

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::durable::checkpoint::Checkpoint;
use super::durable::moment::LogPosition;
use super::engine::{Engine, State};
use super::handles::Instance;
use super::logging::{checkpoint_path, log_place, remove_files, write_checkpoint};
use super::outcome::Jet;
use super::rules::{Rule, rules};
use crate::abi::errors::JetError;

rules! {
    /// The logs of the backup are named. (jetgetloginfo-function.md)
    LOG_INFO = "backup/log-info";
    /// So are their generations. (jetgetloginfoinstance2-function.md)
    LOG_INFO2 = "backup/log-info2";
    /// And the beginning of their names. (jet-loginfo-structure.md)
    BASE_NAME = "backup/loginfo-base-name";
    /// The logs that can go are named. (jetgettruncateloginfoinstance-function.md)
    TRUNCATE_INFO = "backup/truncate-info";
    /// A backup ends the current log. (jetbackupinstance-function.md)
    NEW_GENERATION = "backup/new-generation";
    /// No file is open while logs are named. (jetgetloginfo-function.md)
    LOG_SEQUENCE = "backup/log-info-sequence";
    /// Nor while they are removed. (jettruncatelog-function.md)
    TRUNCATE_SEQUENCE = "backup/truncate-sequence";
    /// Nor before the logs were asked for.
    TRUNCATE_EARLY = "backup/truncate-before-logs";
    /// Logs that are no longer needed are removed. (jettruncatelog-function.md)
    TRUNCATES = "backup/truncates";
    /// And recovery does without them. (jettruncateloginstance-function.md)
    NEEDLESS = "backup/truncates-needless";
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
    /// JetGetLogInfoInstance: the logs to copy. From here on no database can be opened, and the log
    /// goes on in a new file. (jetgetloginfoinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errNoBackup`, `JET_errBackupAbortByServer`,
    /// `JET_errInvalidBackupSequence`, what is wrong with the log; the backup is over then.
    pub fn log_info(&self, handle: Instance) -> Jet<LogNames> {
        let mut state = self.enter_instance(handle)?;
        let named = state.name_logs(handle);
        let mut named = state.or_cancel(handle, named)?;
        if !LOG_INFO.holds() {
            named.names.clear();
        }
        if !LOG_INFO2.holds() {
            (named.low, named.high) = (0, 0);
        }
        if !BASE_NAME.holds() {
            named.base_name.clear();
        }
        Ok(named)
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
        let mut named = state.or_cancel(handle, named)?;
        if !TRUNCATE_INFO.holds() {
            named.names.clear();
        }
        Ok(named)
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
}

impl State {
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
            let path = checkpoint_path(&instance.settings);
            let log = instance.log.as_mut().ok_or(JetError::LoggingDisabled)?;
            let first = !log.is_open();
            if NEW_GENERATION.holds() {
                log.begin_next_file()?;
            }
            // From now on there is a log, and the next backup looks for its checkpoint.
            if first && log.is_open() {
                write_checkpoint(log, &path)?;
            }
            let high = log.generation();
            self.any_backup(handle)?.high = Some(high);
            self.note_generation(handle);
        }
        let backup = self.any_backup(handle)?;
        let (low, high) = (backup.low, backup.high.unwrap_or(backup.low));
        self.log_names(handle, low, high)
    }

    /// The full files of the log from one generation up to another.
    pub(super) fn log_names(&self, handle: Instance, low: u32, high: u32) -> Jet<LogNames> {
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
        self.log_names(handle, 0, high.min(required).min(kept))
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
        TRUNCATE_EARLY.refuse(unnamed, JetError::InvalidBackupSequence)?;
        let removable = self.removable_logs(handle)?;
        let backup = self.any_backup(handle)?;
        backup.logs_only = true;
        backup.truncated = true;
        if !TRUNCATES.holds() {
            return Ok(());
        }
        self.remove_logs(handle, removable)
    }

    /// Removes logs that nothing needs. Recovery begins where the checkpoint file says, which may be a
    /// log that goes now: from here on it says the first that is left.
    pub(super) fn remove_logs(&mut self, handle: Instance, removable: LogNames) -> Jet<()> {
        let left = removable.high.saturating_add(1);
        let instance = self.instance(handle)?;
        let path = checkpoint_path(&instance.settings);
        let own = |checkpoint: &Checkpoint| {
            let log = instance.log.as_ref();
            log.is_some_and(|log| log.signature() == checkpoint.log)
        };
        let checkpoint = Checkpoint::read(&path).ok().filter(own);
        let behind = |checkpoint: &Checkpoint| checkpoint.position.generation < left;
        if let Some(mut checkpoint) = checkpoint.filter(behind)
            && !removable.names.is_empty()
            && NEEDLESS.holds()
        {
            checkpoint.position = LogPosition::of(left, 0);
            let written = checkpoint.write(&path);
            written.map_err(|_| JetError::LogWriteFail)?;
        }
        remove_files(removable.names)
    }
}
