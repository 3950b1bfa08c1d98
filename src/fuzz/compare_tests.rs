use std::sync::Arc;

use super::*;
use crate::run::trace::Value;
use crate::scenario::parse;

/// A plan of two calls, and what a reference does with it.
fn case() -> (Arc<Plan>, Trace) {
    let text = "
title: two calls
steps:
  - JetGetVersion: { sesid: 0 }
  - JetGetVersion: { sesid: 0 }
";
    let scenario = parse("two.yaml", text, None).expect("no fault");
    let plan = scenario.plans()[0].clone();
    let steps = plan.steps.iter().map(|step| StepTrace {
        step: step.id,
        outcome: Outcome::Returned(0),
        outputs: vec![
            ("pwVersion".into(), Value::Number(1)),
            ("cRecord".into(), Value::Number(5)),
        ],
        events: Vec::new(),
        violations: Vec::new(),
    });
    let trace = Trace {
        steps: steps.collect(),
        ..Trace::default()
    };
    (plan, trace)
}

fn found(plan: &Plan, reference: &Trace, library: &Trace, wavering: &Wavering) -> Option<Broken> {
    let register = Register::embedded().expect("the register");
    let measure = Measure {
        register: &register,
        profile: Profile::Documented,
        wavering,
    };
    difference(measure, plan, reference, library)
}

fn with(trace: &Trace, output: usize, number: i64) -> Trace {
    let mut other = trace.clone();
    other.steps[0].outputs[output].1 = Value::Number(number);
    other
}

#[test]
fn what_differs_is_found_and_is_the_library_s() {
    let (plan, trace) = case();
    let none = Wavering::default();
    assert_eq!(found(&plan, &trace, &trace, &none), None);
    let broken = found(&plan, &trace, &with(&trace, 1, 6), &none).expect("a finding");
    assert_eq!(
        (broken.detail.as_str(), broken.of_library),
        ("cRecord", true)
    );
    let mut refused = trace.clone();
    refused.steps[1].outcome = Outcome::Returned(-1104);
    let broken = found(&plan, &trace, &refused, &none).expect("a finding");
    assert_eq!(broken.kind, Kind::Differs);
}

#[test]
fn what_wavers_hides_nothing_else() {
    let (plan, trace) = case();
    let mut wavering = Wavering::default();
    wavering.take(&plan, Profile::Documented, &trace, &with(&trace, 0, 2));
    assert_eq!(found(&plan, &trace, &with(&trace, 0, 3), &wavering), None);
    let both = with(&with(&trace, 0, 3), 1, 6);
    let broken = found(&plan, &trace, &both, &wavering).expect("a finding");
    assert_eq!(broken.detail, "cRecord");
}

#[test]
fn what_the_engine_does_to_do_it_is_its_own_affair() {
    let (plan, mut trace) = case();
    for step in &mut trace.steps {
        let count = ("pvResult.cbLogRecord".into(), Value::Number(199));
        step.outputs.push(count);
    }
    let other = with(&trace, 2, 205);
    assert_eq!(found(&plan, &trace, &other, &Wavering::default()), None);
}

#[test]
fn memory_and_the_end_count_whatever_the_register_leaves_open() {
    let (plan, trace) = case();
    let mut violating = trace.clone();
    violating.steps[1].violations.push(Violation::InputWritten {
        name: "sesid".to_owned(),
        offset: 0,
    });
    let none = Wavering::default();
    let broken = found(&plan, &trace, &violating, &none).expect("a finding");
    assert_eq!(broken.kind, Kind::Memory);
    let mut dead = trace.clone();
    dead.steps.pop();
    dead.end = End::Died {
        step: plan.steps[1].id,
        doing: "JetGetVersion".to_owned(),
        how: "SIGSEGV".to_owned(),
    };
    let broken = found(&plan, &trace, &dead, &none).expect("a finding");
    assert_eq!((broken.kind, broken.of_library), (Kind::Crash, true));
}

#[test]
fn a_library_that_dies_inside_a_callback_has_died() {
    let (plan, trace) = case();
    let mut dead = trace.clone();
    dead.steps.pop();
    // A step that is none of the outermost ones has no position.
    dead.end = End::Died {
        step: StepId(9),
        doing: "JetBeginTransaction".to_owned(),
        how: "SIGSEGV".to_owned(),
    };
    let broken = found(&plan, &trace, &dead, &Wavering::default()).expect("a finding");
    assert_eq!(broken.kind, Kind::Crash);
}

#[test]
fn a_runner_that_breaks_is_no_library_s_fault() {
    let (plan, trace) = case();
    let broken = Trace {
        end: End::Broken {
            step: None,
            reason: "the disk is full".to_owned(),
        },
        ..Trace::default()
    };
    let broken = found(&plan, &trace, &broken, &Wavering::default()).expect("a finding");
    assert_eq!((broken.kind, broken.of_library), (Kind::Harness, false));
}

#[test]
fn the_folder_of_a_process_is_no_difference() {
    let (plan, mut trace) = case();
    let path = |folder: &str, name: &str| Value::Text(format!("/tmp/jetspec-{folder}/{name}"));
    trace.steps[0].outputs[0].1 = path("26518-4/work1", "jetspec.edb");
    let mut other = trace.clone();
    other.steps[0].outputs[0].1 = path("26518-1/work12", "jetspec.edb");
    let none = Wavering::default();
    assert_eq!(found(&plan, &trace, &other, &none), None);
    other.steps[0].outputs[0].1 = path("26518-1/work12", "other.edb");
    assert!(found(&plan, &trace, &other, &none).is_some());
}
