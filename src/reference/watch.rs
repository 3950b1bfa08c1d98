//! The reference's functions with an eye on what they do to the engine: its state is digested before
//! and after each call, and what breaks a law is written down.
//!
//! A call that fails may change what its page's records list under `on-failure`; which of the
//! changes that are written down here those are is for the reader of the [`Report`] to say.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::border::engine;
use super::table::TABLE;
use crate::abi::errors::JetError;
use crate::abi::role::{self, Role};
use crate::abi::{Api, JET_ERR, jet_functions};
use crate::model::digest::Digest;

/// What was seen since the last [`take`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many calls were made, those inside callbacks included.
    pub calls: u64,
    /// What may have broken a law, in order.
    pub departures: Vec<Departure>,
    /// The digest of what is committed in the end.
    pub committed: Option<u64>,
}

/// A change that a law may forbid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// How many calls were made before it.
    pub after: u64,
    /// The function, by documented name.
    pub function: String,
    /// What it returned.
    pub code: JET_ERR,
    /// The parts of the state that changed.
    pub parts: Vec<String>,
    /// Which law.
    pub law: Law,
}

/// The laws that need a look at the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Law {
    /// A call that fails changes nothing.
    FailureChangesNothing,
    /// A rollback to level 0 leaves what was there when the transaction began.
    RollbackRestores,
    /// A handle that was given out and closed is not given out again.
    HandlesNeverComeBack,
}

#[derive(Debug, Default)]
struct Watch {
    report: Report,
    /// The digest after the last call, which is that before the next one.
    last: Option<Digest>,
    /// What was there when the one open transaction began.
    began: Option<Digest>,
    /// The handles that are open, in order.
    open: Vec<usize>,
    /// Every handle that was ever seen open.
    given: BTreeSet<usize>,
}

/// The calls of all threads, and who looks at them.
struct Calls {
    /// How many have come in.
    entered: u64,
    /// How many are inside.
    inside: usize,
    watch: Option<Watch>,
    /// How often somebody has begun to look. A call that came in before that is no business of the
    /// one who looks now.
    begun: u64,
}

static CALLS: Mutex<Calls> = Mutex::new(Calls {
    entered: 0,
    inside: 0,
    watch: None,
    begun: 0,
});

thread_local! {
    /// How many of those that are inside this thread has made.
    static OWN: Cell<usize> = const { Cell::new(0) };
}

fn calls() -> MutexGuard<'static, Calls> {
    CALLS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins anew, after the engine was reset.
pub fn begin() {
    let mut calls = calls();
    calls.begun += 1;
    calls.inside = 0;
    calls.watch = Some(Watch::default());
}

/// What was seen since then.
pub fn take() -> Report {
    let report = calls().watch.take().map(|watch| watch.report);
    Report {
        committed: report.is_some().then(|| digest().committed),
        ..report.unwrap_or_default()
    }
}

/// The digest as it is now.
fn digest() -> Digest {
    engine().lock().digest()
}

/// Makes a call and looks at what it changed.
fn observe(function: &'static str, call: impl FnOnce() -> JET_ERR) -> JET_ERR {
    let entry = calls().enter();
    OWN.set(OWN.get() + 1);
    let before = entry.known.unwrap_or_else(digest);
    let code = call();
    OWN.set(OWN.get().saturating_sub(1));
    let after = digest();
    // Registrations are part of the rest.
    let open = (before.handles, before.rest) != (after.handles, after.rest);
    let open = open.then(|| engine().lock().open_handles());
    let mut calls = calls();
    if calls.begun != entry.begun {
        return code;
    }
    calls.inside = calls.inside.saturating_sub(1);
    let alone = !entry.others && calls.entered == entry.number;
    if let Some(watch) = &mut calls.watch {
        if let Some(open) = open {
            watch.handles(function, code, open);
        }
        watch.see(function, code, &before, &after, alone);
        // Beside another call it may be out of date already.
        watch.last = (entry.is_outermost && alone).then_some(after);
    }
    code
}

/// A call that comes in.
struct Entry {
    /// Which one it is.
    number: u64,
    /// Who looked when it came in.
    begun: u64,
    is_outermost: bool,
    /// Whether a call of another thread is inside already, which may change something meanwhile.
    others: bool,
    /// The digest, where it is known.
    known: Option<Digest>,
}

impl Calls {
    fn enter(&mut self) -> Entry {
        self.entered += 1;
        let is_outermost = self.inside == 0;
        let others = self.inside > OWN.get();
        self.inside += 1;
        let watch = self.watch.as_mut().filter(|_| is_outermost);
        Entry {
            number: self.entered,
            begun: self.begun,
            is_outermost,
            others,
            known: watch.and_then(|watch| watch.last.take()),
        }
    }
}

impl Watch {
    /// `alone`: no other call was made inside of this one or beside it.
    fn see(&mut self, function: &str, code: JET_ERR, before: &Digest, after: &Digest, alone: bool) {
        if code < 0 && alone {
            let changed = before.changed(after);
            if !changed.is_empty() {
                self.depart(Law::FailureChangesNothing, function, code, changed);
            }
        }
        self.transaction(function, code, before, after, alone);
        self.report.calls += 1;
    }

    /// Takes in which handles are open now.
    fn handles(&mut self, function: &str, code: JET_ERR, mut open: Vec<usize>) {
        open.sort_unstable();
        let mut again = false;
        for handle in &open {
            let is_new = self.open.binary_search(handle).is_err();
            again |= is_new && !self.given.insert(*handle);
        }
        self.open = open;
        if again {
            self.depart(Law::HandlesNeverComeBack, function, code, vec!["handles"]);
        }
    }

