//! Short sequences that lead deep: what programs do with a table all day.

use super::arguments::Scene;
use super::around::{beside, restart};
use super::maker::Maker;
use super::program::Value;
use super::world::Column;
use crate::abi::role::Scalar;

/// The recipes, each as often as it stands here.
const RECIPES: &[fn(&mut Maker<'_>, &Scene)] = &[
    insert,
    insert,
    insert,
    seek,
    seek,
    replace,
    delete,
    transaction,
    transaction,
    register,
    unregister,
    storage,
    index,
    walk,
    range,
    move_and_read,
    reopen,
    second_session,
    escrow,
    copy,
    lock,
    bookmark,
    schema,
    temporary,
    register,
    read_copy,
    nested,
    upheaval,
];

impl Maker<'_> {
    /// Adds the steps of some recipe.
    pub(super) fn recipe(&mut self) {
        let scene = self.scene();
        if scene.session.is_none() {
            self.begin_instance(&scene);
            return;
        }
        if scene.cursor.is_none() {
            self.begin_table(&scene);
            return;
        }
        let recipe = self.choices.below(RECIPES.len());
        RECIPES[recipe](self, &scene);
    }

    /// An instance without session, or none at all.
    fn begin_instance(&mut self, scene: &Scene) {
        match scene.instance {
            None => {
                self.add(scene, "JetCreateInstance", []);
            }
            Some(_) if self.program.fixture == "created" && !self.started => {
                self.started = true;
                self.add(scene, "JetInit", []);
            }
            Some(_) => self.add(scene, "JetBeginSession", []),
        }
    }

    fn begin_table(&mut self, scene: &Scene) {
        if scene.dbid.is_none() {
            let file = Value::Text(super::arguments::DATABASE.into());
            let database = match self.world.tables.is_empty() {
                true => "JetCreateDatabase",
                false => "JetOpenDatabase",
            };
            self.add(scene, database, [("szFilename", file)]);
            return;
        }
        match self.world.tables.is_empty() || self.choices.once_in(3) {
            true => {
                self.add(scene, "JetCreateTable", []);
                let scene = self.scene();
                self.add(&scene, "JetAddColumn", []);
            }
            false => self.add(scene, "JetOpenTable", []),
        }
    }

    /// The columns of a scene's table, the first one being its key.
    fn columns(&self, scene: &Scene) -> Vec<Column> {
        self.world.columns(&scene.table).to_vec()
    }

    fn set(&mut self, scene: &Scene, column: &Column) {
        let value = self.value_of(column.coltyp);
        let columnid = Value::Variable(column.variable.clone());
        self.add_plain(
            scene,
            "JetSetColumn",
            [("columnid", columnid), ("pvData", value)],
        );
    }

    fn prepare(&mut self, scene: &Scene, prep: &'static str) {
        self.add(
            scene,
            "JetPrepareUpdate",
            [("prep", Value::Constants(vec![prep]))],
        );
    }

    fn go(&mut self, scene: &Scene, to: &'static str) {
        self.add_plain(scene, "JetMove", [("cRow", Value::Constants(vec![to]))]);
    }
}

/// Mostly nothing much: what follows a restart is soon the same for all programs.
fn upheaval(maker: &mut Maker<'_>, scene: &Scene) {
    match maker.choices.below(6) {
        0 => restart(maker, scene),
        1 | 2 if scene.dbid.is_some() => beside(maker, scene),
        _ => insert(maker, scene),
    }
}

fn insert(maker: &mut Maker<'_>, scene: &Scene) {
    maker.prepare(scene, "JET_prepInsert");
    let columns = maker.columns(scene);
    if let Some((key, others)) = columns.split_first() {
        maker.set(scene, key);
        if let Some(other) = maker.choices.pick(others).cloned() {
            maker.set(scene, &other);
        }
    }
    maker.add(scene, "JetUpdate", []);
}

fn make_key(maker: &mut Maker<'_>, scene: &Scene) {
    let key = maker.key();
    maker.add_plain(
        scene,
        "JetMakeKey",
        [
            ("pvData", key),
            ("grbit", Value::Constants(vec!["JET_bitNewKey"])),
        ],
    );
}

fn seek(maker: &mut Maker<'_>, scene: &Scene) {
    make_key(maker, scene);
    let how = maker.choices.of([
        "JET_bitSeekEQ",
        "JET_bitSeekGE",
        "JET_bitSeekLE",
        "JET_bitSeekGT",
        "JET_bitSeekLT",
    ]);
    maker.add(scene, "JetSeek", [("grbit", Value::Constants(vec![how]))]);
}

