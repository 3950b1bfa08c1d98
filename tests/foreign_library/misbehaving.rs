//! A library that does what a library under test must not: it crashes, leaves, hangs, writes past a
//! buffer, answers wrongly, and lacks nearly everything. The test beside it compiles and judges it.

#![allow(non_snake_case, reason = "the exported names")]

use std::ffi::c_char;

const SUCCESS: i32 = 0;

/// Creates nothing and says so in no way.
///
/// # Safety
/// `pinstance` must be null or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetCreateInstanceA(
    pinstance: *mut usize,
    _szInstanceName: *const c_char,
) -> i32 {
    // SAFETY: the caller's promise.
    if let Some(instance) = unsafe { pinstance.as_mut() } {
        *instance = 1;
    }
    SUCCESS
}

/// Dies.
#[unsafe(no_mangle)]
pub extern "system" fn JetInit(_pinstance: *mut usize) -> i32 {
    std::process::abort()
}

/// Leaves the process as if all were well.
#[unsafe(no_mangle)]
pub extern "system" fn JetTerm(_instance: usize) -> i32 {
    std::process::exit(0)
}

/// Never comes back.
#[unsafe(no_mangle)]
pub extern "system" fn JetTerm2(_instance: usize, _grbit: u32) -> i32 {
    loop {
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
}

/// Writes eight bytes where four are asked for.
///
/// # Safety
/// `pwVersion` must be valid for four bytes; the four after them are what this is about.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetGetVersion(_sesid: usize, pwVersion: *mut u32) -> i32 {
    // SAFETY: none. The runner has put guards there and will see it.
    unsafe { pwVersion.cast::<u64>().write_unaligned(0) };
    SUCCESS
}

/// Answers a warning that no page knows.
#[unsafe(no_mangle)]
pub extern "system" fn JetStopService() -> i32 {
    77
}