    fn transaction(
        &mut self,
        function: &str,
        code: JET_ERR,
        before: &Digest,
        after: &Digest,
        alone: bool,
    ) {
        let begins = before.open_transactions == 0 && after.open_transactions == 1;
        if function.starts_with("JetBeginTransaction") && code == 0 && begins && alone {
            self.began = Some(*before);
            return;
        }
        let Some(began) = self.began else {
            return;
        };
        if function == "JetRollback" && code == 0 && after.open_transactions == 0 && alone {
            self.began = None;
            let same = |digest: &Digest| Digest {
                committed: digest.committed,
                uncommitted: digest.uncommitted,
                ..Digest::default()
            };
            let changed = same(&began).changed(&same(after));
            if !changed.is_empty() {
                self.depart(Law::RollbackRestores, function, code, changed);
            }
            return;
        }
        // Another session's commit is not undone, nor is what no transaction covers.
        let others = after.sessions > 1 && before.committed != after.committed;
        let outside = function.contains("Database") || function.contains("Commit");
        if others || outside || !alone || after.open_transactions != 1 {
            self.began = None;
        }
    }

    fn depart(&mut self, law: Law, function: &str, code: JET_ERR, parts: Vec<&'static str>) {
        self.report.departures.push(Departure {
            after: self.report.calls,
            function: function.to_owned(),
            code,
            parts: parts.into_iter().map(str::to_owned).collect(),
            law,
        });
    }
}

/// What the type arguments of roles may name.
mod scope {
    pub use crate::abi::role::{
        ApiPtr, Columnid, Dbid, HandleId, Instance, Long, Ls, Sesid, Snapid, Tableid, Ulong,
    };
    pub use crate::abi::*;
}

macro_rules! watched {
    ($($name:ident [$($export:ident)+] $since:ident
        ($($p:ident: $role:ident $(<$t:ident>)? $(($($link:ident),*))? $($optional:ident)?),*);)*) => {
        $(watched_function!($name [$($export)+] ($($p [role::$role $(<scope::$t>)?])*));)*

        /// Every function, watched. What the reference lacks answers as its exports do.
        pub static WATCHED: Api = Api { $($($export: Some($export),)+)* };
    };
}

macro_rules! watched_function {
    ($name:ident [$one:ident] $parameters:tt) => {
        watched_call!($name, $one, Narrow, $parameters);
    };
    ($name:ident [$narrow:ident $wide:ident] $parameters:tt) => {
        watched_call!($name, $narrow, Narrow, $parameters);
        watched_call!($name, $wide, Wide, $parameters);
    };
}

macro_rules! watched_call {
    ($name:ident, $entry:ident, $form:ident, ($($p:ident [$($role:tt)*])*)) => {
        /// # Safety
        /// As the documents ask of a caller of this function.
        #[allow(non_snake_case, reason = "the documented names")]
        unsafe extern "system" fn $entry($($p: <$($role)* as Role>::$form),*) -> JET_ERR {
            observe(stringify!($name), || match TABLE.$entry {
                // SAFETY: the caller's promise is handed on as it came.
                Some(function) => unsafe { function($($p),*) },
                None => JetError::FeatureNotAvailable.code(),
            })
        }
    };
}

jet_functions!(watched);

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(committed: u64, open_transactions: u32) -> Digest {
        Digest {
            committed,
            sessions: 1,
            open_transactions,
            ..Digest::default()
        }
    }

    #[test]
    fn a_failure_that_changes_something_is_written_down() {
        let mut watch = Watch::default();
        watch.see("JetMove", -1603, &digest(1, 0), &digest(1, 0), true);
        assert!(watch.report.departures.is_empty());
        watch.see("JetMove", -1603, &digest(1, 0), &digest(2, 0), true);
        assert_eq!(watch.report.departures[0].parts, ["committed"]);
        assert_eq!(watch.report.departures[0].after, 1);
        watch.see("JetMove", -1603, &digest(1, 0), &digest(2, 0), false);
        assert_eq!(
            watch.report.departures.len(),
            1,
            "what a callback did is no business of it"
        );
    }

    #[test]
    fn a_handle_that_comes_back_is_written_down() {
        let mut watch = Watch::default();
        watch.handles("JetOpenTable", 0, vec![18, 2]);
        watch.handles("JetCloseTable", 0, vec![2]);
        watch.handles("JetDupCursor", 0, vec![34, 2]);
        assert!(watch.report.departures.is_empty());
        watch.handles("JetOpenTable", 0, vec![2, 34, 18]);
        assert_eq!(watch.report.departures[0].law, Law::HandlesNeverComeBack);
    }

    #[test]
    fn a_rollback_that_does_not_restore_is_written_down() {
        let mut watch = Watch::default();
        watch.see("JetBeginTransaction", 0, &digest(1, 0), &digest(1, 1), true);
        watch.see("JetUpdate", 0, &digest(1, 1), &digest(1, 1), true);
        watch.see("JetRollback", 0, &digest(1, 1), &digest(1, 0), true);
        assert!(watch.report.departures.is_empty());
        watch.see("JetBeginTransaction", 0, &digest(1, 0), &digest(1, 1), true);
        watch.see("JetRollback", 0, &digest(1, 1), &digest(2, 0), true);
        assert_eq!(watch.report.departures[0].law, Law::RollbackRestores);
    }
}
