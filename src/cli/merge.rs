//! `jetspec merge`: the reports of the shards of one run, joined into one.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use jetspec::report::{AgainstBaseline, Event, Reporters, RunReport, Shard, Terminal, read_json};
use jetspec::spec::Register;
use thiserror::Error;

use super::arguments::MergeArguments;
use super::baseline::BaselineFile;
use super::console::Console;
use super::error::CliError;
use super::folder::{SourceLines, Suite};
use super::library_case;
use super::reporting;

/// Why reports do not belong together.
#[derive(Debug, Error)]
pub enum MergeError {
    /// They are of different runs.
    #[error(
        "{} and {} are of different runs: {what} is {this} here and {other} there",
        first.display(),
        second.display()
    )]
    Different {
        /// One report.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// What is not the same.
        what: String,
        /// What it is in the first.
        this: String,
        /// What it is in the second.
        other: String,
    },
    /// A report is of no shard.
    #[error("{}: is the report of a whole run and not of a shard (--shard); `jetspec report` writes other reports from it", .0.display())]
    NoShard(PathBuf),
    /// A shard is there twice.
    #[error("{} and {} are both of shard {shard}", first.display(), second.display())]
    Double {
        /// One report.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// The shard.
        shard: Shard,
    },
    /// Shards are not there.
    #[error("no report of {}", list(.0))]
    Missing(Vec<Shard>),
    /// A shard was stopped before its end.
    #[error("{}: the run was stopped: {missing} cases have no verdict", path.display())]
    Incomplete {
        /// The report.
        path: PathBuf,
        /// How many cases are missing.
        missing: usize,
    },
    /// A case is in more than one shard.
    #[error("{}: {case} is in another shard, too", path.display())]
    Overlap {
        /// The report.
        path: PathBuf,
        /// The case.
        case: String,
    },
}

fn list(shards: &[Shard]) -> String {
    let names: Vec<_> = shards
        .iter()
        .map(|shard| format!("shard {shard}"))
        .collect();
    names.join(", ")
}

/// Joins the reports and writes what was asked for. The exit code is that of the whole run.
pub fn merge(arguments: &MergeArguments) -> Result<u8, CliError> {
    reporting::check(&arguments.reports)?;
    let register = Register::embedded()?;
    let mut baseline = match &arguments.baseline {
        Some(path) => Some(BaselineFile::read(
            path,
            arguments.bless,
            &arguments.reason,
        )?),
        None => None,
    };
    let mut parts = Vec::new();
    for path in &arguments.files {
        parts.push((path.clone(), read(path)?));
    }
    let mut report = join(parts)?;
    // A baseline that cannot be written costs no report.
    let mut blessed = Ok(());
    if let Some(baseline) = &mut baseline {
        let mut names: Vec<String> = report.cases.iter().map(|case| case.name()).collect();
        // What the filters left out is in the suite all the same.
        names.extend(baseline.left_out(&report));
        names.extend(library_case::names(report.identity.profile));
        blessed = baseline.close(&mut report, names.iter().map(String::as_str));
    }
    let lines = SourceLines::new(&Suite::find(None)?);
    let source = |file: &str, line| lines.line(file, line);
    let voice = reporting::voice(&arguments.reports, arguments.verbose);
    let mut reporters = Reporters::default();
    reporters.add(Terminal::new(Console::new(), &register, &source, voice));
    reporting::add(&mut reporters, &arguments.reports, &register);
    reporters.tell(Event::Began {
        identity: &report.identity,
        cases: report.cases.len(),
    });
    for case in &report.cases {
        reporters.tell(Event::Case(case));
    }
    let told = reporting::close(reporters, &report);
    blessed?;
    Ok(reporting::exit_code(&report, told))
}

/// Reads a JSON report.
pub fn read(path: &Path) -> Result<RunReport, CliError> {
    let mut file = File::open(path).map_err(|error| CliError::Unreadable {
        path: path.to_owned(),
        error,
    })?;
    read_json(&mut file).map_err(|error| CliError::Report {
        path: path.to_owned(),
        error,
    })
}

