//! A digest of everything that the engine holds, part by part, so that whoever compares two can say
//! what has changed between them.
//!
//! What no caller could tell is left out: numbers given out so far, versions that nobody sees any
//! more, work that waits to be cleaned up, the sessions of the engine's own threads.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::cursor::Cursor;
use super::database::Database;
use super::engine::State;
use super::handles::{Dbid, Instance};
use super::instance::InstanceState;
use super::session::Session;
use super::table::Table;

/// Digests of the parts of an engine.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Digest {
    /// What is committed: the tables of every database with their columns, indexes and records. No
    /// handle is part of it, so it is the same in an engine that was started again.
    pub committed: u64,
    /// What open transactions have changed.
    pub uncommitted: u64,
    /// The transaction levels of the sessions.
    pub transactions: u64,
    /// Where cursors stand.
    pub positions: u64,
    /// The index ranges of cursors.
    pub ranges: u64,
    /// The search keys of cursors.
    pub keys: u64,
    /// The updates that are prepared.
    pub updates: u64,
    /// Which instances, sessions, cursors and databases there are.
    pub handles: u64,
    /// Which instances answer calls.
    pub availability: u64,
    /// What cursors can do: reading a temporary table ends its filling, and an update that failed
    /// halfway leaves nothing but a rollback.
    pub phases: u64,
    /// What is in temporary tables.
    pub temporary: u64,
    /// What is in those whose changes nobody can take back.
    pub unversioned: u64,
    /// Everything else: parameters, registrations, local storage, current indexes.
    pub rest: u64,
    /// How many sessions there are. Not a part: who comes and goes is in `handles`.
    pub sessions: u32,
    /// How many of them are in a transaction.
    pub open_transactions: u32,
}

impl Digest {
    /// All parts as one number.
    pub fn whole(&self) -> u64 {
        let mut sink = Sink::default();
        sink.add(self);
        sink.value()
    }

    /// The names of the parts that differ.
    pub fn changed(&self, other: &Digest) -> Vec<&'static str> {
        let parts = [
            ("committed", self.committed, other.committed),
            ("uncommitted", self.uncommitted, other.uncommitted),
            ("transactions", self.transactions, other.transactions),
            ("positions", self.positions, other.positions),
            ("ranges", self.ranges, other.ranges),
            ("keys", self.keys, other.keys),
            ("updates", self.updates, other.updates),
            ("handles", self.handles, other.handles),
            ("availability", self.availability, other.availability),
            ("phases", self.phases, other.phases),
            ("temporary", self.temporary, other.temporary),
            ("unversioned", self.unversioned, other.unversioned),
            ("rest", self.rest, other.rest),
        ];
        let changed = parts.into_iter().filter(|(_, own, other)| own != other);
        changed.map(|(name, ..)| name).collect()
    }
}

/// A hash over what is put into it: the same in every process.
#[derive(Default)]
struct Sink(FxHasher);

impl Sink {
    fn add(&mut self, value: &(impl Hash + ?Sized)) {
        value.hash(&mut self.0);
    }

    fn value(&self) -> u64 {
        self.0.finish()
    }
}

/// One sink for each part.
#[derive(Default)]
struct Parts {
    committed: Sink,
    uncommitted: Sink,
    transactions: Sink,
    positions: Sink,
    ranges: Sink,
    keys: Sink,
    updates: Sink,
    handles: Sink,
    availability: Sink,
    phases: Sink,
    temporary: Sink,
    unversioned: Sink,
    rest: Sink,
}

/// What the instances add to the parts of a digest.
#[derive(Debug, Clone, Copy)]
pub struct OfInstances {
    handles: u64,
    availability: u64,
    rest: u64,
}

impl OfInstances {
    fn new(instances: &BTreeMap<Instance, InstanceState>) -> Self {
        let mut parts = Parts::default();
        for instance in instances.values() {
            parts.instance(instance);
        }
        Self {
            handles: parts.handles.value(),
            availability: parts.availability.value(),
            rest: parts.rest.value(),
        }
    }
}

/// What the databases add to the parts of a digest.
#[derive(Debug, Clone, Copy)]
pub struct OfDatabases {
    handles: u64,
    rest: u64,
    /// Their files, by which the tables in them are known.
    files: u64,
}

