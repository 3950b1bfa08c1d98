//! Covering steps that no case of their scenario reaches: a fault of the suite, for whatever they
//! name is not proved by them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::case::Case;
use crate::judge::{Finding, Mismatch, Verdict, What, never_reached};
use crate::report::CaseReport;
use crate::scenario::plan::Part;

/// How many cases each scenario has: only where all of them were run can be said what none reaches.
#[derive(Debug, Clone, Default)]
pub struct WholeFiles(BTreeMap<Arc<str>, usize>);

impl WholeFiles {
    /// Counts the cases, before any are selected.
    pub fn of(cases: &[Case]) -> Self {
        let mut files = BTreeMap::new();
        for case in cases {
            *files.entry(case.plan.file.clone()).or_default() += 1;
        }
        Self(files)
    }
}

/// Makes a `harness` of the last case of each scenario that was run whole and that has covering steps
/// which were never reached. All reports are of one profile.
pub fn fault_unreached(whole: &WholeFiles, reports: &mut [CaseReport]) {
    let mut files: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (at, report) in reports.iter().enumerate() {
        if report.verdict().executed() {
            files.entry(report.file.clone()).or_default().push(at);
        }
    }
    for (file, places) in files {
        if whole.0.get(&file) != Some(&places.len()) {
            continue;
        }
        let reaches = places.iter().map(|at| &reports[*at].reach);
        let findings: Vec<Finding> = never_reached(reaches)
            .into_iter()
            .map(|(place, covers)| Finding {
                mismatch: Mismatch {
                    what: What::Missing,
                    step: None,
                    part: Part::Case,
                    place: Some(place.clone()),
                    doing: "the whole scenario".to_owned(),
                    expected: "some case reaches the step that covers this".to_owned(),
                    seen: "none does".to_owned(),
                    covers: covers.clone(),
                },
                weight: Verdict::Harness,
            })
            .collect();
        if let Some(last) = places.last().filter(|_| !findings.is_empty()) {
            let judged = &mut reports[*last].judged;
            judged.verdict = Verdict::Harness;
            judged.findings.extend(findings);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::session::tests::case;
    use super::*;
    use crate::judge::{CaseVerdict, Reach};
    use crate::scenario::plan::{Place, Profile};

    fn place(line: u32) -> Place {
        Place {
            file: "a/b.yaml".into(),
            line,
            column: 7,
        }
    }

    /// A report of a case that reached some lines and missed others.
    fn report(case: &Case, done: &[u32], missed: &[u32]) -> CaseReport {
        let profile = Profile::Documented;
        CaseReport {
            reach: Reach {
                covers: Vec::new(),
                done: done.iter().map(|line| place(*line)).collect(),
                missed: missed
                    .iter()
                    .map(|line| (place(*line), vec!["area/must".to_owned()]))
                    .collect(),
            },
            ..case.report(profile, CaseVerdict::plain(Verdict::Pass))
        }
    }

    #[test]
    fn a_step_that_some_case_reaches_is_no_fault() {
        let cases = [case("a/b.yaml", "x", &[]), case("a/b.yaml", "y", &[])];
        let whole = WholeFiles::of(&cases);
        let mut reports = vec![
            report(&cases[0], &[3], &[4, 5]),
            report(&cases[1], &[4], &[3, 5]),
        ];
        fault_unreached(&whole, &mut reports);
        assert_eq!(reports[0].verdict(), Verdict::Pass);
        assert_eq!(reports[1].verdict(), Verdict::Harness);
        let findings = &reports[1].judged.findings;
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].mismatch.place, Some(place(5)));
        assert!(reports[1].judged.names("area/must"));
    }

    #[test]
    fn a_part_of_a_scenario_proves_nothing_about_the_rest() {
        let cases = [case("a/b.yaml", "x", &[]), case("a/b.yaml", "y", &[])];
        let whole = WholeFiles::of(&cases);
        let mut reports = vec![report(&cases[0], &[], &[5])];
        fault_unreached(&whole, &mut reports);
        assert_eq!(reports[0].verdict(), Verdict::Pass);
    }
}
