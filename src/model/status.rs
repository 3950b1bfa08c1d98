//! Notifications of long operations: `JET_PFNSTATUS`.
//!
//! (jet-pfnstatus-callback-function.md, jet-snp.md, jet-snt.md, jet-snprog-structure.md)

use std::fmt::Debug;
use std::sync::Arc;

use super::handles::Sesid;
use super::outcome::Jet;
use super::recovery_status::Control;
use super::rules::{Rule, rules};
use crate::abi::errors::JetError;

rules! {
    /// Backup, restore and recovery tell where they were called.
    THREAD = "status/thread-of-call";
    /// Without a function nothing is told.
    NULL_FUNCTION = "status/null-function";
    /// The arguments come in their order. (jet-pfnstatus-callback-function.md)
    ARGUMENT_ORDER = "status/argument-order";
    /// JetCompact tells the session that made the call. (jet-pfnstatus-callback-function.md)
    SESID_OF_CALLER = "status/sesid-of-caller";
    /// Other operations tell no session.
    SESID_NIL_ELSEWHERE = "status/sesid-nil-elsewhere";
    /// Which is none to call with.
    PASSED_NIL = "status/passed-sesid-nil";
    /// The pointer is null or points to a JET_SNPROG. (jet-pfnstatus-callback-function.md)
    POINTER = "status/pv-null-or-progress";
    /// A JET_SNPROG says its size. (jet-snprog-structure.md)
    SIZE = "status/progress-structure";
    /// The units done are never more than the units in all. (jet-snprog-structure.md)
    WITHIN_TOTAL = "status/done-within-total";
    /// And never get fewer.
    NEVER_FALLS = "status/done-never-falls";
    /// What is not supported is not sent. (jet-snp.md, jet-snt.md)
    UNSUPPORTED = "status/no-operation-sends";
    /// Nor is an upgrade of the record format.
    RECORD_FORMAT = "status/record-format-never";
    /// The number of a compaction. (jet-snp.md)
    COMPACT = "snp/compact";
    /// The number of a restore. (jet-snp.md)
    RESTORE = "snp/restore";
    /// The number of a backup. (jet-snp.md)
    BACKUP = "snp/backup";
    /// The number of a progress. (jet-snt.md)
    PROGRESS = "snt/progress";
    /// The number of a failure. (jet-snt.md)
    FAIL = "snt/fail";
    /// The number of a beginning. (jet-snt.md)
    BEGIN = "snt/begin";
    /// The number of a completion. (jet-snt.md)
    COMPLETE = "snt/complete";
}

/// What kind of notification: `JET_SNT`. (jet-snt.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `JET_sntProgress`
    Progress = 0,
    /// `JET_sntFail`
    Fail = 3,
    /// `JET_sntBegin`
    Begin = 5,
    /// `JET_sntComplete`
    Complete = 6,
    /// `JET_sntRequirements`, which is not supported.
    Requirements = 7,
}

/// Which operation: `JET_SNP`. (jet-snp.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `JET_snpCompact`
    Compact = 4,
    /// `JET_snpRestore`
    Restore = 8,
    /// `JET_snpBackup`
    Backup = 9,
    /// `JET_snpUpgradeRecordFormat`, which nothing sends.
    UpgradeRecordFormat = 12,
}

/// How far an operation is. (jet-snprog-structure.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// `cunitDone`
    pub done: u32,
    /// `cunitTotal`
    pub total: u32,
}

/// A notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notification {
    /// The session that is told.
    pub sesid: Sesid,
    /// The operation.
    pub operation: Operation,
    /// The kind.
    pub kind: Kind,
    /// How far it is, `None` for a null pointer.
    pub progress: Option<Progress>,
}

impl Notification {
    /// `snp` and `snt`, as the function gets them.
    pub fn numbers(&self) -> (u32, u32) {
        let rule = |rule: &Rule, number: u32, other: u32| if rule.holds() { number } else { other };
        /// `JET_snpRepair`
        const REPAIR: u32 = 2;
        let snp = match self.operation {
            Operation::Compact => rule(&COMPACT, self.operation as u32, REPAIR),
            Operation::Restore => rule(&RESTORE, self.operation as u32, REPAIR),
            Operation::Backup => rule(&BACKUP, self.operation as u32, REPAIR),
            Operation::UpgradeRecordFormat => self.operation as u32,
        };
        let requirements = Kind::Requirements as u32;
        let snt = match self.kind {
            Kind::Progress => rule(&PROGRESS, self.kind as u32, requirements),
            Kind::Fail => rule(&FAIL, self.kind as u32, requirements),
            Kind::Begin => rule(&BEGIN, self.kind as u32, requirements),
            Kind::Complete => rule(&COMPLETE, self.kind as u32, requirements),
            Kind::Requirements => self.kind as u32,
        };
        match ARGUMENT_ORDER.holds() {
            true => (snp, snt),
            false => (snt, snp),
        }
    }

    /// `cbStruct`, in bytes, of the structure whose size is `size`.
    pub fn size(&self, size: u32) -> u32 {
        match (POINTER.holds(), SIZE.holds()) {
            (false, _) => 0,
            (_, false) => size / 2,
            _ => size,
        }
    }
}

/// A function that is told about an operation.
pub trait Status: Debug + Send + Sync {
    /// Calls the function and gives what it answers.
    fn notify(&self, notification: &Notification) -> i32;

    /// Calls the function with a control notification of the published engine.
    fn control(&self, control: &Control) -> i32 {
        control.default
    }
}

/// Tells a function on the thread of the call.
pub(super) fn notify_here(status: &dyn Status, notification: &Notification) -> i32 {
    if THREAD.holds() {
        return status.notify(notification);
    }
    // A sloppy engine has a thread for it.
    let told = std::thread::scope(|scope| {
        let other = scope.spawn(|| status.notify(notification));
        other.join()
    });
    told.unwrap_or(0)
}

/// An operation that nobody is to be told about goes on.
pub(super) fn may_be_absent(status: &Option<Arc<dyn Status>>) -> Jet<()> {
    NULL_FUNCTION.allow(status.is_none(), JetError::InvalidParameter)
}

/// The session that a notification tells.
pub(super) fn told(sesid: Sesid) -> Sesid {
    if SESID_OF_CALLER.holds() {
        sesid
    } else {
        Sesid::NIL
    }
}

/// The session that an operation tells which was called without one.
pub(super) fn no_session() -> Sesid {
    if SESID_NIL_ELSEWHERE.holds() {
        Sesid::NIL
    } else {
        Sesid(0)
    }
}

/// How far an operation is, as it is told.
pub(super) fn within_total(done: u32, total: u32) -> Progress {
    let total = if WITHIN_TOTAL.holds() {
        total
    } else {
        done / 2
    };
    let done = if NEVER_FALLS.holds() {
        done
    } else {
        total.saturating_sub(done)
    };
    Progress { done, total }
}

/// What an engine sends in addition that does not know what is not supported.
pub(super) fn unsupported(operation: Operation) -> impl Iterator<Item = (Operation, Kind)> {
    let requirements = (!UNSUPPORTED.holds()).then_some((operation, Kind::Requirements));
    let format = (Operation::UpgradeRecordFormat, Kind::Begin);
    let format = (!RECORD_FORMAT.holds()).then_some(format);
    requirements.into_iter().chain(format)
}
