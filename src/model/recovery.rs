//! Recovery when an instance is initialised: what the log says is done again, what was not committed
//! is not. (jetinit-function.md, jetinit3-function.md, jet-rstinfo-structure.md)

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::durable::checkpoint::{Checkpoint, CheckpointError};
use super::durable::image::{self, Sync};
use super::durable::log::{self, Content, LogError, LogFile, LogFiles};
use super::durable::log_writer::LogEnd;
use super::durable::moment::LogPosition;
use super::durable::place::LogPlace;
use super::durable::record::LogRecord;
use super::durable::replay::{Attached, Places, Replay, attached_after};
use super::durable::signature::Signature;
use super::logging::remove_files;
use super::outcome::Jet;
use super::quirks;
use super::recovery_status::{ControlPoint, Reason, STILL_TOLD, Teller};
use super::rules::rules;
use super::status::Status;
use crate::abi::errors::JetError;

rules! {
    /// A restore is told from beginning to end. (jet-pfnstatus-callback-function.md)
    RESTORE_TOLD = "restore/begin-progress-complete";
    /// A failure is told. (jet-pfnstatus-callback-function.md)
    FAIL_TOLD = "restore/fail-notified";
    /// Nothing to do again, nothing told.
    NO_REDO_SILENT = "restore/rstinfo-no-redo-silent";
    /// What is done again is told from beginning to end. (jet-rstinfo-structure.md)
    TOLD = "restore/rstinfo-redo";
    /// A failure tells a hundred of a hundred.
    FAIL_NUMBERS = "restore/rstinfo-fail-numbers";
    /// Recovery without undo completes, and is an error. (jetinit3-function.md)
    WITHOUT_UNDO = "restore/rstinfo-without-undo";
    /// Without undo there is nothing to stop at where all is consistent.
    CONSISTENT = "recovery/without-undo-consistent";
    /// Without a checkpoint all logs are looked at.
    CHECKPOINT_MISSING = "log/checkpoint-missing";
    /// A log has to be there. (jetinit3-function.md)
    MUST_EXIST = "recovery/log-stream-must-exist";
    /// Recovery stops where it is told to. (jet-rstinfo-structure.md)
    STOP = "recovery/stop-position";
    /// Databases that were moved. (jet-rstmap-structure.md)
    MAP = "recovery/map";
    /// A database that another instance has attached. (jetinit-function.md)
    SHARED = "recovery/database-shared";
    /// Which are known by their signatures. (jetinit3-function.md)
    BY_SIGNATURE = "recovery/map-by-signature";
    /// A database that the map leaves out. (jetinit3-function.md)
    MAP_ENTRY = "recovery/map-entry-missing";
    /// Logs can be removed after recovery. (jetinit3-function.md)
    TRUNCATE = "recovery/truncate-logs";
    /// Lost logs can be ignored. (jetinit3-function.md)
    IGNORE_LOST = "recovery/ignore-lost-logs";
    /// What cannot be written fails the call.
    DISK = "recovery/disk-refuses";
    /// A checkpoint that cannot be read is none.
    CHECKPOINT_DAMAGED = "log/checkpoint-damaged";
    /// A database that is missing can be ignored. (jetinit2-function.md)
    IGNORE_MISSING = "recovery/ignore-missing-database";
}

/// Options of JetInit2 and 3. (jetinit3-function.md)
pub(super) mod bits {
    pub const IGNORE_MISSING: u32 = 0x4;
    pub const WITHOUT_UNDO: u32 = 0x8;
    pub const TRUNCATE: u32 = 0x10;
    pub const MAP_DEFAULT: u32 = 0x20;
    /// `JET_bitLogStreamMustExist`, which only the published header names.
    pub const MUST_EXIST: u32 = 0x40;
    pub const IGNORE_LOST: u32 = 0x80;
    /// A bit of the published engine: the function steers recovery itself.
    pub const EXTERNAL_CONTROL: u32 = 0x800;
}

/// A database that was moved: `JET_RSTMAP`. (jet-rstmap-structure.md)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Where it was.
    pub before: Option<PathBuf>,
    /// Where it is.
    pub after: PathBuf,
}

/// What JetInit3 is given beside the instance. (jet-rstinfo-structure.md)
#[derive(Debug, Clone, Default)]
pub struct InitOptions {
    /// `grbit`
    pub grbit: u32,
    /// `rgrstmap`
    pub moved: Vec<Moved>,
    /// `lgposStop`
    pub stop: Option<LogPosition>,
    /// `pfnStatus`
    pub status: Option<Arc<dyn Status>>,
}

impl InitOptions {
    fn has(&self, bit: u32) -> bool {
        self.grbit & bit != 0
    }
}

