//! Bytes of a run: what guarded memory ought to hold, and the records of the journal. Runs follow each
//! other by the thousand, and each needs many of these: what one has used is used again by the next one
//! of the thread.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// How many bytes most calls take, guards included.
const USUAL: usize = 768;
/// Larger ones are given back to the system.
const LARGEST: usize = 4096;
/// How many are kept.
const MOST: usize = 256;

thread_local! {
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Bytes whose memory is used again.
#[derive(Debug)]
pub(crate) struct Image(Vec<u8>);

impl Image {
    /// Nothing as yet.
    pub(super) fn new() -> Image {
        let spare = SPARE.try_with(|spare| spare.borrow_mut().pop());
        Image(
            spare
                .ok()
                .flatten()
                .unwrap_or_else(|| Vec::with_capacity(USUAL)),
        )
    }
}

impl Clone for Image {
    fn clone(&self) -> Image {
        let mut image = Image::new();
        image.extend_from_slice(self);
        image
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        if self.0.capacity() > LARGEST {
            return;
        }
        let mut bytes = std::mem::take(&mut self.0);
        bytes.clear();
        // A thread that ends has nothing to keep.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < MOST {
                spare.push(bytes);
            }
        });
    }
}

impl Deref for Image {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Image {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}
