//! The gates: what every session, cursor and instance call passes before anything else, in order.
//!
//! Handles first, then the state of the process and of the instance, then session sharing. A call
//! that is refused here has touched nothing.

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;
use std::thread::ThreadId;

use super::backup::CALLS_INSIDE;
use super::engine::{Engine, State};
use super::handles::{Instance, Sesid, Tableid};
use super::instance::InstanceState;
use super::operation::Operation;
use super::outcome::Jet;
use super::quirks;
use super::restore::CALLS_REFUSED;
use super::rules::rules;
use super::session::Caller;
use super::snapshot_freeze::SILENT;
use super::status::PASSED_NIL;
use super::threads;
use crate::abi::errors::JetError;

rules! {
    /// No session handle. (jet-sesid.md)
    SESID_NIL = "gate/sesid-nil";
    /// A pointer that a function cannot do without is given.
    POINTER = "gate/pointer-given";
    /// A session handle that names no live session. (jet-sesid.md)
    SESID_STALE = "gate/sesid-stale";
    /// No table handle. (jet-tableid.md)
    TABLEID_NIL = "gate/tableid-nil";
    /// A table handle that names no open cursor. (jet-tableid.md)
    TABLEID_STALE = "gate/tableid-stale";
    /// A cursor used with a session that does not own it.
    /// (extensible-storage-engine-error-codes.md)
    PAIRING = "gate/tableid-of-other-session";
    /// The session is judged before the cursor.
    SESID_FIRST = "gate/sesid-before-tableid";
    /// The cursor is judged before the other arguments.
    TABLEID_BEFORE_ARGUMENTS = "gate/tableid-before-arguments";
    /// A stopped service is judged before the other arguments.
    STOP_BEFORE_ARGUMENTS = "gate/stop-before-arguments";
    /// The state of the instance is judged before the sharing of the session.
    ORDER = "gate/order";
    /// No instance of the process is initialised. (jetregistercallback-function.md)
    NO_INSTANCE = "gate/not-initialized";
    /// Every instance of the process is terminating.
    ALL_TERMINATING = "gate/all-terminating";
    /// After JetStopService or JetStopServiceInstance. (jetstopservice-function.md)
    STOPPED = "gate/stop-service";
    /// The calls that stay allowed after JetStopService. (jetstopservice-function.md)
    STOPPED_EXCEPTIONS = "gate/stop-service-exempt";
    /// A stopped service comes before a dead instance, and that before its termination.
    STOP_FIRST = "gate/stop-before-unavailable";
    /// After a fatal error of the instance.
    UNAVAILABLE = "gate/instance-unavailable";
    /// The code after a fatal error tells a full log disk from the others.
    LOG_DISK_FULL = "gate/log-disk-full";
    /// While JetTerm runs. (jetterm-function.md)
    TERMINATING = "gate/terminating";
    /// While the instance is being restored. (jetregistercallback-function.md)
    SESSION_RESTORING = "gate/restore-in-progress";
    /// The gates are the same inside callbacks.
    INSIDE_CALLBACKS = "gate/inside-callbacks";
    /// One session used by two threads at once.
    SHARING = "gate/session-sharing";
    /// JetSetLS and JetGetLS are no exception to that.
    SHARING_LS = "gate/session-sharing-local-storage";
    /// The session of a callback is busy on every other thread.
    BUSY_ELSEWHERE = "callback/session-busy-elsewhere";
    /// The session of a callback can be used inside it. (jet-callback-callback-function.md)
    SAME_SESSION = "callback/same-session-allowed";
    /// Inside a table callback calls with other sessions are not tested for sharing either.
    SHARING_INSIDE = "gate/sharing-inside-callback";
    /// Another session inside a callback that is not a table's.
    SECOND_SESSION = "gate/second-session-reentrant";
    /// A session of the engine's own can be used inside the callback that is given it.
    ENGINE_SESSION = "gate/engine-session";
    /// While a callback runs other sessions go on.
    OTHERS_GO_ON = "callback/others-go-on";
    /// Other cursors can be closed inside a callback.
    CLOSE_OTHERS = "callback/close-other-cursors";
    /// Calls without a cursor work inside a callback.
    SESSION_CALLS = "callback/session-calls-allowed";
    /// An instance call judges a dead instance before its initialisation.
    INSTANCE_ORDER = "gate/instance-order";
    /// No instance handle where one is needed.
    INSTANCE_NIL = "gate/instance-nil";
    /// An instance handle that names no instance. (jet-instance.md)
    INSTANCE_STALE = "gate/instance-stale";
    /// An instance that JetInit has not initialised.
    NOT_INITIALIZED = "gate/begin-session-before-init";
    /// An instance whose JetInit still runs.
    INITIALIZING = "gate/begin-session-during-init";
    /// An instance that is being restored.
    INSTANCE_RESTORING = "gate/instance-restoring";
    /// While JetTerm waits for calls that are inside, sessions may still begin.
    BEGIN_DURING_TERM = "gate/begin-session-during-term";
}

