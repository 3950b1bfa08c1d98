//! Return codes: every error and warning that the error-code page lists, and the ones that only the
//! published header names, as two typed enumerations with their documented names.
//!
//! `JET_ERR` is 32 bits on every platform; zero is success, a negative value an error, a positive
//! one a warning. (extensible-storage-engine-error-codes.md)

macro_rules! codes {
    ($(#[$doc:meta])* $kind:ident { $($variant:ident = $code:literal, $name:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each variant is the documented name without its prefix")]
        pub enum $kind { $($variant,)* /// A code that no document lists; callbacks may return any.
            Other(i32) }

        impl $kind {
            /// The value that crosses the C border.
            pub const fn code(self) -> i32 {
                match self { $(Self::$variant => $code,)* Self::Other(code) => code }
            }

            /// The typed form of a code, `Other` where no document lists it.
            pub const fn from_code(code: i32) -> Self {
                match code { $($code => Self::$variant,)* _ => Self::Other(code) }
            }

            /// The documented name with its prefix, `None` for an unlisted code.
            pub const fn name(self) -> Option<&'static str> {
                match self { $(Self::$variant => Some($name),)* Self::Other(_) => None }
            }

            /// Every listed code, by documented name.
            pub const LISTED: &'static [(&'static str, i32)] = &[$(($name, $code)),*];
        }
    };
}

/// Second names of codes that the documents use beside the first.
pub const ALIASES: &[(&str, i32)] = &[
    ("JET_errColumnIllegalNull", -1504),
    ("JET_errDatabaseInconsistent", -550),
    ("JET_errIndexTuplesTooManyColumns", -1431),
    ("JET_errIndexTuplesTextColumnsOnly", -1433),
    ("JET_wrnRecordFoundGreater", 1039),
    ("JET_wrnRecordFoundLess", 1039),
];

/// The documented name of a return code (`JET_errSuccess` for zero), `None` for an unlisted one.
pub const fn code_name(code: i32) -> Option<&'static str> {
    match code {
        0 => Some("JET_errSuccess"),
        code if code < 0 => JetError::from_code(code).name(),
        code => JetWarning::from_code(code).name(),
    }
}

impl std::fmt::Display for JetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "JET_ERR {}", self.code()),
        }
    }
}

impl std::error::Error for JetError {}

