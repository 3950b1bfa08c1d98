//! The reference engine as a table of functions, statically linked.

use crate::abi::Api;

/// Every function that the reference implements. What is missing is exported all the same and
/// answers `JET_errFeatureNotAvailable`.
pub static TABLE: Api = const {
    // Each file of calls fills in its own: `session::fill(Api::NONE)` and so on.
    Api::NONE
};
