//! A snapshot of the volume as a backup: a session of calls that lets the engine write nothing while
//! somebody else takes an image of the disk.
//!
//! (jetossnapshotprepare-function.md, jetossnapshotprepareinstance-function.md,
//! jetossnapshotabort-function.md, jetossnapshotend-function.md,
//! jetossnapshottruncatelog-function.md, jetossnapshottruncateloginstance-function.md,
//! jetossnapshotgetfreezeinfo-function.md)

use std::time::Instant;

use super::engine::{Engine, State};
use super::handles::{Instance, SnapId};
use super::information::InstanceInfo;
use super::outcome::Jet;
use super::quirks::{self, Quirk};
use super::rules::{Rule, rules};
use crate::abi::errors::JetError;

rules! {
    /// The identifier is given back. (jetossnapshotprepare-function.md)
    OUTPUT = "snapshot/prepare-null";
    /// There is an engine to take an image of.
    NO_ENGINE = "snapshot/prepare-not-initialized";
    /// Options that do not exist. (jetossnapshotprepare-function.md)
    PREPARE_GRBIT = "snapshot/prepare-grbit";
    /// One session at a time. (jetossnapshotprepare-function.md)
    ONE = "snapshot/one-session";
    /// Who takes part by default. (jetossnapshotprepare-function.md)
    EVERYONE = "snapshot/prepare-takes-all";
    /// Or nobody. (jetossnapshotprepare-function.md)
    EXPLICIT = "snapshot/explicit-prepare";
    /// No options. (jetossnapshotprepareinstance-function.md)
    INSTANCE_GRBIT = "snapshot/prepare-instance-grbit";
    /// An identifier that was given out. (jetossnapshotprepareinstance-function.md)
    ID = "snapshot/id";
    /// For removing logs, too.
    TRUNCATE_ID = "snapshot/truncate-id";
    /// And for those of one instance.
    TRUNCATE_INSTANCE_ID = "snapshot/truncate-instance-id";
    /// Before the freeze only. (jetossnapshotprepareinstance-function.md)
    INSTANCE_SEQUENCE = "snapshot/prepare-instance-sequence";
    /// What is named takes part. (jetossnapshotprepareinstance-function.md)
    NAMED = "snapshot/prepare-instance";
    /// And the others no longer. (jetossnapshotprepare-function.md)
    SUBSET = "snapshot/prepare-instance-subset";
    /// Not what is backed up already.
    INSTANCE_BACKUP = "snapshot/prepare-instance-backup";
    /// No options. (jetossnapshotabort-function.md)
    ABORT_GRBIT = "snapshot/abort-grbit";
    /// The session is over. (jetossnapshotabort-function.md)
    ABORTS = "snapshot/abort";
    /// What was aborted is no backup.
    ABORTED_IS_NONE = "snapshot/abort-no-backup";
    /// Options that do not exist. (jetossnapshotend-function.md)
    END_GRBIT = "snapshot/end-grbit";
    /// After the thaw. (jetossnapshotend-function.md)
    END_SEQUENCE = "snapshot/end-sequence";
    /// The session is over. (jetossnapshotend-function.md)
    ENDS = "snapshot/end";
    /// Or was over already. (jetossnapshotend-function.md)
    END_TIMED_OUT = "snapshot/end-timed-out";
    /// The headers of databases say when they were backed up.
    NOTED = "snapshot/header-noted";
    /// Options that do not exist. (jetossnapshottruncatelog-function.md)
    TRUNCATE_GRBIT = "snapshot/truncate-grbit";
    /// After the thaw. (jetossnapshottruncatelog-function.md)
    TRUNCATE_SEQUENCE = "snapshot/truncate-sequence";
    /// A copy removes nothing. (jetossnapshottruncatelog-function.md)
    TRUNCATE_COPY = "snapshot/truncate-copy";
    /// Logs that are no longer needed are removed. (jetossnapshottruncatelog-function.md)
    TRUNCATES = "snapshot/truncates";
    /// Where all databases are there. (jetossnapshottruncatelog-function.md)
    TRUNCATE_ALL = "snapshot/truncate-not-all";
    /// Of one instance. (jetossnapshottruncateloginstance-function.md)
    TRUNCATE_ONE = "snapshot/truncate-instance";
    /// No options. (jetossnapshotgetfreezeinfo-function.md)
    INFO_GRBIT = "snapshot/freeze-info-grbit";
    /// Both outputs are needed. (jetossnapshotgetfreezeinfo-function.md)
    INFO_NULL = "snapshot/freeze-info-null";
    /// Who takes part. (jetossnapshotgetfreezeinfo-function.md)
    INFO = "snapshot/freeze-info";
}

