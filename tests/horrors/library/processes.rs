//! Processes of the library's own.

use std::ffi::{CString, c_char, c_int, c_long, c_void};

use crate::{close, path};

unsafe extern "C" {
    fn fork() -> c_int;
    fn setsid() -> c_int;
    fn pause() -> c_int;
    fn getpid() -> c_int;
    fn getppid() -> c_int;
    fn kill(process: c_int, signal: c_int) -> c_int;
    fn waitpid(process: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn prctl(option: c_int, argument: c_long) -> c_int;
    fn ptrace(request: c_int, process: c_int, address: *mut c_void, data: *mut c_void) -> c_long;
    fn execve(
        program: *const c_char,
        words: *const *const c_char,
        environment: *const *const c_char,
    ) -> c_int;
}

/// A child in a group of its own that does this and then nothing but wait.
pub fn child(what: fn()) {
    // SAFETY: between fork and the end only calls of the system are made, with texts that live on.
    unsafe {
        if fork() == 0 {
            setsid();
            what();
            loop {
                pause();
            }
        }
    }
}

/// Closes the streams.
pub fn without_streams() {
    // SAFETY: descriptors by guess.
    (0..1024).for_each(|descriptor| drop(unsafe { close(descriptor) }));
}

/// Becomes a program that knows nothing of its surroundings but the name of this library.
pub fn with_a_clean_environment() {
    without_streams();
    let shell = c"/bin/sh";
    let script = CString::new(format!("sleep 1000; : {}", path())).expect("a text");
    let words = [
        shell.as_ptr(),
        c"-c".as_ptr(),
        script.as_ptr(),
        std::ptr::null(),
    ];
    let environment = [std::ptr::null()];
    // SAFETY: texts and lists that end as they must.
    unsafe { execve(shell.as_ptr(), words.as_ptr(), environment.as_ptr()) };
}

/// Has a child trace this process: the system tells the tracer of its end first.
pub fn be_traced() {
    const LET_ANYBODY: c_int = 0x5961_6d61;
    // SAFETY: numbers alone.
    unsafe { prctl(LET_ANYBODY, -1) };
    child(|| {
        const SEIZE: c_int = 0x4206;
        // SAFETY: numbers alone.
        unsafe { ptrace(SEIZE, getppid(), std::ptr::null_mut(), std::ptr::null_mut()) };
    });
}

/// Stops, until somebody has it go on.
pub fn stop() {
    const STOP: c_int = 19;
    // SAFETY: numbers alone.
    unsafe { kill(getpid(), STOP) };
}

/// Comes back twice: in a child first, then in this process.
pub fn be_two() {
    // SAFETY: numbers alone.
    unsafe {
        let child = fork();
        if child > 0 {
            waitpid(child, std::ptr::null_mut(), 0);
        }
    }
}
