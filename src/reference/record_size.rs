//! JetGetRecordSize and 2. (jetgetrecordsize-function.md, jetgetrecordsize2-function.md)

use windows_sys::Win32::Storage::Jet::{JET_RECSIZE, JET_RECSIZE2};

use super::border::{Subject, answer, required_by};
use crate::abi::{Api, JET_ERR};
use crate::model::handles::{Sesid, Tableid};
use crate::model::record_size::{PLACE, RecordSize};

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetGetRecordSize: Some(get_record_size::<JET_RECSIZE>),
        JetGetRecordSize2: Some(get_record_size::<JET_RECSIZE2>),
        ..api
    }
}

/// A kind of JET_RECSIZE. Nothing is compressed here, so the later fields stay as they are.
trait Sizes: Copy {
    /// What it holds.
    fn read(&self) -> RecordSize;
    /// Puts sizes in.
    fn write(&mut self, size: &RecordSize);
}

macro_rules! sizes {
    ($($kind:ident { $($compressed:ident = $same:ident),* })*) => { $(
        impl Sizes for $kind {
            fn read(&self) -> RecordSize {
                RecordSize {
                    data: self.cbData,
                    long_value_data: self.cbLongValueData,
                    overhead: self.cbOverhead,
                    long_value_overhead: self.cbLongValueOverhead,
                    non_tagged_columns: self.cNonTaggedColumns,
                    tagged_columns: self.cTaggedColumns,
                    long_values: self.cLongValues,
                    multi_values: self.cMultiValues,
                }
            }

            fn write(&mut self, size: &RecordSize) {
                self.cbData = size.data;
                self.cbLongValueData = size.long_value_data;
                self.cbOverhead = size.overhead;
                self.cbLongValueOverhead = size.long_value_overhead;
                self.cNonTaggedColumns = size.non_tagged_columns;
                self.cTaggedColumns = size.tagged_columns;
                self.cLongValues = size.long_values;
                self.cMultiValues = size.multi_values;
                $(self.$compressed = size.$same;)*
            }
        }
    )* };
}
sizes! {
    JET_RECSIZE {}
    JET_RECSIZE2 { cbDataCompressed = data, cbLongValueDataCompressed = long_value_data }
}

unsafe extern "system" fn get_record_size<S: Sizes>(
    sesid: usize,
    tableid: usize,
    precsize: *mut S,
    grbit: u32,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        required_by(&PLACE, engine, sesid, !precsize.is_null())?;
        // SAFETY: the caller promises a structure that may be read and written.
        let mut structure = unsafe { precsize.read_unaligned() };
        let running = structure.read();
        let size = engine.get_record_size(Sesid(sesid), Tableid(tableid), running, grbit)?;
        structure.write(&size);
        // SAFETY: as above.
        unsafe { precsize.write_unaligned(structure) }
        Ok(())
    })
}
