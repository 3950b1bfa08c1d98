//! Which operations a cursor allows in the state it is in.
//!
//! Operations of a cursor are refused as illegal by its state before they look at their arguments:
//! while an event is delivered with it, while a temporary table is being filled, after an
//! unversioned update failed.

use super::engine::State;
use super::gate::Entry;
use super::handles::Tableid;
use super::outcome::Jet;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// Inside a callback its cursor allows only the listed operations.
    /// (jet-callback-callback-function.md)
    CALLBACK_CURSOR = "callback/cursor-is-restricted";
    /// Temporary tables allow only the operations of their phase. (jetopentemptable-function.md)
    TEMPORARY = "temp/operation-not-allowed";
    /// After a failed unversioned update only closing and rolling back are left.
    /// (jetupdate2-function.md)
    MUST_ROLL_BACK = "update/no-version-must-roll-back";
}

/// The state of a cursor, as far as it decides which operations are legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident $(: $in_callback:ident)?;)*) => {
        /// The operations that are dispatched through a cursor, named after their functions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation { $($(#[$doc])* #[doc = concat!("Jet", stringify!($name))] $name),* }

        impl Operation {
            /// Whether the cursor of a callback allows it. (jet-callback-callback-function.md)
            pub fn allowed_in_callback(self) -> bool {
                match self { $(Self::$name => !concat!($(stringify!($in_callback))?).is_empty()),* }
            }
        }
    };
}

operations! {
    AddColumn;
    CloseTable;
    ComputeStats;
    CreateIndex;
    Delete;
    DeleteColumn;
    DeleteIndex;
    DupCursor: callback;
    EnumerateColumns: callback;
    EscrowUpdate;
    GetBookmark: callback;
    GetCurrentIndex: callback;
    GetCursorInfo: callback;
    GetLock;
    GetLS: callback;
    GetRecordPosition: callback;
    GetRecordSize: callback;
    GetSecondaryIndexBookmark: callback;
    GetTableColumnInfo: callback;
    GetTableIndexInfo: callback;
    GetTableInfo: callback;
    GotoBookmark;
    GotoPosition;
    GotoSecondaryIndexBookmark;
    IndexRecordCount;
    MakeKey;
    Move;
    PrepareUpdate;
    PrereadIndexRanges;
    PrereadKeys;
    RegisterCallback: callback;
    RenameColumn;
    ResetTableSequential;
    RetrieveColumn: callback;
    RetrieveColumns: callback;
    RetrieveKey: callback;
    RetrieveTaggedColumnList;
    Seek;
    SetColumn: callback;
    SetColumnDefaultValue;
    SetColumns: callback;
    SetCurrentIndex;
    SetCursorFilter;
    SetIndexRange;
    SetLS: callback;
    SetTableSequential;
    UnregisterCallback: callback;
    Update;
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
        CALLBACK_CURSOR.refuse(
            cursor.in_events > 0 && !operation.allowed_in_callback(),
            JetError::IllegalOperation,
        )?;
        let (rule, legal) = match cursor.stand {
            Stand::Stored => return Ok(()),
            Stand::MustRollBack => (&MUST_ROLL_BACK, operation == Operation::CloseTable),
            stand => (&TEMPORARY, stand.temporary_allows(operation)),
        };
        rule.refuse(!legal, JetError::IllegalOperation)
    }
}

impl Stand {
    fn temporary_allows(self, operation: Operation) -> bool {
        use Operation::{
            AddColumn, CreateIndex, DeleteColumn, DeleteIndex, RegisterCallback, RenameColumn,
            UnregisterCallback,
        };
        !matches!(
            operation,
            RegisterCallback
                | UnregisterCallback
                | AddColumn
                | CreateIndex
                | DeleteColumn
                | DeleteIndex
                | RenameColumn
        )
    }
}
