//! What isolation costs. A scenario of ten steps in a host that is used again, against starting an
//! empty program for it and waiting for its end: at most a tenth. The whole suite in hosts, against
//! the same in this process: at most 1.5 times. And 10,000 scenarios on two workers, several times in a
//! row: the last thousand costs what the first did, the parent's memory stays small, no verdict differs.
//!
//! `JETSPEC_ROUNDS=100 cargo bench --bench hosts` does the 10,000 so many times; with `-- long` after it
//! nothing else is measured.

#[path = "shared/side_by_side.rs"]
mod side_by_side;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use jetspec::abi::Release;
use jetspec::host::control::Setup;
use jetspec::host::{Host, Options, Source, System};
use jetspec::judge::Verdict;
use jetspec::report::CaseReport;
use jetspec::run::trace::End;
use jetspec::scenario::plan::Plan;
use jetspec::scenario::{self, parse};
use jetspec::spec::Register;
use side_by_side::{Way, compare};

use jetspec::suite::{Bench, Case, Desk, HostBench, LocalBench, Session, Setting, Task};

const TEN_STEPS: &str = r#"
title: a session comes and goes
fixture: instance
steps:
  - JetBeginSession: { psesid: ->sesid }
  - JetBeginTransaction: {}
  - JetBeginTransaction: {}
  - JetCommitTransaction: {}
  - JetCommitTransaction: {}
  - JetEndSession: {}
  - JetTerm: {}
"#;

/// Scenarios that one round of the comparison runs.
const SCENARIOS: u32 = 1000;
/// Scenarios of the long run, how many of them are measured together, and its workers.
const MANY: usize = 10_000;
const THOUSAND: usize = 1000;
const WORKERS: usize = 2;
/// How often the long run is done, where nobody says.
const ROUNDS: usize = 11;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

fn plan() -> Arc<Plan> {
    let scenario = match parse("bench.yaml", TEN_STEPS, Some(&folder())) {
        Ok(scenario) => scenario,
        Err(faults) => panic!("{faults:#?}"),
    };
    let plan = scenario.plans().first().expect("one case").clone();
    assert_eq!(plan.steps.len(), 10);
    plan
}

fn options() -> Options {
    // The copy in the executable: a bench must not depend on what was built beside it.
    let mut options = Options::new(Source::Linked).expect("an executable");
    options.program = vec![env!("CARGO_BIN_EXE_jetspec").into(), "host".into()];
    options
}

fn in_hosts(host: &mut Host, plan: &Arc<Plan>) -> Duration {
    let setup = Setup::default();
    let begun = Instant::now();
    for _ in 0..SCENARIOS {
        assert_eq!(host.run(plan, &setup).end, End::Complete);
    }
    begun.elapsed()
}

fn empty_programs() -> Duration {
    let begun = Instant::now();
    for _ in 0..SCENARIOS {
        let status = Command::new("true").status().expect("an empty program");
        assert!(status.success());
    }
    begun.elapsed()
}

/// The whole suite on one bench; cases that kill their host need one and are left out.
fn suite(cases: &[Case], bench: &mut dyn Bench) -> Duration {
    let setting = Setting::default();
    let begun = Instant::now();
    for case in cases {
        assert_eq!(
            bench.run(&case.plan, &setting).end,
            End::Complete,
            "{}",
            case.plan.file
        );
    }
    begun.elapsed()
}

fn cases() -> Vec<Case> {
    let loaded = scenario::load(&folder());
    let mut cases = Case::all(&loaded);
    let setting = Setting::default();
    let mut local = LocalBench::new(&Source::Linked).expect("the engine in this executable");
    cases.retain(|case| {
        case.gate(setting.profile, Release::Windows10, System::HERE)
            .is_none()
            && local.run(&case.plan, &setting).end == End::Complete
    });
    cases
}

