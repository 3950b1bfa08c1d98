//! The checkpoint file: from where on recovery has to look at the log. Without one, or with one
//! that is damaged or another log's, it looks at all of it. (extensible-storage-engine-files.md)

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::moment::LogPosition;
use super::signature::Signature;

/// What a checkpoint file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The log that it belongs to.
    pub log: Signature,
    /// All that was logged before it is in the files of the databases.
    pub position: LogPosition,
}

/// The first bytes of a checkpoint file.
const MAGIC: [u8; 8] = *b"jetchk\r\n";
/// The size of the file.
const SIZE: usize = 4096;
/// The bytes before the content: magic, checksum of the rest.
const FRAME: usize = MAGIC.len() + 4;

/// What is wrong with a checkpoint file.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// It cannot be read or written.
    #[error("cannot access the checkpoint file: {0}")]
    Io(#[from] io::Error),
    /// It is not what was written.
    #[error("the checkpoint file is damaged")]
    Damaged,
}

impl Checkpoint {
    /// Whether these bytes are the beginning of a checkpoint file.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// See [`CheckpointError`].
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let bytes = fs::read(path)?;
        let damaged = || CheckpointError::Damaged;
        let rest = bytes.strip_prefix(&MAGIC).ok_or_else(damaged)?;
        let (checksum, rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        if u32::from_le_bytes(*checksum) != crc32fast::hash(rest) {
            return Err(damaged());
        }
        let (checkpoint, _) = postcard::take_from_bytes(rest).map_err(|_| damaged())?;
        Ok(checkpoint)
    }

    /// Writes the file in place of the one that was there.
    ///
    /// # Errors
    /// See [`CheckpointError`].
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        let page = postcard::to_extend(self, vec![0; FRAME]);
        let mut page = page.map_err(|_| CheckpointError::Damaged)?;
        page.resize(SIZE, 0);
        let checksum = crc32fast::hash(&page[FRAME..]);
        page[..8].copy_from_slice(&MAGIC);
        page[8..FRAME].copy_from_slice(&checksum.to_le_bytes());
        let mut aside = path.as_os_str().to_owned();
        aside.push(".new");
        fs::write(&aside, &page).and_then(|()| fs::rename(&aside, path))?;
        Ok(())
    }
}
