//! Local storage: a value that the application keeps with a cursor or a table, and the runtime
//! callback that asks for it to be freed.
//!
//! (jet-ls.md, jetsetls-function.md, jetgetls-function.md)

use std::thread::ThreadId;

use super::callback::{Argument, Context, Event, reason};
use super::engine::{Engine, State};
use super::gate::Call;
use super::handles::{Dbid, HandleId, Instance, Sesid, TableKey, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::threads::{self, Inside};
use super::transaction::Step;
use crate::abi::errors::JetError;

rules! {
    /// Without a runtime callback nothing can be kept. (jetsetls-function.md)
    NO_CALLBACK = "ls/no-runtime-callback";
    /// That is judged before the options.
    NO_CALLBACK_FIRST = "ls/no-runtime-callback-first";
    /// Reading does not ask for a runtime callback.
    GET_WITHOUT_CALLBACK = "ls/get-without-runtime-callback";
    /// Both scopes at once. (jetsetls-function.md)
    BOTH = "ls/cursor-and-table";
    /// Both scopes at once, reading. (jetgetls-function.md)
    GET_BOTH = "ls/get-cursor-and-table";
    /// Without a scope the cursor's is meant. (jetsetls-function.md)
    CURSOR_DEFAULT = "ls/cursor-is-default";
    /// Unknown options are ignored.
    UNKNOWN_BITS = "ls/unknown-bits";
    /// A place that is taken. (jetsetls-function.md)
    ALREADY_SET = "ls/already-set";
    /// Setting the nil value empties the place.
    NIL_RESETS = "ls/nil-resets";
    /// Emptying ignores the value. (jetsetls-function.md)
    SET_RESET = "ls/set-reset";
    /// Emptying an empty place is success.
    SET_RESET_UNSET = "ls/set-reset-unset";
    /// What was set is read. (jetsetls-function.md)
    SET_GET = "ls/set-get";
    /// Zero is a value like any other.
    ZERO = "ls/zero-is-a-value";
    /// The value of a table is one for all its cursors. (jetsetls-function.md)
    TABLE_SHARED = "ls/table-shared";
    /// The value of a cursor is its own. (jetsetls-function.md)
    CURSOR_PRIVATE = "ls/cursor-private";
    /// Rollback undoes neither setting nor resetting.
    NOT_TRANSACTIONAL = "ls/not-transactional";
    /// The nil value is written for an empty place.
    WRITES_NIL = "ls/not-set-writes-nil";
    /// Reading an empty place. (jetgetls-function.md)
    NOT_SET = "ls/not-set";
    /// Reading leaves the value where it is. (jetgetls-function.md)
    GET_LEAVES = "ls/get-leaves";
    /// Reading with emptying gives the old value. (jetgetls-function.md)
    GET_RESET = "ls/get-reset-returns-old";
    /// Reading and emptying an empty place of a cursor. (jetgetls-function.md)
    GET_RESET_UNSET_CURSOR = "ls/get-reset-unset-cursor";
    /// Reading and emptying an empty place of a table. (jetgetls-function.md)
    GET_RESET_UNSET_TABLE = "ls/get-reset-unset-table";
    /// A cursor's value is asked back when the cursor is released. (jet-cbtyp.md)
    FREE_CURSOR = "cbtyp/free-cursor";
    /// Released with a transaction of changes, the cursor lasts until that ends.
    FREE_CURSOR_DEFERRED = "cbtyp/free-cursor-deferred";
    /// Inserting alone does not make the cursor last.
    FREE_CURSOR_INSERT = "cbtyp/free-cursor-insert";
    /// The last cursor does not take the table's value along.
    FREE_TABLE_LATE = "cbtyp/free-table-late";
    /// A temporary table's values are asked back when it is closed.
    FREE_TEMPORARY = "ls/temporary-table-freed";
    /// Inside a table callback the session can be used in the runtime callback, too.
    FREE_INSIDE_CALLBACK = "cbtyp/free-inside-callback";
    /// A table's value is asked back when the engine lets the table go. (jet-cbtyp.md)
    FREE_TABLE = "cbtyp/free-table";
    /// What the runtime callback answers to that is ignored. (jet-cbtyp.md)
    FREE_RESULT = "cbtyp/free-result-ignored";
    /// Cursors are released by other calls than JetCloseTable, too. (jet-ls.md)
    FREE_INDIRECT = "cbtyp/free-cursor-indirect";
    /// Only what was set is asked back. (jetsetls-function.md)
    FREE_ONLY_SET = "cbtyp/free-only-set";
    /// The session of the call stays busy meanwhile.
    NO_REENTRY = "cbtyp/free-no-reentry";
    /// The runtime callback gets JET_cbtypNull for nothing but the trial call.
    /// (callback-parameters.md)
    NULL_ONLY_PROBE = "cbtyp/null-only-probe";
    /// The value is all that the runtime callback gets. (jet-cbtyp.md)
    FREE_ARGUMENTS = "cbtyp/free-arguments";
}

/// `JET_LSNil`
pub const NIL: usize = usize::MAX;

/// Options of both calls. (jetsetls-function.md)
mod bits {
    pub const RESET: u32 = 0x1;
    pub const CURSOR: u32 = 0x2;
    pub const TABLE: u32 = 0x4;
}

/// Where a value is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// With a cursor.
    Cursor(Tableid),
    /// With a table, for all its cursors.
    Table(TableKey),
}

