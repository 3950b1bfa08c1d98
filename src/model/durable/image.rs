//! The file of a database: its header, then its tables and rows as a stream cut into pages.
//!
//! A file is never written over, save for its header: its successor is written beside it and
//! renamed into its place, so that a reader finds one or the other. What cannot be read is an error
//! and stays as it is. Writing and reading hold one row at a time.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::contents::{DatabaseImage, RowImage, SchemaImage, TableImage};
use super::header::Header;
use super::page::{PageReader, PageWriter};
use super::writer::{FileWriter, PartWriter};
use crate::abi::errors::JetError;
use crate::model::rules::rules;

rules! {
    /// A name that no file can have.
    NAME_LENGTH = "database/create-path-length";
    /// A file that is no database is not attached.
    FOREIGN = "durable/file-not-a-database";
    /// A database file whose checksum is wrong is not attached.
    CHECKSUM = "durable/file-checksum";
    /// A database file of another format version is not attached.
    VERSION = "durable/file-version";
    /// A database that was not detached needs its log.
    DIRTY = "durable/file-dirty-shutdown";
}

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
                // A folder may not be opened as a file; some systems say so only where it is read.
                io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory => {
                    JetError::FileAccessDenied
                }
                io::ErrorKind::StorageFull => JetError::DiskFull,
                io::ErrorKind::InvalidFilename => NAME_LENGTH.error(JetError::DatabaseInvalidPath),
                _ => JetError::DiskIO,
            },
            Self::Foreign(_) => FOREIGN.error(JetError::InvalidDatabase),
            Self::Version { .. } => VERSION.error(JetError::InvalidDatabaseVersion),
            Self::Damaged(_) => CHECKSUM.error(JetError::ReadVerifyFailure),
        }
    }

    /// Whether what is there may not be opened.
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Io { .. }) && self.code() == JetError::FileAccessDenied
    }

    /// Whether there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
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

/// A part of a database, in the order of the stream: each table before its rows, the end last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// A table.
    Table(TableHead),
    /// A row of the table before.
    Row(#[serde(with = "serde_bytes")] Vec<u8>, RowImage),
    /// Nothing comes after it.
    End,
}

/// A part as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'f> {
    /// A table.
    Table(&'f [u8]),
    /// A row of the table before: its bookmark, and all of its bytes.
    Row(&'f [u8], &'f [u8]),
}

impl Frame<'_> {
    /// What these bytes are; `None` for the end.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for bytes that are no part.
    pub(super) fn of(bytes: &[u8]) -> io::Result<Option<Frame<'_>>> {
        const TABLE: u32 = 0;
        const ROW: u32 = 1;
        const END: u32 = 2;
        let invalid = || io::Error::from(io::ErrorKind::InvalidData);
        let (kind, rest) = postcard::take_from_bytes(bytes).map_err(|_| invalid())?;
        match kind {
            TABLE => Ok(Some(Frame::Table(bytes))),
            ROW => {
                let (bookmark, _) = postcard::take_from_bytes(rest).map_err(|_| invalid())?;
                Ok(Some(Frame::Row(bookmark, bytes)))
            }
            END => Ok(None),
            _ => Err(invalid()),
        }
    }
}

/// A table without its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableHead {
    /// Its object number.
    pub object: u32,
    /// What it is.
    pub schema: SchemaImage,
    /// The next value of its autoincrement column.
    pub next_autoincrement: u64,
    /// The next bookmark of a table without primary index.
    pub next_counter: u32,
}

impl TableHead {
    /// The table, without rows yet.
    pub fn into_image(self) -> TableImage {
        TableImage {
            schema: self.schema,
            next_autoincrement: self.next_autoincrement,
            next_counter: self.next_counter,
            rows: Default::default(),
        }
    }
}

/// Bytes that a stream is buffered in.
pub(super) const BUFFER: usize = 1 << 18;

/// Reads a database part by part.
#[derive(Debug)]
pub struct PartReader<R> {
    /// The header.
    pub header: Header,
    pages: PageReader<R>,
    /// The part that was read last.
    buffer: Vec<u8>,
    path: PathBuf,
    /// Nothing is read of a foreign file that was taken for a database.
    ended: bool,
}

/// The page size that an engine would assume that takes any file for a database, in bytes.
const PAGE_OF_A_FOREIGN_FILE: u32 = 4096;

