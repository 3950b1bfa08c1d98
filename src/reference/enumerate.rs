//! JetEnumerateColumns: arrays in memory that the caller's own function allocates.
//!
//! (jetenumeratecolumns-function.md, jet-enumcolumn-structure.md, jet-enumcolumnvalue-structure.md)

use std::ffi::c_void;

use windows_sys::Win32::Storage::Jet::{
    JET_ENUMCOLUMN, JET_ENUMCOLUMNID, JET_ENUMCOLUMNVALUE, JET_PFNREALLOC,
};

use super::border::{Subject, answer, without_pointer};
use super::output::Out;
use super::text::slice;
use crate::abi::errors::{JetError, JetWarning};
use crate::abi::{Api, JET_ERR};
use crate::model::handles::{Sesid, Tableid};
use crate::model::outcome::Jet;
use crate::model::outputs::NOTHING_ON_ERROR;
use crate::model::value::enumerate::{EnumeratedColumn, EnumeratedValue, Request};

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetEnumerateColumns: Some(enumerate_columns),
        ..api
    }
}

unsafe extern "system" fn enumerate_columns(
    sesid: usize,
    tableid: usize,
    asked_count: u32,
    asked: *const JET_ENUMCOLUMNID,
    count: *mut u32,
    columns: *mut *mut JET_ENUMCOLUMN,
    realloc: JET_PFNREALLOC,
    context: *const c_void,
    data_most: u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises places that may be written, or null.
    let (count, array) = unsafe { (Out::new(count), Out::new(columns.cast::<usize>())) };
    // SAFETY: the caller promises so many structures, or null.
    let asked = unsafe { slice(asked, asked_count as usize) }.unwrap_or_default();
    let requests: Vec<Request> = asked.iter().map(request).collect();
    answer(Subject::Session(sesid), |engine| {
        let complete = realloc.is_some() && count.given() && array.given();
        let result = engine.enumerate_columns(
            Sesid(sesid),
            Tableid(tableid),
            &requests,
            complete,
            data_most,
            grbit,
        );
        let given = result.and_then(|found| {
            let mut memory = Memory {
                realloc,
                context,
                given: Vec::new(),
            };
            let told = memory.columns(&found.columns);
            let address = told.inspect_err(|_| memory.free_all())?;
            Ok((found, address))
        });
        match given {
            Ok((found, address)) => {
                count.put(u32::try_from(found.columns.len()).unwrap_or(u32::MAX));
                array.put(address);
                found.error.map_or(Ok(()), Err)
            }
            Err(error) => {
                if NOTHING_ON_ERROR.holds() {
                    count.put(0);
                    array.put(0);
                }
                Err(error)
            }
        }
    })
}

fn request(asked: &JET_ENUMCOLUMNID) -> Request {
    // SAFETY: the caller promises so many sequence numbers, or null.
    let itags = unsafe {
        slice(
            asked.rgtagSequence.cast_const(),
            asked.ctagSequence as usize,
        )
    };
    Request {
        columnid: asked.columnid,
        itags: itags.unwrap_or_default().to_vec(),
    }
}

/// Memory out of the caller's function.
struct Memory {
    realloc: JET_PFNREALLOC,
    context: *const c_void,
    given: Vec<*mut c_void>,
}

impl Memory {
    fn allocate(&mut self, size: usize) -> Jet<*mut c_void> {
        let size = u32::try_from(size).map_err(|_| JetError::OutOfMemory)?;
        let realloc = self.realloc.ok_or_else(without_pointer)?;
        // SAFETY: the caller promises a function that gives so many bytes for a null pointer.
        let memory = unsafe { realloc(self.context, std::ptr::null(), size) };
        if memory.is_null() {
            return Err(JetError::OutOfMemory);
        }
        self.given.push(memory);
        Ok(memory)
    }

    fn free_all(&mut self) {
        for memory in self.given.drain(..).rev() {
            if let Some(realloc) = self.realloc {
                // SAFETY: the memory came from the same function; size zero frees it.
                unsafe { realloc(self.context, memory, 0) };
            }
        }
    }

    /// Bytes in memory of their own; null for none.
    fn bytes(&mut self, bytes: &[u8]) -> Jet<*mut c_void> {
        if bytes.is_empty() {
            return Ok(std::ptr::null_mut());
        }
        let memory = self.allocate(bytes.len())?;
        // SAFETY: so many bytes were just allocated.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), memory.cast(), bytes.len()) }
        Ok(memory)
    }

    /// Structures in memory of their own.
    fn array<T>(&mut self, structures: &[T]) -> Jet<*mut T> {
        let memory = self.allocate(size_of_val(structures).max(1))?.cast::<T>();
        // SAFETY: the memory was just allocated for them; structures of C are copied as bytes.
        unsafe {
            std::ptr::copy_nonoverlapping(
                structures.as_ptr().cast::<u8>(),
                memory.cast::<u8>(),
                size_of_val(structures),
            );
        }
        Ok(memory)
    }

    fn columns(&mut self, found: &[EnumeratedColumn]) -> Jet<usize> {
        let columns: Jet<Vec<_>> = found.iter().map(|column| self.column(column)).collect();
        Ok(self.array(&columns?)?.expose_provenance())
    }

    fn column(&mut self, found: &EnumeratedColumn) -> Jet<JET_ENUMCOLUMN> {
        let mut column = JET_ENUMCOLUMN {
            columnid: found.columnid,
            err: match found.error {
                Some(error) => error.code(),
                None => found.warning.map_or(0, JetWarning::code),
            },
            ..JET_ENUMCOLUMN::default()
        };
        if found.warning == Some(JetWarning::ColumnSingleValue) {
            let bytes = found.values.first().map_or(&[][..], |value| &value.bytes);
            column.Anonymous.Anonymous2.cbData = length(bytes.len());
            column.Anonymous.Anonymous2.pvData = self.bytes(bytes)?;
        } else if !found.values.is_empty() {
            let values: Jet<Vec<_>> = found.values.iter().map(|value| self.value(value)).collect();
            column.Anonymous.Anonymous1.cEnumColumnValue = length(found.values.len());
            column.Anonymous.Anonymous1.rgEnumColumnValue = self.array(&values?)?;
        }
        Ok(column)
    }

    fn value(&mut self, found: &EnumeratedValue) -> Jet<JET_ENUMCOLUMNVALUE> {
        Ok(JET_ENUMCOLUMNVALUE {
            itagSequence: found.itag_sequence,
            err: found.warning.map_or(0, JetWarning::code),
            cbData: length(found.bytes.len()),
            pvData: self.bytes(&found.bytes)?,
        })
    }
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
