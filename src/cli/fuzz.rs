//! `jetspec fuzz`: random programs against the reference, or against a library, until time is up.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jetspec::abi::{FUNCTIONS, FunctionId, function};
use jetspec::fuzz::{Campaign, CampaignError, Corpus, Event, Found, Outcome, Tally};
use jetspec::generate::{Program, Step, pairs};
use jetspec::host::{Host, Options, Source, interrupt};
use jetspec::spec::Register;

use super::arguments::FuzzArguments;
use super::console::Console;
use super::error::CliError;
use super::folder::Suite;
use super::plant::plant;

/// Runs a campaign and writes every finding as a scenario.
pub fn fuzz(arguments: &FuzzArguments) -> Result<u8, CliError> {
    let campaign = campaign(arguments)?;
    if let Some(count) = arguments.plant {
        return plant(&campaign, usize::from(count), arguments);
    }
    let bar = bar();
    let mut failure = None;
    let outcome = campaign.run(&interrupt::asked, &mut |event| match event {
        Event::Progress(tally) => bar.set_message(line(tally)),
        Event::Found(found) => match save(found, &arguments.findings) {
            Ok(path) => {
                let text = format!("found: {}\n       {}", found.broken.what, path.display());
                bar.suspend(|| {
                    // A reader that has gone away misses nothing that is not in the file.
                    let _ = writeln!(Console::new(), "{text}");
                });
            }
            Err(error) => {
                // What was learned is not lost with the folder.
                let text = format!("found: {}\n{error}\n{}", found.broken.what, found.yaml);
                bar.suspend(|| {
                    let _ = writeln!(Console::new(), "{text}");
                });
                failure = Some(error);
            }
        },
    });
    bar.finish_and_clear();
    let code = summary(&campaign, &outcome?, arguments)?;
    failure.map_or(Ok(code), Err)
}

impl From<CampaignError> for CliError {
    fn from(error: CampaignError) -> Self {
        match error {
            CampaignError::Host(error) => CliError::Host(error),
            CampaignError::Register(error) => CliError::Register(error),
        }
    }
}

fn campaign(arguments: &FuzzArguments) -> Result<Campaign, CliError> {
    let library = arguments.library.lib.as_deref();
    if let Some(path) = library {
        // A library that cannot be loaded is told once, and not by each host; nor does it take this
        // process down.
        let options = Options::new(Source::Path(path.to_owned()));
        drop(Host::start(
            options.map_err(|error| CliError::Runner(error.to_string()))?,
        )?);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Campaign {
        seed: arguments.seed.unwrap_or_else(fresh_seed),
        time: arguments.time,
        programs: arguments.programs,
        jobs: arguments.jobs.map_or(cores, usize::from),
        only: functions(&arguments.only)?,
        profile: arguments.profile,
        careful: library.is_some(),
        library: library.map(|path| Source::Path(path.to_owned())),
        corpus: Arc::new(corpus(arguments)?),
        ..Campaign::default()
    })
}

/// The cases of the suite that make use of the functions that are asked for.
fn corpus(arguments: &FuzzArguments) -> Result<Corpus, CliError> {
    if arguments.no_corpus {
        return Ok(Corpus::default());
    }
    let mut programs = Suite::find(None)?.programs(arguments.profile)?;
    let only = functions(&arguments.only)?;
    let calls = |program: &Program| {
        let mut calls = program.steps.iter().filter_map(Step::invocation);
        calls.any(|call| only.contains(&call.function))
    };
    programs.retain(|program| only.is_empty() || calls(program));
    Ok(Corpus::new(programs))
}

/// A seed for a campaign that names none; it is printed, so that the campaign can be repeated.
fn fresh_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| now.as_nanos() as u64 & 0xFFFF_FFFF)
}

fn functions(names: &[String]) -> Result<Vec<FunctionId>, CliError> {
    let find = |name: &String| {
        function(name).ok_or_else(|| {
            let known = FUNCTIONS.iter().map(|function| function.name);
            CliError::unknown(format!("the contract has no function {name}"), name, known)
        })
    };
    names.iter().map(find).collect()
}

/// Progress on a terminal; a bar that shows nothing in a pipe.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn line(tally: &Tally) -> String {
    let rate = tally.calls as f64 / tally.elapsed.as_secs_f64().max(0.001);
    format!(
        "{} programs, {:.0} calls a second, {} of {} functions, {} of {} pairs, {} found",
        tally.programs,
        rate,
        tally.codes.functions(),
        FUNCTIONS.len(),
        tally.pairs.len(),
        pairs().len(),
        tally.findings
    )
}

/// Writes a finding into the folder.
pub fn save(found: &Found, folder: &Path) -> Result<PathBuf, CliError> {
    let name = found.file_name();
    write_finding(folder, Path::new(&name), found.yaml.as_bytes())
}

/// Writes what shows a finding into the folder of findings. What is not there of it is made.
pub fn write_finding(folder: &Path, name: &Path, content: &[u8]) -> Result<PathBuf, CliError> {
    let path = folder.join(name);
    let unwritable = |error| CliError::Unwritable {
        path: path.clone(),
        error,
    };
    std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(unwritable)?;
    std::fs::write(&path, content).map_err(unwritable)?;
    Ok(path)
}

fn summary(
    campaign: &Campaign,
    outcome: &Outcome,
    arguments: &FuzzArguments,
) -> Result<u8, CliError> {
    let mut out = Console::new();
    let register = Register::embedded()?;
    if arguments.coverage {
        write!(out, "{}", outcome.tally.codes.table(&register))?;
    }
    let tally = &outcome.tally;
    writeln!(
        out,
        "seed {}, {} s: {}",
        campaign.seed,
        tally.elapsed.as_secs(),
        line(tally)
    )?;
    let (listed, seen) = tally.codes.against(&register);
    writeln!(
        out,
        "{seen} of {listed} pairs of function and listed return code were seen"
    )?;
    if interrupt::asked() {
        return Err(CliError::Interrupted);
    }
    let of_library = outcome.found.iter().any(|found| found.broken.of_library);
    Ok(match (tally.programs, outcome.found.is_empty()) {
        (0, _) => 4,
        (_, true) => 0,
        (_, false) if of_library => 1,
        (_, false) => 3,
    })
}