/// Options. (jetossnapshotprepare-function.md, jetossnapshotend-function.md,
/// jetossnapshottruncatelog-function.md)
mod bits {
    pub const INCREMENTAL: u32 = 0x1;
    pub const COPY: u32 = 0x2;
    pub const CONTINUES: u32 = 0x4;
    pub const EXPLICIT: u32 = 0x8;
    pub const ABORT: u32 = 0x1;
    pub const ALL_DATABASES: u32 = 0x1;
}

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It has begun.
    Prepared,
    /// Its freeze has failed.
    Failed,
    /// Nothing is written until the thaw, or until then.
    Frozen(Instant),
    /// The freeze took too long, and is over.
    TimedOut,
    /// The freeze is over as it should be.
    Thawed,
}

/// A session of JetOSSnapshotPrepare.
#[derive(Debug)]
pub struct Snapshot {
    pub(super) incremental: bool,
    copy: bool,
    pub(super) continues: bool,
    /// Whoever is initialised takes part; no instance was named yet.
    pub(super) everyone: bool,
    pub(super) stage: Stage,
}

/// What a page calls an option that does not exist.
pub(super) fn refuse_options(rule: &Rule, quirk: Option<&Quirk>, unknown: u32) -> Jet<()> {
    let code = match quirk {
        Some(quirk) if !quirk.genuine() => JetError::InvalidParameter,
        _ => JetError::InvalidGrbit,
    };
    rule.refuse(unknown != 0, code)
}

impl Engine {
    /// JetOSSnapshotPrepare; `given` tells whether there is room for the identifier.
    /// (jetossnapshotprepare-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`, `JET_errNotInitialized`, `JET_errOSSnapshotInvalidSequence`; in
    /// the genuine profile `JET_errInvalidGrbit`.
    pub fn prepare_snapshot(&self, given: bool, grbit: u32) -> Jet<SnapId> {
        let known = bits::INCREMENTAL | bits::COPY | bits::CONTINUES | bits::EXPLICIT;
        let quirk = &quirks::SNAPSHOT_PREPARE_GRBIT;
        refuse_options(&PREPARE_GRBIT, Some(quirk), grbit & !known)?;
        OUTPUT.refuse(!given, JetError::InvalidParameter)?;
        let mut state = self.lock();
        NO_ENGINE.refuse(state.instances.is_empty(), JetError::NotInitialized)?;
        state.expire_snapshots();
        let busy = !state.snapshots.is_empty() && !quirks::SNAPSHOT_SEVERAL.genuine();
        ONE.refuse(busy, JetError::OSSnapshotInvalidSequence)?;
        let id = SnapId::fresh();
        let explicit = grbit & bits::EXPLICIT != 0 && EXPLICIT.holds();
        let snapshot = Snapshot {
            incremental: grbit & bits::INCREMENTAL != 0,
            copy: grbit & bits::COPY != 0,
            continues: grbit & bits::CONTINUES != 0,
            everyone: !explicit,
            stage: Stage::Prepared,
        };
        state.snapshots.insert(id, snapshot);
        if !explicit && EVERYONE.holds() {
            state.join_all(id);
        }
        Ok(id)
    }

