//! One invocation of a callback, as the library made it: what it was called for, and what stands where
//! its arguments point to.

use windows_sys::Win32::Storage::Jet as jet;

use super::trace::EventKind;

/// One invocation: which function of the pool, which prototype, the arguments in order.
pub(super) struct Invocation {
    pub(super) slot: usize,
    pub(super) kind: EventKind,
    pub(super) arguments: [u64; 8],
}

/// The kinds of event in the journal.
pub(super) const CALLBACK: u8 = 0;
pub(super) const STATUS: u8 = 1;

impl Invocation {
    /// `cbtyp` or `snt`.
    pub(super) fn reason(&self) -> u32 {
        match self.kind {
            EventKind::Callback => self.arguments[3] as u32,
            EventKind::Status => self.arguments[2] as u32,
        }
    }

    /// What stands where an argument points to: `*pvArg2` of a user-defined default, the progress of
    /// a status function.
    pub(super) fn pointee(&self) -> Pointee {
        match self.kind {
            EventKind::Callback if self.reason() == jet::JET_cbtypUserDefinedDefaultValue => {
                Pointee {
                    numbers: [read(self.arguments[5], 0), 0],
                    size: 0,
                }
            }
            EventKind::Status if is_documented(self.arguments[1] as u32) => self.progress(),
            _ => Pointee::default(),
        }
    }

    /// The JET_SNPROG of a notification, whose size confirms that its other fields are there.
    /// (jet-snprog-structure.md)
    fn progress(&self) -> Pointee {
        let pointer = self.arguments[3];
        let size = read(pointer, 0);
        match size as usize >= size_of::<jet::JET_SNPROG>() {
            true => Pointee {
                numbers: [read(pointer, 1), read(pointer, 2)],
                size,
            },
            false => Pointee {
                numbers: [0, 0],
                size,
            },
        }
    }

    /// The user data of a user-defined default, as much of it as a scenario asks for: the engine
    /// does not tell how much there is.
    pub(super) fn user_data(&self, length: usize) -> &[u8] {
        let default = self.kind == EventKind::Callback
            && self.reason() == jet::JET_cbtypUserDefinedDefaultValue;
        let pointer = self.arguments[6] as usize;
        if !default || pointer == 0 || length == 0 {
            return &[];
        }
        // SAFETY: the documents promise the data that the column was created with, and the scenario
        // knows how long that is.
        unsafe { std::slice::from_raw_parts(std::ptr::with_exposed_provenance(pointer), length) }
    }
}

/// What stands where an argument of a callback points to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pointee {
    /// The number at `*pvArg2`; of a notification `cunitDone` and `cunitTotal`.
    pub(super) numbers: [u32; 2],
    /// `cbStruct` of a notification.
    pub(super) size: u32,
}

/// Whether the documents know an operation of that number: then `pv` is null or points to a
/// JET_SNPROG. What else an engine tells its status functions has a form of its own.
/// (jet-pfnstatus-callback-function.md, jet-snp.md)
pub(super) fn is_documented(snp: u32) -> bool {
    const DOCUMENTED: [u32; 7] = [
        jet::JET_snpRepair,
        jet::JET_snpCompact,
        jet::JET_snpRestore,
        jet::JET_snpBackup,
        jet::JET_snpUpgrade,
        jet::JET_snpScrub,
        jet::JET_snpUpgradeRecordFormat,
    ];
    DOCUMENTED.contains(&snp)
}

/// The 32-bit number at that place of what a pointer points to; zero where it is null.
fn read(pointer: u64, place: usize) -> u32 {
    if pointer == 0 {
        return 0;
    }
    let pointer: *const u32 = std::ptr::with_exposed_provenance(pointer as usize);
    // SAFETY: the documents promise so many 32-bit numbers there.
    unsafe { pointer.add(place).read_unaligned() }
}
