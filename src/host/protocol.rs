//! What parent and host say to each other: frames over the host's standard streams. A frame is a mark,
//! its kind, its length, a checksum of these, its content, a checksum of that. What stands between
//! frames is skipped: a launcher may print a banner, and a library that reaches the host's standard
//! output may print what it likes.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::reference::watch::Report;
use crate::run::trace::End;
use crate::run::{Limits, Resume};
use crate::scenario::plan::Plan;

use super::control::Setup;

/// What every frame begins with. The last byte is the version of the protocol.
const MARK: [u8; 6] = [0xF5, b'j', b's', b'p', 0xFB, 2];
/// Mark, kind, length, checksum of kind and length.
const HEAD: usize = MARK.len() + 1 + 4 + 4;
/// The longest content that is believed: more than any plan, and than what is kept of a journal.
const LONGEST: u32 = 1 << 28;
/// How much is read at once.
const PIECE: usize = 64 * 1024;

/// The kinds of frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// To the host: a [`Job`].
    Job = b'J',
    /// To the host: unload the library and go; nothing is lost any more.
    Unload = b'U',
    /// To the host: say what the library exports. From the host: that, as [`Exports`].
    Exports = b'P',
    /// To the host: remove this folder of an earlier run, made by a host that could not.
    Discard = b'D',
    /// From the host, before it loads the library: a [`Hello`] as JSON.
    Hello = b'H',
    /// From the host: the library is loaded.
    Loaded = b'L',
    /// From the host: why the library cannot be used, as text.
    Refused = b'X',
    /// From the host: the folder that it has made to work in.
    Folder = b'F',
    /// From the host: the beginning of what the next frame that is none of these goes on with.
    Part = b'Q',
    /// From the host: records of the journal.
    Records = b'R',
    /// From the host: a step of the plan itself begins. Only where nothing else tells.
    Step = b'S',
    /// From the host: how the run ended, an [`Ended`].
    Ended = b'E',
    /// From the host: whether it may be used again, a `bool`. Follows an `Ended` that says so.
    Tidied = b'T',
    /// From the host: the name of a function that the library exports and does not have.
    Stub = b'W',
    /// From the host: the exception that is about to end it, four bytes, the lowest first.
    Exception = b'C',
    /// From the host: the folder of a `Discard` is gone; its content comes back.
    Discarded = b'G',
    /// From the host: the library is unloaded.
    Unloaded = b'V',
}

impl Kind {
    fn read(byte: u8) -> Option<Kind> {
        const ALL: [Kind; 17] = [
            Kind::Job,
            Kind::Unload,
            Kind::Exports,
            Kind::Discard,
            Kind::Hello,
            Kind::Loaded,
            Kind::Refused,
            Kind::Folder,
            Kind::Part,
            Kind::Records,
            Kind::Step,
            Kind::Ended,
            Kind::Tidied,
            Kind::Stub,
            Kind::Exception,
            Kind::Discarded,
            Kind::Unloaded,
        ];
        ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// What a host says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello {
    /// The build of the host, which must be the parent's.
    pub(super) stamp: String,
    /// The system that it runs on, which need not be.
    pub(super) system: System,
}

/// The kind of system that a host runs on, as far as scenarios ask for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum System {
    /// Windows, also Wine's.
    Windows,
    /// Linux, macOS and their like.
    Unix,
}

impl System {
    /// The one that this process runs on.
    pub const HERE: System = if cfg!(windows) {
        System::Windows
    } else {
        System::Unix
    };
}

/// What a library exports of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exports {
    /// The exported names.
    pub names: Vec<String>,
    /// Those that are more than a name, where the library says so: our own does.
    pub implemented: Option<Vec<String>>,
}

/// One plan to run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) plan: Arc<Plan>,
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

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ended {
    pub(super) end: End,
    /// What the library changed in its process behind the program's back.
    pub(super) changes: Vec<String>,
    pub(super) after: After,
    /// What was seen of the engine's state, where that was asked for.
    pub(super) report: Report,
}

/// What comes of the host after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum After {
    /// It can take the next plan.
    Ready,
    /// It ends what the plan has left open and then says whether it can take the next plan.
    Tidying,
    /// It has seen what a fresh process has not: it must not take another plan.
    Spent,
}

