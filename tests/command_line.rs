//! The command line on bad input: one clear message and the documented exit code, never a panic.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

fn jetspec(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jetspec"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("jetspec starts")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn file(folder: &TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a file");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The command ends with the code, says the words, and does not panic.
fn says(arguments: &[&str], code: i32, words: &[&str]) {
    let output = jetspec(arguments);
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert!(!said.contains("panicked"), "{said}");
    for word in words {
        assert!(said.contains(word), "{arguments:?}: no `{word}` in {said}");
    }
}

fn refused(content: &[u8], words: &[&str]) {
    let folder = folder();
    let path = file(&folder, "bad.yaml", content);
    says(&["check", text(&path)], 2, words);
}

#[test]
fn wrong_usage_is_2() {
    says(&[], 2, &["Usage"]);
    says(&["dance"], 2, &["dance"]);
    says(
        &["run", "--level", "windows-95"],
        2,
        &["windows-95", "windows-xp"],
    );
    says(&["run", "--jobs", "0"], 2, &["--jobs"]);
    says(&["--help"], 0, &["First steps", "Exit codes"]);
    says(&["run", "--help"], 0, &["--profile", "Exit codes"]);
}

#[test]
fn the_contract_and_its_versions_are_printed() {
    says(
        &["--version"],
        0,
        &[
            "jetspec 0.",
            "JSON report      1",
            "exit codes",
            "inconclusive",
        ],
    );
    says(&["contract"], 0, &["## Exit codes", "| `inconclusive` |"]);
}

#[test]
fn a_file_that_is_no_scenario_is_refused() {
    refused(b"title: [", &["bad.yaml:"]);
    refused(b"", &["empty"]);
    refused(b"just text", &["a mapping"]);
    refused(b"title: \xff\xfe", &["UTF-8"]);
    says(
        &["check", "/nowhere/at/all.yaml"],
        2,
        &["/nowhere/at/all.yaml"],
    );
}

#[test]
fn a_file_of_unreasonable_size_or_depth_is_refused() {
    refused(&vec![b'#'; 100 << 20], &["largest"]);
    let deep = format!("title: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    refused(deep.as_bytes(), &["recursion limit"]);
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (next, last) in ('b'..='z').zip('a'..='y') {
        let aliases = vec![format!("*{last}"); 9].join(", ");
        bomb.push_str(&format!("{next}: &{next} [{aliases}]\n"));
    }
    refused(bomb.as_bytes(), &["anchors and aliases"]);
}

#[test]
fn a_library_that_is_none_is_refused() {
    says(&["run", "--lib", "/nowhere/lib.so"], 2, &["no such file"]);
    says(&["run", "--lib", "/tmp"], 2, &["/tmp"]);
    let folder = folder();
    let path = file(&folder, "text.so", b"not a library");
    says(&["run", "--lib", text(&path)], 2, &["cannot be loaded"]);
    says(
        &["functions", "--lib", text(&path)],
        2,
        &["cannot be loaded"],
    );
    // An ELF header of another machine (s390).
    let mut header = vec![0x7f, b'E', b'L', b'F', 2, 2, 1, 0];
    header.resize(16, 0);
    header.extend([0, 3, 0, 22, 0, 0, 0, 1]);
    header.resize(64, 0);
    let path = file(&folder, "foreign.so", &header);
    says(&["run", "--lib", text(&path)], 2, &["cannot be loaded"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_library_without_the_functions_is_refused() {
    let candidates = [
        "/lib/x86_64-linux-gnu/libm.so.6",
        "/lib64/libm.so.6",
        "/lib/aarch64-linux-gnu/libm.so.6",
    ];
    if let Some(path) = candidates.iter().find(|path| Path::new(path).is_file()) {
        says(&["run", "--lib", path], 2, &["exports none"]);
    }
}

#[test]
fn a_folder_without_scenarios_is_refused() {
    let folder = folder();
    says(
        &["run", "--scenarios", text(folder.path())],
        2,
        &["no scenario"],
    );
    says(
        &["run", "--scenarios", "/nowhere/at/all"],
        2,
        &["/nowhere/at/all"],
    );
}

#[test]
fn a_filter_that_selects_nothing_is_4() {
    says(
        &["run", "no-such-thing-anywhere"],
        4,
        &["no-such-thing-anywhere"],
    );
    says(&["list", "no-such-thing-anywhere"], 4, &["selects no case"]);
}

#[test]
fn a_report_that_cannot_be_written_is_2() {
    says(
        &[
            "run",
            "--report",
            "json=/nowhere/at/all.json",
            "registration/arguments",
        ],
        2,
        &["/nowhere/at/all.json", "cannot be written"],
    );
}

#[test]
fn requirements_are_explained_and_unknown_ones_refused() {
    says(
        &["explain", "register/cbtyp-zero"],
        0,
        &["refused", "jetregistercallback-function.md", "covered by"],
    );
    says(&["explain", "cbtyp-zer"], 0, &["register/cbtyp-zero"]);
    says(&["explain", "no-such-requirement"], 2, &["no requirement"]);
    says(&["sabotage", "no-such-rule"], 2, &["no rule"]);
}

#[test]
fn every_scenario_is_in_canonical_form() {
    says(&["fmt", "--check", "conformance"], 0, &[]);
}

#[test]
fn what_kills_its_host_is_left_out_of_a_run_in_this_process() {
    says(
        &["run", "--in-process", "a-killed-process"],
        4,
        &["skipped"],
    );
}

#[test]
fn a_case_is_run_by_its_line() {
    says(
        &["run", "registration/arguments.yaml:8"],
        0,
        &["1 cases of 1 scenarios"],
    );
    says(
        &["trace", "registration/arguments.yaml"],
        0,
        &["JetRegisterCallback(", "JET_errInvalidParameter"],
    );
}

#[test]
fn the_schema_that_is_printed_is_the_one_that_is_kept() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/scenario.schema.json");
    let kept = std::fs::read(path).expect("the schema");
    assert_eq!(jetspec(&["schema"]).stdout, kept);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let script = format!(
        "{} list | head -n 1 >/dev/null; exit ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_jetspec")
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("bash starts");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
