//! jetspec on the files of this repository or of a folder of its own, and what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub fn jetspec(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jetspec"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("jetspec starts")
}

pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

pub fn file(folder: &TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a file");
    path
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The command ends with the code, says the words, and does not panic.
pub fn says(arguments: &[&str], code: i32, words: &[&str]) {
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

pub fn refused(content: &[u8], words: &[&str]) {
    let folder = folder();
    let path = file(&folder, "bad.yaml", content);
    says(&["check", text(&path)], 2, words);
}
