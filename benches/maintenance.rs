//! What compaction, backup and restore cost by the record, at three sizes: the time, the peak memory
//! of the process, and what a status function adds that is told every step. Each measurement is made
//! in a process of its own, so that the peak is that of one operation.

use std::ffi::{CString, c_void};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jetspec::reference::TABLE;
use windows_sys::Win32::Storage::Jet as jet;

/// Records of the database.
const SIZES: [u32; 3] = [10_000, 100_000, 1_000_000];
/// How much more a record may cost at one size than at another.
const FLAT: f64 = 1.3;
/// How much more an operation may take that tells every step, in percent.
const TOLD: f64 = 5.0;
/// Records of one transaction.
const TOGETHER: u32 = 1000;
/// The bytes of the text of each record.
const TEXT: usize = 60;
/// At least so long, and so often, an operation is repeated for its best time.
const LONG_ENOUGH: Duration = Duration::from_millis(800);
const OFTEN_ENOUGH: u32 = 3;

/// What is measured.
const OPERATIONS: [&str; 4] = ["compaction", "compaction, told", "backup", "restore"];

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, child, operation, size, folder] = words.as_slice()
        && child == "--child"
    {
        std::env::set_current_dir(folder).expect("the folder of the measurement");
        let size = size.parse().expect("a size");
        match operation.as_str() {
            "fill" => fill(size),
            operation => println!("{}", measure(operation).line()),
        }
        return;
    }
    let mut table = Vec::new();
    for size in SIZES {
        let folder = Folder::new(size);
        child("fill", size, &folder.0);
        for operation in OPERATIONS {
            let seen = Measured::read(&child(operation, size, &folder.0));
            println!(
                "{size:>9} records  {operation:<17} {:>9.1} ms  {:>7.0} ns a record  {:>7.0} bytes a record at the peak, {:>6.0} of them meanwhile",
                seen.time.as_secs_f64() * 1e3,
                seen.time.as_nanos() as f64 / f64::from(size),
                seen.peak as f64 / f64::from(size),
                seen.added as f64 / f64::from(size),
            );
            table.push((operation, size, seen));
        }
    }
    judge(&table);
}

/// A scratch folder that goes with its measurements.
struct Folder(PathBuf);

impl Folder {
    fn new(size: u32) -> Self {
        let name = format!("jetspec-maintenance-{}-{size}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a scratch folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays of a scratch folder does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn child(operation: &str, size: u32, folder: &Path) -> String {
    let program = std::env::current_exe().expect("the name of this executable");
    let output = Command::new(program)
        .args(["--child", operation, &size.to_string()])
        .arg(folder)
        .output()
        .expect("a process of its own");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{operation} of {size}: {complaint}"
    );
    said
}

/// What one process found.
#[derive(Clone, Copy)]
struct Measured {
    /// The best time.
    time: Duration,
    /// Bytes at the peak, less those of a process that has done nothing.
    peak: u64,
    /// Bytes at the peak, less those of before the operation.
    added: u64,
}

impl Measured {
    fn line(self) -> String {
        format!("{} {} {}", self.time.as_nanos(), self.peak, self.added)
    }

