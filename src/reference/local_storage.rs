//! Local storage: a value of the application's own with a cursor or a table.

use super::border::{Subject, answer, required};
use super::output::Out;
use crate::abi::{Api, JET_ERR};
use crate::model::handles::{Sesid, Tableid};
use crate::model::outputs::LEFT_ALONE;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetGetLS: Some(get_ls),
        JetSetLS: Some(set_ls),
        ..api
    }
}

unsafe extern "system" fn set_ls(
    sesid: usize,
    tableid: usize,
    value: usize,
    grbit: u32,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.set_ls(Sesid(sesid), Tableid(tableid), value, grbit)
    })
}

/// The nil value of an empty place is written although the call fails.
unsafe extern "system" fn get_ls(
    sesid: usize,
    tableid: usize,
    value: *mut usize,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(value) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, out.given())?;
        match engine.get_ls(Sesid(sesid), Tableid(tableid), grbit) {
            Ok(found) => {
                out.put(found.value);
                found.result
            }
            Err(error) => {
                out.spoil(&LEFT_ALONE);
                Err(error)
            }
        }
    })
}
