//! A C function of the application that is told about a long operation.
//!
//! (jet-pfnstatus-callback-function.md, jet-snprog-structure.md)

use std::ffi::c_void;
use std::fmt;
use std::sync::Arc;

use windows_sys::Win32::Storage::Jet::{JET_PFNSTATUS, JET_SNPROG};

use crate::model::handles::Sesid;
use crate::model::recovery_status::{Control, ControlPoint};
use crate::model::status::{Notification, Status};

/// The pointer behind a `JET_PFNSTATUS` that is not null.
type Function = unsafe extern "system" fn(usize, u32, u32, *const c_void) -> i32;

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

    fn control(&self, control: &Control) -> i32 {
        let mut path = Vec::new();
        let structure = recovery_control(control, &mut path);
        let pointer = std::ptr::from_ref(&structure).cast();
        let snt = control.point.snt();
        // SAFETY: whoever gave the function promised that it may be called; the structure, and the
        // text that it points to, live until the call returns.
        unsafe { (self.0)(Sesid::NIL.0, RECOVERY_CONTROL, snt, pointer) }
    }
}

/// `JET_snpRecoveryControl`, which only the published header names.
const RECOVERY_CONTROL: u32 = 18;

/// `JET_RECOVERYCONTROL` of the published header: what is common, and what a kind has of its own.
/// The headers of databases are not handed out: their number says how many there are, the array is
/// null.
#[repr(C)]
struct RecoveryControl {
    size: u32,
    default: i32,
    instance: usize,
    snt: u32,
    padding: u32,
    own_size: u32,
    first: u32,
    flags: [u8; 8],
    path: *const u16,
    databases: u32,
    headers: *const c_void,
}

/// The structure of a control notification; `path` keeps the text that it points to.
fn recovery_control(control: &Control, path: &mut Vec<u16>) -> RecoveryControl {
    let mut structure = RecoveryControl {
        size: size_of::<RecoveryControl>() as u32,
        default: control.default,
        instance: control.instance.0,
        snt: control.point.snt(),
        padding: 0,
        own_size: own_size(&control.point),
        first: 0,
        flags: [0; 8],
        path: std::ptr::null(),
        databases: 0,
        headers: std::ptr::null(),
    };
    let (file, at_once) = match &control.point {
        ControlPoint::OpenLog {
            generation,
            current,
            reason,
            databases,
            path,
        } => {
            structure.first = *generation;
            structure.flags[0] = u8::from(*current);
            structure.flags[1] = *reason as u8;
            structure.databases = *databases;
            (Some(path), false)
        }
        ControlPoint::MissingLog {
            generation,
            current,
            next,
            path,
        } => {
            structure.first = *generation;
            structure.flags[0] = u8::from(*current);
            structure.flags[1] = *next;
            (Some(path), false)
        }
        ControlPoint::BeginUndo { databases } => {
            structure.first = *databases;
            (None, false)
        }
        ControlPoint::Event { id } => {
            structure.first = *id;
            (None, false)
        }
        ControlPoint::OpenCheckpoint { path }
        | ControlPoint::AttachedDatabase { path }
        | ControlPoint::DetachingDatabase { path } => (Some(path), true),
    };
    if let Some(file) = file {
        path.extend(file.to_string_lossy().encode_utf16().chain([0]));
        match at_once {
            // These have the pointer where others have their flags.
            true => structure.flags = path.as_ptr().expose_provenance().to_ne_bytes(),
            false => structure.path = path.as_ptr(),
        }
    }
    structure
}

/// The bytes that a kind has of its own.
fn own_size(point: &ControlPoint) -> u32 {
    match point {
        ControlPoint::OpenLog { .. } | ControlPoint::MissingLog { .. } => 40,
        ControlPoint::Event { .. } => 8,
        _ => 16,
    }
}
