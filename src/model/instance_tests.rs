//! Instances: modes, initialising, ending.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use super::callback::{Callback, Event};
use super::engine::Engine;
use super::fixture::{Fixture, engine_in};
use super::gate::Entry;
use super::handles::{Dbid, Instance, Sesid};
use super::parameter::ParameterValue;
use super::profile::{Profile, tests_profile::under};
use super::rules::tests_switch::without;
use super::settings::id;
use super::start::{INIT_AGAIN, InitFailed, InitTarget};
use super::term::DURING_INIT;
use crate::abi::errors::JetError;

fn create(engine: &Engine, name: &str) -> Result<Instance, JetError> {
    engine.create_instance(Some(name.to_owned()), None, true)
}

#[test]
fn one_instance_mode_has_one_instance() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine_in(folder.path());
    let first = engine.init(InitTarget::Null, 0).expect("initialised");
    let again = engine.init(InitTarget::Handle(Instance(0)), 0);
    assert_eq!(
        again.map_err(|e| e.error),
        Err(JetError::AlreadyInitialized)
    );
    assert_eq!(
        create(&engine, "a"),
        Err(JetError::RunningInOneInstanceMode)
    );
    assert_eq!(
        engine.enable_multi_instance(Vec::new()).result,
        Err(JetError::RunningInOneInstanceMode)
    );
    assert_eq!(engine.term(Instance(0), 0), Ok(()));
    assert_eq!(engine.term(Instance(0), 0), Err(JetError::InvalidParameter));
    assert_eq!(engine.term(first, 0), Err(JetError::InvalidInstance));
    assert!(create(&engine, "a").is_ok());
}

#[test]
fn multi_instance_mode_wants_handles() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine_in(folder.path());
    let a = create(&engine, "a").expect("created");
    assert_eq!(create(&engine, "a"), Err(JetError::InstanceNameInUse));
    assert!(create(&engine, "A").is_ok());
    let init = |target| engine.init(target, 0).map_err(|failed| failed.error);
    assert_eq!(
        init(InitTarget::Null),
        Err(JetError::RunningInMultiInstanceMode)
    );
    assert_eq!(init(InitTarget::Handle(a)), Ok(a));
    assert_eq!(
        init(InitTarget::Handle(a)),
        Err(JetError::AlreadyInitialized)
    );
    assert_eq!(
        init(InitTarget::Handle(Instance(0x99))),
        Err(JetError::InvalidParameter)
    );
    assert_eq!(
        engine.enable_multi_instance(Vec::new()).result,
        Err(JetError::SystemParamsAlreadySet)
    );
    assert_eq!(
        engine.stop_service(),
        Err(JetError::RunningInMultiInstanceMode)
    );
}

#[test]
fn instances_do_not_share_a_temporary_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine_in(folder.path());
    let a = create(&engine, "a").expect("created");
    let b = create(&engine, "b").expect("created");
    assert_eq!(engine.init(InitTarget::Handle(a), 0), Ok(a));
    let refused = InitFailed {
        error: JetError::TempPathInUse,
        freed: true,
    };
    assert_eq!(engine.init(InitTarget::Handle(b), 0), Err(refused));
    assert_eq!(engine.term(b, 0), Err(JetError::InvalidInstance));
}

/// A runtime callback that notes what it got and returns a code.
#[derive(Debug)]
struct Probe(Mutex<Vec<Event>>, i32);

impl Callback for Probe {
    fn call(&self, event: &mut Event) -> i32 {
        self.0.lock().unwrap().push(event.clone());
        self.1
    }
}

#[test]
fn the_runtime_callback_is_probed_once_and_can_fail_the_init() {
    for (code, result) in [(1006, Ok(())), (-1234, Err(JetError::Other(-1234)))] {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = engine_in(folder.path());
        let probe = Arc::new(Probe(Mutex::default(), code));
        engine.lock().process.settings.runtime_callback = Some(probe.clone());
        let init = engine.init(InitTarget::Null, 0);
        assert_eq!(init.map(|_| ()).map_err(|failed| failed.error), result);
        let seen = probe.0.lock().unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(
            (seen[0].sesid, seen[0].dbid, seen[0].cbtyp),
            (Sesid::NIL, Dbid::NIL, 0)
        );
    }
}

/// A runtime callback that ends, and initialises, the instance that is just being initialised.
#[derive(Debug)]
struct Meanwhile {
    engine: Arc<Engine>,
    instance: Mutex<Instance>,
    refused: Mutex<Vec<JetError>>,
}

impl Callback for Meanwhile {
    fn call(&self, _: &mut Event) -> i32 {
        let instance = *self.instance.lock().unwrap();
        let again = self.engine.init(InitTarget::Handle(instance), 0);
        let ended = self.engine.term(instance, 0);
        let refused = [again.map(drop).map_err(|failed| failed.error), ended];
        let refused = refused.into_iter().filter_map(Result::err);
        self.refused.lock().unwrap().extend(refused);
        0
    }
}

