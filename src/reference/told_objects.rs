//! What the engine tells of tables and databases.

use std::ffi::c_void;
use std::mem::offset_of;

use windows_sys::Win32::Storage::Jet as jet;

use super::border::{Subject, answer, without_pointer};
use super::text::{Form, Narrow, Wide};
use super::told::{Bytes, Place, is_wide, list};
use crate::abi::{Api, JET_ERR};
use crate::model::database_information::{DatabaseAnswer, ObjectAnswer, read_object_level};
use crate::model::handles::{Dbid, Sesid, Tableid};
use crate::model::listing::Listing;
use crate::model::table_information::{ObjectInformation, TableAnswer};

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetGetDatabaseFileInfoA: Some(get_database_file_info::<Narrow>),
        JetGetDatabaseFileInfoW: Some(get_database_file_info::<Wide>),
        JetGetDatabaseInfoA: Some(get_database_info::<Narrow>),
        JetGetDatabaseInfoW: Some(get_database_info::<Wide>),
        JetGetObjectInfoA: Some(get_object_info::<Narrow>),
        JetGetObjectInfoW: Some(get_object_info::<Wide>),
        JetGetTableInfoA: Some(get_table_info::<Narrow>),
        JetGetTableInfoW: Some(get_table_info::<Wide>),
        ..api
    }
}

unsafe extern "system" fn get_table_info<F: Form>(
    sesid: usize,
    tableid: usize,
    result: *mut c_void,
    size: u32,
    level: u32,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        let unit = F::UNIT as u32;
        let object = size_of::<jet::JET_OBJECTINFO>() as u32;
        let told = engine.table_info(Sesid(sesid), Tableid(tableid), level, size, unit, object)?;
        if result.is_null() {
            return Err(without_pointer());
        }
        let bytes = match told {
            TableAnswer::Object(object) => object_information(&object),
            TableAnswer::Text(text) => F::encode(&text),
            TableAnswer::Numbers(numbers) => {
                numbers.into_iter().flat_map(u32::to_ne_bytes).collect()
            }
        };
        let place = Place {
            pointer: result,
            size,
        };
        // SAFETY: the caller promises `size` bytes.
        unsafe { place.put(&bytes) }
        Ok(())
    })
}

/// `JET_objtypTable`
const OBJECT_TABLE: u32 = 1;

fn object_information(object: &ObjectInformation) -> Vec<u8> {
    use jet::JET_OBJECTINFO as S;
    let mut bytes = Bytes::of_size(size_of::<S>());
    bytes.ulong(offset_of!(S, objtyp), OBJECT_TABLE);
    bytes.ulong(offset_of!(S, grbit), object.grbit);
    bytes.ulong(offset_of!(S, flags), object.flags);
    bytes.ulong(offset_of!(S, cRecord), object.records);
    bytes.ulong(offset_of!(S, cPage), object.pages);
    bytes.0
}

fn object_list(listing: &Listing) -> Vec<u8> {
    use jet::JET_OBJECTLIST as S;
    list(
        size_of::<S>(),
        offset_of!(S, tableid),
        offset_of!(S, cRecord),
        offset_of!(S, columnidcontainername),
        listing,
    )
}

unsafe extern "system" fn get_database_info<F: Form>(
    sesid: usize,
    dbid: u32,
    result: *mut c_void,
    size: u32,
    level: u32,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        let unit = F::UNIT as u32;
        let told = engine.database_info(Sesid(sesid), Dbid(dbid), level, size, unit)?;
        if result.is_null() {
            return Err(without_pointer());
        }
        let bytes = match told {
            DatabaseAnswer::Text(text) => F::encode(&text),
            DatabaseAnswer::Number(number) => number.to_ne_bytes().to_vec(),
            DatabaseAnswer::Bytes(bytes) => bytes,
        };
        let place = Place {
            pointer: result,
            size,
        };
        // SAFETY: the caller promises `size` bytes.
        unsafe { place.put(&bytes) }
        Ok(())
    })
}

unsafe extern "system" fn get_database_file_info<F: Form>(
    name: *const F::Unit,
    result: *mut c_void,
    size: u32,
    level: u32,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, or null.
    let name = unsafe { F::read(name) };
    answer(Subject::Process, |engine| {
        let told = engine.database_file_info(name.as_deref(), level, size)?;
        if result.is_null() {
            return Err(without_pointer());
        }
        let place = Place {
            pointer: result,
            size,
        };
        // SAFETY: the caller promises `size` bytes.
        unsafe { place.put(&told) }
        Ok(())
    })
}

/// Objects are tables; the kind and the container have no effect. (jetgetobjectinfo-function.md)
unsafe extern "system" fn get_object_info<F: Form>(
    sesid: usize,
    dbid: u32,
    _objtyp: u32,
    _container: *const F::Unit,
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
        let lists = read_object_level(level);
        let needed = if lists == Ok(true) {
            size_of::<jet::JET_OBJECTLIST>()
        } else {
            size_of::<jet::JET_OBJECTINFO>()
        };
        let (fits, wide) = (place.fits(needed), is_wide::<F>());
        let name = name.as_deref();
        let told = engine.object_info(Sesid(sesid), Dbid(dbid), name, lists, fits, wide)?;
        let bytes = match told {
            ObjectAnswer::One(object) => object_information(&object),
            ObjectAnswer::Many(listing) => object_list(&listing),
        };
        // SAFETY: the caller promises `size` bytes.
        unsafe { place.put(&bytes) }
        Ok(())
    })
}
