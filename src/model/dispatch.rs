//! Which operations a cursor allows in the state it is in.
//!
//! Operations of a cursor are refused as illegal by its state before they look at their arguments:
//! while an event is delivered with it, while a temporary table is being filled, after an
//! unversioned update failed.

use super::engine::State;
use super::gate::Entry;
use super::handles::Tableid;
use super::operation::Operation;
use super::outcome::Jet;
use super::rules::{Rule, rules};
use crate::abi::errors::JetError;

rules! {
    /// Nothing is deleted from a temporary table that is only read. (jetdelete-function.md)
    DELETE_TEMPORARY = "delete/not-supported";
    /// Registering works on the cursor of a callback. (jet-callback-callback-function.md)
    REGISTER_INSIDE = "callback/register-inside";
    /// A temporary table cannot be registered on.
    REGISTER_TEMPORARY = "register/temporary-table";
    /// Nothing can be unregistered through a temporary table.
    UNREGISTER_TEMPORARY = "unregister/temporary-table";
    /// Local storage waits until a temporary table is read.
    LS_FILLING = "ls/temporary-table";
    /// Temporary tables allow only the operations of their phase. (jetopentemptable-function.md)
    TEMPORARY = "temp/operation-not-allowed";
    /// After a failed unversioned update a cursor cannot be registered on.
    REGISTER_MUST_ROLL_BACK = "register/must-rollback-cursor";
    /// After a failed unversioned update nothing can be unregistered through the cursor.
    UNREGISTER_MUST_ROLL_BACK = "unregister/must-rollback-cursor";
    /// After a failed unversioned update only closing and rolling back are left.
    /// (jetupdate2-function.md)
    MUST_ROLL_BACK = "update/no-version-must-roll-back";
}

/// The state of a cursor, as far as it decides which operations are legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Stand {
    /// A cursor over a stored table.
    #[default]
    Stored,
    /// A cursor over a stored table whose unversioned update failed.
    MustRollBack,
    /// A temporary table that is still being filled and sorted.
    TemporaryFilling,
    /// A temporary table that is read forward only, from the sort.
    TemporaryReading,
    /// A temporary table that behaves like a stored one.
    TemporaryTable,
}

impl Operation {
    /// Whether the operation stays allowed after JetStopService.
    pub fn entry(self) -> Entry {
        match self {
            Self::CloseTable => Entry::EvenStopped,
            _ => Entry::Usual,
        }
    }
}

impl State {
    /// Refuses an operation that the state of the cursor does not allow.
    pub(super) fn check_dispatch(&self, tableid: Tableid, operation: Operation) -> Jet<()> {
        let cursor = self.cursor(tableid)?;
        if self.threads.restricts(tableid) {
            operation.check_inside_callback()?;
        } else if self.threads.in_any_callback() {
            self.check_unrestricted(cursor)?;
        }
        let legal = match cursor.stand {
            Stand::Stored => return Ok(()),
            Stand::MustRollBack => operation == Operation::CloseTable,
            stand => stand.temporary_allows(operation),
        };
        cursor
            .stand
            .rule(operation)
            .refuse(!legal, JetError::IllegalOperation)
    }
}

impl Stand {
    /// The rule that refuses the operation in this state.
    fn rule(self, operation: Operation) -> &'static Rule {
        match (self, operation) {
            (Self::MustRollBack, Operation::RegisterCallback) => &REGISTER_MUST_ROLL_BACK,
            (Self::MustRollBack, Operation::UnregisterCallback) => &UNREGISTER_MUST_ROLL_BACK,
            (Self::MustRollBack, _) => &MUST_ROLL_BACK,
            (_, Operation::RegisterCallback) => &REGISTER_TEMPORARY,
            (_, Operation::UnregisterCallback) => &UNREGISTER_TEMPORARY,
            (_, Operation::Delete) => &DELETE_TEMPORARY,
            _ => &TEMPORARY,
        }
    }

    /// Whether a temporary table allows the operation in its phase.
    fn temporary_allows(self, operation: Operation) -> bool {
        use Operation::{
            CloseTable, Delete, DupCursor, EnumerateColumns, EscrowUpdate, GetBookmark,
            GetCursorInfo, GetLS, GetRecordSize, GetTableInfo, GotoBookmark, MakeKey, Move,
            PrepareUpdate, RetrieveColumn, RetrieveColumns, RetrieveKey, Seek, SetColumn,
            SetColumns, SetIndexRange, SetLS, Update,
        };
        let always = matches!(
            operation,
            CloseTable | DupCursor | MakeKey | Move | RetrieveKey | Seek
        );
        let reads = matches!(
            operation,
            EnumerateColumns
                | GetBookmark
                | GetLS
                | GetRecordSize
                | GetTableInfo
                | GotoBookmark
                | RetrieveColumn
                | RetrieveColumns
                | SetIndexRange
                | SetLS
        );
        let fills = matches!(
            operation,
            EscrowUpdate | PrepareUpdate | SetColumn | SetColumns | Update
        );
        let copies = matches!(
            operation,
            RetrieveColumn | RetrieveColumns | EnumerateColumns
        );
        match self {
            Self::TemporaryFilling => {
                let storage = matches!(operation, SetLS | GetLS) && !LS_FILLING.holds();
                always || fills || copies || storage
            }
            Self::TemporaryReading => always || reads,
            _ => always || reads || fills || matches!(operation, Delete | GetCursorInfo),
        }
    }
}
