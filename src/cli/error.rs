//! What stops a command, with the exit code that it documents.

use std::io;
use std::path::PathBuf;

use jetspec::abi::LoadError;
use jetspec::host::{HostError, LibraryError, interrupt};
use thiserror::Error;

/// Why a command could not do what was asked.
#[derive(Debug, Error)]
pub enum CliError {
    /// Scenario files have faults; they are rendered already.
    #[error("{0}")]
    Faults(String),
    /// The library cannot be used.
    #[error(transparent)]
    Library(#[from] LoadError),
    /// Our own library cannot be used.
    #[error(transparent)]
    OwnLibrary(#[from] LibraryError),
    /// No host can be had.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The register that the program carries is faulty.
    #[error("the requirement register is faulty: {0}")]
    Register(#[from] jetspec::spec::Fault),
    /// No case is selected.
    #[error("{} selects no case; `jetspec list` shows what there is", .0.join(" "))]
    NothingSelected(Vec<String>),
    /// More than one scenario is selected where one is wanted.
    #[error("{filter} selects {count} scenarios ({first}, {second}, …); name one of them")]
    SeveralSelected {
        /// What was typed.
        filter: String,
        /// How many scenarios it selects.
        count: usize,
        /// The first of them.
        first: String,
        /// The second.
        second: String,
    },
    /// No requirement has the id, nor one like it.
    #[error("no requirement has {0} in its id")]
    NoRequirement(String),
    /// No rule of the reference has the id.
    #[error("no rule of the reference has {0} in its id")]
    NoRule(String),
    /// No function of the contract has the name.
    #[error("the contract has no function {name}{}", if nearest.is_empty() { String::new() } else { format!("; there are {nearest}") })]
    NoFunction {
        /// What was typed.
        name: String,
        /// Functions whose names contain it.
        nearest: String,
    },
    /// A file cannot be read.
    #[error("{}: cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A file cannot be written.
    #[error("{}: cannot be written: {error}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A baseline is faulty.
    #[error(transparent)]
    Baseline(#[from] jetspec::judge::BaselineError),
    /// There is no baseline yet.
    #[error("{}: there is no such file; --bless writes it", .0.display())]
    NoBaseline(PathBuf),
    /// Several reports want standard output for themselves.
    #[error("only one report can have standard output; give the others a file")]
    OneStdout,
    /// A report of several runs that only a page can show.
    #[error("{0} shows one run; html shows several side by side")]
    OneReport(&'static str),
    /// A JSON report cannot be read.
    #[error("{}: {error}", path.display())]
    Report {
        /// The file.
        path: PathBuf,
        /// Why.
        error: jetspec::report::ReadError,
    },
    /// A journal cannot be used.
    #[error(transparent)]
    Journal(#[from] jetspec::report::JournalError),
    /// There is no journal.
    #[error("nothing to resume: no run of this library, begun in this folder, was cut short")]
    NothingToResume,
    /// Reports do not belong together.
    #[error(transparent)]
    Merge(#[from] super::merge::MergeError),
    /// A host could not be started, or the runner itself could not go on.
    #[error("{0}")]
    Runner(String),
    /// The program was asked to end before the command could say anything.
    #[error("interrupted")]
    Interrupted,
    /// Writing to standard output failed, or the system refused something else.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl CliError {
    /// The documented exit code: 2 bad usage or input, 3 the suite itself is wrong, 4 nothing ran.
    pub fn exit_code(&self) -> u8 {
        match self {
            CliError::OwnLibrary(LibraryError::Load(_)) => 2,
            // Of the user's own words: the library, and what starts its host.
            CliError::Host(
                HostError::Library(_)
                | HostError::DiedLoading { .. }
                | HostError::LoadsForEver { .. }
                | HostError::Start { .. }
                | HostError::Silent { .. },
            ) => 2,
            CliError::NothingSelected(_) => 4,
            CliError::Interrupted | CliError::Host(HostError::Interrupted) => interrupt::EXIT_CODE,
            CliError::Register(_)
            | CliError::Runner(_)
            | CliError::OwnLibrary(_)
            | CliError::Host(_) => 3,
            _ => 2,
        }
    }
}
