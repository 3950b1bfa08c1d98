//! What was done to the rows of tables, in the order of their bookmarks, in memory that does not grow
//! with it.
//!
//! Changes are gathered in memory. When there are many they are sorted and put aside as a run, in a
//! file that has no name and is gone with the process. At the end the runs of a table are merged: of
//! several changes to a row the last one counts.

use std::cmp::Ordering;
use std::collections::binary_heap::PeekMut;
use std::collections::{BTreeMap, BinaryHeap};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Cursor, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::image::Frame;

/// The bytes of changes that are gathered at most before they are put aside.
const GATHERED_MOST: usize = 1 << 20;
/// The bytes that runs are buffered in while they are merged: all of them together, and each.
const BUFFERS: usize = 1 << 22;
const BUFFER: Range<usize> = 1 << 12..1 << 16;

/// The changes to the rows of a database.
#[derive(Debug)]
pub struct RowChanges {
    /// The folder that runs are put aside in.
    folder: PathBuf,
    /// The bytes of what is gathered.
    bytes: Vec<u8>,
    /// In the order in which it came.
    gathered: Vec<Gathered>,
    most: usize,
    aside: Option<File>,
    /// The bytes that were put aside.
    length: u64,
    /// Where the runs of each table are, the oldest first.
    runs: BTreeMap<u32, Vec<Range<u64>>>,
}

/// A change that is gathered: where its bytes are.
#[derive(Debug)]
struct Gathered {
    table: u32,
    kind: Kind,
    bytes: Range<usize>,
    bookmark: Range<usize>,
}

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The row is gone; the bytes are its bookmark.
    Removed,
    /// The row has become this; the bytes are those of the row in a file.
    Put,
}

impl RowChanges {
    /// None yet; runs are put aside in a folder.
    pub fn new(folder: &Path) -> Self {
        Self::gathering(folder, GATHERED_MOST)
    }

    /// As [`new`](Self::new), with so many bytes at most that are not put aside.
    pub(super) fn gathering(folder: &Path, most: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            bytes: Vec::new(),
            gathered: Vec::new(),
            most,
            aside: None,
            length: 0,
            runs: BTreeMap::new(),
        }
    }

    /// A row has become this: its bytes in a file.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for bytes that are no row; what the disk says.
    pub fn put(&mut self, table: u32, row: &[u8]) -> io::Result<()> {
        let bookmark = bookmark_of(row)?;
        self.gather(table, Kind::Put, row, bookmark)
    }

    /// A row is gone.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove(&mut self, table: u32, bookmark: &[u8]) -> io::Result<()> {
        self.gather(table, Kind::Removed, bookmark, 0..bookmark.len())
    }

    /// Nothing was done to the rows of a table.
    pub fn forget(&mut self, table: u32) {
        self.gathered.retain(|change| change.table != table);
        self.runs.remove(&table);
    }

    fn gather(
        &mut self,
        table: u32,
        kind: Kind,
        bytes: &[u8],
        bookmark: Range<usize>,
    ) -> io::Result<()> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.gathered.push(Gathered {
            table,
            kind,
            bytes: start..self.bytes.len(),
            bookmark: start + bookmark.start..start + bookmark.end,
        });
        let held = self.bytes.len() + self.gathered.len() * size_of::<Gathered>();
        if held > self.most {
            self.put_aside()?;
        }
        Ok(())
    }

    /// Sorts what is gathered: by table, then by bookmark; of several changes to a row the last stays.
    fn sort(&mut self) {
        let bytes = &self.bytes;
        let place = |change: &Gathered| (change.table, &bytes[change.bookmark.clone()]);
        self.gathered.sort_by(|a, b| place(a).cmp(&place(b)));
        // Of two that are the same the earlier one goes: what is removed is the second.
        self.gathered.reverse();
        self.gathered
            .dedup_by(|later, kept| place(later) == place(kept));
        self.gathered.reverse();
    }

    fn put_aside(&mut self) -> io::Result<()> {
        self.sort();
        let file = match &mut self.aside {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.folder)?),
        };
        file.seek(SeekFrom::Start(self.length))?;
        let mut writer = BufWriter::with_capacity(BUFFER.end, file);
        for of_table in self.gathered.chunk_by(|a, b| a.table == b.table) {
            let start = self.length;
            for change in of_table {
                self.length += change.write(&self.bytes, &mut writer)?;
            }
            if let Some(change) = of_table.first() {
                let runs = self.runs.entry(change.table).or_default();
                runs.push(start..self.length);
            }
        }
        writer.flush()?;
        drop(writer);
        self.gathered.clear();
        self.bytes.clear();
        Ok(())
    }

    /// The changes as they are to be merged.
    pub fn sorted(mut self) -> SortedRowChanges {
        self.sort();
        SortedRowChanges(self)
    }
}

