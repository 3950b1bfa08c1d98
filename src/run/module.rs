//! Callbacks that a library finds by name: `szCallback` says `module!function`, and the library loads
//! the module (jet-userdefineddefault-structure.md). The module is jetspec's own shared library: it
//! exports one function for each position of the pool, and each hands over to the trampoline that
//! the process which runs the plan has attached.

use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use windows_sys::Win32::Storage::Jet as jet;

use crate::abi::{Library, own_libraries};

use super::callbacks::{self, POOL};
use super::prepare::PlanError;

/// The trampolines that the exported functions of this copy of the code hand over to, as addresses.
static ATTACHED: [AtomicUsize; POOL] = [const { AtomicUsize::new(0) }; POOL];

/// The longest `szCallback` that engines accept, without its terminator.
const LONGEST_NAME: usize = 254;

/// The name under which a library finds the function at a position of the pool.
pub(super) fn export_name(slot: usize) -> Result<String, PlanError> {
    static MODULE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let module = MODULE.get_or_init(attach);
    let path = module
        .as_ref()
        .map_err(|reason| missing(reason.as_str()))?
        .to_str()
        .ok_or_else(|| missing("its path is not Unicode"))?;
    if path.contains('!') {
        return Err(missing("its path contains `!`, which ends a module's name"));
    }
    let name = format!("{path}!jetspec_callback_{}", slot % POOL);
    if name.len() > LONGEST_NAME {
        return Err(missing("its path is longer than engines accept"));
    }
    Ok(name)
}

/// The name of that function in a module in the current folder. It begins with a dot, so that no
/// system looks for it anywhere else.
pub(super) fn export_name_in(slot: usize, module: &str) -> String {
    format!("./{module}!jetspec_callback_{}", slot % POOL)
}

/// Puts a copy of the module somewhere else and attaches the trampolines to that copy, too. It stays
/// loaded like the other.
pub(super) fn copy_to(path: &Path) -> Result<(), String> {
    let module = match own_libraries().into_iter().find(|own| own.is_file()) {
        Some(module) => module,
        None => return Err("there is no library beside the executable".to_owned()),
    };
    std::fs::copy(&module, path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    attach_to(path).map(drop)
}

fn missing(reason: &str) -> PlanError {
    PlanError::NoModule {
        reason: reason.to_owned(),
    }
}

type Attach = unsafe extern "system" fn(*const usize, usize);

/// Loads the module into this process and attaches the trampolines. It stays loaded, so that the
/// library under test finds the very same copy.
fn attach() -> Result<PathBuf, String> {
    let mut reason = "there is no library beside the executable".to_owned();
    for path in own_libraries() {
        match attach_to(&path) {
            Ok(()) => return Ok(path),
            Err(why) => reason = why,
        }
    }
    Err(reason)
}

fn attach_to(path: &Path) -> Result<(), String> {
    let library = Library::load(path).map_err(|error| error.to_string())?;
    let Some(symbol) = library.symbol("jetspec_attach_callbacks") else {
        return Err(format!("{}: is of another build", path.display()));
    };
    let trampolines: Vec<usize> = (0..POOL)
        .map(|slot| callbacks::callback_address(slot) as usize)
        .collect();
    // SAFETY: only our own library exports this name, and always with this signature; the
    // addresses are those of functions that live as long as the process.
    unsafe {
        let function = std::mem::transmute::<*mut (), Attach>(symbol.as_ptr());
        function(trampolines.as_ptr(), trampolines.len());
    }
    Ok(())
}

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
        #[allow(clippy::too_many_arguments)] // the documented prototype
        unsafe extern "system" fn $name(
            sesid: jet::JET_SESID,
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
            let trampoline = unsafe { std::mem::transmute::<usize, jet::JET_CALLBACK>(address) };
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
    fn a_name_is_a_module_and_a_function() {
        match export_name(3) {
            Ok(name) => {
                let (module, function) = name.split_once('!').expect("a separator");
                assert!(std::path::Path::new(module).is_file());
                assert_eq!(function, "jetspec_callback_3");
            }
            // Tests of the library alone leave the shared library as an earlier build made it.
            Err(PlanError::NoModule { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_function_to_which_nothing_is_attached_succeeds() {
        let (null, context) = (std::ptr::null_mut(), std::ptr::null());
        // SAFETY: nothing is attached to the last function of this copy.
        assert_eq!(
            unsafe { jetspec_callback_63(0, 0, 0, 0, null, null, context, 0) },
            0
        );
    }
}
