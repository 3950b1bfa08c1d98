//! The entries of secondary indexes: ordered sets that cover every version of every row.

use std::collections::{BTreeMap, BTreeSet};

/// An index of a table; never used twice within the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexId(pub u32);

/// A normalised key.
pub type Key = Vec<u8>;

/// The keys of one version of a row, index by index: several for a multi-valued column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Keys(BTreeMap<IndexId, BTreeSet<Key>>);

impl Keys {
    /// No keys: a table without secondary indexes.
    pub fn new() -> Keys {
        Keys::default()
    }

    /// Whether there are none in any index.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The row's keys in one index; none where it is left out of the index.
    pub fn set(&mut self, index: IndexId, keys: impl IntoIterator<Item = Key>) {
        self.0.insert(index, keys.into_iter().collect());
    }

    /// The row has no entries in an index any more.
    pub fn remove(&mut self, index: IndexId) {
        self.0.remove(&index);
    }

    /// Whether the row has this key in the index.
    pub fn contains(&self, index: IndexId, key: &[u8]) -> bool {
        self.0.get(&index).is_some_and(|keys| keys.contains(key))
    }

    /// The row's keys in one index, in order.
    pub fn of(&self, index: IndexId) -> impl Iterator<Item = &Key> {
        self.0.get(&index).into_iter().flatten()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (IndexId, &Key)> {
        self.0
            .iter()
            .flat_map(|(index, keys)| keys.iter().map(move |key| (*index, key)))
    }
}

/// One index: key and bookmark, with the number of row versions that have the entry.
#[derive(Debug, Clone, Default)]
pub(super) struct Entries(pub BTreeMap<(Key, Vec<u8>), u32>);

impl Entries {
    pub fn add(&mut self, key: &[u8], bookmark: &[u8]) {
        *self.0.entry((key.to_vec(), bookmark.to_vec())).or_default() += 1;
    }

    pub fn drop(&mut self, key: &[u8], bookmark: &[u8]) {
        let place = (key.to_vec(), bookmark.to_vec());
        if let Some(count) = self.0.get_mut(&place) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&place);
            }
        }
    }

    /// The rows of which some version has exactly this key.
    pub fn rows_with(&self, key: &[u8]) -> impl Iterator<Item = &Vec<u8>> {
        let key = key.to_vec();
        self.0
            .range((key.clone(), Vec::new())..)
            .take_while(move |((found, _), _)| *found == key)
            .map(|((_, bookmark), _)| bookmark)
    }
}
