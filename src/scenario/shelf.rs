//! Where scenario files come from: folders, or the program itself, one laid over the other.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::fault::{Fault, FaultKind};
use super::read::read;

/// Folders that hold no scenarios, whatever lies in them.
const SET_APART: [&str; 3] = ["baselines", "ci", "selftest"];
/// The folder of the fixtures.
const FIXTURES: &str = "fixtures/";

/// Scenario and fixture files by their names: paths relative to their scenario folder, with forward
/// slashes.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    files: BTreeMap<String, Origin>,
}

#[derive(Debug, Clone)]
enum Origin {
    /// In the program.
    Carried(&'static str),
    /// In a folder.
    File(PathBuf),
}

impl Shelf {
    /// Files that the program carries: (name, text).
    pub fn carried(files: &'static [(&'static str, &'static str)]) -> Shelf {
        let file = |(name, text): &(&'static str, &'static str)| {
            ((*name).to_owned(), Origin::Carried(text))
        };
        Shelf {
            files: files.iter().map(file).collect(),
        }
    }

    /// The scenarios and fixtures of a folder. A folder without any is a fault.
    pub fn folder(folder: &Path) -> Result<Shelf, Box<Fault>> {
        let fault = |kind| Box::new(Fault::of_file(&folder.display().to_string(), kind));
        let mut shelf = Shelf::default();
        for path in yaml_files(folder)? {
            shelf.add(folder, path);
        }
        match shelf.files.is_empty() {
            true => Err(fault(FaultKind::NothingHere)),
            false => Ok(shelf),
        }
    }

    /// The fixtures of a folder; none where it has none.
    pub fn fixtures_of(folder: &Path) -> Shelf {
        let mut shelf = Shelf::default();
        for path in yaml_files(&folder.join(FIXTURES)).unwrap_or_default() {
            shelf.add(folder, path);
        }
        shelf
    }

    fn add(&mut self, folder: &Path, path: PathBuf) {
        let relative = path.strip_prefix(folder).unwrap_or(&path);
        let name = relative.to_string_lossy().replace('\\', "/");
        self.files.insert(name, Origin::File(path));
    }

    /// Where a file is, as an editor finds it from the current folder; nowhere if the program carries
    /// it.
    pub fn path(&self, name: &str) -> Option<String> {
        let Origin::File(path) = self.files.get(name)? else {
            return None;
        };
        let here = std::env::current_dir().unwrap_or_default();
        let path = path.strip_prefix(here).unwrap_or(path);
        Some(path.to_string_lossy().into_owned())
    }

    /// These files laid over others: what has a name of theirs replaces it, the rest is added.
    pub fn over(self, mut base: Shelf) -> Shelf {
        base.files.extend(self.files);
        base
    }

    /// The names of the scenarios, sorted.
    pub fn scenarios(&self) -> impl Iterator<Item = &str> {
        let names = self.files.keys().map(String::as_str);
        names.filter(|name| !name.starts_with(FIXTURES))
    }

    /// The names of the fixtures, as scenarios write them.
    pub fn fixtures(&self) -> impl Iterator<Item = &str> {
        let names = self
            .files
            .keys()
            .filter_map(|name| name.strip_prefix(FIXTURES));
        names.map(|name| name.trim_end_matches(".yaml"))
    }

    /// Whether there is a fixture of that name.
    pub fn has_fixture(&self, fixture: &str) -> bool {
        self.files.contains_key(&Self::fixture_file(fixture))
    }

    /// The file that a fixture is in.
    pub fn fixture_file(fixture: &str) -> String {
        format!("{FIXTURES}{fixture}.yaml")
    }

    /// The text of a file, where there is a file of that name.
    pub fn text(&self, name: &str) -> Option<Result<Cow<'static, str>, Box<Fault>>> {
        Some(match self.files.get(name)? {
            Origin::Carried(text) => Ok(Cow::Borrowed(text)),
            Origin::File(path) => read(path).map(Cow::Owned),
        })
    }

    /// Every file with its text, by name; a file that cannot be read is left out.
    pub fn texts(&self) -> impl Iterator<Item = (&str, Cow<'static, str>)> {
        self.files
            .keys()
            .filter_map(|name| Some((name.as_str(), self.text(name)?.ok()?)))
    }
}

/// The scenario files and fixtures below a folder. One that is called `.yml` would be passed over
/// without a word, and so is a fault.
pub(super) fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, Box<Fault>> {
    let fault = |path: &Path, kind| Box::new(Fault::of_file(&path.display().to_string(), kind));
    let unreadable =
        |path: &Path, error: io::Error| fault(path, FaultKind::Unreadable(error.to_string()));
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next).map_err(|error| unreadable(&next, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&next, error))?;
            let path = entry.path();
            let kind = entry
                .file_type()
                .map_err(|error| unreadable(&path, error))?;
            if kind.is_dir() {
                if !SET_APART.iter().any(|name| entry.file_name() == *name) {
                    folders.push(path);
                }
                continue;
            }
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("yaml") => found.push(path),
                Some("yml") => return Err(fault(&path, FaultKind::Ending)),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> std::io::Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            fs::write(path, text)?;
        }
        Ok(folder)
    }

    #[test]
    fn a_folder_adds_to_and_replaces_what_the_program_carries() -> std::io::Result<()> {
        let folder = folder(&[
            ("a/b.yaml", "mine"),
            ("mine/c.yaml", "new"),
            ("fixtures/f.yaml", "fixture"),
            ("ci/workflow.yml", "no scenario"),
            ("selftest/x.yaml", "no scenario"),
        ])?;
        let carried = Shelf::carried(&[("a/a.yaml", "theirs"), ("a/b.yaml", "theirs")]);
        let shelf = Shelf::folder(folder.path())
            .map_err(|fault| std::io::Error::other(fault.render(false)))?
            .over(carried);
        let names: Vec<_> = shelf.scenarios().collect();
        assert_eq!(names, ["a/a.yaml", "a/b.yaml", "mine/c.yaml"]);
        assert_eq!(shelf.fixtures().collect::<Vec<_>>(), ["f"]);
        let text = |name| shelf.text(name).and_then(Result::ok).map(Cow::into_owned);
        assert_eq!(text("a/a.yaml").as_deref(), Some("theirs"));
        assert_eq!(text("a/b.yaml").as_deref(), Some("mine"));
        assert_eq!(text("a/z.yaml"), None);
        Ok(())
    }

    #[test]
    fn a_folder_without_files_is_a_fault() -> std::io::Result<()> {
        let folder = folder(&[("readme.txt", "")])?;
        assert!(Shelf::folder(folder.path()).is_err());
        assert!(Shelf::folder(Path::new("/nowhere/at/all")).is_err());
        assert_eq!(Shelf::fixtures_of(folder.path()).fixtures().count(), 0);
        Ok(())
    }
}
