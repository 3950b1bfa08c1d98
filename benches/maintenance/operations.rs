//! The operations that are measured, and what has to be there before.

use std::cell::RefCell;
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jetspec::reference::TABLE;
use windows_sys::Win32::Storage::Jet as jet;

use crate::engine::{Log, Running, Table, created, expect, text};
use crate::measure::Times;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// JetCompact
    Compaction,
    /// JetBackupInstance
    Backup,
    /// The database and the logs are read as an application does that makes its own backups.
    Streaming,
    /// JetRestoreInstance of a backup that was made when nothing was written.
    Restore,
    /// JetRestoreInstance of a backup whose records are all in its logs.
    Replay,
    /// JetInit after a shutdown that left everything to the log.
    Recovery,
}

/// What is done before anything is measured.
pub const PREPARATIONS: [&str; 3] = ["fill", "back up", "log"];

impl Operation {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Compaction,
        Self::Backup,
        Self::Streaming,
        Self::Restore,
        Self::Replay,
        Self::Recovery,
    ];

    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compaction => "compaction",
            Self::Backup => "backup",
            Self::Streaming => "streaming",
            Self::Restore => "restore",
            Self::Replay => "replay",
            Self::Recovery => "recovery",
        }
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether it takes a status function.
    pub fn tells(self) -> bool {
        self != Self::Streaming
    }

    /// Whether it needs an instance that runs.
    fn needs_instance(self) -> bool {
        matches!(self, Self::Compaction | Self::Backup | Self::Streaming)
    }
}

/// Makes what the operations work on, in the current folder.
pub fn prepare(what: &str, size: u32) {
    match what {
        "fill" => {
            let running = Running::start(Log::Circular);
            Table::create(&running).fill(running.sesid, size);
            running.end();
        }
        "back up" => {
            let running = Running::attached(Log::Circular);
            make_folder("backup");
            running.back_up("backup", 0, None);
            running.end();
        }
        _ => inside("logged", || {
            let running = Running::start(Log::Kept);
            let table = Table::create(&running);
            make_folder("backup");
            running.back_up("backup", 0, None);
            table.fill(running.sesid, size);
            running.back_up("backup", jet::JET_bitBackupIncremental, None);
            running.end_dirty();
        }),
    }
}

fn make_folder(place: &str) {
    std::fs::create_dir(place).expect("a folder");
}

/// Does something in a folder of its own.
fn inside(folder: &str, what: impl FnOnce()) {
    let here = std::env::current_dir().expect("a folder");
    make_folder(folder);
    std::env::set_current_dir(folder).expect("the folder");
    what();
    std::env::set_current_dir(here).expect("the folder before");
}

/// Records of the database that is too small to count.
const FEW: u32 = 100;

/// Everything that an operation needs.
pub struct Stage {
    operation: Operation,
    running: Option<Running>,
    /// The folder that it takes place in.
    folder: PathBuf,
    /// The bytes of an application that makes its own backups.
    bytes: RefCell<Vec<u8>>,
}

impl Stage {
    /// Sets the stage for an operation in the current folder.
    pub fn set(operation: Operation) -> Self {
        let running = operation.needs_instance();
        Self {
            operation,
            running: running.then(|| Running::attached(Log::Circular)),
            folder: std::env::current_dir().expect("a folder"),
            bytes: RefCell::new(vec![0; CHUNK]),
        }
    }

    /// Sets the stage with a database that is too small to count.
    pub fn small(operation: Operation) -> Self {
        // That of the operation that was measured before.
        remove("small");
        let mut stage = None;
        inside("small", || {
            for what in PREPARATIONS {
                prepare(what, FEW);
            }
            stage = Some(Self::set(operation));
        });
        stage.expect("it was set")
    }

    /// What has to be done before each repetition.
    pub fn prepare(&self) {
        self.enter();
        if self.operation == Operation::Recovery {
            copy_folder("logged", "crashed");
        }
    }

    fn enter(&self) {
        std::env::set_current_dir(&self.folder).expect("the folder");
    }

    /// Removes what a repetition made.
    pub fn clear(&self, place: &str) {
        self.enter();
        remove(place);
        remove("crashed");
    }

    /// Does the operation once.
    pub fn once(&self, place: &str, tells: bool) -> Times {
        let status: jet::JET_PFNSTATUS = if tells { Some(count) } else { None };
        self.enter();
        let before = TOLD_TIMES.load(Ordering::Relaxed);
        let mut times = Times::of(|| self.run(place, status));
        times.notifications = TOLD_TIMES.load(Ordering::Relaxed) - before;
        times
    }

    fn run(&self, place: &str, status: jet::JET_PFNSTATUS) {
        match (self.operation, &self.running) {
            (Operation::Compaction, Some(running)) => compact(running.sesid, place, status),
            (Operation::Backup, Some(running)) => {
                make_folder(place);
                running.back_up(place, 0, status);
            }
            (Operation::Streaming, Some(running)) => {
                stream(running.instance, &mut self.bytes.borrow_mut());
            }
            (Operation::Restore, _) => restore("backup", Log::Circular, place, status),
            (Operation::Replay, _) => restore("logged/backup", Log::Kept, place, status),
            (Operation::Recovery, _) => recover("crashed", status),
            _ => {}
        }
    }
}

