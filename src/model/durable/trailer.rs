//! The page that a backup appends to the copy of a database: which logs it took until it was read.
//! Recovery looks at it; the database itself ends before it. (jetopenfile-function.md)

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::header::BackupNote;

/// The bytes before the content: mark, checksum of the rest.
const FRAME: usize = 8 + 4;
/// The first bytes of the page.
const MAGIC: [u8; 8] = *b"jetbkup\n";

/// The page.
pub fn encode(note: &BackupNote, page_size: usize) -> Vec<u8> {
    // A note is small: it cannot fail to be written down.
    let mut page = postcard::to_extend(note, vec![0; FRAME]).unwrap_or_default();
    page.resize(page_size, 0);
    let checksum = crc32fast::hash(&page[FRAME..]);
    page[..8].copy_from_slice(&MAGIC);
    page[8..FRAME].copy_from_slice(&checksum.to_le_bytes());
    page
}

/// Reads the page at the end of a file; `None` where there is none.
///
/// # Errors
/// What the system says.
pub fn read(path: &Path, page_size: u32) -> io::Result<Option<BackupNote>> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() < u64::from(page_size) {
        return Ok(None);
    }
    file.seek(SeekFrom::End(-i64::from(page_size)))?;
    let mut page = Vec::new();
    file.read_to_end(&mut page)?;
    let note = page.strip_prefix(&MAGIC).and_then(|rest| {
        let (checksum, rest) = rest.split_first_chunk::<4>()?;
        let right = u32::from_le_bytes(*checksum) == crc32fast::hash(rest);
        let (note, _) = postcard::take_from_bytes(rest).ok().filter(|_| right)?;
        Some(note)
    });
    Ok(note)
}
