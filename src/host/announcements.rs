//! Where the host announces what it is about to do, so that the parent can read it even if the host
//! dies: a file that the host maps and the parent reads. An announcement costs the host a copy of a few
//! bytes and no system call. Where parent and host share no files, each is a frame of its own.
//!
//! The file holds the end of the journal: a head (how much of the journal came before, how much is
//! here, how many of the plan's own steps have begun, whether a call came back in a second process),
//! then the records that have not been sent as frames yet. It is made once and used for one plan after the other.

#[cfg(unix)]
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::sync::Arc;

use crate::run::Sink;

use super::outgoing::Outgoing;
use super::protocol::Kind;

#[cfg(unix)]
use shared::Shared;

/// The host's end, for one plan.
pub(super) struct Announcer {
    parent: Outgoing,
    #[cfg(unix)]
    shared: Option<Arc<Shared>>,
}

/// What the host keeps mapped from one plan to the next.
#[derive(Default)]
pub(super) struct Mapped {
    #[cfg(unix)]
    file: Option<(PathBuf, Arc<Shared>)>,
}

impl Mapped {
    /// Announces in the file where there is one, in frames otherwise.
    pub(super) fn announcer(
        &mut self,
        parent: &Outgoing,
        path: Option<&Path>,
    ) -> io::Result<Announcer> {
        #[cfg(unix)]
        let shared = match path {
            None => None,
            Some(path) => Some(self.map(path)?),
        };
        #[cfg(not(unix))]
        let _ = path;
        Ok(Announcer {
            parent: parent.clone(),
            #[cfg(unix)]
            shared,
        })
    }

    /// Whether a call of the last plan came back in a second process too, as far as that is known.
    pub(super) fn had_a_twin(&self) -> bool {
        #[cfg(unix)]
        return self
            .file
            .as_ref()
            .is_some_and(|(_, shared)| shared.had_a_twin());
        #[cfg(not(unix))]
        false
    }

    #[cfg(unix)]
    fn map(&mut self, path: &Path) -> io::Result<Arc<Shared>> {
        if let Some((mapped, shared)) = &self.file
            && mapped == path
        {
            return Ok(shared.clone());
        }
        let shared = Arc::new(Shared::open(path)?);
        self.file = Some((path.to_owned(), shared.clone()));
        Ok(shared)
    }
}

impl Announcer {
    fn send(&self, records: &[u8]) {
        // Without its parent the host has nobody to tell; it ends when the parent's stream does.
        let _ = self.parent.records(records);
    }
}

impl Sink for Announcer {
    fn append(&mut self, records: &[u8]) {
        #[cfg(unix)]
        if let Some(shared) = &self.shared {
            shared.end_a_twin();
            if !shared.append(records) {
                self.send(&shared.pending());
                shared.restart();
                if !shared.append(records) {
                    self.send(records);
                    shared.skip(records.len());
                }
            }
            return;
        }
        self.send(records);
    }

