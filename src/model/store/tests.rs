//! The observed tables of conflicts and duplicates between two sessions.

use std::sync::Arc;

use super::*;

/// A record with a value, which is also its key in the unique index.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    u: i32,
}

impl Escrowed for Row {
    fn add(&mut self, _column: u32, delta: i32) {
        self.u += delta;
    }
}

const U: IndexId = IndexId(1);
const OTHER: TxId = TxId(1);
const MINE: View = View::of(TxId(2), Stamp(5));

fn bookmark(k: u8) -> Bookmark {
    vec![k]
}

fn keys(u: i32) -> Keys {
    let mut keys = Keys::new();
    keys.set(U, [u.to_be_bytes().to_vec()]);
    keys
}

fn table(rows: &[(u8, i32)]) -> Rows<Row> {
    let mut table = Rows::default();
    for (k, u) in rows {
        let change = table.write(TxId(0), &bookmark(*k), Arc::new(Row { u: *u }), keys(*u));
        table.settle(&change, TxId(0), Stamp(5));
    }
    table
}

fn write(table: &mut Rows<Row>, tx: TxId, k: u8, u: i32) -> Change {
    table.write(tx, &bookmark(k), Arc::new(Row { u }), keys(u))
}

#[derive(Debug, Clone, Copy)]
enum Ending {
    Uncommitted,
    Committed,
    RolledBack,
}

fn end(table: &mut Rows<Row>, changes: &[Change], ending: Ending) {
    for change in changes.iter().rev() {
        match ending {
            Ending::Uncommitted => {}
            Ending::Committed => table.settle(change, OTHER, Stamp(6)),
            Ending::RolledBack => table.undo(change),
        }
    }
}

#[test]
fn a_write_conflicts_with_everything_that_the_snapshot_does_not_show() {
    type Deed = fn(&mut Rows<Row>) -> Change;
    // deed of the other session; whether read lock, escrow, write conflict with it
    let table_of_conflicts: [(Deed, [bool; 3]); 6] = [
        (
            |t| t.lock(OTHER, &bookmark(1), Lock::Read),
            [false, true, true],
        ),
        (
            |t| t.lock(OTHER, &bookmark(1), Lock::Write),
            [true, true, true],
        ),
        (|t| t.delete(OTHER, &bookmark(1)), [true, true, true]),
        (|t| t.escrow(OTHER, &bookmark(1), 3, 1), [true, false, true]),
        (|t| write(t, OTHER, 1, 10), [true, true, true]),
        (|t| write(t, OTHER, 1, 11), [true, true, true]),
    ];
    for (deed, expected) in table_of_conflicts {
        for ending in [Ending::Uncommitted, Ending::Committed, Ending::RolledBack] {
            let mut table = table(&[(1, 10), (2, 20)]);
            let change = deed(&mut table);
            end(&mut table, &[change], ending);
            let conflicts = [Intent::ReadLock, Intent::Escrow, Intent::Write]
                .map(|intent| table.conflicts(MINE, &bookmark(1), intent));
            let expected = if matches!(ending, Ending::RolledBack) {
                [false; 3]
            } else {
                expected
            };
            assert_eq!(conflicts, expected, "{ending:?}");
            assert!(!table.conflicts(MINE, &bookmark(2), Intent::Write));
            let later = View::of(TxId(3), Stamp(6));
            let uncommitted = matches!(ending, Ending::Uncommitted);
            assert_eq!(
                table.conflicts(later, &bookmark(1), Intent::Write),
                uncommitted
            );
        }
    }
}

#[test]
fn a_key_is_taken_by_rows_that_the_snapshot_does_not_show() {
    type Deed = fn(&mut Rows<Row>) -> Change;
    let delete: Deed = |t| t.delete(OTHER, &bookmark(1));
    let replace: Deed = |t| write(t, OTHER, 1, 99);
    let insert: Deed = |t| write(t, OTHER, 6, 60);
    // deed; k and u that the second session writes; duplicate while open, committed, rolled back
    let (yes, no) = (true, false);
    let observed: [(Deed, u8, i32, [bool; 3]); 18] = [
        (delete, 1, 70, [yes, yes, yes]),
        (delete, 7, 10, [yes, yes, yes]),
        (delete, 7, 99, [no, no, no]),
        (delete, 7, 60, [no, no, no]),
        (delete, 2, 10, [yes, yes, yes]),
        (delete, 2, 99, [no, no, no]),
        (replace, 1, 70, [yes, yes, yes]),
        (replace, 7, 10, [yes, yes, yes]),
        (replace, 7, 99, [yes, yes, no]),
        (replace, 7, 60, [no, no, no]),
        (replace, 2, 10, [yes, yes, yes]),
        (replace, 2, 99, [yes, yes, no]),
        (insert, 1, 70, [yes, yes, yes]),
        (insert, 7, 10, [yes, yes, yes]),
        (insert, 7, 99, [no, no, no]),
        (insert, 7, 60, [yes, yes, no]),
        (insert, 2, 10, [yes, yes, yes]),
        (insert, 2, 99, [no, no, no]),
    ];
    for (line, (deed, k, u, expected)) in observed.into_iter().enumerate() {
        let endings = [Ending::Uncommitted, Ending::Committed, Ending::RolledBack];
        for (ending, expected) in endings.into_iter().zip(expected) {
            let mut table = table(&[(1, 10), (2, 20)]);
            let change = deed(&mut table);
            end(&mut table, &[change], ending);
            let replaces_own = k == 2;
            let taken = (!replaces_own && table.is_taken(MINE, &bookmark(k)))
                || table.is_key_taken(MINE, U, &u.to_be_bytes(), &bookmark(k));
            assert_eq!(taken, expected, "line {line}, {ending:?}");
        }
    }
}

