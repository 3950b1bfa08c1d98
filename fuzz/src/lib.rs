//! What the targets share: the bench that programs run on, and the host process for a library under
//! test, which is this very program started with other arguments.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jetspec::fuzz::{Bench, Target, check_input};
use jetspec::host::{Options, Source, child};
use jetspec::scenario::plan::Profile;
use jetspec::spec::Register;

pub use libfuzzer_sys;

/// Becomes a host, if that is what the program was started as. Called before libFuzzer reads its
/// arguments.
pub fn become_host() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "host") {
        let rest: Vec<OsString> = arguments.collect();
        let code = child::main(&rest);
        // `ExitCode` keeps its number to itself; the parent only looks at the frames.
        std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
    }
}

/// Runs an input of a target. `JETSPEC_LIB` names a library that is to do what the reference does.
pub fn run(target: Target, input: &[u8]) {
    static BENCH: OnceLock<Mutex<Bench>> = OnceLock::new();
    let library = std::env::var_os("JETSPEC_LIB").map(PathBuf::from);
    let bench = BENCH.get_or_init(|| Mutex::new(bench(library)));
    let mut bench = bench.lock().unwrap_or_else(PoisonError::into_inner);
    check_input(target, &mut bench, input);
}

/// A fuzz target that cannot begin ends with the reason. `JETSPEC_PROFILE` names the profile of the
/// reference.
fn bench(library: Option<PathBuf>) -> Bench {
    let begin = || -> Result<Bench, String> {
        let text = |error: &dyn std::error::Error| error.to_string();
        let profile = match std::env::var("JETSPEC_PROFILE").as_deref() {
            Ok("genuine") => Profile::Genuine,
            Ok("documented") | Err(_) => Profile::Documented,
            Ok(other) => return Err(format!("JETSPEC_PROFILE: {other} is no profile")),
        };
        let register = Register::embedded().map_err(|error| text(&error))?;
        let options = match library {
            Some(path) => {
                let options = Options::new(Source::Path(path)).map_err(|error| text(&error))?;
                // The host is this very program, and AddressSanitizer takes up terabytes of addresses.
                Some(Options {
                    memory_mib: 0,
                    ..options
                })
            }
            None => None,
        };
        Bench::here(Arc::new(register), profile, options).map_err(|error| text(&error))
    };
    match begin() {
        Ok(bench) => bench,
        Err(why) => {
            eprintln!("{why}");
            std::process::exit(2);
        }
    }
}

/// Makes a program of each input and holds it against the laws of a target.
#[macro_export]
macro_rules! programs {
    ($target:expr) => {
        $crate::libfuzzer_sys::fuzz_target!(init: $crate::become_host(), |input: &[u8]| {
            $crate::run($target, input)
        });
    };
}
