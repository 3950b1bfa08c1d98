//! What the cursor that a callback is passed allows, function by function.

use super::cursor::Cursor;
use super::engine::State;
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
    /// A duplicate of a callback's cursor is not restricted.
    DUP_UNRESTRICTED = "callback/dup-unrestricted";
    /// Other cursors of the session are not restricted.
    SECOND_UNRESTRICTED = "callback/second-cursor-unrestricted";
    /// Cursors of other sessions are not restricted.
    OTHER_SESSION_UNRESTRICTED = "callback/other-session-unrestricted";
}

/// What becomes of an operation on the cursor that a callback is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// It is among the functions that the page lists.
    Works,
    /// It is not.
    Refused,
}

macro_rules! operations {
    ($($name:ident = $inside:ident by $rule:ident $id:literal;)*) => {
        /// The operations that are dispatched through a cursor, named after their functions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation { $(#[doc = concat!("Jet", stringify!($name))] $name),* }

        $(static $rule: Rule = Rule::new($id);)*

        /// The rule of each operation on the cursor of a callback.
        pub static OPERATION_RULES: &[&Rule] = &[$(&$rule),*];

        impl Operation {
            /// What becomes of it on the cursor of a callback, and by which rule.
            /// (jet-callback-callback-function.md)
            fn inside(self) -> (Inside, &'static Rule) {
                match self { $(Self::$name => (Inside::$inside, &$rule)),* }
            }
        }
    };
}

operations! {
    AddColumn = Refused by ADD_COLUMN "callback/refuses-add-column";
    CloseTable = Refused by CLOSE_TABLE "callback/refuses-close-table";
    ComputeStats = Refused by COMPUTE_STATS "callback/refuses-compute-stats";
    CreateIndex = Refused by CREATE_INDEX "callback/refuses-create-index";
    Delete = Refused by DELETE "callback/refuses-delete";
    DeleteColumn = Refused by DELETE_COLUMN "callback/refuses-delete-column";
    DeleteIndex = Refused by DELETE_INDEX "callback/refuses-delete-index";
    DupCursor = Works by DUP_CURSOR "callback/allows-dup-cursor";
    EnumerateColumns = Works by ENUMERATE_COLUMNS "callback/allows-enumerate-columns";
    EscrowUpdate = Refused by ESCROW_UPDATE "callback/refuses-escrow-update";
    GetBookmark = Works by GET_BOOKMARK "callback/allows-get-bookmark";
    GetCurrentIndex = Works by GET_CURRENT_INDEX "callback/allows-get-current-index";
    GetCursorInfo = Works by GET_CURSOR_INFO "callback/allows-get-cursor-info";
    GetLS = Works by GET_LS "callback/allows-get-ls";
    GetLock = Refused by GET_LOCK "callback/refuses-get-lock";
    GetRecordPosition = Works by GET_RECORD_POSITION "callback/allows-get-record-position";
    GetRecordSize = Refused by GET_RECORD_SIZE "callback/record-size-refused";
    GetSecondaryIndexBookmark = Works by GET_SECONDARY_INDEX_BOOKMARK "callback/allows-get-secondary-index-bookmark";
    GetTableColumnInfo = Works by GET_TABLE_COLUMN_INFO "callback/allows-get-table-column-info";
    GetTableIndexInfo = Works by GET_TABLE_INDEX_INFO "callback/allows-get-table-index-info";
    GetTableInfo = Works by GET_TABLE_INFO "callback/allows-get-table-info";
    GotoBookmark = Refused by GOTO_BOOKMARK "callback/refuses-goto-bookmark";
    GotoPosition = Refused by GOTO_POSITION "callback/refuses-goto-position";
    GotoSecondaryIndexBookmark = Refused by GOTO_SECONDARY_INDEX_BOOKMARK "callback/refuses-goto-secondary-index-bookmark";
    IndexRecordCount = Refused by INDEX_RECORD_COUNT "callback/refuses-index-record-count";
    MakeKey = Refused by MAKE_KEY "callback/refuses-make-key";
    Move = Refused by MOVE "callback/refuses-move";
    PrepareUpdate = Refused by PREPARE_UPDATE "callback/refuses-prepare-update";
    PrereadIndexRanges = Refused by PREREAD_INDEX_RANGES "callback/refuses-preread-index-ranges";
    PrereadKeys = Refused by PREREAD_KEYS "callback/refuses-preread-keys";
    RegisterCallback = Works by REGISTER_CALLBACK "callback/allows-register-callback";
    RenameColumn = Refused by RENAME_COLUMN "callback/refuses-rename-column";
    ResetTableSequential = Refused by RESET_TABLE_SEQUENTIAL "callback/refuses-reset-table-sequential";
    RetrieveColumn = Works by RETRIEVE_COLUMN "callback/allows-retrieve-column";
    RetrieveColumns = Works by RETRIEVE_COLUMNS "callback/allows-retrieve-columns";
    RetrieveKey = Works by RETRIEVE_KEY "callback/allows-retrieve-key";
    Seek = Refused by SEEK "callback/refuses-seek";
    SetColumn = Works by SET_COLUMN "callback/allows-set-column";
    SetColumns = Works by SET_COLUMNS "callback/allows-set-columns";
    SetCurrentIndex = Refused by SET_CURRENT_INDEX "callback/refuses-set-current-index";
    SetCursorFilter = Refused by SET_CURSOR_FILTER "callback/refuses-set-cursor-filter";
    SetIndexRange = Refused by SET_INDEX_RANGE "callback/refuses-set-index-range";
    SetLS = Works by SET_LS "callback/allows-set-ls";
    SetTableSequential = Refused by SET_TABLE_SEQUENTIAL "callback/refuses-set-table-sequential";
    UnregisterCallback = Works by UNREGISTER_CALLBACK "callback/allows-unregister-callback";
    Update = Refused by UPDATE "callback/refuses-update";
}

