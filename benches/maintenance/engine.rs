//! An instance of the reference engine and the database that is measured.

use std::ffi::{CString, c_void};
use std::sync::atomic::{AtomicU32, Ordering};

use jetspec::reference::TABLE;
use windows_sys::Win32::Storage::Jet as jet;

/// Records of one transaction.
const TOGETHER: u32 = 1000;
/// The bytes of the text of each record.
const TEXT: usize = 200;

/// The log of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// Small files, and only those that are needed: one is made as a whole for each backup, whatever
    /// the size of the database.
    Circular,
    /// Larger files, all kept, and the database is written when it is detached and not before. The last
    /// file is looked at as a whole, however little it holds: that is not to weigh on a small database.
    Kept,
}

impl Log {
    /// What makes a log so.
    fn parameters(self) -> &'static [(u32, usize)] {
        match self {
            Self::Circular => &[
                (jet::JET_paramLogFileSize, 64),
                (jet::JET_paramCircularLog, 1),
            ],
            Self::Kept => &[
                (jet::JET_paramLogFileSize, 1024),
                (jet::JET_paramCheckpointDepthMax, 1 << 30),
            ],
        }
    }
}

/// The reference answers success.
pub fn expect(code: i32) {
    assert_eq!(code, 0, "the reference must do what the measurement asks");
}

/// A text with its terminator, which is never given back.
pub fn text(text: &str) -> *mut std::ffi::c_char {
    CString::new(text).expect("text without a zero").into_raw()
}

/// A running instance with a session.
pub struct Running {
    pub instance: usize,
    pub sesid: usize,
}

impl Running {
    /// Creates and initialises an instance.
    pub fn start(log: Log) -> Self {
        let mut running = Self {
            instance: created(log),
            sesid: 0,
        };
        // SAFETY: pointers to locals.
        unsafe {
            expect(TABLE.JetInit.expect("implemented")(&mut running.instance));
            let begin = TABLE.JetBeginSessionA.expect("implemented");
            let (instance, nobody) = (running.instance, std::ptr::null_mut());
            expect(begin(instance, &mut running.sesid, nobody, nobody));
        }
        running
    }

    /// As [`start`](Self::start), with the database attached.
    pub fn attached(log: Log) -> Self {
        let running = Self::start(log);
        let attach = TABLE.JetAttachDatabaseA.expect("implemented");
        // SAFETY: a text with its terminator.
        expect(unsafe { attach(running.sesid, text("source.edb").cast(), 0) });
        running
    }

    /// Ends the instance.
    pub fn end(self) {
        // SAFETY: no pointers.
        expect(unsafe { TABLE.JetTerm.expect("implemented")(self.instance) });
    }

    /// Ends the instance and leaves its database to recovery.
    pub fn end_dirty(self) {
        let term = TABLE.JetTerm2.expect("implemented");
        // SAFETY: no pointers.
        let code = unsafe { term(self.instance, jet::JET_bitTermDirty) };
        assert_eq!(code, jet::JET_errDirtyShutdown);
    }

    /// Backs the instance up.
    pub fn back_up(&self, place: &str, grbit: u32, status: jet::JET_PFNSTATUS) {
        let backup = TABLE.JetBackupInstanceA.expect("implemented");
        // SAFETY: a text with its terminator, and a function that lives for ever.
        expect(unsafe { backup(self.instance, text(place).cast(), grbit, status) });
    }
}

/// How many instances there were.
static CREATED: AtomicU32 = AtomicU32::new(0);

/// An instance that is not initialised yet.
pub fn created(log: Log) -> usize {
    let mut instance = 0;
    // SAFETY: a pointer to a local, and a text that lives for ever.
    unsafe {
        let create = TABLE.JetCreateInstanceA.expect("implemented");
        let name = format!("maintenance {}", CREATED.fetch_add(1, Ordering::Relaxed));
        expect(create(&mut instance, text(&name).cast()));
    }
    for (parameter, value) in log.parameters() {
        let set = TABLE.JetSetSystemParameterA.expect("implemented");
        // SAFETY: a pointer to a local; the parameters are numbers.
        expect(unsafe { set(&mut instance, 0, *parameter, *value, std::ptr::null()) });
    }
    instance
}

