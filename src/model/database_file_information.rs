//! JetGetDatabaseFileInfo, and the header of a database as JetGetDatabaseInfo tells it.
//!
//! (jetgetdatabasefileinfo-function.md, jet-dbinfomisc-structure.md, jet-dbinfoupgrade-structure.md)

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::durable::checkpoint::Checkpoint;
use super::durable::header::{BackupNote, DatabaseState, Header, Moment};
use super::durable::image::{self, ImageError};
use super::durable::log;
use super::engine::Engine;
use super::first_files::is_temporary;
use super::outcome::Jet;
use super::path::complete;
use super::quirks;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// What is told of a file is true of it. (jetgetdatabasefileinfo-function.md)
    FILE_INFO = "database/file-info";
    /// The buffer has just the size. (jetgetdatabasefileinfo-function.md)
    SIZE = "database/file-info-size";
    /// The level is a listed one. (jetgetdatabasefileinfo-function.md)
    LEVEL = "database/file-info-level";
    /// A level that is no longer supported. (jetgetdatabasefileinfo-function.md)
    OBSOLETE = "database/file-info-obsolete";
    /// The file exists.
    MISSING = "database/file-info-missing";
    /// The state of the database. (jet-dbinfomisc-structure.md)
    STATE = "database/misc-state";
    /// The logs that it needs. (jet-dbinfomisc4-structure.md)
    REQUIRED = "database/misc-required";
    /// A time that there is not is all zero. (jet-logtime-structure.md)
    NO_TIME = "log/time-none";
    /// Its last backups. (jet-dbinfomisc-structure.md)
    BACKUPS = "database/misc-backups";
    /// What kind of file it is. (jetgetdatabasefileinfo-function.md)
    FILE_TYPE = "database/file-type";
    /// Or that it is none of the engine's. (jetgetdatabasefileinfo-function.md)
    FILE_TYPE_UNKNOWN = "database/file-type-unknown";
    /// Or a temporary database. (jetgetdatabasefileinfo-function.md)
    FILE_TYPE_TEMPORARY = "database/file-type-temporary";
}

/// The sizes of JET_DBINFOMISC, 2, 3 and 4 in bytes.
const MISC_SIZES: [u32; 4] = [216, 296, 300, 348];
/// The size of JET_DBINFOUPGRADE in bytes.
const UPGRADE_SIZE: u32 = 28;

/// Kinds of files. (jetgetdatabasefileinfo-function.md)
mod filetype {
    pub const UNKNOWN: u32 = 0;
    pub const DATABASE: u32 = 1;
    pub const LOG: u32 = 3;
    pub const CHECKPOINT: u32 = 4;
    pub const TEMPORARY: u32 = 5;
}

/// The format of database files, as JET_DBINFOMISC tells it.
const VERSION: (u32, u32) = (0x620, 0x11);

impl Engine {
    /// JetGetDatabaseFileInfo: the bytes for a buffer of that size.
    /// (jetgetdatabasefileinfo-function.md)
    ///
    /// # Errors
    /// `JET_errFeatureNotAvailable` for an obsolete level, `JET_errInvalidParameter` for none,
    /// `JET_errInvalidBufferSize`, `JET_errFileNotFound`, and what is wrong with the file.
    pub fn database_file_info(&self, name: Option<&str>, level: u32, size: u32) -> Jet<Vec<u8>> {
        let exact =
            |sizes: &[u32]| SIZE.refuse(!sizes.contains(&size), JetError::InvalidBufferSize);
        match level {
            10 | 21 => exact(&[8])?,
            13 => exact(&[UPGRADE_SIZE])?,
            14 => exact(&MISC_SIZES)?,
            15 | 17 | 19 => exact(&[4])?,
            9 if !quirks::FILE_INFO_OBSOLETE.genuine() => {
                OBSOLETE.refuse(true, JetError::FeatureNotAvailable)?;
                return Err(JetError::InvalidParameter);
            }
            _ => return Err(LEVEL.error(JetError::InvalidParameter)),
        }
        let name = name.filter(|name| !name.is_empty());
        let path = name.ok_or_else(|| MISSING.error(JetError::DatabaseInvalidPath))?;
        let path = complete(path);
        let told = |number: u32| if FILE_INFO.holds() { number } else { 0 };
        let number = |number: u32| Ok(number.to_ne_bytes().to_vec());
        match level {
            10 | 21 => {
                let length = fs::metadata(&path).map_err(|_| missing())?.len();
                let length = if FILE_INFO.holds() { length } else { 0 };
                Ok(length.to_ne_bytes().to_vec())
            }
            13 => upgrade(&path),
            14 => Ok(misc(&header(&path)?, size as usize)),
            15 => {
                let state = self.lock();
                let used = state.databases.values().any(|one| one.path == path);
                number(told(u32::from(used)))
            }
            17 => number(told(header(&path)?.page_size)),
            _ => number(file_type(&path)?),
        }
    }
}

fn missing() -> JetError {
    MISSING.error(JetError::FileNotFound)
}

fn header(path: &Path) -> Jet<Header> {
    image::header(path).map_err(|error| match error.is_missing() {
        true => missing(),
        false => ImageError::code(&error),
    })
}

