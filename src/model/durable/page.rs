//! The pages of a database file: a stream of bytes, cut into pages that each carry a checksum.
//!
//! The first page of a file is its header; this module is about the others. A page says its own
//! number, so that a page in another's place is seen.

use std::io::{self, Read, Write};

/// The bytes of a page that are not payload: checksum, number.
const FRAME: usize = 4 + 4;

/// Writes a stream into pages.
#[derive(Debug)]
pub struct PageWriter<W> {
    inner: W,
    page: Vec<u8>,
    size: usize,
    number: u32,
    /// How many pages the file has at least, that of the header included.
    least: u32,
}

impl<W: Write> PageWriter<W> {
    /// Pages of that size in bytes, from the one after the header on.
    pub fn new(inner: W, size: usize) -> Self {
        let mut writer = Self {
            inner,
            page: Vec::with_capacity(size),
            size,
            number: 1,
            least: 0,
        };
        writer.begin();
        writer
    }

    /// The file is to have so many bytes at least: what its content does not fill is free.
    pub fn keep_bytes(&mut self, bytes: u64) {
        let pages = bytes / self.size as u64;
        self.least = u32::try_from(pages).unwrap_or(u32::MAX);
    }

    /// Adds free pages behind those that a file has: from the page of that number on, to so many
    /// pages in all.
    ///
    /// # Errors
    /// What the writer says.
    pub fn add_free(inner: W, size: usize, first: u32, pages: u32) -> io::Result<()> {
        let mut writer = Self::new(inner, size);
        writer.number = first;
        writer.begin();
        while writer.number < pages {
            writer.end()?;
        }
        writer.inner.flush()
    }

    fn begin(&mut self) {
        self.page.clear();
        self.page.extend([0; 4]);
        self.page.extend(self.number.to_le_bytes());
    }

    fn end(&mut self) -> io::Result<()> {
        self.page.resize(self.size, 0);
        let checksum = crc32fast::hash(&self.page[4..]);
        self.page[..4].copy_from_slice(&checksum.to_le_bytes());
        self.inner.write_all(&self.page)?;
        self.number += 1;
        self.begin();
        Ok(())
    }

    /// Fills up the last page, and adds free ones up to the least size; gives back what was written to.
    pub fn finish(mut self) -> io::Result<W> {
        if self.page.len() > FRAME {
            self.end()?;
        }
        while self.number < self.least {
            self.end()?;
        }
        Ok(self.inner)
    }
}

impl<W: Write> Write for PageWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.size - self.page.len();
        let taken = bytes.len().min(room);
        self.page.extend_from_slice(&bytes[..taken]);
        if self.page.len() == self.size {
            self.end()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a stream out of pages. A page whose checksum is wrong, or that is cut short, is
/// [`io::ErrorKind::InvalidData`].
#[derive(Debug)]
pub struct PageReader<R> {
    inner: R,
    page: Vec<u8>,
    at: usize,
    number: u32,
    /// Whether a wrong checksum is minded.
    minds: bool,
}

impl<R: Read> PageReader<R> {
    /// Pages of that size in bytes, from the one after the header on.
    pub fn new(inner: R, size: usize, minds: bool) -> Self {
        Self {
            inner,
            page: vec![0; size],
            at: size,
            number: 1,
            minds,
        }
    }

    /// The pages that were read, that of the header included.
    pub fn read_so_far(&self) -> u32 {
        self.number
    }

    /// Reads so many bytes behind those that are there.
    ///
    /// # Errors
    /// As those of reading.
    pub fn append(&mut self, bytes: &mut Vec<u8>, mut length: usize) -> io::Result<()> {
        while length > 0 {
            if self.at == self.page.len() {
                self.turn()?;
            }
            let rest = &self.page[self.at..];
            let taken = length.min(rest.len());
            bytes.extend_from_slice(&rest[..taken]);
            self.at += taken;
            length -= taken;
        }
        Ok(())
    }

    fn turn(&mut self) -> io::Result<()> {
        self.inner.read_exact(&mut self.page).map_err(cut)?;
        if self.minds && !is_whole(&self.page, self.number) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.number += 1;
        self.at = FRAME;
        Ok(())
    }
}

/// Whether a page of a database file is what was written under that number.
pub fn is_whole(page: &[u8], number: u32) -> bool {
    let Some((checksum, covered)) = page.split_first_chunk::<4>() else {
        return false;
    };
    u32::from_le_bytes(*checksum) == crc32fast::hash(covered)
        && covered.starts_with(&number.to_le_bytes())
}

/// What ends too early is not what was written.
fn cut(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::ErrorKind::InvalidData.into(),
        _ => error,
    }
}
