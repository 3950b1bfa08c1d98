//! JetCompact: a copy of a database into a new file, and what is told on the way.
//! (jetcompact-function.md, jet-pfnstatus-callback-function.md)

use std::sync::Arc;

use super::compact_told::Told;
use super::engine::Engine;
use super::gate::{Call, Entry};
use super::handles::Sesid;
use super::outcome::Jet;
use super::rules::rules;
use super::status::{self, Kind, Operation, Status};
use crate::abi::errors::JetError;

rules! {
    /// There is no conversion. (jetcompact-function.md)
    CONVERT = "compact/convert";
    /// Outside of transactions only. (jetcompact-function.md)
    IN_TRANSACTION = "compact/in-transaction";
    /// Begin, progress and completion are told. (jet-snt.md)
    TOLD = "compact/begin-progress-complete";
    /// A failure after the beginning is told. (jet-snt.md)
    FAIL_TOLD = "compact/fails-with-fail";
    /// With the numbers that were told last.
    FAIL_NUMBERS = "compact/fail-numbers";
    /// At the beginning both numbers are zero.
    BEGIN_ZERO = "compact/begin-zero";
    /// An error answered to the beginning.
    BEGIN_ERROR = "compact/error-from-begin";
    /// An error answered to a progress.
    PROGRESS_ERROR = "compact/error-from-progress";
    /// An error answered to the completion.
    COMPLETE_ERROR = "compact/error-from-complete";
    /// An error answered to a failure changes nothing.
    FAIL_IGNORED = "compact/error-from-fail-ignored";
    /// A warning answered to any changes nothing.
    WARNINGS_IGNORED = "compact/warnings-ignored";
    /// Success answered to any changes nothing. (jet-pfnstatus-callback-function.md)
    SUCCESS = "status/success-goes-on";
    /// Stopping the service meanwhile ends it.
    STOP_ENDS = "compact/stop-service-ends";
    /// The units in all stay the same.
    TOTAL_CONSTANT = "compact/total-constant";
    /// Some notifications come from threads of the engine's own.
    WORKERS = "compact/worker-threads";
}

/// What JetCompact is given.
#[derive(Debug, Clone)]
pub struct Compaction {
    /// `szDatabaseSrc`
    pub source: Option<String>,
    /// `szDatabaseDest`
    pub destination: Option<String>,
    /// `pfnStatus`
    pub status: Option<Arc<dyn Status>>,
    /// Whether `pconvert` is given.
    pub converts: bool,
    /// `grbit`
    pub grbit: u32,
}

/// Options. (jetcompact-function.md)
pub(super) mod bits {
    pub const STATS: u32 = 0x20;
    pub const REPAIR: u32 = 0x40;
}

/// A compaction at work.
pub(super) struct Work<'c, 'e> {
    pub(super) call: &'c mut Call<'e>,
    pub(super) sesid: Sesid,
    pub(super) given: &'c Compaction,
    told: Told,
}

impl Engine {
    /// JetCompact. (jetcompact-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errFeatureNotAvailable`, `JET_errInTransaction`, then, told
    /// to the function, an error that it answers, `JET_errFileAccessDenied`,
    /// `JET_errDatabaseInvalidPath`, `JET_errDatabaseNotFound`, `JET_errDatabaseLocked`,
    /// `JET_errDatabaseInUse`, `JET_errDatabaseDuplicate`, `JET_errInvalidPath`,
    /// `JET_errReadVerifyFailure`, `JET_errClientRequestToStopJetService`, and what is wrong with
    /// the file of the destination.
    pub fn compact(&self, sesid: Sesid, given: &Compaction) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        CONVERT.refuse(given.converts, JetError::FeatureNotAvailable)?;
        let level = call.session(sesid)?.level();
        IN_TRANSACTION.refuse(level > 0, JetError::InTransaction)?;
        status::may_be_absent(&given.status)?;
        let mut work = Work {
            call: &mut call,
            sesid,
            given,
            told: Told::new(sesid),
        };
        let copied = work.copy_after_begin();
        match copied {
            Ok(()) => work.tell(Kind::Complete, &COMPLETE_ERROR),
            Err(error) => Err(work.fail(error)),
        }
    }
}

