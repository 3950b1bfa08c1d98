//! Faults of scenario and fixture files: what is wrong, where, and what may have been meant. All
//! faults of a file are collected; none stops the others from being found.

use std::collections::HashSet;
use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::plan::Place;
use super::source::{Sources, Spot};
use crate::abi::Release;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum FaultKind {
    /// The file is no YAML.
    #[error("this is no YAML: {0}")]
    Syntax(String),
    /// The file holds nothing.
    #[error("the file is empty")]
    Empty,
    /// The file holds more than one document.
    #[error("one file holds one document")]
    SecondDocument,
    /// Nesting without a sensible end.
    #[error("nested more than {deepest} deep")]
    TooDeep {
        /// The limit.
        deepest: usize,
    },
    /// `&name` or `*name`.
    #[error("anchors and aliases are not part of the format: write the node again")]
    Anchor,
    /// `!tag`
    #[error("tags are not part of the format")]
    Tag,
    /// A key that is a list or mapping, or has an anchor or tag.
    #[error("a key must be a plain text")]
    KeyNoText,
    /// A key that comes twice.
    #[error("`{key}` is written twice")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// A folder, a pipe or a device.
    #[error("is no regular file")]
    NoRegularFile,
    /// The file is larger than any scenario.
    #[error("has more than {limit} bytes, which the largest file that is read has")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The file is not in UTF-8.
    #[error("is not UTF-8: byte {offset} begins no character")]
    NotUtf8 {
        /// Offset of the first wrong byte.
        offset: usize,
    },
    /// A file that would be passed over.
    #[error("scenario files end in `.yaml`: rename it")]
    Ending,
    /// A folder with no scenario in it.
    #[error("holds no scenario")]
    NothingHere,
    /// A node of the wrong shape.
    #[error("{owner} must be {wanted}, not {got}")]
    Shape {
        /// What the node is for.
        owner: String,
        /// What it must be.
        wanted: &'static str,
        /// What it is.
        got: &'static str,
    },
    /// A key that must be there.
    #[error("{owner} lacks `{key}`")]
    MissingKey {
        /// What lacks it.
        owner: String,
        /// The key.
        key: &'static str,
    },
    /// A key that nothing knows.
    #[error("{owner} has no `{key}`")]
    UnknownKey {
        /// What does not have it.
        owner: String,
        /// The key.
        key: String,
    },
    /// A name that nothing has.
    #[error("there is no {what} `{name}`")]
    UnknownName {
        /// What kind of thing it should be.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A variable that is set only by a later step.
    #[error("`{name}` is used before a step sets it")]
    UsedTooEarly {
        /// The variable.
        name: String,
    },
    /// A name that means one thing already.
    #[error("`{name}` already is {first}")]
    NameTaken {
        /// The name.
        name: String,
        /// What it is.
        first: String,
    },
    /// A release that has not all that the scenario needs.
    #[error("`since: {said}` is too low: {function} is needed, which came with {needed}")]
    SinceTooLow {
        /// The release.
        said: Release,
        /// A function that the case calls which could run first.
        function: &'static str,
        /// The release that brought it.
        needed: Release,
    },
    /// A definition that nothing mentions.
    #[error("{what} `{name}` is never used")]
    Unused {
        /// What kind of thing it is.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A step that does nothing or several things.
    #[error("a step does exactly one thing; this does {count}")]
    Actions {
        /// How many actions there are.
        count: usize,
    },
    /// A modifier where it has no meaning.
    #[error("`{key}` has no meaning {at}")]
    Pointless {
        /// The key.
        key: String,
        /// Where it stands.
        at: &'static str,
    },
    /// An argument that must be given.
    #[error("{function} needs `{parameter}`")]
    MissingArgument {
        /// The function or structure.
        function: String,
        /// The parameter.
        parameter: String,
    },
    /// A length that says more than there is.
    #[error("`{parameter}` says {stated} {unit}, but there {} only {actual}", if *.actual == 1 { "is" } else { "are" })]
    LengthTooLarge {
        /// The length.
        parameter: String,
        /// What it says.
        stated: u64,
        /// What there is.
        actual: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// A value that does not fit.
    #[error("{value} does not fit {wanted}")]
    OutOfRange {
        /// The value.
        value: String,
        /// What it must fit.
        wanted: String,
    },
    /// A value that cannot be read.
    #[error("{0}")]
    Value(String),
    /// An output of the call that the name does not name.
    #[error("the call has no output `{name}`")]
    UnknownOutput {
        /// The name.
        name: String,
    },
    /// A requirement that the register does not know.
    #[error("the register has no requirement `{id}`")]
    UnknownRequirement {
        /// The id.
        id: String,
    },
    /// Calls begun and never ended, signals never woken.
    #[error("{0}")]
    Order(String),
    /// A chain of fixtures or shorthands that leads back to itself.
    #[error("`{name}` leads back to itself")]
    Circle {
        /// The name.
        name: String,
    },
}

/// One fault, and where it is, before file names are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where.
    pub spot: Spot,
    /// The nearest name that is known.
    pub suggestion: Option<String>,
    /// Another place that has to do with it, and how.
    pub related: Option<(Spot, &'static str)>,
    /// Whether no name is looked up for it any more.
    is_final: bool,
}

impl Finding {
    /// Adds another place that has to do with it.
    pub fn with(&mut self, spot: Spot, how: &'static str) -> &mut Self {
        self.related = Some((spot, how));
        self
    }

    /// Adds the nearest of the known names, if one is near.
    pub fn nearest<'n>(&mut self, name: &str, known: impl IntoIterator<Item = &'n str>) {
        if !self.is_final {
            self.suggestion = nearest(name, known).map(str::to_owned);
        }
    }
}

/// Faults for which the nearest known name is looked up; a file with more has another problem.
const MOST_SUGGESTIONS: usize = 500;

/// The faults found so far, each once: a case is lowered for each width of text, and what follows each
/// case for each of them.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    found: Vec<Finding>,
    seen: HashSet<(Spot, FaultKind)>,
    /// How many were noted, the repeated ones too.
    noted: usize,
    /// Takes what is said about a fault that has been found before.
    again: Option<Finding>,
}

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, kind: FaultKind, spot: Spot) -> &mut Finding {
        self.noted += 1;
        let is_new = self.seen.insert((spot, kind.clone()));
        let finding = Finding {
            kind,
            spot,
            suggestion: None,
            related: None,
            is_final: !is_new || self.found.len() >= MOST_SUGGESTIONS,
        };
        if !is_new {
            return self.again.insert(finding);
        }
        let index = self.found.len();
        self.found.push(finding);
        &mut self.found[index]
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.noted == 0
    }

    /// How many were noted so far.
    pub fn len(&self) -> usize {
        self.noted
    }

    /// Where the faults begin that are found from now on, for [`Faults::relate`].
    pub fn mark(&self) -> usize {
        self.found.len()
    }

    /// Adds another place to the faults found since the mark, where they have none yet.
    pub fn relate(&mut self, mark: usize, spot: Spot, how: &'static str) {
        for finding in self.found.iter_mut().skip(mark) {
            if finding.spot.file != spot.file && finding.related.is_none() {
                finding.with(spot, how);
            }
        }
    }

    /// Takes over the faults of another.
    pub fn append(&mut self, other: Faults) {
        for finding in other.found {
            self.noted += 1;
            if self.seen.insert((finding.spot, finding.kind.clone())) {
                self.found.push(finding);
            }
        }
    }

    /// Every fault once, in the order of the places, with file names and source lines.
    pub fn resolve(self, sources: &Sources) -> Vec<Fault> {
        let mut found = self.found;
        found.sort_by_key(|finding| finding.spot);
        found
            .into_iter()
            .map(|finding| finding.resolve(sources))
            .collect()
    }
}

