//! JetSetColumn and JetSetColumns.
//!
//! (jetsetcolumn-function.md, jetsetcolumns-function.md)

use super::alter_table::READ_ONLY_TRANSACTION;
use super::callback::reason;
use super::engine::{Engine, State};
use super::handles::{Sesid, Tableid};
use super::limits;
use super::operation::Operation;
use super::outcome::{Jet, Warned};
use super::prepare::{Prep, Prepared};
use super::rules::rules;
use super::threads;
use super::value::grbit::{ColumnGrbit, SetGrbit};
use super::value::set::{self, Given, SetInfo, Update};
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// Each column of the array is set. (jetsetcolumns-function.md)
    SEVERAL = "setcolumn/several";
    /// The first error ends the call.
    SEVERAL_STOP = "setcolumn/several-stop";
    /// The options are judged before the size of psetinfo, and that before the column.
    ORDER = "setcolumn/order-of-checks";
    /// An escrow column is set in an insert and in a replace.
    ESCROW_ALLOWED = "setcolumn/escrow-allowed";
    /// Whether an update is prepared is judged first.
    PREPARED_FIRST = "setcolumn/order-of-checks";
    /// A read-only cursor sets nothing.
    READ_ONLY_CURSOR = "setcolumn/read-only-cursor";
    /// Before an insert the callback may set columns. (jet-cbtyp.md)
    INSERT_MAY_SET = "cbtyp/before-insert-may-set";
    /// Before a replace the callback may set columns. (jet-cbtyp.md)
    REPLACE_MAY_SET = "cbtyp/before-replace-may-set";
    /// While the original is deleted the callback may set columns of the copy.
    COMPOUND_MAY_SET = "cbtyp/copy-delete-original-may-set";
    /// While a record is deleted nothing is prepared.
    DELETE_NOT_PREPARED = "cbtyp/delete-not-prepared";
    /// A column is set while an update is prepared. (jetsetcolumn-function.md)
    NOT_PREPARED = "setcolumn/update-prepared";
    /// `JET_SETINFO` has its size. (jet-setinfo-structure.md)
    STRUCTURE = "setcolumn/setinfo-size";
    /// An autoincrement column is set to no more than what was given out already.
    AUTOINCREMENT_TOO_HIGH = "setcolumn/autoincrement-too-high";
}

/// A column to set. (jet-setcolumn-structure.md)
#[derive(Debug, Clone, Copy)]
pub struct SetColumn<'a> {
    /// `columnid`
    pub columnid: u32,
    /// `pvData` and `cbData`
    pub given: Given<'a>,
    /// `grbit`
    pub grbit: u32,
    /// `JET_SETINFO`, or what a null pointer stands for.
    pub info: SetInfo,
    /// Whether `JET_SETINFO` had its size.
    pub structure: bool,
}

impl Engine {
    /// JetSetColumn. (jetsetcolumn-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errPermissionDenied`, `JET_errTransReadOnly`,
    /// `JET_errUpdateNotPrepared`, `JET_errInvalidParameter`, and those of the value.
    pub fn set_column(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        set: &SetColumn<'_>,
    ) -> Jet<Warned<()>> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::SetColumn)?;
        if !PREPARED_FIRST.holds() {
            let view = call.view(sesid)?;
            let table = call.table(call.cursor(tableid)?.table)?;
            table.schema(view).columns.find(set.columnid)?;
        }
        call.check_settable(sesid, tableid)?;
        call.set_one(sesid, tableid, set)
    }

    /// JetSetColumns: one after the other up to the first error. Gives the outcome of each column
    /// that was looked at. (jetsetcolumns-function.md)
    ///
    /// # Errors
    /// As [`set_column`](Self::set_column).
    pub fn set_columns(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        sets: &[SetColumn<'_>],
    ) -> (Jet<Warned<()>>, Vec<Jet<Warned<()>>>) {
        let mut outcomes = Vec::new();
        let result = self.set_all(sesid, tableid, sets, &mut outcomes);
        (result, outcomes)
    }

    fn set_all(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        sets: &[SetColumn<'_>],
        outcomes: &mut Vec<Jet<Warned<()>>>,
    ) -> Jet<Warned<()>> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::SetColumns)?;
        call.check_settable(sesid, tableid)?;
        let mut warning: Option<JetWarning> = None;
        let one = sets.len().min(1);
        let sets = if SEVERAL.holds() { sets } else { &sets[..one] };
        for set in sets {
            if !SEVERAL.holds() && !outcomes.is_empty() {
                break;
            }
            let outcome = call.set_one(sesid, tableid, set);
            outcomes.push(outcome);
            let told = match outcome {
                Err(_) if !SEVERAL_STOP.holds() => continue,
                outcome => outcome?.warning,
            };
            warning = warning.or(told);
        }
        Ok(Warned { value: (), warning })
    }
}

