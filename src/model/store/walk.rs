//! Walking over the rows that a view has, in the order of an index.

use std::ops::Bound::{Excluded, Included, Unbounded};

use super::entries::{IndexId, Key};
use super::rows::{Bookmark, Escrowed, Rows};
use super::view::View;

/// The order in which rows are walked over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By bookmark: the primary index, or the order of insertion.
    Primary,
    /// By the keys of a secondary index; equal keys by bookmark.
    Secondary(IndexId),
}

/// An entry of an index. In primary order the key is the bookmark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The normalised key.
    pub key: Key,
    /// The row.
    pub bookmark: Bookmark,
}

/// A place between or on entries, from which to walk.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Spot {
    /// Before the first entry.
    Start,
    /// After the last entry.
    End,
    /// On an entry, whether it is still there or not.
    On(Entry),
    /// Before the first entry whose key is this or greater.
    Before(Key),
    /// After the last entry whose key is this or less.
    After(Key),
}

/// The smallest key that is greater.
fn successor(key: &[u8]) -> Key {
    [key, &[0]].concat()
}

impl<R: Escrowed> Rows<R> {
    /// Whether the view has this entry.
    pub fn has_entry(&self, view: View, order: Order, entry: &Entry) -> bool {
        self.chains
            .get(&entry.bookmark)
            .is_some_and(|chain| match order {
                Order::Primary => chain.keys(view).is_some(),
                Order::Secondary(index) => chain.has_key(view, index, &entry.key),
            })
    }

    /// The first entry behind a place that the view has.
    pub fn next(&self, view: View, order: Order, from: &Spot) -> Option<Entry> {
        match order {
            Order::Primary => {
                let from = match from {
                    Spot::Start => Unbounded,
                    Spot::End => return None,
                    Spot::On(entry) => Excluded(entry.bookmark.clone()),
                    Spot::Before(key) => Included(key.clone()),
                    Spot::After(key) => Excluded(key.clone()),
                };
                let mut found = self.chains.range((from, Unbounded));
                found.find_map(|(bookmark, chain)| chain.keys(view).map(|_| primary(bookmark)))
            }
            Order::Secondary(index) => {
                let from = match from {
                    Spot::Start => Unbounded,
                    Spot::End => return None,
                    Spot::On(entry) => Excluded((entry.key.clone(), entry.bookmark.clone())),
                    Spot::Before(key) => Included((key.clone(), Vec::new())),
                    Spot::After(key) => Included((successor(key), Vec::new())),
                };
                let mut found = self.indexes.get(&index)?.0.range((from, Unbounded));
                found.find_map(|(place, _)| self.secondary(view, index, place))
            }
        }
    }

    /// The last entry in front of a place that the view has.
    pub fn previous(&self, view: View, order: Order, from: &Spot) -> Option<Entry> {
        match order {
            Order::Primary => {
                let to = match from {
                    Spot::Start => return None,
                    Spot::End => Unbounded,
                    Spot::On(entry) => Excluded(entry.bookmark.clone()),
                    Spot::Before(key) => Excluded(key.clone()),
                    Spot::After(key) => Included(key.clone()),
                };
                let mut found = self.chains.range((Unbounded, to)).rev();
                found.find_map(|(bookmark, chain)| chain.keys(view).map(|_| primary(bookmark)))
            }
            Order::Secondary(index) => {
                let to = match from {
                    Spot::Start => return None,
                    Spot::End => Unbounded,
                    Spot::On(entry) => Excluded((entry.key.clone(), entry.bookmark.clone())),
                    Spot::Before(key) => Excluded((key.clone(), Vec::new())),
                    Spot::After(key) => Excluded((successor(key), Vec::new())),
                };
                let mut found = self.indexes.get(&index)?.0.range((Unbounded, to)).rev();
                found.find_map(|(place, _)| self.secondary(view, index, place))
            }
        }
    }

    fn secondary(&self, view: View, index: IndexId, place: &(Key, Bookmark)) -> Option<Entry> {
        let (key, bookmark) = place;
        let chain = self.chains.get(bookmark)?;
        let entry = || Entry {
            key: key.clone(),
            bookmark: bookmark.clone(),
        };
        chain.has_key(view, index, key).then(entry)
    }

    /// All entries that the view has, in order.
    pub fn entries(&self, view: View, order: Order) -> impl Iterator<Item = Entry> + '_ {
        let mut spot = Spot::Start;
        std::iter::from_fn(move || {
            let entry = self.next(view, order, &spot)?;
            spot = Spot::On(entry.clone());
            Some(entry)
        })
    }
}

fn primary(bookmark: &Bookmark) -> Entry {
    Entry {
        key: bookmark.clone(),
        bookmark: bookmark.clone(),
    }
}