/// A value as the content of a frame.
pub(super) fn encode(value: &impl Serialize) -> io::Result<Vec<u8>> {
    postcard::to_stdvec(value).map_err(io::Error::other)
}

/// A value from the content of a frame.
pub(super) fn decode<T: DeserializeOwned>(content: &[u8]) -> io::Result<T> {
    postcard::from_bytes(content).map_err(io::Error::other)
}

/// Writes a frame with one call, so that little can come between its parts.
pub(super) fn write(stream: &mut impl Write, kind: Kind, content: &[u8]) -> io::Result<()> {
    let head = head(kind, content)?;
    let mut frame = Vec::with_capacity(AROUND + content.len());
    frame.extend_from_slice(&head);
    frame.extend_from_slice(content);
    frame.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
    stream.write_all(&frame)?;
    stream.flush()
}

/// How many bytes of a frame are not its content.
pub(super) const AROUND: usize = HEAD + 4;

/// What stands before the content of a frame.
pub(super) fn head(kind: Kind, content: &[u8]) -> io::Result<[u8; HEAD]> {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut head = [0; HEAD];
    let (mark, rest) = head.split_at_mut(MARK.len());
    mark.copy_from_slice(&MARK);
    let (said, sum) = rest.split_at_mut(5);
    said[0] = kind as u8;
    said[1..].copy_from_slice(&length.to_le_bytes());
    sum.copy_from_slice(&crc32fast::hash(said).to_le_bytes());
    Ok(head)
}

/// Reads frames and skips what is none.
pub(super) struct Frames<R> {
    stream: R,
    /// What one reading takes in.
    piece: Box<[u8]>,
    buffer: Vec<u8>,
    /// How much of the buffer has been dealt with.
    taken: usize,
    /// The content of the parts that the next frame goes on with.
    parts: Vec<u8>,
}

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A frame.
    Whole(Kind, Vec<u8>),
    /// A frame began, but its content is not what was sent: something wrote into the middle of it.
    Torn,
}

impl<R: Read> Frames<R> {
    /// Frames of a stream.
    pub(super) fn new(stream: R) -> Self {
        Frames {
            stream,
            piece: vec![0; PIECE].into_boxed_slice(),
            buffer: Vec::new(),
            taken: 0,
            parts: Vec::new(),
        }
    }

    /// What the frames are read from.
    #[cfg(unix)]
    pub(super) fn stream(&self) -> &R {
        &self.stream
    }

    /// Whether something was read that has not been given out.
    #[cfg(unix)]
    pub(super) fn has_begun(&self) -> bool {
        self.taken < self.buffer.len()
    }

    /// The next frame, `None` at the end of the stream.
    pub(super) fn next(&mut self) -> io::Result<Option<Frame>> {
        loop {
            self.skip_to_mark();
            if !self.have(HEAD)? {
                return Ok(None);
            }
            let Some((kind, length)) = self.head() else {
                self.taken += 1;
                continue;
            };
            let whole = HEAD + length + 4;
            if !self.have(whole)? {
                return Ok(None);
            }
            let frame = &self.buffer[self.taken..self.taken + whole];
            let (content, sum) = frame[HEAD..].split_at(length);
            if crc32fast::hash(content).to_le_bytes() != sum {
                // What was written into it may hide the beginning of the next one.
                self.taken += MARK.len();
                self.parts.clear();
                return Ok(Some(Frame::Torn));
            }
            let mut joined = std::mem::take(&mut self.parts);
            joined.extend_from_slice(content);
            self.taken += whole;
            match kind {
                // No more than is believed of one frame: who sends parts without end is not heard.
                Kind::Part if joined.len() <= LONGEST as usize => self.parts = joined,
                _ => return Ok(Some(Frame::Whole(kind, joined))),
            }
        }
    }

    /// Passes over what cannot be the beginning of a frame.
    fn skip_to_mark(&mut self) {
        let rest = &self.buffer[self.taken..];
        let found = (0..rest.len()).find(|at| {
            let seen = &rest[*at..];
            let length = seen.len().min(MARK.len());
            seen[..length] == MARK[..length]
        });
        self.taken += found.unwrap_or(rest.len());
    }

