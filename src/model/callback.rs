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
use super::registration::Registration;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// A callback is called for the reasons of its mask. (jetregistercallback-function.md)
    FIRES = "callback/fires-for-its-reasons";
    /// A callback is not called for reasons outside its mask. (jetregistercallback-function.md)
    ONLY_ITS_REASONS = "callback/only-its-reasons";
    /// The callback is told the one reason of the event, not its mask.
    /// (jet-callback-callback-function.md)
    ONE_BIT = "callback/one-reason-at-a-time";
    /// The callback gets the session that does the work, not the one that registered.
    /// (jet-cbtyp.md)
    SESID = "callback/sesid-of-the-caller";
    /// The callback gets the database of the table. (jet-cbtyp.md)
    DBID = "callback/dbid-of-the-table";
    /// The callback gets the very cursor of the call. (jet-cbtyp.md)
    TABLEID = "callback/tableid-of-the-caller";
    /// The callback gets its context back unchanged. (jetregistercallback-function.md)
    CONTEXT = "callback/context-unchanged";
    /// The last argument is zero except where a reason uses it.
    /// (jet-callback-callback-function.md)
    UNUSED = "callback/unused-is-zero";
    /// The newest registration is called first, callbacks of the schema last.
    NEWEST_FIRST = "callback/newest-first";
    /// The callbacks of the template are called after those of the derived table.
    TEMPLATE_LAST = "callback/template-after-derived";
    /// The first error ends the delivery of the event.
    STOPS_AT_ERROR = "callback/first-error-stops";
    /// A callback registered meanwhile is not called for the event in progress.
    NOT_THE_EVENT_IN_PROGRESS = "callback/registered-inside-waits";
    /// A callback unregistered meanwhile is not called any more.
    UNREGISTERED_MEANWHILE = "callback/unregistered-inside-skipped";
    /// An error from a Before reason is the result of the call. (jet-cbtyp.md)
    BEFORE_VETOES = "callback/before-error-vetoes";
    /// An error from an After reason is ignored. (jet-cbtyp.md)
    AFTER_IGNORED = "callback/after-error-ignored";
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
        BEFORE_VETOES.refuse(code < 0, JetError::from_code(code))
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
        let mut code = 0;
        for key in self.chain(cursor.table) {
            if code < 0 {
                break;
            }
            code = match self.walk(key, occasion) {
                None if !quirks::TEMPLATE_LOSES_WARNING.genuine() => code,
                last => last.unwrap_or(0),
            };
        }
        code
    }

    /// The table and its template, in the order in which their callbacks are called.
    fn chain(&self, key: TableKey) -> Vec<TableKey> {
        let template = self.table(key).ok().and_then(|table| table.template);
        let mut chain: Vec<_> = [Some(key), template].into_iter().flatten().collect();
        if !TEMPLATE_LAST.holds() {
            chain.reverse();
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
            if !concerns(&registration, occasion) {
                continue;
            }
            let result = self.call_one(&registration, occasion);
            code = match code {
                Some(first) if first < 0 => Some(first),
                _ => Some(result),
            };
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
        now.into_iter().find(|r| {
            !walked.contains(&r.handle)
                && (was_there(r.handle) || !NOT_THE_EVENT_IN_PROGRESS.holds())
        })
    }

    /// Calls one callback without the lock, with the cursor restricted meanwhile.
    fn call_one(&mut self, registration: &Registration, occasion: &mut Occasion) -> i32 {
        let Some(callback) = registration.callback.clone() else {
            return if STORED_DISABLED.holds() {
                JetError::CallbackFailed.code()
            } else {
                0
            };
        };
        if !FIRES.holds() {
            return 0;
        }
        let mut event = self.event(registration, occasion);
        let thread = self.thread();
        self.threads.begin_callback(thread);
        self.restrict(occasion.tableid, true);
        let code = self.unlocked(|| callback.call(&mut event));
        self.restrict(occasion.tableid, false);
        self.threads.end_callback(thread);
        occasion.arg1 = event.arg1;
        occasion.arg2 = event.arg2;
        code
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
        Event {
            sesid: if SESID.holds() {
                self.sesid
            } else {
                Sesid::NIL
            },
            dbid: if DBID.holds() { dbid } else { Dbid::NIL },
            tableid: if TABLEID.holds() {
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
            context: if CONTEXT.holds() {
                registration.context.clone()
            } else {
                Context::Value(1)
            },
            unused: if UNUSED.holds() {
                occasion.columnid as usize
            } else {
                1
            },
        }
    }
}

/// Whether the registration is to be called for the occasion.
fn concerns(registration: &Registration, occasion: &Occasion) -> bool {
    let reasons = registration.cbtyp != 0
        && (registration.cbtyp & occasion.cbtyp != 0 || !ONLY_ITS_REASONS.holds());
    reasons && registration.columnid == occasion.columnid
}
