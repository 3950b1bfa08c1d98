//! Temporary tables.

use std::mem::offset_of;

use windows_sys::Win32::Storage::Jet as jet;

use super::border::{Subject, answer, required};
use super::structures::{Column, write_field};
use super::text::slice;
use crate::abi::{Api, JET_ERR};
use crate::model::engine::Engine;
use crate::model::handles::{Sesid, Tableid};
use crate::model::outcome::Jet;
use crate::model::outputs::LEFT_ALONE;
use crate::model::temp_table::TemporaryDefinition;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetOpenTempTable: Some(open_temp_table),
        JetOpenTempTable2: Some(open_temp_table2),
        JetOpenTempTable3: Some(open_temp_table3),
        JetOpenTemporaryTable: Some(open_temporary_table::<jet::JET_OPENTEMPORARYTABLE>),
        JetOpenTemporaryTable2: Some(open_temporary_table::<jet::JET_OPENTEMPORARYTABLE2>),
        ..api
    }
}

unsafe extern "system" fn open_temp_table(
    sesid: usize,
    columns: *const jet::JET_COLUMNDEF,
    count: u32,
    grbit: u32,
    ptableid: *mut usize,
    columnids: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { open_temp_table2(sesid, columns, count, 0, grbit, ptableid, columnids) }
}

/// The language only sorts Unicode text, which is sorted the same way here in all languages.
unsafe extern "system" fn open_temp_table2(
    sesid: usize,
    columns: *const jet::JET_COLUMNDEF,
    count: u32,
    _lcid: u32,
    grbit: u32,
    ptableid: *mut usize,
    columnids: *mut u32,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        let given = Given {
            columns,
            count,
            grbit,
            key_most: 0,
            segment_most: 0,
        };
        // SAFETY: the caller promises so many definitions and places for as many columnids, and a
        // place for the cursor.
        unsafe { open(engine, sesid, &given, ptableid, columnids) }
    })
}

unsafe extern "system" fn open_temp_table3(
    sesid: usize,
    columns: *const jet::JET_COLUMNDEF,
    count: u32,
    _unicode: *const jet::JET_UNICODEINDEX,
    grbit: u32,
    ptableid: *mut usize,
    columnids: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { open_temp_table2(sesid, columns, count, 0, grbit, ptableid, columnids) }
}

/// What a temporary table is made of.
struct Given {
    columns: *const jet::JET_COLUMNDEF,
    count: u32,
    grbit: u32,
    key_most: u32,
    segment_most: u32,
}

/// Opens a temporary table.
///
/// # Safety
/// The columns are null or so many; the columnids null or as many writable ones; the place for the
/// cursor null or writable.
unsafe fn open(
    engine: &Engine,
    sesid: usize,
    given: &Given,
    ptableid: *mut usize,
    columnids: *mut u32,
) -> Jet<()> {
    let count = given.count as usize;
    // SAFETY: as promised.
    let structures = unsafe { slice(given.columns, count) };
    let complete = structures.is_some() && !columnids.is_null() || count == 0;
    required(engine, sesid, complete && !ptableid.is_null())?;
    let structures = structures.unwrap_or_default().iter();
    let columns: Vec<Column> = structures.map(Column::of_temporary).collect();
    let sizes = columns.iter().all(|column| column.has_its_size);
    engine.check_definitions(Sesid(sesid), sizes, true)?;
    let definition = TemporaryDefinition {
        columns: columns.iter().map(Column::definition).collect(),
        grbit: given.grbit,
        key_most: given.key_most,
        segment_most: given.segment_most,
    };
    match engine.open_temporary_table(Sesid(sesid), &definition) {
        Ok((Tableid(tableid), numbers)) => {
            for (index, columnid) in numbers.iter().take(count).enumerate() {
                // SAFETY: as promised.
                unsafe { columnids.add(index).write_unaligned(*columnid) }
            }
            // SAFETY: as promised.
            unsafe { ptableid.write_unaligned(tableid) }
            Ok(())
        }
        Err(error) => {
            if !LEFT_ALONE.holds() {
                // SAFETY: as promised.
                unsafe { ptableid.write_unaligned(0) }
            }
            Err(error)
        }
    }
}

/// A kind of JET_OPENTEMPORARYTABLE.
trait Structure: Copy {
    /// Its `cbStruct`.
    fn size(&self) -> u32;
    /// What the table is made of.
    fn given(&self) -> Given;
    /// Its `prgcolumnid`.
    fn columnids(&self) -> *mut u32;
    /// Where its `tableid` is.
    const TABLEID: usize;
}

macro_rules! structures {
    ($($kind:ident)*) => { $(
        impl Structure for jet::$kind {
            const TABLEID: usize = offset_of!(jet::$kind, tableid);

            fn size(&self) -> u32 {
                self.cbStruct
            }

            fn given(&self) -> Given {
                Given {
                    columns: self.prgcolumndef,
                    count: self.ccolumn,
                    grbit: self.grbit,
                    key_most: self.cbKeyMost,
                    segment_most: self.cbVarSegMac,
                }
            }

            fn columnids(&self) -> *mut u32 {
                self.prgcolumnid
            }
        }
    )* };
}
structures!(JET_OPENTEMPORARYTABLE JET_OPENTEMPORARYTABLE2);

/// The cursor is written into the structure, although the header declares it constant.
unsafe extern "system" fn open_temporary_table<S: Structure>(
    sesid: usize,
    structure: *const S,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, !structure.is_null())?;
        // SAFETY: the caller promises a structure.
        let given = unsafe { structure.read_unaligned() };
        let sized = given.size() as usize == size_of::<S>();
        engine.check_open_temporary(Sesid(sesid), sized)?;
        let mut tableid = 0;
        // SAFETY: its pointers are part of the promise.
        let opened = unsafe {
            open(
                engine,
                sesid,
                &given.given(),
                &raw mut tableid,
                given.columnids(),
            )
        };
        if opened.is_ok() || !LEFT_ALONE.holds() {
            // SAFETY: the documents say that the cursor is written here.
            unsafe { write_field(structure.cast_mut(), S::TABLEID, tableid) }
        }
        opened
    })
}
