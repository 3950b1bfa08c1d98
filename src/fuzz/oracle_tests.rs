use std::sync::Arc;

use super::*;
use crate::reference::watch::Departure;
use crate::scenario::parse;

fn plan(steps: &str) -> Arc<Plan> {
    let text = format!("title: a program\n{steps}");
    let scenario = parse("program.yaml", &text, None).expect("no fault");
    scenario.plans()[0].clone()
}

/// What a run of that plan shows in which each call answers the next of these codes.
fn trace(plan: &Plan, codes: &[i32]) -> Trace {
    let steps = plan.steps.iter().zip(codes).map(|(step, code)| StepTrace {
        step: step.id,
        outcome: Outcome::Returned(*code),
        outputs: Vec::new(),
        events: Vec::new(),
        violations: Vec::new(),
    });
    Trace {
        steps: steps.collect(),
        ..Trace::default()
    }
}

fn kinds(plan: &Plan, trace: &Trace, report: &Report) -> Vec<Kind> {
    let register = Register::embedded().expect("the register");
    let index = StepIndex::new(plan);
    let broken = check(&register, Profile::Documented, plan, &index, trace, report);
    broken.into_iter().map(|broken| broken.kind).collect()
}

fn departure(function: &str, code: JetError, part: &str) -> Report {
    let departure = Departure {
        after: 1,
        function: function.to_owned(),
        code: code.code(),
        parts: vec![part.to_owned()],
        law: Law::FailureChangesNothing,
    };
    Report {
        calls: 1,
        departures: vec![departure],
        committed: None,
    }
}

const TWO: &str = "steps:
  - JetMove: { sesid: 0, tableid: 0, cRow: 1 }
  - JetMove: { sesid: 0, tableid: 0, cRow: 1 }
";

#[test]
fn a_code_that_no_page_lists_is_found() {
    let plan = plan(TWO);
    let none = Report::default();
    let no_record = JetError::NoCurrentRecord.code();
    assert_eq!(kinds(&plan, &trace(&plan, &[0, no_record]), &none), []);
    let foreign = JetError::DiskIO.code();
    let seen = trace(&plan, &[0, foreign]);
    assert_eq!(kinds(&plan, &seen, &none), [Kind::UnlistedCode]);
    let failed = trace(&plan, &[JetError::InternalError.code()]);
    assert_eq!(kinds(&plan, &failed, &none), [Kind::InternalError]);
}

#[test]
fn what_the_machine_says_counts_until_a_file_is_damaged() {
    let steps = "steps:
  - JetMove: { sesid: 0, tableid: 0, cRow: 1 }
  - remove-file: other.edb
  - JetMove: { sesid: 0, tableid: 0, cRow: 1 }
";
    let plan = plan(steps);
    let code = JetError::DiskIO.code();
    let before = trace(&plan, &[code, 0, 0]);
    assert_eq!(
        kinds(&plan, &before, &Report::default()),
        [Kind::UnlistedCode]
    );
    let after = trace(&plan, &[0, 0, code]);
    assert_eq!(kinds(&plan, &after, &Report::default()), []);
}

#[test]
fn a_failing_call_may_change_what_its_record_lists_and_nothing_else() {
    let plan = plan(TWO);
    let seen = trace(&plan, &[0, JetError::NoCurrentRecord.code()]);
    let moved = departure("JetMove", JetError::NoCurrentRecord, "positions");
    assert_eq!(kinds(&plan, &seen, &moved), []);
    let changed = departure("JetMove", JetError::NoCurrentRecord, "committed");
    assert_eq!(kinds(&plan, &seen, &changed), [Kind::FailureChanges]);
}

#[test]
fn a_call_beside_that_does_not_return_is_excused_only_where_something_keeps_it() {
    let late = |steps: &str| {
        let plan = plan(steps);
        let step = plan
            .steps
            .iter()
            .find(|step| matches!(step.action, Action::End { .. }));
        let trace = Trace {
            end: End::TimedOut {
                step: step.expect("an end").id,
                doing: "end".to_owned(),
                limit_ms: 1,
            },
            ..Trace::default()
        };
        kinds(&plan, &trace, &Report::default())
    };
    let stuck = "threads: [beside]
steps:
  - start: { label: move, JetMove: { sesid: 0, tableid: 0, cRow: 1 } }
    thread: beside
  - end: move
    thread: beside
";
    assert_eq!(late(stuck), [Kind::Timeout]);
    let kept = "callbacks:
  waits: { steps: [{ wait: leave }] }
threads: [beside]
steps:
  - JetRegisterCallback: { sesid: 0, tableid: 0, cbtyp: BeforeInsert, pCallback: waits }
  - start: { label: move, JetMove: { sesid: 0, tableid: 0, cRow: 1 } }
    thread: beside
  - end: move
    thread: beside
  - wake: leave
";
    assert_eq!(late(kept), []);
}

#[test]
fn what_the_genuine_engine_changes_besides_is_its_own() {
    let register = Register::embedded().expect("the register");
    let moved = departure("JetSetIndexRange", JetError::NoCurrentRecord, "positions");
    let broken = |profile| {
        let plan = plan(TWO);
        let index = StepIndex::new(&plan);
        let trace = trace(&plan, &[0, 0]);
        check(&register, profile, &plan, &index, &trace, &moved).len()
    };
    assert_eq!(
        (broken(Profile::Documented), broken(Profile::Genuine)),
        (1, 0)
    );
}

#[test]
fn a_deletion_that_nobody_can_take_back_stays_in_the_genuine_engine_alone() {
    let register = Register::embedded().expect("the register");
    let broken = |profile, code| {
        let changed = departure("JetUpdate", code, "unversioned");
        let plan = plan(TWO);
        let index = StepIndex::new(&plan);
        let trace = trace(&plan, &[0, 0]);
        check(&register, profile, &plan, &index, &trace, &changed).len()
    };
    let insertion = JetError::KeyDuplicate;
    assert_eq!(broken(Profile::Documented, insertion), 1);
    assert_eq!(broken(Profile::Genuine, insertion), 0);
    assert_eq!(broken(Profile::Genuine, JetError::WriteConflict), 1);
}

#[test]
fn what_a_callback_does_to_files_counts_for_the_call_around_it() {
    let steps = "callbacks:
  fills: { steps: [{ refuse-writes: true }] }
steps:
  - JetBackup: { szBackupPath: null, grbit: 0, pfnStatus: fills }
";
    let plan = plan(steps);
    let code = JetError::DiskIO.code();
    let seen = trace(&plan, &[code]);
    let none = Report::default();
    assert_eq!(kinds(&plan, &seen, &none), [Kind::UnlistedCode]);
    let inside = StepIndex::new(&plan)
        .iter()
        .find(|step| damages(&step.action))
        .expect("a step inside")
        .id;
    let mut filled = seen.clone();
    filled.steps[0].events = vec![Event {
        callback: crate::scenario::plan::CallbackId(0),
        kind: crate::run::trace::EventKind::Status,
        arguments: Arc::new([]),
        thread: crate::run::trace::EventThread::Plan(crate::scenario::plan::ThreadId(0)),
        steps: vec![StepTrace {
            step: inside,
            outcome: Outcome::Done,
            outputs: Vec::new(),
            events: Vec::new(),
            violations: Vec::new(),
        }],
        returned: 0,
    }];
    assert_eq!(kinds(&plan, &filled, &none), []);
}
