//! jetspec in a folder of its own, and what it said.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::small;

/// A folder with a scenario file `mine/small.yaml`.
pub struct Place {
    folder: TempDir,
}

impl Place {
    pub fn new() -> Place {
        Place {
            folder: small::folder(),
        }
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
        let library = small::library().to_str().expect("UTF-8");
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
