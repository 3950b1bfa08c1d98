//! `jetspec check`, `fmt` and `schema`: the files themselves.

use std::io::Write;
use std::path::PathBuf;

use jetspec::scenario;

use super::console::Console;
use super::error::CliError;
use super::folder::render;

/// Writes every fault of every file; exit code 2 if there is one.
pub fn check(files: &[PathBuf]) -> Result<u8, CliError> {
    let faults = scenario::check(files);
    if faults.is_empty() {
        return Ok(0);
    }
    let mut out = Console::new();
    writeln!(out, "{}", render(&faults))?;
    writeln!(out)?;
    match faults.len() {
        1 => writeln!(out, "1 fault")?,
        count => writeln!(out, "{count} faults")?,
    }
    Ok(2)
}
