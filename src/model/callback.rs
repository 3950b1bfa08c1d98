//! Delivering an event to the callbacks of a table: which ones, in which order, with what.
//!
//! The lock is let go around every single call, so the application may call back in, from the
//! thread of the callback with any session, and from other threads with other sessions. While the
//! event is delivered its cursor allows only the listed operations.

use std::fmt::Debug;
use std::sync::Arc;

use super::gate::Call;
use super::handles::{Dbid, HandleId, Sesid, TableKey, Tableid};
use super::outcome::Jet;
use super::quirks;
use super::registration::{Registration, VISIBLE_BEFORE_COMMIT};
use super::rules::{Rule, rules};
use super::settings::id;
use super::stored_callback as stored;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// The callback runs on the thread that makes the change. (jet-cbtyp.md)
    SAME_THREAD = "cbtyp/same-thread";
    /// A registration belongs to the table: whichever cursor changes it, the callback is called.
    /// (jetregistercallback-function.md)
    SCOPE_IS_TABLE = "register/scope-is-table";
    /// Cursors opened later call it too.
    LATER_CURSORS = "register/later-cursors-fire";
    /// A callback is not called for reasons outside its mask. (jetregistercallback-function.md)
    ONLY_ITS_REASONS = "register/unknown-reasons-accepted";
    /// A registration on a table does not compute the user-defined default of a column.
    NO_USER_DEFAULT = "register/user-default-never-fires";
    /// The reasons that are delivered by other routes never reach a registration on a table.
    OTHER_REASONS = "register/other-reasons-never-fire";
    /// A callback of a derived table is called for that table only.
    DERIVED_ALONE = "register/derived-not-for-template";
    /// Stopping the service does not cut off the events of a call that is under way.
    STOPPED_MEANWHILE = "gate/stop-during-callback";
    /// The callback is told the one reason of the event, not its mask.
    /// (jet-callback-callback-function.md)
    ONE_BIT = "register/single-reason-told";
    /// The callback gets the session that does the work, not the one that registered.
    /// (jet-cbtyp.md)
    SESID = "register/sesid-of-the-change";
    /// The callback gets the cursor and the database of the change, and zero where its reason has no
    /// argument. (jet-cbtyp.md)
    ARGUMENTS = "cbtyp/change-arguments";
    /// The callback gets its context back unchanged. (jetregistercallback-function.md)
    CONTEXT = "register/context-handed-back";
    /// The newest registration is called first.
    NEWEST_FIRST = "register/fires-newest-first";
    /// The callback stored with the table is called after the registrations.
    STORED_LAST = "register/fires-before-stored";
    /// Callbacks of the template are called for the tables derived from it.
    TEMPLATE_FIRES = "register/template-fires-for-derived";
    /// The callbacks of the template are called after those of the derived table.
    TEMPLATE_LAST = "register/derived-before-template";
    /// A change inside a callback calls the callbacks again.
    NESTS = "callback/nests";
    /// There is no limit to that.
    NESTS_DEEP = "callback/nests-deep";
    /// A transaction that a callback began and did not end stays open.
    UNMATCHED_BEGIN = "callback/unmatched-begin";
    /// The first error ends the delivery of the event.
    STOPS_AT_ERROR = "register/error-stops-walk";
    /// A callback registered meanwhile is not called for the event in progress.
    NEW_WAITS = "register/new-waits-for-next-event";
    /// A callback unregistered meanwhile is not called any more.
    UNREGISTERED_MEANWHILE = "unregister/not-yet-reached";
    /// A cursor is restricted only until the event is over.
    RESTRICTION_ENDS = "callback/restriction-ends";
    /// The reasons of an insert are delivered. (jet-cbtyp.md)
    INSERT_REASONS = "cbtyp/insert-reasons";
    /// The reasons of a replace are delivered. (jet-cbtyp.md)
    REPLACE_REASONS = "cbtyp/replace-reasons";
    /// The reasons of a delete are delivered. (jet-cbtyp.md)
    DELETE_REASONS = "cbtyp/delete-reasons";
    /// An error from BeforeInsert is the result of the call. (jet-cbtyp.md)
    INSERT_VETO = "cbtyp/before-error-vetoes-insert";
    /// An error from BeforeReplace is the result of the call. (jet-cbtyp.md)
    REPLACE_VETO = "cbtyp/before-error-vetoes-replace";
    /// An error from BeforeDelete is the result of the call. (jet-cbtyp.md)
    DELETE_VETO = "cbtyp/before-error-vetoes-delete";
    /// Any negative number is an error, listed or not.
    ANY_NUMBER = "cbtyp/before-error-any-number";
    /// A warning from a Before reason is success.
    WARNING_DROPPED = "cbtyp/before-warning-dropped";
    /// An error from an After reason is ignored. (jet-cbtyp.md)
    AFTER_IGNORED = "cbtyp/after-error-ignored";
    /// Disabling callbacks keeps registered functions from being called.
    /// (callback-parameters.md)
    DISABLED = "parameter/disable-callbacks";
    /// Disabling callbacks keeps user-defined defaults from being called.
    /// (callback-parameters.md)
    DISABLED_DEFAULT = "parameter/disable-callbacks-default";
    /// Stored callbacks have to be enabled, others do not. (callback-parameters.md)
    ONLY_STORED = "parameter/persisted-callbacks-only-stored";
    /// A stored callback fails when persisted callbacks are disabled. (callback-parameters.md)
    STORED_DISABLED = "stored/disabled-fails";
}

