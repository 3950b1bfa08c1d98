//! Tables: creating, opening, duplicating and closing cursors, deleting, renaming.

use std::ffi::c_void;
use std::mem::offset_of;

use windows_sys::Win32::Storage::Jet as jet;

use super::border::{Subject, answer, required};
use super::output::Out;
use super::structures::{Column, Index, IndexStructure, write_field};
use super::text::{Form, Narrow, Wide, slice};
use super::update::code;
use crate::abi::{Api, JET_ERR};
use crate::model::create_table::{Created, FIRST_HAS_NONE, RESULTS, TableDefinition, warning};
use crate::model::handles::{Dbid, Sesid, Tableid};
use crate::model::outcome::{Jet, Warned};
use crate::model::outputs::LEFT_ALONE;
use crate::model::stored_callback::{LATER_STRUCTURES, TABLE_WIDE_NAME};

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetCloseTable: Some(close_table),
        JetCreateTableA: Some(create_table::<Narrow>),
        JetCreateTableW: Some(create_table::<Wide>),
        JetCreateTableColumnIndexA: Some(create_table_column_index::<Narrow>),
        JetCreateTableColumnIndexW: Some(create_table_column_index::<Wide>),
        JetCreateTableColumnIndex2A: Some(create_table_column_index2::<Narrow>),
        JetCreateTableColumnIndex2W: Some(create_table_column_index2::<Wide>),
        JetCreateTableColumnIndex3A: Some(create_table_column_index3::<Narrow>),
        JetCreateTableColumnIndex3W: Some(create_table_column_index3::<Wide>),
        JetCreateTableColumnIndex4A: Some(create_table_column_index4::<Narrow>),
        JetCreateTableColumnIndex4W: Some(create_table_column_index4::<Wide>),
        JetDeleteTableA: Some(delete_table::<Narrow>),
        JetDeleteTableW: Some(delete_table::<Wide>),
        JetDupCursor: Some(dup_cursor),
        JetOpenTableA: Some(open_table::<Narrow>),
        JetOpenTableW: Some(open_table::<Wide>),
        JetRenameTableA: Some(rename_table::<Narrow>),
        JetRenameTableW: Some(rename_table::<Wide>),
        ..api
    }
}

/// The parameters are reserved. (jetopentable-function.md)
unsafe extern "system" fn open_table<F: Form>(
    sesid: usize,
    dbid: u32,
    name: *const F::Unit,
    _parameters: *const c_void,
    _parameters_size: u32,
    grbit: u32,
    ptableid: *mut usize,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(ptableid) };
    // SAFETY: the caller promises text that ends with zero, or null.
    let name = unsafe { F::read(name) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, out.given())?;
        let opened = engine.open_table(Sesid(sesid), Dbid(dbid), name.as_deref(), grbit);
        out.deliver(opened.map(|tableid| tableid.0))
    })
}

/// Options are not looked at. (jetdupcursor-function.md)
unsafe extern "system" fn dup_cursor(
    sesid: usize,
    tableid: usize,
    ptableid: *mut usize,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(ptableid) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, out.given())?;
        let opened = engine.dup_cursor(Sesid(sesid), Tableid(tableid), grbit);
        out.deliver(opened.map(|tableid| tableid.0))
    })
}

unsafe extern "system" fn close_table(sesid: usize, tableid: usize) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.close_table(Sesid(sesid), Tableid(tableid))
    })
}

unsafe extern "system" fn delete_table<F: Form>(
    sesid: usize,
    dbid: u32,
    name: *const F::Unit,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, or null.
    let name = unsafe { F::read(name) };
    answer(Subject::Session(sesid), |engine| {
        engine.delete_table(Sesid(sesid), Dbid(dbid), name.as_deref())
    })
}

unsafe extern "system" fn rename_table<F: Form>(
    sesid: usize,
    dbid: u32,
    name: *const F::Unit,
    to: *const F::Unit,
) -> JET_ERR {
    // SAFETY: the caller promises texts that end with zero, or null.
    let (name, to) = unsafe { (F::read(name), F::read(to)) };
    answer(Subject::Session(sesid), |engine| {
        engine.rename_table(Sesid(sesid), Dbid(dbid), name.as_deref(), to.as_deref())
    })
}

