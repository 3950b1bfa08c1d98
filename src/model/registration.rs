//! Registering a callback on a table, and taking the registration back.
//!
//! A registration belongs to the table: it outlives its cursor, its session and its transaction.

use std::sync::Arc;

use super::callback::{Callback, Context, ONLY_ITS_REASONS, OTHER_REASONS, Occasion, reason};
use super::dispatch::REGISTER_INSIDE;
use super::engine::{Engine, State};
use super::gate;
use super::handles::{HandleId, Sesid, TableKey, Tableid};
use super::operation::Operation;
use super::outcome::{Jet, Warned};
use super::registrations::Registrations;
use super::rules::rules;
use super::stored_callback;
use super::threads;
use super::transaction::{Step, USER_LEVELS};
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// No reason at all. (jetregistercallback-function.md)
    CBTYP_ZERO = "register/cbtyp-zero";
    /// No function. (jetregistercallback-function.md)
    CALLBACK_NULL = "register/callback-null";
    /// The address of the function is not looked at.
    POINTER = "register/pointer-not-probed";
    /// Nowhere to put the handle. (jetregistercallback-function.md)
    HANDLE_NULL = "register/handle-pointer-null";
    /// Success gives a handle that is not null. (jetregistercallback-function.md)
    GIVES_HANDLE = "register/success-returns-handle";
    /// Registering calls nobody.
    CALLS_NOBODY = "register/never-calls-back";
    /// Bits that name no reason do no harm beside one that does.
    KNOWN_AND_UNKNOWN = "register/known-and-unknown-reasons";
    /// A template, and a table derived from one, can be registered on.
    TEMPLATES = "register/template-tables-allowed";
    /// A read-only cursor can register, since nothing changes. (jetregistercallback-function.md)
    READ_ONLY = "register/read-only-allowed";
    /// The kind of table is judged before the arguments.
    KIND_FIRST = "register/table-kind-before-arguments";
    /// A refused call registers nothing. (jetregistercallback-function.md)
    FAILURE_REGISTERS_NOTHING = "register/failure-registers-nothing";
    /// The same function registered twice is called twice.
    TWICE = "register/duplicates-are-distinct";
    /// A registration is effective before its transaction commits, for everybody.
    VISIBLE_BEFORE_COMMIT = "register/visible-before-commit";
    /// Rollback does not undo a registration.
    SURVIVES_ROLLBACK = "register/survives-rollback";
    /// A registration outlives its cursor.
    SURVIVES_CURSOR = "register/survives-cursor";
    /// A registration outlives its session.
    SURVIVES_SESSION = "register/survives-session";
    /// A registration outlives the last cursor of its table. (jetregistercallback-function.md)
    SURVIVES_LAST_CURSOR = "register/survives-cursorless-table";
    /// Registering needs no transaction of the caller's.
    ANY_LEVEL = "register/any-transaction-level";
    /// Disabled callbacks can be registered.
    WHILE_DISABLED = "parameter/disable-callbacks-register";
    /// A registration outlives its session.
    END_KEEPS = "session/end-keeps-registrations";
    /// Registering works inside the function of a user-defined default.
    INSIDE_DEFAULT = "callback/register-inside-default";
    /// A handle that JetRegisterCallback never gave out, or whose table is gone.
    UNKNOWN_HANDLE = "unregister/unknown-handle";
    /// The cursor may be on another table than the registration.
    ANY_TABLE = "unregister/any-table";
    /// The session need not be the one that registered.
    ANY_SESSION = "unregister/any-session";
    /// Whatever reasons are given, the whole registration goes.
    IGNORES_CBTYP = "unregister/ignores-cbtyp";
    /// A part of the reasons is no error. (jetunregistercallback-function.md)
    NO_ERROR_FOR_SUBSET = "unregister/no-error-for-subset";
    /// No reason at all is no error either.
    CBTYP_ZERO_ACCEPTED = "unregister/cbtyp-zero-accepted";
    /// Unregistering twice is success both times.
    AGAIN = "unregister/twice-succeeds";
    /// There is no warning for a registration that is gone already.
    NEVER_WARNS = "unregister/never-warns";
    /// An unregistered callback is not called any more. (jetunregistercallback-function.md)
    REMOVES = "unregister/removes";
    /// A refused call leaves the registration in force. (jetunregistercallback-function.md)
    FAILURE_KEEPS = "unregister/failure-keeps-registration";
    /// A callback can take back its own registration. (jet-callback-callback-function.md)
    SELF_INSIDE = "unregister/self-inside";
    /// The call does not wait for the function to return on another thread.
    NO_WAIT = "unregister/does-not-wait";
    /// A handle is not given out again.
    HANDLES_ONCE = "unregister/handles-not-reused";
    /// Rollback does not bring the registration back.
    UNREGISTERED_SURVIVES_ROLLBACK = "unregister/survives-rollback";
    /// Unregistering needs no transaction of the caller's.
    UNREGISTER_ANY_LEVEL = "unregister/any-transaction-level";
}

