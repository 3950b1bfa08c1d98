//! The page of `--report html=…` in a headless Chromium: filtered, opened and compared by keyboard,
//! on a desk and on a phone, in light and dark, without an error on the console and without network.
//!
//! Where there is no Chromium these tests are ignored, and the output of `cargo test` says so; with
//! `-- --include-ignored` they fail instead.

mod browser;
mod pages;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

type Test = fn() -> Result<(), Failed>;

fn main() -> ExitCode {
    let tests: [(&str, Test); 6] = [
        ("filters-by-area-verdict-and-text", pages::filters),
        ("opens-by-keyboard-down-to-the-two-traces", pages::opens),
        ("compares-runs-in-one-table", pages::compares),
        ("links-lead-to-a-requirement-and-to-a-filter", pages::links),
        ("fits-a-phone-in-light-and-dark", pages::phone),
        ("shows-a-run-without-departures", pages::quiet),
    ];
    let browser = browser::find();
    if browser.is_none() {
        eprintln!("html_report: no chromium is found: the page is NOT tested");
    }
    let trials = tests
        .into_iter()
        .map(|(name, test)| Trial::test(name, test).with_ignored_flag(browser.is_none()));
    let arguments = Arguments::from_args();
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
