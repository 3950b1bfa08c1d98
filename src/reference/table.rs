//! The reference engine as a table of functions, statically linked.

use super::{
    backup, columns, compact, database, defragment, enumerate, external_backup, external_restore,
    hints, information, instance, local_storage, navigate, parameter, record_size, registration,
    retrieve, session, sizes, snapshot, tables, temporary, told_objects, transaction, update,
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
    let api = external_backup::fill(api);
    let api = external_restore::fill(api);
    let api = tables::fill(api);
    let api = columns::fill(api);
    let api = update::fill(api);
    let api = retrieve::fill(api);
    let api = enumerate::fill(api);
    let api = navigate::fill(api);
    let api = local_storage::fill(api);
    let api = record_size::fill(api);
    let api = temporary::fill(api);
    let api = information::fill(api);
    let api = told_objects::fill(api);
    let api = defragment::fill(api);
    let api = compact::fill(api);
    let api = hints::fill(api);
    let api = backup::fill(api);
    let api = sizes::fill(api);
    let api = snapshot::fill(api);
    registration::fill(api)
};
