//! Reports: what a run found, for people and for programs.
//!
//! A run tells what happens as a stream of events ([`Event`]); every report is a [`Reporter`] that
//! reads it. Those that are files are made of the whole run, and so can be made of a JSON report
//! later.

mod case;
mod coverage;
mod document;
mod event;
mod github;
mod html;
mod identity;
mod journal;
mod junit;
mod markdown;
mod message;
mod output;
mod summary;
mod table;
mod terminal;

#[cfg(test)]
mod example;

pub use case::{CaseReport, area};
pub use coverage::{Coverage, Covered, Covering};
pub use document::{JSON_VERSION, ReadError, read_json, write_json};
pub use event::{Event, Failure, Reporter, Reporters};
pub use github::write_github;
pub use html::write_html;
pub use identity::{Conflict, Identity, Manner, Shard};
pub use journal::{JOURNAL_VERSION, Journal, JournalError};
pub use junit::write_junit;
pub use markdown::write_markdown;
pub use output::{Destination, FileReporter, Kind, Output, replace};
pub use summary::{AgainstBaseline, Missing, RunReport};
pub use table::{Table, counted};
pub use terminal::{Progress, Source, Terminal, Voice, write_case, write_summary};
