//! The folder of the programs that run in this process: empty before each.

use std::io;
use std::path::Path;

use crate::host::Folder;

/// A scratch folder that is emptied again and again.
pub(super) struct Scratch {
    folder: Folder,
    /// What is in it: opened once, for a program takes no longer than a few such calls.
    #[cfg(unix)]
    listing: rustix::fs::Dir,
}

impl Scratch {
    /// # Errors
    /// A folder that cannot be made, or read.
    pub fn new() -> io::Result<Self> {
        let folder = Folder::new()?;
        Ok(Self {
            #[cfg(unix)]
            listing: rustix::fs::Dir::new(std::fs::File::open(folder.path())?)?,
            folder,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes what the program before has left. What cannot be removed stays; the next program then
    /// finds a file, which is allowed.
    #[cfg(unix)]
    pub fn empty(&mut self) {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        use rustix::fs::{AtFlags, FileType, unlinkat};

        self.listing.rewind();
        while let Some(Ok(entry)) = self.listing.read() {
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let removed = match (entry.file_type(), self.listing.fd()) {
                (FileType::Directory, _) | (_, Err(_)) => false,
                (_, Ok(folder)) => unlinkat(folder, name, AtFlags::empty()).is_ok(),
            };
            if !removed {
                let path = self.path().join(OsStr::from_bytes(name.to_bytes()));
                let _ = std::fs::remove_dir_all(path);
            }
        }
    }

    /// Removes what the program before has left. What cannot be removed stays; the next program then
    /// finds a file, which is allowed.
    #[cfg(not(unix))]
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
