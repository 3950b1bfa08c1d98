//! The versions of one row, oldest first.

use std::sync::Arc;

use super::entries::{Key, Keys};
use super::view::{Owner, Stamp, TxId, View};
use super::{IndexId, rows::Escrowed};

/// A lock that a session holds on a row until its transaction ends. (jetgetlock-function.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lock {
    /// Others may read-lock the row as well, but not write it.
    Read,
    /// Others may neither lock nor write the row.
    Write,
}

/// What somebody wants to do with a row; decides which other versions stand in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Replace, delete or write-lock it.
    Write,
    /// Read-lock it.
    ReadLock,
    /// Add to an escrow column. (jetescrowupdate-function.md)
    Escrow,
}

/// What a version did to the row.
#[derive(Debug, Clone, Hash)]
pub(super) enum Deed<R> {
    /// The row as inserted or replaced, with its keys in each index.
    Image { record: Arc<R>, keys: Arc<Keys> },
    /// The row was deleted.
    Deleted,
    /// The row was only locked.
    Locked(Lock),
    /// A delta was added to an escrow column.
    Escrow { column: u32, delta: i32 },
}

#[derive(Debug, Clone)]
pub(super) struct Version<R> {
    pub serial: u64,
    pub owner: Owner,
    pub deed: Deed<R>,
}

/// All versions of one row that somebody may still need.
#[derive(Debug, Clone)]
pub(super) struct Chain<R> {
    versions: Vec<Version<R>>,
}

impl<R> Default for Chain<R> {
    fn default() -> Self {
        Chain {
            versions: Vec::new(),
        }
    }
}

impl<R: Escrowed> Chain<R> {
    /// A chain of one version takes no more room than that.
    pub fn of(version: Version<R>) -> Self {
        Chain {
            versions: vec![version],
        }
    }

    /// The row as the view has it, with its keys.
    pub fn shown(&self, view: View) -> Option<(Arc<R>, &Arc<Keys>)> {
        let (_, _, keys) = self.image(view)?;
        Some((self.read(view)?, keys))
    }

    pub fn push(&mut self, version: Version<R>) {
        self.versions.push(version);
    }

    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// The newest image in the view, and where in the chain it is; `None` where the view has no
    /// such row.
    fn image(&self, view: View) -> Option<(usize, &Arc<R>, &Arc<Keys>)> {
        let newest_first = self.versions.iter().enumerate().rev();
        for (at, version) in newest_first.filter(|(_, version)| view.sees(version.owner)) {
            match &version.deed {
                Deed::Image { record, keys } => return Some((at, record, keys)),
                Deed::Deleted => return None,
                Deed::Locked(_) | Deed::Escrow { .. } => {}
            }
        }
        None
    }

    /// The row as the view has it: its image and the escrow deltas that came after.
    pub fn read(&self, view: View) -> Option<Arc<R>> {
        let (at, record, _) = self.image(view)?;
        let mut record = Arc::clone(record);
        for version in &self.versions[at + 1..] {
            if let Deed::Escrow { column, delta } = version.deed
                && view.sees(version.owner)
            {
                Arc::make_mut(&mut record).add(column, delta);
            }
        }
        Some(record)
    }

    /// The newest image, whoever wrote it, and all escrow deltas that came after.
    pub fn stored(&self) -> Option<Arc<R>> {
        let image = |version: &Version<R>| matches!(version.deed, Deed::Image { .. });
        let at = self.versions.iter().rposition(image)?;
        let mut record = self.last()?;
        for version in &self.versions[at + 1..] {
            if let Deed::Escrow { column, delta } = version.deed {
                Arc::make_mut(&mut record).add(column, delta);
            }
        }
        Some(record)
    }

    /// Which version of the content the view has; differs when somebody has changed the row.
    pub fn content(&self, view: View) -> Option<u64> {
        let (at, ..) = self.image(view)?;
        let newer = self.versions[at..].iter().rev();
        newer
            .filter(|version| view.sees(version.owner) && !matches!(version.deed, Deed::Locked(_)))
            .map(|version| version.serial)
            .next()
    }

    /// Whether the view's own transaction deleted the row.
    pub fn is_deleted_by(&self, view: View) -> bool {
        let mut newest = self
            .versions
            .iter()
            .rev()
            .filter(|version| !matches!(version.deed, Deed::Locked(_)));
        newest.next().is_some_and(|version| {
            matches!(version.deed, Deed::Deleted)
                && matches!(version.owner, Owner::Open(tx) if view.tx == Some(tx))
        })
    }

    /// The newest image, whoever wrote it.
    pub fn last(&self) -> Option<Arc<R>> {
        self.versions
            .iter()
            .rev()
            .find_map(|version| match &version.deed {
                Deed::Image { record, .. } => Some(Arc::clone(record)),
                _ => None,
            })
    }

    /// The row's keys in one index, as the view has them.
    pub fn has_key(&self, view: View, index: IndexId, key: &[u8]) -> bool {
        self.image(view)
            .is_some_and(|(_, _, keys)| keys.contains(index, key))
    }

    pub fn keys(&self, view: View) -> Option<&Arc<Keys>> {
        self.image(view).map(|(_, _, keys)| keys)
    }

