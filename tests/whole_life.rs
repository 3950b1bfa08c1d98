//! A database written through the library, killed in the middle, recovered, backed up, restored
//! elsewhere under a new name, and compacted holds exactly the committed records at each stage.
//!
//! A history is drawn at random, told as a scenario, and run in hosts that are really killed, between
//! calls and at notifications of the long operations; not by another thread in the middle of a call.
//! The number of histories is `PROPTEST_CASES`, by default few enough for every `cargo test`; they are
//! the same each time.

#[path = "whole_life/history.rs"]
mod history;
#[path = "whole_life/records.rs"]
mod records;
#[path = "whole_life/stages.rs"]
mod stages;
#[path = "whole_life/story.rs"]
mod story;

use std::path::Path;
use std::sync::Mutex;

use jetspec::host::control::Setup;
use jetspec::host::{Host, Options, Source};
use jetspec::judge::{mismatches, render};
use jetspec::run::trace::{StepTrace, Trace, Value};
use jetspec::scenario::parse;
use jetspec::scenario::plan::Profile;
use jetspec::suite::Case;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use history::History;
use story::Generations;

/// How many histories are tried where nobody says how many.
const CASES: u32 = 6;
/// Where the random numbers begin.
const SEED: [u8; 32] = *b"a database that is written, kill";

fn host() -> Host {
    let source = Source::reference().expect("the freshly built library");
    let mut options = Options::new(source).expect("the name of this executable");
    // Histories are no measurement: a machine with much else to do may take its time.
    options.limits.step_ms *= 6;
    options.limits.run_ms *= 6;
    options.program = vec![
        Path::new(env!("CARGO_BIN_EXE_jetspec")).into(),
        "host".into(),
    ];
    Host::start(options).expect("a host")
}

/// What is said of a story that is no scenario: a fault of this test, and of no engine.
const NO_SCENARIO: &str = "no scenario";

/// Runs a scenario and gives its trace, or what is not as it should be.
fn run(text: &str, host: &mut Host, setup: &Setup) -> Result<Trace, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let scenario = parse("durability/history.yaml", text, Some(&folder)).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(|fault| fault.render(false)).collect();
        format!("{NO_SCENARIO}: {}\n{text}", faults.join("\n"))
    })?;
    let cases = Case::of(&scenario);
    let [case] = cases.as_slice() else {
        return Err(format!("{} cases\n{text}", cases.len()));
    };
    let trace = host.run(&case.plan, setup);
    let found = mismatches(&case.plan, setup.profile, &trace);
    if let Some(first) = found.first() {
        let (expected, seen) = (&first.expected, &first.seen);
        let place = first.place.as_ref().map_or(0, |place| place.line);
        return Err(format!(
            "line {place}: {}: expected {expected}, seen {seen}\n{text}\n{}",
            first.doing,
            render(&case.plan, &trace)
        ));
    }
    match trace.end {
        jetspec::run::trace::End::Complete => Ok(trace),
        end => Err(format!("{end:?}\n{text}")),
    }
}

/// The generations that the last step of a trace asked for.
fn generations(trace: &Trace) -> Option<Generations> {
    let StepTrace { outputs, .. } = trace.steps.last()?;
    // JET_BKINFO: the mark, the time, the first generation, the last.
    let bytes = bytes_of(outputs, "bkinfoFullPrev")?;
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some(Generations {
        low: number(16)?,
        high: number(20)?,
    })
}

fn bytes_of<'v>(values: &'v [(jetspec::run::trace::Name, Value)], name: &str) -> Option<&'v [u8]> {
    values.iter().find_map(|(found, value)| match value {
        Value::Bytes(bytes) if found.ends_with(name) => Some(bytes.as_slice()),
        Value::Structure(fields) => bytes_of(fields, name),
        _ => None,
    })
}

/// Runs a history; how many log files its backup has, or what is not as it should be.
fn live(history: &History, host: &mut Host, setup: &Setup) -> Result<u32, String> {
    let until = story::tell_until_the_backup(history);
    let asked = run(&until, host, setup)?;
    let logs = generations(&asked).filter(|logs| (1..=logs.high).contains(&logs.low));
    let logs = logs.ok_or_else(|| format!("the backup has no generations\n{until}"))?;
    run(&story::tell(history, logs), host, setup)?;
    Ok(logs.high - logs.low + 1)
}

fn cases() -> u32 {
    let said = std::env::var("PROPTEST_CASES").ok();
    said.and_then(|said| said.parse().ok()).unwrap_or(CASES)
}

/// Tries histories until one of them shows a departure. How many log files the backups have, the
/// largest of them.
fn try_histories(setup: &Setup, shrinks: u32) -> Result<u32, String> {
    let config = Config {
        cases: cases(),
        max_shrink_iters: shrinks,
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let mut runner = TestRunner::new_with_rng(config, random);
    let state = Mutex::new((host(), 0));
    let outcome = runner.run(&history::histories(), |history| {
        let mut state = state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let (host, most) = &mut *state;
        let logs = live(&history, host, setup).map_err(TestCaseError::fail)?;
        *most = logs.max(*most);
        Ok(())
    });
    let (_, most) = state
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    outcome
        .map(|()| most)
        .map_err(|error| format!("seed {:?}: {error}", String::from_utf8_lossy(&SEED)))
}

fn holds_for_every_history(profile: Profile) {
    let setup = Setup {
        profile,
        rules_off: Vec::new(),
        watched: false,
    };
    match try_histories(&setup, 60) {
        Ok(logs) => assert!(logs >= 3, "no backup has a log file between two others"),
        Err(departure) => panic!("{departure}"),
    }
}

/// An engine that loses something at one of the stages.
#[test]
fn what_is_lost_is_noticed() {
    for rule in [
        "durable/commit-survives-kill",
        "durable/recovery-committed",
        "recovery/map",
        "restore/restores",
        "restore/rolls-forward",
        "restore/log-missing",
        "restore/external",
        "compact/copies",
        "compact/long-values",
    ] {
        let setup = Setup {
            profile: Profile::Documented,
            rules_off: vec![rule.to_owned()],
            watched: false,
        };
        let departure = try_histories(&setup, 0).expect_err(rule);
        assert!(!departure.contains(NO_SCENARIO), "{rule}: {departure}");
    }
}

#[test]
fn only_what_was_committed_is_there_at_each_stage() {
    holds_for_every_history(Profile::Documented);
}

#[test]
fn and_so_it_is_with_the_published_engine() {
    holds_for_every_history(Profile::Genuine);
}
