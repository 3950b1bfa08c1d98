//! The report for programs: one JSON document with a version of its own, written and read.
//! `conformance/CONTRACT.md` says what each field means and what may change when.

use std::io::{self, Read, Write};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::case::CaseReport;
use super::identity::{Identity, Manner, Shard};
use super::summary::{AgainstBaseline, RunReport};
use crate::abi::{Form, Release};
use crate::judge::{
    CaseVerdict, Finding, Mismatch, Pinned, Reach, Traces, Unmatched, Verdict, What, fingerprint,
};
use crate::run::trace::Death;
use crate::scenario::plan::{Part, Place, Profile};

/// The version of the document. A field is added without a new version; none is renamed, removed
/// or given another meaning under the same one.
pub const JSON_VERSION: u32 = 1;

/// The largest report that is read: 1 GiB.
const LARGEST: u64 = 1 << 30;

/// Why a report cannot be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is no report.
    #[error("{0}: this is no JSON report of jetspec")]
    Malformed(#[from] serde_json::Error),
    /// It is of a form that this jetspec does not know.
    #[error("the report has version {0}; this jetspec reads version {JSON_VERSION}")]
    Version(u32),
    /// It has more than can be taken in.
    #[error("the report has more than {LARGEST} bytes")]
    Large,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    version: u32,
    jetspec: String,
    build: String,
    library: String,
    library_sha256: Option<String>,
    suite_sha256: String,
    system: String,
    profile: Profile,
    level: Release,
    strict: bool,
    filters: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<Shard>,
    #[serde(default)]
    manner: Manner,
    selected: usize,
    requirements: usize,
    exit_code: u8,
    elapsed_ms: u64,
    counts: Vec<Count>,
    missing_functions: Vec<Waiting>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Baseline>,
    cases: Vec<Case>,
}

/// Of a document that is too new, only this is looked at.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct Count {
    verdict: Verdict,
    cases: usize,
}

#[derive(Serialize, Deserialize)]
struct Waiting {
    function: String,
    scenarios: usize,
    cases: usize,
}

#[derive(Serialize, Deserialize)]
struct Baseline {
    file: String,
    entries: usize,
    unmatched: Vec<Unmatched>,
}

/// One case, as the document and the journal of a run write it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Case {
    name: String,
    file: String,
    case: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text>,
    title: String,
    place: Place,
    profile: Profile,
    verdict: Verdict,
    /// The verdict before the baseline.
    judged: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<Pinned>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_function: Option<String>,
    covers: Vec<String>,
    steps: u64,
    time_us: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Departure>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    diff: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    last_words: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    traces: Option<Traces>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deaths: Vec<Death>,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Text {
    Narrow,
    Wide,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Departure {
    weight: Verdict,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    doing: String,
    expected: String,
    seen: String,
    covers: Vec<String>,
}

/// Writes the document.
pub fn write_json(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report)).map_err(io::Error::from)?;
    writeln!(out)
}

/// Reads a document that some jetspec wrote.
pub fn read_json(from: &mut dyn Read) -> Result<RunReport, ReadError> {
    let mut text = Vec::new();
    let read = from.take(LARGEST + 1).read_to_end(&mut text)?;
    if read as u64 > LARGEST {
        return Err(ReadError::Large);
    }
    let Version { version } = serde_json::from_slice(&text)?;
    if version != JSON_VERSION {
        return Err(ReadError::Version(version));
    }
    let document: Document = serde_json::from_slice(&text)?;
    Ok(report(document))
}

fn document(report: &RunReport) -> Document {
    let counts = Verdict::ALL.into_iter().map(|verdict| Count {
        verdict,
        cases: report.count(verdict),
    });
    let missing = report.missing().into_iter().map(|missing| Waiting {
        function: missing.function,
        scenarios: missing.scenarios,
        cases: missing.cases,
    });
    let identity = report.identity.clone();
    Document {
        version: JSON_VERSION,
        jetspec: env!("CARGO_PKG_VERSION").to_owned(),
        build: identity.build,
        library: identity.library,
        library_sha256: identity.library_sha256,
        suite_sha256: identity.suite_sha256,
        system: identity.system,
        profile: identity.profile,
        level: identity.level,
        strict: identity.strict,
        filters: identity.filters,
        shard: identity.shard,
        manner: identity.manner.clone(),
        selected: report.selected,
        requirements: report.requirements,
        exit_code: report.exit_code(),
        elapsed_ms: millis(report.elapsed),
        counts: counts.collect(),
        missing_functions: missing.collect(),
        baseline: report.baseline.as_ref().map(|baseline| Baseline {
            file: baseline.file.clone(),
            entries: baseline.entries,
            unmatched: baseline.unmatched.clone(),
        }),
        cases: report.cases.iter().map(Case::from).collect(),
    }
}

fn report(document: Document) -> RunReport {
    RunReport {
        identity: Identity {
            library: document.library,
            library_sha256: document.library_sha256,
            suite_sha256: document.suite_sha256,
            build: document.build,
            system: document.system,
            profile: document.profile,
            level: document.level,
            strict: document.strict,
            filters: document.filters,
            shard: document.shard,
            manner: document.manner,
        },
        selected: document.selected,
        baseline: document.baseline.map(|baseline| AgainstBaseline {
            file: baseline.file,
            entries: baseline.entries,
            unmatched: baseline.unmatched,
        }),
        cases: document.cases.into_iter().map(CaseReport::from).collect(),
        elapsed: Duration::from_millis(document.elapsed_ms),
        requirements: document.requirements,
    }
}

