//! What a compaction tells, and what may be called meanwhile. (jet-pfnstatus-callback-function.md)

use super::gate::Call;
use super::handles::Sesid;
use super::rules::rules;
use super::session::Caller;
use super::status::{self, Kind, Notification, Operation, Progress};

rules! {
    /// Every notification tells how far it is.
    STRUCTURE = "compact/always-progress-structure";
    /// The session that compacts is busy.
    SESSION_BUSY = "compact/session-busy";
    /// Another session on another thread is not.
    OTHER_SESSION = "compact/other-session";
    /// Parameters can be asked for.
    PARAMETERS_INSIDE = "compact/parameters-inside";
}

/// What was told last.
pub(super) struct Told {
    sesid: Sesid,
    /// The units done.
    pub(super) done: u32,
    /// The same, and the units in all, as they are told.
    pub(super) progress: Progress,
}

impl Told {
    pub(super) fn new(sesid: Sesid) -> Self {
        Self {
            sesid,
            done: 0,
            progress: Progress::default(),
        }
    }

    pub(super) fn notification(&self, operation: Operation, kind: Kind) -> Notification {
        Notification {
            sesid: status::told(self.sesid),
            operation,
            kind,
            progress: STRUCTURE.holds().then_some(self.progress),
        }
    }

    /// Calls the function without the lock, with everything that is refused or allowed inside.
    pub(super) fn around(&self, call: &mut Call<'_>, told: impl FnOnce() -> i32) -> i32 {
        let refused = self.refuse_what_is_allowed(call);
        let answered = call.unlocked(told);
        self.take_back(call, refused);
        answered
    }

    /// Makes an engine sloppy that lacks a rule about calls from inside. Gives the callers of the
    /// session, where they were set aside.
    fn refuse_what_is_allowed(&self, call: &mut Call<'_>) -> Option<Vec<Caller>> {
        let instance = call.instance;
        if !PARAMETERS_INSIDE.holds()
            && let Ok(instance) = call.instance_mut(instance)
        {
            instance.locked = true;
        }
        if !OTHER_SESSION.holds() {
            let busy = Caller {
                thread: call.thread(),
            };
            let others = call.sessions.values_mut();
            for other in others.filter(|session| session.sesid != self.sesid) {
                other.inside.push(busy);
            }
        }
        if SESSION_BUSY.holds() {
            return None;
        }
        let session = call.session_mut(self.sesid).ok()?;
        Some(std::mem::take(&mut session.inside))
    }

    fn take_back(&self, call: &mut Call<'_>, callers: Option<Vec<Caller>>) {
        let (instance, thread) = (call.instance, call.thread());
        if !PARAMETERS_INSIDE.holds()
            && let Ok(instance) = call.instance_mut(instance)
        {
            instance.locked = false;
        }
        if !OTHER_SESSION.holds() {
            let others = call.sessions.values_mut();
            for other in others.filter(|session| session.sesid != self.sesid) {
                other.inside.retain(|caller| caller.thread != thread);
            }
        }
        if let (Some(callers), Ok(session)) = (callers, call.session_mut(self.sesid)) {
            session.inside = callers;
        }
    }
}
