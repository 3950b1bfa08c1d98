//! The report for programs: one JSON document, with a version of its own.

use std::io::{self, Write};

use serde::Serialize;

use super::summary::{CaseReport, RunReport};
use crate::judge::{Finding, Verdict};
use crate::scenario::plan::{Place, Profile};

/// The version of the document. A field is added without a new version; none is renamed, removed
/// or given another meaning under the same one.
pub const JSON_VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'r> {
    version: u32,
    jetspec: &'static str,
    library: &'r str,
    profile: Profile,
    level: crate::abi::Release,
    strict: bool,
    exit_code: u8,
    elapsed_ms: u128,
    counts: Vec<Count>,
    missing_functions: Vec<Waiting>,
    cases: Vec<Case<'r>>,
}

#[derive(Serialize)]
struct Count {
    verdict: Verdict,
    cases: usize,
}

#[derive(Serialize)]
struct Waiting {
    function: String,
    scenarios: usize,
    cases: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Case<'r> {
    name: String,
    file: &'r str,
    case: &'r str,
    title: &'r str,
    line: u32,
    profile: Profile,
    verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_function: Option<&'r str>,
    covers: &'r [String],
    steps: u64,
    time_us: u128,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Departure<'r>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    diff: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Departure<'r> {
    weight: Verdict,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'r Place>,
    doing: &'r str,
    expected: &'r str,
    seen: &'r str,
    covers: &'r [String],
}

/// Writes the document.
pub fn write_json(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report)).map_err(io::Error::from)?;
    writeln!(out)
}

fn document(report: &RunReport) -> Document<'_> {
    let counts = Verdict::ALL.into_iter().map(|verdict| Count {
        verdict,
        cases: report.count(verdict),
    });
    let missing = report.missing().into_iter().map(|missing| Waiting {
        function: missing.function,
        scenarios: missing.scenarios,
        cases: missing.cases,
    });
    Document {
        version: JSON_VERSION,
        jetspec: env!("CARGO_PKG_VERSION"),
        library: &report.library,
        profile: report.profile,
        level: report.level,
        strict: report.strict,
        exit_code: report.exit_code(),
        elapsed_ms: report.elapsed.as_millis(),
        counts: counts.collect(),
        missing_functions: missing.collect(),
        cases: report.cases.iter().map(case).collect(),
    }
}

fn case(case: &CaseReport) -> Case<'_> {
    Case {
        name: case.name(),
        file: &case.file,
        case: &case.case,
        title: &case.title,
        line: case.place.line,
        profile: case.profile,
        verdict: case.verdict(),
        skipped: case.skipped.as_deref(),
        missing_function: case.judged.missing_function.as_deref(),
        covers: &case.covers,
        steps: case.steps,
        time_us: case.time.as_micros(),
        findings: case.judged.findings.iter().map(departure).collect(),
        diff: &case.judged.diff,
    }
}

fn departure(finding: &Finding) -> Departure<'_> {
    let mismatch = &finding.mismatch;
    Departure {
        weight: finding.weight,
        what: mismatch.what.to_string(),
        place: mismatch.place.as_ref(),
        doing: &mismatch.doing,
        expected: &mismatch.expected,
        seen: &mismatch.seen,
        covers: &mismatch.covers,
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{failed, report};
    use super::write_json;

    #[test]
    fn the_document_carries_its_version_and_every_finding() {
        let mut out = Vec::new();
        write_json(&mut out, &report(vec![failed("a/b.yaml")])).expect("memory");
        let value: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(value["version"], 1);
        assert_eq!(value["exit-code"], 1);
        assert_eq!(value["cases"][0]["verdict"], "fail");
        assert_eq!(value["cases"][0]["findings"][0]["place"]["line"], 2);
        assert_eq!(value["cases"][0]["findings"][0]["covers"][0], "area/must");
    }
}