impl OfDatabases {
    fn new(databases: &BTreeMap<(Instance, Dbid), Database>) -> Self {
        let (mut parts, mut files) = (Parts::default(), Sink::default());
        for (home, database) in databases {
            parts.handles.add(home);
            parts.rest.add(&(
                home,
                database.read_only,
                database.exclusive,
                database.pages_most,
            ));
            files.add(&(home, database.path.as_os_str()));
        }
        Self {
            handles: parts.handles.value(),
            rest: parts.rest.value(),
            files: files.value(),
        }
    }
}

/// What the tables add to the parts of a digest: few calls change one.
#[derive(Debug, Clone, Copy, Default)]
pub struct OfTables {
    /// The files of the databases that it was worked out for.
    files: u64,
    committed: u64,
    uncommitted: u64,
    temporary: u64,
    unversioned: u64,
    rest: u64,
}

impl OfTables {
    /// Takes in a table: what it adds nothing to stays as it is.
    fn add(&mut self, table: &Parts) {
        let parts = [
            (&mut self.committed, &table.committed),
            (&mut self.uncommitted, &table.uncommitted),
            (&mut self.temporary, &table.temporary),
            (&mut self.unversioned, &table.unversioned),
            (&mut self.rest, &table.rest),
        ];
        for (sum, own) in parts {
            *sum = sum.wrapping_add(own.value());
        }
    }
}

impl State {
    /// The digest of the state as it is.
    pub fn digest(&self) -> Digest {
        let mut parts = Parts::default();
        parts.instances(self.instances.recall(OfInstances::new));
        let (mut sessions, mut open_transactions) = (0, 0);
        for session in self.callers_sessions() {
            parts.session(session);
            sessions += 1;
            open_transactions += u32::from(session.transaction.is_some());
        }
        for cursor in self.callers_cursors() {
            parts.cursor(cursor);
            // Where a new cursor stands is found out when somebody looks; looking changes nothing.
            let walk = self.walk(cursor.sesid, cursor.tableid);
            let position = walk.map(|walk| walk.resolve(&cursor.position));
            parts.positions.add(&(cursor.tableid, position));
        }
        let databases = self.databases.recall(OfDatabases::new);
        parts.handles.add(&databases.handles);
        parts.rest.add(&databases.rest);
        parts.tables(&self.of_tables(databases.files));
        for (snapshot, own) in &self.snapshots {
            parts.handles.add(snapshot);
            parts.rest.add(&format!("{own:?}"));
        }
        parts.rest.add(&(
            self.process.mode,
            &self.process.settings,
            &self.local_storage,
        ));
        Digest {
            sessions,
            open_transactions,
            ..parts.digest()
        }
    }

    /// The handles that callers may use: of instances, sessions, cursors and registrations.
    pub fn open_handles(&self) -> Vec<usize> {
        let instances = self.instances.values().map(|own| own.handle.0);
        let sessions = self.callers_sessions().map(|own| own.sesid.0);
        let cursors = self.callers_cursors().map(|own| own.tableid.0);
        let tables = self.tables.values();
        let kept = self.instances.values().flat_map(|own| own.kept.values());
        let registrations = tables.flat_map(|table| &table.registrations);
        // Those on a database that is detached come back with it.
        let registrations = registrations.chain(kept.flatten());
        let registrations = registrations.map(|own| own.handle.0);
        instances
            .chain(sessions)
            .chain(cursors)
            .chain(registrations)
            .chain(self.snapshots.keys().map(|own| own.0))
            .collect()
    }

    /// The sessions that callers began. Those of the engine's own threads come and go whenever these
    /// do, whatever is called meanwhile.
    fn callers_sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.values().filter(|session| !session.own)
    }

    /// The cursors of those sessions.
    fn callers_cursors(&self) -> impl Iterator<Item = &Cursor> {
        let own = |cursor: &&Cursor| {
            let session = self.sessions.get(&cursor.sesid);
            !session.is_some_and(|session| session.own)
        };
        self.cursors.values().filter(own)
    }

    /// What the tables add. It is worked out again where a table may have changed, or the databases
    /// that name the files which they are in. Whether a temporary table has versions is decided before
    /// the first one is opened, and does not change.
    fn of_tables(&self, files: u64) -> OfTables {
        let known = *self.tables.recall(|_| self.look_at_tables(files));
        match known.files == files {
            true => known,
            false => self.look_at_tables(files),
        }
    }

    /// The tables, in no order: their handles, by which they stand here, are not the same in another
    /// run.
    fn look_at_tables(&self, files: u64) -> OfTables {
        let mut all = OfTables {
            files,
            ..OfTables::default()
        };
        for table in self.tables.values() {
            let mut parts = Parts::default();
            match self.databases.get(&table.home) {
                Some(database) => parts.table(database.path.as_os_str(), table),
                None => {
                    let unversioned = self.is_unversioned(table).unwrap_or_default();
                    parts.temporary(table, unversioned);
                }
            }
            all.add(&parts);
        }
        all
    }
}

