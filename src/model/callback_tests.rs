//! Delivery of events: order, vetoes, re-entrancy.

use std::sync::{Arc, Mutex};

use super::callback::{Callback, Event, reason};
use super::engine::Engine;
use super::fixture::Fixture;
use super::handles::HandleId;
use super::operation::Operation;
use super::outcome::Jet;
use super::registration::Register;
use super::rules::tests_switch::without;
use crate::abi::errors::JetError;

type Body = Box<dyn Fn(&Event) -> i32 + Send + Sync>;

/// A callback that notes its name and runs a body.
struct Spy {
    name: &'static str,
    log: Arc<Mutex<Vec<String>>>,
    body: Body,
}

impl std::fmt::Debug for Spy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Callback for Spy {
    fn call(&self, event: &mut Event) -> i32 {
        let note = format!("{} {:#x}", self.name, event.cbtyp);
        self.log.lock().unwrap().push(note);
        (self.body)(event)
    }
}

/// A fixture with a log that its spies write to.
struct Scene {
    fixture: Arc<Fixture>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    fn new() -> Self {
        Self {
            fixture: Arc::new(Fixture::new()),
            log: Arc::default(),
        }
    }

    fn spy(
        &self,
        name: &'static str,
        body: impl Fn(&Event) -> i32 + Send + Sync + 'static,
    ) -> Arc<Spy> {
        Arc::new(Spy {
            name,
            log: self.log.clone(),
            body: Box::new(body),
        })
    }

    fn register(&self, cbtyp: u32, spy: Arc<Spy>) -> HandleId {
        let f = &self.fixture;
        f.engine
            .register_callback(f.sesid, f.tableid, arguments(cbtyp, spy))
            .expect("registered")
    }

