//! Recovery: bringing the files of databases that were attached up to the end of the log.
//!
//! (jetinit-function.md, extensible-storage-engine-files.md)

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::contents::DatabaseImage;
use super::image::{self, ImageError, Sync};
use super::log::LogFound;
use super::record::LogRecord;
use super::signature::Signature;
use crate::abi::errors::JetError;
use crate::model::rules::rules;

rules! {
    /// A file that the log is about is the one that it was.
    SAME_DATABASE = "durable/recovery-same-database";
    /// A file that the log is about is there.
    PRESENT = "durable/recovery-file-present";
    /// Committed transactions are there again after recovery.
    COMMITTED = "durable/recovery-committed";
}

/// The databases that a log leaves attached, with their files.
pub fn attached(log: &LogFound) -> BTreeMap<Signature, PathBuf> {
    let mut attached = BTreeMap::new();
    for (_, record) in &log.records {
        match record {
            LogRecord::Attach { database, path } => {
                attached.insert(*database, PathBuf::from(path));
            }
            LogRecord::Detach { database } => {
                attached.remove(database);
            }
            LogRecord::Group(_) | LogRecord::Checkpoint { .. } => {}
        }
    }
    attached
}

/// Applies a log to an image.
pub fn replay(log: &LogFound, image: &mut DatabaseImage) {
    for (number, record) in &log.records {
        if let LogRecord::Group(operations) = record {
            if COMMITTED.holds() {
                image.apply(*number, operations);
            } else {
                let sloppy = operations.iter().filter(|op| !op.deed.is_of_row());
                image.apply(*number, &sloppy.cloned().collect::<Vec<_>>());
            }
        }
    }
}

/// Brings the files of all databases that the log leaves attached up to its end, and leaves them
/// clean. Answers the files. `ignore_missing` passes over files that are not there.
///
/// # Errors
/// `JET_errAttachedDatabaseMismatch` for a file that is missing or another database, and what is
/// wrong with a file. Files that were done before the failure stay done.
pub fn recover(log: &LogFound, ignore_missing: bool, sync: Sync) -> Result<Vec<PathBuf>, JetError> {
    let mut recovered = Vec::new();
    for (signature, path) in attached(log) {
        if let Some(mut image) = load(&path, signature, ignore_missing)? {
            // A file that was not yet marked as attached with this log has nothing in it to redo.
            if image.log == Some(log.signature) {
                replay(log, &mut image);
            }
            image.clean = COMMITTED.holds();
            image::write(&path, &image, sync)?;
            recovered.push(path);
        }
    }
    Ok(recovered)
}

fn load(
    path: &Path,
    signature: Signature,
    ignore_missing: bool,
) -> Result<Option<DatabaseImage>, JetError> {
    let image = match image::read(path) {
        Ok(image) => image,
        Err(ImageError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            PRESENT.refuse(!ignore_missing, JetError::AttachedDatabaseMismatch)?;
            return Ok(None);
        }
        Err(error) => return Err(error.code()),
    };
    let other = image.signature != signature;
    SAME_DATABASE.refuse(other, JetError::AttachedDatabaseMismatch)?;
    Ok(Some(image))
}
