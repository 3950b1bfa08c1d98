//! What is told of tables and databases through the table of C functions.

use std::ptr::{null, null_mut};

use windows_sys::Win32::Storage::Jet as jet;

use super::tests::{Fixture, call, narrow, wide};
use crate::abi::errors::JetError;

#[test]
fn columns_and_indexes_are_told_and_listed() {
    let fixture = Fixture::new("information");
    let (sesid, tableid) = (fixture.sesid, fixture.tableid);
    let mut told = jet::JET_COLUMNDEF::default();
    let name = wide("VALUE");
    let size = size_of::<jet::JET_COLUMNDEF>() as u32;
    let code = call!(JetGetTableColumnInfoW(
        sesid,
        tableid,
        name.as_ptr(),
        (&raw mut told).cast(),
        size,
        0
    ));
    assert_eq!((code, told.columnid, told.coltyp), (0, fixture.value, 4));
    let mut list = jet::JET_COLUMNLIST::default();
    let size = size_of::<jet::JET_COLUMNLIST>() as u32;
    let code = call!(JetGetTableColumnInfoA(
        sesid,
        tableid,
        null(),
        (&raw mut list).cast(),
        size,
        1
    ));
    assert_eq!((code, list.cRecord), (0, 2));
    let mut text = [0u8; 8];
    let mut actual = 0;
    let code = call!(JetRetrieveColumn(
        sesid,
        list.tableid,
        list.columnidcolumnname,
        text.as_mut_ptr().cast(),
        8,
        &mut actual,
        0,
        null_mut()
    ));
    assert_eq!((code, &text[..actual as usize]), (0, &b"id"[..]));
    assert_eq!(call!(JetCloseTable(sesid, list.tableid)), 0);
    let mut identity = jet::JET_INDEXID::default();
    let (name, size) = (narrow("primary"), size_of::<jet::JET_INDEXID>() as u32);
    let code = call!(JetGetTableIndexInfoA(
        sesid,
        tableid,
        name.as_ptr(),
        (&raw mut identity).cast(),
        size,
        9
    ));
    assert_eq!(code, 0);
    let set = call!(JetSetCurrentIndex4A(
        sesid,
        tableid,
        null(),
        &identity,
        0,
        1
    ));
    assert_eq!(set, 0);
    let mut name = [0i8; 65];
    let code = call!(JetGetTableInfoA(
        sesid,
        tableid,
        name.as_mut_ptr().cast(),
        65,
        1
    ));
    assert_eq!((code, name[0]), (0, b't' as i8));
}

#[test]
fn databases_and_their_tables_are_told() {
    let fixture = Fixture::new("objects");
    let (sesid, dbid) = (fixture.sesid, fixture.dbid);
    let mut page_size = 0u32;
    let told = call!(JetGetDatabaseInfoA(
        sesid,
        dbid,
        (&raw mut page_size).cast(),
        4,
        17
    ));
    assert_eq!((told, page_size), (0, 4096));
    let mut list = jet::JET_OBJECTLIST::default();
    let size = size_of::<jet::JET_OBJECTLIST>() as u32;
    let told = call!(JetGetObjectInfoW(
        sesid,
        dbid,
        1,
        null(),
        null(),
        (&raw mut list).cast(),
        size,
        2
    ));
    assert_eq!(told, 0);
    assert!(list.cRecord >= 1);
    assert_eq!(call!(JetCloseTable(sesid, list.tableid)), 0);
    let missing = narrow("missing");
    let mut object = jet::JET_OBJECTINFO::default();
    let size = size_of::<jet::JET_OBJECTINFO>() as u32;
    let told = call!(JetGetObjectInfoA(
        sesid,
        dbid,
        1,
        null(),
        missing.as_ptr(),
        (&raw mut object).cast(),
        size,
        0
    ));
    assert_eq!(told, JetError::ObjectNotFound.code());
    let mut identity = jet::JET_COMMIT_ID::default();
    assert_eq!(call!(JetBeginTransaction(sesid)), 0);
    assert_eq!(call!(JetCommitTransaction2(sesid, 0, 0, &mut identity)), 0);
    assert_ne!(identity.commitId, 0);
}
