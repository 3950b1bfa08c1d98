//! The reporters of a command, and what becomes of those that fail.

use std::io::Write;
use std::path::Path;

use jetspec::report::{Event, FileReporter, Output, Reporters, RunReport, Voice};

use super::console::Console;
use super::error::CliError;

/// Refuses outputs that cannot be written, before any work is done.
pub fn check(outputs: &[Output]) -> Result<(), CliError> {
    let owners = outputs.iter().filter(|output| output.owns_stdout());
    if owners.count() > 1 {
        return Err(CliError::OneStdout);
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
pub fn add(reporters: &mut Reporters<'_>, outputs: &[Output]) {
    for output in outputs {
        reporters.add(FileReporter::new(output.clone(), Console::new()));
    }
}

/// Tells that the run has ended, then of each report that could not be written. The exit code.
pub fn close(mut reporters: Reporters<'_>, report: &RunReport) -> u8 {
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
    match failures.is_empty() {
        true => report.exit_code(),
        false => 2,
    }
}
