//! The receipt of a change: enough to take it back or to settle it.

use super::rows::Bookmark;

/// One version written to one row. The transaction keeps it; a rollback gives it to
/// [`Rows::undo`](super::Rows::undo) (newest first), a commit to
/// [`Rows::settle`](super::Rows::settle).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The row.
    pub bookmark: Bookmark,
    /// The version.
    pub serial: u64,
}
