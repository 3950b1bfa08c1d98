//! The register as a whole: every page, every record by id.

use super::load::{Fault, page};
use super::record::{Page, Record};
use crate::abi::errors::{ALIASES, JetError, JetWarning};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

/// The pages of `spec/` as they were when the program was built: (file name, text).
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/register_pages.rs"));

/// Every requirement, by page and by id.
#[derive(Debug, Clone, Default)]
pub struct Register {
    pages: Vec<Page>,
    /// Where a record stands: index of its page, index in the page.
    places: BTreeMap<String, (usize, usize)>,
}

impl Register {
    /// The register that the program carries. Fails only if `spec/` was faulty when the program
    /// was built, which the tests refuse.
    pub fn embedded() -> Result<Self, Fault> {
        Self::from_pages(EMBEDDED.iter().copied())
    }

    /// The same, read once by whoever asks first.
    pub fn shared() -> Result<&'static Self, &'static Fault> {
        static SHARED: LazyLock<Result<Register, Fault>> = LazyLock::new(Register::embedded);
        SHARED.as_ref()
    }

    /// Reads every `*.yaml` file of a folder, in file order.
    pub fn load(folder: &Path) -> Result<Self, Fault> {
        let mut texts = Vec::new();
        for path in yaml_files(folder)? {
            let text = std::fs::read_to_string(&path).map_err(|error| Fault::Unreadable {
                path: path.clone(),
                error,
            })?;
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            texts.push((name, text));
        }
        Self::from_pages(
            texts
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str())),
        )
    }

    /// Reads pages given as (file name, text).
    pub fn from_pages<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Fault> {
        let mut register = Self::default();
        for (file, text) in texts {
            register.add(page(file, text)?)?;
        }
        register.check_returns()?;
        Ok(register)
    }

    /// The record of that id.
    pub fn get(&self, id: &str) -> Option<&Record> {
        self.place(id).map(|(_, record)| record)
    }

    /// The page that holds the record of that id.
    pub fn page_of(&self, id: &str) -> Option<&Page> {
        self.place(id).map(|(page, _)| page)
    }

    /// Every page, in file order.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Every record, page by page.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.pages.iter().flat_map(|page| &page.records)
    }

    /// Every id, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The names of the embedded files, in file order.
    pub fn embedded_files() -> impl Iterator<Item = &'static str> {
        EMBEDDED.iter().map(|(name, _)| *name)
    }

    fn place(&self, id: &str) -> Option<(&Page, &Record)> {
        let &(page, record) = self.places.get(id)?;
        let page = self.pages.get(page)?;
        Some((page, page.records.get(record)?))
    }

    /// Every return code is one that exists, and leads to a record of some page.
    fn check_returns(&self) -> Result<(), Fault> {
        for page in &self.pages {
            for (code, id) in &page.returns {
                let message = if !is_code(code) {
                    String::from("is no documented return code")
                } else if self.get(id).is_none() {
                    format!("{id} is no record of the register")
                } else {
                    continue;
                };
                let (file, code) = (page.file.clone(), code.clone());
                return Err(Fault::BadReturn {
                    file,
                    code,
                    message,
                });
            }
        }
        Ok(())
    }

    fn add(&mut self, page: Page) -> Result<(), Fault> {
        let page_index = self.pages.len();
        // The page goes in first, so that a record can clash with one of its own page.
        self.pages.push(page);
        let page = &self.pages[page_index];
        for (index, record) in page.records.iter().enumerate() {
            let place = (page_index, index);
            if let Some((first_page, first)) = self.places.insert(record.id.clone(), place) {
                let first_page = &self.pages[first_page];
                return Err(Fault::Duplicate {
                    file: page.file.clone(),
                    line: record.line,
                    id: record.id.clone(),
                    first_file: first_page.file.clone(),
                    first_line: first_page.records[first].line,
                });
            }
        }
        Ok(())
    }
}

pub(super) fn is_code(name: &str) -> bool {
    let listed = |codes: &[(&str, i32)]| codes.iter().any(|(code, _)| *code == name);
    name == "JET_errSuccess"
        || listed(JetError::LISTED)
        || listed(JetWarning::LISTED)
        || listed(ALIASES)
}

/// The YAML files of a folder, sorted by name.
fn yaml_files(folder: &Path) -> Result<Vec<std::path::PathBuf>, Fault> {
    let unreadable = |error| Fault::Unreadable {
        path: folder.to_owned(),
        error,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