/// Databases by a map of the caller's.
#[derive(Debug)]
pub(super) struct Mapped<'m> {
    pub moved: &'m [Moved],
    /// What the map leaves out is where it was.
    pub rest_unmoved: bool,
    /// The files that other instances have attached.
    pub taken: &'m [PathBuf],
}

impl Places for Mapped<'_> {
    fn place(&self, database: Signature, before: &Path) -> Jet<Option<PathBuf>> {
        let place = self.mapped(database, before);
        let taken = self.taken.contains(&place);
        SHARED.refuse(taken, JetError::DatabaseSharingViolation)?;
        Ok(Some(place))
    }
}

impl Mapped<'_> {
    fn mapped(&self, database: Signature, before: &Path) -> PathBuf {
        if self.moved.is_empty() || !MAP.holds() {
            return before.to_owned();
        }
        let is_it = |moved: &&Moved| {
            image::header(&moved.after).is_ok_and(|header| header.signature == database)
        };
        let was_there = |moved: &&Moved| moved.before.as_deref() == Some(before);
        let mut moved = self.moved.iter();
        let by_signature = moved.clone().find(is_it).filter(|_| BY_SIGNATURE.holds());
        let found = by_signature.or_else(|| moved.find(was_there));
        match found {
            Some(moved) => moved.after.clone(),
            None if self.rest_unmoved || !MAP_ENTRY.holds() => before.to_owned(),
            // There is no database at no place.
            None => PathBuf::new(),
        }
    }
}

/// A recovery to do.
#[derive(Debug)]
pub(super) struct Recovery<'o> {
    pub place: LogPlace,
    pub checkpoint: PathBuf,
    pub options: &'o InitOptions,
    pub teller: Teller,
    /// Logs that had been begun were not there, which was ignored.
    pub lost: bool,
    /// The last generation of the backup that is restored.
    pub restored: Option<u32>,
    /// The files that other instances have attached.
    pub taken: Vec<PathBuf>,
}

/// Where a log goes on after recovery.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    /// Which log it is; `None` for a new one.
    pub log: Option<Signature>,
    pub end: LogEnd,
    /// What the log says is attached, though it is no longer.
    pub attached: Attached,
    /// Logs that had been begun were not there, which was ignored.
    pub lost: bool,
    /// The size that the last file was made for, in bytes.
    pub file_size: Option<u64>,
}

/// The last file of a log, as recovery needs it.
#[derive(Debug)]
pub(super) struct Tail {
    /// What is attached at the end.
    pub attached: Attached,
    pub end: LogEnd,
    /// What it holds.
    pub content: Content,
}

