//! Inserts, replaces and deletes with their callbacks; conflicts between sessions; rollback.

use std::sync::{Arc, Mutex, PoisonError};

use super::callback::{Callback, Event, reason};
use super::create_table::TableDefinition;
use super::current_index::Chosen;
use super::cursor_filter::{Filter, Relop};
use super::engine::Engine;
use super::fixture::Fixture;
use super::handles::{Sesid, Tableid};
use super::index::IndexDefinition;
use super::navigate::MOVE_FIRST;
use super::outcome::Jet;
use super::profile::{Profile, tests_profile};
use super::registration::Register;
use super::retrieve::RetrieveColumn;
use super::set_column::SetColumn;
use super::value::coltyp::Coltyp;
use super::value::definition::Definition;
use super::value::grbit::ColumnGrbit;
use super::value::set::{Given, SetInfo};

/// Notes the reasons it is called for, and answers with a code for one of them.
#[derive(Debug, Default)]
struct Spy {
    seen: Mutex<Vec<u32>>,
    veto: Mutex<(u32, i32)>,
}

impl Callback for Spy {
    fn call(&self, event: &mut Event) -> i32 {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(event.cbtyp);
        let (reason, code) = *self.veto.lock().unwrap_or_else(PoisonError::into_inner);
        if event.cbtyp == reason { code } else { 0 }
    }
}

pub(super) struct World {
    pub(super) fixture: Fixture,
    pub(super) sesid: Sesid,
    tableid: Tableid,
    spy: Arc<Spy>,
}

pub(super) fn code<T>(result: Jet<T>) -> i32 {
    result.err().map_or(0, |error| error.code())
}

impl World {
    /// A table with primary key k, a unique index on u and rows k = 1, 2 with u = 10, 20.
    pub(super) fn new() -> Self {
        let fixture = Fixture::new();
        let sesid = fixture.sesid;
        fixture.open_database(sesid);
        let definition = TableDefinition {
            name: Some("changes"),
            columns: vec![
                Definition::of("k", Coltyp::Long),
                Definition::of("u", Coltyp::Long),
                Definition {
                    grbit: ColumnGrbit::VERSION.bits(),
                    ..Definition::of("version", Coltyp::Long)
                },
                Definition {
                    grbit: ColumnGrbit::NOT_NULL.bits(),
                    ..Definition::of("required", Coltyp::Long)
                },
            ],
            indexes: vec![
                IndexDefinition {
                    name: Some("pk"),
                    key: "+k\0\0",
                    grbit: 2,
                    ..IndexDefinition::default()
                },
                IndexDefinition {
                    name: Some("iu"),
                    key: "+u\0\0",
                    grbit: 1,
                    ..IndexDefinition::default()
                },
            ],
            ..TableDefinition::default()
        };
        let (tableid, _) = fixture
            .engine
            .create_table(sesid, fixture.dbid, &definition);
        let tableid = tableid.expect("created");
        let world = Self {
            fixture,
            sesid,
            tableid,
            spy: Arc::new(Spy::default()),
        };
        assert_eq!(world.insert(sesid, tableid, 1, 10), 0);
        assert_eq!(world.insert(sesid, tableid, 2, 20), 0);
        assert_eq!(code(world.engine().close_table(sesid, tableid)), 0);
        let mut world = world;
        world.tableid = world.open(sesid);
        world
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.fixture.engine
    }

    fn open(&self, sesid: Sesid) -> Tableid {
        let opened = self
            .engine()
            .open_table(sesid, self.fixture.dbid, Some("changes"), 0);
        opened.expect("opened")
    }

    fn spied() -> Self {
        let world = Self::new();
        let register = Register {
            cbtyp: 0x7e,
            callback: Some(Arc::clone(&world.spy) as Arc<dyn Callback>),
            context: 0,
            wants_handle: true,
        };
        let registered = world
            .engine()
            .register_callback(world.sesid, world.tableid, register);
        registered.expect("registered");
        world
    }

    /// A second session on the same table.
    fn other(&self) -> (Sesid, Tableid) {
        let sesid = self.engine().dup_session(self.sesid).expect("session");
        self.fixture.open_database(sesid);
        (sesid, self.open(sesid))
    }

