//! Three-way judging: expectation, reference, library. The suite's own faults are `harness` and
//! never blamed on the library.

use serde::{Deserialize, Serialize};

use super::compare::{Traces, difference_text, first_difference};
use super::expectations::{Mismatch, mismatches};
use super::reach::is_control;
use super::render::Lines;
use super::verdict::Verdict;
use super::what::What;
use crate::abi::Release;
use crate::run::trace::{End, Trace};
use crate::scenario::StepIndex;
use crate::scenario::plan::{Part, Plan, Profile, StepId};
use crate::spec::{Basis, Genuine, Record, Register, Strength};

/// How many lines of standard error are kept.
const LAST_WORDS: usize = 5;

/// What every case of a run is judged by.
#[derive(Clone, Copy)]
pub struct Court<'r> {
    /// The requirements.
    pub register: &'r Register,
    /// The profile that the expectations are read under.
    pub profile: Profile,
    /// The release of Windows that the library claims to be like; a requirement of a later one
    /// does not bind it.
    pub level: Release,
}

/// A departure with the verdict that it alone would give.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What departs, and where.
    pub mismatch: Mismatch,
    /// What it weighs.
    pub weight: Verdict,
}

/// The verdict on one case, with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// Every departure, in the order of time.
    pub findings: Vec<Finding>,
    /// The two traces around the first departure, as a diff; empty where there is none.
    pub diff: String,
    /// Both traces as text, for a reader to hold side by side, where they are not the same.
    pub traces: Option<Traces>,
    /// The last that the library's process wrote to standard error, where it died or hung.
    pub last_words: String,
    /// The exported name that is missing, where the verdict is `unsupported`.
    pub missing_function: Option<String>,
}

impl CaseVerdict {
    /// A verdict without findings.
    pub fn plain(verdict: Verdict) -> Self {
        Self {
            verdict,
            findings: Vec::new(),
            diff: String::new(),
            traces: None,
            last_words: String::new(),
            missing_function: None,
        }
    }

    /// The finding that a report puts first: the one that gave the verdict.
    pub fn deciding(&self) -> Option<&Finding> {
        self.findings
            .iter()
            .find(|finding| finding.weight == self.verdict)
            .or_else(|| self.findings.first())
    }

    /// Whether some finding names the requirement.
    pub fn names(&self, id: &str) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.mismatch.covers.iter().any(|covered| covered == id))
    }
}

/// Judges a library's trace of a case. `reference` is the reference's trace of the same plan.
pub fn judge(court: Court, plan: &Plan, reference: &Trace, library: &Trace) -> CaseVerdict {
    let own = judge_reference(court, plan, reference);
    if own.verdict == Verdict::Harness {
        return own;
    }
    let findings: Vec<Finding> = mismatches(plan, court.profile, library)
        .into_iter()
        .map(|mismatch| weigh(court, mismatch))
        .collect();
    let verdict = match end(plan, library) {
        Some(ended) => return ended_early(plan, reference, library, findings, ended),
        None => decide(&findings),
    };
    if verdict == Verdict::Pass {
        return against_reference(court, plan, reference, library);
    }
    with_diff(plan, reference, library, verdict, findings)
}

/// Judges the reference's own trace: whatever departs from an expectation is the suite's fault.
pub fn judge_reference(court: Court, plan: &Plan, reference: &Trace) -> CaseVerdict {
    let mut found = mismatches(plan, court.profile, reference);
    found.extend(end(plan, reference).map(|ended| ended.mismatch));
    let findings: Vec<Finding> = found
        .into_iter()
        .map(|mismatch| Finding {
            mismatch,
            weight: Verdict::Harness,
        })
        .collect();
    let verdict = if findings.is_empty() {
        Verdict::Pass
    } else {
        Verdict::Harness
    };
    CaseVerdict {
        findings,
        ..CaseVerdict::plain(verdict)
    }
}

/// What a departure weighs by itself.
fn weigh(court: Court, mismatch: Mismatch) -> Finding {
    let weight = match mismatch.what {
        // Memory, and callbacks out of the blue, are wrong wherever they happen.
        What::Violation | What::Stray => Verdict::Fail,
        // So is a call that succeeds without giving what it is called for.
        What::Unwritten(_) => Verdict::Fail,
        // No page speaks of these; the reference does none of them.
        What::Process => Verdict::Differs,
        What::Unannounced if mismatch.covers.is_empty() => Verdict::Differs,
        _ if mismatch.part == Part::Fixture || mismatch.covers.is_empty() => Verdict::Inconclusive,
        _ => strongest(court, &mismatch.covers),
    };
    Finding { mismatch, weight }
}

/// `fail` if any of the requirements binds, else `differs`.
fn strongest(court: Court, ids: &[String]) -> Verdict {
    let binds = |id: &String| {
        court
            .register
            .get(id)
            .is_none_or(|record| binds(court, record))
    };
    if ids.iter().any(binds) {
        Verdict::Fail
    } else {
        Verdict::Differs
    }
}

