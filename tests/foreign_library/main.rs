//! A library that misbehaves costs one case and not the run; each way has its verdict.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

/// The library of `misbehaving.rs`, compiled once.
fn library() -> &'static Path {
    static LIBRARY: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("misbehaving.library");
        let source =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign_library/misbehaving.rs");
        let compiler = std::env::var_os("RUSTC").unwrap_or("rustc".into());
        let status = Command::new(compiler)
            .args(["--edition", "2024", "--crate-type", "cdylib", "-o"])
            .arg(&path)
            .arg(source)
            .status()
            .expect("rustc starts");
        assert!(status.success());
        (folder, path)
    });
    &LIBRARY.1
}

/// Judges the library by one scenario; the report's only case, and the exit code.
fn judged(steps: &str) -> (Value, i32) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("area")).expect("a folder");
    let scenario = format!("title: A misbehaviour\nsteps:\n{steps}");
    std::fs::write(folder.path().join("area/one.yaml"), scenario).expect("a scenario");
    let output = Command::new(env!("CARGO_BIN_EXE_jetspec"))
        .args(["run", "area/one.yaml", "--report", "json=-", "--lib"])
        .arg(library())
        .arg("--scenarios")
        .arg(folder.path())
        .output()
        .expect("jetspec starts");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let case = report["cases"][0].clone();
    (case, output.status.code().expect("an exit code"))
}

fn is(steps: &str, verdict: &str, words: &str) {
    let (case, code) = judged(steps);
    assert_eq!(case["verdict"], verdict, "{case:#}");
    assert_eq!(code, 1, "{case:#}");
    let text = case.to_string();
    assert!(text.contains(words), "no `{words}` in {case:#}");
}

const CREATE: &str = "  - JetCreateInstance: { pinstance: ->instance, szInstanceName: a }\n";

#[test]
fn a_crash_names_the_step() {
    is(
        &format!("{CREATE}  - JetInit: {{}}\n"),
        "crash",
        "area/one.yaml:4 in JetInit",
    );
}

#[test]
fn leaving_the_process_is_a_crash() {
    let steps = format!("{CREATE}  - JetTerm: {{}}\n");
    is(&steps, "crash", "area/one.yaml:4 in JetTerm");
}

#[test]
fn a_call_that_does_not_come_back_is_a_timeout() {
    let steps = format!("{CREATE}  - JetTerm2: {{ grbit: 0 }}\n");
    is(&steps, "timeout", "area/one.yaml:4");
}

#[test]
fn a_write_past_a_buffer_fails_and_names_the_parameter() {
    let steps = "  - JetGetVersion: { sesid: nil }\n    expect: JET_errInvalidSesid\n";
    let (case, _) = judged(steps);
    assert!(
        case.to_string()
            .contains("wrote outside pwVersion, at offset 4"),
        "{case:#}"
    );
}

#[test]
fn a_function_that_is_missing_is_unsupported() {
    let steps = format!(
        "{CREATE}  - JetBeginSession: {{ psesid: ->sesid }}\n    expect: JET_errNotInitialized\n"
    );
    is(&steps, "unsupported", "JetBeginSessionA");
}

#[test]
fn a_wrong_answer_fails_where_a_requirement_is_covered_and_only_there() {
    let create = "  - JetCreateInstance: { pinstance: null, szInstanceName: a }\n    expect: JET_errInvalidParameter\n";
    is(create, "inconclusive", "JET_errInvalidParameter");
}

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
