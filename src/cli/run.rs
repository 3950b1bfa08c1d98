//! `jetspec run` and `jetspec coverage`: cases against a library.

use std::collections::HashMap;
use std::time::Instant;

use jetspec::host::interrupt;
use jetspec::judge::Verdict;
use jetspec::report::{CaseReport, Coverage, Event, Output, Reporters, RunReport, Terminal, Voice};
use jetspec::run::trace::Death;
use jetspec::spec::Register;
use jetspec::suite::{Case, Desk, Filter, Session, Setting, Task, WholeFiles, fault_unreached};

use super::arguments::{RunArguments, Selection};
use super::baseline::BaselineFile;
use super::console::Console;
use super::error::CliError;
use super::folder::{self, SourceLines, Suite};
use super::identity;
use super::journal::RunJournal;
use super::libraries::Libraries;
use super::library_case;
use super::reporting;

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
    let added = selection.scenarios.as_deref();
    for (filter, typed) in filters.iter().zip(&selection.filters) {
        folder::refuse_stranger(filter, added)?;
        if !all.iter().any(|case| filter.selects(case)) {
            return Err(folder::barren(typed, &all));
        }
    }
    cases.retain(|case| Filter::any(&filters, case));
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
    let library = arguments.library.lib.as_deref();
    let libraries = Libraries::new(library, &arguments.hosts, arguments.in_process)?;
    reporting::check(&arguments.reports)?;
    let identity = identity::of(arguments, &selected.suite, &libraries);
    let mut journal = RunJournal::open(arguments, &identity)?;

    let lines = SourceLines::new(&selected.suite);
    let source = |file: &str, line| lines.line(file, line);
    let mut reporters = Reporters::default();
    reporters.add(Terminal::new(Console::new(), register, &source, voice));
    reporting::add(&mut reporters, &arguments.reports, register);
    reporters.tell(Event::Began {
        identity: &identity,
        cases: selected.cases.len(),
    });
    let mut cases = {
        let session = Session {
            register,
            level: arguments.level,
            system: libraries.system(),
            jobs: jobs(arguments.jobs, arguments.in_process),
            repeat: arguments.repeat,
        };
        let mut tell = |case: &mut CaseReport| {
            if let Some(baseline) = &baseline {
                baseline.pin(case);
            }
            reporters.tell(Event::Case(case));
        };
        let setting = Setting {
            profile: arguments.profile,
            without: None,
        };
        let desk = || libraries.desk();
        run_the_rest(
            &session,
            &selected.cases,
            &setting,
            desk,
            &mut journal,
            &mut tell,
        )?
    };
    let mut not_unloaded = None;
    if !interrupt::asked() {
        amend(&selected, &mut cases, &mut reporters);
        // What keeps a host from starting now is told when every report is written.
        let unloaded = libraries.unload().unwrap_or_else(|error| {
            not_unloaded = Some(error);
            None
        });
        let (library, profile) = (libraries.describe(), arguments.profile);
        let deaths: Vec<Death> = cases.iter().flat_map(|case| case.deaths.clone()).collect();
        let between =
            (!deaths.is_empty()).then(|| library_case::between(&library, profile, &deaths));
        let unloaded = unloaded.map(|how| library_case::unloading(&library, profile, &how));
        for mut case in between.into_iter().chain(unloaded) {
            if let Some(baseline) = &baseline {
                baseline.pin(&mut case);
            }
            reporters.tell(Event::Case(&case));
            cases.push(case);
        }
    }
    let mut report = RunReport {
        selected: selected.cases.len(),
        baseline: None,
        cases,
        elapsed: started.elapsed(),
        requirements: testable(register),
        identity,
    };
    let blessed = match &mut baseline {
        Some(baseline) => {
            let mut names: Vec<String> = selected.all.iter().flat_map(names).collect();
            names.extend(library_case::names(arguments.profile));
            baseline.close(&mut report, names.iter().map(String::as_str))
        }
        None => Ok(()),
    };
    let told = reporting::close(reporters, &report);
    let code = reporting::exit_code(&report, told);
    let code = journal.close(&report, told && blessed.is_ok(), code);
    blessed?;
    not_unloaded.map_or(Ok((report, code)), Err)
}

/// Runs the cases that the journal does not know yet; all reports, in the order of the cases.
fn run_the_rest<'b>(
    session: &Session,
    cases: &[Case],
    setting: &Setting,
    desk: impl Fn() -> Result<Desk<'b>, CliError> + Sync,
    journal: &mut RunJournal,
    tell: &mut dyn FnMut(&mut CaseReport),
) -> Result<Vec<CaseReport>, CliError> {
    let name = |case: &Case| case.name(setting.profile);
    let (known, rest): (Vec<&Case>, Vec<&Case>) =
        cases.iter().partition(|case| journal.knows(&name(case)));
    let mut reports = HashMap::new();
    for case in known {
        if let Some(mut report) = journal.take(&name(case)) {
            tell(&mut report);
            reports.insert(report.name(), report);
        }
    }
    let tasks: Vec<Task> = rest
        .into_iter()
        .map(|case| Task {
            case,
            setting: setting.clone(),
        })
        .collect();
    let done = |case: &mut CaseReport| {
        journal.add(case);
        tell(case);
    };
    let fresh = session.run(&tasks, desk, done)?;
    reports.extend(fresh.into_iter().map(|report| (report.name(), report)));
    Ok(cases
        .iter()
        .filter_map(|case| reports.remove(&name(case)))
        .collect())
}

/// Adds what only a whole run can say, and tells of it.
fn amend(selected: &Selected, cases: &mut [CaseReport], reporters: &mut Reporters) {
    let before: Vec<Verdict> = cases.iter().map(CaseReport::verdict).collect();
    fault_unreached(&WholeFiles::of(&selected.all), cases);
    for (case, before) in cases.iter().zip(before) {
        if case.verdict() != before {
            reporters.tell(Event::Amended(case));
        }
    }
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
