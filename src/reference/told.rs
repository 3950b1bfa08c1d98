//! What the engine tells of itself, as the bytes of the structures that C has for it.

use std::ffi::c_void;

use super::output::Buffer;
use super::text::Form;
use crate::model::listing::Listing;

/// Where a result goes, and how large it may be.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) pointer: *mut c_void,
    pub(super) size: u32,
}

impl Place {
    pub(super) fn fits(&self, size: usize) -> bool {
        !self.pointer.is_null() && self.size as usize >= size
    }

    /// Writes bytes; the call has made sure of the room, or a rule about it is off.
    ///
    /// # Safety
    /// The place has its size.
    pub(super) unsafe fn put(&self, bytes: &[u8]) {
        // SAFETY: as promised.
        let buffer = unsafe { Buffer::new(self.pointer, self.size, std::ptr::null_mut()) };
        buffer.put(bytes);
    }
}

/// Whether a form is the wide one.
pub(super) fn is_wide<F: Form>() -> bool {
    F::UNIT > 1
}

/// A structure of C as bytes, filled field by field.
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Bytes {
    pub(super) fn of_size(size: usize) -> Self {
        let mut bytes = Self(vec![0; size]);
        bytes.put(0, &(size as u32).to_ne_bytes());
        bytes
    }

    pub(super) fn put(&mut self, offset: usize, value: &[u8]) {
        if let Some(place) = self.0.get_mut(offset..offset + value.len()) {
            place.copy_from_slice(value);
        }
    }

    pub(super) fn ulong(&mut self, offset: usize, value: u32) {
        self.put(offset, &value.to_ne_bytes());
    }
}

/// A list of C: size, cursor, count, then one columnid after the other.
pub(super) fn list(
    size: usize,
    tableid_at: usize,
    count_at: usize,
    first: usize,
    listing: &Listing,
) -> Vec<u8> {
    let mut bytes = Bytes::of_size(size);
    bytes.put(tableid_at, &listing.tableid.0.to_ne_bytes());
    bytes.ulong(count_at, listing.count);
    for (index, columnid) in listing.columnids.iter().enumerate() {
        bytes.ulong(first + index * size_of::<u32>(), *columnid);
    }
    bytes.0
}