/// Reasons, `JET_CBTYP`. (jet-cbtyp.md)
pub mod reason {
    /// Before a record is inserted.
    pub const BEFORE_INSERT: u32 = 0x2;
    /// After a record was inserted.
    pub const AFTER_INSERT: u32 = 0x4;
    /// Before a record is replaced.
    pub const BEFORE_REPLACE: u32 = 0x8;
    /// After a record was replaced.
    pub const AFTER_REPLACE: u32 = 0x10;
    /// Before a record is deleted.
    pub const BEFORE_DELETE: u32 = 0x20;
    /// After a record was deleted.
    pub const AFTER_DELETE: u32 = 0x40;
    /// The value of a column with a user-defined default is needed.
    pub const USER_DEFINED_DEFAULT: u32 = 0x80;
    /// Online defragmentation has ended.
    pub const ONLINE_DEFRAG_COMPLETED: u32 = 0x100;
    /// The context of a cursor has to be freed.
    pub const FREE_CURSOR_LS: u32 = 0x200;
    /// The context of a table has to be freed.
    pub const FREE_TABLE_LS: u32 = 0x400;
}

/// A function of the application, `JET_CALLBACK`. (jet-callback-callback-function.md)
pub trait Callback: Debug + Send + Sync {
    /// Runs the function; what it writes through its pointers is left in the event.
    fn call(&self, event: &mut Event) -> i32;

    /// Whether the address can be that of a function. A good engine does not ask.
    fn is_plausible(&self) -> bool {
        true
    }
}

/// What a callback gets as pvContext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Context {
    /// The pointer that was registered, never looked at.
    Value(usize),
    /// The engine's copy of stored user data; the callback gets its address.
    Data(Arc<[u8]>),
}

impl Context {
    /// No context.
    pub const NULL: Self = Self::Value(0);
}

/// What a callback gets as pvArg1 or pvArg2.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Argument {
    /// A null pointer.
    #[default]
    Null,
    /// A number in the place of the pointer.
    Value(usize),
    /// The address of a zero-terminated name.
    Text(String),
    /// The address of bytes that the callback may write.
    Bytes(Vec<u8>),
    /// The address of a 32-bit number that the callback may write.
    Number(u32),
}

/// The eight arguments of a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The session that does the work.
    pub sesid: Sesid,
    /// The database.
    pub dbid: Dbid,
    /// The cursor.
    pub tableid: Tableid,
    /// The one reason.
    pub cbtyp: u32,
    /// The first argument of the reason.
    pub arg1: Argument,
    /// The second argument of the reason.
    pub arg2: Argument,
    /// The context of the registration.
    pub context: Context,
    /// The columnid for a user-defined default, else zero.
    pub unused: usize,
}

/// Something that the callbacks of a cursor's table are told about.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// The cursor.
    pub tableid: Tableid,
    /// The one reason.
    pub cbtyp: u32,
    /// The column of a user-defined default, else zero.
    pub columnid: u32,
    /// The first argument; what the callback wrote, afterwards.
    pub arg1: Argument,
    /// The second argument; what the callback wrote, afterwards.
    pub arg2: Argument,
}

