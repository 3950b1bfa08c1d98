//! JetGetRecordSize: how large a record is, and of what.
//!
//! (jetgetrecordsize-function.md, jetgetrecordsize2-function.md, jet-recsize-structure.md)

use super::engine::Engine;
use super::handles::{Sesid, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::rules::rules;
use super::value::column::Storage;
use crate::abi::errors::JetError;

rules! {
    /// The size is told part by part. (jetgetrecordsize-function.md)
    SIZE = "retrieve/record-size";
    /// Columns count that are set in the record. (jet-recsize-structure.md)
    SET_ONLY = "retrieve/record-size-counts";
    /// A running total wraps around.
    WRAPS = "retrieve/record-size-wraps";
    /// There is a place for it. (jetgetrecordsize-function.md)
    PLACE = "retrieve/record-size-null";
    /// Without a record there is no size. (jetgetrecordsize-function.md)
    NO_RECORD = "retrieve/record-size-no-record";
    /// Options that no page lists are refused. (jetgetrecordsize-function.md)
    GRBIT = "retrieve/record-size-grbit";
}

/// Options of JetGetRecordSize. (jetgetrecordsize-function.md)
mod bits {
    pub const IN_COPY_BUFFER: u32 = 0x1;
    pub const RUNNING_TOTAL: u32 = 0x2;
    pub const LOCAL: u32 = 0x4;
}

/// The size of a record. (jet-recsize2-structure.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordSize {
    /// `cbData`: bytes of values in the record.
    pub data: u64,
    /// `cbLongValueData`: bytes of long values kept apart.
    pub long_value_data: u64,
    /// `cbOverhead`: what else the record takes.
    pub overhead: u64,
    /// `cbLongValueOverhead`: what else the long values take.
    pub long_value_overhead: u64,
    /// `cNonTaggedColumns`
    pub non_tagged_columns: u64,
    /// `cTaggedColumns`
    pub tagged_columns: u64,
    /// `cLongValues`
    pub long_values: u64,
    /// `cMultiValues`: values beyond the first of a column.
    pub multi_values: u64,
}

impl Engine {
    /// JetGetRecordSize and 2; `running` is what the structure held before.
    /// (jetgetrecordsize2-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidGrbit`, `JET_errNoCurrentRecord`,
    /// `JET_errRecordDeleted`.
    pub fn get_record_size(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        running: RecordSize,
        grbit: u32,
    ) -> Jet<RecordSize> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::GetRecordSize)?;
        let known = bits::IN_COPY_BUFFER | bits::RUNNING_TOTAL | bits::LOCAL;
        GRBIT.refuse(grbit & !known != 0, JetError::InvalidGrbit)?;
        let source = call.source(tableid, grbit & bits::IN_COPY_BUFFER != 0);
        let source = source.map_err(|error| NO_RECORD.error(error))?;
        let mut size = if grbit & bits::RUNNING_TOTAL != 0 {
            running
        } else {
            RecordSize::default()
        };
        if !SIZE.holds() {
            return Ok(size);
        }
        let mut in_record = 0;
        for column in source.schema.columns.iter() {
            let values = source.record.values(column.columnid);
            // Without the rule every column of the table counts.
            let set = u64::from(!values.is_empty() || !SET_ONLY.holds());
            match column.storage() {
                Storage::Fixed | Storage::Variable => add(&mut size.non_tagged_columns, set),
                Storage::Tagged => add(&mut size.tagged_columns, set),
            }
            add(
                &mut size.multi_values,
                values.len().saturating_sub(1) as u64,
            );
            for value in values {
                let bytes = value.bytes.len() as u64;
                if value.separate {
                    add(&mut size.long_values, 1);
                    add(&mut size.long_value_data, bytes);
                } else {
                    in_record += bytes;
                }
            }
        }
        let whole = u64::from(source.record.size(&source.schema.columns));
        add(&mut size.data, in_record);
        add(&mut size.overhead, whole.saturating_sub(in_record));
        Ok(size)
    }
}

/// Adds to what the caller's structure held, which may be anything.
fn add(sum: &mut u64, more: u64) {
    *sum = if WRAPS.holds() {
        sum.wrapping_add(more)
    } else {
        sum.saturating_add(more)
    };
}
