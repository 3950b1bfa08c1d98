//! Texts that anybody may hand to jetspec: none makes it fail, loop or use memory without bound, and
//! what it writes it reads again.

use std::sync::LazyLock;

use crate::generate::FIXTURES;
use crate::judge::Baseline;
use crate::reference::control::Request;
use crate::report;
use crate::run::trace::Trace;
use crate::scenario::{Fault, Scenario, Shelf, fmt, parse_with};
use crate::spec::Register;

/// Reads a text as a scenario that may stand on any of the suite's fixtures.
fn parsed(text: &str) -> Result<Scenario, Vec<Fault>> {
    parse_with("fuzz.yaml", text, Shelf::carried(FIXTURES))
}

/// A text in the place of a scenario.
///
/// # Errors
/// What went wrong: a text that was written and cannot be read again, or reads as something else.
pub fn check_scenario_text(text: &str) -> Result<(), String> {
    // Faults are the expected answer to most texts.
    let before = parsed(text);
    let Ok(written) = fmt("fuzz.yaml", text) else {
        return Ok(());
    };
    let again = fmt("fuzz.yaml", &written).map_err(|faults| {
        let first = faults.first().map(|fault| fault.render(false));
        format!(
            "what was written cannot be read again: {}",
            first.unwrap_or_default()
        )
    })?;
    if again != written {
        return Err("a file in canonical form is written otherwise the second time".to_owned());
    }
    match (before, parsed(&written)) {
        (Ok(before), Ok(after)) => {
            let same = without_places(before.plans()) == without_places(after.plans());
            match same {
                true => Ok(()),
                false => Err("a scenario means something else once it is written back".to_owned()),
            }
        }
        (Err(before), Err(after)) if kinds(&before) == kinds(&after) => Ok(()),
        _ => Err("a text has other faults once it is written back".to_owned()),
    }
}

/// What is wrong with a text, without what writing back changes: the places, the quotes around words,
/// and how a value is spelled that the message shows.
fn kinds(faults: &[Fault]) -> Vec<String> {
    let kind = |fault: &Fault| {
        let message = fault.kind.to_string().replace("a quoted text", "a word");
        message.split('`').step_by(2).collect::<Vec<_>>().join("`")
    };
    let mut kinds: Vec<String> = faults.iter().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Plans as text, without the places that writing back moves.
fn without_places(plans: &[std::sync::Arc<crate::scenario::plan::Plan>]) -> Vec<String> {
    let strip = |plan: &std::sync::Arc<crate::scenario::plan::Plan>| {
        let mut value = serde_json::to_value(plan).unwrap_or_default();
        forget_places(&mut value);
        value.to_string()
    };
    plans.iter().map(strip).collect()
}

fn forget_places(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.remove("place");
            fields.values_mut().for_each(forget_places);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(forget_places),
        _ => {}
    }
}

/// Bytes in the place of a report, of a baseline, or of what a host says.
///
/// # Errors
/// What went wrong: a value that was written and cannot be read again, or reads as another.
pub fn check_report(bytes: &[u8]) -> Result<(), String> {
    trace(bytes)?;
    request(bytes)?;
    run_report(bytes)?;
    std::str::from_utf8(bytes).map_or(Ok(()), baseline)
}

fn trace(bytes: &[u8]) -> Result<(), String> {
    let Ok(trace) = serde_json::from_slice::<Trace>(bytes) else {
        return Ok(());
    };
    let written = serde_json::to_vec(&trace).map_err(|error| error.to_string())?;
    let again: Trace = serde_json::from_slice(&written).map_err(|error| error.to_string())?;
    same(again == trace, "a trace")
}

fn request(bytes: &[u8]) -> Result<(), String> {
    let Ok(request) = serde_json::from_slice::<Request>(bytes) else {
        return Ok(());
    };
    let written = serde_json::to_vec(&request).map_err(|error| error.to_string())?;
    let again: Request = serde_json::from_slice(&written).map_err(|error| error.to_string())?;
    same(again == request, "a request")
}

/// A report that can be read can be written in every form.
fn run_report(mut bytes: &[u8]) -> Result<(), String> {
    let Ok(report) = report::read_json(&mut bytes) else {
        return Ok(());
    };
    let written = json(&report)?;
    let again = report::read_json(&mut &*written).map_err(|error| error.to_string())?;
    same(json(&again)? == written, "a report")?;
    let mut sink = Vec::new();
    let forms = [
        report::write_junit(&mut sink, &report),
        report::write_markdown(&mut sink, &report),
        report::write_html(&mut sink, register(), std::slice::from_ref(&report)),
    ];
    forms
        .into_iter()
        .try_for_each(|form| form.map_err(|error| error.to_string()))
}

fn register() -> &'static Register {
    static REGISTER: LazyLock<Register> =
        LazyLock::new(|| Register::embedded().unwrap_or_default());
    &REGISTER
}

fn json(report: &report::RunReport) -> Result<Vec<u8>, String> {
    let mut written = Vec::new();
    report::write_json(&mut written, report).map_err(|error| error.to_string())?;
    Ok(written)
}

fn baseline(text: &str) -> Result<(), String> {
    let Ok(baseline) = Baseline::parse("baseline.yaml", text) else {
        return Ok(());
    };
    let written = baseline.text();
    let again = Baseline::parse("baseline.yaml", &written).map_err(|error| error.to_string())?;
    same(again.text() == written, "a baseline")
}

fn same(holds: bool, what: &str) -> Result<(), String> {
    match holds {
        true => Ok(()),
        false => Err(format!("{what} is another one once it is written")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_and_scenario_is_read_again_as_the_same() {
        let folders = ["fuzz/seeds/scenario_text", "conformance/registration"];
        let mut count = 0;
        for folder in folders {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            for entry in std::fs::read_dir(folder).expect("a folder of texts") {
                let path = entry.expect("an entry").path();
                let text = std::fs::read_to_string(&path).expect("a text");
                assert_eq!(check_scenario_text(&text), Ok(()), "{}", path.display());
                count += 1;
            }
        }
        assert!(count > 10, "{count}");
    }
}
