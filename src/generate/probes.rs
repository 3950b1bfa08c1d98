//! Calls that show what an engine holds after a program: where its cursors stand, what is prepared
//! with them, what is in their tables, which handles are good. None of them need leave things as
//! they are, for nothing comes after them.

use smol_str::SmolStr;

use super::arguments::Scene;
use super::choices::Choices;
use super::maker::Maker;
use super::order::Order;
use super::program::{Action, Invocation, Program, Step, Value};
use crate::abi::function;
use crate::abi::role::Scalar;

/// How many columns of a table are looked at.
const COLUMNS: usize = 6;

/// A call by name, and the arguments beside its session and its cursor.
type Plain = (&'static str, &'static [(&'static str, Given)]);

/// What an argument is given as.
#[derive(Clone, Copy)]
enum Given {
    Constant(&'static str),
    Zero,
}

use Given::{Constant, Zero};

const FIRST: Plain = ("JetMove", &[("cRow", Constant("JET_MoveFirst"))]);
const NEXT: Plain = ("JetMove", &[("cRow", Constant("JET_MoveNext"))]);
const LAST: Plain = ("JetMove", &[("cRow", Constant("JET_MoveLast"))]);
const UPDATE: Plain = ("JetUpdate", &[]);

/// What is done with a cursor, each for itself.
const OF_CURSORS: &[&[Plain]] = &[
    &[("JetGetBookmark", &[])],
    &[UPDATE],
    &[NEXT],
    &[("JetSeek", &[("grbit", Constant("JET_bitSeekEQ"))])],
    &[(
        "JetRetrieveKey",
        &[("grbit", Constant("JET_bitRetrieveCopy"))],
    )],
    &[("JetGetCurrentIndex", &[])],
    &[FIRST],
    &[("JetIndexRecordCount", &[("crecMax", Zero)])],
    &[("JetGetLS", &[])],
    &[
        ("JetPrepareUpdate", &[("prep", Constant("JET_prepInsert"))]),
        UPDATE,
    ],
    &[
        FIRST,
        ("JetPrepareUpdate", &[("prep", Constant("JET_prepReplace"))]),
        UPDATE,
    ],
    &[FIRST, ("JetDelete", &[])],
    &[("JetCloseTable", &[])],
];

/// What is done before a column is looked at.
const BEFORE_A_COLUMN: &[&[Plain]] = &[&[], &[FIRST], &[NEXT], &[LAST]];

/// What is done with a session.
const OF_SESSIONS: &[&[Plain]] = &[
    &[("JetCommitTransaction", &[])],
    &[("JetRollback", &[])],
    &[("JetEndSession", &[])],
];

/// Short rows of calls that can follow a program, those that say most first.
pub fn probes(program: &Program) -> Vec<Vec<Step>> {
    let maker = after(program);
    let named = names(program);
    let mut rows = Vec::new();
    for cursor in maker.world.alive(Scalar::Tableid) {
        let session = maker.world.things[cursor].owner;
        let scene = Scene {
            session,
            cursor: Some(cursor),
            ..Scene::default()
        };
        let row = |calls: &&[Plain]| row(&maker, &scene, calls);
        rows.extend(OF_CURSORS.iter().map(row));
        for (parameter, name) in &named {
            let asks = match parameter {
                _ if parameter.contains("Column") => ("JetGetTableColumnInfo", "szColumnName"),
                _ if parameter.contains("Index") => ("JetSetCurrentIndex", "szIndexName"),
                _ => continue,
            };
            rows.push(by_name(&maker, &scene, asks, name));
        }
        let table = &maker.world.things[cursor].table;
        for column in maker.world.columns(table).iter().take(COLUMNS) {
            let looks = ["", "JET_bitRetrieveCopy"].into_iter();
            let looks = looks.filter_map(|option| look(&maker, &scene, &column.variable, option));
            for look in looks {
                let before = BEFORE_A_COLUMN.iter();
                rows.extend(before.map(|calls| [row(calls), vec![look.clone()]].concat()));
            }
        }
    }
    for session in maker.world.alive(Scalar::Sesid) {
        let scene = Scene {
            session: Some(session),
            dbid: maker.world.owned(Scalar::Dbid, session).last().copied(),
            ..Scene::default()
        };
        let row = |calls: &&[Plain]| row(&maker, &scene, calls);
        for (_, name) in named.iter().filter(|(own, _)| own.contains("Table")) {
            rows.push(by_name(
                &maker,
                &scene,
                ("JetOpenTable", "szTableName"),
                name,
            ));
        }
        rows.extend(OF_SESSIONS.iter().map(row));
    }
    for instance in maker.world.alive(Scalar::Instance) {
        let call = function("JetBeginSession").map(Invocation::new);
        rows.extend(call.map(|mut call| {
            call.set("instance", maker.handle(Some(instance)));
            vec![Step::call(call)]
        }));
    }
    rows.retain(|row: &Vec<Step>| !row.is_empty());
    rows
}

/// What the calls of a program name, each once, by the parameter that it is given for.
fn names(program: &Program) -> Vec<(&'static str, SmolStr)> {
    let calls = program.steps.iter().filter_map(Step::invocation);
    let mut named = Vec::new();
    for (parameter, value) in calls.flat_map(|call| &call.arguments) {
        // A name that somebody wrote without quotes looks like a variable.
        if let Value::Text(text) | Value::Variable(text) = value
            && parameter.starts_with("sz")
            && !named.contains(&(*parameter, text.clone()))
        {
            named.push((*parameter, text.clone()));
        }
    }
    named
}

/// Asks for something by its name.
fn by_name(
    maker: &Maker<'_>,
    scene: &Scene,
    (asks, parameter): (&'static str, &'static str),
    name: &SmolStr,
) -> Vec<Step> {
    let mut asked = step(maker, scene, &(asks, &[]));
    if let Some(Step {
        action: Action::Call(call),
        ..
    }) = &mut asked
    {
        call.set(parameter, Value::Text(name.clone()));
    }
    asked.into_iter().collect()
}

/// What is known once the program has run.
fn after(program: &Program) -> Maker<'static> {
    let order = Order {
        fixture: Some(program.fixture),
        ..Order::default()
    };
    let mut maker = Maker::new(Choices::new(&[]), order);
    for step in &program.steps {
        match &step.action {
            Action::Call(call) => maker.note(call),
            Action::Other(verb, _) if verb == "kill-host" => maker.world.things.clear(),
            Action::Other(..) => {}
        }
    }
    maker
}

fn row(maker: &Maker<'_>, scene: &Scene, calls: &[Plain]) -> Vec<Step> {
    let steps = calls.iter().filter_map(|call| step(maker, scene, call));
    steps.collect()
}

fn step(maker: &Maker<'_>, scene: &Scene, (name, given): &Plain) -> Option<Step> {
    let mut call = Invocation::new(function(name)?);
    call.set("sesid", maker.handle(scene.session));
    for (parameter, thing) in [("tableid", scene.cursor), ("dbid", scene.dbid)] {
        if call.function.get().parameter(parameter).is_some() {
            call.set(parameter, maker.handle(thing));
        }
    }
    if call.function.get().parameter("InfoLevel").is_some() {
        call.set("InfoLevel", Value::Number(0));
    }
    for (parameter, value) in *given {
        let value = match value {
            Constant(name) => Value::Constants(vec![name]),
            Zero => Value::Number(0),
        };
        call.set(parameter, value);
    }
    Some(Step::call(call))
}

/// Looks at a column.
fn look(maker: &Maker<'_>, scene: &Scene, column: &SmolStr, option: &'static str) -> Option<Step> {
    let mut look = step(maker, scene, &("JetRetrieveColumn", &[]))?;
    if let Action::Call(call) = &mut look.action {
        call.set("columnid", Value::Variable(column.clone()));
        if !option.is_empty() {
            call.set("grbit", Value::Constants(vec![option]));
        }
    }
    Some(look)
}
