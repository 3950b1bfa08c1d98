//! The child process that runs plans: a library under test may crash, hang, exit or close what it
//! finds, so each plan has a process of its own. [`Host`] is the parent's side, [`child`] the
//! child's.

mod announcements;
pub mod child;
pub mod control;
mod exception;
mod folder;
pub mod library;
mod parent;
mod process;
mod protocol;
mod streams;
#[cfg(test)]
mod tests;

pub use folder::Folder;
pub use library::{LibraryError, Loaded, Source};
pub use parent::{Host, HostError, Options};
