//! The tables of a story, and the records in them.

use super::history::{IDS, Record, TABLES};
use super::story::{Records, Story};

impl Story {
    /// Makes the tables. Where they are named the variables end with the number of the table.
    pub fn create_tables(&mut self) {
        for table in 0..TABLES {
            self.step(&format!(
                "JetCreateTableColumnIndex2: {{ ptablecreate: {{ szTableName: table{table}, ulPages: 1, ulDensity: 80, \
                 rgcolumncreate: [{{ szColumnName: id, coltyp: Long, columnid: ->id{table} }}, \
                 {{ szColumnName: value, coltyp: Long, columnid: ->value{table} }}, \
                 {{ szColumnName: memo, coltyp: LongBinary, columnid: ->memo{table} }}], \
                 rgindexcreate: [{{ szIndexName: primary, szKey: +id, grbit: IndexPrimary | IndexUnique, ulDensity: 80 }}, \
                 {{ szIndexName: values, szKey: +value, ulDensity: 80 }}], tableid: ->tableid{table} }} }}"
            ));
        }
    }

    /// Opens the tables of the database that is open.
    pub fn open_tables(&mut self) {
        for table in 0..TABLES {
            self.step(&format!(
                "JetOpenTable: {{ szTableName: table{table}, ptableid: ->tableid{table} }}"
            ));
        }
    }

    /// Closes the tables and the database.
    pub fn close(&mut self) {
        for table in 0..TABLES {
            self.step(&format!("JetCloseTable: {{ tableid: tableid{table} }}"));
        }
        self.step("JetCloseDatabase: {}");
    }

    fn seek(&mut self, Record { table, id }: Record) {
        self.step(&format!(
            "JetMakeKey: {{ tableid: tableid{table}, pvData: {{ i32: {id} }}, grbit: NewKey }}"
        ));
        self.step(&format!(
            "JetSeek: {{ tableid: tableid{table}, grbit: SeekEQ }}"
        ));
    }

    fn set(&mut self, table: usize, column: &str, content: &str) {
        self.step(&format!(
            "JetSetColumn: {{ tableid: tableid{table}, columnid: {column}{table}, pvData: {{ {content} }} }}"
        ));
    }

    /// Prepares a record and sets its columns; a long value only inside a transaction.
    pub fn prepare(&mut self, record: Record, value: i32) {
        let Record { table, id } = record;
        if self.seen().contains_key(&record) {
            self.seek(record);
            self.step(&format!(
                "JetPrepareUpdate: {{ tableid: tableid{table}, prep: Replace }}"
            ));
        } else {
            self.step(&format!(
                "JetPrepareUpdate: {{ tableid: tableid{table}, prep: Insert }}"
            ));
            self.set(table, "id", &format!("i32: {id}"));
        }
        self.set(table, "value", &format!("i32: {value}"));
    }

    /// Gives a record a value, in a transaction of its own.
    pub fn put(&mut self, record: Record, value: i32) {
        self.step("JetBeginTransaction: {}");
        self.prepare(record, value);
        let (table, times) = (record.table, memo(value));
        self.set(table, "memo", &format!("repeat: m, times: {times}"));
        self.step(&format!("JetUpdate: {{ tableid: tableid{table} }}"));
        self.step("JetCommitTransaction: {}");
        self.seen().insert(record, value);
    }

    /// Gives every record of a table a value.
    pub fn rewrite(&mut self, table: usize, value: i32) {
        for id in 0..IDS {
            self.put(Record { table, id }, value + id);
        }
    }

    /// Removes a record that is there.
    pub fn delete(&mut self, record: Record) {
        if self.seen().remove(&record).is_none() {
            return;
        }
        self.seek(record);
        let table = record.table;
        self.step(&format!("JetDelete: {{ tableid: tableid{table} }}"));
    }

    /// Walks through the tables in the order of their primary indices, then of the values: exactly the
    /// records are there that the session is to see.
    pub fn check(&mut self) {
        let records = self.seen().clone();
        for table in 0..TABLES {
            self.check_table(table, &records);
        }
    }

    fn check_table(&mut self, table: usize, records: &Records) {
        let ours = records.iter().filter(|(record, _)| record.table == table);
        let mut ours: Vec<(i32, i32)> = ours.map(|(record, value)| (record.id, *value)).collect();
        self.walk(table, &ours);
        ours.sort_by_key(|(id, value)| (*value, *id));
        self.set_current_index(table, "values");
        self.walk(table, &ours);
        self.set_current_index(table, "null");
    }

    fn set_current_index(&mut self, table: usize, index: &str) {
        self.step(&format!(
            "JetSetCurrentIndex: {{ tableid: tableid{table}, szIndexName: {index} }}"
        ));
    }

    fn walk(&mut self, table: usize, records: &[(i32, i32)]) {
        let mut to = "JET_MoveFirst";
        for (id, value) in records {
            self.step(&format!(
                "JetMove: {{ tableid: tableid{table}, cRow: {to} }}"
            ));
            for (column, content) in [("id", id), ("value", value)] {
                self.step(&format!(
                    "JetRetrieveColumn: {{ tableid: tableid{table}, columnid: {column}{table}, cbData: 4 }}\n    \
                     out: {{ pvData: {{ i32: {content} }} }}"
                ));
            }
            let times = memo(*value);
            self.step(&format!(
                "JetRetrieveColumn: {{ tableid: tableid{table}, columnid: memo{table}, cbData: {times} }}\n    \
                 out: {{ pvData: {{ repeat: m, times: {times} }}, pcbActual: {times} }}"
            ));
            to = "JET_MoveNext";
        }
        self.step(&format!(
            "JetMove: {{ tableid: tableid{table}, cRow: {to} }}\n    expect: JET_errNoCurrentRecord"
        ));
    }
}

/// The bytes of the long value of a record with that value: none, in the record, or beside it; two or
/// three of the longer ones fill a log file of 64 kilobytes.
fn memo(value: i32) -> i32 {
    1 + value.rem_euclid(IDS) * 7000
}
