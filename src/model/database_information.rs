//! JetGetDatabaseInfo and JetGetObjectInfo.
//!
//! (jetgetdatabaseinfo-function.md, jetgetobjectinfo-function.md, jet-objectlist-structure.md)

use super::database_file_information::{check_misc_size, misc};
use super::engine::Engine;
use super::gate::Entry;
use super::handles::{Dbid, Sesid};
use super::limits;
use super::listing::{Cell, ListColumn, Listing};
use super::name::{Name, Named};
use super::outcome::Jet;
use super::rules::rules;
use super::table_information::ObjectInformation;
use super::value::coltyp::Coltyp;
use crate::abi::errors::JetError;

rules! {
    /// The object is told about. (jetgetobjectinfo-function.md)
    OBJECT = "table/object-info";
    /// The name keeps the rules of names. (jetgetobjectinfo-function.md)
    OBJECT_NAME = "table/object-info-name";
    /// What the level asks for is told. (jetgetdatabaseinfo-function.md)
    INFO = "database/info";
    /// The buffer has room, or just the size. (jetgetdatabaseinfo-function.md)
    SIZE = "database/info-size";
    /// The level is a listed one. (jetgetdatabaseinfo-function.md)
    LEVEL = "database/info-level";
    /// And not obsolete. (jetgetdatabaseinfo-function.md)
    OBSOLETE = "database/info-obsolete";
    /// The buffer has room. (jetgetobjectinfo-function.md)
    OBJECT_BUFFER = "table/object-info-buffer";
    /// The level is a listed one. (jetgetobjectinfo-function.md)
    OBJECT_LEVEL = "table/object-info-level";
    /// The object exists. (jetgetobjectinfo-function.md)
    OBJECT_FOUND = "table/object-info-found";
}

/// What a call of JetGetDatabaseInfo tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseAnswer {
    /// Text.
    Text(String),
    /// A number of 32 bits.
    Number(u32),
    /// A structure.
    Bytes(Vec<u8>),
}

/// What is told of every database alike: language, code page, levels, version.
mod constant {
    pub const COUNTRY: u32 = 1;
    pub const LANGUAGE: u32 = 1033;
    pub const CODE_PAGE: u32 = 1252;
    pub const COLLATE: u32 = 0;
    /// One more than the deepest level of transactions.
    pub const TRANSACTIONS: u32 = 8;
    pub const VERSION: u32 = 0x620;
}

/// `JET_bitDbExclusive`
const EXCLUSIVE: u32 = 0x2;

impl Engine {
    /// JetGetDatabaseInfo. `size` is `cbMax`, `unit` the size of a unit of the caller's text.
    /// (jetgetdatabaseinfo-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidDatabaseId`, `JET_errFeatureNotAvailable`,
    /// `JET_errInvalidParameter`, `JET_errBufferTooSmall`, `JET_errInvalidBufferSize`.
    pub fn database_info(
        &self,
        sesid: Sesid,
        dbid: Dbid,
        level: u32,
        size: u32,
        unit: u32,
    ) -> Jet<DatabaseAnswer> {
        let call = self.enter_session(sesid, Entry::Usual)?;
        let database = call.database_of(sesid, dbid)?;
        let room = |needed: u32| SIZE.refuse(size < needed, JetError::BufferTooSmall);
        let exact = |error| SIZE.refuse(size != 4, error);
        let page_size = database.file.as_ref().map(|file| file.header.page_size);
        let page_size = page_size.unwrap_or(limits::PAGE_SIZE_USUAL);
        let number = match level {
            0 => {
                let path = database.path.to_string_lossy().into_owned();
                room((path.chars().count() as u32 + 1) * unit)?;
                return Ok(DatabaseAnswer::Text(path));
            }
            1 => {
                room(unit)?;
                return Ok(DatabaseAnswer::Text(String::new()));
            }
            9 => return Err(OBSOLETE.error(JetError::FeatureNotAvailable)),
            10 | 11 => {
                exact(JetError::InvalidBufferSize)?;
                let bytes = std::fs::metadata(&database.path).map_or(0, |file| file.len());
                u32::try_from(bytes / u64::from(page_size)).unwrap_or(u32::MAX)
            }
            12 => {
                SIZE.refuse(size < 4, JetError::BufferTooSmall)?;
                0
            }
            14 => {
                check_misc_size(size)?;
                let header = database.file.as_ref().map(|file| &file.header);
                let header = header.ok_or_else(|| LEVEL.error(JetError::InvalidParameter))?;
                return Ok(DatabaseAnswer::Bytes(misc(header, size as usize)));
            }
            17 => {
                exact(JetError::BufferTooSmall)?;
                page_size
            }
            2..=8 => {
                exact(JetError::InvalidBufferSize)?;
                match level {
                    2 => constant::COUNTRY,
                    3 => constant::LANGUAGE,
                    4 => constant::CODE_PAGE,
                    5 => constant::COLLATE,
                    6 if database.exclusive.is_some() => EXCLUSIVE,
                    6 => 0,
                    7 => constant::TRANSACTIONS,
                    _ => constant::VERSION,
                }
            }
            _ => return Err(LEVEL.error(JetError::InvalidParameter)),
        };
        Ok(DatabaseAnswer::Number(if INFO.holds() {
            number
        } else {
            0
        }))
    }
}

