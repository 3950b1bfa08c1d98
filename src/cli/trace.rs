//! `jetspec trace`: everything that happens in one scenario.

use std::io::Write;

use jetspec::abi::Release;
use jetspec::judge::render;
use jetspec::suite::{Case, Filter, Setting};

use super::arguments::{HostOptions, TraceArguments};
use super::console::Console;
use super::error::CliError;
use super::folder::{self, Suite};
use super::libraries::Libraries;

/// Runs the scenario and writes its trace, case by case.
pub fn trace(arguments: &TraceArguments) -> Result<u8, CliError> {
    let cases = selected(arguments)?;
    // What a process prints belongs to the case that it was started for.
    let hosts = HostOptions {
        limits: arguments.hosts.clone(),
        fresh_hosts: true,
    };
    let library = arguments.library.lib.as_deref();
    let libraries = Libraries::new(library, &hosts, arguments.in_process)?;
    let mut desk = libraries.desk()?;
    let mut out = Console::new();
    let setting = Setting {
        profile: arguments.profile,
        without: None,
    };
    let mut not_run = None;
    let mut ran = false;
    for case in &cases {
        let place = &case.place;
        writeln!(out, "# {}:{} {}", place.file, place.line, case.plan.case)?;
        let gate = case.gate(arguments.profile, Release::LAST, libraries.system());
        let harm = case.harms_its_process().filter(|_| arguments.in_process);
        let gate = gate.or_else(|| harm.map(str::to_owned));
        if let Some(why) = gate {
            writeln!(out, "skipped: {why}\n")?;
            not_run = Some(why);
            continue;
        }
        ran = true;
        let trace = desk.library.run(&case.plan, &setting);
        write!(out, "{}", render(&case.plan, &trace))?;
        for line in trace.stderr.lines() {
            writeln!(out, "stderr: {line}")?;
        }
        writeln!(out)?;
    }
    match not_run {
        Some(why) if !ran => Err(CliError::NothingRan(why)),
        _ => Ok(0),
    }
}

/// The cases of the one scenario that is named: a file of its own, or a filter.
fn selected(arguments: &TraceArguments) -> Result<Vec<Case>, CliError> {
    let path = std::path::Path::new(&arguments.file);
    let added = arguments.scenarios.as_deref();
    let suite = Suite::find(added)?;
    if path.is_file() && !Suite::holds(added, path) {
        return folder::cases_of_file(path, &suite);
    }
    let mut cases = suite.cases()?;
    let filter = Filter::new(&arguments.file);
    if !cases.iter().any(|case| filter.selects(case)) {
        return Err(folder::barren(&arguments.file, &cases));
    }
    cases.retain(|case| filter.selects(case));
    let mut files: Vec<&str> = cases.iter().map(|case| &*case.plan.file).collect();
    files.dedup();
    match files.as_slice() {
        [] | [_] => Ok(cases),
        [first, second, ..] => Err(CliError::SeveralSelected {
            filter: arguments.file.clone(),
            count: files.len(),
            first: (*first).to_owned(),
            second: (*second).to_owned(),
        }),
    }
}
