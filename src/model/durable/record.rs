//! Records of the log, and how they are framed in a file.

use std::io;

use serde::{Deserialize, Serialize};

use super::contents::{RowImage, SchemaImage};
use super::signature::Signature;
use super::writer::encode_row;

/// What the log says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogRecord {
    /// A database was created or attached from a file.
    Attach {
        /// The database.
        database: Signature,
        /// Its file, absolute.
        path: String,
    },
    /// A database was detached; its file has all that was said of it.
    Detach {
        /// The database.
        database: Signature,
    },
    /// A transaction was committed at its outermost level, or a call was done outside any.
    Group(Vec<Operation>),
    /// The beginning of a long group: it counts only where the rest of the group follows.
    Part(Vec<Operation>),
    /// The databases that are attached, with their files: the first record of every file.
    Attached(Vec<(Signature, String)>),
    /// The file is full: nothing comes after it, and nobody need look.
    Full,
}

/// A change to a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The database.
    pub database: Signature,
    /// The object number of the table.
    pub table: u32,
    /// What was done to the table.
    pub deed: Deed,
}

/// What was done to a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// It was created, or its schema has become this.
    Define(Box<SchemaImage>),
    /// It was deleted.
    Drop,
    /// A row was inserted, or has become this.
    Put {
        /// Its bytes in a file of a database, its bookmark among them: whoever replays a log need not
        /// know what they mean.
        #[serde(with = "serde_bytes")]
        row: Vec<u8>,
    },
    /// A row was deleted.
    Remove {
        /// Its bookmark.
        #[serde(with = "serde_bytes")]
        bookmark: Vec<u8>,
    },
    /// Numbers were given out.
    Counters {
        /// The next value of the autoincrement column.
        next_autoincrement: u64,
        /// The next bookmark of a table without primary index.
        next_counter: u32,
    },
}

impl Deed {
    /// A row was inserted, or has become this.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] for one that cannot be written down.
    pub fn put(bookmark: &[u8], row: &RowImage) -> io::Result<Self> {
        let row = encode_row(bookmark, row)?;
        Ok(Self::Put { row })
    }

    /// Whether it is about a row.
    pub fn is_of_row(&self) -> bool {
        matches!(self, Self::Put { .. } | Self::Remove { .. })
    }
}

/// Begins a record.
const MARK: [u8; 4] = *b"jrec";
/// The bytes before a record's payload: mark, number, length, checksum of the payload, checksum of
/// all that.
pub const FRAME: usize = 4 + 8 + 4 + 4 + 4;

/// A framed record, ready to be appended.
///
/// # Errors
/// Where the record cannot be written down at all.
pub fn frame(number: u64, record: &LogRecord) -> postcard::Result<Vec<u8>> {
    let payload = postcard::to_stdvec(record)?;
    let length = u32::try_from(payload.len());
    let length = length.map_err(|_| postcard::Error::SerializeBufferFull)?;
    let mut bytes = Vec::with_capacity(FRAME + payload.len());
    bytes.extend(MARK);
    bytes.extend(number.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend(crc32fast::hash(&payload).to_le_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes.extend(payload);
    Ok(bytes)
}

/// The head of a record whose own checksum is right.
#[derive(Debug, Clone, Copy)]
struct Head {
    number: u64,
    length: usize,
    checksum: u32,
}

fn head(bytes: &[u8]) -> Option<Head> {
    let (frame, _) = bytes.split_first_chunk::<FRAME>()?;
    let (covered, own) = frame.split_last_chunk::<4>()?;
    let right = covered.starts_with(&MARK) && u32::from_le_bytes(*own) == crc32fast::hash(covered);
    if !right {
        return None;
    }
    let (_, fields) = covered.split_first_chunk::<4>()?;
    let (number, fields) = fields.split_first_chunk::<8>()?;
    let (length, fields) = fields.split_first_chunk::<4>()?;
    let (checksum, _) = fields.split_first_chunk::<4>()?;
    Some(Head {
        number: u64::from_le_bytes(*number),
        length: u32::from_le_bytes(*length) as usize,
        checksum: u32::from_le_bytes(*checksum),
    })
}

/// What stands at the beginning of some bytes of a log.
#[derive(Debug, Clone, Copy)]
pub enum Next<'b> {
    /// Nothing more.
    End,
    /// A record: its number, and its payload, which is what was written.
    Record(u64, &'b [u8]),
    /// A record that was not written to its end, and nothing after it.
    Torn,
    /// A record that is not what was written, with more after it.
    Damaged,
}

/// Reads the first record of some bytes.
pub fn next(bytes: &[u8]) -> Next<'_> {
    // Where nothing is written yet the file holds zeros.
    if all_zero(bytes) {
        return Next::End;
    }
    let Some(head) = head(bytes) else {
        return broken(bytes, 1);
    };
    let end = FRAME.saturating_add(head.length);
    let payload = bytes.get(FRAME..end);
    let whole = payload.filter(|payload| crc32fast::hash(payload) == head.checksum);
    match whole {
        Some(payload) => Next::Record(head.number, payload),
        None => broken(bytes, FRAME),
    }
}

/// The bytes that the record at the beginning of some bytes takes, by its head; `None` where no record
/// begins.
pub fn length(bytes: &[u8]) -> Option<usize> {
    head(bytes).map(|head| FRAME.saturating_add(head.length))
}

/// Whether a payload says that the file is full.
pub fn is_of_full_file(payload: &[u8]) -> bool {
    const FULL: u32 = 5;
    matches!(postcard::take_from_bytes(payload), Ok((FULL, _)))
}

/// The bytes that the record takes which says that a file is full.
pub const FULL_LENGTH: usize = FRAME + 1;

/// Whether a payload says which databases are attached.
pub fn is_of_attachment(payload: &[u8]) -> bool {
    const ATTACH: u32 = 0;
    const DETACH: u32 = 1;
    const ATTACHED: u32 = 4;
    matches!(
        postcard::take_from_bytes(payload),
        Ok((ATTACH | DETACH | ATTACHED, _))
    )
}

/// Whether there is nothing but zeros. The rest of a file is long: its bytes are looked at many at a
/// time.
pub(super) fn all_zero(bytes: &[u8]) -> bool {
    let zero = |some: &[u8]| some.iter().fold(0, |all, byte| all | byte) == 0;
    bytes.chunks(256).all(zero)
}

/// A record that cannot be read is torn only where no head of a record follows it.
fn broken(bytes: &[u8], from: usize) -> Next<'static> {
    let rest = bytes.get(from..).unwrap_or_default();
    let follows = rest
        .windows(MARK.len())
        .enumerate()
        .any(|(at, window)| window == MARK && head(&rest[at..]).is_some());
    if follows { Next::Damaged } else { Next::Torn }
}
