//! Defragmenting the tree of one table, which those registrations on it are told of that ask for it.
//!
//! (jetdefragment2-function.md)

use super::callback::{Argument, Occasion};
use super::cursor::{Cursor, Mode};
use super::engine::Engine;
use super::gate::Entry;
use super::handles::{Dbid, Instance, Sesid, TableKey};
use super::name::{Name, Named};
use super::outcome::Jet;
use super::rules::rules;
use super::store::View;
use crate::abi::errors::JetError;

rules! {
    /// Registrations that ask for it are told when the work on their table begins and ends.
    REASON = "register/defrag-reason";
}

/// `JET_cbtypOld2Action`
const TREE_ACTION: u32 = 0x4000;
/// What the callback is told: the work begins, and ends.
const ACTIONS: [u32; 2] = [1, 8];

impl Engine {
    /// Lets a thread of the engine's own work on the tree of a table; a name without a table is
    /// nothing to work on.
    ///
    /// # Errors
    /// `JET_errInvalidName`, `JET_errOutOfThreads`, `JET_errOutOfSessions`.
    pub(super) fn defragment_tree(&'static self, home: (Instance, Dbid), table: &str) -> Jet<()> {
        let name = Name::parse(Named::Table, Some(table))?;
        let mut state = self.lock();
        let Some(key) = state
            .table_named(home, &name, View::LEVEL_0)
            .map(|table| table.key)
        else {
            return Ok(());
        };
        let sesid = state.add_session(home.0)?;
        state.session_mut(sesid)?.own = true;
        drop(state);
        let told = table.to_owned();
        let worker = std::thread::Builder::new().name("defragmentation".to_owned());
        let started = worker.spawn(move || self.work_on_tree(home.1, sesid, key, &told));
        if started.is_err() {
            self.lock().remove_session(sesid);
            return Err(JetError::OutOfThreads);
        }
        Ok(())
    }

    /// The thread: everything is where it belongs already, so there is only to tell of it.
    fn work_on_tree(&self, dbid: Dbid, sesid: Sesid, key: TableKey, name: &str) {
        if let Ok(mut call) = self.enter_session(sesid, Entry::Usual)
            && call.table(key).is_ok()
            && REASON.holds()
        {
            let tableid = call.add_cursor(Cursor::new(sesid, dbid, key, Mode::default()));
            for action in ACTIONS {
                call.fire(&mut Occasion {
                    arg1: Argument::Text(name.to_owned()),
                    arg2: Argument::Number(action),
                    ..Occasion::plain(tableid, TREE_ACTION)
                });
            }
            call.close_cursor(tableid);
        }
        self.lock().remove_session(sesid);
        self.notify();
    }
}
