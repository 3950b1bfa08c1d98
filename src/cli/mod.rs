//! The command line.

mod arguments;
mod baseline;
mod carried;
mod console;
mod error;
mod explain;
mod files;
mod folder;
mod functions;
mod fuzz;
mod identity;
mod journal;
mod libraries;
mod library_case;
mod list;
mod merge;
mod plant;
mod replay;
mod reporting;
mod run;
mod sabotage;
mod trace;
mod version;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use jetspec::report::{Kind, Output};
use jetspec::spec::Register;

use self::arguments::{Arguments, Command};
use self::console::Console;
use self::error::CliError;
use self::folder::Suite;

/// Does what was typed and gives the documented exit code.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Command::Host(host) = &arguments.command {
        return jetspec::host::child::main(&host.rest);
    }
    jetspec::host::hear_of_children();
    // Where the system does not let it, the system's own way of ending has to do.
    let _ = jetspec::host::interrupt::listen();
    jetspec::host::sweep();
    let result = command(&arguments.command);
    jetspec::host::kill_strays();
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let said = match &error {
                // Each names its file, and says that it is an error.
                CliError::Faults(faults) => faults.clone(),
                error => format!("jetspec: {}", error.to_string().trim_end()),
            };
            // Where standard error is closed too, the exit code has to do.
            let _ = writeln!(anstream::stderr(), "{said}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn command(command: &Command) -> Result<u8, CliError> {
    match command {
        Command::Run(arguments) => run::run(arguments),
        Command::List { selection } => list::list(selection),
        Command::Trace(arguments) => trace::trace(arguments),
        Command::Check { files } => files::check(files),
        Command::Contract => {
            write!(Console::new(), "{}", version::CONTRACT)?;
            Ok(0)
        }
        Command::Schema => {
            write!(Console::new(), "{}", jetspec::scenario::schema_text())?;
            Ok(0)
        }
        Command::Fmt { check, files } => files::fmt(files, *check),
        Command::Functions(arguments) => functions::functions(arguments),
        Command::Explain { id, scenarios } => explain(id, scenarios.as_deref()),
        Command::Coverage { run, uncovered } => run::coverage(run, *uncovered),
        Command::Report { output, files } => report(output, files),
        Command::Merge(arguments) => merge::merge(arguments),
        Command::Sabotage(arguments) => sabotage::sabotage(arguments),
        Command::Fuzz(arguments) => fuzz::fuzz(arguments),
        Command::Replay(arguments) => replay::replay(arguments),
        // Dealt with before: a host writes nothing but its protocol.
        Command::Host(_) => Ok(2),
    }
}

/// Reports of runs that are over.
fn report(output: &Output, files: &[PathBuf]) -> Result<u8, CliError> {
    if files.len() > 1 && output.kind != Kind::Html {
        return Err(CliError::OneReport(output.kind.name()));
    }
    reporting::check(std::slice::from_ref(output))?;
    let register = Register::embedded()?;
    let runs: Result<Vec<_>, _> = files.iter().map(|path| merge::read(path)).collect();
    let written = output.write(&register, &runs?, &mut Console::new());
    written.map_err(|error| match output.path() {
        Some(path) => CliError::Unwritable {
            path: path.to_owned(),
            error,
        },
        None => CliError::Output(error),
    })?;
    Ok(0)
}

fn explain(id: &str, scenarios: Option<&Path>) -> Result<u8, CliError> {
    let register = Register::embedded()?;
    let mut out = Console::new();
    if let Some(record) = register.get(id) {
        let cases = Suite::find(scenarios)?.cases()?;
        explain::write(&mut out, &register, record, &cases)?;
        return Ok(0);
    }
    let like: Vec<_> = register
        .records()
        .filter(|record| record.id.contains(id))
        .collect();
    if like.is_empty() {
        let known = register.records().map(|record| record.id.as_str());
        return Err(CliError::unknown(
            format!("no requirement has {id} in its id"),
            id,
            known,
        ));
    }
    for record in like {
        writeln!(out, "{}\n  {}", record.id, record.says)?;
    }
    Ok(0)
}
