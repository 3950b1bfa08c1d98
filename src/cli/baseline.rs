//! The baseline of a command: read before the run, held against each case, rewritten on request.

use std::io;
use std::path::{Path, PathBuf};

use jetspec::judge::{Baseline, BlessedCase};
use jetspec::report::{AgainstBaseline, CaseReport, RunReport, replace};

use super::error::CliError;

/// A baseline file and what is to be done with it.
pub struct BaselineFile {
    path: PathBuf,
    baseline: Baseline,
    bless: bool,
    reason: String,
}

impl BaselineFile {
    /// Reads the file; where it is to be written it need not exist yet.
    pub fn read(path: &Path, bless: bool, reason: &str) -> Result<Self, CliError> {
        let name = path.display().to_string();
        let baseline = match std::fs::read_to_string(path) {
            Ok(text) => Baseline::parse(&name, &text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound && bless => {
                Baseline::empty(&name)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(CliError::NoBaseline(path.to_owned()));
            }
            Err(error) => {
                let path = path.to_owned();
                return Err(CliError::Unreadable { path, error });
            }
        };
        Ok(Self {
            path: path.to_owned(),
            baseline,
            bless,
            reason: reason.to_owned(),
        })
    }

    /// Holds a case against it.
    pub fn pin(&self, case: &mut CaseReport) {
        case.pinned = self.baseline.pinned(&case.name(), &case.judged);
    }

    /// The cases that it names and a run need not have: those of the other profile, and all where
    /// the run was filtered.
    pub fn left_out(&self, report: &RunReport) -> Vec<String> {
        let own = format!("[{}", report.identity.profile_word());
        let filtered = !report.identity.filters.is_empty();
        self.baseline
            .pins()
            .map(|pin| pin.case.clone())
            .filter(|name| filtered || !name.contains(&own))
            .collect()
    }

    /// Holds a whole run against it; `suite` are the names of all cases, run or not. Where the
    /// baseline is to be blessed it is written first, and the run is held against the new one.
    pub fn close<'n>(
        &mut self,
        report: &mut RunReport,
        suite: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<(), CliError> {
        if self.bless {
            let unmatched = self.baseline.unmatched(suite.clone());
            let cases: Vec<BlessedCase> = report.cases.iter().map(blessed).collect();
            let blessed = self.baseline.blessed(&cases, &unmatched, &self.reason);
            let text = blessed.text();
            write(&self.path, &text).map_err(|error| CliError::Unwritable {
                path: self.path.clone(),
                error,
            })?;
            self.baseline = blessed;
        }
        for case in &mut report.cases {
            self.pin(case);
        }
        report.baseline = Some(AgainstBaseline {
            file: self.path.display().to_string(),
            entries: self.baseline.len(),
            unmatched: self.baseline.unmatched(suite),
        });
        Ok(())
    }
}

/// Writes the file, and the folder that it is to be in.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    replace(path, |out| out.write_all(text.as_bytes()))
}

fn blessed(case: &CaseReport) -> BlessedCase<'_> {
    BlessedCase {
        name: case.name(),
        judged: &case.judged,
    }
}
