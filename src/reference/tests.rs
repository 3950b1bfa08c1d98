//! The main paths through the table of C functions.

use std::ffi::{CString, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use windows_sys::Win32::Storage::Jet as jet;

use super::TABLE;
use crate::abi::errors::JetError;

/// Calls a function of the table.
macro_rules! call {
    ($function:ident($($argument:expr),* $(,)?)) => {
        // SAFETY: each test gives valid pointers, or nulls.
        unsafe { (TABLE.$function.expect(stringify!($function)))($($argument),*) }
    };
}

fn narrow(text: &str) -> CString {
    CString::new(text).expect("no zero inside")
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// An instance with a session, a database and a table in a folder of its own. Tests share the
/// engine of the process, so each has names of its own.
struct Fixture {
    instance: usize,
    sesid: usize,
    dbid: u32,
    tableid: usize,
    id: u32,
    value: u32,
    folder: tempfile::TempDir,
}

const COLUMN_DEFINITION: jet::JET_COLUMNDEF = jet::JET_COLUMNDEF {
    cbStruct: size_of::<jet::JET_COLUMNDEF>() as u32,
    columnid: 0,
    coltyp: 4,
    wCountry: 0,
    langid: 0,
    cp: 0,
    wCollate: 0,
    cbMax: 0,
    grbit: 0,
};

impl Fixture {
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut instance = 0;
        let text = narrow(name);
        assert_eq!(call!(JetCreateInstanceA(&mut instance, text.as_ptr())), 0);
        let path = |file: &str| narrow(&folder.path().join(file).to_string_lossy());
        for (paramid, file) in [(0, ""), (1, "tmp.edb"), (2, "")] {
            let text = path(file);
            let set = call!(JetSetSystemParameterA(
                &mut instance,
                0,
                paramid,
                0,
                text.as_ptr()
            ));
            assert_eq!(set, 0);
        }
        assert_eq!(call!(JetInit(&mut instance)), 0);
        let mut fixture = Self {
            instance,
            sesid: 0,
            dbid: 0,
            tableid: 0,
            id: 0,
            value: 0,
            folder,
        };
        fixture.create();
        fixture
    }

    fn create(&mut self) {
        let begun = call!(JetBeginSessionA(
            self.instance,
            &mut self.sesid,
            null(),
            null()
        ));
        assert_eq!(begun, 0);
        let file = narrow(&self.folder.path().join("test.edb").to_string_lossy());
        let created = call!(JetCreateDatabaseA(
            self.sesid,
            file.as_ptr(),
            null(),
            &mut self.dbid,
            0
        ));
        assert_eq!(created, 0);
        let name = narrow("table");
        assert_eq!(
            call!(JetCreateTableA(
                self.sesid,
                self.dbid,
                name.as_ptr(),
                1,
                80,
                &mut self.tableid
            )),
            0
        );
        let (id, value) = (narrow("id"), wide("value"));
        let mut columnid = 0;
        assert_eq!(
            call!(JetAddColumnA(
                self.sesid,
                self.tableid,
                id.as_ptr(),
                &COLUMN_DEFINITION,
                null(),
                0,
                &mut columnid
            )),
            0
        );
        self.id = columnid;
        assert_eq!(
            call!(JetAddColumnW(
                self.sesid,
                self.tableid,
                value.as_ptr(),
                &COLUMN_DEFINITION,
                null(),
                0,
                &mut columnid
            )),
            0
        );
        self.value = columnid;
        let (index, key) = (narrow("primary"), b"+id\0\0");
        assert_eq!(
            call!(JetCreateIndexA(
                self.sesid,
                self.tableid,
                index.as_ptr(),
                3,
                key.as_ptr(),
                5,
                80
            )),
            0
        );
    }

    fn set(&self, columnid: u32, value: i32) {
        let bytes = value.to_le_bytes();
        let set = call!(JetSetColumn(
            self.sesid,
            self.tableid,
            columnid,
            bytes.as_ptr().cast(),
            4,
            0,
            null()
        ));
        assert_eq!(set, 0);
    }

    fn insert(&self, id: i32, value: i32) -> i32 {
        assert_eq!(call!(JetPrepareUpdate(self.sesid, self.tableid, 0)), 0);
        self.set(self.id, id);
        self.set(self.value, value);
        call!(JetUpdate(
            self.sesid,
            self.tableid,
            null_mut(),
            0,
            null_mut()
        ))
    }

    fn seek(&self, id: i32) -> i32 {
        let bytes = id.to_le_bytes();
        let made = call!(JetMakeKey(
            self.sesid,
            self.tableid,
            bytes.as_ptr().cast(),
            4,
            1
        ));
        assert_eq!(made, 0);
        call!(JetSeek(self.sesid, self.tableid, 1))
    }

    fn retrieve(&self, columnid: u32) -> (i32, i32) {
        let (mut bytes, mut actual) = ([0; 4], 0);
        let code = call!(JetRetrieveColumn(
            self.sesid,
            self.tableid,
            columnid,
            bytes.as_mut_ptr().cast(),
            4,
            &mut actual,
            0,
            null_mut()
        ));
        (code, i32::from_le_bytes(bytes))
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        call!(JetTerm2(self.instance, 2));
    }
}

#[test]
fn a_record_is_inserted_found_and_retrieved() {
    let fixture = Fixture::new("a record");
    assert_eq!(fixture.insert(1, 10), 0);
    assert_eq!(fixture.insert(2, 20), 0);
    assert_eq!(fixture.insert(2, 21), JetError::KeyDuplicate.code());
    assert_eq!(
        call!(JetPrepareUpdate(fixture.sesid, fixture.tableid, 3)),
        0
    );
    assert_eq!(fixture.seek(2), 0);
    assert_eq!(fixture.retrieve(fixture.value), (0, 20));
    assert_eq!(fixture.seek(3), JetError::RecordNotFound.code());
    assert_eq!(
        call!(JetMove(fixture.sesid, fixture.tableid, i32::MIN, 0)),
        0
    );
    assert_eq!(call!(JetDelete(fixture.sesid, fixture.tableid)), 0);
    assert_eq!(fixture.seek(1), JetError::RecordNotFound.code());
}

static CALLS: AtomicU32 = AtomicU32::new(0);
static ANSWER: AtomicI32 = AtomicI32::new(0);

unsafe extern "system" fn counts(
    _sesid: usize,
    _dbid: u32,
    _tableid: usize,
    _cbtyp: u32,
    _arg1: *mut c_void,
    _arg2: *mut c_void,
    context: *const c_void,
    _unused: usize,
) -> i32 {
    assert_eq!(context.addr(), 0x77);
    CALLS.fetch_add(1, Ordering::SeqCst);
    ANSWER.load(Ordering::SeqCst)
}

#[test]
fn a_callback_is_called_and_may_veto() {
    let fixture = Fixture::new("a callback");
    let mut handle = 0;
    let context = std::ptr::without_provenance(0x77);
    let registered = call!(JetRegisterCallback(
        fixture.sesid,
        fixture.tableid,
        2,
        Some(counts),
        context,
        &raw const handle
    ));
    assert_eq!(registered, 0);
    handle = std::hint::black_box(handle);
    assert_ne!(handle, 0);
    assert_eq!(fixture.insert(1, 1), 0);
    assert_eq!(CALLS.load(Ordering::SeqCst), 1);
    ANSWER.store(-1601, Ordering::SeqCst);
    assert_eq!(fixture.insert(2, 2), -1601);
    assert_eq!(
        call!(JetUnregisterCallback(
            fixture.sesid,
            fixture.tableid,
            2,
            handle
        )),
        0
    );
    assert_eq!(
        call!(JetUpdate(
            fixture.sesid,
            fixture.tableid,
            null_mut(),
            0,
            null_mut()
        )),
        0
    );
    assert_eq!(CALLS.load(Ordering::SeqCst), 2);
}

#[test]
fn a_template_table_gives_its_columns_and_the_structures_are_written_back() {
    let fixture = Fixture::new("a template");
    let (mut base, mut derived, mut column) = (wide("base"), wide("derived"), wide("a"));
    let mut columns = [jet::JET_COLUMNCREATE_W {
        cbStruct: size_of::<jet::JET_COLUMNCREATE_W>() as u32,
        szColumnName: column.as_mut_ptr(),
        coltyp: 4,
        ..Default::default()
    }];
    let mut create = jet::JET_TABLECREATE2_W {
        cbStruct: size_of::<jet::JET_TABLECREATE2_W>() as u32,
        szTableName: base.as_mut_ptr(),
        rgcolumncreate: columns.as_mut_ptr(),
        cColumns: 1,
        grbit: 2,
        ..Default::default()
    };
    assert_eq!(
        call!(JetCreateTableColumnIndex2W(
            fixture.sesid,
            fixture.dbid,
            &mut create
        )),
        0
    );
    assert_ne!(create.tableid, 0);
    assert_eq!((create.cCreated, columns[0].err), (2, 0));
    assert_ne!(columns[0].columnid, 0);
    assert_eq!(call!(JetCloseTable(fixture.sesid, create.tableid)), 0);
    create.szTableName = derived.as_mut_ptr();
    create.szTemplateTableName = base.as_mut_ptr();
    (create.cColumns, create.grbit) = (0, 0);
    assert_eq!(
        call!(JetCreateTableColumnIndex2W(
            fixture.sesid,
            fixture.dbid,
            &mut create
        )),
        0
    );
    create.cbStruct += 1;
    let wrong = call!(JetCreateTableColumnIndex2W(
        fixture.sesid,
        fixture.dbid,
        &mut create
    ));
    assert_eq!(wrong, JetError::InvalidParameter.code());
}

#[test]
fn parameters_are_read_in_both_forms() {
    let mut number = 7;
    let mut bytes = [1i8; 4];
    let read = call!(JetGetSystemParameterA(
        0,
        0,
        3,
        &mut number,
        bytes.as_mut_ptr(),
        4
    ));
    assert_eq!((read, bytes), (0, [101, 100, 98, 0]));
    let mut units = [1u16; 4];
    let read = call!(JetGetSystemParameterW(
        0,
        0,
        3,
        null_mut(),
        units.as_mut_ptr(),
        8
    ));
    assert_eq!((read, units), (0, [101, 100, 98, 0]));
    let small = call!(JetGetSystemParameterW(
        0,
        0,
        3,
        null_mut(),
        units.as_mut_ptr(),
        7
    ));
    assert_eq!(small, JetError::BufferTooSmall.code());
}

#[test]
fn instances_are_listed_with_their_databases_in_memory_of_the_engine() {
    let fixture = Fixture::new("listed");
    let (mut count, mut infos) = (0, null_mut());
    assert_eq!(call!(JetGetInstanceInfoA(&mut count, &mut infos)), 0);
    // SAFETY: the engine has just given so many structures.
    let listed = unsafe { std::slice::from_raw_parts(infos, count as usize) };
    let ours = listed
        .iter()
        .find(|info| info.hInstanceId == fixture.instance)
        .expect("listed");
    // SAFETY: the structure's texts end with zero.
    let name = unsafe { std::ffi::CStr::from_ptr(ours.szInstanceName.cast()) };
    assert_eq!((name.to_bytes(), ours.cDatabases), (&b"listed"[..], 1));
    assert_eq!(call!(JetFreeBuffer(infos.cast())), 0);
    assert_eq!(call!(JetFreeBuffer(infos.cast())), 0);
}

#[test]
fn a_missing_output_is_refused_and_a_failed_call_writes_nothing() {
    let fixture = Fixture::new("outputs");
    let missing = call!(JetDupSession(fixture.sesid, null_mut()));
    assert_eq!(missing, JetError::InvalidParameter.code());
    let mut sesid = 5;
    let stale = call!(JetDupSession(0x1234, &mut sesid));
    assert!(stale < 0);
    assert_eq!(sesid, 5);
}

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
