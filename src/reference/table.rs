//! The reference engine as a table of functions, statically linked.

use super::{
    columns, database, enumerate, instance, navigate, parameter, registration, retrieve, session,
    tables, transaction, update,
};
use crate::abi::Api;

/// Every function that the reference implements. What is missing is exported all the same and
/// answers `JET_errFeatureNotAvailable`.
pub static TABLE: Api = const {
    // Each file of calls fills in its own.
    let api = instance::fill(Api::NONE);
    let api = parameter::fill(api);
    let api = session::fill(api);
    let api = transaction::fill(api);
    let api = database::fill(api);
    let api = tables::fill(api);
    let api = columns::fill(api);
    let api = update::fill(api);
    let api = retrieve::fill(api);
    let api = enumerate::fill(api);
    let api = navigate::fill(api);
    registration::fill(api)
};
