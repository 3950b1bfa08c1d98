//! The house of horrors: libraries that are bad in one way each. Every one gets its one right verdict,
//! in words that name the culprit, and the cases before and after it are none the worse.
//!
//! The library is compiled once (`library.rs`) and given under as many names as there are horrors.

mod campaigns;
mod run;
mod table;

use libtest_mimic::{Arguments, Trial};

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = Vec::new();
    // The loader's rules and the system's limits that the horrors rest on are those of Linux.
    if cfg!(target_os = "linux") {
        trials.extend(
            table::TABLE
                .iter()
                .map(|horror| Trial::test(horror.name, move || run::judged(horror))),
        );
        trials.extend(run::trials());
        trials.extend(campaigns::trials());
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
