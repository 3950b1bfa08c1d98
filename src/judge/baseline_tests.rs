//! Baselines: reading, matching, blessing.

use super::super::expectations::Mismatch;
use super::super::rule::Finding;
use super::super::what::What;
use super::*;
use crate::scenario::plan::Part;

fn departs(verdict: Verdict, seen: &str) -> CaseVerdict {
    let mismatch = Mismatch {
        what: What::Code,
        step: None,
        part: Part::Case,
        place: None,
        doing: "JetMove(sesid, tableid)".to_owned(),
        expected: "JET_errSuccess".to_owned(),
        seen: seen.to_owned(),
        covers: vec!["area/must".to_owned()],
    };
    CaseVerdict {
        findings: vec![Finding {
            mismatch,
            weight: verdict,
        }],
        ..CaseVerdict::plain(verdict)
    }
}

fn blessed(old: &Baseline, cases: &[(&str, &CaseVerdict)]) -> Baseline {
    let run: Vec<_> = cases
        .iter()
        .map(|(name, judged)| BlessedCase {
            name: (*name).to_owned(),
            judged,
        })
        .collect();
    old.blessed(&run, &[], "not looked into yet")
}

fn reread(baseline: &Baseline) -> Baseline {
    Baseline::parse("known.yaml", &baseline.text()).expect("what was written can be read")
}

fn state(baseline: &Baseline, name: &str, judged: &CaseVerdict) -> Option<State> {
    baseline.pinned(name, judged).map(|pinned| pinned.state)
}

#[test]
fn a_departure_is_known_until_anything_about_it_changes() {
    let fails = departs(Verdict::Fail, "JET_errNoCurrentRecord");
    let baseline = reread(&blessed(&Baseline::default(), &[("a.yaml::x[d]", &fails)]));
    let name = "a.yaml::x[d]";
    assert_eq!(state(&baseline, name, &fails), Some(State::Known));
    let otherwise = departs(Verdict::Fail, "JET_errInvalidSesid");
    assert_eq!(state(&baseline, name, &otherwise), Some(State::Changed));
    let crashes = departs(Verdict::Crash, "JET_errNoCurrentRecord");
    assert_eq!(state(&baseline, name, &crashes), Some(State::Changed));
    let skipped = CaseVerdict::plain(Verdict::Skipped);
    assert_eq!(state(&baseline, name, &skipped), Some(State::Changed));
    let passes = CaseVerdict::plain(Verdict::Pass);
    assert_eq!(state(&baseline, name, &passes), Some(State::Fixed));
    assert_eq!(state(&baseline, "a.yaml::y[d]", &fails), None);
}

#[test]
fn a_missing_function_is_pinned_by_its_name() {
    let lacks = |function: &str| CaseVerdict {
        missing_function: Some(function.to_owned()),
        ..CaseVerdict::plain(Verdict::Unsupported)
    };
    let baseline = blessed(&Baseline::default(), &[("a", &lacks("JetMove"))]);
    assert_eq!(state(&baseline, "a", &lacks("JetMove")), Some(State::Known));
    assert_eq!(
        state(&baseline, "a", &lacks("JetSeek")),
        Some(State::Changed)
    );
    assert!(baseline.text().contains("the library lacks JetMove"));
}

#[test]
fn blessing_keeps_reasons_and_what_was_not_run_and_sorts() {
    let fails = departs(Verdict::Fail, "x \"quoted\": and #more");
    let first = blessed(
        &Baseline::default(),
        &[("b", &fails), ("a", &fails), ("c", &fails)],
    );
    let text = first
        .text()
        .replacen("not looked into yet", "Ticket 12: \\\"soon\\\"", 1);
    let explained = Baseline::parse("known.yaml", &text).expect("a baseline");
    let crashes = departs(Verdict::Crash, "signal");
    let passes = CaseVerdict::plain(Verdict::Pass);
    let harness = CaseVerdict::plain(Verdict::Harness);
    let second = reread(&blessed(
        &explained,
        &[("a", &crashes), ("b", &passes), ("d", &harness)],
    ));
    let pins: Vec<_> = second
        .pins()
        .map(|pin| (&*pin.case, pin.verdict, &*pin.reason))
        .collect();
    assert_eq!(
        pins,
        [
            ("a", Verdict::Crash, "Ticket 12: \"soon\""),
            ("c", Verdict::Fail, "not looked into yet"),
        ]
    );
    assert_eq!(reread(&second).text(), second.text());
}

#[test]
fn an_entry_without_a_case_is_named_with_its_place_and_goes_with_the_next_blessing() {
    let fails = departs(Verdict::Fail, "x");
    let baseline = reread(&blessed(
        &Baseline::default(),
        &[("a", &fails), ("b", &fails)],
    ));
    let unmatched = baseline.unmatched(["a"]);
    assert_eq!(unmatched.len(), 1);
    assert_eq!((&*unmatched[0].case, unmatched[0].line), ("b", 11));
    let after = baseline.blessed(&[], &unmatched, "");
    assert_eq!(after.len(), 1);
}

#[test]
fn any_fingerprint_pins_the_verdict_alone_and_stays_so() {
    let text =
        "version: 1\nknown:\n- {case: a, verdict: crash, fingerprint: any, reason: It races.}\n";
    let baseline = Baseline::parse("known.yaml", text).expect("a baseline");
    let crashes = departs(Verdict::Crash, "signal 11");
    assert_eq!(state(&baseline, "a", &crashes), Some(State::Known));
    let fails = departs(Verdict::Fail, "x");
    assert_eq!(state(&baseline, "a", &fails), Some(State::Changed));
    let again = blessed(&baseline, &[("a", &crashes)]);
    assert!(
        again.text().contains("fingerprint: \"any\""),
        "{}",
        again.text()
    );
}

#[test]
fn every_error_says_where_and_what() {
    let entry = |entry: &str| format!("version: 1\nknown:\n- {entry}\n");
    let cases = [
        (
            "version: 2\nknown: []\n".to_owned(),
            "known.yaml:1:10: the baseline has version 2",
        ),
        ("known: []\n".to_owned(), "version"),
        ("version: 1\nknown: [\n".to_owned(), "known.yaml:"),
        (
            entry("{case: a, verdict: good, fingerprint: ab, reason: r}"),
            "known.yaml:3:22: `good` cannot be pinned; what can is fail",
        ),
        (
            entry("{case: a, verdict: pass, fingerprint: ab, reason: r}"),
            "`pass` cannot be pinned",
        ),
        (
            entry("{case: a, verdict: fail, fingerprint: xyz, reason: r}"),
            "`xyz` is no fingerprint",
        ),
        (
            entry("{case: a, verdict: fail, fingerprint: ab, reason: \" \"}"),
            "needs a reason",
        ),
        (entry("{case: a, verdict: fail, fingerprint: ab}"), "reason"),
        (
            entry("{case: a, verdict: fail, fingerprint: ab, reason: r, colour: red}"),
            "colour",
        ),
        (
            entry(
                "{case: a, verdict: fail, fingerprint: ab, reason: r}\n- {case: a, verdict: fail, fingerprint: ab, reason: r}",
            ),
            "known.yaml:4:10: `a` is pinned already in line 3",
        ),
    ];
    for (text, words) in cases {
        let error = Baseline::parse("known.yaml", &text).expect_err("a faulty baseline");
        let said = error.to_string();
        assert!(said.contains(words), "{words} not in {said}");
        assert!(said.starts_with("known.yaml:"), "{said}");
    }
}
