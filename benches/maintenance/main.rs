//! What compaction, backup, restore and recovery cost by the record, at three sizes: the time, the
//! peak memory of the process, and what a status function adds that is told every step. Each
//! measurement is made in a process of its own, so that the peak is that of one operation.
//!
//! Every repetition begins with caches that have nothing of the database in them: otherwise a small one
//! would be found there, since it has just been copied before, and a large one would not. The
//! instructions are there, after the operation was done with a database of next to nothing: they are
//! fetched once, however large a database is. A small one is repeated so often that
//! about as many records are worked on as with a large one.
//!
//! The time that is judged is the processor's, the median of the repetitions in the one of five processes
//! that is in the middle: the clock on the wall would measure what else the machine is doing. Both are
//! shown. The files are in memory where the system has a folder for that: what a disk does is not what is
//! measured, and waiting for one costs nothing there.

mod engine;
mod measure;
mod operations;
mod verdict;

use std::path::{Path, PathBuf};
use std::process::Command;

use measure::measure;
use operations::Operation;
use verdict::{Measured, judge};

/// Records of the database.
const SIZES: [u32; 3] = [10_000, 100_000, 1_000_000];

/// How many processes measure an operation at each size.
const ROUNDS: usize = 5;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, child, what, size, folder] = words.as_slice()
        && child == "--child"
    {
        std::env::set_current_dir(folder).expect("the folder of the measurement");
        let size = size.parse().expect("a size");
        match Operation::named(what) {
            Some(operation) => println!("{}", measure(operation, size).line()),
            None => operations::prepare(what, size),
        }
        return;
    }
    let wanted = words.iter().skip(1).filter(|word| !word.starts_with("--"));
    let wanted: Vec<&String> = wanted.collect();
    let folders = SIZES.map(|size| {
        let folder = Folder::new(size);
        for what in operations::PREPARATIONS {
            child(what, size, &folder.0);
        }
        (size, folder)
    });
    let named = |operation: &Operation| {
        let mut words = wanted.iter();
        wanted.is_empty() || words.any(|word| operation.name().contains(word.as_str()))
    };
    let mut table = Vec::new();
    for operation in Operation::ALL.into_iter().filter(named) {
        // One size after the other, and then again: what the machine is doing meanwhile comes and goes,
        // and is to meet them alike.
        let mut seen = SIZES.map(|_| Vec::new());
        for _ in 0..ROUNDS {
            for ((size, folder), own) in folders.iter().zip(&mut seen) {
                let said = child(operation.name(), *size, &folder.0);
                own.push(Measured::read(&said));
            }
        }
        for (size, own) in SIZES.into_iter().zip(seen) {
            let typical = Measured::typical(own);
            println!("{}", typical.row(operation, size));
            table.push((operation, size, typical));
        }
    }
    judge(&table);
}

/// A scratch folder that goes with its measurements.
struct Folder(PathBuf);

impl Folder {
    fn new(size: u32) -> Self {
        let name = format!("jetspec-maintenance-{}-{size}", std::process::id());
        // Files in memory: what a disk and its file system do is not what is measured.
        let memory = PathBuf::from("/dev/shm");
        let place = Some(memory).filter(|memory| memory.is_dir());
        let path = place.unwrap_or_else(std::env::temp_dir).join(name);
        std::fs::create_dir_all(&path).expect("a scratch folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays of a scratch folder does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Does one thing in a process of its own; gives what it says.
fn child(operation: &str, size: u32, folder: &Path) -> String {
    let program = std::env::current_exe().expect("the name of this executable");
    let output = Command::new(program)
        .args(["--child", operation, &size.to_string()])
        .arg(folder)
        .output()
        .expect("a process of its own");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{operation} of {size}: {complaint}"
    );
    said
}
