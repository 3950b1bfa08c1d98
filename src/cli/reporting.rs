//! The reporters of a command, and what becomes of those that fail.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use jetspec::host::interrupt;
use jetspec::report::{Event, FileReporter, Output, Reporters, RunReport, Voice};

use jetspec::spec::Register;

use super::console::Console;
use super::error::CliError;

/// Refuses outputs that cannot be written, before any work is done.
pub fn check(outputs: &[Output]) -> Result<(), CliError> {
    let owners = outputs.iter().filter(|output| output.owns_stdout());
    let writers = outputs.iter().filter(|output| output.path().is_none());
    // Annotations stand out on standard output, but not in a document.
    if owners.clone().count() > 1 || owners.count() == 1 && writers.count() > 1 {
        return Err(CliError::OneStdout);
    }
    let mut seen = HashSet::new();
    for path in outputs.iter().filter_map(Output::path) {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if !seen.insert(absolute) {
            return Err(CliError::OneFile(path.to_owned()));
        }
        if let Some(folder) = path.parent() {
            // What cannot be made is told with the file.
            let _ = std::fs::create_dir_all(folder);
        }
    }
    for output in outputs {
        output.try_out().map_err(|error| CliError::Unwritable {
            path: output.path().map(Path::to_owned).unwrap_or_default(),
            error,
        })?;
    }
    Ok(())
}

/// How much the terminal says beside these outputs.
pub fn voice(outputs: &[Output], verbose: bool) -> Voice {
    match (outputs.iter().any(Output::owns_stdout), verbose) {
        (true, _) => Voice::Silent,
        (false, true) => Voice::Verbose,
        (false, false) => Voice::Plain,
    }
}

/// Adds a reporter for each output.
pub fn add<'r>(reporters: &mut Reporters<'r>, outputs: &[Output], register: &'r Register) {
    for output in outputs {
        reporters.add(FileReporter::new(output.clone(), register, Console::new()));
    }
}

/// Tells that the run has ended, then of each report that could not be written. Whether all could.
pub fn close(mut reporters: Reporters<'_>, report: &RunReport) -> bool {
    reporters.tell(Event::Ended(report));
    let failures = reporters.failures();
    for failure in &failures {
        // Where standard error is closed too, the exit code has to do.
        let _ = writeln!(
            anstream::stderr(),
            "jetspec: {}: cannot be written: {}",
            failure.reporter,
            failure.error
        );
    }
    failures.is_empty()
}

/// The exit code of a run: that of its result, or 2 where a report could not be written.
pub fn exit_code(report: &RunReport, told: bool) -> u8 {
    match report.exit_code() {
        interrupt::EXIT_CODE => interrupt::EXIT_CODE,
        code if told => code,
        _ => 2,
    }
}
