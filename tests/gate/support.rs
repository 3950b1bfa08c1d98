//! A library to judge that departs in known ways, scenarios to judge it by, and jetspec.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;
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

/// A folder with a scenario file `mine/small.yaml`.
pub struct Place {
    folder: TempDir,
}

impl Place {
    pub fn new() -> Place {
        let folder = tempfile::tempdir().expect("a folder");
        let mine = folder.path().join("scenarios/mine");
        std::fs::create_dir_all(&mine).expect("a folder");
        std::fs::write(mine.join("small.yaml"), SCENARIO).expect("a scenario");
        Place { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).expect("JSON")
    }

    /// jetspec with this folder as its current one.
    pub fn jetspec(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jetspec"));
        command
            .args(arguments)
            .env("XDG_STATE_HOME", self.path("state"))
            .current_dir(self.folder.path());
        Said::from(command.output().expect("jetspec starts"))
    }

    /// `jetspec run` of the small library by the small scenario.
    pub fn run(&self, arguments: &[&str]) -> Said {
        let library = library().to_str().expect("UTF-8");
        let mut all = vec!["run", "mine/small", "--lib", library];
        all.extend(["--scenarios", "scenarios"]);
        all.extend(arguments);
        self.jetspec(&all)
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// It ended with the code and said the words.
    #[track_caller]
    pub fn is(self, code: i32, words: &[&str]) -> Said {
        assert_eq!(self.code, code, "{self:?}");
        let all = format!("{}{}", self.out, self.err);
        assert!(!all.contains("panicked"), "{self:?}");
        for word in words {
            assert!(
                all.contains(word),
                "no `{word}` in {}\n{}",
                self.out,
                self.err
            );
        }
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Said {
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
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

fn compiled(arguments: &[&str]) -> (TempDir, PathBuf) {
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
