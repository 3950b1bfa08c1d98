//! The callbacks of a table as a list that can be walked while it changes.

use std::ops::{Deref, DerefMut, Range};
use std::slice::Iter;
use std::sync::Arc;

use super::callback::{NEWEST_FIRST, STORED_LAST};
use super::registration::Registration;

/// The callbacks of a table, in the order in which they are called. Whoever walks a copy keeps it as
/// it was: a change is made to a list of its own then.
#[derive(Debug, Clone, Default)]
pub struct Registrations(Arc<Vec<Registration>>);

impl Registrations {
    /// Whether nothing has changed between the two.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Puts a new one in: the newest is called first.
    pub fn add(&mut self, registration: Registration) {
        let registered = self.registered();
        let at = match NEWEST_FIRST.holds() {
            true => registered.start,
            false => registered.end,
        };
        self.insert(at, registration);
    }

    /// Puts those in that are stored with the table: they are called last, in the order of the schema.
    pub fn add_stored(&mut self, stored: impl IntoIterator<Item = Registration>) {
        let at = match STORED_LAST.holds() {
            true => self.len(),
            false => self.registered().start,
        };
        self.splice(at..at, stored);
    }

    /// Puts those in that were registered before the table was let go, as they were.
    pub fn put_back(&mut self, kept: Vec<Registration>) {
        let at = self.registered().start;
        self.splice(at..at, kept);
    }

    /// Where those are that are not stored.
    fn registered(&self) -> Range<usize> {
        let stored = self.iter().filter(|own| own.stored).count();
        match STORED_LAST.holds() {
            true => 0..self.len() - stored,
            false => stored..self.len(),
        }
    }
}

impl From<Vec<Registration>> for Registrations {
    fn from(list: Vec<Registration>) -> Self {
        Self(Arc::new(list))
    }
}

impl Deref for Registrations {
    type Target = Vec<Registration>;

    fn deref(&self) -> &Vec<Registration> {
        &self.0
    }
}

impl DerefMut for Registrations {
    fn deref_mut(&mut self) -> &mut Vec<Registration> {
        Arc::make_mut(&mut self.0)
    }
}

impl<'l> IntoIterator for &'l Registrations {
    type Item = &'l Registration;
    type IntoIter = Iter<'l, Registration>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
