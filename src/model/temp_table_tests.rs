//! Temporary tables: what each option allows, as observed with one Long key column into which 3, 1,
//! 2 and 1 were inserted.

use super::fixture::Fixture;
use super::handles::{Sesid, Tableid};
use super::navigate::MOVE_FIRST;
use super::outcome::Jet;
use super::retrieve::RetrieveColumn;
use super::set_column::SetColumn;
use super::temp_table::TemporaryDefinition;
use super::value::coltyp::Coltyp;
use super::value::definition::Definition;
use super::value::grbit::ColumnGrbit;
use super::value::set::{Given, SetInfo};

struct Temporary {
    fixture: Fixture,
    sesid: Sesid,
    tableid: Tableid,
    columnid: u32,
}

fn code<T>(result: &Jet<T>) -> i32 {
    result.as_ref().err().map_or(0, |error| error.code())
}

impl Temporary {
    fn open(grbit: u32) -> Self {
        let fixture = Fixture::new();
        let sesid = fixture.sesid;
        let definition = TemporaryDefinition {
            columns: vec![Definition {
                grbit: ColumnGrbit::TT_KEY.bits(),
                ..Definition::of("ignored", Coltyp::Long)
            }],
            grbit,
            ..TemporaryDefinition::default()
        };
        let opened = fixture.engine.open_temporary_table(sesid, &definition);
        let (tableid, columnids) = opened.expect("opened");
        assert_eq!(columnids, [1]);
        Self {
            fixture,
            sesid,
            tableid,
            columnid: columnids[0],
        }
    }

    fn set(&self, value: i32) -> i32 {
        let set = SetColumn {
            columnid: self.columnid,
            given: Given::Bytes(&value.to_le_bytes()),
            grbit: 0,
            info: SetInfo::default(),
            structure: true,
        };
        code(
            &self
                .fixture
                .engine
                .set_column(self.sesid, self.tableid, &set),
        )
    }

    fn prepare(&self, prep: u32) -> i32 {
        code(
            &self
                .fixture
                .engine
                .prepare_update(self.sesid, self.tableid, prep),
        )
    }

    fn insert(&self, value: i32) -> i32 {
        let prepared = self.prepare(0);
        if prepared != 0 {
            return prepared;
        }
        self.set(value);
        let updated = self
            .fixture
            .engine
            .update(self.sesid, self.tableid, None, 0);
        if updated.is_err() {
            self.prepare(3);
        }
        code(&updated)
    }

    fn go(&self, rows: i32) -> i32 {
        code(
            &self
                .fixture
                .engine
                .move_cursor(self.sesid, self.tableid, rows, 0),
        )
    }

    fn value(&self) -> i32 {
        let asked = RetrieveColumn {
            columnid: self.columnid,
            buffer: 0,
            cb_data: 4,
            wants_actual: true,
            grbit: 0,
            itag_sequence: 1,
            ib_long_value: 0,
            structure: true,
        };
        let engine = &self.fixture.engine;
        let retrieved = engine.retrieve_column(self.sesid, self.tableid, &asked);
        let bytes = retrieved.expect("retrieved").value.bytes;
        i32::from_le_bytes(bytes.try_into().expect("four bytes"))
    }

    fn rows(&self) -> Vec<i32> {
        let mut rows = Vec::new();
        let mut moved = self.go(MOVE_FIRST);
        while moved == 0 {
            rows.push(self.value());
            moved = self.go(1);
        }
        assert_eq!(moved, -1603);
        rows
    }
}

#[test]
fn each_option_allows_what_was_observed() {
    // grbit; rows; move back; replace; delete; make a key, seek; insert after the first move
    let observed: [(u32, &[i32], [i32; 6]); 10] = [
        (0x0, &[1, 2, 3], [-1312, -1312, -1312, 0, -1312, -1312]),
        (0x1, &[1, 2, 3], [0, -1312, -1312, 0, 0, -1312]),
        (0x2, &[1, 2, 3], [-1312, -1312, -1312, 0, -1312, -1312]),
        (0x4, &[1, 2, 3], [0, 0, 0, -1515, -1608, 0]),
        (0x8, &[1, 2, 3], [0, -1312, -1312, 0, 0, -1312]),
        (0x20, &[1, 2, 3], [0, 0, 0, 0, 0, 0]),
        (0x5, &[1, 2, 3], [0, 0, 0, -1515, -1608, 0]),
        (0x40, &[1, 1, 2, 3], [-1312, -1312, -1312, 0, -1312, -1312]),
        (0x42, &[1, 2, 3], [-1312, -1312, -1312, 0, -1312, -1312]),
        (
            0x8000_0000,
            &[1, 2, 3],
            [-1312, -1312, -1312, 0, -1312, -1312],
        ),
    ];
    for (grbit, rows, [back, replace, delete, key, seek, late]) in observed {
        let table = Temporary::open(grbit);
        let engine = &table.fixture.engine;
        let duplicate = if grbit == 0x20 { -1605 } else { 0 };
        let inserted: Vec<i32> = [3, 1, 2, 1].map(|value| table.insert(value)).to_vec();
        assert_eq!(inserted, [0, 0, 0, duplicate], "{grbit:#x}: inserts");
        assert_eq!(table.rows(), rows, "{grbit:#x}: rows");
        assert_eq!(table.go(-1), back, "{grbit:#x}: move back");
        assert_eq!(table.go(MOVE_FIRST), 0, "{grbit:#x}: first again");
        assert_eq!(table.prepare(2), replace, "{grbit:#x}: replace");
        if replace == 0 {
            assert_eq!(table.prepare(3), 0);
        }
        let deleted = engine.delete(table.sesid, table.tableid);
        assert_eq!(code(&deleted), delete, "{grbit:#x}: delete");
        let made = engine.make_key(table.sesid, table.tableid, &2_i32.to_le_bytes(), 1);
        assert_eq!(code(&made), key, "{grbit:#x}: make key");
        let sought = engine.seek(table.sesid, table.tableid, 1);
        assert_eq!(code(&sought), seek, "{grbit:#x}: seek");
        assert_eq!(table.go(MOVE_FIRST), 0);
        let bookmark = engine.get_bookmark(table.sesid, table.tableid);
        assert_eq!(code(&bookmark), 0, "{grbit:#x}: bookmark");
        assert_eq!(table.insert(9), late, "{grbit:#x}: late insert");
        assert_eq!(code(&engine.dup_cursor(table.sesid, table.tableid, 0)), 0);
        assert_eq!(code(&engine.close_table(table.sesid, table.tableid)), 0);
    }
}

#[test]
fn twenty_temporary_tables_are_the_most() {
    let table = Temporary::open(0);
    let definition = TemporaryDefinition::default();
    let open = || {
        let opened = table
            .fixture
            .engine
            .open_temporary_table(table.sesid, &definition);
        code(&opened)
    };
    let codes: Vec<i32> = (0..20).map(|_| open()).collect();
    assert_eq!(codes[..19], [0; 19]);
    assert_eq!(codes[19], -1701);
}
