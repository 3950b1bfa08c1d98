//! Writing a log.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::PathBuf;

use super::image::Sync;
use super::log::{HEAD, LogError, LogHead, io_error, write_head};
use super::moment::{LogPosition, Time};
use super::place::LogPlace;
use super::record::{FULL_LENGTH, LogRecord, frame};
use super::signature::Signature;

/// Where the writing of a log goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEnd {
    /// The generation of the file.
    pub generation: u32,
    /// The bytes of it that hold whole records; zero for a file that is not there yet.
    pub length: u64,
    /// The number of the last record, zero without one.
    pub last_number: u64,
}

impl Default for LogEnd {
    /// Where a log begins.
    fn default() -> Self {
        Self {
            generation: 1,
            length: 0,
            last_number: 0,
        }
    }
}

/// The log that is being written.
#[derive(Debug)]
pub struct LogWriter {
    place: LogPlace,
    /// The current file, once something is written.
    file: Option<File>,
    log: Signature,
    end: LogEnd,
    /// The size of a file in bytes (`JET_paramLogFileSize`, which is in kilobytes).
    size: u64,
    /// The databases that are attached and their files: what each file begins with.
    attached: Vec<(Signature, PathBuf)>,
    /// The bytes that the current file began with.
    begun: u64,
    /// The bytes written since [`reset_written`](Self::reset_written).
    written: u64,
    /// Where the last record begins that was appended.
    last: LogPosition,
    /// When the current file was made.
    made: Time,
    /// The number of the last record that says more than what is attached.
    changed: u64,
}

impl LogWriter {
    /// Goes on with a log, or begins one. Nothing is written before the first record; a torn last
    /// record is cut off then.
    pub fn new(place: LogPlace, log: Signature, end: LogEnd, size: u64) -> Self {
        Self {
            place,
            file: None,
            log,
            end,
            size,
            attached: Vec::new(),
            begun: HEAD as u64,
            written: 0,
            last: LogPosition::default(),
            made: Time::now(),
            changed: end.last_number,
        }
    }

    /// Where the log is.
    pub fn place(&self) -> &LogPlace {
        &self.place
    }

    /// The size of its files in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Which log it is.
    pub fn signature(&self) -> Signature {
        self.log
    }

    /// The number of the last record, zero without one.
    pub fn last_number(&self) -> u64 {
        self.end.last_number
    }

    /// The generation of the current file.
    pub fn generation(&self) -> u32 {
        self.end.generation
    }

    /// When the current file was made.
    pub fn made(&self) -> Time {
        self.made
    }

    /// Where the next record will begin.
    pub fn position(&self) -> LogPosition {
        LogPosition::of(self.end.generation, self.end.length)
    }

    /// Where the last record begins that was appended.
    pub fn last_position(&self) -> LogPosition {
        self.last
    }

    /// The number of the last record that says more than what is attached.
    pub fn last_change(&self) -> u64 {
        self.changed
    }

    /// The bytes written since this was asked the last time.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Counts the bytes written from nothing again.
    pub fn reset_written(&mut self) {
        self.written = 0;
    }

    /// Appends a record; answers its number.
    ///
    /// # Errors
    /// [`LogError::Io`], [`LogError::TooLarge`]; what was written of the record is taken back.
    pub fn append(&mut self, record: &LogRecord, sync: Sync) -> Result<u64, LogError> {
        self.open()?;
        let number = self.end.last_number + 1;
        let mut bytes = frame(number, record).map_err(|_| LogError::TooLarge)?;
        let with_it = self.end.length + (bytes.len() + FULL_LENGTH) as u64;
        let full = with_it > self.size;
        if full && self.end.length > self.begun {
            self.roll()?;
            bytes = frame(self.end.last_number + 1, record).map_err(|_| LogError::TooLarge)?;
        }
        self.put_record(&bytes, sync)?;
        self.changed = self.end.last_number;
        match record {
            LogRecord::Attach { database, path } => {
                self.attached.push((*database, PathBuf::from(path)));
            }
            LogRecord::Detach { database } => self.attached.retain(|(one, _)| one != database),
            LogRecord::Part(_) | LogRecord::Group(_) | LogRecord::Attached(_) | LogRecord::Full => {
            }
        }
        Ok(self.end.last_number)
    }

    /// Takes over what a log left attached, before anything is written.
    pub fn set_attached(&mut self, attached: Vec<(Signature, PathBuf)>) {
        self.attached = attached;
    }

    /// Ends the current file and begins the next one, as a backup needs it.
    ///
    /// # Errors
    /// [`LogError::Io`]; nothing can be written afterwards.
    pub fn begin_next_file(&mut self) -> Result<(), LogError> {
        self.open()?;
        self.roll()
    }

    /// Whether there is a current file.
    pub fn is_open(&self) -> bool {
        self.file.is_some()
    }