    fn step(&mut self) {
        #[cfg(unix)]
        if let Some(shared) = &self.shared {
            shared.step();
            return;
        }
        // As above.
        let _ = self.parent.tell(Kind::Step, &[]);
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

    /// Size of the file.
    pub(super) const SIZE: usize = 256 * 1024;
    /// Its head, in numbers of eight bytes: before, length, steps, twin.
    pub(super) const FIELDS: usize = 4;
    pub(super) const HEAD: usize = FIELDS * 8;

    /// The mapping of one process.
    pub(super) struct Shared {
        start: NonNull<u8>,
        /// The process that has mapped it.
        process: u32,
    }

    // SAFETY: the mapping belongs to whoever owns this value, like a Vec<u8>.
    unsafe impl Send for Shared {}
    // SAFETY: one thread at a time writes, behind the lock of the journal; who reads looks only at
    // what the head says is written.
    unsafe impl Sync for Shared {}

    impl Shared {
        pub(super) fn open(path: &Path) -> io::Result<Shared> {
            let file = OpenOptions::new().read(true).write(true).open(path)?;
            if file.metadata()?.len() < SIZE as u64 {
                return Err(io::Error::other("the file of announcements was cut short"));
            }
            // SAFETY: a new mapping at an address of the system's choice, all of it in the file. A
            // library that cuts the file short ends this process, which is its own.
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
                Some(start) => Ok(Shared {
                    start,
                    process: std::process::id(),
                }),
                None => Err(io::Error::other("mapped at address zero")),
            }
        }

        fn head(&self, field: usize) -> &AtomicU64 {
            // SAFETY: the mapping begins on a page, the head has that many 8-byte fields.
            unsafe { AtomicU64::from_ptr(self.start.cast::<u64>().add(field).as_ptr()) }
        }

        /// A library that forks in a call comes back from it twice: the second process says that it
        /// was there and ends, before it writes what the first one writes too.
        pub(super) fn end_a_twin(&self) {
            if std::process::id() != self.process {
                self.head(3).store(1, Ordering::Release);
                crate::run::die();
            }
        }

        /// Whether there was such a process since the file was cleared.
        pub(super) fn had_a_twin(&self) -> bool {
            self.head(3).load(Ordering::Acquire) != 0
        }

        /// How much of the journal was sent as frames.
        fn before(&self) -> u64 {
            self.head(0).load(Ordering::Acquire)
        }

        /// How much of it is here.
        fn length(&self) -> u64 {
            self.head(1).load(Ordering::Acquire)
        }

        /// One more step of the plan's own begins.
        pub(super) fn step(&self) {
            self.head(2).fetch_add(1, Ordering::AcqRel);
        }

        /// Appends, if there is room.
        pub(super) fn append(&self, records: &[u8]) -> bool {
            // A library that writes wild can reach the head: it must not lead outside.
            let length = usize::try_from(self.length()).unwrap_or(SIZE);
            if records.len() > SIZE || length > SIZE - HEAD || HEAD + length + records.len() > SIZE
            {
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
        pub(super) fn restart(&self) {
            let sent = self.before().wrapping_add(self.length());
            self.head(1).store(0, Ordering::Release);
            self.head(0).store(sent, Ordering::Release);
        }

        /// So much was sent without coming here.
        pub(super) fn skip(&self, bytes: usize) {
            let sent = self.before().wrapping_add(bytes as u64);
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

/// The parent's end. It reads the file and does not map it: a library that finds the file and cuts it
/// short must not take the parent with it.
pub(super) struct Announcements {
    path: PathBuf,
    #[cfg(unix)]
    file: File,
}

impl Announcements {
    /// Makes the file, where parent and host can both map it.
    #[cfg(unix)]
    pub(super) fn create(path: PathBuf) -> io::Result<Option<Announcements>> {
        use std::io::Write;
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)?;
        // Really there, so that a full disk is told now, and not by the death of who has it mapped.
        file.write_all(&[0; shared::SIZE])?;
        Ok(Some(Announcements { path, file }))
    }

    /// Makes the file, where parent and host can both map it.
    #[cfg(not(unix))]
    pub(super) fn create(_path: PathBuf) -> io::Result<Option<Announcements>> {
        Ok(None)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets what an earlier plan announced. The host must be idle.
    pub(super) fn clear(&self) {
        #[cfg(unix)]
        // What is left there of an earlier plan makes no sense in this one, and the file is ours.
        let _ = std::os::unix::fs::FileExt::write_all_at(&self.file, &[0; shared::HEAD], 0);
    }

    /// What the head of the file says, if that is still there.
    #[cfg(unix)]
    fn head(&self) -> Option<[u64; shared::FIELDS]> {
        let mut bytes = [0; shared::HEAD];
        std::os::unix::fs::FileExt::read_exact_at(&self.file, &mut bytes, 0).ok()?;
        let (fields, _) = bytes.as_chunks::<8>();
        let mut head = [0; shared::FIELDS];
        for (value, bytes) in head.iter_mut().zip(fields) {
            *value = u64::from_ne_bytes(*bytes);
        }
        Some(head)
    }

    /// A number that changes whenever a step of the plan's own begins.
    pub(super) fn steps(&self) -> u64 {
        #[cfg(unix)]
        return self.head().map_or(0, |[_, _, steps, _]| steps);
        #[cfg(not(unix))]
        0
    }

    /// The records that have not come as frames, of which so many bytes have.
    pub(super) fn rest(&self, received: u64) -> Vec<u8> {
        #[cfg(unix)]
        {
            let Some([before, length, ..]) = self.head() else {
                return Vec::new();
            };
            let length = usize::try_from(length).unwrap_or(shared::SIZE);
            let mut pending = vec![0; length.min(shared::SIZE - shared::HEAD)];
            let at = shared::HEAD as u64;
            if std::os::unix::fs::FileExt::read_exact_at(&self.file, &mut pending, at).is_err() {
                return Vec::new();
            }
            let had = received.saturating_sub(before);
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
    use super::super::protocol::{Frame, Frames};
    use super::*;

    #[test]
    fn frames_and_file_together_hold_the_whole_journal() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("announcements");
        let parent = Announcements::create(path.clone())?.expect("mapped");
        let frames = folder.path().join("frames");
        let mut mapped = Mapped::default();
        for _ in 0..2 {
            parent.clear();
            let stream = Outgoing::new(File::create(&frames)?);
            let mut host = mapped.announcer(&stream, Some(&path))?;
            let mut journal = Vec::new();
            let mut steps = parent.steps();
            for number in 0..200_000u32 {
                let record = number.to_le_bytes();
                journal.extend_from_slice(&record);
                host.append(&record);
                host.step();
                assert_ne!(parent.steps(), steps);
                steps = parent.steps();
            }
            let large = vec![7; shared::SIZE * 2];
            journal.extend_from_slice(&large);
            host.append(&large);
            host.append(b"end");
            journal.extend_from_slice(b"end");
            let mut received = Vec::new();
            let mut stream = Frames::new(File::open(&frames)?);
            while let Some(frame) = stream.next()? {
                let Frame::Whole(Kind::Records, content) = frame else {
                    panic!("{frame:?}");
                };
                received.extend_from_slice(&content);
            }
            received.extend_from_slice(&parent.rest(received.len() as u64));
            assert!(received == journal);
        }
        Ok(())
    }
}
