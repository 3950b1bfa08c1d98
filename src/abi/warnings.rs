//! Return codes: every warning that the error-code page lists.
//! (extensible-storage-engine-error-codes.md)

use super::codes::codes;

codes! {
    /// A warning: a positive `JET_ERR`. The operation was done.
    JetWarning {
        RemainingVersions = 321, "JET_wrnRemainingVersions";
        UniqueKey = 345, "JET_wrnUniqueKey";
        SeparateLongValue = 406, "JET_wrnSeparateLongValue";
        NoMoreRecords = 428, "JET_wrnNoMoreRecords";
        IndexDeferredPopulateIncomplete = 432, "JET_wrnIndexDeferredPopulateIncomplete";
        IndexDeferredPopulateHalted = 433, "JET_wrnIndexDeferredPopulateHalted";
        ExistingLogFileHasBadSignature = 558, "JET_wrnExistingLogFileHasBadSignature";
        ExistingLogFileIsNotContiguous = 559, "JET_wrnExistingLogFileIsNotContiguous";
        SkipThisRecord = 564, "JET_wrnSkipThisRecord";
        TargetInstanceRunning = 578, "JET_wrnTargetInstanceRunning";
        CommittedLogFilesLost = 585, "JET_wrnCommittedLogFilesLost";
        CommittedLogFilesRemoved = 587, "JET_wrnCommittedLogFilesRemoved";
        FinishWithUndo = 588, "JET_wrnFinishWithUndo";
        DatabaseRepaired = 595, "JET_wrnDatabaseRepaired";
        ColumnNull = 1004, "JET_wrnColumnNull";
        BufferTruncated = 1006, "JET_wrnBufferTruncated";
        DatabaseAttached = 1007, "JET_wrnDatabaseAttached";
        SortOverflow = 1009, "JET_wrnSortOverflow";
        SeekNotEqual = 1039, "JET_wrnSeekNotEqual";
        NoErrorInfo = 1055, "JET_wrnNoErrorInfo";
        NoIdleActivity = 1058, "JET_wrnNoIdleActivity";
        NoWriteLock = 1067, "JET_wrnNoWriteLock";
        ColumnSetNull = 1068, "JET_wrnColumnSetNull";
        ShrinkNotPossible = 1122, "JET_wrnShrinkNotPossible";
        DTCCommitTransaction = 1163, "JET_wrnDTCCommitTransaction";
        DTCRollbackTransaction = 1164, "JET_wrnDTCRollbackTransaction";
        TableEmpty = 1301, "JET_wrnTableEmpty";
        TableInUseBySystem = 1327, "JET_wrnTableInUseBySystem";
        CorruptIndexDeleted = 1415, "JET_wrnCorruptIndexDeleted";
        PrimaryIndexOutOfDate = 1417, "JET_wrnPrimaryIndexOutOfDate";
        SecondaryIndexOutOfDate = 1418, "JET_wrnSecondaryIndexOutOfDate";
        ColumnMaxTruncated = 1512, "JET_wrnColumnMaxTruncated";
        CopyLongValue = 1520, "JET_wrnCopyLongValue";
        TaggedColumnsRemaining = 1523, "JET_wrnTaggedColumnsRemaining";
        ColumnSkipped = 1531, "JET_wrnColumnSkipped";
        ColumnNotLocal = 1532, "JET_wrnColumnNotLocal";
        ColumnMoreTags = 1533, "JET_wrnColumnMoreTags";
        ColumnTruncated = 1534, "JET_wrnColumnTruncated";
        ColumnPresent = 1535, "JET_wrnColumnPresent";
        ColumnSingleValue = 1536, "JET_wrnColumnSingleValue";
        ColumnDefault = 1537, "JET_wrnColumnDefault";
        ColumnNotInRecord = 1539, "JET_wrnColumnNotInRecord";
        ColumnReference = 1541, "JET_wrnColumnReference";
        DataHasChanged = 1610, "JET_wrnDataHasChanged";
        KeyChanged = 1618, "JET_wrnKeyChanged";
        FileOpenReadOnly = 1813, "JET_wrnFileOpenReadOnly";
        IdleFull = 1908, "JET_wrnIdleFull";
        DefragAlreadyRunning = 2000, "JET_wrnDefragAlreadyRunning";
        DefragNotRunning = 2001, "JET_wrnDefragNotRunning";
        DatabaseScanAlreadyRunning = 2002, "JET_wrnDatabaseScanAlreadyRunning";
        DatabaseScanNotRunning = 2003, "JET_wrnDatabaseScanNotRunning";
        CallbackNotRegistered = 2100, "JET_wrnCallbackNotRegistered";
        PreviousLogFileIncomplete = 2602, "JET_wrnPreviousLogFileIncomplete";
    }
}
