//! Backup and restore.

use windows_sys::Win32::Storage::Jet::JET_PFNSTATUS;

use super::border::{Subject, answer};
use super::status::status;
use super::text::{Form, Narrow, Wide};
use crate::abi::{Api, JET_ERR};
use crate::model::backup::Backup;
use crate::model::handles::Instance;
use crate::model::restore::Restore;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetBackupA: Some(backup::<Narrow>),
        JetBackupW: Some(backup::<Wide>),
        JetBackupInstanceA: Some(backup_instance::<Narrow>),
        JetBackupInstanceW: Some(backup_instance::<Wide>),
        JetRestoreA: Some(restore::<Narrow>),
        JetRestoreW: Some(restore::<Wide>),
        JetRestore2A: Some(restore2::<Narrow>),
        JetRestore2W: Some(restore2::<Wide>),
        JetRestoreInstanceA: Some(restore_instance::<Narrow>),
        JetRestoreInstanceW: Some(restore_instance::<Wide>),
        ..api
    }
}

unsafe extern "system" fn backup<F: Form>(
    path: *const F::Unit,
    grbit: u32,
    function: JET_PFNSTATUS,
) -> JET_ERR {
    let only = std::cell::Cell::new(0);
    let found = answer(Subject::Process, |engine| {
        only.set(engine.instance_to_back_up()?.0);
        Ok(())
    });
    if found < 0 {
        return found;
    }
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { backup_instance::<F>(only.get(), path, grbit, function) }
}

unsafe extern "system" fn backup_instance<F: Form>(
    instance: usize,
    path: *const F::Unit,
    grbit: u32,
    function: JET_PFNSTATUS,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, or null, and a function that may be
    // called until the call returns, or null.
    let (path, status) = unsafe { (F::read(path), status(function)) };
    answer(Subject::Instance(instance), |engine| {
        let given = Backup {
            path: path.as_deref().map(Into::into),
            grbit,
            status,
        };
        engine.backup(Instance(instance), &given)
    })
}

/// # Safety
/// Texts that end with zero, or null; a function that may be called until the call returns, or
/// null.
unsafe fn read<F: Form>(
    source: *const F::Unit,
    destination: *const F::Unit,
    function: JET_PFNSTATUS,
) -> Restore {
    // SAFETY: as promised.
    let (source, destination, status) =
        unsafe { (F::read(source), F::read(destination), status(function)) };
    Restore {
        source: source.as_deref().map(Into::into),
        destination: destination.as_deref().map(Into::into),
        status,
    }
}

unsafe extern "system" fn restore<F: Form>(
    source: *const F::Unit,
    function: JET_PFNSTATUS,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came; null stands for no destination.
    unsafe { restore2::<F>(source, std::ptr::null(), function) }
}

unsafe extern "system" fn restore2<F: Form>(
    source: *const F::Unit,
    destination: *const F::Unit,
    function: JET_PFNSTATUS,
) -> JET_ERR {
    // SAFETY: the caller promises what `read` asks for.
    let given = unsafe { read::<F>(source, destination, function) };
    answer(Subject::Process, |engine| engine.restore_one(&given))
}

unsafe extern "system" fn restore_instance<F: Form>(
    instance: usize,
    source: *const F::Unit,
    destination: *const F::Unit,
    function: JET_PFNSTATUS,
) -> JET_ERR {
    // SAFETY: the caller promises what `read` asks for.
    let given = unsafe { read::<F>(source, destination, function) };
    answer(Subject::Instance(instance), |engine| {
        engine.restore_instance(Instance(instance), &given)
    })
}