    /// JetOSSnapshotPrepareInstance. (jetossnapshotprepareinstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errInvalidParameter` (genuine engine:
    /// `JET_errInvalidGrbit`), `JET_errOSSnapshotInvalidSnapId`, `JET_errOSSnapshotInvalidSequence`,
    /// `JET_errOSSnapshotNotAllowed`.
    pub fn prepare_snapshot_instance(&self, id: SnapId, handle: Instance, grbit: u32) -> Jet<()> {
        let mut state = self.enter_instance(handle)?;
        let quirk = &quirks::SNAPSHOT_PREPARE_INSTANCE_GRBIT;
        refuse_options(&INSTANCE_GRBIT, Some(quirk), grbit)?;
        let stage = state.snapshot(id)?.stage;
        let late = stage != Stage::Prepared;
        INSTANCE_SEQUENCE.refuse(late, JetError::OSSnapshotInvalidSequence)?;
        let everyone = state.snapshot(id)?.everyone;
        let instance = state.instance(handle)?;
        // Who takes part by default can still be named, where the page is kept.
        let stays = quirks::SNAPSHOT_SUBSET.genuine() && SUBSET.holds();
        let default = everyone && !stays;
        let member = instance.snapshot.is_some() && !(default && instance.snapshot == Some(id));
        let busy = member || instance.backup.is_some();
        INSTANCE_BACKUP.refuse(busy, JetError::OSSnapshotNotAllowed)?;
        state.snapshot_mut(id)?.everyone = false;
        if everyone && SUBSET.holds() && !quirks::SNAPSHOT_SUBSET.genuine() {
            state.leave_all(id);
        }
        if NAMED.holds() {
            state.instance_mut(handle)?.snapshot = Some(id);
        }
        Ok(())
    }

    /// JetOSSnapshotAbort. (jetossnapshotabort-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter` (genuine engine: `JET_errInvalidGrbit`),
    /// `JET_errOSSnapshotInvalidSnapId`.
    pub fn abort_snapshot(&self, id: SnapId, grbit: u32) -> Jet<()> {
        let quirk = &quirks::SNAPSHOT_ABORT_GRBIT;
        refuse_options(&ABORT_GRBIT, Some(quirk), grbit)?;
        let mut state = self.lock();
        state.snapshot(id)?;
        if ABORTS.holds() {
            state.end_snapshot(id);
        }
        drop(state);
        self.notify();
        Ok(())
    }

    /// JetOSSnapshotEnd. (jetossnapshotend-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidGrbit`, `JET_errOSSnapshotInvalidSnapId`, `JET_errOSSnapshotInvalidSequence`,
    /// `JET_errOSSnapshotTimeOut`, after which the session is over.
    pub fn finish_snapshot(&self, id: SnapId, grbit: u32) -> Jet<()> {
        refuse_options(&END_GRBIT, None, grbit & !bits::ABORT)?;
        let aborts = grbit & bits::ABORT != 0;
        let mut state = self.lock();
        let stage = state.snapshot(id)?.stage;
        let timed_out = stage == Stage::TimedOut && !aborts;
        if timed_out && !quirks::SNAPSHOT_END_TIMED_OUT.genuine() {
            state.end_snapshot(id);
            return END_TIMED_OUT.refuse(true, JetError::OSSnapshotTimeOut);
        }
        END_TIMED_OUT.refuse(timed_out, JetError::OSSnapshotInvalidSequence)?;
        let early = matches!(stage, Stage::Frozen(_) | Stage::Failed) && !aborts;
        END_SEQUENCE.refuse(early, JetError::OSSnapshotInvalidSequence)?;
        let counts = !aborts || !ABORTED_IS_NONE.holds();
        if stage == Stage::Thawed && counts {
            state.note_snapshot(id);
        }
        if ENDS.holds() {
            state.end_snapshot(id);
        }
        drop(state);
        self.notify();
        Ok(())
    }

