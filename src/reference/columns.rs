//! Columns and indexes of a table that exists: adding, deleting, renaming.

use std::ffi::c_void;

use windows_sys::Win32::Storage::Jet as jet;

use super::border::{Subject, answer, required};
use super::output::Out;
use super::structures::{Column, Index, IndexStructure, write_field};
use super::tables::plain_code;
use super::text::{Form, Narrow, Wide, slice};
use crate::abi::errors::JetError;
use crate::abi::{Api, JET_ERR};
use crate::model::alter_table::COLUMNID_NULL;
use crate::model::handles::{Sesid, Tableid};
use crate::model::outcome::Warned;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetAddColumnA: Some(add_column::<Narrow>),
        JetAddColumnW: Some(add_column::<Wide>),
        JetCreateIndexA: Some(create_index::<Narrow>),
        JetCreateIndexW: Some(create_index::<Wide>),
        JetCreateIndex2A: Some(create_index2::<Narrow>),
        JetCreateIndex2W: Some(create_index2::<Wide>),
        JetCreateIndex3A: Some(create_index3::<Narrow>),
        JetCreateIndex3W: Some(create_index3::<Wide>),
        JetCreateIndex4A: Some(create_index4::<Narrow>),
        JetCreateIndex4W: Some(create_index4::<Wide>),
        JetDeleteColumnA: Some(delete_column::<Narrow>),
        JetDeleteColumnW: Some(delete_column::<Wide>),
        JetDeleteColumn2A: Some(delete_column2::<Narrow>),
        JetDeleteColumn2W: Some(delete_column2::<Wide>),
        JetDeleteIndexA: Some(delete_index::<Narrow>),
        JetDeleteIndexW: Some(delete_index::<Wide>),
        JetRenameColumnA: Some(rename_column::<Narrow>),
        JetRenameColumnW: Some(rename_column::<Wide>),
        ..api
    }
}

unsafe extern "system" fn add_column<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
    definition: *const jet::JET_COLUMNDEF,
    default: *const c_void,
    default_size: u32,
    pcolumnid: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(pcolumnid) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, !definition.is_null())?;
        // SAFETY: the caller promises a structure, text and bytes as the parameters say.
        let column = unsafe { Column::of_definition::<F>(name, definition, default, default_size) };
        COLUMNID_NULL.allow(pcolumnid.is_null(), JetError::InvalidParameter)?;
        let definition = column.definition();
        let structure = column.has_its_size;
        COLUMNID_NULL.allow(!out.given(), JetError::InvalidParameter)?;
        let added = engine.add_column(Sesid(sesid), Tableid(tableid), &definition, structure);
        out.deliver(added.map(|added| added.value))?;
        let warning = added.ok().and_then(|added| added.warning);
        Ok(Warned { value: (), warning })
    })
}

unsafe extern "system" fn delete_column<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { delete_column2::<F>(sesid, tableid, name, 0) }
}

unsafe extern "system" fn delete_column2<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, or null.
    let name = unsafe { F::read(name) };
    answer(Subject::Session(sesid), |engine| {
        engine.delete_column(Sesid(sesid), Tableid(tableid), name.as_deref(), grbit)
    })
}

/// Options are not looked at. (jetrenamecolumn-function.md)
unsafe extern "system" fn rename_column<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
    to: *const F::Unit,
    _grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises texts that end with zero, or null.
    let (name, to) = unsafe { (F::read(name), F::read(to)) };
    answer(Subject::Session(sesid), |engine| {
        engine.rename_column(
            Sesid(sesid),
            Tableid(tableid),
            name.as_deref(),
            to.as_deref(),
        )
    })
}

unsafe extern "system" fn delete_index<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, or null.
    let name = unsafe { F::read(name) };
    answer(Subject::Session(sesid), |engine| {
        engine.delete_index(Sesid(sesid), Tableid(tableid), name.as_deref())
    })
}

unsafe extern "system" fn create_index<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
    grbit: u32,
    key: *const F::KeyUnit,
    key_size: u32,
    density: u32,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, and a key of `key_size` bytes, or nulls.
    let (name, key) = unsafe {
        (
            F::read(name),
            F::read_units(key, key_size as usize / F::UNIT),
        )
    };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, key.is_some())?;
        let index = Index::plain(name, key.unwrap_or_default(), grbit, density);
        let (result, _) =
            engine.create_index(Sesid(sesid), Tableid(tableid), &[index.definition()]);
        result
    })
}

macro_rules! creations {
    ($($function:ident: $form:ident as $kind:ident;)*) => { $(
        unsafe extern "system" fn $function<F: Form>(
            sesid: usize,
            tableid: usize,
            indexes: *const F::$form,
            count: u32,
        ) -> JET_ERR {
            const { assert!(size_of::<F::$form>() == size_of::<jet::$kind>()) };
            // SAFETY: the caller's promise is handed on; both widths have one layout.
            unsafe { create::<F, jet::$kind>(sesid, tableid, indexes.cast_mut().cast(), count) }
        }
    )* };
}
creations! {
    create_index2: IndexCreate as JET_INDEXCREATE_A;
    create_index3: IndexCreate2 as JET_INDEXCREATE2_A;
    create_index4: IndexCreate3 as JET_INDEXCREATE3_A;
}

/// Creates indexes out of structures of any kind; each that was looked at gets its code.
///
/// # Safety
/// `indexes` is null, or so many structures of the form's width with valid pointers, whose `err`
/// may be written.
unsafe fn create<F: Form, S: IndexStructure>(
    sesid: usize,
    tableid: usize,
    indexes: *mut S,
    count: u32,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, !indexes.is_null() || count == 0)?;
        // SAFETY: the caller promises so many structures.
        let given = unsafe { slice(indexes.cast_const(), count as usize) }.unwrap_or_default();
        // SAFETY: their pointers are part of the promise.
        let read = given
            .iter()
            .map(|given| unsafe { Index::read::<F, S>(given) });
        let read: Vec<Index> = read.collect();
        let sizes = read.iter().all(|index| index.has_its_size);
        engine.check_definitions(Sesid(sesid), true, sizes)?;
        let definitions: Vec<_> = read.iter().map(Index::definition).collect();
        let (result, outcomes) = engine.create_index(Sesid(sesid), Tableid(tableid), &definitions);
        for (index, outcome) in outcomes.iter().enumerate() {
            // SAFETY: no more structures were looked at than there are.
            unsafe { write_field(indexes.add(index), S::ERR, plain_code(outcome)) }
        }
        result
    })
}
