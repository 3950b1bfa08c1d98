//! The last act of a run: the library is unloaded. One that does not survive it gets a verdict for it.

use std::time::Duration;

use jetspec::abi::Form;
use jetspec::judge::{CaseVerdict, Finding, Mismatch, Reach, Verdict, What};
use jetspec::report::CaseReport;
use jetspec::scenario::plan::{Part, Place, Profile};

/// Where the verdict stands: in no scenario.
pub const FILE: &str = "library";

/// The name of the case, in reports and baselines.
pub fn name(profile: Profile) -> String {
    report("", profile, "").name()
}

/// The report on a library that died, or did not end, when it was unloaded.
pub fn report(library: &str, profile: Profile, how: &str) -> CaseReport {
    let mismatch = Mismatch {
        what: What::End,
        step: None,
        part: Part::Case,
        place: None,
        doing: "the unloading of the library, after all cases".to_owned(),
        expected: "the library can be unloaded, and its process ends".to_owned(),
        seen: format!("the host died when it unloaded {library}: {how}"),
        covers: Vec::new(),
    };
    let weight = Verdict::Crash;
    let judged = CaseVerdict {
        findings: vec![Finding { mismatch, weight }],
        ..CaseVerdict::plain(weight)
    };
    CaseReport {
        file: FILE.into(),
        case: "unload".to_owned(),
        form: Form::Narrow,
        both_forms: false,
        title: "The library can be unloaded".to_owned(),
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
    }
}
