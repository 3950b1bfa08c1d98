//! How large a database may become: the limit of pages that it was created or attached with.
//!
//! (jetcreatedatabase2-function.md, jetattachdatabase2-function.md)

use super::compact_statistics::TableCount;
use super::database::Database;
use super::engine::State;
use super::handles::{Dbid, Instance, TableKey};
use super::outcome::Jet;
use super::rules::rules;
use super::store::{Stamp, View};
use super::value::record::Record;
use crate::abi::errors::JetError;

rules! {
    /// A database has no more pages than it may have. (jetattachdatabase2-function.md)
    LIMIT = "database/attach-size-limit";
}

/// What a row takes beside its values, in bytes: its bookmark, its lengths, its checksums.
const BESIDE: u64 = 64;

/// How full a database with a limit is known to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measured {
    /// No more bytes than these are used: what was deleted since is still counted.
    bytes: u64,
    /// When the rows were counted one by one; what is refused until the next commit needs no other
    /// count.
    at: Option<Stamp>,
}

impl State {
    /// Refuses a record that the database of a table has no page left for. A database without a
    /// limit is not measured.
    ///
    /// # Errors
    /// `JET_errOutOfDatabaseSpace`
    pub(super) fn check_room_for(&mut self, key: TableKey, view: View, record: &Record) -> Jet<()> {
        let table = self.table(key)?;
        let home = table.home;
        let Some(database) = self.databases.get(&home) else {
            return Ok(());
        };
        let Some(most) = most_bytes(database) else {
            return Ok(());
        };
        let mut new = TableCount::default();
        new.add(record, &table.schema.columns);
        let now = Some(self.clock.now());
        let mut measured = database.measured;
        let over = measured.bytes + needed(&new) > most;
        if measured.at.is_none() || (over && measured.at != now) {
            let bytes = self.measure(home, view)?;
            measured = Measured { bytes, at: now };
        }
        let with_it = measured.bytes + needed(&new);
        let fits = LIMIT.refuse(with_it > most, JetError::OutOfDatabaseSpace);
        if fits.is_ok() {
            measured.bytes = with_it;
        }
        self.database_mut(home.0, home.1)?.measured = measured;
        fits
    }

    /// The bytes of all rows of a database, as a session sees them.
    fn measure(&self, home: (Instance, Dbid), view: View) -> Jet<u64> {
        let tables = self.tables_in(home);
        tables
            .into_iter()
            .try_fold(0, |bytes, key| Ok(bytes + self.bytes_of_table(key, view)?))
    }

    /// The bytes of all rows of a table, as a session sees them.
    pub(super) fn bytes_of_table(&self, key: TableKey, view: View) -> Jet<u64> {
        let mut count = TableCount::default();
        let table = self.table(key)?;
        for (_, record, _) in table.rows.shown_after(view, None) {
            count.add(&record, &table.schema.columns);
        }
        Ok(needed(&count))
    }
}

fn needed(count: &TableCount) -> u64 {
    count.bytes() + count.rows() * BESIDE
}

/// The bytes that a database may have; `None` for one without a limit.
fn most_bytes(database: &Database) -> Option<u64> {
    let file = database.file.as_ref()?;
    let pages = u64::from(database.pages_most);
    (pages > 0).then(|| pages * u64::from(file.header.page_size))
}