/// What both calls are refused with while the instance is initialised.
fn refused_meanwhile(engine: &Arc<Engine>, name: &str) -> Vec<JetError> {
    let meanwhile = Arc::new(Meanwhile {
        engine: Arc::clone(engine),
        instance: Mutex::new(Instance::NIL),
        refused: Mutex::default(),
    });
    engine.lock().process.settings.runtime_callback = Some(meanwhile.clone());
    let instance = create(engine, name).expect("created");
    *meanwhile.instance.lock().unwrap() = instance;
    assert_eq!(engine.init(InitTarget::Handle(instance), 0), Ok(instance));
    engine.lock().process.settings.runtime_callback = None;
    assert_eq!(engine.term(instance, 0), Ok(()));
    std::mem::take(&mut *meanwhile.refused.lock().unwrap())
}

#[test]
fn an_instance_that_is_being_initialised_is_neither_ended_nor_initialised() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = Arc::new(engine_in(folder.path()));
    let kept = [JetError::AlreadyInitialized, JetError::NotInitialized];
    assert_eq!(refused_meanwhile(&engine, "a"), kept);
    let sloppy = || refused_meanwhile(&engine, "b");
    let sloppy = without(&INIT_AGAIN, || without(&DURING_INIT, sloppy));
    assert_eq!(sloppy, [JetError::InternalError; 2]);
}

#[test]
fn an_open_transaction_keeps_the_instance() {
    let f = Fixture::new();
    assert_eq!(f.engine.begin_transaction(f.sesid, 0), Ok(()));
    assert_eq!(
        f.engine.term(f.instance, 1),
        Err(JetError::TooManyActiveUsers)
    );
    let genuine = under(Profile::Genuine, || f.engine.term(f.instance, 2));
    assert_eq!(genuine, Err(JetError::TooManyActiveUsers));
    assert_eq!(f.engine.commit_transaction(f.sesid, 0), Ok(()));
    assert_eq!(f.engine.term(f.instance, 1), Ok(()));
}

#[test]
fn the_dirty_ending_minds_nothing_and_says_so() {
    let f = Fixture::new();
    assert_eq!(f.engine.begin_transaction(f.sesid, 0), Ok(()));
    assert_eq!(f.engine.term(f.instance, 8), Err(JetError::DirtyShutdown));
    assert_eq!(f.engine.term(f.instance, 8), Err(JetError::InvalidInstance));
}

#[test]
fn term_waits_for_a_call_that_is_inside() {
    let f = Fixture::new();
    let (begun, inside) = mpsc::channel();
    let mut call = f
        .engine
        .enter_session(f.sesid, Entry::Usual)
        .expect("entered");
    std::thread::scope(|scope| {
        let term = call.unlocked(|| {
            let term = scope.spawn(|| {
                begun.send(()).expect("sent");
                f.engine.term(f.instance, 0)
            });
            inside.recv().expect("begun");
            let waiting = |state: &super::engine::State| {
                state
                    .instance(f.instance)
                    .is_ok_and(|instance| instance.terminating)
            };
            drop(f.engine.wait_until(f.engine.lock(), waiting));
            let refused = f.engine.begin_transaction(f.sesid, 0);
            assert_eq!(refused, Err(JetError::TermInProgress));
            assert!(f.engine.begin_session(f.instance, false).is_ok());
            assert_eq!(f.engine.term(f.instance, 0), Err(JetError::TermInProgress));
            term
        });
        assert!(!term.is_finished());
        drop(call);
        assert_eq!(term.join().expect("joined"), Ok(()));
    });
    assert_eq!(
        f.engine.end_session(f.sesid, 0),
        Err(JetError::NotInitialized)
    );
}

#[test]
fn term_from_inside_a_call_of_the_instance_is_refused() {
    let f = Fixture::new();
    let mut call = f
        .engine
        .enter_session(f.sesid, Entry::Usual)
        .expect("entered");
    call.unlocked(|| {
        assert_eq!(f.engine.term(f.instance, 0), Err(JetError::TermInProgress));
    });
}

#[test]
fn a_stopped_service_stays_stopped() {
    let f = Fixture::new();
    let stop = |grbit| f.engine.stop_service_instance2(f.instance, grbit);
    assert_eq!(stop(2), Ok(()));
    assert_eq!(f.engine.begin_transaction(f.sesid, 0), Ok(()));
    assert_eq!(stop(1), Err(JetError::InvalidGrbit));
    assert_eq!(stop(0), Ok(()));
    let stopped = Err(JetError::ClientRequestToStopJetService);
    assert_eq!(stop(0x8000_0000), stopped);
    assert_eq!(stop(0x8000_0002), Ok(()));
    assert_eq!(f.engine.commit_transaction(f.sesid, 0), stopped);
    assert_eq!(f.engine.rollback(f.sesid, 0), Ok(()));
    assert_eq!(f.engine.end_session(f.sesid, 0), Ok(()));
}

#[test]
fn global_parameters_are_the_template_of_later_instances() {
    let engine = Engine::new();
    let before = create(&engine, "a").expect("created");
    engine
        .lock()
        .process
        .settings
        .set(id::MAX_SESSIONS, ParameterValue::Number(3));
    let after = create(&engine, "b").expect("created");
    let state = engine.lock();
    let sessions = |instance| {
        state
            .instance(instance)
            .map(|i| i.settings.number(id::MAX_SESSIONS))
    };
    assert_eq!((sessions(before), sessions(after)), (Ok(16), Ok(3)));
}
