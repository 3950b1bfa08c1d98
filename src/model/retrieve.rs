//! JetRetrieveColumn, JetRetrieveColumns.
//!
//! (jetretrievecolumn-function.md, jetretrievecolumns-function.md)

use std::sync::Arc;

use super::callback::reason;
use super::engine::Engine;
use super::gate::Call;
use super::handles::{Sesid, Tableid};
use super::operation::Operation;
use super::outcome::{Jet, Warned};
use super::row_keys::Room;
use super::rules::rules;
use super::schema::SharedSchema;
use super::value::grbit::RetrieveGrbit;
use super::value::record::{Record, Shown};
use super::value::retrieve::{self, Asked, Found};
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// Without a sequence number the first value is read. (jetretrievecolumn-function.md)
    FIRST_VALUE = "retrieve/first-value";
    /// Each column of the array is read. (jetretrievecolumns-function.md)
    SEVERAL = "retrieve/several";
    /// One value that was cut is told of all. (jetretrievecolumns-function.md)
    SEVERAL_TRUNCATED = "retrieve/several-truncated";
    /// Null values do not change the result of all.
    SEVERAL_NULL = "retrieve/several-null";
    /// The first error ends the call.
    SEVERAL_STOP = "retrieve/several-stop";
    /// The record is judged before the columns of an array.
    SEVERAL_RECORD_FIRST = "retrieve/several-record-first";
    /// An escrow column is only told whole. (jetretrievecolumn-function.md)
    ESCROW_BUFFER = "retrieve/escrow-buffer";
    /// The copy of an insert has the default values.
    COPY_DEFAULT = "retrieve/copy-default";
    /// The column is judged before the record.
    COLUMN_FIRST = "retrieve/column-before-record";
    /// The entry of an index tells its own columns. (jetretrievecolumn-function.md)
    FROM_INDEX = "retrieve/from-index";
    /// Without a record nothing is read. (jetretrievecolumn-function.md)
    NO_RECORD = "retrieve/no-record";
    /// A record that was deleted is not read.
    RECORD_DELETED = "retrieve/record-deleted";
    /// Without asking for the copy the record is read as it is stored.
    /// (jetretrievecolumn-function.md)
    PLAIN = "retrieve/plain";
    /// The size need not be asked for.
    POINTERS_NULL = "retrieve/pointers-null";
    /// The value is copied to the buffer. (jetretrievecolumn-function.md)
    VALUE = "retrieve/value";
    /// Before an insert the copy is the record to come. (jet-cbtyp.md)
    INSERT_COPY = "cbtyp/before-insert-copy";
    /// Before a replace the copy has the new values. (jet-cbtyp.md)
    REPLACE_COPY = "cbtyp/before-replace-copy";
    /// After a delete its record cannot be read any more. (jet-cbtyp.md)
    AFTER_DELETE = "cbtyp/after-delete-record-gone";
    /// `JET_RETINFO` has its size. (jet-retinfo-structure.md)
    STRUCTURE = "retrieve/retinfo-size";
    /// With an update prepared the copy buffer is read where it is asked for.
    /// (jetretrievecolumn-function.md)
    COPY = "retrieve/copy-buffer";
    /// The room in the copy buffer is asked for while an update is prepared.
    INTRINSIC_UPDATE = "retrieve/copy-intrinsic-prepared";
    /// Inside the callback of a user-defined default the cursor reads what the outer call reads.
    DEFAULT_READS = "default/nested-reads-same-buffer";
    /// A user-defined default is asked for where the record holds nothing. (jet-cbtyp.md)
    ASKED = "default/asked-when-absent";
    /// It is not asked for a value or a null that was set, nor where defaults are ignored.
    /// (jet-cbtyp.md)
    SILENT = "default/not-asked-when-set";
    /// In JetRetrieveColumns an error of the callback ends the call.
    ENDS_COLUMNS = "default/error-ends-columns";
    /// Counting values asks nobody.
    COUNT_SILENT = "default/count-silent";
    /// JetRetrieveColumns counts the values of a column for itagSequence zero.
    /// (jet-retrievecolumn-structure.md)
    COUNT = "retrieve/itag-zero-counts";
}

