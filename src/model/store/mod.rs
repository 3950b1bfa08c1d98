//! The versioned table: rows in memory, each a chain of versions, read through a snapshot.
//!
//! The store knows nothing of cursors, columns or return codes. It answers questions (is this row
//! visible, would this write conflict, is this key taken) and makes changes that were decided
//! elsewhere; each change returns a [`Change`] that can be undone or settled.
//!
//! A transaction sees what was committed before it began, and what it wrote itself.
//! (transactions.md, snapshot isolation)

pub mod chain;
pub mod change;
pub mod entries;
pub mod rows;
pub mod view;
pub mod walk;

#[cfg(test)]
mod tests;

pub use chain::{Intent, Lock};
pub use change::Change;
pub use entries::{IndexId, Key, Keys};
pub use rows::{Bookmark, Escrowed, Rows, Survey};
pub use view::{Stamp, TxId, View};
pub use walk::{Entry, Order, Spot};
