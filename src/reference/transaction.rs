//! Transactions: begin, commit, roll back.

use windows_sys::Win32::Storage::Jet::JET_COMMIT_ID;

use super::border::{Subject, answer};
use crate::abi::{Api, JET_ERR};
use crate::model::handles::Sesid;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetBeginTransaction: Some(begin_transaction),
        JetBeginTransaction2: Some(begin_transaction2),
        JetBeginTransaction3: Some(begin_transaction3),
        JetCommitTransaction: Some(commit_transaction),
        JetCommitTransaction2: Some(commit_transaction2),
        JetRollback: Some(rollback),
        ..api
    }
}

unsafe extern "system" fn begin_transaction(sesid: usize) -> JET_ERR {
    begin(sesid, 0)
}

unsafe extern "system" fn begin_transaction2(sesid: usize, grbit: u32) -> JET_ERR {
    begin(sesid, grbit)
}

/// The number of the transaction only helps to debug an application.
unsafe extern "system" fn begin_transaction3(sesid: usize, _trxid: i64, grbit: u32) -> JET_ERR {
    begin(sesid, grbit)
}

fn begin(sesid: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.begin_transaction(Sesid(sesid), grbit)
    })
}

unsafe extern "system" fn commit_transaction(sesid: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.commit_transaction(Sesid(sesid), grbit)
    })
}

/// A commit is on its way to the log at once, however long it might wait; its number is its place
/// among the commits of the process. (jetcommittransaction2-function.md)
unsafe extern "system" fn commit_transaction2(
    sesid: usize,
    grbit: u32,
    _durable_within: u32,
    pcommitid: *mut JET_COMMIT_ID,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.commit_transaction(Sesid(sesid), grbit)?;
        if !pcommitid.is_null() {
            let number = engine.lock().clock.now().0;
            let identity = JET_COMMIT_ID {
                commitId: i64::try_from(number).unwrap_or(i64::MAX),
                ..JET_COMMIT_ID::default()
            };
            // SAFETY: the caller promises a structure that may be written.
            unsafe { pcommitid.write_unaligned(identity) }
        }
        Ok(())
    })
}

unsafe extern "system" fn rollback(sesid: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.rollback(Sesid(sesid), grbit)
    })
}
