//! Every operation of a cursor in every state of a cursor: the return codes that were observed.

use Operation::*;

use super::alter_table;
use super::create_table::TableDefinition;
use super::current_index::Chosen;
use super::escrow::Sizes;
use super::fixture::Fixture;
use super::handles::{Sesid, Tableid};
use super::index::IndexDefinition;
use super::navigate::{MOVE_FIRST, MOVE_LAST};
use super::outcome::{Jet, Warned};
use super::profile::{Profile, tests_profile};
use super::record_size::RecordSize;
use super::retrieve::RetrieveColumn;
use super::set_column::SetColumn as Set;
use super::value::coltyp::Coltyp;
use super::value::definition::{DefaultGiven, Definition};
use super::value::grbit::ColumnGrbit;
use super::value::set::{Given, SetInfo};

#[derive(Debug, Clone, Copy)]
enum Operation {
    Prepare(u32),
    Update,
    Delete,
    SetColumn(&'static str),
    Retrieve { copy: bool },
    GetBookmark,
    Move(i32),
    GetLock(u32),
    EscrowUpdate,
    GetRecordPosition,
    RetrieveKey,
    SetCurrentIndex(&'static str),
    GetRecordSize,
    GetCursorInfo,
    DupCursor,
    CloseTable,
    GetSecondaryIndexBookmark,
    EnumerateColumns,
    GotoPosition,
    Rollback,
    Commit,
}

#[derive(Debug, Clone, Copy)]
enum State {
    BeforeFirst,
    AfterLast,
    Empty,
    OnRecord,
    OnRecordLevel0,
    DeletedBySelf,
    DeletedByOtherLevel0,
    DeletedBySelfLevel0,
    InsertRolledBack,
    Pending(u32),
    ReadOnlyCursor,
    SeekMissed,
    SeekInexact,
    InsertPendingBeforeFirst,
    Fresh,
}

const STATES: [State; 20] = [
    State::BeforeFirst,
    State::AfterLast,
    State::Empty,
    State::OnRecord,
    State::OnRecordLevel0,
    State::DeletedBySelf,
    State::DeletedByOtherLevel0,
    State::DeletedBySelfLevel0,
    State::InsertRolledBack,
    State::Pending(0),
    State::Pending(2),
    State::Pending(4),
    State::Pending(5),
    State::Pending(7),
    State::Pending(8),
    State::ReadOnlyCursor,
    State::SeekMissed,
    State::SeekInexact,
    State::InsertPendingBeforeFirst,
    State::Fresh,
];

/// The observed return codes, one column for each state in the order of `STATES`.
#[rustfmt::skip]
const OBSERVED: [(Operation, [i32; 20]); 41] = [
    (Prepare(0), [0, 0, 0, 0, 0, 0, 0, 0, 0, -1607, -1607, -1607, -1607, -1607, -1607, -1809, 0, 0, -1607, 0]),
    (Prepare(1), [-1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003]),
    (Prepare(2), [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, -1607, -1607, -1607, -1607, -1607, -1607, -1809, -1603, 0, -1607, 0]),
    (Prepare(3), [-1609, -1609, -1609, -1609, -1609, -1609, -1609, -1609, -1609, 0, 0, 0, 0, 0, 0, -1609, -1609, -1609, 0, -1609]),
    (Prepare(4), [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, -1607, -1607, -1607, -1607, -1607, -1607, -1809, -1603, 0, -1607, 0]),
    (Prepare(5), [-1603, -1603, -1603, 0, -1054, -1017, -1017, -1017, -1603, -1607, -1607, -1607, -1607, -1607, -1607, -1809, -1603, 0, -1607, 0]),
    (Prepare(6), [-1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003]),
    (Prepare(7), [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, -1607, -1607, -1607, -1607, -1607, -1607, -1809, -1603, 0, -1607, 0]),
    (Prepare(8), [-1603, -1603, -1603, 0, -1054, -1017, -1054, -1054, -1054, -1607, -1607, -1607, -1607, -1607, -1607, 0, -1603, 0, -1607, 0]),
    (Prepare(9), [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, -1607, -1607, -1607, -1607, -1607, -1607, -1809, -1603, 0, -1607, 0]),
    (Prepare(10), [-1312, -1312, -1312, -1312, -1312, -1312, -1312, -1312, -1312, -1607, -1607, -1607, -1607, -1607, -1607, -1809, -1312, -1312, -1607, -1312]),
    (Prepare(11), [-1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003]),
    (Prepare(u32::MAX), [-1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003, -1003]),
    (Update, [-1609, -1609, -1609, -1609, -1609, -1609, -1609, -1609, -1609, 0, 0, 0, 0, 0, -1609, -1609, -1609, -1609, 0, -1609]),
    (Delete, [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, 0, 0, 0, 0, -1607, 0, -1809, -1603, 0, -1603, 0]),
    (SetColumn("v"), [-1609, -1609, -1609, -1609, -1609, -1609, -1609, -1609, -1609, 0, 0, 0, 0, 0, -1609, -1809, -1609, -1609, 0, -1609]),
    (SetColumn("text"), [-1609, -1609, -1609, -1609, -1609, -1609, -1609, -1609, -1609, 0, 0, 0, 0, 0, -1609, -1809, -1609, -1609, 0, -1609]),
    (Retrieve { copy: false }, [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, 0, 0, 0, 0, 0, 0, 0, -1603, 0, -1603, 0]),
    (Retrieve { copy: true }, [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, 1004, 0, 0, 0, 0, 0, 0, -1603, 0, 1004, 0]),
    (GetBookmark, [-1603, -1603, -1603, 0, 0, 0, 0, 0, -1603, 0, 0, 0, 0, 0, 0, 0, -1603, 0, -1603, -1603]),
    (Move(0), [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, 0, 0, 0, 0, 0, 0, 0, -1603, 0, -1603, 0]),
    (Move(1), [0, -1603, -1603, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    (Move(-1), [-1603, 0, -1603, 0, 0, 0, 0, 0, -1603, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1603, -1603]),
    (Move(MOVE_LAST), [0, 0, -1603, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    (GetLock(1), [-1603, -1603, -1603, 0, -1054, 0, -1054, -1054, -1054, 0, 0, 0, 0, 0, 0, 0, -1603, 0, -1603, 0]),
    (GetLock(2), [-1603, -1603, -1603, 0, -1054, 0, -1054, -1054, -1054, 0, 0, 0, 0, 0, 0, -1809, -1603, 0, -1603, 0]),
    (EscrowUpdate, [0, 0, -1603, 0, -1054, 0, -1054, -1054, -1054, -1607, -1607, -1607, -1607, -1607, -1607, -1809, -1017, 0, -1607, 0]),
    (GetRecordPosition, [-1603, -1603, -1603, 0, 0, 0, 0, 0, -1603, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1603, 0]),
    (RetrieveKey, [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, 0, 0, 0, 0, 0, 0, 0, -1603, 0, -1603, 0]),
    (SetCurrentIndex("pk"), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    (SetCurrentIndex("iv"), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    (GetRecordSize, [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, 0, 0, 0, 0, 0, 0, 0, -1603, 0, -1603, 0]),
    (GetCursorInfo, [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, 0, 0, 0, 0, 0, 0, 0, -1603, 0, -1603, -1603]),
    (DupCursor, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    (CloseTable, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    (SetColumn("k"), [-1609, -1609, -1609, -1609, -1609, -1609, -1609, -1609, -1609, 0, 0, 0, 0, 0, -1609, -1809, -1609, -1609, 0, -1609]),
    (GetSecondaryIndexBookmark, [-1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515, -1515]),
    (EnumerateColumns, [-1603, -1603, -1603, 0, 0, -1017, -1017, -1017, -1603, 0, 0, 0, 0, 0, 0, 0, -1603, 0, -1603, 0]),
    (GotoPosition, [0, 0, -1601, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    (Rollback, [0, 0, 0, 0, -1054, 0, -1054, -1054, -1054, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    (Commit, [0, 0, 0, 0, -1054, 0, -1054, -1054, -1054, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
];

struct World {
    fixture: Fixture,
    sesid: Sesid,
    tableid: Tableid,
}

fn long(name: &str) -> Definition<'_> {
    Definition::of(name, Coltyp::Long)
}

impl World {
    /// A table with rows k = 10 to 50, and a cursor that was never moved.
    fn new(rows: &[i32]) -> Self {
        let fixture = Fixture::new();
        let sesid = fixture.sesid;
        fixture.open_database(sesid);
        let zero = 0_i32.to_le_bytes();
        let definition = TableDefinition {
            name: Some("observed"),
            columns: vec![
                long("k"),
                long("v"),
                Definition {
                    grbit: ColumnGrbit::ESCROW_UPDATE.bits(),
                    default: DefaultGiven::Bytes(&zero),
                    ..long("e")
                },
                Definition {
                    grbit: ColumnGrbit::VERSION.bits(),
                    ..long("version")
                },
                Definition::of("text", Coltyp::LongText),
            ],
            indexes: vec![
                IndexDefinition {
                    name: Some("pk"),
                    key: "+k\0\0",
                    grbit: 2,
                    ..IndexDefinition::default()
                },
                IndexDefinition {
                    name: Some("iv"),
                    key: "+v\0\0",
                    ..IndexDefinition::default()
                },
            ],
            ..TableDefinition::default()
        };
        let (created, _) = fixture
            .engine
            .create_table(sesid, fixture.dbid, &definition);
        let mut world = Self {
            tableid: created.expect("created"),
            fixture,
            sesid,
        };
        rows.iter().for_each(|k| world.insert(*k));
        let engine = &world.fixture.engine;
        engine.close_table(sesid, world.tableid).expect("closed");
        world.tableid = world.open(sesid, 0);
        world
    }

    fn open(&self, sesid: Sesid, grbit: u32) -> Tableid {
        let opened =
            self.fixture
                .engine
                .open_table(sesid, self.fixture.dbid, Some("observed"), grbit);
        opened.expect("opened")
    }

    fn insert(&self, k: i32) {
        let engine = &self.fixture.engine;
        engine
            .prepare_update(self.sesid, self.tableid, 0)
            .expect("prepared");
        self.set("k", k).expect("set");
        self.set("v", k).expect("set");
        engine
            .update(self.sesid, self.tableid, None, 0)
            .expect("inserted");
    }

    fn columnid(&self, name: &str) -> u32 {
        let state = self.fixture.engine.lock();
        let table = state
            .cursor(self.tableid)
            .and_then(|cursor| state.table(cursor.table));
        let columns = &table.expect("table").schema.columns;
        let named = columns.iter().find(|column| column.name.as_str() == name);
        named.expect("column").columnid
    }

    fn set(&self, name: &str, value: i32) -> Jet<Warned<()>> {
        let set = Set {
            columnid: self.columnid(name),
            given: Given::Bytes(&value.to_le_bytes()),
            grbit: 0,
            info: SetInfo::default(),
            structure: true,
        };
        self.fixture
            .engine
            .set_column(self.sesid, self.tableid, &set)
    }

    fn begin(&self) {
        self.fixture
            .engine
            .begin_transaction(self.sesid, 0)
            .expect("begun");
    }

    fn seek(&self, k: i32, grbit: u32) -> Jet<Warned<()>> {
        let engine = &self.fixture.engine;
        engine
            .make_key(self.sesid, self.tableid, &k.to_le_bytes(), 1)
            .expect("made");
        engine.seek(self.sesid, self.tableid, grbit)
    }

    fn on_record(rows: &[i32], transaction: bool) -> Self {
        let world = Self::new(rows);
        if transaction {
            world.begin();
        }
        world.seek(30, 1).expect("found");
        world
    }

    fn in_state(state: State) -> Self {
        const ROWS: [i32; 5] = [10, 20, 30, 40, 50];
        let fresh = || {
            let world = Self::new(&ROWS);
            world.begin();
            world
        };
        match state {
            State::BeforeFirst | State::AfterLast => {
                let world = fresh();
                let (to, beyond) = match state {
                    State::BeforeFirst => (MOVE_FIRST, -1),
                    _ => (MOVE_LAST, 1),
                };
                world.go(to).expect("moved");
                assert!(world.go(beyond).is_err());
                world
            }
            State::Empty => {
                let world = Self::new(&[]);
                world.begin();
                world
            }
            State::OnRecord => Self::on_record(&ROWS, true),
            State::OnRecordLevel0 => Self::on_record(&ROWS, false),
            State::DeletedBySelf | State::DeletedBySelfLevel0 => {
                let world = Self::on_record(&ROWS, matches!(state, State::DeletedBySelf));
                let engine = &world.fixture.engine;
                engine.delete(world.sesid, world.tableid).expect("deleted");
                world
            }
            State::DeletedByOtherLevel0 => {
                let world = Self::on_record(&ROWS, false);
                world.let_other_delete();
                world
            }
            State::InsertRolledBack => {
                let world = Self::new(&ROWS);
                world.begin();
                world.insert(35);
                world.seek(35, 1).expect("found");
                world
                    .fixture
                    .engine
                    .rollback(world.sesid, 0)
                    .expect("rolled back");
                world
            }
            State::Pending(prep) => {
                let world = Self::on_record(&ROWS, true);
                let engine = &world.fixture.engine;
                engine
                    .prepare_update(world.sesid, world.tableid, prep)
                    .expect("prepared");
                if [0, 5].contains(&prep) {
                    world.set("k", 35).expect("set");
                }
                world
            }
            State::ReadOnlyCursor => {
                let mut world = Self::new(&ROWS);
                world.begin();
                world.tableid = world.open(world.sesid, 4);
                world.seek(30, 1).expect("found");
                world
            }
            State::SeekMissed => {
                let world = fresh();
                assert!(world.seek(35, 1).is_err());
                world
            }
            State::SeekInexact => {
                let world = fresh();
                world.seek(35, 8).expect("found");
                world
            }
            State::InsertPendingBeforeFirst => {
                let world = Self::in_state(State::BeforeFirst);
                let engine = &world.fixture.engine;
                engine
                    .prepare_update(world.sesid, world.tableid, 0)
                    .expect("prepared");
                world.set("k", 35).expect("set");
                world
            }
            State::Fresh => fresh(),
        }
    }

    fn let_other_delete(&self) {
        let engine = &self.fixture.engine;
        let other = engine.dup_session(self.sesid).expect("session");
        self.fixture.open_database(other);
        let tableid = self.open(other, 0);
        engine
            .move_cursor(other, tableid, MOVE_FIRST, 0)
            .expect("moved");
        engine.move_cursor(other, tableid, 2, 0).expect("moved");
        engine.delete(other, tableid).expect("deleted");
    }

    fn go(&self, rows: i32) -> Jet<()> {
        self.fixture
            .engine
            .move_cursor(self.sesid, self.tableid, rows, 0)
    }

    fn code(&self, operation: Operation) -> i32 {
        let engine = &self.fixture.engine;
        let (sesid, tableid) = (self.sesid, self.tableid);
        let retrieve = |copy: bool| RetrieveColumn {
            columnid: self.columnid("v"),
            buffer: 0,
            cb_data: 4,
            wants_actual: true,
            grbit: u32::from(copy),
            itag_sequence: 1,
            ib_long_value: 0,
            structure: true,
        };
        match operation {
            Prepare(prep) => code(engine.prepare_update(sesid, tableid, prep)),
            Update => code(engine.update(sesid, tableid, None, 0)),
            Delete => code(engine.delete(sesid, tableid)),
            SetColumn(name) => {
                let value = if name == "k" { 37 } else { 7 };
                warned(self.set(name, value))
            }
            Retrieve { copy } => warned(engine.retrieve_column(sesid, tableid, &retrieve(copy))),
            GetBookmark => code(engine.get_bookmark(sesid, tableid)),
            Move(rows) => code(engine.move_cursor(sesid, tableid, rows, 0)),
            GetLock(grbit) => code(engine.get_lock(sesid, tableid, grbit)),
            EscrowUpdate => {
                let sizes = Sizes {
                    given: 4,
                    old: None,
                };
                code(engine.escrow_update(sesid, tableid, self.columnid("e"), 1, sizes, 0))
            }
            GetRecordPosition => code(engine.get_record_position(sesid, tableid, 16)),
            RetrieveKey => code(engine.retrieve_key(sesid, tableid, 0)),
            SetCurrentIndex(name) => {
                code(engine.set_current_index(sesid, tableid, Chosen::Named(name), 0, 1))
            }
            GetRecordSize => code(engine.get_record_size(sesid, tableid, RecordSize::default(), 0)),
            GetCursorInfo => code(engine.get_cursor_info(sesid, tableid)),
            DupCursor => code(engine.dup_cursor(sesid, tableid, 0)),
            CloseTable => code(engine.close_table(sesid, tableid)),
            GetSecondaryIndexBookmark => code(engine.get_secondary_index_bookmark(sesid, tableid)),
            EnumerateColumns => code(engine.enumerate_columns(sesid, tableid, &[], true, 1000, 0)),
            GotoPosition => code(engine.goto_position(sesid, tableid, 1, 2, true)),
            Rollback => code(engine.rollback(sesid, 0)),
            Commit => code(engine.commit_transaction(sesid, 0)),
        }
    }
}

fn code<T>(result: Jet<T>) -> i32 {
    result.err().map_or(0, |error| error.code())
}

fn warned<T>(result: Jet<Warned<T>>) -> i32 {
    result.map_or_else(|error| error.code(), |value| value.code())
}

#[test]
fn every_operation_answers_in_every_state_as_observed() {
    let mut differences = Vec::new();
    tests_profile::under(Profile::Genuine, || {
        for (operation, expected) in OBSERVED {
            for (state, expected) in STATES.into_iter().zip(expected) {
                let code = World::in_state(state).code(operation);
                if code != expected {
                    differences.push(format!(
                        "{operation:?} in {state:?}: {code}, not {expected}"
                    ));
                }
            }
        }
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn by_the_documents_an_escrow_update_needs_a_record() {
    for state in [State::BeforeFirst, State::AfterLast, State::SeekMissed] {
        assert_eq!(
            World::in_state(state).code(EscrowUpdate),
            -1603,
            "{state:?}"
        );
    }
}

#[test]
fn a_table_in_use_keeps_what_it_has() {
    let world = World::on_record(&[10, 20, 30], false);
    let engine = &world.fixture.engine;
    let delete = |name| engine.delete_column(world.sesid, world.tableid, Some(name), 0);
    assert_eq!(code(delete("k")), -1046);
    assert_eq!(code(delete("zz")), -1507);
    assert!(alter_table::COLUMN_IN_USE.holds());
}
