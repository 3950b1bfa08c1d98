//! Sensible structures, field by field.

use smol_str::SmolStr;

use super::arguments::{Scene, is_id, stem};
use super::maker::Maker;
use super::program::Value;
use super::vocabulary::{family, options};
use super::world::Column;
use crate::abi::FunctionId;
use crate::abi::role::Scalar;
use crate::abi::structure::{Field, FieldRole, Structure};

/// How deep structures inside structures are filled.
const DEEPEST: usize = 3;

impl Maker<'_> {
    /// A structure with its fields as a sensible program fills them.
    pub(super) fn structure(
        &mut self,
        function: FunctionId,
        structure: &'static Structure,
        scene: &Scene,
        depth: usize,
    ) -> Value {
        let mut entries = Vec::new();
        // What belongs to a table that is being made has only the columns that are made with it.
        let mut inner = scene.clone();
        for field in structure.fields {
            if in_a_union(structure, field, &entries) {
                continue;
            }
            if let Some(value) = self.field(function, structure, field, &mut inner, depth) {
                entries.push((field.name, value));
            }
        }
        Value::Map(entries)
    }

    fn field(
        &mut self,
        function: FunctionId,
        structure: &'static Structure,
        field: &'static Field,
        scene: &mut Scene,
        depth: usize,
    ) -> Option<Value> {
        match field.role {
            FieldRole::In(Scalar::Grbit) | FieldRole::InWritten(Scalar::Grbit) => {
                let bits = bits(function, structure);
                self.grbit(bits)
            }
            FieldRole::In(scalar) => self.scalar(function, scalar, field.name, scene),
            FieldRole::InWritten(scalar) => {
                let is_input = ["coltyp", "cbMax", "cp", "itagSequence"].contains(&field.name);
                if !is_input {
                    return None;
                }
                match field.name {
                    "cp" => Some(Value::Number(self.choices.of([1252, 1200]))),
                    "cbMax" => Some(Value::Number(self.choices.of([0, 0, 5, 300]))),
                    _ => self.scalar(function, scalar, field.name, scene),
                }
            }
            FieldRole::Written(scalar) if scalar.is_handle() || is_id(scalar) => {
                Some(Value::Bind(self.world.fresh(stem(scalar))))
            }
            FieldRole::Text if field.name.contains("Template") && !self.choices.once_in(6) => None,
            FieldRole::Text if field.name.contains("Callback") && !self.choices.once_in(4) => None,
            FieldRole::Text if structure.name.starts_with("JET_COLUMNCREATE") => {
                Some(Value::Text(self.world.fresh("column")))
            }
            FieldRole::Text | FieldRole::WideText => Some(self.text(function, field.name, scene)),
            FieldRole::KeyText => Some(self.key_text(&scene.table)),
            FieldRole::Bytes if field.name == "pvDefault" && !self.choices.once_in(3) => None,
            FieldRole::Bytes => Some(self.key()),
            FieldRole::Struct(inner) if depth < DEEPEST && self.choices.once_in(4) => {
                Some(self.structure(function, inner, scene, depth + 1))
            }
            FieldRole::Array(inner) if depth < DEEPEST => {
                let is_condition = inner.name == "JET_CONDITIONALCOLUMN";
                if is_condition && !self.choices.once_in(4) {
                    return None;
                }
                let count = self.choices.of([1, 2, 1, 0]);
                let items: Vec<Value> = (0..count)
                    .map(|_| self.structure(function, inner, scene, depth + 1))
                    .collect();
                if inner.name.starts_with("JET_COLUMNCREATE") {
                    self.see_columns(&items, scene);
                }
                Some(Value::List(items))
            }
            FieldRole::ArrayIn(scalar) => {
                let item = self.scalar(function, scalar, "itagSequence", scene);
                Some(Value::List(item.into_iter().collect()))
            }
            FieldRole::Status if self.choices.once_in(2) => Some(Value::Variable(self.status())),
            _ => None,
        }
    }

    /// The indexes of a table that is being made are over the columns that are made with it.
    fn see_columns(&mut self, items: &[Value], scene: &mut Scene) {
        let columns: Vec<Column> = items.iter().filter_map(column_made).collect();
        if !columns.is_empty() {
            self.world.draft = columns;
            scene.table = SmolStr::default();
        }
    }
}

/// The options of a structure, by what it is.
pub(super) fn bits(function: FunctionId, structure: &Structure) -> &'static [&'static str] {
    let name = structure.name;
    let prefix = if name.starts_with("JET_COLUMN") {
        "JET_bitColumn"
    } else if name.starts_with("JET_INDEXCREATE") {
        "JET_bitIndex"
    } else if name.starts_with("JET_TABLECREATE") {
        "JET_bitTableCreate"
    } else if name.starts_with("JET_SETCOLUMN") {
        "JET_bitSet"
    } else if name.starts_with("JET_RETRIEVECOLUMN") {
        "JET_bitRetrieve"
    } else if name.starts_with("JET_OPENTEMPORARYTABLE") {
        "JET_bitTT"
    } else {
        return options(function);
    };
    family(prefix)
}

/// The column that a JET_COLUMNCREATE makes, with the variable that takes its columnid.
pub(super) fn column_made(item: &Value) -> Option<Column> {
    let Value::Map(entries) = item else {
        return None;
    };
    let field = |name: &str| entries.iter().find(|(key, _)| *key == name);
    let (_, Value::Text(name)) = field("szColumnName")? else {
        return None;
    };
    let variable = match field("columnid") {
        Some((_, Value::Bind(name))) => name.as_str(),
        _ => "nil",
    };
    let coltyp = match field("coltyp") {
        Some((_, Value::Constants(names))) => {
            let first = names
                .first()
                .and_then(|name| crate::abi::constants::value(name));
            first.unwrap_or_default() as u32
        }
        _ => 4,
    };
    Some(Column::new(variable, name, coltyp))
}

/// Whether another member of the field's union is written already.
fn in_a_union(structure: &Structure, field: &Field, entries: &[(&'static str, Value)]) -> bool {
    let shares = |other: &&Field| other.offset == field.offset && other.name != field.name;
    let others = structure.fields.iter().filter(shares);
    let mut written = others.filter(|other| entries.iter().any(|(name, _)| *name == other.name));
    written.next().is_some()
}
