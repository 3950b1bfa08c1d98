//! How fast scenarios are read, checked and planned, beside reading the same bytes as plain YAML.
//!
//! The folder is the committed one, whole, copied until it holds so many files.

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Copies the committed fixtures and so many scenarios into a folder.
fn folder(files: usize) -> Option<(tempfile::TempDir, u64)> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let to = tempfile::tempdir().ok()?;
    let fixtures = to.path().join("fixtures");
    std::fs::create_dir(&fixtures).ok()?;
    for entry in std::fs::read_dir(from.join("fixtures")).ok()?.flatten() {
        std::fs::copy(entry.path(), fixtures.join(entry.file_name())).ok()?;
    }
    let shelf = jetspec::scenario::Shelf::folder(&from).ok()?;
    let scenarios: Vec<_> = shelf.scenarios().map(|name| from.join(name)).collect();
    let mut bytes = 0;
    for index in 0..files {
        let path = scenarios.get(index % scenarios.len())?;
        bytes += std::fs::copy(path, to.path().join(format!("{index:05}.yaml"))).ok()?;
    }
    Some((to, bytes))
}

/// What reading the same files as plain YAML costs.
fn plain(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .filter_map(|text| serde_yaml::from_str::<serde_json::Value>(&text).ok())
        .count()
}

fn planned(folder: &Path) -> usize {
    let loaded = jetspec::scenario::load(folder);
    let plans = loaded
        .scenarios
        .iter()
        .map(|scenario| scenario.plans().len());
    plans.sum()
}

fn scenarios(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scenarios");
    group.sample_size(10);
    for files in [10, 100, 1000] {
        let Some((folder, bytes)) = folder(files) else {
            continue;
        };
        let folder = folder.path();
        group.throughput(Throughput::Bytes(bytes));
        let id = BenchmarkId::new("plain YAML", files);
        group.bench_function(id, |bencher| bencher.iter(|| black_box(plain(folder))));
        let id = BenchmarkId::new("checked and planned", files);
        group.bench_function(id, |bencher| bencher.iter(|| black_box(planned(folder))));
    }
    group.finish();
}

criterion_group!(benches, scenarios);
criterion_main!(benches);
