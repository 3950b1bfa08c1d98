//! A scenario file: its parts as typed data, its steps still as nodes.

use super::bodies::{CallbackDocument, callbacks};
use super::fault::{FaultKind, Faults};
use super::made::Made;
use super::matrix;
use super::node::{Content, Entry, Node};
use super::plan::{MOST_THREADS, Profile};
use super::source::Spot;
use super::values::{self, shape};
use crate::abi::{Form, Release};

/// The keys of a scenario, in the canonical order.
pub const KEYS: &[&str] = &[
    "title",
    "since",
    "profiles",
    "platform",
    "text",
    "fixture",
    "callbacks",
    "threads",
    "cases",
    "matrix",
    "steps",
    "then",
];

/// What a run needs of the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Platform {
    /// Nothing.
    #[default]
    Any,
    /// Windows: the scenario is about what only that has.
    Windows,
    /// A Unix host: the scenario has the system refuse what Windows has no way to refuse.
    Unix,
}

/// The widths in which each case runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Texts {
    /// 8-bit text.
    #[default]
    Narrow,
    /// 16-bit text.
    Wide,
    /// Once in each.
    Both,
}

impl Texts {
    /// The forms that each case runs in.
    pub fn forms(self) -> &'static [Form] {
        match self {
            Texts::Narrow => &[Form::Narrow],
            Texts::Wide => &[Form::Wide],
            Texts::Both => &[Form::Narrow, Form::Wide],
        }
    }
}

/// What a scenario file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What the scenario shows, in one sentence.
    pub title: String,
    /// The first release of Windows whose engine it is about, and where it is written.
    pub since: Option<(Release, Spot)>,
    /// The profiles that it is about.
    pub profiles: Vec<Profile>,
    /// What it needs of the machine.
    pub platform: Platform,
    /// The widths in which each case runs.
    pub texts: Texts,
    /// The fixture's name, and where it is written.
    pub fixture: Option<(String, Spot)>,
    /// Callbacks in the order of their definition.
    pub callbacks: Vec<CallbackDocument>,
    /// Threads beside `main`.
    pub threads: Vec<(String, Spot)>,
    /// Cases in order; one without a name where the file has `steps`.
    pub cases: Vec<CaseDocument>,
    /// Whether its cases come from a matrix.
    pub is_matrix: bool,
    /// What follows each case.
    pub then: Vec<Node>,
    /// Where the file begins.
    pub spot: Spot,
    /// Where its keys are written.
    pub keys: Vec<Spot>,
}

/// One case.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseDocument {
    /// Its name; empty where the scenario has no cases.
    pub name: String,
    /// Where it is named.
    pub spot: Spot,
    /// Its steps.
    pub steps: Vec<Node>,
    /// Callbacks of its own, beside those of the scenario; a matrix gives each of its cases one.
    pub callbacks: Vec<CallbackDocument>,
}

impl Document {
    /// Reads a scenario from its tree. Faults are noted; `None` where there is no mapping at all.
    pub fn read(root: Node, faults: &mut Faults) -> Option<Self> {
        let spot = root.spot;
        let Content::Map(entries) = root.content else {
            shape("a scenario", "a mapping", &root, faults);
            return None;
        };
        known_keys(&entries, faults);
        let mut document = Self::empty(spot);
        document.keys = entries.iter().map(|entry| entry.key_spot).collect();
        let (mut titled, mut stepped) = (false, Vec::new());
        for entry in entries {
            match &*entry.key {
                "title" => titled = true,
                "cases" | "matrix" | "steps" => stepped.push(entry.key_spot),
                _ => {}
            }
            document.take(entry, faults);
        }
        document.complete(titled, &stepped, faults);
        Some(document)
    }