/// The bits that the pages name as reasons. (jet-cbtyp.md)
const REASONS: u32 = 0x7FF;

/// The reasons that a registration on a table accepts and never gets: JET_cbtypFinalize,
/// JET_cbtypOnlineDefragCompleted, JET_cbtypFreeCursorLS, JET_cbtypFreeTableLS. (jet-cbtyp.md)
const DELIVERED_ELSEWHERE: u32 = 0x1 | 0x100 | 0x200 | 0x400;

/// A callback on a table.
#[derive(Debug, Clone)]
pub struct Registration {
    /// What JetUnregisterCallback names it by.
    pub handle: HandleId,
    /// The cursor that registered it; it may be closed since.
    pub cursor: Tableid,
    /// The session that registered it; it may have ended since.
    pub sesid: Sesid,
    /// Whether it is stored in the schema of the table.
    pub stored: bool,
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

impl Registration {
    /// Whether the reason is one of its own.
    pub(super) fn is_for(&self, cbtyp: u32) -> bool {
        let other_reasons = match self.stored {
            true => &stored_callback::OTHER_REASONS,
            false => &OTHER_REASONS,
        };
        self.cbtyp & cbtyp != 0
            || (self.cbtyp & DELIVERED_ELSEWHERE != 0 && !other_reasons.holds())
            || !ONLY_ITS_REASONS.holds()
    }

    /// Whether two registrations would call the same function with the same context.
    fn same(&self, other: &Self) -> bool {
        self.cbtyp == other.cbtyp && self.context == other.context && self.stored == other.stored
    }
}

/// Bookkeeping over the tables' lists.
impl State {
    /// Puts a registration on the table's list.
    fn add_registration(&mut self, key: TableKey, mut registration: Registration) -> Jet<HandleId> {
        let list = &mut self.table_mut(key)?.registrations;
        let dead = list.iter().position(|other| other.cbtyp == 0);
        if let Some(dead) = dead.filter(|_| !HANDLES_ONCE.holds()) {
            registration.handle = list.remove(dead).handle;
        }
        let handle = registration.handle;
        if TWICE.holds() || !list.iter().any(|other| other.same(&registration)) {
            list.add(registration);
        }
        Ok(handle)
    }

    /// What a stricter engine would refuse for where the call comes from.
    fn check_where(&self, thread: std::thread::ThreadId) -> Jet<()> {
        let in_default = self.threads.reason(thread) == Some(reason::USER_DEFINED_DEFAULT);
        INSIDE_DEFAULT.allow(in_default, JetError::IllegalOperation)?;
        let disabled = |instance: &super::instance::InstanceState| {
            instance
                .settings
                .flag(super::settings::id::DISABLE_CALLBACKS)
        };
        let any = self.instances.values().any(disabled);
        WHILE_DISABLED.allow(any, JetError::InvalidParameter)
    }

    /// What a stricter engine would refuse to register on.
    fn check_table(&self, tableid: Tableid) -> Jet<()> {
        let cursor = self.cursor(tableid)?;
        let key = cursor.table;
        let derived = self.table(key)?.template.is_some();
        let kin = derived
            || self
                .tables
                .values()
                .any(|table| table.template == Some(key));
        if kin && !TEMPLATES.holds() {
            return Err(JetError::IllegalOperation);
        }
        if !cursor.mode.updatable && !READ_ONLY.holds() {
            return Err(JetError::PermissionDenied);
        }
        Ok(())
    }

    fn table_of_registration(&self, handle: HandleId) -> Option<TableKey> {
        self.tables
            .values()
            .find(|table| table.registrations.iter().any(|r| r.handle == handle))
            .map(|table| table.key)
    }

    fn find_registration(&self, handle: HandleId) -> Option<&Registration> {
        let key = self.table_of_registration(handle)?;
        let table = self.table(key).ok()?;
        table.registrations.iter().find(|r| r.handle == handle)
    }

