//! JetRegisterCallback and JetUnregisterCallback.

use std::ffi::c_void;

use windows_sys::Win32::Storage::Jet::JET_CALLBACK;

use super::border::{Subject, answer};
use super::callback::callback;
use super::output::Out;
use crate::abi::{Api, JET_ERR};
use crate::model::handles::{HandleId, Sesid, Tableid};
use crate::model::outputs::HANDLE_LEFT_ALONE;
use crate::model::registration::Register;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetRegisterCallback: Some(register_callback),
        JetUnregisterCallback: Some(unregister_callback),
        ..api
    }
}

unsafe extern "system" fn register_callback(
    sesid: usize,
    tableid: usize,
    cbtyp: u32,
    function: JET_CALLBACK,
    context: *const c_void,
    handle: *const usize,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(handle.cast_mut()) };
    // SAFETY: the caller promises a function that may be called while it is registered, or null.
    let callback = unsafe { callback(function) };
    answer(Subject::Session(sesid), |engine| {
        let arguments = Register {
            cbtyp,
            callback,
            context: context.expose_provenance(),
            wants_handle: out.given(),
        };
        let result = engine.register_callback(Sesid(sesid), Tableid(tableid), arguments);
        out.deliver_by(&HANDLE_LEFT_ALONE, result.map(|handle| handle.0))
    })
}

unsafe extern "system" fn unregister_callback(
    sesid: usize,
    tableid: usize,
    cbtyp: u32,
    handle: usize,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.unregister_callback(Sesid(sesid), Tableid(tableid), cbtyp, HandleId(handle))
    })
}