    /// Kind and length, if the head is one and unharmed.
    fn head(&self) -> Option<(Kind, usize)> {
        let head = self.buffer.get(self.taken..self.taken + HEAD)?;
        let (mark, rest) = head.split_at(MARK.len());
        let (said, sum) = rest.split_at(5);
        if mark != MARK || crc32fast::hash(said).to_le_bytes() != sum {
            return None;
        }
        let (kind, length) = said.split_first()?;
        let length = u32::from_le_bytes(length.try_into().ok()?);
        let kind = Kind::read(*kind).filter(|_| length <= LONGEST)?;
        Some((kind, length as usize))
    }

    /// Reads until so many bytes are there; `false` where the stream ends before.
    fn have(&mut self, bytes: usize) -> io::Result<bool> {
        while self.buffer.len() - self.taken < bytes {
            if self.taken > 0 {
                self.buffer.drain(..self.taken);
                self.taken = 0;
            }
            let read = match self.stream.read(&mut self.piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            if read == 0 {
                return Ok(false);
            }
            self.buffer.extend_from_slice(&self.piece[..read]);
            // Before the mark was seen whole, what came may turn out to be none.
            if bytes == HEAD {
                self.skip_to_mark();
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(stream: &[u8]) -> Vec<Frame> {
        /// Gives a few bytes at a time, as pipes may.
        struct Slowly<'s>(&'s [u8]);
        impl Read for Slowly<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let size = self.0.len().min(buffer.len()).min(7);
                buffer[..size].copy_from_slice(&self.0[..size]);
                self.0 = &self.0[size..];
                Ok(size)
            }
        }
        let mut frames = Frames::new(Slowly(stream));
        std::iter::from_fn(|| frames.next().expect("memory")).collect()
    }

    fn frame(kind: Kind, content: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, kind, content).expect("memory");
        bytes
    }

    #[test]
    fn noise_before_between_and_after_frames_is_skipped() {
        let mut stream = b"Welcome!\n\xF5js".to_vec();
        stream.extend(frame(Kind::Records, b"abc"));
        stream.extend_from_slice(&MARK);
        stream.extend_from_slice(b"E no head is like this\n");
        stream.extend(frame(Kind::Ended, b""));
        stream.extend_from_slice(b"bye\n\xF5");
        let expected = [
            Frame::Whole(Kind::Records, b"abc".to_vec()),
            Frame::Whole(Kind::Ended, Vec::new()),
        ];
        assert_eq!(all(&stream), expected);
    }

    #[test]
    fn a_frame_that_something_wrote_into_is_torn_and_the_next_one_is_read() {
        let mut stream = frame(Kind::Records, b"abcdefgh");
        stream.splice(HEAD + 2..HEAD + 2, *b"hello");
        stream.extend(frame(Kind::Records, b"a whole one"));
        stream.extend(frame(Kind::Ended, b"x"));
        let expected = [
            Frame::Torn,
            Frame::Whole(Kind::Records, b"a whole one".to_vec()),
            Frame::Whole(Kind::Ended, b"x".to_vec()),
        ];
        assert_eq!(all(&stream), expected);
    }

    #[test]
    fn large_frames_come_whole() {
        let content = vec![0xF5; 3 * PIECE];
        let seen = all(&frame(Kind::Records, &content));
        assert_eq!(seen, [Frame::Whole(Kind::Records, content)]);
    }

    #[test]
    fn parts_are_joined_by_the_frame_that_follows() {
        let mut stream = frame(Kind::Part, b"ab");
        stream.extend_from_slice(b"noise");
        stream.extend(frame(Kind::Part, b"cd"));
        stream.extend(frame(Kind::Ended, b"e"));
        stream.extend(frame(Kind::Tidied, b"f"));
        let expected = [
            Frame::Whole(Kind::Ended, b"abcde".to_vec()),
            Frame::Whole(Kind::Tidied, b"f".to_vec()),
        ];
        assert_eq!(all(&stream), expected);
    }

    #[test]
    fn what_is_no_frame_is_the_end() {
        assert!(all(b"hello, world").is_empty());
        assert!(all(&frame(Kind::Hello, b"cut off")[..HEAD + 3]).is_empty());
    }
}
