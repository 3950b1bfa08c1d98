//! Writing results into the caller's memory.

use std::ffi::c_void;

use crate::model::outcome::Jet;
use crate::model::outputs::LEFT_ALONE;
use crate::model::rules::Rule;

/// Where the caller wants one value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Out<T> {
    pointer: *mut T,
}

impl<T: Copy + Default> Out<T> {
    /// # Safety
    /// The pointer is null, or may be written for as long as the value lives.
    pub(super) unsafe fn new(pointer: *mut T) -> Self {
        Self { pointer }
    }

    /// Whether the caller wants the value.
    pub(super) fn given(&self) -> bool {
        !self.pointer.is_null()
    }

    /// Writes the value, if the caller wants it.
    pub(super) fn put(&self, value: T) {
        if self.given() {
            // SAFETY: `new` was promised a writable place; it may be unaligned.
            unsafe { self.pointer.write_unaligned(value) }
        }
    }

    /// The value that is there before the call.
    pub(super) fn present(&self) -> Option<T> {
        // SAFETY: `new` was promised a place, which then can be read as well.
        self.given()
            .then(|| unsafe { self.pointer.read_unaligned() })
    }

    /// Writes the value of a call that succeeded; a call that failed leaves the place alone.
    pub(super) fn deliver(&self, result: Jet<T>) -> Jet<()> {
        self.deliver_by(&LEFT_ALONE, result)
    }

    /// As [`deliver`](Self::deliver), by a rule of its own.
    pub(super) fn deliver_by(&self, left_alone: &Rule, result: Jet<T>) -> Jet<()> {
        match result {
            Ok(value) => {
                self.put(value);
                Ok(())
            }
            Err(error) => {
                self.spoil(left_alone);
                Err(error)
            }
        }
    }

    /// What a sloppy engine does to the outputs of a call that it refuses.
    pub(super) fn spoil(&self, left_alone: &Rule) {
        if !left_alone.holds() {
            self.put(T::default());
        }
    }
}

/// Where the caller wants bytes: a buffer, its size, and a place for the length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buffer {
    pointer: *mut u8,
    size: usize,
    actual: Out<u32>,
}

impl Buffer {
    /// # Safety
    /// `pointer` is null or has `size` writable bytes, `actual` is null or writable, for as long as
    /// the value lives.
    pub(super) unsafe fn new(pointer: *mut c_void, size: u32, actual: *mut u32) -> Self {
        // SAFETY: as promised.
        let actual = unsafe { Out::new(actual) };
        Self {
            pointer: pointer.cast(),
            size: size as usize,
            actual,
        }
    }

    /// Whether there is a buffer.
    pub(super) fn given(&self) -> bool {
        !self.pointer.is_null()
    }

    /// The size of the buffer in bytes, `None` where there is none.
    pub(super) fn size(&self) -> Option<usize> {
        self.given().then_some(self.size)
    }

    /// Says how many bytes there are.
    pub(super) fn put_actual(&self, length: usize) {
        self.actual.put(u32::try_from(length).unwrap_or(u32::MAX));
    }

    /// Says how many bytes there are, in the width of the parameter.
    pub(super) fn actual_is(&self, length: u32) {
        self.actual.put(length);
    }

    /// Writes as many bytes as fit. Whether all did.
    pub(super) fn put(&self, bytes: &[u8]) -> bool {
        let fitting = if self.given() {
            bytes.len().min(self.size)
        } else {
            0
        };
        if fitting > 0 {
            // SAFETY: `new` was promised `size` writable bytes; the engine's bytes are elsewhere.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.pointer, fitting) }
        }
        fitting == bytes.len()
    }

    /// What a sloppy engine does to the outputs of a call that it refuses.
    pub(super) fn spoil(&self) {
        if !LEFT_ALONE.holds() {
            self.put(&vec![0; self.size().unwrap_or(0).min(SPOILED_MOST)]);
            self.actual.put(0);
        }
    }

    /// Passes a result on; a call that failed leaves the outputs alone.
    pub(super) fn guard<T>(&self, result: Jet<T>) -> Jet<T> {
        if result.is_err() {
            self.spoil();
        }
        result
    }
}

/// How much of a buffer is spoiled: enough to be noticed.
const SPOILED_MOST: usize = 64;
