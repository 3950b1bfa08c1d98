use super::super::example::*;
use super::*;
use crate::run::trace::{StepTrace, Value};
use crate::scenario::plan::Step;

fn verdict_under(profile: Profile, steps: Vec<Step>, library: Trace) -> CaseVerdict {
    let register = register();
    let court = Court {
        register: &register,
        profile,
        level: Release::Windows7,
    };
    let good = steps.iter().map(|step| returned(step.id.0, 0)).collect();
    judge(court, &plan(steps), &trace(good), &library)
}

fn verdict(steps: Vec<Step>, library: Vec<StepTrace>) -> CaseVerdict {
    verdict_under(Profile::Documented, steps, trace(library))
}

#[test]
fn what_both_do_passes() {
    let judged = verdict(vec![step(0, &["area/must"])], vec![returned(0, 0)]);
    assert_eq!(judged, CaseVerdict::plain(Verdict::Pass));
}

#[test]
fn a_documented_must_fails_and_the_rest_differs() {
    for (ids, expected) in [
        (&["area/must"][..], Verdict::Fail),
        (&["area/observed"], Verdict::Differs),
        (&["area/observed", "area/must"], Verdict::Fail),
        (&["area/late"], Verdict::Differs),
        (&[], Verdict::Inconclusive),
    ] {
        let judged = verdict(vec![step(0, ids)], vec![returned(0, -1601)]);
        assert_eq!(judged.verdict, expected, "{ids:?}");
        assert!(judged.diff.contains("+JetMove"), "{}", judged.diff);
    }
}

#[test]
fn the_documents_do_not_bind_where_the_genuine_engine_is_the_measure() {
    let steps = || vec![step(0, &["area/differs"])];
    let wrong = || trace(vec![returned(0, -1601)]);
    assert_eq!(
        verdict_under(Profile::Documented, steps(), wrong()).verdict,
        Verdict::Fail
    );
    assert_eq!(
        verdict_under(Profile::Genuine, steps(), wrong()).verdict,
        Verdict::Differs
    );
}

#[test]
fn what_follows_a_failed_control_step_does_not_count() {
    let steps = || vec![step(0, &[]), step(1, &["area/must"])];
    let judged = verdict(steps(), vec![returned(0, -1601), returned(1, -1601)]);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    let steps = || vec![step(0, &["area/must"]), step(1, &[])];
    let judged = verdict(steps(), vec![returned(0, -1601), returned(1, -1601)]);
    assert_eq!(judged.verdict, Verdict::Fail);
    assert!(judged.names("area/must"));
}

#[test]
fn an_expectation_that_the_reference_breaks_is_the_suites_fault() {
    let register = register();
    let court = Court {
        register: &register,
        profile: Profile::Documented,
        level: Release::Windows10,
    };
    let plan = plan(vec![step(0, &["area/must"])]);
    let judged = judge(
        court,
        &plan,
        &trace(vec![returned(0, -1)]),
        &trace(vec![returned(0, 0)]),
    );
    assert_eq!(judged.verdict, Verdict::Harness);
}

#[test]
fn the_end_of_a_run_decides() {
    let step_id = StepId(0);
    let ends = [
        (
            End::Died {
                step: step_id,
                doing: "JetMove".into(),
                how: "signal 11".into(),
            },
            Verdict::Crash,
        ),
        (
            End::TimedOut {
                step: step_id,
                doing: "JetMove".into(),
                limit_ms: 10,
            },
            Verdict::Timeout,
        ),
        (
            End::Unsupported {
                step: step_id,
                function: "JetMove".into(),
            },
            Verdict::Unsupported,
        ),
        (
            End::Broken {
                step: None,
                reason: "no scratch folder".into(),
            },
            Verdict::Harness,
        ),
    ];
    for (end, expected) in ends {
        let library = Trace {
            end,
            ..Trace::default()
        };
        let judged = verdict_under(Profile::Documented, vec![step(0, &["area/must"])], library);
        assert_eq!(judged.verdict, expected);
        assert_eq!(
            judged.missing_function.is_some(),
            expected == Verdict::Unsupported
        );
    }
}

#[test]
fn a_failure_before_the_missing_function_is_still_a_failure() {
    let library = Trace {
        steps: vec![returned(0, -1601)],
        end: End::Unsupported {
            step: StepId(1),
            function: "JetMove".into(),
        },
        ..Trace::default()
    };
    let steps = vec![step(0, &["area/must"]), step(1, &[])];
    assert_eq!(
        verdict_under(Profile::Documented, steps, library).verdict,
        Verdict::Fail
    );
}

#[test]
fn what_no_expectation_names_differs() {
    let mut odd = returned(0, 0);
    odd.events.clear();
    odd.outputs.push(("pcbActual".into(), Value::Number(5)));
    let register = register();
    let court = Court {
        register: &register,
        profile: Profile::Documented,
        level: Release::Windows10,
    };
    let mut usual = odd.clone();
    usual.outputs[0].1 = Value::Number(4);
    let plan = plan(vec![step(0, &[])]);
    let judged = judge(court, &plan, &trace(vec![usual]), &trace(vec![odd]));
    assert_eq!(judged.verdict, Verdict::Differs);
    assert_eq!(judged.findings[0].mismatch.expected, "4");
}

#[test]
fn the_covered_ids_of_a_case_are_each_named_once() {
    let plan = plan(vec![step(0, &["b/b", "a/a"]), step(1, &["a/a"])]);
    assert_eq!(covered(&plan), ["a/a", "b/b"]);
}
