//! What the module exports: one function for each position of the pool, and one that attaches the
//! functions that these hand over to. Part of the library, and, by itself, of the small module that
//! the executable carries: so it knows nothing but the standard library.

use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many callbacks can be told apart.
const POOL: usize = 64;

/// The trampolines that the exported functions of this copy of the code hand over to, as addresses.
static ATTACHED: [AtomicUsize; POOL] = [const { AtomicUsize::new(0) }; POOL];

/// `JET_CALLBACK`, with its handles as what they are.
type Callback = Option<
    unsafe extern "system" fn(
        usize,
        u32,
        usize,
        u32,
        *mut c_void,
        *mut c_void,
        *const c_void,
        usize,
    ) -> i32,
>;

/// Attaches the trampolines of the process to this copy's exported functions.
///
/// # Safety
/// `trampolines` must be readable for `count` addresses, each of a `JET_CALLBACK` function that
/// lives as long as the process.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn jetspec_attach_callbacks(trampolines: *const usize, count: usize) {
    for (slot, attached) in ATTACHED.iter().enumerate().take(count) {
        // SAFETY: the caller's promise.
        attached.store(unsafe { *trampolines.add(slot) }, Ordering::Release);
    }
}

macro_rules! exports {
    ($($name:ident $slot:literal)*) => { $(
        /// # Safety
        /// As a `JET_CALLBACK` is called: by the engine.
        #[unsafe(no_mangle)]
        unsafe extern "system" fn $name(
            sesid: usize,
            dbid: u32,
            tableid: usize,
            cbtyp: u32,
            pvarg1: *mut c_void,
            pvarg2: *mut c_void,
            pvcontext: *const c_void,
            ulunused: usize,
        ) -> i32 {
            let address = ATTACHED[$slot].load(Ordering::Acquire);
            // SAFETY: zero, or the address of such a function, which is what attaching promises.
            let trampoline = unsafe { std::mem::transmute::<usize, Callback>(address) };
            match trampoline {
                // SAFETY: the arguments are handed on as they came.
                Some(function) => unsafe {
                    function(sesid, dbid, tableid, cbtyp, pvarg1, pvarg2, pvcontext, ulunused)
                },
                // Nobody runs a plan here: the name was stored by a run that is over.
                None => 0,
            }
        }
    )* };
}
exports! {
    jetspec_callback_0 0 jetspec_callback_1 1 jetspec_callback_2 2 jetspec_callback_3 3
    jetspec_callback_4 4 jetspec_callback_5 5 jetspec_callback_6 6 jetspec_callback_7 7
    jetspec_callback_8 8 jetspec_callback_9 9 jetspec_callback_10 10 jetspec_callback_11 11
    jetspec_callback_12 12 jetspec_callback_13 13 jetspec_callback_14 14 jetspec_callback_15 15
    jetspec_callback_16 16 jetspec_callback_17 17 jetspec_callback_18 18 jetspec_callback_19 19
    jetspec_callback_20 20 jetspec_callback_21 21 jetspec_callback_22 22 jetspec_callback_23 23
    jetspec_callback_24 24 jetspec_callback_25 25 jetspec_callback_26 26 jetspec_callback_27 27
    jetspec_callback_28 28 jetspec_callback_29 29 jetspec_callback_30 30 jetspec_callback_31 31
    jetspec_callback_32 32 jetspec_callback_33 33 jetspec_callback_34 34 jetspec_callback_35 35
    jetspec_callback_36 36 jetspec_callback_37 37 jetspec_callback_38 38 jetspec_callback_39 39
    jetspec_callback_40 40 jetspec_callback_41 41 jetspec_callback_42 42 jetspec_callback_43 43
    jetspec_callback_44 44 jetspec_callback_45 45 jetspec_callback_46 46 jetspec_callback_47 47
    jetspec_callback_48 48 jetspec_callback_49 49 jetspec_callback_50 50 jetspec_callback_51 51
    jetspec_callback_52 52 jetspec_callback_53 53 jetspec_callback_54 54 jetspec_callback_55 55
    jetspec_callback_56 56 jetspec_callback_57 57 jetspec_callback_58 58 jetspec_callback_59 59
    jetspec_callback_60 60 jetspec_callback_61 61 jetspec_callback_62 62 jetspec_callback_63 63
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_to_which_nothing_is_attached_succeeds() {
        let (null, context) = (std::ptr::null_mut(), std::ptr::null());
        // SAFETY: nothing is attached to the last function of this copy.
        let returned = unsafe { jetspec_callback_63(0, 0, 0, 0, null, null, context, 0) };
        assert_eq!(returned, 0);
    }
}
