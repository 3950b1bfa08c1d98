//! What a run is, in digests: the library's file and every file of the suite.

use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use jetspec::reference::control::STAMP;
use jetspec::report::Identity;

use super::arguments::RunArguments;
use super::folder::Suite;
use super::libraries::Libraries;

/// The identity of a run.
pub fn of(arguments: &RunArguments, suite: &Suite, libraries: &Libraries) -> Identity {
    Identity {
        library: libraries.describe(),
        library_sha256: library(libraries),
        suite_sha256: suite.digest(),
        build: STAMP.to_owned(),
        system: Identity::this_system(),
        profile: arguments.profile,
        level: arguments.level,
        strict: arguments.strict,
        filters: arguments.selection.filters.clone(),
        shard: arguments.shard,
    }
}

/// The digest of the library: of its file, or, where it is the reference in the executable, of the
/// executable's stamp. None where the file cannot be read here.
fn library(libraries: &Libraries) -> Option<String> {
    match libraries.file() {
        Some(path) => of_file(path).ok(),
        None => Some(hex(&Sha256::digest(STAMP))),
    }
}

fn of_file(path: &Path) -> io::Result<String> {
    let mut digest = Sha256::new();
    io::copy(&mut File::open(path)?, &mut digest)?;
    Ok(hex(&digest.finalize()))
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
