//! What a call that fails leaves where the caller wanted its results.

use super::quirks;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// A refused call writes to none of its outputs.
    LEFT_ALONE = "gate/refusal-leaves-outputs";
    /// A failed registration does not write to phCallbackId.
    HANDLE_LEFT_ALONE = "register/failure-leaves-handle";
    /// Memory that the engine gave out is freed. (jetfreebuffer-function.md)
    FREES = "instance/free-buffer";
    /// Null is no memory to free. (jetfreebuffer-function.md)
    FREES_NULL = "instance/free-buffer-null";
    /// A column is told of by the names of its table and its own. (jetgetcolumninfo-function.md)
    COLUMN_BY_TABLE = "column/info-by-table-name";
    /// An index is told of by the names of its table and its own. (jetgetindexinfo-function.md)
    INDEX_BY_TABLE = "index/info-by-table-name";
    /// Reading a number makes the buffer for text empty.
    NUMBER_CLEARS_TEXT = "parameter/get-number-clears-string";
    /// An enumeration that fails gives no columns. (jetenumeratecolumns-function.md)
    NOTHING_ON_ERROR = "retrieve/enumerate-error-outputs";
    /// Of several columns the one that fails is told why. (jet-retrievecolumn-structure.md)
    ERROR_TOLD = "retrieve/several-error-in-err";
}

/// The error of a column as its own structure tells it, if that does.
pub fn told_error(error: Option<JetError>) -> Option<JetError> {
    error.filter(|_| ERROR_TOLD.holds() && !quirks::FAILED_COLUMN_NOT_TOLD.genuine())
}
