//! Callbacks: what they are told, and what their answers do to the call that they are told of.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::gate::Call;
use super::handles::{Dbid, Sesid, Tableid};
use super::outcome::Jet;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// The callback runs on the thread that makes the change.
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
    /// A fault inside a callback of a change fails the change, as an error from it would.
    /// (jetdelete-function.md)
    FAULT = "callback/fault-is-callback-failed";
    /// A fault inside the function of a user-defined default fails the reading.
    DEFAULT_FAULT = "callback/default-fault";
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

/// The code that stands for a fault inside a callback of that reason; `None` where faults are not
/// caught. (jetdelete-function.md)
pub fn fault_code(cbtyp: u32) -> Option<i32> {
    let caught = match cbtyp {
        reason::USER_DEFINED_DEFAULT => DEFAULT_FAULT.holds(),
        reason::BEFORE_INSERT..=reason::AFTER_DELETE => FAULT.holds(),
        _ => false,
    };
    caught.then_some(JetError::CallbackFailed.code())
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

/// A function is told from another by its address, which is what its text shows.
impl Hash for dyn Callback {
    fn hash<H: Hasher>(&self, state: &mut H) {
        format!("{self:?}").hash(state);
    }
}

/// What a callback gets as pvContext.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
}
