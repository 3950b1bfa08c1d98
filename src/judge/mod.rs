//! The judge: pure functions from a plan, the reference's trace and the library's trace to a verdict.
//!
//! Nothing here calls a library, reads a file or knows the reference engine. What a scenario demands
//! is held against each trace ([`mismatches`]); where no expectation speaks the library's trace is
//! held against the reference's ([`first_difference`]); the register decides how much a departure
//! weighs ([`judge`]).

mod baseline;
mod compare;
mod environment;
mod expectations;
mod fingerprint;
mod matching;
mod reach;
mod render;
mod rule;
mod sequence;
mod verdict;
mod what;
mod words;

#[cfg(test)]
mod example;

pub use baseline::{
    BASELINE_VERSION, Baseline, BaselineError, BlessedCase, Pin, Pinned, State, Unmatched,
};
pub use compare::{
    Difference, Leave, Traces, difference_text, first_difference, first_difference_but,
};
pub use expectations::{Mismatch, mismatches};
pub use fingerprint::fingerprint;
pub use reach::{Reach, never_reached, reach};
pub use render::{Lines, render};
pub use rule::{CaseVerdict, Court, Finding, covered, judge, judge_reference};
pub use verdict::Verdict;
pub use what::What;
pub use words::{cbtyp, code, render_value};