fn replace(maker: &mut Maker<'_>, scene: &Scene) {
    let to = maker.choices.of(["JET_MoveFirst", "JET_MoveLast"]);
    maker.go(scene, to);
    let prep = maker.choices.of([
        "JET_prepReplace",
        "JET_prepReplaceNoLock",
        "JET_prepReplace",
    ]);
    maker.prepare(scene, prep);
    let columns = maker.columns(scene);
    if let Some(column) = maker.choices.pick(&columns).cloned() {
        maker.set(scene, &column);
    }
    maker.add(scene, "JetUpdate", []);
}

fn delete(maker: &mut Maker<'_>, scene: &Scene) {
    maker.go(scene, "JET_MoveFirst");
    maker.add(scene, "JetDelete", []);
    if maker.choices.once_in(2) {
        let column = maker.column(&scene.table).variable;
        maker.add_plain(
            scene,
            "JetRetrieveColumn",
            [("columnid", Value::Variable(column))],
        );
    }
}

fn copy(maker: &mut Maker<'_>, scene: &Scene) {
    maker.go(scene, "JET_MoveFirst");
    let prep = maker.choices.of([
        "JET_prepInsertCopy",
        "JET_prepInsertCopyDeleteOriginal",
        "JET_prepInsertCopyReplaceOriginal",
    ]);
    maker.prepare(scene, prep);
    if let Some(key) = maker.columns(scene).first().cloned() {
        maker.set(scene, &key);
    }
    maker.add(scene, "JetUpdate", []);
}

fn transaction(maker: &mut Maker<'_>, scene: &Scene) {
    let level = scene
        .session
        .and_then(|session| maker.world.things.get(session))
        .map_or(0, |session| session.level);
    if level == 0 || maker.choices.once_in(3) {
        let begin = maker.choices.of([
            "JetBeginTransaction",
            "JetBeginTransaction",
            "JetBeginTransaction2",
            "JetBeginTransaction3",
        ]);
        maker.add(scene, begin, []);
        return;
    }
    let end = maker.choices.of([
        "JetCommitTransaction",
        "JetRollback",
        "JetRollback",
        "JetCommitTransaction2",
    ]);
    maker.add(scene, end, []);
}

/// A whole transaction around a change, ended one way or the other.
fn nested(maker: &mut Maker<'_>, scene: &Scene) {
    maker.add_plain(scene, "JetBeginTransaction", []);
    insert(maker, scene);
    if maker.choices.once_in(2) {
        delete(maker, scene);
    }
    let end = maker.choices.of(["JetCommitTransaction", "JetRollback"]);
    maker.add_plain(scene, end, []);
    walk(maker, scene);
}

fn register(maker: &mut Maker<'_>, scene: &Scene) {
    maker.add(scene, "JetRegisterCallback", []);
    if maker.choices.once_in(2) {
        insert(maker, scene);
    }
}

fn unregister(maker: &mut Maker<'_>, scene: &Scene) {
    if !maker.world.alive(Scalar::HandleId).is_empty() {
        maker.add(scene, "JetUnregisterCallback", []);
        insert(maker, scene);
    }
}

fn storage(maker: &mut Maker<'_>, scene: &Scene) {
    let scope = maker.choices.of(["JET_bitLSCursor", "JET_bitLSTable"]);
    let scope = || ("grbit", Value::Constants(vec![scope]));
    maker.add_plain(scene, "JetSetLS", [scope()]);
    maker.add(scene, "JetGetLS", [scope()]);
}

fn index(maker: &mut Maker<'_>, scene: &Scene) {
    if maker.choices.once_in(2) {
        maker.add(scene, "JetCreateIndex", []);
    }
    maker.add_plain(scene, "JetSetCurrentIndex", []);
    maker.go(scene, "JET_MoveFirst");
    maker.add_plain(scene, "JetRetrieveKey", []);
}

fn walk(maker: &mut Maker<'_>, scene: &Scene) {
    let place = maker.choices.of(["JetGetBookmark", "JetRetrieveKey"]);
    maker.go(scene, "JET_MoveFirst");
    maker.add_plain(scene, place, []);
    for _ in 0..maker.choices.of([1, 2, 3]) {
        maker.go(scene, "JET_MoveNext");
        maker.add_plain(scene, place, []);
    }
}

