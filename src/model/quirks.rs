//! Where the published engine departs from the documents: one named quirk each, in one place.

use super::profile::Profile;

/// A difference between the documents and the published engine.
#[derive(Debug)]
pub struct Quirk {
    /// The requirement that the published engine keeps in its own way.
    pub id: &'static str,
    /// What the published engine does instead.
    pub differs: &'static str,
}

impl Quirk {
    /// Whether the engine behaves as the published one here.
    pub fn genuine(&self) -> bool {
        Profile::current() == Profile::Genuine
    }
}

macro_rules! quirks {
    ($($name:ident = $id:literal, $differs:literal;)*) => {
        $(#[doc = $differs] pub static $name: Quirk = Quirk { id: $id, differs: $differs };)*
        /// Every quirk.
        pub static ALL: &[&Quirk] = &[$(&$name),*];
    };
}

quirks! {
    COMPOUND_LOSES_DELETE = "update/copy-delete-original-retry",
        "A compound update that failed is tried again as an insert of the copy; the original stays.";
    UNVERSIONED_DELETE_STAYS = "update/copy-delete-original-unversioned",
        "Where a temporary table has no versions, a compound update that fails leaves the original deleted.";
    REGISTRATION_ENDS_AT_DETACH = "register/survives-detach",
        "Registrations are dropped when the database is detached, before JetTerm.";
    NOT_INITIALIZED_IS_INVALID_SESID = "gate/not-initialized",
        "With no instance a session call is JET_errInvalidSesid, because the session is looked for first.";
    NO_RESTORE_ERROR_FOR_SESSIONS = "gate/restore-in-progress",
        "A session call is never JET_errRestoreInProgress.";
    RECORD_SIZE_IN_CALLBACK = "callback/record-size-refused",
        "JetGetRecordSize and JetGetRecordSize2 work on the cursor of a callback.";
    TERM_MINDS_TRANSACTIONS = "instance/term-abrupt-open-transaction",
        "An open transaction keeps JetTerm from ending the instance whatever the options, save the dirty one.";
    DISABLED_DEFAULTS_FIRE = "parameter/disable-callbacks-default",
        "JET_paramDisableCallbacks does not keep the function of a user-defined default from being called.";
    DISABLED_CALLBACKS_FIRE = "parameter/disable-callbacks",
        "JET_paramDisableCallbacks does not keep registered functions from being called.";
    TEMPORARY_WHEN_NEEDED = "instance/init-makes-temporary-database",
        "The temporary database is made when something first needs it: a temporary table, a list, a new index.";
    TEMPORARY_BESIDE_SYSTEM = "instance/temporary-path-relative",
        "A relative JET_paramTempPath is one from the system folder.";
    CLOSE_NOT_OPENED = "database/close-not-opened",
        "JetCloseDatabase of a database that the session has not open is JET_errInvalidDatabaseId.";
    CREATE_FOLDER_KILLS = "database/create-folder-missing",
        "JetCreateDatabase in a missing folder is JET_errInvalidPath and makes the instance unavailable.";
    MULTI_MODE_IN_SPITE = "instance/multi-mode-not-entered",
        "JetEnableMultiInstance enters multi-instance mode even when one of its parameters is refused.";
    LS_TABLE_RESET_UNSET = "ls/get-reset-unset-table",
        "JetGetLS with JET_bitLSReset on an empty place of a table is JET_errLSNotSet.";
    TEMPLATE_LOSES_WARNING = "default/derived-warning",
        "A warning from the user-defined default of a derived table's own column is lost, because the template's callbacks are consulted afterwards.";
    WIDE_NAME_IS_NARROW = "default/wide-name",
        "The wide functions take szCallback of a user-defined default as narrow text.";
    CREATED_COUNTS_CALLBACK = "stored/created-count",
        "cCreated counts the callback that was stored with a table too.";
    DISABLED_STORED_WINS = "stored/disabled-wins",
        "With JET_paramDisableCallbacks the callbacks stored with tables are not loaded, so changes succeed even where persisted callbacks are not enabled.";
    NOT_ENABLED_AFTER_IGNORED = "stored/not-enabled-after",
        "A stored callback that is not enabled fails only reasons before a change.";
    COUNT_EMPTY_FAILS = "cursor/count-empty",
        "Counting on an empty index is JET_errNoCurrentRecord, with a count of zero.";
    ESCROW_ANYWHERE = "escrow/no-current-record",
        "JetEscrowUpdate on a cursor before the first or after the last record changes that record; after a failed seek it is JET_errRecordDeleted.";
    INTRINSIC_OF_ANY_SIZE = "setcolumn/intrinsic-too-big",
        "JET_bitSetIntrinsicLV takes a long value of any size, and moves it out of the record where it does not fit.";
    OVERWRITE_KEEPS_THE_REST = "setcolumn/overwrite",
        "JET_bitSetOverwriteLV writes over the bytes from ibLongValue on, and keeps the others.";
    TAGGED_MAY_BE_NOT_NULL = "column/tagged-not-null",
        "A tagged column or a long value that must not be null is made, and a record without it is refused.";
    TUPLE_LIMITS_ARE_RANGES = "parameter/tuple-limits",
        "A tuple length outside its limits is JET_errInvalidParameter, like any number out of range.";
    TUPLES_OF_SEVERAL = "index/tuples-one-column",
        "A tuple index may have further columns behind its text.";
    INDEX_NAME_CUT_SILENTLY = "index/current-get-truncated",
        "The name of an index is cut without a warning unless the buffer has no room at all.";
    IDLE_TAKES_UNKNOWN = "session/idle-grbit",
        "Only the options that are refused are JET_errInvalidGrbit; unknown ones are ignored.";
    COLUMN_INFO_BUFFER = "column/info-buffer",
        "Without room for what is told of a column the call is JET_errBufferTooSmall.";
    INDEX_INFO_BUFFER = "index/info-buffer",
        "Without room for what is told of an index the call is JET_errBufferTooSmall.";
    SHRINKING_IS_ASKED_FOR = "database/resizes",
        "A database shrinks only where JET_paramEnableShrinkDatabase allows it, else the call is JET_errFeatureNotAvailable.";
    BACKUP_NOT_YET = "backup/not-yet",
        "A backup while the instance is being initialised is JET_errNotInitialized.";
    TERM_STOPS_BACKUP = "instance/term-during-backup",
        "The backup is stopped, unless JET_bitTermComplete alone is given; for the end of a snapshot the call waits.";
    FILE_INFO_OBSOLETE = "database/file-info-obsolete",
        "JET_DbInfoIsam of a file is JET_errInvalidParameter, as any other level that is none.";
    BACKUP_OPTIONS = "backup/grbit",
        "An option of a backup that does not exist is ignored.";
    BACKUP_WITHOUT_PROGRESS = "backup/begin-and-complete",
        "A backup tells its beginning and its completion, and no progress.";
    PARTIAL_ATTACHES = "compact/partial-destination-attaches",
        "A half-made destination of a compaction can be attached, with the tables that were copied.";
    REPAIR_IGNORED = "compact/repair",
        "JET_bitCompactRepair is not looked at.";
    STATISTICS_NEED_FUNCTION = "compact/stats-file",
        "The statistics of a compaction are written only where a function is given.";
    RESTORE_PATH = "restore/path",
        "The folder of a backup that does not exist is JET_errFileNotFound.";
    BACKUP_HERE = "backup/path-null-truncates",
        "Without a path the backup goes into the current folder.";
    RESTORE_LOG_MISSING = "restore/log-missing",
        "A backup that lacks a log is JET_errFileNotFound.";
    RESTORE_DAMAGED_LOG = "restore/damaged-log",
        "A damaged log of a backup is JET_errLogCorruptDuringHardRestore.";
    RESTORE_DAMAGED_COPY = "restore/damaged-database",
        "A damaged database of a backup is JET_errDatabaseCorrupted.";
    RESTORE_OTHER_LOGS = "restore/log-sequence",
        "Logs of another set in the folder of the log are JET_errExistingLogFileHasBadSignature.";
    CLEANUP_NEEDS_CIRCULAR = "recovery/cleanup-mismatched-logs",
        "JET_paramCleanupMismatchedLogFiles without circular logging is JET_errInvalidSettings.";
    RESTORE_TARGET_STOPPED = "restore/external-target",
        "A target log path whose instance does not run is where the restore runs.";
    RESTORE_LOGS_BY_NOTE = "restore/external-logs",
        "Which logs are needed is read in the databases, whatever other logs there are.";
    CONTROL_NOTIFICATIONS = "restore/control-notifications",
        "Recovery and restore also send control notifications, whose answer steers them.";
    SNAPSHOT_PREPARE_GRBIT = "snapshot/prepare-grbit",
        "An unknown option of JetOSSnapshotPrepare is JET_errInvalidGrbit.";
    SNAPSHOT_PREPARE_INSTANCE_GRBIT = "snapshot/prepare-instance-grbit",
        "An option of JetOSSnapshotPrepareInstance is JET_errInvalidGrbit.";
    SNAPSHOT_FREEZE_GRBIT = "snapshot/freeze-grbit",
        "An option of JetOSSnapshotFreeze is JET_errInvalidGrbit.";
    SNAPSHOT_THAW_GRBIT = "snapshot/thaw-grbit",
        "An option of JetOSSnapshotThaw is JET_errInvalidGrbit.";
    SNAPSHOT_ABORT_GRBIT = "snapshot/abort-grbit",
        "An option of JetOSSnapshotAbort is JET_errInvalidGrbit.";
    SNAPSHOT_SEVERAL = "snapshot/one-session",
        "Several snapshot sessions may go on at a time.";
    SNAPSHOT_SUBSET = "snapshot/prepare-instance-subset",
        "Naming an instance that a snapshot session took in already is JET_errOSSnapshotNotAllowed, and the others stay.";
    SNAPSHOT_FREEZE_AGAIN = "snapshot/freeze-after-failure",
        "A freeze that failed can be tried again.";
    SNAPSHOT_THAW_SEQUENCE = "snapshot/thaw-not-frozen",
        "The thaw of a session that is not frozen is JET_errOSSnapshotInvalidSequence.";
    SNAPSHOT_THAW_TIMED_OUT = "snapshot/thaw-timed-out",
        "A session with JET_bitContinueAfterThaw goes on after a freeze that took too long.";
    SNAPSHOT_END_TIMED_OUT = "snapshot/end-timed-out",
        "After a freeze that took too long a session can only be aborted.";
    NULL_DEFAULT_HAS_SIZE = "default/null-size",
        "The size that is told of a null user-defined default is the one that its function left.";
    ENUMERATION_ASKS_NOBODY = "default/enumerate-fails",
        "JetEnumerateColumns never calls the function of a user-defined default: unless told to ignore defaults it is JET_errCallbackFailed on a table with one.";
    ENUMERATION_ASKS_NOBODY_DERIVED = "default/enumerate-derived",
        "JetEnumerateColumns is JET_errCallbackFailed on a table whose template has a user-defined default, unless told to ignore defaults.";
    VERSION_COUNTS_LATE = "cbtyp/replace-version",
        "A version column counts on after the callbacks before a replace, not when that is prepared.";
    WIDE_ESCROW_BY_FORMAT = "escrow/column-format",
        "An escrow column may be LongLong where the engine format is new enough.";
    LONG_DEFAULT_REFUSED = "column/default-long-value",
        "A default of a long value of more than 255 bytes is JET_errDefaultValueTooBig.";
    MOST_MANY_OBSOLETE = "table/info-most-many",
        "JET_TblInfoMostMany is obsolete: JET_errFeatureNotAvailable.";
    RVT_LIKE_THE_OTHERS = "table/info-rvt",
        "JET_TblInfoRvt is JET_errFeatureNotAvailable like the other obsolete levels.";
    DATABASE_TOLD_ONCE = "table/info-dbid",
        "JET_TblInfoDbid writes the database once.";
    SPACE_ROOM_IS_A_PARAMETER = "table/info-space-room",
        "A buffer without room for the numbers of JET_TblInfoSpaceUsage or JET_TblInfoSpaceOwned is JET_errInvalidParameter.";
    FAILED_COLUMN_NOT_TOLD = "retrieve/several-error-in-err",
        "JetRetrieveColumns leaves err of the column that fails as it was.";
    SESSION_ID_HAS_AN_ERROR = "parameter/session-unknown-id",
        "JetSetSessionParameter with an unknown id is JET_errInvalidSesparamId.";
    SESSION_LEVEL_IS_A_FEATURE = "parameter/session-read-only",
        "Setting the transaction level with JetSetSessionParameter is JET_errFeatureNotAvailable.";
    EMPTY_RANGE_MOVES = "cursor/range-empty-stays",
        "An index range with no entry leaves the cursor without a record, and no range in effect.";
    USED_KEY_STAYS = "key/copy-after-use",
        "A search key can still be copied after a seek or an index range has used it.";
    DUPLICATE_STANDS_NOWHERE = "bookmark/of-duplicate",
        "A duplicate that was never moved has no bookmark to give, though it can be read.";
    RESTORE_FAILS_SILENTLY = "restore/fail-notified",
        "A restore that fails tells nothing more.";
}
