//! Databases: creating, attaching, opening, and the ways back.

use super::border::{Subject, answer, required};
use super::output::Out;
use super::text::{Form, Narrow, Wide};
use crate::abi::{Api, JET_ERR};
use crate::model::handles::{Dbid, Sesid};
use crate::model::outcome::Warned;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetAttachDatabaseA: Some(attach_database::<Narrow>),
        JetAttachDatabaseW: Some(attach_database::<Wide>),
        JetAttachDatabase2A: Some(attach_database2::<Narrow>),
        JetAttachDatabase2W: Some(attach_database2::<Wide>),
        JetCloseDatabase: Some(close_database),
        JetCreateDatabaseA: Some(create_database::<Narrow>),
        JetCreateDatabaseW: Some(create_database::<Wide>),
        JetCreateDatabase2A: Some(create_database2::<Narrow>),
        JetCreateDatabase2W: Some(create_database2::<Wide>),
        JetDetachDatabaseA: Some(detach_database::<Narrow>),
        JetDetachDatabaseW: Some(detach_database::<Wide>),
        JetDetachDatabase2A: Some(detach_database2::<Narrow>),
        JetDetachDatabase2W: Some(detach_database2::<Wide>),
        JetOpenDatabaseA: Some(open_database::<Narrow>),
        JetOpenDatabaseW: Some(open_database::<Wide>),
        ..api
    }
}

/// The connection text is reserved. (jetcreatedatabase-function.md)
unsafe extern "system" fn create_database<F: Form>(
    sesid: usize,
    file: *const F::Unit,
    _connect: *const F::Unit,
    pdbid: *mut u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { create_database2::<F>(sesid, file, 0, pdbid, grbit) }
}

unsafe extern "system" fn create_database2<F: Form>(
    sesid: usize,
    file: *const F::Unit,
    pages_most: u32,
    pdbid: *mut u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(pdbid) };
    // SAFETY: the caller promises text that ends with zero, or null.
    let file = unsafe { F::read(file) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, out.given())?;
        let result = engine.create_database(Sesid(sesid), file.as_deref(), pages_most, grbit);
        out.deliver(result.map(|dbid| dbid.0))
    })
}

/// The connection text is reserved. (jetopendatabase-function.md)
unsafe extern "system" fn open_database<F: Form>(
    sesid: usize,
    file: *const F::Unit,
    _connect: *const F::Unit,
    pdbid: *mut u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(pdbid) };
    // SAFETY: the caller promises text that ends with zero, or null.
    let file = unsafe { F::read(file) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, out.given())?;
        let opened = engine.open_database(Sesid(sesid), file.as_deref(), grbit);
        out.deliver(opened.map(|opened| opened.value.0))?;
        let warning = opened.ok().and_then(|opened| opened.warning);
        Ok(Warned { value: (), warning })
    })
}

/// Options are not looked at. (jetclosedatabase-function.md)
unsafe extern "system" fn close_database(sesid: usize, dbid: u32, _grbit: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.close_database(Sesid(sesid), Dbid(dbid))
    })
}

unsafe extern "system" fn attach_database<F: Form>(
    sesid: usize,
    file: *const F::Unit,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { attach_database2::<F>(sesid, file, 0, grbit) }
}

unsafe extern "system" fn attach_database2<F: Form>(
    sesid: usize,
    file: *const F::Unit,
    pages_most: u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, or null.
    let file = unsafe { F::read(file) };
    answer(Subject::Session(sesid), |engine| {
        engine.attach_database(Sesid(sesid), file.as_deref(), pages_most, grbit)
    })
}

unsafe extern "system" fn detach_database<F: Form>(sesid: usize, file: *const F::Unit) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { detach_database2::<F>(sesid, file, 0) }
}

unsafe extern "system" fn detach_database2<F: Form>(
    sesid: usize,
    file: *const F::Unit,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, or null.
    let file = unsafe { F::read(file) };
    answer(Subject::Session(sesid), |engine| {
        engine.detach_database(Sesid(sesid), file.as_deref(), grbit)
    })
}
