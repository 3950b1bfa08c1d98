//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use jetspec::abi::Release;
use jetspec::fuzz::Target;
use jetspec::host::Launcher;
use jetspec::report::{Output, Shard};
use jetspec::scenario::plan::Profile;

/// Exit codes, as every help shows them.
const EXIT_CODES: &str = "Exit codes:
  0  everything as expected
  1  the library departs from the documents (or from its baseline)
  2  bad usage or bad input
  3  the suite itself is wrong
  4  nothing ran
  130  interrupted; what had ended by then is reported";

/// The reason of a baseline's entry that nobody has explained.
pub const NO_REASON: &str = "not looked into yet";

/// Learn, statement by statement, what an ESENT-compatible library keeps of what the documents promise.
#[derive(Debug, Parser)]
#[command(
    name = "jetspec",
    version,
    long_version = super::version::long(),
    about,
    max_term_width = 100,
    after_help = EXIT_CODES,
    after_long_help = concat!(
        "First steps:\n",
        "  jetspec run                          judge the reference engine that comes with jetspec\n",
        "  jetspec run --lib ./libesent.so      judge your library\n",
        "  jetspec functions --lib ./libesent.so   see what it exports\n",
        "  jetspec explain register/cbtyp-zero  see what a requirement says and what covers it\n\n",
        "Exit codes:\n",
        "  0  everything as expected\n",
        "  1  the library departs from the documents (or from its baseline)\n",
        "  2  bad usage or bad input\n",
        "  3  the suite itself is wrong\n",
        "  4  nothing ran\n",
        "  130  interrupted; what had ended by then is reported",
    )
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
    /// Each case runs in a host process of its own kind: a library that crashes or hangs costs one
    /// case and not the run. Without --lib the reference engine is judged, through the same C
    /// functions as any other library.
    #[command(after_help = EXIT_CODES)]
    Run(RunArguments),
    /// List the cases that the filters select, and what each covers.
    List {
        /// Which scenarios.
        #[command(flatten)]
        selection: Selection,
    },
    /// Run one scenario and print everything that happened in it, call by call.
    Trace(TraceArguments),
    /// Look for faults in scenario files: every fault, with line, column and a suggestion.
    Check {
        /// Scenario files, fixtures or folders.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print what programs around jetspec can rely on, and what may change when: exit codes, verdicts,
    /// the forms of reports, baselines and scenarios.
    Contract,
    /// Print the JSON Schema of the scenario format, for editors.
    Schema,
    /// Write scenario files back in their canonical form.
    Fmt {
        /// Only say which files are not in canonical form; exit code 1 if any is not.
        #[arg(long)]
        check: bool,
        /// Scenario files, fixtures or folders.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// List the functions of the contract and which of them a library exports.
    ///
    /// The library is loaded in a host process, as for `run`.
    Functions(FunctionsArguments),
    /// Say what a requirement says, where, under which profile, and what covers it.
    Explain {
        /// The requirement id, such as register/cbtyp-zero; a part of one lists all that contain it.
        #[arg(value_name = "ID")]
        id: String,
        /// A folder of scenarios of your own, as for `run`.
        #[arg(long, value_name = "DIR")]
        scenarios: Option<PathBuf>,
    },
    /// Run the suite and print requirement by requirement what covers it and what came of that.
    Coverage {
        /// What to run.
        #[command(flatten)]
        run: RunArguments,
        /// Only the requirements that nothing covers.
        #[arg(long)]
        uncovered: bool,
    },
    /// Join the JSON reports of the shards of one run into one report, and judge that as a whole.
    ///
    /// Reports of another library, suite or jetspec, or a shard that is missing or there twice, are
    /// refused (exit code 2).
    #[command(after_help = EXIT_CODES)]
    Merge(MergeArguments),
    /// Write a report of runs that are over from their JSON reports; html=FILE shows several side by
    /// side.
    Report {
        /// What to write: html=FILE, markdown=FILE, junit=FILE, github; `-` is standard output.
        #[arg(value_name = "KIND=FILE")]
        output: Output,
        /// JSON reports; only html takes more than one.
        #[arg(required = true, value_name = "REPORT")]
        files: Vec<PathBuf>,
    },
    /// Switch off each rule of the reference in turn: the scenarios that cover it must notice.
    ///
    /// A rule that no scenario covers, a covering case that passes all the same, or a requirement
    /// that is covered and that no rule of the reference keeps, is a failure of the suite (exit
    /// code 3).
    Sabotage(SabotageArguments),
    /// Run random programs until time is up: against the reference alone, or a library against it.
    ///
    /// Every finding is made as simple as it can be and written as a scenario. The same seed makes
    /// the same programs. Ctrl-C stops cleanly. A library gets nothing that the documents leave
    /// undefined.
    #[command(after_help = EXIT_CODES)]
    Fuzz(FuzzArguments),
    /// Run one input of a fuzz target, or one scenario, against every law, and write what it shows as
    /// a scenario.
    #[command(after_help = EXIT_CODES)]
    Replay(ReplayArguments),
    /// The child process that runs plans.
    #[command(hide = true)]
    Host(HostArguments),
}

/// The library under test.
#[derive(Debug, Clone, Args)]
pub struct LibraryArguments {
    /// The library to judge (default: the reference engine that comes with jetspec).
    #[arg(long, value_name = "PATH")]
    pub lib: Option<PathBuf>,
}

/// The processes that the library runs in.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Hosts")]
pub struct HostOptions {
    /// How long one step may take, in seconds.
    #[arg(long, value_name = "SECONDS", value_parser = milliseconds, default_value = "10")]
    pub step_limit: u64,
    /// How long one case may take, in seconds; the loading of the library too.
    #[arg(long, value_name = "SECONDS", value_parser = milliseconds, default_value = "60")]
    pub case_limit: u64,
    /// How much memory one host may have, in MiB; 0 for as much as there is.
    #[arg(long, value_name = "MIB", default_value_t = jetspec::host::MEMORY_MIB)]
    pub memory_limit: u64,
    /// Give each case a process of its own. Else a process is used again while it is healthy, and
    /// what does not pass in a used one is run once more in a new one before it counts.
    #[arg(long)]
    pub fresh_hosts: bool,
    /// Start the hosts of the library with this command, in which {host} stands for the host's own
    /// command and {arguments} for what follows its program: "env {host}".
    #[arg(long, value_name = "COMMAND", value_parser = Launcher::parse)]
    pub launcher: Option<Launcher>,
}

impl Default for HostOptions {
    fn default() -> Self {
        let limits = jetspec::run::Limits::default();
        Self {
            step_limit: limits.step_ms,
            case_limit: limits.run_ms,
            memory_limit: jetspec::host::MEMORY_MIB,
            fresh_hosts: false,
            launcher: None,
        }
    }
}

/// Which scenarios.
#[derive(Debug, Clone, Args)]
pub struct Selection {
    /// A folder of scenarios and fixtures of your own: they are added to the suite, and replace what
    /// has the same path.
    #[arg(long, value_name = "DIR")]
    pub scenarios: Option<PathBuf>,
    /// Only cases that one of these selects: a part of the path, case name or title, a requirement id, or FILE:LINE.
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
}

/// What `run` takes.
#[derive(Debug, Clone, Args)]
pub struct RunArguments {
    /// The library.
    #[command(flatten)]
    pub library: LibraryArguments,
    /// Whom the library is judged to be: `documented`, the engine that the pages describe, or
    /// `genuine`, the engine that Microsoft published.
    #[arg(long, value_enum, default_value_t)]
    pub profile: Profile,
    /// The release of Windows that the library is like; scenarios about later ones are skipped.
    #[arg(long, value_name = "RELEASE", value_parser = release, default_value = "windows-10")]
    pub level: Release,
    /// Let `differs` fail the run too.
    #[arg(long)]
    pub strict: bool,
    /// Run in this very process, for a debugger; a crash ends the run.
    #[arg(long, conflicts_with_all = ["launcher", "fresh_hosts"])]
    pub in_process: bool,
    /// The processes that the library runs in.
    #[command(flatten)]
    pub hosts: HostOptions,
    /// How many cases run at a time (default: one for each processor).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Run each case so many times, each time in a new process, and let the worst count: finds
    /// results that differ from run to run.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000), default_value_t = 1)]
    pub repeat: u32,
    /// Show every case as it ends, and not only those that depart.
    #[arg(long, short)]
    pub verbose: bool,
    /// Write a report: json=FILE, junit=FILE, markdown=FILE, html=FILE, or github for annotations on
    /// standard output. `-` is standard output. May be given more than once.
    #[arg(long = "report", value_name = "KIND=FILE")]
    pub reports: Vec<Output>,
    /// Hold the run against the known departures in this file: what is as pinned does not fail the
    /// run; a change, a fix, and an entry that names no case do.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Rewrite the baseline as this run sees it, and keep its reasons.
    #[arg(long, requires = "baseline")]
    pub bless: bool,
    /// The reason that --bless gives to new entries.
    #[arg(long, value_name = "WORDS", requires = "bless", default_value = NO_REASON)]
    pub reason: String,
    /// Run only one of several parts of equal size: 2/5 is the second of five. The parts are the
    /// same on every machine; `jetspec merge` joins their reports.
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
    /// Go on with a run that was killed or stopped: what it learned is kept, and not run again.
    /// Refused where the library, the suite or an option is another one.
    #[arg(long)]
    pub resume: bool,
    /// Keep the journal that --resume goes on from in this file (default: where the system has
    /// programs keep their state).
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// Which scenarios.
    #[command(flatten)]
    pub selection: Selection,
}

/// What `merge` takes.
#[derive(Debug, Clone, Args)]
pub struct MergeArguments {
    /// Write a report of the whole, as for `run`.
    #[arg(long = "report", value_name = "KIND=FILE")]
    pub reports: Vec<Output>,
    /// Show every case, and not only those that depart.
    #[arg(long, short)]
    pub verbose: bool,
    /// Hold the whole against the known departures in this file, as for `run`.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Rewrite the baseline as the whole says, and keep its reasons.
    #[arg(long, requires = "baseline")]
    pub bless: bool,
    /// The reason that --bless gives to new entries.
    #[arg(long, value_name = "WORDS", requires = "bless", default_value = NO_REASON)]
    pub reason: String,
    /// JSON reports, one of each shard.
    #[arg(required = true, value_name = "REPORT")]
    pub files: Vec<PathBuf>,
}

/// What `trace` takes.
#[derive(Debug, Clone, Args)]
pub struct TraceArguments {
    /// The scenario: a file, FILE:LINE for one of its cases, or a part of a path.
    #[arg(value_name = "FILE")]
    pub file: String,
    /// The library.
    #[command(flatten)]
    pub library: LibraryArguments,
    /// The profile.
    #[arg(long, value_enum, default_value_t)]
    pub profile: Profile,
    /// Run in this very process, for a debugger.
    #[arg(long, conflicts_with_all = ["launcher", "fresh_hosts"])]
    pub in_process: bool,
    /// The processes that the library runs in.
    #[command(flatten)]
    pub hosts: HostOptions,
    /// A folder of scenarios of your own, as for `run`.
    #[arg(long, value_name = "DIR")]
    pub scenarios: Option<PathBuf>,
}

/// What `functions` takes.
#[derive(Debug, Clone, Args)]
pub struct FunctionsArguments {
    /// The library.
    #[command(flatten)]
    pub library: LibraryArguments,
    /// Only those that are missing.
    #[arg(long)]
    pub missing: bool,
    /// Start the host with this command, as for `run`.
    #[arg(long, value_name = "COMMAND", value_parser = Launcher::parse)]
    pub launcher: Option<Launcher>,
}

/// One profile, or each in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Profiles {
    /// As the pages say.
    Documented,
    /// As the engine that Microsoft published does.
    Genuine,
    /// Both.
    #[default]
    Both,
}