    /// Notes the list as it is, for a rollback that would bring it back.
    fn note_registrations(&mut self, sesid: Sesid, key: TableKey, survives: bool) -> Jet<()> {
        if survives {
            return Ok(());
        }
        let registrations = self.table(key)?.registrations.clone();
        if let Some(level) = self.session_mut(sesid)?.innermost() {
            level.steps.push(Box::new(PutBack { key, registrations }));
        }
        Ok(())
    }

    /// Takes a registration out of use. It stays on the list: its handle is not reused, and
    /// unregistering it again is success.
    fn unregister(&mut self, call: &Unregister) -> Jet<Warned<()>> {
        let Some(registration) = self.find_registration(call.handle) else {
            return UNKNOWN_HANDLE
                .refuse(true, JetError::InvalidParameter)
                .map(Warned::plain);
        };
        let (mask, owner) = (registration.cbtyp, registration.sesid);
        call.check(mask, owner)?;
        let here = threads::here();
        let elsewhere = self
            .threads
            .running(call.handle)
            .any(|thread| thread != here);
        if elsewhere && !NO_WAIT.holds() {
            return Err(JetError::SessionSharingViolation);
        }
        if self
            .threads
            .running(call.handle)
            .any(|thread| thread == here)
            && !SELF_INSIDE.holds()
        {
            return Ok(Warned::plain(()));
        }
        let of_cursor = self.cursor(call.tableid)?.table;
        let key = match self.table_of_registration(call.handle) {
            Some(key) if key == of_cursor || ANY_TABLE.holds() => key,
            _ => return Err(JetError::InvalidParameter),
        };
        let survives = UNREGISTERED_SURVIVES_ROLLBACK.holds();
        self.note_registrations(call.sesid, key, survives)?;
        let removed = if IGNORES_CBTYP.holds() {
            u32::MAX
        } else {
            call.cbtyp
        };
        let list = &mut self.table_mut(key)?.registrations;
        if let Some(registration) = list.iter_mut().find(|r| r.handle == call.handle)
            && REMOVES.holds()
        {
            registration.cbtyp &= !removed;
        }
        if mask == 0 && !NEVER_WARNS.holds() {
            return Ok(Warned::with((), JetWarning::CallbackNotRegistered));
        }
        Ok(Warned::plain(()))
    }

    /// What a hasty engine does before it looks at the call: the registration is out of use, whatever
    /// comes of the call.
    fn unregister_at_once(&mut self, handle: HandleId) {
        let Some(key) = self.table_of_registration(handle) else {
            return;
        };
        let list = self.table_mut(key).map(|table| &mut table.registrations);
        for registration in list.into_iter().flat_map(|list| list.iter_mut()) {
            if registration.handle == handle {
                registration.cbtyp = 0;
            }
        }
    }

    /// A cursor is closed: what a sloppy engine would take with it.
    pub(super) fn registrations_after_close(&mut self, tableid: Tableid, key: TableKey) {
        if SURVIVES_CURSOR.holds() && SURVIVES_LAST_CURSOR.holds() {
            return;
        }
        let last = !self.cursors.values().any(|cursor| cursor.table == key);
        let all = last && !SURVIVES_LAST_CURSOR.holds();
        let own = !SURVIVES_CURSOR.holds();
        if let Ok(table) = self.table_mut(key) {
            let goes = |r: &Registration| all || (own && r.cursor == tableid);
            table.registrations.retain(|r| r.stored || !goes(r));
        }
    }

