//! Who wrote a version, and who may see it.

/// A transaction, from the first level to the last commit; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TxId(pub u64);

/// A moment in the order of commits. Each commit to level 0 takes the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub u64);

impl Stamp {
    /// Later than every commit: who reads as of it sees all that is committed.
    pub const NOW: Stamp = Stamp(u64::MAX);
    /// Earlier than every commit: what was there before the first transaction.
    pub const START: Stamp = Stamp(0);
}

/// What a session sees: its own writes, and what was committed up to a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The session's transaction; `None` at level 0, where nothing is uncommitted.
    pub tx: Option<TxId>,
    /// Commits up to and including this one are seen.
    pub as_of: Stamp,
}

impl View {
    /// Outside of a transaction: all that is committed, whenever it is looked at.
    pub const LEVEL_0: View = View {
        tx: None,
        as_of: Stamp::NOW,
    };

    /// The snapshot of a transaction that began at `as_of`.
    pub const fn of(tx: TxId, as_of: Stamp) -> View {
        View {
            tx: Some(tx),
            as_of,
        }
    }

    /// Whether a version with this owner is part of the view.
    pub fn sees(self, owner: Owner) -> bool {
        match owner {
            Owner::Open(tx) => self.tx == Some(tx),
            Owner::Settled(stamp) => stamp <= self.as_of,
        }
    }
}

/// The state of the transaction that wrote a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Still running.
    Open(TxId),
    /// Committed to level 0 at that moment.
    Settled(Stamp),
}
