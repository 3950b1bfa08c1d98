//! Memory without end.

use std::ffi::{c_int, c_void};

const PIECE: usize = 16 << 20;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn memset(memory: *mut c_void, byte: c_int, size: usize) -> *mut c_void;
    fn mmap(
        at: *mut c_void,
        size: usize,
        protection: c_int,
        flags: c_int,
        file: c_int,
        offset: i64,
    ) -> *mut c_void;
    fn setrlimit(resource: c_int, limits: *const [u64; 2]) -> c_int;
}

/// A piece of the process's own.
pub fn its_own() -> *mut c_void {
    // SAFETY: what cannot be had is null.
    unsafe { malloc(PIECE) }
}

/// A piece that it could share, which is counted elsewhere.
pub fn shared() -> *mut c_void {
    const READ_AND_WRITE: c_int = 1 | 2;
    const SHARED_AND_OF_NO_FILE: c_int = 0x01 | 0x20;
    // SAFETY: a new mapping, or an address that nothing is at.
    unsafe {
        mmap(
            std::ptr::null_mut(),
            PIECE,
            READ_AND_WRITE,
            SHARED_AND_OF_NO_FILE,
            -1,
            0,
        )
    }
}

/// Takes back what the runner has set, as far as the system lets it.
pub fn raise_the_limit() {
    const DATA: c_int = 2;
    // SAFETY: the structure is two numbers.
    unsafe { setrlimit(DATA, &[u64::MAX; 2]) };
}

pub fn without_end(piece: fn() -> *mut c_void) -> ! {
    loop {
        // SAFETY: what cannot be had is no place to write to, and writing there is the end.
        unsafe { memset(piece(), 1, PIECE) };
    }
}
