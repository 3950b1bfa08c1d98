//! No bytes make the readers of reports, traces and requests panic, loop or use memory without bound,
//! and what is written is read as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(why) = jetspec::fuzz::check_report(bytes) {
        panic!("{why}");
    }
});
