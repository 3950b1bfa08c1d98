//! Replaying: bringing the files of databases up to what the log says.
//!
//! (jetinit-function.md, extensible-storage-engine-files.md)

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::header::DatabaseState;
use super::image::{self, ImageError, Sync};
use super::log::{Content, LogError, Logged};
use super::moment::LogPosition;
use super::pending::Pending;
use super::record::{LogRecord, Operation};
use super::signature::Signature;
use crate::abi::errors::JetError;
use crate::model::rules::rules;

rules! {
    /// A file that the log is about is the one that it was.
    SAME_DATABASE = "durable/recovery-same-database";
    /// A file that the log is about is there.
    PRESENT = "durable/recovery-file-present";
    /// A restored file needs all logs of its backup.
    BEHIND = "recovery/control-attached-behind";
    /// A file that the log is about may be opened.
    DENIED = "recovery/database-denied";
    /// Committed transactions are there again after recovery.
    COMMITTED = "durable/recovery-committed";
    /// The logs that a database needs are there.
    REQUIRED = "durable/recovery-logs-required";
    /// What was recovered without undo can be recovered further.
    AGAIN = "recovery/without-undo-again";
    /// And those that were begun after them.
    LOST = "durable/recovery-logs-lost";
}

/// Databases that are attached, with their files.
pub type Attached = BTreeMap<Signature, PathBuf>;

/// The databases that are attached after these records.
///
/// # Errors
/// [`LogError::Damaged`] for a record that cannot be read.
pub fn attached_after(mut attached: Attached, content: &Content) -> Result<Attached, LogError> {
    for logged in content.attachments() {
        note(&mut attached, &logged?.record);
    }
    Ok(attached)
}

fn note(attached: &mut Attached, record: &LogRecord) {
    match record {
        LogRecord::Attach { database, path } => {
            attached.insert(*database, PathBuf::from(path));
        }
        LogRecord::Detach { database } => {
            attached.remove(database);
        }
        LogRecord::Attached(list) => {
            let list = list.iter();
            *attached = list
                .map(|(one, path)| (*one, PathBuf::from(path)))
                .collect();
        }
        LogRecord::Group(_) | LogRecord::Part(_) | LogRecord::Full => {}
    }
}

/// Where a database is now, by what it is and where it was; `None` for one that is left out.
pub trait Places {
    /// The file of a database.
    ///
    /// # Errors
    /// What keeps the file from being where it belongs.
    fn place(&self, database: Signature, before: &Path) -> Result<Option<PathBuf>, JetError>;

    /// From where on in the log the file of a database is there; it was elsewhere before.
    fn begins(&self, _database: Signature) -> LogPosition {
        LogPosition::default()
    }
}

/// Every database is where it was.
#[derive(Debug, Clone, Copy)]
pub struct Unmoved;

impl Places for Unmoved {
    fn place(&self, _database: Signature, before: &Path) -> Result<Option<PathBuf>, JetError> {
        Ok(Some(before.to_owned()))
    }
}

/// What recovery knows of a database that the log attaches.
#[derive(Debug)]
enum Found {
    /// Its file lacks something: what that is, is in memory until the end.
    Open(Box<Pending>),
    /// Its file lacks nothing.
    Whole,
    /// There is no such file, or it is not this database.
    Mismatch(&'static crate::model::rules::Rule),
    /// Its file may not be opened.
    Denied,
    /// Its file cannot be used.
    Broken(JetError),
    /// It was left out.
    Outside,
}

/// A log that is being replayed.
pub struct Replay<'p> {
    log: Signature,
    places: &'p dyn Places,
    attached: Attached,
    found: BTreeMap<Signature, (PathBuf, Found)>,
    /// The databases that the log has gone beyond, see [`caught_up`](Self::caught_up).
    caught_up: BTreeSet<Signature>,
    /// The parts of a group whose end has not come yet.
    parts: Vec<Operation>,
    /// The number of the last record.
    last_number: u64,
    /// Where the last record began.
    position: LogPosition,
}

