//! The file that a compaction makes. It stands in its place from the beginning and is marked as not
//! whole until the end. (jetcompact-function.md)

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::durable::contents::RowImage;
use super::durable::header::{DatabaseState, Header};
use super::durable::image::{self, ImageError, Sync, TableHead};
use super::durable::writer::PartWriter;
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::store::Bookmark;

rules! {
    /// A failure leaves the half-made destination.
    PARTIAL_STAYS = "compact/partial-destination-stays";
    /// Which is not taken for a whole one. (jetcompact-function.md)
    PARTIAL_REFUSED = "compact/partial-destination-attaches";
    /// There is no free space in it. (jetcompact-function.md)
    SMALLER = "compact/smaller";
}

/// Bytes that are written at once.
const BUFFER: usize = 1 << 18;

/// The file.
pub(super) struct Destination {
    path: PathBuf,
    header: Header,
    parts: PartWriter<BufWriter<File>>,
}

impl Destination {
    /// Begins the file. `source` is what it is a copy of.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn create(path: &Path, source: &Path, page_size: u32) -> Jet<Self> {
        let mut header = Header::new(page_size);
        header.state = DatabaseState::Dirty;
        let file = File::create(path).map_err(wrong(path))?;
        let buffered = BufWriter::with_capacity(BUFFER, file);
        let mut parts = PartWriter::begin(buffered, &header, path)?;
        if !SMALLER.holds() {
            parts.keep_bytes(size(source));
        }
        Ok(Self {
            path: path.to_owned(),
            header,
            parts,
        })
    }

    /// Begins a table.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(super) fn table(&mut self, head: &TableHead) -> Jet<()> {
        Ok(self.parts.table(head).map_err(wrong(&self.path))?)
    }

    /// Writes a row of the table begun last.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(super) fn row(&mut self, bookmark: &Bookmark, row: &RowImage) -> Jet<()> {
        Ok(self.parts.row(bookmark, row).map_err(wrong(&self.path))?)
    }

    /// The page size in bytes.
    pub(super) fn page_size(&self) -> u32 {
        self.header.page_size
    }

    /// Makes the file whole.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn finish(self) -> Jet<()> {
        let Self {
            path,
            mut header,
            parts,
        } = self;
        let written = parts
            .finish()
            .and_then(|buffered| Ok(buffered.into_inner()?));
        drop(written.map_err(wrong(&path))?);
        header.make_clean(Default::default());
        header.write(&path, Sync::Memory)?;
        Ok(())
    }

    /// Leaves the file as a failure leaves it.
    pub(super) fn abandon(self) {
        if !PARTIAL_STAYS.holds() {
            // Nobody misses a half-made copy.
            let _ = std::fs::remove_file(&self.path);
            return;
        }
        let refused = PARTIAL_REFUSED.holds() != quirks::PARTIAL_ATTACHES.genuine();
        if !refused {
            // The compaction has failed already, whatever becomes of its destination.
            let _ = self.finish();
        }
    }
}

/// The bytes of a file; none of one that is not there.
pub(super) fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// Reads a database file through.
///
/// # Errors
/// What is wrong with it.
pub(super) fn verify(path: &Path) -> Result<(), ImageError> {
    let mut parts = image::open(path)?;
    while parts.frame()?.is_some() {}
    Ok(())
}

fn wrong(path: &Path) -> impl FnOnce(io::Error) -> ImageError {
    let path = path.to_owned();
    move |source| ImageError::Io { path, source }
}