/// A value whose place is gone, to be given back by the thread that let the place go.
#[derive(Debug)]
pub struct Freed {
    thread: ThreadId,
    instance: Instance,
    cbtyp: u32,
    value: usize,
}

/// What JetGetLS found, and what it answers; the value is written either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The value, `JET_LSNil` for an empty place.
    pub value: usize,
    /// The return code.
    pub result: Jet<()>,
}

impl Engine {
    /// JetSetLS. (jetsetls-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errLSCallbackNotSpecified`, `JET_errInvalidGrbit`,
    /// `JET_errLSAlreadySet`.
    pub fn set_ls(&self, sesid: Sesid, tableid: Tableid, value: usize, grbit: u32) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::SetLS)?;
        let missing = call.check_runtime_callback();
        if NO_CALLBACK_FIRST.holds() {
            missing?;
        }
        let place = call.place(tableid, grbit, &BOTH)?;
        missing?;
        let reset = grbit & bits::RESET != 0 && SET_RESET.holds();
        let value = if reset { NIL } else { value };
        ZERO.allow(value == 0, JetError::InvalidParameter)?;
        call.note_place(place)?;
        let taken = call.local_storage.contains_key(&place);
        if value == NIL && (reset || NIL_RESETS.holds()) {
            if !taken && !SET_RESET_UNSET.holds() {
                return Err(JetError::LSNotSet);
            }
            call.local_storage.remove(&place);
            return Ok(());
        }
        ALREADY_SET.refuse(taken, JetError::LSAlreadySet)?;
        call.local_storage.insert(place, value);
        Ok(())
    }

    /// JetGetLS. (jetgetls-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidGrbit`. An empty place is told in [`Found`],
    /// because its nil value is written all the same.
    pub fn get_ls(&self, sesid: Sesid, tableid: Tableid, grbit: u32) -> Jet<Found> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::GetLS)?;
        if !GET_WITHOUT_CALLBACK.holds() {
            call.check_runtime_callback()?;
        }
        let place = call.place(tableid, grbit, &GET_BOTH)?;
        let reset = grbit & bits::RESET != 0;
        let empties = if reset {
            GET_RESET.holds()
        } else {
            !GET_LEAVES.holds()
        };
        let value = if empties {
            call.local_storage.remove(&place)
        } else {
            call.local_storage.get(&place).copied()
        };
        let result = match value {
            Some(_) => Ok(()),
            None if reset && place.empty_is_success() => Ok(()),
            None => NOT_SET.refuse(true, JetError::LSNotSet),
        };
        let nil = if WRITES_NIL.holds() { NIL } else { 0 };
        let value = match value {
            Some(value) if SET_GET.holds() => value,
            Some(value) => value.wrapping_add(1),
            None => nil,
        };
        Ok(Found { value, result })
    }
}