codes! {
    /// An error: a negative `JET_ERR`.
    JetError {
        Nyi = -1, "JET_wrnNyi";
        RfsFailure = -100, "JET_errRfsFailure";
        RfsNotArmed = -101, "JET_errRfsNotArmed";
        FileClose = -102, "JET_errFileClose";
        OutOfThreads = -103, "JET_errOutOfThreads";
        TooManyIO = -105, "JET_errTooManyIO";
        TaskDropped = -106, "JET_errTaskDropped";
        InternalError = -107, "JET_errInternalError";
        DisabledFunctionality = -112, "JET_errDisabledFunctionality";
        UnloadableOSFunctionality = -113, "JET_errUnloadableOSFunctionality";
        DeviceMissing = -114, "JET_errDeviceMissing";
        DeviceMisconfigured = -115, "JET_errDeviceMisconfigured";
        DeviceTimeout = -116, "JET_errDeviceTimeout";
        DeviceFailure = -118, "JET_errDeviceFailure";
        DatabaseBufferDependenciesCorrupted = -255, "JET_errDatabaseBufferDependenciesCorrupted";
        PreviousVersion = -322, "JET_errPreviousVersion";
        PageBoundary = -323, "JET_errPageBoundary";
        KeyBoundary = -324, "JET_errKeyBoundary";
        BadPageLink = -327, "JET_errBadPageLink";
        BadBookmark = -328, "JET_errBadBookmark";
        NTSystemCallFailed = -334, "JET_errNTSystemCallFailed";
        BadParentPageLink = -338, "JET_errBadParentPageLink";
        SPAvailExtCacheOutOfSync = -340, "JET_errSPAvailExtCacheOutOfSync";
        SPAvailExtCorrupted = -341, "JET_errSPAvailExtCorrupted";
        SPAvailExtCacheOutOfMemory = -342, "JET_errSPAvailExtCacheOutOfMemory";
        SPOwnExtCorrupted = -343, "JET_errSPOwnExtCorrupted";
        DbTimeCorrupted = -344, "JET_errDbTimeCorrupted";
        KeyTruncated = -346, "JET_errKeyTruncated";
        DatabaseLeakInSpace = -348, "JET_errDatabaseLeakInSpace";
        BadEmptyPage = -351, "JET_errBadEmptyPage";
        BadLineCount = -354, "JET_errBadLineCount";
        PageTagCorrupted = -357, "JET_errPageTagCorrupted";
        NodeCorrupted = -358, "JET_errNodeCorrupted";
        KeyTooBig = -408, "JET_errKeyTooBig";
        CannotSeparateIntrinsicLV = -416, "JET_errCannotSeparateIntrinsicLV";
        SeparatedLongValue = -421, "JET_errSeparatedLongValue";
        MustBeSeparateLongValue = -423, "JET_errMustBeSeparateLongValue";
        InvalidPreread = -424, "JET_errInvalidPreread";
        InvalidColumnReference = -426, "JET_errInvalidColumnReference";
        StaleColumnReference = -427, "JET_errStaleColumnReference";
        CompressionIntegrityCheckFailed = -431, "JET_errCompressionIntegrityCheckFailed";
        IndexDeferredPopulateCurrentlyUnavailable = -434, "JET_errIndexDeferredPopulateCurrentlyUnavailable";
        InvalidLoggedOperation = -500, "JET_errInvalidLoggedOperation";
        LogFileCorrupt = -501, "JET_errLogFileCorrupt";
        NoBackupDirectory = -503, "JET_errNoBackupDirectory";
        BackupDirectoryNotEmpty = -504, "JET_errBackupDirectoryNotEmpty";
        BackupInProgress = -505, "JET_errBackupInProgress";
        RestoreInProgress = -506, "JET_errRestoreInProgress";
        MissingPreviousLogFile = -509, "JET_errMissingPreviousLogFile";
        LogWriteFail = -510, "JET_errLogWriteFail";
        LogDisabledDueToRecoveryFailure = -511, "JET_errLogDisabledDueToRecoveryFailure";
        CannotLogDuringRecoveryRedo = -512, "JET_errCannotLogDuringRecoveryRedo";
        LogGenerationMismatch = -513, "JET_errLogGenerationMismatch";
        BadLogVersion = -514, "JET_errBadLogVersion";
        InvalidLogSequence = -515, "JET_errInvalidLogSequence";
        LoggingDisabled = -516, "JET_errLoggingDisabled";
        LogBufferTooSmall = -517, "JET_errLogBufferTooSmall";
        LogSequenceEnd = -519, "JET_errLogSequenceEnd";
        NoBackup = -520, "JET_errNoBackup";
        InvalidBackupSequence = -521, "JET_errInvalidBackupSequence";
        BackupNotAllowedYet = -523, "JET_errBackupNotAllowedYet";
        DeleteBackupFileFail = -524, "JET_errDeleteBackupFileFail";
        MakeBackupDirectoryFail = -525, "JET_errMakeBackupDirectoryFail";
        InvalidBackup = -526, "JET_errInvalidBackup";
        RecoveredWithErrors = -527, "JET_errRecoveredWithErrors";
        MissingLogFile = -528, "JET_errMissingLogFile";
        LogDiskFull = -529, "JET_errLogDiskFull";
        BadLogSignature = -530, "JET_errBadLogSignature";
        BadDbSignature = -531, "JET_errBadDbSignature";
        BadCheckpointSignature = -532, "JET_errBadCheckpointSignature";
        CheckpointCorrupt = -533, "JET_errCheckpointCorrupt";
        MissingPatchPage = -534, "JET_errMissingPatchPage";
        BadPatchPage = -535, "JET_errBadPatchPage";
        RedoAbruptEnded = -536, "JET_errRedoAbruptEnded";
        PatchFileMissing = -538, "JET_errPatchFileMissing";
        DatabaseLogSetMismatch = -539, "JET_errDatabaseLogSetMismatch";
        DatabaseStreamingFileMismatch = -540, "JET_errDatabaseStreamingFileMismatch";
        LogFileSizeMismatch = -541, "JET_errLogFileSizeMismatch";
        CheckpointFileNotFound = -542, "JET_errCheckpointFileNotFound";
        RequiredLogFilesMissing = -543, "JET_errRequiredLogFilesMissing";
        SoftRecoveryOnBackupDatabase = -544, "JET_errSoftRecoveryOnBackupDatabase";
        LogFileSizeMismatchDatabasesConsistent = -545, "JET_errLogFileSizeMismatchDatabasesConsistent";
        LogSectorSizeMismatch = -546, "JET_errLogSectorSizeMismatch";
        LogSectorSizeMismatchDatabasesConsistent = -547, "JET_errLogSectorSizeMismatchDatabasesConsistent";
        LogSequenceEndDatabasesConsistent = -548, "JET_errLogSequenceEndDatabasesConsistent";
        StreamingDataNotLogged = -549, "JET_errStreamingDataNotLogged";
        DatabaseDirtyShutdown = -550, "JET_errDatabaseDirtyShutdown";
        ConsistentTimeMismatch = -551, "JET_errConsistentTimeMismatch";
        DatabasePatchFileMismatch = -552, "JET_errDatabasePatchFileMismatch";
        EndingRestoreLogTooLow = -553, "JET_errEndingRestoreLogTooLow";
        StartingRestoreLogTooHigh = -554, "JET_errStartingRestoreLogTooHigh";
        GivenLogFileHasBadSignature = -555, "JET_errGivenLogFileHasBadSignature";
        GivenLogFileIsNotContiguous = -556, "JET_errGivenLogFileIsNotContiguous";
        MissingRestoreLogFiles = -557, "JET_errMissingRestoreLogFiles";
        MissingFullBackup = -560, "JET_errMissingFullBackup";
        BadBackupDatabaseSize = -561, "JET_errBadBackupDatabaseSize";
        DatabaseAlreadyUpgraded = -562, "JET_errDatabaseAlreadyUpgraded";
        DatabaseIncompleteUpgrade = -563, "JET_errDatabaseIncompleteUpgrade";
        MissingCurrentLogFiles = -565, "JET_errMissingCurrentLogFiles";
        DbTimeTooOld = -566, "JET_errDbTimeTooOld";
        DbTimeTooNew = -567, "JET_errDbTimeTooNew";
        MissingFileToBackup = -569, "JET_errMissingFileToBackup";
        LogTornWriteDuringHardRestore = -570, "JET_errLogTornWriteDuringHardRestore";
        LogTornWriteDuringHardRecovery = -571, "JET_errLogTornWriteDuringHardRecovery";
        LogCorruptDuringHardRestore = -573, "JET_errLogCorruptDuringHardRestore";
        LogCorruptDuringHardRecovery = -574, "JET_errLogCorruptDuringHardRecovery";
        MustDisableLoggingForDbUpgrade = -575, "JET_errMustDisableLoggingForDbUpgrade";
        BadRestoreTargetInstance = -577, "JET_errBadRestoreTargetInstance";
        RecoveredWithoutUndo = -579, "JET_errRecoveredWithoutUndo";
        DatabasesNotFromSameSnapshot = -580, "JET_errDatabasesNotFromSameSnapshot";
        SoftRecoveryOnSnapshot = -581, "JET_errSoftRecoveryOnSnapshot";
        CommittedLogFilesMissing = -582, "JET_errCommittedLogFilesMissing";
        SectorSizeNotSupported = -583, "JET_errSectorSizeNotSupported";
        RecoveredWithoutUndoDatabasesConsistent = -584, "JET_errRecoveredWithoutUndoDatabasesConsistent";
        CommittedLogFileCorrupt = -586, "JET_errCommittedLogFileCorrupt";
        LogSequenceChecksumMismatch = -590, "JET_errLogSequenceChecksumMismatch";
        PageInitializedMismatch = -596, "JET_errPageInitializedMismatch";
        UnicodeTranslationBufferTooSmall = -601, "JET_errUnicodeTranslationBufferTooSmall";
        UnicodeTranslationFail = -602, "JET_errUnicodeTranslationFail";
        UnicodeNormalizationNotSupported = -603, "JET_errUnicodeNormalizationNotSupported";
        UnicodeLanguageValidationFailure = -604, "JET_errUnicodeLanguageValidationFailure";
        ExistingLogFileHasBadSignature = -610, "JET_errExistingLogFileHasBadSignature";
        ExistingLogFileIsNotContiguous = -611, "JET_errExistingLogFileIsNotContiguous";
        LogReadVerifyFailure = -612, "JET_errLogReadVerifyFailure";
        CheckpointDepthTooDeep = -614, "JET_errCheckpointDepthTooDeep";
        RestoreOfNonBackupDatabase = -615, "JET_errRestoreOfNonBackupDatabase";
        LogFileNotCopied = -616, "JET_errLogFileNotCopied";
        SurrogateBackupInProgress = -617, "JET_errSurrogateBackupInProgress";
        TransactionTooLong = -618, "JET_errTransactionTooLong";
        EngineFormatVersionNoLongerSupportedTooLow = -619, "JET_errEngineFormatVersionNoLongerSupportedTooLow";
        EngineFormatVersionNotYetImplementedTooHigh = -620, "JET_errEngineFormatVersionNotYetImplementedTooHigh";
        EngineFormatVersionParamTooLowForRequestedFeature = -621, "JET_errEngineFormatVersionParamTooLowForRequestedFeature";
        EngineFormatVersionSpecifiedTooLowForLogVersion = -622, "JET_errEngineFormatVersionSpecifiedTooLowForLogVersion";
        EngineFormatVersionSpecifiedTooLowForDatabaseVersion = -623, "JET_errEngineFormatVersionSpecifiedTooLowForDatabaseVersion";
        DbTimeBeyondMaxRequired = -625, "JET_errDbTimeBeyondMaxRequired";
        LogOperationInconsistentWithDatabase = -626, "JET_errLogOperationInconsistentWithDatabase";
        BackupAbortByCaller = -800, "JET_errBackupAbortByCaller";
        BackupAbortByServer = -801, "JET_errBackupAbortByServer";
        InvalidGrbit = -900, "JET_errInvalidGrbit";
        TermInProgress = -1000, "JET_errTermInProgress";
        FeatureNotAvailable = -1001, "JET_errFeatureNotAvailable";
        InvalidName = -1002, "JET_errInvalidName";
        InvalidParameter = -1003, "JET_errInvalidParameter";
        DatabaseFileReadOnly = -1008, "JET_errDatabaseFileReadOnly";
        InvalidDatabaseId = -1010, "JET_errInvalidDatabaseId";
        OutOfMemory = -1011, "JET_errOutOfMemory";
        OutOfDatabaseSpace = -1012, "JET_errOutOfDatabaseSpace";
        OutOfCursors = -1013, "JET_errOutOfCursors";
        OutOfBuffers = -1014, "JET_errOutOfBuffers";
        TooManyIndexes = -1015, "JET_errTooManyIndexes";
        TooManyKeys = -1016, "JET_errTooManyKeys";
        RecordDeleted = -1017, "JET_errRecordDeleted";
        ReadVerifyFailure = -1018, "JET_errReadVerifyFailure";
        PageNotInitialized = -1019, "JET_errPageNotInitialized";
        OutOfFileHandles = -1020, "JET_errOutOfFileHandles";
        DiskReadVerificationFailure = -1021, "JET_errDiskReadVerificationFailure";
        DiskIO = -1022, "JET_errDiskIO";
        InvalidPath = -1023, "JET_errInvalidPath";
        InvalidSystemPath = -1024, "JET_errInvalidSystemPath";
        InvalidLogDirectory = -1025, "JET_errInvalidLogDirectory";
        RecordTooBig = -1026, "JET_errRecordTooBig";
        TooManyOpenDatabases = -1027, "JET_errTooManyOpenDatabases";
        InvalidDatabase = -1028, "JET_errInvalidDatabase";
        NotInitialized = -1029, "JET_errNotInitialized";
        AlreadyInitialized = -1030, "JET_errAlreadyInitialized";
        InitInProgress = -1031, "JET_errInitInProgress";
        FileAccessDenied = -1032, "JET_errFileAccessDenied";
        QueryNotSupported = -1034, "JET_errQueryNotSupported";
        SQLLinkNotSupported = -1035, "JET_errSQLLinkNotSupported";
        BufferTooSmall = -1038, "JET_errBufferTooSmall";
        TooManyColumns = -1040, "JET_errTooManyColumns";
        ContainerNotEmpty = -1043, "JET_errContainerNotEmpty";
        InvalidFilename = -1044, "JET_errInvalidFilename";
        InvalidBookmark = -1045, "JET_errInvalidBookmark";
        ColumnInUse = -1046, "JET_errColumnInUse";
        InvalidBufferSize = -1047, "JET_errInvalidBufferSize";
        ColumnNotUpdatable = -1048, "JET_errColumnNotUpdatable";
        IndexInUse = -1051, "JET_errIndexInUse";
        LinkNotSupported = -1052, "JET_errLinkNotSupported";
        NullKeyDisallowed = -1053, "JET_errNullKeyDisallowed";
        NotInTransaction = -1054, "JET_errNotInTransaction";
        MustRollback = -1057, "JET_errMustRollback";
        TooManyActiveUsers = -1059, "JET_errTooManyActiveUsers";
        InvalidCountry = -1061, "JET_errInvalidCountry";
        InvalidLanguageId = -1062, "JET_errInvalidLanguageId";
        InvalidCodePage = -1063, "JET_errInvalidCodePage";
        InvalidLCMapStringFlags = -1064, "JET_errInvalidLCMapStringFlags";
        VersionStoreEntryTooBig = -1065, "JET_errVersionStoreEntryTooBig";
        VersionStoreOutOfMemoryAndCleanupTimedOut = -1066, "JET_errVersionStoreOutOfMemoryAndCleanupTimedOut";
        VersionStoreOutOfMemory = -1069, "JET_errVersionStoreOutOfMemory";
        CurrencyStackOutOfMemory = -1070, "JET_errCurrencyStackOutOfMemory";
        CannotIndex = -1071, "JET_errCannotIndex";
        RecordNotDeleted = -1072, "JET_errRecordNotDeleted";
        TooManyMempoolEntries = -1073, "JET_errTooManyMempoolEntries";
        OutOfObjectIDs = -1074, "JET_errOutOfObjectIDs";
        OutOfLongValueIDs = -1075, "JET_errOutOfLongValueIDs";
        OutOfAutoincrementValues = -1076, "JET_errOutOfAutoincrementValues";
        OutOfDbtimeValues = -1077, "JET_errOutOfDbtimeValues";
        OutOfSequentialIndexValues = -1078, "JET_errOutOfSequentialIndexValues";
        RunningInOneInstanceMode = -1080, "JET_errRunningInOneInstanceMode";
        RunningInMultiInstanceMode = -1081, "JET_errRunningInMultiInstanceMode";
        SystemParamsAlreadySet = -1082, "JET_errSystemParamsAlreadySet";
        SystemPathInUse = -1083, "JET_errSystemPathInUse";
        LogFilePathInUse = -1084, "JET_errLogFilePathInUse";
        TempPathInUse = -1085, "JET_errTempPathInUse";
        InstanceNameInUse = -1086, "JET_errInstanceNameInUse";
        SystemParameterConflict = -1087, "JET_errSystemParameterConflict";
        InstanceUnavailable = -1090, "JET_errInstanceUnavailable";
        DatabaseUnavailable = -1091, "JET_errDatabaseUnavailable";
        InstanceUnavailableDueToFatalLogDiskFull = -1092, "JET_errInstanceUnavailableDueToFatalLogDiskFull";
        InvalidSesparamId = -1093, "JET_errInvalidSesparamId";
        TooManyRecords = -1094, "JET_errTooManyRecords";
        InvalidDbparamId = -1095, "JET_errInvalidDbparamId";
        OutOfSessions = -1101, "JET_errOutOfSessions";
        WriteConflict = -1102, "JET_errWriteConflict";
        TransTooDeep = -1103, "JET_errTransTooDeep";
        InvalidSesid = -1104, "JET_errInvalidSesid";
        WriteConflictPrimaryIndex = -1105, "JET_errWriteConflictPrimaryIndex";
        InTransaction = -1108, "JET_errInTransaction";
        RollbackRequired = -1109, "JET_errRollbackRequired";
        TransReadOnly = -1110, "JET_errTransReadOnly";
        SessionWriteConflict = -1111, "JET_errSessionWriteConflict";
        RecordTooBigForBackwardCompatibility = -1112, "JET_errRecordTooBigForBackwardCompatibility";
        CannotMaterializeForwardOnlySort = -1113, "JET_errCannotMaterializeForwardOnlySort";
        SesidTableIdMismatch = -1114, "JET_errSesidTableIdMismatch";
        InvalidInstance = -1115, "JET_errInvalidInstance";
        DirtyShutdown = -1116, "JET_errDirtyShutdown";
        ReadPgnoVerifyFailure = -1118, "JET_errReadPgnoVerifyFailure";
        ReadLostFlushVerifyFailure = -1119, "JET_errReadLostFlushVerifyFailure";
        FileSystemCorruption = -1121, "JET_errFileSystemCorruption";
        RecoveryVerifyFailure = -1123, "JET_errRecoveryVerifyFailure";
        FilteredMoveNotSupported = -1124, "JET_errFilteredMoveNotSupported";
        MustCommitDistributedTransactionToLevel0 = -1150, "JET_errMustCommitDistributedTransactionToLevel0";
        DistributedTransactionAlreadyPreparedToCommit = -1151, "JET_errDistributedTransactionAlreadyPreparedToCommit";
        NotInDistributedTransaction = -1152, "JET_errNotInDistributedTransaction";
        DistributedTransactionNotYetPreparedToCommit = -1153, "JET_errDistributedTransactionNotYetPreparedToCommit";
        CannotNestDistributedTransactions = -1154, "JET_errCannotNestDistributedTransactions";
        DTCMissingCallback = -1160, "JET_errDTCMissingCallback";
        DTCMissingCallbackOnRecovery = -1161, "JET_errDTCMissingCallbackOnRecovery";
        DTCCallbackUnexpectedError = -1162, "JET_errDTCCallbackUnexpectedError";
        DatabaseDuplicate = -1201, "JET_errDatabaseDuplicate";
        DatabaseInUse = -1202, "JET_errDatabaseInUse";
        DatabaseNotFound = -1203, "JET_errDatabaseNotFound";
        DatabaseInvalidName = -1204, "JET_errDatabaseInvalidName";
        DatabaseInvalidPages = -1205, "JET_errDatabaseInvalidPages";
        DatabaseCorrupted = -1206, "JET_errDatabaseCorrupted";
        DatabaseLocked = -1207, "JET_errDatabaseLocked";
        CannotDisableVersioning = -1208, "JET_errCannotDisableVersioning";
        InvalidDatabaseVersion = -1209, "JET_errInvalidDatabaseVersion";
        Database200Format = -1210, "JET_errDatabase200Format";
        Database400Format = -1211, "JET_errDatabase400Format";
        Database500Format = -1212, "JET_errDatabase500Format";
        PageSizeMismatch = -1213, "JET_errPageSizeMismatch";
        TooManyInstances = -1214, "JET_errTooManyInstances";
        DatabaseSharingViolation = -1215, "JET_errDatabaseSharingViolation";
        AttachedDatabaseMismatch = -1216, "JET_errAttachedDatabaseMismatch";
        DatabaseInvalidPath = -1217, "JET_errDatabaseInvalidPath";
        DatabaseIdInUse = -1218, "JET_errDatabaseIdInUse";
        ForceDetachNotAllowed = -1219, "JET_errForceDetachNotAllowed";
        CatalogCorrupted = -1220, "JET_errCatalogCorrupted";
        PartiallyAttachedDB = -1221, "JET_errPartiallyAttachedDB";
        DatabaseSignInUse = -1222, "JET_errDatabaseSignInUse";
        DatabaseCorruptedNoRepair = -1224, "JET_errDatabaseCorruptedNoRepair";
        InvalidCreateDbVersion = -1225, "JET_errInvalidCreateDbVersion";
        DatabaseIncompleteIncrementalReseed = -1226, "JET_errDatabaseIncompleteIncrementalReseed";
        DatabaseInvalidIncrementalReseed = -1227, "JET_errDatabaseInvalidIncrementalReseed";
        DatabaseFailedIncrementalReseed = -1228, "JET_errDatabaseFailedIncrementalReseed";
        NoAttachmentsFailedIncrementalReseed = -1229, "JET_errNoAttachmentsFailedIncrementalReseed";
        DatabaseNotReady = -1230, "JET_errDatabaseNotReady";
        DatabaseAttachedForRecovery = -1231, "JET_errDatabaseAttachedForRecovery";
        TransactionsNotReadyDuringRecovery = -1232, "JET_errTransactionsNotReadyDuringRecovery";
        TableLocked = -1302, "JET_errTableLocked";
        TableDuplicate = -1303, "JET_errTableDuplicate";
        TableInUse = -1304, "JET_errTableInUse";
        ObjectNotFound = -1305, "JET_errObjectNotFound";
        DensityInvalid = -1307, "JET_errDensityInvalid";
        TableNotEmpty = -1308, "JET_errTableNotEmpty";
        InvalidTableId = -1310, "JET_errInvalidTableId";
        TooManyOpenTables = -1311, "JET_errTooManyOpenTables";
        IllegalOperation = -1312, "JET_errIllegalOperation";
        TooManyOpenTablesAndCleanupTimedOut = -1313, "JET_errTooManyOpenTablesAndCleanupTimedOut";
        ObjectDuplicate = -1314, "JET_errObjectDuplicate";
        InvalidObject = -1316, "JET_errInvalidObject";
        CannotDeleteTempTable = -1317, "JET_errCannotDeleteTempTable";
        CannotDeleteSystemTable = -1318, "JET_errCannotDeleteSystemTable";
        CannotDeleteTemplateTable = -1319, "JET_errCannotDeleteTemplateTable";
        ExclusiveTableLockRequired = -1322, "JET_errExclusiveTableLockRequired";
        FixedDDL = -1323, "JET_errFixedDDL";
        FixedInheritedDDL = -1324, "JET_errFixedInheritedDDL";
        CannotNestDDL = -1325, "JET_errCannotNestDDL";
        DDLNotInheritable = -1326, "JET_errDDLNotInheritable";
        InvalidSettings = -1328, "JET_errInvalidSettings";
        ClientRequestToStopJetService = -1329, "JET_errClientRequestToStopJetService";
        CannotAddFixedVarColumnToDerivedTable = -1330, "JET_errCannotAddFixedVarColumnToDerivedTable";
        IndexCantBuild = -1401, "JET_errIndexCantBuild";
        IndexHasPrimary = -1402, "JET_errIndexHasPrimary";
        IndexDuplicate = -1403, "JET_errIndexDuplicate";
        IndexNotFound = -1404, "JET_errIndexNotFound";
        IndexMustStay = -1405, "JET_errIndexMustStay";
        IndexInvalidDef = -1406, "JET_errIndexInvalidDef";
        InvalidCreateIndex = -1409, "JET_errInvalidCreateIndex";
        TooManyOpenIndexes = -1410, "JET_errTooManyOpenIndexes";
        MultiValuedIndexViolation = -1411, "JET_errMultiValuedIndexViolation";
        IndexBuildCorrupted = -1412, "JET_errIndexBuildCorrupted";
        PrimaryIndexCorrupted = -1413, "JET_errPrimaryIndexCorrupted";
        SecondaryIndexCorrupted = -1414, "JET_errSecondaryIndexCorrupted";
        InvalidIndexId = -1416, "JET_errInvalidIndexId";
        CantUseDeferredPopulateIndex = -1419, "JET_errCantUseDeferredPopulateIndex";
        IndexTuplesSecondaryIndexOnly = -1430, "JET_errIndexTuplesSecondaryIndexOnly";
        IndexTuplesOneColumnOnly = -1431, "JET_errIndexTuplesOneColumnOnly";
        IndexTuplesNonUniqueOnly = -1432, "JET_errIndexTuplesNonUniqueOnly";
        IndexTuplesTextBinaryColumnsOnly = -1433, "JET_errIndexTuplesTextBinaryColumnsOnly";
        IndexTuplesVarSegMacNotAllowed = -1434, "JET_errIndexTuplesVarSegMacNotAllowed";
        IndexTuplesInvalidLimits = -1435, "JET_errIndexTuplesInvalidLimits";
        IndexTuplesCannotRetrieveFromIndex = -1436, "JET_errIndexTuplesCannotRetrieveFromIndex";
        IndexTuplesKeyTooSmall = -1437, "JET_errIndexTuplesKeyTooSmall";
        InvalidLVChunkSize = -1438, "JET_errInvalidLVChunkSize";
        ColumnCannotBeEncrypted = -1439, "JET_errColumnCannotBeEncrypted";
        CannotIndexOnEncryptedColumn = -1440, "JET_errCannotIndexOnEncryptedColumn";
        ColumnLong = -1501, "JET_errColumnLong";
        ColumnNoChunk = -1502, "JET_errColumnNoChunk";
        ColumnDoesNotFit = -1503, "JET_errColumnDoesNotFit";
        NullInvalid = -1504, "JET_errNullInvalid";
        ColumnIndexed = -1505, "JET_errColumnIndexed";
        ColumnTooBig = -1506, "JET_errColumnTooBig";
        ColumnNotFound = -1507, "JET_errColumnNotFound";
        ColumnDuplicate = -1508, "JET_errColumnDuplicate";
        MultiValuedColumnMustBeTagged = -1509, "JET_errMultiValuedColumnMustBeTagged";
        ColumnRedundant = -1510, "JET_errColumnRedundant";
        InvalidColumnType = -1511, "JET_errInvalidColumnType";
        TaggedNotNULL = -1514, "JET_errTaggedNotNULL";
        NoCurrentIndex = -1515, "JET_errNoCurrentIndex";
        KeyIsMade = -1516, "JET_errKeyIsMade";
        BadColumnId = -1517, "JET_errBadColumnId";
        BadItagSequence = -1518, "JET_errBadItagSequence";
        ColumnInRelationship = -1519, "JET_errColumnInRelationship";
        CannotBeTagged = -1521, "JET_errCannotBeTagged";
        DefaultValueTooBig = -1524, "JET_errDefaultValueTooBig";
        MultiValuedDuplicate = -1525, "JET_errMultiValuedDuplicate";
        LVCorrupted = -1526, "JET_errLVCorrupted";
        MultiValuedDuplicateAfterTruncation = -1528, "JET_errMultiValuedDuplicateAfterTruncation";
        DerivedColumnCorruption = -1529, "JET_errDerivedColumnCorruption";
        InvalidPlaceholderColumn = -1530, "JET_errInvalidPlaceholderColumn";
        ColumnCannotBeCompressed = -1538, "JET_errColumnCannotBeCompressed";
        ColumnNoEncryptionKey = -1540, "JET_errColumnNoEncryptionKey";
        RecordNotFound = -1601, "JET_errRecordNotFound";
        RecordNoCopy = -1602, "JET_errRecordNoCopy";
        NoCurrentRecord = -1603, "JET_errNoCurrentRecord";
        RecordPrimaryChanged = -1604, "JET_errRecordPrimaryChanged";
        KeyDuplicate = -1605, "JET_errKeyDuplicate";
        AlreadyPrepared = -1607, "JET_errAlreadyPrepared";
        KeyNotMade = -1608, "JET_errKeyNotMade";
        UpdateNotPrepared = -1609, "JET_errUpdateNotPrepared";
        DataHasChanged = -1611, "JET_errDataHasChanged";
        LanguageNotSupported = -1619, "JET_errLanguageNotSupported";
        DecompressionFailed = -1620, "JET_errDecompressionFailed";
        UpdateMustVersion = -1621, "JET_errUpdateMustVersion";
        DecryptionFailed = -1622, "JET_errDecryptionFailed";
        EncryptionBadItag = -1623, "JET_errEncryptionBadItag";
        SetAutoIncrementTooHigh = -1624, "JET_errSetAutoIncrementTooHigh";
        AutoIncrementNotSet = -1625, "JET_errAutoIncrementNotSet";
        TooManySorts = -1701, "JET_errTooManySorts";
        InvalidOnSort = -1702, "JET_errInvalidOnSort";
        TempFileOpenError = -1803, "JET_errTempFileOpenError";
        TooManyAttachedDatabases = -1805, "JET_errTooManyAttachedDatabases";
        DiskFull = -1808, "JET_errDiskFull";
        PermissionDenied = -1809, "JET_errPermissionDenied";
        FileNotFound = -1811, "JET_errFileNotFound";
        FileInvalidType = -1812, "JET_errFileInvalidType";
        FileAlreadyExists = -1814, "JET_errFileAlreadyExists";
        AfterInitialization = -1850, "JET_errAfterInitialization";
        LogCorrupted = -1852, "JET_errLogCorrupted";
        InvalidOperation = -1906, "JET_errInvalidOperation";
        AccessDenied = -1907, "JET_errAccessDenied";
        TooManySplits = -1909, "JET_errTooManySplits";
        SessionSharingViolation = -1910, "JET_errSessionSharingViolation";
        EntryPointNotFound = -1911, "JET_errEntryPointNotFound";
        SessionContextAlreadySet = -1912, "JET_errSessionContextAlreadySet";
        SessionContextNotSetByThisThread = -1913, "JET_errSessionContextNotSetByThisThread";
        SessionInUse = -1914, "JET_errSessionInUse";
        RecordFormatConversionFailed = -1915, "JET_errRecordFormatConversionFailed";
        OneDatabasePerSession = -1916, "JET_errOneDatabasePerSession";
        RollbackError = -1917, "JET_errRollbackError";
        FlushMapVersionUnsupported = -1918, "JET_errFlushMapVersionUnsupported";
        FlushMapDatabaseMismatch = -1919, "JET_errFlushMapDatabaseMismatch";
        FlushMapUnrecoverable = -1920, "JET_errFlushMapUnrecoverable";
        RBSFileCorrupt = -1921, "JET_errRBSFileCorrupt";
        RBSHeaderCorrupt = -1922, "JET_errRBSHeaderCorrupt";
        RBSDbMismatch = -1923, "JET_errRBSDbMismatch";
        BadRBSVersion = -1925, "JET_errBadRBSVersion";
        OutOfRBSSpace = -1926, "JET_errOutOfRBSSpace";
        RBSInvalidSign = -1927, "JET_errRBSInvalidSign";
        RBSInvalidRecord = -1928, "JET_errRBSInvalidRecord";
        RBSRCInvalidRBS = -1929, "JET_errRBSRCInvalidRBS";
        RBSRCNoRBSFound = -1930, "JET_errRBSRCNoRBSFound";
        RBSRCBadDbState = -1931, "JET_errRBSRCBadDbState";
        RBSMissingReqLogs = -1932, "JET_errRBSMissingReqLogs";
        RBSLogDivergenceFailed = -1933, "JET_errRBSLogDivergenceFailed";
        RBSRCCopyLogsRevertState = -1934, "JET_errRBSRCCopyLogsRevertState";
        DatabaseIncompleteRevert = -1935, "JET_errDatabaseIncompleteRevert";
        RBSRCRevertCancelled = -1936, "JET_errRBSRCRevertCancelled";
        RBSRCInvalidDbFormatVersion = -1937, "JET_errRBSRCInvalidDbFormatVersion";
        RBSCannotDetermineDivergence = -1938, "JET_errRBSCannotDetermineDivergence";
        RBSDeleteTableTooBig = -1941, "JET_errRBSDeleteTableTooBig";
        RBSDeleteTableTooSoon = -1942, "JET_errRBSDeleteTableTooSoon";
        RBSFDPToBeDeleted = -1943, "JET_errRBSFDPToBeDeleted";
        RBSRevertableDeleteNotPossible = -1944, "JET_errRBSRevertableDeleteNotPossible";
        RBSRedeleteFDPUnexpected = -1947, "JET_errRBSRedeleteFDPUnexpected";
        RBSRCPageFDPDeleteFileCorrupt = -1948, "JET_errRBSRCPageFDPDeleteFileCorrupt";
        DatabaseAlreadyRunningMaintenance = -2004, "JET_errDatabaseAlreadyRunningMaintenance";
        RootSpaceLeakEstimationAlreadyRunning = -2006, "JET_errRootSpaceLeakEstimationAlreadyRunning";
        CallbackFailed = -2101, "JET_errCallbackFailed";
        CallbackNotResolved = -2102, "JET_errCallbackNotResolved";
        SpaceHintsInvalid = -2103, "JET_errSpaceHintsInvalid";
        OSSnapshotInvalidSequence = -2401, "JET_errOSSnapshotInvalidSequence";
        OSSnapshotTimeOut = -2402, "JET_errOSSnapshotTimeOut";
        OSSnapshotNotAllowed = -2403, "JET_errOSSnapshotNotAllowed";
        OSSnapshotInvalidSnapId = -2404, "JET_errOSSnapshotInvalidSnapId";
        TooManyTestInjections = -2501, "JET_errTooManyTestInjections";
        TestInjectionNotSupported = -2502, "JET_errTestInjectionNotSupported";
        InvalidLogDataSequence = -2601, "JET_errInvalidLogDataSequence";
        LSCallbackNotSpecified = -3000, "JET_errLSCallbackNotSpecified";
        LSAlreadySet = -3001, "JET_errLSAlreadySet";
        LSNotSet = -3002, "JET_errLSNotSet";
        FileIOSparse = -4000, "JET_errFileIOSparse";
        FileIOBeyondEOF = -4001, "JET_errFileIOBeyondEOF";
        FileIOAbort = -4002, "JET_errFileIOAbort";
        FileIORetry = -4003, "JET_errFileIORetry";
        FileIOFail = -4004, "JET_errFileIOFail";
        FileCompressed = -4005, "JET_errFileCompressed";
        BadSLVSignature = -537, "JET_errBadSLVSignature";
        SLVReadVerifyFailure = -613, "JET_errSLVReadVerifyFailure";
    }
}

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
