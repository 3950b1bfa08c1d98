//! The journal: what a run saw, as raw records in the order in which it happened. It is written while
//! the plan runs, with no name looked up and nothing formatted; the trace is rendered from it
//! afterwards, or by another process if the one that wrote it has died.
//!
//! All numbers are little-endian. A record begins with its tag and the number of the thread.

use super::image::Image;
use crate::scenario::plan::MOST_THREADS;

/// What a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Tag {
    /// A step is about to be done: step.
    Begin = 1,
    /// The step that the thread began last is a call and has returned: code, violations, outputs.
    Return,
    /// The step is no call and was done.
    Done,
    /// The step could not be done, or did not hold: text.
    Failed,
    /// The step begins a call on another thread.
    Started,
    /// The step asks for the result of a call begun before: the step that began it.
    Joined,
    /// An attempt that does not count.
    Discard,
    /// A callback is invoked: callback, kind, arguments, what stood at `*pvArg2` or in the progress,
    /// user data.
    Enter,
    /// The callback that the thread entered last returns: code.
    Leave,
    /// A callback without steps is invoked and returns: as `Enter`, code.
    Event,
    /// The step takes the invocations of a callback by the engine's own threads: callback, how many.
    Take,
    /// A variable is set to a number: variable, number.
    Set,
    /// A file's digest is remembered: digest, path.
    Digest,
    /// Writes seen after the last step: violations.
    Late,
}

impl Tag {
    pub(super) fn read(byte: u8) -> Option<Tag> {
        const ALL: [Tag; 14] = [
            Tag::Begin,
            Tag::Return,
            Tag::Done,
            Tag::Failed,
            Tag::Started,
            Tag::Joined,
            Tag::Discard,
            Tag::Enter,
            Tag::Leave,
            Tag::Event,
            Tag::Take,
            Tag::Set,
            Tag::Digest,
            Tag::Late,
        ];
        ALL.get(usize::from(byte.wrapping_sub(1))).copied()
    }
}

/// Threads of the engine's own are numbered from here; those of the plan from zero.
pub(super) const ENGINE_THREADS: u8 = MOST_THREADS as u8;

/// The length that stands for an output to which nothing was written.
pub(super) const UNTOUCHED: u32 = u32::MAX;

/// Takes the records away while the plan runs.
pub trait Sink: Send {
    /// Appends complete records. Called before each step and each callback: what has been appended
    /// must be readable by the parent even if this process dies next.
    fn append(&mut self, records: &[u8]);

    /// One of the plan's own steps begins, not one inside a callback: time is counted from here.
    fn step(&mut self) {}
}

/// Hears nothing.
struct Nobody;

impl Sink for Nobody {
    fn append(&mut self, _records: &[u8]) {}
}

/// The writer.
pub(super) struct Journal {
    records: Image,
    sink: Option<Box<dyn Sink>>,
}

impl Journal {
    /// A journal that is kept here until the end, or handed to a sink as it grows.
    pub(super) fn new(sink: Option<Box<dyn Sink>>) -> Journal {
        Journal {
            records: Image::new(),
            sink,
        }
    }

    /// Hands to the sink what has been written. Called before anything that may kill the process.
    pub(super) fn announce(&mut self) {
        if let Some(sink) = &mut self.sink {
            sink.append(&self.records);
            self.records.clear();
        }
    }

    /// As [`Journal::announce`], at the beginning of a step.
    pub(super) fn announce_step(&mut self, in_body: bool) {
        self.announce();
        if let Some(sink) = self.sink.as_mut().filter(|_| !in_body) {
            sink.step();
        }
    }

    /// What has been written and not handed to a sink. What a thread of the library writes after that
    /// is heard by nobody: the sink belongs to the next plan.
    pub(super) fn take(&mut self) -> Image {
        if self.sink.is_some() {
            self.sink = Some(Box::new(Nobody));
        }
        std::mem::replace(&mut self.records, Image::new())
    }

    /// Begins a record.
    pub(super) fn begin(&mut self, tag: Tag, thread: u8) -> Record<'_> {
        self.records.extend_from_slice(&[tag as u8, thread]);
        Record(&mut self.records)
    }
}

impl Journal {
    /// Goes on with the record written last: bytes with their length before them.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        Record(&mut self.records).bytes(bytes);
    }

    /// Goes on with the record written last: a number.
    pub(super) fn extend_word(&mut self, word: u32) {
        Record(&mut self.records).word(word);
    }
}

/// A record being written.
pub(super) struct Record<'j>(&'j mut Vec<u8>);

impl Record<'_> {
    pub(super) fn byte(self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    pub(super) fn word(self, value: u32) -> Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(super) fn long(self, value: u64) -> Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Bytes with their length before them.
    pub(super) fn bytes(self, value: &[u8]) -> Self {
        let length = u32::try_from(value.len()).unwrap_or(UNTOUCHED - 1);
        let record = self.word(length);
        record.0.extend_from_slice(&value[..length as usize]);
        record
    }
}

/// The reader. Every method gives `None` at the end, and where a record is cut off by the death of
/// its writer.
#[derive(Clone, Copy)]
pub(super) struct Reader<'j>(pub(super) &'j [u8]);

impl<'j> Reader<'j> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn word(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn long(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn bytes(&mut self) -> Option<&'j [u8]> {
        let length = self.word()?;
        self.exactly(length as usize)
    }

    /// The bytes of an output: `Some(None)` where nothing was written.
    pub(super) fn output(&mut self) -> Option<Option<&'j [u8]>> {
        match self.word()? {
            UNTOUCHED => Some(None),
            length => self.exactly(length as usize).map(Some),
        }
    }

    pub(super) fn exactly(&mut self, length: usize) -> Option<&'j [u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut journal = Journal::new(None);
        journal
            .begin(Tag::Begin, 3)
            .word(7)
            .long(1 << 40)
            .bytes(b"ab")
            .byte(9);
        let records = journal.take();
        let mut reader = Reader(&records);
        assert_eq!(reader.byte().and_then(Tag::read), Some(Tag::Begin));
        assert_eq!(reader.byte(), Some(3));
        assert_eq!(reader.word(), Some(7));
        assert_eq!(reader.long(), Some(1 << 40));
        assert_eq!(reader.bytes(), Some(&b"ab"[..]));
        assert_eq!(reader.byte(), Some(9));
        assert_eq!(reader.byte(), None);
    }

    #[test]
    fn every_tag_is_read_back() {
        let tags = (0..=u8::MAX).filter_map(|byte| Some((byte, Tag::read(byte)?)));
        let mut count = 0;
        for (byte, tag) in tags {
            assert_eq!(byte, tag as u8);
            count += 1;
        }
        assert_eq!(count, Tag::Late as u8);
    }

    #[test]
    fn a_record_cut_off_reads_as_the_end() {
        let mut reader = Reader(&[5, 0, 0, 0, b'a']);
        assert_eq!(reader.bytes(), None);
    }
}