/// The changes to the rows of a database, to which none comes any more.
#[derive(Debug)]
pub struct SortedRowChanges(RowChanges);

impl SortedRowChanges {
    /// The changes to the rows of a table, in the order of their bookmarks.
    ///
    /// # Errors
    /// What the disk says.
    pub fn of(&self, table: u32) -> io::Result<Merged<'_>> {
        let all = &self.0;
        let before = all.gathered.partition_point(|own| own.table < table);
        let ours = all.gathered[before..].iter();
        let mut rest = Vec::new();
        for change in ours.take_while(|own| own.table == table) {
            change.write(&all.bytes, &mut rest)?;
        }
        let runs = all.runs.get(&table).map_or(&[][..], Vec::as_slice);
        let room = (BUFFERS / runs.len().max(1)).clamp(BUFFER.start, BUFFER.end);
        let mut sources = BinaryHeap::with_capacity(runs.len() + 1);
        if let Some(file) = &all.aside {
            for (age, run) in runs.iter().enumerate() {
                let section = Section {
                    file,
                    left: run.clone(),
                };
                let input = Input::Aside(BufReader::with_capacity(room, section));
                sources.extend(Source::begin(age, input)?);
            }
        }
        let input = Input::Gathered(Cursor::new(rest));
        sources.extend(Source::begin(runs.len(), input)?);
        let mut merged = Merged {
            sources,
            here: None,
        };
        merged.turn()?;
        Ok(merged)
    }
}

/// Where in the bytes of a row its bookmark is.
fn bookmark_of(row: &[u8]) -> io::Result<Range<usize>> {
    match Frame::of(row)? {
        Some(Frame::Row(bookmark, _)) => {
            let start = bookmark.as_ptr().addr() - row.as_ptr().addr();
            Ok(start..start + bookmark.len())
        }
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// The bytes before a change in a run: its length, and what it did.
const HEAD: usize = 4 + 1;

impl Gathered {
    /// Writes the change into a run; answers how many bytes that took.
    fn write(&self, bytes: &[u8], run: &mut impl Write) -> io::Result<u64> {
        let own = &bytes[self.bytes.clone()];
        let length = u32::try_from(own.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let [a, b, c, d] = length.to_le_bytes();
        run.write_all(&[a, b, c, d, u8::from(self.kind == Kind::Put)])?;
        run.write_all(own)?;
        Ok((HEAD + own.len()) as u64)
    }
}

/// A change to a row.
#[derive(Debug, Default)]
pub struct RowChange {
    bytes: Vec<u8>,
    put: bool,
    bookmark: Range<usize>,
}

impl RowChange {
    /// The bookmark of the row.
    pub fn bookmark(&self) -> &[u8] {
        &self.bytes[self.bookmark.clone()]
    }

    /// The bytes of the row in a file; `None` for one that is gone.
    pub fn row(&self) -> Option<&[u8]> {
        self.put.then_some(&self.bytes)
    }
}

/// The changes to the rows of a table, in the order of their bookmarks.
#[derive(Debug)]
pub struct Merged<'c> {
    sources: BinaryHeap<Source<'c>>,
    here: Option<RowChange>,
}

impl Merged<'_> {
    /// The change that is next; `None` after the last one.
    pub fn here(&self) -> Option<&RowChange> {
        self.here.as_ref()
    }

    /// Goes to the next change.
    ///
    /// # Errors
    /// What the disk says.
    pub fn turn(&mut self) -> io::Result<()> {
        let mut before = self.here.take();
        while let Some(mut first) = self.sources.peek_mut() {
            let own = &mut first.change;
            let older = before
                .as_ref()
                .is_some_and(|before| before.bookmark() == own.bookmark());
            if !older {
                let change = std::mem::replace(own, before.take().unwrap_or_default());
                self.here = Some(change);
            }
            if !first.advance()? {
                PeekMut::pop(first);
            }
            if self.here.is_some() {
                break;
            }
        }
        Ok(())
    }
}

/// A run that is being merged.
#[derive(Debug)]
struct Source<'c> {
    /// The higher, the newer.
    age: usize,
    input: Input<'c>,
    change: RowChange,
}