/// 10,000 cases on two workers: what each thousand took, and the verdicts.
fn many(case: &Case, register: &Register) -> (Vec<Duration>, Vec<Verdict>) {
    let session = Session {
        register,
        level: Release::Windows10,
        system: System::HERE,
        jobs: WORKERS,
        repeat: 1,
    };
    let task = Task {
        case,
        setting: Setting::default(),
    };
    let tasks = vec![task; MANY];
    let desk = || {
        Ok::<_, jetspec::host::HostError>(Desk {
            library: Box::new(HostBench::new(options())?),
            reference: None,
        })
    };
    let mut thousands = Vec::new();
    let (mut done, mut since) = (0, Instant::now());
    let reports = session.run(&tasks, desk, |_| {
        done += 1;
        if done % THOUSAND == 0 {
            thousands.push(since.elapsed());
            since = Instant::now();
        }
    });
    let reports = reports.expect("hosts");
    (thousands, reports.iter().map(CaseReport::verdict).collect())
}

/// The most memory that this process has had, in MiB, where the system tells.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        0 => (values[middle - 1] + values[middle]) / 2.0,
        _ => values[middle],
    }
}

/// What each thousand of a run cost over the rounds. A busy machine makes single times say little: so
/// the cost of a thousand is the median over the rounds, and the first and the last of a round, which
/// were measured within seconds of each other, are also compared round by round.
fn long_run(rounds: usize) {
    let plan = plan();
    let place = plan.steps[0].place.clone();
    let case = Case::new(plan, place);
    let register = Register::embedded().expect("the register");
    let mut rows: Vec<Vec<f64>> = Vec::new();
    let mut differing = 0;
    for _ in 0..rounds {
        let (thousands, verdicts) = many(&case, &register);
        assert_eq!(verdicts.len(), MANY);
        differing += verdicts
            .iter()
            .filter(|verdict| **verdict != Verdict::Pass)
            .count();
        rows.push(thousands.iter().map(Duration::as_secs_f64).collect());
    }
    let medians: Vec<f64> = (0..MANY / THOUSAND)
        .map(|at| median(rows.iter().map(|row| row[at]).collect()))
        .collect();
    let each: Vec<String> = medians
        .iter()
        .map(|seconds| format!("{:.1}", seconds * 1e6 / THOUSAND as f64))
        .collect();
    let (first, last) = (medians[0], medians[medians.len() - 1]);
    let by_round = median(rows.iter().map(|row| row[row.len() - 1] / row[0]).collect());
    println!("{rounds} times {MANY} scenarios on {WORKERS} workers:");
    println!(
        "  a scenario of each thousand, median in us: {}",
        each.join(" ")
    );
    println!(
        "  last thousand / first thousand: {:.3} of the medians, {by_round:.3} the median round by round (at most 1.1)",
        last / first
    );
    println!(
        "  {differing} of {} verdicts differ, at most {} MiB here (at most 200)",
        rounds * MANY,
        most_memory().map_or("an unknown number of".to_owned(), |mib| mib.to_string())
    );
}

/// The long run in a process of its own: its memory is then a parent's, and nothing else's.
fn long_run_apart() {
    let program = std::env::current_exe().expect("this program");
    let status = Command::new(program).arg("long").status();
    assert!(status.expect("this program again").success());
}

fn main() {
    if std::env::args().any(|argument| argument == "long") {
        let rounds = std::env::var("JETSPEC_ROUNDS").ok();
        return long_run(
            rounds
                .and_then(|rounds| rounds.parse().ok())
                .unwrap_or(ROUNDS),
        );
    }
    let plan = plan();
    let mut host = Host::start(options()).expect("a host");
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let scenarios = compare(
        &mut criterion,
        Way::new("1,000 scenarios in a host", || in_hosts(&mut host, &plan)),
        Way::new("1,000 empty programs", empty_programs),
        0.1,
    );
    let cases = cases();
    let mut apart = HostBench::new(options()).expect("a host");
    let mut here = LocalBench::new(&Source::Linked).expect("the engine in this executable");
    let whole_suite = compare(
        &mut criterion,
        Way::new("the suite in a host", || suite(&cases, &mut apart)),
        Way::new("the suite in this process", || suite(&cases, &mut here)),
        1.5,
    );
    criterion.final_summary();
    // Under a filter only what it names is measured.
    if scenarios && whole_suite {
        long_run_apart();
    }
}
