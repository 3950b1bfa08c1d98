//! No text makes the scenario parser panic, loop or use memory without bound.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // Faults are the expected answer to most texts; only returning matters.
    let _ = jetspec::scenario::parse("fuzz.yaml", text, None);
});
