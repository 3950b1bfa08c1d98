//! What a caller is told of a value that the function of a user-defined default computes.
//!
//! (jet-userdefineddefault-structure.md, jetretrievecolumn-function.md)

use std::sync::Arc;

use super::gate::Call;
use super::handles::Tableid;
use super::outcome::{Jet, Warned};
use super::quirks::NULL_DEFAULT_HAS_SIZE;
use super::retrieve::{RetrieveColumn, Retrieved, Source};
use super::row_keys::{Answer, Room};
use super::rules::rules;
use super::value::record::Record;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// More than the buffer holds is told as a cut, whatever the callback said.
    OVERSIZE = "default/oversize-is-truncated";
    /// An error of the callback is the result of the call. (jet-cbtyp.md)
    ERROR = "default/error-fails-retrieve";
    /// The size that a failing callback leaves is told.
    ERROR_SIZE = "default/error-size";
    /// The callback's own word that the value is cut is told. (jet-cbtyp.md)
    CUT_WARNING = "default/truncated-warning";
    /// The callback's own word that the value is null is told. (jet-cbtyp.md)
    NULL_WARNING = "default/null-warning";
    /// A null default has no size. (jetretrievecolumn-function.md)
    NULL_SIZE = "default/null-size";
    /// Any other warning of the callback is told.
    OTHER_WARNING = "default/other-warning";
    /// A user-defined default is one value. (jet-cbtyp.md)
    ONE_VALUE = "default/one-value";
    /// An offset has no effect on a user-defined default.
    DEFAULT_OFFSET = "default/offset-ignored";
}

impl Call<'_> {
    /// Whether a later value than the first is asked of a user-defined default, where a sloppy
    /// engine would ask the function.
    pub(super) fn is_default_of_one(&self, source: &Source, asked: &RetrieveColumn) -> bool {
        let column = source.schema.columns.find(asked.columnid);
        let default = column.is_ok_and(|column| column.user_default().is_some());
        let held = source.record.held(asked.columnid) > 0;
        !ONE_VALUE.holds() && default && !held && asked.itag_sequence > 1
    }

    /// What the callback of a user-defined default answers.
    pub(super) fn deliver_default(
        &mut self,
        tableid: Tableid,
        record: &Arc<Record>,
        columnid: u32,
        asked: &RetrieveColumn,
    ) -> Jet<Warned<Retrieved>> {
        let room = Room::Callers {
            address: asked.buffer,
            size: asked.cb_data,
        };
        let mut answer = self.ask_default(tableid, record, columnid, room);
        if answer.code < 0 && ERROR.holds() {
            return failed(&answer, columnid, asked);
        }
        answer.code = told_warning(answer.code);
        if !DEFAULT_OFFSET.holds() {
            answer.actual = answer.actual.saturating_sub(asked.ib_long_value);
        }
        let oversize = answer.actual > asked.cb_data && answer.code == 0;
        if oversize && OVERSIZE.holds() {
            answer.code = JetWarning::BufferTruncated.code();
        }
        let is_null = answer.code == JetWarning::ColumnNull.code();
        if is_null && NULL_SIZE.holds() != NULL_DEFAULT_HAS_SIZE.genuine() {
            answer.actual = 0;
        }
        Ok(Warned {
            value: Retrieved {
                actual: answer.actual,
                bytes: answer.bytes,
                columnid,
                itag_sequence: asked.itag_sequence,
                failed: None,
            },
            warning: (answer.code > 0).then(|| JetWarning::from_code(answer.code)),
        })
    }
}

impl Warned<Retrieved> {
    /// An error where the function of a user-defined default failed.
    ///
    /// # Errors
    /// That of the function.
    pub fn or_failed(self) -> Jet<Self> {
        match self.value.failed {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }
}

/// What comes of a function that failed: its error, and the size that it left.
fn failed(answer: &Answer, columnid: u32, asked: &RetrieveColumn) -> Jet<Warned<Retrieved>> {
    let error = JetError::from_code(answer.code);
    if !ERROR_SIZE.holds() {
        return Err(error);
    }
    Ok(Warned::plain(Retrieved {
        actual: answer.actual,
        bytes: Vec::new(),
        columnid,
        itag_sequence: asked.itag_sequence,
        failed: Some(error),
    }))
}

/// What the caller is told of a warning from the function of a user-defined default.
fn told_warning(code: i32) -> i32 {
    let rule = match JetWarning::from_code(code) {
        JetWarning::BufferTruncated => &CUT_WARNING,
        JetWarning::ColumnNull => &NULL_WARNING,
        _ => &OTHER_WARNING,
    };
    if rule.holds() { code } else { 0 }
}
