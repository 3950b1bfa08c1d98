//! What `run` and the commands beside it take: the library, its hosts, the scenarios, the results.

use std::path::PathBuf;

use clap::Args;
use jetspec::abi::Release;
use jetspec::host::Launcher;
use jetspec::report::{Output, Shard};
use jetspec::scenario::plan::Profile;

use super::values::{memory_limit, milliseconds, release};

/// The reason of a baseline's entry that nobody has explained.
pub const NO_REASON: &str = "not looked into yet";

// The headings of the help.
const SELECTION: &str = "Selection";
const HOSTS: &str = "Hosts";
const RESULTS: &str = "Results";
const GOING_ON: &str = "Going on";

/// The library under test.
#[derive(Debug, Clone, Args)]
pub struct LibraryArguments {
    /// The library to judge (default: the reference engine that comes with jetspec).
    #[arg(long, value_name = "PATH")]
    pub lib: Option<PathBuf>,
}

/// The processes that the library runs in.
#[derive(Debug, Clone, Args)]
pub struct HostLimits {
    /// How long one step may take, in seconds.
    #[arg(long, value_name = "SECONDS", value_parser = milliseconds, default_value = "10", help_heading = HOSTS)]
    pub step_limit: u64,
    /// How long one case may take, in seconds. The loading of the library may take as long, by itself.
    #[arg(long, value_name = "SECONDS", value_parser = milliseconds, default_value = "60", help_heading = HOSTS)]
    pub case_limit: u64,
    /// How much memory one host may have, in MiB; 0 for as much as there is.
    #[arg(long, value_name = "MIB", value_parser = memory_limit, default_value_t = jetspec::host::MEMORY_MIB, help_heading = HOSTS)]
    pub memory_limit: u64,
    /// Start the hosts of the library with this command, in which {host} stands for the host's own
    /// command and {arguments} for what follows its program: "env {host}". Without either, the
    /// host's command comes at the end.
    #[arg(long, value_name = "COMMAND", value_parser = Launcher::parse, help_heading = HOSTS)]
    pub launcher: Option<Launcher>,
}

impl Default for HostLimits {
    fn default() -> Self {
        let limits = jetspec::run::Limits::default();
        Self {
            step_limit: limits.step_ms,
            case_limit: limits.run_ms,
            memory_limit: jetspec::host::MEMORY_MIB,
            launcher: None,
        }
    }
}

/// The processes of a whole run.
#[derive(Debug, Clone, Default, Args)]
pub struct HostOptions {
    /// What each of them may have.
    #[command(flatten)]
    pub limits: HostLimits,
    /// Give each case a process of its own. Else a process is used again while it is healthy, and
    /// what does not pass in a used one is run once more in a new one before it counts.
    #[arg(long, help_heading = HOSTS)]
    pub fresh_hosts: bool,
}

/// Which scenarios.
#[derive(Debug, Clone, Args)]
pub struct Selection {
    /// A folder of scenarios and fixtures of your own: they are added to the suite, and replace what
    /// has the same path. The suite is that of the clone of jetspec which the current folder, or
    /// jetspec itself, lies in; elsewhere the one inside the program.
    #[arg(long, value_name = "DIR", help_heading = SELECTION)]
    pub scenarios: Option<PathBuf>,
    /// Only cases that one of these selects: a part of the path, case name or title, a requirement
    /// id, the beginning of one up to a slash (`cbtyp/`), or FILE:LINE. Each must select something.
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
    #[arg(help_heading = SELECTION, long, value_enum, default_value_t)]
    pub profile: Profile,
    /// The release of Windows that the library is like; scenarios about later ones are skipped.
    #[arg(help_heading = SELECTION, long, value_name = "RELEASE", value_parser = release, default_value = "windows-10")]
    pub level: Release,
    /// Let `differs` fail the run too.
    #[arg(help_heading = RESULTS, long)]
    pub strict: bool,
    /// Run in this very process, for a debugger; a crash ends the run.
    #[arg(help_heading = HOSTS, long, conflicts_with_all = ["launcher", "fresh_hosts"])]
    pub in_process: bool,
    /// The processes that the library runs in.
    #[command(flatten)]
    pub hosts: HostOptions,
    /// How many cases run at a time (default: one for each processor).
    #[arg(help_heading = HOSTS, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Run each case so many times, each time in a new process, and let the worst count: finds
    /// results that differ from run to run.
    #[arg(help_heading = HOSTS, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000), default_value_t = 1)]
    pub repeat: u32,
    /// Show every case as it ends, and not only those that depart.
    #[arg(help_heading = RESULTS, long, short)]
    pub verbose: bool,
    /// Write a report: json=FILE, junit=FILE, markdown=FILE, html=FILE, or github for annotations on
    /// standard output. `-` is standard output. May be given more than once.
    #[arg(help_heading = RESULTS, long = "report", value_name = "KIND=FILE")]
    pub reports: Vec<Output>,
    /// Hold the run against the known departures in this file: what is as pinned does not fail the
    /// run; a change, a fix, and an entry that names no case do.
    #[arg(help_heading = RESULTS, long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Rewrite the baseline as this run sees it, and keep its reasons.
    #[arg(help_heading = RESULTS, long, requires = "baseline")]
    pub bless: bool,
    /// The reason that --bless gives to new entries.
    #[arg(help_heading = RESULTS, long, value_name = "WORDS", requires = "bless", default_value = NO_REASON)]
    pub reason: String,
    /// Run only one of several parts of equal size: 2/5 is the second of five. The parts are the
    /// same on every machine; `jetspec merge` joins their reports.
    #[arg(help_heading = SELECTION, long, value_name = "K/N")]
    pub shard: Option<Shard>,
    /// Go on with a run that was killed or stopped: what it learned is kept, and not run again.
    /// Refused where the library, the suite, the hosts or an option is another one.
    #[arg(help_heading = GOING_ON, long)]
    pub resume: bool,
    /// Keep the journal that --resume goes on from in this file (default: where the system has
    /// programs keep their state).
    #[arg(help_heading = GOING_ON, long, value_name = "FILE")]
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
    #[arg(long, help_heading = HOSTS, conflicts_with = "launcher")]
    pub in_process: bool,
    /// The processes that the library runs in.
    #[command(flatten)]
    pub hosts: HostLimits,
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
    /// Only those that are not there whole; exit code 1 where there is one.
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
