//! JUnit's XML: one suite for each area, one test for each case.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::case::{CaseReport, area};
use super::message;
use super::summary::RunReport;
use crate::judge::Verdict;

/// Writes the document. What holds a gate is a failure; what is the machine's fault and not the
/// library's is an error; what is skipped, or known and as it was, is skipped with its reason.
pub fn write_junit(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let mut document = Report::new("jetspec");
    document.set_time(report.elapsed);
    let mut suite: Option<TestSuite> = None;
    for case in &report.cases {
        let name = area(&case.file);
        if suite
            .as_ref()
            .is_none_or(|suite| suite.name.as_str() != name)
        {
            document.add_test_suites(suite.take());
            let mut next = TestSuite::new(name);
            next.add_property(("library", &*report.identity.library));
            suite = Some(next);
        }
        if let Some(suite) = &mut suite {
            suite.add_test_case(test(case, report.identity.strict));
        }
    }
    document.add_test_suites(suite);
    document.add_test_suites(baseline(report));
    document
        .serialize(&mut *out)
        .map_err(|error| io::Error::other(error.to_string()))?;
    writeln!(out)
}

fn test(case: &CaseReport, strict: bool) -> TestCase {
    let mut test = TestCase::new(case.name(), status(case, strict));
    test.set_classname(case.file.trim_end_matches(".yaml").replace('/', "."));
    test.set_time(case.time);
    test
}

fn status(case: &CaseReport, strict: bool) -> TestCaseStatus {
    let verdict = case.verdict();
    if !case.holds_gate(strict) {
        return match verdict {
            Verdict::Skipped | Verdict::Known => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(message::headline(case));
                status
            }
            _ => TestCaseStatus::success(),
        };
    }
    let kind = match verdict {
        Verdict::Harness | Verdict::Inconclusive => NonSuccessKind::Error,
        _ => NonSuccessKind::Failure,
    };
    let mut status = TestCaseStatus::non_success(kind);
    status
        .set_type(verdict.name())
        .set_message(message::headline(case))
        .set_description(message::details(case));
    status
}

/// The entries of the baseline that name no case, as tests of their own.
fn baseline(report: &RunReport) -> Option<TestSuite> {
    let mut suite = TestSuite::new("baseline");
    for entry in report.unmatched() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_type("unmatched")
            .set_message(message::unmatched(entry));
        suite.add_test_case(TestCase::new(entry.case.as_str(), status));
    }
    (!suite.test_cases.is_empty()).then_some(suite)
}

#[cfg(test)]
mod tests {
    use super::super::example::{case, failed, report};
    use super::*;

    #[test]
    fn each_case_is_a_test_and_what_holds_the_gate_a_failure() {
        let mut harness = case("c/d.yaml", "broken", Verdict::Harness);
        harness.title = "odd characters \u{1} <&>".to_owned();
        let report = report(vec![
            case("a/b.yaml", "x", Verdict::Pass),
            failed("a/c.yaml"),
            case("c/d.yaml", "later", Verdict::Skipped),
            harness,
        ]);
        let mut out = Vec::new();
        write_junit(&mut out, &report).expect("memory");
        let text = String::from_utf8(out).expect("text");
        for part in [
            "<testsuite name=\"a\" tests=\"2\" skipped=\"0\" errors=\"0\" failures=\"1\"",
            "<testsuite name=\"c\" tests=\"2\" skipped=\"1\" errors=\"1\" failures=\"0\"",
            "name=\"a/c.yaml::first[documented]\" classname=\"a.c\"",
            "type=\"fail\"",
            "a/c.yaml:2:3",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let again = Report::deserialize_from_str(&text).expect("well-formed XML");
        assert_eq!(again.test_suites.len(), 2);
    }
}
