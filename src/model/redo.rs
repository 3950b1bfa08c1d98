//! The log of an instance: what each committed transaction did to stored databases.
//!
//! A commit is one record of the log, written before the call returns. (jetinit-function.md,
//! jetcommittransaction-function.md, transaction-log-parameters.md)

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use super::durable::image::Sync;
use super::durable::record::{Deed, LogRecord, Operation};
use super::durable::signature::Signature;
use super::engine::State;
use super::handles::{Instance, TableKey};
use super::instance::InstanceState;
use super::outcome::Jet;
use super::rules::rules;
use super::store::Bookmark;
use super::transaction::Step;
use crate::abi::errors::JetError;

rules! {
    /// A committed transaction survives the end of the process. (jetcommittransaction-function.md)
    SURVIVES = "durable/commit-survives-kill";
    /// A lazy commit is lost only with all that come after it. (jetcommittransaction-function.md)
    LAZY = "durable/lazy-commit-may-be-lost";
}

/// What the steps of a transaction touched.
#[derive(Debug, Default)]
pub struct Touched {
    /// Rows that were written.
    pub rows: BTreeSet<(TableKey, Bookmark)>,
    /// Tables that were created, deleted or renamed, or whose schema was changed.
    pub tables: BTreeSet<TableKey>,
}

/// What is to be logged of a transaction, once it is settled.
#[derive(Debug, Default)]
pub(super) struct Redo {
    touched: Touched,
    /// Where each touched table is written down.
    places: BTreeMap<TableKey, (Signature, u32)>,
}

impl State {
    /// Notes a database that is attached, or detached, in the log.
    pub(super) fn log_attachment(
        &mut self,
        handle: Instance,
        database: Signature,
        path: Option<PathBuf>,
    ) -> Jet<()> {
        let record = match path {
            Some(path) => LogRecord::Attach {
                database,
                path: path.to_string_lossy().into_owned(),
            },
            None => LogRecord::Detach { database },
        };
        self.append(handle, &[record])
    }

    /// What is to be logged of a transaction that is about to be settled.
    pub(super) fn prepare_redo(&mut self, handle: Instance, steps: &[Box<dyn Step>]) -> Redo {
        let logs = self
            .instance(handle)
            .is_ok_and(|instance| instance.log.is_some());
        let mut redo = Redo::default();
        if !logs {
            return redo;
        }
        for step in steps {
            step.touch(&mut redo.touched);
        }
        let of_rows = redo.touched.rows.iter().map(|(table, _)| *table);
        let keys: BTreeSet<TableKey> = of_rows.chain(redo.touched.tables.iter().copied()).collect();
        for key in keys {
            if let Some(object) = self.object_of(key)
                && let Some(database) = self.signature_of(key)
            {
                redo.places.insert(key, (database, object));
            }
        }
        redo
    }

    fn signature_of(&self, key: TableKey) -> Option<Signature> {
        let home = self.tables.get(&key)?.home;
        Some(self.databases.get(&home)?.file.as_ref()?.header.signature)
    }

    /// Writes a settled transaction to the log.
    ///
    /// # Errors
    /// What is wrong with the log; the instance is unavailable from then on.
    pub(super) fn log_commit(&mut self, handle: Instance, redo: Redo, lazy: bool) -> Jet<()> {
        let mut operations = match self.operations(redo) {
            Ok(operations) => operations,
            Err(_) => {
                self.instance_mut(handle)?.unavailable = Some(JetError::InstanceUnavailable);
                return Err(JetError::LogWriteFail);
            }
        };
        if !SURVIVES.holds() {
            operations.retain(|operation| !operation.deed.is_of_row());
        }
        if operations.is_empty() {
            return Ok(());
        }
        let records = records(operations);
        if lazy || self.stall(handle, true) {
            let instance = self.instance_mut(handle)?;
            if instance.log.is_some() {
                instance.lazy.extend(records);
            }
            return Ok(());
        }
        self.append(handle, &records)?;
        self.checkpoint_if_due(handle);
        Ok(())
    }

    /// Writes records behind those of lazy commits, which wait no longer.
    fn append(&mut self, handle: Instance, records: &[LogRecord]) -> Jet<()> {
        self.flush_log(handle)?;
        self.write_log(handle, records)
    }

