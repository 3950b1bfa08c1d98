//! Sessions: beginning, ending, duplicating, and the context that lets threads share one in turn.

use std::collections::BTreeMap;
use std::thread::ThreadId;

use super::engine::{Engine, State};
use super::gate::Entry;
use super::handles::{Dbid, Instance, Sesid, Tableid};
use super::outcome::Jet;
use super::rules::rules;
use super::settings::id;
use super::transaction::Transaction;
use crate::abi::errors::JetError;

rules! {
    /// User name and password are not looked at.
    NAME_IGNORED = "session/name-ignored";
    /// The options of an end are not looked at.
    END_OPTIONS = "session/end-options-ignored";
    /// A session is begun. (jetbeginsession-function.md)
    BEGINS = "session/begins";
    /// Every session has a handle of its own. (jetbeginsession-function.md)
    DISTINCT = "session/distinct";
    /// There is a place for the handle. (jetdupsession-function.md)
    DUP_PLACE = "session/dup-parameter";
    /// A session is begun of the same instance. (jetdupsession-function.md)
    DUP_BEGINS = "session/dup-begins";
    /// A session ends. (jetendsession-function.md)
    ENDS = "session/ends";
    /// The session is bound to the context. (jetsetsessioncontext-function.md)
    ASSOCIATES = "context/associates";
    /// The session is free of its context. (jetresetsessioncontext-function.md)
    DISASSOCIATES = "context/disassociates";
    /// No more sessions than the instance was sized for. (jetbeginsession-function.md)
    OUT_OF_SESSIONS = "session/out-of-sessions";
    /// Some more than that.
    RESERVE = "session/reserve";
    /// Ending a session frees its place.
    PLACE_FREED = "session/place-freed";
    /// A duplicated session is outside any transaction.
    DUP_OUTSIDE = "session/dup-outside-transaction";
    /// A session context that is null or all ones. (jetsetsessioncontext-function.md)
    CONTEXT_VALUE = "context/value";
    /// A session context that is set already. (jetsetsessioncontext-function.md)
    CONTEXT_SET = "context/already-set";
    /// A context can be set inside a transaction that was begun without one.
    CONTEXT_INSIDE = "context/inside-transaction";
    /// A session context of another thread, or none. (jetresetsessioncontext-function.md)
    CONTEXT_NOT_OURS = "context/not-set-by-this-thread";
    /// Ending a session whose context another thread has set. (jetendsession-function.md)
    END_IN_USE = "session/end-in-use";
    /// Ending a session whose transaction another thread began. (jetendsession-function.md)
    END_FOREIGN = "session/end-foreign-transaction";
    /// Ending a session from inside a callback that it is waiting for.
    END_INSIDE = "session/end-inside-callback";
    /// Ending a session rolls its transaction back. (jetendsession-function.md)
    END_ROLLS_BACK = "session/end-rolls-back";
}

/// How many more sessions than `JET_paramMaxSessions` an instance has room for.
const RESERVED_SESSIONS: usize = 65;

/// A session of an instance.
#[derive(Debug)]
pub struct Session {
    /// Its handle.
    pub sesid: Sesid,
    /// Its instance.
    pub instance: Instance,
    /// The calls that are inside the engine with it, oldest first.
    pub inside: Vec<Caller>,
    /// The context that is set and the thread that set it.
    pub context: Option<(usize, ThreadId)>,
    /// It belongs to the engine, and is known to the application only inside a callback.
    pub own: bool,
    /// The open transaction.
    pub transaction: Option<Transaction>,
    /// How often each database is open in the session.
    pub opened: BTreeMap<Dbid, usize>,
    /// A rollback failed; nothing transactional works any more.
    pub rollback_failed: bool,
    /// A callback ended a transaction of its own, and a sloppy engine takes the change with it.
    pub lost: bool,
    /// Whether a callback has just rolled back every level.
    pub(super) all_rolled_back: bool,
    /// `JET_sesparamCommitDefault`.
    pub commit_default: u32,
}

/// A call that is inside the engine with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The thread of the call.
    pub thread: ThreadId,
}

impl Session {
    fn new(sesid: Sesid, instance: Instance) -> Self {
        Self {
            sesid,
            instance,
            inside: Vec::new(),
            context: None,
            own: false,
            transaction: None,
            opened: BTreeMap::new(),
            rollback_failed: false,
            lost: false,
            all_rolled_back: false,
            commit_default: 0,
        }
    }

    /// Whether the session has opened the database.
    pub fn has_open(&self, dbid: Dbid) -> bool {
        self.opened.contains_key(&dbid)
    }
}

impl State {
    pub(super) fn add_session(&mut self, handle: Instance) -> Jet<Sesid> {
        let instance = self.instance_mut(handle)?;
        let reserve = if RESERVE.holds() {
            RESERVED_SESSIONS
        } else {
            0
        };
        let most = instance.settings.number(id::MAX_SESSIONS) as usize + reserve;
        let begun = instance.sessions_begun;
        instance.sessions_begun += 1;
        let count = if PLACE_FREED.holds() {
            self.sessions_of(handle).len()
        } else {
            begun
        };
        OUT_OF_SESSIONS.refuse(count >= most, JetError::OutOfSessions)?;
        let commit_default = self.instance(handle)?.settings.number(id::COMMIT_DEFAULT) as u32;
        let sesid = Sesid::fresh();
        let session = Session {
            commit_default,
            ..Session::new(sesid, handle)
        };
        self.sessions.insert(sesid, session);
        Ok(sesid)
    }