impl From<&CaseReport> for Case {
    fn from(case: &CaseReport) -> Self {
        let judged = &case.judged;
        let executed = !matches!(judged.verdict, Verdict::Pass | Verdict::Skipped);
        Case {
            name: case.name(),
            file: case.file.to_string(),
            case: case.case.clone(),
            text: case.both_forms.then_some(match case.form {
                Form::Narrow => Text::Narrow,
                Form::Wide => Text::Wide,
            }),
            title: case.title.clone(),
            place: case.place.clone(),
            profile: case.profile,
            verdict: case.verdict(),
            judged: judged.verdict,
            pinned: case.pinned.clone(),
            fingerprint: executed.then(|| fingerprint(judged)),
            skipped: case.skipped.clone(),
            missing_function: judged.missing_function.clone(),
            covers: case.covers.clone(),
            steps: case.steps,
            time_us: u64::try_from(case.time.as_micros()).unwrap_or(u64::MAX),
            findings: judged.findings.iter().map(Departure::from).collect(),
            diff: judged.diff.clone(),
            last_words: judged.last_words.clone(),
            traces: judged.traces.clone(),
            deaths: case.deaths.clone(),
        }
    }
}

impl From<Case> for CaseReport {
    fn from(case: Case) -> Self {
        CaseReport {
            file: case.file.into(),
            case: case.case,
            form: match case.text {
                Some(Text::Wide) => Form::Wide,
                Some(Text::Narrow) | None => Form::Narrow,
            },
            both_forms: case.text.is_some(),
            title: case.title,
            place: case.place,
            profile: case.profile,
            judged: CaseVerdict {
                verdict: case.judged,
                findings: case.findings.into_iter().map(Finding::from).collect(),
                diff: case.diff,
                last_words: case.last_words,
                traces: case.traces,
                missing_function: case.missing_function,
            },
            pinned: case.pinned,
            skipped: case.skipped,
            covers: case.covers,
            reach: Reach::default(),
            steps: case.steps,
            time: Duration::from_micros(case.time_us),
            deaths: case.deaths,
        }
    }
}

impl From<&Finding> for Departure {
    fn from(finding: &Finding) -> Self {
        let mismatch = &finding.mismatch;
        Departure {
            weight: finding.weight,
            what: mismatch.what.to_string(),
            place: mismatch.place.clone(),
            doing: mismatch.doing.clone(),
            expected: mismatch.expected.clone(),
            seen: mismatch.seen.clone(),
            covers: mismatch.covers.clone(),
        }
    }
}

impl From<Departure> for Finding {
    /// Which step of the plan it was is not in the document: the plan is not there either.
    fn from(departure: Departure) -> Self {
        Finding {
            mismatch: Mismatch {
                what: What::from_words(&departure.what),
                step: None,
                part: Part::Case,
                place: departure.place,
                doing: departure.doing,
                expected: departure.expected,
                seen: departure.seen,
                covers: departure.covers,
            },
            weight: departure.weight,
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::example::{case, failed, report};
    use super::*;
    use crate::judge::State;

    fn written(report: &RunReport) -> Vec<u8> {
        let mut out = Vec::new();
        write_json(&mut out, report).expect("memory");
        out
    }

    #[test]
    fn the_document_carries_its_version_and_every_finding() {
        let out = written(&report(vec![failed("a/b.yaml")]));
        let value: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(value["version"], 1);
        assert_eq!(value["exit-code"], 1);
        assert_eq!(value["cases"][0]["verdict"], "fail");
        assert_eq!(value["cases"][0]["findings"][0]["place"]["line"], 2);
        assert_eq!(value["cases"][0]["findings"][0]["covers"][0], "area/must");
    }

    #[test]
    fn what_is_read_says_the_same_as_what_was_written() {
        let mut known = failed("a/c.yaml");
        known.both_forms = true;
        known.form = Form::Wide;
        known.pinned = Some(Pinned {
            verdict: Verdict::Fail,
            reason: "r".to_owned(),
            state: State::Known,
        });
        let mut whole = report(vec![
            failed("a/b.yaml"),
            known,
            case("c/d.yaml", "x", Verdict::Skipped),
        ]);
        whole.identity.shard = Some(Shard { number: 2, of: 5 });
        whole.baseline = Some(AgainstBaseline {
            file: "known.yaml".to_owned(),
            entries: 2,
            unmatched: vec![Unmatched {
                case: "x".to_owned(),
                file: "known.yaml".to_owned(),
                line: 3,
                column: 5,
            }],
        });
        let first = written(&whole);
        let read = read_json(&mut &first[..]).expect("a report");
        assert_eq!(written(&read), first);
        assert_eq!(read.identity, whole.identity);
        assert_eq!(read.exit_code(), whole.exit_code());
    }

    #[test]
    fn what_is_no_report_or_too_new_is_refused() {
        let refused = |text: &str| match read_json(&mut text.as_bytes()) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{text} was read"),
        };
        assert!(refused("").contains("no JSON report"));
        assert!(refused("[1, 2]").contains("no JSON report"));
        assert!(refused("{\"version\": 1}").contains("missing field"));
        assert!(refused("{\"version\": 99, \"x\": 1}").contains("version 99"));
    }
}
