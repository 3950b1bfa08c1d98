//! What one run found, case by case, and the sums over it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::case::{CaseReport, area};
use super::identity::Identity;
use crate::host::interrupt;
use crate::judge::{Unmatched, Verdict};

/// A function that the library lacks and what waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The exported name.
    pub function: String,
    /// How many scenarios (files) it holds back.
    pub scenarios: usize,
    /// How many cases it holds back.
    pub cases: usize,
}

/// A run held against a baseline; what is said of a case stands with the case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgainstBaseline {
    /// The file.
    pub file: String,
    /// How many departures it knows.
    pub entries: usize,
    /// Its entries that name no case of the suite.
    pub unmatched: Vec<Unmatched>,
}

/// A whole run.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// What was run against what.
    pub identity: Identity,
    /// How many cases were to be run; a run that was stopped has fewer.
    pub selected: usize,
    /// The baseline that the run was held against, if there was one.
    pub baseline: Option<AgainstBaseline>,
    /// Every case, in the order of file and case.
    pub cases: Vec<CaseReport>,
    /// How long the whole took by the clock.
    pub elapsed: Duration,
    /// How many records the register holds, without those that nobody can test.
    pub requirements: usize,
}

impl RunReport {
    /// How many cases got a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cases
            .iter()
            .filter(|case| case.verdict() == verdict)
            .count()
    }

    /// How many cases of each area got each verdict.
    pub fn areas(&self) -> BTreeMap<&str, BTreeMap<Verdict, usize>> {
        let mut areas: BTreeMap<&str, BTreeMap<Verdict, usize>> = BTreeMap::new();
        for case in &self.cases {
            let verdicts = areas.entry(area(&case.file)).or_default();
            *verdicts.entry(case.verdict()).or_default() += 1;
        }
        areas
    }

    /// The functions that hold cases back, those that hold back most first.
    pub fn missing(&self) -> Vec<Missing> {
        let mut waiting: BTreeMap<&str, (BTreeSet<&str>, usize)> = BTreeMap::new();
        for case in &self.cases {
            if let Some(function) = &case.judged.missing_function {
                let (files, cases) = waiting.entry(function).or_default();
                files.insert(&case.file);
                *cases += 1;
            }
        }
        let mut missing: Vec<_> = waiting
            .into_iter()
            .map(|(function, (files, cases))| Missing {
                function: function.to_owned(),
                scenarios: files.len(),
                cases,
            })
            .collect();
        missing.sort_by(|a, b| {
            b.cases
                .cmp(&a.cases)
                .then_with(|| a.function.cmp(&b.function))
        });
        missing
    }

    /// How many different requirements the executed cases name.
    pub fn covered(&self) -> usize {
        let executed = self.cases.iter().filter(|case| case.verdict().executed());
        let ids: BTreeSet<&str> = executed
            .flat_map(|case| case.covers.iter().map(String::as_str))
            .collect();
        ids.len()
    }

    /// How many scenarios (files) were run.
    pub fn scenarios(&self) -> usize {
        let files: BTreeSet<&str> = self.cases.iter().map(|case| &*case.file).collect();
        files.len()
    }

    /// Steps done, and the time that the hosts took over them.
    pub fn steps(&self) -> (u64, Duration) {
        let steps = self.cases.iter().map(|case| case.steps).sum();
        let time = self.cases.iter().map(|case| case.time).sum();
        (steps, time)
    }

    /// The verdicts that a table of this run needs: those that occur, and always `pass` and `fail`.
    pub fn verdicts_shown(&self) -> Vec<Verdict> {
        let always = |verdict: &Verdict| matches!(verdict, Verdict::Pass | Verdict::Fail);
        Verdict::ALL
            .into_iter()
            .filter(|verdict| always(verdict) || self.count(*verdict) > 0)
            .collect()
    }

    /// The result in one sentence.
    pub fn sentence(&self) -> String {
        let mut parts = vec![match self.exit_code() {
            0 => self.as_expected(),
            1 => self.departs(),
            3 => format!(
                "{} cases show a fault of the suite itself, not of the library.",
                self.count(Verdict::Harness)
            ),
            4 => "Nothing ran.".to_owned(),
            _ => format!("{} cases are not as expected so far.", self.held().count()),
        }];
        if self.cases.len() < self.selected {
            parts.push(format!(
                "The run was stopped: {} of {} cases have no verdict.",
                self.selected - self.cases.len(),
                self.selected
            ));
        }
        parts.join(" ")
    }

    fn as_expected(&self) -> String {
        match self.count(Verdict::Known) {
            0 => "Everything as expected.".to_owned(),
            1 => "Everything as expected; 1 departure is known.".to_owned(),
            known => format!("Everything as expected; {known} departures are known."),
        }
    }

    fn departs(&self) -> String {
        let held = self.held().count();
        let mut text = format!("{held} of {} cases are not as expected", self.cases.len());
        let changed = self.held().filter(|case| case.is_changed()).count();
        let baseline = [
            (changed, "changed against the baseline"),
            (self.count(Verdict::Fixed), "fixed"),
            (
                self.unmatched().len(),
                "in the baseline but not in the suite",
            ),
        ];
        let parts: Vec<String> = baseline
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if !parts.is_empty() {
            text.push_str(&format!(": {}", parts.join(", ")));
        }
        text.push('.');
        text
    }

    /// The cases that a gate fails on.
    pub fn held(&self) -> impl Iterator<Item = &CaseReport> {
        let strict = self.identity.strict;
        self.cases
            .iter()
            .filter(move |case| case.holds_gate(strict))
    }

    /// The entries of the baseline that name no case.
    pub fn unmatched(&self) -> &[Unmatched] {
        self.baseline
            .as_ref()
            .map_or(&[], |baseline| &baseline.unmatched)
    }

    /// The documented exit code: 0 everything as expected, 1 the library departs, 3 the suite
    /// itself is wrong, 4 nothing ran, 130 the run was stopped.
    pub fn exit_code(&self) -> u8 {
        if self.cases.len() < self.selected {
            return interrupt::EXIT_CODE;
        }
        if self.count(Verdict::Harness) > 0 {
            return 3;
        }
        if !self.cases.iter().any(|case| case.verdict().executed()) {
            return 4;
        }
        u8::from(self.held().next().is_some() || !self.unmatched().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{case, report};
    use super::*;

    #[test]
    fn exit_codes_are_as_documented() {
        for (verdicts, code) in [
            (&[Verdict::Pass][..], 0),
            (&[Verdict::Pass, Verdict::Differs], 0),
            (&[Verdict::Pass, Verdict::Fail], 1),
            (&[Verdict::Pass, Verdict::Unsupported], 1),
            (&[Verdict::Fail, Verdict::Harness], 3),
            (&[Verdict::Skipped], 4),
            (&[], 4),
        ] {
            let cases = verdicts
                .iter()
                .map(|verdict| case("a/b.yaml", "x", *verdict));
            assert_eq!(report(cases.collect()).exit_code(), code, "{verdicts:?}");
        }
        let mut strict = report(vec![case("a/b.yaml", "x", Verdict::Differs)]);
        strict.identity.strict = true;
        assert_eq!(strict.exit_code(), 1);
    }

    #[test]
    fn missing_functions_are_counted_by_scenario_and_case() {
        let waiting = |file, function: &str| {
            let mut case = case(file, "x", Verdict::Unsupported);
            case.judged.missing_function = Some(function.to_owned());
            case
        };
        let report = report(vec![
            waiting("a/b.yaml", "JetMove"),
            waiting("a/b.yaml", "JetMove"),
            waiting("a/c.yaml", "JetSeek"),
        ]);
        let missing = report.missing();
        let first = &missing[0];
        assert_eq!(
            (first.function.as_str(), first.scenarios, first.cases),
            ("JetMove", 1, 2)
        );
        assert_eq!(missing.len(), 2);
    }
}
