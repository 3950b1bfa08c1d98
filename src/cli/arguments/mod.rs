//! What can be typed.

mod fuzz;
mod run;
mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jetspec::report::Output;

pub use self::fuzz::{FuzzArguments, ReplayArguments};
pub use self::run::{
    FunctionsArguments, HostLimits, HostOptions, MergeArguments, Profiles, RunArguments,
    SabotageArguments, Selection, TraceArguments,
};
use super::version::{self, exit_codes};

/// Learn, statement by statement, what an ESENT-compatible library keeps of what the documents promise.
#[derive(Debug, Parser)]
#[command(
    name = "jetspec",
    version,
    long_version = version::long(),
    about,
    max_term_width = 100,
    after_help = exit_codes(&version::EXIT_CODES),
    after_long_help = version::first_steps(),
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run scenarios against a library and judge it.
    ///
    /// Cases run in host processes: a library that crashes or hangs costs one case and not the run.
    /// Without --lib the reference engine is judged, through the same C functions as any other
    /// library.
    #[command(after_help = exit_codes(&version::EXIT_CODES))]
    Run(RunArguments),
    /// List the cases that the filters select, and what each covers.
    #[command(after_help = exit_codes(&version::OF_SELECTION))]
    List {
        /// Which scenarios.
        #[command(flatten)]
        selection: Selection,
    },
    /// Run one scenario and print everything that happened in it, call by call.
    ///
    /// It does not judge what it prints: `jetspec run` does.
    #[command(after_help = exit_codes(&version::OF_SELECTION))]
    Trace(TraceArguments),
    /// Look for faults in scenario files: every fault, with line, column and a suggestion.
    #[command(after_help = exit_codes(&version::OF_CHECK))]
    Check {
        /// Scenario files, fixtures (files in a folder `fixtures`) or folders.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print what programs around jetspec can rely on, and what may change when: exit codes, verdicts,
    /// the forms of reports, baselines and scenarios.
    Contract,
    /// Print the JSON Schema of the scenario format, for editors.
    Schema,
    /// Write scenario files back in their canonical form.
    #[command(after_help = exit_codes(&version::OF_FMT))]
    Fmt {
        /// Only say which files are not in canonical form.
        #[arg(long)]
        check: bool,
        /// Scenario files, fixtures (files in a folder `fixtures`) or folders.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// List the functions of the contract and which of them a library exports.
    ///
    /// The library is loaded in a host process, as for `run`.
    #[command(after_help = exit_codes(&version::OF_FUNCTIONS))]
    Functions(FunctionsArguments),
    /// Say what a requirement says, where, under which profile, and what covers it.
    #[command(after_help = exit_codes(&version::OF_EXPLAIN))]
    Explain {
        /// The requirement id, such as register/cbtyp-zero; a part of one lists all that contain it.
        #[arg(value_name = "ID")]
        id: String,
        /// A folder of scenarios of your own, as for `run`.
        #[arg(long, value_name = "DIR")]
        scenarios: Option<PathBuf>,
    },
    /// Run the suite and print requirement by requirement what covers it and what came of that.
    #[command(after_help = exit_codes(&version::EXIT_CODES))]
    Coverage {
        /// What to run.
        #[command(flatten)]
        run: RunArguments,
        /// Only the requirements that nothing covers, of the whole suite.
        #[arg(long, conflicts_with_all = ["filters", "shard"])]
        uncovered: bool,
    },
    /// Join the JSON reports of the shards of one run into one report, and judge that as a whole.
    ///
    /// Reports of another library, suite or jetspec, or a shard that is missing or there twice, are
    /// refused (exit code 2).
    #[command(after_help = exit_codes(&version::EXIT_CODES))]
    Merge(MergeArguments),
    /// Write a report of runs that are over from their JSON reports; html=FILE shows several side by
    /// side.
    #[command(after_help = exit_codes(&version::OF_REPORT))]
    Report {
        /// What to write: html=FILE, markdown=FILE, junit=FILE, json=FILE, github; `-` is standard
        /// output.
        #[arg(value_name = "KIND=FILE")]
        output: Output,
        /// JSON reports; only html takes more than one.
        #[arg(required = true, value_name = "REPORT")]
        files: Vec<PathBuf>,
    },
    /// Switch off each rule of the reference in turn: the scenarios that cover it must notice.
    ///
    /// A rule that no scenario covers, a covering case that passes all the same, or a requirement
    /// that is covered and that no rule of the reference keeps, is a failure of the suite.
    #[command(after_help = exit_codes(&version::OF_SABOTAGE))]
    Sabotage(SabotageArguments),
    /// Run random programs until time is up: against the reference alone, or a library against it.
    ///
    /// Every finding is made as simple as it can be and written as a scenario. The same seed makes
    /// the same programs. Ctrl-C stops cleanly. A library gets nothing that the documents leave
    /// undefined.
    #[command(after_help = exit_codes(&version::OF_FUZZ))]
    Fuzz(FuzzArguments),
    /// Run one input of a fuzz target, or one scenario, against its laws.
    ///
    /// What an input shows is made as simple as it can be and written: as a scenario, or, of a target
    /// that reads texts, as the shortest input that shows the same. A scenario is run twice and has to
    /// do the same; one of plain calls on the fixture `durable` is run with its process killed too.
    /// With a library it is run once.
    #[command(after_help = exit_codes(&version::OF_REPLAY))]
    Replay(ReplayArguments),
    /// The child process that runs plans.
    #[command(hide = true)]
    Host(HostArguments),
}

/// What a host is told when it starts.
#[derive(Debug, Clone, Args)]
pub struct HostArguments {
    /// Handed on to the host as it is.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub rest: Vec<std::ffi::OsString>,
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