    /// A session has ended: what a sloppy engine would take with it.
    pub(super) fn registrations_after_end(&mut self, sesid: Sesid) {
        if SURVIVES_SESSION.holds() && END_KEEPS.holds() {
            return;
        }
        for table in self.tables.values_mut() {
            table.registrations.retain(|r| r.stored || r.sesid != sesid);
        }
    }
}

/// The arguments of JetRegisterCallback.
#[derive(Debug, Clone)]
pub struct Register {
    /// The reasons.
    pub cbtyp: u32,
    /// The function, `None` for a null pointer.
    pub callback: Option<Arc<dyn Callback>>,
    /// The context pointer, never looked at.
    pub context: usize,
    /// Whether the caller gave somewhere to put the handle.
    pub wants_handle: bool,
}

impl Register {
    fn check(&self) -> Jet<()> {
        CBTYP_ZERO.refuse(self.cbtyp == 0, JetError::InvalidParameter)?;
        CALLBACK_NULL.refuse(self.callback.is_none(), JetError::InvalidParameter)?;
        let odd = self.callback.as_ref().is_some_and(|c| !c.is_plausible());
        POINTER.allow(odd, JetError::InvalidParameter)?;
        HANDLE_NULL.refuse(!self.wants_handle, JetError::InvalidParameter)?;
        let (known, unknown) = (self.cbtyp & REASONS, self.cbtyp & !REASONS);
        if known != 0 && unknown != 0 && !KNOWN_AND_UNKNOWN.holds() {
            return Err(JetError::InvalidParameter);
        }
        Ok(())
    }
}

/// The arguments of JetUnregisterCallback.
struct Unregister {
    sesid: Sesid,
    tableid: Tableid,
    cbtyp: u32,
    handle: HandleId,
}

impl Unregister {
    /// What a stricter engine would refuse.
    fn check(&self, mask: u32, owner: Sesid) -> Jet<()> {
        let strict = (mask == 0 && !AGAIN.holds())
            || (self.cbtyp == 0 && !CBTYP_ZERO_ACCEPTED.holds())
            || (self.cbtyp != mask && !NO_ERROR_FOR_SUBSET.holds())
            || (self.sesid != owner && !ANY_SESSION.holds());
        if strict {
            return Err(JetError::InvalidParameter);
        }
        Ok(())
    }
}

impl Engine {
    /// JetRegisterCallback. Bits outside the documented reasons are accepted and never fire.
    /// (jetregistercallback-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidParameter`, `JET_errRollbackError` or
    /// `JET_errSessionSharingViolation` from the transaction around it.
    pub fn register_callback(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        arguments: Register,
    ) -> Jet<HandleId> {
        if !KIND_FIRST.holds()
            || !gate::TABLEID_BEFORE_ARGUMENTS.holds()
            || !gate::STOP_BEFORE_ARGUMENTS.holds()
        {
            arguments.check()?;
        }
        let mut call = self.enter_cursor(sesid, tableid, Operation::RegisterCallback)?;
        call.check_where(call.thread())?;
        call.check_table(tableid)?;
        let refused = arguments.check();
        let inside = call.threads.in_callback(call.thread());
        if refused.is_err() && inside && !REGISTER_INSIDE.holds() {
            return Ok(HandleId::fresh());
        }
        if FAILURE_REGISTERS_NOTHING.holds() {
            refused?;
        }
        call.begin_around(sesid, ANY_LEVEL.holds())?;
        let key = call.cursor(tableid)?.table;
        call.note_registrations(sesid, key, SURVIVES_ROLLBACK.holds())?;
        let registration = Registration {
            handle: HandleId::fresh(),
            cursor: tableid,
            sesid,
            stored: false,
            cbtyp: arguments.cbtyp,
            callback: arguments.callback,
            context: Context::Value(arguments.context),
            columnid: 0,
        };
        let registered = call.add_registration(key, registration.clone());
        call.commit_inner(sesid)?;
        refused?;
        if !CALLS_NOBODY.holds() {
            call.call_one(&registration, &mut Occasion::plain(tableid, 0));
        }
        GIVES_HANDLE.allow(true, JetError::OutOfMemory)?;
        registered
    }

    /// JetUnregisterCallback. (jetunregistercallback-function.md)
    ///
    /// A handle that is null, invented or outlived its table is undefined in the published engine;
    /// here it is `JET_errInvalidParameter`. A registration that is already gone while its table is
    /// known is success again.
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
        if !FAILURE_KEEPS.holds() {
            self.lock().unregister_at_once(handle);
        }
        let mut call = self.enter_cursor(sesid, tableid, Operation::UnregisterCallback)?;
        call.check_where(call.thread())?;
        call.begin_around(sesid, UNREGISTER_ANY_LEVEL.holds())?;
        let outcome = call.unregister(&Unregister {
            sesid,
            tableid,
            cbtyp,
            handle,
        });
        call.commit_inner(sesid)?;
        outcome
    }
}

impl State {
    /// Opens the level around a registration; a stricter engine would ask for a transaction first.
    fn begin_around(&mut self, sesid: Sesid, at_any_level: bool) -> Jet<()> {
        let session = self.session(sesid)?;
        let level = session.level();
        let odd = level == 0 || level == USER_LEVELS || session.in_read_only_transaction();
        if odd && !at_any_level {
            return Err(JetError::NotInTransaction);
        }
        self.begin_inner(sesid)
    }
}

/// A table's list as it was; only in use while registrations are transactional.
#[derive(Debug)]
struct PutBack {
    key: TableKey,
    registrations: Registrations,
}

impl Step for PutBack {
    fn undo(self: Box<Self>, state: &mut State) {
        if let Ok(table) = state.table_mut(self.key) {
            table.registrations = self.registrations;
        }
    }
}
