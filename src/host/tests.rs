//! Hosts with a library that crashes, hangs, leaves and scribbles.

use std::sync::Arc;
use std::time::Instant;

use super::*;
use crate::abi::role::Scalar;
use crate::run::Limits;
use crate::run::example::{call, held, memory, output, plan, step, variable, with_memory};
use crate::run::fake;
use crate::run::trace::{End, Outcome, Trace, Value};
use crate::scenario::plan::{Action, Argument, FileAction, Plan, Show, Step, StepId};

use super::control::Setup;

/// The name of the test that becomes a host when the tests below start it.
const BECOME_A_HOST: &str = "host::tests::become_a_host";

#[test]
#[ignore = "started by the other tests"]
fn become_a_host() {
    let mut streams = streams::Streams::take().expect("streams");
    child::greet(&mut streams.output).expect("a parent");
    // Fails when the parent goes, as it does.
    let _ = child::serve(streams, Loaded::foreign(fake::api()));
}

fn options() -> Options {
    let mut options = Options::new(Source::Linked).expect("an executable");
    let arguments = [BECOME_A_HOST, "--exact", "--ignored", "--nocapture"];
    options.program.truncate(1);
    options.program.extend(arguments.map(Into::into));
    // What a host is told about its library means nothing to this one.
    options.program.push("--".into());
    options.limits = Limits {
        step_ms: 500,
        run_ms: 5000,
    };
    options
}

fn go(steps: Vec<Step>) -> Trace {
    run_plan(plan(steps))
}

fn run_plan(plan: Plan) -> Trace {
    let mut host = Host::start(options()).expect("a host");
    host.run(&Arc::new(plan), &Setup::default())
}

fn begin_transaction(id: u32, sesid: u64) -> Step {
    let call = call("JetBeginTransaction", &[Argument::Word(sesid)]);
    step(id, Action::Call(call.into()))
}

fn died(how: &str) -> End {
    End::Died {
        step: StepId(8),
        doing: "JetBeginTransaction".into(),
        how: how.into(),
    }
}

/// A plan whose third step does something bad.
fn bad(sesid: u64) -> Trace {
    let trace = go(vec![
        begin_transaction(6, 0),
        begin_transaction(7, 0),
        begin_transaction(8, sesid),
        begin_transaction(9, 0),
    ]);
    let steps: Vec<u32> = trace.steps.iter().map(|step| step.step.0).collect();
    if trace.end != End::Complete {
        assert_eq!(steps, [6, 7], "what was done before is kept");
    }
    trace
}

#[test]
fn a_plan_runs_to_its_end() {
    let trace = bad(0);
    assert_eq!(trace.end, End::Complete);
    assert_eq!(trace.steps.len(), 4);
}

#[cfg(unix)]
#[test]
fn a_death_names_the_step_and_the_signal() {
    assert_eq!(bad(fake::ABORT).end, died("signal SIGABRT (abort)"));
    let fault = bad(fake::FAULT);
    assert_eq!(fault.end, died("signal SIGSEGV (segmentation fault)"));
}

#[test]
fn a_library_that_leaves_has_died() {
    assert_eq!(bad(fake::EXIT).end, died("exit code 0"));
}

#[test]
fn a_step_that_never_ends_is_timed_out() {
    let begun = Instant::now();
    let end = End::TimedOut {
        step: StepId(8),
        doing: "JetBeginTransaction".into(),
        limit_ms: 500,
    };
    assert_eq!(bad(fake::HANG).end, end);
    assert!(begun.elapsed().as_secs() < 10);
}

#[test]
fn what_the_library_prints_is_no_frame() {
    let trace = bad(fake::SCRIBBLE);
    assert_eq!(trace.end, End::Complete, "{}", trace.stderr);
    assert!(
        trace.stderr.contains("this is no frame"),
        "{}",
        trace.stderr
    );
}

