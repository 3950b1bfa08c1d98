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
}
