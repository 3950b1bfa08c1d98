//! Sensible arguments, each by its parameter's role.

use smol_str::{SmolStr, format_smolstr};

use super::maker::Maker;
use super::pairs::structure_of;
use super::program::{Invocation, Value};
use super::vocabulary::{family, levels, options};
use super::world::{Column, Table, Thing};
use crate::abi::role::{Kind, Scalar};
use crate::abi::{FunctionId, Parameter};

/// The handles that one call is about, so that they fit each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Scene {
    pub instance: Option<usize>,
    pub session: Option<usize>,
    pub dbid: Option<usize>,
    pub cursor: Option<usize>,
    pub table: SmolStr,
}

/// The name of the database file that the fixtures create.
pub(super) const DATABASE: &str = "jetspec.edb";

impl Maker<'_> {
    /// Handles for a call: mostly those used last, which are the ones that something was done with.
    pub(super) fn scene(&mut self) -> Scene {
        let mut scene = Scene::default();
        let cursors = self.world.alive(Scalar::Tableid);
        scene.cursor = self.recent(&cursors);
        if let Some(cursor) = scene
            .cursor
            .and_then(|cursor| self.world.things.get(cursor))
        {
            scene.table = cursor.table.clone();
            scene.session = cursor.owner;
        }
        if scene.session.is_none() || self.choices.once_in(12) {
            let sessions = self.world.alive(Scalar::Sesid);
            scene.session = self.recent(&sessions);
            let own = |session| self.world.owned(Scalar::Tableid, session);
            let own = scene.session.map(own).unwrap_or_default();
            scene.cursor = self.recent(&own);
        }
        if scene.table.is_empty() {
            scene.table = self.any_table();
        }
        self.complete(&mut scene);
        scene
    }

    /// The database and the instance of a scene's session.
    fn complete(&mut self, scene: &mut Scene) {
        let owned = |session| self.world.owned(Scalar::Dbid, session);
        let own = scene.session.map(owned).unwrap_or_default();
        scene.dbid = own.last().copied();
        let owner = scene
            .session
            .and_then(|session| self.world.things.get(session)?.owner);
        scene.instance = owner.or_else(|| self.world.alive(Scalar::Instance).last().copied());
    }

    /// Mostly the last one.
    fn recent(&mut self, of: &[usize]) -> Option<usize> {
        match self.choices.once_in(4) {
            true => self.choices.pick(of).copied(),
            false => of.last().copied(),
        }
    }

    pub(super) fn any_table(&mut self) -> SmolStr {
        let chosen = self.choices.below(self.world.tables.len());
        let name = self.world.tables.keys().nth(chosen).cloned();
        name.unwrap_or(SmolStr::new_static("table"))
    }

    /// A call with sensible arguments.
    pub(super) fn good_call(&mut self, function: FunctionId, scene: &Scene) -> Invocation {
        let mut call = Invocation::new(function);
        for parameter in function.get().parameters {
            if let Some(value) = self.good(function, parameter, scene) {
                call.arguments.push((parameter.name, value));
            }
        }
        call
    }

    /// A sensible argument, `None` where it is better left out.
    pub(super) fn good(
        &mut self,
        function: FunctionId,
        parameter: &'static Parameter,
        scene: &Scene,
    ) -> Option<Value> {
        let name = parameter.name;
        match &parameter.kind {
            Kind::Scalar(scalar) => self.scalar(function, *scalar, name, scene),
            Kind::Text if parameter.optional && self.choices.once_in(3) => None,
            Kind::Text => Some(self.text(function, name, scene)),
            Kind::KeyText => Some(self.key_text(&scene.table)),
            Kind::NameOrId => Some(Value::Text(self.column(&scene.table).name)),
            Kind::Bytes => self.bytes(function, parameter, scene),
            Kind::Buffer => self.buffer(),
            Kind::Info | Kind::TextBuffer | Kind::TextList => {
                let size = self.choices.of([300, 300, 300, 4, 600]);
                (size != 300).then_some(Value::Map(vec![("size", Value::Number(size))]))
            }
            Kind::Context => Some(Value::Raw(self.context())),
            Kind::Out(scalar) if scalar.is_handle() || is_id(*scalar) => {
                Some(Value::Bind(self.world.fresh(stem(*scalar))))
            }
            Kind::InOut(Scalar::Instance) => match parameter.optional && self.choices.once_in(3) {
                true => None,
                false => Some(self.handle(scene.instance)),
            },
            Kind::Struct(_) | Kind::StructInOut(_) | Kind::Array(_) | Kind::ArrayInOut(_)
                if parameter.optional && !self.choices.once_in(2) =>
            {
                None
            }
            Kind::Struct(structure) | Kind::StructInOut(structure) => {
                Some(self.structure(function, structure, scene, 0))
            }
            Kind::Array(structure) | Kind::ArrayInOut(structure) => {
                let count = self.choices.of([1, 1, 2, 3]);
                let items = (0..count).map(|_| self.structure(function, structure, scene, 0));
                Some(Value::List(items.collect()))
            }
            Kind::ArrayIn(scalar) => {
                let item = self.scalar(function, *scalar, name, scene);
                Some(Value::List(item.into_iter().collect()))
            }
            Kind::Callback | Kind::Status if parameter.optional && self.choices.once_in(2) => None,
            Kind::Callback => Some(Value::Variable(self.callback())),
            Kind::Status => Some(Value::Variable(self.status())),
            Kind::KeyArray => Some(Value::List(vec![self.key(), self.key()])),
            Kind::EngineMemory => Some(Value::Null),
            _ => None,
        }
    }

    /// A handle, nil where there is none.
    pub(super) fn handle(&self, thing: Option<usize>) -> Value {
        let named = thing.and_then(|thing| self.world.things.get(thing));
        named.map_or(Value::Nil, |thing| Value::Variable(thing.name.clone()))
    }

    /// A number or handle.
    pub(super) fn scalar(
        &mut self,
        function: FunctionId,
        scalar: Scalar,
        name: &str,
        scene: &Scene,
    ) -> Option<Value> {
        Some(match scalar {
            Scalar::Sesid => self.handle(scene.session),
            Scalar::Tableid => self.handle(scene.cursor),
            Scalar::Instance => self.handle(scene.instance),
            Scalar::Dbid => self.handle(scene.dbid),
            Scalar::HandleId | Scalar::Snapid => {
                let alive = self.world.alive(scalar);
                let thing = self.choices.pick(&alive).copied();
                self.handle(thing)
            }
            Scalar::Columnid => Value::Variable(self.column(&scene.table).variable),
            Scalar::Grbit => return self.grbit(options(function)),
            Scalar::Cbtyp => self.reasons(),
            Scalar::ParamId => {
                let prefix = match name {
                    "sesparamid" => "JET_sesparam",
                    _ => "JET_param",
                };
                self.constant(family(prefix))
            }
            Scalar::Level => {
                let levels = levels(function);
                match levels.is_empty() || self.choices.once_in(6) {
                    true => Value::Number(self.choices.below(18) as i64),
                    false => self.constant(levels),
                }
            }
            Scalar::Ls => Value::Raw(self.context()),
            Scalar::Long if name == "cRow" => {
                let moves = [
                    "JET_MoveFirst",
                    "JET_MoveNext",
                    "JET_MoveNext",
                    "JET_MoveLast",
                    "JET_MovePrevious",
                ];
                match self.choices.once_in(6) {
                    true => Value::Number(self.choices.below(5) as i64 - 2),
                    false => Value::Constants(vec![self.choices.of(moves)]),
                }
            }
            Scalar::Ulong if name == "prep" => {
                // Inserts and replaces most often: they are what the others are compared with.
                let preps = [
                    "JET_prepInsert",
                    "JET_prepInsert",
                    "JET_prepReplace",
                    "JET_prepReplace",
                ];
                match self.choices.once_in(3) {
                    true => self.constant(family("JET_prep")),
                    false => Value::Constants(vec![self.choices.of(preps)]),
                }
            }
            Scalar::Ulong if name == "coltyp" => self.coltyp(),
            Scalar::Ulong if name == "objtyp" => self.constant(family("JET_objtyp")),
            Scalar::Ulong if name == "relop" => self.constant(family("JET_relop")),
            Scalar::Ulong if name.ends_with("Density") => {
                Value::Number(self.choices.of([80, 100, 20, 50]))
            }
            Scalar::Ulong if name == "lcid" => Value::Number(0x0409),
            Scalar::Ulong if name == "itagSequence" => {
                Value::Number(self.choices.of([1, 1, 0, 2, 3]))
            }
            Scalar::Ulong if name.starts_with("ib") => Value::Number(self.choices.of([0, 0, 1, 4])),
            Scalar::ApiPtr if name == "lParam" && self.choices.once_in(4) => {
                Value::Callback(self.callback())
            }
            _ => Value::Number(self.choices.of([1, 0, 2, 4, 16, 256, 4096])),
        })
    }

    /// Options: none, one or two of those that the page names.
    pub(super) fn grbit(&mut self, bits: &[&'static str]) -> Option<Value> {
        let count = self.choices.of([0, 1, 1, 0, 2]);
        let mut chosen: Vec<&'static str> = Vec::new();
        for _ in 0..count {
            if let Some(bit) = self.choices.pick(bits)
                && !chosen.contains(bit)
            {
                chosen.push(bit);
            }
        }
        (!chosen.is_empty()).then_some(Value::Constants(chosen))
    }

    pub(super) fn constant(&mut self, of: &[&'static str]) -> Value {
        let constant = self.choices.pick(of).copied();
        constant.map_or(Value::Number(0), |name| Value::Constants(vec![name]))
    }

    fn reasons(&mut self) -> Value {
        let all = [
            "JET_cbtypBeforeInsert",
            "JET_cbtypAfterInsert",
            "JET_cbtypBeforeReplace",
            "JET_cbtypAfterReplace",
            "JET_cbtypBeforeDelete",
            "JET_cbtypAfterDelete",
            "JET_cbtypFinalize",
            "JET_cbtypFreeCursorLS",
            "JET_cbtypFreeTableLS",
        ];
        match self.choices.below(4) {
            0 => Value::Constants(all[..6].to_vec()),
            1 => Value::Constants(vec![self.choices.of(all), self.choices.of(all)]),
            _ => Value::Constants(vec![self.choices.of(all)]),
        }
    }

    pub(super) fn coltyp(&mut self) -> Value {
        let usual = [
            "JET_coltypLong",
            "JET_coltypLong",
            "JET_coltypText",
            "JET_coltypBinary",
            "JET_coltypLongText",
        ];
        match self.choices.once_in(3) {
            true => self.constant(family("JET_coltyp")),
            false => Value::Constants(vec![self.choices.of(usual)]),
        }
    }

    /// A column of the table.
    pub(super) fn column(&mut self, table: &str) -> Column {
        let chosen = self.choices.pick(self.world.columns(table)).cloned();
        chosen.unwrap_or_else(|| {
            // A table that nobody knows: a column of another one.
            let all: Vec<Column> = self
                .world
                .tables
                .values()
                .flat_map(|table| table.columns.clone())
                .collect();
            self.choices
                .pick(&all)
                .cloned()
                .unwrap_or_else(|| Column::new("nil", "none", 4))
        })
    }

    /// A number that tells one registration, or one value of local storage, from the others.
    fn context(&mut self) -> u64 {
        self.contexts += 1;
        self.contexts
    }

    /// A name, by what the parameter says that it names.
    pub(super) fn text(&mut self, function: FunctionId, name: &str, scene: &Scene) -> Value {
        let makes = function.get().name;
        let is_new = name.ends_with("New")
            || (makes.starts_with("JetCreate") && !name.contains("Template"))
            || (makes == "JetAddColumn");
        let text = match Named::by(name) {
            Named::Column if is_new => self.world.fresh("column"),
            Named::Column => self.column(&scene.table).name,
            Named::Index if is_new => self.world.fresh("index"),
            Named::Index => self.any_index(&scene.table),
            Named::File if is_new => format_smolstr!("{}.edb", self.world.fresh("other")),
            Named::File => SmolStr::new_static(DATABASE),
            Named::Table => match is_new && !self.choices.once_in(8) {
                true => self.world.fresh("table"),
                false => self.any_table(),
            },
            Named::Setting => {
                let text = self.choices.of(["on", "off", "event", "edb", "log", "."]);
                SmolStr::new_static(text)
            }
            Named::Callback => return Value::Callback(self.callback()),
            Named::New => self.world.fresh("name"),
            Named::Locale => SmolStr::new_static("en-US"),
            Named::Instance => self.world.fresh("instance"),
            Named::Folder => SmolStr::new_static("backup"),
        };
        Value::Text(text)
    }

    fn any_index(&mut self, table: &str) -> SmolStr {
        let table = self.world.tables.get(table);
        let indexes = table.map_or(&[][..], |table: &Table| &table.indexes);
        let chosen = self.choices.pick(indexes).cloned();
        chosen.unwrap_or(SmolStr::new_static("primary"))
    }

    /// The key of an index over one or two columns.
    pub(super) fn key_text(&mut self, table: &str) -> Value {
        let count = self.choices.of([1, 1, 2]);
        let columns = (0..count).map(|_| {
            let sign = self.choices.of(["+", "+", "-"]);
            Value::Text(format_smolstr!("{sign}{}", self.column(table).name))
        });
        let columns = columns.collect();
        Value::List(columns)
    }

    fn bytes(
        &mut self,
        function: FunctionId,
        parameter: &Parameter,
        scene: &Scene,
    ) -> Option<Value> {
        if parameter.optional && self.choices.once_in(8) {
            return None;
        }
        if (parameter.name.contains("ookmark") || parameter.name.contains("Key"))
            && let Some(held) = self.choices.pick(&self.world.bytes)
        {
            return Some(Value::Map(vec![("from", Value::Text(held.clone()))]));
        }
        if function.get().name == "JetOpenTable" {
            return None;
        }
        let first = self.world.columns(&scene.table).first();
        let coltyp = first.map_or(4, |column| column.coltyp);
        Some(self.value_of(coltyp))
    }

    /// A value of a type: small numbers most often, so that keys meet each other.
    pub(super) fn value_of(&mut self, coltyp: u32) -> Value {
        match coltyp {
            10 | 12 => {
                let text = self.choices.of(["a", "b", "hello", "A", ""]);
                Value::Map(vec![("text", Value::Text(text.into()))])
            }
            9 | 11 => Value::Hex(
                self.choices
                    .of([&b"\x01"[..], b"\x01\x02\x03", b""])
                    .to_vec(),
            ),
            1 | 2 => Value::Hex(vec![self.choices.of([0, 1, 255])]),
            _ => self.key(),
        }
    }

    /// A small number as bytes.
    pub(super) fn key(&mut self) -> Value {
        Value::I32(self.choices.of([1, 2, 3, 4, 5, 0, -1]))
    }

    /// A buffer whose content later calls can use, or one that is too small.
    fn buffer(&mut self) -> Option<Value> {
        match self.choices.below(6) {
            0 => {
                let name = self.world.fresh("bytes");
                Some(Value::Map(vec![
                    ("bind", Value::Text(name)),
                    ("size", Value::Number(300)),
                ]))
            }
            1 => Some(Value::Map(vec![(
                "size",
                Value::Number(self.choices.of([0, 1, 2, 4])),
            )])),
            _ => None,
        }
    }
}

/// What a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Column,
    Index,
    File,
    Table,
    /// What a parameter of the engine is set to.
    Setting,
    Callback,
    /// What the thing will be called.
    New,
    Locale,
    Instance,
    Folder,
}

