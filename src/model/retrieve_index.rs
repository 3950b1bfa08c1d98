//! Values out of the entry of the current index. (jetretrievecolumn-function.md)

use std::sync::Arc;

use super::current_index::keys_by_value;
use super::gate::Call;
use super::handles::Tableid;
use super::index::Index;
use super::index_keys;
use super::outcome::{Jet, Warned};
use super::position::RECORD_DELETED;
use super::retrieve::{FROM_INDEX, RetrieveColumn, Retrieved, Source, null};
use super::rules::rules;
use super::schema::Schema;
use super::value::grbit::{IndexGrbit, RetrieveGrbit};
use super::value::record::{Record, Shown};
use super::value::retrieve::{self, Asked};
use crate::abi::errors::JetError;

rules! {
    /// The entry of an index tells which value it stands for. (jetretrievecolumn-function.md)
    FROM_INDEX_VALUE = "retrieve/from-index-value";
    /// From an index only its own columns are retrieved. (jetretrievecolumn-function.md)
    NOT_IN_INDEX = "retrieve/column-in-index";
    /// A tuple is a part of a value, so no value comes out of an index of tuples.
    /// (jetretrievecolumn-function.md)
    TUPLES = "retrieve/tuple-from-index";
    /// Inside the callback of a user-defined default nothing is retrieved from an index.
    DEFAULT_FROM_INDEX = "default/no-retrieve-from-index";
    /// What an index tells of a user-defined default is not asked for again.
    FROM_INDEX_SILENT = "default/from-index-silent";
}

impl Call<'_> {
    /// Retrieves a column out of the entry of the current index, or out of the bookmark in it.
    pub(super) fn retrieve_from_index(
        &mut self,
        tableid: Tableid,
        asked: &RetrieveColumn,
        kind: Asked,
        grbit: RetrieveGrbit,
    ) -> Jet<Warned<Retrieved>> {
        if !FROM_INDEX.holds() {
            return Ok(null(0));
        }
        let sesid = self.sesid;
        let computing = !self.cursor(tableid)?.asked_for.is_empty();
        DEFAULT_FROM_INDEX.refuse(computing, JetError::InvalidGrbit)?;
        let entry = self.place(sesid, tableid)?;
        let view = self.view(sesid)?;
        let table = self.table(self.cursor(tableid)?.table)?;
        let schema = Arc::clone(table.schema(view));
        // An entry still tells its values when its record is gone.
        let record = table.rows.read(view, &entry.bookmark);
        let deleted = self.cursor(tableid)?.deleted.as_ref();
        let deleted = deleted.filter(|(bookmark, _)| *bookmark == entry.bookmark);
        let record = record
            .or_else(|| table.rows.last(&entry.bookmark))
            .or_else(|| deleted.map(|(_, record)| Arc::clone(record)));
        let record = record.ok_or_else(|| RECORD_DELETED.error(JetError::RecordDeleted))?;
        let index = if grbit.contains(RetrieveGrbit::FROM_PRIMARY_BOOKMARK) {
            schema.primary()
        } else {
            self.current_index(tableid, &schema)
        };
        let covers = |index: &Index| index.columns.iter().any(|c| c.columnid == asked.columnid);
        let covered = index.is_some_and(covers);
        NOT_IN_INDEX.refuse(!covered, JetError::ColumnNotFound)?;
        let tuples = IndexGrbit::TUPLES | IndexGrbit::TUPLE_LIMITS;
        TUPLES.refuse(
            index.is_some_and(|index| index.grbit.intersects(tuples)),
            JetError::IndexTuplesCannotRetrieveFromIndex,
        )?;
        let mut asked = *asked;
        asked.itag_sequence = 1;
        if let Some(index) = index.filter(|index| !index.is_primary()) {
            let keys = keys_by_value(&schema, index, &record)?;
            let of_entry = keys.iter().find(|(_, key)| *key == entry.key);
            asked.itag_sequence = of_entry.map_or(1, |(itag, _)| *itag);
        }
        let told = index.and_then(|index| told_by_key(&schema, index, &record, &asked, &entry.key));
        if let Some(told) = told.filter(|_| FROM_INDEX_SILENT.holds()) {
            return Ok(told);
        }
        let source = Source { record, schema };
        let mut retrieved = self.deliver(tableid, &source, &asked, kind)?;
        retrieved.value.columnid = 0;
        retrieved.value.itag_sequence = match FROM_INDEX_VALUE.holds() {
            true => asked.itag_sequence,
            false => 0,
        };
        Ok(retrieved)
    }
}

/// The user-defined default of the first key column, as the key itself tells it.
fn told_by_key(
    schema: &Schema,
    index: &Index,
    record: &Record,
    asked: &RetrieveColumn,
    key: &[u8],
) -> Option<Warned<Retrieved>> {
    let first = index
        .columns
        .first()
        .filter(|c| c.columnid == asked.columnid)?;
    let column = schema.columns.find(first.columnid).ok()?;
    if !matches!(record.shown(column, 1), Shown::UserDefault(_)) {
        return None;
    }
    let told = index_keys::normaliser(index, column, first.descending).number_of(key)?;
    let Some(bytes) = told else {
        return Some(null(0));
    };
    let cut = retrieve::cut(&bytes, asked.cb_data);
    Some(Warned {
        value: Retrieved {
            bytes: cut.value.bytes.to_vec(),
            actual: cut.value.actual,
            columnid: 0,
            itag_sequence: asked.itag_sequence,
            failed: None,
        },
        warning: cut.warning,
    })
}
