//! JetSetColumnDefaultValue.
//!
//! (jetsetcolumndefaultvalue-function.md)

use super::alter_table::check_no_index;
use super::engine::Engine;
use super::gate::Entry;
use super::handles::{Dbid, Sesid};
use super::name::{Name, Named};
use super::outcome::Jet;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// Records without a value show the new default. (jetsetcolumndefaultvalue-function.md)
    SETS = "column/default-sets";
    /// The default is not null. (jetsetcolumndefaultvalue-function.md)
    NULL = "column/default-null";
    /// The table exists. (jetsetcolumndefaultvalue-function.md)
    TABLE_FOUND = "column/default-table-found";
    /// The column exists. (jetsetcolumndefaultvalue-function.md)
    FOUND = "column/default-found";
    /// No index uses the column. (jetsetcolumndefaultvalue-function.md)
    IN_USE = "column/default-in-use";
    /// A read-only transaction changes nothing. (jetsetcolumndefaultvalue-function.md)
    READ_ONLY_TRANSACTION = "column/default-read-only-transaction";
}

impl Engine {
    /// JetSetColumnDefaultValue: records that hold nothing in the column show the new default.
    /// Options are not looked at. (jetsetcolumndefaultvalue-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidDatabaseId`, `JET_errTransReadOnly`,
    /// `JET_errInvalidName`, `JET_errNullInvalid`, `JET_errObjectNotFound`,
    /// `JET_errColumnNotFound`, `JET_errColumnInUse`, `JET_errInvalidBufferSize`,
    /// `JET_errDefaultValueTooBig`.
    pub fn set_column_default_value(
        &self,
        sesid: Sesid,
        dbid: Dbid,
        table: Option<&str>,
        column: Option<&str>,
        value: &[u8],
    ) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        let home = call.home(sesid, dbid)?;
        READ_ONLY_TRANSACTION.refuse(
            call.session(sesid)?.in_read_only_transaction(),
            JetError::TransReadOnly,
        )?;
        let table = Name::parse(Named::Table, table)?;
        let column = Name::parse(Named::Column, column)?;
        NULL.refuse(value.is_empty(), JetError::NullInvalid)?;
        let view = call.view(sesid)?;
        let found = call.table_named(home, &table, view);
        TABLE_FOUND.refuse(found.is_none(), JetError::ObjectNotFound)?;
        let Some(key) = found.map(|table| table.key) else {
            return Ok(());
        };
        let schema = call.table(key)?.schema(view);
        if schema.columns.by_name(&column).is_none() {
            return FOUND.refuse(true, JetError::ColumnNotFound);
        }
        check_no_index(&IN_USE, schema, &column)?;
        if !SETS.holds() {
            return Ok(());
        }
        call.within_level(sesid, |state| {
            state.change_schema(sesid, key, |schema| {
                schema.columns.set_default(&column, value)
            })
        })
    }
}
