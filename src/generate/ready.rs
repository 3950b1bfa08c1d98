//! Calls that are bad in one place, and what has to be there before that says anything.

use super::arguments::Scene;
use super::maker::{Maker, settle};
use super::order::{Ground, is_undefined};
use super::pairs::{Badness, Pair, PairId};
use super::program::Value;
use crate::abi::role::{Kind, Scalar};

impl Maker<'_> {
    /// The call that a pair is about, bad as the pair says; what it needs is made first.
    pub(super) fn aimed(&mut self, id: PairId) {
        let Some(pair) = id.get() else {
            return;
        };
        if self.order.ground == Ground::Anyone && is_undefined(pair) {
            return;
        }
        self.ready_for(pair);
        let scene = self.scene();
        if pair.badness == Badness::Elsewhere {
            self.another_instance(pair, &scene);
        }
        let mut call = self.good_call(pair.function, &scene);
        let done = self.spoil(&mut call, pair, &scene);
        let spoilt = call.at(&pair.path).cloned();
        settle(&mut call);
        // What may not be said to any library was not said.
        let stays = done && call.at(&pair.path) == spoilt.as_ref();
        self.push(call, stays.then_some(id));
    }

    /// Makes sure that there is a handle of the kind that the pair misuses.
    fn ready_for(&mut self, pair: &Pair) {
        let needs = |scalar: Scalar| {
            pair.function
                .get()
                .parameters
                .iter()
                .any(|own| matches!(own.kind, Kind::Scalar(kind) if kind == scalar))
        };
        for scalar in [Scalar::Sesid, Scalar::Dbid, Scalar::Tableid] {
            let mut tries = 0;
            while needs(scalar) && self.world.alive(scalar).is_empty() && tries < 4 {
                self.recipe();
                tries += 1;
            }
        }
        self.registration_for(needs(Scalar::HandleId));
        match pair.badness {
            Badness::Closed => self.closed_for(pair),
            Badness::Foreign => self.another_session(pair),
            _ => {}
        }
    }

    /// A registration, where there is none.
    fn registration_for(&mut self, is_needed: bool) {
        let scene = self.scene();
        let none = self.world.alive(Scalar::HandleId).is_empty();
        if is_needed && none && scene.cursor.is_some() {
            self.add(&scene, "JetRegisterCallback", []);
        }
    }

    /// A handle that is opened for it and closed, so that what the program works with stays open.
    fn closed_for(&mut self, pair: &Pair) {
        let scene = self.scene();
        let (opens, scalar, closes) = match pair.path.last() {
            Some(&("tableid" | "tableidSrc")) => ("JetDupCursor", Scalar::Tableid, "JetCloseTable"),
            Some(&"sesid") => ("JetBeginSession", Scalar::Sesid, "JetEndSession"),
            Some(&("instance" | "pinstance")) => ("JetCreateInstance", Scalar::Instance, "JetTerm"),
            Some(&"snapId") => ("JetOSSnapshotPrepare", Scalar::Snapid, "JetOSSnapshotEnd"),
            Some(&"dbid") => return self.add_plain(&scene, "JetCloseDatabase", []),
            Some(&"hfFile") => {
                for name in [
                    "JetBeginExternalBackupInstance",
                    "JetOpenFileInstance",
                    "JetCloseFileInstance",
                ] {
                    self.add_plain(&scene, name, []);
                }
                return;
            }
            Some(&"hCallbackId") => return self.add_plain(&scene, "JetUnregisterCallback", []),
            _ => return,
        };
        self.add_plain(&scene, opens, []);
        let last = self.world.alive(scalar).last().copied();
        let scene = match scalar {
            Scalar::Tableid => Scene {
                cursor: last,
                ..scene
            },
            Scalar::Sesid => Scene {
                session: last,
                ..scene
            },
            _ => Scene {
                instance: last,
                ..scene
            },
        };
        self.add_plain(&scene, closes, []);
    }

    /// Something of another session, or another session itself, where the program has none.
    fn another_session(&mut self, pair: &Pair) {
        let scalar = match pair.path.last() {
            Some(&("tableid" | "tableidSrc")) => Scalar::Tableid,
            Some(&"dbid") => Scalar::Dbid,
            Some(&"sesid") => Scalar::Sesid,
            Some(&"columnid") => return self.another_table(),
            _ => return,
        };
        let scene = self.scene();
        let there = self.world.alive(scalar);
        if scene.session.is_none() || there.iter().any(|thing| self.is_foreign(*thing, &scene)) {
            return;
        }
        self.add_plain(&scene, "JetBeginSession", []);
        let mut other = Scene {
            session: self.world.alive(Scalar::Sesid).last().copied(),
            ..scene
        };
        if scalar != Scalar::Sesid {
            self.add_plain(&other, "JetOpenDatabase", []);
            other.dbid = self.world.alive(Scalar::Dbid).last().copied();
        }
        if scalar == Scalar::Tableid {
            let table = Value::Text(other.table.clone());
            self.add_plain(&other, "JetOpenTable", [("szTableName", table)]);
        }
    }

    /// An instance beside the scene's, with what the pair misuses.
    fn another_instance(&mut self, pair: &Pair, scene: &Scene) {
        let scalar = match pair.path.last() {
            Some(&("tableid" | "tableidSrc")) => Scalar::Tableid,
            Some(&"dbid") => Scalar::Dbid,
            _ => Scalar::Sesid,
        };
        let there = self.world.alive(scalar);
        if there.iter().any(|thing| self.is_elsewhere(*thing, scene)) {
            return;
        }
        let name = Value::Text(self.world.fresh("elsewhere"));
        let none = Scene::default();
        self.add_plain(&none, "JetCreateInstance", [("szInstanceName", name)]);
        let mut other = Scene {
            instance: self.world.alive(Scalar::Instance).last().copied(),
            ..none
        };
        let made = other.instance.and_then(|made| self.world.things.get(made));
        let Some(instance) = made.map(|made| Value::Variable(made.name.clone())) else {
            return;
        };
        for (paramid, text) in [
            ("JET_paramRecovery", "off"),
            ("JET_paramTempPath", "elsewhere-temp.edb"),
        ] {
            let given = [
                ("pinstance", instance.clone()),
                ("sesid", Value::Null),
                ("paramid", Value::Constants(vec![paramid])),
                ("szParam", Value::Text(text.into())),
            ];
            self.add_plain(&other, "JetSetSystemParameter", given);
        }
        self.add_plain(&other, "JetInit", [("pinstance", instance)]);
        self.add_plain(&other, "JetBeginSession", []);
        other.session = self.world.alive(Scalar::Sesid).last().copied();
        match scalar {
            Scalar::Tableid => self.add_plain(&other, "JetOpenTempTable", []),
            Scalar::Dbid => {
                let file = Value::Text("elsewhere.edb".into());
                self.add_plain(&other, "JetCreateDatabase", [("szFilename", file)]);
            }
            _ => {}
        }
    }

    /// A table with a column beside the one that is worked with.
    fn another_table(&mut self) {
        let scene = self.scene();
        if self.world.tables.len() > 1 || scene.dbid.is_none() {
            return;
        }
        self.add_plain(&scene, "JetCreateTable", []);
        let cursor = self.world.alive(Scalar::Tableid).last().copied();
        let named = cursor.and_then(|cursor| self.world.things.get(cursor));
        let table = named.map(|cursor| cursor.table.clone());
        let other = Scene {
            cursor,
            table: table.unwrap_or_default(),
            ..scene
        };
        self.add_plain(&other, "JetAddColumn", []);
    }
}