    fn write_log(&mut self, handle: Instance, records: &[LogRecord]) -> Jet<()> {
        let instance = self.instance_mut(handle)?;
        let before = instance.log.as_ref().map(|log| log.generation());
        let bytes = |instance: &InstanceState| instance.log.as_ref().map_or(0, |log| log.written());
        let written = bytes(instance);
        let fresh = instance.log.as_ref().is_some_and(|log| !log.is_open());
        for record in records {
            instance.write(record)?;
        }
        let written = bytes(instance).saturating_sub(written);
        self.note_work(|work| {
            work.log_records = work.log_records.wrapping_add(records.len() as u32);
            work.log_bytes = work.log_bytes.wrapping_add(written as u32);
        });
        if fresh && !records.is_empty() {
            self.note_checkpoint(handle)?;
        }
        let instance = self.instance(handle)?;
        if before != instance.log.as_ref().map(|log| log.generation()) {
            self.note_generation(handle);
        }
        Ok(())
    }

    /// Writes the records of lazy commits that wait.
    ///
    /// # Errors
    /// What is wrong with the log; the instance is unavailable from then on.
    pub(super) fn flush_log(&mut self, handle: Instance) -> Jet<()> {
        let waits = !self.instance(handle)?.lazy.is_empty();
        if self.stall(handle, waits) {
            return Ok(());
        }
        let mut lazy = std::mem::take(&mut self.instance_mut(handle)?.lazy);
        if !LAZY.holds() {
            lazy.clear();
        }
        self.write_log(handle, &lazy)
    }

    /// Tables before rows, so that a row finds its table.
    fn operations(&mut self, redo: Redo) -> io::Result<Vec<Operation>> {
        let Redo { touched, places } = redo;
        let mut operations = Vec::new();
        let mut rows = touched.rows;
        for key in &touched.tables {
            let Some(place) = places.get(key) else {
                continue;
            };
            let template = self.tables.get(key).and_then(|table| table.template);
            let template = template.and_then(|template| self.object_of(template));
            let Some(table) = self.tables.get(key) else {
                operations.push(operation(*place, Deed::Drop));
                continue;
            };
            let schema = Box::new(table.schema_image(template));
            operations.push(operation(*place, Deed::Define(schema)));
            // With the schema every row may have changed: its keys, or the values of its columns.
            let all = table.rows.bookmarks().into_iter();
            rows.extend(all.map(|bookmark| (*key, bookmark)));
        }
        for (key, bookmark) in rows {
            let (Some(place), Some(table)) = (places.get(&key), self.tables.get(&key)) else {
                continue;
            };
            let deed = match table.row_image(&bookmark) {
                Some(row) => Deed::put(&bookmark, &row)?,
                None => Deed::Remove { bookmark },
            };
            operations.push(operation(*place, deed));
        }
        for (key, place) in &places {
            if let Some(table) = self.tables.get(key) {
                let counters = Deed::Counters {
                    next_autoincrement: table.next_autoincrement,
                    next_counter: table.rows.counter(),
                };
                operations.push(operation(*place, counters));
            }
        }
        Ok(operations)
    }
}

impl InstanceState {
    /// Writes a record. A failure makes the instance unavailable.
    fn write(&mut self, record: &LogRecord) -> Jet<()> {
        let Some(log) = &mut self.log else {
            return Ok(());
        };
        let Err(error) = log.append(record, Sync::Memory) else {
            return Ok(());
        };
        let (state, code) = match error.code() {
            JetError::LogDiskFull => (
                JetError::InstanceUnavailableDueToFatalLogDiskFull,
                JetError::LogDiskFull,
            ),
            _ => (JetError::InstanceUnavailable, JetError::LogWriteFail),
        };
        self.unavailable = Some(state);
        Err(code)
    }
}

/// Bytes of operations that one record holds at most, unless one alone has more: files of the log
/// are to keep their size.
const RECORD_MOST: usize = 1 << 14;
/// So many operations are never too many for a record, long values aside.
const FEW: usize = 4;

/// The records of a group: a long one in parts.
fn records(operations: Vec<Operation>) -> Vec<LogRecord> {
    if operations.len() <= FEW {
        return vec![LogRecord::Group(operations)];
    }
    let mut records = Vec::new();
    let (mut part, mut size) = (Vec::new(), 0);
    for operation in operations {
        // What cannot be measured cannot be written either, which the log will tell.
        let measured = postcard::to_stdvec(&operation).map_or(0, |bytes| bytes.len());
        if size + measured > RECORD_MOST && !part.is_empty() {
            records.push(LogRecord::Part(std::mem::take(&mut part)));
            size = 0;
        }
        size += measured;
        part.push(operation);
    }
    records.push(LogRecord::Group(part));
    records
}

fn operation((database, table): (Signature, u32), deed: Deed) -> Operation {
    Operation {
        database,
        table,
        deed,
    }
}
