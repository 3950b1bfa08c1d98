//! A library that is the reference engine but for one thing, and that is bad. Which one is told by the
//! file's name. What this file does not export, the reference does: the library is linked to it, and
//! a look-up goes on to what a library is linked to.

#![allow(non_snake_case, reason = "the exported names")]

mod callbacks;
mod memory;
mod processes;

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

const SUCCESS: i32 = 0;
const INVALID_PARAMETER: i32 = -1003;
/// No page knows it.
const UNKNOWN: i32 = -98765;
/// Nor this.
const UNKNOWN_WARNING: i32 = 98765;

#[repr(C)]
struct Place {
    file: *const c_char,
    base: *mut c_void,
    symbol: *const c_char,
    address: *mut c_void,
}

unsafe extern "C" {
    fn dladdr(address: *const c_void, place: *mut Place) -> c_int;
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn close(descriptor: c_int) -> c_int;
    fn chdir(path: *const c_char) -> c_int;
    fn setenv(name: *const c_char, value: *const c_char, overwrite: c_int) -> c_int;
    fn setlocale(category: c_int, locale: *const c_char) -> *mut c_char;
    fn signal(number: c_int, handler: usize) -> usize;
    fn write(descriptor: c_int, bytes: *const c_void, count: usize) -> isize;
    fn open(path: *const c_char, flags: c_int) -> c_int;
}

/// The horror that this copy is.
fn horror() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let path = path();
        let name = path.rsplit('/').next().unwrap_or_default();
        name.trim_end_matches(".so").to_owned()
    })
}

/// The file of this library.
fn path() -> String {
    let mut place = Place {
        file: std::ptr::null(),
        base: std::ptr::null_mut(),
        symbol: std::ptr::null(),
        address: std::ptr::null_mut(),
    };
    // SAFETY: the address is a function of this library; the loader's text lives as long as it does.
    unsafe {
        dladdr(path as *const c_void, &mut place);
        CStr::from_ptr(place.file).to_string_lossy().into_owned()
    }
}

/// The reference's function of a name.
fn real(name: &str) -> *mut c_void {
    const NOW: c_int = 2;
    let file = CString::new(env!("REFERENCE")).expect("a path");
    let name = CString::new(name).expect("a name");
    // SAFETY: the library is loaded already, for this one is linked to it.
    unsafe { dlsym(dlopen(file.as_ptr(), NOW), name.as_ptr()) }
}

#[macro_export]
macro_rules! real {
    ($name:ident: fn($($type:ty),*)) => {{
        // SAFETY: the reference exports the function with this prototype.
        unsafe {
            std::mem::transmute::<*mut std::ffi::c_void, unsafe extern "system" fn($($type),*) -> i32>(
                $crate::real(stringify!($name)),
            )
        }
    }};
}

/// Not ours: this library is to be taken for a foreign one.
#[unsafe(no_mangle)]
pub extern "system" fn jetspec_control(_: *const u8, _: usize, _: *mut u8, _: usize) -> usize {
    0
}

fn fault() -> i32 {
    let nowhere: *mut u8 = std::ptr::without_provenance_mut(8);
    // SAFETY: none; the process is meant to die here.
    unsafe { nowhere.write_volatile(1) };
    SUCCESS
}

#[used]
#[unsafe(link_section = ".init_array")]
static AT_LOAD: extern "C" fn() = at_load;

extern "C" fn at_load() {
    match horror() {
        "crash-at-load" => drop(fault()),
        "hang-at-load" => forever(),
        "leave-at-load" => std::process::exit(0),
        // The first is only to see whether it loads at all.
        "crash-at-second-load" if asked_before() == 1 => drop(fault()),
        "crash-at-last-load" if asked_before() == 2 => drop(fault()),
        name => {
            if let Some(rule) = name.strip_prefix("without-") {
                switch_off(&rule.replace("--", "/"));
            }
        }
    }
}

