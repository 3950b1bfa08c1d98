//! `jetspec functions`: the contract's functions, and which of them a library exports.

use std::io::{self, Write};

use jetspec::abi::{Api, FUNCTIONS, Form, Function};
use jetspec::report::Table;

/// Writes one line for each function. `implements` tells which functions are more than a
/// name, as far as the library says so.
pub fn write(
    out: &mut dyn Write,
    library: &str,
    api: &Api,
    implements: &dyn Fn(&Function) -> bool,
    only_missing: bool,
) -> io::Result<()> {
    writeln!(out, "{library}")?;
    let mut table = Table::new(&["function", "since", "exports", "state"]);
    let mut counts = [0_usize; 4];
    for function in FUNCTIONS {
        let state = state(function, api, implements);
        counts[state as usize] += 1;
        if only_missing && state == State::Whole {
            continue;
        }
        table.row(vec![
            function.name.to_owned(),
            function.since.to_string(),
            exports(function, api),
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
    writeln!(out)
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

fn state(function: &Function, api: &Api, implements: &dyn Fn(&Function) -> bool) -> State {
    let forms = forms(function);
    let present = forms
        .iter()
        .filter(|form| function.present(api, **form))
        .count();
    if present == 0 {
        return State::Missing;
    }
    if !implements(function) {
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

fn exports(function: &Function, api: &Api) -> String {
    let names: Vec<String> = forms(function)
        .iter()
        .map(|form| {
            let present = function.present(api, *form);
            format!(
                "{}{}",
                if present { "" } else { "no " },
                function.symbol(*form)
            )
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
        write(&mut out, "libx.so", &Api::NONE, &|_| true, false).expect("memory");
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
