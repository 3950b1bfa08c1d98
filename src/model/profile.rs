//! Which engine the reference is: the one that the documents describe, or the published one.

use std::sync::atomic::{AtomicBool, Ordering};

/// The two engines that the reference can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// What the pages say; where they are silent, what the published engine does.
    #[default]
    Documented,
    /// What the published engine does in its Windows flavour.
    Genuine,
}

static GENUINE: AtomicBool = AtomicBool::new(false);

impl Profile {
    /// The profile in force for the process.
    pub fn current() -> Self {
        #[cfg(test)]
        if let Some(profile) = tests_profile::chosen() {
            return profile;
        }
        if GENUINE.load(Ordering::Relaxed) {
            Self::Genuine
        } else {
            Self::Documented
        }
    }

    /// Chooses the profile for the process.
    pub fn choose(self) {
        GENUINE.store(self == Self::Genuine, Ordering::Relaxed);
    }
}

/// Choosing for the calling thread alone, so that tests can run side by side.
#[cfg(test)]
pub(crate) mod tests_profile {
    use super::Profile;
    use std::cell::Cell;

    thread_local!(static CHOSEN: Cell<Option<Profile>> = const { Cell::new(None) });

    pub(super) fn chosen() -> Option<Profile> {
        CHOSEN.get()
    }

    /// Runs `body` under the profile on this thread.
    pub(crate) fn under<R>(profile: Profile, body: impl FnOnce() -> R) -> R {
        let before = CHOSEN.replace(Some(profile));
        let result = body();
        CHOSEN.set(before);
        result
    }
}
