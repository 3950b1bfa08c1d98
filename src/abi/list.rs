//! The one list: every exported function with its documented name, its exported names (narrow and
//! wide where it takes text), the Windows release that brought it, and its documented parameters,
//! each with its role.
//!
//! From this list come the table of function pointers, the loader, the exports of the reference
//! engine, the steps of the scenario format, its schema, and the check of every signature. To teach
//! jetspec a function is to add its line here.

/// Hands the list to the macro named: `Name [narrow wide?] Release (parameter: Role<T>(links) optional?, ...);`
macro_rules! jet_functions {
    ($then:ident) => {
        $then! {
    JetAddColumn [JetAddColumnA JetAddColumnW] Windows2000 (
        sesid: Sesid, tableid: Tableid, szColumnName: Text, pcolumndef: Struct<JET_COLUMNDEF>,
        pvDefault: Bytes(cbDefault) optional, cbDefault: Length(pvDefault), pcolumnid: Out<Columnid>
    );
    JetAttachDatabase [JetAttachDatabaseA JetAttachDatabaseW] Windows2000 (
        sesid: Sesid, szFilename: Text, grbit: Grbit optional
    );
    JetAttachDatabase2 [JetAttachDatabase2A JetAttachDatabase2W] Windows2000 (
        sesid: Sesid, szFilename: Text, cpgDatabaseSizeMax: Ulong, grbit: Grbit optional
    );
    JetBackup [JetBackupA JetBackupW] Windows2000 (
        szBackupPath: Text, grbit: Grbit optional, pfnStatus: Status optional
    );
    JetBackupInstance [JetBackupInstanceA JetBackupInstanceW] WindowsXp (
        instance: Instance, szBackupPath: Text, grbit: Grbit optional, pfnStatus: Status optional
    );
    JetBeginExternalBackup [JetBeginExternalBackup] Windows2000 (grbit: Grbit optional);
    JetBeginExternalBackupInstance [JetBeginExternalBackupInstance] Windows2000 (
        instance: Instance, grbit: Grbit optional
    );
    JetBeginSession [JetBeginSessionA JetBeginSessionW] Windows2000 (
        instance: Instance, psesid: Out<Sesid>, szUserName: Text optional, szPassword: Text optional
    );
    JetBeginTransaction [JetBeginTransaction] Windows2000 (sesid: Sesid);
    JetBeginTransaction2 [JetBeginTransaction2] Windows2000 (sesid: Sesid, grbit: Grbit optional);
    JetBeginTransaction3 [JetBeginTransaction3] Windows8 (sesid: Sesid, trxid: Trxid, grbit: Grbit optional);
    JetCloseDatabase [JetCloseDatabase] Windows2000 (sesid: Sesid, dbid: Dbid, grbit: Grbit optional);
    JetCloseFile [JetCloseFile] Windows2000 (hfFile: HandleId);
    JetCloseFileInstance [JetCloseFileInstance] WindowsXp (instance: Instance, hfFile: HandleId);
    JetCloseTable [JetCloseTable] Windows2000 (sesid: Sesid, tableid: Tableid);
    JetCommitTransaction [JetCommitTransaction] Windows2000 (sesid: Sesid, grbit: Grbit optional);
    JetCommitTransaction2 [JetCommitTransaction2] Windows8 (
        sesid: Sesid, grbit: Grbit optional, cmsecDurableCommit: Ulong,
        pCommitID: StructOut<JET_COMMIT_ID> optional
    );
    JetCompact [JetCompactA JetCompactW] Windows2000 (
        sesid: Sesid, szDatabaseSrc: Text, szDatabaseDest: Text, pfnStatus: Status optional,
        pconvert: Struct<JET_CONVERT> optional, grbit: Grbit optional
    );
    JetComputeStats [JetComputeStats] Windows2000 (sesid: Sesid, tableid: Tableid);
    JetConfigureProcessForCrashDump [JetConfigureProcessForCrashDump] Windows7 (grbit: Grbit optional);
    JetCreateDatabase [JetCreateDatabaseA JetCreateDatabaseW] Windows2000 (
        sesid: Sesid, szFilename: Text, szConnect: Text optional, pdbid: Out<Dbid>, grbit: Grbit optional
    );
    JetCreateDatabase2 [JetCreateDatabase2A JetCreateDatabase2W] Windows2000 (
        sesid: Sesid, szFilename: Text, cpgDatabaseSizeMax: Ulong, pdbid: Out<Dbid>, grbit: Grbit optional
    );
    JetCreateIndex [JetCreateIndexA JetCreateIndexW] Windows2000 (
        sesid: Sesid, tableid: Tableid, szIndexName: Text, grbit: Grbit optional, szKey: KeyText(cbKey),
        cbKey: Length(szKey), lDensity: Ulong
    );
    JetCreateIndex2 [JetCreateIndex2A JetCreateIndex2W] Windows2000 (
        sesid: Sesid, tableid: Tableid, pindexcreate: Array<JET_INDEXCREATE>(cIndexCreate),
        cIndexCreate: Count(pindexcreate)
    );
    JetCreateIndex3 [JetCreateIndex3A JetCreateIndex3W] Windows2000 (
        sesid: Sesid, tableid: Tableid, pindexcreate: Array<JET_INDEXCREATE2>(cIndexCreate),
        cIndexCreate: Count(pindexcreate)
    );
    JetCreateIndex4 [JetCreateIndex4A JetCreateIndex4W] Windows8 (
        sesid: Sesid, tableid: Tableid, pindexcreate: Array<JET_INDEXCREATE3>(cIndexCreate),
        cIndexCreate: Count(pindexcreate)
    );
    JetCreateInstance [JetCreateInstanceA JetCreateInstanceW] WindowsXp (
        pinstance: Out<Instance>, szInstanceName: Text optional
    );
    JetCreateInstance2 [JetCreateInstance2A JetCreateInstance2W] WindowsXp (
        pinstance: Out<Instance>, szInstanceName: Text optional, szDisplayName: Text optional,
        grbit: Grbit optional
    );
    JetCreateTable [JetCreateTableA JetCreateTableW] Windows2000 (
        sesid: Sesid, dbid: Dbid, szTableName: Text, lPages: Ulong, lDensity: Ulong, ptableid: Out<Tableid>
    );
    JetCreateTableColumnIndex [JetCreateTableColumnIndexA JetCreateTableColumnIndexW] Windows2000 (
        sesid: Sesid, dbid: Dbid, ptablecreate: StructInOut<JET_TABLECREATE>
    );
    JetCreateTableColumnIndex2 [JetCreateTableColumnIndex2A JetCreateTableColumnIndex2W] WindowsXp (
        sesid: Sesid, dbid: Dbid, ptablecreate: StructInOut<JET_TABLECREATE2>
    );
    JetCreateTableColumnIndex3 [JetCreateTableColumnIndex3A JetCreateTableColumnIndex3W] WindowsXp (
        sesid: Sesid, dbid: Dbid, ptablecreate: StructInOut<JET_TABLECREATE3>
    );
    JetCreateTableColumnIndex4 [JetCreateTableColumnIndex4A JetCreateTableColumnIndex4W] Windows8 (
        sesid: Sesid, dbid: Dbid, ptablecreate: StructInOut<JET_TABLECREATE4>
    );
    JetDefragment [JetDefragmentA JetDefragmentW] Windows2000 (
        sesid: Sesid, dbid: Dbid, szTableName: Text optional, pcPasses: InOut<Ulong>,
        pcSeconds: InOut<Ulong>, grbit: Grbit optional
    );
    JetDefragment2 [JetDefragment2A JetDefragment2W] WindowsXp (
        sesid: Sesid, dbid: Dbid, szTableName: Text optional, pcPasses: InOut<Ulong>,
        pcSeconds: InOut<Ulong>, callback: Callback, grbit: Grbit optional
    );
    JetDefragment3 [JetDefragment3A JetDefragment3W] WindowsVista (
        sesid: Sesid, szDatabaseName: Text, szTableName: Text optional, pcPasses: InOut<Ulong>,
        pcSeconds: InOut<Ulong>, callback: Callback, pvContext: Context optional, grbit: Grbit optional
    );
    JetDelete [JetDelete] Windows2000 (sesid: Sesid, tableid: Tableid);
    JetDeleteColumn [JetDeleteColumnA JetDeleteColumnW] Windows2000 (
        sesid: Sesid, tableid: Tableid, szColumnName: Text
    );
    JetDeleteColumn2 [JetDeleteColumn2A JetDeleteColumn2W] WindowsXp (
        sesid: Sesid, tableid: Tableid, szColumnName: Text, grbit: Grbit optional
    );
    JetDeleteIndex [JetDeleteIndexA JetDeleteIndexW] Windows2000 (
        sesid: Sesid, tableid: Tableid, szIndexName: Text
    );
    JetDeleteTable [JetDeleteTableA JetDeleteTableW] Windows2000 (
        sesid: Sesid, dbid: Dbid, szTableName: Text
    );
    JetDetachDatabase [JetDetachDatabaseA JetDetachDatabaseW] Windows2000 (
        sesid: Sesid, szFilename: Text optional
    );
    JetDetachDatabase2 [JetDetachDatabase2A JetDetachDatabase2W] WindowsXp (
        sesid: Sesid, szFilename: Text optional, grbit: Grbit optional
    );
    JetDupCursor [JetDupCursor] Windows2000 (
        sesid: Sesid, tableid: Tableid, ptableid: Out<Tableid>, grbit: Grbit optional
    );
    JetDupSession [JetDupSession] Windows2000 (sesid: Sesid, psesid: Out<Sesid>);
    JetEnableMultiInstance [JetEnableMultiInstanceA JetEnableMultiInstanceW] WindowsXp (
        psetsysparam: Array<JET_SETSYSPARAM>(csetsysparam) optional, csetsysparam: Count(psetsysparam),
        pcsetsucceed: Out<Ulong>
    );
    JetEndExternalBackup [JetEndExternalBackup] Windows2000 ();
    JetEndExternalBackupInstance [JetEndExternalBackupInstance] WindowsXp (instance: Instance);
    JetEndExternalBackupInstance2 [JetEndExternalBackupInstance2] WindowsXp (
        instance: Instance, grbit: Grbit optional
    );
    JetEndSession [JetEndSession] Windows2000 (sesid: Sesid, grbit: Grbit optional);
    JetEnumerateColumns [JetEnumerateColumns] WindowsXp (
        sesid: Sesid, tableid: Tableid, cEnumColumnId: Count(rgEnumColumnId),
        rgEnumColumnId: Array<JET_ENUMCOLUMNID>(cEnumColumnId) optional, pcEnumColumn: Out<Ulong>,
        prgEnumColumn: EngineArray<JET_ENUMCOLUMN>(pcEnumColumn), pfnRealloc: Realloc,
        pvReallocContext: Context optional, cbDataMost: Ulong, grbit: Grbit optional
    );
    JetEscrowUpdate [JetEscrowUpdate] Windows2000 (
        sesid: Sesid, tableid: Tableid, columnid: Columnid, pv: Bytes(cbMax), cbMax: Length(pv),
        pvOld: Buffer(cbOldMax, pcbOldActual), cbOldMax: Length(pvOld), pcbOldActual: Actual(pvOld),
        grbit: Grbit optional
    );
    JetExternalRestore [JetExternalRestoreA JetExternalRestoreW] Windows2000 (
        szCheckpointFilePath: Text, szLogPath: Text, rgrstmap: Array<JET_RSTMAP>(crstfilemap) optional,
        crstfilemap: CountLong(rgrstmap), szBackupLogPath: Text, genLow: Long, genHigh: Long,
        pfn: Status optional
    );
    JetExternalRestore2 [JetExternalRestore2A JetExternalRestore2W] WindowsXp (
        szCheckpointFilePath: Text, szLogPath: Text, rgrstmap: Array<JET_RSTMAP>(crstfilemap) optional,
        crstfilemap: CountLong(rgrstmap), szBackupLogPath: Text, pLogInfo: StructInOut<JET_LOGINFO>,
        szTargetInstanceName: Text optional, szTargetInstanceLogPath: Text optional,
        szTargetInstanceCheckpointPath: Text optional, pfn: Status optional
    );
    JetFreeBuffer [JetFreeBuffer] WindowsXp (pbBuf: EngineMemory);
    JetGetAttachInfo [JetGetAttachInfoA JetGetAttachInfoW] Windows2000 (
        szz: TextList(cbMax, pcbActual), cbMax: Length(szz), pcbActual: Actual(szz)
    );
    JetGetAttachInfoInstance [JetGetAttachInfoInstanceA JetGetAttachInfoInstanceW] WindowsXp (
        instance: Instance, szz: TextList(cbMax, pcbActual), cbMax: Length(szz), pcbActual: Actual(szz)
    );
    JetGetBookmark [JetGetBookmark] Windows2000 (
        sesid: Sesid, tableid: Tableid, pvBookmark: Buffer(cbMax, pcbActual), cbMax: Length(pvBookmark),
        pcbActual: Actual(pvBookmark)
    );
    JetGetColumnInfo [JetGetColumnInfoA JetGetColumnInfoW] Windows2000 (
        sesid: Sesid, dbid: Dbid, szTableName: Text, pColumnNameOrId: NameOrId,
        pvResult: Info(cbMax, InfoLevel), cbMax: Length(pvResult), InfoLevel: Level
    );
    JetGetCurrentIndex [JetGetCurrentIndexA JetGetCurrentIndexW] Windows2000 (
        sesid: Sesid, tableid: Tableid, szIndexName: TextBuffer(cbIndexName),
        cbIndexName: Length(szIndexName)
    );
    JetGetCursorInfo [JetGetCursorInfo] Windows2000 (
        sesid: Sesid, tableid: Tableid, pvResult: Info(cbMax, InfoLevel), cbMax: Length(pvResult),
        InfoLevel: Level
    );
    JetGetDatabaseFileInfo [JetGetDatabaseFileInfoA JetGetDatabaseFileInfoW] Windows2000 (
        szDatabaseName: Text, pvResult: Info(cbMax, InfoLevel), cbMax: Length(pvResult), InfoLevel: Level
    );
    JetGetDatabaseInfo [JetGetDatabaseInfoA JetGetDatabaseInfoW] Windows2000 (
        sesid: Sesid, dbid: Dbid, pvResult: Info(cbMax, InfoLevel), cbMax: Length(pvResult),
        InfoLevel: Level
    );
    JetGetErrorInfoW [JetGetErrorInfoW] Windows8 (
        pvContext: Bytes optional, pvResult: Info(cbMax, InfoLevel), cbMax: Length(pvResult),
        InfoLevel: Level, grbit: Grbit optional
    );
    JetGetIndexInfo [JetGetIndexInfoA JetGetIndexInfoW] Windows2000 (
        sesid: Sesid, dbid: Dbid, szTableName: Text, szIndexName: Text optional,
        pvResult: Info(cbResult, InfoLevel), cbResult: Length(pvResult), InfoLevel: Level
    );
    JetGetInstanceInfo [JetGetInstanceInfoA JetGetInstanceInfoW] WindowsXp (
        pcInstanceInfo: Out<Ulong>, paInstanceInfo: EngineArray<JET_INSTANCE_INFO>(pcInstanceInfo)
    );
    JetGetInstanceMiscInfo [JetGetInstanceMiscInfo] WindowsVista (
        instance: Instance, pvResult: Info(cbMax, InfoLevel), cbMax: Length(pvResult), InfoLevel: Level
    );
    JetGetLS [JetGetLS] WindowsXp (sesid: Sesid, tableid: Tableid, pls: Out<Ls>, grbit: Grbit optional);
    JetGetLock [JetGetLock] Windows2000 (sesid: Sesid, tableid: Tableid, grbit: Grbit optional);
    JetGetLogInfo [JetGetLogInfoA JetGetLogInfoW] Windows2000 (
        szz: TextList(cbMax, pcbActual), cbMax: Length(szz), pcbActual: Actual(szz)
    );
    JetGetLogInfoInstance [JetGetLogInfoInstanceA JetGetLogInfoInstanceW] WindowsXp (
        instance: Instance, szz: TextList(cbMax, pcbActual), cbMax: Length(szz), pcbActual: Actual(szz)
    );
    JetGetLogInfoInstance2 [JetGetLogInfoInstance2A JetGetLogInfoInstance2W] WindowsXp (
        instance: Instance, szz: TextList(cbMax, pcbActual), cbMax: Length(szz), pcbActual: Actual(szz),
        pLogInfo: StructInOut<JET_LOGINFO>
    );
    JetGetObjectInfo [JetGetObjectInfoA JetGetObjectInfoW] Windows2000 (
        sesid: Sesid, dbid: Dbid, objtyp: Ulong, szContainerName: Text optional,
        szObjectName: Text optional, pvResult: Info(cbMax, InfoLevel), cbMax: Length(pvResult),
        InfoLevel: Level
    );
    JetGetRecordPosition [JetGetRecordPosition] Windows2000 (
        sesid: Sesid, tableid: Tableid, precpos: StructOut<JET_RECPOS>, cbRecpos: Length(precpos)
    );
    JetGetRecordSize [JetGetRecordSize] WindowsVista (
        sesid: Sesid, tableid: Tableid, precsize: StructInOut<JET_RECSIZE>, grbit: Grbit optional
    );
    JetGetRecordSize2 [JetGetRecordSize2] WindowsVista (
        sesid: Sesid, tableid: Tableid, precsize: StructInOut<JET_RECSIZE2>, grbit: Grbit optional
    );
    JetGetSecondaryIndexBookmark [JetGetSecondaryIndexBookmark] WindowsXp (
        sesid: Sesid, tableid: Tableid, pvSecondaryKey: Buffer(cbSecondaryKeyMax, pcbSecondaryKeyActual),
        cbSecondaryKeyMax: Length(pvSecondaryKey), pcbSecondaryKeyActual: Actual(pvSecondaryKey),
        pvPrimaryBookmark: Buffer(cbPrimaryBookmarkMax, pcbPrimaryKeyActual),
        cbPrimaryBookmarkMax: Length(pvPrimaryBookmark),
        pcbPrimaryBookmarkActual: Actual(pvPrimaryBookmark), grbit: Grbit optional
    );
    JetGetSessionParameter [JetGetSessionParameter] Windows8 (
        sesid: Sesid optional, sesparamid: ParamId, pvParam: Buffer(cbParamMax, pcbParamActual),
        cbParamMax: Length(pvParam), pcbParamActual: Actual(pvParam)
    );
    JetGetSystemParameter [JetGetSystemParameterA JetGetSystemParameterW] Windows2000 (
        instance: Instance, sesid: Sesid optional, paramid: ParamId, plParam: InOut<ApiPtr>,
        szParam: TextBuffer(cbMax), cbMax: Length(szParam)
    );
    JetGetTableColumnInfo [JetGetTableColumnInfoA JetGetTableColumnInfoW] Windows2000 (
        sesid: Sesid, tableid: Tableid, szColumnName: NameOrId optional, pvResult: Info(cbMax, InfoLevel),
        cbMax: Length(pvResult), InfoLevel: Level
    );
    JetGetTableIndexInfo [JetGetTableIndexInfoA JetGetTableIndexInfoW] Windows2000 (
        sesid: Sesid, tableid: Tableid, szIndexName: Text optional, pvResult: Info(cbResult, InfoLevel),
        cbResult: Length(pvResult), InfoLevel: Level
    );
    JetGetTableInfo [JetGetTableInfoA JetGetTableInfoW] Windows2000 (
        sesid: Sesid, tableid: Tableid, pvResult: Info(cbMax, InfoLevel), cbMax: Length(pvResult),
        InfoLevel: Level
    );
    JetGetThreadStats [JetGetThreadStats] WindowsVista (
        pvResult: ThreadStats, cbMax: Length(pvResult)
    );
    JetGetTruncateLogInfoInstance [JetGetTruncateLogInfoInstanceA JetGetTruncateLogInfoInstanceW] WindowsXp (
        instance: Instance, szz: TextList(cbMax, pcbActual), cbMax: Length(szz), pcbActual: Actual(szz)
    );
    JetGetVersion [JetGetVersion] Windows2000 (sesid: Sesid, pwVersion: Out<Ulong>);
    JetGotoBookmark [JetGotoBookmark] Windows2000 (
        sesid: Sesid, tableid: Tableid, pvBookmark: Bytes(cbBookmark), cbBookmark: Length(pvBookmark)
    );
    JetGotoPosition [JetGotoPosition] Windows2000 (
        sesid: Sesid, tableid: Tableid, precpos: Struct<JET_RECPOS>
    );
    JetGotoSecondaryIndexBookmark [JetGotoSecondaryIndexBookmark] WindowsXp (
        sesid: Sesid, tableid: Tableid, pvSecondaryKey: Bytes(cbSecondaryKey),
        cbSecondaryKey: Length(pvSecondaryKey), pvPrimaryBookmark: Bytes(cbPrimaryBookmark) optional,
        cbPrimaryBookmark: Length(pvPrimaryBookmark), grbit: Grbit optional
    );
    JetGrowDatabase [JetGrowDatabase] Windows2000 (
        sesid: Sesid, dbid: Dbid, cpg: Ulong, pcpgReal: OutConst<Ulong>
    );
    JetIdle [JetIdle] Windows2000 (sesid: Sesid, grbit: Grbit optional);
    JetIndexRecordCount [JetIndexRecordCount] Windows2000 (
        sesid: Sesid, tableid: Tableid, pcrec: Out<Ulong>, crecMax: Ulong
    );
    JetInit [JetInit] Windows2000 (pinstance: InOut<Instance>);
    JetInit2 [JetInit2] WindowsXp (pinstance: InOut<Instance>, grbit: Grbit optional);
    JetInit3 [JetInit3A JetInit3W] WindowsVista (
        pinstance: InOut<Instance>, prstInfo: Struct<JET_RSTINFO> optional, grbit: Grbit optional
    );
    JetIntersectIndexes [JetIntersectIndexes] Windows2000 (
        sesid: Sesid, rgindexrange: Array<JET_INDEXRANGE>(cindexrange), cindexrange: Count(rgindexrange),
        precordlist: StructInOut<JET_RECORDLIST>, grbit: Grbit optional
    );
    JetMakeKey [JetMakeKey] Windows2000 (
        sesid: Sesid, tableid: Tableid, pvData: Bytes(cbData) optional, cbData: Length(pvData),
        grbit: Grbit optional
    );
    JetMove [JetMove] Windows2000 (sesid: Sesid, tableid: Tableid, cRow: Long, grbit: Grbit optional);
    JetOSSnapshotAbort [JetOSSnapshotAbort] WindowsVista (snapId: Snapid, grbit: Grbit optional);
    JetOSSnapshotEnd [JetOSSnapshotEnd] WindowsVista (snapId: Snapid, grbit: Grbit optional);
    JetOSSnapshotFreeze [JetOSSnapshotFreezeA JetOSSnapshotFreezeW] WindowsXp (
        snapId: Snapid, pcInstanceInfo: Out<Ulong>,
        paInstanceInfo: EngineArray<JET_INSTANCE_INFO>(pcInstanceInfo), grbit: Grbit optional
    );
    JetOSSnapshotGetFreezeInfo [JetOSSnapshotGetFreezeInfoA JetOSSnapshotGetFreezeInfoW] WindowsVista (
        snapId: Snapid, pcInstanceInfo: Out<Ulong>,
        paInstanceInfo: EngineArray<JET_INSTANCE_INFO>(pcInstanceInfo), grbit: Grbit optional
    );
    JetOSSnapshotPrepare [JetOSSnapshotPrepare] WindowsXp (psnapId: Out<Snapid>, grbit: Grbit optional);
    JetOSSnapshotPrepareInstance [JetOSSnapshotPrepareInstance] WindowsVista (
        snapId: Snapid, instance: Instance, grbit: Grbit optional
    );
    JetOSSnapshotThaw [JetOSSnapshotThaw] WindowsXp (snapId: Snapid, grbit: Grbit optional);
    JetOSSnapshotTruncateLog [JetOSSnapshotTruncateLog] WindowsVista (snapId: Snapid, grbit: Grbit optional);
    JetOSSnapshotTruncateLogInstance [JetOSSnapshotTruncateLogInstance] WindowsVista (
        snapId: Snapid, instance: Instance, grbit: Grbit optional
    );
    JetOpenDatabase [JetOpenDatabaseA JetOpenDatabaseW] Windows2000 (
        sesid: Sesid, szFilename: Text, szConnect: Text optional, pdbid: Out<Dbid>, grbit: Grbit optional
    );
    JetOpenFile [JetOpenFileA JetOpenFileW] Windows2000 (
        szFileName: Text, phfFile: Out<HandleId>, pulFileSizeLow: Out<Ulong>, pulFileSizeHigh: Out<Ulong>
    );
    JetOpenFileInstance [JetOpenFileInstanceA JetOpenFileInstanceW] WindowsXp (
        instance: Instance, szFileName: Text, phfFile: Out<HandleId>, pulFileSizeLow: Out<Ulong>,
        pulFileSizeHigh: Out<Ulong>
    );
    JetOpenTable [JetOpenTableA JetOpenTableW] Windows2000 (
        sesid: Sesid, dbid: Dbid, szTableName: Text, pvParameters: Bytes(cbParameters) optional,
        cbParameters: Length(pvParameters), grbit: Grbit optional, ptableid: Out<Tableid>
    );
    JetOpenTempTable [JetOpenTempTable] Windows2000 (
        sesid: Sesid, prgcolumndef: Array<JET_COLUMNDEF>(ccolumn), ccolumn: Count(prgcolumndef),
        grbit: Grbit optional, ptableid: Out<Tableid>, prgcolumnid: ArrayOut<Columnid>(ccolumn)
    );
    JetOpenTempTable2 [JetOpenTempTable2] Windows2000 (
        sesid: Sesid, prgcolumndef: Array<JET_COLUMNDEF>(ccolumn), ccolumn: Count(prgcolumndef),
        lcid: Ulong, grbit: Grbit optional, ptableid: Out<Tableid>, prgcolumnid: ArrayOut<Columnid>(ccolumn)
    );
    JetOpenTempTable3 [JetOpenTempTable3] Windows2000 (
        sesid: Sesid, prgcolumndef: Array<JET_COLUMNDEF>(ccolumn), ccolumn: Count(prgcolumndef),
        pidxunicode: Struct<JET_UNICODEINDEX> optional, grbit: Grbit optional, ptableid: Out<Tableid>,
        prgcolumnid: ArrayOut<Columnid>(ccolumn)
    );
    JetOpenTemporaryTable [JetOpenTemporaryTable] WindowsVista (
        sesid: Sesid, popentemporarytable: Struct<JET_OPENTEMPORARYTABLE>
    );
    JetOpenTemporaryTable2 [JetOpenTemporaryTable2] WindowsVista (
        sesid: Sesid, popentemporarytable: Struct<JET_OPENTEMPORARYTABLE2>
    );
    JetPrepareUpdate [JetPrepareUpdate] Windows2000 (sesid: Sesid, tableid: Tableid, prep: Ulong);
    JetPrereadIndexRanges [JetPrereadIndexRanges] Windows8 (
        sesid: Sesid, tableid: Tableid, rgIndexRanges: Array<JET_INDEX_RANGE>(cIndexRanges),
        cIndexRanges: Count(rgIndexRanges), pcRangesPreread: Out<Ulong>,
        rgcolumnidPreread: ArrayIn<Columnid>(ccolumnidPreread) optional,
        ccolumnidPreread: Count(rgcolumnidPreread), grbit: Grbit optional
    );
    JetPrereadKeys [JetPrereadKeys] Windows7 (
        sesid: Sesid, tableid: Tableid, rgpvKeys: KeyArray(ckeys, rgcbKeys),
        rgcbKeys: LengthArray(rgpvKeys), ckeys: CountLong(rgpvKeys), pckeysPreread: Out<Long>,
        grbit: Grbit optional
    );
    JetReadFile [JetReadFile] Windows2000 (
        hfFile: HandleId, pv: Buffer(cb, pcbActual), cb: Length(pv), pcbActual: Actual(pv)
    );
    JetReadFileInstance [JetReadFileInstance] WindowsXp (
        instance: Instance, hfFile: HandleId, pv: Buffer(cb, pcbActual), cb: Length(pv),
        pcbActual: Actual(pv)
    );
    JetRegisterCallback [JetRegisterCallback] WindowsXp (
        sesid: Sesid, tableid: Tableid, cbtyp: Cbtyp, pCallback: Callback, pvContext: Context optional,
        phCallbackId: OutConst<HandleId>
    );
    JetRenameColumn [JetRenameColumnA JetRenameColumnW] WindowsXp (
        sesid: Sesid, tableid: Tableid, szName: Text, szNameNew: Text, grbit: Grbit optional
    );
    JetRenameTable [JetRenameTableA JetRenameTableW] Windows2000 (
        sesid: Sesid, dbid: Dbid, szName: Text, szNameNew: Text
    );
    JetResetSessionContext [JetResetSessionContext] Windows2000 (sesid: Sesid);
    JetResetTableSequential [JetResetTableSequential] WindowsXp (
        sesid: Sesid, tableid: Tableid, grbit: Grbit optional
    );
    JetResizeDatabase [JetResizeDatabase] Windows8 (
        sesid: Sesid, dbid: Dbid, cpg: Ulong, pcpgActual: Out<Ulong>, grbit: Grbit optional
    );
    JetRestore [JetRestoreA JetRestoreW] Windows2000 (sz: Text, pfn: Status optional);
    JetRestore2 [JetRestore2A JetRestore2W] Windows2000 (
        sz: Text, szDest: Text optional, pfn: Status optional
    );
    JetRestoreInstance [JetRestoreInstanceA JetRestoreInstanceW] WindowsXp (
        instance: Instance, sz: Text, szDest: Text optional, pfn: Status optional
    );
    JetRetrieveColumn [JetRetrieveColumn] Windows2000 (
        sesid: Sesid, tableid: Tableid, columnid: Columnid, pvData: Buffer(cbData, pcbActual),
        cbData: Length(pvData), pcbActual: Actual(pvData), grbit: Grbit optional,
        pretinfo: StructInOut<JET_RETINFO> optional
    );
    JetRetrieveColumns [JetRetrieveColumns] Windows2000 (
        sesid: Sesid, tableid: Tableid,
        pretrievecolumn: ArrayInOut<JET_RETRIEVECOLUMN>(cretrievecolumn) optional,
        cretrievecolumn: Count(pretrievecolumn)
    );
    JetRetrieveKey [JetRetrieveKey] Windows2000 (
        sesid: Sesid, tableid: Tableid, pvData: Buffer(cbMax, pcbActual), cbMax: Length(pvData),
        pcbActual: Actual(pvData), grbit: Grbit optional
    );
    JetRollback [JetRollback] Windows2000 (sesid: Sesid, grbit: Grbit optional);
    JetSeek [JetSeek] Windows2000 (sesid: Sesid, tableid: Tableid, grbit: Grbit optional);
    JetSetColumn [JetSetColumn] Windows2000 (
        sesid: Sesid, tableid: Tableid, columnid: Columnid, pvData: Bytes(cbData) optional,
        cbData: Length(pvData), grbit: Grbit optional, psetinfo: Struct<JET_SETINFO> optional
    );
    JetSetColumnDefaultValue [JetSetColumnDefaultValueA JetSetColumnDefaultValueW] Windows2000 (
        sesid: Sesid, dbid: Dbid, szTableName: Text, szColumnName: Text, pvData: Bytes(cbData),
        cbData: Length(pvData), grbit: Grbit optional
    );
    JetSetColumns [JetSetColumns] Windows2000 (
        sesid: Sesid, tableid: Tableid, psetcolumn: Array<JET_SETCOLUMN>(csetcolumn) optional,
        csetcolumn: Count(psetcolumn)
    );
    JetSetCurrentIndex [JetSetCurrentIndexA JetSetCurrentIndexW] Windows2000 (
        sesid: Sesid, tableid: Tableid, szIndexName: Text optional
    );
    JetSetCurrentIndex2 [JetSetCurrentIndex2A JetSetCurrentIndex2W] Windows2000 (
        sesid: Sesid, tableid: Tableid, szIndexName: Text optional, grbit: Grbit optional
    );
    JetSetCurrentIndex3 [JetSetCurrentIndex3A JetSetCurrentIndex3W] Windows2000 (
        sesid: Sesid, tableid: Tableid, szIndexName: Text optional, grbit: Grbit optional,
        itagSequence: Ulong
    );
    JetSetCurrentIndex4 [JetSetCurrentIndex4A JetSetCurrentIndex4W] Windows2000 (
        sesid: Sesid, tableid: Tableid, szIndexName: Text optional, pindexid: Struct<JET_INDEXID> optional,
        grbit: Grbit optional, itagSequence: Ulong
    );
    JetSetCursorFilter [JetSetCursorFilter] Windows8 (
        sesid: Sesid, tableid: Tableid, rgFilters: Array<JET_INDEX_COLUMN>(cFilters),
        cFilters: Count(rgFilters), grbit: Grbit optional
    );
    JetSetDatabaseSize [JetSetDatabaseSizeA JetSetDatabaseSizeW] Windows2000 (
        sesid: Sesid, szDatabaseName: Text, cpg: Ulong, pcpgReal: Out<Ulong>
    );
    JetSetIndexRange [JetSetIndexRange] Windows2000 (
        sesid: Sesid, tableidSrc: Tableid, grbit: Grbit optional
    );
    JetSetLS [JetSetLS] WindowsXp (sesid: Sesid, tableid: Tableid, ls: Ls, grbit: Grbit optional);
    JetSetSessionContext [JetSetSessionContext] Windows2000 (sesid: Sesid, ulContext: ApiPtr);
    JetSetSessionParameter [JetSetSessionParameter] Windows8 (
        sesid: Sesid optional, sesparamid: ParamId, pvParam: Bytes(cbParam) optional,
        cbParam: Length(pvParam)
    );
    JetSetSystemParameter [JetSetSystemParameterA JetSetSystemParameterW] Windows2000 (
        pinstance: InOut<Instance> optional, sesid: Sesid optional, paramid: ParamId,
        lParam: ApiPtr optional, szParam: Text optional
    );
    JetSetTableSequential [JetSetTableSequential] WindowsXp (
        sesid: Sesid, tableid: Tableid, grbit: Grbit optional
    );
    JetStopBackup [JetStopBackup] Windows2000 ();
    JetStopBackupInstance [JetStopBackupInstance] WindowsXp (instance: Instance);
    JetStopService [JetStopService] Windows2000 ();
    JetStopServiceInstance [JetStopServiceInstance] WindowsXp (instance: Instance);
    JetStopServiceInstance2 [JetStopServiceInstance2] Windows8 (instance: Instance, grbit: Grbit optional);
    JetTerm [JetTerm] Windows2000 (instance: Instance);
    JetTerm2 [JetTerm2] Windows2000 (instance: Instance, grbit: Grbit optional);
    JetTruncateLog [JetTruncateLog] Windows2000 ();
    JetTruncateLogInstance [JetTruncateLogInstance] WindowsXp (instance: Instance);
    JetUnregisterCallback [JetUnregisterCallback] WindowsXp (
        sesid: Sesid, tableid: Tableid, cbtyp: Cbtyp, hCallbackId: HandleId
    );
    JetUpdate [JetUpdate] Windows2000 (
        sesid: Sesid, tableid: Tableid, pvBookmark: Buffer(cbBookmark, pcbActual),
        cbBookmark: Length(pvBookmark), pcbActual: Actual(pvBookmark)
    );
    JetUpdate2 [JetUpdate2] WindowsVista (
        sesid: Sesid, tableid: Tableid, pvBookmark: Buffer(cbBookmark, pcbActual),
        cbBookmark: Length(pvBookmark), pcbActual: Actual(pvBookmark), grbit: Grbit optional
    );
        }
    };
}
pub(crate) use jet_functions;
