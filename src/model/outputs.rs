//! What a call that fails leaves where the caller wanted its results.

use super::rules::rules;

rules! {
    /// A refused call writes to none of its outputs.
    LEFT_ALONE = "gate/refusal-leaves-outputs";
    /// A failed registration does not write to phCallbackId.
    HANDLE_LEFT_ALONE = "register/failure-leaves-handle";
    /// Reading a number makes the buffer for text empty.
    NUMBER_CLEARS_TEXT = "parameter/get-number-clears-string";
}
