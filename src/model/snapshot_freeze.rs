//! The time within a snapshot session in which nothing is written, and the end of that time.
//!
//! A call that would write to the log waits until then, or until the engine loses patience. What
//! it wrote is in memory meanwhile. (jetossnapshotfreeze-function.md,
//! jetossnapshotthaw-function.md)

use std::time::{Duration, Instant};

use super::durable::header::{BackupNote, Moment};
use super::durable::image::Sync;
use super::durable::moment::Time;
use super::engine::{Engine, State};
use super::handles::{Instance, SnapId};
use super::information::InstanceInfo;
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::settings::id;
use super::snapshot::{Stage, refuse_options};
use crate::abi::errors::JetError;

rules! {
    /// No options. (jetossnapshotfreeze-function.md)
    FREEZE_GRBIT = "snapshot/freeze-grbit";
    /// Both outputs are needed. (jetossnapshotfreeze-function.md)
    FREEZE_NULL = "snapshot/freeze-null";
    /// After the preparation. (jetossnapshotfreeze-function.md)
    FREEZE_SEQUENCE = "snapshot/freeze-sequence";
    /// Not after a freeze that failed. (jetossnapshotfreeze-function.md)
    FREEZE_AGAIN = "snapshot/freeze-after-failure";
    /// Not while a streaming backup runs. (jetossnapshotfreeze-function.md)
    NOT_ALLOWED = "snapshot/freeze-not-allowed";
    /// After a failure everything is as before. (jetossnapshotfreeze-function.md)
    FAILURE = "snapshot/freeze-failure-goes-on";
    /// Logs alone are not enough of a backup.
    INCREMENTAL = "snapshot/freeze-incremental";
    /// Who takes part. (jetossnapshotfreeze-function.md)
    FREEZE_INFO = "snapshot/freeze-lists";
    /// Nothing is written. (jetossnapshotfreeze-function.md)
    SILENT = "snapshot/no-writes";
    /// The image can be recovered. (jetossnapshotfreeze-function.md)
    RECOVERABLE = "snapshot/image-recovers";
    /// The image has what was committed lazily.
    HAS_LAZY = "snapshot/image-has-lazy-commits";
    /// What waited is written. (jetossnapshotthaw-function.md)
    THAW_WRITES = "snapshot/thaw-writes";
    /// The freeze ends by itself. (jetossnapshotfreeze-function.md)
    TIMES_OUT = "snapshot/times-out";
    /// No options. (jetossnapshotthaw-function.md)
    THAW_GRBIT = "snapshot/thaw-grbit";
    /// After the freeze. (jetossnapshotthaw-function.md)
    THAW_SEQUENCE = "snapshot/thaw-not-frozen";
    /// In time. (jetossnapshotthaw-function.md)
    THAW_TIMED_OUT = "snapshot/thaw-timed-out";
    /// The session is over then. (jetossnapshotthaw-function.md)
    THAW_ENDS = "snapshot/thaw-ends";
    /// Unless it is to go on. (jetossnapshotprepare-function.md)
    CONTINUES = "snapshot/continue-after-thaw";
    /// No other backup meanwhile.
    BACKUP = "snapshot/backup-in-progress";
}

/// What an instance that takes part in a frozen session remembers.
#[derive(Debug, Clone, Copy)]
pub struct Frozen {
    /// Where and when it was.
    mark: Moment,
    /// The first generation that the image needs.
    low: u32,
    /// The generation after the last one that belongs to the image.
    high: u32,
    /// Records of calls that wait are in memory.
    pub(super) stalls: bool,
}

impl Engine {
    /// JetOSSnapshotFreeze; `given` tells whether both outputs are.
    /// (jetossnapshotfreeze-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`, `JET_errOSSnapshotInvalidSnapId`,
    /// `JET_errOSSnapshotInvalidSequence`, `JET_errOSSnapshotNotAllowed`; in the genuine profile
    /// `JET_errInvalidGrbit`; what is wrong with the log.
    pub fn freeze_snapshot(&self, id: SnapId, given: bool, grbit: u32) -> Jet<Vec<InstanceInfo>> {
        let quirk = &quirks::SNAPSHOT_FREEZE_GRBIT;
        refuse_options(&FREEZE_GRBIT, Some(quirk), grbit)?;
        FREEZE_NULL.refuse(!given, JetError::InvalidParameter)?;
        let mut state = self.lock();
        let stage = state.snapshot(id)?.stage;
        let failed = stage == Stage::Failed && !quirks::SNAPSHOT_FREEZE_AGAIN.genuine();
        FREEZE_AGAIN.refuse(failed, JetError::OSSnapshotInvalidSequence)?;
        let early = !matches!(stage, Stage::Prepared | Stage::Failed);
        FREEZE_SEQUENCE.refuse(early, JetError::OSSnapshotInvalidSequence)?;
        if state.snapshot(id)?.everyone {
            state.join_all(id);
        }
        let frozen = state.freeze(id);
        if frozen.is_err() {
            state.fail_freeze(id);
            let snapshot = state.snapshot_mut(id)?;
            (snapshot.stage, snapshot.everyone) = (Stage::Failed, false);
        }
        frozen?;
        Ok(match FREEZE_INFO.holds() {
            true => state.members_info(id),
            false => Vec::new(),
        })
    }