impl State {
    fn check_settable(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        let cursor = self.cursor(tableid)?;
        READ_ONLY_CURSOR.refuse(!cursor.mode.updatable, JetError::PermissionDenied)?;
        let temporary = self.table(cursor.table)?.is_temporary();
        READ_ONLY_TRANSACTION.refuse(
            self.session(sesid)?.in_read_only_transaction() && !temporary,
            JetError::TransReadOnly,
        )?;
        let none = cursor.writable_update().is_none();
        let reason = self.threads.reason(threads::here());
        let deleting = matches!(reason, Some(reason::BEFORE_DELETE | reason::AFTER_DELETE));
        let may_set = match reason {
            Some(reason::BEFORE_INSERT) => INSERT_MAY_SET.holds(),
            Some(reason::BEFORE_REPLACE) => REPLACE_MAY_SET.holds(),
            _ => !deleting || COMPOUND_MAY_SET.holds(),
        };
        if !none && !may_set {
            return Err(JetError::IllegalOperation);
        }
        if none && deleting && !DELETE_NOT_PREPARED.holds() {
            return Ok(());
        }
        NOT_PREPARED.refuse(none, JetError::UpdateNotPrepared)
    }

    fn set_one(&mut self, sesid: Sesid, tableid: Tableid, set: &SetColumn<'_>) -> Jet<Warned<()>> {
        if !ORDER.holds() {
            STRUCTURE.refuse(!set.structure, JetError::InvalidParameter)?;
        }
        let view = self.view(sesid)?;
        let in_transaction = view.tx.is_some();
        let cursor = self.cursor(tableid)?;
        let key = cursor.table;
        let page_size = self.page_size(key);
        let table = self.table(key)?;
        let schema = std::sync::Arc::clone(table.schema(view));
        let given_out = table.next_autoincrement;
        // Without the rule that an update is needed there is nothing to set the column in.
        let Some(prepared) = self.cursor_mut(tableid)?.update.as_mut() else {
            return Ok(Warned::plain(()));
        };
        let must_set_autoincrement = matches!(
            prepared.prep,
            Prep::Insert {
                must_set_autoincrement: true
            }
        );
        let update = Update {
            replacing: prepared.prep.replaces(),
            must_set_autoincrement,
            in_transaction,
            page_size,
            record_most: limits::record_room(page_size),
        };
        set::check_options(set.given, SetGrbit::from_bits_retain(set.grbit), &update)?;
        STRUCTURE.refuse(!set.structure, JetError::InvalidParameter)?;
        let before = prepared.copy.clone();
        let outcome = prepared.copy.set(
            &schema.columns,
            set.columnid,
            set.given,
            SetGrbit::from_bits_retain(set.grbit),
            set.info,
            &update,
        )?;
        let column = schema.columns.find(set.columnid)?;
        let escrow = column.is(ColumnGrbit::ESCROW_UPDATE);
        ESCROW_ALLOWED.allow(escrow, JetError::InvalidOperation)?;
        if column.is(ColumnGrbit::AUTOINCREMENT) && is_too_high(prepared, set.columnid, given_out) {
            let refused = AUTOINCREMENT_TOO_HIGH.refuse(true, JetError::SetAutoIncrementTooHigh);
            if refused.is_err() {
                prepared.copy = before;
                refused?;
            }
        }
        prepared.set.insert(set.columnid);
        Ok(outcome)
    }
}

fn is_too_high(prepared: &Prepared, columnid: u32, given_out: u64) -> bool {
    let value = prepared.copy.values(columnid).first();
    let value = value.map(|value| {
        let mut bytes = [0; 8];
        let size = value.bytes.len().min(8);
        bytes[..size].copy_from_slice(&value.bytes[..size]);
        u64::from_le_bytes(bytes)
    });
    value.is_some_and(|value| value >= given_out)
}
