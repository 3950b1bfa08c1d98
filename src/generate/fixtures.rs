//! The fixtures that programs start from, and what a program knows of each.

use super::world::{Column, Thing, World};
use crate::abi::role::Scalar;

macro_rules! texts {
    ($($name:literal),*) => {
        /// The fixtures by name, each after the one that it extends.
        pub(super) const TEXTS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../conformance/fixtures/", $name, ".yaml")))),*];

        /// The same as files of a suite.
        pub const FILES: &[(&str, &str)] = &[$((
            concat!("fixtures/", $name, ".yaml"),
            include_str!(concat!("../../conformance/fixtures/", $name, ".yaml")),
        )),*];
    };
}
texts!(
    "created",
    "instance",
    "session",
    "database",
    "table",
    "columns",
    "indexed",
    "two-sessions",
    "escrow",
    "template",
    "durable",
    "defaults",
    "storage",
    "backed-up",
    "states",
    "compacting",
    "cursors",
    "stored",
    "streaming"
);

/// The fixture of that name.
pub(super) fn name(name: &str) -> Option<&'static str> {
    let mut names = TEXTS.iter().map(|(own, _)| *own);
    names.find(|own| *own == name)
}

/// The fixtures that programs are made on, each as often as it stands here. The deeper ones come
/// first and more than once: most functions want an open cursor.
pub(super) const CHOSEN: &[&str] = &[
    "table",
    "indexed",
    "columns",
    "two-sessions",
    "escrow",
    "storage",
    "durable",
    "defaults",
    "template",
    "table",
    "indexed",
    "two-sessions",
    "columns",
    "database",
    "session",
    "instance",
    "created",
    "indexed",
    "columns",
    "escrow",
];

const LONG: u32 = 4;
const TEXT: u32 = 10;
const BINARY: u32 = 9;
const LONG_BINARY: u32 = 11;
const BIT: u32 = 1;

/// What a program can use once its fixture has been set up.
pub(super) fn world(fixture: &str) -> World {
    let mut world = World::default();
    if fixture.is_empty() {
        return world;
    }
    let mut add = |name: &str, scalar, owner| world.add(Thing::new(name, scalar, owner));
    let instance = add("instance", Scalar::Instance, None);
    if matches!(fixture, "created") {
        return world;
    }
    if fixture == "instance" {
        return world;
    }
    let session = add("sesid", Scalar::Sesid, Some(instance));
    if fixture == "session" {
        return world;
    }
    add("dbid", Scalar::Dbid, Some(session));
    if fixture == "database" {
        return world;
    }
    if fixture == "template" {
        for table in ["template", "derived", "sibling"] {
            world.open_cursor(table, session, table);
            world.column(table, Column::new("id", "id", LONG));
        }
        return world;
    }
    world.open_cursor("tableid", session, "table");
    world.column("table", Column::new("id", "id", LONG));
    let plain = [("value", LONG), ("text", TEXT)];
    let known: &[(&str, u32)] = match fixture {
        "durable" | "defaults" => &plain[..1],
        "storage" | "streaming" => &[],
        _ => &plain,
    };
    for (name, coltyp) in known {
        world.column("table", Column::new(name, name, *coltyp));
    }
    match fixture {
        "columns" => {
            let more = [
                ("fixed", TEXT),
                ("short", TEXT),
                ("flag", BIT),
                ("tagged", BINARY),
                ("many", LONG),
                ("words", TEXT),
                ("long", LONG_BINARY),
                ("needed", LONG),
                ("usual", LONG),
            ];
            for (name, coltyp) in more {
                world.column("table", Column::new(name, name, coltyp));
            }
        }
        "indexed" => world.index("table", "by-value"),
        "escrow" | "two-sessions" => {
            let second = world.add(Thing::new("sesid2", Scalar::Sesid, Some(instance)));
            world.add(Thing::new("dbid2", Scalar::Dbid, Some(second)));
            world.open_cursor("tableid2", second, "table");
            if fixture == "escrow" {
                world.column("table", Column::new("count", "count", LONG));
            }
        }
        _ => {}
    }
    if fixture != "storage" {
        world.index("table", "primary");
    }
    world
}
