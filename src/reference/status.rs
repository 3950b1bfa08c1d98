//! A C function of the application that is told about a long operation.
//!
//! (jet-pfnstatus-callback-function.md, jet-snprog-structure.md)

use std::fmt;
use std::sync::Arc;

use windows_sys::Win32::Storage::Jet::{JET_PFNSTATUS, JET_SNPROG};

use crate::model::status::{Notification, Status};

/// The pointer behind a `JET_PFNSTATUS` that is not null.
type Function = unsafe extern "system" fn(usize, u32, u32, *const core::ffi::c_void) -> i32;

/// A `JET_PFNSTATUS` function.
#[derive(Clone, Copy)]
struct CStatus(Function);

impl fmt::Debug for CStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JET_PFNSTATUS {:p}", self.0 as *const ())
    }
}

/// The function behind a parameter; `None` for a null pointer.
///
/// # Safety
/// The pointer is null, or a function with that signature that may be called until the operation
/// has ended. It does not unwind.
pub(super) unsafe fn status(function: JET_PFNSTATUS) -> Option<Arc<dyn Status>> {
    function.map(|function| Arc::new(CStatus(function)) as Arc<dyn Status>)
}

impl Status for CStatus {
    fn notify(&self, notification: &Notification) -> i32 {
        let progress = notification.progress.map(|progress| JET_SNPROG {
            cbStruct: notification.size(size_of::<JET_SNPROG>() as u32),
            cunitDone: progress.done,
            cunitTotal: progress.total,
        });
        let pointer = progress
            .as_ref()
            .map_or(std::ptr::null(), std::ptr::from_ref);
        let (operation, kind) = notification.numbers();
        // SAFETY: whoever gave the function promised that it may be called; the structure lives
        // until the call returns.
        unsafe { (self.0)(notification.sesid.0, operation, kind, pointer.cast()) }
    }
}
