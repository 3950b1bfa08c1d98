//! Registering a callback on a table, and taking the registration back.
//!
//! A registration belongs to the table: it outlives its cursor, its session and its transaction.

use std::sync::Arc;

use super::callback::{Callback, Context};
use super::cursor::Cursor;
use super::dispatch::Operation;
use super::engine::{Engine, State};
use super::handles::{HandleId, Sesid, TableKey, Tableid};
use super::outcome::{Jet, Warned};
use super::quirks;
use super::rules::rules;
use super::transaction::Step;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// No reason at all. (jetregistercallback-function.md)
    CBTYP_ZERO = "register/cbtyp-zero";
    /// No function. (jetregistercallback-function.md)
    CALLBACK_NULL = "register/callback-null";
    /// Nowhere to put the handle. (jetregistercallback-function.md)
    HANDLE_NULL = "register/handle-null";
    /// The same function registered twice is called twice.
    TWICE = "register/twice-is-two";
    /// A registration is effective at once and for everybody, and rollback does not undo it.
    NOT_TRANSACTIONAL = "register/not-transactional";
    /// A handle that JetRegisterCallback never gave out. (jetunregistercallback-function.md)
    UNKNOWN_HANDLE = "unregister/unknown-handle";
    /// The cursor has to be on the table of the registration. (jetunregistercallback-function.md)
    OTHER_TABLE = "unregister/table-of-the-cursor";
    /// Whatever reasons are given, the whole registration goes.
    /// (jetunregistercallback-function.md)
    WHOLE = "unregister/removes-whole-registration";
    /// Unregistering twice is success both times.
    AGAIN = "unregister/twice-succeeds";
    /// An unregistered callback is not called any more. (jetunregistercallback-function.md)
    NOT_CALLED = "unregister/not-called-again";
}

/// A callback on a table.
#[derive(Debug, Clone)]
pub struct Registration {
    /// What JetUnregisterCallback names it by.
    pub handle: HandleId,
    /// Its reasons, zero once it is unregistered.
    pub cbtyp: u32,
    /// The function. `None` for a stored callback that is not resolved because persisted callbacks
    /// are disabled: Before reasons then fail.
    pub callback: Option<Arc<dyn Callback>>,
    /// What the function gets as pvContext.
    pub context: Context,
    /// The column whose user-defined default it computes, zero for every other callback.
    pub columnid: u32,
}

/// Bookkeeping over the tables' lists.
impl State {
    /// Puts a registration in front of the table's list.
    fn register(&mut self, key: TableKey, registration: Registration) -> Jet<()> {
        let list = &mut self.table_mut(key)?.registrations;
        let same = |other: &Registration| {
            other.cbtyp == registration.cbtyp && other.context == registration.context
        };
        if TWICE.holds() || !list.iter().any(same) {
            list.insert(0, registration);
        }
        Ok(())
    }

    /// Takes a registration out of use. It stays on the list: its handle is not reused, and
    /// unregistering it again is success.
    fn unregister(&mut self, key: TableKey, handle: HandleId, cbtyp: u32) -> Jet<()> {
        let list = &mut self.table_mut(key)?.registrations;
        let Some(registration) = list.iter_mut().find(|r| r.handle == handle) else {
            return Ok(());
        };
        if registration.cbtyp == 0 && !AGAIN.holds() {
            return Err(JetError::InvalidParameter);
        }
        let removed = if WHOLE.holds() { u32::MAX } else { cbtyp };
        if NOT_CALLED.holds() {
            registration.cbtyp &= !removed;
        }
        Ok(())
    }

    /// Notes the list as it is, for a rollback that would bring it back.
    fn note_registrations(&mut self, sesid: Sesid, key: TableKey) -> Jet<()> {
        if NOT_TRANSACTIONAL.holds() {
            return Ok(());
        }
        let registrations = self.table(key)?.registrations.clone();
        if let Some(level) = self.session_mut(sesid)?.innermost() {
            level.steps.push(Box::new(PutBack { key, registrations }));
        }
        Ok(())
    }

    fn table_of_registration(&self, handle: HandleId) -> Option<TableKey> {
        self.tables
            .values()
            .find(|table| table.registrations.iter().any(|r| r.handle == handle))
            .map(|table| table.key)
    }
}

impl Engine {
    /// JetRegisterCallback. Bits outside the documented reasons are accepted and never fire.
    /// (jetregistercallback-function.md)
    ///
    /// `wants_handle` is false when the caller gave nowhere to put the handle.
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidParameter`, `JET_errRollbackError` or
    /// `JET_errSessionSharingViolation` from the transaction around it.
    pub fn register_callback(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        cbtyp: u32,
        callback: Option<Arc<dyn Callback>>,
        context: usize,
        wants_handle: bool,
    ) -> Jet<HandleId> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::RegisterCallback)?;
        CBTYP_ZERO.refuse(cbtyp == 0, JetError::InvalidParameter)?;
        CALLBACK_NULL.refuse(callback.is_none(), JetError::InvalidParameter)?;
        HANDLE_NULL.refuse(!wants_handle, JetError::InvalidParameter)?;
        call.begin_inner(sesid)?;
        let handle = HandleId::fresh();
        let key = call.cursor(tableid)?.table;
        call.note_registrations(sesid, key)?;
        let registered = call.register(
            key,
            Registration {
                handle,
                cbtyp,
                callback,
                context: Context::Value(context),
                columnid: 0,
            },
        );
        call.commit_level(sesid)?;
        registered.map(|()| handle)
    }

    /// JetUnregisterCallback. (jetunregistercallback-function.md)
    ///
    /// A handle that is null, invented or stale is undefined in the published engine; here it is
    /// `JET_errInvalidParameter`. A registration that is already gone while its table is loaded is
    /// success again.
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidParameter`, `JET_errRollbackError` or
    /// `JET_errSessionSharingViolation` from the transaction around it.
    pub fn unregister_callback(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        cbtyp: u32,
        handle: HandleId,
    ) -> Jet<Warned<()>> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::UnregisterCallback)?;
        call.begin_inner(sesid)?;
        let outcome = call.unregister_from(tableid, cbtyp, handle);
        call.commit_level(sesid)?;
        outcome
    }
}

impl State {
    fn unregister_from(
        &mut self,
        tableid: Tableid,
        cbtyp: u32,
        handle: HandleId,
    ) -> Jet<Warned<()>> {
        let Some(key) = self.table_of_registration(handle) else {
            return UNKNOWN_HANDLE
                .refuse(true, JetError::InvalidParameter)
                .map(Warned::plain);
        };
        let Cursor {
            table: of_cursor,
            sesid,
            ..
        } = *self.cursor(tableid)?;
        if key != of_cursor && !quirks::REGISTRATION_OF_OTHER_TABLE.genuine() && OTHER_TABLE.holds()
        {
            return Ok(Warned::with((), JetWarning::CallbackNotRegistered));
        }
        self.note_registrations(sesid, key)?;
        self.unregister(key, handle, cbtyp)?;
        Ok(Warned::plain(()))
    }
}

/// Where the rollback of a registration would lead if registrations were transactional.
#[derive(Debug)]
struct PutBack {
    key: TableKey,
    registrations: Vec<Registration>,
}

impl Step for PutBack {
    fn undo(self: Box<Self>, state: &mut State) {
        if let Ok(table) = state.table_mut(self.key) {
            table.registrations = self.registrations;
        }
    }
}