impl Work<'_, '_> {
    fn copy_after_begin(&mut self) -> Jet<()> {
        let early = self.statistics_before_begin()?;
        self.begin()?;
        let statistics = match early {
            Some(statistics) => Some(statistics),
            None => self.statistics()?,
        };
        self.copy(statistics)
    }

    fn begin(&mut self) -> Jet<()> {
        if !BEGIN_ZERO.holds() {
            self.told.progress = status::within_total(1, 1);
        }
        for stray in status::unsupported(Operation::Compact) {
            self.notify_as(stray.0, stray.1);
        }
        self.tell(Kind::Begin, &BEGIN_ERROR)
    }

    /// Tells of a failure, whose error is then the result.
    fn fail(&mut self, error: JetError) -> JetError {
        if !FAIL_TOLD.holds() {
            return error;
        }
        if !FAIL_NUMBERS.holds() {
            self.told.progress = status::within_total(100, 100);
        }
        let answered = self.notify(Kind::Fail);
        if answered < 0 && !FAIL_IGNORED.holds() {
            return JetError::from_code(answered);
        }
        error
    }

    /// Tells how far it is.
    ///
    /// # Errors
    /// An error that the function answers.
    fn tell(&mut self, kind: Kind, rule: &super::rules::Rule) -> Jet<()> {
        if !TOLD.holds() && kind != Kind::Progress {
            return Ok(());
        }
        let answered = self.notify(kind);
        self.heed(answered, rule)
    }

    fn heed(&self, answered: i32, rule: &super::rules::Rule) -> Jet<()> {
        if answered > 0 && !WARNINGS_IGNORED.holds() {
            return Err(JetError::from_code(answered));
        }
        SUCCESS.allow(
            answered == 0 && self.given.status.is_some(),
            JetError::CallbackFailed,
        )?;
        rule.refuse(answered < 0, JetError::from_code(answered))
    }

    fn notify(&mut self, kind: Kind) -> i32 {
        self.notify_as(Operation::Compact, kind)
    }

    fn notify_as(&mut self, operation: Operation, kind: Kind) -> i32 {
        let Some(status) = &self.given.status else {
            return 0;
        };
        let notification = self.told.notification(operation, kind);
        self.told.around(self.call, || status.notify(&notification))
    }

    /// Goes on by so many units.
    ///
    /// # Errors
    /// An error that the function answers, `JET_errClientRequestToStopJetService`.
    pub(super) fn advance(&mut self, units: u32, total: u32) -> Jet<()> {
        self.count(units, total);
        self.tell(Kind::Progress, &PROGRESS_ERROR)?;
        self.check_stopped()
    }

    /// The same, told by a thread of the engine's own.
    pub(super) fn advance_elsewhere(&mut self, units: u32, total: u32) -> Jet<()> {
        if !WORKERS.holds() {
            return self.advance(units, total);
        }
        self.count(units, total);
        let Some(status) = &self.given.status else {
            return self.check_stopped();
        };
        let notification = self.told.notification(Operation::Compact, Kind::Progress);
        let answered = self.told.around(self.call, || {
            std::thread::scope(|scope| {
                let worker = scope.spawn(|| status.notify(&notification));
                // A function that unwinds has failed.
                worker.join().unwrap_or(JetError::CallbackFailed.code())
            })
        });
        self.heed(answered, &PROGRESS_ERROR)?;
        self.check_stopped()
    }

    fn count(&mut self, units: u32, total: u32) {
        let done = self.told.done.saturating_add(units).min(total);
        self.told.done = done;
        let total = match TOTAL_CONSTANT.holds() {
            true => total,
            false => total.saturating_add(done),
        };
        self.told.progress = status::within_total(done, total);
    }

    fn check_stopped(&self) -> Jet<()> {
        let instance = self.call.instance;
        let stopped = self.call.instance(instance)?.stopped;
        STOP_ENDS.refuse(stopped, JetError::ClientRequestToStopJetService)
    }
}
