//! Reading a log: `edb.log` is written to, and becomes `edb00001.log` when it is full.
//!
//! Each file begins with what was attached when it was begun, so that files before the checkpoint
//! can go. Records are only ever appended; a file is as long as it will be from the beginning, and
//! holds zeros where nothing is written yet. A full one says so at its end. A last record that was cut short is as if it had not
//! been written; any other fault is an error. (transaction-log-parameters.md,
//! extensible-storage-engine-files.md)

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::log_bytes::LogBytes;
use super::moment::{LogPosition, Time};
use super::place::LogPlace;
use super::record::{self, FRAME, LogRecord, Next, is_of_attachment, is_of_full_file, next};
use super::signature::Signature;
use crate::abi::errors::JetError;
use crate::model::rules::rules;

rules! {
    /// A log file whose records are not those that were written is refused.
    DAMAGED = "durable/log-damaged";
    /// A log file of another format version is refused.
    VERSION = "durable/log-version";
    /// The files of a log belong together.
    SIGNATURE = "durable/log-signature";
    /// No file of a log is missing between two others.
    GENERATIONS = "durable/log-file-missing";
    /// The file that is written to is there.
    CURRENT = "durable/log-current-missing";
}

/// The first bytes of a log file.
const MAGIC: [u8; 8] = *b"jetlog\r\n";
/// The version of the format.
const FORMAT: u32 = 5;
/// The bytes of the head: magic, format, generation, signature, time of its making, size of the
/// file, checksum.
pub(super) const HEAD: usize = 8 + 4 + 4 + 12 + 8 + 8 + 4;

/// What is wrong with a log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file cannot be read or written.
    #[error("cannot access {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is no log file, or its records are not those that were written.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// A file has another format.
    #[error("{0} has another format version")]
    Version(PathBuf),
    /// A file belongs to another log.
    #[error("{0} belongs to another log")]
    Signature(PathBuf),
    /// A file is missing.
    #[error("{0} is missing")]
    Missing(PathBuf),
    /// A record cannot be written down.
    #[error("a record is too large")]
    TooLarge,
}

impl LogError {
    /// The return code of a call that needs the log.
    pub fn code(&self) -> JetError {
        match self {
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => JetError::MissingLogFile,
                io::ErrorKind::PermissionDenied => JetError::FileAccessDenied,
                io::ErrorKind::StorageFull => JetError::LogDiskFull,
                _ => JetError::LogWriteFail,
            },
            Self::Damaged(_) => DAMAGED.error(JetError::LogFileCorrupt),
            Self::Version(_) => VERSION.error(JetError::BadLogVersion),
            Self::Signature(_) => SIGNATURE.error(JetError::BadLogSignature),
            Self::Missing(_) => GENERATIONS.error(JetError::MissingLogFile),
            Self::TooLarge => JetError::OutOfMemory,
        }
    }
}

impl From<LogError> for JetError {
    fn from(error: LogError) -> Self {
        error.code()
    }
}

/// The head of a log file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// Which file of the log it is.
    pub generation: u32,
    /// Which log it is.
    pub log: Signature,
    /// When it was made.
    pub made: Time,
    /// The size that it was made for, in bytes.
    pub size: u64,
}

/// A file of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Its path.
    pub path: PathBuf,
    /// Which file of the log it is.
    pub generation: u32,
    /// It is the one that is written to; a record at its end may be cut short.
    pub current: bool,
    /// The size that it was made for, in bytes.
    pub size: u64,
}

/// The files of a log, in their order, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFiles {
    /// Which log it is.
    pub log: Signature,
    /// Its files.
    pub files: Vec<LogFile>,
    /// The file that is written to was not found.
    pub headless: bool,
}

/// A record as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its number.
    pub number: u64,
    /// Where it begins.
    pub position: LogPosition,
    /// What it says.
    pub record: LogRecord,
}

/// What a file of a log holds: the records are all there, and are read one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    file: LogFile,
    bytes: Vec<u8>,
    found: Vec<Found>,
    /// The bytes of the file that hold whole records, its head included.
    pub length: u64,
}

/// A record in the bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    number: u64,
    /// Where it begins.
    start: u64,
    payload: Range<usize>,
}

impl Content {
    /// How many records there are.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// The number of the last record, zero without one.
    pub fn last_number(&self) -> u64 {
        self.found.last().map_or(0, |found| found.number)
    }

    /// The records, in their order; [`LogError::Damaged`] for one that cannot be read.
    pub fn records(&self) -> impl Iterator<Item = Result<Logged, LogError>> + '_ {
        self.found.iter().map(|found| self.record(found))
    }

    /// As [`records`](Self::records), those alone that say what is attached.
    pub fn attachments(&self) -> impl Iterator<Item = Result<Logged, LogError>> + '_ {
        let about = |found: &&Found| is_of_attachment(self.payload(found));
        self.found
            .iter()
            .filter(about)
            .map(|found| self.record(found))
    }

    fn payload(&self, found: &Found) -> &[u8] {
        self.bytes.get(found.payload.clone()).unwrap_or_default()
    }

    fn record(&self, found: &Found) -> Result<Logged, LogError> {
        let record = postcard::from_bytes(self.payload(found));
        Ok(Logged {
            number: found.number,
            position: LogPosition::of(self.file.generation, found.start),
            record: record.map_err(|_| LogError::Damaged(self.file.path.clone()))?,
        })
    }
}