/// How often the status function was called.
static TOLD_TIMES: AtomicU64 = AtomicU64::new(0);

unsafe extern "system" fn count(_: usize, _: u32, _: u32, _: *const c_void) -> i32 {
    TOLD_TIMES.fetch_add(1, Ordering::Relaxed);
    0
}

fn compact(sesid: usize, place: &str, status: jet::JET_PFNSTATUS) {
    let (source, destination) = (text("source.edb"), text(place));
    let compact = TABLE.JetCompactA.expect("implemented");
    let nothing = std::ptr::null();
    // SAFETY: texts with terminators, and a function that lives for ever.
    let code = unsafe { compact(sesid, source.cast(), destination.cast(), status, nothing, 0) };
    expect(code);
}

/// The bytes that a streaming backup reads at once.
const CHUNK: usize = 1 << 18;

fn stream(instance: usize, bytes: &mut [u8]) {
    let mut names = vec![0u8; 1 << 12];
    let (mut given, room) = (0, names.len() as u32);
    // SAFETY: pointers to locals.
    unsafe {
        let begin = TABLE.JetBeginExternalBackupInstance.expect("implemented");
        expect(begin(instance, 0));
        let attached = TABLE.JetGetAttachInfoInstanceA.expect("implemented");
        let list: *mut u8 = names.as_mut_ptr();
        expect(attached(instance, list.cast(), room, &mut given));
    }
    stream_files(instance, &names, bytes);
    // SAFETY: pointers to locals.
    unsafe {
        let logs = TABLE.JetGetLogInfoInstanceA.expect("implemented");
        let list: *mut u8 = names.as_mut_ptr();
        expect(logs(instance, list.cast(), room, &mut given));
    }
    stream_files(instance, &names, bytes);
    let end = TABLE.JetEndExternalBackupInstance.expect("implemented");
    // SAFETY: no pointers.
    expect(unsafe { end(instance) });
}

/// Reads the files of a list of names, each with its terminator, up to an empty one.
fn stream_files(instance: usize, names: &[u8], bytes: &mut [u8]) {
    for name in names
        .split_inclusive(|byte| *byte == 0)
        .take_while(|name| name.len() > 1)
    {
        let (mut file, mut low, mut high, mut given) = (0, 0, 0, CHUNK as u32);
        // SAFETY: pointers to locals, a name with its terminator.
        unsafe {
            let open = TABLE.JetOpenFileInstanceA.expect("implemented");
            let name: *const u8 = name.as_ptr();
            let name = name.cast_mut().cast();
            expect(open(instance, name, &mut file, &mut low, &mut high));
            let read = TABLE.JetReadFileInstance.expect("implemented");
            while given > 0 {
                let (into, room): (*mut u8, _) = (bytes.as_mut_ptr(), CHUNK as u32);
                expect(read(instance, file, into.cast(), room, &mut given));
            }
            let close = TABLE.JetCloseFileInstance.expect("implemented");
            expect(close(instance, file));
        }
    }
}

/// An instance whose files are in a folder.
fn created_in(folder: &str, log: Log) -> usize {
    let mut instance = created(log);
    let set = TABLE.JetSetSystemParameterA.expect("implemented");
    for parameter in [jet::JET_paramLogFilePath, jet::JET_paramSystemPath] {
        let place: *const i8 = text(folder).cast();
        // SAFETY: a text with its terminator.
        expect(unsafe { set(&mut instance, 0, parameter, 0, place.cast()) });
    }
    instance
}

fn end(instance: usize) {
    // SAFETY: no pointers.
    expect(unsafe { TABLE.JetTerm.expect("implemented")(instance) });
}

fn restore(backup: &str, log: Log, place: &str, status: jet::JET_PFNSTATUS) {
    make_folder(place);
    let instance = created_in(place, log);
    let restore = TABLE.JetRestoreInstanceA.expect("implemented");
    let (source, destination) = (text(backup), text(place));
    // SAFETY: texts with terminators, and a function that lives for ever.
    expect(unsafe { restore(instance, source.cast(), destination.cast(), status) });
    end(instance);
}

fn recover(folder: &str, status: jet::JET_PFNSTATUS) {
    let mut instance = created_in(folder, Log::Kept);
    let database = format!("{folder}/source.edb");
    let mut moved = jet::JET_RSTMAP_A {
        szDatabaseName: std::ptr::null_mut(),
        szNewDatabaseName: text(&database).cast(),
    };
    let info = jet::JET_RSTINFO_A {
        cbStruct: size_of::<jet::JET_RSTINFO_A>() as u32,
        rgrstmap: &mut moved,
        crstmap: 1,
        pfnStatus: status,
        ..Default::default()
    };
    let init = TABLE.JetInit3A.expect("implemented");
    // SAFETY: pointers to locals, a text with its terminator, and a function that lives for ever.
    expect(unsafe { init(&mut instance, &info, 0) });
    end(instance);
}

fn copy_folder(from: &str, to: &str) {
    make_folder(to);
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        if entry.path().is_file() {
            let copy = Path::new(to).join(entry.file_name());
            std::fs::copy(entry.path(), copy).expect("a copy");
        }
    }
}

fn remove(place: &str) {
    // It is a file or a folder; the scratch folder goes as a whole at the end.
    let _ = std::fs::remove_file(place);
    let _ = std::fs::remove_dir_all(place);
}
