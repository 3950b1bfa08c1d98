//! Hand-made reports for the tests of this folder.

use std::time::Duration;

use super::{CaseReport, Identity, Manner, RunReport};
use crate::abi::{Form, Release};
use crate::judge::{CaseVerdict, Finding, Mismatch, Reach, Traces, Verdict, What};
use crate::scenario::plan::{Part, Place, Profile, StepId};

pub(super) fn place(file: &str, line: u32) -> Place {
    Place {
        file: file.into(),
        line,
        column: 3,
    }
}

pub(super) fn case(file: &str, name: &str, verdict: Verdict) -> CaseReport {
    CaseReport {
        file: file.into(),
        case: name.to_owned(),
        form: Form::Narrow,
        both_forms: false,
        title: "an example".to_owned(),
        place: place(file, 4),
        profile: Profile::Documented,
        judged: CaseVerdict::plain(verdict),
        pinned: None,
        skipped: None,
        covers: vec!["area/must".to_owned()],
        reach: Reach::default(),
        steps: 10,
        time: Duration::from_millis(2),
        deaths: Vec::new(),
    }
}

/// A case that failed at line 2 of its file.
pub(super) fn failed(file: &str) -> CaseReport {
    let mismatch = Mismatch {
        what: What::Code,
        step: Some(StepId(1)),
        part: Part::Case,
        place: Some(place(file, 2)),
        doing: "JetMove(sesid, tableid)".to_owned(),
        expected: "JET_errSuccess".to_owned(),
        seen: "JET_errNoCurrentRecord".to_owned(),
        covers: vec!["area/must".to_owned()],
    };
    let mut case = case(file, "first", Verdict::Fail);
    case.judged.findings.push(Finding {
        mismatch,
        weight: Verdict::Fail,
    });
    case.judged.traces = Some(Traces {
        reference: "JetBegin -> JET_errSuccess\nJetMove -> JET_errSuccess".to_owned(),
        library: "JetBegin -> JET_errSuccess\nJetMove -> JET_errNoCurrentRecord".to_owned(),
    });
    case.judged.diff =
        "-JetMove -> JET_errSuccess\n+JetMove -> JET_errNoCurrentRecord\n".to_owned();
    case
}

pub(super) fn report(cases: Vec<CaseReport>) -> RunReport {
    RunReport {
        identity: Identity {
            library: "libx.so".to_owned(),
            library_sha256: Some("ab".repeat(32)),
            suite_sha256: "cd".repeat(32),
            build: "0123456789abcdef".to_owned(),
            system: "x86_64-linux".to_owned(),
            profile: Profile::Documented,
            level: Release::Windows10,
            strict: false,
            filters: Vec::new(),
            shard: None,
            manner: Manner::default(),
        },
        selected: cases.len(),
        baseline: None,
        cases,
        elapsed: Duration::from_millis(20),
        requirements: 3,
    }
}
