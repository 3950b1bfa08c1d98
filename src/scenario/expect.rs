//! Expectations: the code, outputs and callbacks that must come of a step, and the requirements that
//! it covers.

use super::bodies::reason;
use super::bytes;
use super::document::PROFILES;
use super::elements;
use super::fault::FaultKind;
use super::lower::Lowering;
use super::node::{Entry, Node, integer};
use super::plan::{
    ByProfile, Call, Codes, Course, EventExpectation, Expectations, Expected, OutputExpectation,
    Show, Times,
};
use super::steps::Parts;
use super::values::{self, shape};
use crate::abi::role::Scalar;

/// The arguments of `JET_CALLBACK` and `JET_PFNSTATUS`, and what may be said of the thread.
pub const EVENT_KEYS: &[&str] = &[
    "sesid",
    "dbid",
    "tableid",
    "cbtyp",
    "pvArg1",
    "pvArg2",
    "pvContext",
    "ulUnused",
    "snp",
    "snt",
    "pv",
    "cbStruct",
    "cunitDone",
    "cunitTotal",
    "thread",
    "times",
];

/// The fields of the JET_SNPROG that `pv` points to. (jet-snprog-structure.md)
const PROGRESS_FIELDS: &[&str] = &["cbStruct", "cunitDone", "cunitTotal"];

/// Words for how often an event comes, with what they mean.
pub const TIMES: &[(&str, Times, &str)] = &[
    (
        "some",
        Times::Some,
        "once or more, one directly after the other",
    ),
    (
        "any",
        Times::Any,
        "any number of times or never, one directly after the other",
    ),
    (
        "anywhere",
        Times::Anywhere,
        "any number of times or never, between whatever others come",
    ),
];

/// Words for how a number stands to that of the last progress before it, with what they mean.
pub const COURSES: &[(&str, Course, &str)] = &[
    (
        "climbs",
        Course::Climbs,
        "not less than at the last JET_sntProgress before it, and never above cunitTotal",
    ),
    (
        "rises",
        Course::Rises,
        "more than at the last JET_sntProgress before it, and never above cunitTotal",
    ),
    (
        "stays",
        Course::Stays,
        "the same as at the last JET_sntProgress before it",
    ),
];

/// The word for a call that does not return, because a callback kills the host inside it.
pub const KILLED: &str = "killed";

/// The word for a call that fails, with whichever code.
pub const ERROR: &str = "error";

/// Words that stand for what an output may hold.
pub const OUTPUT_WORDS: &[(&str, Expected)] = &[
    ("untouched", Expected::Untouched),
    ("nil", Expected::Nil),
    ("null", Expected::Null),
    ("some", Expected::Some),
    ("any", Expected::Any),
];