impl Parts {
    fn tables(&mut self, tables: &OfTables) {
        self.committed.add(&tables.committed);
        self.uncommitted.add(&tables.uncommitted);
        self.temporary.add(&tables.temporary);
        self.unversioned.add(&tables.unversioned);
        self.rest.add(&tables.rest);
    }

    fn instances(&mut self, instances: &OfInstances) {
        self.handles.add(&instances.handles);
        self.availability.add(&instances.availability);
        self.rest.add(&instances.rest);
    }

    fn instance(&mut self, instance: &InstanceState) {
        self.handles.add(&(instance.handle, instance.initialized));
        self.availability.add(&(
            instance.handle,
            instance.terminating,
            instance.locked,
            instance.stopped,
            instance.stopped_all,
            instance.unavailable,
        ));
        self.rest
            .add(&(&instance.name, &instance.display_name, &instance.settings));
        self.rest.add(&(
            instance.restoring,
            instance.backup.is_some(),
            instance.snapshot,
            instance.frozen.is_some(),
            instance.initializing,
        ));
    }

    fn session(&mut self, session: &Session) {
        self.handles.add(&session.sesid);
        if let Some(transaction) = &session.transaction {
            self.transactions.add(&(
                session.sesid,
                transaction.levels.len(),
                transaction.read_only,
            ));
            self.phases
                .add(&(session.sesid, transaction.must_roll_back));
        }
        self.rest
            .add(&(&session.context, &session.opened, session.commit_default));
        self.availability
            .add(&(session.sesid, session.rollback_failed));
    }

    fn cursor(&mut self, cursor: &Cursor) {
        let tableid = cursor.tableid;
        self.handles.add(&(tableid, cursor.sesid));
        self.ranges.add(&(tableid, &cursor.range));
        self.keys.add(&(tableid, &cursor.key));
        self.updates.add(&(tableid, &cursor.update));
        self.phases.add(&(tableid, &cursor.stand, cursor.mode));
        self.positions.add(&(tableid, cursor.index));
        self.rest.add(&(tableid, &cursor.filters));
    }

    fn table(&mut self, path: &OsStr, table: &Table) {
        let named = (path, table.committed_name().as_str(), &table.schema);
        if table.created_by.is_none() {
            self.committed.add(&named);
        } else {
            self.uncommitted.add(&named);
        }
        let survey = table.rows.survey();
        let renamed = table.name_before.as_ref().map(|_| table.name.as_str());
        let by = (table.deleted_by, table.created_by);
        let is_open = table.uncommitted_schema.is_some() || renamed.is_some() || by != (None, None);
        if is_open || survey.open.is_some() {
            let name = table.committed_name().as_str();
            self.uncommitted.add(&(
                path,
                name,
                &table.uncommitted_schema,
                by,
                renamed,
                survey.open,
            ));
        }
        // A table without such rows is as one that is not there.
        if let Some(committed) = survey.committed {
            self.committed.add(&committed);
        }
        self.registrations(table);
    }

    fn temporary(&mut self, table: &Table, unversioned: bool) {
        let part = match unversioned {
            true => &mut self.unversioned,
            false => &mut self.temporary,
        };
        part.add(&(table.key, table.name.as_str(), &table.schema));
        part.add(&table.rows.survey());
        self.registrations(table);
    }

    fn registrations(&mut self, table: &Table) {
        for registration in &table.registrations {
            self.rest.add(&(
                table.key,
                registration.handle,
                registration.cbtyp,
                &registration.context,
            ));
        }
    }

    fn digest(&self) -> Digest {
        Digest {
            committed: self.committed.value(),
            uncommitted: self.uncommitted.value(),
            transactions: self.transactions.value(),
            positions: self.positions.value(),
            ranges: self.ranges.value(),
            keys: self.keys.value(),
            updates: self.updates.value(),
            handles: self.handles.value(),
            availability: self.availability.value(),
            phases: self.phases.value(),
            temporary: self.temporary.value(),
            unversioned: self.unversioned.value(),
            rest: self.rest.value(),
            ..Digest::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_adds_nothing_leaves_a_sum_as_it_is() {
        let mut all = OfTables::default();
        all.add(&Parts::default());
        assert_eq!((all.committed, all.rest), (0, 0));
    }
}