/// A value to retrieve. (jetretrievecolumn-function.md, jet-retinfo-structure.md)
#[derive(Debug, Clone, Copy)]
pub struct RetrieveColumn {
    /// `columnid`
    pub columnid: u32,
    /// The address of `pvData`, where the function of a user-defined default writes; zero for none.
    pub buffer: usize,
    /// `cbData`
    pub cb_data: u32,
    /// Whether there is somewhere to put the actual size.
    pub wants_actual: bool,
    /// `grbit`
    pub grbit: u32,
    /// `itagSequence`, 1 where there is none.
    pub itag_sequence: u32,
    /// `ibLongValue`
    pub ib_long_value: u32,
    /// Whether `JET_RETINFO` had its size.
    pub structure: bool,
}

/// What a retrieval wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retrieved {
    /// The bytes for the buffer.
    pub bytes: Vec<u8>,
    /// `cbActual`
    pub actual: u32,
    /// `columnidNextTagged`
    pub columnid: u32,
    /// `itagSequence` where `JET_bitRetrieveTag` asks for it, or the count of values.
    pub itag_sequence: u32,
    /// The error of the function of a user-defined default: the call fails with it once the size
    /// that the function left is told.
    pub failed: Option<JetError>,
}

/// The record to read, and the columns to read it by.
pub(super) struct Source {
    pub(super) record: Arc<Record>,
    pub(super) schema: SharedSchema,
}

impl Engine {
    /// JetRetrieveColumn. (jetretrievecolumn-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidParameter`, `JET_errInvalidGrbit`,
    /// `JET_errBadColumnId`, `JET_errColumnNotFound`, `JET_errNoCurrentRecord`,
    /// `JET_errRecordDeleted`, `JET_errBadItagSequence`, `JET_errUpdateNotPrepared`, and the error
    /// of a user-defined default.
    pub fn retrieve_column(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        asked: &RetrieveColumn,
    ) -> Jet<Warned<Retrieved>> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::RetrieveColumn)?;
        POINTERS_NULL.allow(!asked.wants_actual, JetError::InvalidParameter)?;
        STRUCTURE.refuse(!asked.structure, JetError::InvalidParameter)?;
        let grbit = RetrieveGrbit::from_bits_retain(asked.grbit);
        let kind = retrieve::read_options(
            grbit,
            asked.cb_data,
            asked.wants_actual,
            asked.ib_long_value,
        )?;
        match kind {
            Asked::PageNumber => return call.page_number(tableid, asked),
            Asked::CopyIntrinsic => return call.intrinsic_room(tableid, asked),
            Asked::Value | Asked::PhysicalSize => {}
        }
        if !COLUMN_FIRST.holds() {
            call.source(tableid, grbit.contains(RetrieveGrbit::COPY))?;
        }
        if asked.columnid != 0 {
            let view = call.view(sesid)?;
            let table = call.table(call.cursor(tableid)?.table)?;
            table.schema(view).columns.find(asked.columnid)?;
        }
        let mut asked = *asked;
        if asked.itag_sequence == 1 && !FIRST_VALUE.holds() {
            asked.itag_sequence = 2;
        }
        call.retrieve_one(tableid, &asked, kind)
    }

    /// JetRetrieveColumns: one after the other up to the first error. Gives the outcome of each
    /// column that was looked at. (jetretrievecolumns-function.md)
    ///
    /// # Errors
    /// As [`retrieve_column`](Self::retrieve_column).
    pub fn retrieve_columns(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        asked: &[RetrieveColumn],
    ) -> (Jet<Warned<()>>, Vec<Jet<Warned<Retrieved>>>) {
        let mut outcomes = Vec::new();
        let result = self.retrieve_all(sesid, tableid, asked, &mut outcomes);
        (result, outcomes)
    }

    fn retrieve_all(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        asked: &[RetrieveColumn],
        outcomes: &mut Vec<Jet<Warned<Retrieved>>>,
    ) -> Jet<Warned<()>> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::RetrieveColumns)?;
        let mut warning = None;
        let one = asked.len().min(1);
        let asked = if SEVERAL.holds() {
            asked
        } else {
            &asked[..one]
        };
        for column in asked {
            if !SEVERAL.holds() && !outcomes.is_empty() {
                break;
            }
            let outcome = call.retrieve_listed(tableid, column);
            outcomes.push(outcome.clone());
            let told = match outcome.and_then(Warned::<Retrieved>::or_failed) {
                Err(_) if !SEVERAL_STOP.holds() || !ENDS_COLUMNS.holds() => continue,
                outcome => outcome?.warning,
            };
            match told {
                Some(JetWarning::BufferTruncated) if SEVERAL_TRUNCATED.holds() => warning = told,
                Some(JetWarning::ColumnNull) if !SEVERAL_NULL.holds() => warning = told,
                _ => {}
            }
        }
        Ok(Warned { value: (), warning })
    }
}

