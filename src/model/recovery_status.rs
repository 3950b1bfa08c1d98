//! What is told of a recovery, with the control notifications of the published engine.
//!
//! (jet-pfnstatus-callback-function.md, jet-snp.md, jet-snt.md)

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::durable::log::LogFile;
use super::handles::Instance;
use super::outcome::Jet;
use super::quirks;
use super::rules::{Rule, rules};
use super::status::{self, Kind, Notification, Operation, Status};
use crate::abi::errors::JetError;

rules! {
    /// What the function answers at recovery is ignored.
    INIT_RESULTS_IGNORED = "restore/rstinfo-results-ignored";
    /// And at a restore.
    RESTORE_RESULTS_IGNORED = "restore/results-ignored";
    /// What it answers to a control notification counts.
    STEERS = "recovery/control-steers";
    /// Save to that of an event.
    EVENTS_IGNORED = "recovery/control-events-ignored";
    /// Success lets it go on without the error that it would have had.
    SUCCESS = "recovery/control-success";
    /// Inside of it the parameters of the instance can be read.
    PARAMETER = "recovery/control-parameter";
    /// A recovery begins with its checkpoint.
    CHECKPOINT_TOLD = "recovery/control-checkpoint";
    /// A log that is not there is told.
    MISSING_TOLD = "recovery/control-missing-log";
    /// And the one that is written to from then on.
    RUN_TOLD = "recovery/control-running";
    /// A restored database that is as far as the log is told.
    ATTACHED_TOLD = "recovery/control-attached";
    /// What is still attached at the end is told.
    STILL_TOLD = "recovery/control-still-attached";
    /// And that the log goes on to detach it.
    DETACHING_TOLD = "recovery/control-detaching";
    /// Progress rises to a hundred.
    PERCENTAGES = "restore/percentages";
    /// And nothing else. (jet-snp.md)
    ONLY = "restore/control-notifications";
    /// With many files of the log progress is told at the end of each.
    GRANULARITY = "restore/progress-granularity";
}

/// Why a log is opened. Only the published engine tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// `JET_OpenLogForRedo`
    Redo = 2,
    /// `JET_OpenLogForDo`
    Run = 4,
}

/// A point at which the published engine lets the application steer recovery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlPoint {
    /// `JET_sntOpenLog`
    OpenLog {
        /// The generation, zero where it does not matter.
        generation: u32,
        /// It is the file that is written to.
        current: bool,
        /// Why.
        reason: Reason,
        /// How many databases are open.
        databases: u32,
        /// The file.
        path: PathBuf,
    },
    /// `JET_sntOpenCheckpoint`
    OpenCheckpoint {
        /// The file.
        path: PathBuf,
    },
    /// `JET_sntMissingLog`
    MissingLog {
        /// The generation.
        generation: u32,
        /// It is the file that is written to.
        current: bool,
        /// What happens next.
        next: u8,
        /// The file.
        path: PathBuf,
    },
    /// `JET_sntBeginUndo`
    BeginUndo {
        /// How many databases are open.
        databases: u32,
    },
    /// `JET_sntNotificationEvent`
    Event {
        /// The number of the event.
        id: u32,
    },
    /// `JET_sntAttachedDb`
    AttachedDatabase {
        /// The file.
        path: PathBuf,
    },
    /// `JET_sntDetachingDb`
    DetachingDatabase {
        /// The file.
        path: PathBuf,
    },
}

impl ControlPoint {
    /// A file is opened.
    pub(super) fn open(file: &LogFile, reason: Reason, databases: usize) -> Self {
        Self::OpenLog {
            generation: file.generation,
            current: file.current,
            reason,
            databases: databases as u32,
            path: file.path.clone(),
        }
    }

    /// The log is opened to be written to.
    pub(super) fn run(path: &Path) -> Self {
        Self::OpenLog {
            generation: 0,
            current: true,
            reason: Reason::Run,
            databases: 0,
            path: path.to_owned(),
        }
    }

    pub(super) fn checkpoint(path: &Path) -> Self {
        Self::OpenCheckpoint {
            path: path.to_owned(),
        }
    }

    pub(super) fn missing(generation: u32, current: bool, next: u8, path: &Path) -> Self {
        Self::MissingLog {
            generation,
            current,
            next,
            path: path.to_owned(),
        }
    }

    pub(super) fn undo(databases: usize) -> Self {
        Self::BeginUndo {
            databases: databases as u32,
        }
    }

    pub(super) fn event(id: u32) -> Self {
        Self::Event { id }
    }

    /// Whether it is told at all.
    fn is_told(&self) -> bool {
        match self {
            Self::OpenCheckpoint { .. } => CHECKPOINT_TOLD.holds(),
            Self::MissingLog { .. } => MISSING_TOLD.holds(),
            Self::OpenLog { reason, .. } if *reason == Reason::Run => RUN_TOLD.holds(),
            Self::AttachedDatabase { .. } => ATTACHED_TOLD.holds(),
            Self::DetachingDatabase { .. } => DETACHING_TOLD.holds(),
            _ => true,
        }
    }

