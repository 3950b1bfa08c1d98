//! The files of a log: `edb.log` is written to, and becomes `edb00001.log` when it is full.
//!
//! Records are only ever appended. A last record that was cut short is as if it had not been
//! written; any other fault is an error. (transaction-log-parameters.md,
//! extensible-storage-engine-files.md)

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use super::image::Sync;
use super::record::{LogRecord, Next, frame, next};
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
}

/// The first bytes of a log file.
const MAGIC: [u8; 8] = *b"jetlog\r\n";
/// The version of the format.
const FORMAT: u32 = 1;
/// The bytes of the head: magic, format, generation, signature, checksum.
const HEAD: usize = 8 + 4 + 4 + 12 + 4;

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
    /// A file is missing between two others.
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
            Self::Damaged(_) => JetError::LogFileCorrupt,
            Self::Version(_) => JetError::BadLogVersion,
            Self::Signature(_) => JetError::BadLogSignature,
            Self::Missing(_) => JetError::MissingLogFile,
            Self::TooLarge => JetError::OutOfMemory,
        }
    }
}

impl From<LogError> for JetError {
    fn from(error: LogError) -> Self {
        error.code()
    }
}

/// Where a log is, and what its files are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPlace {
    /// Its folder (`JET_paramLogFilePath`).
    pub folder: PathBuf,
    /// The first three letters of its files (`JET_paramBaseName`).
    pub base_name: String,
}

impl LogPlace {
    /// The file that is written to.
    pub fn current(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.base_name))
    }

    /// The file of a generation that is full.
    pub fn full(&self, generation: u32) -> PathBuf {
        self.folder
            .join(format!("{}{generation:05X}.log", self.base_name))
    }

    /// The generations that are full, in their order.
    fn generations(&self) -> Result<Vec<u32>, LogError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(io_error(&self.folder)(source)),
        };
        let mut generations: Vec<u32> = entries
            .flatten()
            .filter_map(|entry| self.generation(entry.file_name().to_str()?))
            .collect();
        generations.sort_unstable();
        Ok(generations)
    }

    /// The generation in the name of a file.
    fn generation(&self, name: &str) -> Option<u32> {
        let digits = name.strip_prefix(&self.base_name)?.strip_suffix(".log")?;
        let right = digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        right.then(|| u32::from_str_radix(digits, 16).ok())?
    }
}

/// A log as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFound {
    /// Which log it is.
    pub signature: Signature,
    /// Its records with their numbers, in their order.
    pub records: Vec<(u64, LogRecord)>,
    /// The generation of the current file.
    generation: u32,
    /// The bytes of the current file that hold whole records.
    length: u64,
}

impl LogFound {
    /// The number of the last record, zero without one.
    pub fn last_number(&self) -> u64 {
        self.records.last().map_or(0, |(number, _)| *number)
    }
}

/// Reads all files of a log; `None` where there is none.
///
/// # Errors
/// See [`LogError`]; no file is changed.
pub fn read(place: &LogPlace) -> Result<Option<LogFound>, LogError> {
    let mut found: Option<LogFound> = None;
    for generation in place.generations()? {
        let path = place.full(generation);
        let file = read_file(&path, false)?;
        found = Some(join(found, file, &path)?);
    }
    let current = place.current();
    match fs::exists(&current) {
        Ok(true) => {
            let file = read_file(&current, true)?;
            join(found, file, &current).map(Some)
        }
        // Killed between two files: the next generation was not begun yet.
        Ok(false) => Ok(found.map(|found| LogFound {
            generation: found.generation + 1,
            length: 0,
            ..found
        })),
        Err(source) => Err(io_error(&current)(source)),
    }
}

/// A file of a log; `None` for one that was not written to the end of its head.
fn read_file(path: &Path, current: bool) -> Result<Option<LogFound>, LogError> {
    let bytes = fs::read(path).map_err(io_error(path))?;
    let damaged = || LogError::Damaged(path.to_owned());
    let Some((head, mut rest)) = bytes.split_first_chunk::<HEAD>() else {
        return if current { Ok(None) } else { Err(damaged()) };
    };
    let (generation, signature) = read_head(head, path)?;
    let mut records = Vec::new();
    loop {
        match next(rest) {
            Next::Record(number, record, length) => {
                records.push((number, record));
                rest = &rest[length..];
            }
            Next::End => break,
            Next::Torn if current => break,
            Next::Torn | Next::Damaged if DAMAGED.holds() => return Err(damaged()),
            Next::Torn | Next::Damaged => break,
        }
    }
    Ok(Some(LogFound {
        signature,
        records,
        generation,
        length: (bytes.len() - rest.len()) as u64,
    }))
}

fn join(
    before: Option<LogFound>,
    file: Option<LogFound>,
    path: &Path,
) -> Result<LogFound, LogError> {
    match (before, file) {
        (None, Some(file)) => Ok(file),
        (Some(before), None) => Ok(LogFound {
            generation: before.generation + 1,
            length: 0,
            ..before
        }),
        (None, None) => Ok(LogFound {
            signature: Signature::fresh(),
            records: Vec::new(),
            generation: 1,
            length: 0,
        }),
        (Some(mut before), Some(file)) => {
            if file.signature != before.signature && SIGNATURE.holds() {
                return Err(LogError::Signature(path.to_owned()));
            }
            if file.generation != before.generation + 1 && GENERATIONS.holds() {
                return Err(LogError::Missing(path.to_owned()));
            }
            before.records.extend(file.records);
            Ok(LogFound {
                records: before.records,
                ..file
            })
        }
    }
}

