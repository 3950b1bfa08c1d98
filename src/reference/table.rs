//! The reference engine as a table of functions, statically linked.

use super::{registration, session, transaction};
use crate::abi::Api;

/// Every function that the reference implements. What is missing is exported all the same and
/// answers `JET_errFeatureNotAvailable`.
pub static TABLE: Api = const {
    // Each file of calls fills in its own.
    let api = session::fill(Api::NONE);
    let api = transaction::fill(api);
    registration::fill(api)
};
