//! The order of the gates: two faults at once give the code of the earlier gate.

use super::fixture::Fixture;
use super::gate::Entry;
use super::handles::{Sesid, Tableid};
use super::instance::InstanceState;
use super::operation::Operation;
use super::profile::{Profile, tests_profile::under};
use crate::abi::errors::JetError;

fn change(f: &Fixture, change: impl FnOnce(&mut InstanceState)) {
    let mut state = f.engine.lock();
    change(state.instance_mut(f.instance).expect("instance"));
}

fn enter(f: &Fixture) -> Option<JetError> {
    f.engine.enter_session(f.sesid, Entry::Usual).err()
}

#[test]
fn handles_come_before_everything_else() {
    let f = Fixture::new();
    change(&f, |instance| instance.stopped = true);
    let with = |sesid, tableid| f.engine.enter_cursor(sesid, tableid, Operation::Move).err();
    assert_eq!(with(Sesid::NIL, Tableid::NIL), Some(JetError::InvalidSesid));
    assert_eq!(with(f.sesid, Tableid(0)), Some(JetError::InvalidTableId));
    assert_eq!(
        with(f.sesid, Tableid(f.sesid.0)),
        Some(JetError::InvalidTableId)
    );
    assert_eq!(
        with(f.sesid, f.tableid),
        Some(JetError::ClientRequestToStopJetService)
    );
}

#[test]
fn a_cursor_belongs_to_its_session() {
    let f = Fixture::new();
    let other = f.engine.begin_session(f.instance, false).expect("session");
    let refused = f.engine.enter_cursor(other, f.tableid, Operation::Move);
    assert_eq!(refused.err(), Some(JetError::SesidTableIdMismatch));
}

#[test]
fn stop_comes_before_unavailable_and_that_before_terminating() {
    for profile in [Profile::Documented, Profile::Genuine] {
        under(profile, || {
            let f = Fixture::new();
            let spare = super::handles::Instance::fresh();
            f.engine
                .lock()
                .instances
                .insert(spare, InstanceState::created(spare, None));
            change(&f, |instance| {
                instance.stopped = true;
                instance.terminating = true;
                instance.unavailable = Some(JetError::InstanceUnavailable);
            });
            assert_eq!(enter(&f), Some(JetError::ClientRequestToStopJetService));
            change(&f, |instance| instance.stopped = false);
            assert_eq!(enter(&f), Some(JetError::InstanceUnavailable));
            change(&f, |instance| instance.unavailable = None);
            assert_eq!(enter(&f), Some(JetError::TermInProgress));
        });
    }
}

#[test]
fn when_all_instances_terminate_that_comes_before_stop() {
    let f = Fixture::new();
    change(&f, |instance| {
        instance.stopped = true;
        instance.terminating = true;
    });
    assert_eq!(enter(&f), Some(JetError::TermInProgress));
}

#[test]
fn a_busy_session_refuses_a_second_call() {
    let f = Fixture::new();
    let first = f.engine.enter_session(f.sesid, Entry::Usual);
    let mut first = first.expect("entered");
    first.unlocked(|| assert_eq!(enter(&f), Some(JetError::SessionSharingViolation)));
    drop(first);
    assert_eq!(enter(&f), None);
}
