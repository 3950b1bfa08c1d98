//! No text makes the scenario parser or the planner panic, loop or use memory without bound, and what
//! is written back is read as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(why) = jetspec::fuzz::check_scenario_text(text) {
        panic!("{why}");
    }
});
