//! Where the hosts of one worker have their files: a scratch folder and, beside it, the announcements.
//! Hosts behind a launcher make their own folders, and are told when these can go.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::announcements::Announcements;
use super::folder::{self, Folder};
use super::parent::Options;
use super::process::Process;
use super::protocol::{Frame, Kind, decode, encode};

/// The files of one worker's hosts.
pub(super) struct Place {
    /// None behind a launcher.
    folder: Option<Folder>,
    /// The name of the scratch folder that is in use.
    work: String,
    announcements: Option<Announcements>,
    /// How many files and folders have been made here.
    count: u32,
    /// Folders that hosts have made and that nobody needs any more.
    abandoned: Vec<PathBuf>,
}

/// How long a host may take to remove what it has made.
const LEAVE_LIMIT: Duration = Duration::from_millis(1000);

impl Place {
    pub(super) fn new(options: &Options) -> io::Result<Place> {
        let folder = match options.launcher.is_none() {
            true => Some(Folder::new()?),
            false => None,
        };
        Ok(Place {
            folder,
            work: String::new(),
            announcements: None,
            count: 0,
            abandoned: Vec::new(),
        })
    }

    /// An empty scratch folder; none where the host has to make it.
    pub(super) fn clean(&mut self) -> io::Result<Option<PathBuf>> {
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        let path = folder.path().join(&self.work);
        if !self.work.is_empty() && folder::empty(&path) {
            return Ok(Some(path));
        }
        // What holds the old one goes with the whole.
        self.count += 1;
        self.work = format!("work{}", self.count);
        let path = folder.path().join(&self.work);
        std::fs::create_dir(&path)?;
        Ok(Some(path))
    }

    /// The file for announcements, with nothing in it.
    pub(super) fn announcements(&mut self) -> io::Result<Option<&Announcements>> {
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        if self.announcements.is_none() {
            self.count += 1;
            let path = folder.path().join(format!("announcements{}", self.count));
            self.announcements = Announcements::create(path)?;
        }
        if let Some(announcements) = &self.announcements {
            announcements.clear();
        }
        Ok(self.announcements.as_ref())
    }

    /// The next host gets a new file: what a dead one has mapped is not to be trusted.
    pub(super) fn renew_announcements(&mut self) {
        if let Some(old) = self.announcements.take() {
            // It goes with the folder at the latest.
            let _ = std::fs::remove_file(old.path());
        }
    }

    /// A run is over for which the host may have made a folder.
    pub(super) fn made(&mut self, made: Option<PathBuf>, process: Option<&mut Process>) {
        if self.folder.is_none() {
            self.abandoned.extend(made);
            if let Some(process) = process {
                self.discard(process);
            }
        }
    }

    /// Has a host remove what was abandoned.
    pub(super) fn discard(&mut self, process: &mut Process) {
        for path in std::mem::take(&mut self.abandoned) {
            if let Ok(path) = encode(&path) {
                // A host that does not hear it leaves a folder behind.
                let _ = process.tell(Kind::Discard, &path, Instant::now() + LEAVE_LIMIT);
            }
        }
    }

    /// Has the last host remove what it has made, before it goes.
    pub(super) fn leave(&mut self, process: &mut Process) {
        if self.folder.is_some() {
            return;
        }
        self.abandoned.push(PathBuf::new());
        self.discard(process);
        let until = Instant::now() + LEAVE_LIMIT;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match process.frames.recv_timeout(left) {
                // The one without a name was the last: all others are gone.
                Ok(Frame::Whole(Kind::Discarded, path))
                    if decode::<PathBuf>(&path).is_ok_and(|path| path.as_os_str().is_empty()) =>
                {
                    return;
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for path in &self.abandoned {
            // Behind many launchers it is this machine's after all.
            folder::discard(path);
        }
    }
}
