//! `jetspec run` and `jetspec coverage`: cases against a library.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use jetspec::judge::Verdict;
use jetspec::report::{
    CaseReport, Coverage, Progress, RunReport, write_case, write_json, write_summary,
};
use jetspec::spec::Register;
use jetspec::suite::{Case, Filter, Session, Setting, Task, WholeFiles, fault_unreached};

use super::arguments::{RunArguments, Selection};
use super::console::Console;
use super::error::CliError;
use super::folder::{self, SourceLines};
use super::libraries::Libraries;

/// Runs and reports; the exit code.
pub fn run(arguments: &RunArguments) -> Result<u8, CliError> {
    let register = Register::embedded()?;
    // A report for programs on standard output has it for itself.
    let to_stdout = arguments.json.as_deref() == Some(Path::new("-"));
    let report = execute(arguments, &register, to_stdout)?;
    match arguments.json.as_deref() {
        Some(_) if to_stdout => write_json(&mut Console::new(), &report)?,
        Some(path) => {
            write_file(path, &report)?;
            write_summary(&mut Console::new(), &report)?;
        }
        None => write_summary(&mut Console::new(), &report)?,
    }
    Ok(report.exit_code())
}

/// Runs, and holds what came of it against the register.
pub fn coverage(arguments: &RunArguments, only_open: bool) -> Result<u8, CliError> {
    let register = Register::embedded()?;
    let report = execute(arguments, &register, true)?;
    let coverage = Coverage::new(&register, &report);
    coverage.write(&mut Console::new(), only_open)?;
    Ok(report.exit_code())
}

/// What filters select of the scenario folder.
pub struct Selected {
    /// The lines of its files.
    pub source: SourceLines,
    /// The cases.
    pub cases: Vec<Case>,
    /// How many cases each scenario has.
    pub whole: WholeFiles,
}

/// The cases that filters select, of the scenario folder.
pub fn select(selection: &Selection) -> Result<Selected, CliError> {
    let folder = folder::find(selection.scenarios.as_deref())?;
    let mut cases = folder::cases(&folder)?;
    let whole = WholeFiles::of(&cases);
    let filters: Vec<Filter> = selection
        .filters
        .iter()
        .map(|text| Filter::new(text))
        .collect();
    cases.retain(|case| Filter::any(&filters, case));
    if cases.is_empty() && !filters.is_empty() {
        return Err(CliError::NothingSelected(selection.filters.clone()));
    }
    Ok(Selected {
        source: SourceLines::new(&folder),
        cases,
        whole,
    })
}

fn execute(
    arguments: &RunArguments,
    register: &Register,
    quiet: bool,
) -> Result<RunReport, CliError> {
    let started = Instant::now();
    let Selected {
        source,
        cases,
        whole,
    } = select(&arguments.selection)?;
    let libraries = Libraries::new(arguments.library.lib.as_deref(), arguments.in_process)?;
    let session = Session {
        register,
        level: arguments.level,
        jobs: jobs(arguments.jobs, arguments.in_process),
    };
    let progress = Progress::new(cases.len());
    let mut out = Console::new();
    let mut failed = Ok(());
    let task = |case| Task {
        case,
        setting: Setting {
            profile: arguments.profile,
            without: None,
        },
    };
    let tasks: Vec<Task> = cases.iter().map(task).collect();
    let mut reports = session.run(
        &tasks,
        || libraries.desk(),
        |case| {
            let spoken = case.verdict().holds_gate(true) && case.verdict() != Verdict::Unsupported;
            if spoken && !quiet {
                let lines = |file: &str, line| source.line(file, line);
                let written = progress.aside(|| {
                    write_case(&mut out, case, register, &lines)?;
                    out.flush()
                });
                if written.is_err() {
                    failed = written;
                }
            }
            progress.done(&case.name());
        },
    )?;
    progress.finish();
    failed?;
    let before: Vec<Verdict> = reports.iter().map(CaseReport::verdict).collect();
    fault_unreached(&whole, &mut reports);
    for (case, before) in reports.iter().zip(before) {
        if case.verdict() != before && !quiet {
            write_case(&mut out, case, register, &|file, line| {
                source.line(file, line)
            })?;
        }
    }
    let testable = register
        .records()
        .filter(|record| record.untestable.is_none());
    Ok(RunReport {
        library: libraries.describe(),
        profile: arguments.profile,
        level: arguments.level,
        strict: arguments.strict,
        cases: reports,
        elapsed: started.elapsed(),
        requirements: testable.count(),
    })
}

/// How many cases run at a time; in one process, one.
pub fn jobs(asked: Option<u16>, in_process: bool) -> usize {
    if in_process {
        return 1;
    }
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    asked.map_or_else(processors, usize::from)
}

fn write_file(path: &Path, report: &RunReport) -> Result<(), CliError> {
    let unwritable = |error| CliError::Unwritable {
        path: path.to_owned(),
        error,
    };
    let mut file = std::io::BufWriter::new(File::create(path).map_err(unwritable)?);
    write_json(&mut file, report)
        .and_then(|()| file.flush())
        .map_err(unwritable)
}
