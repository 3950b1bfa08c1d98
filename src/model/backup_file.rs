//! A file that a backup reads: a database with the note of the backup in its header and behind its
//! last page, or a log as it is. What was written is verified while it is read.
//!
//! (jetopenfile-function.md, jetreadfile-function.md)

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use super::durable::header::{BackupNote, Header};
use super::durable::log::{self, LogFile};
use super::durable::page::is_whole;
use super::durable::trailer;
use super::rules::rules;

rules! {
    /// What is read of a database can be restored. (jetbeginexternalbackup-function.md)
    ORDER = "backup/order-of-calls";
}

/// A file that is open for a backup.
#[derive(Debug)]
pub struct BackupFile {
    file: File,
    path: PathBuf,
    /// The bytes of the file on disk.
    length: u64,
    /// The bytes that were read.
    at: u64,
    /// What is read instead of the header of a database.
    database: Option<(Header, BackupNote)>,
}

/// What was wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadFault {
    /// A page of a database is not what was written.
    Page,
    /// A log is not what was written.
    Log,
    /// The system could not read.
    Io,
}

impl BackupFile {
    /// Opens a database.
    ///
    /// # Errors
    /// What the system says.
    pub fn database(path: &Path, mut header: Header, note: BackupNote) -> io::Result<Self> {
        if ORDER.holds() {
            header.current = note;
        }
        Ok(Self {
            database: Some((header, note)),
            ..Self::log(path)?
        })
    }

    /// Opens a log.
    ///
    /// # Errors
    /// What the system says.
    pub fn log(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self {
            length: file.metadata()?.len(),
            file,
            path: path.to_owned(),
            at: 0,
            database: None,
        })
    }

    /// The page size of a database in bytes.
    pub fn page_size(&self) -> Option<usize> {
        let (header, _) = self.database.as_ref()?;
        Some(header.page_size as usize)
    }

    /// The bytes that will be read: those of a database end with a page that is not in its file.
    pub fn size(&self) -> u64 {
        self.length + self.page_size().map_or(0, |size| size as u64)
    }

    /// The bytes of the file on disk.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Whether nothing was read yet.
    pub fn at_start(&self) -> bool {
        self.at == 0
    }

    /// The path of a database that was read to its end.
    pub fn database_read_whole(&self) -> Option<PathBuf> {
        let whole = self.database.is_some() && self.at >= self.size();
        whole.then(|| self.path.clone())
    }

    /// Reads the next bytes in place of those of before, at most so many; none at the end. `high` is
    /// the generation that the log is in now.
    ///
    /// # Errors
    /// See [`ReadFault`].
    pub fn read(
        &mut self,
        most: usize,
        high: u32,
        minds_pages: bool,
        minds_logs: bool,
        bytes: &mut Vec<u8>,
    ) -> Result<(), ReadFault> {
        if self.at_start() && self.database.is_none() && minds_logs {
            self.verify_log()?;
        }
        let rest = usize::try_from(self.length.saturating_sub(self.at)).unwrap_or(usize::MAX);
        bytes.resize(most.min(rest), 0);
        self.file.read_exact(bytes).map_err(|_| ReadFault::Io)?;
        let first = self.at;
        self.at += bytes.len() as u64;
        let Some((header, note)) = &self.database else {
            return Ok(());
        };
        let page_size = header.page_size as usize;
        let number = first / page_size as u64;
        for (page, number) in bytes.chunks_mut(page_size).zip(number..) {
            if number == 0 {
                let own = header.encode(&self.path).map_err(|_| ReadFault::Page)?;
                // The header of the file itself has to be whole, too.
                let read = Header::read(&mut &*page, &self.path);
                if read.is_err() && minds_pages {
                    return Err(ReadFault::Page);
                }
                // Of a file that was cut short meanwhile there is less than a page.
                page.iter_mut().zip(own).for_each(|(byte, own)| *byte = own);
            } else if minds_pages && !is_whole(page, number as u32) {
                return Err(ReadFault::Page);
            }
        }
        if bytes.len() + page_size <= most && self.at == self.length {
            let note = BackupNote { high, ..*note };
            bytes.extend(trailer::encode(&note, page_size));
            self.at += page_size as u64;
        }
        Ok(())
    }

    fn verify_log(&mut self) -> Result<(), ReadFault> {
        let head = log::read_head(&self.path).map_err(|_| ReadFault::Log)?;
        let head = head.ok_or(ReadFault::Log)?;
        let whole = LogFile {
            path: self.path.clone(),
            generation: head.generation,
            current: false,
            size: head.size,
        };
        log::read(&whole).map_err(|_| ReadFault::Log)?;
        self.file.rewind().map_err(|_| ReadFault::Io)
    }
}
