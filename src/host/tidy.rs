//! Whether a process in which a foreign library has run a plan can run another. An engine's state is
//! process-wide: so the calls that change it are watched, what a plan leaves open is ended after its
//! results are safe, and where anything else was changed the process is spent.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use windows_sys::Win32::Storage::Jet as jet;

use crate::abi::Api;
use crate::run::Called;

static SEEN: Mutex<Seen> = Mutex::new(Seen::NOTHING);

/// What the calls of a plan have done.
struct Seen {
    /// Instances that were created and not ended.
    instances: BTreeSet<u64>,
    /// Whether something changed that belongs to no instance.
    global: bool,
}

impl Seen {
    const NOTHING: Seen = Seen {
        instances: BTreeSet::new(),
        global: false,
    };

    fn call(&mut self, call: &Called) {
        if call.code < 0 {
            // A call that is refused changes nothing; where it does, its case does not pass and is
            // run once more in a fresh process.
            return;
        }
        match call.function {
            "JetCreateInstance" | "JetCreateInstance2" => match call.pointed {
                Some(instance) => drop(self.instances.insert(instance)),
                None => self.global = true,
            },
            // Without an instance of its own the call is about the whole process.
            "JetInit" | "JetInit2" | "JetInit3" | "JetSetSystemParameter" => {
                let known = |instance| self.instances.contains(&instance);
                self.global |= !call.pointed.is_some_and(known);
            }
            "JetTerm" | "JetTerm2" => self.global |= !self.instances.remove(&call.argument),
            "JetEnableMultiInstance"
            | "JetRestore"
            | "JetRestore2"
            | "JetRestoreInstance"
            | "JetExternalRestore"
            | "JetExternalRestore2"
            | "JetOSSnapshotPrepare"
            | "JetOSSnapshotPrepareInstance"
            | "JetOSSnapshotFreeze"
            | "JetConfigureProcessForCrashDump" => self.global = true,
            _ => {}
        }
    }
}

fn seen() -> MutexGuard<'static, Seen> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes notice of a call.
pub(super) fn watch(call: &Called) {
    seen().call(call);
}

/// Whether the process can be made as it was; [`tidy`] is to follow.
pub(super) fn can_be_tidied() -> bool {
    !seen().global
}

/// Ends the instances that are left; whether all of them are gone.
pub(super) fn tidy(api: &Api) -> bool {
    let left = std::mem::replace(&mut *seen(), Seen::NOTHING);
    let term = |instance: &u64| match api.JetTerm2 {
        // SAFETY: a handle that the library gave and has not ended; no call is going on.
        Some(term) => (unsafe { term(*instance as usize, jet::JET_bitTermAbrupt) }) >= 0,
        None => false,
    };
    !left.global && left.instances.iter().all(term)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(calls: &[(&str, u64, Option<u64>, i32)]) -> (bool, Vec<u64>) {
        let mut seen = Seen::NOTHING;
        for &(function, argument, pointed, code) in calls {
            seen.call(&Called {
                function,
                argument,
                pointed,
                code,
            });
        }
        (seen.global, seen.instances.into_iter().collect())
    }

    #[test]
    fn instances_are_kept_until_they_end() {
        let create = ("JetCreateInstance", 0x10, Some(7), 0);
        let init = ("JetInit", 0x10, Some(7), 0);
        assert_eq!(after(&[create, init]), (false, vec![7]));
        assert_eq!(after(&[create, ("JetTerm", 7, None, 0)]), (false, vec![]));
        assert_eq!(after(&[create, ("JetTerm", 7, None, -1)]), (false, vec![7]));
        assert_eq!(
            after(&[("JetCreateInstance", 0, None, -1)]),
            (false, vec![])
        );
    }

    #[test]
    fn what_belongs_to_no_instance_is_global() {
        for call in [
            ("JetInit", 0, None, 0),
            ("JetInit", 0x10, Some(9), 0),
            ("JetSetSystemParameter", 0, None, 0),
            ("JetTerm", 0, None, 0),
            ("JetEnableMultiInstance", 0, None, 0),
        ] {
            assert!(after(&[call]).0, "{call:?}");
        }
        assert!(!after(&[("JetSetSystemParameter", 0, None, -1003)]).0);
    }
}
