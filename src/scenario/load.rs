//! Files: finding scenarios in a folder, reading them with their fixtures, checking them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::{Document, Platform};
use super::fault::{Fault, FaultKind, Faults};
use super::fixture::{Fixture, FixtureDocument};
use super::lower::{Budget, FileNames, Ground, Lowering, Used};
use super::node;
use super::plan::{Place, Plan, Profile};
use super::read::read;
use super::shelf::{Shelf, yaml_files};
use super::source::{FileId, Sources, Spot};
use crate::abi::{Form, Release};
use crate::spec::Register;

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Scenarios without fault, in the order of their paths.
    pub scenarios: Vec<Scenario>,
    /// The faults of the others and of fixtures, file by file.
    pub faults: Vec<Fault>,
}

/// A scenario without fault.
#[derive(Debug, Clone)]
pub struct Scenario {
    document: Arc<Document>,
    path: Arc<str>,
    lines: u32,
    cases: Vec<CaseName>,
    plans: Vec<Arc<Plan>>,
    covers: Vec<String>,
}

/// One case of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseName {
    /// Its name; empty where the scenario has no cases.
    pub name: String,
    /// Where it is named.
    pub place: Place,
}

impl Scenario {
    /// What it shows, in one sentence.
    pub fn title(&self) -> &str {
        &self.document.title
    }

    /// The file, relative to the scenario folder or as the user named it.
    pub fn path(&self) -> Arc<str> {
        self.path.clone()
    }

    /// The first release of Windows whose engine it is about.
    pub fn since(&self) -> Release {
        self.document
            .since
            .map_or(Release::default(), |(since, _)| since)
    }

    /// The profiles that it is about.
    pub fn profiles(&self) -> &[Profile] {
        &self.document.profiles
    }

    /// What it needs of the machine.
    pub fn platform(&self) -> Platform {
        self.document.platform
    }

    /// Whether its cases are the cells of a matrix.
    pub fn is_matrix(&self) -> bool {
        self.document.is_matrix
    }

    /// The requirements that its steps cover, each once.
    pub fn covers(&self) -> &[String] {
        &self.covers
    }

    /// Its cases in order.
    pub fn cases(&self) -> &[CaseName] {
        &self.cases
    }

    /// Its plans: one for each case and width of text.
    pub fn plans(&self) -> &[Arc<Plan>] {
        &self.plans
    }

    /// The lines of the keys of the file.
    pub fn key_lines(&self) -> impl Iterator<Item = u32> {
        self.document.keys.iter().map(|spot| spot.line)
    }

    /// How many lines the file has.
    pub fn lines(&self) -> u32 {
        self.lines
    }

    /// What the file says.
    pub(super) fn document(&self) -> &Document {
        &self.document
    }
}

/// Reads every scenario of a folder. Fixtures are those in its folder `fixtures`.
pub fn load(folder: &Path) -> Loaded {
    match Shelf::folder(folder) {
        Ok(shelf) => load_shelf(&shelf),
        Err(fault) => Loaded {
            scenarios: Vec::new(),
            faults: vec![*fault],
        },
    }
}

/// Reads every scenario of a shelf, with the fixtures on it.
pub fn load_shelf(shelf: &Shelf) -> Loaded {
    let mut library = Library::new(shelf.clone());
    let scenarios = shelf
        .scenarios()
        .filter_map(|name| match shelf.text(name)? {
            Ok(text) => library.scenario_text(name, &text),
            Err(fault) => library.unreadable(name, *fault),
        })
        .collect();
    Loaded {
        scenarios,
        faults: library.finish(),
    }
}

/// What checking files has shown.
#[derive(Debug, Default)]
pub struct Checked {
    /// How many files were looked at.
    pub files: usize,
    /// Every fault of every one.
    pub faults: Vec<Fault>,
}

