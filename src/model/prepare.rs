//! Preparing an update: the copy buffer of a cursor, and what it is for.
//!
//! (jetprepareupdate-function.md)

use std::collections::BTreeSet;
use std::sync::Arc;

use super::callback::reason;
use super::cursor::Cursor;
use super::engine::{Engine, State};
use super::handles::{Sesid, TableKey, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::quirks::VERSION_COUNTS_LATE;
use super::replace::increment;
use super::rules::rules;
use super::schema::Schema;
use super::store::Bookmark;
use super::value::coltyp::Coltyp;
use super::value::columns::autoincrement_most;
use super::value::grbit::ColumnGrbit;
use super::value::record::Record;
use crate::abi::errors::JetError;

rules! {
    /// An insert begins with the defaults of its columns. (jetprepareupdate-function.md)
    DEFAULTS = "update/insert-defaults";
    /// No value of an auto-increment column is given out twice. (jetprepareupdate-function.md)
    NUMBERED_ONCE = "update/autoincrement-unique";
    /// A copy can replace its original and keep its number.
    COPY_REPLACES = "update/copy-replace-original";
    /// A preparation that fails changes nothing. (jetprepareupdate-function.md)
    FAILURE_CHANGES_NOTHING = "update/prepare-failure-changes-nothing";
    /// What was given out in a transaction that is rolled back is not given again.
    USED_UP = "transaction/rollback-uses-up-autoincrement";
    /// An update is prepared. (jetprepareupdate-function.md)
    PREPARES = "update/prepared";
    /// A prepared update is dropped. (jetprepareupdate-function.md)
    CANCELS = "update/cancel";
    /// A copy that is to replace its original has the next version. (jetprepareupdate-function.md)
    NEXT_VERSION = "cbtyp/replace-version";
    /// What to prepare for is judged first.
    PREP_FIRST = "update/prep-value-first";
    /// A read-only cursor prepares nothing. (jetprepareupdate-function.md)
    READ_ONLY_CURSOR = "update/read-only-cursor";
    /// A read-only transaction prepares nothing. (jetprepareupdate-function.md)
    READ_ONLY_TRANSACTION = "update/read-only-transaction";
    /// The cursor is judged before the transaction.
    READ_ONLY_ORDER = "update/read-only-order";
    /// Only an insert needs no record. (jetprepareupdate-function.md)
    NEEDS_RECORD = "update/needs-record";
    /// A copy has the values of its original. (jetprepareupdate-function.md)
    COPIES = "update/insert-copy";
    /// A replace without lock locks nothing yet. (jetprepareupdate-function.md)
    NO_LOCK = "update/replace-no-lock";
    /// Preparing calls nobody.
    ONLY_CHANGES = "cbtyp/only-changes-fire";
    /// A replace with the same values is a change for others. An engine that looks first has no
    /// lock on the record either.
    SAME_VALUE = "update/same-value-writes";
    /// A `prep` that no page lists. (jetprepareupdate-function.md)
    PREP = "update/prep-value";
    /// Only a prepared update can be cancelled. (jetprepareupdate-function.md)
    CANCEL_NOTHING = "update/cancel-not-prepared";
    /// One update at a time. (jetprepareupdate-function.md)
    ALREADY_PREPARED = "update/already-prepared";
    /// An insert that must set the autoincrement column needs one. (jetprepareupdate-function.md)
    NO_AUTOINCREMENT = "update/must-set-autoincrement-column";
    /// A copy of a record with long values is made in a transaction.
    COPY_IN_TRANSACTION = "update/copy-in-transaction";
    /// A read-only copy is made in a transaction.
    READ_ONLY_COPY_IN_TRANSACTION = "update/read-only-copy-in-transaction";
    /// An autoincrement column gets its value when the insert is prepared, and no value is given
    /// out twice. (jetprepareupdate-function.md)
    AUTOINCREMENT = "update/autoincrement-at-prepare";
    /// Replace locks the record when it is prepared in a transaction.
    /// (jetprepareupdate-function.md)
    REPLACE_LOCKS = "update/replace-locks-at-prepare";
    /// The values of an autoincrement column are used up.
    /// (extensible-storage-engine-error-codes.md)
    OUT_OF_AUTOINCREMENT = "update/out-of-autoincrement";
}

/// What an update is prepared for: `JET_prep`. (jetprepareupdate-function.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prep {
    /// `JET_prepInsert`, and 10, `JET_prepInsertMustSetAutoIncrement`.
    Insert {
        /// The application sets the autoincrement column itself.
        must_set_autoincrement: bool,
    },
    /// `JET_prepReplace`
    Replace,
    /// `JET_prepReplaceNoLock`
    ReplaceNoLock,
    /// `JET_prepInsertCopy`
    InsertCopy,
    /// `JET_prepInsertCopyDeleteOriginal`
    InsertCopyDeleteOriginal,
    /// `JET_prepInsertCopyReplaceOriginal`, which keeps the autoincrement value.
    InsertCopyReplaceOriginal,
    /// `JET_prepReadOnlyCopy`
    ReadOnlyCopy,
}

