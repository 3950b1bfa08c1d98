//! `jetspec check` and `fmt`: the files themselves.

use std::io::Write;
use std::path::PathBuf;

use jetspec::report::{counted, replace};
use jetspec::scenario::{self, Checked};

use super::console::Console;
use super::error::CliError;
use super::folder::{Suite, render};

/// Writes every fault of every file; exit code 2 if there is one.
pub fn check(files: &[PathBuf]) -> Result<u8, CliError> {
    let Checked { files, faults } = scenario::check(files, Suite::find(None)?.shelf());
    let mut out = Console::new();
    if faults.is_empty() {
        writeln!(out, "{}, no faults", counted(files, "file"))?;
        return Ok(0);
    }
    writeln!(out, "{}", render(&faults))?;
    writeln!(out)?;
    writeln!(out, "{}", counted(faults.len(), "fault"))?;
    Ok(2)
}

/// Writes files back in their canonical form, or only says which are not in it (exit code 1).
pub fn fmt(files: &[PathBuf], only_check: bool) -> Result<u8, CliError> {
    let mut out = Console::new();
    let mut faults = Vec::new();
    let mut changed = 0;
    for path in expand(files)? {
        let name = path.to_string_lossy();
        let text = match scenario::read(&path) {
            Ok(text) => text,
            Err(fault) => {
                faults.push(*fault);
                continue;
            }
        };
        let canonical = match scenario::fmt(&name, &text) {
            Ok(canonical) => canonical,
            Err(mut found) => {
                faults.append(&mut found);
                continue;
            }
        };
        if canonical == text {
            continue;
        }
        changed += 1;
        writeln!(out, "{name}")?;
        if !only_check {
            replace(&path, |out| out.write_all(canonical.as_bytes()))
                .map_err(|error| CliError::Unwritable { path, error })?;
        }
    }
    if !faults.is_empty() {
        return Err(CliError::Faults(render(&faults)));
    }
    match (changed, only_check) {
        (0, _) => Ok(0),
        (count, true) => {
            writeln!(
                out,
                "{count} not in canonical form; `jetspec fmt` writes them"
            )?;
            Ok(1)
        }
        (count, false) => {
            writeln!(out, "{count} written")?;
            Ok(0)
        }
    }
}

/// Files as they are, folders as the scenario files and fixtures below them.
fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut found = Vec::new();
    for path in paths {
        let files = scenario::files_of(path);
        found.extend(files.map_err(|fault| CliError::Faults(render(&[*fault])))?);
    }
    Ok(found)
}
