//! What a run is, in digests: the library's file and every file of the suite.

use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use jetspec::host::{Launcher, System};
use jetspec::reference::control::STAMP;
use jetspec::report::{Identity, Manner};

use super::arguments::{HostLimits, RunArguments};
use super::folder::Suite;
use super::libraries::Libraries;

/// The identity of a run.
pub fn of(arguments: &RunArguments, suite: &Suite, libraries: &Libraries) -> Identity {
    Identity {
        library: libraries.describe(),
        library_sha256: library(libraries),
        suite_sha256: suite.digest(),
        build: STAMP.to_owned(),
        system: system(libraries.system()),
        profile: arguments.profile,
        level: arguments.level,
        strict: arguments.strict,
        filters: arguments.selection.filters.clone(),
        shard: arguments.shard,
        manner: manner(arguments),
    }
}

/// The system of the hosts; of one that is not this one only the family is known.
fn system(hosts: System) -> String {
    match hosts {
        hosts if hosts == System::HERE => Identity::this_system(),
        System::Windows => "windows".to_owned(),
        System::Unix => "unix".to_owned(),
    }
}

fn manner(arguments: &RunArguments) -> Manner {
    let HostLimits {
        step_limit,
        case_limit,
        memory_limit,
        launcher,
    } = &arguments.hosts.limits;
    Manner {
        launcher: launcher.as_ref().map(Launcher::to_string),
        step_limit_ms: *step_limit,
        case_limit_ms: *case_limit,
        memory_limit_mib: *memory_limit,
        repeat: arguments.repeat,
        fresh_hosts: arguments.hosts.fresh_hosts,
        in_process: arguments.in_process,
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
