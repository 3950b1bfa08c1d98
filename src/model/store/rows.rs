//! The rows of one table: questions about them, and changes to them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::chain::{Chain, Deed, Intent, Lock, Version};
use super::change::Change;
use super::entries::{Entries, IndexId, Key, Keys};
use super::view::{Owner, Stamp, TxId, View};
use crate::model::remembered::Remembered;

/// A row's place: its normalised primary key, or four big-endian bytes of a counter where the
/// table has no primary index. (jetgetbookmark-function.md)
pub type Bookmark = Vec<u8>;

/// Hashes of the rows of a table: two that differ mean rows that differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Survey {
    /// Of what is committed, where anything is.
    pub committed: Option<u64>,
    /// Of what open transactions have changed, where they have.
    pub open: Option<u64>,
}

/// A hash of a value and of what came before it: the same in every process.
fn hash_after(before: Option<u64>, value: &impl Hash) -> u64 {
    FxBuildHasher.hash_one((before, value))
}

/// A record to whose columns deltas can be added without a lock.
pub trait Escrowed: Clone {
    /// Adds to an escrow column, wrapping around.
    fn add(&mut self, column: u32, delta: i32);
}

/// The rows of a table and the entries of its secondary indexes.
#[derive(Debug, Clone)]
pub struct Rows<R> {
    pub(super) chains: Remembered<BTreeMap<Bookmark, Chain<R>>, Survey>,
    pub(super) indexes: BTreeMap<IndexId, Entries>,
    /// Rows with versions that can be pruned once every view is as of that moment or later.
    stale: BTreeSet<(Stamp, Bookmark)>,
    next_serial: u64,
    next_counter: u32,
    /// The keys of a row that has none.
    no_keys: Arc<Keys>,
}

impl<R> Default for Rows<R> {
    fn default() -> Self {
        Rows {
            chains: Remembered::new(BTreeMap::new()),
            indexes: BTreeMap::new(),
            stale: BTreeSet::new(),
            next_serial: 1,
            next_counter: 1,
            no_keys: Arc::default(),
        }
    }
}

/// Questions.
impl<R: Escrowed> Rows<R> {
    /// The row as the view has it.
    pub fn read(&self, view: View, bookmark: &[u8]) -> Option<Arc<R>> {
        self.chains.get(bookmark)?.read(view)
    }

    /// Whether the view has the row.
    pub fn is_visible(&self, view: View, bookmark: &[u8]) -> bool {
        self.keys(view, bookmark).is_some()
    }

    /// The row's keys in the secondary indexes, as the view has them.
    pub fn keys(&self, view: View, bookmark: &[u8]) -> Option<&Arc<Keys>> {
        self.chains.get(bookmark)?.keys(view)
    }

    /// A number that changes whenever the content of the row changes.
    pub fn content(&self, view: View, bookmark: &[u8]) -> Option<u64> {
        self.chains.get(bookmark)?.content(view)
    }

    /// Whether another session's version that the view does not show stands in the way.
    pub fn conflicts(&self, view: View, bookmark: &[u8], intent: Intent) -> bool {
        self.chains
            .get(bookmark)
            .is_some_and(|chain| chain.conflicts(view, intent))
    }

    /// Whether an insert under this bookmark would be a duplicate, seen or not yet seen.
    pub fn is_taken(&self, view: View, bookmark: &[u8]) -> bool {
        self.chains
            .get(bookmark)
            .is_some_and(|chain| chain.is_taken(view))
    }

    /// Whether a row other than `bookmark` has the key in the index, seen or not yet seen.
    pub fn is_key_taken(&self, view: View, index: IndexId, key: &[u8], bookmark: &[u8]) -> bool {
        let Some(entries) = self.indexes.get(&index) else {
            return false;
        };
        entries
            .rows_with(key)
            .filter(|other| other.as_slice() != bookmark)
            .any(|other| {
                self.chains
                    .get(other)
                    .is_some_and(|chain| chain.holds_key(view, index, key))
            })
    }

    /// Whether two rows of which the view has both, or somebody may yet commit one, share a key.
    pub fn has_duplicates(&self, view: View, index: IndexId) -> bool {
        let Some(entries) = self.indexes.get(&index) else {
            return false;
        };
        entries.0.keys().any(|(key, bookmark)| {
            let held = |chain: &Chain<R>| chain.holds_key(view, index, key);
            self.chains.get(bookmark).is_some_and(held)
                && self.is_key_taken(view, index, key, bookmark)
        })
    }
}

