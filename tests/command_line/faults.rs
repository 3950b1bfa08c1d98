//! Faults of scenario files: every one, where it is, and never more than the machine can bear.

use std::process::Command;

use crate::support::{file, folder, refused, says, text};

#[test]
fn a_file_that_is_no_scenario_is_refused() {
    refused(b"title: [", &["bad.yaml:"]);
    refused(b"", &["empty"]);
    refused(b"just text", &["a mapping"]);
    refused(
        b"title: \xff\xfe",
        &["bad.yaml:1:8", "is not UTF-8: byte 7", "title: \u{fffd}"],
    );
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
fn every_fault_is_told_at_once() {
    refused(
        b"\
title: Many faults
fixture: tabel
callbacks:
  spy: {}
steps:
  - JetRegisterCallback: { cbtyp: BeforeInsrt, pCallback: spy, phCallbackId: ->h }
  - insert: { id: 1 }
    expect: JET_errKeyDuplicat
    covers: no/such
  - JetMove: { cRow: JET_MoveFirst, foo: 1 }
    expect: JET_errNoCurrentRecrd
  - JetUnregisterCallbak: { hCallbackId: h }
    expct: JET_errInvalidParameter
    covers: not/there
",
        &[
            "no fixture `tabel`",
            "`BeforeInsert`?",
            "`JET_errKeyDuplicate`?",
            "no requirement `no/such`",
            "JetMove has no `foo`",
            "`JET_errNoCurrentRecord`?",
            "`JetUnregisterCallback`?",
            "did you mean `expect`?",
            "no requirement `not/there`",
            "9 faults",
        ],
    );
    // What a step that cannot be read would have done is not held against the others.
    refused(
        b"\
title: One fault
fixture: table
callbacks:
  spy: {}
steps:
  - JetRegisterCallbak: { cbtyp: BeforeInsert, pCallback: spy, phCallbackId: ->h }
  - JetUnregisterCallback: { cbtyp: BeforeInsert, hCallbackId: h }
",
        &["`JetRegisterCallback`?", "1 fault\n"],
    );
    refused(
        b"title: A fixture\nextends: table\nshorthands: {}\nsteps: []\n",
        &["a fixture lies in a folder `fixtures`"],
    );
}

#[test]
fn an_output_that_names_nothing_is_refused() {
    for value in ["{}", "[]", "7"] {
        let text = format!(
            "title: Nothing to write to\nfixture: session\nsteps:\n  \
             - JetOpenDatabase: {{ szFilename: a.edb, pdbid: {value} }}\n"
        );
        refused(
            text.as_bytes(),
            &["bad.yaml:4:", "`pdbid` must be `->variable` or null"],
        );
    }
    refused(
        b"title: A size\nfixture: session\nsteps:\n  - JetGetVersion: { pwVersion: {} }\n",
        &[
            "`pwVersion` must be `->variable` or null",
            "not an empty mapping",
        ],
    );
}

#[test]
fn files_without_fault_are_counted() {
    says(
        &["check", "conformance/callbacks/first.yaml"],
        0,
        &["1 file, no faults"],
    );
    says(&["check", "conformance/fixtures"], 0, &["files, no faults"]);
}

#[test]
fn what_the_runner_cannot_do_is_a_fault_of_the_file() {
    refused(
        b"title: A loop\nfixture: table\nsteps:\n  - repeat: { times: 2, steps: [{ kill-host: true }] }\n",
        &["bad.yaml:4:", "cannot be killed inside a loop"],
    );
    let names = |count: usize| (0..count).map(|number| format!("n{number}"));
    let callbacks: String = names(65).map(|name| format!("  {name}: {{}}\n")).collect();
    let many = format!("title: Many\nfixture: table\ncallbacks:\n{callbacks}steps: []\n");
    refused(many.as_bytes(), &["bad.yaml:68:", "at most 64 callbacks"]);
    let threads: Vec<String> = names(128).collect();
    let many = format!(
        "title: Many\nfixture: table\nthreads: [{}]\nsteps: []\n",
        threads.join(", ")
    );
    refused(many.as_bytes(), &["at most 128 threads"]);
    refused(
        b"\
title: A write to what is no memory
fixture: storage
callbacks:
  keeper: { reasons: { FreeTableLS: { writes: { pvArg1: { text: hello } } } } }
steps: []
",
        &["`writes` has no meaning", "UserDefinedDefaultValue"],
    );
}

#[test]
fn a_file_that_asks_for_memory_without_end_is_refused() {
    let zeros = vec!["{ zeros: 4194304 }"; 600].join(", ");
    let long = format!(
        "title: A long list\nfixture: table\nsteps:\n  - JetSetColumn: {{ columnid: 1, pvData: [{zeros}] }}\n"
    );
    refused(long.as_bytes(), &["at most 4194304 bytes"]);

    let mut cases = String::from("title: Many cases\nfixture: table\ncases:\n");
    for case in 0..40 {
        cases.push_str(&format!("  c{case}:\n"));
        let call = "    - JetSetColumn: { columnid: 1, pvData: { zeros: 4194304 } }\n";
        cases.push_str(&call.repeat(15));
    }
    refused(cases.as_bytes(), &["more than 64 MiB"]);

    let folder = folder();
    std::fs::create_dir(folder.path().join("fixtures")).expect("a folder");
    let mut fixture = String::from("title: Each uses the next\nextends: table\nshorthands:\n");
    for level in 0..8 {
        let step = match level {
            0 => "JetRetain: { text: \"${a}\" }".to_owned(),
            _ => format!("s{}: {{ a: \"{}\" }}", level - 1, "${a}".repeat(64)),
        };
        fixture.push_str(&format!(
            "  s{level}:\n    parameters: {{ a: required }}\n    steps: [{{ {step} }}]\n"
        ));
    }
    file(&folder, "fixtures/bomb.yaml", fixture.as_bytes());
    let path = file(
        &folder,
        "bomb.yaml",
        b"title: A bomb\nfixture: bomb\nsteps:\n  - s7: { a: xxxxxxxx }\n",
    );
    says(&["check", text(&path)], 2, &["more than 64 MiB"]);
}

#[test]
fn a_file_that_would_be_passed_over_is_a_fault() {
    let folder = folder();
    let path = file(&folder, "one.yml", b"title: one\n");
    for arguments in [
        &["check", text(folder.path())][..],
        &["fmt", "--check", text(folder.path())],
        &["run", "--scenarios", text(folder.path())],
        &["check", text(&path)],
    ] {
        says(arguments, 2, &["one.yml", "end in `.yaml`"]);
    }
}

#[test]
fn a_fault_names_the_file_as_an_editor_finds_it() {
    let folder = folder();
    std::fs::create_dir_all(folder.path().join("own/area")).expect("a folder");
    let bad = b"title: bad\nfixture: tabel\nsteps: []\n";
    file(&folder, "own/area/bad.yaml", bad);
    let from = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_jetspec"))
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .expect("jetspec starts");
        let (out, err) = (output.stdout, output.stderr);
        String::from_utf8_lossy(&[out, err].concat()).into_owned()
    };
    for arguments in [
        &["run", "--scenarios", "own"][..],
        &["check", "own"],
        &["check", "own/area/bad.yaml"],
        &["trace", "own/area/bad.yaml"],
    ] {
        let said = from(arguments);
        assert!(said.contains("--> own/area/bad.yaml:2:10"), "{said}");
        assert!(said.starts_with("error: "), "{said}");
    }
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
fn every_scenario_is_in_canonical_form() {
    says(&["fmt", "--check", "conformance"], 0, &[]);
}
