//! Texts and bytes that a call reads.

use super::bytes::{Bytes, LARGEST};
use super::draft::{Draft, put};
use super::fault::FaultKind;
use super::lower::Lowering;
use super::node::Node;
use super::plan::{Content, MemoryBytes, MemoryId};
use super::values::{self, shape};
use crate::abi::Form;
use crate::abi::role::Scalar;
use crate::reference::MOST_UNITS;

/// The word for a text without an end.
pub const UNENDED: &str = "unended";

impl Lowering<'_> {
    /// Text that ends with a zero unit; `{from: paths}` is what a call has written, up to its first
    /// zero unit; `{callback: spy}` is the name under which a library finds it,
    /// `{callback: spy, module: path}` the name in a module of one's own; `{unended: …}` is a text
    /// without its zero unit, where memory ends: it has as many units as the reference looks at.
    pub fn text(
        &mut self,
        draft: &mut Draft,
        node: &Node,
        name: &str,
        form: Form,
    ) -> Option<MemoryId> {
        if let Some([entry]) = node.entries()
            && &*entry.key == "callback"
        {
            let callback = self.callback(&entry.value)?;
            let id = draft.reserve(name);
            draft.at(id).from = Some(Content::ExportName(callback, form));
            return Some(id);
        }
        if let (Some([_, _]), Some(callback), Some(module)) =
            (node.entries(), node.get("callback"), node.get("module"))
        {
            let callback = self.callback(callback)?;
            let module = self.path(module)?;
            let id = draft.reserve(name);
            draft.at(id).from = Some(Content::ExportNameIn(callback, form, module));
            return Some(id);
        }
        if let Some(inner) = at_end(node) {
            let id = self.text(draft, inner, name, form)?;
            return self.put_at_end(draft, id, node);
        }
        if let Some([entry]) = node.entries()
            && &*entry.key == UNENDED
        {
            return self.unended(draft, node, &entry.value, name, form);
        }
        if let Some([entry]) = node.entries()
            && &*entry.key == "from"
        {
            let variable = entry.value.text().unwrap_or_default();
            let variable = self.names.mention(variable, entry.value.spot);
            let id = draft.reserve(name);
            draft.at(id).from = Some(Content::Text(variable));
            return Some(id);
        }
        let mut bytes = self.text_bytes(node, name, form)?;
        end(&mut bytes, form);
        Some(draft.hold(name, bytes))
    }

    /// A text that has no zero unit, where memory ends. Whoever looks for its end has to run off where
    /// it is shorter than what the reference reads.
    fn unended(
        &mut self,
        draft: &mut Draft,
        node: &Node,
        text: &Node,
        name: &str,
        form: Form,
    ) -> Option<MemoryId> {
        let bytes = self.text_bytes(text, name, form)?;
        let (units, rest) = (bytes.len() / unit(form), bytes.len() % unit(form));
        if units < MOST_UNITS || rest > 0 {
            let message = format!(
                "`{name}` needs {MOST_UNITS} whole units of text or more, which is as far as the reference looks for an end"
            );
            self.faults.add(FaultKind::Value(message), node.spot);
            return None;
        }
        let id = draft.hold(name, bytes);
        self.put_at_end(draft, id, node)
    }

    pub(super) fn text_bytes(&mut self, node: &Node, name: &str, form: Form) -> Option<Vec<u8>> {
        let repeated;
        let text = match node.entries() {
            None => node.text(),
            Some([entry]) if &*entry.key == "hex" => {
                return values::hex(&entry.value, &mut self.faults);
            }
            Some(_) if node.get("repeat").is_none() => None,
            Some(_) => {
                let most = LARGEST / 2;
                repeated = super::bytes::repeated(node, most, &mut self.faults)?;
                Some(repeated.as_str())
            }
        };
        let Some(text) = text else {
            shape(&format!("`{name}`"), "a text", node, &mut self.faults);
            return None;
        };
        if form == Form::Narrow && !text.is_ascii() {
            let kind = FaultKind::Value(format!(
                "`{name}` is 8-bit text here and its code page is not known: write `{{hex: …}}` or `text: wide`"
            ));
            self.faults.add(kind, node.spot);
            return None;
        }
        Some(match form {
            Form::Narrow => text.as_bytes().to_vec(),
            Form::Wide => values::wide(text),
        })
    }

    /// The key of an index: one text or a list of texts, each ended by zero, all by another.
    pub fn key_text(
        &mut self,
        draft: &mut Draft,
        node: &Node,
        name: &str,
        form: Form,
    ) -> Option<MemoryId> {
        if let Some(inner) = at_end(node) {
            let id = self.key_text(draft, inner, name, form)?;
            return self.put_at_end(draft, id, node);
        }
        let mut bytes = Vec::new();
        let single = std::slice::from_ref(node);
        let is_hex = node.get("hex").is_some();
        for part in node.items().unwrap_or(single) {
            bytes.extend(self.text_bytes(part, name, form)?);
            if !is_hex {
                end(&mut bytes, form);
            }
        }
        if !is_hex {
            end(&mut bytes, form);
        }
        Some(draft.hold(name, bytes))
    }

    /// A column by name, or `{columnid: x}`.
    pub fn name_or_id(&mut self, draft: &mut Draft, node: &Node, name: &str) -> Option<MemoryId> {
        let Some(id) = node.get("columnid") else {
            return self.text(draft, node, name, draft.form);
        };
        let value = self.scalar(id, Scalar::Columnid, "columnid")?;
        let memory = draft.hold(name, vec![0; 4]);
        put(draft.at(memory), 0, 4, value);
        Some(memory)
    }

    /// Bytes, or a structure in the place of bytes.
    pub fn bytes(&mut self, draft: &mut Draft, node: &Node, name: &str) -> Option<MemoryId> {
        if let Some(inner) = at_end(node) {
            let id = self.bytes(draft, inner, name)?;
            return self.put_at_end(draft, id, node);
        }
        if let Some(structure) = node.get("structure") {
            let structure = self.structure_named(structure)?;
            return Some(self.structure(draft, structure, Some(node), name));
        }
        let bytes = self.read_bytes(node, name)?;
        let id = draft.hold(name, bytes.bytes);
        draft.at(id).patches = bytes.patches;
        Some(id)
    }

    /// Puts a piece where memory ends: one of a call, for a block of memory has one end.
    fn put_at_end(&mut self, draft: &mut Draft, id: MemoryId, node: &Node) -> Option<MemoryId> {
        if draft.memory.iter().any(|memory| memory.at_end) {
            let message = "only one argument of a call can be `at-end`".to_owned();
            self.faults.add(FaultKind::Value(message), node.spot);
            return None;
        }
        draft.at(id).at_end = true;
        Some(id)
    }

    pub(super) fn read_bytes(&mut self, node: &Node, name: &str) -> Option<Bytes> {
        let names = &mut self.names;
        let mut resolve = |text: &str, node: &Node| Some(names.mention(text, node.spot));
        super::bytes::read(node, &format!("`{name}`"), &mut self.faults, &mut resolve)
    }
}

/// What is in `{at-end: …}`, which has a place of its own.
fn at_end(node: &Node) -> Option<&Node> {
    match node.entries() {
        Some([entry]) if &*entry.key == "at-end" => Some(&entry.value),
        _ => None,
    }
}

/// A text with its zero unit; `None` for one whose 8-bit form depends on a code page.
pub(super) fn ended(text: &str, form: Form) -> Option<MemoryBytes> {
    match form {
        Form::Narrow if !text.is_ascii() => None,
        Form::Narrow => Some(text.bytes().chain([0]).collect()),
        Form::Wide => Some(values::wide(text).into_iter().chain([0, 0]).collect()),
    }
}

/// Ends a text by a zero unit. Behind half a unit that is none before the unit is whole.
fn end(bytes: &mut Vec<u8>, form: Form) {
    let whole = bytes.len().next_multiple_of(unit(form));
    bytes.resize(whole + unit(form), 0);
}

/// Bytes of one unit of text.
pub(super) fn unit(form: Form) -> usize {
    match form {
        Form::Narrow => 1,
        Form::Wide => 2,
    }
}
