//! Sizes that follow from the size of a database page.
//!
//! (extensible-storage-engine-limits.md, jet-paramkeymost, JET_paramRecordSizeMost)

/// The page size of an instance that was told nothing else, in bytes.
pub const PAGE_SIZE_USUAL: u32 = 4096;

/// The largest record in bytes, long values kept apart not counted.
pub const fn record_most(page_size: u32) -> u32 {
    match page_size {
        32768 => 32684,
        16384 => 16300,
        8192 => 8148,
        _ => 4052,
    }
}

/// The longest key that an index may ask for, in bytes.
pub const fn key_most(page_size: u32) -> u32 {
    if page_size <= 4096 { 1000 } else { 2000 }
}
