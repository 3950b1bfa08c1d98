//! Verdicts on the library that stand in no scenario: it does not survive its unloading, the last act of
//! a run, or its process dies where no case is to blame.

use std::time::Duration;

use jetspec::abi::Form;
use jetspec::judge::{CaseVerdict, Finding, Mismatch, Reach, Verdict, What};
use jetspec::report::CaseReport;
use jetspec::run::trace::Death;
use jetspec::scenario::plan::{Part, Place, Profile};

/// Where such a verdict stands.
pub const FILE: &str = "library";

/// The names of the cases, in reports and baselines.
pub fn names(profile: Profile) -> [String; 2] {
    let death = unloading("", profile, "");
    [death.name(), between("", profile, &[]).name()]
}

/// The report on a library that died, or did not end, when it was unloaded.
pub fn unloading(library: &str, profile: Profile, how: &str) -> CaseReport {
    report(
        "unload",
        "The library can be unloaded",
        profile,
        Mismatch {
            what: What::End,
            step: None,
            part: Part::Case,
            place: None,
            doing: "the unloading of the library, after all cases".to_owned(),
            expected: "the library can be unloaded, and its process ends".to_owned(),
            seen: format!("the host died when it unloaded {library}: {how}"),
            covers: Vec::new(),
        },
    )
}

/// The report on a library whose processes died where no case is to blame. Which cases were about then
/// is chance: it is told, but not in what a baseline compares.
pub fn between(library: &str, profile: Profile, deaths: &[Death]) -> CaseReport {
    let mut ways: Vec<&str> = deaths.iter().map(|death| death.how.as_str()).collect();
    ways.sort_unstable();
    ways.dedup();
    let mut report = report(
        "between-cases",
        "The library lets its process live where no case calls it",
        profile,
        Mismatch {
            what: What::End,
            step: None,
            part: Part::Case,
            place: None,
            doing: "what the library does when no case that shows it again is running".to_owned(),
            expected: "its process goes on".to_owned(),
            seen: format!("the host with {library} died: {}", ways.join("; ")),
            covers: Vec::new(),
        },
    );
    let told = deaths.iter().map(|death| {
        let words = death.words.trim_end();
        let words = words.lines().map(|line| format!("\n  {line}"));
        format!("{}, {}{}", death.how, death.when, words.collect::<String>())
    });
    report.judged.last_words = told.collect::<Vec<_>>().join("\n");
    report
}

fn report(case: &str, title: &str, profile: Profile, mismatch: Mismatch) -> CaseReport {
    let weight = Verdict::Crash;
    let judged = CaseVerdict {
        findings: vec![Finding { mismatch, weight }],
        ..CaseVerdict::plain(weight)
    };
    CaseReport {
        file: FILE.into(),
        case: case.to_owned(),
        form: Form::Narrow,
        both_forms: false,
        title: title.to_owned(),
        place: Place {
            file: FILE.into(),
            line: 1,
            column: 1,
        },
        profile,
        judged,
        pinned: None,
        skipped: None,
        covers: Vec::new(),
        reach: Reach::default(),
        steps: 0,
        time: Duration::ZERO,
        deaths: Vec::new(),
    }
}
