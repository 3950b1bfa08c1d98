//! Restoring from a streaming backup.

use windows_sys::Win32::Storage::Jet::JET_PFNSTATUS;

use super::border::{Subject, answer};
use super::instance::moved;
use super::status::status;
use super::text::{Form, Narrow, Wide};
use crate::abi::{Api, JET_ERR};
use crate::model::external_restore::ExternalRestore;
use crate::model::path::complete;
use crate::model::structures::check_loginfo;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetExternalRestoreA: Some(external_restore::<Narrow>),
        JetExternalRestoreW: Some(external_restore::<Wide>),
        JetExternalRestore2A: Some(external_restore2::<Narrow>),
        JetExternalRestore2W: Some(external_restore2::<Wide>),
        ..api
    }
}

/// `szBaseName` where there is none to say.
const BASE_NAME: &str = "edb";

/// The folder behind a text.
///
/// # Safety
/// The pointer is null, or text that ends with zero.
unsafe fn folder<F: Form>(text: *const F::Unit) -> Option<std::path::PathBuf> {
    // SAFETY: as promised.
    let text = unsafe { F::read(text) };
    text.as_deref().map(complete)
}

unsafe extern "system" fn external_restore<F: Form>(
    checkpoint: *const F::Unit,
    log: *const F::Unit,
    map: *const F::RstMap,
    count: i32,
    backup: *const F::Unit,
    low: i32,
    high: i32,
    function: JET_PFNSTATUS,
) -> JET_ERR {
    // SAFETY: the caller promises texts that end with zero, or null, so many maps, and a function
    // that may be called until the call returns, or null.
    let given = unsafe {
        ExternalRestore {
            checkpoint: folder::<F>(checkpoint),
            log: folder::<F>(log),
            moved: moved::<F>(map, count),
            backup: folder::<F>(backup),
            generations: (low.cast_unsigned(), high.cast_unsigned()),
            base_name: BASE_NAME.to_owned(),
            target_name: None,
            target_log: None,
            target_checkpoint: None,
            status: status(function),
        }
    };
    answer(Subject::Process, |engine| engine.external_restore(&given))
}

unsafe extern "system" fn external_restore2<F: Form>(
    checkpoint: *const F::Unit,
    log: *const F::Unit,
    map: *const F::RstMap,
    count: i32,
    backup: *const F::Unit,
    info: *mut F::LogInfo,
    target_name: *const F::Unit,
    target_log: *const F::Unit,
    target_checkpoint: *const F::Unit,
    function: JET_PFNSTATUS,
) -> JET_ERR {
    let size = if info.is_null() {
        0
    } else {
        // SAFETY: the caller promises a structure that begins with its size.
        unsafe { info.cast::<u32>().read_unaligned() }
    };
    let right = size as usize == size_of::<F::LogInfo>();
    if !right {
        let checked = answer(Subject::Process, |_| check_loginfo(right));
        return checked;
    }
    // SAFETY: the caller promises a structure of that size.
    let info = unsafe { info.read_unaligned() };
    let (_, low, high, base_name) = F::loginfo(&info);
    // SAFETY: the caller promises texts that end with zero, or null, so many maps, and a function
    // that may be called until the call returns, or null.
    let given = unsafe {
        ExternalRestore {
            checkpoint: folder::<F>(checkpoint),
            log: folder::<F>(log),
            moved: moved::<F>(map, count),
            backup: folder::<F>(backup),
            generations: (low, high),
            base_name: match base_name.is_empty() {
                true => BASE_NAME.to_owned(),
                false => base_name,
            },
            target_name: F::read(target_name),
            target_log: folder::<F>(target_log),
            target_checkpoint: folder::<F>(target_checkpoint),
            status: status(function),
        }
    };
    answer(Subject::Process, |engine| engine.external_restore(&given))
}
