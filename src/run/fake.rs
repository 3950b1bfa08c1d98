//! A small library for tests: it does as it is told by the sesid that it is given, also what no
//! library should do.

use std::ffi::c_void;
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use windows_sys::Win32::Storage::Jet as jet;

use crate::abi::Api;

/// Writes one byte behind the buffer.
pub(crate) const BEHIND: u64 = 0xBE41;
/// Writes one byte before the buffer.
pub(crate) const BEFORE: u64 = 0xBEF0;
/// Writes into the buffer of the call before.
pub(crate) const LATE: u64 = 0x1A7E;
/// Kills the process with a signal.
pub(crate) const ABORT: u64 = 0xAB07;
/// Reads from nowhere.
pub(crate) const FAULT: u64 = 0xFA17;
/// Leaves the process with code 0.
pub(crate) const EXIT: u64 = 0xE417;
/// Never returns.
pub(crate) const HANG: u64 = 0x4A46;
/// Writes to the process's standard output and closes whatever it finds.
pub(crate) const SCRIBBLE: u64 = 0x5C21;

static REGISTERED: Mutex<jet::JET_CALLBACK> = Mutex::new(None);
static CONTEXT: AtomicU64 = AtomicU64::new(0);
static LAST_BUFFER: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
static RECORDS: AtomicU64 = AtomicU64::new(0);

/// The table.
pub(crate) fn api() -> Api {
    Api {
        JetBeginTransaction: Some(begin_transaction),
        JetDupSession: Some(dup_session),
        JetGetBookmark: Some(get_bookmark),
        JetRegisterCallback: Some(register_callback),
        JetDelete: Some(delete),
        JetGetLock: Some(get_lock),
        JetMakeKey: Some(make_key),
        JetRetrieveColumn: Some(retrieve_column),
        ..Api::NONE
    }
}

/// As it is told by the sesid; 0 otherwise.
unsafe extern "system" fn begin_transaction(sesid: usize) -> i32 {
    match sesid as u64 {
        LATE => {
            // SAFETY: the tests call this after a call with a buffer that the runner keeps.
            unsafe { LAST_BUFFER.load(Ordering::Relaxed).write(0x77) };
            0
        }
        ABORT => std::process::abort(),
        FAULT => {
            let nowhere: *const u8 = std::ptr::without_provenance(8);
            // SAFETY: none; the process is meant to die here.
            i32::from(unsafe { nowhere.read_volatile() })
        }
        EXIT => std::process::exit(0),
        HANG => loop {
            std::thread::park();
        },
        SCRIBBLE => {
            println!("this is no frame");
            close_descriptors();
            0
        }
        count @ 1..=9 => {
            RECORDS.fetch_add(count, Ordering::Relaxed);
            0
        }
        _ => 0,
    }
}

/// As a library does that was a daemon once.
fn close_descriptors() {
    #[cfg(unix)]
    for descriptor in [0, 1].into_iter().chain(3..150) {
        use std::os::fd::BorrowedFd;
        // SAFETY: the host must survive this; it owns no descriptor below 150 but standard error.
        unsafe {
            let open = rustix::io::fcntl_getfd(BorrowedFd::borrow_raw(descriptor)).is_ok();
            if open {
                rustix::io::close(descriptor);
            }
        }
    }
}

/// The new session is the old one plus one.
unsafe extern "system" fn dup_session(sesid: usize, psesid: *mut usize) -> i32 {
    if psesid.is_null() {
        return -1003;
    }
    // SAFETY: the runner gives a buffer or null.
    unsafe { psesid.write(sesid + 1) };
    0
}

unsafe extern "system" fn get_bookmark(
    sesid: usize,
    _tableid: usize,
    buffer: *mut c_void,
    size: u32,
    actual: *mut u32,
) -> i32 {
    let buffer = buffer.cast::<u8>();
    LAST_BUFFER.store(buffer, Ordering::Relaxed);
    // SAFETY: the runner gives a buffer of that size, with guards on both sides.
    unsafe {
        match sesid as u64 {
            BEHIND => buffer.add(size as usize).write(1),
            BEFORE => buffer.sub(1).write(1),
            _ => {}
        }
        buffer.copy_from(b"abc".as_ptr(), 3);
        if !actual.is_null() {
            actual.write(3);
        }
    }
    0
}

/// Remembers the callback; the handle is 77.
unsafe extern "system" fn register_callback(
    _sesid: usize,
    _tableid: usize,
    _cbtyp: u32,
    callback: jet::JET_CALLBACK,
    context: *const c_void,
    handle: *const usize,
) -> i32 {
    *REGISTERED.lock().expect("no panic while locked") = callback;
    CONTEXT.store(context.addr() as u64, Ordering::Relaxed);
    // SAFETY: the runner gives a buffer.
    unsafe { handle.cast_mut().write(77) };
    0
}

fn invoke(sesid: usize, tableid: usize, cbtyp: u32) -> i32 {
    let registered = *REGISTERED.lock().expect("no panic while locked");
    let context = std::ptr::without_provenance(CONTEXT.load(Ordering::Relaxed) as usize);
    let null = std::ptr::null_mut();
    match registered {
        // SAFETY: the runner's own function.
        Some(function) => unsafe { function(sesid, 1, tableid, cbtyp, null, null, context, 0) },
        None => 0,
    }
}

/// Invokes the callback before and after.
unsafe extern "system" fn delete(sesid: usize, tableid: usize) -> i32 {
    match invoke(sesid, tableid, 32) {
        0.. => {
            invoke(sesid, tableid, 64);
            0
        }
        error => error,
    }
}

/// Invokes the callback on a thread of its own and returns at once.
unsafe extern "system" fn get_lock(sesid: usize, tableid: usize, _grbit: u32) -> i32 {
    std::thread::spawn(move || invoke(sesid, tableid, 256));
    0
}

/// Asks the callback for a user-defined default; the stored user data is `hello`.
unsafe extern "system" fn retrieve_column(
    sesid: usize,
    tableid: usize,
    columnid: u32,
    data: *mut c_void,
    mut size: u32,
    actual: *mut u32,
    _grbit: u32,
    _retinfo: *mut jet::JET_RETINFO,
) -> i32 {
    let registered = *REGISTERED.lock().expect("no panic while locked");
    let size_pointer = std::ptr::from_mut(&mut size).cast();
    let context = c"hello".as_ptr().cast();
    let column = columnid as usize;
    // SAFETY: the runner's own function, a buffer of that size, memory of our own.
    unsafe {
        let code = registered.map_or(0, |function| {
            function(sesid, 1, tableid, 128, data, size_pointer, context, column)
        });
        actual.write(size);
        code
    }
}

/// Writes into its input.
unsafe extern "system" fn make_key(
    _sesid: usize,
    _tableid: usize,
    data: *const c_void,
    size: u32,
    _grbit: u32,
) -> i32 {
    if size > 2 {
        // SAFETY: the runner gives a buffer of that size.
        unsafe { data.cast_mut().cast::<u8>().add(2).write(0) };
    }
    // How often a transaction was begun, so that tests can count.
    RECORDS.swap(0, Ordering::Relaxed) as i32
}
