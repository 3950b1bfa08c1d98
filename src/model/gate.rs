//! The gates: what every session, cursor and instance call passes before anything else, in order.
//!
//! Handles first, then the state of the process and of the instance, then session sharing. A call
//! that is refused here has touched nothing.

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;
use std::thread::ThreadId;

use super::dispatch::Operation;
use super::engine::{Engine, State};
use super::handles::{Instance, Sesid, Tableid};
use super::outcome::Jet;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// A session handle that names no live session. (jet-sesid.md)
    SESID = "gate/sesid";
    /// A table handle that names no open cursor. (jet-tableid.md)
    TABLEID = "gate/tableid";
    /// A cursor used with a session that does not own it.
    /// (extensible-storage-engine-error-codes.md)
    PAIRING = "gate/session-owns-table";
    /// Every instance of the process is terminating.
    ALL_TERMINATING = "gate/all-terminating";
    /// After JetStopService or JetStopServiceInstance. (jetstopservice-function.md)
    STOPPED = "gate/stop-service";
    /// The calls that stay allowed after JetStopService. (jetstopservice-function.md)
    STOPPED_EXCEPTIONS = "gate/allowed-after-stop-service";
    /// After a fatal error of the instance.
    UNAVAILABLE = "gate/unavailable";
    /// While JetTerm runs. (jetterm-function.md)
    TERMINATING = "gate/terminating";
    /// One session used by two threads at once.
    SHARING = "gate/session-sharing";
    /// Inside a table callback calls with any session are not tested for sharing.
    /// (jet-callback-callback-function.md)
    CALLBACK_EXEMPT = "gate/callback-exempt-from-sharing";
    /// No instance handle where one is needed.
    INSTANCE_NIL = "gate/instance-nil";
    /// An instance handle that names no instance. (jet-instance.md)
    INSTANCE = "gate/instance";
    /// An instance that JetInit has not initialised, or not yet.
    NOT_INITIALIZED = "gate/not-initialized";
    /// An instance that is being restored.
    RESTORING = "gate/restoring";
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
    /// The call leaves: its session is no longer busy with it.
    fn drop(&mut self) {
        let mut guard = self.guard.take().unwrap_or_else(|| self.engine.lock());
        if let Some(session) = guard.sessions.get_mut(&self.sesid) {
            session.inside = session.inside.saturating_sub(1);
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
        guard.mark_busy(sesid)?;
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
        let instance = guard.check_sesid(sesid)?;
        guard.check_tableid(sesid, tableid)?;
        guard.check_state(instance, operation.entry())?;
        guard.mark_busy(sesid)?;
        let call = self.inside(guard, sesid, instance);
        call.check_dispatch(tableid, operation)?;
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
            thread: std::thread::current().id(),
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
        guard.check_instance(instance)?;
        Ok(guard)
    }
}

/// The single gates, in the order in which they apply.
impl State {
    /// The instance of a live session.
    fn check_sesid(&self, sesid: Sesid) -> Jet<Instance> {
        self.sessions
            .get(&sesid)
            .map(|session| session.instance)
            .ok_or_else(|| SESID.error(JetError::InvalidSesid))
    }

    fn check_tableid(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        let owner = self
            .cursors
            .get(&tableid)
            .map(|cursor| cursor.sesid)
            .ok_or_else(|| TABLEID.error(JetError::InvalidTableId))?;
        PAIRING.refuse(owner != sesid, JetError::SesidTableIdMismatch)
    }

    fn check_state(&self, instance: Instance, entry: Entry) -> Jet<()> {
        let all_terminating = self.instances.values().all(|other| other.terminating);
        ALL_TERMINATING.refuse(all_terminating, JetError::TermInProgress)?;
        let instance = self.instance(instance)?;
        let excepted = entry == Entry::EvenStopped && STOPPED_EXCEPTIONS.holds();
        STOPPED.refuse(
            instance.stopped && !excepted,
            JetError::ClientRequestToStopJetService,
        )?;
        if let Some(error) = instance.unavailable {
            UNAVAILABLE.refuse(true, error)?;
        }
        TERMINATING.refuse(instance.terminating, JetError::TermInProgress)
    }

    /// Counts the call into its session unless another thread is inside.
    fn mark_busy(&mut self, sesid: Sesid) -> Jet<()> {
        let in_callback = self.threads.in_callback(std::thread::current().id());
        let exempt = in_callback && CALLBACK_EXEMPT.holds();
        let session = self.session_mut(sesid)?;
        SHARING.refuse(
            session.inside > 0 && !exempt,
            JetError::SessionSharingViolation,
        )?;
        session.inside += 1;
        Ok(())
    }

    fn check_instance(&self, handle: Instance) -> Jet<()> {
        INSTANCE_NIL.refuse(
            handle.0 == 0 || handle == Instance::NIL,
            JetError::InvalidParameter,
        )?;
        let instance = self
            .instances
            .get(&handle)
            .ok_or_else(|| INSTANCE.error(JetError::InvalidInstance))?;
        STOPPED.refuse(instance.stopped, JetError::ClientRequestToStopJetService)?;
        if let Some(error) = instance.unavailable {
            UNAVAILABLE.refuse(true, error)?;
        }
        TERMINATING.refuse(instance.locked, JetError::TermInProgress)?;
        RESTORING.refuse(instance.restoring, JetError::RestoreInProgress)?;
        NOT_INITIALIZED.refuse(!instance.initialized, JetError::NotInitialized)
    }
}