/// What a call of JetGetObjectInfo tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectAnswer {
    /// One table.
    One(ObjectInformation),
    /// All tables.
    Many(Listing),
}

/// The columns of a list, in the order of the columnids of JET_OBJECTLIST.
const LIST: [ListColumn; 9] = [
    ListColumn::of(Coltyp::Text),
    ListColumn::key(Coltyp::Text),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::DateTime),
    ListColumn::of(Coltyp::DateTime),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Long),
    ListColumn::of(Coltyp::Long),
];

/// `JET_objtypTable` and the container of tables.
const TABLE: u32 = 1;
const CONTAINER: &str = "Tables";
/// `JET_bitTableReadOnly`
const READ_ONLY: u32 = 0x4;

/// Whether a level of JetGetObjectInfo lists all objects.
///
/// # Errors
/// `JET_errFeatureNotAvailable` for an obsolete level, `JET_errInvalidParameter` for none.
pub fn read_object_level(level: u32) -> Jet<bool> {
    match level {
        0 | 5 => Ok(false),
        1 | 2 => Ok(true),
        3 | 4 | 6 | 7 => Err(OBJECT_LEVEL.error(JetError::FeatureNotAvailable)),
        _ => Err(OBJECT_LEVEL.error(JetError::InvalidParameter)),
    }
}

impl Engine {
    /// JetGetObjectInfo. `lists` is what [`read_object_level`] tells, `fits` that the buffer has
    /// room, `object_size` the size of JET_OBJECTINFO, `wide` the width of texts in a list.
    /// (jetgetobjectinfo-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidDatabaseId`, `JET_errBufferTooSmall`,
    /// `JET_errInvalidName`, `JET_errObjectNotFound`.
    pub fn object_info(
        &self,
        sesid: Sesid,
        dbid: Dbid,
        name: Option<&str>,
        lists: Jet<bool>,
        fits: bool,
        wide: bool,
    ) -> Jet<ObjectAnswer> {
        let call = self.enter_session(sesid, Entry::Usual)?;
        let home = (call.instance, call.database_of(sesid, dbid)?.dbid);
        let lists = lists?;
        OBJECT_BUFFER.refuse(!fits, JetError::BufferTooSmall)?;
        let view = call.view(sesid)?;
        let mut names: Vec<String> = call
            .tables_in(home)
            .into_iter()
            .filter_map(|key| call.table(key).ok())
            .filter(|table| table.exists(view))
            .map(|table| table.name.as_str().to_owned())
            .collect();
        drop(call);
        names.sort();
        if lists {
            let rows: Jet<Vec<Vec<Cell>>> = names
                .iter()
                .map(|name| Ok(row(name, &self.one_object(sesid, dbid, name)?)))
                .collect();
            return self
                .list(sesid, &LIST, &rows?, wide)
                .map(ObjectAnswer::Many);
        }
        let wanted = Name::parse(Named::Table, name);
        let wanted = wanted.map_err(|error| OBJECT_NAME.error(error))?;
        OBJECT.allow(true, JetError::ObjectNotFound)?;
        let found = names.iter().find(|name| Name::own(name) == wanted);
        let found = found.ok_or_else(|| OBJECT_FOUND.error(JetError::ObjectNotFound))?;
        self.one_object(sesid, dbid, found).map(ObjectAnswer::One)
    }

    fn one_object(&self, sesid: Sesid, dbid: Dbid, name: &str) -> Jet<ObjectInformation> {
        let tableid = self.open_table(sesid, dbid, Some(name), READ_ONLY)?;
        let told = self.object_of_cursor(sesid, tableid);
        self.close_table(sesid, tableid)?;
        told
    }
}

fn row(name: &str, object: &ObjectInformation) -> Vec<Cell> {
    let number = |number: u32| Cell::Number(number.into());
    vec![
        Cell::Text(CONTAINER.to_owned()),
        Cell::Text(name.to_owned()),
        number(TABLE),
        Cell::Null,
        Cell::Null,
        number(object.grbit),
        number(object.flags),
        number(object.records),
        number(object.pages),
    ]
}