impl<'p> Replay<'p> {
    /// Begins with a log of which nothing is replayed yet.
    pub fn new(log: Signature, places: &'p dyn Places) -> Self {
        Self {
            log,
            places,
            attached: Attached::new(),
            found: BTreeMap::new(),
            caught_up: BTreeSet::new(),
            parts: Vec::new(),
            last_number: 0,
            position: LogPosition::default(),
        }
    }

    /// The number of the last record that was replayed, zero without one.
    pub fn last_number(&self) -> u64 {
        self.last_number
    }

    /// The file of the log that the last record is in.
    pub fn generation(&self) -> u32 {
        self.position.generation
    }

    /// What is attached now.
    pub fn attached(&self) -> &Attached {
        &self.attached
    }

    /// How many databases are attached and lack something.
    pub fn open(&self) -> usize {
        let attached = |database| self.attached.contains_key(database);
        let open = self
            .found
            .iter()
            .filter(|(database, (_, found))| attached(database) && matches!(found, Found::Open(_)));
        open.count()
    }

    /// The files, each of them once, of the attached databases that hold nothing any more of which the
    /// log has not told yet: it has come to a generation behind those that the file needs, and behind
    /// the last one that was restored with it.
    pub fn caught_up(&mut self, restored: u32) -> Vec<PathBuf> {
        let generation = self.generation();
        let mut files = Vec::new();
        for (database, (path, found)) in &self.found {
            let Found::Open(pending) = found else {
                continue;
            };
            let restored = if BEHIND.holds() { restored } else { 0 };
            let needed = pending.header.max_required.max(restored);
            let attached = self.attached.contains_key(database);
            if attached && generation > needed && self.caught_up.insert(*database) {
                files.push(path.clone());
            }
        }
        files
    }

    /// The file, if it has caught up, of the database that a record detaches.
    pub fn leaving(&mut self, record: &LogRecord) -> Option<PathBuf> {
        let LogRecord::Detach { database } = record else {
            return None;
        };
        let (path, _) = self.found.get(database)?;
        self.caught_up.remove(database).then(|| path.clone())
    }

    /// The files of the databases that have caught up and are attached.
    pub fn still_attached(&self) -> Vec<PathBuf> {
        let caught_up = self.caught_up.iter();
        let found = caught_up.filter_map(|database| self.found.get(database));
        found.map(|(path, _)| path.clone()).collect()
    }

    /// Replays a record.
    pub fn record(&mut self, logged: Logged) {
        self.last_number = logged.number;
        self.position = logged.position;
        match logged.record {
            LogRecord::Part(operations) => {
                self.parts.extend(operations);
                return;
            }
            LogRecord::Group(operations) => {
                let mut group = std::mem::take(&mut self.parts);
                group.extend(operations);
                self.group(logged.number, group);
            }
            LogRecord::Attached(_) => {
                // A long group can go on in the next file.
                note(&mut self.attached, &logged.record);
                self.look_for_all();
                return;
            }
            LogRecord::Attach { .. } | LogRecord::Detach { .. } => {
                note(&mut self.attached, &logged.record);
                self.look_for_all();
            }
            // A long group can go on in the next file.
            LogRecord::Full => return,
        }
        // A group whose end never came was not committed.
        self.parts.clear();
    }

    fn group(&mut self, number: u64, mut group: Vec<Operation>) {
        if !COMMITTED.holds() {
            group.retain(|operation| !operation.deed.is_of_row());
        }
        for (_, found) in self.found.values_mut() {
            if let Found::Open(pending) = found
                && let Err(error) = pending.apply(number, &group)
            {
                *found = Found::Broken(ImageError::code(&error));
            }
        }
    }

