//! JetGetTableInfo. (jetgettableinfo-function.md)

use super::engine::Engine;
use super::handles::{Dbid, Sesid, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::rules::rules;
use super::store::Order;
use crate::abi::errors::JetError;

rules! {
    /// What the level asks for is told. (jetgettableinfo-function.md)
    INFO = "table/info";
    /// A name is told as it was first written.
    NAME_KEPT = "table/name-kept";
    /// The level is a listed one and not obsolete. (jetgettableinfo-function.md)
    LEVEL = "table/info-level";
    /// The buffer has room. (jetgettableinfo-function.md)
    BUFFER = "table/info-buffer";
    /// What must have just the size. (jetgettableinfo-function.md)
    SIZE = "table/info-size";
    /// What the level asks for is told. (jetgettableinfo-function.md)
    TELLS = "table/info";
    /// What a temporary table cannot tell. (jetgettableinfo-function.md)
    TEMPORARY = "table/info-temporary";
    /// JetGetCursorInfo has no levels and no output. (jetgetcursorinfo-function.md)
    CURSOR_LEVEL = "cursor/info-level";
}

/// What a call of JetGetTableInfo tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableAnswer {
    /// A JET_OBJECTINFO.
    Object(ObjectInformation),
    /// Text.
    Text(String),
    /// Numbers of 32 bits.
    Numbers(Vec<u32>),
}

/// What is told of a table. (jet-objectinfo-structure.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ObjectInformation {
    /// `grbit`
    pub grbit: u32,
    /// `flags`
    pub flags: u32,
    /// `cRecord`
    pub records: u32,
    /// `cPage`
    pub pages: u32,
}

/// `JET_bitTableInfoUpdatable`, `JET_bitTableInfoBookmark`, `JET_bitTableInfoRollback`
/// (jet-objectinfo-structure.md)
const UPDATABLE: u32 = 0x7;
/// `JET_bitObjectTableTemplate`, `JET_bitObjectTableDerived`, `JET_bitObjectTableFixedDDL`
mod flags {
    pub const FIXED_DDL: u32 = 0x4000_0000;
    pub const TEMPLATE: u32 = 0x2000_0000;
    pub const DERIVED: u32 = 0x1000_0000;
}

/// The size of a name with its end, in units. (jetgettableinfo-function.md)
const NAME_UNITS: u32 = 65;

impl Engine {
    /// JetGetTableInfo. `size` is `cbMax`, `unit` the size of a unit of the caller's text,
    /// `object_size` that of JET_OBJECTINFO. (jetgettableinfo-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errFeatureNotAvailable`, `JET_errBufferTooSmall`, `JET_errInvalidBufferSize`, `JET_errInvalidOperation` and
    /// `JET_errObjectNotFound` for a temporary table.
    pub fn table_info(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        level: u32,
        size: u32,
        unit: u32,
        object_size: u32,
    ) -> Jet<TableAnswer> {
        let call = self.enter_cursor(sesid, tableid, Operation::GetTableInfo)?;
        let cursor = call.cursor(tableid)?;
        let table = call.table(cursor.table)?;
        let temporary = cursor.dbid == Dbid::TEMPORARY;
        let room = |needed: u32| BUFFER.refuse(size < needed, JetError::BufferTooSmall);
        let stored = |error| TEMPORARY.refuse(temporary, error);
        TELLS.allow(true, JetError::ObjectNotFound)?;
        let options = &table.options;
        match level {
            0 => {
                room(object_size)?;
                stored(JetError::ObjectNotFound)?;
                drop(call);
                self.object_of_cursor(sesid, tableid)
                    .map(TableAnswer::Object)
            }
            1 => {
                stored(JetError::InvalidOperation)?;
                let name = table.name.as_str();
                room((name.chars().count() as u32 + 1) * unit)?;
                Ok(TableAnswer::Text(match (INFO.holds(), NAME_KEPT.holds()) {
                    (true, true) => name.to_owned(),
                    (true, false) => name.to_lowercase(),
                    (false, _) => String::new(),
                }))
            }
            2 => {
                room(4)?;
                Ok(TableAnswer::Numbers(vec![cursor.dbid.0; 2]))
            }
            7 | 9 => {
                stored(JetError::ObjectNotFound)?;
                room(8)?;
                Ok(TableAnswer::Numbers(vec![
                    options.pages.max(1),
                    options.density,
                ]))
            }
            10 => {
                stored(JetError::ObjectNotFound)?;
                room(4)?;
                Ok(TableAnswer::Numbers(vec![options.pages.max(1)]))
            }
            11 => {
                stored(JetError::ObjectNotFound)?;
                SIZE.refuse(size != 4, JetError::InvalidBufferSize)?;
                Ok(TableAnswer::Numbers(vec![0]))
            }
            12 => {
                room(NAME_UNITS * unit)?;
                let template = table.template.and_then(|key| call.table(key).ok());
                let name = template.map_or("", |template| template.name.as_str());
                Ok(TableAnswer::Text(name.to_owned()))
            }
            _ => Err(LEVEL.error(JetError::FeatureNotAvailable)),
        }
    }

    /// What is told of the table of a cursor.
    pub(super) fn object_of_cursor(
        &self,
        sesid: Sesid,
        tableid: Tableid,
    ) -> Jet<ObjectInformation> {
        let call = self.enter_cursor(sesid, tableid, Operation::GetTableInfo)?;
        let cursor = call.cursor(tableid)?;
        let table = call.table(cursor.table)?;
        let options = &table.options;
        let view = call.view(sesid)?;
        let records = table.rows.entries(view, Order::Primary).count() as u32;
        let flag = |set: bool, flag| if set { flag } else { 0 };
        Ok(ObjectInformation {
            grbit: flag(cursor.mode.updatable, UPDATABLE),
            flags: flag(options.fixed_ddl, flags::FIXED_DDL)
                | flag(options.template, flags::TEMPLATE)
                | flag(table.template.is_some(), flags::DERIVED),
            records,
            pages: options.pages.max(1),
        })
    }

    /// Refuses an output or a level of JetGetCursorInfo. (jetgetcursorinfo-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, then `JET_errInvalidParameter`.
    pub fn check_cursor_info(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        size: u32,
        level: u32,
    ) -> Jet<()> {
        self.enter_cursor(sesid, tableid, Operation::GetCursorInfo)?;
        CURSOR_LEVEL.refuse(size != 0 || level != 0, JetError::InvalidParameter)
    }
}