impl Profiles {
    /// Whether the profile is among them.
    pub fn has(self, profile: Profile) -> bool {
        match self {
            Self::Documented => profile == Profile::Documented,
            Self::Genuine => profile == Profile::Genuine,
            Self::Both => true,
        }
    }
}

/// What `sabotage` takes.
#[derive(Debug, Clone, Args)]
pub struct SabotageArguments {
    /// Run the whole suite with each rule off, and say what else notices.
    #[arg(long)]
    pub all: bool,
    /// Under which profiles.
    #[arg(long, value_enum, default_value_t)]
    pub profile: Profiles,
    /// How many cases run at a time (default: one for each processor).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// A folder of scenarios of your own, as for `run`.
    #[arg(long, value_name = "DIR")]
    pub scenarios: Option<PathBuf>,
    /// Requirement ids, or parts of them (default: every rule, and what is covered).
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
}

/// What `fuzz` takes.
#[derive(Debug, Clone, Args)]
pub struct FuzzArguments {
    /// The library.
    #[command(flatten)]
    pub library: LibraryArguments,
    /// The profile that the reference has.
    #[arg(long, value_enum, default_value_t)]
    pub profile: Profile,
    /// How long: a number of seconds, or with s, m or h.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "1m")]
    pub time: Duration,
    /// End after so many programs, if sooner.
    #[arg(long, value_name = "N")]
    pub programs: Option<u64>,
    /// How many programs run at a time (default: one for each processor).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// What decides about the programs (default: another one each time; it is printed).
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Make much of these functions.
    #[arg(long, value_name = "FUNCTION", num_args = 1..)]
    pub only: Vec<String>,
    /// Print which pairs of function and return code were seen, and which never.
    #[arg(long)]
    pub coverage: bool,
    /// Begin with nothing; else the suite's own cases are the first programs, and many others go on
    /// from one of them.
    #[arg(long)]
    pub no_corpus: bool,
    /// Try the campaign itself: switch off a rule in a copy of the reference, and another, so many,
    /// and tell which of them a campaign of the given time finds.
    #[arg(long, value_name = "N", conflicts_with = "lib")]
    pub plant: Option<u16>,
    /// Where findings are written.
    #[arg(long, value_name = "DIR", default_value = "jetspec-findings")]
    pub findings: PathBuf,
}

