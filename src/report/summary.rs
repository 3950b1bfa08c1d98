//! What one run found, case by case, and the sums over it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::abi::{Form, Release};
use crate::judge::{CaseVerdict, Reach, Verdict};
use crate::scenario::plan::{Place, Profile};

/// One case of a run.
#[derive(Debug, Clone)]
pub struct CaseReport {
    /// `folder/file.yaml` of the scenario.
    pub file: Arc<str>,
    /// The case's name; empty where the scenario has no cases.
    pub case: String,
    /// The width of its texts.
    pub form: Form,
    /// Whether the scenario runs in both widths, so that the name must tell them apart.
    pub both_forms: bool,
    /// The scenario's title.
    pub title: String,
    /// Where the case is written.
    pub place: Place,
    /// The profile that it was judged under.
    pub profile: Profile,
    /// The verdict with its reasons.
    pub judged: CaseVerdict,
    /// Why it was skipped, where it was.
    pub skipped: Option<String>,
    /// Requirement ids that its steps name; of a case that was run, those of steps that were reached.
    pub covers: Vec<String>,
    /// What the reference reached of it.
    pub reach: Reach,
    /// How many steps the library did.
    pub steps: u64,
    /// How long the library took over it.
    pub time: Duration,
}

impl CaseReport {
    /// `folder/file.yaml::case[profile]`, as tests and filters name it.
    pub fn name(&self) -> String {
        let case = if self.case.is_empty() {
            String::new()
        } else {
            format!("::{}", self.case)
        };
        let profile = match self.profile {
            Profile::Documented => "documented",
            Profile::Genuine => "genuine",
        };
        let form = match (self.both_forms, self.form) {
            (false, _) => "",
            (true, Form::Narrow) => ", narrow",
            (true, Form::Wide) => ", wide",
        };
        format!("{}{case}[{profile}{form}]", self.file)
    }

    /// The case's verdict.
    pub fn verdict(&self) -> Verdict {
        self.judged.verdict
    }
}

/// The area of a scenario: its topmost folder, or its own name where it stands in none.
pub fn area(file: &str) -> &str {
    match file.split_once(['/', '\\']) {
        Some((folder, _)) => folder,
        None => file.trim_end_matches(".yaml"),
    }
}

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

/// A whole run.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// The library in words: its path, or that it is the reference.
    pub library: String,
    /// The profile.
    pub profile: Profile,
    /// The release of Windows that the library was taken for.
    pub level: Release,
    /// Whether `differs` holds the gate.
    pub strict: bool,
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

    /// The documented exit code: 0 everything as expected, 1 the library departs, 3 the suite
    /// itself is wrong, 4 nothing ran.
    pub fn exit_code(&self) -> u8 {
        if self.count(Verdict::Harness) > 0 {
            return 3;
        }
        if !self.cases.iter().any(|case| case.verdict().executed()) {
            return 4;
        }
        let held = self
            .cases
            .iter()
            .any(|case| case.verdict().holds_gate(self.strict));
        u8::from(held)
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{case, report};
    use super::*;

    #[test]
    fn the_area_is_the_topmost_folder() {
        assert_eq!(area("callback/register/a.yaml"), "callback");
        assert_eq!(area("smoke.yaml"), "smoke");
    }

    #[test]
    fn a_name_tells_forms_apart_only_where_both_run() {
        let mut one = case("a/b.yaml", "first", Verdict::Pass);
        assert_eq!(one.name(), "a/b.yaml::first[documented]");
        one.both_forms = true;
        assert_eq!(one.name(), "a/b.yaml::first[documented, narrow]");
        one.case.clear();
        assert_eq!(one.name(), "a/b.yaml[documented, narrow]");
    }

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
        strict.strict = true;
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
