//! Hints, statistics, the default of a column, filters of moves, the intersection of index ranges.

use std::ffi::c_void;

use windows_sys::Win32::Storage::Jet as jet;

use super::border::{Subject, answer};
use super::output::Out;
use super::text::{Form, Narrow, Wide, slice};
use crate::abi::{Api, JET_ERR};
use crate::model::cursor_filter::{Filter, Relop};
use crate::model::handles::{Dbid, Sesid, Tableid};

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetComputeStats: Some(compute_stats),
        JetIntersectIndexes: Some(intersect_indexes),
        JetPrereadIndexRanges: Some(preread_index_ranges),
        JetPrereadKeys: Some(preread_keys),
        JetResetTableSequential: Some(reset_table_sequential),
        JetSetColumnDefaultValueA: Some(set_column_default_value::<Narrow>),
        JetSetColumnDefaultValueW: Some(set_column_default_value::<Wide>),
        JetSetCursorFilter: Some(set_cursor_filter),
        JetSetTableSequential: Some(set_table_sequential),
        ..api
    }
}

/// Options are not looked at. (jetsettablesequential-function.md)
unsafe extern "system" fn set_table_sequential(sesid: usize, tableid: usize, _: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.set_table_sequential(Sesid(sesid), Tableid(tableid))
    })
}

/// Options are not looked at. (jetresettablesequential-function.md)
unsafe extern "system" fn reset_table_sequential(sesid: usize, tableid: usize, _: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.reset_table_sequential(Sesid(sesid), Tableid(tableid))
    })
}

unsafe extern "system" fn compute_stats(sesid: usize, tableid: usize) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.compute_stats(Sesid(sesid), Tableid(tableid))
    })
}

unsafe extern "system" fn preread_keys(
    sesid: usize,
    tableid: usize,
    keys: *const *const c_void,
    sizes: *const u32,
    count: i32,
    preread: *mut i32,
    grbit: u32,
) -> JET_ERR {
    let count = usize::try_from(count).unwrap_or(0);
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(preread) };
    // SAFETY: the caller promises so many keys and sizes, or null.
    let (keys, sizes) = unsafe { (slice(keys, count), slice(sizes, count)) };
    let keys: Option<Vec<&[u8]>> = keys.zip(sizes).and_then(|(keys, sizes)| {
        let pairs = keys.iter().zip(sizes);
        // SAFETY: the caller promises keys of these sizes.
        pairs
            .map(|(key, size)| unsafe { slice(key.cast(), *size as usize) })
            .collect()
    });
    answer(Subject::Session(sesid), |engine| {
        let result = engine.preread_keys(Sesid(sesid), Tableid(tableid), keys.as_deref(), grbit);
        out.deliver(result.map(|count| i32::try_from(count).unwrap_or(i32::MAX)))
    })
}

/// What would be read ahead is not looked at. (jetprereadindexranges-function.md)
unsafe extern "system" fn preread_index_ranges(
    sesid: usize,
    tableid: usize,
    _ranges: *const jet::JET_INDEX_RANGE,
    count: u32,
    preread: *mut u32,
    _columnids: *const u32,
    _columns: u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(preread) };
    answer(Subject::Session(sesid), |engine| {
        out.deliver(engine.preread_index_ranges(Sesid(sesid), Tableid(tableid), count, grbit))
    })
}

unsafe extern "system" fn set_column_default_value<F: Form>(
    sesid: usize,
    dbid: u32,
    table: *const F::Unit,
    column: *const F::Unit,
    data: *const c_void,
    size: u32,
    _grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises texts that end with zero, or null.
    let (table, column) = unsafe { (F::read(table), F::read(column)) };
    // SAFETY: the caller promises so many bytes, or null.
    let data: Option<&[u8]> = unsafe { slice(data.cast(), size as usize) };
    answer(Subject::Session(sesid), |engine| {
        engine.set_column_default_value(
            Sesid(sesid),
            Dbid(dbid),
            table.as_deref(),
            column.as_deref(),
            data.unwrap_or_default(),
        )
    })
}

const LIST_SIZE: u32 = size_of::<jet::JET_RECORDLIST>() as u32;

/// Options are not looked at. (jetintersectindexes-function.md)
unsafe extern "system" fn intersect_indexes(
    sesid: usize,
    ranges: *const jet::JET_INDEXRANGE,
    count: u32,
    list: *mut jet::JET_RECORDLIST,
    _grbit: u32,
) -> JET_ERR {
    let size = size_of::<jet::JET_INDEXRANGE>() as u32;
    // SAFETY: the caller promises so many ranges, or null.
    let given = unsafe { slice(ranges, count as usize) };
    let ranges: Vec<(Tableid, u32)> = given
        .unwrap_or_default()
        .iter()
        .map(|range| (Tableid(range.tableid), range.grbit))
        .collect();
    let sized = given
        .unwrap_or_default()
        .iter()
        .all(|range| range.cbStruct == size);
    // SAFETY: the caller promises a structure that may be read and written, or null.
    let out = unsafe { Out::new(list) };
    answer(Subject::Session(sesid), |engine| {
        let listed = out.present().is_some_and(|list| list.cbStruct == LIST_SIZE);
        let complete = given.is_some() && sized && listed;
        let result = engine.intersect_indexes(Sesid(sesid), &ranges, complete);
        let written = result.map(|listing| jet::JET_RECORDLIST {
            cbStruct: LIST_SIZE,
            tableid: listing.tableid.0,
            cRecord: listing.count,
            columnidBookmark: listing.columnids.first().copied().unwrap_or(0),
        });
        out.deliver(written)
    })
}

/// Options are not looked at. (jetsetcursorfilter-function.md)
unsafe extern "system" fn set_cursor_filter(
    sesid: usize,
    tableid: usize,
    filters: *const jet::JET_INDEX_COLUMN,
    count: u32,
    _grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises so many conditions, or null.
    let given = unsafe { slice(filters, count as usize) };
    let read = |column: &jet::JET_INDEX_COLUMN| {
        let relop = Relop::from_number(column.relop)?;
        // SAFETY: the caller promises so many bytes behind each condition, or null.
        let value: Option<&[u8]> =
            unsafe { slice(column.pv.cast_const().cast(), column.cb as usize) };
        Some(Filter {
            columnid: column.columnid,
            relop,
            value: value.unwrap_or_default().to_vec(),
        })
    };
    let filters = given.unwrap_or_default().iter().map(read).collect();
    answer(Subject::Session(sesid), |engine| {
        engine.set_cursor_filter(Sesid(sesid), Tableid(tableid), filters)
    })
}