/// Switches off a rule of the reference, for as long as the process lives: nobody resets what he
/// takes for a foreign library.
fn switch_off(rule: &str) {
    type Control = unsafe extern "system" fn(*const u8, usize, *mut u8, usize) -> usize;
    let request = format!(r#"{{"switch":{{"rule":"{rule}","on":false}}}}"#);
    let mut answer = [0; 256];
    // SAFETY: the reference exports the function with this prototype; both lengths are the buffers' own.
    let length = unsafe {
        let control = std::mem::transmute::<*mut c_void, Control>(real("jetspec_control"));
        control(request.as_ptr(), request.len(), answer.as_mut_ptr(), answer.len())
    };
    assert_eq!(answer.get(..length), Some(&br#""done""#[..]), "{rule}");
}

#[used]
#[unsafe(link_section = ".fini_array")]
static AT_UNLOAD: extern "C" fn() = at_unload;

extern "C" fn at_unload() {
    match horror() {
        "crash-at-unload" => drop(fault()),
        "hang-at-unload" => forever(),
        _ => {}
    }
}

fn forever() {
    loop {
        std::hint::spin_loop();
    }
}

/// Two threads, each with what the other one wants.
fn deadlock() -> i32 {
    static MINE: Mutex<()> = Mutex::new(());
    let mine = MINE.lock();
    let other = std::thread::spawn(|| drop(MINE.lock()));
    let joined = other.join();
    drop(mine);
    i32::from(joined.is_err())
}

#[expect(unconditional_recursion, reason = "that is what it is about")]
fn deeper(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 512]);
    deeper(depth + 1) + room[3]
}

/// How often this library has been asked before, in whatever process.
fn asked_before() -> usize {
    let count = format!("{}.count", path());
    let before = std::fs::read(&count).unwrap_or_default();
    let mut after = before.clone();
    after.push(b'.');
    std::fs::write(count, after).expect("a count");
    before.len()
}

extern "C" fn ignore(_signal: c_int) {}

/// What is bad about beginning a transaction, if anything is; else what the reference does.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetBeginTransaction(sesid: usize) -> i32 {
    let begin = real!(JetBeginTransaction: fn(usize));
    // SAFETY: plain calls of the system with texts and numbers.
    unsafe {
        match horror() {
            "segmentation-fault" => return fault(),
            "abort" => std::process::abort(),
            "exit" => std::process::exit(0),
            "endless-loop" => forever(),
            "deadlock" => return deadlock(),
            "stack-overflow" => return deeper(0) as i32,
            "memory-without-end" => memory::without_end(memory::its_own),
            "shared-memory-without-end" => memory::without_end(memory::shared),
            "memory-without-its-limit" => {
                memory::raise_the_limit();
                memory::without_end(memory::its_own)
            }
            "last-words" => {
                eprintln!("the page cache is inconsistent");
                std::process::abort()
            }
            "close-descriptors" => (0..10).for_each(|descriptor| drop(close(descriptor))),
            "close-everything" => (0..1024).for_each(|descriptor| drop(close(descriptor))),
            "standard-output" => {
                let noise = "<html>this is no frame</html>\n".repeat(1000);
                write(1, noise.as_ptr().cast(), noise.len());
            }
            "standard-error-without-end" => loop {
                write(2, b"noise\n".as_ptr().cast(), 6);
            },
            "current-folder" => drop(chdir(c"/".as_ptr())),
            "environment" => drop(setenv(c"HORROR".as_ptr(), c"1".as_ptr(), 1)),
            "locale" => drop(setlocale(6, c"C.UTF-8".as_ptr())),
            "signal-handlers" => drop(signal(15, ignore as usize)),
            "child" => processes::child(processes::without_streams),
            "child-with-clean-environment" => processes::child(processes::with_a_clean_environment),
            "child-that-keeps-the-streams" => processes::child(|| {}),
            "tracer" => {
                processes::be_traced();
                forever()
            }
            "stops-itself" => processes::stop(),
            "fork-and-return" => processes::be_two(),
            "descriptors-without-end" => while open(c"/dev/null".as_ptr(), 0) >= 0 {},
            "unknown-code" => return UNKNOWN,
            "unknown-warning" => return UNKNOWN_WARNING,
            "unsteady" if asked_before() % 2 == 0 => return INVALID_PARAMETER,
            "unsteady-later" if asked_before() % 2 == 1 => return INVALID_PARAMETER,
            "only-the-first" if !FIRST.swap(true, Ordering::Relaxed) => {}
            "only-the-first" => return INVALID_PARAMETER,
            _ => {}
        }
        begin(sesid)
    }
}

