//! `jetspec explain`: what a requirement says, where it comes from, and what covers it.

use std::io::{self, Write};

use jetspec::spec::{Basis, Genuine, Page, Record, Register, Strength};
use jetspec::suite::Case;

/// Writes everything about one requirement.
pub fn write(
    out: &mut dyn Write,
    register: &Register,
    record: &Record,
    cases: &[Case],
) -> io::Result<()> {
    writeln!(out, "{}", record.id)?;
    writeln!(out, "  {}", record.says)?;
    writeln!(out)?;
    if let Some(page) = register.page_of(&record.id) {
        write_origin(out, record, page)?;
    }
    writeln!(out, "  strength    {}", strength(record))?;
    writeln!(out, "  since       {}", record.since)?;
    write_profiles(out, record)?;
    if !record.on_failure.is_empty() {
        let effects: Vec<_> = record.on_failure.iter().map(effect).collect();
        writeln!(out, "  a failure still leaves: {}", effects.join(", "))?;
    }
    if let Some(why) = &record.untestable {
        writeln!(out, "  untestable  {}", why.trim())?;
    }
    write_covering(out, &record.id, cases)
}

fn write_origin(out: &mut dyn Write, record: &Record, page: &Page) -> io::Result<()> {
    let basis = match record.basis {
        Basis::Documented => "documented",
        Basis::Observed => "observed: the pages are silent, the genuine engine was seen doing it",
        Basis::Read => "read: the pages are silent, the genuine engine's source says it",
    };
    writeln!(out, "  basis       {basis}")?;
    writeln!(out, "  source      {}", record.source)?;
    writeln!(out, "  page        {} ({})", page.title, page.url)?;
    writeln!(out, "  record      spec/{}:{}", page.file, record.line)?;
    let codes: Vec<&str> = page
        .returns
        .iter()
        .filter(|(_, id)| **id == record.id)
        .map(|(code, _)| code.as_str())
        .collect();
    if !codes.is_empty() {
        writeln!(out, "  says when   {} is returned", codes.join(", "))?;
    }
    Ok(())
}

fn write_profiles(out: &mut dyn Write, record: &Record) -> io::Result<()> {
    let documented = match record.basis {
        Basis::Documented => "as above, by the page",
        Basis::Observed | Basis::Read => "as above, after the genuine engine",
    };
    writeln!(out, "  documented  {documented}")?;
    match &record.genuine {
        Genuine::Agrees => writeln!(out, "  genuine     as above"),
        Genuine::Untried => writeln!(out, "  genuine     not tried"),
        Genuine::Differs(how) => writeln!(out, "  genuine     otherwise: {}", how.trim()),
    }
}

fn write_covering(out: &mut dyn Write, id: &str, cases: &[Case]) -> io::Result<()> {
    let covering: Vec<_> = cases
        .iter()
        .filter(|case| case.covers.iter().any(|covered| covered == id))
        .collect();
    writeln!(out)?;
    if covering.is_empty() {
        return writeln!(out, "  no scenario covers it");
    }
    writeln!(out, "  covered by")?;
    for case in covering {
        let name = if case.plan.case.is_empty() {
            String::new()
        } else {
            format!(" {}", case.plan.case)
        };
        let (file, line) = (&case.place.file, case.place.line);
        writeln!(out, "    {file}:{line}{name}: {}", case.plan.title)?;
    }
    Ok(())
}

fn strength(record: &Record) -> &'static str {
    match (record.strength, record.basis) {
        (Strength::Must, Basis::Documented) => "must: a library that does otherwise fails",
        (Strength::Must, _) => "must, but not by the pages: a library that does otherwise differs",
        (Strength::Should, _) => "should: a library that does otherwise differs",
        (Strength::May, _) => "may: a library that does otherwise differs",
    }
}

fn effect(effect: &jetspec::spec::Effect) -> String {
    serde_json::to_value(effect)
        .ok()
        .and_then(|value| value.as_str().map(|word| word.replace('-', " ")))
        .unwrap_or_default()
}
