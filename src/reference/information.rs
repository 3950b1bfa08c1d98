//! What the engine tells of columns and indexes.

use std::ffi::c_void;
use std::mem::offset_of;

use windows_sys::Win32::Storage::Jet as jet;

use super::border::{Subject, answer, required};
use super::navigate::index_id_bytes;
use super::text::{Form, Narrow, Wide};
use super::told::{Bytes, Place, is_wide, list};
use super::told_index;
use crate::abi::errors::JetError;
use crate::abi::{Api, JET_ERR};
use crate::model::column_information::{self, ColumnAnswer, ColumnInformation, Level, Which};
use crate::model::engine::Engine;
use crate::model::handles::{Dbid, Sesid, Tableid};
use crate::model::index_information::{self, IndexAnswer};
use crate::model::listing::Listing;
use crate::model::outcome::{Jet, Warned};
use crate::model::outputs::{COLUMN_BY_TABLE, INDEX_BY_TABLE};

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetGetColumnInfoA: Some(get_column_info::<Narrow>),
        JetGetColumnInfoW: Some(get_column_info::<Wide>),
        JetGetIndexInfoA: Some(get_index_info::<Narrow>),
        JetGetIndexInfoW: Some(get_index_info::<Wide>),
        JetGetTableColumnInfoA: Some(get_table_column_info::<Narrow>),
        JetGetTableColumnInfoW: Some(get_table_column_info::<Wide>),
        JetGetTableIndexInfoA: Some(get_table_index_info::<Narrow>),
        JetGetTableIndexInfoW: Some(get_table_index_info::<Wide>),
        ..api
    }
}

unsafe extern "system" fn get_table_column_info<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
    result: *mut c_void,
    size: u32,
    level: u32,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        let place = Place {
            pointer: result,
            size,
        };
        // SAFETY: the caller promises a name or columnid as the level says, and `size` bytes.
        unsafe { tell_column::<F>(engine, sesid, tableid, name, place, level) }
    })
}

unsafe extern "system" fn get_column_info<F: Form>(
    sesid: usize,
    dbid: u32,
    table: *const F::Unit,
    name: *const F::Unit,
    result: *mut c_void,
    size: u32,
    level: u32,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, or null.
    let table = unsafe { F::read(table) };
    answer(Subject::Session(sesid), |engine| {
        let place = Place {
            pointer: result,
            size,
        };
        COLUMN_BY_TABLE.allow(true, JetError::ObjectNotFound)?;
        with_table(engine, sesid, dbid, table.as_deref(), |tableid| {
            // SAFETY: as for the call with a cursor.
            unsafe { tell_column::<F>(engine, sesid, tableid, name, place, level) }
        })
    })
}

/// `JET_bitTableReadOnly`
const READ_ONLY: u32 = 0x4;

/// Opens a table for the length of a call.
fn with_table<T>(
    engine: &Engine,
    sesid: usize,
    dbid: u32,
    name: Option<&str>,
    tell: impl FnOnce(usize) -> Jet<T>,
) -> Jet<T> {
    required(engine, sesid, name.is_some())?;
    let tableid = engine.open_table(Sesid(sesid), Dbid(dbid), name, READ_ONLY)?;
    let told = tell(tableid.0);
    engine.close_table(Sesid(sesid), tableid)?;
    told
}

/// Tells of a column, or lists all.
///
/// # Safety
/// `name` is null, text, or a columnid, as the level says; the place has its size.
unsafe fn tell_column<F: Form>(
    engine: &Engine,
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
    place: Place,
    level: u32,
) -> Jet<()> {
    let read = column_information::read_level(level);
    let by_columnid = matches!(read, Ok((_, true)));
    let named;
    let which = if by_columnid && !name.is_null() {
        // SAFETY: at this level the caller promises a columnid.
        Which::Numbered(unsafe { name.cast::<u32>().read_unaligned() })
    } else if by_columnid {
        Which::Numbered(0)
    } else {
        // SAFETY: else the caller promises text, or null.
        named = unsafe { F::read(name) };
        Which::Named(named.as_deref())
    };
    let base_size = BASE_TEXTS + 2 * BASE_TEXT_UNITS * F::UNIT;
    let needed = match read {
        Ok((Level::Base, _)) => base_size,
        Ok((Level::List(_), _)) => size_of::<jet::JET_COLUMNLIST>(),
        _ => size_of::<jet::JET_COLUMNDEF>(),
    };
    let level = read.map(|(level, _)| level);
    let told = engine.table_column_info(
        Sesid(sesid),
        Tableid(tableid),
        level,
        which,
        place.fits(needed),
        is_wide::<F>(),
    )?;
    let bytes = match (told, level) {
        (ColumnAnswer::Many(listing), _) => column_list(&listing),
        (ColumnAnswer::One(column), Ok(Level::Base)) => column_base::<F>(&column),
        (ColumnAnswer::One(column), _) => column_definition(&column),
    };
    // SAFETY: as promised.
    unsafe { place.put(&bytes) }
    Ok(())
}

fn column_definition(column: &ColumnInformation) -> Vec<u8> {
    use jet::JET_COLUMNDEF as S;
    let mut bytes = Bytes::of_size(size_of::<S>());
    bytes.ulong(offset_of!(S, columnid), column.columnid);
    bytes.ulong(offset_of!(S, coltyp), column.coltyp);
    bytes.put(offset_of!(S, cp), &column.cp.to_ne_bytes());
    bytes.ulong(offset_of!(S, cbMax), column.cb_max);
    bytes.ulong(offset_of!(S, grbit), column.grbit);
    bytes.0
}