    fn look_for_all(&mut self) {
        // What was detached before its end has come is written all the same, and goes on where it is
        // attached again: a file out of a backup can be behind that.
        let attached = &self.attached;
        let open = |found: &Found| matches!(found, Found::Open(_));
        self.found
            .retain(|one, (_, found)| attached.contains_key(one) || open(found));
        for (database, before) in &self.attached {
            let begun = self.position >= self.places.begins(*database);
            if begun && !self.found.contains_key(database) {
                let found = look(self.log, self.places, *database, before);
                self.found.insert(*database, found);
            }
        }
    }

    /// Whether the log that was replayed, up to this generation, is enough for the databases.
    ///
    /// # Errors
    /// `JET_errRequiredLogFilesMissing`, `JET_errCommittedLogFilesMissing`.
    pub fn check_generations(&self, low: u32, high: u32) -> Result<(), JetError> {
        for (_, found) in self.found.values() {
            if let Found::Open(pending) = found {
                let header = &pending.header;
                let missing = header.max_required > high || header.min_required < low;
                REQUIRED.refuse(missing, JetError::RequiredLogFilesMissing)?;
                let lost = header.committed > high;
                LOST.refuse(lost, JetError::CommittedLogFilesMissing)?;
            }
        }
        Ok(())
    }

    /// Writes the files. With `undo` they are clean then. `ignore_missing` passes over files that
    /// are not there. Answers the files.
    ///
    /// # Errors
    /// `JET_errAttachedDatabaseMismatch` for a file that is missing or another database,
    /// `JET_errAccessDenied` for one that may not be opened, and what is wrong with a file. Files that
    /// were done before the failure stay done.
    pub fn finish(
        &mut self,
        undo: bool,
        ignore_missing: bool,
        sync: Sync,
    ) -> Result<Vec<PathBuf>, JetError> {
        let mut files = Vec::new();
        for (database, (path, found)) in std::mem::take(&mut self.found) {
            match found {
                Found::Open(mut pending) => {
                    let detached = !self.attached.contains_key(&database);
                    if (undo || detached) && COMMITTED.holds() {
                        pending.header.make_clean(self.position);
                    } else {
                        pending.header.state = DatabaseState::Dirty;
                        // A sloppy engine believes that it has seen more of the log than it has.
                        let more = u32::from(!AGAIN.holds());
                        pending.header.max_required = self.position.generation + more;
                    }
                    pending.write(sync)?;
                    files.push(path);
                }
                Found::Mismatch(rule) => {
                    let minded = !(ignore_missing && rule.id() == PRESENT.id());
                    rule.refuse(minded, JetError::AttachedDatabaseMismatch)?;
                }
                Found::Denied => DENIED.refuse(!ignore_missing, JetError::AccessDenied)?,
                Found::Broken(error) => return Err(error),
                Found::Whole => files.push(path),
                Found::Outside => {}
            }
        }
        Ok(files)
    }
}

/// Looks for the file of a database that the log attaches.
fn look(
    log: Signature,
    places: &dyn Places,
    database: Signature,
    before: &Path,
) -> (PathBuf, Found) {
    let path = match places.place(database, before) {
        Ok(Some(path)) => path,
        Ok(None) => return (before.to_owned(), Found::Outside),
        Err(error) => return (before.to_owned(), Found::Broken(error)),
    };
    let header = match image::header(&path) {
        Ok(header) => header,
        Err(error) if error.is_missing() => return (path, Found::Mismatch(&PRESENT)),
        Err(error) if error.is_denied() => return (path, Found::Denied),
        Err(error) => return (path, Found::Broken(error.code())),
    };
    if header.signature != database && SAME_DATABASE.holds() {
        return (path, Found::Mismatch(&SAME_DATABASE));
    }
    // A file that was not yet marked as attached with this log has nothing in it to redo.
    if header.log != Some(log) || header.is_clean() {
        return (path, Found::Whole);
    }
    let found = match Pending::open(&path) {
        Ok(pending) => Found::Open(Box::new(pending)),
        Err(error) => Found::Broken(ImageError::code(&error)),
    };
    (path, found)
}