unsafe extern "system" fn create_table<F: Form>(
    sesid: usize,
    dbid: u32,
    name: *const F::Unit,
    pages: u32,
    density: u32,
    ptableid: *mut usize,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(ptableid) };
    // SAFETY: the caller promises text that ends with zero, or null.
    let name = unsafe { F::read(name) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, out.given())?;
        let definition = TableDefinition {
            name: name.as_deref(),
            pages,
            density,
            ..TableDefinition::default()
        };
        let (result, _) = engine.create_table(Sesid(sesid), Dbid(dbid), &definition);
        out.deliver(result.map(|tableid| tableid.0))
    })
}

/// What the four kinds of JET_TABLECREATE have in common, and where they differ.
struct TableFields<S> {
    name: *const u8,
    template: *const u8,
    pages: u32,
    density: u32,
    columns: *mut jet::JET_COLUMNCREATE_A,
    column_count: u32,
    indexes: *mut S,
    index_count: u32,
    callback: *const u8,
    cbtyp: u32,
    grbit: u32,
}

/// A kind of JET_TABLECREATE.
trait TableStructure: Copy {
    /// The kind of JET_INDEXCREATE that it takes.
    type Index: IndexStructure;
    /// What it has in common with the others.
    fn fields(&self) -> TableFields<Self::Index>;
    /// Whether its size is judged before the gates that come after the session handle.
    const SIZE_FIRST: bool;
    /// Whether it came after JET_TABLECREATE2.
    const LATER: bool;
    /// Where its `tableid` is.
    const TABLEID: usize;
    /// Where its `cCreated` is.
    const CREATED: usize;
}

macro_rules! table_structures {
    ($($kind:ident of $index:ident, $first:literal, $later:literal, |$given:ident| $callback:expr, $cbtyp:expr;)*) => { $(
        impl TableStructure for jet::$kind {
            type Index = jet::$index;
            const SIZE_FIRST: bool = $first;
            const LATER: bool = $later;
            const TABLEID: usize = offset_of!(jet::$kind, tableid);
            const CREATED: usize = offset_of!(jet::$kind, cCreated);

            fn fields(&self) -> TableFields<Self::Index> {
                let $given = self;
                TableFields {
                    name: $given.szTableName,
                    template: $given.szTemplateTableName,
                    pages: $given.ulPages,
                    density: $given.ulDensity,
                    columns: $given.rgcolumncreate,
                    column_count: $given.cColumns,
                    indexes: $given.rgindexcreate,
                    index_count: $given.cIndexes,
                    callback: $callback,
                    cbtyp: $cbtyp,
                    grbit: $given.grbit,
                }
            }
        }
    )* };
}
table_structures! {
    JET_TABLECREATE_A of JET_INDEXCREATE_A, false, false, |given| std::ptr::null(), 0;
    JET_TABLECREATE2_A of JET_INDEXCREATE_A, true, false, |given| given.szCallback, given.cbtyp;
    JET_TABLECREATE3_A of JET_INDEXCREATE2_A, true, true, |given| given.szCallback, given.cbtyp;
    JET_TABLECREATE4_A of JET_INDEXCREATE3_A, true, true, |given| given.szCallback, given.cbtyp;
}

macro_rules! creations {
    ($($function:ident: $form:ident as $kind:ident;)*) => { $(
        unsafe extern "system" fn $function<F: Form>(
            sesid: usize,
            dbid: u32,
            ptablecreate: *mut F::$form,
        ) -> JET_ERR {
            const { assert!(size_of::<F::$form>() == size_of::<jet::$kind>()) };
            // SAFETY: the caller's promise is handed on; both widths have one layout.
            unsafe { create::<F, jet::$kind>(sesid, dbid, ptablecreate.cast()) }
        }
    )* };
}
creations! {
    create_table_column_index: TableCreate as JET_TABLECREATE_A;
    create_table_column_index2: TableCreate2 as JET_TABLECREATE2_A;
    create_table_column_index3: TableCreate3 as JET_TABLECREATE3_A;
    create_table_column_index4: TableCreate4 as JET_TABLECREATE4_A;
}

