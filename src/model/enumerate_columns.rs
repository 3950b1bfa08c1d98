//! JetEnumerateColumns.
//!
//! (jetenumeratecolumns-function.md)

use std::sync::Arc;

use super::engine::Engine;
use super::gate::Call;
use super::handles::{Sesid, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::retrieve::Source;
use super::row_keys::Room;
use super::rules::rules;
use super::value::enumerate::{self, Computed, EnumeratedColumn, Request, USER_DEFAULT};
use super::value::grbit::EnumerateGrbit;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// A function to get memory is given. (jetenumeratecolumns-function.md)
    REALLOC = "retrieve/enumerate-realloc";
    /// Only a record that is there is enumerated. (jetenumeratecolumns-function.md)
    RECORD = "retrieve/enumerate-no-record";
    /// Only columns that there are can be asked for. (jetenumeratecolumns-function.md)
    COLUMN = "retrieve/enumerate-columnid";
    /// What is not yet updated can be enumerated. (jetenumeratecolumns-function.md)
    COPY = "retrieve/enumerate-copy";
    /// The columns with their values are returned. (jetenumeratecolumns-function.md)
    ENUMERATES = "retrieve/enumerate";
}

/// The most that the function of a user-defined default is lent, in bytes; a caller that sets no
/// limit to long values names a size that nobody has.
const LENT_MOST: u32 = 0x1_0000;
/// What it is lent for a column that is no long value, in bytes (`JET_cbColumnMost`).
const LENT_SHORT: u32 = 255;

/// What an enumeration gives: the columns, and the error of the first that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enumeration {
    /// The columns, each with what is said of it.
    pub columns: Vec<EnumeratedColumn>,
    /// The error that the call returns, beside the columns.
    pub error: Option<JetError>,
}

impl Engine {
    /// JetEnumerateColumns. `reallocates` tells that a function to get memory was given.
    /// (jetenumeratecolumns-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidParameter`, `JET_errInvalidGrbit`,
    /// `JET_errCallbackFailed`, `JET_errNoCurrentRecord`, `JET_errRecordDeleted`, and the error of
    /// a user-defined default. Those of the requested columns come with what is told of the others.
    pub fn enumerate_columns(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        requests: &[Request],
        reallocates: bool,
        cb_data_most: u32,
        grbit: u32,
    ) -> Jet<Enumeration> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::EnumerateColumns)?;
        if !reallocates {
            return Err(REALLOC.error(JetError::InvalidParameter));
        }
        let grbit = EnumerateGrbit::from_bits_retain(grbit);
        let view = call.view(sesid)?;
        let key = call.cursor(tableid)?.table;
        let schema = Arc::clone(call.table(key)?.schema(view));
        enumerate::check(&schema.columns, requests, grbit)?;
        let copy = grbit.contains(EnumerateGrbit::COPY) && COPY.holds();
        let nothing = || Enumeration {
            columns: Vec::new(),
            error: None,
        };
        let source = match call.source(tableid, copy) {
            Err(_) if !RECORD.holds() => return Ok(nothing()),
            source => source?,
        };
        let columns = &source.schema.columns;
        let asked = enumerate::to_be_asked(&source.record, columns, requests, grbit);
        let computed = call.computed(tableid, &source, &asked, cb_data_most)?;
        let job = enumerate::Job {
            record: &source.record,
            computed: &computed,
            cb_data_most: cb_data_most as usize,
            grbit,
        };
        let found = job.enumerate(columns, requests)?;
        if !ENUMERATES.holds() {
            return Ok(nothing());
        }
        let error = found.iter().find_map(|column| column.error);
        Ok(Enumeration {
            columns: found,
            error: error.map(|error| COLUMN.error(error)),
        })
    }
}

impl Call<'_> {
    /// The user-defined defaults of columns that the record holds nothing in; one that is null is
    /// not among them.
    fn computed(
        &mut self,
        tableid: Tableid,
        source: &Source,
        columnids: &[u32],
        cb_data_most: u32,
    ) -> Jet<Computed> {
        let mut computed = Computed::new();
        for columnid in columnids {
            let column = source.schema.columns.find(*columnid)?;
            let size = match column.coltyp.is_long_value() {
                true => cb_data_most.min(LENT_MOST),
                false => LENT_SHORT,
            };
            let answer = self.ask_default(tableid, &source.record, *columnid, Room::Own(size));
            if answer.code < 0 {
                USER_DEFAULT.refuse(true, JetError::from_code(answer.code))?;
                continue;
            }
            if answer.code == JetWarning::ColumnNull.code() {
                continue;
            }
            let cut = answer.code == JetWarning::BufferTruncated.code() || answer.actual > size;
            let mut bytes = answer.bytes;
            bytes.truncate(answer.actual as usize);
            computed.insert(*columnid, (bytes, cut));
        }
        Ok(computed)
    }
}
