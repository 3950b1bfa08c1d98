//! Handles: numbers that never repeat, with their kind in the low byte, so a stale, foreign or
//! invented handle is found out.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the handles of the process; resetting the engine does not start it again.
static NEXT: AtomicUsize = AtomicUsize::new(0x1000);

/// What a handle names, kept in its low byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    Instance = 0x11,
    Session = 0x22,
    Cursor = 0x33,
    Registration = 0x44,
    File = 0x55,
    Snapshot = 0x66,
}

fn fresh(kind: Kind) -> usize {
    (NEXT.fetch_add(1, Ordering::Relaxed) << 8) | kind as usize
}

macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident: $kind:ident;)*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub usize);

        impl $name {
            /// A handle that was never given out before.
            pub fn fresh() -> Self {
                Self(fresh(Kind::$kind))
            }

            /// The nil handle, all ones.
            pub const NIL: Self = Self(usize::MAX);
        })*
    };
}

handles! {
    /// `JET_INSTANCE`: an instance of the engine. (jet-instance.md)
    Instance: Instance;
    /// `JET_SESID`: a session of an instance. (jet-sesid.md)
    Sesid: Session;
    /// `JET_TABLEID`: a cursor over a table. (jet-tableid.md)
    Tableid: Cursor;
    /// `JET_HANDLE` of a callback registration. (jet-handle.md)
    HandleId: Registration;
    /// `JET_HANDLE` of a file that a backup reads. (jet-handle.md)
    FileHandle: File;
    /// `JET_OSSNAPID`: a session of a snapshot. (jet-ossnapid.md)
    SnapId: Snapshot;
}

/// `JET_DBID`: a database within an instance, a small number. (jet-dbid.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dbid(pub u32);

impl Dbid {
    /// `JET_dbidNil`.
    pub const NIL: Self = Self(u32::MAX);
    /// The temporary database, which holds the tables of JetOpenTempTable.
    pub const TEMPORARY: Self = Self(0);
}

/// A table whose schema is loaded, whichever cursors are open on it; never crosses the C border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableKey(pub usize);

impl TableKey {
    /// A key that no table had before.
    pub fn fresh() -> Self {
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}
