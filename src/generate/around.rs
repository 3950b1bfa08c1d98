//! What happens around calls: an engine that is started again after its end or its process's death,
//! files that are damaged in between, a call that is still inside while others are made.

use smol_str::{SmolStr, format_smolstr};

use super::arguments::{DATABASE, Scene};
use super::maker::Maker;
use super::order::Ground;
use super::program::{Action, Body, Callback, Step, Value};
use crate::abi::role::Scalar;
use crate::scenario::Node;

/// The thread that a call stays inside on.
const BESIDE: &str = "beside";

impl Maker<'_> {
    fn does(&mut self, verb: &str, value: Value) {
        let step = Step::new(Action::Other(verb.to_owned(), value));
        self.program.steps.push(step);
    }
}

/// The engine ends, or its process is killed; then it is started over the same files.
pub(super) fn restart(maker: &mut Maker<'_>, scene: &Scene) {
    if maker.order.kills && maker.choices.once_in(2) {
        maker.does("kill-host", Value::Written(Node::plain("true")));
        // A handle of a process that has gone is an address that means nothing in the next one.
        maker.world.things.clear();
    } else {
        maker.add_plain(scene, "JetTerm", []);
        // What a damaged file does to a library that does not look at checksums nobody has said.
        if maker.order.ground == Ground::Reference && maker.choices.once_in(2) {
            damage(maker);
        }
    }
    maker.add_plain(&Scene::default(), "JetCreateInstance", []);
    let last = |maker: &Maker<'_>, scalar| maker.world.alive(scalar).last().copied();
    let mut scene = Scene {
        instance: last(maker, Scalar::Instance),
        ..Scene::default()
    };
    maker.add_plain(&scene, "JetInit", []);
    maker.add_plain(&scene, "JetBeginSession", []);
    scene.session = last(maker, Scalar::Sesid);
    let file = || ("szFilename", Value::Text(DATABASE.into()));
    maker.add_plain(&scene, "JetAttachDatabase", [file()]);
    maker.add_plain(&scene, "JetOpenDatabase", [file()]);
    scene.dbid = last(maker, Scalar::Dbid);
    let table = Value::Text(maker.any_table());
    maker.add_plain(&scene, "JetOpenTable", [("szTableName", table)]);
}

/// Something that happens to a file that nobody has open.
fn damage(maker: &mut Maker<'_>) {
    let path = maker.choices.of([DATABASE, DATABASE, "edb.chk", "edb.log"]);
    let path = || Value::Text(path.into());
    let offset = maker.choices.of([0, 40, 700, 4200, 8200, 40_000]);
    match maker.choices.below(4) {
        0 => maker.does(
            "truncate-file",
            Value::Map(vec![("path", path()), ("size", Value::Number(offset))]),
        ),
        1 => maker.does("remove-file", path()),
        _ => maker.does(
            "flip-byte",
            Value::Map(vec![("path", path()), ("offset", Value::Number(offset))]),
        ),
    }
}

/// A call that is inside a callback on a thread of its own while others are made, in a written order.
/// It has a session and a table to itself, so that the callback is certain to be called.
pub(super) fn beside(maker: &mut Maker<'_>, scene: &Scene) {
    let label = maker.world.fresh("call");
    let (inside, leave) = (format!("inside-{label}"), format!("leave-{label}"));
    let signal = |verb: &str, name: &str| {
        Step::new(Action::Other(
            verb.to_owned(),
            Value::Written(Node::plain(name)),
        ))
    };
    let mut steps = vec![signal("wake", &inside), signal("wait", &leave)];
    if maker.choices.once_in(2) {
        steps.insert(1, maker.inside_step("JetRetrieveColumn"));
    }
    let holds = Callback {
        name: format_smolstr!("holds-{label}"),
        bodies: vec![Body {
            times: Some(1),
            steps,
            ..Body::default()
        }],
    };
    let name = holds.name.clone();
    maker.add_plain(scene, "JetBeginSession", []);
    let last = |maker: &Maker<'_>, scalar| maker.world.alive(scalar).last().copied();
    let mut own = Scene {
        instance: scene.instance,
        session: last(maker, Scalar::Sesid),
        ..Scene::default()
    };
    let file = Value::Text(DATABASE.into());
    maker.add_plain(&own, "JetOpenDatabase", [("szFilename", file)]);
    own.dbid = last(maker, Scalar::Dbid);
    let table = Value::Text(maker.world.fresh("table"));
    maker.add_plain(&own, "JetCreateTable", [("szTableName", table)]);
    own.cursor = last(maker, Scalar::Tableid);
    let reason = maker
        .choices
        .of(["JET_cbtypBeforeInsert", "JET_cbtypAfterInsert"]);
    maker.add_plain(
        &own,
        "JetRegisterCallback",
        [
            ("cbtyp", Value::Constants(vec![reason])),
            ("pCallback", Value::Variable(name)),
        ],
    );
    let prep = Value::Constants(vec!["JET_prepInsert"]);
    maker.add_plain(&own, "JetPrepareUpdate", [("prep", prep)]);
    maker.program.callbacks.push(holds);
    let (session, cursor) = (maker.handle(own.session), maker.handle(own.cursor));
    let update = Node::map([("sesid", session.node()), ("tableid", cursor.node())]);
    let begun = Node::map([("label", Node::plain(&label)), ("JetUpdate", update)]);
    let start = Action::Other("start".to_owned(), Value::Written(begun));
    maker.program.steps.push(Step {
        thread: Some(SmolStr::new_static(BESIDE)),
        ..Step::new(start)
    });
    maker.program.steps.push(signal("wait", &inside));
    // Mostly the same session, which is busy; else another one, which goes on.
    let meanwhile = match maker.choices.once_in(3) {
        true => scene.clone(),
        false => own,
    };
    for _ in 0..maker.choices.of([1, 2]) {
        let function = maker.choices.of([
            "JetMove",
            "JetRetrieveColumn",
            "JetUnregisterCallback",
            "JetRegisterCallback",
            "JetBeginTransaction",
            "JetDupCursor",
            "JetPrepareUpdate",
        ]);
        maker.add_plain(&meanwhile, function, []);
    }
    maker.program.steps.push(signal("wake", &leave));
    maker.program.steps.push(signal("end", &label));
}
