//! Plans of scenarios that were made and not read: many of them, over the same few fixtures, which
//! are read once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::document::Document;
use super::fault::{Fault, Faults};
use super::fixture::{Fixture, FixtureDocument};
use super::lower::{FileNames, Ground, Lowering, Used};
use super::made::Made;
use super::node::{self, Node};
use super::plan::{Plan, Step};
use super::prologue::Prologue;
use super::source::{Sources, Spot};
use crate::abi::Form;

/// What stands for the file of a scenario that has none.
const FILE: &str = "made.yaml";

/// Turns trees of scenarios into plans. A scenario has one case and one fixture, which is one of
/// those that the workshop was given.
#[derive(Debug, Default)]
pub struct Workshop {
    sources: Sources,
    fixtures: HashMap<String, Arc<Fixture>>,
    files: FileNames,
    /// What fixtures leave to their cases: most scenarios begin like one before.
    beginnings: Mutex<Vec<(Beginning, Prologue)>>,
}

/// How many beginnings are kept.
const MOST_BEGINNINGS: usize = 64;

/// What a scenario says of its fixture, and what that may need of the scenario.
#[derive(Debug)]
struct Beginning {
    fixture: Option<String>,
    form: Form,
    callbacks: Vec<String>,
    threads: Vec<String>,
}

impl Beginning {
    fn of(document: &Document, form: Form) -> Self {
        Self {
            fixture: fixture(document).map(str::to_owned),
            form,
            callbacks: callbacks(document).map(str::to_owned).collect(),
            threads: threads(document).map(str::to_owned).collect(),
        }
    }

    fn is_of(&self, document: &Document, form: Form) -> bool {
        self.form == form
            && self.fixture.as_deref() == fixture(document)
            && self
                .callbacks
                .iter()
                .map(String::as_str)
                .eq(callbacks(document))
            && self
                .threads
                .iter()
                .map(String::as_str)
                .eq(threads(document))
    }
}

fn fixture(document: &Document) -> Option<&str> {
    document.fixture.as_ref().map(|(name, _)| name.as_str())
}

fn callbacks(document: &Document) -> impl Iterator<Item = &str> {
    document
        .callbacks
        .iter()
        .map(|callback| callback.name.as_str())
}

fn threads(document: &Document) -> impl Iterator<Item = &str> {
    document.threads.iter().map(|(name, _)| name.as_str())
}

impl Workshop {
    /// A workshop with fixtures, by name and text; one that `extends` another comes after it.
    ///
    /// # Errors
    /// The faults of the first fixture that has any.
    pub fn new<'t>(
        fixtures: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, Vec<Fault>> {
        let mut workshop = Self::default();
        let own = workshop.sources.add(FILE, "");
        workshop.files.0.push((own, FILE.into()));
        for (name, text) in fixtures {
            workshop.add(name, text)?;
        }
        Ok(workshop)
    }

    fn add(&mut self, name: &str, text: &str) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::default();
        let file_name = format!("fixtures/{name}.yaml");
        let file = self.sources.add(&file_name, text);
        let read = node::parse(file, text, &mut faults)
            .and_then(|root| FixtureDocument::read(file, root, &mut faults));
        if let Some(FixtureDocument {
            mut fixture,
            extends,
        }) = read
            && faults.is_empty()
        {
            if let Some((base, spot)) = &extends {
                fixture.base = self.fixture(base, *spot, &mut faults);
            }
            if faults.is_empty() {
                self.files.0.push((file, file_name.into()));
                self.fixtures.insert(name.to_owned(), Arc::new(fixture));
                return Ok(());
            }
        }
        Err(faults.resolve(&self.sources))
    }

    fn fixture(&self, name: &str, spot: Spot, faults: &mut Faults) -> Option<Arc<Fixture>> {
        let found = self.fixtures.get(name).cloned();
        if found.is_none() {
            let kind = super::fault::FaultKind::UnknownName {
                what: "fixture",
                name: name.to_owned(),
            };
            let known = self.fixtures.keys().map(String::as_str);
            faults.add(kind, spot).nearest(name, known);
        }
        found
    }

    /// The plan of a scenario's first case.
    ///
    /// # Errors
    /// The faults of the tree.
    pub fn plan(&self, root: Node, form: Form) -> Result<Plan, Vec<Fault>> {
        let mut faults = Faults::default();
        match self.lower(root, form, &mut faults) {
            Some(plan) if faults.is_empty() => Ok(plan),
            _ => Err(faults.resolve(&self.sources)),
        }
    }

    /// Lowers the fixture, or takes what it has left to a scenario before.
    fn begin(&self, lowering: &mut Lowering<'_>) -> Vec<Step> {
        let (document, form) = (lowering.ground.document, lowering.form);
        let mut kept = self
            .beginnings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, prologue)) = kept.iter().find(|(own, _)| own.is_of(document, form)) {
            return lowering.go_on(prologue);
        }
        let steps = lowering.fixture();
        if let Some(prologue) = lowering.prologue(&steps) {
            if kept.len() == MOST_BEGINNINGS {
                kept.clear();
            }
            kept.push((Beginning::of(document, form), prologue));
        }
        steps
    }

    fn lower(&self, root: Node, form: Form, faults: &mut Faults) -> Option<Plan> {
        let document = Document::read(root, faults)?;
        if document.cases.is_empty() {
            return None;
        }
        self.over_fixture(&document, form, faults, |lowering, steps| {
            lowering.case(0, steps)
        })
    }

    /// The plan of a scenario that was made: the same as that of its tree.
    ///
    /// # Errors
    /// The faults of the scenario.
    pub fn plan_made(&self, mut made: Made<'_>) -> Result<Plan, Vec<Fault>> {
        let mut faults = Faults::default();
        let document = Document::made(&mut made, &mut faults);
        let plan = self.over_fixture(&document, made.form, &mut faults, |lowering, steps| {
            lowering.made_case(&made.steps, steps)
        });
        match plan {
            Some(plan) if faults.is_empty() => Ok(plan),
            _ => Err(faults.resolve(&self.sources)),
        }
    }

    /// Lowers the fixture, and by `case` what follows it.
    fn over_fixture(
        &self,
        document: &Document,
        form: Form,
        faults: &mut Faults,
        case: impl FnOnce(Lowering<'_>, Vec<Step>) -> (Option<Plan>, Faults, Used),
    ) -> Option<Plan> {
        let fixture = match &document.fixture {
            Some((name, spot)) => Some(self.fixture(name, *spot, faults)?),
            None => None,
        };
        let ground = Ground {
            document,
            fixture: fixture.as_deref(),
            lacks_fixture: false,
            lacks_callbacks: false,
            files: &self.files,
            register: None,
        };
        let mut lowering = Lowering::new(ground, form);
        let steps = self.begin(&mut lowering);
        let (plan, found, _) = case(lowering, steps);
        faults.append(found);
        plan
    }
}
