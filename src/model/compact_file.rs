//! The file that a compaction makes. It stands in its place from the beginning and is marked as not
//! whole until the end. (jetcompact-function.md)

use std::path::{Path, PathBuf};

use super::durable::contents::{DatabaseImage, RowImage, SchemaImage, TableImage};
use super::durable::image::{self, ImageError, Sync};
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

/// A table without its rows.
pub(super) struct TableHead {
    /// Its object number.
    pub(super) object: u32,
    /// What it is.
    pub(super) schema: SchemaImage,
    /// The next value of its autoincrement column.
    pub(super) next_autoincrement: u64,
    /// The next bookmark of a table without primary index.
    pub(super) next_counter: u32,
}

/// The file.
pub(super) struct Destination {
    path: PathBuf,
    image: DatabaseImage,
    here: u32,
}

impl Destination {
    /// Begins the file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn create(path: &Path, page_size: u32) -> Jet<Self> {
        let mut image = DatabaseImage::new(page_size);
        image.clean = false;
        image::write(path, &image, Sync::Memory)?;
        Ok(Self {
            path: path.to_owned(),
            image,
            here: 0,
        })
    }

    /// Begins a table.
    pub(super) fn table(&mut self, head: TableHead) -> Jet<()> {
        self.here = head.object;
        self.image.tables.insert(
            head.object,
            TableImage {
                schema: head.schema,
                next_autoincrement: head.next_autoincrement,
                next_counter: head.next_counter,
                rows: Default::default(),
            },
        );
        Ok(())
    }

    /// Writes a row of the table begun last.
    pub(super) fn row(&mut self, bookmark: &Bookmark, row: RowImage) -> Jet<()> {
        if let Some(table) = self.image.tables.get_mut(&self.here) {
            table.rows.insert(bookmark.clone(), row);
        }
        Ok(())
    }

    /// The page size in bytes.
    pub(super) fn page_size(&self) -> u32 {
        self.image.page_size
    }

    /// The bytes of the file.
    pub(super) fn written(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// Makes the file whole.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn finish(mut self) -> Jet<()> {
        self.image.clean = true;
        image::write(&self.path, &self.image, Sync::Memory)?;
        Ok(())
    }

    /// Leaves the file as a failure leaves it.
    pub(super) fn abandon(mut self) {
        if !PARTIAL_STAYS.holds() {
            // Nobody misses a half-made copy.
            let _ = std::fs::remove_file(&self.path);
            return;
        }
        let refused = PARTIAL_REFUSED.holds() != quirks::PARTIAL_ATTACHES.genuine();
        self.image.clean = !refused;
        // The compaction has failed already.
        let _ = image::write(&self.path, &self.image, Sync::Memory);
    }
}

/// Reads a database file through.
///
/// # Errors
/// What is wrong with it.
pub(super) fn verify(path: &Path) -> Result<(), ImageError> {
    image::read(path).map(drop)
}
