//! System and session parameters: setting, reading, and multi-instance mode with its parameters.

use std::ffi::c_void;
use std::mem::offset_of;

use windows_sys::Win32::Storage::Jet::{JET_CALLBACK, JET_SETSYSPARAM_A};

use super::border::{Subject, answer, without_pointer};
use super::callback::callback;
use super::output::{Buffer, Out};
use super::structures::write_field;
use super::tables::plain_code;
use super::text::{Form, Narrow, Wide, slice};
use crate::abi::{Api, JET_ERR};
use crate::model::configure::{Setting, Whose};
use crate::model::engine::Engine;
use crate::model::handles::{Instance, Sesid};
use crate::model::outcome::Jet;
use crate::model::outputs::{LEFT_ALONE, NUMBER_CLEARS_TEXT};
use crate::model::parameter::{self, ParameterValue};
use crate::model::settings::id;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetEnableMultiInstanceA: Some(enable_multi_instance::<Narrow>),
        JetEnableMultiInstanceW: Some(enable_multi_instance::<Wide>),
        JetGetSessionParameter: Some(get_session_parameter),
        JetGetSystemParameterA: Some(get_system_parameter::<Narrow>),
        JetGetSystemParameterW: Some(get_system_parameter::<Wide>),
        JetSetSessionParameter: Some(set_session_parameter),
        JetSetSystemParameterA: Some(set_system_parameter::<Narrow>),
        JetSetSystemParameterW: Some(set_system_parameter::<Wide>),
        ..api
    }
}

/// Zero stands for no instance, zero and all ones for no session.
fn whose(instance: Option<usize>, sesid: usize) -> Whose {
    let some = |handle: &usize| *handle != 0;
    Whose {
        instance: instance.filter(some).map(Instance),
        sesid: Some(sesid)
            .filter(some)
            .map(Sesid)
            .filter(|sesid| *sesid != Sesid::NIL),
    }
}

/// What is set. The runtime callback is a function in the place of the number.
///
/// # Safety
/// With the number of the runtime callback, `number` is null or a `JET_CALLBACK` function that may
/// be called for as long as it is set.
unsafe fn setting(paramid: u32, number: usize, text: Option<&str>) -> Setting<'_> {
    let function = if paramid == id::RUNTIME_CALLBACK {
        // SAFETY: a nullable function pointer is one word wide, and the caller promises that this
        // word is one.
        let function = unsafe { std::mem::transmute::<usize, JET_CALLBACK>(number) };
        // SAFETY: the caller promises that it may be called.
        unsafe { callback(function) }
    } else {
        None
    };
    Setting {
        number: number as u64,
        text,
        function,
    }
}

unsafe extern "system" fn set_system_parameter<F: Form>(
    pinstance: *mut usize,
    sesid: usize,
    paramid: u32,
    number: usize,
    text: *const F::Unit,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be read, or null.
    let instance = unsafe { Out::new(pinstance) }.present();
    // SAFETY: the caller promises text that ends with zero, or null.
    let text = unsafe { F::read(text) };
    answer(Subject::Process, |engine| {
        // SAFETY: the caller promises a function where the parameter is one.
        let setting = unsafe { setting(paramid, number, text.as_deref()) };
        engine.set_system_parameter(whose(instance, sesid), paramid, setting)
    })
}

unsafe extern "system" fn get_system_parameter<F: Form>(
    instance: usize,
    sesid: usize,
    paramid: u32,
    number: *mut usize,
    text: *mut F::Unit,
    size: u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be read and written, or null.
    let number = unsafe { Out::new(number) };
    // SAFETY: the caller promises `size` writable bytes, or null.
    let buffer = unsafe { Buffer::new(text.cast(), size, std::ptr::null_mut()) };
    answer(Subject::Process, |engine| {
        let whose = whose(Some(instance), sesid);
        let result = read::<F>(engine, whose, paramid, &number, &buffer);
        if result.is_err() {
            number.spoil(&LEFT_ALONE);
        }
        buffer.guard(result)
    })
}

