//! JetGetTableInfo. (jetgettableinfo-function.md)

use super::engine::Engine;
use super::gate::Call;
use super::handles::{Dbid, Sesid, TableKey, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::settings::id;
use super::store::Order;
use super::table::Table;
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
    /// Its kind and what it allows are told of a table. (jet-objectinfo-structure.md)
    OBJECT = "table/info-object";
    /// The name is also told at another level. (jetgettableinfo-function.md)
    MOST_MANY = "table/info-most-many";
    /// One obsolete level has an error of its own. (jetgettableinfo-function.md)
    RVT = "table/info-rvt";
    /// The database of the table is told. (jetgettableinfo-function.md)
    DBID = "table/info-dbid";
    /// The pages that were asked for and the density are told. (jetgettableinfo-function.md)
    SPACE_ALLOC = "table/info-space-alloc";
    /// The buffer has room for the numbers. (jetgettableinfo-function.md)
    SPACE_ROOM = "table/info-space-room";
    /// The pages that the table owns are told. (jetgettableinfo-function.md)
    SPACE_OWNED = "table/info-space-owned";
    /// The pages of the table that are free are told. (jetgettableinfo-function.md)
    SPACE_AVAILABLE = "table/info-space-available";
    /// The template of the table is told. (jetgettableinfo-function.md)
    TEMPLATE_NAME = "table/info-template-name";
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

/// `JET_bitTableInfoUpdatable` (jet-objectinfo-structure.md)
const UPDATABLE: u32 = 0x1;
/// `JET_bitTableInfoBookmark`, `JET_bitTableInfoRollback` (jet-objectinfo-structure.md)
const ALWAYS: u32 = 0x2 | 0x4;
/// `JET_bitObjectTableTemplate`, `JET_bitObjectTableDerived`, `JET_bitObjectTableFixedDDL`
mod flags {
    pub const FIXED_DDL: u32 = 0x4000_0000;
    pub const TEMPLATE: u32 = 0x2000_0000;
    pub const DERIVED: u32 = 0x1000_0000;
}

/// The levels, `JET_TblInfo` and the like. (jetgettableinfo-function.md)
mod level {
    pub const TABLE: u32 = 0;
    pub const NAME: u32 = 1;
    pub const DBID: u32 = 2;
    pub const MOST_MANY: u32 = 3;
    pub const RVT: u32 = 4;
    pub const SPACE_USAGE: u32 = 7;
    pub const SPACE_ALLOC: u32 = 9;
    pub const SPACE_OWNED: u32 = 10;
    pub const SPACE_AVAILABLE: u32 = 11;
    pub const TEMPLATE_NAME: u32 = 12;
}

/// What a call says beside its level.
struct Asked {
    /// `cbMax`
    size: u32,
    /// The size of a unit of the caller's text.
    unit: u32,
    /// Whether the table is a temporary one.
    temporary: bool,
}

impl Asked {
    fn check_room(&self, needed: u32) -> Jet<()> {
        BUFFER.refuse(self.size < needed, JetError::BufferTooSmall)
    }

    /// Refuses a buffer that has no room for so many numbers about space.
    fn check_numbers(&self, count: u32) -> Jet<()> {
        let error = match quirks::SPACE_ROOM_IS_A_PARAMETER.genuine() {
            true => JetError::InvalidParameter,
            false => JetError::BufferTooSmall,
        };
        SPACE_ROOM.refuse(self.size < count * 4, error)
    }

    fn check_stored(&self, error: JetError) -> Jet<()> {
        TEMPORARY.refuse(self.temporary, error)
    }

    fn name(&self, table: &Table) -> Jet<TableAnswer> {
        self.check_stored(JetError::InvalidOperation)?;
        let name = table.name.as_str();
        self.check_room((name.chars().count() as u32 + 1) * self.unit)?;
        Ok(TableAnswer::Text(match (INFO.holds(), NAME_KEPT.holds()) {
            (true, true) => name.to_owned(),
            (true, false) => name.to_lowercase(),
            (false, _) => String::new(),
        }))
    }

    /// The database twice as far as there is room; by the published engine once.
    fn database(&self, dbid: Dbid) -> Jet<TableAnswer> {
        self.check_stored(JetError::InvalidOperation)?;
        self.check_room(4)?;
        let once = quirks::DATABASE_TOLD_ONCE.genuine() || self.size < 8;
        let told = if DBID.holds() { dbid } else { Dbid::NIL };
        Ok(TableAnswer::Numbers(vec![told.0; if once { 1 } else { 2 }]))
    }
}

/// The pages of a table with its indexes and long values.
struct Space {
    owned: u32,
    available: u32,
}

impl Call<'_> {
    /// The pages of a table: those that it was made with, and as many more as its records need.
    fn space_of(&self, sesid: Sesid, key: TableKey) -> Jet<Space> {
        let table = self.table(key)?;
        let bytes = self.bytes_of_table(key, self.view(sesid)?)?;
        let settings = &self.instance(self.instance)?.settings;
        let used = bytes / settings.number(id::DATABASE_PAGE_SIZE).max(1) + 1;
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        let owned = match SPACE_OWNED.holds() {
            true => used.max(table.options.pages),
            false => table.options.pages.max(1),
        };
        let available = match SPACE_AVAILABLE.holds() {
            true => owned.saturating_sub(used),
            false => owned,
        };
        Ok(Space { owned, available })
    }
}

