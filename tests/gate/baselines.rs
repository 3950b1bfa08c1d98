//! Known departures: pinned, still executed, and every change of them told.

use crate::small::changed_library;
use crate::support::Place;

#[test]
fn a_blessed_baseline_turns_the_gate_green_and_is_the_same_when_written_again() {
    let place = Place::new();
    place.run(&[]).is(1, &["3 of 4 cases are not as expected"]);
    place
        .run(&["--baseline", "known.yaml"])
        .is(2, &["known.yaml", "--bless writes it"]);
    place
        .run(&[
            "--baseline",
            "known.yaml",
            "--bless",
            "--reason",
            "Ticket 7.",
        ])
        .is(0, &["Everything as expected; 3 departures are known."]);
    let first = place.read("known.yaml");
    for words in [
        "- case: \"mine/small.yaml::crashes[documented]\"\n    verdict: crash\n",
        "verdict: unsupported",
        "seen: \"the library lacks JetBeginSessionA\"",
        "reason: \"Ticket 7.\"",
    ] {
        assert!(first.contains(words), "{words} in {first}");
    }
    place
        .run(&["--baseline", "known.yaml", "--report", "json=a.json"])
        .is(0, &["3 departures are known"]);
    let report = place.json("a.json");
    assert_eq!(report["cases"][2]["verdict"], "known");
    assert_eq!(report["cases"][2]["judged"], "crash");
    assert_eq!(report["cases"][2]["pinned"]["reason"], "Ticket 7.");
    place
        .run(&["--baseline", "known.yaml", "--bless"])
        .is(0, &[]);
    assert_eq!(place.read("known.yaml"), first);
}

#[test]
fn a_fix_a_change_and_an_entry_without_a_case_fail_the_gate_and_are_named() {
    let place = Place::new();
    place
        .run(&["--baseline", "known.yaml", "--bless"])
        .is(0, &[]);
    let library = changed_library().to_str().expect("UTF-8");
    let run = |arguments: &[&str]| {
        let mut all = vec![
            "run",
            "mine/small",
            "--scenarios",
            "scenarios",
            "--lib",
            library,
        ];
        all.extend(["--baseline", "known.yaml"]);
        all.extend(arguments);
        place.jetspec(&all)
    };
    let said = run(&[]).is(
        1,
        &[
            "1 fixed",
            "fixed mine/small.yaml::fails[documented]",
            "the baseline pins fail, and it passes now",
            "fail mine/small.yaml::passes[documented]",
        ],
    );
    // What cannot be reached any more is a change too.
    assert!(
        said.out.contains("the baseline pins crash, and now it is"),
        "{}",
        said.out
    );

    let other = place.read("known.yaml").replace("::lacks[", "::gone[");
    place.write("known.yaml", &other);
    let line = 1 + other
        .lines()
        .position(|line| line.contains("::gone["))
        .expect("it");
    place.run(&["--baseline", "known.yaml"]).is(
        1,
        &[
            &format!(
                "known.yaml:{line}:11: the suite has no case `mine/small.yaml::gone[documented]`"
            ),
            "1 in the baseline but not in the suite",
        ],
    );
    place
        .run(&["--baseline", "known.yaml", "--bless"])
        .is(0, &["3 departures are known"]);
    assert!(!place.read("known.yaml").contains("gone"));
}

#[test]
fn what_a_filter_leaves_out_stays_in_the_baseline() {
    let place = Place::new();
    place
        .run(&["--baseline", "known.yaml", "--bless"])
        .is(0, &[]);
    let before = place.read("known.yaml");
    let library = crate::small::library().to_str().expect("UTF-8");
    let arguments = [
        "run",
        "small.yaml::lacks",
        "--scenarios",
        "scenarios",
        "--lib",
        library,
    ];
    let mut all = arguments.to_vec();
    all.extend(["--baseline", "known.yaml"]);
    place.jetspec(&all).is(0, &["1 departure is known"]);
    all.push("--bless");
    place.jetspec(&all).is(0, &[]);
    assert_eq!(place.read("known.yaml"), before);
}

#[test]
fn a_faulty_baseline_is_told_by_line_and_column() {
    let place = Place::new();
    place.write(
        "known.yaml",
        "version: 1\nknown:\n  - case: x\n    verdict: good\n    fingerprint: ab\n    reason: r\n",
    );
    place
        .run(&["--baseline", "known.yaml"])
        .is(2, &["known.yaml:4:14: `good` cannot be pinned"]);
    place
        .run(&["--baseline", "/"])
        .is(2, &["/: cannot be read"]);
}