impl Recovery<'_> {
    /// Recovers the databases of a log.
    ///
    /// # Errors
    /// What is wrong with the log or with a file, `JET_errMissingLogFile`,
    /// `JET_errRecoveredWithoutUndo` when all that was asked for is done, and what a function of the
    /// application answers to a control notification of the published engine.
    pub(super) fn run(&mut self) -> Jet<Recovered> {
        let Some(files) = self.find()? else {
            let missing = self.options.has(bits::MUST_EXIST);
            MUST_EXIST.refuse(missing, JetError::MissingLogFile)?;
            let next = ControlPoint::missing(0, false, 5, &self.place.current());
            self.teller.control(&next, None)?;
            return Ok(Recovered::default());
        };
        self.check_current(&files)?;
        let tail = tail(&files)?;
        let mut recovered = Recovered {
            log: Some(files.log),
            end: tail.end,
            attached: tail.attached,
            lost: files.headless,
            file_size: files.files.last().map(|file| file.size),
        };
        if recovered.attached.is_empty() && NO_REDO_SILENT.holds() {
            self.end(true)?;
            self.truncate(&files)?;
            return Ok(recovered);
        }
        self.redo(&files, tail.content)?;
        recovered.lost |= self.lost;
        self.end(false)?;
        self.truncate(&files)?;
        Ok(recovered)
    }

    /// The files from the checkpoint on.
    fn find(&self) -> Jet<Option<LogFiles>> {
        let read = Checkpoint::read(&self.checkpoint);
        let damaged = matches!(read, Err(CheckpointError::Damaged));
        CHECKPOINT_DAMAGED.allow(damaged, JetError::CheckpointCorrupt)?;
        let checkpoint = read.ok();
        let from = checkpoint.map_or(0, |checkpoint| checkpoint.position.generation);
        let ours = |files: &LogFiles| checkpoint.is_some_and(|one| one.log == files.log);
        let found = log::find(&self.place, from)?;
        let lost = checkpoint.is_none() && found.is_some() && !damaged;
        CHECKPOINT_MISSING.allow(lost, JetError::CheckpointFileNotFound)?;
        if from == 0 || !found.as_ref().is_some_and(ours) {
            return Ok(log::find(&self.place, 0)?);
        }
        let first = found.as_ref().and_then(|files| files.files.first());
        let late = first.is_some_and(|file| file.generation > from);
        log::GENERATIONS.refuse(late, JetError::MissingLogFile)?;
        Ok(found)
    }

    /// Refuses a log whose last file is gone.
    fn check_current(&self, files: &LogFiles) -> Jet<()> {
        let ignored = self.options.has(bits::IGNORE_LOST) && IGNORE_LOST.holds();
        let code = LogError::Missing(self.place.current()).code();
        log::CURRENT.refuse(files.headless && !ignored, code)
    }

    /// Replays the log, and tells so.
    fn redo(&mut self, files: &LogFiles, last: Content) -> Jet<()> {
        self.teller.may_be_silent()?;
        let checkpoint = ControlPoint::checkpoint(&self.checkpoint);
        self.teller.control(&checkpoint, None)?;
        self.open_log(files.files.first(), 0)?;
        if TOLD.holds() {
            self.teller.begin();
        }
        let taken = std::mem::take(&mut self.taken);
        let places = Mapped {
            moved: &self.options.moved,
            rest_unmoved: self.options.has(bits::MAP_DEFAULT),
            taken: &taken,
        };
        let done = self.replay(files, &places, Some(last), None);
        let full = matches!(done, Err(JetError::DiskFull | JetError::DiskIO));
        let done = if full && !DISK.holds() { Ok(()) } else { done };
        let all = if FAIL_NUMBERS.holds() { 100 } else { 0 };
        match done {
            _ if !TOLD.holds() => {}
            Ok(()) | Err(JetError::RecoveredWithoutUndo) => self.teller.complete(),
            Err(_) => self.teller.fail(all),
        }
        done.and_then(|()| self.teller.verdict())
    }

    fn open_log(&mut self, file: Option<&LogFile>, databases: usize) -> Jet<()> {
        let Some(file) = file else { return Ok(()) };
        let point = ControlPoint::open(file, Reason::Redo, databases);
        self.teller.control(&point, None)
    }

    /// Replays the logs of a backup, and tells so.
    pub(super) fn restore(
        &mut self,
        files: &LogFiles,
        places: &dyn Places,
        external: bool,
    ) -> Jet<()> {
        self.teller.may_be_silent()?;
        let told = RESTORE_TOLD.holds();
        if told {
            self.teller.begin();
        }
        let behind = files.files.last().filter(|_| external);
        let behind = behind.map(|last| {
            let generation = last.generation.saturating_add(1);
            ControlPoint::missing(generation, true, 4, &self.place.current())
        });
        let done = self.replay(files, places, None, behind);
        let fails = FAIL_TOLD.holds() && !quirks::RESTORE_FAILS_SILENTLY.genuine();
        match done {
            Ok(()) if told => self.teller.complete(),
            Err(_) if fails => self.teller.fail(100),
            _ => {}
        }
        done.and_then(|()| self.teller.verdict())
    }

    /// `last_content` is what the last file holds, where that is known; `behind` is told after the last
    /// file.
    fn replay(
        &mut self,
        files: &LogFiles,
        places: &dyn Places,
        mut last_content: Option<Content>,
        behind: Option<ControlPoint>,
    ) -> Jet<()> {
        let options = self.options;
        let first = files.files.first().map_or(0, |file| file.generation);
        let mut replay = Replay::new(files.log, places);
        let mut stopped = false;
        let mut last = first;
        for (index, file) in files.files.iter().enumerate() {
            if file.current {
                let full = LogFile {
                    current: false,
                    ..file.clone()
                };
                self.open_log(Some(&full), replay.open())?;
            }
            self.open_log(Some(file), replay.open())?;
            let known = last_content.take_if(|_| index + 1 == files.files.len());
            let content = known.map_or_else(|| log::read(file), Ok)?;
            stopped = self.content(&mut replay, &content, index, files.files.len())?;
            last = file.generation;
            self.teller.control(&ControlPoint::event(301), None)?;
            if stopped {
                break;
            }
        }
        if !stopped {
            let enough = replay.check_generations(first, last);
            let lost = enough == Err(JetError::CommittedLogFilesMissing);
            let ignored = lost && options.has(bits::IGNORE_LOST) && IGNORE_LOST.holds();
            self.lost = ignored;
            if !ignored {
                enough?;
            }
        }
        if let Some(missing) = behind {
            self.teller.control(&missing, None)?;
        }
        let without = stopped || (options.has(bits::WITHOUT_UNDO) && WITHOUT_UNDO.holds());
        let default = without.then_some(JetError::RecoveredWithoutUndo);
        let begun = self
            .teller
            .control(&ControlPoint::undo(replay.open()), default);
        let undo = begun.is_ok();
        let missing = options.has(bits::IGNORE_MISSING) && IGNORE_MISSING.holds();
        match begun {
            Ok(()) | Err(JetError::RecoveredWithoutUndo) => {
                let still = replay.still_attached();
                for path in &still {
                    // Before it is done nobody minds what is answered.
                    let _ = self.tell_still_attached(path);
                }
                replay.finish(undo, missing, Sync::Memory)?;
                for path in &still {
                    self.tell_still_attached(path)?;
                }
                begun
            }
            Err(error) => Err(error),
        }
    }

    /// Replays a file; whether recovery stops there.
    fn content(
        &mut self,
        replay: &mut Replay<'_>,
        content: &Content,
        index: usize,
        files: usize,
    ) -> Jet<bool> {
        let records = content.count();
        for (number, logged) in content.records().enumerate() {
            let logged = logged?;
            let behind = self.options.stop.is_some_and(|stop| logged.position > stop);
            if behind && STOP.holds() {
                return Ok(true);
            }
            if let Some(path) = replay.leaving(&logged.record) {
                let detaching = ControlPoint::DetachingDatabase { path };
                self.teller.control(&detaching, None)?;
            }
            let attaches = matches!(logged.record, LogRecord::Attach { .. });
            replay.record(logged);
            if TOLD.holds() {
                self.teller.progress(index, number + 1, records, files);
            }
            if number == 0 || attaches {
                self.tell_caught_up(replay)?;
            }
        }
        let stop = self.options.stop.filter(|_| STOP.holds());
        // A position behind the last record of a file stops at its end.
        Ok(stop.is_some_and(|stop| stop.generation <= replay.generation()))
    }

    /// What the published engine tells of a restored database that is as far as the log is.
    fn tell_caught_up(&mut self, replay: &mut Replay<'_>) -> Jet<()> {
        let Some(restored) = self.restored else {
            return Ok(());
        };
        for path in replay.caught_up(restored) {
            let attached = ControlPoint::AttachedDatabase { path };
            self.teller.control(&attached, None)?;
        }
        Ok(())
    }

    /// What the published engine tells, before undo is done and behind it, of a database that is
    /// attached still.
    fn tell_still_attached(&mut self, path: &Path) -> Jet<()> {
        if !STILL_TOLD.holds() {
            return Ok(());
        }
        let path = path.to_owned();
        self.teller
            .control(&ControlPoint::DetachingDatabase { path }, None)
    }

    /// What the published engine tells when recovery is over.
    fn end(&mut self, clean: bool) -> Jet<()> {
        if !clean {
            self.teller.control(&ControlPoint::event(302), None)?;
        }
        let consistent = self.options.has(bits::WITHOUT_UNDO) && CONSISTENT.holds();
        let default = consistent.then_some(JetError::RecoveredWithoutUndoDatabasesConsistent);
        let point = ControlPoint::run(&self.place.current());
        self.teller.control(&point, default)
    }

    /// Removes the full files after a recovery that asked for it.
    fn truncate(&self, files: &LogFiles) -> Jet<()> {
        if !self.options.has(bits::TRUNCATE) || !TRUNCATE.holds() {
            return Ok(());
        }
        let full = files.files.iter().filter(|file| !file.current);
        remove_files(full.map(|file| file.path.clone()))
    }
}

/// Reads the last file of a log, and those before it as long as it says nothing.
pub(super) fn tail(files: &LogFiles) -> Jet<Tail> {
    let mut contents = Vec::new();
    for file in files.files.iter().rev() {
        let content = log::read(file)?;
        let says = content.count() > 0;
        contents.push((file, content));
        if says {
            break;
        }
    }
    let mut attached = Attached::new();
    for (_, content) in contents.iter().rev() {
        attached = attached_after(attached, content)?;
    }
    let numbers = contents.iter().map(|(_, content)| content.last_number());
    let last_number = numbers.max().unwrap_or(0);
    let Some((file, content)) = contents.into_iter().next() else {
        return Err(JetError::MissingLogFile);
    };
    let end = match file.current {
        // A file that says nothing is made anew.
        true if content.count() == 0 => LogEnd {
            generation: file.generation,
            length: 0,
            last_number,
        },
        true => LogEnd {
            generation: file.generation,
            length: content.length,
            last_number,
        },
        false => LogEnd {
            generation: file.generation.saturating_add(1),
            length: 0,
            last_number,
        },
    };
    Ok(Tail {
        attached,
        end,
        content,
    })
}
