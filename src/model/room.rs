//! What a call answers where the caller's buffer has no room for the result. What fits is written
//! all the same.

use super::outcome::{Jet, Warned};
use super::quirks;
use super::rules::rules;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// A bookmark that does not fit. (jetgetbookmark-function.md)
    BOOKMARK = "bookmark/buffer";
    /// A secondary key or its bookmark that does not fit. (jetgetsecondaryindexbookmark-function.md)
    SECONDARY = "bookmark/secondary-buffer";
    /// A key that does not fit. (jetretrievekey-function.md)
    KEY = "key/retrieve-truncated";
    /// A search key that does not fit. (jetretrievekey-function.md)
    COPY = "key/copy-never-warns";
    /// The name of an index that does not fit. (jetgetcurrentindex-function.md)
    INDEX_NAME = "index/current-get-truncated";
}

/// `JET_bitRetrieveCopy` (jetretrievekey-function.md)
const RETRIEVE_COPY: u32 = 0x1;

/// # Errors
/// `JET_errBufferTooSmall` for a bookmark that did not fit.
pub fn bookmark(fits: bool) -> Jet<()> {
    BOOKMARK.refuse(!fits, JetError::BufferTooSmall)
}

/// # Errors
/// `JET_errBufferTooSmall` for a secondary key or a bookmark that did not fit.
pub fn secondary_bookmark(both_fit: bool) -> Jet<()> {
    SECONDARY.refuse(!both_fit, JetError::BufferTooSmall)
}

/// A key that did not fit is told by a warning, a search key is not.
pub fn key(fits: bool, grbit: u32) -> Warned<()> {
    let rule = if grbit & RETRIEVE_COPY == 0 {
        KEY.holds()
    } else {
        !COPY.holds()
    };
    cut(!fits && rule)
}

/// The name of an index that did not fit is told by a warning; by the published engine only where
/// there was no room at all.
pub fn index_name(fits: bool, room: usize) -> Warned<()> {
    let told = room == 0 || !quirks::INDEX_NAME_CUT_SILENTLY.genuine();
    cut(!fits && told && INDEX_NAME.holds())
}

fn cut(warns: bool) -> Warned<()> {
    Warned {
        value: (),
        warning: warns.then_some(JetWarning::BufferTruncated),
    }
}
