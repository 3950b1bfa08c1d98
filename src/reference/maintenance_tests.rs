//! Defragmentation, compaction and backup through the table of C functions.

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering};

use super::tests::{Fixture, call, narrow};
use crate::abi::errors::JetError;

static COMPLETED: AtomicU32 = AtomicU32::new(0);

unsafe extern "system" fn completed(
    sesid: usize,
    _dbid: u32,
    tableid: usize,
    cbtyp: u32,
    _arg1: *mut c_void,
    _arg2: *mut c_void,
    _context: *const c_void,
    _unused: usize,
) -> i32 {
    assert!(sesid != usize::MAX && tableid == usize::MAX && cbtyp == 0x100);
    COMPLETED.fetch_add(1, Ordering::SeqCst);
    -1234
}

#[test]
fn stopping_defragmentation_calls_its_function_once_before_it_returns() {
    let fixture = Fixture::new("defragmentation");
    let (sesid, dbid) = (fixture.sesid, fixture.dbid);
    let start = || {
        call!(JetDefragment2A(
            sesid,
            dbid,
            null(),
            null_mut(),
            null_mut(),
            Some(completed),
            1
        ))
    };
    let stop = || {
        call!(JetDefragmentA(
            sesid,
            dbid,
            null(),
            null_mut(),
            null_mut(),
            2
        ))
    };
    assert_eq!((stop(), start(), start()), (2001, 0, 2000));
    assert_eq!(COMPLETED.load(Ordering::SeqCst), 0);
    assert_eq!((stop(), stop()), (0, 2001));
    assert_eq!(COMPLETED.load(Ordering::SeqCst), 1);
    assert_eq!(start(), 0);
    drop(fixture);
    assert_eq!(COMPLETED.load(Ordering::SeqCst), 2);
}

static NOTIFIED: AtomicU32 = AtomicU32::new(0);

unsafe extern "system" fn notified(
    sesid: usize,
    operation: u32,
    kind: u32,
    progress: *const c_void,
) -> i32 {
    assert!(sesid != 0 && operation == 4 && !progress.is_null());
    let busy = call!(JetBeginTransaction(sesid));
    assert_eq!(busy, JetError::SessionSharingViolation.code());
    NOTIFIED.fetch_add(1 << (4 * kind), Ordering::SeqCst);
    0
}

#[test]
fn compacting_tells_its_progress_and_makes_a_copy_that_can_be_attached() {
    let fixture = Fixture::new("compaction");
    assert_eq!(fixture.insert(1, 10), 0);
    let path = |name: &str| narrow(&fixture.folder.path().join(name).to_string_lossy());
    let (source, copy) = (path("test.edb"), path("copy.edb"));
    assert_eq!(call!(JetCloseTable(fixture.sesid, fixture.tableid)), 0);
    assert_eq!(call!(JetCloseDatabase(fixture.sesid, fixture.dbid, 0)), 0);
    let compact = || {
        call!(JetCompactA(
            fixture.sesid,
            source.as_ptr(),
            copy.as_ptr(),
            Some(notified),
            null(),
            0
        ))
    };
    assert_eq!(compact(), 0);
    let counts = NOTIFIED.load(Ordering::SeqCst);
    assert_eq!(
        (counts >> 24 & 15, counts >> 20 & 15, counts >> 12 & 15),
        (1, 1, 0)
    );
    assert!(counts & 15 > 0);
    assert_eq!(compact(), JetError::DatabaseDuplicate.code());
    let mut dbid = 0;
    assert_eq!(
        call!(JetAttachDatabaseA(fixture.sesid, copy.as_ptr(), 0)),
        0
    );
    let opened = call!(JetOpenDatabaseA(
        fixture.sesid,
        copy.as_ptr(),
        null(),
        &mut dbid,
        0
    ));
    assert_eq!(opened, 0);
    let (name, mut tableid) = (narrow("table"), 0);
    let opened = call!(JetOpenTableA(
        fixture.sesid,
        dbid,
        name.as_ptr(),
        null(),
        0,
        0,
        &mut tableid
    ));
    assert_eq!(opened, 0);
    assert_eq!(call!(JetMove(fixture.sesid, tableid, i32::MIN, 0)), 0);
}

unsafe extern "system" fn ignores(
    sesid: usize,
    _operation: u32,
    _kind: u32,
    progress: *const c_void,
) -> i32 {
    assert!(sesid == usize::MAX && !progress.is_null());
    -1234
}

#[test]
fn a_backup_is_restored_where_its_databases_were() {
    let fixture = Fixture::new("backup");
    assert_eq!(fixture.insert(1, 10), 0);
    let folder = tempfile::tempdir().expect("a folder");
    let path = narrow(&folder.path().to_string_lossy());
    let backup = || {
        call!(JetBackupInstanceA(
            fixture.instance,
            path.as_ptr(),
            0,
            Some(ignores)
        ))
    };
    assert_eq!(backup(), 0);
    assert_eq!(backup(), JetError::BackupDirectoryNotEmpty.code());
    let file = fixture.folder.path().join("test.edb");
    assert_eq!(call!(JetTerm2(fixture.instance, 2)), 0);
    std::fs::remove_file(&file).expect("the database");
    let (name, mut instance) = (narrow("restored"), 0);
    assert_eq!(call!(JetCreateInstanceA(&mut instance, name.as_ptr())), 0);
    let here = narrow(&fixture.folder.path().to_string_lossy());
    for paramid in [0, 2] {
        let set = call!(JetSetSystemParameterA(
            &mut instance,
            0,
            paramid,
            0,
            here.as_ptr()
        ));
        assert_eq!(set, 0);
    }
    let restored = call!(JetRestoreInstanceA(
        instance,
        path.as_ptr(),
        null(),
        Some(ignores)
    ));
    assert_eq!(restored, 0);
    assert!(file.is_file());
    assert_eq!(call!(JetTerm(instance)), 0);
}