/// Whether this process has begun a transaction.
static FIRST: AtomicBool = AtomicBool::new(false);

static LAST_BUFFER: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());

#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetGetBookmark(
    sesid: usize,
    tableid: usize,
    pvBookmark: *mut u8,
    cbMax: u32,
    pcbActual: *mut u32,
) -> i32 {
    // SAFETY: the runner's own buffers; what is written beside them is what this is about.
    unsafe {
        if horror() == "success-untouched" {
            return SUCCESS;
        }
        let get = real!(JetGetBookmark: fn(usize, usize, *mut u8, u32, *mut u32));
        let code = get(sesid, tableid, pvBookmark, cbMax, pcbActual);
        match horror() {
            "one-byte-past" => pvBookmark.add(cbMax as usize).write(1),
            "one-byte-before" => pvBookmark.sub(1).write(1),
            "after-the-call" => LAST_BUFFER.store(pvBookmark, Ordering::Relaxed),
            _ => {}
        }
        code
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetMakeKey(
    sesid: usize,
    tableid: usize,
    pvData: *const u8,
    cbData: u32,
    grbit: u32,
) -> i32 {
    if horror() == "read-too-far" {
        // SAFETY: none; there may be nothing behind the data.
        std::hint::black_box(unsafe { pvData.add(cbData as usize).read_volatile() });
    }
    // SAFETY: the caller's promise.
    unsafe {
        let make = real!(JetMakeKey: fn(usize, usize, *const u8, u32, u32));
        make(sesid, tableid, pvData, cbData, grbit)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetMove(sesid: usize, tableid: usize, cRow: i32, grbit: u32) -> i32 {
    let buffer = LAST_BUFFER.swap(std::ptr::null_mut(), Ordering::Relaxed);
    if !buffer.is_null() {
        // SAFETY: the runner keeps the memory of calls that have returned.
        unsafe { buffer.write(buffer.read() ^ 0xFF) };
    }
    // SAFETY: the caller's promise.
    unsafe { real!(JetMove: fn(usize, usize, i32, u32))(sesid, tableid, cRow, grbit) }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetDupSession(sesid: usize, psesid: *mut usize) -> i32 {
    if horror() == "no-session" {
        return SUCCESS;
    }
    // SAFETY: the caller's promise.
    unsafe { real!(JetDupSession: fn(usize, *mut usize))(sesid, psesid) }
}

/// Words of the structure that the documents define.
const COLUMNDEF_WORDS: usize = 7;

#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetAddColumnA(
    sesid: usize,
    tableid: usize,
    name: *const c_char,
    definition: *const u32,
    default: *const c_void,
    size: u32,
    pcolumnid: *mut u32,
) -> i32 {


    // SAFETY: the runner's own structure, and guards behind it.
    unsafe {
        let mut copy = [0u32; COLUMNDEF_WORDS];
        copy.copy_from_slice(std::slice::from_raw_parts(definition, COLUMNDEF_WORDS));
        if horror() == "structure-read-too-far" {
            copy[COLUMNDEF_WORDS - 1] = definition.add(COLUMNDEF_WORDS).read();
        }
        let add = real!(JetAddColumnA: fn(usize, usize, *const c_char, *const u32, *const c_void, u32, *mut u32));
        add(sesid, tableid, name, copy.as_ptr(), default, size, pcolumnid)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetGetTableColumnInfoA(
    sesid: usize,
    tableid: usize,
    name: *const c_char,
    result: *mut u32,
    size: u32,
    level: u32,
) -> i32 {
    // SAFETY: the runner's own structure, and guards behind it.
    unsafe {
        let get = real!(JetGetTableColumnInfoA: fn(usize, usize, *const c_char, *mut u32, u32, u32));
        let code = get(sesid, tableid, name, result, size, level);
        if horror() == "structure-written-too-far" {
            result.add(COLUMNDEF_WORDS).write(0);
        }
        code
    }
}