    fn read(line: &str) -> Self {
        let mut numbers = line
            .split_whitespace()
            .map(|word| word.parse().expect("a number"));
        let mut next = || numbers.next().expect("three numbers");
        Self {
            time: Duration::from_nanos(next()),
            peak: next(),
            added: next(),
        }
    }
}

/// Whether what is promised is kept.
fn judge(table: &[(&str, u32, Measured)]) {
    for operation in OPERATIONS {
        let of = |what: fn(&Measured) -> f64| {
            let costs = table.iter().filter(|(own, ..)| *own == operation);
            let costs = costs.map(|(_, size, seen)| what(seen) / f64::from(*size));
            let (least, most) = costs.fold((f64::MAX, 0f64), |(least, most), cost| {
                (least.min(cost), most.max(cost))
            });
            most / least
        };
        let time = of(|seen| seen.time.as_nanos() as f64);
        let peak = of(|seen| seen.peak as f64);
        let verdict = |ratio: f64| if ratio <= FLAT { "flat" } else { "NOT FLAT" };
        println!(
            "{operation:<17} a record's time within a factor {time:.2} ({}), its memory within {peak:.2} ({}); limit {FLAT}",
            verdict(time),
            verdict(peak)
        );
    }
    let time = |operation: &str| {
        let largest = table
            .iter()
            .filter(|(own, ..)| *own == operation)
            .max_by_key(|(_, size, _)| *size);
        largest.map_or(0.0, |(.., seen)| seen.time.as_secs_f64())
    };
    let percent = (time("compaction, told") / time("compaction") - 1.0) * 100.0;
    let verdict = if percent < TOLD { "kept" } else { "NOT KEPT" };
    println!("telling every step adds {percent:.1} % to a compaction (limit {TOLD} %: {verdict})");
}

fn expect(code: i32) {
    assert_eq!(code, 0, "the reference must do what the measurement asks");
}

fn text(text: &str) -> CString {
    CString::new(text).expect("text without a zero")
}

/// A running instance with a session.
struct Running {
    instance: usize,
    sesid: usize,
}

impl Running {
    fn start() -> Self {
        let mut running = Self {
            instance: created(),
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

    fn end(self) {
        // SAFETY: no pointers.
        expect(unsafe { TABLE.JetTerm.expect("implemented")(self.instance) });
    }
}

fn created() -> usize {
    let mut instance = 0;
    let name = text("maintenance").into_raw();
    // SAFETY: a pointer to a local, and a text that lives for ever.
    unsafe {
        let create = TABLE.JetCreateInstanceA.expect("implemented");
        expect(create(&mut instance, name.cast()));
    }
    instance
}

/// Makes the database and a backup of it.
fn fill(size: u32) {
    let running = Running::start();
    let sesid = running.sesid;
    let (mut dbid, mut tableid, mut columns) = (0, 0, [0; 2]);
    let (file, table) = (text("source.edb").into_raw(), text("table").into_raw());
    let nothing = std::ptr::null::<c_void>();
    // SAFETY: pointers to locals, texts with terminators.
    unsafe {
        let create = TABLE.JetCreateDatabaseA.expect("implemented");
        expect(create(
            sesid,
            file.cast(),
            std::ptr::null_mut(),
            &mut dbid,
            0,
        ));
        let create = TABLE.JetCreateTableA.expect("implemented");
        expect(create(sesid, dbid, table.cast(), 1, 80, &mut tableid));
        for (column, (name, coltyp)) in columns
            .iter_mut()
            .zip([("id", jet::JET_coltypLong), ("text", jet::JET_coltypText)])
        {
            let definition = jet::JET_COLUMNDEF {
                cbStruct: size_of::<jet::JET_COLUMNDEF>() as u32,
                coltyp,
                cp: 1252,
                ..Default::default()
            };
            let name = text(name).into_raw();
            let add = TABLE.JetAddColumnA.expect("implemented");
            expect(add(
                sesid,
                tableid,
                name.cast(),
                &definition,
                nothing,
                0,
                column,
            ));
        }
        let key = b"+id\0\0";
        let name = text("primary").into_raw();
        let index = TABLE.JetCreateIndexA.expect("implemented");
        let grbit = jet::JET_bitIndexPrimary | jet::JET_bitIndexUnique;
        let key: *const u8 = key.as_ptr();
        expect(index(
            sesid,
            tableid,
            name.cast(),
            grbit,
            key.cast_mut().cast(),
            5,
            80,
        ));
        insert(sesid, tableid, columns, size);
        expect(TABLE.JetCloseTable.expect("implemented")(sesid, tableid));
        expect(TABLE.JetCloseDatabase.expect("implemented")(sesid, dbid, 0));
    }
    std::fs::create_dir("backup").expect("a folder for the backup");
    back_up(&running, "backup");
    running.end();
}

unsafe fn insert(sesid: usize, tableid: usize, [id, words]: [u32; 2], size: u32) {
    let content = [b'x'; TEXT];
    let begin = TABLE.JetBeginTransaction.expect("implemented");
    let prepare = TABLE.JetPrepareUpdate.expect("implemented");
    let set = TABLE.JetSetColumn.expect("implemented");
    let update = TABLE.JetUpdate.expect("implemented");
    let commit = TABLE.JetCommitTransaction.expect("implemented");
    let nothing = std::ptr::null;
    for number in 0..size {
        // SAFETY: pointers to locals; the caller's for the handles.
        unsafe {
            if number % TOGETHER == 0 {
                expect(begin(sesid));
            }
            expect(prepare(sesid, tableid, jet::JET_prepInsert));
            let data: *const u32 = &number;
            expect(set(sesid, tableid, id, data.cast(), 4, 0, nothing()));
            let data = content.as_ptr();
            expect(set(
                sesid,
                tableid,
                words,
                data.cast(),
                TEXT as u32,
                0,
                nothing(),
            ));
            expect(update(
                sesid,
                tableid,
                std::ptr::null_mut(),
                0,
                std::ptr::null_mut(),
            ));
            if number % TOGETHER == TOGETHER - 1 || number == size - 1 {
                expect(commit(sesid, 0));
            }
        }
    }
}

fn back_up(running: &Running, folder: &str) {
    let folder = text(folder).into_raw();
    let backup = TABLE.JetBackupInstanceA.expect("implemented");
    // SAFETY: a text with its terminator.
    expect(unsafe { backup(running.instance, folder.cast(), 0, None) });
}

/// Does an operation as often as is good for its best time.
fn measure(operation: &str) -> Measured {
    let base = memory("VmRSS:");
    let running = (operation != "restore").then(attached);
    forget_peak();
    let before = memory("VmRSS:");
    let (mut best, mut added) = (Duration::MAX, 0);
    let begun = Instant::now();
    let mut number = 0;
    while number < OFTEN_ENOUGH || begun.elapsed() < LONG_ENOUGH {
        let place = format!("target-{number}");
        best = best.min(once(operation, running.as_ref(), &place));
        if number == 0 {
            added = memory("VmHWM:").saturating_sub(before);
        }
        remove(&place);
        number += 1;
    }
    let peak = before + added;
    Measured {
        time: best,
        peak: peak.saturating_sub(base),
        added,
    }
}

fn attached() -> Running {
    let running = Running::start();
    let file = text("source.edb").into_raw();
    let attach = TABLE.JetAttachDatabaseA.expect("implemented");
    // SAFETY: a text with its terminator.
    expect(unsafe { attach(running.sesid, file.cast(), 0) });
    running
}

fn once(operation: &str, running: Option<&Running>, place: &str) -> Duration {
    match (operation, running) {
        ("restore", _) => restore(place),
        ("backup", Some(running)) => {
            std::fs::create_dir(place).expect("a folder for the backup");
            let begun = Instant::now();
            back_up(running, place);
            begun.elapsed()
        }
        (_, Some(running)) => compact(running.sesid, place, operation == "compaction, told"),
        _ => Duration::MAX,
    }
}

/// How often the status function was called.
static TOLD_TIMES: AtomicU64 = AtomicU64::new(0);

unsafe extern "system" fn count(_: usize, _: u32, _: u32, _: *const c_void) -> i32 {
    TOLD_TIMES.fetch_add(1, Ordering::Relaxed);
    0
}

fn compact(sesid: usize, place: &str, told: bool) -> Duration {
    let (source, destination) = (text("source.edb").into_raw(), text(place).into_raw());
    let function: jet::JET_PFNSTATUS = if told { Some(count) } else { None };
    let compact = TABLE.JetCompactA.expect("implemented");
    let begun = Instant::now();
    // SAFETY: texts with terminators, and a function that lives for ever.
    let code = unsafe {
        compact(
            sesid,
            source.cast(),
            destination.cast(),
            function,
            std::ptr::null(),
            0,
        )
    };
    let time = begun.elapsed();
    expect(code);
    time
}

fn restore(place: &str) -> Duration {
    std::fs::create_dir(place).expect("a folder to restore into");
    let mut instance = created();
    let (source, destination) = (text("backup").into_raw(), text(place).into_raw());
    let folders = [jet::JET_paramLogFilePath, jet::JET_paramSystemPath];
    // SAFETY: texts with terminators.
    unsafe {
        let set = TABLE.JetSetSystemParameterA.expect("implemented");
        for parameter in folders {
            expect(set(&mut instance, 0, parameter, 0, destination.cast()));
        }
        let begun = Instant::now();
        let restore = TABLE.JetRestoreInstanceA.expect("implemented");
        expect(restore(instance, source.cast(), destination.cast(), None));
        let time = begun.elapsed();
        expect(TABLE.JetTerm.expect("implemented")(instance));
        time
    }
}

fn remove(place: &str) {
    // It is a file or a folder; the scratch folder goes as a whole at the end.
    let _ = std::fs::remove_file(place);
    let _ = std::fs::remove_dir_all(place);
}

/// A line of what the system says of this process, in bytes.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|own| own.strip_prefix(line));
    let number = found.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    number.unwrap_or(0) * 1024
}

/// The peak begins anew from here.
fn forget_peak() {
    // Where the system does not know this, the peak is that of the whole process.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
