//! Reports, baselines and journals that are damaged: one clear error with the file's name, never a
//! panic, and never half of what was written.

use jetspec::report::{Output, read_json};
use jetspec::spec::Register;
use serde_json::Value;

use crate::support::{Place, Said};

/// A place with a JSON report, a baseline and a journal of a run.
fn place() -> Place {
    let place = Place::new();
    place
        .run(&["--shard", "1/1", "--report", "json=good.json"])
        .is(1, &[]);
    place
        .run(&["--baseline", "good.yaml", "--bless"])
        .is(0, &[]);
    place
}

/// Every reader of JSON reports on the same file.
fn readers(place: &Place, file: &str) -> [Said; 4] {
    [
        place.jetspec(&["merge", file]),
        place.jetspec(&["merge", file, "--report", "html=-"]),
        place.jetspec(&["report", "html=-", file]),
        place.jetspec(&["report", "markdown=-", file]),
    ]
}

#[test]
fn a_report_that_was_cut_off_is_refused_wherever_that_was() {
    let place = place();
    let good = place.read("good.json");
    let good = good.trim_end();
    for length in (0..good.len()).step_by(7) {
        let mut part = &good.as_bytes()[..length];
        assert!(read_json(&mut part).is_err(), "{length}");
    }
    place.write("bad.json", &good[..good.len() / 2]);
    for said in readers(&place, "bad.json") {
        let said = said.is(2, &["bad.json: "]);
        assert_eq!(said.out, "", "{said:?}");
    }
}

/// Every value of a document, by its path.
fn paths(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                paths(value, &format!("{here}/{name}"), found);
            }
        }
        // One of a list is like the others.
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate().take(2) {
                paths(value, &format!("{here}/{at}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_field_that_is_something_else_is_refused_or_taken_and_never_a_panic() {
    let place = place();
    let good = place.json("good.json");
    let register = Register::embedded().expect("the register");
    let mut all = Vec::new();
    paths(&good, "", &mut all);
    let others = [
        Value::Null,
        Value::from(-1),
        Value::from("\u{0}\u{202e}</script>"),
    ];
    let writers: Vec<Output> = ["junit=-", "markdown=-", "json=-", "github"]
        .iter()
        .filter_map(|output| output.parse().ok())
        .collect();
    assert_eq!(writers.len(), 4);
    let (mut refused, mut taken) = (0, 0);
    for path in &all {
        for other in &others {
            let mut bad = good.clone();
            *bad.pointer_mut(path).expect("a value") = other.clone();
            let Ok(report) = read_json(&mut bad.to_string().as_bytes()) else {
                refused += 1;
                continue;
            };
            taken += 1;
            let reports = [report];
            for writer in &writers {
                let mut written = Vec::new();
                let result = writer.write(&register, &reports, &mut written);
                result.unwrap_or_else(|error| panic!("{path}: {error}"));
            }
        }
    }
    assert!(refused > taken && taken > 0, "{refused} {taken}");
}

#[test]
fn a_report_of_another_version_or_of_bytes_that_are_no_text_is_refused() {
    let place = place();
    let mut later = place.json("good.json");
    later["version"] = 2.into();
    place.write("later.json", &later.to_string());
    for said in readers(&place, "later.json") {
        said.is(2, &["later.json: ", "version 2"]);
    }
    std::fs::write(place.path("bytes.json"), [0xff, 0xfe, 0, 1]).expect("a file");
    for said in readers(&place, "bytes.json") {
        said.is(2, &["bytes.json: "]);
    }
    std::fs::create_dir(place.path("folder.json")).expect("a folder");
    for said in readers(&place, "folder.json") {
        said.is(2, &["folder.json: "]);
    }
}

#[test]
fn a_damaged_baseline_is_refused_and_not_overwritten() {
    let place = place();
    let good = place.read("good.yaml");
    let first = good.find("  - case").unwrap_or_default();
    let twice = format!("{good}{}", &good[first..]);
    for (bad, words) in [
        (good.replace("version: 1", "version: 7"), "version 7"),
        (good.replace("known:", "known: ["), "bad.yaml:"),
        (twice, "is pinned already in line"),
    ] {
        assert_ne!(bad, good, "{words}");
        place.write("bad.yaml", &bad);
        place
            .run(&["--baseline", "bad.yaml", "--bless"])
            .is(2, &["bad.yaml", words]);
        assert_eq!(place.read("bad.yaml"), bad, "{words}");
    }
}
