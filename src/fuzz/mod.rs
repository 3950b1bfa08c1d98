//! Fuzzing: programs of the generator run against the reference, and against a library, and held
//! against the laws that every program keeps.
//!
//! `oracle` says what breaks a law, `finding` writes it as a scenario, `campaign` runs programs until
//! time is up, `artifact` does for one input of libFuzzer what the campaign does for each of its own.

mod announced;
mod artifact;
mod campaign;
mod compare;
mod corpus;
mod coverage;
mod finding;
mod histories;
mod inside;
mod oracle;
mod restart;
mod runner;
mod scratch;
mod shown;
mod starved;
mod steady;
mod targets;
mod text;
mod text_finding;

pub use artifact::{Replayed, replay};
pub use campaign::{Campaign, CampaignError, Event, Outcome, Tally};
pub use corpus::Corpus;
pub use coverage::CodeCoverage;
pub use finding::Found;
pub use oracle::{Broken, Kind};
pub use runner::{Bench, Run};
pub use targets::{Target, check_input};
pub use text::{check_report, check_scenario_text};
pub use text_finding::{TextFound, replay_text};