fn write_head(generation: u32, signature: Signature) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEAD);
    head.extend(MAGIC);
    head.extend(FORMAT.to_le_bytes());
    head.extend(generation.to_le_bytes());
    head.extend(signature.random.to_le_bytes());
    head.extend(signature.created.to_le_bytes());
    head.extend(crc32fast::hash(&head).to_le_bytes());
    head
}

fn read_head(head: &[u8; HEAD], path: &Path) -> Result<(u32, Signature), LogError> {
    let number = |at: usize| {
        let bytes = head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    };
    if !head.starts_with(&MAGIC) {
        return Err(LogError::Damaged(path.to_owned()));
    }
    if number(8) != FORMAT && VERSION.holds() {
        return Err(LogError::Version(path.to_owned()));
    }
    if number(HEAD - 4) != crc32fast::hash(&head[..HEAD - 4]) && DAMAGED.holds() {
        return Err(LogError::Damaged(path.to_owned()));
    }
    let signature = Signature {
        random: number(16),
        created: u64::from(number(20)) | u64::from(number(24)) << 32,
    };
    Ok((number(12), signature))
}

/// The log that is being written.
#[derive(Debug)]
pub struct LogWriter {
    place: LogPlace,
    /// The current file, once something is written.
    file: Option<File>,
    signature: Signature,
    generation: u32,
    last_number: u64,
    length: u64,
    /// The bytes from which on a file is full (`JET_paramLogFileSize`, which is in kilobytes).
    full_from: u64,
}

impl LogWriter {
    /// Goes on with a log that was found, or begins one. Nothing is written before the first
    /// record; a torn last record is cut off then.
    pub fn new(place: LogPlace, found: Option<&LogFound>, full_from: u64) -> Self {
        Self {
            place,
            file: None,
            signature: found.map_or_else(Signature::fresh, |found| found.signature),
            generation: found.map_or(1, |found| found.generation),
            last_number: found.map_or(0, LogFound::last_number),
            length: found.map_or(0, |found| found.length),
            full_from,
        }
    }

    /// Which log it is.
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// The number of the last record, zero without one.
    pub fn last_number(&self) -> u64 {
        self.last_number
    }

    /// The generation of the current file.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Appends a record; answers its number.
    ///
    /// # Errors
    /// [`LogError::Io`], [`LogError::TooLarge`]; what was written of the record is taken back.
    pub fn append(&mut self, record: &LogRecord, sync: Sync) -> Result<u64, LogError> {
        if self.file.is_none() {
            self.open()?;
        }
        if self.length >= self.full_from {
            self.roll()?;
        }
        let number = self.last_number + 1;
        let bytes = frame(number, record).map_err(|_| LogError::TooLarge)?;
        if let Err(error) = self.put(&bytes, sync) {
            // A record that may be there in part must not be followed by another.
            self.cut(self.length)?;
            return Err(error);
        }
        self.length += bytes.len() as u64;
        self.last_number = number;
        Ok(number)
    }

    /// Waits until all that was appended is on the disk.
    ///
    /// # Errors
    /// [`LogError::Io`]
    pub fn sync(&self) -> Result<(), LogError> {
        match &self.file {
            Some(file) => file.sync_data().map_err(io_error(&self.place.current())),
            None => Ok(()),
        }
    }

    /// Removes the full files before the current one, as circular logging does.
    ///
    /// # Errors
    /// [`LogError::Io`]
    pub fn remove_full(&self) -> Result<(), LogError> {
        for generation in self.place.generations()? {
            let path = self.place.full(generation);
            fs::remove_file(&path).map_err(io_error(&path))?;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), LogError> {
        let path = self.place.current();
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).open(&path);
        self.file = Some(file.map_err(io_error(&path))?);
        self.cut(self.length)?;
        let begun = if self.length == 0 {
            self.begin()
        } else {
            Ok(())
        };
        if begun.is_err() {
            // A file without its head must not get records.
            self.file = None;
        }
        begun
    }

    fn begin(&mut self) -> Result<(), LogError> {
        let head = write_head(self.generation, self.signature);
        self.put(&head, Sync::Memory)?;
        self.length = head.len() as u64;
        Ok(())
    }

    fn roll(&mut self) -> Result<(), LogError> {
        let path = self.place.current();
        self.sync()?;
        fs::rename(&path, self.place.full(self.generation)).map_err(io_error(&path))?;
        self.file = Some(File::create(&path).map_err(io_error(&path))?);
        self.generation += 1;
        self.begin()
    }

    fn put(&mut self, bytes: &[u8], sync: Sync) -> Result<(), LogError> {
        let written = self.file.as_mut().map_or(Ok(()), |file| {
            file.write_all(bytes)?;
            match sync {
                Sync::Disk => file.sync_data(),
                Sync::Memory => Ok(()),
            }
        });
        written.map_err(io_error(&self.place.current()))
    }

    fn cut(&mut self, length: u64) -> Result<(), LogError> {
        let cut = self.file.as_mut().map_or(Ok(()), |file| {
            file.set_len(length)?;
            file.seek(io::SeekFrom::End(0)).map(|_| ())
        });
        cut.map_err(io_error(&self.place.current()))
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> LogError {
    let path = path.to_owned();
    move |source| LogError::Io { path, source }
}
