//! Guarded memory: what a call reads and writes stands between guard zones, inputs are compared
//! afterwards, and the memory of a finished call is looked at again for writes that come late.
//!
//! The memory of one call is one block. It is laid out once per step; from then on a call costs two
//! copies of its outputs and one comparison of everything else.

use std::ops::Range;

use smallvec::SmallVec;

use super::block::Block;
use super::image::Image;
use crate::scenario::plan::{Memory, PATTERN};

/// Bytes of guard on each side of a parameter's memory.
const GUARD: usize = 64;
/// What guards hold: neither the pattern of outputs nor a byte that engines like to write.
const GUARD_BYTE: u8 = 0xB7;
/// Alignment of every piece, enough for any structure of the header.
const ALIGN: usize = 16;
/// Alignment of a large piece: buffers for file data begin at a page of memory, which has 4 or 8 KiB.
/// (jetreadfile-function.md)
const PAGE: usize = 8192;
/// From so many bytes on a piece is a large one.
const LARGE: usize = 4096;

/// Parts of a block: mostly a few.
type Ranges = SmallVec<[Range<usize>; 4]>;

/// Where each piece of a call's memory stands in its block.
#[derive(Debug)]
pub(super) struct Layout {
    /// The pieces, in the order of the call's memory.
    pieces: Ranges,
    /// What may be written, as ranges of the block, piece by piece.
    outputs: Ranges,
    /// What must not be written: guards, inputs, the rest of structures.
    fixed: Ranges,
    /// The content of the block before the first call, without addresses.
    image: Image,
    /// Alignment of the block.
    align: usize,
    /// Whether the block ends with its last piece, right before a page that nobody may touch.
    ends: bool,
}

impl Layout {
    /// Lays out the memory of a call. `content` stands for the bytes of a piece where they come
    /// from a variable.
    pub(super) fn new<'a>(memory: impl Iterator<Item = (&'a Memory, &'a [u8])>) -> Layout {
        let mut layout = Layout::empty();
        layout.fill(memory);
        layout
    }

    /// That of a call without memory.
    pub(super) fn empty() -> Layout {
        Layout {
            pieces: Ranges::new(),
            outputs: Ranges::new(),
            fixed: Ranges::new(),
            image: Image::new(),
            align: ALIGN,
            ends: false,
        }
    }

    /// Lays out the memory of a call, in a layout that is empty.
    pub(super) fn fill<'a>(&mut self, memory: impl Iterator<Item = (&'a Memory, &'a [u8])>) {
        let mut last = None;
        for (piece, (memory, content)) in memory.enumerate() {
            if memory.at_end && last.is_none() {
                last = Some((piece, content));
                self.pieces.push(0..0);
            } else {
                self.add(memory, content);
            }
        }
        if !self.pieces.is_empty() {
            self.pad(GUARD);
        }
        if let Some((piece, content)) = last {
            self.end_with(piece, content);
        }
        gaps(&self.outputs, self.image.len(), &mut self.fixed);
    }

    fn add(&mut self, memory: &Memory, content: &[u8]) {
        if content.len() >= LARGE {
            self.align = PAGE;
            self.pad_to(GUARD, PAGE);
        } else {
            self.pad(GUARD);
        }
        let start = self.image.len();
        self.image.extend_from_slice(content);
        self.pieces.push(start..self.image.len());
        for output in &memory.outputs {
            let from = (output.offset as usize).min(content.len());
            let to = (from + output.size as usize).min(content.len());
            self.outputs.push(start + from..start + to);
        }
        self.pad(GUARD);
    }

    /// Puts a piece where the block ends.
    fn end_with(&mut self, piece: usize, content: &[u8]) {
        let end = (self.image.len() + content.len()).next_multiple_of(self.align);
        self.image.resize(end - content.len(), GUARD_BYTE);
        self.image.extend_from_slice(content);
        self.pieces[piece] = end - content.len()..end;
        self.ends = true;
    }

    /// Adds at least so many guard bytes, up to the next aligned offset.
    fn pad(&mut self, bytes: usize) {
        self.pad_to(bytes, ALIGN);
    }

    fn pad_to(&mut self, bytes: usize, align: usize) {
        let end = (self.image.len() + bytes).next_multiple_of(align);
        self.image.resize(end, GUARD_BYTE);
    }

    /// Where a piece stands.
    pub(super) fn piece(&self, piece: usize) -> Range<usize> {
        self.pieces.get(piece).cloned().unwrap_or(0..0)
    }

    /// The piece that a range is part of.
    pub(super) fn around(&self, range: Range<usize>) -> Range<usize> {
        let mut pieces = self.pieces.iter();
        let found = pieces.find(|piece| piece.start <= range.start && range.end <= piece.end);
        found.cloned().unwrap_or(range)
    }

    /// Where the outputs stand, in the order of the pieces and their outputs.
    pub(super) fn outputs(&self) -> &[Range<usize>] {
        &self.outputs
    }

    /// Which piece an offset of the block belongs to, and the offset within it: negative before it,
    /// its size or more behind it.
    fn attribute(&self, offset: usize) -> (usize, i64) {
        let behind = |range: &Range<usize>| offset.saturating_sub(range.end.saturating_sub(1));
        let before = |range: &Range<usize>| range.start.saturating_sub(offset);
        let nearest = self
            .pieces
            .iter()
            .enumerate()
            .min_by_key(|(_, range)| behind(range).max(before(range)));
        match nearest {
            Some((piece, range)) => (piece, offset as i64 - range.start as i64),
            None => (0, offset as i64),
        }
    }
}

