//! JetCompact.

use windows_sys::Win32::Storage::Jet::JET_PFNSTATUS;

use super::border::{Subject, answer};
use super::status::status;
use super::text::{Form, Narrow, Wide};
use crate::abi::{Api, JET_ERR};
use crate::model::compact::Compaction;
use crate::model::handles::Sesid;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetCompactA: Some(compact::<Narrow>),
        JetCompactW: Some(compact::<Wide>),
        ..api
    }
}

unsafe extern "system" fn compact<F: Form>(
    sesid: usize,
    source: *const F::Unit,
    destination: *const F::Unit,
    function: JET_PFNSTATUS,
    pconvert: *const F::Convert,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises texts that end with zero, or null.
    let (source, destination) = unsafe { (F::read(source), F::read(destination)) };
    // SAFETY: the caller promises a function that may be called until the call returns, or null.
    let status = unsafe { status(function) };
    answer(Subject::Session(sesid), |engine| {
        let given = Compaction {
            source,
            destination,
            status,
            converts: !pconvert.is_null(),
            grbit,
        };
        engine.compact(Sesid(sesid), &given)
    })
}
