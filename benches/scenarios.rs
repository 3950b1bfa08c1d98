//! How fast scenarios are read, checked and planned, beside reading the same bytes as plain YAML: at
//! most 3 times as long. And that a file among 1,000 costs no more than one among 100.

#[path = "shared/side_by_side.rs"]
mod side_by_side;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use criterion::Criterion;
use jetspec::scenario::{Shelf, load};
use side_by_side::{Way, compare};
use tempfile::TempDir;

/// Copies the committed fixtures into a folder, and so many of the scenarios, from the first again
/// after the last.
fn copied(scenarios: &[PathBuf], files: usize) -> TempDir {
    let to = tempfile::tempdir().expect("a scratch folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/fixtures");
    let fixtures = to.path().join("fixtures");
    std::fs::create_dir(&fixtures).expect("a folder for fixtures");
    for entry in std::fs::read_dir(from).expect("the fixtures") {
        let entry = entry.expect("a fixture");
        std::fs::copy(entry.path(), fixtures.join(entry.file_name())).expect("a copy");
    }
    for (index, path) in scenarios.iter().cycle().take(files).enumerate() {
        std::fs::copy(path, to.path().join(format!("{index:05}.yaml"))).expect("a copy");
    }
    to
}

/// The committed scenarios.
fn committed() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let shelf = Shelf::folder(&folder).expect("the committed folder");
    shelf.scenarios().map(|name| folder.join(name)).collect()
}

/// A hundred of them, from all over the folder.
fn hundred(scenarios: &[PathBuf]) -> Vec<PathBuf> {
    let all = scenarios.len();
    (0..100)
        .map(|index| scenarios[index * all / 100].clone())
        .collect()
}

/// Reads the files as plain YAML, which is to be read before it is anything else.
fn plain(folder: &Path, files: usize) -> Duration {
    let begun = Instant::now();
    let entries = std::fs::read_dir(folder).expect("the folder").flatten();
    let values: Vec<serde_json::Value> = entries
        .filter(|entry| entry.path().extension().is_some())
        .map(|entry| std::fs::read_to_string(entry.path()).expect("text"))
        .map(|text| serde_yaml::from_str(&text).expect("YAML"))
        .collect();
    let took = begun.elapsed();
    assert_eq!(black_box(values).len(), files);
    took
}

/// Reads, checks and plans them.
fn planned(folder: &Path, files: usize) -> Duration {
    let begun = Instant::now();
    let loaded = black_box(load(folder));
    let took = begun.elapsed();
    assert!(loaded.faults.is_empty(), "{:#?}", loaded.faults);
    assert_eq!(loaded.scenarios.len(), files);
    took
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let all = committed();
    let folder = copied(&all, 1000);
    compare(
        &mut criterion,
        Way::new("1,000 files checked and planned", || {
            planned(folder.path(), 1000)
        }),
        Way::new("1,000 files as plain YAML", || plain(folder.path(), 1000)),
        3.0,
    );
    // The same hundred ten times over, so that the size alone differs. The small folder is gone
    // through ten times.
    let hundred = hundred(&all);
    let (small, large) = (copied(&hundred, 100), copied(&hundred, 1000));
    compare(
        &mut criterion,
        Way::new("10 times 100 files in one folder", || {
            planned(large.path(), 1000)
        }),
        Way::new("100 files, 10 times", || {
            (0..10).map(|_| planned(small.path(), 100)).sum()
        }),
        1.1,
    );
    criterion.final_summary();
}
