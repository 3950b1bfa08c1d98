//! Sessions of snapshots.

use super::border::{Subject, answer};
use super::instance::list;
use super::output::Out;
use super::text::{Form, Narrow, Wide};
use crate::abi::{Api, JET_ERR};
use crate::model::handles::{Instance, SnapId};

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetOSSnapshotAbort: Some(abort),
        JetOSSnapshotEnd: Some(end),
        JetOSSnapshotFreezeA: Some(listed::<Narrow, FREEZE>),
        JetOSSnapshotFreezeW: Some(listed::<Wide, FREEZE>),
        JetOSSnapshotGetFreezeInfoA: Some(listed::<Narrow, SAY>),
        JetOSSnapshotGetFreezeInfoW: Some(listed::<Wide, SAY>),
        JetOSSnapshotPrepare: Some(prepare),
        JetOSSnapshotPrepareInstance: Some(prepare_instance),
        JetOSSnapshotThaw: Some(thaw),
        JetOSSnapshotTruncateLog: Some(truncate),
        JetOSSnapshotTruncateLogInstance: Some(truncate_instance),
        ..api
    }
}

unsafe extern "system" fn prepare(id: *mut usize, grbit: u32) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let id = unsafe { Out::new(id) };
    answer(Subject::Process, |engine| {
        id.put(engine.prepare_snapshot(id.given(), grbit)?.0);
        Ok(())
    })
}

unsafe extern "system" fn prepare_instance(id: usize, instance: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Instance(instance), |engine| {
        engine.prepare_snapshot_instance(SnapId(id), Instance(instance), grbit)
    })
}

/// Of the two functions that give a list of instances, the one that freezes them.
const FREEZE: bool = true;
/// And the one that only says which they are.
const SAY: bool = false;

/// JetOSSnapshotFreeze and JetOSSnapshotGetFreezeInfo: a list of instances, in memory that
/// JetFreeBuffer frees.
///
/// # Safety
/// Places that may be written, or null.
unsafe extern "system" fn listed<F: Form, const FREEZES: bool>(
    id: usize,
    count: *mut u32,
    infos: *mut *mut F::InstanceInfo,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: as promised.
    let (count, array) = unsafe { (Out::new(count), Out::new(infos.cast::<usize>())) };
    answer(Subject::Process, |engine| {
        let given = count.given() && array.given();
        let infos = match FREEZES {
            FREEZE => engine.freeze_snapshot(SnapId(id), given, grbit)?,
            SAY => engine.snapshot_info(SnapId(id), given, grbit)?,
        };
        count.put(u32::try_from(infos.len()).unwrap_or(u32::MAX));
        array.put(match infos.is_empty() {
            true => 0,
            false => list::<F>(&infos).give().expose_provenance(),
        });
        Ok(())
    })
}

unsafe extern "system" fn thaw(id: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Process, |engine| {
        engine.thaw_snapshot(SnapId(id), grbit)
    })
}

unsafe extern "system" fn abort(id: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Process, |engine| {
        engine.abort_snapshot(SnapId(id), grbit)
    })
}

unsafe extern "system" fn end(id: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Process, |engine| {
        engine.finish_snapshot(SnapId(id), grbit)
    })
}

unsafe extern "system" fn truncate(id: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Process, |engine| {
        engine.truncate_snapshot_logs(SnapId(id), None, grbit)
    })
}

unsafe extern "system" fn truncate_instance(id: usize, instance: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Instance(instance), |engine| {
        engine.truncate_snapshot_logs(SnapId(id), Some(Instance(instance)), grbit)
    })
}