/// Adds what lies between the ranges, up to `end`.
fn gaps(ranges: &[Range<usize>], end: usize, into: &mut Ranges) {
    if !ranges.is_sorted_by_key(|range| range.start) {
        let mut sorted = ranges.to_vec();
        sorted.sort_by_key(|range| range.start);
        return gaps(&sorted, end, into);
    }
    let mut from = 0;
    for range in ranges {
        if range.start > from {
            into.push(from..range.start);
        }
        from = from.max(range.end);
    }
    if end > from {
        into.push(from..end);
    }
}

/// A write that was not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trespass {
    /// Position of the piece in the call's memory.
    pub(super) piece: usize,
    /// Offset within the piece; negative before it, its size or more behind it.
    pub(super) offset: i64,
    /// Whether the byte is one of the piece's own, that is an input.
    pub(super) inside: bool,
}

/// The memory of one call: a block that the library sees, and its image as it ought to be.
pub(super) struct Arena {
    block: Block,
    image: Image,
    fresh: bool,
}

impl Arena {
    /// A block for the layout.
    pub(super) fn new(layout: &Layout) -> Arena {
        Arena {
            block: Block::new(&layout.image, layout.align, layout.ends),
            image: layout.image.clone(),
            fresh: true,
        }
    }

    /// The address of an offset within the block.
    pub(super) fn address(&self, offset: usize) -> u64 {
        self.block.pointer().expose_provenance() as u64 + offset as u64
    }

    /// Makes the block ready for the next call: outputs hold again what they held first.
    pub(super) fn prepare(&mut self, layout: &Layout) {
        if std::mem::take(&mut self.fresh) {
            return;
        }
        for output in &layout.outputs {
            let first = &layout.image[output.clone()];
            self.image[output.clone()].copy_from_slice(first);
            self.block.write(output.start, first);
        }
    }

    /// Puts the low bytes of a word at an offset.
    pub(super) fn put(&mut self, offset: usize, size: usize, word: u64) {
        let bytes = &word.to_le_bytes()[..size.min(8)];
        let Some(place) = self.image.get_mut(offset..offset + bytes.len()) else {
            return;
        };
        place.copy_from_slice(bytes);
        self.block.write(offset, bytes);
    }

    /// The first byte that was written without right since [`Arena::prepare`].
    pub(super) fn trespass(&self, layout: &Layout) -> Option<Trespass> {
        let now = self.block.bytes();
        let range = layout
            .fixed
            .iter()
            .find(|range| now[(*range).clone()] != self.image[(*range).clone()])?;
        let offset = range.start + differing(&now[range.clone()], &self.image[range.clone()]);
        let (piece, within) = layout.attribute(offset);
        Some(Trespass {
            piece,
            offset: within,
            inside: layout.piece(piece).contains(&offset),
        })
    }

    /// What stands at a range of the block.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.block.bytes().get(range).unwrap_or(&[])
    }

    /// Whether a range holds nothing but the pattern that outputs are filled with.
    pub(super) fn untouched(&self, range: Range<usize>) -> bool {
        self.bytes(range).iter().all(|byte| *byte == PATTERN)
    }

    /// Takes the block as it is now for its final state: whatever changes from here on comes late.
    pub(super) fn settle(&mut self, layout: &Layout) {
        let now = self.block.bytes();
        for output in &layout.outputs {
            self.image[output.clone()].copy_from_slice(&now[output.clone()]);
        }
    }

    /// As [`Arena::settle`], guards and inputs included, so that a trespass is told once.
    pub(super) fn settle_all(&mut self) {
        self.image.copy_from_slice(self.block.bytes());
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.block.taken()
    }

    /// Whether nothing has been written since the block was settled.
    pub(super) fn is_settled(&self) -> bool {
        self.fresh || self.block.bytes() == self.image.as_slice()
    }

    /// The piece that has been written since the block was settled.
    pub(super) fn late_write(&self, layout: &Layout) -> Option<usize> {
        if self.is_settled() {
            return None;
        }
        let offset = differing(self.block.bytes(), &self.image);
        Some(layout.attribute(offset).0)
    }
}