fn range(maker: &mut Maker<'_>, scene: &Scene) {
    seek(maker, scene);
    make_key(maker, scene);
    let bits = maker.choices.of([
        &["JET_bitRangeUpperLimit", "JET_bitRangeInclusive"][..],
        &["JET_bitRangeUpperLimit"],
        &["JET_bitRangeInclusive"],
        &["JET_bitRangeRemove"],
    ]);
    maker.add_plain(
        scene,
        "JetSetIndexRange",
        [
            ("tableidSrc", maker.handle(scene.cursor)),
            ("grbit", Value::Constants(bits.to_vec())),
        ],
    );
    maker.go(scene, "JET_MoveNext");
    maker.go(scene, "JET_MovePrevious");
}

fn move_and_read(maker: &mut Maker<'_>, scene: &Scene) {
    let to = maker.choices.of([
        "JET_MoveFirst",
        "JET_MoveNext",
        "JET_MoveLast",
        "JET_MovePrevious",
    ]);
    maker.go(scene, to);
    maker.add(scene, "JetRetrieveColumn", []);
}

/// What was set is retrieved from the copy.
fn read_copy(maker: &mut Maker<'_>, scene: &Scene) {
    maker.prepare(scene, "JET_prepInsert");
    let columns = maker.columns(scene);
    if let Some(column) = maker.choices.pick(&columns).cloned() {
        maker.set(scene, &column);
        let columnid = Value::Variable(column.variable);
        maker.add_plain(
            scene,
            "JetRetrieveColumn",
            [
                ("columnid", columnid),
                ("grbit", Value::Constants(vec!["JET_bitRetrieveCopy"])),
            ],
        );
    }
}

fn reopen(maker: &mut Maker<'_>, scene: &Scene) {
    if maker.choices.once_in(2) {
        maker.add(scene, "JetCloseTable", []);
        let scene = maker.scene();
        maker.begin_table(&scene);
        return;
    }
    maker.add(scene, "JetDupCursor", []);
}

fn second_session(maker: &mut Maker<'_>, scene: &Scene) {
    maker.add_plain(scene, "JetBeginSession", []);
    let sessions = maker.world.alive(Scalar::Sesid);
    let mut scene = Scene {
        session: sessions.last().copied(),
        cursor: None,
        ..scene.clone()
    };
    let file = Value::Text(super::arguments::DATABASE.into());
    maker.add_plain(&scene, "JetOpenDatabase", [("szFilename", file)]);
    scene.dbid = maker.world.alive(Scalar::Dbid).last().copied();
    let table = Value::Text(scene.table.clone());
    maker.add_plain(&scene, "JetOpenTable", [("szTableName", table)]);
}

fn escrow(maker: &mut Maker<'_>, scene: &Scene) {
    if maker.program.fixture != "escrow" {
        return insert(maker, scene);
    }
    maker.go(scene, "JET_MoveFirst");
    let delta = maker.key();
    let columnid = Value::Variable("count".into());
    maker.add(
        scene,
        "JetEscrowUpdate",
        [("columnid", columnid), ("pv", delta)],
    );
}

fn lock(maker: &mut Maker<'_>, scene: &Scene) {
    maker.go(scene, "JET_MoveFirst");
    maker.add(scene, "JetGetLock", []);
}

fn bookmark(maker: &mut Maker<'_>, scene: &Scene) {
    let name = maker.world.fresh("bytes");
    let bind = Value::Map(vec![
        ("bind", Value::Text(name)),
        ("size", Value::Number(300)),
    ]);
    maker.go(scene, "JET_MoveFirst");
    maker.add_plain(scene, "JetGetBookmark", [("pvBookmark", bind)]);
    maker.go(scene, "JET_MoveLast");
    maker.add(scene, "JetGotoBookmark", []);
}

fn schema(maker: &mut Maker<'_>, scene: &Scene) {
    let change = maker.choices.of([
        "JetAddColumn",
        "JetCreateIndex",
        "JetCreateTableColumnIndex2",
        "JetDeleteColumn",
        "JetDeleteIndex",
        "JetCreateTable",
        "JetRenameColumn",
        "JetDeleteTable",
    ]);
    maker.add(scene, change, []);
}

fn temporary(maker: &mut Maker<'_>, scene: &Scene) {
    let open = maker.choices.of([
        "JetOpenTempTable",
        "JetOpenTempTable2",
        "JetOpenTemporaryTable",
        "JetOpenTempTable3",
    ]);
    maker.add(scene, open, []);
}
