//! The size of database files: growing and shrinking them on purpose.
//!
//! (jetgrowdatabase-function.md, jetresizedatabase-function.md, jetsetdatabasesize-function.md)

use std::path::Path;

use super::durable::image::{self, ImageError};
use super::engine::Engine;
use super::gate::Entry;
use super::handles::{Dbid, Sesid};
use super::outcome::Jet;
use super::path::complete;
use super::quirks;
use super::rules::{Rule, rules};
use crate::abi::errors::JetError;

rules! {
    /// The file has as many pages as are asked for. (jetgrowdatabase-function.md)
    GROWS = "database/grows";
    /// It gets larger or smaller. (jetresizedatabase-function.md)
    RESIZES = "database/resizes";
    /// It does not get smaller where only growth is asked for. (jetresizedatabase-function.md)
    ONLY_GROWS = "database/resize-only-grow";
    /// Options that do not exist, or that contradict each other.
    GRBIT = "database/resize-grbit";
    /// Nor larger than the limit that it was attached with.
    LIMIT = "database/resize-limit";
    /// A file that is not attached gets larger. (jetsetdatabasesize-function.md)
    SETS = "database/sets-size";
    /// It is asked for no fewer pages than a database has. (jetsetdatabasesize-function.md)
    LEAST = "database/set-size-least";
    /// What may not be changed keeps its size. (jetattachdatabase-function.md)
    READ_ONLY = "database/resize-read-only";
    /// What may not be changed keeps its size. (jetattachdatabase-function.md)
    GROW_READ_ONLY = "database/grow-read-only";
    /// Nor is a file touched that is attached. (jetsetdatabasesize-function.md)
    ATTACHED = "database/set-size-attached";
    /// The path is given. (jetsetdatabasesize-function.md)
    PATH = "database/set-size-path";
    /// The file exists. (jetsetdatabasesize-function.md)
    MISSING = "database/set-size-missing";
    /// The database was left in order. (jetsetdatabasesize-function.md)
    CLEAN = "database/set-size-dirty";
}

/// Options of JetResizeDatabase. (jetresizedatabase-function.md)
mod bits {
    pub const ONLY_GROW: u32 = 0x1;
    /// A bit that only the published header names.
    pub const ONLY_SHRINK: u32 = 0x2;
}

/// The fewest pages that JetSetDatabaseSize takes. (jetsetdatabasesize-function.md)
const PAGES_LEAST: u32 = 256;
/// `JET_paramEnableShrinkDatabase`
const SHRINK: u32 = 184;

/// What is wanted of the size of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wish {
    pages: u32,
    grows: bool,
    shrinks: bool,
}

impl Engine {
    /// JetGrowDatabase: the pages that the file has then. (jetgrowdatabase-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidDatabaseId`, `JET_errDatabaseFileReadOnly`,
    /// `JET_errOutOfDatabaseSpace`, `JET_errDiskFull`, `JET_errDiskIO`.
    pub fn grow_database(&self, sesid: Sesid, dbid: Dbid, pages: u32) -> Jet<u32> {
        let wish = Wish {
            pages,
            grows: GROWS.holds(),
            shrinks: false,
        };
        self.size_attached(sesid, dbid, wish, &GROW_READ_ONLY)
    }

    /// JetResizeDatabase: the pages that the file has then. (jetresizedatabase-function.md)
    ///
    /// # Errors
    /// As [`grow_database`](Self::grow_database), and `JET_errInvalidGrbit`; in the genuine engine
    /// `JET_errFeatureNotAvailable` for shrinking that no parameter allows.
    pub fn resize_database(&self, sesid: Sesid, dbid: Dbid, pages: u32, grbit: u32) -> Jet<u32> {
        let both = bits::ONLY_GROW | bits::ONLY_SHRINK;
        let wish = Wish {
            pages,
            grows: grbit & bits::ONLY_SHRINK == 0 && RESIZES.holds(),
            shrinks: (grbit & bits::ONLY_GROW == 0 || !ONLY_GROWS.holds()) && RESIZES.holds(),
        };
        let wrong = grbit & !both != 0 || grbit & both == both;
        if wrong {
            self.enter_session(sesid, Entry::Usual)?
                .database_of(sesid, dbid)?;
            GRBIT.refuse(true, JetError::InvalidGrbit)?;
        }
        self.size_attached(sesid, dbid, wish, &READ_ONLY)
    }

    /// `read_only` is the rule that a database which nobody may write to keeps its size.
    fn size_attached(&self, sesid: Sesid, dbid: Dbid, wish: Wish, read_only: &Rule) -> Jet<u32> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        call.wait_until_thawed();
        let database = call.database_of(sesid, dbid)?;
        read_only.refuse(database.read_only, JetError::DatabaseFileReadOnly)?;
        let limit = database.pages_most;
        let over = wish.grows && limit > 0 && wish.pages > limit;
        LIMIT.refuse(over, JetError::OutOfDatabaseSpace)?;
        let may_shrink = call.instance(call.instance)?.settings.flag(SHRINK);
        let refuses = quirks::SHRINKING_IS_ASKED_FOR.genuine() && !may_shrink;
        // The lock stays held, so that nobody else writes the file meanwhile.
        size(&database.path, wish, refuses)
    }

    /// JetSetDatabaseSize, for a file that is not attached: the pages that it has then. It only gets
    /// larger. (jetsetdatabasesize-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errDatabaseInvalidPath`, `JET_errInvalidParameter`,
    /// `JET_errFileNotFound`, `JET_errFileAccessDenied` for a file that is attached,
    /// `JET_errDatabaseDirtyShutdown`, and what else is wrong with the file.
    pub fn set_database_size(&self, sesid: Sesid, name: Option<&str>, pages: u32) -> Jet<u32> {
        let call = self.enter_session(sesid, Entry::Usual)?;
        let name = name.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| PATH.error(JetError::DatabaseInvalidPath))?;
        LEAST.refuse(pages < PAGES_LEAST, JetError::InvalidParameter)?;
        let path = complete(name);
        let header = image::header(&path).map_err(|error| match error.is_missing() {
            true => MISSING.error(JetError::FileNotFound),
            false => error.code(),
        })?;
        let attached = call.databases.values().any(|one| one.path == path);
        ATTACHED.refuse(attached, JetError::FileAccessDenied)?;
        if CLEAN.holds() {
            image::check_clean(&header)?;
        }
        let wish = Wish {
            pages,
            grows: SETS.holds(),
            shrinks: false,
        };
        size(&path, wish, false)
    }
}

/// Does to a file what is wanted, as near as it can be: it is never cut shorter than what it holds.
fn size(path: &Path, wish: Wish, refuses_to_shrink: bool) -> Jet<u32> {
    let code = |error: ImageError| error.code();
    let now = image::pages(path).map_err(code)?;
    if wish.grows && wish.pages > now {
        image::grow(path, wish.pages).map_err(code)?;
    } else if wish.shrinks && wish.pages < now {
        if refuses_to_shrink {
            return Err(JetError::FeatureNotAvailable);
        }
        image::shrink(path, wish.pages).map_err(code)?;
    }
    image::pages(path).map_err(code)
}
