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

/// The largest record that columns and values can make, in bytes: room for a key is kept beside it,
/// on small pages for one of 255 bytes at least.
pub const fn record_room(page_size: u32) -> u32 {
    let beside = if page_size <= 8192 { 261 } else { 12 };
    record_most(page_size) - beside
}

/// The longest key that an index may ask for, in bytes.
pub const fn key_most(page_size: u32) -> u32 {
    if page_size <= 4096 { 1000 } else { 2000 }
}
