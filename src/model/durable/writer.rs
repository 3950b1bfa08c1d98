//! Writing the file of a database, part by part.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::contents::RowImage;
use super::header::Header;
use super::image::{BUFFER, ImageError, Sync, TableHead, io_error};
use super::page::PageWriter;

/// A part that is written down from where it is: the same bytes as those of a [`Part`](super::image::Part).
#[derive(Serialize)]
enum PartRef<'p> {
    Table(&'p TableHead),
    Row(&'p serde_bytes::Bytes, &'p RowImage),
    End,
}

/// The bytes of a row in a file.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for one that cannot be written down.
pub fn encode_row(bookmark: &[u8], row: &RowImage) -> io::Result<Vec<u8>> {
    let part = PartRef::Row(serde_bytes::Bytes::new(bookmark), row);
    postcard::to_stdvec(&part).map_err(|_| io::ErrorKind::InvalidInput.into())
}

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

    /// Writes a table; its rows come next.
    ///
    /// # Errors
    /// What the writer says; [`io::ErrorKind::InvalidInput`] for one that cannot be written down.
    pub fn table(&mut self, head: &TableHead) -> io::Result<()> {
        self.put(&PartRef::Table(head))
    }

    /// Writes a row.
    ///
    /// # Errors
    /// As [`table`](Self::table).
    pub fn row(&mut self, bookmark: &[u8], row: &RowImage) -> io::Result<()> {
        self.put(&PartRef::Row(serde_bytes::Bytes::new(bookmark), row))
    }

    /// Writes a part that was read from another file.
    ///
    /// # Errors
    /// What the writer says.
    pub fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.pages.write_all(&length.to_le_bytes())?;
        self.pages.write_all(bytes)
    }

    fn put(&mut self, part: &PartRef<'_>) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let invalid = |_| io::Error::from(io::ErrorKind::InvalidInput);
        let buffer = postcard::to_extend(part, buffer).map_err(invalid)?;
        self.raw(&buffer)?;
        self.buffer = buffer;
        Ok(())
    }

    /// Writes the end.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(mut self) -> io::Result<W> {
        self.put(&PartRef::End)?;
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

    /// Writes a table; its rows come next.
    ///
    /// # Errors
    /// [`ImageError::Io`]; the file that was there is still there then.
    pub fn table(&mut self, head: &TableHead) -> Result<(), ImageError> {
        self.write(|parts| parts.table(head))
    }

    /// Writes a row.
    ///
    /// # Errors
    /// As [`table`](Self::table).
    pub fn row(&mut self, bookmark: &[u8], row: &RowImage) -> Result<(), ImageError> {
        self.write(|parts| parts.row(bookmark, row))
    }

    /// Writes a part that was read from another file.
    ///
    /// # Errors
    /// As [`table`](Self::table).
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), ImageError> {
        self.write(|parts| parts.raw(bytes))
    }

    fn write(
        &mut self,
        put: impl FnOnce(&mut PartWriter<BufWriter<File>>) -> io::Result<()>,
    ) -> Result<(), ImageError> {
        let put = self.parts.as_mut().map_or(Ok(()), put);
        put.map_err(|source| io_error(&self.path)(source))
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