/// What a run is read from.
#[derive(Debug)]
enum Input<'c> {
    Gathered(Cursor<Vec<u8>>),
    Aside(BufReader<Section<'c>>),
}

impl Read for Input<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gathered(input) => input.read(bytes),
            Self::Aside(input) => input.read(bytes),
        }
    }
}

impl<'c> Source<'c> {
    /// A run at its first change; `None` for one without.
    fn begin(age: usize, input: Input<'c>) -> io::Result<Option<Self>> {
        let mut source = Self {
            age,
            input,
            change: RowChange::default(),
        };
        Ok(source.advance()?.then_some(source))
    }

    /// Reads the next change; whether there is one.
    fn advance(&mut self) -> io::Result<bool> {
        let mut head = [0; HEAD];
        if self.input.read(&mut head[..1])? == 0 {
            return Ok(false);
        }
        self.input.read_exact(&mut head[1..])?;
        let [a, b, c, d, put] = head;
        let bytes = &mut self.change.bytes;
        bytes.resize(u32::from_le_bytes([a, b, c, d]) as usize, 0);
        self.input.read_exact(bytes)?;
        self.change.put = put != 0;
        self.change.bookmark = match self.change.put {
            true => bookmark_of(bytes)?,
            false => 0..bytes.len(),
        };
        Ok(true)
    }

    /// The greatest is the next: that of the least bookmark, and of several the newest.
    fn order(&self, other: &Self) -> Ordering {
        let bookmarks = other.change.bookmark().cmp(self.change.bookmark());
        bookmarks.then(self.age.cmp(&other.age))
    }
}

impl PartialEq for Source<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.order(other).is_eq()
    }
}

impl Eq for Source<'_> {}

impl PartialOrd for Source<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Source<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order(other)
    }
}

/// A part of a file that others read other parts of.
#[derive(Debug)]
struct Section<'f> {
    file: &'f File,
    left: Range<u64>,
}

impl Read for Section<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = self.left.end - self.left.start;
        let most = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let mut file = self.file;
        file.seek(SeekFrom::Start(self.left.start))?;
        let read = file.read(&mut bytes[..most])?;
        self.left.start += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::row;
    use super::super::writer::encode_row;
    use super::*;
    use proptest::prelude::*;

    fn bytes(bookmark: u8, value: u8) -> Vec<u8> {
        encode_row(&[bookmark], &row(value)).expect("a good row")
    }

    proptest! {
        #[test]
        fn the_last_change_of_each_row_counts(
            changes in proptest::collection::vec((0..3u32, 0..8u8, any::<Option<u8>>()), 0..60),
            forgotten in proptest::option::of(0..60usize),
            most in prop_oneof![Just(0), Just(200), Just(1 << 20)],
        ) {
            let folder = tempfile::tempdir().expect("a folder");
            let mut all = RowChanges::gathering(folder.path(), most);
            let mut expected: BTreeMap<(u32, u8), Option<Vec<u8>>> = BTreeMap::new();
            for (number, (table, bookmark, value)) in changes.iter().enumerate() {
                if forgotten == Some(number) {
                    all.forget(*table);
                    expected.retain(|(own, _), _| own != table);
                }
                let row = value.map(|value| bytes(*bookmark, value));
                match &row {
                    Some(row) => all.put(*table, row).expect("put"),
                    None => all.remove(*table, &[*bookmark]).expect("removed"),
                }
                expected.insert((*table, *bookmark), row);
            }
            let mut seen = Vec::new();
            let all = all.sorted();
            for table in 0..3 {
                let mut merged = all.of(table).expect("merged");
                while let Some(change) = merged.here() {
                    let row = change.row().map(<[u8]>::to_vec);
                    seen.push(((table, change.bookmark()[0]), row));
                    merged.turn().expect("read");
                }
            }
            prop_assert_eq!(seen, expected.into_iter().collect::<Vec<_>>());
            let left = std::fs::read_dir(folder.path()).expect("listed").count();
            prop_assert_eq!(left, 0, "what is put aside has no name");
        }
    }
}
