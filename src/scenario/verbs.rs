//! The actions that are no documented function: threads, files, loops, variables.

use std::sync::Arc;

use super::bytes;
use super::document::text;
use super::fault::FaultKind;
use super::lower::{Label, Lowering, binding_name};
use super::node::{Entry, Node};
use super::plan::{
    Action, Call, Codes, Expectations, FileAction, Relation, Step, ThreadId, VariableId,
    VariableKind,
};
use super::steps::Parts;
use super::values::{self, shape};
use crate::abi::function;
use crate::abi::role::Scalar;

/// The actions by name.
pub const VERBS: &[&str] = &[
    "start",
    "end",
    "until",
    "await",
    "wait",
    "wake",
    "repeat",
    "remove-file",
    "copy-file",
    "copy-module",
    "truncate-file",
    "flip-byte",
    "write-file",
    "append-file",
    "make-folder",
    "make-read-only",
    "make-writable",
    "refuse-writes",
    "file-exists",
    "file-absent",
    "file-holds",
    "remember-file",
    "file-unchanged",
    "kill-host",
    "same",
    "distinct",
    "less",
    "let",
];

impl Lowering<'_> {
    /// Lowers a step whose action is no function.
    pub fn verb(&mut self, parts: Parts<'_>, thread: ThreadId, into: &mut Vec<Step>) {
        let before = self.faults.len();
        self.names.step();
        let number = self.number();
        let node = &parts.action.value;
        let faulty = |own: &Self| own.faults.len() > before;
        let lowered = match &*parts.action.key {
            "start" => self
                .start(parts, thread)
                .map(|action| (action, Expectations::default())),
            "end" => self.begun(node).map(|(label, begun)| {
                let expect = self.expectations(parts, Some(&begun.call), Codes::default());
                (Action::End { label }, expect)
            }),
            "until" => self.until(parts),
            key => {
                self.no_call(parts, key);
                let expect = self.expectations(parts, None, Codes::default());
                self.plain(parts.action, node)
                    .map(|action| (action, expect))
            }
        };
        match lowered {
            Some((action, expect)) if !faulty(self) => {
                self.push(number, thread, action, expect, into);
            }
            Some(_) => {}
            None => self.salvage(node),
        }
    }

    /// An action without a call returns no code and has no outputs.
    fn no_call(&mut self, parts: Parts<'_>, key: &str) {
        let at = "in a step that makes no call";
        for entry in [parts.expect, parts.out, parts.text].into_iter().flatten() {
            self.pointless(entry, at);
        }
        let judged = matches!(
            key,
            "await"
                | "same"
                | "distinct"
                | "less"
                | "file-holds"
                | "file-exists"
                | "file-absent"
                | "file-unchanged"
                | "wait"
        );
        for entry in [parts.events, parts.covers].into_iter().flatten() {
            if !judged {
                self.pointless(entry, at);
            }
        }
    }

    fn plain(&mut self, action: &Entry, node: &Node) -> Option<Action> {
        Some(match &*action.key {
            "await" => self.awaited(node)?,
            "wait" => {
                let signal = self.signal(node)?;
                self.signals[signal].waited.get_or_insert(node.spot);
                Action::Wait {
                    signal: signal as u32,
                }
            }
            "wake" => {
                let signal = self.signal(node)?;
                self.signals[signal].woken.get_or_insert(node.spot);
                Action::Wake {
                    signal: signal as u32,
                }
            }
            "repeat" => {
                let mut steps = Vec::new();
                let times = self.repeated(node, &mut steps)?;
                Action::Repeat { times, steps }
            }
            "kill-host" => {
                if self.loops > 0 {
                    let message = "the host cannot be killed inside a loop: the scenario could not go on in it";
                    self.faults
                        .add(FaultKind::Order(message.into()), action.key_spot);
                }
                if node.boolean() != Some(true) {
                    shape("`kill-host`", "`true`", node, &mut self.faults);
                }
                Action::KillHost
            }
            "same" => self.compare(node, Relation::Same)?,
            "distinct" => self.compare(node, Relation::Distinct)?,
            "less" => self.compare(node, Relation::Less)?,
            "let" => self.assign(node)?,
            _ => Action::File(self.file(action, node)?),
        })
    }

    /// The one call inside `start` and `until`, beside the keys of those.
    fn inner<'n>(
        &mut self,
        node: &'n Node,
        own: &'static str,
        verb: &'static str,
    ) -> Option<(&'n Entry, &'n Node)> {
        let entries = node.entries().unwrap_or_default();
        let own_value = node.get(own);
        let calls: Vec<&Entry> = entries.iter().filter(|entry| &*entry.key != own).collect();
        if let ([call], Some(own_value)) = (&calls[..], own_value) {
            return Some((call, own_value));
        }
        if own_value.is_none() {
            let kind = FaultKind::MissingKey {
                owner: format!("`{verb}`"),
                key: own,
            };
            self.faults.add(kind, node.spot);
        } else {
            let kind = FaultKind::Actions { count: calls.len() };
            self.faults.add(kind, node.spot);
        }
        None
    }

    fn inner_call(&mut self, entry: &Entry, parts: Parts<'_>) -> Option<Call> {
        let Some(id) = function(&entry.key) else {
            let kind = FaultKind::UnknownName {
                what: "function",
                name: entry.key.to_string(),
            };
            let known = crate::abi::FUNCTIONS.iter().map(|function| function.name);
            self.faults
                .add(kind, entry.key_spot)
                .nearest(&entry.key, known);
            return None;
        };
        let form = self.form_of(parts);
        self.call(id, &entry.value, entry.key_spot, form)
    }

    fn start(&mut self, parts: Parts<'_>, thread: ThreadId) -> Option<Action> {
        for entry in [parts.expect, parts.out, parts.events, parts.covers]
            .into_iter()
            .flatten()
        {
            self.pointless(entry, "where a call begins: write it where the call ends");
        }
        if thread == ThreadId(0) {
            let message =
                "a call is begun on a thread beside `main`, so that `main` can go on: say `thread`";
            let kind = FaultKind::Order(message.into());
            self.faults.add(kind, parts.action.key_spot);
        }
        let (call, label) = self.inner(&parts.action.value, "label", "start")?;
        let label = text(label, "label", &mut self.faults)?;
        let call = Arc::new(self.inner_call(call, parts)?);
        let begun = Label {
            spot: parts.action.key_spot,
            thread,
            call: Arc::clone(&call),
            ended: false,
        };
        self.begin(label.clone(), begun);
        Some(Action::Start { label, call })
    }

    fn until(&mut self, parts: Parts<'_>) -> Option<(Action, Expectations)> {
        let (call, codes) = self.inner(&parts.action.value, "codes", "until")?;
        let Some(items) = codes.items().filter(|items| !items.is_empty()) else {
            shape("`codes`", "a list of return codes", codes, &mut self.faults);
            return None;
        };
        let codes: Option<Vec<i32>> = items
            .iter()
            .map(|item| values::code(item, &mut self.faults))
            .collect();
        let call = self.inner_call(call, parts)?;
        let codes = codes?;
        let expect = self.expectations(parts, Some(&call), Codes::OneOf(codes.clone().into()));
        Some((
            Action::Until {
                codes,
                call: call.into(),
            },
            expect,
        ))
    }

    fn awaited(&mut self, node: &Node) -> Option<Action> {
        let entries = node.entries().unwrap_or_default();
        values::known_keys(entries, &["callback", "times"], "`await`", &mut self.faults);
        let Some(callback) = node.get("callback") else {
            shape(
                "`await`",
                "written `{callback: spy, times: 1}`",
                node,
                &mut self.faults,
            );
            return None;
        };
        let callback = self.callback(callback)?;
        let times = match node.get("times") {
            Some(times) => values::count(times, "times", 1, 1 << 20, &mut self.faults)?,
            None => 1,
        };
        Some(Action::Await { callback, times })
    }

    fn compare(&mut self, node: &Node, relation: Relation) -> Option<Action> {
        let Some(items) = node.items().filter(|items| items.len() >= 2) else {
            shape(
                "a comparison",
                "a list of two variables or more",
                node,
                &mut self.faults,
            );
            return None;
        };
        let mut variables = Vec::new();
        for item in items {
            let name = text(item, "a variable", &mut self.faults)?;
            variables.push(self.names.mention(&name, item.spot));
        }
        Some(Action::Compare {
            variables,
            relation,
        })
    }

    fn assign(&mut self, node: &Node) -> Option<Action> {
        let entries = node.entries().unwrap_or_default();
        values::known_keys(entries, &["name", "from", "add"], "`let`", &mut self.faults);
        let Some(name) = node.get("name") else {
            shape(
                "`let`",
                "written `{name: x, from: y, add: 8}`",
                node,
                &mut self.faults,
            );
            return None;
        };
        let base = node.get("from").map(|from| {
            let text = from.text().unwrap_or_default();
            self.names.mention(text, from.spot)
        });
        let add = match node.get("add") {
            Some(add) => values::number(add, Scalar::Ulonglong, "add", &mut self.faults)? as i64,
            None => 0,
        };
        let kind = base
            .and_then(|base| self.names.kind(base))
            .filter(|kind| matches!(kind, VariableKind::Scalar(_)))
            .unwrap_or(VariableKind::Scalar(Scalar::ApiPtr));
        let own = match binding_name(name) {
            Some(own) => own.to_owned(),
            None => text(name, "name", &mut self.faults)?,
        };
        let variable = self.bind(&own, kind, name.spot);
        Some(Action::Let {
            variable,
            base,
            add,
        })
    }

    fn file(&mut self, action: &Entry, node: &Node) -> Option<FileAction> {
        Some(match &*action.key {
            "remove-file" => FileAction::Remove(self.path(node)?),
            "make-folder" => FileAction::MakeFolder(self.path(node)?),
            "make-read-only" => FileAction::MakeReadOnly(self.path(node)?),
            "make-writable" => FileAction::MakeWritable(self.path(node)?),
            "refuse-writes" => {
                let Some(refused) = node.boolean() else {
                    shape(
                        "`refuse-writes`",
                        "`true` or `false`",
                        node,
                        &mut self.faults,
                    );
                    return None;
                };
                FileAction::RefuseWrites(refused)
            }
            "file-exists" | "file-absent" => FileAction::Exists {
                path: self.path(node)?,
                exists: &*action.key == "file-exists",
            },
            "file-holds" => {
                let [path, content] = self.two(node, ["path", "bytes"], "`file-holds`")?;
                FileAction::Holds {
                    path: self.path(path)?,
                    bytes: bytes::constant(content, "bytes", &mut self.faults)?,
                }
            }
            "remember-file" => {
                let path = self.path(node)?;
                self.remembered.insert(path.clone());
                FileAction::Unchanged {
                    path,
                    compare: false,
                }
            }
            "file-unchanged" => {
                let path = self.path(node)?;
                if !self.remembered.contains(&path) {
                    let kind = FaultKind::Order(format!("no step before this remembers `{path}`"));
                    self.faults.add(kind, node.spot);
                }
                FileAction::Unchanged {
                    path,
                    compare: true,
                }
            }
            "copy-module" => FileAction::CopyModule(self.path(node)?),
            "copy-file" => {
                let [from, to] = self.two(node, ["from", "to"], "`copy-file`")?;
                FileAction::Copy {
                    from: self.path(from)?,
                    to: self.path(to)?,
                }
            }
            "truncate-file" => {
                let [path, size] = self.two(node, ["path", "size"], "`truncate-file`")?;
                FileAction::Truncate {
                    path: self.path(path)?,
                    size: self.offset(size, "size")?,
                }
            }
            "flip-byte" => {
                let [path, offset] = self.two(node, ["path", "offset"], "`flip-byte`")?;
                FileAction::FlipByte {
                    path: self.path(path)?,
                    offset: self.offset(offset, "offset")?,
                }
            }
            "append-file" => {
                let [path, content] = self.two(node, ["path", "bytes"], "`append-file`")?;
                FileAction::Append {
                    path: self.path(path)?,
                    bytes: self.bytes_variable(content)?,
                }
            }
            _ => {
                let [path, content] = self.two(node, ["path", "bytes"], "`write-file`")?;
                FileAction::Write {
                    path: self.path(path)?,
                    bytes: bytes::constant(content, "bytes", &mut self.faults)?,
                }
            }
        })
    }

    /// A variable that holds bytes.
    fn bytes_variable(&mut self, node: &Node) -> Option<VariableId> {
        let name = text(node, "bytes", &mut self.faults)?;
        let variable = self.names.mention(&name, node.spot);
        if let Some(VariableKind::Scalar(_)) = self.names.kind(variable) {
            let message =
                format!("`{name}` holds a number: bind bytes, `{{bind: {name}, size: 4096}}`");
            self.faults.add(FaultKind::Value(message), node.spot);
            return None;
        }
        Some(variable)
    }

    fn two<'n>(
        &mut self,
        node: &'n Node,
        keys: [&'static str; 2],
        owner: &str,
    ) -> Option<[&'n Node; 2]> {
        let entries = node.entries().unwrap_or_default();
        values::known_keys(entries, &keys, owner, &mut self.faults);
        let found = keys.map(|key| node.get(key));
        if let [Some(first), Some(second)] = found {
            return Some([first, second]);
        }
        let key = keys[usize::from(found[0].is_some())];
        let kind = FaultKind::MissingKey {
            owner: owner.to_owned(),
            key,
        };
        self.faults.add(kind, node.spot);
        None
    }

    fn offset(&mut self, node: &Node, name: &str) -> Option<i64> {
        values::number(node, Scalar::Ulonglong, name, &mut self.faults).map(|value| value as i64)
    }

    /// A path inside the scratch folder.
    pub(super) fn path(&mut self, node: &Node) -> Option<String> {
        let path = text(node, "a path", &mut self.faults)?;
        let leaves = path.starts_with(['/', '\\'])
            || path.contains(':')
            || path.split(['/', '\\']).any(|part| part == "..");
        if leaves {
            let message =
                format!("`{path}` leaves the folder of the run: paths are relative to it");
            self.faults.add(FaultKind::Value(message), node.spot);
            return None;
        }
        Some(path)
    }
}
