//! The tests that are made of files.

mod benches;
mod cases;
mod matrix;
mod selftests;
mod snapshots;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jetspec::scenario::{self, Loaded, Shelf};
use jetspec::suite::Case;
use libtest_mimic::{Arguments, Failed, Trial};

use self::benches::Benches;

/// The scenario folder.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// The tests that the arguments can mean, and others: every one, or, where one is named exactly, those
/// of its file. A runner that gives each test a process of its own (cargo nextest) would otherwise have
/// each of them read the whole suite.
pub fn trials(arguments: &Arguments) -> Vec<Trial> {
    let benches = Arc::new(Benches::default());
    let named = arguments.filter.as_deref().filter(|_| arguments.exact);
    match named.and_then(Named::of) {
        Some(Named::Scenario(file)) => {
            let cases = cases_of(&load_one(file));
            let mut trials = cases::trials(&cases, &benches);
            trials.extend(snapshots::of_files(&cases, &benches));
            trials
        }
        Some(Named::SelfTest) => selftests::trials(&benches),
        None => every(&benches),
    }
}

/// What the exact name of a test says of where it comes from.
#[derive(Debug, PartialEq, Eq)]
enum Named<'n> {
    /// A scenario: `folder/file.yaml::case[documented]`, `folder/file.yaml[documented]` where it has
    /// one case without a name, or `snapshot::folder/file.yaml`.
    Scenario(&'n str),
    /// A file of the self-tests: `selftest::valid-fail/file.yaml`.
    SelfTest,
}

impl<'n> Named<'n> {
    /// Nothing for a test of the whole suite, and where the file cannot be told.
    fn of(test: &'n str) -> Option<Self> {
        match test.split_once("::") {
            Some(("suite", _)) => None,
            Some(("selftest", _)) => Some(Self::SelfTest),
            Some(("snapshot", file) | (file, _)) => Some(Self::Scenario(file)),
            None => test.split_once('[').map(|(file, _)| Self::Scenario(file)),
        }
    }
}

/// One scenario of the suite; nothing where there is none of that name or it has faults, which another
/// test tells.
fn load_one(file: &str) -> Loaded {
    let mut loaded = Loaded::default();
    let Ok(text) = scenario::read(&folder().join(file)) else {
        return loaded;
    };
    match scenario::parse_with(file, &text, Shelf::fixtures_of(&folder())) {
        Ok(scenario) => loaded.scenarios.push(scenario),
        Err(faults) => loaded.faults = faults,
    }
    loaded
}

fn cases_of(loaded: &Loaded) -> Vec<Arc<Case>> {
    Case::all(loaded).into_iter().map(Arc::new).collect()
}

/// Every test.
fn every(benches: &Arc<Benches>) -> Vec<Trial> {
    let loaded = scenario::load(&folder());
    let faults: Vec<String> = loaded
        .faults
        .iter()
        .map(|fault| fault.render(false))
        .collect();
    let cases = cases_of(&loaded);
    let mut trials = vec![Trial::test("suite::scenarios-have-no-fault", move || {
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Failed::from(faults.join("\n\n")))
        }
    })];
    let all = cases.clone();
    trials.push(Trial::test(
        "suite::the-matrix-has-every-function-of-a-cursor",
        move || matrix::has_every_function(&all),
    ));
    trials.extend(cases::trials(&cases, benches));
    trials.push(cases::linked(&cases, benches));
    trials.push(snapshots::orphans(&cases));
    trials.extend(snapshots::of_files(&cases, benches));
    trials.extend(selftests::trials(benches));
    trials.push(Trial::test(
        "suite::a-test-alone-is-the-one-of-all",
        move || same_alone(&cases),
    ));
    trials
}

/// Each scenario has the same cases, by name, when it is read alone.
fn same_alone(cases: &[Arc<Case>]) -> Result<(), Failed> {
    let names = |cases: &[Arc<Case>]| -> Vec<String> {
        let names = |case: &Arc<Case>| {
            case.profiles
                .iter()
                .map(|p| case.name(*p))
                .collect::<Vec<_>>()
        };
        cases.iter().flat_map(names).collect()
    };
    for of_file in cases.chunk_by(|a, b| a.plan.file == b.plan.file) {
        let together = names(of_file);
        for name in &together {
            if Named::of(name) != Some(Named::Scenario(&of_file[0].plan.file)) {
                return Err(format!("{name} does not say its file").into());
            }
        }
        if names(&cases_of(&load_one(&of_file[0].plan.file))) != together {
            return Err(format!("{} has other cases alone", of_file[0].plan.file).into());
        }
    }
    Ok(())
}