/// Checks files and folders; every fault of every file. A fixture is checked as such. Fixtures are
/// those of the file's own scenario folder, then those of `base`. Places name the files as they were
/// typed.
pub fn check(paths: &[PathBuf], base: &Shelf) -> Checked {
    let mut checked = Checked::default();
    for path in paths {
        let shelf = Shelf::fixtures_of(&folder_of(path)).over(base.clone());
        let mut library = Library::new(shelf);
        match files_of(path) {
            Ok(found) => {
                for path in found {
                    checked.files += 1;
                    match fixture_name(&path) {
                        Some(name) => library.check_fixture(&name),
                        None => drop(library.scenario(&path)),
                    }
                }
            }
            Err(fault) => checked.faults.push(*fault),
        }
        checked.faults.append(&mut library.finish());
    }
    checked
}

/// The scenario files and fixtures that a path stands for: the file itself, or those below the folder.
/// A folder without any is a fault.
pub fn files_of(path: &Path) -> Result<Vec<PathBuf>, Box<Fault>> {
    if !path.is_dir() {
        return match path.extension() {
            Some(ending) if ending == "yml" => Err(Box::new(Fault::of_file(
                &path.display().to_string(),
                FaultKind::Ending,
            ))),
            _ => Ok(vec![path.to_owned()]),
        };
    }
    let found = yaml_files(path)?;
    match found.is_empty() {
        true => Err(Box::new(Fault::of_file(
            &path.display().to_string(),
            FaultKind::NothingHere,
        ))),
        false => Ok(found),
    }
}

/// Reads one scenario from a text. Fixtures are those of the folder; none without a folder.
pub fn parse(name: &str, text: &str, folder: Option<&Path>) -> Result<Scenario, Vec<Fault>> {
    let fixtures = folder.map(Shelf::fixtures_of).unwrap_or_default();
    parse_with(name, text, fixtures)
}

/// Reads one scenario from a text, with the fixtures of a shelf.
pub fn parse_with(name: &str, text: &str, fixtures: Shelf) -> Result<Scenario, Vec<Fault>> {
    let mut library = Library::new(fixtures);
    let scenario = library.scenario_text(name, text);
    let faults = library.finish();
    match scenario {
        Some(scenario) if faults.is_empty() => Ok(scenario),
        _ => Err(faults),
    }
}

fn case_names(document: &Document, files: &FileNames) -> Vec<CaseName> {
    let named = |case: &super::document::CaseDocument| CaseName {
        name: case.name.clone(),
        place: files.place(case.spot),
    };
    document.cases.iter().map(named).collect()
}

/// The scenario folder that a file belongs to: the nearest one around it with a folder `fixtures`.
fn folder_of(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute
        .ancestors()
        .find(|folder| folder.join("fixtures").is_dir())
        .map_or_else(|| path.to_owned(), Path::to_owned)
}

/// The name of a fixture, if the file is one.
fn fixture_name(path: &Path) -> Option<String> {
    let folder = std::path::absolute(path)
        .ok()?
        .parent()?
        .file_name()?
        .to_owned();
    let name = path.file_stem()?.to_str()?.to_owned();
    (folder == "fixtures").then_some(name)
}

/// Reads scenarios, each fixture once.
struct Library {
    shelf: Shelf,
    sources: Sources,
    fixtures: HashMap<String, Option<Arc<Fixture>>>,
    /// Fixtures that are being read, to see a circle.
    reading: Vec<String>,
    faults: Faults,
    /// Faults of files that could not even be read.
    unread: Vec<Fault>,
}

impl Library {
    fn new(shelf: Shelf) -> Self {
        Self {
            shelf,
            sources: Sources::default(),
            fixtures: HashMap::new(),
            reading: Vec::new(),
            faults: Faults::default(),
            unread: Vec::new(),
        }
    }

    /// Every fault, each with its file as an editor finds it.
    fn finish(self) -> Vec<Fault> {
        let mut faults = self.unread;
        faults.append(&mut self.faults.resolve(&self.sources));
        for fault in &mut faults {
            let related = fault.related.as_mut().map(|related| &mut related.place);
            for place in std::iter::once(&mut fault.place).chain(related) {
                if let Some(path) = self.shelf.path(&place.file) {
                    place.file = path.into();
                }
            }
        }
        faults
    }

