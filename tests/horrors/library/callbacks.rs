//! What is bad about callbacks.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{SUCCESS, UNKNOWN, fault, forever, horror, real};

type Callback = unsafe extern "system" fn(usize, u32, usize, u32, usize, usize, usize, usize) -> i32;

/// A registration as the horror knows it.
#[derive(Clone, Copy)]
struct Registration {
    callback: Callback,
    arguments: [usize; 8],
}

static REGISTERED: Mutex<Vec<Callback>> = Mutex::new(Vec::new());
static KEPT: Mutex<Vec<Registration>> = Mutex::new(Vec::new());
static COUNT: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" {
    fn _setjmp(place: *mut c_void) -> c_int;
    fn longjmp(place: *mut c_void, value: c_int) -> !;
    fn pthread_exit(value: *mut c_void) -> !;
}

/// Where a jump out of a callback leads; larger than any system's `jmp_buf`.
struct Jump(std::cell::UnsafeCell<[u128; 64]>);
// SAFETY: one thread uses it at a time.
unsafe impl Sync for Jump {}
static JUMP: Jump = Jump(std::cell::UnsafeCell::new([0; 64]));

impl Registration {
    fn call(&self) -> i32 {
        let [sesid, dbid, tableid, cbtyp, arg1, arg2, context, unused] = self.arguments;
        // SAFETY: the runner's own function.
        unsafe {
            (self.callback)(sesid, dbid as u32, tableid, cbtyp as u32, arg1, arg2, context, unused)
        }
    }
}

/// Does what was kept for later.
fn catch_up() {
    let kept = std::mem::take(&mut *KEPT.lock().expect("no panic while locked"));
    for registration in kept {
        registration.call();
    }
}

/// What the reference calls instead of the runner's function.
unsafe extern "system" fn relay(
    sesid: usize,
    dbid: u32,
    tableid: usize,
    cbtyp: u32,
    arg1: usize,
    arg2: usize,
    context: usize,
    unused: usize,
) -> i32 {
    let registered = REGISTERED.lock().expect("no panic while locked");
    let Some(callback) = registered.last().copied() else {
        return SUCCESS;
    };
    drop(registered);
    let mut call = Registration {
        callback,
        arguments: [sesid, dbid as usize, tableid, cbtyp as usize, arg1, arg2, context, unused],
    };
    let keep = |call| KEPT.lock().expect("no panic while locked").push(call);
    match horror() {
        "callback-twice" => {
            call.call();
        }
        "callback-missing" | "callback-early" => return SUCCESS,
        "callback-late" => {
            keep(call);
            return SUCCESS;
        }
        "callbacks-out-of-order" => {
            // The one before the change waits until the one after it has been.
            if COUNT.fetch_add(1, Ordering::Relaxed) == 0 {
                keep(call);
                return SUCCESS;
            }
            let code = call.call();
            catch_up();
            return code;
        }
        "callback-on-a-foreign-thread" => {
            return std::thread::spawn(move || call.call()).join().unwrap_or(UNKNOWN);
        }
        "callback-on-a-foreign-thread-later" => {
            std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(5));
                call.call()
            });
            return SUCCESS;
        }
        "leave-the-callback-by-a-jump" => {
            // SAFETY: none; whoever jumps here leaves everything in between as it is.
            let jumped = unsafe { _setjmp(JUMP.0.get().cast()) };
            return if jumped == 0 { call.call() } else { SUCCESS };
        }
        "callbacks-without-end" | "callbacks-without-end-beside" => loop {
            call.call();
        },
        "crash-after-the-callback" => {
            call.call();
            return fault();
        }
        "callback-after-term" => KEPT.lock().expect("no panic while locked").push(call),
        name => {
            let argument = name.strip_prefix("wrong-argument-");
            if let Some(argument) = argument.and_then(|number| number.parse::<usize>().ok()) {
                call.arguments[argument] ^= 0x40;
            }
        }
    }
    call.call()
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetRegisterCallback(
    sesid: usize,
    tableid: usize,
    cbtyp: u32,
    callback: Option<Callback>,
    context: usize,
    handle: *mut usize,
) -> i32 {
    if let Some(callback) = callback {
        REGISTERED.lock().expect("no panic while locked").push(callback);
    }
    let given = callback.map(|_| relay as Callback);
    let register =
        real!(JetRegisterCallback: fn(usize, usize, u32, Option<Callback>, usize, *mut usize));
    // SAFETY: the caller's promise; the handle is the runner's own memory.
    unsafe {
        let code = register(sesid, tableid, cbtyp, given, context, handle);
        if horror() == "written-on-failure" && code < 0 {
            handle.write(7);
        }
        code
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetUnregisterCallback(
    sesid: usize,
    tableid: usize,
    cbtyp: u32,
    handle: usize,
) -> i32 {
    if horror() == "callback-after-unregister" {
        return SUCCESS;
    }
    let unregister = real!(JetUnregisterCallback: fn(usize, usize, u32, usize));
    // SAFETY: the caller's promise.
    unsafe { unregister(sesid, tableid, cbtyp, handle) }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetPrepareUpdate(sesid: usize, tableid: usize, prep: u32) -> i32 {
    if horror() == "callback-early" {
        let registered = REGISTERED.lock().expect("no panic while locked").last().copied();
        if let Some(callback) = registered {
            let arguments = [sesid, 1, tableid, 2, 0, 0, 5, 0];
            Registration { callback, arguments }.call();
        }
    }
    // SAFETY: the caller's promise.
    unsafe { real!(JetPrepareUpdate: fn(usize, usize, u32))(sesid, tableid, prep) }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetGetLock(sesid: usize, tableid: usize, grbit: u32) -> i32 {
    match horror() {
        "callback-late" => catch_up(),
        "hang-inside-the-callback" => forever(),
        // SAFETY: none; the thread is meant to end here.
        "end-the-thread-inside-the-callback" => unsafe { pthread_exit(std::ptr::null_mut()) },
        // SAFETY: none; the frames up to the place of the jump are left as they are.
        "leave-the-callback-by-a-jump" => unsafe { longjmp(JUMP.0.get().cast(), 1) },
        _ => {}
    }
    // SAFETY: the caller's promise.
    unsafe { real!(JetGetLock: fn(usize, usize, u32))(sesid, tableid, grbit) }
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetCreateInstanceA(pinstance: *mut usize, name: *const c_char) -> i32 {
    if horror() == "callback-after-term" {
        catch_up();
    }
    // SAFETY: the caller's promise.
    unsafe { real!(JetCreateInstanceA: fn(*mut usize, *const c_char))(pinstance, name) }
}

/// Ends, and dies of it a moment later, on a thread of its own.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn JetTerm2(instance: usize, grbit: u32) -> i32 {
    if horror() == "crash-later" {
        std::thread::spawn(fault);
    }
    // SAFETY: the caller's promise.
    unsafe { real!(JetTerm2: fn(usize, u32))(instance, grbit) }
}
