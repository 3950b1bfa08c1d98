//! The suite: the scenarios of the checkout that jetspec is run or was built in, else those that the
//! program carries; a folder that is named adds to them or replaces some.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use jetspec::generate::Program;
use jetspec::scenario::plan::Profile;
use jetspec::scenario::{self, Fault, Platform, Scenario, Shelf};
use jetspec::suite::{Case, Filter};

use super::carried;
use super::error::CliError;
use super::identity::hex;

/// Every scenario and fixture that a command works with.
pub struct Suite {
    shelf: Shelf,
}

impl Suite {
    /// The suite, with the scenarios of a folder added to it.
    pub fn find(added: Option<&Path>) -> Result<Suite, CliError> {
        let faults = |fault: Box<Fault>| CliError::Faults(render(&[*fault]));
        let base = match checkout() {
            Some(folder) => Shelf::folder(&folder).map_err(faults)?,
            None => Shelf::carried(carried::FILES),
        };
        let shelf = match added {
            // The checkout's own folder is the suite itself.
            Some(file) if file.is_file() => return Err(CliError::NoFolder(file.to_owned())),
            Some(folder) => Shelf::folder(folder).map_err(faults)?.over(base),
            None => base,
        };
        Ok(Suite { shelf })
    }

    /// Its files.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Every case; the faults of the files are the error.
    pub fn cases(&self) -> Result<Vec<Case>, CliError> {
        let loaded = scenario::load_shelf(&self.shelf);
        if !loaded.faults.is_empty() {
            return Err(CliError::Faults(render(&loaded.faults)));
        }
        Ok(Case::all(&loaded))
    }

    /// Every case that a profile is about and this system can run, as a program.
    pub fn programs(&self, profile: Profile) -> Result<Vec<Program>, CliError> {
        let loaded = scenario::load_shelf(&self.shelf);
        if !loaded.faults.is_empty() {
            return Err(CliError::Faults(render(&loaded.faults)));
        }
        let here = |platform| match platform {
            Platform::Any => true,
            Platform::Windows => cfg!(windows),
            Platform::Unix => cfg!(unix),
        };
        let scenarios = loaded.scenarios.iter();
        let scenarios =
            scenarios.filter(|own| own.profiles().contains(&profile) && here(own.platform()));
        let sketches = scenarios.flat_map(scenario::Scenario::sketches);
        Ok(sketches.filter_map(|sketch| Program::of(&sketch)).collect())
    }

    /// Whether a file lies in a folder of the suite, so that it is in the suite already.
    pub fn holds(added: Option<&Path>, path: &Path) -> bool {
        let absolute = |path: &Path| std::path::absolute(path).ok();
        let folders = [checkout(), added.map(Path::to_owned)];
        let Some(path) = absolute(path) else {
            return false;
        };
        folders
            .iter()
            .flatten()
            .filter_map(|folder| absolute(folder))
            .any(|folder| path.starts_with(folder))
    }

    /// SHA-256 over names and texts, whatever line ends a checkout has given them.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for (name, text) in self.shelf.texts() {
            let text = text.replace("\r\n", "\n");
            for part in [name, &text] {
                digest.update((part.len() as u64).to_le_bytes());
                digest.update(part.as_bytes());
            }
        }
        hex(&digest.finalize())
    }
}

/// The scenario folder of the checkout of jetspec that the current folder, or the program itself, is
/// in. Another project's folder of the same name is none: it has no schema of ours.
fn checkout() -> Option<PathBuf> {
    let starts = [std::env::current_dir().ok(), std::env::current_exe().ok()];
    starts
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .map(|folder| folder.join("conformance"))
        .find(|folder| folder.join("scenario.schema.json").is_file())
}

/// Lines of scenario files, for reports; each file is read once.
pub struct SourceLines {
    shelf: Shelf,
    files: RefCell<HashMap<String, Option<Vec<String>>>>,
}

impl SourceLines {
    /// Lines of the files of a suite.
    pub fn new(suite: &Suite) -> Self {
        Self {
            shelf: suite.shelf.clone(),
            files: RefCell::default(),
        }
    }

    /// A line of a file, from one.
    pub fn line(&self, file: &str, line: u32) -> Option<String> {
        let mut files = self.files.borrow_mut();
        let lines = files.entry(file.to_owned()).or_insert_with(|| {
            let text = self.shelf.text(file)?.ok()?;
            Some(text.lines().map(str::to_owned).collect())
        });
        lines.as_ref()?.get(line.checked_sub(1)? as usize).cloned()
    }
}

/// Faults as people read them, with colours where standard error shows them.
pub fn render(faults: &[Fault]) -> String {
    let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let texts: Vec<String> = faults.iter().map(|fault| fault.render(colour)).collect();
    texts.join("\n\n")
}

/// The cases of a file that is in no scenario folder of ours; fixtures are those nearest to it, then
/// those of the suite.
pub fn cases_of_file(path: &Path, suite: &Suite) -> Result<Vec<Case>, CliError> {
    scenario_of_file(path, suite).map(|scenario| Case::of(&scenario))
}

/// The scenario that a file is, on the fixtures beside it and those of the suite.
pub fn scenario_of_file(path: &Path, suite: &Suite) -> Result<Scenario, CliError> {
    let faults = scenario::check(&[path.to_owned()], &suite.shelf).faults;
    if !faults.is_empty() {
        return Err(CliError::Faults(render(&faults)));
    }
    let unreadable = |error| CliError::Unreadable {
        path: path.to_owned(),
        error,
    };
    let text = scenario::read(path).map_err(|fault| CliError::Faults(render(&[*fault])))?;
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    let folder = absolute
        .ancestors()
        .find(|folder| folder.join("fixtures").is_dir());
    let own = folder.map(Shelf::fixtures_of).unwrap_or_default();
    let name = path.to_string_lossy();
    scenario::parse_with(&name, &text, own.over(suite.shelf.clone()))
        .map_err(|faults| CliError::Faults(render(&faults)))
}

/// Refuses a filter that names a file on disk which is none of the suite: what would be run is another
/// file of the same name, or nothing.
pub fn refuse_stranger(filter: &Filter, added: Option<&Path>) -> Result<(), CliError> {
    let Some(path) = filter.file().map(Path::new) else {
        return Ok(());
    };
    match path.is_file() && !Suite::holds(added, path) {
        true => Err(CliError::NotOfTheSuite(path.to_owned())),
        false => Ok(()),
    }
}

/// What is said of a filter that selects no case: with the file, case or requirement that may have
/// been meant, or with the length of the file where it has no such line.
pub fn barren(typed: &str, all: &[Case]) -> CliError {
    let filter = Filter::new(typed);
    if let Some(lines) = all.iter().find_map(|case| filter.beyond(case)) {
        let filter = typed.to_owned();
        return CliError::BehindTheEnd { filter, lines };
    }
    let files = all.iter().map(|case| &*case.plan.file);
    let ids = all.iter().flat_map(|case| case.covers.iter());
    let nearest = scenario::nearest(typed, files.chain(ids.map(String::as_str)));
    // Of a line of a file that there is, the file is no better word.
    let nearest = nearest.filter(|nearest| !typed.contains(nearest));
    CliError::NothingSelected {
        filter: typed.to_owned(),
        nearest: nearest.map(str::to_owned),
    }
}