/// Changes. None of them asks whether it is allowed.
impl<R: Escrowed> Rows<R> {
    /// The bookmark of the next row of a table without a primary index.
    pub fn next_counter(&mut self) -> Bookmark {
        let counter = self.next_counter;
        self.next_counter = self.next_counter.wrapping_add(1);
        counter.to_be_bytes().to_vec()
    }

    /// Inserts or replaces a row.
    pub fn write(&mut self, tx: TxId, bookmark: &[u8], record: Arc<R>, keys: Keys) -> Change {
        for (index, key) in keys.all() {
            self.indexes.entry(index).or_default().add(key, bookmark);
        }
        let keys = match keys.is_empty() {
            true => Arc::clone(&self.no_keys),
            false => Arc::new(keys),
        };
        self.push(tx, bookmark, Deed::Image { record, keys })
    }

    /// Deletes a row.
    pub fn delete(&mut self, tx: TxId, bookmark: &[u8]) -> Change {
        self.push(tx, bookmark, Deed::Deleted)
    }

    /// Locks a row until the transaction ends.
    pub fn lock(&mut self, tx: TxId, bookmark: &[u8], lock: Lock) -> Change {
        self.push(tx, bookmark, Deed::Locked(lock))
    }

    /// Adds to an escrow column of a row.
    pub fn escrow(&mut self, tx: TxId, bookmark: &[u8], column: u32, delta: i32) -> Change {
        self.push(tx, bookmark, Deed::Escrow { column, delta })
    }

    fn push(&mut self, tx: TxId, bookmark: &[u8], deed: Deed<R>) -> Change {
        let serial = self.next_serial;
        self.next_serial += 1;
        let version = Version {
            serial,
            owner: Owner::Open(tx),
            deed,
        };
        match self.chains.entry(bookmark.to_vec()) {
            Entry::Vacant(place) => {
                place.insert(Chain::of(version));
            }
            Entry::Occupied(mut chain) => chain.get_mut().push(version),
        }
        Change {
            bookmark: bookmark.to_vec(),
            serial,
        }
    }

    /// Takes a change back. Changes of one row are taken back newest first.
    pub fn undo(&mut self, change: &Change) {
        let Some(chain) = self.chains.get_mut(&change.bookmark) else {
            return;
        };
        if let Some(Version {
            deed: Deed::Image { keys, .. },
            ..
        }) = chain.remove(change.serial)
        {
            self.forget(&change.bookmark, &keys);
        }
        if self
            .chains
            .get(&change.bookmark)
            .is_some_and(Chain::is_empty)
        {
            self.chains.remove(&change.bookmark);
        }
    }

    /// The transaction has committed to level 0: its change is for all to see from `stamp` on.
    pub fn settle(&mut self, change: &Change, tx: TxId, stamp: Stamp) {
        if let Some(chain) = self.chains.get_mut(&change.bookmark) {
            chain.settle(tx, stamp);
            self.stale.insert((stamp, change.bookmark.clone()));
        }
    }

    /// A change that nobody can take back any more is for all to see at once.
    pub fn settle_alone(&mut self, change: &Change) {
        if let Some(chain) = self.chains.get_mut(&change.bookmark) {
            chain.settle_alone(change.serial, Stamp::START);
        }
    }

    /// Drops the versions that no view as of `oldest` or later can tell apart.
    pub fn prune(&mut self, oldest: Stamp) {
        while let Some((stamp, _)) = self.stale.first()
            && *stamp <= oldest
            && let Some((_, bookmark)) = self.stale.pop_first()
        {
            let Some(chain) = self.chains.get_mut(&bookmark) else {
                continue;
            };
            let dropped = chain.prune(oldest);
            if chain.is_empty() {
                self.chains.remove(&bookmark);
            }
            dropped.iter().for_each(|keys| self.forget(&bookmark, keys));
        }
    }

    fn forget(&mut self, bookmark: &[u8], keys: &Keys) {
        for (index, key) in keys.all() {
            if let Some(entries) = self.indexes.get_mut(&index) {
                entries.drop(key, bookmark);
            }
        }
    }

    /// Every version of every row that an index has to cover: bookmark, number, record.
    pub fn images(&self) -> Vec<(Bookmark, u64, Arc<R>)> {
        let of_row = |(bookmark, chain): (&Bookmark, &Chain<R>)| {
            let images = chain.images();
            images
                .map(|(serial, record)| (bookmark.clone(), serial, record))
                .collect::<Vec<_>>()
        };
        self.chains.iter().flat_map(of_row).collect()
    }