/// The position of the first difference between two slices that differ.
fn differing(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).position(|(a, b)| a != b).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::role::Scalar;
    use crate::scenario::plan::{Output, Show};

    fn memory(bytes: &[u8], outputs: &[(u32, u32)]) -> Memory {
        Memory {
            name: "pv".into(),
            bytes: bytes.into(),
            patches: Vec::new(),
            outputs: outputs
                .iter()
                .map(|&(offset, size)| Output {
                    name: "out".into(),
                    offset,
                    size,
                    show: Show::Scalar(Scalar::Ulong),
                    bind: None,
                })
                .collect(),
            from: None,
            at_end: false,
        }
    }

    fn poke(arena: &Arena, offset: usize) {
        let address = arena.address(offset) as usize;
        let pointer: *mut u8 = std::ptr::with_exposed_provenance_mut(address);
        // SAFETY: the tests poke inside the block only.
        unsafe { pointer.write(pointer.read() ^ 0xFF) };
    }

    fn laid_out() -> (Layout, Arena) {
        let input = memory(b"hello", &[]);
        let output = memory(&[PATTERN; 8], &[(0, 4)]);
        let pieces = [(&input, &*input.bytes), (&output, &*output.bytes)];
        let layout = Layout::new(pieces.into_iter());
        let mut arena = Arena::new(&layout);
        arena.prepare(&layout);
        (layout, arena)
    }

    #[test]
    fn outputs_may_be_written_and_are_reset() {
        let (layout, mut arena) = laid_out();
        let output = layout.outputs()[0].clone();
        assert!(arena.untouched(output.clone()));
        poke(&arena, output.start);
        assert_eq!(arena.trespass(&layout), None);
        assert!(!arena.untouched(output.clone()));
        arena.settle(&layout);
        assert_eq!(arena.late_write(&layout), None);
        arena.prepare(&layout);
        assert!(arena.untouched(output));
    }

    #[test]
    fn a_large_buffer_begins_at_a_page_of_memory() {
        let small = memory(b"hello", &[]);
        let size = LARGE as u32;
        let large = memory(&[PATTERN; LARGE], &[(0, size)]);
        let pieces = [(&small, &*small.bytes), (&large, &*large.bytes)];
        let layout = Layout::new(pieces.into_iter());
        let mut arena = Arena::new(&layout);
        arena.prepare(&layout);
        let output = layout.outputs()[0].clone();
        assert_eq!(arena.address(output.start) % PAGE as u64, 0);
        poke(&arena, output.end);
        let trespass = arena.trespass(&layout).expect("behind the buffer");
        assert_eq!((trespass.piece, trespass.offset), (1, LARGE as i64));
    }

    #[test]
    #[cfg(unix)]
    fn a_piece_can_stand_where_memory_ends() {
        let input = Memory {
            at_end: true,
            ..memory(b"hello", &[])
        };
        let output = memory(&[PATTERN; 8], &[(0, 4)]);
        let pieces = [(&input, &*input.bytes), (&output, &*output.bytes)];
        let layout = Layout::new(pieces.into_iter());
        let mut arena = Arena::new(&layout);
        arena.prepare(&layout);
        let end = layout.piece(0).end;
        assert_eq!(arena.bytes(layout.piece(0)), b"hello");
        assert_eq!(arena.address(end) % 4096, 0);
        assert!(arena.untouched(layout.outputs()[0].clone()));
        poke(&arena, layout.outputs()[0].start);
        assert_eq!(arena.trespass(&layout), None);
        poke(&arena, layout.piece(0).start - 1);
        let trespass = arena.trespass(&layout).expect("before the piece");
        assert_eq!((trespass.piece, trespass.offset), (0, -1));
    }

    #[test]
    fn guards_on_both_sides_name_the_nearest_piece() {
        let (layout, arena) = laid_out();
        poke(&arena, layout.piece(0).end);
        let trespass = Trespass {
            piece: 0,
            offset: 5,
            inside: false,
        };
        assert_eq!(arena.trespass(&layout), Some(trespass));
        let (layout, arena) = laid_out();
        poke(&arena, layout.piece(1).start - 1);
        let trespass = Trespass {
            piece: 1,
            offset: -1,
            inside: false,
        };
        assert_eq!(arena.trespass(&layout), Some(trespass));
    }

    #[test]
    fn inputs_and_the_rest_of_structures_are_fixed() {
        let (layout, arena) = laid_out();
        poke(&arena, layout.piece(1).start + 4);
        let trespass = Trespass {
            piece: 1,
            offset: 4,
            inside: true,
        };
        assert_eq!(arena.trespass(&layout), Some(trespass));
    }

    #[test]
    fn a_write_after_the_call_is_seen() {
        let (layout, mut arena) = laid_out();
        arena.settle(&layout);
        poke(&arena, layout.outputs()[0].start);
        assert_eq!(arena.late_write(&layout), Some(1));
        arena.settle_all();
        assert_eq!(arena.late_write(&layout), None);
    }
}
