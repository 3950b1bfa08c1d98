//! `jetspec trace`: everything that happens in one scenario.

use std::io::Write;

use jetspec::judge::render;
use jetspec::scenario::plan::Profile;
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
        fresh_hosts: true,
        ..arguments.hosts.clone()
    };
    let hosts = Some(&hosts).filter(|_| !arguments.in_process);
    let libraries = Libraries::new(arguments.library.lib.as_deref(), hosts)?;
    let mut desk = libraries.desk()?;
    let mut out = Console::new();
    let setting = Setting {
        profile: arguments.profile,
        without: None,
    };
    for case in &cases {
        if !case.profiles.contains(&arguments.profile) {
            continue;
        }
        let place = &case.place;
        writeln!(out, "# {}:{} {}", place.file, place.line, case.plan.case)?;
        let trace = desk.library.run(&case.plan, &setting);
        write!(out, "{}", render(&case.plan, &trace))?;
        for line in trace.stderr.lines() {
            writeln!(out, "stderr: {line}")?;
        }
        writeln!(out)?;
    }
    Ok(0)
}

/// The word for a profile.
pub fn word(profile: Profile) -> &'static str {
    match profile {
        Profile::Documented => "documented",
        Profile::Genuine => "genuine",
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
    cases.retain(|case| filter.selects(case));
    let mut files: Vec<&str> = cases.iter().map(|case| &*case.plan.file).collect();
    files.dedup();
    match files.as_slice() {
        [] => Err(CliError::NothingSelected(vec![arguments.file.clone()])),
        [_] => Ok(cases),
        [first, second, ..] => Err(CliError::SeveralSelected {
            filter: arguments.file.clone(),
            count: files.len(),
            first: (*first).to_owned(),
            second: (*second).to_owned(),
        }),
    }
}
