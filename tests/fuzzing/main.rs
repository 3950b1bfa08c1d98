//! Campaigns as whole things: the same seed makes the same programs however many run at a time, and
//! what is found of a library is a scenario that its defect fails and that a sound one passes.
//!
//! Hosts are this very program, started with other arguments.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use jetspec::fuzz::{Bench, Campaign, Corpus, Found, Kind, Outcome};
use jetspec::generate::{FIXTURES, Program};
use jetspec::host::control::Setup;
use jetspec::host::{Host, Options, Source, child};
use jetspec::judge::mismatches;
use jetspec::run::trace::End;
use jetspec::scenario::plan::Profile;
use jetspec::scenario::{Shelf, parse_with};
use jetspec::spec::Register;
use libtest_mimic::{Arguments, Failed, Trial};

/// The result of a trial.
type Result<T = ()> = std::result::Result<T, Failed>;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|first| first == "host") {
        return child::main(&words.collect::<Vec<_>>());
    }
    let trials = vec![
        Trial::test(
            "a_seed_makes_the_same_programs_however_many_run_at_a_time",
            same_programs,
        ),
        Trial::test(
            "a_defect_is_found_and_its_scenario_tells_it_from_a_sound_engine",
            a_defect,
        ),
        Trial::test("a_sound_library_is_found_nothing_of", a_sound_library),
        Trial::test(
            "what_a_failing_call_changes_shows_in_the_steps_of_the_scenario",
            a_failure_that_changes,
        ),
        Trial::test(
            "a_case_is_held_against_the_laws_that_need_a_second_run",
            a_second_run,
        ),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn run(campaign: &Campaign) -> Result<Outcome> {
    let outcome = campaign.run(&|| false, &mut |_| {});
    outcome.map_err(|error| error.to_string().into())
}

fn same_programs() -> Result {
    let campaign = |jobs| Campaign {
        seed: 11,
        time: Duration::from_secs(600),
        programs: Some(40),
        jobs,
        ..Campaign::default()
    };
    let (one, two) = (run(&campaign(1))?, run(&campaign(2))?);
    let whole = |outcome: &Outcome| {
        let tally = &outcome.tally;
        (tally.programs, tally.calls, tally.codes.clone())
    };
    if whole(&one) != whole(&two) || one.tally.pairs != two.tally.pairs {
        return Err(format!("{:?}\n{:?}", one.tally, two.tally).into());
    }
    let other = Campaign {
        seed: 12,
        ..campaign(1)
    };
    match (0..40).all(|number| campaign(1).program(number) == other.program(number)) {
        true => Err("another seed makes the same programs".into()),
        false => Ok(()),
    }
}

/// The cases of a file of the suite.
fn corpus(file: &str) -> Result<Arc<Corpus>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let text = std::fs::read_to_string(path.join(file))?;
    let scenario = parse_with(file, &text, Shelf::carried(FIXTURES))
        .map_err(|faults| faults[0].render(false))?;
    let programs: Vec<Program> = scenario.sketches().iter().filter_map(Program::of).collect();
    Ok(Arc::new(Corpus::new(programs)))
}

/// A campaign over one file of the suite, against a copy of the reference.
fn against(rules_off: &[&str]) -> Result<Campaign> {
    let corpus = corpus("navigation/changing-index.yaml")?;
    Ok(Campaign {
        seed: 1,
        time: Duration::from_secs(600),
        programs: Some(corpus.programs().len() as u64),
        findings: 1,
        library: Some(Source::Linked),
        rules_off: rules_off.iter().map(|id| (*id).to_owned()).collect(),
        careful: true,
        corpus,
        ..Campaign::default()
    })
}

const RULE: &str = "index/current-cancels-update";

