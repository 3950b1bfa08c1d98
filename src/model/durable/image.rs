//! The file of a database: its header, then its tables and rows as a stream cut into pages.
//!
//! A file is never written over, save for its header: its successor is written beside it and
//! renamed into its place, so that a reader finds one or the other. What cannot be read is an error
//! and stays as it is. Writing and reading hold one row at a time.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::contents::{DatabaseImage, RowImage, SchemaImage, TableImage};
use super::header::Header;
use super::page::{PageReader, PageWriter};
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
                io::ErrorKind::InvalidFilename => JetError::DatabaseInvalidPath,
                _ => JetError::DiskIO,
            },
            Self::Foreign(_) => JetError::InvalidDatabase,
            Self::Version { .. } => JetError::InvalidDatabaseVersion,
            Self::Damaged(_) => JetError::ReadVerifyFailure,
        }
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
    Row(Vec<u8>, RowImage),
    /// Nothing comes after it.
    End,
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
const BUFFER: usize = 1 << 18;

/// Writes a stream of parts to anything.
#[derive(Debug)]
pub struct PartWriter<W: Write> {
    pages: PageWriter<W>,
    buffer: Vec<u8>,
}

impl<W: Write> PartWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// [`ImageError::Damaged`] for a header that cannot be written down; what the writer says.
    pub fn begin(mut inner: W, header: &Header, path: &Path) -> Result<Self, ImageError> {
        let page = header.encode(path)?;
        inner
            .write_all(&page)
            .and_then(|()| inner.flush())
            .map_err(io_error(path))?;
        Ok(Self {
            pages: PageWriter::new(inner, header.page_size as usize),
            buffer: Vec::new(),
        })
    }

    /// The file is to have so many bytes at least.
    pub fn keep_bytes(&mut self, bytes: u64) {
        self.pages.keep_bytes(bytes);
    }

    /// Writes a part.
    ///
    /// # Errors
    /// What the writer says; [`io::ErrorKind::InvalidInput`] for a part that cannot be written down.
    pub fn put(&mut self, part: &Part) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let invalid = |_| io::Error::from(io::ErrorKind::InvalidInput);
        let buffer = postcard::to_extend(part, buffer).map_err(invalid)?;
        let length = u32::try_from(buffer.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.pages.write_all(&length.to_le_bytes())?;
        self.pages.write_all(&buffer)?;
        self.buffer = buffer;
        Ok(())
    }

    /// Writes the end.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(mut self) -> io::Result<W> {
        self.put(&Part::End)?;
        self.pages.finish()
    }
}

/// Writes a database file beside the one that is there, and puts it in its place at the end. What
/// is dropped unfinished leaves nothing behind.
#[derive(Debug)]
pub struct FileWriter {
    parts: Option<PartWriter<BufWriter<File>>>,
    path: PathBuf,
    aside: PathBuf,
}

impl FileWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// [`ImageError`]; the file that was there is still there then.
    pub fn create(path: &Path, header: &Header) -> Result<Self, ImageError> {
        let aside = aside(path);
        let file = File::create(&aside).map_err(io_error(path))?;
        let mut writer = Self {
            parts: None,
            path: path.to_owned(),
            aside,
        };
        let buffered = BufWriter::with_capacity(BUFFER, file);
        writer.parts = Some(PartWriter::begin(buffered, header, path)?);
        Ok(writer)
    }

    /// The file is to be no smaller than the one that it takes the place of: what its content does
    /// not fill is free.
    pub fn keep_size(&mut self) {
        let before = fs::metadata(&self.path).map_or(0, |file| file.len());
        if let Some(parts) = &mut self.parts {
            parts.keep_bytes(before);
        }
    }

    /// Writes a part.
    ///
    /// # Errors
    /// [`ImageError::Io`]; the file that was there is still there then.
    pub fn put(&mut self, part: &Part) -> Result<(), ImageError> {
        let parts = self.parts.as_mut();
        let put = parts.map_or(Ok(()), |parts| parts.put(part));
        put.map_err(io_error(&self.path))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`ImageError::Io`]; the file that was there is still there then.
    pub fn finish(mut self, sync: Sync) -> Result<(), ImageError> {
        self.try_finish(sync).map_err(io_error(&self.path))
    }

    fn try_finish(&mut self, sync: Sync) -> io::Result<()> {
        let Some(parts) = self.parts.take() else {
            return Ok(());
        };
        let file = parts.finish()?.into_inner()?;
        if sync == Sync::Disk {
            file.sync_all()?;
        }
        drop(file);
        fs::rename(&self.aside, &self.path)?;
        match sync {
            Sync::Disk => sync_folder(&self.path),
            Sync::Memory => Ok(()),
        }
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        // What is left aside is of no use; a finished file is no longer there under that name.
        let _ = fs::remove_file(&self.aside);
    }
}

/// Reads a database part by part.
#[derive(Debug)]
pub struct PartReader<R> {
    /// The header.
    pub header: Header,
    pages: PageReader<R>,
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
            path: path.to_owned(),
            ended,
        })
    }

    /// The next part; `None` after the last one.
    ///
    /// # Errors
    /// See [`ImageError`].
    pub fn part(&mut self) -> Result<Option<Part>, ImageError> {
        if self.ended {
            return Ok(None);
        }
        let read = match self.read() {
            // Who does not look at checksums does not see that the end is missing either.
            Err(error) if error.kind() == io::ErrorKind::InvalidData && !CHECKSUM.holds() => {
                Ok(Part::End)
            }
            read => read,
        };
        let part = read.map_err(|source| match source.kind() {
            io::ErrorKind::InvalidData => ImageError::Damaged(self.path.clone()),
            _ => io_error(&self.path)(source),
        })?;
        self.ended = part == Part::End;
        Ok((!self.ended).then_some(part))
    }

    fn read(&mut self) -> io::Result<Part> {
        let mut length = [0; 4];
        self.pages.read_exact(&mut length)?;
        let length = u64::from(u32::from_le_bytes(length));
        let mut bytes = Vec::new();
        self.pages.by_ref().take(length).read_to_end(&mut bytes)?;
        postcard::from_bytes(&bytes).map_err(|_| io::ErrorKind::InvalidData.into())
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
/// [`ImageError::Io`]; pages that were added by then stay.
pub fn grow(path: &Path, wanted: u32) -> Result<(), ImageError> {
    let page_size = header(path)?.page_size as usize;
    let first = pages(path)?;
    let file = fs::OpenOptions::new().append(true).open(path);
    let file = BufWriter::with_capacity(BUFFER, file.map_err(io_error(path))?);
    PageWriter::add_free(file, page_size, first, wanted).map_err(io_error(path))
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
    for part in image.parts() {
        parts.put(&part).map_err(io_error(path))?;
    }
    parts.finish().map_err(io_error(path))
}

/// Writes a database file in place of the one that was there.
///
/// # Errors
/// [`ImageError::Io`]; the file that was there is still there then.
pub fn write(path: &Path, image: &DatabaseImage, sync: Sync) -> Result<(), ImageError> {
    let mut writer = FileWriter::create(path, &image.header)?;
    for part in image.parts() {
        writer.put(&part)?;
    }
    writer.finish(sync)
}

/// A renamed file is found after a power failure only when its folder was synced as well.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
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

pub(super) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> ImageError {
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