impl Lowering<'_> {
    /// What must come of a step.
    pub fn expectations(
        &mut self,
        parts: Parts<'_>,
        call: Option<&Call>,
        default: Codes,
    ) -> Expectations {
        Expectations {
            code: match parts.expect {
                Some(entry) => self.codes(&entry.value),
                None => ByProfile {
                    documented: default.clone(),
                    genuine: default,
                },
            },
            outputs: match (parts.out, call) {
                (Some(entry), Some(call)) => self.outputs(&entry.value, call),
                _ => Vec::new(),
            },
            events: match parts.events {
                Some(entry) => self.events(&entry.value),
                None => ByProfile::default(),
            },
            covers: self.covers(parts),
        }
    }

    /// Both profiles' values of a node that may tell them apart.
    fn by_profile<T: Clone>(
        &mut self,
        node: &Node,
        read: &mut dyn FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<ByProfile<T>> {
        let names = PROFILES.map(|(name, _)| name);
        let apart = names.iter().any(|name| node.get(name).is_some());
        if !apart {
            let both = read(self, node)?;
            return Some(ByProfile {
                documented: both.clone(),
                genuine: both,
            });
        }
        let entries = node.entries().unwrap_or_default();
        values::known_keys(
            entries,
            &names,
            "an expectation by profile",
            &mut self.faults,
        );
        let [documented, genuine] = names.map(|name| node.get(name));
        let (Some(documented), Some(genuine)) = (documented, genuine) else {
            let kind = FaultKind::MissingKey {
                owner: "an expectation by profile".into(),
                key: names[usize::from(documented.is_some())],
            };
            self.faults.add(kind, node.spot);
            return None;
        };
        let documented = read(self, documented);
        let genuine = read(self, genuine);
        Some(ByProfile {
            documented: documented?,
            genuine: genuine?,
        })
    }

    fn codes(&mut self, node: &Node) -> ByProfile<Codes> {
        let mut read = |lowering: &mut Self, node: &Node| {
            let faults = &mut lowering.faults;
            let Some(entries) = node.entries() else {
                return match node.word() {
                    Some(KILLED) => Some(Codes::Killed),
                    Some(ERROR) => Some(Codes::Error),
                    _ => values::code(node, faults).map(|code| Codes::OneOf(vec![code].into())),
                };
            };
            values::known_keys(entries, &["any"], "`expect`", faults);
            let Some(items) = node
                .get("any")
                .and_then(Node::items)
                .filter(|items| items.len() > 1)
            else {
                shape(
                    "`expect`",
                    "a code, `error`, `killed` or `{any: [several codes]}`",
                    node,
                    faults,
                );
                return None;
            };
            let codes: Option<Vec<i32>> = items
                .iter()
                .map(|item| values::code(item, faults))
                .collect();
            codes.map(|codes| Codes::OneOf(codes.into()))
        };
        self.by_profile(node, &mut read).unwrap_or_default()
    }

    fn outputs(&mut self, node: &Node, call: &Call) -> Vec<OutputExpectation> {
        let Some(entries) = node.entries() else {
            shape(
                "`out`",
                "a mapping of outputs to values",
                node,
                &mut self.faults,
            );
            return Vec::new();
        };
        let mut expected = Vec::new();
        for entry in entries {
            let outputs = || call.memory.iter().flat_map(|memory| &memory.outputs);
            let whole = outputs().find(|output| *output.name == *entry.key);
            let show = whole.map(|output| output.show);
            let Some(show) = show.or_else(|| elements::part(call, &entry.key)) else {
                let kind = FaultKind::UnknownOutput {
                    name: entry.key.to_string(),
                };
                let known = outputs().map(|output| output.name.as_str());
                self.faults
                    .add(kind, entry.key_spot)
                    .nearest(&entry.key, known);
                continue;
            };
            let name = &*entry.key;
            let mut read = |lowering: &mut Self, node: &Node| lowering.expected(node, show, name);
            if let Some(value) = self.by_profile(&entry.value, &mut read) {
                expected.push(OutputExpectation {
                    name: entry.key.to_string(),
                    place: self.place(entry.key_spot),
                    value,
                });
            }
        }
        expected
    }

    fn expected(&mut self, node: &Node, show: Show, name: &str) -> Option<Expected> {
        if show == Show::Shared {
            let message = format!("`{name}` shares its place: nothing can be expected of it");
            self.faults.add(FaultKind::Value(message), node.spot);
            return None;
        }
        if let Some(word) = output_word(node) {
            return Some(word);
        }
        match show {
            Show::Scalar(scalar) => self.expected_scalar(node, scalar, name),
            Show::Text(_) | Show::TextInside(_) => match node.text() {
                Some(text) => Some(Expected::Text(text.to_owned())),
                None => self.expected_bytes(node, name),
            },
            Show::TextList(_) | Show::TextsInside(_) => self.expected_texts(node, name),
            Show::Bytes { .. } => self.expected_bytes(node, name),
            Show::Pointer | Show::EngineArray { .. } | Show::Shared => {
                let wanted = "`null`, `some`, `untouched` or `any`";
                shape(&format!("`{name}`"), wanted, node, &mut self.faults);
                None
            }
        }
    }

    fn expected_texts(&mut self, node: &Node, name: &str) -> Option<Expected> {
        let Some(items) = node.items() else {
            shape(
                &format!("`{name}`"),
                "a list of texts",
                node,
                &mut self.faults,
            );
            return None;
        };
        let mut read = |item: &Node| super::document::text(item, name, &mut self.faults);
        let texts: Option<Vec<String>> = items.iter().map(&mut read).collect();
        texts.map(Expected::Texts)
    }

    fn expected_bytes(&mut self, node: &Node, name: &str) -> Option<Expected> {
        if let Some(from) = node.get("from") {
            let variable = self
                .names
                .mention(from.text().unwrap_or_default(), from.spot);
            return Some(Expected::Variable(variable));
        }
        bytes::constant(node, &format!("`{name}`"), &mut self.faults).map(Expected::Bytes)
    }

    /// A number, constant or variable.
    fn expected_scalar(&mut self, node: &Node, scalar: Scalar, path: &str) -> Option<Expected> {
        let name = path.rsplit('.').next().unwrap_or(path);
        if let Some([entry]) = node.entries()
            && &*entry.key == "raw"
        {
            let raw = values::number(&entry.value, scalar, "raw", &mut self.faults);
            return raw.map(Expected::Number);
        }
        let Some(text) = node.text() else {
            let wanted = "a number, a constant, a variable or a word like `some`";
            shape(&format!("`{path}`"), wanted, node, &mut self.faults);
            return None;
        };
        if text.contains('|') || text.starts_with("JET_") || integer(text).is_some() {
            let word = values::number(node, scalar, name, &mut self.faults)?;
            return Some(Expected::Number(extend(word, scalar)));
        }
        if let Some(variable) = self.names.bound(text) {
            return Some(Expected::Variable(variable));
        }
        if let Some(word) = values::short_constant(text, scalar, name) {
            return Some(Expected::Number(extend(word, scalar)));
        }
        let place = Some((scalar, name));
        Some(Expected::Variable(
            self.names.mention_in(text, node.spot, place),
        ))
    }

    fn events(&mut self, node: &Node) -> ByProfile<Vec<EventExpectation>> {
        let mut read = |lowering: &mut Self, node: &Node| {
            let Some(items) = node.items() else {
                shape("`events`", "a list", node, &mut lowering.faults);
                return None;
            };
            let events: Vec<_> = items.iter().map(|item| lowering.event(item)).collect();
            events.into_iter().collect::<Option<Vec<_>>>()
        };
        self.by_profile(node, &mut read).unwrap_or_default()
    }

    /// `spy: BeforeInsert`, or `spy: {cbtyp: BeforeInsert, …}`.
    fn event(&mut self, node: &Node) -> Option<EventExpectation> {
        let Some([entry]) = node.entries() else {
            shape(
                "an event",
                "a mapping of one callback to its reason",
                node,
                &mut self.faults,
            );
            return None;
        };
        let callback = self.callback_named(&entry.key, entry.key_spot);
        let mut event = EventExpectation {
            callback: callback?,
            place: self.place(entry.key_spot),
            arguments: Vec::new(),
            same_thread: None,
            times: Times::default(),
            courses: Vec::new(),
        };
        match entry.value.entries() {
            Some(arguments) => {
                values::known_keys(arguments, EVENT_KEYS, "an event", &mut self.faults);
                for argument in arguments {
                    self.event_argument(argument, &mut event);
                }
            }
            None if entry.value.is_null() => {}
            None => {
                let text = entry.value.text().unwrap_or_default();
                let code = reason(text, &entry.value, &mut self.faults)?;
                let name = match values::word(text, Scalar::Cbtyp, "cbtyp") {
                    Some(_) => "cbtyp",
                    None => "snt",
                };
                let expected = Expected::Number(u64::from(code));
                event.arguments.push((name.to_owned(), expected));
            }
        }
        Some(event)
    }

    fn event_argument(&mut self, entry: &Entry, event: &mut EventExpectation) {
        let (name, node) = (&*entry.key, &entry.value);
        if name == "thread" {
            event.same_thread = match node.text() {
                Some("same") => Some(true),
                Some("other") => Some(false),
                _ => {
                    shape("`thread`", "`same` or `other`", node, &mut self.faults);
                    None
                }
            };
            return;
        }
        if name == "times" {
            event.times = self.times(node);
            return;
        }
        if PROGRESS_FIELDS.contains(&name) {
            self.progress_field(name, node, event);
            return;
        }
        let scalar = match name {
            "sesid" => Scalar::Sesid,
            "dbid" => Scalar::Dbid,
            "tableid" => Scalar::Tableid,
            "cbtyp" => Scalar::Cbtyp,
            "snp" | "snt" => Scalar::Ulong,
            _ => Scalar::ApiPtr,
        };
        let expected = match output_word(node) {
            Some(word) => Some(word),
            None if node.entries().is_some() && node.get("raw").is_none() => {
                self.expected_bytes(node, name)
            }
            None => self.expected_scalar(node, scalar, name),
        };
        if let Some(expected) = expected {
            event.arguments.push((name.to_owned(), expected));
        }
    }

    /// How often an event comes: a number, or one of [`TIMES`].
    fn times(&mut self, node: &Node) -> Times {
        let word = node.word().unwrap_or_default();
        if let Some((_, times, _)) = TIMES.iter().find(|(name, ..)| *name == word) {
            return *times;
        }
        if integer(word).is_none() {
            let wanted = "a number, `some`, `any` or `anywhere`";
            shape("`times`", wanted, node, &mut self.faults);
            return Times::default();
        }
        let count = values::count(node, "times", 1, 1 << 20, &mut self.faults);
        Times::Exactly(count.unwrap_or(1))
    }

    /// A field of the structure that `pv` points to: a number, or one of [`COURSES`].
    fn progress_field(&mut self, name: &str, node: &Node, event: &mut EventExpectation) {
        let path = format!("pv.{name}");
        let word = node.word().unwrap_or_default();
        if let Some((_, course, _)) = COURSES.iter().find(|(own, ..)| *own == word) {
            if *course != Course::Stays && name != "cunitDone" {
                let message =
                    format!("`{word}` is about `cunitDone`, which may not pass the total");
                self.faults.add(FaultKind::Value(message), node.spot);
            }
            event.courses.push((path, *course));
            return;
        }
        let expected = match output_word(node) {
            Some(word) => Some(word),
            None if integer(word).is_none() => {
                let words: Vec<&str> = COURSES.iter().map(|(word, ..)| *word).collect();
                let kind = FaultKind::UnknownName {
                    what: "matcher",
                    name: node.text().unwrap_or_default().to_owned(),
                };
                let known = words.into_iter().chain(["any", "some"]);
                self.faults.add(kind, node.spot).nearest(word, known);
                None
            }
            None => {
                values::number(node, Scalar::Ulong, name, &mut self.faults).map(Expected::Number)
            }
        };
        if let Some(expected) = expected {
            event.arguments.push((path, expected));
        }
    }

    /// The requirements that a step covers.
    pub fn covers(&mut self, parts: Parts<'_>) -> Vec<String> {
        let Some(entry) = parts.covers else {
            return Vec::new();
        };
        let single = std::slice::from_ref(&entry.value);
        let mut ids = Vec::new();
        for item in entry.value.items().unwrap_or(single) {
            let Some(id) = super::document::text(item, "covers", &mut self.faults) else {
                continue;
            };
            if let Some(register) = self.ground.register
                && register.get(&id).is_none()
            {
                let kind = FaultKind::UnknownRequirement { id: id.clone() };
                self.faults
                    .add(kind, item.spot)
                    .nearest(&id, register.ids());
            }
            self.used.covers.insert(id.clone());
            ids.push(id);
        }
        ids
    }
}

/// A word that stands for what an output may hold; quoted it is a text.
fn output_word(node: &Node) -> Option<Expected> {
    if node.is_null() {
        return Some(Expected::Null);
    }
    let word = node.word()?;
    let found = OUTPUT_WORDS.iter().find(|(name, _)| *name == word);
    found.map(|(_, expected)| expected.clone())
}

/// A number as a trace shows it: signed ones sign-extended, others cut to their width.
fn extend(word: u64, scalar: Scalar) -> u64 {
    match (scalar.size(), scalar.signed()) {
        (2, _) => u64::from(word as u16),
        (4, true) => i64::from(word as i32) as u64,
        (4, false) => u64::from(word as u32),
        _ => word,
    }
}
