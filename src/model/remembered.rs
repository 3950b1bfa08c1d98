//! A value with what was worked out of it, which is forgotten as soon as somebody may change the value:
//! a digest is asked for after every call, and few calls change much.

use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use rustc_hash::FxBuildHasher;

/// A value, and what is remembered of it.
#[derive(Debug, Clone)]
pub struct Remembered<T, M> {
    value: T,
    memory: OnceLock<M>,
}

impl<T, M> Remembered<T, M> {
    /// A value of which nothing is known yet.
    pub fn new(value: T) -> Self {
        Self {
            value,
            memory: OnceLock::new(),
        }
    }

    /// What is remembered of the value; it is worked out where it is not known.
    pub fn recall(&self, work_out: impl FnOnce(&T) -> M) -> &M {
        self.memory.get_or_init(|| work_out(&self.value))
    }
}

impl<T: Default, M> Default for Remembered<T, M> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

/// A value whose hash is remembered is hashed by it.
impl<T: Hash> Hash for Remembered<T, u64> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let own = self.recall(|value| FxBuildHasher.hash_one(value));
        own.hash(state);
    }
}

impl<T, M> Deref for Remembered<T, M> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T, M> DerefMut for Remembered<T, M> {
    fn deref_mut(&mut self) -> &mut T {
        self.memory.take();
        &mut self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_forgotten_when_the_value_may_change() {
        let mut list = Remembered::new(vec![1, 2]);
        assert_eq!(*list.recall(Vec::len), 2);
        assert_eq!(*list.recall(|_| 7), 2, "it is worked out once");
        list.push(3);
        assert_eq!(*list.recall(Vec::len), 3);
        assert_eq!(list.first(), Some(&1));
        assert_eq!(*list.recall(|_| 7), 3, "looking changes nothing");
    }
}
