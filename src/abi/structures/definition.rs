//! Structures that define tables, columns and indexes.

use crate::abi::structure::structures;

structures! {
    JET_COLUMNDEF [JET_COLUMNDEF] {
        cbStruct: Size, columnid: InWritten(Columnid), coltyp: InWritten(Ulong), wCountry: InWritten(Ushort),
        langid: InWritten(Ushort), cp: InWritten(Ushort), wCollate: InWritten(Ushort), cbMax: InWritten(Ulong),
        grbit: InWritten(Grbit),
    }
    JET_COLUMNCREATE [JET_COLUMNCREATE_A JET_COLUMNCREATE_W] {
        cbStruct: Size, szColumnName: Text, coltyp: In(Ulong), cbMax: In(Ulong), grbit: In(Grbit),
        pvDefault: Bytes with cbDefault, cbDefault: Length with pvDefault, cp: In(Ulong),
        columnid: Written(Columnid), err: Written(Err),
    }
    JET_USERDEFINEDDEFAULT [JET_USERDEFINEDDEFAULT_A JET_USERDEFINEDDEFAULT_W] {
        szCallback: Text, pbUserData: Bytes with cbUserData, cbUserData: Length with pbUserData,
        szDependantColumns: KeyText,
    }
    JET_CONDITIONALCOLUMN [JET_CONDITIONALCOLUMN_A JET_CONDITIONALCOLUMN_W] {
        cbStruct: Size, szColumnName: Text, grbit: In(Grbit),
    }
    JET_UNICODEINDEX [JET_UNICODEINDEX] { lcid: In(Ulong), dwMapFlags: In(Ulong) }
    JET_UNICODEINDEX2 [JET_UNICODEINDEX2] { szLocaleName: WideText, dwMapFlags: In(Ulong) }
    JET_TUPLELIMITS [JET_TUPLELIMITS] {
        chLengthMin: In(Ulong), chLengthMax: In(Ulong), chToIndexMax: In(Ulong), cchIncrement: In(Ulong),
        ichStart: In(Ulong),
    }
    JET_SPACEHINTS [JET_SPACEHINTS] {
        cbStruct: Size, ulInitialDensity: In(Ulong), cbInitial: In(Ulong), grbit: In(Grbit),
        ulMaintDensity: In(Ulong), ulGrowth: In(Ulong), cbMinExtent: In(Ulong), cbMaxExtent: In(Ulong),
    }
    JET_INDEXCREATE [JET_INDEXCREATE_A JET_INDEXCREATE_W] {
        cbStruct: Size, szIndexName: Text, szKey: KeyText with cbKey, cbKey: Length with szKey, grbit: In(Grbit),
        ulDensity: In(Ulong), lcid in Anonymous1: In(Ulong), pidxunicode in Anonymous1: Struct(JET_UNICODEINDEX),
        cbVarSegMac in Anonymous2: In(Ulong), ptuplelimits in Anonymous2: Struct(JET_TUPLELIMITS),
        rgconditionalcolumn: Array(JET_CONDITIONALCOLUMN) with cConditionalColumn,
        cConditionalColumn: Count with rgconditionalcolumn, err: Written(Err), cbKeyMost: In(Ulong),
    }
    JET_INDEXCREATE2 [JET_INDEXCREATE2_A JET_INDEXCREATE2_W] {
        cbStruct: Size, szIndexName: Text, szKey: KeyText with cbKey, cbKey: Length with szKey, grbit: In(Grbit),
        ulDensity: In(Ulong), lcid in Anonymous1: In(Ulong), pidxunicode in Anonymous1: Struct(JET_UNICODEINDEX),
        cbVarSegMac in Anonymous2: In(Ulong), ptuplelimits in Anonymous2: Struct(JET_TUPLELIMITS),
        rgconditionalcolumn: Array(JET_CONDITIONALCOLUMN) with cConditionalColumn,
        cConditionalColumn: Count with rgconditionalcolumn, err: Written(Err), cbKeyMost: In(Ulong),
        pSpacehints: Struct(JET_SPACEHINTS),
    }
    JET_INDEXCREATE3 [JET_INDEXCREATE3_A JET_INDEXCREATE3_W] {
        cbStruct: Size, szIndexName: Text, szKey: KeyText with cbKey, cbKey: Length with szKey, grbit: In(Grbit),
        ulDensity: In(Ulong), pidxunicode: Struct(JET_UNICODEINDEX2),
        cbVarSegMac in Anonymous: In(Ulong), ptuplelimits in Anonymous: Struct(JET_TUPLELIMITS),
        rgconditionalcolumn: Array(JET_CONDITIONALCOLUMN) with cConditionalColumn,
        cConditionalColumn: Count with rgconditionalcolumn, err: Written(Err), cbKeyMost: In(Ulong),
        pSpacehints: Struct(JET_SPACEHINTS),
    }
    JET_TABLECREATE [JET_TABLECREATE_A JET_TABLECREATE_W] {
        cbStruct: Size, szTableName: Text, szTemplateTableName: Text, ulPages: In(Ulong), ulDensity: In(Ulong),
        rgcolumncreate: Array(JET_COLUMNCREATE) with cColumns, cColumns: Count with rgcolumncreate,
        rgindexcreate: Array(JET_INDEXCREATE) with cIndexes, cIndexes: Count with rgindexcreate, grbit: In(Grbit),
        tableid: Written(Tableid), cCreated: Written(Ulong),
    }
    JET_TABLECREATE2 [JET_TABLECREATE2_A JET_TABLECREATE2_W] {
        cbStruct: Size, szTableName: Text, szTemplateTableName: Text, ulPages: In(Ulong), ulDensity: In(Ulong),
        rgcolumncreate: Array(JET_COLUMNCREATE) with cColumns, cColumns: Count with rgcolumncreate,
        rgindexcreate: Array(JET_INDEXCREATE) with cIndexes, cIndexes: Count with rgindexcreate,
        szCallback: Text, cbtyp: In(Cbtyp), grbit: In(Grbit), tableid: Written(Tableid), cCreated: Written(Ulong),
    }
    JET_TABLECREATE3 [JET_TABLECREATE3_A JET_TABLECREATE3_W] {
        cbStruct: Size, szTableName: Text, szTemplateTableName: Text, ulPages: In(Ulong), ulDensity: In(Ulong),
        rgcolumncreate: Array(JET_COLUMNCREATE) with cColumns, cColumns: Count with rgcolumncreate,
        rgindexcreate: Array(JET_INDEXCREATE2) with cIndexes, cIndexes: Count with rgindexcreate,
        szCallback: Text, cbtyp: In(Cbtyp), grbit: In(Grbit), pSeqSpacehints: Struct(JET_SPACEHINTS),
        pLVSpacehints: Struct(JET_SPACEHINTS), cbSeparateLV: In(Ulong), tableid: Written(Tableid),
        cCreated: Written(Ulong),
    }
    JET_TABLECREATE4 [JET_TABLECREATE4_A JET_TABLECREATE4_W] {
        cbStruct: Size, szTableName: Text, szTemplateTableName: Text, ulPages: In(Ulong), ulDensity: In(Ulong),
        rgcolumncreate: Array(JET_COLUMNCREATE) with cColumns, cColumns: Count with rgcolumncreate,
        rgindexcreate: Array(JET_INDEXCREATE3) with cIndexes, cIndexes: Count with rgindexcreate,
        szCallback: Text, cbtyp: In(Cbtyp), grbit: In(Grbit), pSeqSpacehints: Struct(JET_SPACEHINTS),
        pLVSpacehints: Struct(JET_SPACEHINTS), cbSeparateLV: In(Ulong), tableid: Written(Tableid),
        cCreated: Written(Ulong),
    }
    JET_OPENTEMPORARYTABLE [JET_OPENTEMPORARYTABLE] {
        cbStruct: Size, prgcolumndef: Array(JET_COLUMNDEF) with ccolumn, ccolumn: Count with prgcolumndef,
        pidxunicode: Struct(JET_UNICODEINDEX), grbit: In(Grbit), prgcolumnid: ArrayOut(Columnid) with ccolumn,
        cbKeyMost: In(Ulong), cbVarSegMac: In(Ulong), tableid: Written(Tableid),
    }
    JET_OPENTEMPORARYTABLE2 [JET_OPENTEMPORARYTABLE2] {
        cbStruct: Size, prgcolumndef: Array(JET_COLUMNDEF) with ccolumn, ccolumn: Count with prgcolumndef,
        pidxunicode: Struct(JET_UNICODEINDEX2), grbit: In(Grbit), prgcolumnid: ArrayOut(Columnid) with ccolumn,
        cbKeyMost: In(Ulong), cbVarSegMac: In(Ulong), tableid: Written(Tableid),
    }
}
