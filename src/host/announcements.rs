//! Where the host announces what it is about to do, so that the parent can read it even if the host
//! dies: a file that both map. An announcement costs a copy of a few bytes and no system call. Where
//! parent and host share no files, each announcement is a frame of its own.
//!
//! The file holds the end of the journal: 16 bytes of head (how much of the journal came before, how
//! much is here), then the records that have not been sent as frames yet.

use std::fs::File;
use std::io;
use std::sync::Arc;

use crate::run::Sink;

use super::protocol::{self, Kind};

/// Size of the file.
#[cfg(unix)]
const SIZE: usize = 256 * 1024;
#[cfg(unix)]
const HEAD: usize = 16;

/// The host's end.
pub(super) struct Announcer {
    frames: Arc<File>,
    #[cfg(unix)]
    shared: Option<shared::Shared>,
    broken: bool,
}

impl Announcer {
    /// Announces in the file where there is one, in frames otherwise.
    pub(super) fn new(frames: Arc<File>, file: Option<&std::path::Path>) -> io::Result<Announcer> {
        #[cfg(not(unix))]
        let _ = file;
        Ok(Announcer {
            frames,
            #[cfg(unix)]
            shared: file.map(shared::Shared::open).transpose()?,
            broken: false,
        })
    }

    fn send(&mut self, records: &[u8]) {
        // Without its parent the host has nobody to tell; the parent's end says the same.
        self.broken |= protocol::write(&mut &*self.frames, Kind::Records, records).is_err();
    }
}

impl Sink for Announcer {
    fn append(&mut self, records: &[u8]) {
        #[cfg(unix)]
        if let Some(mut shared) = self.shared.take() {
            if !shared.append(records) {
                let pending = shared.pending();
                self.send(&pending);
                shared.restart();
                if !shared.append(records) {
                    self.send(records);
                    shared.skip(records.len());
                }
            }
            self.shared = Some(shared);
            return;
        }
        self.send(records);
    }
}

#[cfg(unix)]
mod shared {
    //! The mapped file.

    use std::fs::OpenOptions;
    use std::io;
    use std::path::Path;
    use std::ptr::NonNull;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

    use super::{HEAD, SIZE};

    /// The mapping of one process.
    pub(super) struct Shared {
        start: NonNull<u8>,
    }

    // SAFETY: the mapping belongs to whoever owns this value, like a Vec<u8>.
    unsafe impl Send for Shared {}

    impl Shared {
        pub(super) fn open(path: &Path) -> io::Result<Shared> {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(path)?;
            file.set_len(SIZE as u64)?;
            // SAFETY: a new mapping at an address of the system's choice; nobody cuts the file short.
            let start = unsafe {
                mmap(
                    std::ptr::null_mut(),
                    SIZE,
                    ProtFlags::READ | ProtFlags::WRITE,
                    MapFlags::SHARED,
                    &file,
                    0,
                )?
            };
            match NonNull::new(start.cast::<u8>()) {
                Some(start) => Ok(Shared { start }),
                None => Err(io::Error::other("mapped at address zero")),
            }
        }

        fn head(&self, field: usize) -> &AtomicU64 {
            // SAFETY: the mapping begins on a page, the head has two 8-byte fields.
            unsafe { AtomicU64::from_ptr(self.start.cast::<u64>().add(field).as_ptr()) }
        }

        /// How much of the journal was sent as frames.
        pub(super) fn before(&self) -> u64 {
            self.head(0).load(Ordering::Acquire)
        }

        /// How much of it is here.
        pub(super) fn length(&self) -> u64 {
            self.head(1).load(Ordering::Acquire)
        }

        /// Appends, if there is room.
        pub(super) fn append(&mut self, records: &[u8]) -> bool {
            let length = self.length() as usize;
            if HEAD + length + records.len() > SIZE {
                return false;
            }
            // SAFETY: within the mapping; the reader looks at it only up to the length.
            unsafe {
                self.start
                    .add(HEAD + length)
                    .copy_from_nonoverlapping(NonNull::from(records).cast(), records.len());
            }
            let length = (length + records.len()) as u64;
            self.head(1).store(length, Ordering::Release);
            true
        }

        /// What is here.
        pub(super) fn pending(&self) -> Vec<u8> {
            let length = (self.length() as usize).min(SIZE - HEAD);
            let mut pending = vec![0; length];
            // SAFETY: within the mapping; nobody writes below the length.
            unsafe {
                self.start
                    .add(HEAD)
                    .copy_to_nonoverlapping(NonNull::from(&mut *pending).cast(), length)
            };
            pending
        }

        /// What is here has been sent. A death between the two stores is harmless: the reader
        /// passes over what it has had.
        pub(super) fn restart(&mut self) {
            let sent = self.before() + self.length();
            self.head(1).store(0, Ordering::Release);
            self.head(0).store(sent, Ordering::Release);
        }

        /// So much was sent without coming here.
        pub(super) fn skip(&mut self, bytes: usize) {
            let sent = self.before() + bytes as u64;
            self.head(0).store(sent, Ordering::Release);
        }
    }

    impl Drop for Shared {
        fn drop(&mut self) {
            // SAFETY: mapped by `open` with this size, and nothing borrows from it. Where it cannot
            // be unmapped it stays until the process ends.
            let _ = unsafe { munmap(self.start.as_ptr().cast(), SIZE) };
        }
    }
}

/// The parent's end.
pub(super) struct Announcements {
    #[cfg(unix)]
    shared: shared::Shared,
}

impl Announcements {
    /// Makes the file.
    #[cfg(unix)]
    pub(super) fn create(path: &std::path::Path) -> io::Result<Announcements> {
        Ok(Announcements {
            shared: shared::Shared::open(path)?,
        })
    }

    /// A number that changes whenever something is announced.
    pub(super) fn progress(&self) -> u64 {
        #[cfg(unix)]
        return self.shared.before() + self.shared.length();
        #[cfg(not(unix))]
        0
    }

    /// The records that have not come as frames, of which so many bytes have.
    pub(super) fn rest(&self, received: u64) -> Vec<u8> {
        #[cfg(unix)]
        {
            let mut pending = self.shared.pending();
            let had = received.saturating_sub(self.shared.before());
            pending.drain(..pending.len().min(had as usize));
            pending
        }
        #[cfg(not(unix))]
        {
            let _ = received;
            Vec::new()
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn frames_and_file_together_hold_the_whole_journal() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("announcements");
        let parent = Announcements::create(&path)?;
        let frames = folder.path().join("frames");
        let mut host = Announcer::new(Arc::new(File::create(&frames)?), Some(&path))?;
        let mut journal = Vec::new();
        let mut progress = parent.progress();
        for number in 0..200_000u32 {
            let record = number.to_le_bytes();
            journal.extend_from_slice(&record);
            host.append(&record);
            assert_ne!(parent.progress(), progress);
            progress = parent.progress();
        }
        let large = vec![7; SIZE * 2];
        journal.extend_from_slice(&large);
        host.append(&large);
        host.append(b"end");
        journal.extend_from_slice(b"end");
        let mut received = Vec::new();
        let mut stream = File::open(&frames)?;
        while let Some((_, content)) = protocol::read(&mut stream)? {
            received.extend_from_slice(&content);
        }
        assert_eq!(stream.read(&mut [0])?, 0);
        received.extend_from_slice(&parent.rest(received.len() as u64));
        assert!(received == journal);
        Ok(())
    }
}
