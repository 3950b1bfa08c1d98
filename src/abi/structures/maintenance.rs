//! Structures of backup, restore, recovery, compaction and commit.

use crate::abi::structure::structures;

structures! {
    JET_SETSYSPARAM [JET_SETSYSPARAM_A JET_SETSYSPARAM_W] {
        paramid: In(ParamId), lParam: In(ApiPtr), sz: Text, err: Written(Err),
    }
    JET_RSTMAP [JET_RSTMAP_A JET_RSTMAP_W] { szDatabaseName: Text, szNewDatabaseName: Text }
    JET_RSTINFO [JET_RSTINFO_A JET_RSTINFO_W] {
        cbStruct: Size, rgrstmap: Array(JET_RSTMAP) with crstmap, crstmap: Count with rgrstmap, lgposStop: Raw(8),
        logtimeStop: Raw(8), pfnStatus: Status,
    }
    JET_LOGINFO [JET_LOGINFO_A JET_LOGINFO_W] {
        cbSize: Size, ulGenLow: InWritten(Ulong), ulGenHigh: InWritten(Ulong), szBaseName: TextWritten(4),
    }
    JET_CONVERT [JET_CONVERT_A JET_CONVERT_W] { szOldDll: Text, fFlags in Anonymous: In(Ulong) }
    JET_SNPROG [JET_SNPROG] { cbStruct: Size, cunitDone: Written(Ulong), cunitTotal: Written(Ulong) }
    JET_COMMIT_ID [JET_COMMIT_ID] { signLog: RawWritten(28), reserved: Written(Long), commitId: Written(Trxid) }
    JET_DBINFOMISC [JET_DBINFOMISC] {
        ulVersion: Written(Ulong), ulUpdate: Written(Ulong), signDb: RawWritten(28), dbstate: Written(Ulong),
        lgposConsistent: RawWritten(8), logtimeConsistent: RawWritten(8), logtimeAttach: RawWritten(8),
        lgposAttach: RawWritten(8), logtimeDetach: RawWritten(8), lgposDetach: RawWritten(8), signLog: RawWritten(28),
        bkinfoFullPrev: RawWritten(24), bkinfoIncPrev: RawWritten(24), bkinfoFullCur: RawWritten(24),
        fShadowingDisabled: Written(Ulong), fUpgradeDb: Written(Ulong), dwMajorVersion: Written(Ulong),
        dwMinorVersion: Written(Ulong), dwBuildNumber: Written(Ulong), lSPNumber: Written(Long),
        cbPageSize: Written(Ulong),
    }
    JET_DBINFOMISC4 [JET_DBINFOMISC4] {
        ulVersion: Written(Ulong), ulUpdate: Written(Ulong), signDb: RawWritten(28), dbstate: Written(Ulong),
        lgposConsistent: RawWritten(8), logtimeConsistent: RawWritten(8), logtimeAttach: RawWritten(8),
        lgposAttach: RawWritten(8), logtimeDetach: RawWritten(8), lgposDetach: RawWritten(8), signLog: RawWritten(28),
        bkinfoFullPrev: RawWritten(24), bkinfoIncPrev: RawWritten(24), bkinfoFullCur: RawWritten(24),
        fShadowingDisabled: Written(Ulong), fUpgradeDb: Written(Ulong), dwMajorVersion: Written(Ulong),
        dwMinorVersion: Written(Ulong), dwBuildNumber: Written(Ulong), lSPNumber: Written(Long),
        cbPageSize: Written(Ulong),
        genMinRequired: Written(Ulong), genMaxRequired: Written(Ulong), logtimeGenMaxCreate: RawWritten(8),
        ulRepairCount: Written(Ulong), logtimeRepair: RawWritten(8), ulRepairCountOld: Written(Ulong),
        ulECCFixSuccess: Written(Ulong), logtimeECCFixSuccess: RawWritten(8), ulECCFixSuccessOld: Written(Ulong),
        ulECCFixFail: Written(Ulong), logtimeECCFixFail: RawWritten(8), ulECCFixFailOld: Written(Ulong),
        ulBadChecksum: Written(Ulong), logtimeBadChecksum: RawWritten(8), ulBadChecksumOld: Written(Ulong),
        genCommitted: Written(Ulong),
        bkinfoCopyPrev: RawWritten(24), bkinfoDiffPrev: RawWritten(24),
    }
}