    /// A scenario that was made: its steps are no nodes.
    pub(super) fn made(made: &mut Made<'_>, faults: &mut Faults) -> Self {
        let spot = Spot::default();
        let mut document = Self::empty(spot);
        document.title = made.title.to_owned();
        document.fixture = made.fixture.map(|name| (name.to_owned(), spot));
        if let Some(node) = made.callbacks.take() {
            document.callbacks = callbacks(node, faults);
        }
        if let Some(node) = &made.threads {
            document.threads = threads(node, faults);
        }
        document.only_windows_raises(faults);
        document
    }

    /// A scenario that says nothing.
    pub(super) fn empty(spot: Spot) -> Self {
        Self {
            title: String::new(),
            since: None,
            profiles: vec![Profile::Documented, Profile::Genuine],
            platform: Platform::default(),
            texts: Texts::default(),
            fixture: None,
            callbacks: Vec::new(),
            threads: Vec::new(),
            cases: Vec::new(),
            is_matrix: false,
            then: Vec::new(),
            spot,
            keys: Vec::new(),
        }
    }

    fn take(&mut self, entry: Entry, faults: &mut Faults) {
        let value = entry.value;
        match &*entry.key {
            "title" => self.title = text(&value, "title", faults).unwrap_or_default(),
            "since" => self.since = since(&value, faults).map(|release| (release, value.spot)),
            "profiles" => self.profiles = profiles(&value, faults),
            "platform" => self.platform = platform(&value, faults).unwrap_or_default(),
            "text" => self.texts = texts(&value, faults).unwrap_or_default(),
            "fixture" => {
                self.fixture = text(&value, "fixture", faults).map(|name| (name, value.spot))
            }
            "callbacks" => self.callbacks = callbacks(value, faults),
            "threads" => self.threads = threads(&value, faults),
            // More than one of these is a fault; what is wrong with each is told whatever the order.
            "cases" => self.cases.extend(cases(value, faults)),
            "matrix" => {
                self.is_matrix = true;
                self.cases.extend(matrix::cases(value, faults));
            }
            "steps" => {
                let case = CaseDocument {
                    name: String::new(),
                    spot: entry.key_spot,
                    steps: steps(value),
                    callbacks: Vec::new(),
                };
                self.cases.push(case);
            }
            "then" => self.then = steps(value),
            _ => {}
        }
    }

    /// Exceptions that functions can end by are a thing of Windows.
    fn only_windows_raises(&self, faults: &mut Faults) {
        if self.platform == Platform::Windows {
            return;
        }
        let bodies = self.callbacks.iter().flat_map(|callback| &callback.bodies);
        for (_, spot) in bodies.filter_map(|body| body.raises) {
            let kind = FaultKind::Pointless {
                key: "raises".into(),
                at: "in a file without `platform: windows`, which alone has such exceptions",
            };
            faults.add(kind, spot);
        }
    }

    /// What must be there.
    fn complete(&self, titled: bool, stepped: &[Spot], faults: &mut Faults) {
        self.only_windows_raises(faults);
        let missing = |key| FaultKind::MissingKey {
            owner: "a scenario".into(),
            key,
        };
        if !titled {
            faults.add(missing("title"), self.spot);
        }
        match stepped {
            [] => {
                faults.add(missing("cases"), self.spot);
            }
            [_, spot, ..] => {
                let kind =
                    FaultKind::Order("a scenario has one of `cases`, `matrix` and `steps`".into());
                faults.add(kind, *spot);
            }
            [spot] if self.cases.iter().all(|case| case.steps.is_empty()) => {
                let kind = FaultKind::Order("a scenario does at least one step".into());
                faults.add(kind, *spot);
            }
            [_] => {}
        }
    }
}

/// Refuses keys that no scenario has. Those of a fixture are a fixture's in the wrong place.
fn known_keys(entries: &[Entry], faults: &mut Faults) {
    let is_of_fixture = |entry: &Entry| matches!(&*entry.key, "extends" | "shorthands");
    let (of_fixture, rest): (Vec<&Entry>, Vec<&Entry>) =
        entries.iter().partition(|entry| is_of_fixture(entry));
    for entry in of_fixture {
        let message = format!(
            "a scenario has no `{}`: a fixture has, and a fixture lies in a folder `fixtures`",
            entry.key
        );
        faults.add(FaultKind::Order(message), entry.key_spot);
    }
    values::known_keys(rest, KEYS, "a scenario", faults);
}