#[test]
fn one_host_after_the_other() {
    let mut host = Host::start(options()).expect("a host");
    for sesid in [fake::EXIT, 0, fake::ABORT, 0] {
        let plan = Arc::new(plan(vec![begin_transaction(8, sesid)]));
        let trace = host.run(&plan, &Setup::default());
        assert_eq!(trace.end == End::Complete, sesid == 0);
    }
}

#[test]
fn the_plan_goes_on_in_a_new_host_with_variables_and_files() {
    let bind = |id, from, variable| {
        let sesid = output("psesid", 8, Show::Scalar(Scalar::Sesid), variable);
        let call = call("JetDupSession", &[from, memory(0)]);
        step(id, Action::Call(with_memory(call, vec![sesid]).into()))
    };
    let file = |id, action| step(id, Action::File(action));
    let path = || "a.edb".to_owned();
    let unchanged = |compare| FileAction::Unchanged {
        path: path(),
        compare,
    };
    let bytes = b"kept".to_vec();
    let mut plan = plan(vec![
        bind(0, Argument::Word(6), Some(0)),
        file(
            1,
            FileAction::Write {
                path: path(),
                bytes,
            },
        ),
        file(2, unchanged(false)),
        step(3, Action::KillHost),
        bind(4, held(0), Some(1)),
        file(5, unchanged(true)),
        step(6, Action::KillHost),
        bind(7, held(0), None),
    ]);
    plan.variables = vec![
        variable("first", Scalar::Sesid),
        variable("second", Scalar::Sesid),
    ];
    let trace = run_plan(plan);
    assert_eq!(trace.end, End::Complete);
    let steps: Vec<u32> = trace.steps.iter().map(|step| step.step.0).collect();
    assert_eq!(steps, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert!(
        trace
            .steps
            .iter()
            .all(|step| !matches!(step.outcome, Outcome::Failed(_)))
    );
    let (_, value) = &trace.steps[7].outputs[0];
    assert_eq!(*value, Value::Named("second".into()));
}

#[test]
fn a_host_behind_a_launcher_makes_its_own_folder() {
    let mut options = options();
    options.launcher = Launcher::parse("env").expect("a launcher");
    let mut host = Host::start(options).expect("a host");
    let file = FileAction::MakeFolder("a".into());
    let plan = plan(vec![
        step(0, Action::File(file)),
        begin_transaction(8, fake::EXIT),
    ]);
    let trace = host.run(&Arc::new(plan), &Setup::default());
    assert_eq!(trace.end, died("exit code 0"));
    assert_eq!(trace.steps[0].outcome, Outcome::Done);
}

#[test]
fn what_is_no_host_is_an_error() {
    let mut options = options();
    options.program = vec!["true".into()];
    assert!(matches!(
        Host::start(options),
        Err(HostError::Silent { .. })
    ));
}

#[cfg(unix)]
#[test]
fn a_host_ends_with_its_parent_even_inside_the_library() {
    let options = options();
    let mut words = options.program.clone();
    words.push("--static".into());
    let mut process = process::Process::start(&words, false).expect("a host");
    let kinds = |process: &mut process::Process, wanted: protocol::Kind| loop {
        match process
            .frames
            .recv_timeout(std::time::Duration::from_secs(60))
            .expect("a frame")
        {
            protocol::Frame::Whole(kind, _) if kind == wanted => return,
            _ => {}
        }
    };
    kinds(&mut process, protocol::Kind::Loaded);
    let job = protocol::Job {
        plan: Arc::new(plan(vec![begin_transaction(8, fake::HANG)])),
        limits: options.limits,
        resume: crate::run::Resume::default(),
        setup: Setup::default(),
        folder: None,
        announcements: None,
    };
    let job = protocol::encode(&job).expect("a job");
    let until = Instant::now() + std::time::Duration::from_secs(60);
    let told = process.tell(protocol::Kind::Job, &job, until);
    told.expect("a host that listens");
    kinds(&mut process, protocol::Kind::Folder);
    assert!(process.ended().is_none());
    process.input = None;
    let begun = Instant::now();
    while process.ended().is_none() && begun.elapsed().as_secs() < 10 {
        std::thread::yield_now();
    }
    assert!(process.ended().is_some());
}
