//! The end of a backup, and what the databases say of it afterwards.
//!
//! (jetendexternalbackup-function.md, jetendexternalbackupinstance2-function.md,
//! jet-dbinfomisc-structure.md)

use std::path::PathBuf;

use super::durable::header::BackupNote;
use super::durable::image::Sync;
use super::engine::{Engine, State};
use super::external_backup::{ExternalBackup, NO_BACKUP};
use super::handles::Instance;
use super::outcome::Jet;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// Another one can begin afterwards. (jetendexternalbackupinstance-function.md)
    ENDS = "backup/ends";
    /// A backup that is ended too early. (jetendexternalbackup-function.md)
    ABORTED = "backup/aborted-by-caller";
    /// A backup that was stopped. (jetendexternalbackup-function.md)
    END_STOPPED = "backup/end-stopped";
    /// A backup that is given up counts for nothing. (jetendexternalbackupinstance2-function.md)
    END_ABORT = "backup/end-abort";
    /// One whose logs were kept can count. (jetendexternalbackupinstance2-function.md)
    TRUNCATE_DONE = "backup/end-truncate-done";
    /// The headers of databases say when they were backed up. (jetbackupinstance-function.md)
    NOTED = "backup/header-noted";
}

/// Options of JetEndExternalBackupInstance2. (jetendexternalbackupinstance2-function.md)
pub(super) mod bits {
    pub const ABORT: u32 = 0x2;
    pub const TRUNCATE_DONE: u32 = 0x100;
}

impl Engine {
    /// JetEndExternalBackupInstance and 2. (jetendexternalbackupinstance2-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errNoBackup`, `JET_errBackupAbortByServer`,
    /// `JET_errBackupAbortByCaller`; the backup is over in any case.
    pub fn end_external_backup(&self, handle: Instance, grbit: u32) -> Jet<()> {
        let mut state = self.enter_instance(handle)?;
        state.any_backup(handle)?;
        if !ENDS.holds() {
            return Ok(());
        }
        let ended = state.end_backup(handle, grbit);
        drop(state);
        self.notify();
        ended
    }
}

impl State {
    pub(super) fn end_backup(&mut self, handle: Instance, grbit: u32) -> Jet<()> {
        self.any_backup(handle)?;
        let Some(backup) = self.instance_mut(handle)?.backup.take() else {
            return Err(NO_BACKUP.error(JetError::NoBackup));
        };
        let wanted = grbit & bits::ABORT != 0 && END_ABORT.holds();
        END_STOPPED.refuse(backup.stopped && !wanted, JetError::BackupAbortByServer)?;
        let early = !backup.logs_only || wanted;
        ABORTED.refuse(early, JetError::BackupAbortByCaller)?;
        let counts = grbit & bits::TRUNCATE_DONE != 0 && TRUNCATE_DONE.holds();
        if backup.truncated || counts || !backup.full {
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
        self.write_note(handle, note, backup.full, |path| {
            !backup.full || backup.copied.contains(path)
        });
    }

    /// Writes a note into the headers of databases, of a full or of an incremental backup.
    pub(super) fn write_note(
        &mut self,
        handle: Instance,
        note: BackupNote,
        full: bool,
        of: impl Fn(&PathBuf) -> bool,
    ) {
        for dbid in self.databases_of(handle) {
            let Ok(database) = self.database_mut(handle, dbid) else {
                continue;
            };
            let noted = of(&database.path) && !database.read_only;
            if let Some(file) = database.file.as_mut().filter(|_| noted) {
                if full {
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