    fn seen(&self) -> Vec<u32> {
        std::mem::take(&mut self.spy.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn veto(&self, reason: u32, code: i32) {
        *self.spy.veto.lock().unwrap_or_else(PoisonError::into_inner) = (reason, code);
    }

    fn set(&self, sesid: Sesid, tableid: Tableid, columnid: u32, value: i32) -> i32 {
        let set = SetColumn {
            columnid,
            given: Given::Bytes(&value.to_le_bytes()),
            grbit: 0,
            info: SetInfo::default(),
            structure: true,
        };
        code(self.engine().set_column(sesid, tableid, &set))
    }

    pub(super) fn get(&self, sesid: Sesid, tableid: Tableid, columnid: u32) -> i32 {
        let asked = RetrieveColumn {
            columnid,
            buffer: 0,
            cb_data: 4,
            wants_actual: true,
            grbit: 0,
            itag_sequence: 1,
            ib_long_value: 0,
            structure: true,
        };
        let retrieved = self.engine().retrieve_column(sesid, tableid, &asked);
        let bytes = retrieved.expect("retrieved").value.bytes;
        i32::from_le_bytes(bytes.try_into().expect("four bytes"))
    }

    pub(super) fn prepare(&self, sesid: Sesid, tableid: Tableid, prep: u32) -> i32 {
        code(self.engine().prepare_update(sesid, tableid, prep))
    }

    pub(super) fn update(&self, sesid: Sesid, tableid: Tableid) -> i32 {
        code(self.engine().update(sesid, tableid, None, 0))
    }

    fn insert(&self, sesid: Sesid, tableid: Tableid, k: i32, u: i32) -> i32 {
        assert_eq!(self.prepare(sesid, tableid, 0), 0);
        self.set(sesid, tableid, 1, k);
        self.set(sesid, tableid, 2, u);
        self.set(sesid, tableid, 4, 0);
        let updated = self.update(sesid, tableid);
        if updated != 0 {
            self.prepare(sesid, tableid, 3);
        }
        updated
    }

    fn go(&self, sesid: Sesid, tableid: Tableid, k: i32) -> i32 {
        let engine = self.engine();
        engine
            .make_key(sesid, tableid, &k.to_le_bytes(), 1)
            .expect("made");
        code(engine.seek(sesid, tableid, 1))
    }

    fn replace(&self, sesid: Sesid, tableid: Tableid, u: i32) -> i32 {
        let prepared = self.prepare(sesid, tableid, 2);
        if prepared != 0 {
            return prepared;
        }
        self.set(sesid, tableid, 2, u);
        let updated = self.update(sesid, tableid);
        if updated != 0 {
            self.prepare(sesid, tableid, 3);
        }
        updated
    }

    pub(super) fn begin(&self, sesid: Sesid) {
        self.engine().begin_transaction(sesid, 0).expect("begun");
    }
}

const INSERT: [u32; 2] = [reason::BEFORE_INSERT, reason::AFTER_INSERT];
const REPLACE: [u32; 2] = [reason::BEFORE_REPLACE, reason::AFTER_REPLACE];
const DELETE: [u32; 2] = [reason::BEFORE_DELETE, reason::AFTER_DELETE];

#[test]
fn each_change_is_told_before_and_after() {
    let world = World::spied();
    let (s, t) = (world.sesid, world.tableid);
    assert_eq!(world.insert(s, t, 3, 30), 0);
    assert_eq!(world.seen(), INSERT);
    assert_eq!(world.go(s, t, 3), 0);
    assert_eq!(world.replace(s, t, 33), 0);
    assert_eq!(world.seen(), REPLACE);
    assert_eq!(world.get(s, t, 3), 1);
    assert_eq!(code(world.engine().delete(s, t)), 0);
    assert_eq!(world.seen(), DELETE);
    // A replace that sets nothing is told all the same, and counts no version.
    assert_eq!(world.go(s, t, 1), 0);
    assert_eq!(world.prepare(s, t, 2), 0);
    assert_eq!(world.update(s, t), 0);
    assert_eq!(world.seen(), REPLACE);
    assert_eq!(world.get(s, t, 3), 0);
}

#[test]
fn what_is_refused_before_the_checks_is_told_and_what_is_refused_by_them_is_not_told_after() {
    let world = World::spied();
    let (s, t) = (world.sesid, world.tableid);
    assert_eq!(world.prepare(s, t, 0), 0);
    world.set(s, t, 1, 1);
    assert_eq!(world.update(s, t), -1504);
    world.set(s, t, 4, 0);
    assert_eq!(world.update(s, t), -1605);
    assert_eq!(world.seen(), [reason::BEFORE_INSERT; 2]);
    assert_eq!(world.prepare(s, t, 3), 0);
    assert_eq!(world.go(s, t, 1), 0);
    assert_eq!(world.prepare(s, t, 2), 0);
    world.set(s, t, 1, 5);
    assert_eq!(world.update(s, t), -1604);
    assert_eq!(world.seen(), [reason::BEFORE_REPLACE]);
    assert_eq!(code(world.engine().move_cursor(s, t, MOVE_FIRST, 0)), 0);
    assert_eq!(code(world.engine().move_cursor(s, t, -1, 0)), -1603);
    assert_eq!(code(world.engine().delete(s, t)), -1603);
    assert_eq!(world.seen(), [reason::BEFORE_DELETE]);
}

#[test]
fn a_veto_leaves_the_update_prepared_and_an_error_after_changes_nothing() {
    let world = World::spied();
    let (s, t) = (world.sesid, world.tableid);
    world.veto(reason::BEFORE_INSERT, -4321);
    assert_eq!(world.prepare(s, t, 0), 0);
    world.set(s, t, 1, 3);
    world.set(s, t, 4, 0);
    assert_eq!(world.update(s, t), -4321);
    assert_eq!(world.prepare(s, t, 0), -1607);
    world.veto(reason::AFTER_INSERT, -1012);
    assert_eq!(world.update(s, t), 0);
    assert_eq!(world.go(s, t, 3), 0);
    world.veto(reason::BEFORE_DELETE, -5555);
    assert_eq!(code(world.engine().delete(s, t)), -5555);
    assert_eq!(world.go(s, t, 3), 0);
}

#[test]
fn a_compound_update_is_a_delete_and_an_insert() {
    for (prep, profile) in [
        (7, Profile::Genuine),
        (9, Profile::Genuine),
        (7, Profile::Documented),
    ] {
        tests_profile::under(profile, || {
            let world = World::spied();
            let (s, t) = (world.sesid, world.tableid);
            assert_eq!(world.go(s, t, 1), 0);
            assert_eq!(world.prepare(s, t, prep), 0);
            world.set(s, t, 1, 2);
            assert_eq!(world.update(s, t), -1605);
            let [before_delete, after_delete] = DELETE;
            assert_eq!(
                world.seen(),
                [before_delete, after_delete, reason::BEFORE_INSERT]
            );
            world.set(s, t, 1, 7);
            world.set(s, t, 2, 70);
            assert_eq!(world.update(s, t), 0);
            // The published engine has forgotten the delete by now.
            let original = if profile == Profile::Genuine {
                0
            } else {
                -1601
            };
            assert_eq!(world.go(s, t, 1), original, "{profile:?}");
            assert_eq!(world.go(s, t, 7), 0);
        });
    }
}

#[test]
fn a_writer_conflicts_with_what_its_snapshot_does_not_show() {
    let world = World::new();
    let (s, t) = (world.sesid, world.tableid);
    let (s2, t2) = world.other();
    world.begin(s2);
    assert_eq!(world.go(s2, t2, 1), 0);
    assert_eq!(world.go(s, t, 1), 0);
    assert_eq!(world.replace(s, t, 99), 0);
    assert_eq!(world.get(s2, t2, 2), 10);
    assert_eq!(world.replace(s2, t2, 50), -1102);
    assert_eq!(code(world.engine().delete(s2, t2)), -1102);
    assert_eq!(code(world.engine().get_lock(s2, t2, 1)), -1102);
    assert_eq!(world.insert(s2, t2, 7, 99), -1605);
    assert_eq!(world.insert(s2, t2, 7, 10), -1605);
    assert_eq!(world.insert(s2, t2, 7, 70), 0);
    assert_eq!(code(world.engine().commit_transaction(s2, 0)), 0);
    assert_eq!(world.get(s2, t2, 2), 99);
    assert_eq!(world.replace(s2, t2, 50), 0);
}

#[test]
fn at_level_0_the_second_of_two_replaces_conflicts() {
    let world = World::new();
    let (s, t) = (world.sesid, world.tableid);
    let (s2, t2) = world.other();
    for (session, cursor) in [(s, t), (s2, t2)] {
        assert_eq!(world.go(session, cursor, 1), 0);
        assert_eq!(world.prepare(session, cursor, 2), 0);
        world.set(session, cursor, 2, 55);
    }
    assert_eq!(world.update(s, t), 0);
    assert_eq!(world.update(s2, t2), -1102);
}

#[test]
fn rollback_takes_back_rows_and_places() {
    let world = World::new();
    let (s, t) = (world.sesid, world.tableid);
    let stays = world.open(s);
    assert_eq!(world.go(s, stays, 2), 0);
    world.begin(s);
    assert_eq!(world.insert(s, t, 3, 30), 0);
    assert_eq!(world.go(s, t, 1), 0);
    assert_eq!(world.replace(s, t, 11), 0);
    assert_eq!(code(world.engine().delete(s, stays)), 0);
    let inside = world.open(s);
    assert_eq!(code(world.engine().rollback(s, 0)), 0);
    assert_eq!(code(world.engine().close_table(s, inside)), -1310);
    assert_eq!(code(world.engine().get_bookmark(s, t)), -1603);
    assert_eq!(world.get(s, stays, 2), 20);
    assert_eq!(world.go(s, t, 3), -1601);
    assert_eq!(world.go(s, t, 1), 0);
    assert_eq!(world.get(s, t, 2), 10);
}

#[test]
fn schema_changes_are_taken_back_too() {
    let world = World::new();
    let (s, t) = (world.sesid, world.tableid);
    let engine = world.engine();
    world.begin(s);
    let column = engine.add_column(s, t, &Definition::of("late", Coltyp::Long), true);
    let columnid = column.expect("added").value;
    let definition = IndexDefinition {
        name: Some("late"),
        key: "-late\0\0",
        ..IndexDefinition::default()
    };
    assert_eq!(code(engine.create_index(s, t, &[definition]).0), 0);
    assert_eq!(world.go(s, t, 1), 0);
    assert_eq!(world.prepare(s, t, 2), 0);
    assert_eq!(world.set(s, t, columnid, 5), 0);
    assert_eq!(world.update(s, t), 0);
    let created = TableDefinition {
        name: Some("made"),
        ..TableDefinition::default()
    };
    assert_eq!(
        code(engine.create_table(s, world.fixture.dbid, &created).0),
        0
    );
    assert_eq!(code(engine.rollback(s, 0)), 0);
    assert_eq!(
        code(engine.open_table(s, world.fixture.dbid, Some("made"), 0)),
        -1305
    );
    assert_eq!(code(engine.delete_index(s, t, Some("late"))), -1404);
    assert_eq!(world.prepare(s, t, 0), 0);
    assert_eq!(world.set(s, t, columnid, 5), -1507);
}

#[test]
fn a_failed_unversioned_insert_leaves_a_cursor_that_can_only_be_closed() {
    let world = World::new();
    let (s, engine) = (world.sesid, world.engine());
    world.begin(s);
    let unique = IndexDefinition {
        name: Some("unique"),
        key: "+v\0\0",
        grbit: 1,
        ..IndexDefinition::default()
    };
    let definition = TableDefinition {
        name: Some("new"),
        columns: vec![Definition::of("v", Coltyp::Long)],
        indexes: vec![unique],
        ..TableDefinition::default()
    };
    let (created, _) = engine.create_table(s, world.fixture.dbid, &definition);
    let tableid = created.expect("created");
    let insert = || {
        assert_eq!(world.prepare(s, tableid, 0), 0);
        world.set(s, tableid, 1, 7);
        code(engine.update(s, tableid, None, 2))
    };
    assert_eq!(insert(), 0);
    assert_eq!(insert(), -1605);
    assert_eq!(world.prepare(s, tableid, 3), -1312);
    assert_eq!(code(engine.close_table(s, tableid)), 0);
}

#[test]
fn moves_pass_over_what_the_filter_leaves_out() {
    let world = World::new();
    let (s, t, engine) = (world.sesid, world.tableid, world.engine());
    for k in 3..=6 {
        assert_eq!(world.insert(s, t, k, k * 10), 0);
    }
    let filter = |relop, value: i32| {
        Some(Filter {
            columnid: 2,
            relop,
            value: value.to_le_bytes().to_vec(),
        })
    };
    let filters = vec![filter(Relop::GreaterThan, 10), filter(Relop::NotEquals, 40)];
    assert_eq!(code(engine.set_cursor_filter(s, t, filters)), 0);
    let go = |rows| code(engine.move_cursor(s, t, rows, 0));
    assert_eq!(go(MOVE_FIRST), 0);
    assert_eq!(world.get(s, t, 1), 2);
    assert_eq!(go(2), 0);
    assert_eq!(world.get(s, t, 1), 5);
    assert_eq!(go(-1), 0);
    assert_eq!(world.get(s, t, 1), 3);
    assert_eq!(go(9), -1603);
    assert_eq!(
        code(engine.set_current_index(s, t, Chosen::Named("iu"), 0, 1)),
        0
    );
    assert_eq!(go(1), -1124);
}

#[test]
fn an_index_that_conflicts_leaves_nothing_behind() {
    let world = World::new();
    let (s, t) = (world.sesid, world.tableid);
    let engine = world.engine();
    let (other, theirs) = world.other();
    let definition = |name| IndexDefinition {
        name: Some(name),
        key: "-k\0\0",
        ..IndexDefinition::default()
    };
    world.begin(other);
    assert_eq!(world.insert(other, theirs, 9, 90), 0);
    let first = engine.create_index(other, theirs, &[definition("first")]).0;
    assert_eq!(code(first), 0);
    let before = engine.lock().digest();
    let second = engine.create_index(s, t, &[definition("second")]).0;
    assert_eq!(code(second), -1102);
    assert_eq!(engine.lock().digest(), before);
}
