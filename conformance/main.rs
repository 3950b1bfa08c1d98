//! `cargo test`: every scenario is a test of its own, in each profile, against the freshly built
//! library in host processes; beside them the runner's own tests and the reviewed traces.

mod harness;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    libtest_mimic::run(&arguments, harness::trials(&arguments)).exit_code()
}
