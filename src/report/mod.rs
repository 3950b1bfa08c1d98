//! Reports: what a run found, for people at a terminal and for programs.

mod coverage;
mod json;
mod summary;
mod table;
mod terminal;

#[cfg(test)]
mod example;

pub use coverage::{Coverage, Covered, Covering};
pub use json::{JSON_VERSION, write_json};
pub use summary::{CaseReport, Missing, RunReport, area};
pub use table::Table;
pub use terminal::{Progress, Source, write_case, write_summary};
