//! Structures that the information functions fill.

use crate::abi::structure::structures;

structures! {
    JET_OBJECTINFO [JET_OBJECTINFO] {
        cbStruct: Size, objtyp: Written(Ulong), dtCreate: Written(Date), dtUpdate: Written(Date), grbit: Written(Grbit),
        flags: Written(Ulong), cRecord: Written(Ulong), cPage: Written(Ulong),
    }
    JET_OBJECTLIST [JET_OBJECTLIST] {
        cbStruct: Size, tableid: Written(Tableid), cRecord: Written(Ulong), columnidcontainername: Written(Columnid),
        columnidobjectname: Written(Columnid), columnidobjtyp: Written(Columnid), columniddtCreate: Written(Columnid),
        columniddtUpdate: Written(Columnid), columnidgrbit: Written(Columnid), columnidflags: Written(Columnid),
        columnidcRecord: Written(Columnid), columnidcPage: Written(Columnid),
    }
    JET_COLUMNBASE [JET_COLUMNBASE_A JET_COLUMNBASE_W] {
        cbStruct: Size, columnid: Written(Columnid), coltyp: Written(Ulong), wCountry: Written(Ushort),
        langid: Written(Ushort), cp: Written(Ushort), wFiller: Written(Ushort), cbMax: Written(Ulong),
        grbit: Written(Grbit), szBaseTableName: TextWritten(256), szBaseColumnName: TextWritten(256),
    }
    JET_COLUMNLIST [JET_COLUMNLIST] {
        cbStruct: Size, tableid: Written(Tableid), cRecord: Written(Ulong), columnidPresentationOrder: Written(Columnid),
        columnidcolumnname: Written(Columnid), columnidcolumnid: Written(Columnid), columnidcoltyp: Written(Columnid),
        columnidCountry: Written(Columnid), columnidLangid: Written(Columnid), columnidCp: Written(Columnid),
        columnidCollate: Written(Columnid), columnidcbMax: Written(Columnid), columnidgrbit: Written(Columnid),
        columnidDefault: Written(Columnid), columnidBaseTableName: Written(Columnid),
        columnidBaseColumnName: Written(Columnid), columnidDefinitionName: Written(Columnid),
    }
    JET_INDEXLIST [JET_INDEXLIST] {
        cbStruct: Size, tableid: Written(Tableid), cRecord: Written(Ulong), columnidindexname: Written(Columnid),
        columnidgrbitIndex: Written(Columnid), columnidcKey: Written(Columnid), columnidcEntry: Written(Columnid),
        columnidcPage: Written(Columnid), columnidcColumn: Written(Columnid), columnidiColumn: Written(Columnid),
        columnidcolumnid: Written(Columnid), columnidcoltyp: Written(Columnid), columnidCountry: Written(Columnid),
        columnidLangid: Written(Columnid), columnidCp: Written(Columnid), columnidCollate: Written(Columnid),
        columnidgrbitColumn: Written(Columnid), columnidcolumnname: Written(Columnid),
        columnidLCMapFlags: Written(Columnid),
    }
    JET_INSTANCE_INFO [JET_INSTANCE_INFO_A JET_INSTANCE_INFO_W] {
        hInstanceId: Written(Instance), szInstanceName: EnginePointer, cDatabases: Written(ApiPtr),
        szDatabaseFileName: EnginePointer, szDatabaseDisplayName: EnginePointer,
    }
    JET_ERRINFOBASIC_W [JET_ERRINFOBASIC_W] {
        cbStruct: Size, errValue: Written(Err), errcatMostSpecific: Written(Ulong),
        rgCategoricalHierarchy: RawWritten(8), lSourceLine: Written(Ulong), rgszSourceFile: RawWritten(128),
    }
    JET_THREADSTATS [JET_THREADSTATS] {
        cbStruct: Size, cPageReferenced: Written(Ulong), cPageRead: Written(Ulong), cPagePreread: Written(Ulong),
        cPageDirtied: Written(Ulong), cPageRedirtied: Written(Ulong), cLogRecord: Written(Ulong),
        cbLogRecord: Written(Ulong),
    }
}
