//! The statistics that a compaction writes to DFRGINFO.TXT. (jetcompact-function.md)

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::compact::{Work, bits};
use super::name::Name;
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::settings::id;
use super::value::columns::Columns;
use super::value::record::Record;
use crate::abi::errors::JetError;

rules! {
    /// They are written where they are asked for. (jetcompact-function.md)
    FILE = "compact/stats-file";
    /// They name each table. (jetcompact-function.md)
    CONTENTS = "compact/stats-contents";
    /// Without them there is no compaction.
    NOT_WRITTEN = "compact/stats-not-written";
    /// They are begun after the function has let the compaction begin.
    NEED_BEGIN = "compact/stats-need-begin";
}

/// The name of the file.
const NAME: &str = "DFRGINFO.TXT";

/// What is counted of a table.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TableCount {
    rows: u64,
    row_bytes: u64,
    /// Of long values kept apart from their record.
    long_bytes: u64,
}

impl TableCount {
    /// Counts a row.
    pub(super) fn add(&mut self, record: &Record, columns: &Columns) {
        self.rows += 1;
        self.row_bytes += u64::from(record.size(columns));
        self.long_bytes += record.separate_bytes();
    }

    /// The rows.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The bytes of all rows.
    pub(super) fn bytes(&self) -> u64 {
        self.row_bytes + self.long_bytes
    }
}

/// The file of the statistics.
pub(super) struct Statistics {
    file: File,
    begun: Instant,
}

impl Work<'_, '_> {
    /// The statistics, where they are asked for.
    ///
    /// # Errors
    /// `JET_errFileAccessDenied`
    pub(super) fn statistics(&self) -> Jet<Option<Statistics>> {
        let asked = self.given.grbit & bits::STATS != 0 && FILE.holds();
        let silent = quirks::STATISTICS_NEED_FUNCTION.genuine() && self.given.status.is_none();
        if !asked || silent {
            return Ok(None);
        }
        let instance = self.call.instance;
        let temporary = self.call.instance(instance)?.settings.text(id::TEMP_PATH);
        let path = PathBuf::from(temporary).with_file_name(NAME);
        let begun = Statistics::begin(&path, self.given.source.as_deref().unwrap_or_default());
        match begun {
            Ok(statistics) => Ok(Some(statistics)),
            Err(_) if NOT_WRITTEN.holds() => Err(JetError::FileAccessDenied),
            Err(_) => Ok(None),
        }
    }

    /// The statistics of an engine that begins them too early.
    pub(super) fn statistics_before_begin(&self) -> Jet<Option<Statistics>> {
        if NEED_BEGIN.holds() {
            return Ok(None);
        }
        self.statistics()
    }
}

impl Statistics {
    fn begin(path: &Path, source: &str) -> std::io::Result<Self> {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        writeln!(file, "\nCompaction of {source}")?;
        writeln!(
            file,
            "table\trows\tbytes of rows\tbytes of separate long values\tpages of rows\tpages of long values"
        )?;
        Ok(Self {
            file,
            begun: Instant::now(),
        })
    }

    /// What is known of a table.
    ///
    /// # Errors
    /// `JET_errDiskIO`
    pub(super) fn table(&mut self, name: &Name, count: &TableCount, page_size: u32) -> Jet<()> {
        let name = match CONTENTS.holds() {
            true => name.as_str().to_owned(),
            false => "table".to_owned(),
        };
        let pages = |bytes: u64| bytes.div_ceil(u64::from(page_size.max(1)));
        let line = format!(
            "{name}\t{}\t{}\t{}\t{}\t{}",
            count.rows,
            count.row_bytes,
            count.long_bytes,
            pages(count.row_bytes),
            pages(count.long_bytes)
        );
        self.line(&line)
    }

    /// The sizes of both databases in bytes, and the time taken. There is no temporary database.
    ///
    /// # Errors
    /// `JET_errDiskIO`
    pub(super) fn finish(mut self, source: u64, destination: u64) -> Jet<()> {
        let seconds = self.begun.elapsed().as_secs_f64();
        self.line(&format!("source: {source} bytes"))?;
        self.line(&format!("destination: {destination} bytes"))?;
        self.line("temporary database: 0 bytes")?;
        self.line(&format!("time: {seconds:.3} seconds"))
    }

    fn line(&mut self, line: &str) -> Jet<()> {
        writeln!(self.file, "{line}").map_err(|_| JetError::DiskIO)
    }
}