/// Whether a call is one of those that stay allowed after JetStopService.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Refused after JetStopService.
    Usual,
    /// Allowed after JetStopService: JetRollback, JetCloseTable, JetEndSession, JetCloseDatabase,
    /// JetDetachDatabase, JetResetSessionContext.
    EvenStopped,
}

/// A call inside the engine: the locked state, and the session marked as busy until it is dropped.
#[derive(Debug)]
pub struct Call<'e> {
    engine: &'e Engine,
    guard: Option<MutexGuard<'e, State>>,
    /// The session of the call.
    pub sesid: Sesid,
    /// The instance of the session.
    pub instance: Instance,
    thread: ThreadId,
}

impl<'e> Call<'e> {
    /// The engine that the call is inside of.
    pub fn engine(&self) -> &'e Engine {
        self.engine
    }

    /// The thread of the call.
    pub fn thread(&self) -> ThreadId {
        self.thread
    }

    /// Lets go of the lock while code of the application runs, and takes it again.
    ///
    /// Anything may have changed when it returns; the session itself stays, because it is busy.
    pub fn unlocked<R>(&mut self, body: impl FnOnce() -> R) -> R {
        self.guard = None;
        let result = body();
        self.guard = Some(self.engine.lock());
        result
    }

    /// Waits until a snapshot lets the instance write.
    pub(super) fn wait_until_thawed(&mut self) {
        if !SILENT.holds() {
            return;
        }
        let (engine, instance) = (self.engine, self.instance);
        while let Some(longest) = self.frozen_for(instance) {
            let Some(guard) = self.guard.take() else {
                return;
            };
            let thawed = |state: &State| !state.is_frozen(instance);
            self.guard = Some(engine.wait_for(guard, Some(longest), thawed));
        }
    }
}

impl Deref for Call<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        self.guard.as_deref().expect("locked outside `unlocked`")
    }
}

impl DerefMut for Call<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.guard
            .as_deref_mut()
            .expect("locked outside `unlocked`")
    }
}

impl Drop for Call<'_> {
    /// The call leaves: local storage that it freed is given back, then its session is no longer
    /// busy with it.
    fn drop(&mut self) {
        let guard = self.guard.take().unwrap_or_else(|| self.engine.lock());
        self.guard = Some(guard);
        self.give_back();
        let Some(mut guard) = self.guard.take() else {
            return;
        };
        // What a snapshot keeps from being written keeps its call, too.
        while let Some(longest) = guard.stalled_for(self.instance) {
            let instance = self.instance;
            guard = self
                .engine
                .wait_for(guard, Some(longest), |state| !state.is_frozen(instance));
        }
        if let Some(session) = guard.sessions.get_mut(&self.sesid) {
            let last = session.inside.iter().rposition(|c| c.thread == self.thread);
            last.map(|at| session.inside.remove(at));
        }
        drop(guard);
        self.engine.notify();
    }
}

