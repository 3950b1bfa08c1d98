//! JetIdle and JetGetVersion. (jetidle-function.md, jetgetversion-function.md)

use super::engine::Engine;
use super::gate::Entry;
use super::handles::Sesid;
use super::outcome::{Jet, Warned};
use super::quirks;
use super::rules::rules;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// Options that do not exist. (jetidle-function.md)
    GRBIT = "session/idle-grbit";
    /// An option that is for later. (jetidle-function.md)
    RESERVED = "session/idle-reserved";
    /// Asked for its state alone, a version store that is empty enough is none to warn of.
    /// (jetidle-function.md)
    STATUS = "session/idle-status";
    /// A table that was deleted is let go, with what is kept with it.
    FREE_DELETED = "cbtyp/free-table-deleted";
    /// There is nothing to do.
    NOTHING = "session/idle-nothing";
    /// The version of the engine is told. (jetgetversion-function.md)
    TELLS_VERSION = "session/version";
}

/// Options of JetIdle. (jetidle-function.md)
mod bits {
    pub const FLUSH_BUFFERS: u32 = 0x1;
    pub const COMPACT: u32 = 0x2;
    pub const STATUS: u32 = 0x4;
}

/// The version that the engine tells: that of a build of Windows 10, as major number and build.
const VERSION: u32 = (10 << 24) | 19041;

impl Engine {
    /// JetIdle: what waits for a quiet moment is done, and the answer is that there was nothing. Old
    /// versions of rows are let go at every commit already.
    /// (jetidle-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidGrbit` for an option that is reserved,
    /// `JET_errInvalidParameter` for one that does not exist.
    pub fn idle(&self, sesid: Sesid, grbit: u32) -> Jet<Warned<()>> {
        let instance = self.enter_session(sesid, Entry::Usual)?.instance;
        let reserved = grbit & bits::FLUSH_BUFFERS != 0;
        RESERVED.refuse(reserved, JetError::InvalidGrbit)?;
        let known = bits::COMPACT | bits::STATUS | bits::FLUSH_BUFFERS;
        let unknown = grbit & !known != 0 && !quirks::IDLE_TAKES_UNKNOWN.genuine();
        GRBIT.refuse(unknown, JetError::InvalidParameter)?;
        let works = grbit == 0 || grbit & bits::COMPACT != 0;
        if works {
            let mut call = self.enter_session(sesid, Entry::Usual)?;
            if FREE_DELETED.holds() {
                call.let_deleted_tables_go(instance);
            }
            drop(call);
            self.clean_up(instance);
        }
        if grbit & bits::STATUS != 0 && !STATUS.holds() {
            return Ok(Warned::with((), JetWarning::IdleFull));
        }
        let warning = (works && NOTHING.holds()).then_some(JetWarning::NoIdleActivity);
        Ok(Warned { value: (), warning })
    }

    /// JetGetVersion. (jetgetversion-function.md)
    ///
    /// # Errors
    /// Those of the session gates.
    pub fn version(&self, sesid: Sesid) -> Jet<u32> {
        self.enter_session(sesid, Entry::Usual)?;
        // Without the rule each session is told a number of its own.
        let own = if TELLS_VERSION.holds() {
            0
        } else {
            sesid.0 as u32
        };
        Ok(VERSION ^ own)
    }
}
