//! Bad arguments: what each kind of badness is for each role.

use smol_str::SmolStr;

use super::arguments::{Scene, is_structure, other_kind};
use super::bad_text::{LONG, at_end};
use super::maker::Maker;
use super::overlap::{self, without_bindings};
use super::pairs::{Badness, Pair, structure_of};
use super::program::{Invocation, Value};
use super::structures::bits;
use super::vocabulary::options;
use crate::abi::constants;
use crate::abi::role::{Kind, Scalar};
use crate::abi::structure::{FieldRole, Structure};
use crate::abi::{FunctionId, Parameter};

/// What a value is to a call, parameter or field alike.
#[derive(Clone, Copy)]
enum Role {
    Scalar(Scalar),
    Text,
    KeyText,
    Bytes,
    Buffer,
    Size,
    /// A length or a count, with the name of what it measures.
    Measure(&'static str),
    List,
    Other,
}

impl Maker<'_> {
    /// Makes one argument of a call bad. `false` where that cannot be said of this call.
    pub(super) fn spoil(&mut self, call: &mut Invocation, pair: &Pair, scene: &Scene) -> bool {
        let [name, fields @ ..] = pair.path.as_slice() else {
            return false;
        };
        let Some((_, parameter)) = pair.function.get().parameter(name) else {
            return false;
        };
        if fields.is_empty() {
            return self.spoil_parameter(call, parameter, pair, scene);
        }
        let Some(structure) = structure_of(&parameter.kind) else {
            return false;
        };
        let mut value = match call.get(name) {
            Some(value) if *value != Value::Null => value.clone(),
            _ => self.present(pair.function, parameter, structure, scene),
        };
        let done = self.spoil_fields(&mut value, parameter.name, structure, pair, scene);
        call.set(parameter.name, value);
        done
    }

    /// Makes a field of a structure bad, or of an element of an array.
    fn spoil_fields(
        &mut self,
        value: &mut Value,
        parameter: &'static str,
        structure: &'static Structure,
        pair: &Pair,
        scene: &Scene,
    ) -> bool {
        let fields = &pair.path[1..];
        if let (Badness::Overlap, [field]) = (pair.badness, fields) {
            return self.share_in_array(value, parameter, structure, field);
        }
        let target = match value {
            Value::List(items) => items.first_mut(),
            value => Some(value),
        };
        target.is_some_and(|target| self.spoil_field(target, structure, fields, pair, scene))
    }

    /// A structure, or an array of one, that is there although it need not be.
    fn present(
        &mut self,
        function: FunctionId,
        parameter: &Parameter,
        structure: &'static Structure,
        scene: &Scene,
    ) -> Value {
        let value = self.structure(function, structure, scene, 0);
        match parameter.kind {
            Kind::Array(_) | Kind::ArrayInOut(_) => Value::List(vec![value]),
            _ => value,
        }
    }

    fn spoil_parameter(
        &mut self,
        call: &mut Invocation,
        parameter: &'static Parameter,
        pair: &Pair,
        scene: &Scene,
    ) -> bool {
        if pair.badness == Badness::Overlap {
            return overlap::put(&mut self.choices, call, pair.function, parameter.name);
        }
        let role = match parameter.kind {
            Kind::Scalar(scalar) => Role::Scalar(scalar),
            Kind::InOut(_) if pair.badness == Badness::Null => Role::Other,
            Kind::InOut(scalar) => Role::Scalar(scalar),
            Kind::Text | Kind::NameOrId => Role::Text,
            Kind::KeyText => Role::KeyText,
            Kind::Bytes => Role::Bytes,
            Kind::Buffer | Kind::Info | Kind::TextBuffer | Kind::TextList => Role::Buffer,
            Kind::Length | Kind::Count => match parameter.links.first() {
                Some(measured) => Role::Measure(measured),
                None => Role::Other,
            },
            Kind::Context => Role::Scalar(Scalar::ApiPtr),
            Kind::Array(_) | Kind::ArrayInOut(_) | Kind::ArrayIn(_) => Role::List,
            _ => Role::Other,
        };
        if let (Kind::NameOrId, Badness::Raw) = (parameter.kind, pair.badness) {
            let columnid = Value::Number(self.choices.of([0x7FFF, 0, 1]));
            call.set(parameter.name, Value::Map(vec![("columnid", columnid)]));
            return true;
        }
        let known = options(pair.function);
        let present = call.get(parameter.name).cloned();
        let Some(value) = self.bad(role, pair.badness, present.as_ref(), known, scene) else {
            return false;
        };
        if let (Kind::InOut(_), Role::Scalar(_)) = (parameter.kind, role) {
            // What the pointer leads to is bad, and not the pointer.
            let entries = vec![("value", value)];
            call.set(parameter.name, Value::Map(entries));
            return true;
        }
        if let Role::Measure(measured) = role {
            return self.spoil_measure(call, parameter.name, measured, pair.badness, value);
        }
        call.set(parameter.name, value);
        true
    }

