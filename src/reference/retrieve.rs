//! Retrieving column values, one, several, or all.

use std::ffi::c_void;
use std::mem::offset_of;

use windows_sys::Win32::Storage::Jet::{JET_RETINFO, JET_RETRIEVECOLUMN};

use super::border::{Subject, answer, required};
use super::output::Buffer;
use super::structures::write_field;
use super::text::slice;
use super::update::code;
use crate::abi::{Api, JET_ERR};
use crate::model::handles::{Sesid, Tableid};
use crate::model::outcome::{Jet, Warned};
use crate::model::outputs::{LEFT_ALONE, told_error};
use crate::model::retrieve::{RetrieveColumn, Retrieved};
use crate::model::value::grbit::RetrieveGrbit;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetRetrieveColumn: Some(retrieve_column),
        JetRetrieveColumns: Some(retrieve_columns),
        ..api
    }
}

unsafe extern "system" fn retrieve_column(
    sesid: usize,
    tableid: usize,
    columnid: u32,
    data: *mut c_void,
    size: u32,
    actual: *mut u32,
    grbit: u32,
    pretinfo: *mut JET_RETINFO,
) -> JET_ERR {
    // SAFETY: the caller promises `size` writable bytes and a place for the length, or nulls.
    let buffer = unsafe { Buffer::new(data, size, actual) };
    // SAFETY: the caller promises a structure, or null.
    let retinfo = (!pretinfo.is_null()).then(|| unsafe { pretinfo.read_unaligned() });
    answer(Subject::Session(sesid), |engine| {
        let asked = RetrieveColumn {
            columnid,
            buffer: data.expose_provenance(),
            cb_data: if buffer.given() { size } else { 0 },
            wants_actual: !actual.is_null(),
            grbit,
            itag_sequence: retinfo.map_or(1, |info| info.itagSequence),
            ib_long_value: retinfo.map_or(0, |info| info.ibLongValue),
            structure: retinfo
                .is_none_or(|info| info.cbStruct as usize >= size_of::<JET_RETINFO>()),
        };
        let result = engine.retrieve_column(Sesid(sesid), Tableid(tableid), &asked);
        let retrieved = buffer.guard(result)?;
        buffer.put(&retrieved.value.bytes);
        buffer.actual_is(retrieved.value.actual);
        let retrieved = retrieved.or_failed()?;
        if retinfo.is_some() {
            // SAFETY: the structure is the caller's and may be written.
            unsafe {
                write_field(
                    pretinfo,
                    offset_of!(JET_RETINFO, columnidNextTagged),
                    retrieved.value.columnid,
                );
                if grbit & RetrieveGrbit::TAG.bits() != 0 {
                    let at = offset_of!(JET_RETINFO, itagSequence);
                    write_field(pretinfo, at, retrieved.value.itag_sequence);
                }
            }
        }
        Ok(Warned {
            value: (),
            warning: retrieved.warning,
        })
    })
}

/// Each structure that was looked at gets its code and, without an error, its value.
unsafe extern "system" fn retrieve_columns(
    sesid: usize,
    tableid: usize,
    columns: *mut JET_RETRIEVECOLUMN,
    count: u32,
) -> JET_ERR {
    // SAFETY: the caller promises `count` structures, or null.
    let structures = unsafe { slice(columns.cast_const(), count as usize) }.unwrap_or_default();
    let asked: Vec<RetrieveColumn> = structures.iter().map(asked).collect();
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, !columns.is_null() || count == 0)?;
        let (result, outcomes) = engine.retrieve_columns(Sesid(sesid), Tableid(tableid), &asked);
        for (index, outcome) in outcomes.iter().enumerate() {
            // SAFETY: there are as many structures as outcomes at least.
            let structure = unsafe { columns.add(index) };
            // SAFETY: the structure is the caller's; nothing else refers to it any more.
            unsafe { tell(structure, outcome) }
        }
        result
    })
}

fn asked(column: &JET_RETRIEVECOLUMN) -> RetrieveColumn {
    RetrieveColumn {
        columnid: column.columnid,
        buffer: column.pvData.expose_provenance(),
        cb_data: if column.pvData.is_null() {
            0
        } else {
            column.cbData
        },
        wants_actual: true,
        grbit: column.grbit,
        itag_sequence: column.itagSequence,
        ib_long_value: column.ibLongValue,
        structure: true,
    }
}

/// Writes what came of one column into its structure.
///
/// # Safety
/// The structure may be written, and its buffer has its size.
unsafe fn tell(structure: *mut JET_RETRIEVECOLUMN, outcome: &Jet<Warned<Retrieved>>) {
    let failed = outcome.clone().and_then(Warned::or_failed).err();
    // SAFETY: as promised.
    unsafe {
        if failed.is_none() {
            (*structure).err = code(outcome);
        } else if let Some(error) = told_error(failed) {
            (*structure).err = error.code();
        }
        match outcome {
            Ok(retrieved) if failed.is_some() => (*structure).cbActual = retrieved.value.actual,
            Ok(retrieved) => hand_over(structure, &retrieved.value),
            Err(_) if !LEFT_ALONE.holds() => (*structure).cbActual = 0,
            Err(_) => {}
        }
    }
}

/// Writes what was retrieved into its structure and buffer.
///
/// # Safety
/// The structure may be written, and its buffer has its size.
unsafe fn hand_over(structure: *mut JET_RETRIEVECOLUMN, retrieved: &Retrieved) {
    // SAFETY: as promised.
    let column = unsafe { &mut *structure };
    // SAFETY: as promised.
    let buffer = unsafe { Buffer::new(column.pvData, column.cbData, std::ptr::null_mut()) };
    buffer.put(&retrieved.bytes);
    let counted = column.itagSequence == 0;
    if counted || column.grbit & RetrieveGrbit::TAG.bits() != 0 {
        column.itagSequence = retrieved.itag_sequence;
    }
    if !counted {
        column.cbActual = retrieved.actual;
        column.columnidNextTagged = retrieved.columnid;
    }
}
