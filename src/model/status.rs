//! Notifications of long operations: `JET_PFNSTATUS`. (jet-pfnstatus-callback-function.md)

use std::fmt::Debug;

use super::handles::Sesid;
use super::rules::rules;

rules! {
    /// JetCompact tells the session that made the call. (jet-pfnstatus-callback-function.md)
    SESID_OF_CALLER = "status/sesid-of-caller";
    /// The units done are never more than the units in all. (jet-snprog-structure.md)
    WITHIN_TOTAL = "status/done-within-total";
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

/// A function that is told about an operation.
pub trait Status: Debug + Send + Sync {
    /// Calls the function and gives what it answers.
    fn notify(&self, notification: &Notification) -> i32;
}

/// The session that a notification tells.
pub(super) fn told(sesid: Sesid) -> Sesid {
    if SESID_OF_CALLER.holds() {
        sesid
    } else {
        Sesid::NIL
    }
}

/// How far an operation is, as it is told.
pub(super) fn within_total(done: u32, total: u32) -> Progress {
    let total = if WITHIN_TOTAL.holds() {
        total
    } else {
        done / 2
    };
    Progress { done, total }
}
