//! The journal of a run: each case as it ends, in a file that survives the process. A run that was
//! killed goes on from it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::case::CaseReport;
use super::document::Case;
use super::identity::{Conflict, Identity};
use crate::judge::Reach;

/// The version of the file's form. A journal of another version is not gone on from.
pub const JOURNAL_VERSION: u32 = 1;

/// Why a run cannot go on from a journal.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file cannot be read or written.
    #[error("the journal {} cannot be used: {error}", path.display())]
    File {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is no journal of this version.
    #[error("{}: is no journal that this jetspec can go on from", .0.display())]
    Strange(PathBuf),
    /// It is of another run.
    #[error(
        "{}: is of another run: {} is {} there and {} here; run without --resume to begin anew",
        path.display(),
        conflict.what,
        conflict.this,
        conflict.other
    )]
    Other {
        /// The journal.
        path: PathBuf,
        /// What is not the same.
        conflict: Conflict,
    },
    /// The run that writes it has not ended.
    #[error("{}: a run that still goes on writes to it", .0.display())]
    Busy(PathBuf),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Head {
    journal: u32,
    identity: Identity,
}

#[derive(Serialize, Deserialize)]
struct Line {
    case: Case,
    reach: Reach,
}

/// A journal that is being written. The file is locked as long as the run lasts.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// When the disk had all of it.
    synced: Instant,
}

/// How much of a run may be lost where the machine goes, and not only the process.
const SYNC: Duration = Duration::from_secs(1);

impl Journal {
    /// Begins a journal in a new file; one that is there is replaced, unless a run still writes it.
    pub fn create(path: &Path, identity: &Identity) -> Result<Journal, JournalError> {
        let failed = |error| file_error(path, error);
        let file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(failed)?;
        lock(path, &file)?;
        file.set_len(0).map_err(failed)?;
        let mut journal = Journal {
            path: path.to_owned(),
            file,
            synced: Instant::now(),
        };
        let head = Head {
            journal: JOURNAL_VERSION,
            identity: identity.clone(),
        };
        journal.write(&head).map_err(failed)?;
        Ok(journal)
    }

    /// Goes on from a journal: the cases that it holds, in the order in which they ended. A last line
    /// that was not written to its end is taken off.
    pub fn resume(
        path: &Path,
        identity: &Identity,
    ) -> Result<(Journal, Vec<CaseReport>), JournalError> {
        let failed = |error| file_error(path, error);
        let file = File::options()
            .read(true)
            .write(true)
            .open(path)
            .map_err(failed)?;
        lock(path, &file)?;
        let mut journal = Journal {
            path: path.to_owned(),
            file,
            synced: Instant::now(),
        };
        let (own, cases, end) = journal.read().map_err(failed)?;
        let Some(own) = own else {
            return Err(JournalError::Strange(path.to_owned()));
        };
        if let Some(conflict) = own.conflict(identity).or_else(|| shards(&own, identity)) {
            let path = path.to_owned();
            return Err(JournalError::Other { path, conflict });
        }
        journal.file.set_len(end).map_err(failed)?;
        journal.file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok((journal, cases))
    }

    /// Adds a case. After this returns the end of the process, however it comes, does not lose it; a
    /// machine that goes away loses the last second.
    pub fn add(&mut self, case: &CaseReport) -> io::Result<()> {
        // What a baseline says of it is found anew: the file may be another by then.
        let case = CaseReport {
            pinned: None,
            ..case.clone()
        };
        self.write(&Line {
            case: Case::from(&case),
            reach: case.reach,
        })?;
        if self.synced.elapsed() >= SYNC {
            self.file.sync_data()?;
            self.synced = Instant::now();
        }
        Ok(())
    }