#[test]
fn a_key_inserted_and_deleted_again_is_taken_only_for_older_snapshots() {
    let mut table = table(&[]);
    let changes = [
        write(&mut table, OTHER, 1, 10),
        table.delete(OTHER, &bookmark(1)),
    ];
    end(&mut table, &changes, Ending::Committed);
    assert!(table.is_taken(MINE, &bookmark(1)));
    assert!(!table.is_taken(View::of(TxId(3), Stamp(6)), &bookmark(1)));
}

#[test]
fn a_snapshot_keeps_what_it_had() {
    let mut table = table(&[(1, 10), (2, 20), (3, 30)]);
    let changes = [
        write(&mut table, OTHER, 1, 11),
        table.delete(OTHER, &bookmark(2)),
        write(&mut table, OTHER, 4, 40),
    ];
    end(&mut table, &changes, Ending::Committed);
    table.prune(Stamp(5));
    let walk = |view: View, order: Order| -> Vec<u8> {
        table
            .entries(view, order)
            .map(|entry| entry.bookmark[0])
            .collect()
    };
    for order in [Order::Primary, Order::Secondary(U)] {
        assert_eq!(walk(MINE, order), [1, 2, 3]);
        assert_eq!(walk(View::LEVEL_0, order), [1, 3, 4]);
    }
    assert_eq!(table.read(MINE, &bookmark(1)).map(|row| row.u), Some(10));
    assert_eq!(
        table.read(View::LEVEL_0, &bookmark(1)).map(|row| row.u),
        Some(11)
    );
}

#[test]
fn pruning_forgets_what_nobody_can_see() {
    let mut table = table(&[(1, 10), (2, 20)]);
    let changes = [
        write(&mut table, OTHER, 1, 11),
        table.delete(OTHER, &bookmark(2)),
        table.escrow(OTHER, &bookmark(1), 3, 5),
        table.lock(OTHER, &bookmark(1), Lock::Read),
    ];
    end(&mut table, &changes, Ending::Committed);
    table.prune(Stamp(6));
    assert_eq!(table.chains.len(), 1);
    assert_eq!(table.indexes[&U].0.len(), 1);
    assert_eq!(
        table.read(View::LEVEL_0, &bookmark(1)).map(|row| row.u),
        Some(16)
    );
}

#[test]
fn escrow_deltas_are_seen_one_by_one() {
    let mut table = table(&[(1, 10)]);
    let mine = table.escrow(TxId(2), &bookmark(1), 3, 1);
    let other = table.escrow(OTHER, &bookmark(1), 3, 5);
    assert_eq!(table.read(MINE, &bookmark(1)).map(|row| row.u), Some(11));
    assert_eq!(table.stored(&bookmark(1)).map(|row| row.u), Some(16));
    assert_eq!(
        table.read(View::LEVEL_0, &bookmark(1)).map(|row| row.u),
        Some(10)
    );
    table.undo(&mine);
    table.settle(&other, OTHER, Stamp(6));
    assert_eq!(table.read(MINE, &bookmark(1)).map(|row| row.u), Some(10));
    assert_eq!(
        table.read(View::LEVEL_0, &bookmark(1)).map(|row| row.u),
        Some(15)
    );
}

#[test]
fn walking_starts_from_any_spot() {
    let table = table(&[(10, 0), (20, 0), (30, 100), (40, 100), (50, 200), (60, 200)]);
    let key = |u: i32| u.to_be_bytes().to_vec();
    let order = Order::Secondary(U);
    let next = |spot: Spot| {
        table
            .next(MINE, order, &spot)
            .map(|entry| entry.bookmark[0])
    };
    let previous = |spot: Spot| {
        table
            .previous(MINE, order, &spot)
            .map(|entry| entry.bookmark[0])
    };
    assert_eq!(next(Spot::Start), Some(10));
    assert_eq!(previous(Spot::End), Some(60));
    assert_eq!(next(Spot::Before(key(100))), Some(30));
    assert_eq!(next(Spot::After(key(100))), Some(50));
    assert_eq!(previous(Spot::Before(key(100))), Some(20));
    assert_eq!(previous(Spot::After(key(100))), Some(40));
    assert_eq!(previous(Spot::Before(key(0))), None);
    let third = Entry {
        key: key(100),
        bookmark: bookmark(30),
    };
    assert_eq!(next(Spot::On(third.clone())), Some(40));
    assert_eq!(previous(Spot::On(third)), Some(20));
}