    /// Fills a new index with the keys of the versions that [`images`](Self::images) named.
    pub fn fill_index(
        &mut self,
        index: IndexId,
        keys: impl IntoIterator<Item = (Bookmark, u64, Vec<Key>)>,
    ) {
        let mut entries = Entries::default();
        for (bookmark, serial, keys) in keys {
            if let Some(chain) = self.chains.get_mut(&bookmark) {
                for key in chain.rekey(serial, index, keys) {
                    entries.add(&key, &bookmark);
                }
            }
        }
        self.indexes.insert(index, entries);
    }

    /// Forgets an index.
    pub fn drop_index(&mut self, index: IndexId) {
        self.indexes.remove(&index);
        self.chains
            .values_mut()
            .for_each(|chain| chain.unkey(index));
    }

    /// Changes every version of every record alike, when the table's definition changes.
    pub fn amend(&mut self, mut change: impl FnMut(&mut R)) {
        self.chains
            .values_mut()
            .for_each(|chain| chain.amend(&mut change));
    }
}

/// What is left of rows that are gone.
impl<R: Escrowed> Rows<R> {
    /// Whether the view's own transaction deleted the row.
    pub fn is_deleted_by(&self, view: View, bookmark: &[u8]) -> bool {
        self.chains
            .get(bookmark)
            .is_some_and(|chain| chain.is_deleted_by(view))
    }

    /// The row as it was last, deleted or not; `None` once nobody can have seen it.
    pub fn last(&self, bookmark: &[u8]) -> Option<Arc<R>> {
        self.chains.get(bookmark)?.last()
    }

    /// The row as it is stored, whatever a view shows of it: with the escrow changes of every
    /// transaction. (jetescrowupdate-function.md, pvOld)
    pub fn stored(&self, bookmark: &[u8]) -> Option<Arc<R>> {
        self.chains.get(bookmark)?.stored()
    }

    /// The secondary indexes that rows have entries in.
    pub fn index_ids(&self) -> Vec<IndexId> {
        self.indexes.keys().copied().collect()
    }
}

/// Writing rows down, and reading them again.
impl<R: Escrowed> Rows<R> {
    /// The bookmarks of all rows that anybody has.
    pub fn bookmarks(&self) -> Vec<Bookmark> {
        self.chains.keys().cloned().collect()
    }

    /// The rows that the view has after that one, or all of them: bookmark, record and keys.
    pub fn shown_after(
        &self,
        view: View,
        after: Option<&Bookmark>,
    ) -> impl Iterator<Item = (&Bookmark, Arc<R>, &Keys)> {
        use std::ops::Bound;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = self.chains.range::<Bookmark, _>((from, Bound::Unbounded));
        rows.filter_map(move |(bookmark, chain)| {
            let (record, keys) = chain.shown(view)?;
            Some((bookmark, record, keys.as_ref()))
        })
    }

    /// How many rows the view has.
    pub fn count(&self, view: View) -> usize {
        let chains = self.chains.values();
        chains.filter(|chain| chain.keys(view).is_some()).count()
    }

    /// Puts a row back that was committed before the first transaction.
    pub fn restore(&mut self, bookmark: Bookmark, record: Arc<R>, keys: Keys) {
        for (index, key) in keys.all() {
            self.indexes.entry(index).or_default().add(key, &bookmark);
        }
        let keys = match keys.is_empty() {
            // Rows without keys share that they have none.
            true => Arc::clone(&self.no_keys),
            false => Arc::new(keys),
        };
        let version = Version {
            serial: self.next_serial,
            owner: Owner::Settled(Stamp::START),
            deed: Deed::Image { record, keys },
        };
        self.next_serial += 1;
        match self.chains.entry(bookmark) {
            Entry::Vacant(place) => {
                place.insert(Chain::of(version));
            }
            Entry::Occupied(mut chain) => chain.get_mut().push(version),
        }
    }

    /// The counter of the next row of a table without a primary index.
    pub fn counter(&self) -> u32 {
        self.next_counter
    }

    /// Goes on with the counter of a table that was written down.
    pub fn set_counter(&mut self, counter: u32) {
        self.next_counter = counter;
    }
}

/// Looking at everything, for a digest.
impl<R: Escrowed + std::fmt::Debug> Rows<R> {
    /// Hashes of every committed record, and of every version of a transaction that is still open, in
    /// the order of the rows. They are worked out where a row has been touched since.
    pub fn survey(&self) -> Survey
    where
        R: Hash,
    {
        *self.chains.recall(|chains| {
            let mut survey = Survey::default();
            for (bookmark, chain) in chains {
                if let Some(record) = chain.read(View::LEVEL_0) {
                    survey.committed = Some(hash_after(survey.committed, &(bookmark, record)));
                }
                for version in chain.open() {
                    survey.open = Some(hash_after(survey.open, &(bookmark, version)));
                }
            }
            survey
        })
    }
}