    /// A length that says less than there is, or anything at all of a null pointer.
    fn spoil_measure(
        &mut self,
        call: &mut Invocation,
        name: &'static str,
        measured: &'static str,
        badness: Badness,
        value: Value,
    ) -> bool {
        let function = call.function;
        let Some((_, target)) = function.get().parameter(measured) else {
            return false;
        };
        if badness == Badness::Huge {
            if is_structure(&target.kind)
                || matches!(
                    target.kind,
                    Kind::Bytes
                        | Kind::KeyText
                        | Kind::Buffer
                        | Kind::Info
                        | Kind::TextBuffer
                        | Kind::TextList
                        | Kind::ArrayIn(_)
                        | Kind::KeyArray
                )
            {
                call.set(target.name, Value::Null);
                call.set(name, value);
                return true;
            }
            return false;
        }
        if badness == Badness::Short
            && let Some(items @ (Value::List(_) | Value::Map(_) | Value::Hex(_))) =
                call.get(measured)
            && measure(items).is_some_and(|size| size < 1)
        {
            return false;
        }
        call.set(name, value);
        true
    }

    fn spoil_field(
        &mut self,
        value: &mut Value,
        structure: &'static Structure,
        path: &[&'static str],
        pair: &Pair,
        scene: &Scene,
    ) -> bool {
        let ([name, rest @ ..], Value::Map(entries)) = (path, &mut *value) else {
            return false;
        };
        let Some(field) = structure.field(name) else {
            return false;
        };
        let at = entries.iter().position(|(key, _)| key == name);
        let mut inner = at.map(|at| entries[at].1.clone());
        if !rest.is_empty() {
            let (FieldRole::Struct(below) | FieldRole::Array(below)) = field.role else {
                return false;
            };
            let mut made = match inner
                .take()
                .filter(|inner| *inner != Value::Null && *inner != Value::List(vec![]))
            {
                Some(inner) => inner,
                None => {
                    let made = self.structure(pair.function, below, scene, 1);
                    match field.role {
                        FieldRole::Array(_) => Value::List(vec![made]),
                        _ => made,
                    }
                }
            };
            let target = match &mut made {
                Value::List(items) => items.first_mut(),
                made => Some(made),
            };
            let done =
                target.is_some_and(|target| self.spoil_field(target, below, rest, pair, scene));
            put(entries, field.name, made);
            return done;
        }
        let role = match field.role {
            FieldRole::Size => Role::Size,
            FieldRole::In(scalar) | FieldRole::InWritten(scalar) => Role::Scalar(scalar),
            FieldRole::Text | FieldRole::WideText => Role::Text,
            FieldRole::KeyText => Role::KeyText,
            FieldRole::Bytes => Role::Bytes,
            FieldRole::Buffer => Role::Buffer,
            FieldRole::Length | FieldRole::Count => match field.link {
                Some(link) => Role::Measure(link),
                None => Role::Other,
            },
            FieldRole::Array(_) | FieldRole::ArrayIn(_) => Role::List,
            FieldRole::Raw(size) => {
                put(entries, field.name, Value::Hex(vec![0xFF; size]));
                return true;
            }
            _ => Role::Other,
        };
        let known = bits(pair.function, structure);
        let bad = match (role, pair.badness) {
            (Role::Size, badness) => Some(size(structure, badness)),
            (role, badness) => self.bad(role, badness, inner.as_ref(), known, scene),
        };
        let Some(bad) = bad else {
            return false;
        };
        if let (Role::Measure(measured), Badness::Huge) = (role, pair.badness) {
            entries.retain(|(key, _)| *key != measured);
            let target = structure
                .field(measured)
                .map_or(measured, |field| field.name);
            entries.push((target, Value::Null));
        }
        put(entries, field.name, bad);
        true
    }

    fn bad(
        &mut self,
        role: Role,
        badness: Badness,
        present: Option<&Value>,
        known: &[&'static str],
        scene: &Scene,
    ) -> Option<Value> {
        Some(match (role, badness) {
            (Role::Buffer, Badness::Empty) => Value::Map(vec![("size", Value::Number(0))]),
            (Role::Buffer, Badness::Short) => {
                let size = self.choices.of([1, 2, 3, 7, 12]);
                Value::Map(vec![("size", Value::Number(size))])
            }
            (
                Role::Bytes | Role::Text | Role::KeyText | Role::List | Role::Buffer | Role::Other,
                Badness::Null,
            ) => Value::Null,
            (Role::Scalar(scalar), badness) => {
                return self.bad_scalar(scalar, badness, known, scene);
            }
            (Role::Text, Badness::AtEnd) => at_end(match present {
                Some(text @ Value::Text(_)) => text.clone(),
                _ => Value::Text("absent".into()),
            }),
            (Role::Text, badness) => return self.bad_text(badness),
            (Role::KeyText, Badness::AtEnd) => self.key_at_end(present),
            (Role::KeyText, badness) => return self.bad_key(badness),
            (Role::Bytes, Badness::AtEnd) => at_end(match present {
                Some(plain @ (Value::Hex(_) | Value::I32(_) | Value::Repeat(..))) => plain.clone(),
                _ => self.key(),
            }),
            (Role::Bytes, Badness::Empty) => Value::Hex(Vec::new()),
            (Role::Bytes, Badness::Long) => {
                let times = self.choices.of([256, 5000, LONG]);
                Value::Repeat("a", times)
            }
            (Role::Bytes, Badness::Excess) => Value::Hex(vec![1; self.choices.of([5, 9, 256])]),
            (Role::Bytes, Badness::Short) => Value::Hex(vec![1; self.choices.of([3, 1, 2])]),
            (Role::Measure(_), Badness::Null) => Value::Number(0),
            (Role::Measure(_), Badness::Short) => match present {
                Some(Value::Number(number)) if *number > 0 => Value::Number(number - 1),
                _ => Value::Number(0),
            },
            (Role::Measure(_), Badness::Huge) => {
                Value::Number(self.choices.of([4, 0x7FFF_FFFF, 0xFFFF_FFFF]))
            }
            (Role::List, Badness::Empty) => Value::List(Vec::new()),
            (Role::List, Badness::Excess) => match present {
                Some(Value::List(items)) if !items.is_empty() => {
                    let count = self.choices.of([13, 65, 20]);
                    let items = items.iter().cycle().take(count);
                    Value::List(items.map(without_bindings).collect())
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    fn bad_scalar(
        &mut self,
        scalar: Scalar,
        badness: Badness,
        known: &[&'static str],
        scene: &Scene,
    ) -> Option<Value> {
        if scalar.size() == 2 && matches!(badness, Badness::Raw | Badness::Edge) {
            let number = self.choices.of([1, 0xFFFF, 0x7FFF, 0x8000, 255, 256, 1300]);
            return Some(Value::Number(number));
        }
        let things = &self.world.things;
        Some(match badness {
            Badness::Null => Value::Null,
            Badness::Nil => Value::Nil,
            Badness::Raw if scalar.is_handle() => Value::Raw(self.choices.of([
                0x1234,
                1,
                0x7FFF_FFFF_FFFF_FFFF,
                0x8000_0000,
                0x0010_0033,
            ])),
            Badness::Raw => Value::Number(i64::from(self.choices.number() as i32)),
            Badness::Edge => Value::Number(self.choices.of([
                0x7FFF_FFFF,
                -1,
                1,
                255,
                256,
                65_535,
                0x8000_0000,
                7,
                8,
                12,
                13,
                1000,
            ])),
            Badness::WrongKind => {
                let other = other_kind(things, scalar)?;
                Value::Variable(other.name.clone())
            }
            Badness::Closed => {
                let closed = self.world.of(scalar, false);
                let chosen = self.choices.pick(&closed).copied();
                Value::Variable(self.world.things[chosen?].name.clone())
            }
            Badness::Foreign if scalar == Scalar::Columnid => self.foreign_column(scene)?,
            Badness::Foreign => {
                let mut foreign = self.world.alive(scalar);
                foreign.retain(|thing| self.is_foreign(*thing, scene));
                let chosen = self.choices.pick(&foreign).copied();
                Value::Variable(self.world.things[chosen?].name.clone())
            }
            Badness::Elsewhere => {
                let mut others = self.world.alive(scalar);
                others.retain(|thing| self.is_elsewhere(*thing, scene));
                Value::Variable(self.world.things[*others.last()?].name.clone())
            }
            Badness::UnknownBit => {
                let sum = known.iter().filter_map(|name| constants::value(name));
                let sum = sum.fold(0, |sum, bits| sum | bits) as u32;
                let free: Vec<u32> = (0..32)
                    .map(|bit| 1 << bit)
                    .filter(|bit| sum & bit == 0)
                    .collect();
                Value::Number(i64::from(*self.choices.pick(&free)?))
            }
            Badness::ManyBits => {
                let (Some(first), Some(second)) = (
                    self.choices.pick(known).copied(),
                    self.choices.pick(known).copied(),
                ) else {
                    // The page knows none.
                    return Some(Value::Number(3 << self.choices.below(31)));
                };
                match self.choices.once_in(3) {
                    true => Value::Constants(known.to_vec()),
                    false => Value::Constants(vec![first, second]),
                }
            }
            _ => return None,
        })
    }

    /// Whether a handle is another's than the scene's: of another session, or another session itself.
    pub(super) fn is_foreign(&self, thing: usize, scene: &Scene) -> bool {
        let own = &self.world.things[thing];
        match own.scalar {
            Scalar::Sesid => Some(thing) != scene.session,
            Scalar::Tableid | Scalar::Dbid => own.owner != scene.session,
            _ => true,
        }
    }

    /// Whether a handle belongs to another instance than the scene's session.
    pub(super) fn is_elsewhere(&self, thing: usize, scene: &Scene) -> bool {
        let own = scene.session.and_then(|own| self.world.home(own));
        self.world.home(thing).is_some_and(|home| Some(home) != own)
    }

    fn foreign_column(&mut self, scene: &Scene) -> Option<Value> {
        let others: Vec<SmolStr> = self
            .world
            .tables
            .iter()
            .filter(|(name, _)| **name != scene.table)
            .flat_map(|(_, table)| &table.columns)
            .map(|column| column.variable.clone())
            .collect();
        self.choices.pick(&others).cloned().map(Value::Variable)
    }
}

/// A size that is not the structure's.
fn size(structure: &Structure, badness: Badness) -> Value {
    let size = structure.size[0] as i64;
    Value::Number(match badness {
        Badness::Null => 0,
        Badness::Short => size - 1,
        Badness::Excess => size + 8,
        _ => 0x7FFF_FFFF,
    })
}

fn put(entries: &mut Vec<(&'static str, Value)>, name: &'static str, value: Value) {
    match entries.iter_mut().find(|(key, _)| *key == name) {
        Some(entry) => entry.1 = value,
        None => entries.push((name, value)),
    }
}

/// How many bytes or elements a value has, where that can be seen.
fn measure(value: &Value) -> Option<usize> {
    match value {
        Value::List(items) => Some(items.len()),
        Value::Hex(bytes) => Some(bytes.len()),
        _ => None,
    }
}