impl Place {
    /// Whether reading and emptying an empty place is success.
    fn empty_is_success(self) -> bool {
        match self {
            Self::Cursor(_) => GET_RESET_UNSET_CURSOR.holds(),
            Self::Table(_) => {
                GET_RESET_UNSET_TABLE.holds() && !quirks::LS_TABLE_RESET_UNSET.genuine()
            }
        }
    }
}

impl Call<'_> {
    fn check_runtime_callback(&self) -> Jet<()> {
        let instance = self.instance(self.instance)?;
        let none = instance.settings.runtime_callback.is_none();
        NO_CALLBACK.refuse(none, JetError::LSCallbackNotSpecified)
    }

    /// The place that the options mean.
    fn place(&self, tableid: Tableid, grbit: u32, both: &super::rules::Rule) -> Jet<Place> {
        let scopes = grbit & (bits::CURSOR | bits::TABLE);
        let known = bits::RESET | bits::CURSOR | bits::TABLE;
        if grbit & !known != 0 && !UNKNOWN_BITS.holds() {
            return Err(JetError::InvalidGrbit);
        }
        let all = scopes == bits::CURSOR | bits::TABLE;
        both.refuse(all, JetError::InvalidGrbit)?;
        let table = scopes & bits::TABLE != 0 || (scopes == 0 && !CURSOR_DEFAULT.holds());
        let shared = if table {
            TABLE_SHARED.holds()
        } else {
            !CURSOR_PRIVATE.holds()
        };
        if shared {
            return Ok(Place::Table(self.cursor(tableid)?.table));
        }
        Ok(Place::Cursor(tableid))
    }

    /// Notes what a place has, for a rollback that would bring it back.
    fn note_place(&mut self, place: Place) -> Jet<()> {
        if NOT_TRANSACTIONAL.holds() {
            return Ok(());
        }
        let before = self.local_storage.get(&place).copied();
        let sesid = self.sesid;
        if let Some(level) = self.session_mut(sesid)?.innermost() {
            level.steps.push(Box::new(PutBack { place, before }));
        }
        Ok(())
    }

    /// Gives back the values whose places this thread has let go. The session stays busy meanwhile.
    pub(super) fn give_back(&mut self) {
        let thread = self.thread();
        while let Some(freed) = self.take_freed(thread) {
            let callback = self.runtime_callback(freed.instance);
            let handle = HandleId::fresh();
            if !NO_REENTRY.holds() {
                self.threads.begin_callback(Inside {
                    thread,
                    sesid: Sesid::NIL,
                    tableid: Tableid::NIL,
                    cbtyp: freed.cbtyp,
                    handle,
                });
            }
            let inside = match FREE_INSIDE_CALLBACK.holds() {
                true => Vec::new(),
                false => self.threads.leave(thread),
            };
            self.unlocked(|| free(callback.as_deref(), &freed));
            self.threads.return_to(inside);
            self.threads.end_callback_if_begun(handle, thread);
        }
    }
}

/// What a place had; only in use while local storage is transactional.
#[derive(Debug)]
struct PutBack {
    place: Place,
    before: Option<usize>,
}

impl Step for PutBack {
    fn undo(self: Box<Self>, state: &mut State) {
        match self.before {
            Some(value) => state.local_storage.insert(self.place, value),
            None => state.local_storage.remove(&self.place),
        };
    }
}

/// Calls the runtime callback for one value; its result is ignored.
fn free(callback: Option<&dyn super::callback::Callback>, freed: &Freed) {
    let Some(callback) = callback else {
        return;
    };
    let value = if FREE_ARGUMENTS.holds() {
        Argument::Value(freed.value)
    } else {
        Argument::Null
    };
    let cbtyp = if NULL_ONLY_PROBE.holds() {
        freed.cbtyp
    } else {
        0
    };
    let mut event = Event {
        sesid: Sesid::NIL,
        dbid: Dbid::NIL,
        tableid: Tableid::NIL,
        cbtyp,
        arg1: value,
        arg2: Argument::Null,
        context: Context::NULL,
        unused: 0,
    };
    let answered = callback.call(&mut event);
    if answered < 0 && !FREE_RESULT.holds() {
        callback.call(&mut event);
    }
}

