//! What stops a command, with the exit code that it documents.

use std::io;
use std::path::PathBuf;

use jetspec::abi::LoadError;
use jetspec::host::{HostError, LibraryError, interrupt};
use jetspec::scenario::nearest;
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
    /// A filter selects no case.
    #[error(
        "{filter} selects no case{}; `jetspec list` shows what there is",
        meant(nearest)
    )]
    NothingSelected {
        /// What was typed.
        filter: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// A filter names a line that its file does not have.
    #[error("{filter} selects no case: the file has {}", jetspec::report::counted(*lines as usize, "line"))]
    BehindTheEnd {
        /// What was typed.
        filter: String,
        /// How many lines the file has.
        lines: u32,
    },
    /// A filter names a file that is none of the suite.
    #[error(
        "{} is a file, but none of the suite; `--scenarios FOLDER` adds the scenarios of a folder to it \
         (`jetspec trace FILE` runs one file alone)",
        .0.display()
    )]
    NotOfTheSuite(PathBuf),
    /// No case that is selected can run.
    #[error("nothing ran: {0}")]
    NothingRan(String),
    /// A file where a folder of scenarios is wanted.
    #[error("{}: --scenarios takes a folder; `jetspec trace FILE` runs one file alone", .0.display())]
    NoFolder(PathBuf),
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
    /// Nothing has the name, nor one that contains it.
    #[error("{what}{}", meant(nearest))]
    Unknown {
        /// That there is none, in words.
        what: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// Nothing says which fuzz target an input is of.
    #[error("{}: no folder of its path is named after a fuzz target: say which with --target", path.display())]
    NoTarget {
        /// The input.
        path: PathBuf,
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
    /// Several reports want one file.
    #[error("{}: only one report can have this file", .0.display())]
    OneFile(PathBuf),
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
    /// No scratch folder can be made.
    #[error("no scratch folder can be made in {}: {error}; set TMPDIR to a folder that can be written to", std::env::temp_dir().display())]
    NoScratch {
        /// What the system says.
        error: io::Error,
    },
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

/// A question after a name that nothing has.
fn meant(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

impl CliError {
    /// That nothing has a name, with the nearest of those that there are.
    pub fn unknown<'n>(
        what: String,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> CliError {
        CliError::Unknown {
            what,
            nearest: nearest(name, known).map(str::to_owned),
        }
    }

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
            CliError::NothingSelected { .. }
            | CliError::BehindTheEnd { .. }
            | CliError::NothingRan(_) => 4,
            CliError::Interrupted | CliError::Host(HostError::Interrupted) => interrupt::EXIT_CODE,
            CliError::Register(_)
            | CliError::Runner(_)
            | CliError::OwnLibrary(_)
            | CliError::Host(_) => 3,
            _ => 2,
        }
    }
}
