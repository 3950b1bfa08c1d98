//! Options, libraries, reports and ids.

use std::path::Path;
use std::process::Command;

use crate::support::{file, folder, jetspec, says, text};

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
fn a_library_that_is_none_is_refused() {
    says(&["run", "--lib", "/nowhere/lib.so"], 2, &["no such file"]);
    says(&["run", "--lib", "src"], 2, &["src: is a folder"]);
    let folder = folder();
    let path = file(&folder, "text.so", b"not a library");
    says(&["run", "--lib", text(&path)], 2, &["cannot be loaded"]);
    says(
        &["functions", "--lib", text(&path)],
        2,
        &["cannot be loaded"],
    );
}

/// The beginning of an ELF file for a machine, the lower byte first or last.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn elf(order: u8, kind: [u8; 4]) -> Vec<u8> {
    let mut header = vec![0x7f, b'E', b'L', b'F', 2, order, 1, 0];
    header.resize(16, 0);
    header.extend(kind);
    header.resize(64, 0);
    header
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_library_for_another_machine_is_refused_with_both_named() {
    let folder = folder();
    let mut windows = b"MZ".to_vec();
    windows.resize(0x3c, 0);
    windows.extend([0x40, 0, 0, 0, b'P', b'E', 0, 0, 0x64, 0x86]);
    for (name, content, theirs) in [
        ("arm.so", elf(1, [3, 0, 183, 0]), "aarch64 (ELF)"),
        ("s390.so", elf(2, [0, 3, 0, 22]), "s390x (ELF)"),
        ("esent.dll", windows, "x86_64 (PE, Windows)"),
    ] {
        let path = file(&folder, name, &content);
        let said = format!("{name}: is built for {theirs}, jetspec for x86_64 (ELF)");
        for command in ["run", "functions"] {
            says(&[command, "--lib", text(&path)], 2, &[&said]);
        }
    }
    // One for this machine, of which nothing else is there.
    let path = file(&folder, "cut.so", &elf(1, [3, 0, 62, 0]));
    says(&["run", "--lib", text(&path)], 2, &["cannot be loaded"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused() {
    let folder = folder();
    let path = folder.path().join("pipe.yaml");
    let made = Command::new("mkfifo").arg(&path).status();
    assert!(made.is_ok_and(|made| made.success()), "mkfifo");
    let words = ["pipe.yaml: is no regular file"];
    says(&["check", text(&path)], 2, &words);
    says(&["fmt", "--check", text(&path)], 2, &words);
    says(
        &["check", "/dev/zero"],
        2,
        &["/dev/zero: is no regular file"],
    );
    says(&["fmt", "--check", "/dev/zero"], 2, &["is no regular file"]);
    says(
        &["run", "--lib", text(&path)],
        2,
        &["pipe.yaml: is no regular file, and no library"],
    );
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
fn limits_below_what_a_host_needs_are_refused() {
    says(&["run", "--memory-limit", "1"], 2, &["from 16"]);
}

#[test]
fn a_scratch_folder_that_cannot_be_made_is_2() {
    let output = Command::new(env!("CARGO_BIN_EXE_jetspec"))
        .args(["run", "callbacks/first"])
        .env("TMPDIR", "/nowhere/at/all")
        .env("TEMP", "/nowhere/at/all")
        .env("TMP", "/nowhere/at/all")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("jetspec starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("set TMPDIR"), "{said}");
}

#[test]
fn an_option_belongs_to_the_heading_that_it_stands_under() {
    for command in ["run", "coverage"] {
        let help = jetspec(&[command, "--help"]).stdout;
        let help = String::from_utf8_lossy(&help).into_owned();
        let section = |heading: &str| {
            let begun = help.split(&format!("\n{heading}:\n")).nth(1);
            let lines = begun.unwrap_or_default().lines();
            let own = lines.take_while(|line| line.is_empty() || line.starts_with(' '));
            own.collect::<Vec<_>>().join("\n")
        };
        for (heading, options) in [
            ("Arguments", &["[FILTER]"][..]),
            ("Selection", &["--profile", "--shard", "--scenarios"]),
            ("Hosts", &["--step-limit", "--jobs", "--launcher"]),
            ("Results", &["--report", "--baseline", "--verbose"]),
            ("Going on", &["--resume", "--journal"]),
        ] {
            let section = section(heading);
            for option in options {
                assert!(section.contains(option), "{heading}: {option} in {help}");
            }
        }
    }
}

#[test]
fn a_report_that_cannot_be_written_is_2() {
    says(
        &[
            "run",
            "--report",
            "json=/dev/null/at/all.json",
            "registration/arguments",
        ],
        2,
        &["/dev/null/at/all.json", "cannot be written"],
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
    says(
        &["explain", "register/cbtyp-zeor"],
        2,
        &["did you mean `register/cbtyp-zero`?"],
    );
    says(&["sabotage", "no-such-rule"], 2, &["no rule"]);
    says(
        &["sabotage", "cbtyp/before-error-vetoes-insret"],
        2,
        &["did you mean `cbtyp/before-error-vetoes-insert`?"],
    );
    says(
        &["fuzz", "--only", "JetRegisterCalback"],
        2,
        &["did you mean `JetRegisterCallback`?"],
    );
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

#[test]
fn an_input_of_a_fuzz_target_is_taken_for_what_it_is() {
    for (input, words) in [
        ("fuzz/seeds/reports/baseline", "the input breaks no law"),
        (
            "fuzz/seeds/scenario_text/getting",
            "the input breaks no law",
        ),
        ("fuzz/seeds/callbacks/00", "this is the program that it is"),
    ] {
        says(&["replay", input], 0, &[words]);
    }
    let suites = [
        "conformance/databases/surviving.yaml",
        "conformance/navigation/changing-index.yaml",
    ];
    for file in suites {
        says(&["replay", file], 0, &["no law is broken"]);
    }
    let folder = folder();
    let path = file(&folder, "input", b"0");
    says(&["replay", text(&path)], 2, &["say which with --target"]);
    let named = ["replay", text(&path), "--target", "scenario-text"];
    says(&named, 0, &["the input breaks no law"]);
}