    /// The cursors of a session, oldest first.
    pub fn cursors_of(&self, sesid: Sesid) -> Vec<Tableid> {
        self.cursors
            .values()
            .filter(|cursor| cursor.sesid == sesid)
            .map(|cursor| cursor.tableid)
            .collect()
    }

    /// Closes a cursor: its handle is stale from now on.
    pub fn close_cursor(&mut self, tableid: Tableid) {
        if let Some(cursor) = self.cursors.remove(&tableid) {
            self.let_cursor_go_indirectly(cursor.sesid, tableid);
            self.registrations_after_close(tableid, cursor.table);
        }
    }

    /// Closes a cursor because the application asks for that very thing.
    pub(super) fn close_cursor_by_name(&mut self, tableid: Tableid) {
        if let Some(cursor) = self.cursors.remove(&tableid) {
            self.let_cursor_go(cursor.sesid, tableid);
            self.registrations_after_close(tableid, cursor.table);
        }
    }

    /// Rolls back what is open, closes every cursor, and forgets the session.
    pub(super) fn remove_session(&mut self, sesid: Sesid) {
        let open = |state: &Self| {
            state
                .session(sesid)
                .is_ok_and(|session| session.level() > 0)
        };
        while open(self) {
            let ended = if END_ROLLS_BACK.holds() {
                self.undo_level(sesid)
            } else {
                self.commit_level(sesid)
            };
            if ended.is_err() {
                break;
            }
        }
        for tableid in self.cursors_of(sesid) {
            self.close_cursor(tableid);
        }
        self.close_all(sesid);
        self.sessions.remove(&sesid);
        self.registrations_after_end(sesid);
        self.tasks_after_end(sesid);
    }
}

impl Engine {
    /// JetBeginSession; user name and password are ignored, so only `named` tells whether there are
    /// any. (jetbeginsession-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errOutOfSessions`.
    pub fn begin_session(&self, instance: Instance, named: bool) -> Jet<Sesid> {
        let mut state = self.enter_instance(instance)?;
        NAME_IGNORED.allow(named, JetError::InvalidParameter)?;
        let instance = state.one_instance_or(instance)?;
        if let (false, Some(first)) = (DISTINCT.holds(), state.sessions_of(instance).first()) {
            return Ok(*first);
        }
        let sesid = state.add_session(instance)?;
        // Not in the first session, which the application needs to get anywhere.
        if !BEGINS.holds() && state.sessions_of(instance).len() > 1 {
            state.begin_inner(sesid)?;
        }
        Ok(sesid)
    }

    /// JetDupSession: a new session of the same instance, outside any transaction.
    /// (jetdupsession-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errOutOfSessions`.
    pub fn dup_session(&self, sesid: Sesid) -> Jet<Sesid> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        let instance = call.instance;
        DUP_BEGINS.allow(true, JetError::OutOfSessions)?;
        let dup = call.add_session(instance)?;
        if !DUP_OUTSIDE.holds() && call.session(sesid)?.level() > 0 {
            call.begin_inner(dup)?;
        }
        Ok(dup)
    }

    /// JetEndSession: rolls back, closes everything; options are ignored.
    /// (jetendsession-function.md)
    ///
    /// Inside a callback of the same session the published engine waits for itself for ever; here
    /// the call is refused with `JET_errSessionInUse`.
    ///
    /// # Errors
    /// Those of the session gates that hold even after JetStopService, `JET_errSessionInUse`,
    /// `JET_errSessionSharingViolation` when another thread began the open transaction.
    pub fn end_session(&self, sesid: Sesid, grbit: u32) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::EvenStopped)?;
        END_OPTIONS.allow(grbit != 0, JetError::InvalidGrbit)?;
        let here = call.thread();
        let session = call.session(sesid)?;
        END_INSIDE.refuse(session.inside.len() > 1, JetError::SessionInUse)?;
        let foreign_context = session.context.is_some_and(|(_, thread)| thread != here);
        END_IN_USE.refuse(foreign_context, JetError::SessionInUse)?;
        END_FOREIGN.refuse(
            session.foreign_transaction(&call.threads),
            JetError::SessionSharingViolation,
        )?;
        if ENDS.holds() {
            call.remove_session(sesid);
        }
        Ok(())
    }

    /// JetSetSessionContext: binds the session to a context of the calling thread.
    /// (jetsetsessioncontext-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidParameter`, `JET_errSessionContextAlreadySet`.
    pub fn set_session_context(&self, sesid: Sesid, context: usize) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        CONTEXT_VALUE.refuse(
            context == 0 || context == usize::MAX,
            JetError::InvalidParameter,
        )?;
        let thread = call.thread();
        let session = call.session_mut(sesid)?;
        if session.level() > 0 && !CONTEXT_INSIDE.holds() {
            return Err(JetError::InTransaction);
        }
        CONTEXT_SET.refuse(
            session.context.is_some(),
            JetError::SessionContextAlreadySet,
        )?;
        ASSOCIATES.allow(true, JetError::SessionInUse)?;
        session.context = Some((context, thread));
        Ok(())
    }

    /// JetResetSessionContext. (jetresetsessioncontext-function.md)
    ///
    /// # Errors
    /// Those of the session gates that hold even after JetStopService,
    /// `JET_errSessionContextNotSetByThisThread`.
    pub fn reset_session_context(&self, sesid: Sesid) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::EvenStopped)?;
        let here = call.thread();
        let session = call.session_mut(sesid)?;
        let ours = session.context.is_some_and(|(_, thread)| thread == here);
        CONTEXT_NOT_OURS.refuse(!ours, JetError::SessionContextNotSetByThisThread)?;
        DISASSOCIATES.allow(true, JetError::SessionInUse)?;
        session.context = None;
        Ok(())
    }
}
