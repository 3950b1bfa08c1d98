//! The folder of the programs that run in this process: empty before each.

use std::io;
use std::path::Path;

use crate::host::Folder;

/// A scratch folder that is emptied again and again.
pub(super) struct Scratch {
    folder: Folder,
    /// It is opened once, and read into the same place: a program takes no longer than a few such calls.
    #[cfg(target_os = "linux")]
    listing: (std::fs::File, Vec<std::mem::MaybeUninit<u8>>),
}

/// Room for what is in it, in bytes.
#[cfg(target_os = "linux")]
const ROOM: usize = 4096;
/// So many names have room, however long they are.
#[cfg(target_os = "linux")]
const NAMES: usize = ROOM / 512;

impl Scratch {
    /// # Errors
    /// A folder that cannot be made, or read.
    pub fn new() -> io::Result<Self> {
        let folder = Folder::new()?;
        Ok(Self {
            #[cfg(target_os = "linux")]
            listing: (
                std::fs::File::open(folder.path())?,
                vec![std::mem::MaybeUninit::uninit(); ROOM],
            ),
            folder,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes what the program before has left. What cannot be removed stays; the next program then
    /// finds a file, which is allowed.
    #[cfg(target_os = "linux")]
    pub fn empty(&mut self) {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        use rustix::fs::{AtFlags, FileType, RawDir, SeekFrom, seek, unlinkat};

        let (folder, room) = &mut self.listing;
        if seek(&*folder, SeekFrom::Start(0)).is_err() {
            return;
        }
        let mut names = 0;
        let mut listing = RawDir::new(&*folder, room);
        while let Some(Ok(entry)) = listing.next() {
            names += 1;
            let name = entry.file_name();
            if !matches!(name.to_bytes(), b"." | b"..") {
                let removed = entry.file_type() != FileType::Directory
                    && unlinkat(&*folder, name, AtFlags::empty()).is_ok();
                if !removed {
                    let path = self.folder.path().join(OsStr::from_bytes(name.to_bytes()));
                    let _ = std::fs::remove_dir_all(path);
                }
            }
            // Where there was room for more there is no more, and the system need not be asked.
            if names < NAMES && listing.is_buffer_empty() {
                return;
            }
        }
    }

    /// Removes what the program before has left. What cannot be removed stays; the next program then
    /// finds a file, which is allowed.
    #[cfg(not(target_os = "linux"))]
    pub fn empty(&mut self) {
        let entries = std::fs::read_dir(self.path());
        for entry in entries.into_iter().flatten().flatten() {
            let path = entry.path();
            let _ = match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                true => std::fs::remove_dir_all(&path),
                false => std::fs::remove_file(&path),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_left_is_removed() {
        let mut scratch = Scratch::new().expect("a folder");
        let left = |scratch: &Scratch| std::fs::read_dir(scratch.path()).expect("it").count();
        for count in [0, 1, 3, 100] {
            for number in 0..count {
                let name = format!("{number}{}", "a".repeat(200));
                std::fs::write(scratch.path().join(name), "left").expect("a file");
            }
            let folder = scratch.path().join("folder");
            std::fs::create_dir(&folder).expect("a folder");
            std::fs::write(folder.join("inside"), "left").expect("a file");
            assert_eq!(left(&scratch), count + 1);
            scratch.empty();
            assert_eq!(left(&scratch), 0, "{count}");
        }
    }
}
