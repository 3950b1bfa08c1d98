//! Doing to an image what the log says was done.

use std::collections::BTreeMap;

use super::contents::{DatabaseImage, TableImage};
use super::record::{Deed, Operation};

impl DatabaseImage {
    /// Applies the operations of record `number` that are about this database, unless the image
    /// has them already.
    pub fn apply(&mut self, number: u64, operations: Vec<Operation>) {
        if number <= self.header.applied {
            return;
        }
        for operation in operations {
            if operation.database == self.header.signature {
                apply(&mut self.tables, operation.table, operation.deed);
            }
        }
        self.header.applied = number;
    }
}

fn apply(tables: &mut BTreeMap<u32, TableImage>, number: u32, deed: Deed) {
    if let Deed::Define(schema) = deed {
        let table = tables.entry(number).or_insert_with(|| TableImage {
            schema: schema.as_ref().clone(),
            next_autoincrement: 1,
            next_counter: 1,
            rows: BTreeMap::new(),
        });
        table.schema = *schema;
        return;
    }
    if deed == Deed::Drop {
        tables.remove(&number);
        return;
    }
    // A deed to a table that is gone is without effect: the table was dropped later in its group.
    let Some(table) = tables.get_mut(&number) else {
        return;
    };
    match deed {
        Deed::Put { bookmark, row } => {
            table.rows.insert(bookmark, row);
        }
        Deed::Remove { bookmark } => {
            table.rows.remove(&bookmark);
        }
        Deed::Counters {
            next_autoincrement,
            next_counter,
        } => {
            table.next_autoincrement = next_autoincrement;
            table.next_counter = next_counter;
        }
        Deed::Define(_) | Deed::Drop => {}
    }
}
