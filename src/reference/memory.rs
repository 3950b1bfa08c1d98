//! Memory that the engine gives its caller: arrays with everything they point to, in one block that
//! JetFreeBuffer frees. (jetfreebuffer-function.md)

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The blocks that were given out, by address.
static GIVEN: Mutex<BTreeMap<usize, Box<[u64]>>> = Mutex::new(BTreeMap::new());

/// A block that is being filled: bytes, and pointers between them.
#[derive(Debug, Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    pointers: Vec<(usize, usize)>,
}

impl Block {
    /// Makes room for so many bytes, all zero, and gives the offset.
    pub(super) fn reserve(&mut self, size: usize) -> usize {
        let offset = self.bytes.len().next_multiple_of(align_of::<u64>());
        self.bytes.resize(offset + size, 0);
        offset
    }

    /// Appends bytes and gives their offset.
    pub(super) fn append(&mut self, bytes: &[u8]) -> usize {
        let offset = self.reserve(bytes.len());
        self.put(offset, bytes);
        offset
    }

    /// Writes bytes at an offset that was reserved.
    pub(super) fn put(&mut self, offset: usize, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(offset..offset + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    /// Makes the pointer at an offset point to another offset.
    pub(super) fn point(&mut self, at: usize, target: usize) {
        self.pointers.push((at, target));
    }

    /// Writes the block to an address that it will live at.
    pub(super) fn bytes_at(mut self, base: usize) -> Vec<u8> {
        for (at, target) in std::mem::take(&mut self.pointers) {
            self.put(at, &(base + target).to_ne_bytes());
        }
        self.bytes
    }

    /// Gives the block away; it lives until [`free`] gets its address.
    pub(super) fn give(self) -> *mut u8 {
        let words = self.bytes.len().div_ceil(size_of::<u64>()).max(1);
        let mut memory = vec![0u64; words].into_boxed_slice();
        let base = memory.as_mut_ptr().expose_provenance();
        let bytes = self.bytes_at(base);
        for (word, bytes) in memory.iter_mut().zip(bytes.chunks(size_of::<u64>())) {
            let mut whole = [0; size_of::<u64>()];
            whole[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_ne_bytes(whole);
        }
        let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
        given.insert(base, memory);
        std::ptr::with_exposed_provenance_mut(base)
    }
}

/// Frees a block, and tells whether it was one. An address that the engine did not give out is left
/// alone.
pub(super) fn free(address: usize) -> bool {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    given.remove(&address).is_some()
}