    /// Removes a journal that nobody goes on with, unless a run still writes it.
    pub fn discard(path: &Path) {
        let unlocked = File::open(path).and_then(|file| Ok(file.try_lock()?));
        if unlocked.is_ok() {
            // Somebody else may have been faster.
            let _ = std::fs::remove_file(path);
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the file: the run is over, and everybody has been told.
    pub fn remove(self) -> io::Result<()> {
        let Journal { path, file, .. } = self;
        // Windows removes no open file.
        drop(file);
        std::fs::remove_file(path)
    }

    /// One line, in one write, so that a kill leaves at most one torn line.
    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.write_all(&text)
    }

    /// What the file holds: the run that it is of, its cases, and where the last whole line ends.
    fn read(&mut self) -> io::Result<(Option<Identity>, Vec<CaseReport>, u64)> {
        let mut reader = BufReader::new(&self.file);
        let (mut cases, mut end) = (Vec::new(), 0);
        let mut text = Vec::new();
        let first = reader.read_until(b'\n', &mut text)?;
        let identity = serde_json::from_slice::<Head>(&text)
            .ok()
            .filter(|head| head.journal == JOURNAL_VERSION && text.ends_with(b"\n"))
            .map(|head| head.identity);
        end += first as u64;
        while identity.is_some() {
            text.clear();
            let read = reader.read_until(b'\n', &mut text)?;
            let line = serde_json::from_slice::<Line>(&text);
            let (Ok(line), true) = (line, text.ends_with(b"\n")) else {
                break;
            };
            end += read as u64;
            cases.push(CaseReport {
                reach: line.reach,
                ..CaseReport::from(line.case)
            });
        }
        Ok((identity, cases, end))
    }
}

fn shards(own: &Identity, other: &Identity) -> Option<Conflict> {
    let words = |identity: &Identity| {
        let shard = identity.shard.map(|shard| shard.to_string());
        shard.unwrap_or_else(|| "the whole".to_owned())
    };
    (own.shard != other.shard).then(|| Conflict {
        what: "the shard",
        this: words(own),
        other: words(other),
    })
}

fn lock(path: &Path, file: &File) -> Result<(), JournalError> {
    file.try_lock().map_err(|error| match error {
        std::fs::TryLockError::WouldBlock => JournalError::Busy(path.to_owned()),
        std::fs::TryLockError::Error(error) => file_error(path, error),
    })
}

fn file_error(path: &Path, error: io::Error) -> JournalError {
    JournalError::File {
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{case, failed, report};
    use super::*;
    use crate::judge::Verdict;
    use crate::scenario::plan::Profile;

    fn names(cases: &[CaseReport]) -> Vec<String> {
        cases.iter().map(CaseReport::name).collect()
    }

    #[test]
    fn what_was_added_is_there_and_a_torn_line_is_not() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("run.journal");
        let identity = report(Vec::new()).identity;
        let mut journal = Journal::create(&path, &identity)?;
        let added = [failed("a/b.yaml"), case("a/c.yaml", "x", Verdict::Pass)];
        for case in &added {
            journal.add(case)?;
        }
        drop(journal);
        let whole = std::fs::read(&path)?;
        // Killed at every byte of the last line.
        let last = whole.len()
            - whole
                .split(|b| *b == b'\n')
                .rev()
                .nth(1)
                .unwrap_or(&[])
                .len()
            - 1;
        for end in last..whole.len() {
            std::fs::write(&path, &whole[..end])?;
            let (mut journal, cases) = Journal::resume(&path, &identity)?;
            assert_eq!(names(&cases), names(&added[..1]), "{end}");
            journal.add(&added[1])?;
            drop(journal);
            let (_, cases) = Journal::resume(&path, &identity)?;
            assert_eq!(names(&cases), names(&added), "{end}");
        }
        let (journal, cases) = Journal::resume(&path, &identity)?;
        assert_eq!(cases[0].judged.diff, added[0].judged.diff);
        journal.remove()?;
        assert!(!path.exists());
        Ok(())
    }

    #[test]
    fn a_journal_of_another_run_or_of_one_that_goes_on_is_refused()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("run.journal");
        let identity = report(Vec::new()).identity;
        let journal = Journal::create(&path, &identity)?;
        let busy = Journal::resume(&path, &identity);
        assert!(matches!(busy, Err(JournalError::Busy(_))));
        assert!(matches!(
            Journal::create(&path, &identity),
            Err(JournalError::Busy(_))
        ));
        drop(journal);
        let mut other = identity.clone();
        other.profile = Profile::Genuine;
        let refused = Journal::resume(&path, &other).expect_err("another run");
        assert!(
            refused
                .to_string()
                .contains("the profile is documented there and genuine here")
        );
        std::fs::write(&path, "something else\n")?;
        let strange = Journal::resume(&path, &identity);
        assert!(matches!(strange, Err(JournalError::Strange(_))));
        Ok(())
    }
}
