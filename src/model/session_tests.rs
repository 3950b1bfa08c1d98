//! Sessions, their context and their transactions.

use super::fixture::Fixture;
use super::handles::{Instance, Sesid};
use super::parameter::ParameterValue;
use super::rules::tests_switch::without;
use super::settings::id;
use super::transaction::READ_ONLY_OUTERMOST;
use crate::abi::errors::JetError;

/// Runs a body on a thread of its own.
fn elsewhere<R: Send>(body: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| scope.spawn(body).join().expect("joined"))
}

#[test]
fn the_eighth_level_is_refused_and_the_level_stays() {
    let f = Fixture::new();
    for _ in 0..7 {
        assert_eq!(f.engine.begin_transaction(f.sesid, 0), Ok(()));
    }
    let eighth = f.engine.begin_transaction(f.sesid, 0);
    assert_eq!(eighth, Err(JetError::TransTooDeep));
    assert_eq!(f.engine.rollback(f.sesid, 1), Ok(()));
    assert_eq!(
        f.engine.rollback(f.sesid, 0),
        Err(JetError::NotInTransaction)
    );
}

#[test]
fn options_of_a_commit_are_judged_before_its_level() {
    let f = Fixture::new();
    let commit = |grbit| f.engine.commit_transaction(f.sesid, grbit);
    assert_eq!(commit(3), Err(JetError::InvalidGrbit));
    assert_eq!(commit(0x40), Err(JetError::InvalidGrbit));
    assert_eq!(commit(0), Err(JetError::NotInTransaction));
    assert_eq!(commit(2), Ok(()));
    assert_eq!(f.engine.rollback(f.sesid, 2), Err(JetError::InvalidGrbit));
}

#[test]
fn a_transaction_stays_with_its_thread() {
    let f = Fixture::new();
    assert_eq!(f.engine.begin_transaction(f.sesid, 0), Ok(()));
    let shared = Err(JetError::SessionSharingViolation);
    assert_eq!(elsewhere(|| f.engine.begin_transaction(f.sesid, 0)), shared);
    assert_eq!(
        elsewhere(|| f.engine.commit_transaction(f.sesid, 0)),
        shared
    );
    assert_eq!(elsewhere(|| f.engine.end_session(f.sesid, 0)), shared);
    assert_eq!(f.engine.commit_transaction(f.sesid, 0), Ok(()));
}

#[test]
fn a_context_takes_its_transaction_to_another_thread() {
    let f = Fixture::new();
    assert_eq!(f.engine.set_session_context(f.sesid, 5), Ok(()));
    assert_eq!(f.engine.begin_transaction(f.sesid, 0), Ok(()));
    assert_eq!(f.engine.reset_session_context(f.sesid), Ok(()));
    let shared = Err(JetError::SessionSharingViolation);
    assert_eq!(f.engine.commit_transaction(f.sesid, 0), shared);
    elsewhere(|| {
        assert_eq!(f.engine.set_session_context(f.sesid, 6), Ok(()));
        assert_eq!(f.engine.commit_transaction(f.sesid, 0), shared);
        assert_eq!(f.engine.reset_session_context(f.sesid), Ok(()));
        assert_eq!(f.engine.set_session_context(f.sesid, 5), Ok(()));
        assert_eq!(f.engine.commit_transaction(f.sesid, 0), Ok(()));
    });
    assert_eq!(
        f.engine.end_session(f.sesid, 0),
        Err(JetError::SessionInUse)
    );
}

#[test]
fn a_context_has_a_value_and_one_owner() {
    let f = Fixture::new();
    let set = |context| f.engine.set_session_context(f.sesid, context);
    assert_eq!(set(0), Err(JetError::InvalidParameter));
    assert_eq!(set(usize::MAX), Err(JetError::InvalidParameter));
    assert_eq!(set(1), Ok(()));
    assert_eq!(set(1), Err(JetError::SessionContextAlreadySet));
    assert_eq!(
        elsewhere(|| f.engine.reset_session_context(f.sesid)),
        Err(JetError::SessionContextNotSetByThisThread)
    );
}

#[test]
fn sessions_run_out_after_the_reserve() {
    let f = Fixture::new();
    let mut state = f.engine.lock();
    let settings = &mut state.instance_mut(f.instance).expect("instance").settings;
    settings.set(id::MAX_SESSIONS, ParameterValue::Number(1));
    drop(state);
    let begin = || f.engine.begin_session(f.instance, false);
    let begun: Vec<Sesid> = (0..65).map(|_| begin().expect("session")).collect();
    assert_eq!(begin(), Err(JetError::OutOfSessions));
    assert_eq!(f.engine.end_session(begun[0], 0), Ok(()));
    assert!(begin().is_ok());
    assert_eq!(
        f.engine.begin_session(Instance(0), false),
        Err(JetError::InvalidParameter)
    );
}

#[test]
fn a_callback_that_ends_the_inner_level_fails_the_commit_of_it() {
    let f = Fixture::new();
    let mut state = f.engine.lock();
    assert_eq!(state.begin_inner(f.sesid), Ok(()));
    assert_eq!(state.commit_level(f.sesid), Ok(true));
    assert_eq!(
        state.commit_inner(f.sesid),
        Err(JetError::SessionSharingViolation)
    );
}

#[test]
fn the_read_only_option_of_an_inner_level_means_nothing() {
    let f = Fixture::new();
    assert_eq!(f.engine.begin_transaction(f.sesid, 0), Ok(()));
    assert_eq!(f.engine.begin_transaction(f.sesid, 1), Ok(()));
    assert_eq!(f.engine.lock().begin_inner(f.sesid), Ok(()));
    let refused = without(&READ_ONLY_OUTERMOST, || {
        f.engine.lock().begin_inner(f.sesid)
    });
    assert_eq!(refused, Err(JetError::TransReadOnly));
}