/// Creates a table out of a structure of any kind.
///
/// # Safety
/// `given` is null, or a structure of the form's width with valid pointers, which may be written.
unsafe fn create<F: Form, S: TableStructure>(sesid: usize, dbid: u32, given: *mut S) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, !given.is_null())?;
        // SAFETY: the caller promises that the structure begins with its size.
        let size = unsafe { given.cast::<u32>().read_unaligned() };
        let has_its_size = size as usize == size_of::<S>();
        engine.check_table_create(Sesid(sesid), has_its_size, S::SIZE_FIRST)?;
        // SAFETY: the caller promises the structure.
        let fields = unsafe { given.read_unaligned() }.fields();
        let columns = fields.column_count == 0 || !fields.columns.is_null();
        let indexes = fields.index_count == 0 || !fields.indexes.is_null();
        engine.check_arrays(Sesid(sesid), columns, indexes)?;
        // SAFETY: its pointers are part of the promise.
        let read = unsafe { Read::new::<F, S>(&fields) };
        let columns = read.columns.iter().all(|column| column.has_its_size);
        let indexes = read.indexes.iter().all(|index| index.has_its_size);
        engine.check_definitions(Sesid(sesid), columns, indexes)?;
        let definition = read.definition(&fields);
        let (result, created) = engine.create_table(Sesid(sesid), Dbid(dbid), &definition);
        // SAFETY: the structure may be written.
        unsafe {
            if RESULTS.holds() {
                write_back(&fields, &created);
            }
            let callback = u32::from(!S::SIZE_FIRST && !FIRST_HAS_NONE.holds());
            write_field(given, S::CREATED, created.count + callback);
            match &result {
                Ok(tableid) => write_field(given, S::TABLEID, tableid.0),
                Err(_) if !LEFT_ALONE.holds() => write_field(given, S::TABLEID, 0usize),
                Err(_) => {}
            }
        }
        result.map(|_| Warned {
            value: (),
            warning: warning(&created),
        })
    })
}

/// What the structure points to.
struct Read {
    name: Option<String>,
    template: Option<String>,
    columns: Vec<Column>,
    indexes: Vec<Index>,
    callback: Option<String>,
}

impl Read {
    /// # Safety
    /// The pointers are null or what their fields say, texts in the form's width.
    unsafe fn new<F: Form, S: TableStructure>(fields: &TableFields<S::Index>) -> Self {
        // SAFETY: as promised.
        let (columns, indexes) = unsafe {
            (
                slice(fields.columns.cast_const(), fields.column_count as usize),
                slice(fields.indexes.cast_const(), fields.index_count as usize),
            )
        };
        let columns = columns.unwrap_or_default().iter();
        let indexes = indexes.unwrap_or_default().iter();
        // SAFETY: as promised.
        unsafe {
            Self {
                name: F::read(fields.name.cast()),
                template: F::read(fields.template.cast()),
                columns: columns
                    .map(|given| Column::of_creation::<F>(given))
                    .collect(),
                indexes: indexes.map(|given| Index::read::<F, _>(given)).collect(),
                callback: if S::LATER && !LATER_STRUCTURES.holds() {
                    None
                } else if TABLE_WIDE_NAME.holds() {
                    F::read(fields.callback.cast())
                } else {
                    Narrow::read(fields.callback.cast())
                },
            }
        }
    }

    fn definition<S>(&self, fields: &TableFields<S>) -> TableDefinition<'_> {
        let callback = self.callback.as_deref();
        TableDefinition {
            name: self.name.as_deref(),
            template: self.template.as_deref(),
            pages: fields.pages,
            density: fields.density,
            columns: self.columns.iter().map(Column::definition).collect(),
            indexes: self.indexes.iter().map(Index::definition).collect(),
            callback: callback.map(str::as_bytes),
            cbtyp: fields.cbtyp,
            grbit: fields.grbit,
        }
    }
}

/// Writes columnids and codes into the structures of columns and indexes that were looked at.
///
/// # Safety
/// The arrays of the structure may be written.
unsafe fn write_back<S: IndexStructure>(fields: &TableFields<S>, created: &Created) {
    for (index, outcome) in created.columns.iter().enumerate() {
        // SAFETY: no more columns were looked at than there are.
        let column = unsafe { &mut *fields.columns.add(index) };
        column.err = code(outcome);
        if let Ok(added) = outcome {
            column.columnid = added.value;
        }
    }
    for (index, outcome) in created.indexes.iter().enumerate() {
        // SAFETY: no more indexes were looked at than there are.
        unsafe { write_field(fields.indexes.add(index), S::ERR, plain_code(outcome)) }
    }
}

/// The return code of something without warnings.
pub(super) fn plain_code(outcome: &Jet<()>) -> JET_ERR {
    outcome.map_or_else(|error| error.code(), |()| 0)
}
