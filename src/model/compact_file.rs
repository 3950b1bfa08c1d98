//! The file that a compaction makes. It stands in its place from the beginning and is marked as not
//! whole until the end. (jetcompact-function.md)

use std::path::{Path, PathBuf};

use super::durable::contents::{DatabaseImage, RowImage};
use super::durable::header::{DatabaseState, Header};
pub(super) use super::durable::image::TableHead;
use super::durable::image::{self, FileWriter, ImageError, Part, Sync};
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::store::Bookmark;

rules! {
    /// A failure leaves the half-made destination.
    PARTIAL_STAYS = "compact/partial-destination-stays";
    /// Which is not taken for a whole one. (jetcompact-function.md)
    PARTIAL_REFUSED = "compact/partial-destination-attaches";
}

/// The file.
pub(super) struct Destination {
    path: PathBuf,
    header: Header,
    parts: FileWriter,
}

impl Destination {
    /// Begins the file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn create(path: &Path, page_size: u32) -> Jet<Self> {
        let mut unfinished = DatabaseImage::new(page_size);
        unfinished.header.state = DatabaseState::Dirty;
        image::write(path, &unfinished, Sync::Memory)?;
        let header = Header {
            state: DatabaseState::Clean,
            ..unfinished.header
        };
        Ok(Self {
            path: path.to_owned(),
            parts: FileWriter::create(path, &header)?,
            header,
        })
    }

    /// Begins a table.
    pub(super) fn table(&mut self, head: TableHead) -> Jet<()> {
        self.parts.put(&Part::Table(head))?;
        Ok(())
    }

    /// Writes a row of the table begun last.
    pub(super) fn row(&mut self, bookmark: &Bookmark, row: RowImage) -> Jet<()> {
        self.parts.put(&Part::Row(bookmark.clone(), row))?;
        Ok(())
    }

    /// The page size in bytes.
    pub(super) fn page_size(&self) -> u32 {
        self.header.page_size
    }

    /// The bytes of the file.
    pub(super) fn written(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// Makes the file whole.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn finish(self) -> Jet<()> {
        self.parts.finish(Sync::Memory)?;
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
        // The compaction has failed already. While it is marked as not whole, what is there of it does
        // not matter.
        if !refused {
            let _ = self.parts.finish(Sync::Memory);
        }
    }
}

/// Reads a database file through.
///
/// # Errors
/// What is wrong with it.
pub(super) fn verify(path: &Path) -> Result<(), ImageError> {
    let mut file = image::open(path)?;
    while file.part()?.is_some() {}
    Ok(())
}
