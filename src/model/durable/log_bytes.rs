//! The bytes of a log file, read as far as they are needed. What is not written yet is zeros: they are
//! looked at and not kept.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::log::{LogError, io_error};
use super::record::all_zero;

/// The bytes that are read at once.
const CHUNK: usize = 1 << 16;

/// A log file that is being read.
#[derive(Debug)]
pub struct LogBytes {
    file: File,
    path: PathBuf,
    chunk: Vec<u8>,
    /// What was read, up to the zeros at its end.
    bytes: Vec<u8>,
    /// So many zeros were read after that.
    zeros: usize,
    at_end: bool,
}

impl LogBytes {
    /// Opens a file, of which nothing is read yet.
    ///
    /// # Errors
    /// [`LogError::Io`]
    pub fn open(path: &Path) -> Result<Self, LogError> {
        Ok(Self {
            file: File::open(path).map_err(io_error(path))?,
            path: path.to_owned(),
            chunk: vec![0; CHUNK],
            bytes: Vec::new(),
            zeros: 0,
            at_end: false,
        })
    }

    /// What was read from that byte on; zeros at the end can be missing.
    pub fn from(&self, at: usize) -> &[u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    /// Whether all was read.
    pub fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Reads up to that byte, or to the end: from there on none of the bytes before it is missing.
    ///
    /// # Errors
    /// [`LogError::Io`]
    pub fn reach(&mut self, end: usize) -> Result<(), LogError> {
        while self.bytes.len() + self.zeros < end && !self.at_end {
            self.read_on()?;
        }
        let missing = end.saturating_sub(self.bytes.len()).min(self.zeros);
        self.bytes.resize(self.bytes.len() + missing, 0);
        self.zeros -= missing;
        Ok(())
    }

    /// Reads up to the end.
    ///
    /// # Errors
    /// [`LogError::Io`]
    pub fn reach_end(&mut self) -> Result<(), LogError> {
        while !self.at_end {
            self.read_on()?;
        }
        Ok(())
    }

    fn read_on(&mut self) -> Result<(), LogError> {
        let read = self.file.read(&mut self.chunk);
        let read = read.map_err(io_error(&self.path))?;
        self.at_end = read == 0;
        let chunk = self.chunk.get(..read).unwrap_or_default();
        if all_zero(chunk) {
            self.zeros += read;
        } else {
            self.bytes.resize(self.bytes.len() + self.zeros, 0);
            self.zeros = 0;
            self.bytes.extend_from_slice(chunk);
        }
        Ok(())
    }

    /// What was read.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
