//! What `fuzz` and `replay` take.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jetspec::fuzz::Target;
use jetspec::scenario::plan::Profile;

use super::run::LibraryArguments;
use super::values::duration;

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
    /// The target whose input it is (default: the one that a folder around it is named after).
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
