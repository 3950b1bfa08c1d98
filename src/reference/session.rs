//! Sessions: beginning, ending, duplicating, and their contexts.

use super::border::{Subject, answer, required, required_by, without_pointer};
use super::output::Out;
use super::text::{Form, Narrow, Wide};
use crate::abi::{Api, JET_ERR};
use crate::model::handles::{Instance, Sesid};
use crate::model::session::DUP_PLACE;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetBeginSessionA: Some(begin_session::<Narrow>),
        JetBeginSessionW: Some(begin_session::<Wide>),
        JetDupSession: Some(dup_session),
        JetEndSession: Some(end_session),
        JetGetVersion: Some(get_version),
        JetIdle: Some(idle),
        JetResetSessionContext: Some(reset_session_context),
        JetSetSessionContext: Some(set_session_context),
        ..api
    }
}

/// User name and password are not looked at. (jetbeginsession-function.md)
unsafe extern "system" fn begin_session<F: Form>(
    instance: usize,
    psesid: *mut usize,
    user: *const F::Unit,
    password: *const F::Unit,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(psesid) };
    answer(Subject::Instance(instance), |engine| {
        if !out.given() {
            drop(engine.enter_instance(Instance(instance))?);
            return Err(without_pointer());
        }
        out.deliver(
            engine
                .begin_session(Instance(instance), !user.is_null() || !password.is_null())
                .map(|sesid| sesid.0),
        )
    })
}

unsafe extern "system" fn dup_session(sesid: usize, psesid: *mut usize) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(psesid) };
    answer(Subject::Session(sesid), |engine| {
        required_by(&DUP_PLACE, engine, sesid, out.given())?;
        out.deliver(engine.dup_session(Sesid(sesid)).map(|dup| dup.0))
    })
}

/// Options are not looked at. (jetendsession-function.md)
unsafe extern "system" fn end_session(sesid: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.end_session(Sesid(sesid), grbit)
    })
}

unsafe extern "system" fn set_session_context(sesid: usize, context: usize) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.set_session_context(Sesid(sesid), context)
    })
}

unsafe extern "system" fn reset_session_context(sesid: usize) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.reset_session_context(Sesid(sesid))
    })
}

unsafe extern "system" fn idle(sesid: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.idle(Sesid(sesid), grbit)
    })
}

unsafe extern "system" fn get_version(sesid: usize, version: *mut u32) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(version) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, out.given())?;
        out.deliver(engine.version(Sesid(sesid)))
    })
}
