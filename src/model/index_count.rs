//! What JetComputeStats counts of each index, and the room that an index takes.
//!
//! (jetcomputestats-function.md, jet-indexlist-structure.md)

use std::collections::BTreeMap;

use super::engine::Engine;
use super::gate::Call;
use super::handles::{Sesid, TableKey, Tableid};
use super::index::Index;
use super::operation::Operation;
use super::outcome::Jet;
use super::rules::rules;
use super::settings::id;
use super::store::{IndexId, Order, View};
use crate::abi::errors::JetError;

rules! {
    /// Entries, keys and pages are counted and kept. (jetcomputestats-function.md)
    STATS = "index/stats";
}

/// What was counted of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IndexCount {
    /// `cEntry`: its entries.
    pub entries: u32,
    /// `cKey`: its different keys.
    pub keys: u32,
    /// `cPage`: the pages that they take.
    pub pages: u32,
}

/// What was counted of a table, by index.
pub type Counted = BTreeMap<IndexId, IndexCount>;

/// The pages of an index. (jetgetindexinfo-function.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexRoom {
    /// Those that it owns.
    pub owned: u32,
    /// Those of them that nothing is in.
    pub available: u32,
}

impl Engine {
    /// JetComputeStats. (jetcomputestats-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates.
    pub fn compute_stats(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::ComputeStats)?;
        STATS.allow(true, JetError::FeatureNotAvailable)?;
        let (key, view) = (call.cursor(tableid)?.table, call.view(sesid)?);
        let indexes = call.table(key)?.schema(view).indexes.clone();
        let mut counted = Counted::new();
        for index in &indexes {
            counted.insert(index.id, call.count_index(key, view, index)?);
        }
        call.table_mut(key)?.counted = counted;
        Ok(())
    }
}

impl Call<'_> {
    /// The pages of an index, those that the table was made with among those of the primary one.
    ///
    /// # Errors
    /// `JET_errObjectNotFound` without the table.
    pub(super) fn index_room(&self, key: TableKey, view: View, index: &Index) -> Jet<IndexRoom> {
        let used = self.count_index(key, view, index)?.pages;
        let first = match index.is_primary() {
            true => self.table(key)?.options.pages,
            false => 1,
        };
        let owned = used.max(first);
        Ok(IndexRoom {
            owned,
            available: owned - used,
        })
    }

    fn count_index(&self, key: TableKey, view: View, index: &Index) -> Jet<IndexCount> {
        let table = self.table(key)?;
        let order = match index.is_primary() {
            true => Order::Primary,
            false => Order::Secondary(index.id),
        };
        let (mut count, mut bytes) = (IndexCount::default(), 0);
        let mut last = None;
        for entry in table.rows.entries(view, order) {
            count.entries = count.entries.saturating_add(1);
            bytes += (entry.key.len() + entry.bookmark.len()) as u64;
            if last.as_ref() != Some(&entry.key) {
                count.keys = count.keys.saturating_add(1);
                last = Some(entry.key);
            }
        }
        if index.is_primary() {
            bytes = self.bytes_of_table(key, view)?;
        }
        let page = &self.instance(self.instance)?.settings;
        let page = page.number(id::DATABASE_PAGE_SIZE).max(1);
        count.pages = u32::try_from(bytes / page + 1).unwrap_or(u32::MAX);
        Ok(count)
    }
}
