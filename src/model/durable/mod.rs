//! What outlives the process: the file of a database, and the log of what was committed since.
//!
//! A database file is an image of all committed rows, written aside and renamed into place. Between
//! two images every committed transaction is one record of the log, so that a killed process loses
//! nothing that it said it had done. (extensible-storage-engine-files.md)

pub mod apply;
pub mod contents;
pub mod image;
pub mod log;
pub mod record;
pub mod replay;
pub mod signature;

#[cfg(test)]
mod log_tests;
#[cfg(test)]
mod tests;
