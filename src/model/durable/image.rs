//! The file of a database: a head, and the database itself with a checksum.
//!
//! The file is filled up to whole pages, as callers that look at its size expect.
//!
//! A file is never written over: its successor is written beside it and renamed into its place, so
//! that a reader finds one or the other. What cannot be read is an error and stays as it is.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::contents::DatabaseImage;
use crate::abi::errors::JetError;
use crate::model::rules::rules;

rules! {
    /// A file that is no database is not attached.
    FOREIGN = "durable/file-not-a-database";
    /// A database file whose checksum is wrong is not attached.
    CHECKSUM = "durable/file-checksum";
    /// A database file of another format version is not attached.
    VERSION = "durable/file-version";
    /// A database that was not detached needs its log.
    DIRTY = "durable/file-dirty-shutdown";
}

/// The first bytes of a database file.
const MAGIC: [u8; 8] = *b"jetspec\n";
/// The version of the format.
const FORMAT: u32 = 1;
/// The bytes of the head: magic, format, checksum of the payload, its length.
const HEAD: usize = MAGIC.len() + 4 + 4 + 8;

/// What is wrong with a database file.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// It cannot be read or written.
    #[error("cannot access {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is something else, or only the beginning of a database file.
    #[error("{0} is not a database file")]
    Foreign(PathBuf),
    /// It was written in another format.
    #[error("{path} has format version {version}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// Its bytes are not those that were written.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
}

impl ImageError {
    /// The return code of a call that needs the file.
    pub fn code(&self) -> JetError {
        match self {
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => JetError::FileNotFound,
                io::ErrorKind::PermissionDenied => JetError::FileAccessDenied,
                io::ErrorKind::StorageFull => JetError::DiskFull,
                _ => JetError::DiskIO,
            },
            Self::Foreign(_) => JetError::DatabaseCorrupted,
            Self::Version { .. } => JetError::InvalidDatabaseVersion,
            Self::Damaged(_) => JetError::ReadVerifyFailure,
        }
    }
}

impl From<ImageError> for JetError {
    fn from(error: ImageError) -> Self {
        error.code()
    }
}

/// Whether a write waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// It does: safe against a power failure.
    Disk,
    /// It does not: safe against a killed process.
    Memory,
}

/// Reads a database file.
///
/// # Errors
/// See [`ImageError`]; the file is left as it is.
pub fn read(path: &Path) -> Result<DatabaseImage, ImageError> {
    let bytes = fs::read(path).map_err(io_error(path))?;
    decode(&bytes, path)
}

/// The page size that an engine would assume that takes any file for a database, in bytes.
const PAGE_OF_A_FOREIGN_FILE: u32 = 4096;

/// Reads the bytes of a database file; `path` is for the error.
///
/// # Errors
/// See [`ImageError`].
pub fn decode(bytes: &[u8], path: &Path) -> Result<DatabaseImage, ImageError> {
    let foreign = || ImageError::Foreign(path.to_owned());
    let (magic, rest) = bytes.split_at_checked(MAGIC.len()).ok_or_else(foreign)?;
    if magic != MAGIC {
        return match FOREIGN.holds() {
            true => Err(foreign()),
            false => Ok(DatabaseImage::new(PAGE_OF_A_FOREIGN_FILE)),
        };
    }
    let (version, rest) = number(rest).ok_or_else(foreign)?;
    if version != FORMAT && VERSION.holds() {
        let path = path.to_owned();
        return Err(ImageError::Version { path, version });
    }
    let (checksum, rest) = number(rest).ok_or_else(foreign)?;
    let (length, payload) = rest.split_first_chunk::<8>().ok_or_else(foreign)?;
    let length = u64::from_le_bytes(*length);
    let damaged = || ImageError::Damaged(path.to_owned());
    let whole = length == payload.len() as u64 && checksum == sum(length, payload);
    if !whole && CHECKSUM.holds() {
        return Err(damaged());
    }
    // What follows the database is the filling of its last page.
    let (image, _) = postcard::take_from_bytes(payload).map_err(|_| damaged())?;
    Ok(image)
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}

/// The checksum covers the length, so that a file that was cut is seen at once.
fn sum(length: u64, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length.to_le_bytes());
    hasher.update(payload);
    hasher.finalize()
}

/// The bytes of a database file.
///
/// # Errors
/// [`ImageError::Damaged`] where the database cannot be written down at all.
pub fn encode(image: &DatabaseImage) -> Result<Vec<u8>, ImageError> {
    let unwritten = |_| ImageError::Damaged(PathBuf::new());
    let mut payload = postcard::to_stdvec(image).map_err(unwritten)?;
    let page_size = (image.page_size as usize).max(HEAD);
    let whole = (HEAD + payload.len()).next_multiple_of(page_size);
    payload.resize(whole - HEAD, 0);
    let length = payload.len() as u64;
    let mut bytes = Vec::with_capacity(HEAD + payload.len());
    bytes.extend(MAGIC);
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend(sum(length, &payload).to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend(payload);
    Ok(bytes)
}

/// Writes a database file in place of the one that was there.
///
/// # Errors
/// [`ImageError::Io`]; the file that was there is still there then.
pub fn write(path: &Path, image: &DatabaseImage, sync: Sync) -> Result<(), ImageError> {
    let bytes = encode(image)?;
    let aside = aside(path);
    let written = write_aside(&aside, &bytes, sync).and_then(|()| fs::rename(&aside, path));
    if let Err(source) = written {
        // What is left aside is of no use, and its removal is not what failed.
        let _ = fs::remove_file(&aside);
        return Err(io_error(path)(source));
    }
    if sync == Sync::Disk {
        sync_folder(path).map_err(io_error(path))?;
    }
    Ok(())
}

fn write_aside(aside: &Path, bytes: &[u8], sync: Sync) -> io::Result<()> {
    let mut file = File::create(aside)?;
    file.write_all(bytes)?;
    match sync {
        Sync::Disk => file.sync_all(),
        Sync::Memory => Ok(()),
    }
}

/// A renamed file is found after a power failure only when its folder was synced as well.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) && !folder.as_os_str().is_empty() => {
            File::open(folder)?.sync_all()
        }
        _ => Ok(()),
    }
}

/// The name under which a successor is written; one process writes one file at a time.
fn aside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    PathBuf::from(name)
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> ImageError {
    let path = path.to_owned();
    move |source| ImageError::Io { path, source }
}

/// Refuses a database that was not detached, where no log is at hand.
///
/// # Errors
/// `JET_errDatabaseDirtyShutdown`
pub fn check_clean(image: &DatabaseImage) -> Result<(), JetError> {
    DIRTY.refuse(!image.clean, JetError::DatabaseDirtyShutdown)
}
