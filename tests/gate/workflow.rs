//! The workflow for GitHub Actions, as far as a machine without GitHub can try it: it is well formed,
//! every script parses, and the scripts, run in their order with the environment that the workflow
//! gives them, end red without a baseline and green with the one that they propose.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::small;

const WORKFLOW: &str = "conformance/ci/jetspec.yml";

fn workflow() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(WORKFLOW);
    let text = std::fs::read_to_string(path).expect("the workflow");
    serde_yaml::from_str(&text).expect("YAML")
}

fn steps<'w>(workflow: &'w Value, job: &str) -> &'w [Value] {
    let steps = workflow["jobs"][job]["steps"].as_array();
    steps.map_or(&[], Vec::as_slice)
}

fn script(workflow: &Value, job: &str, name: &str) -> String {
    let step = steps(workflow, job)
        .iter()
        .find(|step| step["name"] == name);
    let run = step.and_then(|step| step["run"].as_str());
    run.unwrap_or_else(|| panic!("{job} has no step `{name}`"))
        .to_owned()
}

#[test]
fn every_script_parses_and_takes_what_varies_from_its_environment() {
    let workflow = workflow();
    let mut scripts = 0;
    for job in ["install", "suite", "verdict"] {
        for step in steps(&workflow, job) {
            let Some(run) = step["run"].as_str() else {
                assert!(
                    step["uses"].as_str().is_some_and(|uses| uses.contains('@')),
                    "{step}"
                );
                continue;
            };
            scripts += 1;
            // An expression inside a script would be code from wherever its value comes from.
            assert!(!run.contains("${{"), "{run}");
            let parsed = Command::new("bash")
                .args(["-n", "-c", run])
                .output()
                .expect("bash");
            assert!(parsed.status.success(), "{run}\n{parsed:?}");
        }
    }
    assert!(scripts >= 5, "{scripts}");
}

#[test]
fn the_matrices_agree_with_each_other() {
    let workflow = workflow();
    let jobs = &workflow["jobs"];
    let matrix = |job: &str, key: &str| jobs[job]["strategy"]["matrix"][key].clone();
    let shards = workflow["env"]["SHARDS"].as_u64().expect("a number");
    let expected: Vec<u64> = (1..=shards).collect();
    assert_eq!(matrix("suite", "shard"), Value::from(expected));
    assert_eq!(matrix("suite", "target"), matrix("verdict", "target"));
    for (job, needed) in [("suite", "install"), ("verdict", "suite")] {
        assert_eq!(jobs[job]["needs"], needed);
    }
    let built = matrix("install", "os");
    for target in matrix("suite", "include").as_array().expect("targets") {
        let systems = built.as_array().expect("systems");
        assert!(systems.contains(&target["os"]), "{target}");
    }
}

/// A machine of GitHub's: a checkout with the library built, jetspec as a file in `bin`.
struct Machine {
    folder: tempfile::TempDir,
    workflow: Value,
}

impl Machine {
    fn new() -> Machine {
        let folder = tempfile::tempdir().expect("a folder");
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).expect("a folder");
        // No copy: a file that is open for writing anywhere cannot be run.
        let linked = std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_jetspec"), bin.join("jetspec"));
        linked.expect("a link");
        std::fs::create_dir(folder.path().join("shards")).expect("a folder");
        Machine {
            folder,
            workflow: workflow(),
        }
    }

    fn run(&self, job: &str, name: &str, environment: &[(&str, &str)]) -> Output {
        let script = script(&self.workflow, job, name);
        Command::new("bash")
            // As GitHub starts `shell: bash`.
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script])
            .env("SHARDS", self.workflow["env"]["SHARDS"].to_string())
            .env("GITHUB_STEP_SUMMARY", self.folder.path().join("summary"))
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .envs(environment.iter().copied())
            .current_dir(self.folder.path())
            .output()
            .expect("bash starts")
    }

    fn verdict(&self) -> Output {
        let environment = [("TARGET", "linux"), ("BASELINE", "known.yaml")];
        let proposed = self.run("verdict", "Propose a baseline", &environment);
        assert!(proposed.status.success(), "{proposed:?}");
        self.run("verdict", "Verdict", &environment)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect("a file")
    }
}

#[test]
fn a_copy_of_the_file_ends_red_and_with_the_proposed_baseline_green() {
    let machine = Machine::new();
    let library = small::library().to_str().expect("UTF-8");
    for shard in ["1", "2", "3"] {
        let environment = [
            ("TARGET", "linux"),
            ("SHARD", shard),
            ("LIBRARY", library),
            ("PROFILE", "documented"),
        ];
        let ran = machine.run("suite", "Run the shard", &environment);
        assert!(ran.status.success(), "{ran:?}");
        let report = format!("linux-{shard}.json");
        let shards = machine.folder.path().join("shards");
        std::fs::rename(machine.folder.path().join(&report), shards.join(&report)).expect("moved");
    }
    let red = machine.verdict();
    assert_eq!(red.status.code(), Some(1), "{red:?}");
    let said = String::from_utf8_lossy(&red.stdout);
    assert!(said.contains("::error title=crash%3A "), "{said}");
    assert!(machine.read("summary").contains("## ❌ jetspec"));

    std::fs::copy(
        machine.folder.path().join("report/baseline.yaml"),
        machine.folder.path().join("known.yaml"),
    )
    .expect("committed");
    let green = machine.verdict();
    assert_eq!(green.status.code(), Some(0), "{green:?}");
    assert!(
        machine
            .read("summary")
            .contains("## ✅ jetspec: Everything as expected")
    );
    assert!(
        machine
            .read("report/jetspec.html")
            .contains("<!DOCTYPE html>")
    );
    assert!(machine.read("report/junit.xml").contains("<testsuites"));
}

#[test]
fn a_fault_of_the_suite_is_told_by_every_report() {
    let machine = Machine::new();
    let library = small::library().to_str().expect("UTF-8");
    for shard in ["1", "2", "3"] {
        let report = format!("shards/linux-{shard}.json");
        let ran = Command::new(env!("CARGO_BIN_EXE_jetspec"))
            .args(["run", "gates/", "--lib", library, "--shard"])
            .arg(format!("{shard}/3"))
            .args(["--report", &format!("json={report}")])
            .env("XDG_STATE_HOME", machine.folder.path().join("state"))
            .current_dir(machine.folder.path())
            .output()
            .expect("jetspec starts");
        assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    }
    let report = machine.folder.path().join("shards/linux-2.json");
    let mut faulty: Value =
        serde_json::from_str(&machine.read("shards/linux-2.json")).expect("JSON");
    for field in ["verdict", "judged"] {
        faulty["cases"][0][field] = "harness".into();
    }
    std::fs::write(report, faulty.to_string()).expect("a report");
    let verdict = machine.verdict();
    assert_eq!(verdict.status.code(), Some(3), "{verdict:?}");
    assert!(machine.read("summary").contains("jetspec"));
    assert!(machine.read("report/jetspec.html").contains("harness"));
}

#[test]
fn a_copy_that_names_no_revision_says_so() {
    let machine = Machine::new();
    let install = machine.run("install", "Install jetspec", &[("REVISION", "")]);
    assert_eq!(install.status.code(), Some(1), "{install:?}");
    let said = String::from_utf8_lossy(&install.stdout);
    assert!(said.contains("set REVISION"), "{said}");
    assert_eq!(machine.workflow["env"]["REVISION"], "");
}
