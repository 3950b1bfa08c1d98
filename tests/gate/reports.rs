//! Every kind of report is written; one that cannot be is one clear error, and costs nothing else.

use crate::support::Place;

#[test]
fn one_run_feeds_every_report() {
    let place = Place::new();
    let said = place.run(&[
        "--report",
        "json=a.json",
        "--report",
        "junit=a.xml",
        "--report",
        "markdown=a.md",
        "--report",
        "github",
    ]);
    let said = said.is(
        1,
        &["::error title=crash%3A mine/small.yaml%3A%3Acrashes[documented]::"],
    );
    assert!(
        said.out.contains("3 of 4 cases are not as expected.\n"),
        "{said:?}"
    );
    assert_eq!(
        place.json("a.json")["cases"].as_array().map(Vec::len),
        Some(4)
    );
    assert!(
        place.read("a.xml").contains("failures=\"3\""),
        "{}",
        place.read("a.xml")
    );
    assert!(
        place
            .read("a.md")
            .contains("| **total** | **1** | **1** | **1** | **1** |")
    );
    let said = place.run(&["--report", "json=-"]);
    assert!(
        serde_json::from_str::<serde_json::Value>(&said.out).is_ok(),
        "{said:?}"
    );
    place
        .run(&["--report", "json=-", "--report", "markdown=-"])
        .is(2, &["only one report can have standard output"]);
    place.run(&["--report", "pdf=x"]).is(2, &["json, junit"]);
}

#[test]
fn every_case_is_shown_with_verbose_and_no_progress_in_a_pipe() {
    let place = Place::new();
    let said = place
        .run(&["--verbose"])
        .is(1, &["pass mine/small.yaml::passes[documented] ("]);
    assert_eq!(said.err, "");
}

#[test]
fn a_report_that_cannot_be_written_is_known_before_the_run() {
    let place = Place::new();
    let said = place.run(&["--report", "json=/dev/null/at/all.json"]);
    let said = said.is(2, &["/dev/null/at/all.json: cannot be written"]);
    assert_eq!(said.out, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_the_report_and_nothing_else() {
    let place = Place::new();
    let said = place.run(&["--report", "json=/dev/full", "--report", "junit=a.xml"]);
    let said = said.is(
        2,
        &["/dev/full: cannot be written: No space left on device"],
    );
    assert_eq!(said.err.lines().count(), 2, "{said:?}");
    assert!(
        said.out.contains("3 of 4 cases are not as expected"),
        "{said:?}"
    );
    assert!(place.read("a.xml").contains("failures=\"3\""));
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_full_or_closed_loses_no_report() {
    let place = Place::new();
    let jetspec = env!("CARGO_BIN_EXE_jetspec");
    let library = crate::small::library().display().to_string();
    let run = format!("{jetspec} run mine/small --scenarios scenarios --lib {library} --verbose");
    let shell = |script: String| {
        std::process::Command::new("bash")
            .args(["-c", &script])
            .current_dir(place.path(""))
            .output()
            .expect("bash starts")
    };
    let full = shell(format!("{run} --report json=full.json >/dev/full"));
    let said = String::from_utf8_lossy(&full.stderr);
    assert_eq!(full.status.code(), Some(2), "{said}");
    assert!(
        said.contains("standard output: cannot be written: No space left"),
        "{said}"
    );
    assert_eq!(
        place.json("full.json")["cases"].as_array().map(Vec::len),
        Some(4)
    );
    let closed = shell(format!(
        "{run} --report json=closed.json | true; exit ${{PIPESTATUS[0]}}"
    ));
    assert_eq!(closed.status.code(), Some(1), "{closed:?}");
    assert!(closed.stderr.is_empty(), "{closed:?}");
    assert_eq!(
        place.json("closed.json")["cases"].as_array().map(Vec::len),
        Some(4)
    );
}

#[test]
fn reports_that_would_spoil_each_other_are_refused() {
    let place = Place::new();
    let reports = |one, other| place.run(&["--report", one, "--report", other]);
    reports("json=-", "github").is(2, &["only one report can have standard output"]);
    reports("json=a", "junit=./a").is(2, &["only one report can have this file"]);
    reports("json=new/a.json", "github").is(1, &["::error"]);
    assert!(place.path("new/a.json").is_file());
}
