//! The memory that the library under test is given, as the system gives it: from the heap, or so that
//! its end is the end of a page behind which nobody may read or write.

use std::alloc::{Layout as Allocation, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

/// Memory whose content can change at any time, so it is only ever copied or compared, never borrowed
/// across a call.
pub(super) struct Block {
    start: NonNull<u8>,
    size: usize,
    home: Home,
}

/// Where it is.
enum Home {
    Heap(Allocation),
    #[cfg(unix)]
    Pages(pages::Pages),
}

// SAFETY: the block is owned like a Vec<u8>; only its address is shared, with the library.
unsafe impl Send for Block {}

impl Block {
    /// Memory that holds these bytes. `ends`: a page that nobody may touch follows it, where the
    /// system can be asked for one; its size has to be a multiple of the alignment then.
    pub(super) fn new(bytes: &[u8], align: usize, ends: bool) -> Block {
        let size = bytes.len();
        if size == 0 {
            return Block {
                start: NonNull::<u128>::dangling().cast(),
                size,
                home: Home::Heap(Allocation::new::<u128>()),
            };
        }
        let (start, home) = match ends {
            true => at_an_end(size).unwrap_or_else(|| on_the_heap(size, align)),
            false => on_the_heap(size, align),
        };
        // SAFETY: freshly allocated with that size, and so apart from the bytes.
        unsafe { start.copy_from_nonoverlapping(NonNull::from(bytes).cast(), size) };
        Block { start, size, home }
    }

    pub(super) fn pointer(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    pub(super) fn write(&mut self, offset: usize, bytes: &[u8]) {
        if offset + bytes.len() > self.size {
            return;
        }
        // SAFETY: within the block; the source is other memory.
        unsafe {
            self.start
                .add(offset)
                .copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len());
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: initialised when allocated; the slice does not outlive the comparison or copy that
        // it is taken for, and no call on this block runs meanwhile.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.size) }
    }

    /// How many bytes it takes of the process.
    pub(super) fn taken(&self) -> usize {
        match &self.home {
            Home::Heap(_) => self.size,
            #[cfg(unix)]
            Home::Pages(pages) => pages.size(),
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        match self.home {
            Home::Heap(allocation) if self.size > 0 => {
                // SAFETY: allocated by `new` with the same layout.
                unsafe { dealloc(self.start.as_ptr(), allocation) }
            }
            // Pages give themselves back.
            _ => {}
        }
    }
}

fn on_the_heap(size: usize, align: usize) -> (NonNull<u8>, Home) {
    // A layout is at most the sum of a plan's bytes, far below the limit of an allocation.
    let allocation = Allocation::from_size_align(size, align).unwrap_or(Allocation::new::<u128>());
    // SAFETY: the size is not zero.
    match NonNull::new(unsafe { alloc(allocation) }) {
        Some(start) => (start, Home::Heap(allocation)),
        None => handle_alloc_error(allocation),
    }
}

#[cfg(unix)]
fn at_an_end(size: usize) -> Option<(NonNull<u8>, Home)> {
    let (pages, start) = pages::Pages::before_an_end(size)?;
    Some((start, Home::Pages(pages)))
}

/// Other systems are not asked; the memory has guards before it, and whatever follows behind.
#[cfg(not(unix))]
fn at_an_end(_: usize) -> Option<(NonNull<u8>, Home)> {
    None
}

#[cfg(unix)]
mod pages {
    use std::ptr::NonNull;

    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

    /// A multiple of the size of a page of memory on every system.
    const UNIT: usize = 64 * 1024;

    /// Pages of the process's own.
    pub struct Pages {
        base: NonNull<u8>,
        size: usize,
    }

    impl Pages {
        /// Pages, and the place in them behind whose so many bytes nobody may touch anything.
        pub fn before_an_end(size: usize) -> Option<(Pages, NonNull<u8>)> {
            let room = size.next_multiple_of(UNIT);
            let all = room + UNIT;
            let both = ProtFlags::READ | ProtFlags::WRITE;
            // SAFETY: new pages, wherever the system has room.
            let base =
                unsafe { mmap_anonymous(std::ptr::null_mut(), all, both, MapFlags::PRIVATE).ok()? };
            let base = NonNull::new(base.cast::<u8>())?;
            let pages = Pages { base, size: all };
            // SAFETY: within the pages, which nobody else knows yet.
            let end = unsafe { base.add(room) };
            // SAFETY: the rest of them, from the border of a page.
            unsafe { mprotect(end.as_ptr().cast(), UNIT, MprotectFlags::empty()).ok()? };
            // SAFETY: there are at least so many bytes before it.
            Some((pages, unsafe { end.sub(size) }))
        }

        /// How many bytes they are.
        pub fn size(&self) -> usize {
            self.size
        }
    }

    impl Drop for Pages {
        fn drop(&mut self) {
            // SAFETY: mapped by `before_an_end` with that size. What cannot be given back stays.
            let _ = unsafe { munmap(self.base.as_ptr().cast(), self.size) };
        }
    }
}