/// Whether a departure from the requirement is a departure from a documented must. Under the
/// genuine profile the documents do not speak where the genuine engine does otherwise.
fn binds(court: Court, record: &Record) -> bool {
    let spoken =
        court.profile == Profile::Documented || !matches!(record.genuine, Genuine::Differs(_));
    record.strength == Strength::Must
        && record.basis == Basis::Documented
        && record.since <= court.level
        && spoken
}

/// The verdict of findings in the order of time. What follows a failed control step may be its mere
/// consequence, so only what came before it counts; and a control step that fails after a departure
/// may be the departure's own consequence, so it takes nothing back.
fn decide(findings: &[Finding]) -> Verdict {
    let mut verdict = Verdict::Pass;
    for finding in findings {
        match finding.weight {
            Verdict::Fail => return Verdict::Fail,
            Verdict::Inconclusive if verdict == Verdict::Pass => return Verdict::Inconclusive,
            Verdict::Inconclusive => return verdict,
            _ => verdict = Verdict::Differs,
        }
    }
    verdict
}

/// How a run that is not complete is judged, and for which step.
struct Ended {
    verdict: Verdict,
    mismatch: Mismatch,
    function: Option<String>,
}

fn end(plan: &Plan, trace: &Trace) -> Option<Ended> {
    let (verdict, step, function) = match &trace.end {
        End::Complete => return None,
        End::Unsupported { step, function } => {
            (Verdict::Unsupported, Some(*step), Some(function.clone()))
        }
        End::Died { step, .. } => (Verdict::Crash, Some(*step), None),
        End::TimedOut { step, .. } => (Verdict::Timeout, Some(*step), None),
        End::Broken { step, .. } => (Verdict::Harness, *step, None),
    };
    let seen = Lines::new(plan).end(&trace.end).unwrap_or_default();
    Some(Ended {
        verdict,
        mismatch: at_step(plan, step, What::End, "a complete run".to_owned(), seen),
        function,
    })
}

fn at_step(
    plan: &Plan,
    step: Option<StepId>,
    what: What,
    expected: String,
    seen: String,
) -> Mismatch {
    let found = step.and_then(|id| StepIndex::new(plan).get(id));
    Mismatch {
        what,
        step,
        part: found.map_or(Part::Case, |step| step.part),
        place: found.map(|step| step.place.clone()),
        doing: found.map_or(String::new(), |step| Lines::new(plan).doing(step)),
        expected,
        seen: seen.trim_start_matches("= ").to_owned(),
        covers: found.map_or(Vec::new(), |step| step.expect.covers.clone()),
    }
}

fn ended_early(
    plan: &Plan,
    reference: &Trace,
    library: &Trace,
    mut findings: Vec<Finding>,
    ended: Ended,
) -> CaseVerdict {
    // What a missing function holds back does not excuse what was seen before it.
    let verdict = match (ended.verdict, decide(&findings)) {
        (Verdict::Unsupported, Verdict::Fail) => Verdict::Fail,
        (ended, _) => ended,
    };
    findings.push(Finding {
        mismatch: ended.mismatch,
        weight: ended.verdict,
    });
    if verdict == Verdict::Unsupported {
        return CaseVerdict {
            findings,
            missing_function: ended.function,
            ..CaseVerdict::plain(verdict)
        };
    }
    CaseVerdict {
        last_words: last_words(&library.stderr),
        ..with_diff(plan, reference, library, verdict, findings)
    }
}

/// The end of what was written to standard error.
fn last_words(stderr: &str) -> String {
    let spoken: Vec<&str> = stderr
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let from = spoken.len().saturating_sub(LAST_WORDS);
    spoken[from..].join("\n")
}

fn against_reference(court: Court, plan: &Plan, reference: &Trace, library: &Trace) -> CaseVerdict {
    let Some(difference) = first_difference(plan, court.profile, reference, library) else {
        return CaseVerdict::plain(Verdict::Pass);
    };
    let what = What::Difference(difference.what);
    let step = Some(difference.step);
    let finding = Finding {
        mismatch: at_step(plan, step, what, difference.reference, difference.library),
        weight: Verdict::Differs,
    };
    with_diff(plan, reference, library, Verdict::Differs, vec![finding])
}

fn with_diff(
    plan: &Plan,
    reference: &Trace,
    library: &Trace,
    verdict: Verdict,
    findings: Vec<Finding>,
) -> CaseVerdict {
    let verdict_of = CaseVerdict {
        findings,
        ..CaseVerdict::plain(verdict)
    };
    let around = verdict_of
        .deciding()
        .and_then(|finding| finding.mismatch.step);
    CaseVerdict {
        diff: difference_text(plan, reference, library, around),
        traces: Some(Traces::new(plan, reference, library, around)),
        ..verdict_of
    }
}

/// The ids that a case can say anything about: those of its steps that cover something.
pub fn covered(plan: &Plan) -> Vec<String> {
    let index = StepIndex::new(plan);
    let mut ids: Vec<String> = index
        .iter()
        .filter(|step| !is_control(step))
        .flat_map(|step| step.expect.covers.iter().cloned())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[cfg(test)]
#[path = "rule_tests.rs"]
mod tests;
