//! Signatures: what tells a database, or a set of logs, from every other.
//!
//! (jet-signature-structure.md)

use std::hash::{BuildHasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A number that no other database or log set has, and the time at which it was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Signature {
    /// `ulRandom`
    pub random: u32,
    /// `logtimeCreate`, in seconds since 1970.
    pub created: u64,
}

impl Signature {
    /// A new signature.
    pub fn fresh() -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            random: RandomState::new().hash_one(since_1970.as_nanos()) as u32,
            created: since_1970.as_secs(),
        }
    }
}