impl<R: Read> PartReader<R> {
    /// Reads the header; `path` is for the error.
    ///
    /// # Errors
    /// See [`ImageError`].
    pub fn begin(mut inner: R, path: &Path) -> Result<Self, ImageError> {
        let header = Header::read(&mut inner, path)?;
        let ended = header.is_none();
        let header = header.unwrap_or_else(|| Header::new(PAGE_OF_A_FOREIGN_FILE));
        let size = header.page_size as usize;
        Ok(Self {
            header,
            pages: PageReader::new(inner, size, CHECKSUM.holds()),
            buffer: Vec::new(),
            path: path.to_owned(),
            ended,
        })
    }

    /// The next part; `None` after the last one.
    ///
    /// # Errors
    /// See [`ImageError`].
    pub fn part(&mut self) -> Result<Option<Part>, ImageError> {
        if self.frame()?.is_none() {
            return Ok(None);
        }
        let part = postcard::from_bytes(&self.buffer);
        part.map(Some)
            .map_err(|_| ImageError::Damaged(self.path.clone()))
    }

    /// The next part as it stands in the file; `None` after the last one.
    ///
    /// # Errors
    /// See [`ImageError`].
    pub fn frame(&mut self) -> Result<Option<Frame<'_>>, ImageError> {
        if self.ended {
            return Ok(None);
        }
        let filled = self.fill();
        let frame = match filled.and_then(|()| Frame::of(&self.buffer)) {
            // Who does not look at checksums does not see that the end is missing either.
            Err(error) if error.kind() == io::ErrorKind::InvalidData && !CHECKSUM.holds() => None,
            frame => frame.map_err(|source| wrong(&self.path, source))?,
        };
        self.ended = frame.is_none();
        Ok(frame)
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.clear();
        self.pages.append(&mut self.buffer, 4)?;
        let length = self
            .buffer
            .as_slice()
            .try_into()
            .map_or(0, u32::from_le_bytes);
        self.buffer.clear();
        self.pages.append(&mut self.buffer, length as usize)
    }
}

/// What a fault of the system, or of the bytes, means for the file.
pub(super) fn wrong(path: &Path, source: io::Error) -> ImageError {
    match source.kind() {
        io::ErrorKind::InvalidData => ImageError::Damaged(path.to_owned()),
        _ => io_error(path)(source),
    }
}

/// Whether these bytes are the beginning of a database file.
pub fn is_database(bytes: &[u8]) -> bool {
    bytes.starts_with(&super::header::MAGIC)
}

/// Opens a database file.
///
/// # Errors
/// See [`ImageError`]; the file is left as it is.
pub fn open(path: &Path) -> Result<PartReader<BufReader<File>>, ImageError> {
    let file = File::open(path).map_err(io_error(path))?;
    PartReader::begin(BufReader::with_capacity(BUFFER, file), path)
}

/// How many pages a database file has, that of its header included.
///
/// # Errors
/// See [`ImageError`].
pub fn pages(path: &Path) -> Result<u32, ImageError> {
    let page_size = header(path)?.page_size;
    let bytes = fs::metadata(path).map_err(io_error(path))?.len();
    Ok(u32::try_from(bytes / u64::from(page_size)).unwrap_or(u32::MAX))
}