impl Finding {
    fn resolve(self, sources: &Sources) -> Fault {
        Fault {
            place: sources.place(self.spot),
            line: sources.line(self.spot).to_owned(),
            width: self.spot.width,
            related: self.related.map(|(spot, how)| Related {
                place: sources.place(spot),
                line: sources.line(spot).to_owned(),
                width: spot.width,
                how,
            }),
            kind: self.kind,
            suggestion: self.suggestion,
        }
    }
}

/// One fault of a file, complete with its source line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where.
    pub place: Place,
    /// The line there.
    pub line: String,
    /// How many characters of it are meant.
    pub width: u32,
    /// The nearest name that is known.
    pub suggestion: Option<String>,
    /// Another place that has to do with it.
    pub related: Option<Related>,
}

/// Another place that has to do with a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// The line there.
    pub line: String,
    /// How many characters of it are meant.
    pub width: u32,
    /// What it has to do with it.
    pub how: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, line, column } = &self.place;
        write!(f, "{file}:{line}:{column}: {}", self.kind)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, " (did you mean `{suggestion}`?)")?;
        }
        Ok(())
    }
}

impl Fault {
    /// A fault of a file as a whole.
    pub fn of_file(file: &str, kind: FaultKind) -> Self {
        Self {
            kind,
            place: Place {
                file: file.into(),
                line: 1,
                column: 1,
            },
            line: String::new(),
            width: 0,
            suggestion: None,
            related: None,
        }
    }