    /// Delivers a Before reason as an operation would.
    fn deliver(&self, cbtyp: u32) -> Jet<()> {
        let f = &self.fixture;
        let mut call = f
            .engine
            .enter_cursor(f.sesid, f.tableid, Operation::Update)?;
        call.before(f.tableid, cbtyp)
    }

    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

fn arguments(cbtyp: u32, spy: Arc<Spy>) -> Register {
    Register {
        cbtyp,
        callback: Some(spy),
        context: 7,
        wants_handle: true,
    }
}

fn unregister(f: &Fixture, handle: HandleId) -> Jet<()> {
    let engine: &Engine = &f.engine;
    engine
        .unregister_callback(f.sesid, f.tableid, 0, handle)
        .map(|_| ())
}

#[test]
fn the_newest_is_called_first_and_told_one_reason() {
    let scene = Scene::new();
    scene.register(0x7e, scene.spy("A", |_| 0));
    scene.register(0x2, scene.spy("B", |_| 0));
    assert_eq!(scene.deliver(reason::BEFORE_INSERT), Ok(()));
    assert_eq!(scene.calls(), ["B 0x2", "A 0x2"]);
}

#[test]
fn without_its_rule_the_oldest_is_called_first() {
    let scene = Scene::new();
    without(&super::callback::NEWEST_FIRST, || {
        scene.register(0x2, scene.spy("A", |_| 0));
        scene.register(0x2, scene.spy("B", |_| 0));
    });
    assert_eq!(scene.deliver(0x2), Ok(()));
    assert_eq!(scene.calls(), ["A 0x2", "B 0x2"]);
}

#[test]
fn the_first_error_ends_the_delivery() {
    let scene = Scene::new();
    scene.register(0x2, scene.spy("A", |_| 0));
    scene.register(0x2, scene.spy("B", |_| -2101));
    assert_eq!(scene.deliver(0x2), Err(JetError::CallbackFailed));
    assert_eq!(scene.calls(), ["B 0x2"]);
}

#[test]
fn a_warning_is_success_and_unlisted_errors_come_through() {
    let scene = Scene::new();
    scene.register(0x2, scene.spy("A", |_| 1004));
    assert_eq!(scene.deliver(0x2), Ok(()));
    scene.register(0x2, scene.spy("B", |_| -12345));
    assert_eq!(scene.deliver(0x2), Err(JetError::Other(-12345)));
}

#[test]
fn a_callback_registered_inside_waits_for_the_next_event() {
    let scene = Scene::new();
    let f = scene.fixture.clone();
    let inner = scene.spy("B", |_| 0);
    scene.register(
        0x2,
        scene.spy("A", move |_| {
            let got = f
                .engine
                .register_callback(f.sesid, f.tableid, arguments(0x2, inner.clone()));
            got.map_or_else(|error| error.code(), |_| 0)
        }),
    );
    assert_eq!(scene.deliver(0x2), Ok(()));
    assert_eq!(scene.calls(), ["A 0x2"]);
    assert_eq!(scene.deliver(0x2), Ok(()));
    assert_eq!(scene.calls(), ["B 0x2", "A 0x2"]);
}

#[test]
fn a_callback_unregistered_inside_is_skipped() {
    let scene = Scene::new();
    let first = scene.register(0x2, scene.spy("A", |_| 0));
    let f = scene.fixture.clone();
    scene.register(
        0x2,
        scene.spy("B", move |_| {
            unregister(&f, first).map_or_else(|e| e.code(), |()| 0)
        }),
    );
    assert_eq!(scene.deliver(0x2), Ok(()));
    assert_eq!(scene.calls(), ["B 0x2"]);
}

#[test]
fn inside_only_the_listed_operations_are_legal_on_the_cursor() {
    let scene = Scene::new();
    let f = scene.fixture.clone();
    scene.register(
        0x2,
        scene.spy("A", move |event| {
            let seek = f
                .engine
                .enter_cursor(f.sesid, event.tableid, Operation::Seek);
            assert_eq!(seek.err(), Some(JetError::IllegalOperation));
            let read = f
                .engine
                .enter_cursor(f.sesid, event.tableid, Operation::RetrieveColumn);
            assert!(read.is_ok());
            drop(read);
            assert!(
                f.engine
                    .enter_cursor(f.sesid, f.cursor(f.sesid), Operation::Seek)
                    .is_ok()
            );
            0
        }),
    );
    assert_eq!(scene.deliver(0x2), Ok(()));
    let f = &scene.fixture;
    assert!(
        f.engine
            .enter_cursor(f.sesid, f.tableid, Operation::Seek)
            .is_ok()
    );
}

#[test]
fn inside_another_thread_may_not_use_the_session() {
    let scene = Scene::new();
    let f = scene.fixture.clone();
    scene.register(
        0x2,
        scene.spy("A", move |_| {
            let other = std::thread::scope(|s| {
                s.spawn(|| f.engine.begin_transaction(f.sesid, 0))
                    .join()
                    .expect("joined")
            });
            assert_eq!(other, Err(JetError::SessionSharingViolation));
            assert_eq!(f.engine.begin_transaction(f.sesid, 0), Ok(()));
            assert_eq!(
                f.engine.end_session(f.sesid, 0),
                Err(JetError::SessionInUse)
            );
            f.engine
                .commit_transaction(f.sesid, 0)
                .map_or_else(|e| e.code(), |()| 0)
        }),
    );
    assert_eq!(scene.deliver(0x2), Ok(()));
}

#[test]
fn unregistering_twice_succeeds_and_an_invented_handle_does_not() {
    let scene = Scene::new();
    let handle = scene.register(0x2, scene.spy("A", |_| 0));
    assert_eq!(unregister(&scene.fixture, handle), Ok(()));
    assert_eq!(unregister(&scene.fixture, handle), Ok(()));
    assert_eq!(
        unregister(&scene.fixture, HandleId(0x77)),
        Err(JetError::InvalidParameter)
    );
    assert_eq!(scene.deliver(0x2), Ok(()));
    assert!(scene.calls().is_empty());
}