fn a_defect() -> Result {
    let outcome = run(&against(&[RULE])?)?;
    let mut found = outcome.found.iter();
    let found = found.find(|found| found.broken.of_library);
    let found = found.ok_or("the defect is not found")?;
    if !found.is_known || found.program.size() > 5 {
        return Err(format!("it is no simple case of the suite:\n{}", found.yaml).into());
    }
    match (passes(found, &[])?, passes(found, &[RULE])?) {
        (true, false) => Ok(()),
        (sound, defect) => Err(format!(
            "it passes on a sound engine: {sound}, with the defect: {defect}\n{}",
            found.yaml
        )
        .into()),
    }
}

/// Whether an engine without these rules passes the scenario of a finding.
fn passes(found: &Found, rules_off: &[&str]) -> Result<bool> {
    let scenario = parse_with("found.yaml", &found.yaml, Shelf::carried(FIXTURES))
        .map_err(|faults| faults[0].render(false))?;
    let mut host = Host::new(Options::new(Source::Linked)?).map_err(|error| error.to_string())?;
    let setup = Setup {
        profile: Profile::Documented,
        rules_off: rules_off.iter().map(|id| (*id).to_owned()).collect(),
        watched: false,
    };
    let mut plans = scenario.plans().iter();
    Ok(plans.all(|plan| {
        let trace = host.run(plan, &setup);
        trace.end == End::Complete && mismatches(plan, setup.profile, &trace).is_empty()
    }))
}

/// Rules whose defect is that a call which fails, or a rollback, leaves something changed, with a file
/// that makes such calls.
const FAILURES: &[(&str, &str)] = &[
    (
        "update/prepare-failure-changes-nothing",
        "updates/numbering.yaml",
    ),
    (
        "delete/failure-keeps-position",
        "updates/after-deleting.yaml",
    ),
    ("column/rolled-back", "columns/adding.yaml"),
];

fn a_failure_that_changes() -> Result {
    for (rule, file) in FAILURES {
        let outcome = run(&Campaign {
            library: None,
            corpus: corpus(file)?,
            ..against(&[rule])?
        })?;
        let mut found = outcome.found.iter();
        let found =
            found.find(|found| matches!(found.broken.kind, Kind::FailureChanges | Kind::Rollback));
        let found = found.ok_or(format!("{rule}: no change is found"))?;
        match (passes(found, &[])?, passes(found, &[rule])?) {
            (true, false) => {}
            (sound, defect) => {
                let how = format!("on a sound engine: {sound}, with the defect: {defect}");
                return Err(format!("it passes {how}\n{}", found.yaml).into());
            }
        }
    }
    Ok(())
}

/// A case whose one record is lost with the process, where the rule is off.
const COMMITS: &str = "
title: a record
fixture: durable
steps:
  - JetPrepareUpdate: { prep: Insert }
  - JetUpdate: {}
  - kill-host: true
";

fn a_second_run() -> Result {
    let broken = |rules_off: &[String]| -> Result<Vec<String>> {
        let register = Arc::new(Register::embedded()?);
        let mut bench = Bench::hosted(register, Profile::Documented, None, rules_off)?;
        let scenario = parse_with("commits.yaml", COMMITS, Shelf::carried(FIXTURES))
            .map_err(|faults| faults[0].render(false))?;
        let (plan, sketch) = (&scenario.plans()[0], &scenario.sketches()[0]);
        let run = bench.run_case(plan.clone(), Program::of(sketch).as_ref());
        Ok(run.broken.into_iter().map(|broken| broken.detail).collect())
    };
    let lossy = ["durable/commit-survives-kill".to_owned()];
    let (sound, defect) = (broken(&[])?, broken(&lossy)?);
    match sound.is_empty() && defect == ["restart"] {
        true => Ok(()),
        false => Err(format!("sound: {sound:?}, with the defect: {defect:?}").into()),
    }
}

fn a_sound_library() -> Result {
    let outcome = run(&against(&[])?)?;
    match outcome.found.first() {
        None if outcome.tally.programs > 5 => Ok(()),
        None => Err(format!("only {} programs", outcome.tally.programs).into()),
        Some(found) => Err(found.yaml.clone().into()),
    }
}
