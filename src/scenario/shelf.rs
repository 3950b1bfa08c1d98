//! Where scenario files come from: folders, or the program itself, one laid over the other.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::fault::{Fault, FaultKind};
use super::load::read;

/// Folders of a scenario folder that hold no scenarios of the suite.
const SET_APART: [&str; 4] = ["baselines", "ci", "fixtures", "selftest"];
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
        let paths = yaml_files(folder).map_err(fault)?;
        let mut shelf = Shelf::default();
        for path in paths {
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
        let top = name.split_once('/').map_or("", |(top, _)| top);
        if name.starts_with(FIXTURES) || !SET_APART.contains(&top) {
            self.files.insert(name, Origin::File(path));
        }
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

    /// The file that a fixture is in.
    pub fn fixture_file(fixture: &str) -> String {
        format!("{FIXTURES}{fixture}.yaml")
    }

    /// The text of a file, where there is a file of that name.
    pub fn text(&self, name: &str) -> Option<Result<Cow<'static, str>, FaultKind>> {
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

/// The YAML files below a folder.
pub(super) fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, FaultKind> {
    let unreadable = |error: std::io::Error| FaultKind::Unreadable(error.to_string());
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = entry.path();
            let is_yaml = |ending: &std::ffi::OsStr| ending == "yaml" || ending == "yml";
            if entry.file_type().map_err(unreadable)?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(is_yaml) {
                found.push(path);
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
