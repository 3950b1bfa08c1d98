//! Runs that are killed and gone on with.

use std::io::BufRead;
use std::process::{Command, Stdio};

use crate::small;
use crate::support::Place;

/// Everything of a report that does not depend on the clock.
fn timeless(place: &Place, name: &str) -> serde_json::Value {
    let mut report = place.json(name);
    report["elapsed-ms"] = 0.into();
    for case in report["cases"].as_array_mut().into_iter().flatten() {
        case["time-us"] = 0.into();
    }
    report
}

/// Starts a run of the small library and kills it with the signal that nobody can catch, after the
/// first case has been told, while the second is inside the library.
fn killed(place: &Place, arguments: &[&str]) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_jetspec"))
        .args([
            "run",
            "mine/small",
            "--scenarios",
            "scenarios",
            "--jobs",
            "1",
            "--verbose",
        ])
        .arg("--lib")
        .arg(small::library())
        .args(arguments)
        .env("XDG_STATE_HOME", place.path("state"))
        .env("LOCALAPPDATA", place.path("state"))
        .env("SMALL_LIBRARY_WAITS", "1")
        .current_dir(place.path(""))
        .stdout(Stdio::piped())
        .spawn()
        .expect("jetspec starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("a pipe");
    std::io::BufReader::new(stdout)
        .read_line(&mut line)
        .expect("a line");
    assert!(line.starts_with("pass mine/small.yaml::passes"), "{line}");
    child.kill().expect("killed");
    child.wait().expect("dead");
}

#[test]
fn a_killed_run_goes_on_where_it_was_and_says_what_a_whole_one_says() {
    let place = Place::new();
    place.run(&["--report", "json=whole.json"]).is(1, &[]);
    place.run(&["--resume"]).is(2, &["nothing to resume"]);
    killed(&place, &[]);
    // What is known is told again, first and at once.
    let said = place.run(&["--resume", "--report", "json=resumed.json", "--verbose"]);
    let said = said.is(1, &["3 of 4 cases are not as expected"]);
    assert_eq!(
        said.out.matches("pass mine/small.yaml::passes").count(),
        1,
        "{said:?}"
    );
    assert_eq!(
        timeless(&place, "resumed.json"),
        timeless(&place, "whole.json")
    );
    // It is over: there is nothing left to go on with.
    place.run(&["--resume"]).is(2, &["nothing to resume"]);
}

#[test]
fn what_the_journal_holds_is_not_run_again() {
    let place = Place::new();
    killed(&place, &["--journal", "run.journal"]);
    // Were the case run again it would pass, and not be called this.
    let journal = place.read("run.journal");
    assert!(journal.lines().count() >= 2, "{journal}");
    let marked = journal.replace("\"judged\":\"pass\"", "\"judged\":\"differs\"");
    place.write("run.journal", &marked);
    place
        .run(&[
            "--journal",
            "run.journal",
            "--resume",
            "--report",
            "json=a.json",
        ])
        .is(1, &[]);
    assert_eq!(place.json("a.json")["cases"][0]["verdict"], "differs");
    assert!(!place.path("run.journal").exists());
}

#[test]
fn another_library_suite_or_option_is_refused() {
    let place = Place::new();
    killed(&place, &["--journal", "run.journal"]);
    let resume = ["--journal", "run.journal", "--resume"];
    let with = |more: &[&str]| place.run(&[&resume[..], more].concat());
    with(&["--profile", "genuine"]).is(2, &["the profile is documented there and genuine here"]);
    with(&["--strict"]).is(2, &["--strict is false there and true here"]);
    with(&["--repeat", "3"]).is(2, &["--repeat is 1 there and 3 here"]);
    with(&["--step-limit", "3"]).is(2, &["--step-limit is 10000 ms there and 3000 ms here"]);
    #[cfg(unix)]
    with(&["--launcher", "env {host}"]).is(2, &["--launcher is none there and env {host} here"]);
    with(&["--shard", "1/2"]).is(2, &["the shard is the whole there and 1/2 here"]);
    let other = small::changed_library().to_str().expect("UTF-8");
    let mut arguments = vec![
        "run",
        "mine/small",
        "--scenarios",
        "scenarios",
        "--lib",
        other,
    ];
    arguments.extend(resume);
    place.jetspec(&arguments).is(2, &["the library is"]);
    let changed = place
        .read("scenarios/mine/small.yaml")
        .replace("small library", "little library");
    place.write("scenarios/mine/small.yaml", &changed);
    with(&[]).is(2, &["the suite is"]);
    place.write("run.journal", "no journal\n");
    with(&[]).is(2, &["run.journal: is no journal"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_could_not_be_written_is_written_from_the_journal() {
    let place = Place::new();
    place.run(&["--report", "json=/dev/full"]).is(
        2,
        &[
            "/dev/full: cannot be written",
            "nothing is lost: the same command with --resume",
        ],
    );
    place
        .run(&["--report", "json=a.json", "--resume"])
        .is(1, &[]);
    assert_eq!(
        place.json("a.json")["cases"].as_array().map(Vec::len),
        Some(4)
    );
    place.run(&["--journal", "/dev/full"]).is(2, &["/dev/full"]);
    place
        .run(&["--journal", "/nowhere/at/all"])
        .is(2, &["/nowhere/at/all"]);
    let _ = std::fs::remove_dir_all(place.path("state"));
    place.write("state", "no folder");
    place.run(&[]).is(
        1,
        &["a run that is cut short cannot be resumed", "3 of 4 cases"],
    );
}
