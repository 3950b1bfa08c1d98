//! The reference engine as a table of functions, statically linked.

use super::{database, instance, registration, session, transaction};
use crate::abi::Api;

/// Every function that the reference implements. What is missing is exported all the same and
/// answers `JET_errFeatureNotAvailable`.
pub static TABLE: Api = const {
    // Each file of calls fills in its own.
    let api = instance::fill(Api::NONE);
    let api = session::fill(api);
    let api = database::fill(api);
    let api = transaction::fill(api);
    registration::fill(api)
};
