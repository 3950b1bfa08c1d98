//! Calls that make later calls faster and change nothing else: sequential access, reading ahead,
//! statistics.
//!
//! (jetsettablesequential-function.md, jetresettablesequential-function.md,
//! jetcomputestats-function.md, jetprereadkeys-function.md, jetprereadindexranges-function.md)

use super::engine::Engine;
use super::handles::{Sesid, Tableid};
use super::limits;
use super::operation::Operation;
use super::outcome::Jet;
use super::position::Position;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// A cursor can be told that it will be moved through. (jetsettablesequential-function.md)
    SEQUENTIAL = "cursor/sequential-set";
    /// The hint can be taken back. (jetresettablesequential-function.md)
    SEQUENTIAL_RESET = "cursor/sequential-reset";
    /// Reading ahead goes forward or backward. (jetprereadkeys-function.md)
    GRBIT = "cursor/preread-grbit";
    /// A key to read ahead has a size, and no more than keys can have.
    /// (jetprereadkeys-function.md)
    KEY_SIZE = "cursor/preread-key-size";
    /// Keys to read ahead are given, and in order. (jetprereadkeys-function.md)
    KEYS = "cursor/preread-keys";
    /// Reading ranges ahead changes nothing. (jetprereadindexranges-function.md)
    RANGES = "cursor/preread-ranges";
}

/// Options of reading ahead. (jetprereadkeys-function.md)
mod bits {
    pub const FORWARD: u32 = 0x1;
    pub const BACKWARD: u32 = 0x2;
}

impl Engine {
    /// JetSetTableSequential: a hint that the table will be moved through. Options are not looked
    /// at. (jetsettablesequential-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates.
    pub fn set_table_sequential(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        self.enter_cursor(sesid, tableid, Operation::SetTableSequential)?;
        SEQUENTIAL.allow(true, JetError::FeatureNotAvailable)
    }

    /// JetResetTableSequential: takes the hint back. (jetresettablesequential-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates.
    pub fn reset_table_sequential(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        self.enter_cursor(sesid, tableid, Operation::ResetTableSequential)?;
        SEQUENTIAL_RESET.allow(true, JetError::FeatureNotAvailable)
    }

    /// JetPrereadKeys: gives how many of the keys were read ahead. Everything is in memory here.
    /// (jetprereadkeys-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidGrbit`, `JET_errInvalidParameter`,
    /// `JET_errInvalidBufferSize`.
    pub fn preread_keys(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        keys: Option<&[&[u8]]>,
        grbit: u32,
    ) -> Jet<u32> {
        let call = self.enter_cursor(sesid, tableid, Operation::PrereadKeys)?;
        let forward = grbit & bits::FORWARD != 0;
        let neither = grbit & (bits::FORWARD | bits::BACKWARD) == 0;
        GRBIT.refuse(neither, JetError::InvalidGrbit)?;
        KEYS.refuse(keys.is_none_or(<[_]>::is_empty), JetError::InvalidParameter)?;
        let keys = keys.unwrap_or_default();
        let most = limits::key_most(call.instance_page_size(call.instance)) as usize + 1;
        let misfit = keys.iter().any(|key| key.is_empty() || key.len() > most);
        KEY_SIZE.refuse(misfit, JetError::InvalidBufferSize)?;
        let ordered = |pair: &[&[u8]]| {
            if forward {
                pair[0] <= pair[1]
            } else {
                pair[0] >= pair[1]
            }
        };
        KEYS.refuse(!keys.windows(2).all(ordered), JetError::InvalidParameter)?;
        Ok(u32::try_from(keys.len()).unwrap_or(u32::MAX))
    }

    /// JetPrereadIndexRanges: gives how many of the ranges were read ahead.
    /// (jetprereadindexranges-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidGrbit`.
    pub fn preread_index_ranges(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        ranges: u32,
        grbit: u32,
    ) -> Jet<u32> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::PrereadIndexRanges)?;
        let neither = grbit & (bits::FORWARD | bits::BACKWARD) == 0;
        GRBIT.refuse(neither, JetError::InvalidGrbit)?;
        if !RANGES.holds() {
            call.cursor_mut(tableid)?.position = Position::Before;
        }
        Ok(ranges)
    }
}
