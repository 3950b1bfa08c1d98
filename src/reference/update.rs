//! Updates: preparing, setting columns, updating, deleting, locking, escrow.

use std::ffi::c_void;

use windows_sys::Win32::Storage::Jet::{JET_SETCOLUMN, JET_SETINFO};

use super::border::{Subject, answer, required};
use super::output::Buffer;
use super::text::slice;
use crate::abi::errors::{JetError, JetWarning};
use crate::abi::{Api, JET_ERR};
use crate::model::escrow::{BUFFER_SIZE, Sizes};
use crate::model::handles::{Sesid, Tableid};
use crate::model::outcome::{Jet, Warned};
use crate::model::set_column::SetColumn;
use crate::model::update::SECOND_FORM;
use crate::model::value::set::{Given, SetInfo};

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetDelete: Some(delete),
        JetEscrowUpdate: Some(escrow_update),
        JetGetLock: Some(get_lock),
        JetPrepareUpdate: Some(prepare_update),
        JetSetColumn: Some(set_column),
        JetSetColumns: Some(set_columns),
        JetUpdate: Some(update),
        JetUpdate2: Some(update2),
        ..api
    }
}

unsafe extern "system" fn prepare_update(sesid: usize, tableid: usize, prep: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.prepare_update(Sesid(sesid), Tableid(tableid), prep)
    })
}

unsafe extern "system" fn get_lock(sesid: usize, tableid: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.get_lock(Sesid(sesid), Tableid(tableid), grbit)
    })
}

unsafe extern "system" fn delete(sesid: usize, tableid: usize) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.delete(Sesid(sesid), Tableid(tableid))
    })
}

unsafe extern "system" fn update(
    sesid: usize,
    tableid: usize,
    bookmark: *mut c_void,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { update_any(sesid, tableid, bookmark, size, actual, 0) }
}

unsafe extern "system" fn update2(
    sesid: usize,
    tableid: usize,
    bookmark: *mut c_void,
    size: u32,
    actual: *mut u32,
    grbit: u32,
) -> JET_ERR {
    if !SECOND_FORM.holds() {
        return JetError::FeatureNotAvailable.code();
    }
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { update_any(sesid, tableid, bookmark, size, actual, grbit) }
}

/// # Safety
/// As for JetUpdate2.
unsafe fn update_any(
    sesid: usize,
    tableid: usize,
    bookmark: *mut c_void,
    size: u32,
    actual: *mut u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises `size` writable bytes and a place for the length, or nulls.
    let buffer = unsafe { Buffer::new(bookmark, size, actual) };
    answer(Subject::Session(sesid), |engine| {
        let room = buffer.given().then_some(size);
        let result = engine.update(Sesid(sesid), Tableid(tableid), room, grbit);
        let bookmark = buffer.guard(result)?;
        buffer.put_actual(bookmark.len());
        buffer.put(&bookmark);
        Ok(())
    })
}

/// What is set, out of a pointer and a length.
fn given<'a>(bytes: Option<&'a [u8]>, size: u32) -> Given<'a> {
    bytes.map_or(Given::Null { size }, Given::Bytes)
}

unsafe extern "system" fn set_column(
    sesid: usize,
    tableid: usize,
    columnid: u32,
    data: *const c_void,
    size: u32,
    grbit: u32,
    psetinfo: *const JET_SETINFO,
) -> JET_ERR {
    // SAFETY: the caller promises `size` bytes, or null.
    let data = unsafe { slice(data.cast::<u8>(), size as usize) };
    // SAFETY: the caller promises a structure, or null.
    let setinfo = (!psetinfo.is_null()).then(|| unsafe { psetinfo.read_unaligned() });
    answer(Subject::Session(sesid), |engine| {
        let info = setinfo.map_or_else(SetInfo::default, |info| SetInfo {
            itag_sequence: info.itagSequence,
            ib_long_value: info.ibLongValue,
        });
        let size_of_info = setinfo.map(|info| info.cbStruct as usize);
        let set = SetColumn {
            columnid,
            given: given(data, size),
            grbit,
            info,
            structure: size_of_info.is_none_or(|size| size == size_of::<JET_SETINFO>()),
        };
        engine.set_column(Sesid(sesid), Tableid(tableid), &set)
    })
}

/// Each structure that was looked at gets its code; those behind an error are left alone.
unsafe extern "system" fn set_columns(
    sesid: usize,
    tableid: usize,
    columns: *const JET_SETCOLUMN,
    count: u32,
) -> JET_ERR {
    // SAFETY: the caller promises `count` structures, or null.
    let structures = unsafe { slice(columns, count as usize) };
    let sets: Vec<SetColumn<'_>> = structures
        .unwrap_or_default()
        .iter()
        .map(|column| SetColumn {
            columnid: column.columnid,
            // SAFETY: each structure has `cbData` bytes, or null.
            given: given(
                unsafe { slice(column.pvData.cast(), column.cbData as usize) },
                column.cbData,
            ),
            grbit: column.grbit,
            info: SetInfo {
                itag_sequence: column.itagSequence,
                ib_long_value: column.ibLongValue,
            },
            structure: true,
        })
        .collect();
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, !columns.is_null() || count == 0)?;
        let (result, outcomes) = engine.set_columns(Sesid(sesid), Tableid(tableid), &sets);
        for (index, outcome) in outcomes.iter().enumerate() {
            // SAFETY: there are as many structures as outcomes at least; nothing else refers to them
            // any more.
            unsafe { (*columns.cast_mut().add(index)).err = code(outcome) }
        }
        result
    })
}

/// The return code of one of several values.
pub(super) fn code<T>(outcome: &Jet<Warned<T>>) -> JET_ERR {
    match outcome {
        Ok(value) => value.warning.map_or(0, JetWarning::code),
        Err(error) => error.code(),
    }
}

unsafe extern "system" fn escrow_update(
    sesid: usize,
    tableid: usize,
    columnid: u32,
    delta: *const c_void,
    delta_size: u32,
    old: *mut c_void,
    old_size: u32,
    actual: *mut u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises `delta_size` bytes, or null.
    let delta = unsafe { slice(delta.cast::<u8>(), delta_size as usize) };
    // SAFETY: the caller promises `old_size` writable bytes and a place for the length, or nulls.
    let buffer = unsafe { Buffer::new(old, old_size, actual) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, delta.is_some() || delta_size == 0)?;
        let mut number = [0; size_of::<i32>()];
        let given = delta.unwrap_or_default();
        let length = given.len().min(number.len());
        number[..length].copy_from_slice(&given[..length]);
        let room = buffer.given().then_some(old_size);
        let result = engine.escrow_update(
            Sesid(sesid),
            Tableid(tableid),
            columnid,
            i32::from_le_bytes(number),
            Sizes {
                given: delta_size,
                old: room,
            },
            grbit,
        );
        let before = buffer.guard(result)?.to_le_bytes();
        buffer.put_actual(before.len());
        if room.is_some_and(|size| size != 0) && !buffer.put(&before) {
            return Err(BUFFER_SIZE.error(JetError::InvalidBufferSize));
        }
        Ok(())
    })
}