/// `JET_prepCancel`
const CANCEL: u32 = 3;

impl Prep {
    /// The meaning of a number other than `JET_prepCancel`.
    pub const fn from_number(prep: u32) -> Option<Self> {
        Some(match prep {
            0 => Self::Insert {
                must_set_autoincrement: false,
            },
            2 => Self::Replace,
            4 => Self::ReplaceNoLock,
            5 => Self::InsertCopy,
            7 => Self::InsertCopyDeleteOriginal,
            8 => Self::ReadOnlyCopy,
            9 => Self::InsertCopyReplaceOriginal,
            10 => Self::Insert {
                must_set_autoincrement: true,
            },
            _ => return None,
        })
    }

    /// Whether the update ends in an insert.
    pub const fn inserts(self) -> bool {
        !matches!(
            self,
            Self::Replace | Self::ReplaceNoLock | Self::ReadOnlyCopy
        )
    }

    /// Whether the update replaces the record that it was prepared on.
    pub const fn replaces(self) -> bool {
        matches!(self, Self::Replace | Self::ReplaceNoLock)
    }

    /// Whether the original is deleted before the copy is inserted.
    pub const fn deletes_original(self) -> bool {
        matches!(
            self,
            Self::InsertCopyDeleteOriginal | Self::InsertCopyReplaceOriginal
        )
    }

    const fn copies(self) -> bool {
        matches!(self, Self::InsertCopy) || self.deletes_original()
    }
}

/// An update that is prepared on a cursor.
#[derive(Debug, Clone, Hash)]
pub struct Prepared {
    /// What for.
    pub prep: Prep,
    /// The copy buffer.
    pub copy: Record,
    /// The columns that were set since.
    pub set: BTreeSet<u32>,
    /// The record that was copied, and a number that changes with its content; the number only
    /// where nothing else keeps the content from changing.
    pub original: Option<(Bookmark, Option<u64>)>,
}

impl Prepared {
    fn new(prep: Prep, copy: Record) -> Self {
        Self {
            prep,
            copy,
            set: BTreeSet::new(),
            original: None,
        }
    }
}

impl Cursor {
    /// The prepared update, unless it is only for reading.
    pub(super) fn writable_update(&self) -> Option<&Prepared> {
        self.update
            .as_ref()
            .filter(|update| update.prep != Prep::ReadOnlyCopy)
    }
}

impl Engine {
    /// JetPrepareUpdate. (jetprepareupdate-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidParameter`, `JET_errUpdateNotPrepared`,
    /// `JET_errPermissionDenied`, `JET_errTransReadOnly`, `JET_errAlreadyPrepared`,
    /// `JET_errIllegalOperation`, `JET_errNotInTransaction`, `JET_errNoCurrentRecord`,
    /// `JET_errRecordDeleted`, `JET_errWriteConflict`.
    pub fn prepare_update(&self, sesid: Sesid, tableid: Tableid, prep: u32) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::PrepareUpdate)?;
        if prep == CANCEL {
            let none = call.cursor(tableid)?.update.is_none();
            CANCEL_NOTHING.refuse(none, JetError::UpdateNotPrepared)?;
            if CANCELS.holds() {
                call.cursor_mut(tableid)?.update = None;
            }
            return Ok(());
        }
        let pending = call.cursor(tableid)?.update.is_some();
        if pending && !PREP_FIRST.holds() {
            return Err(JetError::AlreadyPrepared);
        }
        PREP.refuse(
            Prep::from_number(prep).is_none(),
            JetError::InvalidParameter,
        )?;
        let Some(prep) = Prep::from_number(prep) else {
            return Ok(());
        };
        if prep != Prep::ReadOnlyCopy {
            if !READ_ONLY_ORDER.holds() {
                call.session(sesid)?.check_writable()?;
            }
            call.check_writer(sesid, tableid, &READ_ONLY_CURSOR, &READ_ONLY_TRANSACTION)?;
        }
        call.check_filling_insert(tableid, matches!(prep, Prep::Insert { .. }))?;
        if pending && !FAILURE_CHANGES_NOTHING.holds() {
            call.cursor_mut(tableid)?.update = None;
        }
        ALREADY_PREPARED.refuse(pending, JetError::AlreadyPrepared)?;
        let replaces = prep == Prep::InsertCopyReplaceOriginal;
        COPY_REPLACES.allow(replaces, JetError::InvalidParameter)?;
        let update = match prep {
            Prep::Insert {
                must_set_autoincrement,
            } => call.new_record(sesid, tableid, must_set_autoincrement)?,
            prep => call.copy_of_record(sesid, tableid, prep)?,
        };
        if !PREPARES.holds() {
            return Ok(());
        }
        call.cursor_mut(tableid)?.update = Some(update);
        if let Some(level) = call.session_mut(sesid)?.innermost() {
            level.prepared.insert(tableid);
        }
        if !ONLY_CHANGES.holds() {
            call.before(tableid, reason::BEFORE_INSERT)?;
        }
        Ok(())
    }
}

