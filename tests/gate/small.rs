//! A library to judge that departs in known ways, and a scenario to judge it by.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

/// Four cases about `library.rs`: one passes, one fails, one crashes, one lacks a function.
const SCENARIO: &str = "\
title: What a small library does
cases:
  passes:
    - JetCreateInstance: { pinstance: ->instance, szInstanceName: a }
      covers: instance/creates
  fails:
    - JetCreateInstance: { pinstance: null, szInstanceName: a }
      expect: JET_errInvalidParameter
      covers: instance/pointer-null
  crashes:
    - JetCreateInstance: { pinstance: ->instance, szInstanceName: a }
    - JetInit: {}
  lacks:
    - JetCreateInstance: { pinstance: ->instance, szInstanceName: a }
    - JetBeginSession: { psesid: ->sesid }
      expect: JET_errNotInitialized
";

/// A folder with the scenario as `scenarios/mine/small.yaml`.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mine = folder.path().join("scenarios/mine");
    std::fs::create_dir_all(&mine).expect("a folder");
    std::fs::write(mine.join("small.yaml"), SCENARIO).expect("a scenario");
    folder
}

/// The library of `library.rs`, compiled once.
pub fn library() -> &'static Path {
    static LIBRARY: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| compiled(&[]));
    &LIBRARY.1
}

/// The same, with what fails mended and what passes broken.
pub fn changed_library() -> &'static Path {
    static LIBRARY: LazyLock<(TempDir, PathBuf)> =
        LazyLock::new(|| compiled(&["--cfg", "changed"]));
    &LIBRARY.1
}

/// The library of `library.rs` compiled with these arguments, in a folder that goes with it.
pub fn compiled(arguments: &[&str]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small.library");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gate/library.rs");
    let compiler = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let status = Command::new(compiler)
        .args(["--edition", "2024", "--crate-type", "cdylib", "-o"])
        .arg(&path)
        .args(arguments)
        .arg(source)
        .status()
        .expect("rustc starts");
    assert!(status.success());
    (folder, path)
}