/// Adds free pages to a database file until it has so many.
///
/// # Errors
/// [`ImageError::Io`]; the file is as long as it was.
pub fn grow(path: &Path, wanted: u32) -> Result<(), ImageError> {
    let page_size = header(path)?.page_size;
    let first = pages(path)?;
    let whole = u64::from(first) * u64::from(page_size);
    let grow = || -> io::Result<()> {
        let more = u64::from(wanted.saturating_sub(first)) * u64::from(page_size);
        if room_beside(path).is_some_and(|room| room < more) {
            // What cannot fit is not begun.
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut file = fs::OpenOptions::new().write(true).open(path)?;
        // Half of a page at the end is none.
        file.set_len(whole)?;
        file.set_len(whole + more)?;
        file.seek(io::SeekFrom::Start(whole))?;
        let pages = BufWriter::with_capacity(BUFFER, &file);
        PageWriter::add_free(pages, page_size as usize, first, wanted).inspect_err(|_| {
            // Where it cannot be cut either, the next one does.
            let _ = file.set_len(whole);
        })
    };
    grow().map_err(io_error(path))
}

/// The bytes that the file system of a file has free, where the system tells.
#[cfg(unix)]
fn room_beside(path: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(path).ok()?;
    Some(told.f_bavail.saturating_mul(told.f_frsize))
}

/// Windows says itself that a file has no room, as soon as its size is set.
#[cfg(not(unix))]
fn room_beside(_: &Path) -> Option<u64> {
    None
}

/// Takes free pages off the end of a database file until it has so many, or holds no free one.
///
/// # Errors
/// See [`ImageError`]; the file is left as it is.
pub fn shrink(path: &Path, wanted: u32) -> Result<(), ImageError> {
    let mut reader = open(path)?;
    while reader.part()?.is_some() {}
    let least = wanted.max(reader.pages.read_so_far());
    let bytes = u64::from(least) * u64::from(reader.header.page_size);
    let file = fs::OpenOptions::new().write(true).open(path);
    let cut = file.and_then(|file| file.set_len(bytes));
    cut.map_err(io_error(path))
}

/// Reads the header of a database file.
///
/// # Errors
/// See [`ImageError`]; the file is left as it is.
pub fn header(path: &Path) -> Result<Header, ImageError> {
    let mut file = File::open(path).map_err(io_error(path))?;
    let header = Header::read(&mut file, path)?;
    Ok(header.unwrap_or_else(|| Header::new(PAGE_OF_A_FOREIGN_FILE)))
}

/// Reads a whole database file.
///
/// # Errors
/// See [`ImageError`]; the file is left as it is.
pub fn read(path: &Path) -> Result<DatabaseImage, ImageError> {
    collect(open(path)?)
}

/// Reads the bytes of a database file; `path` is for the error.
///
/// # Errors
/// See [`ImageError`].
pub fn decode(bytes: &[u8], path: &Path) -> Result<DatabaseImage, ImageError> {
    collect(PartReader::begin(bytes, path)?)
}

fn collect<R: Read>(mut reader: PartReader<R>) -> Result<DatabaseImage, ImageError> {
    let mut image = DatabaseImage {
        header: reader.header.clone(),
        tables: Default::default(),
    };
    let mut table = None;
    while let Some(part) = reader.part()? {
        match part {
            Part::Table(head) => {
                table = Some(head.object);
                image.tables.insert(head.object, head.into_image());
            }
            Part::Row(bookmark, row) => {
                let table = table.and_then(|object| image.tables.get_mut(&object));
                let table = table.ok_or_else(|| ImageError::Damaged(reader.path.clone()))?;
                table.rows.insert(bookmark, row);
            }
            Part::End => {}
        }
    }
    Ok(image)
}

/// The bytes of a database file.
///
/// # Errors
/// [`ImageError::Damaged`] where the database cannot be written down at all.
pub fn encode(image: &DatabaseImage) -> Result<Vec<u8>, ImageError> {
    let path = Path::new("");
    let mut parts = PartWriter::begin(Vec::new(), &image.header, path)?;
    for (object, table) in &image.tables {
        let head = parts.table(&table.head(*object));
        head.map_err(io_error(path))?;
        for (bookmark, row) in &table.rows {
            parts.row(bookmark, row).map_err(io_error(path))?;
        }
    }
    parts.finish().map_err(io_error(path))
}

/// Writes a database file in place of the one that was there.
///
/// # Errors
/// [`ImageError::Io`]; the file that was there is still there then.
pub fn write(path: &Path, image: &DatabaseImage, sync: Sync) -> Result<(), ImageError> {
    let mut writer = FileWriter::create(path, &image.header)?;
    for (object, table) in &image.tables {
        writer.table(&table.head(*object))?;
        for (bookmark, row) in &table.rows {
            writer.row(bookmark, row)?;
        }
    }
    writer.finish(sync)
}

pub(in crate::model) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> ImageError {
    let path = path.to_owned();
    move |source| ImageError::Io { path, source }
}

/// Refuses a database that was not detached, where no log is at hand.
///
/// # Errors
/// `JET_errDatabaseDirtyShutdown`
pub fn check_clean(header: &Header) -> Result<(), JetError> {
    DIRTY.refuse(!header.is_clean(), JetError::DatabaseDirtyShutdown)
}