impl Engine {
    /// Enters a call with a session.
    ///
    /// # Errors
    /// In this order: `JET_errInvalidSesid`, `JET_errTermInProgress` when every instance is
    /// terminating, `JET_errClientRequestToStopJetService`, `JET_errInstanceUnavailable` or
    /// `JET_errInstanceUnavailableDueToFatalLogDiskFull`, `JET_errTermInProgress`,
    /// `JET_errSessionSharingViolation`.
    pub fn enter_session(&self, sesid: Sesid, entry: Entry) -> Jet<Call<'_>> {
        let mut guard = self.lock();
        let instance = guard.check_sesid(sesid)?;
        guard.check_state(instance, entry)?;
        guard.check_call_inside()?;
        guard.mark_busy(sesid, false)?;
        Ok(self.inside(guard, sesid, instance))
    }

    /// Enters a call with a session and a cursor of it.
    ///
    /// # Errors
    /// `JET_errInvalidSesid`, `JET_errInvalidTableId`, `JET_errSesidTableIdMismatch`, then as
    /// [`enter_session`](Self::enter_session), then `JET_errIllegalOperation` when the state of the
    /// cursor does not allow the operation.
    pub fn enter_cursor(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        operation: Operation,
    ) -> Jet<Call<'_>> {
        let mut guard = self.lock();
        if !SESID_FIRST.holds() && !guard.cursors.contains_key(&tableid) {
            return Err(JetError::InvalidTableId);
        }
        let instance = guard.check_sesid(sesid)?;
        guard.check_tableid(sesid, tableid)?;
        if !ORDER.holds() {
            guard.check_sharing(sesid, false)?;
        }
        guard.check_state(instance, operation.entry())?;
        guard.check_lent(sesid)?;
        let storage = matches!(operation, Operation::SetLS | Operation::GetLS);
        guard.mark_busy(sesid, storage)?;
        guard.note_work(|work| work.referenced = work.referenced.wrapping_add(1));
        let call = self.inside(guard, sesid, instance);
        call.check_dispatch(tableid, operation)?;
        let elsewhere = call.threads.in_callback_elsewhere(call.thread());
        if operation == Operation::Update && elsewhere {
            OTHERS_GO_ON.allow(true, JetError::SessionSharingViolation)?;
        }
        let inside = call.threads.in_callback(call.thread());
        if inside && operation == Operation::CloseTable && !CLOSE_OTHERS.holds() {
            return Err(JetError::IllegalOperation);
        }
        Ok(call)
    }

    fn inside<'e>(
        &'e self,
        guard: MutexGuard<'e, State>,
        sesid: Sesid,
        instance: Instance,
    ) -> Call<'e> {
        Call {
            engine: self,
            guard: Some(guard),
            sesid,
            instance,
            thread: threads::here(),
        }
    }

    /// Enters a call with an initialised instance, such as JetBeginSession.
    ///
    /// # Errors
    /// In this order: `JET_errInvalidParameter` for no handle, `JET_errInvalidInstance`,
    /// `JET_errClientRequestToStopJetService`, `JET_errInstanceUnavailable` (or its log-disk-full
    /// form), `JET_errTermInProgress` once JetTerm no longer waits, `JET_errRestoreInProgress`,
    /// `JET_errNotInitialized`.
    pub fn enter_instance(&self, instance: Instance) -> Jet<MutexGuard<'_, State>> {
        let guard = self.lock();
        let instance = guard.one_instance_or(instance).unwrap_or(instance);
        guard.check_instance(instance)?;
        guard.check_call_inside()?;
        Ok(guard)
    }
}

/// The single gates, in the order in which they apply.
impl State {
    /// What a stricter engine would refuse inside a callback: calls without a cursor.
    pub(super) fn check_call_inside(&self) -> Jet<()> {
        let inside = self.threads.in_callback(threads::here());
        SESSION_CALLS.allow(inside, JetError::IllegalOperation)
    }

    /// The instance of a live session.
    pub(super) fn check_sesid(&self, sesid: Sesid) -> Jet<Instance> {
        if let Some(session) = self.sessions.get(&sesid) {
            ENGINE_SESSION.allow(session.own, JetError::InvalidSesid)?;
            return Ok(session.instance);
        }
        let mut instances = self.instances.values();
        if sesid == Sesid::NIL && instances.any(|instance| instance.telling) {
            return Err(PASSED_NIL.error(JetError::InvalidSesid));
        }
        if sesid.0 == 0 || sesid == Sesid::NIL {
            return Err(SESID_NIL.error(JetError::InvalidSesid));
        }
        let none = !self.instances.values().any(|other| other.initialized);
        if none && !quirks::NOT_INITIALIZED_IS_INVALID_SESID.genuine() {
            NO_INSTANCE.refuse(true, JetError::NotInitialized)?;
        }
        Err(SESID_STALE.error(JetError::InvalidSesid))
    }

    pub(super) fn check_tableid(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        let Some(cursor) = self.cursors.get(&tableid) else {
            let nil = tableid.0 == 0 || tableid == Tableid::NIL;
            let rule = if nil { &TABLEID_NIL } else { &TABLEID_STALE };
            return Err(rule.error(JetError::InvalidTableId));
        };
        PAIRING.refuse(cursor.sesid != sesid, JetError::SesidTableIdMismatch)
    }

    fn check_state(&self, instance: Instance, entry: Entry) -> Jet<()> {
        let in_callback = self.threads.in_callback(threads::here());
        let checked = self.check_state_in_order(instance, entry);
        if in_callback && checked.is_err() {
            INSIDE_CALLBACKS.allow(true, JetError::InternalError)?;
        }
        checked
    }

    fn check_state_in_order(&self, instance: Instance, entry: Entry) -> Jet<()> {
        let all_terminating = self.instances.values().all(|other| other.terminating);
        ALL_TERMINATING.refuse(all_terminating, JetError::TermInProgress)?;
        let instance = self.instance(instance)?;
        if STOP_FIRST.holds() {
            instance.check_stopped(entry)?;
            instance.check_available()?;
        } else {
            instance.check_available()?;
            instance.check_stopped(entry)?;
        }
        TERMINATING.refuse(instance.terminating, JetError::TermInProgress)?;
        CALLS_INSIDE.allow(instance.telling, JetError::BackupInProgress)?;
        if !quirks::NO_RESTORE_ERROR_FOR_SESSIONS.genuine() {
            SESSION_RESTORING.refuse(instance.restoring, JetError::RestoreInProgress)?;
        }
        Ok(())
    }

