//! A small library under test: it makes instances, forgets to look at a pointer, dies in JetInit and
//! lacks everything else. With `--cfg changed` the pointer is looked at, and no instance is made; with
//! `--cfg loads` and `--cfg unloads` it dies when it is loaded and unloaded.

#![allow(non_snake_case, reason = "the exported names")]

use std::ffi::c_char;

const INVALID_PARAMETER: i32 = -1003;
const TOO_MANY_INSTANCES: i32 = -1214;

/// Makes an instance.
///
/// # Safety
/// `pinstance` must be null or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetCreateInstanceA(
    pinstance: *mut usize,
    _szInstanceName: *const c_char,
) -> i32 {
    // SAFETY: the caller's promise.
    match unsafe { pinstance.as_mut() } {
        Some(_) if cfg!(changed) => TOO_MANY_INSTANCES,
        Some(instance) => {
            *instance = 1;
            0
        }
        None if cfg!(changed) => INVALID_PARAMETER,
        None => {
            // So that whoever is to be killed meanwhile has not ended by then.
            while std::env::var_os("SMALL_LIBRARY_WAITS").is_some() {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            0
        }
    }
}

/// Dies.
#[unsafe(no_mangle)]
pub extern "system" fn JetInit(_pinstance: *mut usize) -> i32 {
    std::process::abort()
}

#[cfg(loads)]
#[used]
#[unsafe(link_section = ".init_array")]
static AT_LOAD: extern "C" fn() = die;

#[cfg(unloads)]
#[used]
#[unsafe(link_section = ".fini_array")]
static AT_UNLOAD: extern "C" fn() = die;

#[cfg(any(loads, unloads))]
extern "C" fn die() {
    std::process::abort()
}
