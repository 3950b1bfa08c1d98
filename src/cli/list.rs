//! `jetspec list`: what there is to run.

use std::io::Write;

use jetspec::abi::Form;
use jetspec::suite::Case;

use super::arguments::Selection;
use super::console::Console;
use super::error::CliError;
use super::run::select;

/// Writes one line for each case, with what it covers below it.
pub fn list(selection: &Selection) -> Result<u8, CliError> {
    let cases = select(selection)?.cases;
    let mut out = Console::new();
    let mut title = "";
    for case in &cases {
        if title != case.plan.title {
            title = &case.plan.title;
            writeln!(out, "{title}")?;
        }
        writeln!(out, "  {}", line(case))?;
        if !case.covers.is_empty() {
            writeln!(out, "      covers {}", case.covers.join(", "))?;
        }
    }
    let files: std::collections::BTreeSet<_> = cases.iter().map(|case| &case.plan.file).collect();
    writeln!(out, "{} cases of {} scenarios", cases.len(), files.len())?;
    Ok(0)
}

fn line(case: &Case) -> String {
    let name = match case.plan.case.as_str() {
        "" => String::new(),
        name => format!(" {name}"),
    };
    let form = match (case.both_forms, case.plan.form) {
        (false, _) => "",
        (true, Form::Narrow) => " (narrow)",
        (true, Form::Wide) => " (wide)",
    };
    let profiles = match case.profiles.as_slice() {
        [one] => format!(" [{} only]", super::trace::word(*one)),
        _ => String::new(),
    };
    format!(
        "{}:{}{name}{form}{profiles}",
        case.place.file, case.place.line
    )
}