/// A text that must be there.
pub(super) fn text(node: &Node, owner: &str, faults: &mut Faults) -> Option<String> {
    match node.text() {
        Some(text) if !text.is_empty() && !node.is_null() => Some(text.to_owned()),
        _ => {
            shape(&format!("`{owner}`"), "a text", node, faults);
            None
        }
    }
}

/// One of some words.
fn one_of<T: Copy>(
    node: &Node,
    what: &'static str,
    words: &[(&'static str, T)],
    faults: &mut Faults,
) -> Option<T> {
    let text = node.text().unwrap_or_default();
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Some(*value);
    }
    let kind = FaultKind::UnknownName {
        what,
        name: text.to_owned(),
    };
    faults
        .add(kind, node.spot)
        .nearest(text, words.iter().map(|(word, _)| *word));
    None
}

fn since(node: &Node, faults: &mut Faults) -> Option<Release> {
    one_of(
        node,
        "release",
        &Release::ALL.map(|release| (release.name(), release)),
        faults,
    )
}

/// The profiles by name.
pub(super) const PROFILES: [(&str, Profile); 2] = [
    ("documented", Profile::Documented),
    ("genuine", Profile::Genuine),
];

fn profiles(node: &Node, faults: &mut Faults) -> Vec<Profile> {
    let Some(items) = node.items().filter(|items| !items.is_empty()) else {
        shape("`profiles`", "a list of profiles", node, faults);
        return Vec::new();
    };
    let mut read = |item| one_of(item, "profile", &PROFILES, faults);
    items.iter().filter_map(&mut read).collect()
}

fn platform(node: &Node, faults: &mut Faults) -> Option<Platform> {
    let words = [
        ("any", Platform::Any),
        ("windows", Platform::Windows),
        ("unix", Platform::Unix),
    ];
    one_of(node, "platform", &words, faults)
}

fn texts(node: &Node, faults: &mut Faults) -> Option<Texts> {
    let words = [
        ("narrow", Texts::Narrow),
        ("wide", Texts::Wide),
        ("both", Texts::Both),
    ];
    one_of(node, "text width", &words, faults)
}

/// The form of a step's `text`.
pub(super) fn form(node: &Node, faults: &mut Faults) -> Option<Form> {
    one_of(
        node,
        "text width",
        &[("narrow", Form::Narrow), ("wide", Form::Wide)],
        faults,
    )
}

fn threads(node: &Node, faults: &mut Faults) -> Vec<(String, Spot)> {
    let Some(items) = node.items() else {
        shape("`threads`", "a list of names", node, faults);
        return Vec::new();
    };
    let mut threads = Vec::new();
    for item in items {
        if threads.len() + 1 == MOST_THREADS {
            let message =
                format!("a scenario has at most {MOST_THREADS} threads, `main` among them");
            faults.add(FaultKind::Order(message), item.spot);
            break;
        }
        threads.extend(text(item, "threads", faults).map(|name| (name, item.spot)));
    }
    threads
}

/// One step or a list of steps.
pub(super) fn steps(node: Node) -> Vec<Node> {
    match node.content {
        Content::List(items) => items,
        _ => vec![node],
    }
}

fn cases(node: Node, faults: &mut Faults) -> Vec<CaseDocument> {
    let Content::Map(entries) = node.content else {
        shape("`cases`", "a mapping of names to steps", &node, faults);
        return Vec::new();
    };
    let case = |entry: Entry| CaseDocument {
        name: entry.key.to_string(),
        spot: entry.key_spot,
        steps: steps(entry.value),
        callbacks: Vec::new(),
    };
    entries.into_iter().map(case).collect()
}
