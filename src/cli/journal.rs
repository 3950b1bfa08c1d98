//! The journal of a command: where it is, which one a run goes on from, when it goes away.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use jetspec::report::{CaseReport, Identity, Journal, JournalError, RunReport};

use super::arguments::RunArguments;
use super::error::CliError;
use super::identity::hex;

/// How many journals of runs that were cut short are kept for one library in one folder.
const KEPT: usize = 8;
/// How the files end.
const ENDING: &str = "journal";

/// The journal of a run.
pub struct RunJournal {
    journal: Option<Journal>,
    /// What was read from it, by the names of the cases.
    known: HashMap<String, CaseReport>,
    /// Whether the user named the file, and so counts on it.
    named: bool,
    failed: bool,
}

impl RunJournal {
    /// Begins a journal, or goes on from one.
    pub fn open(arguments: &RunArguments, identity: &Identity) -> Result<RunJournal, CliError> {
        let named = arguments.journal.as_deref();
        let opened = match (named, arguments.resume) {
            (Some(path), true) => Journal::resume(path, identity)?,
            (Some(path), false) => (Journal::create(path, identity)?, Vec::new()),
            (None, true) => newest(arguments, identity)?,
            (None, false) => match begin(arguments, identity) {
                Ok(journal) => (journal, Vec::new()),
                Err(error) => {
                    warn(&format!(
                        "a run that is cut short cannot be resumed: {error}"
                    ));
                    return Ok(RunJournal::none());
                }
            },
        };
        let (journal, cases) = opened;
        Ok(RunJournal {
            journal: Some(journal),
            known: cases.into_iter().map(|case| (case.name(), case)).collect(),
            named: named.is_some(),
            failed: false,
        })
    }

    fn none() -> RunJournal {
        RunJournal {
            journal: None,
            known: HashMap::new(),
            named: false,
            failed: false,
        }
    }

    /// Whether a case has its verdict from before.
    pub fn knows(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// The report on a case that has its verdict from before.
    pub fn take(&mut self, name: &str) -> Option<CaseReport> {
        self.known.remove(name)
    }

    /// Adds a case. Where that cannot be done the run goes on without a journal.
    pub fn add(&mut self, case: &CaseReport) {
        let Some(journal) = &mut self.journal else {
            return;
        };
        if let Err(error) = journal.add(case) {
            let path = journal.path().display();
            warn(&format!(
                "{path}: cannot be written: {error}; a run that is cut short cannot be resumed"
            ));
            self.journal = None;
            self.failed = self.named;
        }
    }

    /// The run is over. The journal goes away, unless something that it holds has not been told.
    /// The exit code.
    pub fn close(self, report: &RunReport, told: bool, code: u8) -> u8 {
        let code = if self.failed { 2 } else { code };
        let Some(journal) = self.journal else {
            return code;
        };
        if report.cases.len() < report.selected {
            warn("the same command with --resume goes on from here");
            return code;
        }
        if !told {
            warn(
                "nothing is lost: the same command with --resume writes the reports again, and runs nothing twice",
            );
            return code;
        }
        let path = journal.path().display().to_string();
        if let Err(error) = journal.remove() {
            warn(&format!("{path}: cannot be removed: {error}"));
        }
        code
    }
}

fn warn(text: &str) {
    // Where standard error is closed nobody can be told.
    let _ = writeln!(anstream::stderr(), "jetspec: {text}");
}

/// A new journal at its usual place.
fn begin(arguments: &RunArguments, identity: &Identity) -> Result<Journal, JournalError> {
    let folder = folder();
    fs::create_dir_all(&folder).map_err(|error| JournalError::File {
        path: folder.clone(),
        error,
    })?;
    for old in journals(arguments).into_iter().skip(KEPT) {
        Journal::discard(&old);
    }
    let name = format!("{}-{}.{ENDING}", key(arguments), std::process::id());
    Journal::create(&folder.join(name), identity)
}

/// The last run of this library in this folder that was cut short and is of one piece with this one.
fn newest(
    arguments: &RunArguments,
    identity: &Identity,
) -> Result<(Journal, Vec<CaseReport>), CliError> {
    let mut refused = None;
    for path in journals(arguments) {
        match Journal::resume(&path, identity) {
            Ok(found) => return Ok(found),
            Err(JournalError::Busy(_)) => {}
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(match refused {
        Some(error) => error.into(),
        None => CliError::NothingToResume,
    })
}

/// The journals of this library in this folder, the newest first.
fn journals(arguments: &RunArguments) -> Vec<PathBuf> {
    let key = key(arguments);
    let entries = fs::read_dir(folder()).into_iter().flatten().flatten();
    let mut found: Vec<(SystemTime, PathBuf)> = entries
        .map(|entry| entry.path())
        .filter(|path| is_of(path, &key))
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

fn is_of(path: &Path, key: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(key) && path.extension().is_some_and(|ending| ending == ENDING)
}

/// What tells the runs of one library, or of one part of the suite, in one folder from others.
fn key(arguments: &RunArguments) -> String {
    let mut digest = Sha256::new();
    let here = std::env::current_dir().unwrap_or_default();
    digest.update(here.as_os_str().as_encoded_bytes());
    if let Some(library) = &arguments.library.lib {
        digest.update(library.as_os_str().as_encoded_bytes());
    }
    if let Some(shard) = arguments.shard {
        digest.update(shard.to_string());
    }
    hex(&digest.finalize()[..8])
}

/// Where a program keeps its state: what the system names for that, else among the temporary files.
fn folder() -> PathBuf {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = match cfg!(windows) {
        true => named("LOCALAPPDATA").map(PathBuf::from),
        false => named("XDG_STATE_HOME")
            .map(PathBuf::from)
            .or_else(|| named("HOME").map(|home| PathBuf::from(home).join(".local/state"))),
    };
    state.unwrap_or_else(std::env::temp_dir).join("jetspec")
}
