//! The streaming backup, with an instance and without one.

use std::ffi::c_void;
use std::path::PathBuf;

use super::border::{Subject, answer, without_pointer};
use super::output::{Buffer, Out};
use super::text::{Form, Narrow, Wide};
use crate::abi::{Api, JET_ERR};
use crate::model::backup_logs::LogNames;
use crate::model::engine::Engine;
use crate::model::external_backup::check_list;
use crate::model::handles::{FileHandle, Instance};
use crate::model::outcome::Jet;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetBeginExternalBackup: Some(begin),
        JetBeginExternalBackupInstance: Some(begin_instance),
        JetCloseFile: Some(close),
        JetCloseFileInstance: Some(close_instance),
        JetEndExternalBackup: Some(end),
        JetEndExternalBackupInstance: Some(end_instance),
        JetEndExternalBackupInstance2: Some(end_instance2),
        JetGetAttachInfoA: Some(attach_info::<Narrow>),
        JetGetAttachInfoW: Some(attach_info::<Wide>),
        JetGetAttachInfoInstanceA: Some(attach_info_instance::<Narrow>),
        JetGetAttachInfoInstanceW: Some(attach_info_instance::<Wide>),
        JetGetLogInfoA: Some(log_info::<Narrow>),
        JetGetLogInfoW: Some(log_info::<Wide>),
        JetGetLogInfoInstanceA: Some(log_info_instance::<Narrow>),
        JetGetLogInfoInstanceW: Some(log_info_instance::<Wide>),
        JetGetLogInfoInstance2A: Some(log_info_instance2::<Narrow>),
        JetGetLogInfoInstance2W: Some(log_info_instance2::<Wide>),
        JetGetTruncateLogInfoInstanceA: Some(truncate_log_info::<Narrow>),
        JetGetTruncateLogInfoInstanceW: Some(truncate_log_info::<Wide>),
        JetOpenFileA: Some(open::<Narrow>),
        JetOpenFileW: Some(open::<Wide>),
        JetOpenFileInstanceA: Some(open_instance::<Narrow>),
        JetOpenFileInstanceW: Some(open_instance::<Wide>),
        JetReadFile: Some(read),
        JetReadFileInstance: Some(read_instance),
        JetStopBackup: Some(stop),
        JetStopBackupInstance: Some(stop_instance),
        JetTruncateLog: Some(truncate),
        JetTruncateLogInstance: Some(truncate_instance),
        ..api
    }
}

/// What a call is about: an instance that is named, or the one of one-instance mode.
#[derive(Clone, Copy)]
enum Whose {
    Named(usize),
    Only,
}