    /// JetOSSnapshotTruncateLog; with an instance, JetOSSnapshotTruncateLogInstance.
    /// (jetossnapshottruncatelog-function.md, jetossnapshottruncateloginstance-function.md)
    ///
    /// # Errors
    /// Those of the instance gates, `JET_errInvalidGrbit`, `JET_errOSSnapshotInvalidSnapId`,
    /// `JET_errOSSnapshotInvalidSequence`, and what is wrong with a file.
    pub fn truncate_snapshot_logs(
        &self,
        id: SnapId,
        only: Option<Instance>,
        grbit: u32,
    ) -> Jet<()> {
        let mut state = match only {
            Some(handle) => self.enter_instance(handle)?,
            None => self.lock(),
        };
        refuse_options(&TRUNCATE_GRBIT, None, grbit & !bits::ALL_DATABASES)?;
        let of_id = match only {
            Some(_) => &TRUNCATE_INSTANCE_ID,
            None => &TRUNCATE_ID,
        };
        if !of_id.holds() && !state.snapshots.contains_key(&id) {
            return Ok(());
        }
        let snapshot = state.snapshot(id)?;
        let early = snapshot.stage != Stage::Thawed;
        TRUNCATE_SEQUENCE.refuse(early, JetError::OSSnapshotInvalidSequence)?;
        TRUNCATE_COPY.refuse(snapshot.copy, JetError::OSSnapshotInvalidSequence)?;
        let all = grbit & bits::ALL_DATABASES != 0 || !TRUNCATE_ALL.holds();
        if !all || !TRUNCATES.holds() {
            return Ok(());
        }
        for handle in state.members(id) {
            let named = only.is_none_or(|only| only == handle);
            if named || !TRUNCATE_ONE.holds() {
                state.truncate_frozen(handle)?;
            }
        }
        Ok(())
    }

    /// JetOSSnapshotGetFreezeInfo; `given` tells whether both outputs are.
    /// (jetossnapshotgetfreezeinfo-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidGrbit`, `JET_errInvalidParameter`, `JET_errOSSnapshotInvalidSnapId`.
    pub fn snapshot_info(&self, id: SnapId, given: bool, grbit: u32) -> Jet<Vec<InstanceInfo>> {
        refuse_options(&INFO_GRBIT, None, grbit)?;
        INFO_NULL.refuse(!given, JetError::InvalidParameter)?;
        let mut state = self.lock();
        state.snapshot(id)?;
        Ok(match INFO.holds() {
            true => state.members_info(id),
            false => Vec::new(),
        })
    }
}

impl State {
    /// A session that has not ended.
    ///
    /// # Errors
    /// `JET_errOSSnapshotInvalidSnapId`
    pub(super) fn snapshot(&mut self, id: SnapId) -> Jet<&Snapshot> {
        self.snapshot_mut(id).map(|snapshot| &*snapshot)
    }

    pub(super) fn snapshot_mut(&mut self, id: SnapId) -> Jet<&mut Snapshot> {
        self.expire_snapshots();
        let found = self.snapshots.get_mut(&id);
        found.ok_or_else(|| ID.error(JetError::OSSnapshotInvalidSnapId))
    }

    /// The instances that take part.
    pub(super) fn members(&self, id: SnapId) -> Vec<Instance> {
        let instances = self.instances.values();
        let ours = instances.filter(|instance| instance.snapshot == Some(id));
        ours.map(|instance| instance.handle).collect()
    }

    pub(super) fn members_info(&self, id: SnapId) -> Vec<InstanceInfo> {
        let members = self.members(id);
        let mut all = self.all_instance_info();
        all.retain(|info| members.contains(&info.handle));
        all
    }

    /// Everyone takes part who is initialised and in no other session.
    pub(super) fn join_all(&mut self, id: SnapId) {
        for instance in self.instances.values_mut() {
            if instance.initialized && instance.snapshot.is_none() {
                instance.snapshot = Some(id);
            }
        }
    }

    /// Nobody takes part any more.
    pub(super) fn leave_all(&mut self, id: SnapId) {
        for instance in self.instances.values_mut() {
            if instance.snapshot == Some(id) {
                instance.snapshot = None;
                instance.frozen = None;
            }
        }
    }

    /// The session is over, frozen or not.
    pub(super) fn end_snapshot(&mut self, id: SnapId) {
        self.resume_writing(id);
        self.leave_all(id);
        self.snapshots.remove(&id);
    }

    /// Says in the headers of the databases that they were backed up.
    fn note_snapshot(&mut self, id: SnapId) {
        let Some((copy, incremental)) = self
            .snapshots
            .get(&id)
            .map(|snapshot| (snapshot.copy, snapshot.incremental))
        else {
            return;
        };
        if copy || !NOTED.holds() {
            return;
        }
        for handle in self.members(id) {
            self.note_frozen(handle, !incremental);
        }
    }
}
