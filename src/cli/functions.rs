//! `jetspec functions`: the contract's functions, and which of them a library exports.

use std::io::{self, Write};

use jetspec::abi::{FUNCTIONS, Form, Function};
use jetspec::host::Exports;
use jetspec::report::Table;

use super::arguments::{FunctionsArguments, HostLimits, HostOptions};
use super::console::Console;
use super::error::CliError;
use super::libraries::Libraries;

/// Has a host load the library, and writes what it exports.
pub fn functions(arguments: &FunctionsArguments) -> Result<u8, CliError> {
    let limits = HostLimits {
        launcher: arguments.launcher.clone(),
        ..HostLimits::default()
    };
    let hosts = HostOptions {
        limits,
        ..HostOptions::default()
    };
    let libraries = Libraries::untried(arguments.library.lib.as_deref(), &hosts, false)?;
    let exports = libraries.exports()?;
    let whole = write(
        &mut Console::new(),
        &libraries.describe(),
        &exports,
        arguments.missing,
    )?;
    Ok(u8::from(arguments.missing && !whole))
}

/// Writes one line for each function. Whether all of them are there whole.
fn write(
    out: &mut dyn Write,
    library: &str,
    library_exports: &Exports,
    only_missing: bool,
) -> io::Result<bool> {
    writeln!(out, "{library}")?;
    let mut table = Table::new(&["function", "since", "exports", "state"]);
    let mut counts = [0_usize; 4];
    for function in FUNCTIONS {
        let state = state(function, library_exports);
        counts[state as usize] += 1;
        if only_missing && state == State::Whole {
            continue;
        }
        table.row(vec![
            function.name.to_owned(),
            function.since.to_string(),
            exports(function, library_exports),
            state.words().to_owned(),
        ]);
    }
    if !table.is_empty() {
        table.write(out)?;
    }
    let total = FUNCTIONS.len();
    let [whole, unimplemented, half, missing] = counts;
    write!(out, "{whole} of {total} functions")?;
    for (count, word) in [
        (half, "in one width only"),
        (unimplemented, "exported but not implemented"),
        (missing, "missing"),
    ] {
        if count > 0 {
            write!(out, ", {count} {word}")?;
        }
    }
    writeln!(out)?;
    Ok(whole == total)
}

/// How much of a function a library has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    NotImplemented,
    Half,
    Missing,
}

impl State {
    fn words(self) -> &'static str {
        match self {
            State::Whole => "exported",
            State::NotImplemented => "exported, answers JET_errFeatureNotAvailable",
            State::Half => "exported in one width only",
            State::Missing => "missing",
        }
    }
}

fn state(function: &Function, exports: &Exports) -> State {
    let forms = forms(function);
    let is_among = |names: &[String], form: &Form| {
        let symbol = function.symbol(*form);
        names.iter().any(|name| name == symbol)
    };
    let present = forms
        .iter()
        .filter(|form| is_among(&exports.names, form))
        .count();
    if present == 0 {
        return State::Missing;
    }
    // Only our own library says which of its exports are more than a name.
    if let Some(implemented) = &exports.implemented
        && !forms.iter().any(|form| is_among(implemented, form))
    {
        return State::NotImplemented;
    }
    if present < forms.len() {
        State::Half
    } else {
        State::Whole
    }
}

fn forms(function: &Function) -> &'static [Form] {
    if function.wide.is_some() {
        &[Form::Narrow, Form::Wide]
    } else {
        &[Form::Narrow]
    }
}

fn exports(function: &Function, exports: &Exports) -> String {
    let names: Vec<String> = forms(function)
        .iter()
        .map(|form| {
            let symbol = function.symbol(*form);
            match exports.names.iter().any(|name| name == symbol) {
                true => symbol.to_owned(),
                false => format!("no {symbol}"),
            }
        })
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_without_functions_lacks_them_all() {
        let mut out = Vec::new();
        let none = Exports {
            names: Vec::new(),
            implemented: None,
        };
        write(&mut out, "libx.so", &none, false).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert!(text.starts_with("libx.so\n"), "{text}");
        assert!(text.contains("no JetSeek"), "{text}");
        let last = text.lines().last().unwrap_or_default();
        assert!(
            last.starts_with("0 of ") && last.ends_with(" missing"),
            "{last}"
        );
    }
}