impl Occasion {
    /// An occasion without arguments, as all Before and After reasons are.
    pub fn plain(tableid: Tableid, cbtyp: u32) -> Self {
        Self {
            tableid,
            cbtyp,
            columnid: 0,
            arg1: Argument::Null,
            arg2: Argument::Null,
        }
    }
}

impl Call<'_> {
    /// Delivers a Before reason. The caller looks at its cursor again afterwards: the callbacks may
    /// have closed the database, rolled back, or changed the record.
    ///
    /// # Errors
    /// The first error of a callback; warnings count as success.
    pub fn before(&mut self, tableid: Tableid, cbtyp: u32) -> Jet<()> {
        let code = self.fire(&mut Occasion::plain(tableid, cbtyp));
        if code > 0 && !WARNING_DROPPED.holds() {
            return Err(JetError::CallbackFailed);
        }
        let error = match JetError::from_code(code) {
            JetError::Other(_) if !ANY_NUMBER.holds() => JetError::CallbackFailed,
            error => error,
        };
        let veto = match cbtyp {
            reason::BEFORE_REPLACE => &REPLACE_VETO,
            reason::BEFORE_DELETE => &DELETE_VETO,
            _ => &INSERT_VETO,
        };
        veto.refuse(code < 0, error)?;
        let after = cbtyp << 1;
        self.check_enabled_after(tableid, after)
    }

    /// Delivers an After reason; its errors are ignored.
    ///
    /// # Errors
    /// None while the rule about them is kept.
    pub fn after(&mut self, tableid: Tableid, cbtyp: u32) -> Jet<()> {
        let code = self.fire(&mut Occasion::plain(tableid, cbtyp));
        if code < 0 && !AFTER_IGNORED.holds() {
            return Err(JetError::from_code(code));
        }
        Ok(())
    }

    /// Delivers an occasion to the table's callbacks and then to its template's, and gives the last
    /// return code, the first error if there was one.
    pub fn fire(&mut self, occasion: &mut Occasion) -> i32 {
        let Ok(cursor) = self.cursor(occasion.tableid) else {
            return 0;
        };
        let stopped = self
            .instance(self.instance)
            .is_ok_and(|instance| instance.stopped);
        if stopped && !STOPPED_MEANWHILE.holds() {
            return 0;
        }
        let depth = self.threads.depth(self.thread());
        if (depth > 0 && !NESTS.holds()) || (depth > 10 && !NESTS_DEEP.holds()) {
            return 0;
        }
        if occasion.cbtyp == reason::USER_DEFINED_DEFAULT && self.default_disabled() {
            return JetWarning::ColumnNull.code();
        }
        let mut code = 0;
        for key in self.chain(cursor.table) {
            if code < 0 {
                break;
            }
            code = match self.walk(key, occasion) {
                None if stored::derived_warning_counts() => code,
                last => last.unwrap_or(0),
            };
        }
        code
    }

    /// The table and its template, in the order in which their callbacks are called.
    fn chain(&self, key: TableKey) -> Vec<TableKey> {
        let template = self
            .table(key)
            .ok()
            .and_then(|table| table.template)
            .filter(|_| TEMPLATE_FIRES.holds());
        let mut chain: Vec<_> = [Some(key), template].into_iter().flatten().collect();
        if !TEMPLATE_LAST.holds() {
            chain.reverse();
        }
        if !DERIVED_ALONE.holds() {
            let kin = self.tables.values().filter(|table| {
                table.key != key
                    && table.template.is_some()
                    && (table.template == Some(key) || table.template == template)
            });
            chain.extend(kin.map(|table| table.key));
        }
        chain
    }

    /// Calls the callbacks of one table; the last return code, `None` when none was called.
    fn walk(&mut self, key: TableKey, occasion: &mut Occasion) -> Option<i32> {
        let at_start = self.registrations(key);
        let mut walked: Vec<HandleId> = Vec::new();
        let mut code = None;
        while let Some(registration) = self.next_registration(key, &at_start, &walked) {
            walked.push(registration.handle);
            if !self.concerns(key, &registration, occasion) {
                continue;
            }
            let result = self.call_one(&registration, occasion);
            code = match code {
                Some(first) if first < 0 => Some(first),
                _ => Some(result),
            };
            if result > 0 && !WARNING_DROPPED.holds() {
                break;
            }
            if result < 0 && STOPS_AT_ERROR.holds() {
                break;
            }
        }
        code
    }

    /// The registrations of a table in calling order.
    fn registrations(&self, key: TableKey) -> Vec<Registration> {
        let mut list = match self.table(key) {
            Ok(table) => table.registrations.clone(),
            Err(_) => Vec::new(),
        };
        if !NEWEST_FIRST.holds() {
            list.reverse();
        }
        list.sort_by_key(|registration| registration.stored == STORED_LAST.holds());
        list
    }

    /// The next registration to look at, in its present form.
    fn next_registration(
        &self,
        key: TableKey,
        at_start: &[Registration],
        walked: &[HandleId],
    ) -> Option<Registration> {
        let now = if UNREGISTERED_MEANWHILE.holds() {
            self.registrations(key)
        } else {
            at_start.to_vec()
        };
        let was_there = |handle| at_start.iter().any(|r| r.handle == handle);
        now.into_iter()
            .find(|r| !walked.contains(&r.handle) && (was_there(r.handle) || !NEW_WAITS.holds()))
    }

    /// Calls one callback without the lock, with the cursor restricted meanwhile.
    pub(super) fn call_one(&mut self, registration: &Registration, occasion: &mut Occasion) -> i32 {
        let Some(callback) = registration.callback.clone() else {
            let rule = match registration.columnid {
                0 => &STORED_DISABLED,
                _ => &stored::DEFAULT_NOT_ENABLED,
            };
            return if rule.holds() {
                JetError::CallbackFailed.code()
            } else {
                0
            };
        };
        let mut event = self.event(registration, occasion);
        let thread = self.thread();
        let level = self
            .session(self.sesid)
            .map_or(0, |session| session.level());
        self.threads
            .begin_callback(registration.handle, thread, occasion.cbtyp);
        self.restrict(occasion.tableid, true);
        self.mark_in_callback(true);
        let code = self.unlocked(|| invoke(&*callback, &mut event));
        self.mark_in_callback(false);
        if RESTRICTION_ENDS.holds() {
            self.restrict(occasion.tableid, false);
        }
        self.threads.end_callback(registration.handle, thread);
        self.end_unmatched(level);
        occasion.arg1 = event.arg1;
        occasion.arg2 = event.arg2;
        code
    }

    /// Ends what the callback began, where a stricter engine would.
    fn end_unmatched(&mut self, level: usize) {
        let sesid = self.sesid;
        while !UNMATCHED_BEGIN.holds()
            && self
                .session(sesid)
                .is_ok_and(|session| session.level() > level)
        {
            self.rollback_inner(sesid);
        }
    }

    /// Whether user-defined defaults are not to be computed: their columns are null then.
    fn default_disabled(&self) -> bool {
        let set = self
            .instance(self.instance)
            .is_ok_and(|instance| instance.settings.flag(id::DISABLE_CALLBACKS));
        set && !quirks::DISABLED_DEFAULTS_FIRE.genuine() && DISABLED_DEFAULT.holds()
    }

    /// Notes on the innermost call of the session whether it is in the middle of a callback.
    fn mark_in_callback(&mut self, in_callback: bool) {
        let (sesid, thread) = (self.sesid, self.thread());
        if let Ok(session) = self.session_mut(sesid)
            && let Some(caller) = session.inside.iter_mut().rfind(|c| c.thread == thread)
        {
            caller.in_callback = in_callback;
        }
    }

    fn restrict(&mut self, tableid: Tableid, begin: bool) {
        if let Ok(cursor) = self.cursor_mut(tableid) {
            cursor.in_events = if begin {
                cursor.in_events + 1
            } else {
                cursor.in_events.saturating_sub(1)
            };
        }
    }

    fn event(&self, registration: &Registration, occasion: &Occasion) -> Event {
        let dbid = self.cursor(occasion.tableid).map_or(Dbid::NIL, |c| c.dbid);
        let right = ARGUMENTS.holds();
        Event {
            sesid: if SESID.holds() {
                self.sesid
            } else {
                Sesid::NIL
            },
            dbid: if right { dbid } else { Dbid::NIL },
            tableid: if right {
                occasion.tableid
            } else {
                Tableid::NIL
            },
            cbtyp: if ONE_BIT.holds() {
                occasion.cbtyp
            } else {
                registration.cbtyp
            },
            arg1: occasion.arg1.clone(),
            arg2: occasion.arg2.clone(),
            context: if self.context_rule(registration).holds() {
                registration.context.clone()
            } else {
                Context::Value(1)
            },
            unused: if stored::DEFAULT_ARGUMENTS.holds() {
                occasion.columnid as usize
            } else {
                0
            },
        }
    }

    /// The rule about what the function gets as pvContext.
    fn context_rule(&self, registration: &Registration) -> &'static Rule {
        match (registration.stored, registration.columnid) {
            (false, _) => &CONTEXT,
            (true, 0) => &stored::CONTEXT_NULL,
            (true, _) => &stored::USER_DATA,
        }
    }

    /// Whether the instance keeps the function from being called.
    fn disabled(&self, registration: &Registration) -> bool {
        let Ok(instance) = self.instance(self.instance) else {
            return false;
        };
        let stored_off = !instance.settings.flag(id::ENABLE_PERSISTED_CALLBACKS);
        if stored_off && !registration.stored && !ONLY_STORED.holds() {
            return true;
        }
        instance.settings.flag(id::DISABLE_CALLBACKS)
            && !registration.stored
            && !quirks::DISABLED_CALLBACKS_FIRE.genuine()
            && DISABLED.holds()
    }

    /// Whether the registration is to be called for the occasion.
    fn concerns(&self, key: TableKey, registration: &Registration, occasion: &Occasion) -> bool {
        if registration.cbtyp == 0 || !delivered(occasion.cbtyp) || self.disabled(registration) {
            return false;
        }
        let whole_table = SCOPE_IS_TABLE.holds() && LATER_CURSORS.holds();
        let own = registration.stored || occasion.tableid == registration.cursor;
        if !own && !whole_table {
            return false;
        }
        let (no_default, other_reasons, template_fires) = if registration.stored {
            (
                &stored::NO_DEFAULT,
                &stored::OTHER_REASONS,
                &stored::TEMPLATE_FIRES,
            )
        } else {
            (&NO_USER_DEFAULT, &OTHER_REASONS, &TEMPLATE_FIRES)
        };
        let own_table = self
            .cursor(occasion.tableid)
            .is_ok_and(|cursor| cursor.table == key);
        if !own_table && registration.columnid == 0 && !template_fires.holds() {
            return false;
        }
        let column = registration.columnid == occasion.columnid
            || (registration.columnid == 0 && !no_default.holds());
        let elsewhere = registration.cbtyp & DELIVERED_ELSEWHERE != 0 && !other_reasons.holds();
        column
            && self.in_force(registration, occasion)
            && (registration.cbtyp & occasion.cbtyp != 0 || elsewhere || !ONLY_ITS_REASONS.holds())
    }

    /// Whether the registration counts for the cursor already.
    fn in_force(&self, registration: &Registration, occasion: &Occasion) -> bool {
        let own = |cursor: &super::cursor::Cursor| cursor.sesid == registration.sesid;
        let open = self
            .session(registration.sesid)
            .is_ok_and(|session| session.level() > 0);
        VISIBLE_BEFORE_COMMIT.holds() || !open || self.cursor(occasion.tableid).is_ok_and(own)
    }
}

/// Calls the function on this thread; without the rule on another, while this one waits.
fn invoke(callback: &dyn Callback, event: &mut Event) -> i32 {
    if SAME_THREAD.holds() {
        return callback.call(event);
    }
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| callback.call(event));
        // A function of the application does not unwind.
        worker.join().unwrap_or_default()
    })
}

/// The reasons that a registration on a table accepts and never gets: JET_cbtypFinalize,
/// JET_cbtypOnlineDefragCompleted, JET_cbtypFreeCursorLS, JET_cbtypFreeTableLS. (jet-cbtyp.md)
const DELIVERED_ELSEWHERE: u32 = 0x1 | 0x100 | 0x200 | 0x400;

/// Whether the reasons of that kind of change are delivered at all.
fn delivered(cbtyp: u32) -> bool {
    match cbtyp {
        reason::BEFORE_INSERT | reason::AFTER_INSERT => INSERT_REASONS.holds(),
        reason::BEFORE_REPLACE | reason::AFTER_REPLACE => REPLACE_REASONS.holds(),
        reason::BEFORE_DELETE | reason::AFTER_DELETE => DELETE_REASONS.holds(),
        _ => true,
    }
}
