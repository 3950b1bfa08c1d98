//! Structures whose size is judged before the call proper.

use super::engine::Engine;
use super::gate::Entry;
use super::handles::Sesid;
use super::outcome::Jet;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// JET_RSTINFO has its size. (jet-rstinfo-structure.md)
    RSTINFO = "restore/rstinfo-size";
    /// JET_LOGINFO has its size. (jet-loginfo-structure.md)
    LOGINFO = "backup/loginfo-size";
    /// JET_TABLECREATE and its successors have their size. (jet-tablecreate2-structure.md)
    TABLE_CREATE = "stored/structure-size";
    /// That size is judged before the gates that come after the session handle.
    BEFORE_GATES = "stored/structure-before-gates";
    /// The size of JET_TABLECREATE itself is judged after the gates.
    AFTER_GATES = "stored/first-structure-after-gates";
    /// Arrays that are counted are there. (jetcreatetablecolumnindex2-function.md)
    ARRAYS = "table/create-arrays";
    /// JET_INDEXCREATE and its successors have their size. (jet-indexcreate-structure.md)
    INDEX_CREATE = "index/structure-size";
    /// JET_COLUMNCREATE has its size. (jet-columncreate-structure.md)
    COLUMN_CREATE = "column/definition-structure-size";
    /// JET_OPENTEMPORARYTABLE has its size. (jetopentemporarytable-function.md)
    OPEN_TEMPORARY = "temp/structure-size";
}

/// Refuses a JET_LOGINFO of another size.
///
/// # Errors
/// `JET_errInvalidParameter`.
pub fn check_loginfo(has_its_size: bool) -> Jet<()> {
    LOGINFO.refuse(!has_its_size, JetError::InvalidParameter)
}

/// Refuses a JET_RSTINFO of another size.
///
/// # Errors
/// `JET_errInvalidParameter`.
pub fn check_rstinfo(has_its_size: bool) -> Jet<()> {
    RSTINFO.refuse(!has_its_size, JetError::InvalidParameter)
}

impl Engine {
    /// Refuses a structure of JetCreateTableColumnIndex of another size. `first` tells that the kind
    /// is judged before the gates that come after the session handle.
    ///
    /// # Errors
    /// `JET_errInvalidSesid`, then `JET_errInvalidParameter`.
    pub fn check_table_create(&self, sesid: Sesid, has_its_size: bool, first: bool) -> Jet<()> {
        if has_its_size {
            return Ok(());
        }
        let first = if first {
            BEFORE_GATES.holds()
        } else {
            !AFTER_GATES.holds()
        };
        if first {
            self.lock().session(sesid)?;
        } else {
            self.enter_session(sesid, Entry::Usual)?;
        }
        TABLE_CREATE.refuse(true, JetError::InvalidParameter)
    }

    /// Refuses arrays of columns or indexes that are not there although they are counted.
    ///
    /// # Errors
    /// Those of the session gates, then `JET_errInvalidParameter` for columns,
    /// `JET_errInvalidCreateIndex` for indexes.
    pub fn check_arrays(&self, sesid: Sesid, columns: bool, indexes: bool) -> Jet<()> {
        if columns && indexes {
            return Ok(());
        }
        self.enter_session(sesid, Entry::Usual)?;
        ARRAYS.refuse(!columns, JetError::InvalidParameter)?;
        ARRAYS.refuse(!indexes, JetError::InvalidCreateIndex)
    }

    /// Refuses structures of columns or indexes of another size.
    ///
    /// # Errors
    /// Those of the session gates, then `JET_errInvalidParameter`.
    pub fn check_definitions(&self, sesid: Sesid, columns: bool, indexes: bool) -> Jet<()> {
        if columns && indexes {
            return Ok(());
        }
        self.enter_session(sesid, Entry::Usual)?;
        COLUMN_CREATE.refuse(!columns, JetError::InvalidParameter)?;
        INDEX_CREATE.refuse(!indexes, JetError::InvalidParameter)
    }

    /// Refuses a JET_OPENTEMPORARYTABLE of another size.
    ///
    /// # Errors
    /// Those of the session gates, then `JET_errInvalidParameter`.
    pub fn check_open_temporary(&self, sesid: Sesid, has_its_size: bool) -> Jet<()> {
        if has_its_size {
            return Ok(());
        }
        self.enter_session(sesid, Entry::Usual)?;
        OPEN_TEMPORARY.refuse(true, JetError::InvalidParameter)
    }
}