    /// Whether somebody else's version, which the view does not show, forbids the intent. Even a
    /// lock that has been committed since does; an escrow update never forbids another.
    pub fn conflicts(&self, view: View, intent: Intent) -> bool {
        self.unseen(view).any(|version| {
            !matches!(
                (&version.deed, intent),
                (Deed::Locked(Lock::Read), Intent::ReadLock)
                    | (Deed::Escrow { .. }, Intent::Escrow)
            )
        })
    }

    /// Whether an insert under this bookmark would collide: with a row in the view, or with
    /// anything that the view does not show yet.
    pub fn is_taken(&self, view: View) -> bool {
        self.image(view).is_some() || self.unseen(view).next().is_some()
    }

    /// Whether the key belongs to this row: in the view, or in a version that it does not show yet.
    pub fn holds_key(&self, view: View, index: IndexId, key: &[u8]) -> bool {
        self.has_key(view, index, key)
            || self.unseen(view).any(|version| match &version.deed {
                Deed::Image { keys, .. } => keys.contains(index, key),
                _ => false,
            })
    }

    fn unseen(&self, view: View) -> impl Iterator<Item = &Version<R>> {
        self.versions
            .iter()
            .filter(move |version| !view.sees(version.owner))
    }

    /// Takes a version back and returns it.
    pub fn remove(&mut self, serial: u64) -> Option<Version<R>> {
        let at = self
            .versions
            .iter()
            .position(|version| version.serial == serial)?;
        Some(self.versions.remove(at))
    }

    /// All versions of `tx` are committed at `stamp`.
    pub fn settle(&mut self, tx: TxId, stamp: Stamp) {
        for version in &mut self.versions {
            if version.owner == Owner::Open(tx) {
                version.owner = Owner::Settled(stamp);
            }
        }
    }

    /// One version is committed at `stamp`, whatever its transaction does.
    pub fn settle_alone(&mut self, serial: u64, stamp: Stamp) {
        for version in &mut self.versions {
            if version.serial == serial {
                version.owner = Owner::Settled(stamp);
            }
        }
    }

    /// Drops what no view as of `oldest` or later can tell apart; the images dropped are returned,
    /// so that their index entries can go too.
    pub fn prune(&mut self, oldest: Stamp) -> Vec<Arc<Keys>> {
        let settled = |version: &Version<R>| {
            View {
                tx: None,
                as_of: oldest,
            }
            .sees(version.owner)
        };
        let mut dropped = Vec::new();
        let base = self.versions.iter().rposition(|version| {
            settled(version) && matches!(version.deed, Deed::Image { .. } | Deed::Deleted)
        });
        let mut base = match base {
            Some(at) => {
                let after = self.versions.split_off(at);
                for old in std::mem::replace(&mut self.versions, after) {
                    if let Deed::Image { keys, .. } = old.deed {
                        dropped.push(keys);
                    }
                }
                self.versions.remove(0)
            }
            None => return dropped,
        };
        let mut kept = Vec::new();
        for version in std::mem::take(&mut self.versions) {
            match (&version.deed, settled(&version)) {
                (Deed::Locked(_), true) => {}
                (Deed::Escrow { column, delta }, true) => {
                    if let Deed::Image { record, .. } = &mut base.deed {
                        Arc::make_mut(record).add(*column, *delta);
                    }
                }
                _ => kept.push(version),
            }
        }
        if !(matches!(base.deed, Deed::Deleted) && kept.is_empty()) {
            self.versions.push(base);
        }
        self.versions.append(&mut kept);
        dropped
    }

    /// The versions of transactions that are still open, without their numbers.
    pub fn open(&self) -> impl Iterator<Item = (TxId, &Deed<R>)> {
        self.versions
            .iter()
            .filter_map(|version| match version.owner {
                Owner::Open(tx) => Some((tx, &version.deed)),
                Owner::Settled(_) => None,
            })
    }

    /// The number and the record of every version that has one.
    pub fn images(&self) -> impl Iterator<Item = (u64, Arc<R>)> + '_ {
        self.versions
            .iter()
            .filter_map(|version| match &version.deed {
                Deed::Image { record, .. } => Some((version.serial, Arc::clone(record))),
                _ => None,
            })
    }

    /// Gives one version its keys in a new index, and gives them back without repetition.
    pub fn rekey(&mut self, serial: u64, index: IndexId, new: Vec<Key>) -> Vec<Key> {
        for version in &mut self.versions {
            if let Deed::Image { keys, .. } = &mut version.deed
                && version.serial == serial
            {
                Arc::make_mut(keys).set(index, new);
                return keys.of(index).cloned().collect();
            }
        }
        Vec::new()
    }

    /// Takes the keys of an index out of every version.
    pub fn unkey(&mut self, index: IndexId) {
        for version in &mut self.versions {
            if let Deed::Image { keys, .. } = &mut version.deed {
                Arc::make_mut(keys).remove(index);
            }
        }
    }

    /// Changes every version's record alike, when the table's definition changes beneath it.
    pub fn amend(&mut self, change: &mut dyn FnMut(&mut R)) {
        for version in &mut self.versions {
            if let Deed::Image { record, .. } = &mut version.deed {
                change(Arc::make_mut(record));
            }
        }
    }
}