    /// Makes sure that there is a current file.
    ///
    /// # Errors
    /// [`LogError::Io`]
    pub fn open(&mut self) -> Result<(), LogError> {
        if self.file.is_some() {
            return Ok(());
        }
        if self.end.length == 0 {
            self.make(self.end.generation)?;
            return self.begin();
        }
        let path = self.place.current();
        let file = OpenOptions::new().write(true).open(&path);
        let opened = file
            .map(|file| self.file = Some(file))
            .map_err(io_error(&path))
            .and_then(|()| self.cut(self.end.length));
        if opened.is_err() {
            self.file = None;
        }
        opened
    }

    fn put_record(&mut self, bytes: &[u8], sync: Sync) -> Result<(), LogError> {
        if let Err(error) = self.put(bytes, sync) {
            // A record that may be there in part must not be followed by another.
            self.cut(self.end.length)?;
            return Err(error);
        }
        self.last = self.position();
        self.end.length += bytes.len() as u64;
        self.written += bytes.len() as u64;
        self.end.last_number += 1;
        Ok(())
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

    /// Removes the full files before a generation, the oldest first.
    ///
    /// # Errors
    /// [`LogError::Io`]
    pub fn remove_before(&self, generation: u32) -> Result<(), LogError> {
        for full in self.place.generations()? {
            if full < generation {
                let path = self.place.full(full);
                fs::remove_file(&path).map_err(io_error(&path))?;
            }
        }
        Ok(())
    }

    /// Makes the file of a generation under its temporary name, as long as it will be.
    fn make(&mut self, generation: u32) -> Result<(), LogError> {
        let path = self.place.next();
        let head = LogHead {
            generation,
            log: self.log,
            made: Time::now(),
            size: self.size,
        };
        self.made = head.made;
        let make = || -> io::Result<()> {
            let mut file = File::create(&path)?;
            file.write_all(&write_head(head))?;
            file.set_len(self.size.max(HEAD as u64))
        };
        make().map_err(io_error(&path))
    }

    /// Gives the file that was made its name and writes what is attached into it.
    fn take_next(&mut self) -> Result<(), LogError> {
        let path = self.place.current();
        fs::rename(self.place.next(), &path).map_err(io_error(&path))?;
        let file = OpenOptions::new().write(true).open(&path);
        let mut file = file.map_err(io_error(&path))?;
        file.seek(io::SeekFrom::Start(HEAD as u64))
            .map_err(io_error(&path))?;
        self.file = Some(file);
        self.end.length = HEAD as u64;
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        let attached = self.attached.iter().map(|(one, file)| (*one, path(file)));
        let record = LogRecord::Attached(attached.collect());
        let number = self.end.last_number + 1;
        let bytes = frame(number, &record).map_err(|_| LogError::TooLarge)?;
        self.put_record(&bytes, Sync::Memory)?;
        self.begun = self.end.length;
        Ok(())
    }

    /// Ends the current file and begins the next one. Whatever fails, the writer is left whole: it
    /// goes on in the current file, or the next record begins a new one.
    fn roll(&mut self) -> Result<(), LogError> {
        self.end_file()?;
        self.sync()?;
        let (current, full) = (self.place.current(), self.place.full(self.end.generation));
        let next = self.end.generation.saturating_add(1);
        let renamed = self.make(next).and_then(|()| {
            let renamed = fs::rename(&current, full);
            renamed.map_err(io_error(&current))
        });
        if let Err(error) = renamed {
            // A file that is not taken is of no use.
            let _ = fs::remove_file(self.place.next());
            self.cut(self.end.length)?;
            return Err(error);
        }
        self.file = None;
        self.end.generation = next;
        self.end.length = 0;
        self.begin()
    }

    /// Says at the end of the current file that it is full. Where the file goes on after all, the next
    /// record takes its place.
    fn end_file(&mut self) -> Result<(), LogError> {
        let full = frame(self.end.last_number, &LogRecord::Full);
        let bytes = full.map_err(|_| LogError::TooLarge)?;
        let put = self.put(&bytes, Sync::Memory);
        if put.is_err() {
            self.cut(self.end.length)?;
        }
        put
    }

    /// Begins the file that was made.
    fn begin(&mut self) -> Result<(), LogError> {
        let begun = self.take_next();
        if begun.is_err() {
            // A file without its head must not get records: it is made again.
            self.file = None;
            self.end.length = 0;
        }
        begun
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

    /// Leaves so many bytes and zeros after them.
    fn cut(&mut self, length: u64) -> Result<(), LogError> {
        let size = self.size;
        let cut = self.file.as_mut().map_or(Ok(()), |file| {
            file.set_len(length)?;
            // Where the system refuses every write the zeros have to wait.
            let _ = file.set_len(size.max(length));
            file.seek(io::SeekFrom::Start(length)).map(|_| ())
        });
        cut.map_err(io_error(&self.place.current()))
    }
}