    fn scenario(&mut self, path: &Path) -> Option<Scenario> {
        let name = path.to_string_lossy().into_owned();
        match read(path) {
            Ok(text) => self.scenario_text(&name, &text),
            Err(fault) => self.unreadable(&name, *fault),
        }
    }

    /// Notes a file that cannot be read, by the name that the others have.
    fn unreadable<T>(&mut self, name: &str, mut fault: Fault) -> Option<T> {
        fault.place.file = name.into();
        self.unread.push(fault);
        None
    }

    fn scenario_text(&mut self, name: &str, text: &str) -> Option<Scenario> {
        let before = self.faults.len();
        let file = self.sources.add(name, text);
        let root = node::parse(file, text, &mut self.faults)?;
        let document = Document::read(root, &mut self.faults)?;
        let mut files = vec![(file, Arc::from(name))];
        let named = document.fixture.as_ref();
        let fixture = named.and_then(|(name, spot)| self.fixture(name, *spot));
        let lacks_fixture = named.is_some() && fixture.is_none();
        for part in fixture.as_deref().map(Fixture::chain).unwrap_or_default() {
            files.extend(self.file_of(part));
        }
        let files = FileNames(files);
        let ground = Ground {
            document: &document,
            fixture: fixture.as_deref(),
            lacks_fixture,
            lacks_callbacks: false,
            files: &files,
            register: None,
        };
        let (plans, covers) = self.lower(ground);
        self.check_since(&document, &plans);
        (self.faults.len() == before && !lacks_fixture).then(|| Scenario {
            path: files.place(document.spot).file,
            lines: u32::try_from(text.lines().count()).unwrap_or(u32::MAX),
            cases: case_names(&document, &files),
            document: Arc::new(document),
            plans,
            covers,
        })
    }

    fn file_of(&self, fixture: &Fixture) -> Option<(FileId, Arc<str>)> {
        let source = self.sources.get(fixture.file)?;
        Some((fixture.file, source.name.clone()))
    }

    /// Lowers every case in each width: its plans, and what its steps cover.
    fn lower(&mut self, ground: Ground<'_>) -> (Vec<Arc<Plan>>, Vec<String>) {
        let document = ground.document;
        let (mut plans, mut covers) = (Vec::new(), HashSet::new());
        let mut used = Used::default();
        // What is right in the first width is right in the other: narrow text takes less. So the
        // register is asked, and faults are noted, only once.
        let registers = std::iter::once(Register::shared().ok()).chain(std::iter::repeat(None));
        let begin = |(form, register): (&Form, Option<&'static Register>)| {
            let ground = Ground { register, ..ground };
            let mut lowering = Lowering::new(ground, *form);
            let steps = lowering.fixture();
            (lowering, steps)
        };
        let begun: Vec<_> = document
            .texts
            .forms()
            .iter()
            .zip(registers)
            .map(begin)
            .collect();
        let mut left = begun
            .last()
            .map_or_else(Budget::default, |(lowering, _)| lowering.budget);
        for case in 0..document.cases.len() {
            for (index, (lowering, steps)) in begun.iter().enumerate() {
                let mut lowering = lowering.clone();
                lowering.budget = left;
                let (plan, faults, own) = lowering.case(case, steps.clone());
                left = own.left;
                plans.extend(plan.map(Arc::new));
                // What is asked for too much is told in whichever width it shows.
                if index == 0 || left.is_spent() {
                    self.faults.append(faults);
                    used.callbacks.extend(own.callbacks);
                    used.threads.extend(own.threads);
                    covers.extend(own.covers);
                }
            }
            if left.is_spent() {
                break;
            }
        }
        // What the rest would have used nobody knows.
        if left.is_spent() {
            return (Vec::new(), Vec::new());
        }
        self.unused(document, &used);
        let mut covers: Vec<String> = covers.into_iter().collect();
        covers.sort();
        (plans, covers)
    }

