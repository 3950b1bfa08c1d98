//! Which operations a cursor allows in the state it is in.
//!
//! Operations of a cursor are refused as illegal by its state before they look at their arguments:
//! while an event is delivered with it, while a temporary table is being filled, after an
//! unversioned update failed.

use super::engine::State;
use super::gate::Entry;
use super::handles::Tableid;
use super::outcome::Jet;
use super::quirks;
use super::rules::{Rule, rules};
use crate::abi::errors::JetError;

rules! {
    /// The listed operations work on the cursor of a callback.
    /// (jet-callback-callback-function.md)
    CALLBACK_ALLOWS = "callback/passed-cursor-allows";
    /// Every other operation on the cursor of a callback is refused.
    /// (jet-callback-callback-function.md)
    CALLBACK_REFUSES = "callback/passed-cursor-refuses";
    /// The refusal is JET_errIllegalOperation.
    CALLBACK_REFUSAL = "callback/refusal-is-illegal-operation";
    /// JetGetRecordSize is not among the listed operations. (jet-callback-callback-function.md)
    RECORD_SIZE = "callback/record-size-refused";
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
    GetRecordSize;
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
        if cursor.in_events > 0 {
            check_inside_callback(operation)?;
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

/// Refuses an operation on the cursor of a callback that is not among the listed ones.
fn check_inside_callback(operation: Operation) -> Jet<()> {
    if operation == Operation::GetRecordSize && quirks::RECORD_SIZE_IN_CALLBACK.genuine() {
        return Ok(());
    }
    let refused = match operation {
        Operation::GetRecordSize => RECORD_SIZE.holds(),
        other if other.allowed_in_callback() => !CALLBACK_ALLOWS.holds(),
        // Without the rule those are let through that do no harm to the change.
        Operation::Move | Operation::MakeKey | Operation::Seek => CALLBACK_REFUSES.holds(),
        _ => true,
    };
    if refused {
        return Err(CALLBACK_REFUSAL.error(JetError::IllegalOperation));
    }
    Ok(())
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