impl Operation {
    /// Refuses the operation on the cursor of a callback where it is not among the listed ones.
    ///
    /// # Errors
    /// `JET_errIllegalOperation`.
    pub(super) fn check_inside_callback(self) -> Jet<()> {
        if self == Self::GetRecordSize {
            let refused = !quirks::RECORD_SIZE_IN_CALLBACK.genuine();
            return GET_RECORD_SIZE.refuse(refused, JetError::IllegalOperation);
        }
        let (inside, rule) = self.inside();
        let refused = match inside {
            Inside::Works => !CALLBACK_ALLOWS.holds() || !rule.holds(),
            Inside::Refused => CALLBACK_REFUSES.holds() && rule.holds(),
        };
        if refused {
            return Err(CALLBACK_REFUSAL.error(JetError::IllegalOperation));
        }
        Ok(())
    }
}

impl State {
    /// Other cursors of the table are free while a callback runs; a stricter engine would restrict
    /// them too.
    pub(super) fn check_unrestricted(&self, cursor: &Cursor) -> Jet<()> {
        let free = [
            &DUP_UNRESTRICTED,
            &SECOND_UNRESTRICTED,
            &OTHER_SESSION_UNRESTRICTED,
        ];
        if free.iter().all(|rule| rule.holds()) {
            return Ok(());
        }
        let passed =
            |other: &&Cursor| self.threads.restricts(other.tableid) && other.table == cursor.table;
        let Some(passed) = self.cursors.values().find(passed) else {
            return Ok(());
        };
        let rule = if cursor.duplicated_inside {
            &DUP_UNRESTRICTED
        } else if passed.sesid == cursor.sesid {
            &SECOND_UNRESTRICTED
        } else {
            &OTHER_SESSION_UNRESTRICTED
        };
        rule.allow(true, JetError::IllegalOperation)
    }
}
