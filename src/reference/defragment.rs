//! Online defragmentation.

use std::ffi::c_void;

use windows_sys::Win32::Storage::Jet::JET_CALLBACK;

use super::border::{Subject, answer};
use super::callback::callback;
use super::output::Out;
use super::text::{Form, Narrow, Wide};
use crate::abi::errors::JetError;
use crate::abi::{Api, JET_ERR};
use crate::model::defragment::{Limits, RESERVED};
use crate::model::handles::{Dbid, Sesid};
use crate::model::outcome::Warned;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetDefragmentA: Some(defragment::<Narrow>),
        JetDefragmentW: Some(defragment::<Wide>),
        JetDefragment2A: Some(defragment2::<Narrow>),
        JetDefragment2W: Some(defragment2::<Wide>),
        JetDefragment3A: Some(defragment3::<Narrow>),
        JetDefragment3W: Some(defragment3::<Wide>),
        ..api
    }
}

unsafe extern "system" fn defragment<F: Form>(
    sesid: usize,
    dbid: u32,
    table: *const F::Unit,
    passes: *mut u32,
    seconds: *mut u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { defragment2::<F>(sesid, dbid, table, passes, seconds, None, grbit) }
}

/// Reserved: whatever it is given, it is refused. (jetdefragment3-function.md)
unsafe extern "system" fn defragment3<F: Form>(
    _sesid: usize,
    _database: *const F::Unit,
    _table: *const F::Unit,
    _passes: *mut u32,
    _seconds: *mut u32,
    _function: JET_CALLBACK,
    _context: *const c_void,
    _grbit: u32,
) -> JET_ERR {
    RESERVED.error(JetError::InvalidParameter).code()
}

unsafe extern "system" fn defragment2<F: Form>(
    sesid: usize,
    dbid: u32,
    table: *const F::Unit,
    passes: *mut u32,
    seconds: *mut u32,
    function: JET_CALLBACK,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises places that may be read and written, or null.
    let (passes, seconds) = unsafe { (Out::new(passes), Out::new(seconds)) };
    // SAFETY: the caller promises a zero-terminated text or null.
    let table = unsafe { F::read(table) };
    // SAFETY: the caller promises a function that may be called until the task has ended, or null.
    let callback = unsafe { callback(function) };
    answer(Subject::Session(sesid), |engine| {
        let limits = Limits::new(passes.present(), seconds.present());
        let (sesid, dbid) = (Sesid(sesid), Dbid(dbid));
        let told = engine.defragment(sesid, dbid, table.as_deref(), limits, callback, grbit)?;
        if let Some(stopped) = told.value {
            passes.put(stopped.passes);
            seconds.put(stopped.seconds);
        }
        Ok(Warned {
            value: (),
            warning: told.warning,
        })
    })
}