/// The size of a name with its end, in units. (jetgettableinfo-function.md)
const NAME_UNITS: u32 = 65;

impl Engine {
    /// JetGetTableInfo. `size` is `cbMax`, `unit` the size of a unit of the caller's text,
    /// `object_size` that of JET_OBJECTINFO. (jetgettableinfo-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errFeatureNotAvailable`, `JET_errQueryNotSupported`,
    /// `JET_errBufferTooSmall`, `JET_errInvalidBufferSize`, `JET_errInvalidOperation` and
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
        TELLS.allow(true, JetError::ObjectNotFound)?;
        let asked = Asked {
            size,
            unit,
            temporary: cursor.dbid == Dbid::TEMPORARY,
        };
        let table = call.table(cursor.table)?;
        match level {
            level::TABLE => {
                asked.check_room(object_size)?;
                asked.check_stored(JetError::ObjectNotFound)?;
                drop(call);
                self.object_of_cursor(sesid, tableid)
                    .map(TableAnswer::Object)
            }
            level::NAME => asked.name(table),
            level::MOST_MANY if !quirks::MOST_MANY_OBSOLETE.genuine() && MOST_MANY.holds() => {
                asked.name(table)
            }
            level::DBID => asked.database(cursor.dbid),
            level::RVT if !quirks::RVT_LIKE_THE_OTHERS.genuine() => {
                Err(RVT.error(JetError::QueryNotSupported))
            }
            level::SPACE_USAGE => {
                asked.check_numbers(2)?;
                let space = call.space_of(sesid, cursor.table)?;
                Ok(TableAnswer::Numbers(vec![space.owned, space.available]))
            }
            level::SPACE_ALLOC => {
                asked.check_stored(JetError::ObjectNotFound)?;
                asked.check_room(8)?;
                Ok(TableAnswer::Numbers(match SPACE_ALLOC.holds() {
                    true => vec![table.options.pages.max(1), table.options.density],
                    false => vec![0, 0],
                }))
            }
            level::SPACE_OWNED => {
                asked.check_numbers(1)?;
                let space = call.space_of(sesid, cursor.table)?;
                Ok(TableAnswer::Numbers(vec![space.owned]))
            }
            level::SPACE_AVAILABLE => {
                SIZE.refuse(size != 4, JetError::InvalidBufferSize)?;
                let space = call.space_of(sesid, cursor.table)?;
                Ok(TableAnswer::Numbers(vec![space.available]))
            }
            level::TEMPLATE_NAME => {
                asked.check_stored(JetError::InvalidOperation)?;
                asked.check_room(NAME_UNITS * unit)?;
                let template = match TEMPLATE_NAME.holds() {
                    true => table.template.and_then(|key| call.table(key).ok()),
                    false => Some(table),
                };
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
        if !OBJECT.holds() {
            return Ok(ObjectInformation::default());
        }
        Ok(ObjectInformation {
            grbit: ALWAYS | flag(cursor.mode.updatable, UPDATABLE),
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