impl Engine {
    /// As [`Call::give_back`], where there is no session.
    pub(super) fn give_back(&self) {
        let thread = threads::here();
        loop {
            let mut state = self.lock();
            let Some(freed) = state.take_freed(thread) else {
                return;
            };
            let callback = state.runtime_callback(freed.instance);
            drop(state);
            free(callback.as_deref(), &freed);
        }
    }
}

/// Letting places go.
impl State {
    fn runtime_callback(
        &self,
        instance: Instance,
    ) -> Option<std::sync::Arc<dyn super::callback::Callback>> {
        let instance = self.instance(instance).ok()?;
        instance.settings.runtime_callback.clone()
    }

    fn take_freed(&mut self, thread: ThreadId) -> Option<Freed> {
        let at = self.freed.iter().position(|freed| freed.thread == thread)?;
        Some(self.freed.remove(at))
    }

    fn let_go(&mut self, instance: Instance, cbtyp: u32, value: usize) {
        self.freed.push(Freed {
            thread: threads::here(),
            instance,
            cbtyp,
            value,
        });
    }

    /// A cursor is closed: its value is given back, at once or when the transaction ends in which
    /// the cursor replaced, deleted or locked a record.
    pub(super) fn let_cursor_go(&mut self, sesid: Sesid, tableid: Tableid) {
        let set = self.local_storage.remove(&Place::Cursor(tableid));
        let Some(value) = set.or((!FREE_ONLY_SET.holds()).then_some(NIL)) else {
            return;
        };
        let Ok(session) = self.session_mut(sesid) else {
            return;
        };
        let instance = session.instance;
        if let Some(transaction) = session.transaction.as_mut()
            && (transaction.versions_by(tableid) || !FREE_CURSOR_INSERT.holds())
            && FREE_CURSOR_DEFERRED.holds()
        {
            transaction.to_free.push(value);
        } else if FREE_CURSOR.holds() {
            self.let_go(instance, reason::FREE_CURSOR_LS, value);
        }
    }

    /// As [`let_cursor_go`](Self::let_cursor_go), where it is not JetCloseTable that closes the cursor.
    pub(super) fn let_cursor_go_indirectly(&mut self, sesid: Sesid, tableid: Tableid) {
        if FREE_INDIRECT.holds() {
            self.let_cursor_go(sesid, tableid);
        } else {
            self.local_storage.remove(&Place::Cursor(tableid));
        }
    }

    /// A transaction has ended: the values of cursors that lasted until now are given back.
    pub(super) fn let_cursors_go(&mut self, instance: Instance, values: Vec<usize>) {
        for value in values.into_iter().filter(|_| FREE_CURSOR.holds()) {
            self.let_go(instance, reason::FREE_CURSOR_LS, value);
        }
    }

    /// The engine lets a table go: its value is given back.
    pub(super) fn let_table_go(&mut self, instance: Instance, key: TableKey) {
        let value = self.local_storage.remove(&Place::Table(key));
        if let Some(value) = value.filter(|_| FREE_TABLE.holds()) {
            self.let_go(instance, reason::FREE_TABLE_LS, value);
        }
    }

    /// A cursor was closed: a sloppy engine lets a table go with its last one.
    pub(super) fn let_table_go_early(&mut self, cursor: Jet<(Dbid, TableKey)>) {
        let Ok((_, key)) = cursor else {
            return;
        };
        let last = !self.cursors.values().any(|cursor| cursor.table == key);
        if let Ok(table) = self.table(key)
            && last
            && !FREE_TABLE_LATE.holds()
        {
            self.let_table_go(table.home.0, key);
        }
    }

    /// Forgets a temporary table.
    pub(super) fn forget_temporary(&mut self, key: TableKey) {
        if let Some(table) = self.tables.remove(&key)
            && FREE_TEMPORARY.holds()
        {
            self.let_table_go(table.home.0, key);
        }
    }

    /// The engine cleans up after deleted tables, whose values lasted until now.
    pub fn let_deleted_tables_go(&mut self, instance: Instance) {
        let deleted = std::mem::take(&mut self.deleted_tables);
        for (home, key) in deleted {
            if home == instance {
                self.let_table_go(instance, key);
            } else {
                self.deleted_tables.push((home, key));
            }
        }
    }
}
