//! What compaction, backup and restore cost by the record, at three sizes: the time, the peak memory
//! of the process, and what a status function adds that is told every step. Each measurement is made
//! in a process of its own, so that the peak is that of one operation.
//!
//! Every measurement begins with cold caches: otherwise a small database would be found in them, since
//! it has just been copied before, and a large one would not.
//!
//! The time that is judged is the processor's, the best of several: none of the operations waits for
//! the disk, and the clock on the wall would measure what else the machine is doing. Both are shown.

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
const TEXT: usize = 200;
/// The size of a file of the log, in kilobytes: one is made as a whole for each backup, whatever the
/// size of the database.
const LOG_FILE: usize = 64;
/// At least so long, and so often, an operation is repeated for its best time.
const LONG_ENOUGH: Duration = Duration::from_secs(1);
const OFTEN_ENOUGH: u32 = 6;

/// What is measured: without a status function, and then with one where it has one.
const OPERATIONS: [(&str, bool); 4] = [
    ("compaction", true),
    ("backup", true),
    ("streaming", false),
    ("restore", true),
];

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, child, operation, size, folder] = words.as_slice()
        && child == "--child"
    {
        std::env::set_current_dir(folder).expect("the folder of the measurement");
        let size = size.parse().expect("a size");
        match operation.as_str() {
            "fill" => fill(size),
            "back up" => {
                let running = attached();
                back_up(&running, "backup", None);
                running.end();
            }
            operation => println!("{}", measure(operation).line()),
        }
        return;
    }
    let mut table = Vec::new();
    for size in SIZES {
        let folder = Folder::new(size);
        child("fill", size, &folder.0);
        child("back up", size, &folder.0);
        for (operation, _) in OPERATIONS {
            let seen = Measured::read(&child(operation, size, &folder.0));
            let by_record = |time: Duration| time.as_nanos() as f64 / f64::from(size);
            println!(
                "{size:>9} records  {operation:<11} {:>6.0} ns a record ({:>6.0} on the wall), told every step {:>6.0} ns; {:>6.0} bytes a record at the peak, {:>6.0} of them meanwhile",
                by_record(seen.time),
                by_record(seen.wall),
                by_record(seen.told),
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
        // Files in memory: what a disk and its file system do is not what is measured.
        let memory = PathBuf::from("/dev/shm");
        let place = Some(memory).filter(|memory| memory.is_dir());
        let path = place.unwrap_or_else(std::env::temp_dir).join(name);
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
    /// The best time of the processor.
    time: Duration,
    /// The best time on the wall.
    wall: Duration,
    /// The best time of the processor with a status function.
    told: Duration,
    /// Bytes at the peak, less those of a process that has done nothing.
    peak: u64,
    /// Bytes at the peak, less those of before the operation.
    added: u64,
}

impl Measured {
    fn line(self) -> String {
        let times = [self.time, self.wall, self.told].map(|time| time.as_nanos().to_string());
        format!("{} {} {}", times.join(" "), self.peak, self.added)
    }

    fn read(line: &str) -> Self {
        let mut numbers = line
            .split_whitespace()
            .map(|word| word.parse().expect("a number"));
        let mut next = || numbers.next().expect("five numbers");
        Self {
            time: Duration::from_nanos(next()),
            wall: Duration::from_nanos(next()),
            told: Duration::from_nanos(next()),
            peak: next(),
            added: next(),
        }
    }
}

/// Whether what is promised is kept.
fn judge(table: &[(&str, u32, Measured)]) {
    for (operation, has_status) in OPERATIONS {
        let own = table.iter().filter(|(own, ..)| *own == operation);
        let ratio = |what: fn(&Measured) -> f64| {
            let costs = own
                .clone()
                .map(|(_, size, seen)| what(seen) / f64::from(*size));
            let (least, most) = costs.fold((f64::MAX, 0f64), |(least, most), cost| {
                (least.min(cost), most.max(cost))
            });
            most / least
        };
        let verdict = |flat: bool| if flat { "flat" } else { "NOT FLAT" };
        let time = ratio(|seen| seen.time.as_nanos() as f64);
        println!(
            "{operation:<11} a record's time within a factor {time:.2} (limit {FLAT}: {})",
            verdict(time <= FLAT)
        );
        let peak = ratio(|seen| seen.peak as f64);
        let peaks = own.clone().map(|(.., seen)| seen.peak);
        let constant = peaks.clone().max().unwrap_or(0) <= LITTLE;
        let most = peaks.max().unwrap_or(0) as f64 / f64::from(1 << 20);
        match constant {
            true => {
                println!("{operation:<11} its memory is {most:.1} MiB at most, whatever the size")
            }
            false => println!(
                "{operation:<11} a record's memory within a factor {peak:.2} (limit {FLAT}: {})",
                verdict(peak <= FLAT)
            ),
        }
        if let Some((.., seen)) = own.max_by_key(|(_, size, _)| *size).filter(|_| has_status) {
            let percent = (seen.told.as_secs_f64() / seen.time.as_secs_f64() - 1.0) * 100.0;
            let verdict = if percent < TOLD { "kept" } else { "NOT KEPT" };
            println!(
                "{operation:<11} telling every step adds {percent:.1} % (limit {TOLD} %: {verdict})"
            );
        }
    }
}

/// A process that needs no more than this, in bytes, holds no database in memory.
const LITTLE: u64 = 16 << 20;

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
    for (parameter, value) in [
        (jet::JET_paramLogFileSize, LOG_FILE),
        (jet::JET_paramCircularLog, 1),
    ] {
        let set = TABLE.JetSetSystemParameterA.expect("implemented");
        // SAFETY: a pointer to a local; the parameters are numbers.
        expect(unsafe { set(&mut instance, 0, parameter, value, std::ptr::null()) });
    }
    instance
}

/// Makes the database.
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

fn back_up(running: &Running, place: &str, status: jet::JET_PFNSTATUS) {
    std::fs::create_dir(place).expect("a folder for the backup");
    let folder = text(place).into_raw();
    let backup = TABLE.JetBackupInstanceA.expect("implemented");
    // SAFETY: a text with its terminator.
    expect(unsafe { backup(running.instance, folder.cast(), 0, status) });
}

/// The bytes that a streaming backup reads at once.
const CHUNK: usize = 1 << 18;

/// Reads the database as an application does that makes its own backups.
fn stream(running: &Running) {
    let (instance, mut names) = (running.instance, vec![0u8; 1 << 12]);
    let (mut file, mut low, mut high, mut given) = (0, 0, 0, 0);
    let mut bytes = vec![0u8; CHUNK];
    // SAFETY: pointers to locals, a name with its terminator.
    unsafe {
        let begin = TABLE.JetBeginExternalBackupInstance.expect("implemented");
        expect(begin(instance, 0));
        let attached = TABLE.JetGetAttachInfoInstanceA.expect("implemented");
        let room = names.len() as u32;
        expect(attached(
            instance,
            names.as_mut_ptr().cast(),
            room,
            &mut given,
        ));
        let open = TABLE.JetOpenFileInstanceA.expect("implemented");
        expect(open(
            instance,
            names.as_mut_ptr().cast(),
            &mut file,
            &mut low,
            &mut high,
        ));
        let read = TABLE.JetReadFileInstance.expect("implemented");
        loop {
            expect(read(
                instance,
                file,
                bytes.as_mut_ptr().cast(),
                CHUNK as u32,
                &mut given,
            ));
            if given == 0 {
                break;
            }
        }
        let close = TABLE.JetCloseFileInstance.expect("implemented");
        expect(close(instance, file));
        let logs = TABLE.JetGetLogInfoInstanceA.expect("implemented");
        expect(logs(instance, names.as_mut_ptr().cast(), room, &mut given));
        let end = TABLE.JetEndExternalBackupInstance.expect("implemented");
        expect(end(instance));
    }
}

/// Does an operation as often as is good for its best time, with and without a status function.
fn measure(operation: &str) -> Measured {
    warm_up(operation);
    let mut caches = Caches::new();
    let base = memory("VmRSS:");
    let running = (operation != "restore").then(attached);
    forget_peak();
    let before = memory("VmRSS:");
    let mut seen = Measured {
        time: Duration::MAX,
        wall: Duration::MAX,
        told: Duration::MAX,
        peak: 0,
        added: 0,
    };
    let begun = Instant::now();
    let mut number = 0;
    while number < OFTEN_ENOUGH || begun.elapsed() < LONG_ENOUGH {
        let place = format!("target-{number}");
        caches.chill();
        let (time, wall) = once(operation, running.as_ref(), &place, None);
        (seen.time, seen.wall) = (seen.time.min(time), seen.wall.min(wall));
        if number == 0 {
            seen.added = memory("VmHWM:").saturating_sub(before);
        }
        remove(&place);
        caches.chill();
        let (told, _) = once(operation, running.as_ref(), &place, Some(count));
        seen.told = seen.told.min(told);
        remove(&place);
        number += 1;
    }
    seen.peak = (before + seen.added).saturating_sub(base);
    seen
}

fn attached() -> Running {
    let running = Running::start();
    let file = text("source.edb").into_raw();
    let attach = TABLE.JetAttachDatabaseA.expect("implemented");
    // SAFETY: a text with its terminator.
    expect(unsafe { attach(running.sesid, file.cast(), 0) });
    running
}

/// More bytes than the caches of the processor have.
const CACHES: usize = 320 << 20;
/// The bytes of a line of a cache.
const LINE: usize = 64;

/// Memory that takes the place of everything else in the caches.
struct Caches(Vec<u8>);

impl Caches {
    fn new() -> Self {
        let mut caches = Self(vec![1; CACHES]);
        caches.chill();
        caches
    }

    fn chill(&mut self) {
        for line in self.0.chunks_mut(LINE) {
            if let Some(byte) = line.first_mut() {
                *byte = byte.wrapping_add(1);
            }
        }
        std::hint::black_box(&mut self.0);
    }
}

/// Records of the database of the warm-up.
const FEW: u32 = 100;

/// Does everything once with a small database, so that what the process needs in any case is there.
fn warm_up(operation: &str) {
    let here = std::env::current_dir().expect("a folder");
    let place = here.join("warm-up");
    std::fs::create_dir_all(&place).expect("a folder for the warm-up");
    std::env::set_current_dir(&place).expect("the folder of the warm-up");
    fill(FEW);
    let running = attached();
    back_up(&running, "backup", None);
    if operation == "restore" {
        running.end();
        once(operation, None, "target", Some(count));
    } else {
        once(operation, Some(&running), "target", Some(count));
        running.end();
    }
    std::env::set_current_dir(&here).expect("the folder of the measurement");
    remove("warm-up");
}

/// Does an operation once: the time of the processor, and that on the wall.
fn once(
    operation: &str,
    running: Option<&Running>,
    place: &str,
    status: jet::JET_PFNSTATUS,
) -> (Duration, Duration) {
    let (begun, worked) = (Instant::now(), processor());
    match (operation, running) {
        ("restore", _) => restore(place, status),
        ("backup", Some(running)) => back_up(running, place, status),
        ("streaming", Some(running)) => stream(running),
        (_, Some(running)) => compact(running.sesid, place, status),
        _ => {}
    }
    let wall = begun.elapsed();
    let worked = worked
        .zip(processor())
        .map(|(before, after)| after - before);
    (worked.unwrap_or(wall), wall)
}

/// What this process has had of the processor; `None` where the system does not say.
#[cfg(unix)]
fn processor() -> Option<Duration> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: a pointer to a local.
    let said = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    (said == 0).then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

#[cfg(not(unix))]
fn processor() -> Option<Duration> {
    None
}

/// How often the status function was called.
static TOLD_TIMES: AtomicU64 = AtomicU64::new(0);

unsafe extern "system" fn count(_: usize, _: u32, _: u32, _: *const c_void) -> i32 {
    TOLD_TIMES.fetch_add(1, Ordering::Relaxed);
    0
}

fn compact(sesid: usize, place: &str, status: jet::JET_PFNSTATUS) {
    let (source, destination) = (text("source.edb").into_raw(), text(place).into_raw());
    let compact = TABLE.JetCompactA.expect("implemented");
    // SAFETY: texts with terminators, and a function that lives for ever.
    expect(unsafe {
        compact(
            sesid,
            source.cast(),
            destination.cast(),
            status,
            std::ptr::null(),
            0,
        )
    });
}

fn restore(place: &str, status: jet::JET_PFNSTATUS) {
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
        let restore = TABLE.JetRestoreInstanceA.expect("implemented");
        expect(restore(instance, source.cast(), destination.cast(), status));
        expect(TABLE.JetTerm.expect("implemented")(instance));
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