/// The table that the records are in.
pub struct Table {
    tableid: usize,
    columns: [u32; 2],
}

impl Table {
    /// Makes the database and its table.
    pub fn create(running: &Running) -> Self {
        let sesid = running.sesid;
        let (mut dbid, mut tableid) = (0, 0);
        // SAFETY: pointers to locals, texts with terminators.
        unsafe {
            let create = TABLE.JetCreateDatabaseA.expect("implemented");
            let (file, nobody) = (text("source.edb"), std::ptr::null_mut());
            expect(create(sesid, file.cast(), nobody, &mut dbid, 0));
            let create = TABLE.JetCreateTableA.expect("implemented");
            let name = text("table");
            expect(create(sesid, dbid, name.cast(), 1, 80, &mut tableid));
        }
        let id = add_column(sesid, tableid, "id", jet::JET_coltypLong);
        let words = add_column(sesid, tableid, "text", jet::JET_coltypText);
        let key = b"+id\0\0";
        let grbit = jet::JET_bitIndexPrimary | jet::JET_bitIndexUnique;
        let index = TABLE.JetCreateIndexA.expect("implemented");
        let (name, length) = (text("primary"), key.len() as u32);
        let key: *const u8 = key.as_ptr();
        // SAFETY: texts with terminators; the key is only read.
        expect(unsafe {
            index(
                sesid,
                tableid,
                name.cast(),
                grbit,
                key.cast_mut().cast(),
                length,
                80,
            )
        });
        Self {
            tableid,
            columns: [id, words],
        }
    }

    /// Inserts so many records.
    pub fn fill(&self, sesid: usize, size: u32) {
        let begin = TABLE.JetBeginTransaction.expect("implemented");
        let commit = TABLE.JetCommitTransaction.expect("implemented");
        for number in 0..size {
            if number % TOGETHER == 0 {
                // SAFETY: no pointers.
                expect(unsafe { begin(sesid) });
            }
            self.insert(sesid, number);
            if number % TOGETHER == TOGETHER - 1 || number == size - 1 {
                // SAFETY: no pointers.
                expect(unsafe { commit(sesid, 0) });
            }
        }
    }

    fn insert(&self, sesid: usize, number: u32) {
        let content = [b'x'; TEXT];
        let prepare = TABLE.JetPrepareUpdate.expect("implemented");
        let set = TABLE.JetSetColumn.expect("implemented");
        let update = TABLE.JetUpdate.expect("implemented");
        let ([id, words], tableid) = (self.columns, self.tableid);
        let number: *const u32 = &number;
        let values = [
            (id, number.cast::<c_void>(), 4),
            (words, content.as_ptr().cast(), TEXT),
        ];
        // SAFETY: pointers to locals, with their lengths.
        unsafe {
            expect(prepare(sesid, tableid, jet::JET_prepInsert));
            for (column, data, length) in values {
                let nothing = std::ptr::null();
                expect(set(sesid, tableid, column, data, length as u32, 0, nothing));
            }
            let (nothing, nobody) = (std::ptr::null_mut(), std::ptr::null_mut());
            expect(update(sesid, tableid, nothing, 0, nobody));
        }
    }
}

fn add_column(sesid: usize, tableid: usize, name: &str, coltyp: u32) -> u32 {
    let definition = jet::JET_COLUMNDEF {
        cbStruct: size_of::<jet::JET_COLUMNDEF>() as u32,
        coltyp,
        cp: 1252,
        ..Default::default()
    };
    let mut column = 0;
    let add = TABLE.JetAddColumnA.expect("implemented");
    let nothing = std::ptr::null::<c_void>();
    // SAFETY: pointers to locals, a text with its terminator.
    expect(unsafe {
        add(
            sesid,
            tableid,
            text(name).cast(),
            &definition,
            nothing,
            0,
            &mut column,
        )
    });
    column
}
