//! Sizes of database files, and what is told of a thread, of an instance and of the process.

use std::ffi::c_void;
use std::mem::offset_of;

use windows_sys::Win32::Storage::Jet as jet;

use super::border::{Subject, answer, required};
use super::output::{Buffer, Out};
use super::text::{Form, Narrow, Wide};
use crate::abi::{Api, JET_ERR};
use crate::model::handles::{Dbid, Instance, Sesid};

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetConfigureProcessForCrashDump: Some(configure_for_crash_dump),
        JetGetErrorInfoW: Some(get_error_info),
        JetGetInstanceMiscInfo: Some(get_instance_misc_info),
        JetGetThreadStats: Some(get_thread_stats),
        JetGrowDatabase: Some(grow_database),
        JetResizeDatabase: Some(resize_database),
        JetSetDatabaseSizeA: Some(set_database_size::<Narrow>),
        JetSetDatabaseSizeW: Some(set_database_size::<Wide>),
        ..api
    }
}

unsafe extern "system" fn grow_database(
    sesid: usize,
    dbid: u32,
    pages: u32,
    real: *const u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(real.cast_mut()) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, out.given())?;
        out.deliver(engine.grow_database(Sesid(sesid), Dbid(dbid), pages))
    })
}

unsafe extern "system" fn resize_database(
    sesid: usize,
    dbid: u32,
    pages: u32,
    actual: *mut u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(actual) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, out.given())?;
        out.deliver(engine.resize_database(Sesid(sesid), Dbid(dbid), pages, grbit))
    })
}

unsafe extern "system" fn set_database_size<F: Form>(
    sesid: usize,
    name: *const F::Unit,
    pages: u32,
    real: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(real) };
    // SAFETY: the caller promises text that ends with zero, or null.
    let name = unsafe { F::read(name) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, out.given())?;
        out.deliver(engine.set_database_size(Sesid(sesid), name.as_deref(), pages))
    })
}

unsafe extern "system" fn get_thread_stats(result: *mut c_void, size: u32) -> JET_ERR {
    use jet::JET_THREADSTATS as S;
    // SAFETY: the caller promises `size` bytes that may be written, or null.
    let buffer = unsafe { Buffer::new(result, size, std::ptr::null_mut()) };
    answer(Subject::Process, |engine| {
        let own_size = size_of::<S>();
        let fits = buffer.size().is_some_and(|room| room >= own_size);
        let work = buffer.guard(engine.thread_statistics(fits))?;
        let mut bytes = vec![0; own_size];
        let mut put = |offset: usize, number: u32| {
            bytes[offset..offset + size_of::<u32>()].copy_from_slice(&number.to_ne_bytes());
        };
        put(offset_of!(S, cbStruct), own_size as u32);
        put(offset_of!(S, cPageReferenced), work.referenced);
        put(offset_of!(S, cPageDirtied), work.dirtied);
        put(offset_of!(S, cLogRecord), work.log_records);
        put(offset_of!(S, cbLogRecord), work.log_bytes);
        buffer.put(&bytes);
        Ok(())
    })
}

unsafe extern "system" fn get_error_info(
    context: *const c_void,
    result: *mut c_void,
    size: u32,
    level: u32,
    grbit: u32,
) -> JET_ERR {
    use jet::JET_ERRINFOBASIC_W as S;
    let code = context.cast::<JET_ERR>();
    // SAFETY: the caller promises a return code, or null; it may be unaligned.
    let code = (!code.is_null()).then(|| unsafe { code.read_unaligned() });
    // SAFETY: the caller promises `size` bytes that may be written, or null.
    let buffer = unsafe { Buffer::new(result, size, std::ptr::null_mut()) };
    answer(Subject::Process, |engine| {
        let own_size = size_of::<S>();
        let fits = buffer.size().is_some_and(|room| room >= own_size);
        let told = buffer.guard(engine.error_information(code, level, grbit, fits))?;
        let mut bytes = vec![0; own_size];
        let mut put = |offset: usize, value: &[u8]| {
            bytes[offset..offset + value.len()].copy_from_slice(value);
        };
        put(offset_of!(S, cbStruct), &(own_size as u32).to_ne_bytes());
        put(offset_of!(S, errValue), &code.unwrap_or(0).to_ne_bytes());
        let category = u32::from(told.category as u8).to_ne_bytes();
        put(offset_of!(S, errcatMostSpecific), &category);
        put(offset_of!(S, rgCategoricalHierarchy), &told.hierarchy);
        buffer.put(&bytes);
        Ok(())
    })
}

unsafe extern "system" fn get_instance_misc_info(
    instance: usize,
    result: *mut c_void,
    size: u32,
    level: u32,
) -> JET_ERR {
    // SAFETY: the caller promises `size` bytes that may be written, or null.
    let buffer = unsafe { Buffer::new(result, size, std::ptr::null_mut()) };
    answer(Subject::Instance(instance), |engine| {
        let room = buffer.size().unwrap_or(0);
        let told = engine.instance_misc_info(Instance(instance), level, room);
        buffer.put(&buffer.guard(told)?);
        Ok(())
    })
}

unsafe extern "system" fn configure_for_crash_dump(grbit: u32) -> JET_ERR {
    answer(Subject::Process, |engine| {
        engine.configure_for_crash_dump(grbit)
    })
}
