//! What outlives the process: the file of a database, and the log of what was committed since.
//!
//! A database file holds all rows that were committed when it was written, aside and renamed into
//! place. Between two such moments every committed transaction is a group of the log, so that a
//! killed process loses nothing that it said it had done. A checkpoint writes the files anew, after
//! which the log before it is no longer needed. (extensible-storage-engine-files.md)

pub mod checkpoint;
pub mod contents;
pub mod header;
pub mod image;
pub mod log;
pub mod log_bytes;
pub mod log_writer;
pub mod moment;
pub mod page;
pub mod pending;
pub mod place;
pub mod record;
pub mod replay;
pub mod row_changes;
pub mod signature;
pub mod trailer;
pub mod writer;

#[cfg(test)]
mod log_tests;
#[cfg(test)]
mod tests;