/// Where the texts of JET_COLUMNBASE begin.
const BASE_TEXTS: usize = offset_of!(jet::JET_COLUMNBASE_A, szBaseTableName);
const _: () = assert!(BASE_TEXTS == offset_of!(jet::JET_COLUMNBASE_W, szBaseTableName));
/// The units of each of them.
const BASE_TEXT_UNITS: usize = 256;

fn column_base<F: Form>(column: &ColumnInformation) -> Vec<u8> {
    use jet::JET_COLUMNBASE_A as S;
    let mut bytes = Bytes::of_size(BASE_TEXTS + 2 * BASE_TEXT_UNITS * F::UNIT);
    bytes.ulong(offset_of!(S, columnid), column.columnid);
    bytes.ulong(offset_of!(S, coltyp), column.coltyp);
    bytes.put(offset_of!(S, cp), &column.cp.to_ne_bytes());
    bytes.ulong(offset_of!(S, cbMax), column.cb_max);
    bytes.ulong(offset_of!(S, grbit), column.grbit);
    bytes.put(BASE_TEXTS, &F::encode(&column.base_table));
    bytes.put(
        BASE_TEXTS + BASE_TEXT_UNITS * F::UNIT,
        &F::encode(&column.name),
    );
    bytes.0
}

fn column_list(listing: &Listing) -> Vec<u8> {
    use jet::JET_COLUMNLIST as S;
    list(
        size_of::<S>(),
        offset_of!(S, tableid),
        offset_of!(S, cRecord),
        offset_of!(S, columnidPresentationOrder),
        listing,
    )
}

fn index_list(listing: &Listing) -> Vec<u8> {
    use jet::JET_INDEXLIST as S;
    list(
        size_of::<S>(),
        offset_of!(S, tableid),
        offset_of!(S, cRecord),
        offset_of!(S, columnidindexname),
        listing,
    )
}

unsafe extern "system" fn get_table_index_info<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
    result: *mut c_void,
    size: u32,
    level: u32,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, or null.
    let name = unsafe { F::read(name) };
    answer(Subject::Session(sesid), |engine| {
        let place = Place {
            pointer: result,
            size,
        };
        // SAFETY: the caller promises `size` bytes.
        unsafe { tell_index::<F>(engine, sesid, tableid, name.as_deref(), place, level) }
    })
}

unsafe extern "system" fn get_index_info<F: Form>(
    sesid: usize,
    dbid: u32,
    table: *const F::Unit,
    name: *const F::Unit,
    result: *mut c_void,
    size: u32,
    level: u32,
) -> JET_ERR {
    // SAFETY: the caller promises texts that end with zero, or null.
    let (table, name) = unsafe { (F::read(table), F::read(name)) };
    answer(Subject::Session(sesid), |engine| {
        let place = Place {
            pointer: result,
            size,
        };
        INDEX_BY_TABLE.allow(true, JetError::ObjectNotFound)?;
        with_table(engine, sesid, dbid, table.as_deref(), |tableid| {
            // SAFETY: the caller promises `size` bytes.
            unsafe { tell_index::<F>(engine, sesid, tableid, name.as_deref(), place, level) }
        })
    })
}

/// Tells of an index, or lists them.
///
/// # Safety
/// The place has its size.
unsafe fn tell_index<F: Form>(
    engine: &Engine,
    sesid: usize,
    tableid: usize,
    name: Option<&str>,
    place: Place,
    level: u32,
) -> Jet<Warned<()>> {
    use index_information::Level;
    let level = index_information::read_level(level);
    let needed = match level {
        Ok(Level::OneOrAll | Level::All) => size_of::<jet::JET_INDEXLIST>(),
        Ok(Level::SegmentMost | Level::KeyMost) => size_of::<u16>(),
        Ok(Level::Identity) => size_of::<jet::JET_INDEXID>(),
        Ok(Level::Create(kind)) => told_index::own_size(kind),
        // A language without its sort fits into half of a locale.
        Ok(Level::Language) => size_of::<u16>(),
        Ok(Level::LocaleName) => size_of::<u16>(),
        Ok(Level::SortId) => size_of::<windows_sys::core::GUID>(),
        _ => size_of::<u32>(),
    };
    let told = engine.table_index_info(
        Sesid(sesid),
        Tableid(tableid),
        level,
        name,
        place.fits(needed),
        is_wide::<F>(),
    )?;
    let bytes = match &told.value {
        IndexAnswer::Many(listing) => index_list(listing),
        IndexAnswer::Ulong(number) => number.to_ne_bytes().to_vec(),
        IndexAnswer::Ushort(number) => number.to_ne_bytes().to_vec(),
        IndexAnswer::Identity(id) => {
            let mut bytes = Bytes::of_size(size_of::<jet::JET_INDEXID>());
            bytes.put(
                offset_of!(jet::JET_INDEXID, rgbIndexId),
                &index_id_bytes(*id),
            );
            bytes.0
        }
        IndexAnswer::Definition(index) => {
            let kind = match level {
                Ok(Level::Create(kind)) => kind,
                _ => 1,
            };
            told_index::bytes::<F>(index, kind, place.pointer.expose_provenance())
        }
        IndexAnswer::Locale(name) => Wide::encode(name),
        IndexAnswer::NoSort => vec![0; needed],
        IndexAnswer::Nothing => Vec::new(),
    };
    let cut = matches!(
        &told.value,
        IndexAnswer::Definition(_) | IndexAnswer::Locale(_)
    );
    if cut && !place.fits(bytes.len()) {
        return index_information::without_room().map(|warning| Warned { value: (), warning });
    }
    // SAFETY: as promised.
    unsafe { place.put(&bytes) }
    Ok(Warned {
        value: (),
        warning: told.warning,
    })
}
