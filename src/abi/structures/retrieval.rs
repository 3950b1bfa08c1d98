//! Structures that set, retrieve and find values.

use crate::abi::structure::structures;

structures! {
    JET_SETINFO [JET_SETINFO] { cbStruct: Size, ibLongValue: In(Ulong), itagSequence: In(Ulong) }
    JET_RETINFO [JET_RETINFO] {
        cbStruct: Size, ibLongValue: In(Ulong), itagSequence: InWritten(Ulong), columnidNextTagged: Written(Columnid),
    }
    JET_SETCOLUMN [JET_SETCOLUMN] {
        columnid: In(Columnid), pvData: Bytes with cbData, cbData: Length with pvData, grbit: In(Grbit),
        ibLongValue: In(Ulong), itagSequence: In(Ulong), err: Written(Err),
    }
    JET_RETRIEVECOLUMN [JET_RETRIEVECOLUMN] {
        columnid: In(Columnid), pvData: Buffer with cbData, cbData: Length with pvData, cbActual: Written(Ulong),
        grbit: In(Grbit), ibLongValue: In(Ulong), itagSequence: InWritten(Ulong),
        columnidNextTagged: Written(Columnid), err: Written(Err),
    }
    JET_ENUMCOLUMNID [JET_ENUMCOLUMNID] {
        columnid: In(Columnid), ctagSequence: Count with rgtagSequence, rgtagSequence: ArrayIn(Ulong) with ctagSequence,
    }
    JET_ENUMCOLUMN [JET_ENUMCOLUMN] { columnid: Written(Columnid), err: Written(Err) }
    JET_ENUMCOLUMNVALUE [JET_ENUMCOLUMNVALUE] {
        itagSequence: Written(Ulong), err: Written(Err), cbData: Written(Ulong), pvData: EnginePointer,
    }
    JET_RECPOS [JET_RECPOS] {
        cbStruct: Size, centriesLT: InWritten(Ulong), centriesInRange: InWritten(Ulong), centriesTotal: InWritten(Ulong),
    }
    JET_RECSIZE [JET_RECSIZE] {
        cbData: InWritten(Ulonglong), cbLongValueData: InWritten(Ulonglong), cbOverhead: InWritten(Ulonglong),
        cbLongValueOverhead: InWritten(Ulonglong), cNonTaggedColumns: InWritten(Ulonglong),
        cTaggedColumns: InWritten(Ulonglong), cLongValues: InWritten(Ulonglong), cMultiValues: InWritten(Ulonglong),
    }
    JET_RECSIZE2 [JET_RECSIZE2] {
        cbData: InWritten(Ulonglong), cbLongValueData: InWritten(Ulonglong), cbOverhead: InWritten(Ulonglong),
        cbLongValueOverhead: InWritten(Ulonglong), cNonTaggedColumns: InWritten(Ulonglong),
        cTaggedColumns: InWritten(Ulonglong), cLongValues: InWritten(Ulonglong), cMultiValues: InWritten(Ulonglong),
        cCompressedColumns: InWritten(Ulonglong), cbDataCompressed: InWritten(Ulonglong),
        cbLongValueDataCompressed: InWritten(Ulonglong),
    }
    JET_INDEXID [JET_INDEXID] { cbStruct: Size, rgbIndexId: Raw(16) }
    JET_INDEXRANGE [JET_INDEXRANGE] { cbStruct: Size, tableid: In(Tableid), grbit: In(Grbit) }
    JET_INDEX_COLUMN [JET_INDEX_COLUMN] {
        columnid: In(Columnid), relop: In(Ulong), pv: Bytes with cb, cb: Length with pv, grbit: In(Grbit),
    }
    JET_INDEX_RANGE [JET_INDEX_RANGE] {
        rgStartColumns: Array(JET_INDEX_COLUMN) with cStartColumns, cStartColumns: Count with rgStartColumns,
        rgEndColumns: Array(JET_INDEX_COLUMN) with cEndColumns, cEndColumns: Count with rgEndColumns,
    }
    JET_RECORDLIST [JET_RECORDLIST] {
        cbStruct: Size, tableid: Written(Tableid), cRecord: Written(Ulong), columnidBookmark: Written(Columnid),
    }
}
