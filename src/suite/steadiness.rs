//! Several runs of one case, each where nothing was run before: they must tell the same.

use crate::judge::{Finding, Mismatch, Verdict, What};
use crate::report::CaseReport;
use crate::scenario::plan::Part;

/// The report on all runs: that of the worst, with a finding where the others tell something else.
/// `None` without runs.
pub(super) fn of(runs: Vec<CaseReport>) -> Option<CaseReport> {
    let count = runs.len();
    let told: Vec<String> = runs.iter().map(told).collect();
    let verdicts: Vec<Verdict> = runs.iter().map(CaseReport::verdict).collect();
    let (worst, mut report) = runs
        .into_iter()
        .enumerate()
        .max_by_key(|(run, report)| (severity(report.verdict()), count - run))?;
    let other = told.iter().position(|other| *other != told[worst]);
    if let Some(other) = other {
        let weight = report.judged.verdict;
        report.judged.findings.push(Finding {
            mismatch: Mismatch {
                what: What::Unsteady,
                step: None,
                part: Part::Case,
                place: None,
                doing: "the whole case".to_owned(),
                expected: format!("what run {} of {count} showed: {weight}", worst + 1),
                seen: format!("in run {}: {}", other + 1, verdicts[other]),
                covers: Vec::new(),
            },
            weight,
        });
    }
    Some(report)
}

/// How bad a verdict is.
fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass | Verdict::Skipped | Verdict::Known | Verdict::Fixed => 0,
        Verdict::Unsupported => 1,
        Verdict::Inconclusive => 2,
        Verdict::Differs => 3,
        Verdict::Fail => 4,
        Verdict::Timeout => 5,
        Verdict::Crash => 6,
        Verdict::Harness => 7,
    }
}

/// What a run says, without what is another in every run: times, standard error.
fn told(report: &CaseReport) -> String {
    let mut text = report.judged.verdict.to_string();
    for finding in &report.judged.findings {
        let mismatch = &finding.mismatch;
        text.push_str(&format!(
            "\n{} {} {}",
            mismatch.what, mismatch.doing, mismatch.seen
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::session::tests::case;
    use super::*;
    use crate::judge::CaseVerdict;
    use crate::scenario::plan::Profile;

    fn runs(verdicts: &[Verdict]) -> CaseReport {
        let case = case("a/b.yaml", "x", &[]);
        let report =
            |verdict: &Verdict| case.report(Profile::Documented, CaseVerdict::plain(*verdict));
        of(verdicts.iter().map(report).collect()).expect("runs")
    }

    #[test]
    fn runs_that_agree_say_nothing_of_each_other() {
        let report = runs(&[Verdict::Fail, Verdict::Fail]);
        assert_eq!(report.verdict(), Verdict::Fail);
        assert!(report.judged.findings.is_empty());
    }

    #[test]
    fn the_worst_of_runs_that_differ_counts_and_says_so() {
        for verdicts in [
            [Verdict::Pass, Verdict::Fail],
            [Verdict::Fail, Verdict::Pass],
        ] {
            let report = runs(&verdicts);
            assert_eq!(report.verdict(), Verdict::Fail);
            let finding = &report.judged.findings[0];
            assert_eq!(finding.mismatch.what, What::Unsteady);
            assert!(finding.mismatch.seen.ends_with("pass"));
        }
    }
}
