//! Escrow columns: deleted on zero, and apart from the transaction.

use super::changes_tests::{World, code};
use super::create_table::TableDefinition;
use super::escrow::Sizes;
use super::handles::Tableid;
use super::navigate::MOVE_FIRST;
use super::value::coltyp::Coltyp;
use super::value::definition::{DefaultGiven, Definition};
use super::value::grbit::ColumnGrbit;

/// A table with an escrow column that asks for its record to be deleted once it is zero.
fn escrow_table(world: &World) -> Tableid {
    let one = 1_i32.to_le_bytes();
    let definition = TableDefinition {
        name: Some("counts"),
        columns: vec![Definition {
            grbit: (ColumnGrbit::ESCROW_UPDATE | ColumnGrbit::DELETE_ON_ZERO).bits(),
            default: DefaultGiven::Bytes(&one),
            ..Definition::of("count", Coltyp::Long)
        }],
        ..TableDefinition::default()
    };
    let engine = world.engine();
    let (created, _) = engine.create_table(world.sesid, world.fixture.dbid, &definition);
    let tableid = created.expect("created");
    assert_eq!(world.prepare(world.sesid, tableid, 0), 0);
    assert_eq!(world.update(world.sesid, tableid), 0);
    assert_eq!(
        code(engine.move_cursor(world.sesid, tableid, MOVE_FIRST, 0)),
        0
    );
    tableid
}

fn add(world: &World, tableid: Tableid, delta: i32, grbit: u32) {
    let sizes = Sizes {
        given: 4,
        old: None,
    };
    let added = world
        .engine()
        .escrow_update(world.sesid, tableid, 1, delta, sizes, grbit);
    assert_eq!(code(added), 0);
}

#[test]
fn a_record_whose_count_is_zero_is_deleted_when_there_is_time() {
    let world = World::new();
    let (s, engine) = (world.sesid, world.engine());
    let tableid = escrow_table(&world);
    let idle = || assert!(engine.idle(s, 0).is_ok());
    let there = || code(engine.move_cursor(s, tableid, MOVE_FIRST, 0));
    world.begin(s);
    add(&world, tableid, -1, 0);
    idle();
    assert_eq!(code(engine.rollback(s, 0)), 0);
    idle();
    assert_eq!(there(), 0);
    world.begin(s);
    add(&world, tableid, -1, 0);
    assert_eq!(code(engine.commit_transaction(s, 0)), 0);
    assert_eq!(there(), 0);
    idle();
    assert_eq!(there(), -1603);
}

#[test]
fn an_escrow_update_can_outlive_its_transaction() {
    let world = World::new();
    let (s, engine) = (world.sesid, world.engine());
    let tableid = escrow_table(&world);
    world.begin(s);
    add(&world, tableid, 5, 0);
    add(&world, tableid, 10, 1);
    assert_eq!(world.get(s, tableid, 1), 16);
    assert_eq!(code(engine.rollback(s, 0)), 0);
    assert_eq!(code(engine.move_cursor(s, tableid, MOVE_FIRST, 0)), 0);
    assert_eq!(world.get(s, tableid, 1), 11);
}