/// Finds the files of a log from a generation on; `None` where there is none at all.
///
/// # Errors
/// See [`LogError`]; no record is looked at yet.
pub fn find(place: &LogPlace, from: u32) -> Result<Option<LogFiles>, LogError> {
    let mut files = Vec::new();
    let mut log = None;
    for generation in place.generations()? {
        if generation >= from {
            let path = place.full(generation);
            let head = read_head(&path)?.ok_or_else(|| LogError::Damaged(path.clone()))?;
            join(&mut log, &mut files, head, path, false)?;
        }
    }
    let headless = !find_current(place, &mut log, &mut files)?;
    let log = log.map(|log| LogFiles {
        log,
        files,
        headless,
    });
    Ok(log)
}

/// Finds the file that is written to, which is there or was being made; whether there is one.
fn find_current(
    place: &LogPlace,
    log: &mut Option<Signature>,
    files: &mut Vec<LogFile>,
) -> Result<bool, LogError> {
    let candidates = [place.current(), place.next()];
    let Some(path) = candidates.into_iter().find(|path| path.exists()) else {
        return Ok(false);
    };
    // A file that was not written to the end of its head is as if it had not been begun.
    let Some(head) = read_head(&path)? else {
        return Ok(true);
    };
    let next = files.last().map(|file| file.generation.saturating_add(1));
    let stray = path == place.next() && next.is_some_and(|next| next != head.generation);
    if stray {
        return Ok(false);
    }
    join(log, files, head, path, true)?;
    Ok(true)
}

fn join(
    log: &mut Option<Signature>,
    files: &mut Vec<LogFile>,
    head: LogHead,
    path: PathBuf,
    current: bool,
) -> Result<(), LogError> {
    if log.is_some_and(|log| log != head.log) && SIGNATURE.holds() {
        return Err(LogError::Signature(path));
    }
    let before = files.last().map(|file| file.generation);
    let gap = before.is_some_and(|before| Some(head.generation) != before.checked_add(1));
    if gap && GENERATIONS.holds() {
        return Err(LogError::Missing(path));
    }
    *log = Some(head.log);
    files.push(LogFile {
        path,
        generation: head.generation,
        current,
        size: head.size,
    });
    Ok(())
}

/// Reads a file of a log.
///
/// # Errors
/// See [`LogError`].
pub fn read(file: &LogFile) -> Result<Content, LogError> {
    let mut source = LogBytes::open(&file.path)?;
    let mut found = Vec::new();
    let mut at = HEAD;
    loop {
        source.reach(at + FRAME)?;
        if let Some(length) = record::length(source.from(at)) {
            source.reach(at.saturating_add(length))?;
        }
        match next(source.from(at)) {
            Next::Record(_, payload) if is_of_full_file(payload) => break,
            Next::Record(number, payload) => {
                let start = at as u64;
                at += FRAME + payload.len();
                found.push(Found {
                    number,
                    start,
                    payload: at - payload.len()..at,
                });
            }
            _ if !source.is_at_end() => source.reach_end()?,
            Next::End => break,
            Next::Torn if file.current => break,
            Next::Torn | Next::Damaged if DAMAGED.holds() => {
                return Err(LogError::Damaged(file.path.clone()));
            }
            Next::Torn | Next::Damaged => break,
        }
    }
    Ok(Content {
        file: file.clone(),
        bytes: source.into_bytes(),
        found,
        length: at as u64,
    })
}

/// Writes down the head of a file.
pub(super) fn write_head(head: LogHead) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD);
    bytes.extend(MAGIC);
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend(head.generation.to_le_bytes());
    bytes.extend(head.log.random.to_le_bytes());
    bytes.extend(head.log.created.to_le_bytes());
    bytes.extend(head.made.0.to_le_bytes());
    bytes.extend(head.size.to_le_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// Reads the head of a file; `None` for one that was not written to the end of its head.
///
/// # Errors
/// See [`LogError`].
pub fn read_head(path: &Path) -> Result<Option<LogHead>, LogError> {
    let file = File::open(path).map_err(io_error(path))?;
    let mut bytes = Vec::with_capacity(HEAD);
    let read = file.take(HEAD as u64).read_to_end(&mut bytes);
    read.map_err(io_error(path))?;
    let Ok(head) = <[u8; HEAD]>::try_from(bytes.as_slice()) else {
        return Ok(None);
    };
    if head.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let number = |at: usize| {
        let bytes = head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    };
    let long = |at: usize| u64::from(number(at)) | u64::from(number(at + 4)) << 32;
    let damaged = || LogError::Damaged(path.to_owned());
    if !head.starts_with(&MAGIC) {
        return Err(damaged());
    }
    let other = number(8) != FORMAT;
    if other && VERSION.holds() {
        return Err(LogError::Version(path.to_owned()));
    }
    // What the head of another format holds where is not known.
    if !other && number(HEAD - 4) != crc32fast::hash(&head[..HEAD - 4]) && DAMAGED.holds() {
        return Err(damaged());
    }
    Ok(Some(LogHead {
        generation: number(12),
        log: Signature {
            random: number(16),
            created: long(20),
        },
        made: Time(long(28)),
        size: long(36),
    }))
}

/// Whether these bytes are the beginning of a log file.
pub fn is_log(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

pub(super) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> LogError {
    let path = path.to_owned();
    move |source| LogError::Io { path, source }
}