impl State {
    fn new_record(&mut self, sesid: Sesid, tableid: Tableid, must_set: bool) -> Jet<Prepared> {
        let view = self.view(sesid)?;
        let key = self.cursor(tableid)?.table;
        let schema = Arc::clone(self.table(key)?.schema(view));
        NO_AUTOINCREMENT.refuse(
            must_set && schema.columns.autoincrement().is_none(),
            JetError::IllegalOperation,
        )?;
        let mut record = Record::default();
        burst_escrow_defaults(&schema, &mut record);
        if !DEFAULTS.holds() {
            for column in schema
                .columns
                .iter()
                .filter(|c| c.default_value().is_some())
            {
                record.put(column.columnid, None);
            }
        }
        let prep = Prep::Insert {
            must_set_autoincrement: must_set,
        };
        if !must_set {
            self.number_record(key, &schema, &mut record)?;
        }
        Ok(Prepared::new(prep, record))
    }

    /// Gives a record the next value of the table's autoincrement column.
    fn number_record(&mut self, key: TableKey, schema: &Schema, record: &mut Record) -> Jet<()> {
        let Some(column) = schema.columns.autoincrement() else {
            return Ok(());
        };
        if !AUTOINCREMENT.holds() {
            return Ok(());
        }
        let table = self.table_mut(key)?;
        let value = table.next_autoincrement;
        let most = autoincrement_most(column.coltyp);
        OUT_OF_AUTOINCREMENT.refuse(value >= most, JetError::OutOfAutoincrementValues)?;
        if NUMBERED_ONCE.holds() {
            table.next_autoincrement = value.wrapping_add(1);
        }
        record.put(
            column.columnid,
            Some(autoincrement_bytes(column.coltyp, value)),
        );
        Ok(())
    }

    fn copy_of_record(&mut self, sesid: Sesid, tableid: Tableid, prep: Prep) -> Jet<Prepared> {
        let level = self.session(sesid)?.level();
        READ_ONLY_COPY_IN_TRANSACTION.refuse(
            prep == Prep::ReadOnlyCopy && level == 0,
            JetError::NotInTransaction,
        )?;
        let replaces = match prep {
            Prep::Replace => REPLACE_LOCKS.holds() && SAME_VALUE.holds(),
            Prep::ReplaceNoLock => !NO_LOCK.holds(),
            _ => false,
        };
        let locks = prep.deletes_original() || replaces;
        if locks && level > 0 {
            self.lock_current(sesid, tableid).map_err(needs_record)?;
        }
        let view = self.view(sesid)?;
        let (bookmark, record) = self.current_record(sesid, tableid).map_err(needs_record)?;
        let key = self.cursor(tableid)?.table;
        let table = self.table(key)?;
        let content = table.rows.content(view, &bookmark).filter(|_| level == 0);
        let schema = Arc::clone(table.schema(view));
        let long = schema
            .columns
            .iter()
            .any(|column| column.coltyp.is_long_value());
        COPY_IN_TRANSACTION.refuse(
            prep == Prep::InsertCopy && long && level == 0,
            JetError::NotInTransaction,
        )?;
        let mut copy = (*record).clone();
        if prep == Prep::InsertCopy && !COPIES.holds() {
            copy = Record::default();
        }
        let next = prep.replaces() && NEXT_VERSION.holds() != VERSION_COUNTS_LATE.genuine();
        if let Some(version) = schema.columns.version().filter(|_| next) {
            increment(&mut copy, &record, version.columnid);
        }
        if prep.copies() {
            self.renew_copy(key, &schema, prep, &mut copy)?;
        }
        Ok(Prepared {
            original: Some((bookmark, content)),
            ..Prepared::new(prep, copy)
        })
    }

    /// A copy that is to be inserted has a version, and mostly a number, of its own.
    fn renew_copy(
        &mut self,
        key: TableKey,
        schema: &Schema,
        prep: Prep,
        copy: &mut Record,
    ) -> Jet<()> {
        if let Some(version) = schema.columns.version() {
            copy.clear(version.columnid);
        }
        if prep == Prep::InsertCopyReplaceOriginal {
            return Ok(());
        }
        self.number_record(key, schema, copy)
    }
}

/// What is said where there is no record to prepare an update of.
fn needs_record(error: JetError) -> JetError {
    match error {
        JetError::NoCurrentRecord | JetError::RecordDeleted => NEEDS_RECORD.error(error),
        other => other,
    }
}

/// An escrow column is in every record from the start, so that deltas can be added to it.
fn burst_escrow_defaults(schema: &Schema, record: &mut Record) {
    for column in schema
        .columns
        .iter()
        .filter(|column| column.is(ColumnGrbit::ESCROW_UPDATE))
    {
        if let Some(default) = column.default_value() {
            record.put(column.columnid, Some(default.to_vec()));
        }
    }
}

/// The value of an autoincrement column as its type stores it.
pub(super) fn autoincrement_bytes(coltyp: Coltyp, value: u64) -> Vec<u8> {
    let size = coltyp.fixed_size().unwrap_or(8) as usize;
    value.to_le_bytes()[..size.min(8)].to_vec()
}
