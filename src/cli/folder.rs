//! The folder of scenarios: the one that is named, or the nearest `conformance`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jetspec::scenario::{self, Fault};
use jetspec::suite::Case;

use super::error::CliError;

/// The folder that was named, or `conformance` in the current folder or one above it, or above the
/// program itself.
pub fn find(named: Option<&Path>) -> Result<PathBuf, CliError> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let starts = [std::env::current_dir().ok(), std::env::current_exe().ok()];
    starts
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .map(|folder| folder.join("conformance"))
        .find(|folder| folder.is_dir())
        .ok_or(CliError::NoScenarioFolder)
}

/// Lines of scenario files, for reports; each file is read once.
pub struct SourceLines {
    folder: PathBuf,
    files: RefCell<HashMap<String, Option<Vec<String>>>>,
}

impl SourceLines {
    /// Lines of the files in a folder.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            files: RefCell::default(),
        }
    }

    /// A line of a file, from one.
    pub fn line(&self, file: &str, line: u32) -> Option<String> {
        let mut files = self.files.borrow_mut();
        let lines = files.entry(file.to_owned()).or_insert_with(|| {
            let text = std::fs::read_to_string(self.folder.join(file)).ok()?;
            Some(text.lines().map(str::to_owned).collect())
        });
        lines.as_ref()?.get(line.checked_sub(1)? as usize).cloned()
    }
}

/// Every case of the folder; the faults of its files are the error.
pub fn cases(folder: &Path) -> Result<Vec<Case>, CliError> {
    let loaded = scenario::load(folder);
    if !loaded.faults.is_empty() {
        return Err(CliError::Faults(render(&loaded.faults)));
    }
    Ok(Case::all(&loaded))
}

/// Faults as people read them, with colours where standard error shows them.
pub fn render(faults: &[Fault]) -> String {
    let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let texts: Vec<String> = faults.iter().map(|fault| fault.render(colour)).collect();
    texts.join("\n\n")
}

/// The cases of a file that is in no scenario folder of ours; fixtures are those nearest to it.
pub fn cases_of_file(path: &Path) -> Result<Vec<Case>, CliError> {
    let faults = scenario::check(&[path.to_owned()]);
    if !faults.is_empty() {
        return Err(CliError::Faults(render(&faults)));
    }
    let unreadable = |error| CliError::Unreadable {
        path: path.to_owned(),
        error,
    };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    let folder = absolute
        .ancestors()
        .find(|folder| folder.join("fixtures").is_dir());
    let name = path.to_string_lossy();
    let scenario = scenario::parse(&name, &text, folder)
        .map_err(|faults| CliError::Faults(render(&faults)))?;
    Ok(Case::of(&scenario))
}