    /// The kind of notification.
    pub fn snt(&self) -> u32 {
        match self {
            Self::OpenLog { .. } => 1001,
            Self::OpenCheckpoint { .. } => 1002,
            Self::MissingLog { .. } => 1004,
            Self::BeginUndo { .. } => 1005,
            Self::Event { .. } => 1006,
            Self::AttachedDatabase { .. } => 1008,
            Self::DetachingDatabase { .. } => 1009,
        }
    }
}

/// A control notification of the published engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// What the function is to answer where it has no wish of its own.
    pub default: i32,
    /// The instance.
    pub instance: Instance,
    /// The point.
    pub point: ControlPoint,
}

thread_local!(static INSIDE: Cell<Option<Instance>> = const { Cell::new(None) });

/// Whether this thread is inside a control notification about the instance.
pub(super) fn is_inside_control(handle: Instance) -> bool {
    INSIDE.get() == Some(handle)
}

/// Tells a function of the application how far a recovery is.
#[derive(Debug)]
pub(super) struct Teller {
    status: Option<Arc<dyn Status>>,
    instance: Instance,
    /// Whether control notifications are passed on.
    controls: bool,
    /// The rule that what the function answers is ignored.
    ignored: &'static Rule,
    /// From so many files of the log on, progress is told once for each.
    fine_below: usize,
    /// Then the end of the last one is told, too.
    tells_last: bool,
    /// An answer that was not ignored.
    answered: Option<JetError>,
    last: u32,
}

impl Teller {
    /// For JetInit3.
    pub(super) fn of_init(
        status: Option<Arc<dyn Status>>,
        instance: Instance,
        controls: bool,
    ) -> Self {
        Self {
            status,
            instance,
            controls,
            ignored: &INIT_RESULTS_IGNORED,
            fine_below: 66,
            tells_last: false,
            answered: None,
            last: 0,
        }
    }

    /// For the restores.
    pub(super) fn of_restore(status: Option<Arc<dyn Status>>, instance: Instance) -> Self {
        Self {
            ignored: &RESTORE_RESULTS_IGNORED,
            fine_below: 60,
            tells_last: true,
            ..Self::of_init(status, instance, true)
        }
    }

    /// Nobody need be told.
    ///
    /// # Errors
    /// None of the documents'.
    pub(super) fn may_be_silent(&self) -> Jet<()> {
        status::may_be_absent(&self.status)
    }

    pub(super) fn begin(&mut self) {
        self.last = 0;
        self.tell(Kind::Begin, 0);
    }

    pub(super) fn complete(&mut self) {
        self.tell(Kind::Complete, 100);
    }

    pub(super) fn fail(&mut self, done: u32) {
        self.tell(Kind::Fail, done);
    }

    /// What the function answered, where that counts.
    pub(super) fn verdict(&mut self) -> Jet<()> {
        self.answered.take().map_or(Ok(()), Err)
    }

    /// Tells how far it is, where that is further than before: so many records of so many are done
    /// of the file of that index.
    pub(super) fn progress(&mut self, index: usize, done: usize, records: usize, files: usize) {
        let fine = files < self.fine_below || !GRANULARITY.holds();
        let ends = done == records && (self.tells_last || index + 1 < files);
        if !fine && !ends {
            return;
        }
        let whole = index * 100 / files.max(1);
        let part = done * 100 / records.max(1) / files.max(1);
        let percent = (whole + part).min(100) as u32;
        if percent > self.last {
            self.last = percent;
            self.tell(Kind::Progress, percent);
        }
    }

    fn tell(&mut self, kind: Kind, done: u32) {
        let Some(status) = &self.status else { return };
        let done = if PERCENTAGES.holds() { done } else { done * 2 };
        let notification = Notification {
            sesid: status::no_session(),
            operation: Operation::Restore,
            kind,
            progress: Some(status::within_total(done, 100)),
        };
        let answered = status::notify_here(&**status, &notification);
        if answered < 0 && !self.ignored.holds() {
            self.answered = Some(JetError::from_code(answered));
        }
    }

    /// Lets the application steer, as the published engine does.
    ///
    /// # Errors
    /// What the function answers; the default where it is not asked.
    pub(super) fn control(&mut self, point: &ControlPoint, default: Option<JetError>) -> Jet<()> {
        let asked = self.controls && quirks::CONTROL_NOTIFICATIONS.genuine() == ONLY.holds();
        let asked = asked && point.is_told();
        let Some(status) = self.status.as_ref().filter(|_| asked) else {
            return default.map_or(Ok(()), Err);
        };
        let outside = INSIDE.replace(PARAMETER.holds().then_some(self.instance));
        let answered = status.control(&Control {
            default: default.map_or(0, |error| error.code()),
            instance: self.instance,
            point: point.clone(),
        });
        INSIDE.set(outside);
        let event = matches!(point, ControlPoint::Event { .. }) && EVENTS_IGNORED.holds();
        match default {
            _ if answered < 0 && !event && STEERS.holds() => Err(JetError::from_code(answered)),
            Some(error) if !SUCCESS.holds() => Err(error),
            _ => Ok(()),
        }
    }
}