    /// JetOSSnapshotThaw. (jetossnapshotthaw-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`, `JET_errOSSnapshotInvalidSnapId`, `JET_errOSSnapshotTimeOut`,
    /// after which the session is over; in the genuine profile `JET_errInvalidGrbit` and
    /// `JET_errOSSnapshotInvalidSequence`.
    pub fn thaw_snapshot(&self, id: SnapId, grbit: u32) -> Jet<()> {
        let quirk = &quirks::SNAPSHOT_THAW_GRBIT;
        refuse_options(&THAW_GRBIT, Some(quirk), grbit)?;
        let mut state = self.lock();
        let (stage, continues) = {
            let snapshot = state.snapshot(id)?;
            (snapshot.stage, snapshot.continues)
        };
        if stage == Stage::TimedOut {
            if !continues || !quirks::SNAPSHOT_THAW_TIMED_OUT.genuine() {
                state.end_snapshot(id);
            }
            return THAW_TIMED_OUT.refuse(true, JetError::OSSnapshotTimeOut);
        }
        let code = match quirks::SNAPSHOT_THAW_SEQUENCE.genuine() {
            true => JetError::OSSnapshotInvalidSequence,
            false => JetError::InvalidParameter,
        };
        let frozen = matches!(stage, Stage::Frozen(_));
        THAW_SEQUENCE.refuse(!frozen, code)?;
        state.resume_writing(id);
        let ends = THAW_ENDS.holds() && !(continues && CONTINUES.holds());
        if ends {
            state.end_snapshot(id);
        } else {
            state.snapshot_mut(id)?.stage = Stage::Thawed;
        }
        drop(state);
        self.notify();
        Ok(())
    }
}

impl State {
    /// Lets the instances of a session write no more.
    fn freeze(&mut self, id: SnapId) -> Jet<()> {
        for handle in self.members(id) {
            let instance = self.instance(handle)?;
            let busy = instance.backup.is_some() || instance.terminating;
            NOT_ALLOWED.refuse(busy, JetError::OSSnapshotNotAllowed)?;
        }
        let incremental = self.snapshot(id)?.incremental;
        for handle in self.members(id) {
            if incremental && INCREMENTAL.holds() {
                self.check_incremental(handle)?;
            }
            let frozen = self.begin_image(handle)?;
            self.instance_mut(handle)?.frozen = Some(frozen);
        }
        let patience = self.process.settings.number(id::OS_SNAPSHOT_TIMEOUT);
        let until = Instant::now() + Duration::from_millis(patience);
        self.snapshot_mut(id)?.stage = Stage::Frozen(until);
        Ok(())
    }

    fn fail_freeze(&mut self, id: SnapId) {
        if !FAILURE.holds() {
            for handle in self.members(id) {
                if let Ok(instance) = self.instance_mut(handle) {
                    instance.unavailable = Some(JetError::InstanceUnavailable);
                }
            }
        }
        self.leave_all(id);
    }

    /// Brings the files of an instance into a state that can be recovered.
    fn begin_image(&mut self, handle: Instance) -> Jet<Frozen> {
        if HAS_LAZY.holds() {
            self.flush_log(handle)?;
        }
        let low = self.lowest_required(handle);
        let instance = self.instance_mut(handle)?;
        let circular = instance.settings.flag(id::CIRCULAR_LOG);
        let Some(log) = &mut instance.log else {
            return Ok(Frozen {
                mark: Moment::default(),
                low: 0,
                high: 0,
                stalls: false,
            });
        };
        let mark = Moment {
            position: log.position(),
            time: Time::now(),
        };
        if !circular {
            log.begin_next_file()?;
        }
        let high = log.generation();
        self.note_generation(handle);
        if !RECOVERABLE.holds() {
            self.claim_log(handle, high + 1);
        }
        Ok(Frozen {
            mark,
            low: low.unwrap_or(high),
            high,
            stalls: false,
        })
    }

