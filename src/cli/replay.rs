//! `jetspec replay`: one input of a fuzz target, or one scenario, against its laws.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use jetspec::fuzz::{Bench, Target, replay as replay_input, replay_text};
use jetspec::generate::Program;
use jetspec::host::Source;
use jetspec::scenario::write as write_scenario;
use jetspec::spec::Register;

use super::arguments::ReplayArguments;
use super::console::Console;
use super::error::CliError;
use super::folder::{self, Suite};
use super::fuzz::{save, write_finding};

/// Runs an artifact and writes what it shows as a scenario.
pub fn replay(arguments: &ReplayArguments) -> Result<u8, CliError> {
    let path = &arguments.artifact;
    let bytes = std::fs::read(path).map_err(|error| CliError::Unreadable {
        path: path.clone(),
        error,
    })?;
    let register = Arc::new(Register::embedded()?);
    let library = arguments.library.lib.as_deref();
    let source = library.map(|path| Source::Path(path.to_owned()));
    let is_scenario = path
        .extension()
        .is_some_and(|ending| ending == "yaml" || ending == "yml");
    // With a target that reads texts a file is its input, whatever its name.
    let is_text = arguments.target.is_some_and(Target::reads_text);
    if is_scenario && !is_text {
        let mut bench = Bench::hosted(register, arguments.profile, source.as_ref(), &[])?;
        return scenario(&mut bench, path);
    }
    // A target's laws need the engine at hand, so its input is run here, as libFuzzer runs it.
    let target = match arguments.target {
        Some(target) => target,
        None => target_of(path)?,
    };
    if target.reads_text() {
        return text(target, &bytes, &arguments.findings);
    }
    let options = source.map(jetspec::host::Options::new).transpose()?;
    let mut bench = Bench::here(register, arguments.profile, options)?;
    let origin = format!("Found by the fuzz target of {}.", name(path));
    let replayed = replay_input(&mut bench, target, &bytes, &origin);
    let mut out = Console::new();
    if replayed.found.is_empty() {
        writeln!(
            out,
            "# the input breaks no law; this is the program that it is"
        )?;
        write!(
            out,
            "{}",
            write_scenario(&replayed.program.node(&name(path)))
        )?;
        return Ok(0);
    }
    for found in &replayed.found {
        let written = save(found, &arguments.findings)?;
        writeln!(
            out,
            "found: {}\n       {}",
            found.broken.what,
            written.display()
        )?;
    }
    let of_library = replayed.found.iter().any(|found| found.broken.of_library);
    Ok(code(of_library))
}

fn scenario(bench: &mut Bench, path: &Path) -> Result<u8, CliError> {
    let suite = Suite::find(None)?;
    let mut out = Console::new();
    let (mut broken, mut of_library) = (0, false);
    let scenario = folder::scenario_of_file(path, &suite)?;
    // Plans and sketches are in one order: case by case, width by width.
    for (plan, sketch) in scenario.plans().iter().zip(scenario.sketches()) {
        let run = bench.run_case(plan.clone(), Program::of(&sketch).as_ref());
        let name = &plan.case;
        let separator = if name.is_empty() { "" } else { ": " };
        for one in &run.broken {
            broken += 1;
            of_library |= one.of_library;
            writeln!(out, "{name}{separator}{}", one.what)?;
        }
    }
    if broken == 0 {
        writeln!(out, "no law is broken")?;
        return Ok(0);
    }
    Ok(code(of_library))
}

/// The target by the folder that libFuzzer and the seeds are kept in (`artifacts/callbacks/crash-…`).
fn target_of(path: &Path) -> Result<Target, CliError> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut folders = path.ancestors().skip(1).filter_map(Path::file_name);
    folders
        .find_map(|name| Target::named(name.to_str()?))
        .ok_or(CliError::NoTarget { path })
}

/// An input that is a text is held against the law of its reader, and the shortest that breaks it is
/// written.
fn text(target: Target, bytes: &[u8], findings: &Path) -> Result<u8, CliError> {
    let mut out = Console::new();
    let Some(found) = replay_text(target, bytes) else {
        writeln!(out, "the input breaks no law")?;
        return Ok(0);
    };
    let path = write_finding(findings, &found.path, &found.input)?;
    writeln!(out, "found: {}\n       {}", found.what, path.display())?;
    Ok(3)
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn code(of_library: bool) -> u8 {
    match of_library {
        true => 1,
        false => 3,
    }
}