impl Call<'_> {
    /// The record that the cursor reads: the copy buffer where it is asked for and an update is
    /// prepared, else the current record.
    pub(super) fn source(&mut self, tableid: Tableid, copy: bool) -> Jet<Source> {
        let sesid = self.sesid;
        let view = self.view(sesid)?;
        let cursor = self.cursor(tableid)?;
        let schema = Arc::clone(self.table(cursor.table)?.schema(view));
        if let Some(record) = cursor.asked_for.last()
            && DEFAULT_READS.holds()
        {
            let record = Arc::clone(record);
            return Ok(Source { record, schema });
        }
        let reason = self.threads.reason(self.thread());
        let copied = match reason {
            Some(reason::BEFORE_INSERT) => copy && INSERT_COPY.holds(),
            Some(reason::BEFORE_REPLACE) => copy && REPLACE_COPY.holds(),
            _ => copy || !PLAIN.holds(),
        };
        let prepared = cursor.update.as_ref().filter(|_| copied && COPY.holds());
        let record = match prepared {
            Some(update) => {
                let mut copy = update.copy.clone();
                if !COPY_DEFAULT.holds() {
                    copy.hide_defaults(&schema.columns);
                }
                Arc::new(copy)
            }
            None => self.stored_record(tableid)?,
        };
        Ok(Source { record, schema })
    }

    /// The current record as it is stored.
    fn stored_record(&mut self, tableid: Tableid) -> Jet<Arc<Record>> {
        let sesid = self.sesid;
        let current = self.current_record(sesid, tableid);
        match current {
            Err(JetError::RecordDeleted) => Err(RECORD_DELETED.error(JetError::RecordDeleted)),
            Err(JetError::NoCurrentRecord) => Err(NO_RECORD.error(JetError::NoCurrentRecord)),
            current => current.map(|(_, record)| record),
        }
    }

    fn page_number(&mut self, tableid: Tableid, asked: &RetrieveColumn) -> Jet<Warned<Retrieved>> {
        let sesid = self.sesid;
        self.current_record(sesid, tableid)?;
        // Rows are not on pages here; any page of the database will do.
        Ok(number(1, asked))
    }

    fn intrinsic_room(
        &mut self,
        tableid: Tableid,
        asked: &RetrieveColumn,
    ) -> Jet<Warned<Retrieved>> {
        let none = self.cursor(tableid)?.update.is_none();
        INTRINSIC_UPDATE.refuse(none, JetError::UpdateNotPrepared)?;
        Ok(number(0, asked))
    }

    /// One entry of JetRetrieveColumns.
    fn retrieve_listed(
        &mut self,
        tableid: Tableid,
        asked: &RetrieveColumn,
    ) -> Jet<Warned<Retrieved>> {
        let grbit = RetrieveGrbit::from_bits_retain(asked.grbit);
        if !SEVERAL_RECORD_FIRST.holds() && asked.columnid != 0 {
            let view = self.view(self.sesid)?;
            let table = self.table(self.cursor(tableid)?.table)?;
            table.schema(view).columns.find(asked.columnid)?;
        }
        let source = self.source(tableid, grbit.contains(RetrieveGrbit::COPY))?;
        if asked.itag_sequence == 0 && COUNT.holds() {
            let columns = &source.schema.columns;
            if !COUNT_SILENT.holds() && asked.columnid != 0 {
                self.ask_default(tableid, &source.record, asked.columnid, Room::Own(0));
            }
            let count = match asked.columnid {
                0 => retrieve::scan_count(&source.record, columns, grbit),
                columnid => source.record.count(columns.find(columnid)?),
            };
            return Ok(Warned::plain(Retrieved {
                itag_sequence: count,
                columnid: asked.columnid,
                ..Retrieved::default()
            }));
        }
        let kind = retrieve::read_options(
            grbit,
            asked.cb_data,
            asked.wants_actual,
            asked.ib_long_value,
        )?;
        self.retrieve_one(tableid, asked, kind)
    }

    fn retrieve_one(
        &mut self,
        tableid: Tableid,
        asked: &RetrieveColumn,
        kind: Asked,
    ) -> Jet<Warned<Retrieved>> {
        let grbit = RetrieveGrbit::from_bits_retain(asked.grbit);
        let from = RetrieveGrbit::FROM_INDEX | RetrieveGrbit::FROM_PRIMARY_BOOKMARK;
        if grbit.intersects(from) {
            return self.retrieve_from_index(tableid, asked, kind, grbit);
        }
        let source = self.source(tableid, grbit.contains(RetrieveGrbit::COPY))?;
        let mut retrieved = self.deliver(tableid, &source, asked, kind)?;
        if is_about_long_values(grbit) {
            retrieved = null(retrieved.value.columnid);
        }
        Ok(retrieved)
    }

    pub(super) fn deliver(
        &mut self,
        tableid: Tableid,
        source: &Source,
        asked: &RetrieveColumn,
        kind: Asked,
    ) -> Jet<Warned<Retrieved>> {
        let grbit = RetrieveGrbit::from_bits_retain(asked.grbit);
        let columns = &source.schema.columns;
        let itag = asked.itag_sequence;
        let itag = if self.is_default_of_one(source, asked) {
            1
        } else {
            itag
        };
        let mut found = retrieve::find(&source.record, columns, asked.columnid, itag, grbit)?;
        found.check_room(asked.cb_data, kind, &ESCROW_BUFFER)?;
        let copied = grbit.contains(RetrieveGrbit::COPY) && self.cursor(tableid)?.update.is_some();
        if copied && matches!(found.shown, Shown::Default(_)) && !COPY_DEFAULT.holds() {
            found.shown = Shown::Null;
        }
        let columnid = found.columnid();
        let delivered = retrieve::deliver(&found, asked.ib_long_value, asked.cb_data, kind);
        if delivered.is_ok() && !SILENT.holds() {
            let column = columns.find(columnid);
            if column.is_ok_and(|column| column.user_default().is_some()) {
                self.ask_default(tableid, &source.record, columnid, Room::Own(asked.cb_data));
            }
        }
        match delivered {
            Ok(delivered) => Ok(Warned {
                value: Retrieved {
                    bytes: match VALUE.holds() {
                        true => delivered.value.bytes.to_vec(),
                        false => Vec::new(),
                    },
                    actual: delivered.value.actual,
                    columnid,
                    itag_sequence: reported_itag(&found, asked),
                    failed: None,
                },
                warning: delivered.warning,
            }),
            Err(_) if !ASKED.holds() => Ok(null(columnid)),
            Err(_) => self.deliver_default(tableid, &source.record, columnid, asked),
        }
    }
}

/// Options that ask for what the engine knows of a long value apart from its bytes; short values
/// have none of it.
fn is_about_long_values(grbit: RetrieveGrbit) -> bool {
    grbit.intersects(RetrieveGrbit::LONG_ID | RetrieveGrbit::LONG_VALUE_REF_COUNT)
}

pub(super) fn null(columnid: u32) -> Warned<Retrieved> {
    Warned::with(
        Retrieved {
            columnid,
            ..Retrieved::default()
        },
        JetWarning::ColumnNull,
    )
}

fn reported_itag(found: &Found<'_>, asked: &RetrieveColumn) -> u32 {
    match found.shown {
        Shown::Null => asked.itag_sequence,
        _ => found.itag_sequence.max(1),
    }
}

/// A number of four bytes in the buffer.
fn number(value: u32, asked: &RetrieveColumn) -> Warned<Retrieved> {
    let bytes = value.to_le_bytes();
    let cut = retrieve::cut(&bytes, asked.cb_data);
    Warned {
        value: Retrieved {
            bytes: cut.value.bytes.to_vec(),
            actual: cut.value.actual,
            ..Retrieved::default()
        },
        warning: cut.warning,
    }
}