    /// Refuses a release in which no case can run. One that only some cases cannot run in skips those
    /// alone.
    fn check_since(&mut self, document: &Document, plans: &[Arc<Plan>]) {
        let newest = plans.iter().map(|plan| plan.newest_function());
        let first = newest.min_by_key(|id| id.map(|id| id.get().since));
        if let (Some((said, spot)), Some(Some(id))) = (document.since, first)
            && id.get().since > said
        {
            let kind = FaultKind::SinceTooLow {
                said,
                function: id.get().name,
                needed: id.get().since,
            };
            self.faults.add(kind, spot);
        }
    }

    fn unused(&mut self, document: &Document, used: &Used) {
        let callbacks = document.callbacks.iter().map(|own| (&own.name, own.spot));
        let callbacks = (0u32..)
            .zip(callbacks)
            .map(|(id, own)| (used.callbacks.contains(&id), "callback", own));
        let threads = document.threads.iter().map(|(name, spot)| (name, *spot));
        let threads = (1u32..)
            .zip(threads)
            .map(|(id, own)| (used.threads.contains(&id), "thread", own));
        for (is_used, what, (name, spot)) in callbacks.chain(threads) {
            if !is_used {
                let name = name.clone();
                self.faults.add(FaultKind::Unused { what, name }, spot);
            }
        }
    }

    fn check_fixture(&mut self, name: &str) {
        if let Some(fixture) = self.fixture(name, Spot::default()) {
            // Its steps are checked as the fixture of a scenario that does nothing else.
            let mut document = Document::empty(Spot::default());
            document.cases.push(super::document::CaseDocument {
                name: String::new(),
                spot: Spot::default(),
                steps: Vec::new(),
                callbacks: Vec::new(),
            });
            let chain = fixture.chain().into_iter();
            let files = FileNames(chain.filter_map(|part| self.file_of(part)).collect());
            self.lower(Ground {
                document: &document,
                fixture: Some(&fixture),
                lacks_fixture: false,
                lacks_callbacks: true,
                files: &files,
                register: None,
            });
        }
    }

    /// The fixture of that name, read once. `None` where it has faults, which are noted.
    fn fixture(&mut self, name: &str, used: Spot) -> Option<Arc<Fixture>> {
        if let Some(known) = self.fixtures.get(name) {
            return known.clone();
        }
        if self.reading.iter().any(|reading| reading == name) {
            let kind = FaultKind::Circle {
                name: name.to_owned(),
            };
            self.faults.add(kind, used);
            return None;
        }
        if !self.shelf.has_fixture(name) {
            let kind = FaultKind::UnknownName {
                what: "fixture",
                name: name.to_owned(),
            };
            let known = self.shelf.fixtures();
            self.faults.add(kind, used).nearest(name, known);
            return None;
        }
        self.reading.push(name.to_owned());
        let fixture = self.read_fixture(name);
        self.reading.pop();
        self.fixtures.insert(name.to_owned(), fixture.clone());
        fixture
    }

    fn read_fixture(&mut self, name: &str) -> Option<Arc<Fixture>> {
        let file_name = Shelf::fixture_file(name);
        let text = match self.shelf.text(&file_name)? {
            Ok(text) => text,
            Err(fault) => return self.unreadable(&file_name, *fault),
        };
        let before = self.faults.len();
        let file = self.sources.add(&file_name, &text);
        let root = node::parse(file, &text, &mut self.faults)?;
        let FixtureDocument {
            mut fixture,
            extends,
        } = FixtureDocument::read(file, root, &mut self.faults)?;
        if let Some((base, spot)) = extends {
            fixture.base = Some(self.fixture(&base, spot)?);
        }
        (self.faults.len() == before).then(|| Arc::new(fixture))
    }
}