fn read<F: Form>(
    engine: &Engine,
    whose: Whose,
    paramid: u32,
    number: &Out<usize>,
    buffer: &Buffer,
) -> Jet<()> {
    let before = number.present().unwrap_or(0);
    let value = engine.system_parameter(whose, paramid, before as u64)?;
    let room = buffer
        .size()
        .map(|size| u32::try_from(size).unwrap_or(u32::MAX));
    let encoded = match &value {
        ParameterValue::Text(text) => F::encode(text),
        ParameterValue::Number(_) => Vec::new(),
    };
    let needed = u32::try_from(encoded.len()).unwrap_or(u32::MAX);
    parameter::find(paramid)?.check_get(number.given(), room, needed)?;
    match value {
        ParameterValue::Text(_) => {
            buffer.put(&encoded);
        }
        ParameterValue::Number(value) => {
            number.put(value as usize);
            let end = F::encode("");
            if NUMBER_CLEARS_TEXT.holds() && buffer.size().is_some_and(|size| size >= end.len()) {
                buffer.put(&end);
            }
        }
    }
    Ok(())
}

/// Each parameter that was tried gets its code; the count is told once the mode allowed any.
unsafe extern "system" fn enable_multi_instance<F: Form>(
    parameters: *const F::SetSysParam,
    count: u32,
    succeeded: *mut u32,
) -> JET_ERR {
    const { assert!(size_of::<F::SetSysParam>() == size_of::<JET_SETSYSPARAM_A>()) };
    let parameters = parameters.cast_mut().cast::<JET_SETSYSPARAM_A>();
    // SAFETY: the caller promises a place that may be written, or null.
    let succeeded = unsafe { Out::new(succeeded) };
    // SAFETY: the caller promises `count` structures, or null.
    let given = unsafe { slice(parameters.cast_const(), count as usize) }.unwrap_or_default();
    // SAFETY: their texts are in the form's width and end with zero, or are null.
    let texts = given.iter().map(|one| unsafe { F::read(one.sz.cast()) });
    let texts: Vec<Option<String>> = texts.collect();
    answer(Subject::Process, |engine| {
        let settings = given.iter().zip(&texts).map(|(one, text)| {
            // SAFETY: the caller promises a function where the parameter is one.
            let setting = unsafe { setting(one.paramid, one.lParam, text.as_deref()) };
            (one.paramid, setting)
        });
        let outcome = engine.enable_multi_instance(settings.collect());
        for (index, tried) in outcome.tried.iter().flatten().enumerate() {
            let err = offset_of!(JET_SETSYSPARAM_A, err);
            // SAFETY: no more parameters were tried than there are.
            unsafe { write_field(parameters.add(index), err, plain_code(tried)) }
        }
        match outcome.succeeded() {
            Some(count) => succeeded.put(u32::try_from(count).unwrap_or(u32::MAX)),
            None => succeeded.spoil(&LEFT_ALONE),
        }
        outcome.result
    })
}

unsafe extern "system" fn set_session_parameter(
    sesid: usize,
    paramid: u32,
    value: *const c_void,
    size: u32,
) -> JET_ERR {
    // SAFETY: the caller promises `size` bytes, or null.
    let value = unsafe { slice(value.cast::<u8>(), size as usize) };
    answer(Subject::Session(sesid), |engine| {
        let number = value.and_then(<[u8]>::first_chunk).copied();
        if number.is_none() && size as usize >= size_of::<u32>() {
            return Err(without_pointer());
        }
        let number = u32::from_le_bytes(number.unwrap_or_default());
        engine.set_session_parameter(Sesid(sesid), paramid, number, size)
    })
}

unsafe extern "system" fn get_session_parameter(
    sesid: usize,
    paramid: u32,
    value: *mut c_void,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller promises `size` writable bytes and a place for the length, or nulls.
    let buffer = unsafe { Buffer::new(value, size, actual) };
    answer(Subject::Session(sesid), |engine| {
        let result = engine.session_parameter(Sesid(sesid), paramid, size);
        let bytes = buffer.guard(result)?.to_le_bytes();
        if !buffer.given() {
            return Err(without_pointer());
        }
        buffer.put_actual(bytes.len());
        buffer.put(&bytes);
        Ok(())
    })
}
