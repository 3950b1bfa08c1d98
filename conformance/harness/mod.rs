//! The tests that are made of files.

mod benches;
mod cases;
mod matrix;
mod selftests;
mod snapshots;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jetspec::scenario;
use jetspec::suite::Case;
use libtest_mimic::{Failed, Trial};

use self::benches::Benches;

/// The scenario folder.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// Every test.
pub fn trials() -> Vec<Trial> {
    let benches = Arc::new(Benches::default());
    let loaded = scenario::load(&folder());
    let faults: Vec<String> = loaded
        .faults
        .iter()
        .map(|fault| fault.render(false))
        .collect();
    let cases: Vec<Arc<Case>> = Case::all(&loaded).into_iter().map(Arc::new).collect();
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
    trials.extend(cases::trials(&cases, &benches));
    trials.extend(snapshots::trials(&cases, &benches));
    trials.extend(selftests::trials(&benches));
    trials
}
