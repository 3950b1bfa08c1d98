//! What parent and host say to each other: frames over the host's standard streams. A frame is its
//! kind, its length, its content. Before the first frame the host writes [`GREETING`], so that what a
//! launcher prints before it is skipped.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::run::{Limits, Resume};
use crate::scenario::plan::Plan;

use super::control::Setup;

/// What the host writes first.
pub(super) const GREETING: &[u8] = b"\njetspec host 1\n";

/// The kinds of frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// To the host: a [`Job`] as JSON.
    Job = b'J',
    /// From the host: a [`Hello`] as JSON.
    Hello = b'H',
    /// From the host: why the library cannot be used, as text.
    Refused = b'X',
    /// From the host: the folder that it works in, as JSON.
    Folder = b'F',
    /// From the host: records of the journal.
    Records = b'R',
    /// From the host: how the run ended, as JSON.
    Ended = b'E',
    /// From the host: the name of a function that the library exports and does not have.
    Stub = b'S',
    /// From the host: the exception that is about to end it, four bytes, the lowest first.
    Exception = b'C',
}

impl Kind {
    fn read(byte: u8) -> Option<Kind> {
        const ALL: [Kind; 8] = [
            Kind::Job,
            Kind::Hello,
            Kind::Refused,
            Kind::Folder,
            Kind::Records,
            Kind::Ended,
            Kind::Stub,
            Kind::Exception,
        ];
        ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// What a host says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello {
    /// The build of the host, which must be the parent's.
    pub(super) stamp: String,
}

/// One plan to run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) plan: std::sync::Arc<Plan>,
    pub(super) limits: Limits,
    pub(super) resume: Resume,
    /// What to set in our own library before the plan.
    pub(super) setup: Setup,
    /// The folder that paths of the plan are relative to; the host makes one where the parent
    /// cannot.
    pub(super) folder: Option<PathBuf>,
    /// The file that the host maps to announce its steps in.
    pub(super) announcements: Option<PathBuf>,
}

/// The longest content of a frame that is believed.
const LONGEST: u32 = 1 << 30;

/// Writes a frame with one call, so that nothing else can come between its parts.
pub(super) fn write(stream: &mut impl Write, kind: Kind, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len()).map_err(io::Error::other)?;
    let mut frame = Vec::with_capacity(content.len() + 5);
    frame.push(kind as u8);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(content);
    stream.write_all(&frame)?;
    stream.flush()
}

/// Writes a frame with a value as JSON.
pub(super) fn write_json(
    stream: &mut impl Write,
    kind: Kind,
    value: &impl Serialize,
) -> io::Result<()> {
    write(stream, kind, &serde_json::to_vec(value)?)
}

/// Reads the next frame, `None` at the end of the stream.
pub(super) fn read(stream: &mut impl Read) -> io::Result<Option<(Kind, Vec<u8>)>> {
    let mut head = [0; 5];
    match stream.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let [kind, length @ ..] = head;
    let length = u32::from_le_bytes(length);
    let Some(kind) = Kind::read(kind).filter(|_| length <= LONGEST) else {
        return Err(io::Error::other("not a frame of the protocol"));
    };
    let mut content = vec![0; length as usize];
    stream.read_exact(&mut content)?;
    Ok(Some((kind, content)))
}

/// Skips what comes before the greeting; `false` when the stream ends without one.
pub(super) fn skip_to_greeting(stream: &mut impl Read) -> io::Result<bool> {
    let mut matched = 0;
    let mut byte = [0];
    while matched < GREETING.len() {
        if stream.read(&mut byte)? == 0 {
            return Ok(false);
        }
        matched = match byte[0] {
            same if same == GREETING[matched] => matched + 1,
            first if first == GREETING[0] => 1,
            _ => 0,
        };
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_after_a_banner() -> io::Result<()> {
        let mut stream = b"Welcome!\n\njets".to_vec();
        stream.extend_from_slice(GREETING);
        write(&mut stream, Kind::Records, b"abc")?;
        write(&mut stream, Kind::Ended, b"")?;
        let mut stream = &*stream;
        assert!(skip_to_greeting(&mut stream)?);
        assert_eq!(read(&mut stream)?, Some((Kind::Records, b"abc".to_vec())));
        assert_eq!(read(&mut stream)?, Some((Kind::Ended, Vec::new())));
        assert_eq!(read(&mut stream)?, None);
        Ok(())
    }

    #[test]
    fn what_is_no_frame_is_an_error() {
        assert!(read(&mut &b"hello, world"[..]).is_err());
        assert!(matches!(skip_to_greeting(&mut &b"hello"[..]), Ok(false)));
    }
}