impl Whose {
    /// Runs a call on the instance.
    fn answer(self, body: impl FnOnce(&'static Engine, Instance) -> Jet<()>) -> JET_ERR {
        let subject = match self {
            Whose::Named(instance) => Subject::Instance(instance),
            Whose::Only => Subject::Process,
        };
        answer(subject, |engine| {
            let instance = match self {
                Whose::Named(instance) => Instance(instance),
                Whose::Only => engine.only_instance()?,
            };
            body(engine, instance)
        })
    }
}

unsafe extern "system" fn begin(grbit: u32) -> JET_ERR {
    Whose::Only.answer(|engine, instance| engine.begin_external_backup(instance, grbit))
}

unsafe extern "system" fn begin_instance(instance: usize, grbit: u32) -> JET_ERR {
    Whose::Named(instance).answer(|engine, instance| engine.begin_external_backup(instance, grbit))
}

/// A list of texts as the caller gets it: each with its zero unit, and another one.
fn list<F: Form>(paths: &[PathBuf]) -> Vec<u8> {
    let mut bytes: Vec<u8> = paths
        .iter()
        .flat_map(|path| F::encode(&path.to_string_lossy()))
        .collect();
    bytes.extend(F::encode(""));
    bytes
}

/// Writes a list; what does not fit is left out without a word.
///
/// # Safety
/// `szz` is null or has `size` writable bytes, `actual` is null or writable.
unsafe fn put_list<F: Form>(
    paths: &[PathBuf],
    szz: *mut F::Unit,
    size: u32,
    actual: *mut u32,
) -> Jet<()> {
    // SAFETY: as promised.
    let buffer = unsafe { Buffer::new(szz.cast(), size, actual) };
    let bytes = list::<F>(paths);
    check_list(bytes.len() <= buffer.size().unwrap_or(0))?;
    buffer.put(&bytes);
    buffer.put_actual(bytes.len());
    Ok(())
}

unsafe fn attached<F: Form>(
    whose: Whose,
    szz: *mut F::Unit,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    whose.answer(|engine, instance| {
        let paths = engine.attach_info(instance)?;
        // SAFETY: the caller promises a buffer of that size and a place for the length, or null.
        unsafe { put_list::<F>(&paths, szz, size, actual) }
    })
}

unsafe extern "system" fn attach_info<F: Form>(
    szz: *mut F::Unit,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { attached::<F>(Whose::Only, szz, size, actual) }
}

unsafe extern "system" fn attach_info_instance<F: Form>(
    instance: usize,
    szz: *mut F::Unit,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { attached::<F>(Whose::Named(instance), szz, size, actual) }
}

/// Which logs a call names.
type Names = fn(&Engine, Instance) -> Jet<LogNames>;

unsafe fn logs<F: Form>(
    (whose, names): (Whose, Names),
    szz: *mut F::Unit,
    size: u32,
    actual: *mut u32,
    info: *mut F::LogInfo,
) -> JET_ERR {
    whose.answer(|engine, instance| {
        if !info.is_null() {
            // SAFETY: the caller promises a structure that begins with its size.
            let size = unsafe { info.cast::<u32>().read_unaligned() };
            let right = size as usize == size_of::<F::LogInfo>();
            crate::model::structures::check_loginfo(right)?;
        }
        let named = names(engine, instance)?;
        // SAFETY: the caller promises a buffer of that size and a place for the length, or null.
        unsafe { put_list::<F>(&named.names, szz, size, actual)? };
        if !info.is_null() {
            // SAFETY: the caller promises a structure of that size.
            unsafe {
                let mut filled = info.read_unaligned();
                F::fill_loginfo(&mut filled, named.low, named.high, &named.base_name);
                info.write_unaligned(filled);
            }
        }
        Ok(())
    })
}

unsafe extern "system" fn log_info<F: Form>(
    szz: *mut F::Unit,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    let what = (Whose::Only, Engine::log_info as Names);
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { logs::<F>(what, szz, size, actual, std::ptr::null_mut()) }
}

unsafe extern "system" fn log_info_instance<F: Form>(
    instance: usize,
    szz: *mut F::Unit,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { log_info_instance2::<F>(instance, szz, size, actual, std::ptr::null_mut()) }
}

unsafe extern "system" fn log_info_instance2<F: Form>(
    instance: usize,
    szz: *mut F::Unit,
    size: u32,
    actual: *mut u32,
    info: *mut F::LogInfo,
) -> JET_ERR {
    let what = (Whose::Named(instance), Engine::log_info as Names);
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { logs::<F>(what, szz, size, actual, info) }
}

unsafe extern "system" fn truncate_log_info<F: Form>(
    instance: usize,
    szz: *mut F::Unit,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    let what = (Whose::Named(instance), Engine::truncate_log_info as Names);
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { logs::<F>(what, szz, size, actual, std::ptr::null_mut()) }
}

unsafe fn opened<F: Form>(
    whose: Whose,
    name: *const F::Unit,
    file: *mut usize,
    low: *mut u32,
    high: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, or null, and places that may be written.
    let (name, file, low, high) =
        unsafe { (F::read(name), Out::new(file), Out::new(low), Out::new(high)) };
    whose.answer(|engine, instance| {
        if !(file.given() && low.given() && high.given()) {
            drop(engine.enter_instance(instance)?);
            return Err(without_pointer());
        }
        let (handle, size) = engine.open_file(instance, name.as_deref())?;
        file.put(handle.0);
        low.put(size as u32);
        high.put((size >> 32) as u32);
        Ok(())
    })
}

unsafe extern "system" fn open<F: Form>(
    name: *const F::Unit,
    file: *mut usize,
    low: *mut u32,
    high: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { opened::<F>(Whose::Only, name, file, low, high) }
}

unsafe extern "system" fn open_instance<F: Form>(
    instance: usize,
    name: *const F::Unit,
    file: *mut usize,
    low: *mut u32,
    high: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { opened::<F>(Whose::Named(instance), name, file, low, high) }
}

unsafe fn read_some(
    whose: Whose,
    file: usize,
    bytes: *mut c_void,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller promises a buffer of that size and a place for the length, or null.
    let buffer = unsafe { Buffer::new(bytes, size, actual) };
    whose.answer(|engine, instance| {
        let most = buffer.size().unwrap_or(0);
        let mut read = Vec::new();
        engine.read_file(instance, FileHandle(file), most, &mut read)?;
        buffer.put(&read);
        buffer.put_actual(read.len());
        Ok(())
    })
}

unsafe extern "system" fn read(
    file: usize,
    bytes: *mut c_void,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { read_some(Whose::Only, file, bytes, size, actual) }
}

unsafe extern "system" fn read_instance(
    instance: usize,
    file: usize,
    bytes: *mut c_void,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { read_some(Whose::Named(instance), file, bytes, size, actual) }
}

unsafe extern "system" fn close(file: usize) -> JET_ERR {
    Whose::Only.answer(|engine, instance| engine.close_file(instance, FileHandle(file)))
}

unsafe extern "system" fn close_instance(instance: usize, file: usize) -> JET_ERR {
    Whose::Named(instance).answer(|engine, instance| engine.close_file(instance, FileHandle(file)))
}

unsafe extern "system" fn truncate() -> JET_ERR {
    Whose::Only.answer(|engine, instance| engine.truncate_log(instance))
}

unsafe extern "system" fn truncate_instance(instance: usize) -> JET_ERR {
    Whose::Named(instance).answer(|engine, instance| engine.truncate_log(instance))
}

unsafe extern "system" fn end() -> JET_ERR {
    Whose::Only.answer(|engine, instance| engine.end_external_backup(instance, 0))
}

unsafe extern "system" fn end_instance(instance: usize) -> JET_ERR {
    // SAFETY: no pointer is involved.
    unsafe { end_instance2(instance, 0) }
}

unsafe extern "system" fn end_instance2(instance: usize, grbit: u32) -> JET_ERR {
    Whose::Named(instance).answer(|engine, instance| engine.end_external_backup(instance, grbit))
}

unsafe extern "system" fn stop() -> JET_ERR {
    Whose::Only.answer(|engine, instance| engine.stop_backup(instance))
}

unsafe extern "system" fn stop_instance(instance: usize) -> JET_ERR {
    Whose::Named(instance).answer(|engine, instance| engine.stop_backup(instance))
}
