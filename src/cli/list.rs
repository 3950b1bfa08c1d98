//! `jetspec list`: what there is to run.

use std::io::Write;

use jetspec::report::counted;
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
    let (cases, files) = (
        counted(cases.len(), "case"),
        counted(files.len(), "scenario"),
    );
    writeln!(out, "{cases} of {files}")?;
    Ok(0)
}

fn line(case: &Case) -> String {
    let name = match case.plan.case.as_str() {
        "" => String::new(),
        name => format!(" {name}"),
    };
    let form = case
        .width()
        .map_or_else(String::new, |width| format!(" ({width})"));
    let profiles = match case.profiles.as_slice() {
        [one] => format!(" [{} only]", one.word()),
        _ => String::new(),
    };
    format!(
        "{}:{}{name}{form}{profiles}",
        case.place.file, case.place.line
    )
}
