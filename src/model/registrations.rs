//! The callbacks of a table as a list that can be walked while it changes.

use std::ops::{Deref, DerefMut};
use std::slice::Iter;
use std::sync::Arc;

use super::callback::{NEWEST_FIRST, STORED_LAST};
use super::registration::Registration;

/// The callbacks of a table, the newest in front. Whoever walks a copy keeps it as it was: a change
/// is made to a list of its own then.
#[derive(Debug, Clone, Default)]
pub struct Registrations(Arc<Vec<Registration>>);

impl Registrations {
    /// Whether nothing has changed between the two.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The positions in calling order: the newest first, those stored with the table last.
    pub fn calling_order(&self) -> impl Iterator<Item = usize> + use<'_> {
        let (newest_first, stored_last) = (NEWEST_FIRST.holds(), STORED_LAST.holds());
        let position = move |step: usize| match newest_first {
            true => step,
            false => self.0.len() - 1 - step,
        };
        let all = move || (0..self.0.len()).map(position);
        let first = move |at: &usize| self.0[*at].stored != stored_last;
        all()
            .filter(first)
            .chain(all().filter(move |at| !first(at)))
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