impl Named {
    /// What a parameter or field of that name says.
    fn by(name: &str) -> Self {
        let has = |word| name.contains(word);
        match name {
            "szTableName" | "szName" => Self::Table,
            "szColumnName" => Self::Column,
            "szParam" => Self::Setting,
            "szNameNew" => Self::New,
            _ if has("Column") => Self::Column,
            _ if has("Index") => Self::Index,
            _ if has("File") || has("Database") => Self::File,
            _ if has("Table") || has("ObjectName") => Self::Table,
            _ if has("Callback") => Self::Callback,
            _ if has("Locale") => Self::Locale,
            _ if has("Instance") || has("Display") => Self::Instance,
            _ => Self::Folder,
        }
    }
}

/// Whether outputs of that kind are bound, beside handles.
pub(super) fn is_id(scalar: Scalar) -> bool {
    matches!(scalar, Scalar::Dbid | Scalar::Columnid | Scalar::Ls)
}

/// What variables of a kind are called.
pub(super) fn stem(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Sesid => "sesid",
        Scalar::Tableid => "tableid",
        Scalar::Instance => "instance",
        Scalar::HandleId => "handle",
        Scalar::Snapid => "snapshot",
        Scalar::Dbid => "dbid",
        Scalar::Columnid => "columnid",
        Scalar::Ls => "ls",
        _ => "number",
    }
}

/// A good handle of a kind other than that.
pub(super) fn other_kind(things: &[Thing], scalar: Scalar) -> Option<&Thing> {
    things
        .iter()
        .rev()
        .find(|thing| thing.scalar != scalar && thing.scalar.is_handle() && thing.alive)
}

/// Whether a parameter points to a structure.
pub(super) fn is_structure(kind: &Kind) -> bool {
    structure_of(kind).is_some()
}