    /// Says in the files of all databases that they need a log that is not there, as an engine does
    /// that is caught in the middle of something.
    fn claim_log(&mut self, handle: Instance, generation: u32) {
        for dbid in self.databases_of(handle) {
            let Ok(database) = self.database_mut(handle, dbid) else {
                continue;
            };
            if let Some(file) = &mut database.file {
                file.header.max_required = generation;
                // It is not meant to work, only to be noticed.
                let _ = file.header.write(&database.path, Sync::Memory);
            }
        }
    }

    /// Whether an instance must not write.
    pub(super) fn is_frozen(&self, handle: Instance) -> bool {
        self.thaws_at(handle).is_some()
    }

    fn thaws_at(&self, handle: Instance) -> Option<Instant> {
        let id = self.instances.get(&handle)?.snapshot?;
        match self.snapshots.get(&id)?.stage {
            Stage::Frozen(until) => Some(until),
            _ => None,
        }
    }

    /// Keeps records of an instance that is frozen in memory. A call that must not return before
    /// they are written waits for that.
    pub(super) fn stall(&mut self, handle: Instance, waits: bool) -> bool {
        let silent = self.is_frozen(handle) && SILENT.holds();
        if silent
            && waits
            && let Some(frozen) = self
                .instances
                .get_mut(&handle)
                .and_then(|one| one.frozen.as_mut())
        {
            frozen.stalls = true;
        }
        silent
    }

    /// How long a call must wait that has records in memory; `None` for one that need not.
    pub(super) fn stalled_for(&mut self, handle: Instance) -> Option<Duration> {
        let stalls = self.instances.get(&handle)?.frozen?.stalls;
        stalls.then(|| self.frozen_for(handle)).flatten()
    }

    /// How long an instance must not write; `None` for one that may.
    pub(super) fn frozen_for(&mut self, handle: Instance) -> Option<Duration> {
        /// A freeze that does not end by itself is looked at again after so long.
        const LEAST: Duration = Duration::from_millis(1);
        self.expire_snapshots();
        let until = self.thaws_at(handle)?;
        let longest = until.saturating_duration_since(Instant::now());
        Some(longest.max(LEAST))
    }

    /// Ends freezes that have taken too long.
    pub(super) fn expire_snapshots(&mut self) {
        if self.snapshots.is_empty() || !TIMES_OUT.holds() {
            return;
        }
        let now = Instant::now();
        let late = |stage: Stage| matches!(stage, Stage::Frozen(until) if until <= now);
        let expired: Vec<SnapId> = self
            .snapshots
            .iter()
            .filter(|(_, snapshot)| late(snapshot.stage))
            .map(|(id, _)| *id)
            .collect();
        for id in expired {
            self.resume_writing(id);
            self.leave_all(id);
            if let Some(snapshot) = self.snapshots.get_mut(&id) {
                snapshot.stage = Stage::TimedOut;
            }
        }
    }

    /// Lets the instances of a session write again, what waits first.
    pub(super) fn resume_writing(&mut self, id: SnapId) {
        if let Some(snapshot) = self.snapshots.get_mut(&id) {
            snapshot.stage = Stage::Thawed;
        }
        for handle in self.members(id) {
            if THAW_WRITES.holds() {
                // A failure has made the instance unavailable, which the next call will say.
                let _ = self.flush_log(handle);
            }
            let frozen = self.instances.get_mut(&handle).map(|one| &mut one.frozen);
            if let Some(Some(frozen)) = frozen {
                frozen.stalls = false;
            }
        }
    }

    /// Whether a backup of either kind runs.
    pub(super) fn is_backed_up(&mut self, handle: Instance) -> Jet<bool> {
        self.expire_snapshots();
        let instance = self.instance(handle)?;
        let frozen = instance.frozen.is_some() && BACKUP.holds();
        Ok(instance.backup.is_some() || frozen)
    }

    /// Removes the logs that neither recovery nor the image of an instance needs.
    pub(super) fn truncate_frozen(&mut self, handle: Instance) -> Jet<()> {
        let Some(frozen) = self.instance(handle)?.frozen else {
            return Ok(());
        };
        let required = self.lowest_required(handle).unwrap_or(frozen.high);
        let removable = self.log_names(handle, 0, frozen.high.min(required))?;
        self.remove_logs(handle, removable)
    }

    /// Says in the headers of the databases of an instance that they were backed up.
    pub(super) fn note_frozen(&mut self, handle: Instance, full: bool) {
        let frozen = self.instance(handle).ok().and_then(|one| one.frozen);
        let Some(frozen) = frozen else {
            return;
        };
        let note = BackupNote {
            mark: frozen.mark,
            low: frozen.low,
            high: frozen.high.saturating_sub(1),
        };
        self.write_note(handle, note, full, |_| true);
    }
}
