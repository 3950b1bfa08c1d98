//! Functions that a schema names: `module!function`, found by loading the module.
//!
//! (jet-userdefineddefault-structure.md, jet-tablecreate2-structure.md)

use std::sync::Arc;

use windows_sys::Win32::Storage::Jet::JET_CALLBACK;

use super::callback::callback;
use crate::model::callback::Callback;
use crate::model::stored_callback::Resolver;

/// What 32-bit compilers put behind the name of such a function: the size of its arguments.
const DECORATION: &[u8] = b"@32";

/// The modules of the process.
#[derive(Debug)]
pub(super) struct Modules;

impl Resolver for Modules {
    fn resolve(&self, module: &[u8], function: &[u8]) -> Option<Arc<dyn Callback>> {
        let module = std::str::from_utf8(module).ok()?;
        // SAFETY: loading a module that the schema names is what the application asks for, by
        // enabling persisted callbacks.
        let library = unsafe { libloading::Library::new(module) }.ok()?;
        // SAFETY: the application promises that the function is a JET_CALLBACK.
        let found = unsafe { library.get::<JET_CALLBACK>(function) };
        let decorated = [function, DECORATION].concat();
        let found = match found {
            Ok(found) => *found,
            // SAFETY: as above.
            Err(_) => *unsafe { library.get::<JET_CALLBACK>(decorated.as_slice()) }.ok()?,
        };
        // The function may be called at any time from now on.
        std::mem::forget(library);
        // SAFETY: its module stays loaded.
        unsafe { callback(found) }
    }
}
