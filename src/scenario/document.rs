//! A scenario file: its parts as typed data, its steps still as nodes.

use super::fault::{FaultKind, Faults};
use super::matrix;
use super::node::{Content, Entry, Node};
use super::plan::Profile;
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

/// The keys of a callback's body, in the canonical order.
pub const BODY_KEYS: &[&str] = &["returns", "times", "steps", "writes"];

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
    /// The first release of Windows whose engine it is about.
    pub since: Release,
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

/// One callback.
#[derive(Debug, Clone, PartialEq)]
pub struct CallbackDocument {
    /// Its name.
    pub name: String,
    /// Where it is named.
    pub spot: Spot,
    /// Its bodies; the first whose reason fits and whose times are not used up.
    pub bodies: Vec<BodyDocument>,
}

/// What a callback does for some reasons.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BodyDocument {
    /// The reasons; empty for every one.
    pub reasons: Vec<u32>,
    /// For the first so many invocations only.
    pub times: Option<u32>,
    /// What it returns.
    pub returns: i32,
    /// The steps done inside.
    pub steps: Vec<Node>,
    /// Bytes written to `*pvArg1`.
    pub write_arg1: Option<Vec<u8>>,
    /// A number written to `*pvArg2`.
    pub write_arg2: Option<u32>,
}

impl Document {
    /// Reads a scenario from its tree. Faults are noted; `None` where there is no mapping at all.
    pub fn read(root: Node, faults: &mut Faults) -> Option<Self> {
        let spot = root.spot;
        let Content::Map(entries) = root.content else {
            shape("a scenario", "a mapping", &root, faults);
            return None;
        };
        values::known_keys(&entries, KEYS, "a scenario", faults);
        let mut document = Self::empty(spot);
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

    /// A scenario that says nothing.
    pub(super) fn empty(spot: Spot) -> Self {
        Self {
            title: String::new(),
            since: Release::default(),
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
        }
    }

    fn take(&mut self, entry: Entry, faults: &mut Faults) {
        let value = entry.value;
        match &*entry.key {
            "title" => self.title = text(&value, "title", faults).unwrap_or_default(),
            "since" => self.since = since(&value, faults).unwrap_or_default(),
            "profiles" => self.profiles = profiles(&value, faults),
            "platform" => self.platform = platform(&value, faults).unwrap_or_default(),
            "text" => self.texts = texts(&value, faults).unwrap_or_default(),
            "fixture" => {
                self.fixture = text(&value, "fixture", faults).map(|name| (name, value.spot))
            }
            "callbacks" => self.callbacks = callbacks(value, faults),
            "threads" => self.threads = threads(&value, faults),
            "cases" => self.cases = cases(value, faults),
            "matrix" => {
                self.is_matrix = true;
                self.cases = matrix::cases(value, faults);
            }
            "steps" => {
                let case = CaseDocument {
                    name: String::new(),
                    spot: entry.key_spot,
                    steps: steps(value),
                    callbacks: Vec::new(),
                };
                self.cases = vec![case];
            }
            "then" => self.then = steps(value),
            _ => {}
        }
    }

    /// What must be there.
    fn complete(&self, titled: bool, stepped: &[Spot], faults: &mut Faults) {
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
    let mut read = |item: &Node| text(item, "threads", faults).map(|name| (name, item.spot));
    items.iter().filter_map(&mut read).collect()
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

fn callbacks(node: Node, faults: &mut Faults) -> Vec<CallbackDocument> {
    let Content::Map(entries) = node.content else {
        shape(
            "`callbacks`",
            "a mapping of names to what they do",
            &node,
            faults,
        );
        return Vec::new();
    };
    let callback = |entry: Entry| CallbackDocument {
        bodies: bodies(entry.value, faults),
        name: entry.key.to_string(),
        spot: entry.key_spot,
    };
    entries.into_iter().map(callback).collect()
}

fn bodies(node: Node, faults: &mut Faults) -> Vec<BodyDocument> {
    let Some(reasons) = node.get("reasons") else {
        return body_list(node, &[], faults);
    };
    if let Some(entries) = node.entries() {
        values::known_keys(entries, &["reasons"], "a callback with `reasons`", faults);
    }
    let Some(entries) = reasons.entries() else {
        shape(
            "`reasons`",
            "a mapping of reasons to bodies",
            reasons,
            faults,
        );
        return Vec::new();
    };
    let mut bodies = Vec::new();
    let mut rest = Vec::new();
    for entry in entries {
        if &*entry.key == "any" {
            rest = body_list(entry.value.clone(), &[], faults);
        } else if let Some(reasons) = reason_codes(entry, faults) {
            bodies.extend(body_list(entry.value.clone(), &reasons, faults));
        }
    }
    bodies.append(&mut rest);
    bodies
}

fn reason_codes(entry: &Entry, faults: &mut Faults) -> Option<Vec<u32>> {
    let node = Node {
        spot: entry.key_spot,
        ..Node::plain(&entry.key)
    };
    let mut codes = Vec::new();
    for part in entry.key.split('|').map(str::trim) {
        codes.push(reason(part, &node, faults)?);
    }
    Some(codes)
}

/// A reason: a `cbtyp` or, for a status function, an `snt`.
pub(super) fn reason(part: &str, node: &Node, faults: &mut Faults) -> Option<u32> {
    use crate::abi::role::Scalar;
    let found = values::word(part, Scalar::Cbtyp, "cbtyp")
        .or_else(|| values::word(part, Scalar::Ulong, "snt"));
    if found.is_none() {
        values::unknown_constant(part, Scalar::Cbtyp, "cbtyp", node, faults);
    }
    found.map(|code| code as u32)
}

fn body_list(node: Node, reasons: &[u32], faults: &mut Faults) -> Vec<BodyDocument> {
    let nodes = match node.content {
        Content::List(items) => items,
        _ => vec![node],
    };
    nodes
        .into_iter()
        .filter_map(|node| body(node, reasons, faults))
        .collect()
}

fn body(node: Node, reasons: &[u32], faults: &mut Faults) -> Option<BodyDocument> {
    let mut body = BodyDocument {
        reasons: reasons.to_vec(),
        ..BodyDocument::default()
    };
    let Content::Map(entries) = node.content else {
        shape(
            "a callback",
            "a mapping like `{returns: JET_errSuccess}`",
            &node,
            faults,
        );
        return None;
    };
    values::known_keys(&entries, BODY_KEYS, "a callback", faults);
    for entry in entries {
        let value = entry.value;
        match &*entry.key {
            "returns" => body.returns = values::code(&value, faults).unwrap_or_default(),
            "times" => body.times = values::count(&value, "times", 1, 1 << 20, faults),
            "steps" => body.steps = steps(value),
            "writes" => writes(&value, &mut body, faults),
            _ => {}
        }
    }
    Some(body)
}

fn writes(node: &Node, body: &mut BodyDocument, faults: &mut Faults) {
    let Some(entries) = node.entries() else {
        shape(
            "`writes`",
            "a mapping of `pvArg1` and `pvArg2`",
            node,
            faults,
        );
        return;
    };
    values::known_keys(entries, &["pvArg1", "pvArg2"], "`writes`", faults);
    if let Some(value) = node.get("pvArg1") {
        body.write_arg1 = super::bytes::constant(value, "pvArg1", faults);
    }
    if let Some(value) = node.get("pvArg2") {
        body.write_arg2 = values::count(value, "pvArg2", 0, u64::from(u32::MAX), faults);
    }
}