/// What `replay` takes.
#[derive(Debug, Clone, Args)]
pub struct ReplayArguments {
    /// An artifact of libFuzzer, a seed, or a scenario file.
    #[arg(value_name = "ARTIFACT")]
    pub artifact: PathBuf,
    /// The target whose input it is (default: by the folder that it lies in).
    #[arg(long, value_enum)]
    pub target: Option<Target>,
    /// The library.
    #[command(flatten)]
    pub library: LibraryArguments,
    /// The profile that the reference has.
    #[arg(long, value_enum, default_value_t)]
    pub profile: Profile,
    /// Where findings are written.
    #[arg(long, value_name = "DIR", default_value = "jetspec-findings")]
    pub findings: PathBuf,
}

/// What a host is told when it starts.
#[derive(Debug, Clone, Args)]
pub struct HostArguments {
    /// Handed on to the host as it is.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub rest: Vec<std::ffi::OsString>,
}

/// Seconds, with decimals or without, in milliseconds.
fn milliseconds(seconds: &str) -> Result<u64, String> {
    const MOST: f64 = 86_400.0;
    match seconds.parse::<f64>() {
        Ok(seconds) if (0.001..=MOST).contains(&seconds) => Ok((seconds * 1000.0).round() as u64),
        _ => Err(format!("a number of seconds from 0.001 to {MOST}")),
    }
}

/// A time span: `90`, `90s`, `10m`, `6h`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => 0,
    };
    let total = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(seconds));
    match total {
        Some(total) if total > 0 => Ok(Duration::from_secs(total)),
        _ => Err("write a time like 90, 90s, 10m or 6h".to_owned()),
    }
}

fn release(name: &str) -> Result<Release, String> {
    Release::named(name).ok_or_else(|| {
        let names: Vec<_> = Release::ALL.iter().map(|release| release.name()).collect();
        format!("the releases are {}", names.join(", "))
    })
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
