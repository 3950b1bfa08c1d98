//! JetCompact: a copy of a database, and what is told on the way. (jetcompact-function.md)

use std::path::Path;
use std::sync::Arc;

use super::database::file;
use super::durable::contents::DatabaseImage;
use super::durable::image::{self, Sync};
use super::engine::Engine;
use super::gate::{Call, Entry};
use super::handles::{Dbid, Sesid};
use super::outcome::Jet;
use super::rules::{Rule, rules};
use super::status::{self, Kind, Notification, Operation, Progress, Status};
use super::store::{Order, View};
use crate::abi::errors::JetError;

rules! {
    /// There is no conversion. (jetcompact-function.md)
    CONVERT = "compact/convert";
    /// Outside of transactions only. (jetcompact-function.md)
    IN_TRANSACTION = "compact/in-transaction";
    /// Begin, progress and completion are told. (jet-pfnstatus-callback-function.md)
    TOLD = "compact/begin-progress-complete";
    /// A failure after the beginning is told. (jet-pfnstatus-callback-function.md)
    FAIL_TOLD = "compact/fails-with-fail";
    /// Every notification tells how far it is.
    STRUCTURE = "compact/always-progress-structure";
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
    /// The path of the source.
    SOURCE_PATH = "compact/source-not-attached";
    /// The path of the destination.
    DESTINATION = "compact/destination-exists";
    /// A failure leaves the half-made destination.
    PARTIAL_STAYS = "compact/partial-destination-stays";
    /// Stopping the service meanwhile ends it.
    STOP_ENDS = "compact/stop-service-ends";
}

/// The units that stand for a database without rows, before and after its tables.
const UNITS_BEFORE: u32 = 20;
const UNITS_AFTER: u32 = 10;

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
}

/// A compaction at work.
struct Work<'c, 'e> {
    call: &'c mut Call<'e>,
    sesid: Sesid,
    status: Option<Arc<dyn Status>>,
    progress: Progress,
}

impl Engine {
    /// JetCompact. Options are ignored. (jetcompact-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errFeatureNotAvailable`, `JET_errInTransaction`,
    /// `JET_errDatabaseInvalidPath`, `JET_errDatabaseNotFound`, `JET_errDatabaseDuplicate`, an error
    /// that the function answers, `JET_errClientRequestToStopJetService`.
    pub fn compact(&self, sesid: Sesid, given: &Compaction) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        CONVERT.refuse(given.converts, JetError::FeatureNotAvailable)?;
        let level = call.session(sesid)?.level();
        IN_TRANSACTION.refuse(level > 0, JetError::InTransaction)?;
        let mut work = Work {
            call: &mut call,
            sesid,
            status: given.status.clone(),
            progress: Progress::default(),
        };
        let copied = work.begin().and_then(|()| work.copy(given));
        match copied {
            Ok(()) => work.tell(Kind::Complete, &COMPLETE_ERROR),
            Err(error) => Err(work.fail(error)),
        }
    }
}

impl Work<'_, '_> {
    fn begin(&mut self) -> Jet<()> {
        if !BEGIN_ZERO.holds() {
            self.progress = status::within_total(1, 1);
        }
        self.tell(Kind::Begin, &BEGIN_ERROR)
    }

    /// Tells of a failure, whose error is then the result.
    fn fail(&mut self, error: JetError) -> JetError {
        if !FAIL_TOLD.holds() {
            return error;
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
    fn tell(&mut self, kind: Kind, rule: &Rule) -> Jet<()> {
        if !TOLD.holds() && kind != Kind::Progress {
            return Ok(());
        }
        let answered = self.notify(kind);
        if answered > 0 && !WARNINGS_IGNORED.holds() {
            return Err(JetError::from_code(answered));
        }
        rule.refuse(answered < 0, JetError::from_code(answered))
    }

    fn notify(&mut self, kind: Kind) -> i32 {
        let Some(status) = self.status.clone() else {
            return 0;
        };
        let notification = Notification {
            sesid: status::told(self.sesid),
            operation: Operation::Compact,
            kind,
            progress: STRUCTURE.holds().then_some(self.progress),
        };
        self.call.unlocked(|| status.notify(&notification))
    }

    /// Goes on by so many units.
    fn advance(&mut self, units: u32, total: u32) -> Jet<()> {
        let done = self.progress.done.saturating_add(units).min(total);
        self.progress = status::within_total(done, total);
        self.tell(Kind::Progress, &PROGRESS_ERROR)?;
        let instance = self.call.instance;
        let stopped = self.call.instance(instance)?.stopped;
        STOP_ENDS.refuse(stopped, JetError::ClientRequestToStopJetService)
    }

    fn copy(&mut self, given: &Compaction) -> Jet<()> {
        let source = file(given.source.as_deref(), &SOURCE_PATH)?;
        let destination = file(given.destination.as_deref(), &DESTINATION)?;
        let instance = self.call.instance;
        let attached = self.call.attached(instance, &source);
        let dbid = attached.map(|database| database.dbid);
        let dbid = dbid.ok_or_else(|| SOURCE_PATH.error(JetError::DatabaseNotFound))?;
        DESTINATION.refuse(destination.exists(), JetError::DatabaseDuplicate)?;
        let copied = self.copy_to(dbid, &destination);
        if copied.is_err() && !PARTIAL_STAYS.holds() {
            // Nobody misses a half-made copy.
            let _ = std::fs::remove_file(&destination);
        }
        copied
    }

    fn copy_to(&mut self, dbid: Dbid, destination: &Path) -> Jet<()> {
        let instance = self.call.instance;
        let image = self.call.database_image(instance, dbid)?;
        write(destination, &DatabaseImage::new(image.page_size))?;
        let counts: Vec<u32> = self
            .call
            .tables_in((instance, dbid))
            .into_iter()
            .filter_map(|key| self.call.table(key).ok())
            .map(|table| table.rows.entries(View::LEVEL_0, Order::Primary).count())
            .map(|rows| u32::try_from(rows).unwrap_or(u32::MAX).saturating_add(1))
            .collect();
        let rows = counts
            .iter()
            .fold(0u32, |sum, rows| sum.saturating_add(*rows));
        let total = rows.saturating_add(UNITS_BEFORE + UNITS_AFTER);
        self.advance(UNITS_BEFORE, total)?;
        for rows in counts {
            self.advance(rows, total)?;
        }
        write(destination, &image)
    }
}

fn write(path: &Path, contents: &DatabaseImage) -> Jet<()> {
    image::write(path, contents, Sync::Memory)?;
    Ok(())
}