    /// Counts the call into its session unless another thread is inside.
    fn mark_busy(&mut self, sesid: Sesid, storage: bool) -> Jet<()> {
        let here = threads::here();
        self.check_second_session(sesid, here)?;
        self.check_sharing(sesid, storage)?;
        self.session_mut(sesid)?
            .inside
            .push(Caller { thread: here });
        Ok(())
    }

    /// Refuses a session that is inside the engine already.
    fn check_sharing(&self, sesid: Sesid, storage: bool) -> Jet<()> {
        let exempt = self.exempt_from_sharing(sesid, threads::here());
        let session = self.session(sesid)?;
        let kept = SHARING.holds()
            && (!storage || SHARING_LS.holds())
            && (BUSY_ELSEWHERE.holds() || !self.threads.serves(sesid));
        if kept && !session.inside.is_empty() && !exempt {
            return Err(JetError::SessionSharingViolation);
        }
        Ok(())
    }

    /// Refuses another session on a thread that is inside a call already, in a callback that the
    /// engine does not make for a table. The published engine ends the process there.
    fn check_second_session(&self, sesid: Sesid, thread: ThreadId) -> Jet<()> {
        let inside = |session: &super::session::Session| {
            session.sesid != sesid && session.inside.iter().any(|c| c.thread == thread)
        };
        let second = !self.threads.in_callback(thread) && self.sessions.values().any(inside);
        SECOND_SESSION.refuse(second, JetError::SessionSharingViolation)
    }

    /// Whether the thread is inside a table callback, where sharing is not tested.
    fn exempt_from_sharing(&self, sesid: Sesid, thread: ThreadId) -> bool {
        if !self.threads.in_callback(thread) {
            return false;
        }
        let own = self
            .session(sesid)
            .is_ok_and(|session| session.inside.iter().any(|caller| caller.thread == thread));
        if own {
            SAME_SESSION.holds()
        } else {
            SHARING_INSIDE.holds()
        }
    }

    fn check_instance(&self, handle: Instance) -> Jet<()> {
        let instance = self.instance_argument(handle)?;
        if !INSTANCE_ORDER.holds() && !instance.initialized {
            return Err(JetError::NotInitialized);
        }
        if !INSTANCE_ORDER.holds() {
            check_locked(instance)?;
            instance.check_available()?;
        }
        instance.check_stopped(Entry::Usual)?;
        instance.check_available()?;
        let waiting = instance.terminating && !BEGIN_DURING_TERM.holds();
        TERMINATING.refuse(waiting, JetError::TermInProgress)?;
        check_locked(instance)?;
        let rule = match instance.initializing {
            Some(_) => &INITIALIZING,
            None => &NOT_INITIALIZED,
        };
        rule.refuse(!instance.initialized, JetError::NotInitialized)
    }

    /// The instance that a call names.
    ///
    /// # Errors
    /// `JET_errInvalidParameter` for no handle, `JET_errInvalidInstance` for one that names none.
    pub(super) fn instance_argument(&self, handle: Instance) -> Jet<&InstanceState> {
        let nil = handle.0 == 0 || handle == Instance::NIL;
        INSTANCE_NIL.refuse(nil, JetError::InvalidParameter)?;
        self.instances
            .get(&handle)
            .ok_or_else(|| INSTANCE_STALE.error(JetError::InvalidInstance))
    }
}

/// Refuses an instance that JetTerm no longer waits for, or that is being restored.
pub(super) fn check_locked(instance: &InstanceState) -> Jet<()> {
    TERMINATING.refuse(instance.locked, JetError::TermInProgress)?;
    let refused = instance.restoring && CALLS_REFUSED.holds();
    INSTANCE_RESTORING.refuse(refused, JetError::RestoreInProgress)
}

impl InstanceState {
    fn check_stopped(&self, entry: Entry) -> Jet<()> {
        let excepted = entry == Entry::EvenStopped && STOPPED_EXCEPTIONS.holds();
        STOPPED.refuse(
            self.stopped && !excepted,
            JetError::ClientRequestToStopJetService,
        )
    }

    fn check_available(&self) -> Jet<()> {
        let Some(error) = self.unavailable else {
            return Ok(());
        };
        let error = if LOG_DISK_FULL.holds() {
            error
        } else {
            JetError::InstanceUnavailable
        };
        UNAVAILABLE.refuse(true, error)
    }
}
