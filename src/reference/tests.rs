//! The main paths through the table of C functions.

use std::ffi::{CString, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use windows_sys::Win32::Storage::Jet as jet;

use crate::abi::errors::JetError;
use crate::model::gate::POINTER;
use crate::model::rules::tests_switch::without;
use crate::model::session::DUP_PLACE;

/// Calls a function of the table.
macro_rules! call {
    ($function:ident($($argument:expr),* $(,)?)) => {
        // SAFETY: each test gives valid pointers, or nulls.
        unsafe { (super::TABLE.$function.expect(stringify!($function)))($($argument),*) }
    };
}
pub(super) use call;

pub(super) fn narrow(text: &str) -> CString {
    CString::new(text).expect("no zero inside")
}

pub(super) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// An instance with a session, a database and a table in a folder of its own. Tests share the
/// engine of the process, so each has names of its own.
pub(super) struct Fixture {
    pub(super) instance: usize,
    pub(super) sesid: usize,
    pub(super) dbid: u32,
    pub(super) tableid: usize,
    pub(super) id: u32,
    pub(super) value: u32,
    pub(super) folder: tempfile::TempDir,
}

pub(super) const COLUMN_DEFINITION: jet::JET_COLUMNDEF = jet::JET_COLUMNDEF {
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
    pub(super) fn new(name: &str) -> Self {
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

    pub(super) fn set(&self, columnid: u32, value: i32) {
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

    pub(super) fn insert(&self, id: i32, value: i32) -> i32 {
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

    pub(super) fn seek(&self, id: i32) -> i32 {
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

    pub(super) fn retrieve(&self, columnid: u32) -> (i32, i32) {
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
    let sloppy = || call!(JetDupSession(fixture.sesid, null_mut()));
    assert_eq!(without(&DUP_PLACE, sloppy), JetError::InternalError.code());
    let version = || call!(JetGetVersion(fixture.sesid, null_mut()));
    assert_eq!(version(), JetError::InvalidParameter.code());
    let sloppy = without(&POINTER, version);
    assert_eq!(sloppy, JetError::InternalError.code());
    let mut sesid = 5;
    let stale = call!(JetDupSession(0x1234, &mut sesid));
    assert!(stale < 0);
    assert_eq!(sesid, 5);
}