    /// The fault, at a byte of what the file holds. Bytes that are no characters are shown as the
    /// replacement character.
    pub fn at_byte(mut self, content: &[u8], offset: usize) -> Self {
        let offset = offset.min(content.len());
        let (before, after) = content.split_at(offset);
        let is_end = |byte: &u8| *byte == b'\n';
        let start = before.iter().rposition(is_end).map_or(0, |end| end + 1);
        let rest = after.iter().position(is_end).unwrap_or(after.len());
        let line = String::from_utf8_lossy(&content[start..offset + rest]);
        let characters = String::from_utf8_lossy(&before[start..]).chars().count();
        let number = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
        self.place.line = number(before.iter().filter(|byte| is_end(byte)).count());
        self.place.column = number(characters);
        self.line = line.trim_end_matches('\r').to_owned();
        self.width = 1;
        self
    }

    /// The fault with its source line and a caret under it.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let title = self.kind.to_string();
        if self.width == 0 {
            let whole = Level::ERROR.primary_title(format!("{}: {title}", self.place.file));
            return renderer.render(&[annotate_snippets::Group::with_title(whole)]);
        }
        let mut group = Level::ERROR.primary_title(title).element(snippet(
            &self.place,
            &self.line,
            self.width,
            AnnotationKind::Primary,
            "",
        ));
        if let Some(related) = &self.related {
            let kind = AnnotationKind::Context;
            let Related {
                place, line, width, ..
            } = related;
            group = group.element(snippet(place, line, *width, kind, related.how));
        }
        if let Some(suggestion) = &self.suggestion {
            let help = Level::HELP.message(format!("did you mean `{suggestion}`?"));
            group = group.element(help);
        }
        renderer.render(&[group])
    }
}

fn snippet<'l>(
    place: &'l Place,
    line: &'l str,
    width: u32,
    kind: AnnotationKind,
    label: &'l str,
) -> Snippet<'l, annotate_snippets::Annotation<'l>> {
    let start = byte_offset(line, place.column as usize - 1);
    let end = byte_offset(line, place.column as usize - 1 + width as usize);
    let mut annotation = kind.span(start..end.max(start));
    if !label.is_empty() {
        annotation = annotation.label(label);
    }
    Snippet::source(line)
        .path(&*place.file)
        .line_start(place.line as usize)
        .annotation(annotation)
}

fn byte_offset(line: &str, characters: usize) -> usize {
    line.char_indices()
        .nth(characters)
        .map_or(line.len(), |(offset, _)| offset)
}

/// The known name nearest to a wrong one, if it is near enough to have been meant.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let limit = 1 + name.chars().count() / 3;
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate, limit), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, taken out, changed or swapped with their neighbour; more than
/// `limit` where it takes more. Case counts half: `jetmove` is near `JetMove`.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let a: Vec<char> = a.chars().flat_map(char::to_lowercase).collect();
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let change = last[j] + usize::from(a[i] != b[j]);
            let mut best = change.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