/// JET_DBINFOUPGRADE. (jet-dbinfoupgrade-structure.md)
fn upgrade(path: &Path) -> Jet<Vec<u8>> {
    let length = fs::metadata(path).map_err(|_| missing())?.len();
    let upgradable = 0u32;
    let fields = [
        UPGRADE_SIZE,
        length as u32,
        (length >> 32) as u32,
        0,
        0,
        0,
        upgradable,
    ];
    Ok(fields.into_iter().flat_map(u32::to_ne_bytes).collect())
}

/// Which of the engine's files a file is, by its beginning.
fn file_type(path: &Path) -> Jet<u32> {
    let file = File::open(path).map_err(|_| missing())?;
    let mut bytes = Vec::new();
    let read = file.take(64).read_to_end(&mut bytes);
    read.map_err(|_| JetError::DiskIO)?;
    if !FILE_TYPE.holds() {
        return Ok(filetype::UNKNOWN);
    }
    Ok(match () {
        () if image::is_database(&bytes) => filetype::DATABASE,
        () if is_temporary(&bytes) && FILE_TYPE_TEMPORARY.holds() => filetype::TEMPORARY,
        () if log::is_log(&bytes) => filetype::LOG,
        () if Checkpoint::is_one(&bytes) => filetype::CHECKPOINT,
        () if FILE_TYPE_UNKNOWN.holds() => filetype::UNKNOWN,
        () => filetype::DATABASE,
    })
}

/// Whether a buffer of that size is one of the structures.
///
/// # Errors
/// `JET_errInvalidBufferSize`
pub(super) fn check_misc_size(size: u32) -> Jet<()> {
    SIZE.refuse(!MISC_SIZES.contains(&size), JetError::InvalidBufferSize)
}

/// JET_DBINFOMISC in the length of one of its versions. (jet-dbinfomisc4-structure.md)
pub(super) fn misc(header: &Header, size: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(348);
    let number = |bytes: &mut Vec<u8>, value: u32| bytes.extend(value.to_ne_bytes());
    number(&mut bytes, VERSION.0);
    number(&mut bytes, VERSION.1);
    bytes.extend(header.signature.bytes());
    let state = match STATE.holds() {
        true => header.state,
        false => DatabaseState::JustCreated,
    };
    number(&mut bytes, state as u32);
    bytes.extend(header.consistent.position.bytes());
    bytes.extend(header.consistent.time.bytes());
    bytes.extend(header.attached.time.bytes());
    bytes.extend(header.attached.position.bytes());
    bytes.extend(match NO_TIME.holds() {
        true => header.detached.time.bytes(),
        false => [u8::MAX; 8],
    });
    bytes.extend(header.detached.position.bytes());
    bytes.extend(header.log.map_or([0; 28], |log| log.bytes()));
    let note = |note: BackupNote| {
        if BACKUPS.holds() {
            note
        } else {
            BackupNote::default()
        }
    };
    for backup in [header.full, header.incremental, header.current] {
        put_note(&mut bytes, note(backup));
    }
    // No shadowing disabled, no upgrade, no version of an operating system.
    bytes.extend([0; 24]);
    number(&mut bytes, header.page_size);
    let required = |generation: u32| if REQUIRED.holds() { generation } else { 0 };
    number(&mut bytes, required(header.min_required));
    number(&mut bytes, required(header.max_required));
    bytes.extend(header.attached.time.bytes());
    // Nothing was repaired, corrected or found to be damaged.
    bytes.resize(296, 0);
    number(&mut bytes, required(header.committed));
    bytes.resize(348, 0);
    bytes.truncate(size);
    bytes
}

/// JET_BKINFO. (jet-bkinfo-structure.md)
fn put_note(bytes: &mut Vec<u8>, note: BackupNote) {
    let Moment { position, time } = note.mark;
    bytes.extend(position.bytes());
    bytes.extend(time.bytes());
    bytes.extend(note.low.to_ne_bytes());
    bytes.extend(note.high.to_ne_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use windows_sys::Win32::Storage::Jet as jet;

    #[test]
    fn sizes_and_places_are_those_of_the_structures() {
        use std::mem::offset_of;
        let sizes = [
            size_of::<jet::JET_DBINFOMISC>(),
            size_of::<jet::JET_DBINFOMISC2>(),
            size_of::<jet::JET_DBINFOMISC3>(),
            size_of::<jet::JET_DBINFOMISC4>(),
        ];
        assert_eq!(MISC_SIZES.map(|size| size as usize), sizes);
        assert_eq!(UPGRADE_SIZE as usize, size_of::<jet::JET_DBINFOUPGRADE>());
        let mut header = Header::new(8192);
        (header.min_required, header.max_required, header.committed) = (3, 5, 7);
        header.current.high = 9;
        let bytes = misc(&header, 348);
        let number = |at: usize| u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four"));
        let at = |field: usize| number(field);
        assert_eq!(at(offset_of!(jet::JET_DBINFOMISC4, dbstate)), 1);
        assert_eq!(at(offset_of!(jet::JET_DBINFOMISC4, cbPageSize)), 8192);
        assert_eq!(at(offset_of!(jet::JET_DBINFOMISC4, genMinRequired)), 3);
        assert_eq!(at(offset_of!(jet::JET_DBINFOMISC4, genMaxRequired)), 5);
        assert_eq!(at(offset_of!(jet::JET_DBINFOMISC4, genCommitted)), 7);
        assert_eq!(at(offset_of!(jet::JET_DBINFOMISC4, bkinfoFullCur) + 20), 9);
    }
}
