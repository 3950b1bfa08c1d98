//! `jetspec run` and `jetspec coverage`: cases against a library.

use std::time::{Duration, Instant};

use jetspec::host::interrupt;
use jetspec::judge::Verdict;
use jetspec::report::{CaseReport, Coverage, Event, Output, Reporters, RunReport, Terminal, Voice};
use jetspec::spec::Register;
use jetspec::suite::{Case, Filter, Session, Setting, Task, WholeFiles, fault_unreached};

use super::arguments::{RunArguments, Selection};
use super::baseline::BaselineFile;
use super::console::Console;
use super::error::CliError;
use super::folder::{SourceLines, Suite};
use super::identity;
use super::libraries::Libraries;
use super::reporting;
use super::unload;

/// Runs and reports; the exit code.
pub fn run(arguments: &RunArguments) -> Result<u8, CliError> {
    let register = Register::embedded()?;
    let voice = reporting::voice(&arguments.reports, arguments.verbose);
    let (_, code) = execute(arguments, &register, voice)?;
    Ok(code)
}

/// Runs, and holds what came of it against the register.
pub fn coverage(arguments: &RunArguments, only_open: bool) -> Result<u8, CliError> {
    let register = Register::embedded()?;
    let (report, code) = execute(arguments, &register, Voice::Silent)?;
    let coverage = Coverage::new(&register, &report);
    if !arguments.reports.iter().any(Output::owns_stdout) {
        coverage.write(&mut Console::new(), only_open)?;
    }
    Ok(code)
}

/// The cases that filters select, of the whole suite.
pub fn select(selection: &Selection) -> Result<Selected, CliError> {
    let suite = Suite::find(selection.scenarios.as_deref())?;
    let mut cases = suite.cases()?;
    let all = cases.clone();
    let filters: Vec<Filter> = selection
        .filters
        .iter()
        .map(|text| Filter::new(text))
        .collect();
    cases.retain(|case| Filter::any(&filters, case));
    if cases.is_empty() && !filters.is_empty() {
        return Err(CliError::NothingSelected(selection.filters.clone()));
    }
    Ok(Selected { suite, all, cases })
}

/// What is selected, and what it is selected of.
pub struct Selected {
    /// The suite.
    pub suite: Suite,
    /// Every case of it.
    pub all: Vec<Case>,
    /// The cases that are selected.
    pub cases: Vec<Case>,
}

fn execute(
    arguments: &RunArguments,
    register: &Register,
    voice: Voice,
) -> Result<(RunReport, u8), CliError> {
    let started = Instant::now();
    let mut selected = select(&arguments.selection)?;
    let name = |case: &Case| case.name(arguments.profile);
    if let Some(shard) = arguments.shard {
        selected.cases = shard.select(selected.cases, name);
    }
    let mut baseline = match &arguments.baseline {
        Some(path) => Some(BaselineFile::read(
            path,
            arguments.bless,
            &arguments.reason,
        )?),
        None => None,
    };
    let hosts = Some(&arguments.hosts).filter(|_| !arguments.in_process);
    let libraries = Libraries::new(arguments.library.lib.as_deref(), hosts)?;
    reporting::check(&arguments.reports)?;
    let identity = identity::of(arguments, &selected.suite, &libraries);

    let lines = SourceLines::new(&selected.suite);
    let source = |file: &str, line| lines.line(file, line);
    let mut reporters = Reporters::default();
    reporters.add(Terminal::new(Console::new(), register, &source, voice));
    reporting::add(&mut reporters, &arguments.reports);
    reporters.tell(Event::Began {
        identity: &identity,
        cases: selected.cases.len(),
    });

    let session = Session {
        register,
        level: arguments.level,
        jobs: jobs(arguments.jobs, arguments.in_process),
        repeat: arguments.repeat,
    };
    let tasks: Vec<Task> = selected
        .cases
        .iter()
        .map(|case| Task {
            case,
            setting: Setting {
                profile: arguments.profile,
                without: None,
            },
        })
        .collect();
    let mut cases = session.run(
        &tasks,
        || libraries.desk(),
        |case| {
            if let Some(baseline) = &baseline {
                baseline.pin(case);
            }
            reporters.tell(Event::Case(case));
        },
    )?;
    let before: Vec<Verdict> = cases.iter().map(CaseReport::verdict).collect();
    let interrupted = interrupt::asked();
    if !interrupted {
        fault_unreached(&WholeFiles::of(&selected.all), &mut cases);
    }
    for (case, before) in cases.iter().zip(before) {
        if case.verdict() != before {
            reporters.tell(Event::Amended(case));
        }
    }
    if !interrupted && let Some(how) = libraries.unload()? {
        let case = unload::report(&libraries.describe(), arguments.profile, &how);
        reporters.tell(Event::Case(&case));
        cases.push(case);
    }
    let mut report = RunReport {
        selected: tasks.len(),
        baseline: None,
        cases,
        elapsed: Duration::ZERO,
        requirements: testable(register),
        identity,
    };
    report.elapsed = started.elapsed();
    let failed = match &mut baseline {
        // Every profile has its own names; what the other one knows is no business of this run.
        Some(baseline) => {
            let names: Vec<String> = selected.all.iter().flat_map(names).collect();
            baseline.close(&mut report, names.iter().map(String::as_str))
        }
        None => Ok(()),
    };
    let code = reporting::close(reporters, &report);
    failed?;
    Ok((report, code))
}

/// The names of a case in every profile.
fn names(case: &Case) -> impl Iterator<Item = String> {
    case.profiles.iter().map(|profile| case.name(*profile))
}

fn testable(register: &Register) -> usize {
    register
        .records()
        .filter(|record| record.untestable.is_none())
        .count()
}

/// How many cases run at a time; in one process, one.
pub fn jobs(asked: Option<u16>, in_process: bool) -> usize {
    if in_process {
        return 1;
    }
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    asked.map_or_else(processors, usize::from)
}
