//! How large a database may become: the limit of pages that it was created or attached with.
//!
//! (jetcreatedatabase2-function.md, jetattachdatabase2-function.md)

use super::compact_statistics::TableCount;
use super::database::Database;
use super::engine::State;
use super::handles::TableKey;
use super::outcome::Jet;
use super::rules::rules;
use super::value::record::Record;
use crate::abi::errors::JetError;

rules! {
    /// A database has no more pages than it may have. (jetattachdatabase2-function.md)
    LIMIT = "database/attach-size-limit";
}

/// What a row takes beside its values, in bytes: its bookmark, its lengths, its checksums.
const BESIDE: u64 = 64;

impl State {
    /// Refuses a record that the database of a table has no page left for. A database without a
    /// limit is not measured.
    ///
    /// # Errors
    /// `JET_errOutOfDatabaseSpace`
    pub(super) fn check_room_for(&self, key: TableKey, record: &Record) -> Jet<()> {
        let table = self.table(key)?;
        let Some(database) = self.databases.get(&table.home) else {
            return Ok(());
        };
        let Some(most) = most_bytes(database) else {
            return Ok(());
        };
        let mut count = TableCount::default();
        count.add(record, &table.schema.columns);
        for key in self.tables_in(table.home) {
            let table = self.table(key)?;
            for bookmark in table.rows.bookmarks() {
                if let Some(row) = table.row_image(&bookmark) {
                    count.add(&row.record, &table.schema.columns);
                }
            }
        }
        let needed = count.bytes() + count.rows() * BESIDE;
        LIMIT.refuse(needed > most, JetError::OutOfDatabaseSpace)
    }
}

/// The bytes that a database may have; `None` for one without a limit.
fn most_bytes(database: &Database) -> Option<u64> {
    let file = database.file.as_ref()?;
    let pages = u64::from(database.pages_most);
    (pages > 0).then(|| pages * u64::from(file.header.page_size))
}
