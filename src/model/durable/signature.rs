//! Signatures: what tells a database, or a set of logs, from every other.
//!
//! (jet-signature-structure.md)

use std::hash::{BuildHasher, RandomState};

use serde::{Deserialize, Serialize};

use super::moment::Time;

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
        let created = Time::now().0;
        Self {
            random: RandomState::new().hash_one(created) as u32,
            created,
        }
    }

    /// As the structure holds it, without a computer's name.
    pub fn bytes(self) -> [u8; 28] {
        let mut bytes = [0; 28];
        bytes[..4].copy_from_slice(&self.random.to_ne_bytes());
        bytes[4..12].copy_from_slice(&Time(self.created).bytes());
        bytes
    }
}
