//! The child processes that run plans: a library under test may crash, hang, exit or close what it
//! finds, so plans run in processes of their own. [`Host`] is the parent's side, [`child`] the child's.

mod announcements;
pub mod child;
pub mod control;
mod error;
mod exception;
mod folder;
mod greeting;
mod incoming;
pub mod interrupt;
mod last_words;
mod launcher;
mod leftovers;
pub mod library;
mod limit;
mod orders;
mod outgoing;
mod parent;
mod parental;
#[cfg(unix)]
mod patience;
mod place;
mod process;
mod protocol;
mod strays;
mod streams;
#[cfg(test)]
mod tests;
mod tidy;
mod vandalism;
mod watch;

pub use error::HostError;
pub use folder::Folder;
pub use launcher::{Launcher, LauncherError};
pub use leftovers::sweep;
pub use library::{LibraryError, Loaded, Source};
pub use limit::MEMORY_MIB;
pub use parent::{Host, Options};
pub use protocol::{Exports, System};
pub use strays::{hear_of_children, kill_strays};
