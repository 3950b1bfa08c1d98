//! Libraries that are not ours: under a name of their own, and one whose first answers are wrong.

use std::path::Path;
use std::process::Command;

use crate::support::Place;

/// The engine under another name is a library like any other: what it finds by the names in a schema
/// are the callbacks of the runner, in the module that the runner has loaded.
#[test]
fn a_library_of_another_name_finds_the_callbacks_that_schemas_name() {
    let own = Path::new(env!("CARGO_BIN_EXE_jetspec"))
        .parent()
        .expect("a folder")
        .join("deps")
        .join(format!(
            "{}jetspec{}",
            std::env::consts::DLL_PREFIX,
            std::env::consts::DLL_SUFFIX
        ));
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other.library");
    std::fs::copy(own, &other).expect("a copy");
    let output = Command::new(env!("CARGO_BIN_EXE_jetspec"))
        .args(["run", "--lib"])
        .arg(&other)
        .args(["stored/calling", "stored/finding", "defaults/answers"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("jetspec starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("other.library"), "{said}");
    assert!(said.contains("Everything as expected."), "{said}");
}

/// A step that only prepares says nothing about the library when it fails.
#[test]
fn a_wrong_answer_where_nothing_is_covered_says_nothing() {
    let place = Place::new();
    let scenario = "\
title: What only prepares
steps:
  - JetCreateInstance: { pinstance: null, szInstanceName: a }
    expect: JET_errInvalidParameter
";
    place.write("scenarios/mine/small.yaml", scenario);
    let said = place.run(&["--report", "json=a.json"]).is(1, &[]);
    let case = place.json("a.json")["cases"][0].clone();
    assert_eq!(case["verdict"], "inconclusive", "{said:?}");
    let seen = case["findings"].to_string();
    assert!(seen.contains("JET_errInvalidParameter"), "{seen}");
}