/// The shards of one run as one report.
fn join(parts: Vec<(PathBuf, RunReport)>) -> Result<RunReport, MergeError> {
    let mut shards: BTreeMap<u32, (PathBuf, RunReport)> = BTreeMap::new();
    let mut of = 0;
    for (path, report) in parts {
        let Some(shard) = report.identity.shard else {
            return Err(MergeError::NoShard(path));
        };
        if report.cases.len() < report.selected {
            let missing = report.selected - report.cases.len();
            return Err(MergeError::Incomplete { path, missing });
        }
        if let Some((first, other)) = shards.values().next() {
            belong(first, other, &path, &report)?;
        }
        of = shard.of;
        if let Some((first, _)) = shards.get(&shard.number) {
            let (first, second) = (first.clone(), path);
            return Err(MergeError::Double {
                first,
                second,
                shard,
            });
        }
        shards.insert(shard.number, (path, report));
    }
    let missing: Vec<Shard> = (1..=of)
        .filter(|number| !shards.contains_key(number))
        .map(|number| Shard { number, of })
        .collect();
    if !missing.is_empty() {
        return Err(MergeError::Missing(missing));
    }
    whole(shards.into_values())
}

/// Whether two shards are of one run.
fn belong(
    first: &Path,
    this: &RunReport,
    second: &Path,
    other: &RunReport,
) -> Result<(), MergeError> {
    let different = |what: &str, this: String, other: String| MergeError::Different {
        first: first.to_owned(),
        second: second.to_owned(),
        what: what.to_owned(),
        this,
        other,
    };
    if let Some(conflict) = this.identity.conflict(&other.identity) {
        return Err(different(conflict.what, conflict.this, conflict.other));
    }
    let of = |report: &RunReport| report.identity.shard.map_or(1, |shard| shard.of);
    if of(this) != of(other) {
        let (this, other) = (of(this).to_string(), of(other).to_string());
        return Err(different("the number of shards", this, other));
    }
    Ok(())
}

fn whole(mut shards: impl Iterator<Item = (PathBuf, RunReport)>) -> Result<RunReport, MergeError> {
    let Some((_, mut whole)) = shards.next() else {
        return Err(MergeError::Missing(Vec::new()));
    };
    let mut names: std::collections::HashSet<String> =
        whole.cases.iter().map(|case| case.name()).collect();
    whole.identity.shard = None;
    for (path, shard) in shards {
        // Every shard unloads the library at its end, and its hosts may die between cases: once is
        // enough to know.
        let (own, unloaded): (Vec<_>, Vec<_>) =
            (shard.cases.into_iter()).partition(|case| &*case.file != library_case::FILE);
        let unloaded = unloaded
            .into_iter()
            .filter(|case| names.insert(case.name()));
        let unloaded: Vec<_> = unloaded.collect();
        whole.cases.extend(unloaded);
        for case in &own {
            if !names.insert(case.name()) {
                let case = case.name();
                return Err(MergeError::Overlap { path, case });
            }
        }
        whole.cases.extend(own);
        whole.selected += shard.selected;
        whole.elapsed = whole.elapsed.max(shard.elapsed);
        if let (Some(all), Some(own)) = (&mut whole.baseline, shard.baseline) {
            add_baseline(all, own);
        }
    }
    // As in the suite: file by file, and in a file line by line.
    whole.cases.sort_by(|a, b| {
        let key =
            |case: &jetspec::report::CaseReport| (case.file.clone(), case.place.line, case.name());
        key(a).cmp(&key(b))
    });
    Ok(whole)
}

/// Every shard knows the whole suite, so that each names the same entries.
fn add_baseline(all: &mut AgainstBaseline, own: AgainstBaseline) {
    for entry in own.unmatched {
        if !all.unmatched.contains(&entry) {
            all.unmatched.push(entry);
        }
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
