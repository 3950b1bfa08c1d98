//! Exceptions on Windows. The exit code of a process says what ended it, but not through a launcher
//! (Wine cuts it to eight bits), and not which function of Wine's own libraries is missing: so the
//! host tells its parent before it dies.

#[cfg(windows)]
use std::sync::Arc;
#[cfg(windows)]
use std::{fs::File, io::Write, sync::OnceLock};

#[cfg(windows)]
use windows_sys::Win32::System::Diagnostics::Debug::{
    AddVectoredExceptionHandler, EXCEPTION_POINTERS, SetUnhandledExceptionFilter,
};
#[cfg(windows)]
use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};

use super::outgoing::Outgoing;
#[cfg(windows)]
use super::protocol::{self, AROUND, Kind};

/// What a function raises that a library of Wine exports and does not implement; the first two
/// parameters of the exception are the names of the library and the function.
pub(super) const WINE_STUB: u32 = 0x8000_0100;

/// The name of an exception that Windows ends a process with.
pub(super) fn name(code: u32) -> Option<&'static str> {
    Some(match code {
        0xC000_0005 => "0xC0000005 (access violation)",
        0xC000_00FD => "0xC00000FD (stack overflow)",
        0xC000_0094 => "0xC0000094 (division by zero)",
        0xC000_001D => "0xC000001D (illegal instruction)",
        0xC000_0374 => "0xC0000374 (heap corruption)",
        0xC000_0409 => "0xC0000409 (fail fast)",
        0x8000_0003 => "0x80000003 (breakpoint)",
        WINE_STUB => "0x80000100 (a stub of Wine was called)",
        _ => return None,
    })
}

/// An exception in words.
pub(super) fn describe(code: u32) -> String {
    match name(code) {
        Some(name) => format!("exception {name}"),
        None => format!("exception {code:#010X}"),
    }
}

/// Where the parent hears.
#[cfg(windows)]
static PARENT: OnceLock<Arc<File>> = OnceLock::new();

/// From now on the parent is told of stubs of Wine and of what ends the process.
#[cfg(windows)]
pub(super) fn tell(parent: &Outgoing) {
    if PARENT.set(parent.stream().clone()).is_ok() {
        // SAFETY: both functions have the prototype that Windows calls, and live as long as the
        // process does.
        unsafe {
            AddVectoredExceptionHandler(1, Some(stub));
            SetUnhandledExceptionFilter(Some(fatal));
        }
    }
}

/// Elsewhere a signal says it all.
#[cfg(not(windows))]
pub(super) fn tell(_parent: &Outgoing) {}

/// The longest name of a function that is told.
#[cfg(windows)]
const NAME: usize = 128;

/// A call of a stub cannot return: the parent learns the name, and the process ends.
#[cfg(windows)]
unsafe extern "system" fn stub(pointers: *mut EXCEPTION_POINTERS) -> i32 {
    const CONTINUE_SEARCH: i32 = 0;
    // SAFETY: Windows passes pointers that are valid during the call.
    let record = unsafe { &*(*pointers).ExceptionRecord };
    if record.ExceptionCode as u32 != WINE_STUB {
        return CONTINUE_SEARCH;
    }
    let [_, function, ..] = record.ExceptionInformation;
    let mut name = [0; NAME];
    let mut length = 0;
    // A number below 64 KiB is an ordinal and no address.
    while function > 0xFFFF && length < NAME {
        // SAFETY: Wine passes a zero-terminated text, read here up to its end.
        let byte = unsafe { *(function as *const u8).add(length) };
        if byte == 0 {
            break;
        }
        name[length] = byte;
        length += 1;
    }
    send(Kind::Stub, &name[..length]);
    // SAFETY: ends this process, as the exception would.
    unsafe { TerminateProcess(GetCurrentProcess(), 1) };
    CONTINUE_SEARCH
}

/// Nobody handles the exception: Windows will end the process.
#[cfg(windows)]
unsafe extern "system" fn fatal(pointers: *const EXCEPTION_POINTERS) -> i32 {
    const EXECUTE_HANDLER: i32 = 1;
    // SAFETY: Windows passes pointers that are valid during the call.
    let code = unsafe { (*(*pointers).ExceptionRecord).ExceptionCode };
    send(Kind::Exception, &code.to_le_bytes());
    EXECUTE_HANDLER
}

/// Writes a short frame without the heap, which may be what is broken.
#[cfg(windows)]
fn send(kind: Kind, content: &[u8]) {
    let mut frame = [0; NAME + AROUND];
    let Ok(head) = protocol::head(kind, content) else {
        return;
    };
    let parts = [&head[..], content, &crc32fast::hash(content).to_le_bytes()];
    let mut length = 0;
    for part in parts {
        frame[length..length + part.len()].copy_from_slice(part);
        length += part.len();
    }
    if let Some(parent) = PARENT.get() {
        // Nobody is left to tell when this fails.
        let _ = (&**parent).write_all(&frame[..length]);
    }
}
