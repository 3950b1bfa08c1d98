//! What the words on the command line select.

use std::path::Path;

use crate::support::{file, folder, jetspec, says, text};

#[test]
fn a_filter_that_selects_nothing_is_4() {
    says(
        &["run", "no-such-thing-anywhere"],
        4,
        &["no-such-thing-anywhere"],
    );
    says(&["list", "no-such-thing-anywhere"], 4, &["selects no case"]);
    // Beside one that selects something, too: a renamed file must not leave a run unseen.
    says(
        &["run", "callbacks/first", "no-such-thing-anywhere"],
        4,
        &["no-such-thing-anywhere selects no case"],
    );
    says(
        &["list", "callbacks/frist.yaml"],
        4,
        &["did you mean `callbacks/first.yaml`?"],
    );
}

#[test]
fn a_file_that_is_none_of_the_suite_is_not_taken_for_one_of_the_same_name() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("callbacks")).expect("a folder");
    let path = file(&folder, "callbacks/first.yaml", b"title: another\n");
    for command in ["run", "list"] {
        says(
            &[command, text(&path)],
            2,
            &["is a file, but none of the suite", "--scenarios FOLDER"],
        );
    }
    says(
        &["run", "--scenarios", text(&path)],
        2,
        &["--scenarios takes a folder"],
    );
    // The suite's own, as a shell completes it.
    says(
        &["list", "conformance/callbacks/first.yaml"],
        0,
        &["1 case of 1 scenario"],
    );
}

#[test]
fn every_line_of_a_case_selects_it_and_no_other() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/callbacks/first.yaml");
    let lines = std::fs::read_to_string(path).expect("the scenario");
    let lines: Vec<&str> = lines.lines().collect();
    let named = lines.iter().position(|line| *line == "  refused:");
    for line in named.expect("the case") + 1..=lines.len() {
        for place in [
            format!("callbacks/first.yaml:{line}"),
            format!("callbacks/first.yaml:{line}:3"),
        ] {
            says(&["list", &place], 0, &["1 case of 1 scenario"]);
        }
    }
    says(&["list", "callbacks/first.yaml:1"], 4, &["selects no case"]);
    // A line that the file does not have is no line of its last case.
    let count = lines.len();
    for command in ["list", "run", "trace"] {
        let behind = format!("callbacks/first.yaml:{}", count + 1);
        let said = format!("selects no case: the file has {count} lines");
        says(&[command, &behind], 4, &[&said]);
    }

    let folder = folder();
    std::fs::create_dir(folder.path().join("mine")).expect("a folder");
    let scenario = "\
title: Several cases
fixture: table
callbacks:
  spy:
    returns: JET_errSuccess
cases:
  one:
    - JetMove: { cRow: 0 }
      expect: JET_errNoCurrentRecord
  two:
    - JetRegisterCallback: { cbtyp: BeforeInsert, pCallback: spy }
then:
  - insert: { id: 1 }
    expect: JET_errSuccess
";
    file(&folder, "mine/several.yaml", scenario.as_bytes());
    let own = text(folder.path());
    for (line, words) in [
        (4, "two"),
        (5, "two"),
        (7, "one"),
        (9, "one"),
        (10, "two"),
        (11, "two"),
    ] {
        let place = format!("mine/several.yaml:{line}");
        let output = jetspec(&["list", "--scenarios", own, &place]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let other = if words == "one" { " two" } else { " one" };
        assert!(said.contains(&format!(" {words}\n")), "{place}: {said}");
        assert!(!said.contains(&format!("{other}\n")), "{place}: {said}");
    }
    // What follows each case belongs to each.
    for line in [13, 14] {
        let place = format!("mine/several.yaml:{line}");
        says(
            &["list", "--scenarios", own, &place],
            0,
            &["2 cases of 1 scenario"],
        );
    }
}

#[test]
fn the_beginning_of_an_id_selects_what_covers_any_such() {
    says(&["list", "cbtyp/"], 0, &["covers cbtyp/"]);
}

#[test]
fn what_cannot_run_is_not_traced() {
    says(
        &["trace", "columns/long-default.yaml", "--profile", "genuine"],
        4,
        &["skipped: about the documented profile only"],
    );
}

#[test]
fn a_case_is_run_by_its_line() {
    says(
        &["run", "registration/arguments.yaml:8"],
        0,
        &["1 case of 1 scenario cover"],
    );
    says(
        &["trace", "registration/arguments.yaml"],
        0,
        &["JetRegisterCallback(", "JET_errInvalidParameter"],
    );
}
