//! `jetspec explain`: what a requirement says, where it comes from, and what covers it.

use std::io::{self, Write};

use jetspec::abi::errors::code_name;
use jetspec::model::quirks;
use jetspec::scenario::plan::{Codes, Expected, Plan, Step};
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
        Genuine::Agrees => writeln!(out, "  genuine     as above")?,
        Genuine::Untried => writeln!(out, "  genuine     not tried")?,
        Genuine::Differs(how) => writeln!(out, "  genuine     otherwise: {}", how.trim())?,
    }
    if let Some(seen) = &record.seen {
        writeln!(
            out,
            "  seen in     {seen}, and tried on the engine built from it"
        )?;
    }
    let quirk = quirks::ALL.iter().find(|quirk| quirk.id == record.id);
    if let Some(quirk) = quirk {
        writeln!(out, "  quirk       {}", quirk.differs)?;
    }
    Ok(())
}

/// The steps that cover a requirement and expect something else in each profile.
fn write_both_sides(out: &mut dyn Write, id: &str, plan: &Plan) -> io::Result<()> {
    let inside = plan.callbacks.iter().flat_map(|callback| &callback.bodies);
    let steps = plan
        .steps
        .iter()
        .chain(inside.flat_map(|body| &body.steps))
        .filter(|step| step.expect.covers.iter().any(|covered| covered == id));
    for step in steps {
        for (what, documented, genuine) in sides(step) {
            let (documented, genuine) = (shown(&documented), shown(&genuine));
            let line = step.place.line;
            writeln!(
                out,
                "      line {line}: {what} documented {documented}, genuine {genuine}"
            )?;
        }
    }
    Ok(())
}

/// What a step expects of the documents and of the genuine engine, where that is not the same.
fn sides(step: &Step) -> Vec<(&'static str, Vec<String>, Vec<String>)> {
    let mut sides = Vec::new();
    let codes = &step.expect.code;
    if codes.documented != codes.genuine {
        sides.push(("code", names(&codes.documented), names(&codes.genuine)));
    }
    let events = &step.expect.events;
    if events.documented != events.genuine {
        let count = |events: usize| vec![format!("{events} callbacks")];
        let (documented, genuine) = (events.documented.len(), events.genuine.len());
        sides.push(("events", count(documented), count(genuine)));
    }
    for output in &step.expect.outputs {
        if output.value.documented != output.value.genuine {
            let word = |expected: &Expected| match expected {
                Expected::Number(number) => vec![number.to_string()],
                Expected::Text(text) => vec![text.clone()],
                other => vec![format!("{other:?}").to_lowercase()],
            };
            let value = &output.value;
            sides.push(("output", word(&value.documented), word(&value.genuine)));
        }
    }
    sides
}

fn names(codes: &Codes) -> Vec<String> {
    let name = |code: &i32| code_name(*code).map_or_else(|| code.to_string(), str::to_owned);
    match codes {
        Codes::OneOf(codes) => codes.iter().map(name).collect(),
        Codes::Error => vec!["an error".to_owned()],
        Codes::Killed => vec!["no return".to_owned()],
    }
}

fn shown(several: &[String]) -> String {
    several.join(" or ")
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
        write_both_sides(out, id, &case.plan)?;
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
