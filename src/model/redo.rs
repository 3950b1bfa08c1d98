//! The log of an instance: what each committed transaction did to stored databases.
//!
//! A commit is one record of the log, written before the call returns. (jetinit-function.md,
//! jetcommittransaction-function.md, transaction-log-parameters.md)

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::durable::image::Sync;
use super::durable::log::{self, LogPlace, LogWriter};
use super::durable::record::{Deed, LogRecord, Operation};
use super::durable::replay;
use super::durable::signature::Signature;
use super::engine::State;
use super::handles::{Instance, TableKey};
use super::instance::InstanceState;
use super::outcome::Jet;
use super::rules::rules;
use super::settings::id;
use super::store::Bookmark;
use super::transaction::Step;
use crate::abi::errors::JetError;

rules! {
    /// A committed transaction survives the end of the process. (jetcommittransaction-function.md)
    SURVIVES = "durable/commit-survives-kill";
}

/// `JET_paramLogFileSize`, in kilobytes. (transaction-log-parameters.md)
const LOG_FILE_SIZE: u32 = 11;
/// Recovery minds no database that is missing. (jetinit2-function.md)
const IGNORE_MISSING: u32 = 0x4;

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
    /// Reads the log of an instance that is being initialised, recovers its databases, and begins
    /// to log.
    pub(super) fn start_log(&mut self, handle: Instance, grbit: u32) -> Jet<()> {
        let settings = &self.instance(handle)?.settings;
        if !settings.recovery() {
            return Ok(());
        }
        let place = LogPlace {
            folder: super::path::complete(&settings.text(id::LOG_FILE_PATH)),
            base_name: settings.text(id::BASE_NAME),
        };
        let full_from = settings.number(LOG_FILE_SIZE).saturating_mul(1024);
        let found = log::read(&place)?;
        if let Some(found) = &found {
            replay::recover(found, grbit & IGNORE_MISSING != 0, Sync::Memory)?;
        }
        let mut writer = LogWriter::new(place, found.as_ref(), full_from);
        for (database, _) in found.as_ref().map(replay::attached).unwrap_or_default() {
            writer.append(&LogRecord::Detach { database }, Sync::Memory)?;
        }
        self.instance_mut(handle)?.log = Some(writer);
        Ok(())
    }

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
        self.append(handle, &record)
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
        Some(self.databases.get(&home)?.file.as_ref()?.signature)
    }

    /// Writes a settled transaction to the log.
    ///
    /// # Errors
    /// What is wrong with the log; the instance is unavailable from then on.
    pub(super) fn log_commit(&mut self, handle: Instance, redo: Redo, lazy: bool) -> Jet<()> {
        let mut operations = self.operations(redo);
        if !SURVIVES.holds() {
            operations.retain(|operation| !operation.deed.is_of_row());
        }
        if operations.is_empty() {
            return Ok(());
        }
        let record = LogRecord::Group(operations);
        if lazy {
            let instance = self.instance_mut(handle)?;
            if instance.log.is_some() {
                instance.lazy.push(record);
            }
            return Ok(());
        }
        self.append(handle, &record)
    }

    /// Writes a record behind those of lazy commits, which wait no longer.
    fn append(&mut self, handle: Instance, record: &LogRecord) -> Jet<()> {
        self.flush_log(handle)?;
        let instance = self.instance_mut(handle)?;
        instance.write(record)
    }

    /// Writes the records of lazy commits that wait.
    ///
    /// # Errors
    /// What is wrong with the log; the instance is unavailable from then on.
    pub(super) fn flush_log(&mut self, handle: Instance) -> Jet<()> {
        let instance = self.instance_mut(handle)?;
        for record in std::mem::take(&mut instance.lazy) {
            instance.write(&record)?;
        }
        Ok(())
    }

    /// Tables before rows, so that a row finds its table.
    fn operations(&mut self, redo: Redo) -> Vec<Operation> {
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
                Some(row) => Deed::Put { bookmark, row },
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
        operations
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

fn operation((database, table): (Signature, u32), deed: Deed) -> Operation {
    Operation {
        database,
        table,
        deed,
    }
}
