//! The first page of a database file: what the database is, and what it needs.
//!
//! (jet-dbinfomisc-structure.md)

use std::fs::OpenOptions;
use std::io::{self, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::image::{CHECKSUM, FOREIGN, ImageError, Sync, VERSION, io_error};
use super::moment::{LogPosition, Time};
use super::signature::Signature;

/// `dbstate`. (jet-dbinfomisc-structure.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DatabaseState {
    /// `JET_dbstateJustCreated`
    JustCreated = 1,
    /// `JET_dbstateDirtyShutdown`: the log holds what is missing.
    Dirty = 2,
    /// `JET_dbstateCleanShutdown`: it can be attached without a log.
    Clean = 3,
}

/// Where and when something happened to a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Moment {
    /// The place in the log.
    pub position: LogPosition,
    /// The time.
    pub time: Time,
}

/// `JET_BKINFO`: a backup. (jet-bkinfo-structure.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BackupNote {
    /// `lgposMark`, `logtimeMark`
    pub mark: Moment,
    /// `genLow`: the first file of the log that belongs to it.
    pub low: u32,
    /// `genHigh`: the last one.
    pub high: u32,
}

/// What the header of a database file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// `signDb`: what tells it from any other.
    pub signature: Signature,
    /// `dbstate`
    pub state: DatabaseState,
    /// `signLog`: the log set that it was attached with.
    pub log: Option<Signature>,
    /// The number of the last log record whose effect the file has.
    pub applied: u64,
    /// The page size in bytes.
    pub page_size: u32,
    /// `genMinRequired`: the first generation that recovery needs; zero for none.
    pub min_required: u32,
    /// `genMaxRequired`: the last generation that the file has something of.
    pub max_required: u32,
    /// `genCommitted`: the last generation that was begun.
    pub committed: u32,
    /// `lgposConsistent`, `logtimeConsistent`: zero while it is dirty.
    pub consistent: Moment,
    /// `lgposAttach`, `logtimeAttach`
    pub attached: Moment,
    /// `lgposDetach`, `logtimeDetach`
    pub detached: Moment,
    /// `bkinfoFullPrev`: the last full backup.
    pub full: BackupNote,
    /// `bkinfoIncPrev`: the last incremental backup since.
    pub incremental: BackupNote,
    /// `bkinfoFullCur`: in the copy that a backup made, that backup.
    pub current: BackupNote,
}

/// The first bytes of a database file.
pub(super) const MAGIC: [u8; 8] = *b"jetspec\n";
/// The version of the format.
const FORMAT: u32 = 3;
/// The bytes before the header's own: magic, format, checksum of the rest of the page, page size.
const FRAME: usize = MAGIC.len() + 4 + 4 + 4;
/// The page sizes that a database can have, in bytes.
const PAGE_SIZES: std::ops::RangeInclusive<u32> = 2048..=32_768;

impl Header {
    /// The header of a new database.
    pub fn new(page_size: u32) -> Self {
        Self {
            signature: Signature::fresh(),
            state: DatabaseState::JustCreated,
            log: None,
            applied: 0,
            page_size,
            min_required: 0,
            max_required: 0,
            committed: 0,
            consistent: Moment::default(),
            attached: Moment::default(),
            detached: Moment::default(),
            full: BackupNote::default(),
            incremental: BackupNote::default(),
            current: BackupNote::default(),
        }
    }

    /// Whether the file can be attached without its log.
    pub fn is_clean(&self) -> bool {
        self.state != DatabaseState::Dirty
    }

    /// Says that the file is whole without its log from now on.
    pub fn make_clean(&mut self, position: LogPosition) {
        let now = Moment {
            position,
            time: Time::now(),
        };
        self.state = DatabaseState::Clean;
        self.consistent = now;
        self.detached = now;
        (self.min_required, self.max_required, self.committed) = (0, 0, 0);
    }

    /// The page as it is written.
    ///
    /// # Errors
    /// [`ImageError::Damaged`] for a header that cannot be written down.
    pub fn encode(&self, path: &Path) -> Result<Vec<u8>, ImageError> {
        let damaged = || ImageError::Damaged(path.to_owned());
        let mut page = vec![0; FRAME];
        page = postcard::to_extend(self, page).map_err(|_| damaged())?;
        if page.len() > self.page_size as usize {
            return Err(damaged());
        }
        page.resize(self.page_size as usize, 0);
        page[..8].copy_from_slice(&MAGIC);
        page[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        page[16..20].copy_from_slice(&self.page_size.to_le_bytes());
        let checksum = crc32fast::hash(&page[16..]);
        page[12..16].copy_from_slice(&checksum.to_le_bytes());
        Ok(page)
    }

    /// Reads the first page of a file; `None` for a foreign file that is taken all the same.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read(file: &mut impl io::Read, path: &Path) -> Result<Option<Self>, ImageError> {
        let foreign = || match FOREIGN.holds() {
            true => Err(ImageError::Foreign(path.to_owned())),
            false => Ok(None),
        };
        let damaged = || ImageError::Damaged(path.to_owned());
        let mut frame = [0; FRAME];
        if read_up_to(file, &mut frame).map_err(io_error(path))? < FRAME {
            return match frame.starts_with(&MAGIC) {
                true => Err(damaged()),
                false => foreign(),
            };
        }
        if !frame.starts_with(&MAGIC) {
            return foreign();
        }
        let number = |at: usize| {
            let bytes = frame
                .get(at..at + 4)
                .and_then(|bytes| bytes.try_into().ok());
            bytes.map_or(0, u32::from_le_bytes)
        };
        let version = number(8);
        if version != FORMAT && VERSION.holds() {
            let path = path.to_owned();
            return Err(ImageError::Version { path, version });
        }
        let page_size = number(16);
        if !PAGE_SIZES.contains(&page_size) {
            return Err(damaged());
        }
        let mut page = frame[16..].to_vec();
        page.resize(page_size as usize - 16, 0);
        let rest = &mut page[FRAME - 16..];
        let whole = read_up_to(file, rest).map_err(io_error(path))? == rest.len();
        if (!whole || crc32fast::hash(&page) != number(12)) && CHECKSUM.holds() {
            return Err(damaged());
        }
        let read = postcard::take_from_bytes(&page[FRAME - 16..]);
        match read {
            Ok((header, _)) => Ok(Some(Self {
                // Of the two sizes it is this one that was looked at.
                page_size,
                ..header
            })),
            Err(_) if !CHECKSUM.holds() => Ok(Some(Self::new(page_size))),
            Err(_) => Err(damaged()),
        }
    }

    /// Writes the header into a file that has one, in its place.
    ///
    /// # Errors
    /// [`ImageError::Io`]; [`ImageError::Damaged`] for a header that cannot be written down.
    pub fn write(&self, path: &Path, sync: Sync) -> Result<(), ImageError> {
        let page = self.encode(path)?;
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).open(path)?;
            file.seek(io::SeekFrom::Start(0))?;
            file.write_all(&page)?;
            match sync {
                Sync::Disk => file.sync_data(),
                Sync::Memory => Ok(()),
            }
        };
        write().map_err(io_error(path))
    }
}

/// Reads until the buffer is full or the file has ended.
fn read_up_to(file: &mut impl io::Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}
