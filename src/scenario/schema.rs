//! The JSON Schema of scenario and fixture files, for editors: generated from the function list.
//!
//! It knows names and shapes. What only the checks of this crate know (whether a variable is bound, a
//! length too large) it does not.

use serde_json::{Map, Value, json};

use super::bodies::BODY_KEYS;
use super::document::KEYS;
use super::expect::{COURSES, ERROR, EVENT_KEYS, KILLED, TIMES};
use super::structures::only_written;
use super::values::known_constants;
use super::verbs::VERBS;
use super::{bytes, fixture, matrix};
use crate::abi::constants;
use crate::abi::role::{Kind, Scalar};
use crate::abi::structure::{FieldRole, Structure};
use crate::abi::{FUNCTIONS, Function, Parameter, Release, STRUCTURES};

/// The schema.
pub fn schema() -> Value {
    let is_fixture = json!({"anyOf": [{"required": ["extends"]}, {"required": ["shorthands"]}]});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "jetspec scenarios and fixtures",
        "if": is_fixture,
        "then": {"$ref": "#/$defs/fixture"},
        "else": {"$ref": "#/$defs/scenario"},
        "$defs": definitions(),
    })
}

/// The schema as the file that editors use.
pub fn schema_text() -> String {
    format!("{:#}\n", schema())
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn list_of(item: Value) -> Value {
    json!({"type": "array", "items": item})
}

fn map_of(value: Value) -> Value {
    json!({"type": "object", "additionalProperties": value})
}

/// One, or a list of them.
fn one_or_more(item: &Value) -> Value {
    json!({"anyOf": [item, list_of(item.clone())]})
}

fn closed(properties: Value, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn definitions() -> Value {
    let mut all = Map::new();
    let mut add = |name: &str, schema: Value| all.insert(name.to_owned(), schema);
    add("scenario", scenario());
    add("fixture", fixture_schema());
    add("steps", one_or_more(&reference("step")));
    add("step", step());
    add("matrix", matrix_schema());
    add("callback", callback());
    add("body", body());
    add("event", event());
    add("code", code());
    add(
        "codes",
        json!({"anyOf": [reference("code"), closed(json!({"any": list_of(reference("code"))}), &["any"])]}),
    );
    add("bytes", bytes_schema());
    add("text", text_schema());
    add("number", number());
    add(
        "pointer",
        closed(json!({"raw": {"type": ["integer", "string"]}}), &["raw"]),
    );
    add("output", output());
    for structure in STRUCTURES {
        add(structure.name, structure_schema(structure));
    }
    for function in FUNCTIONS {
        add(function.name, call(function));
    }
    for (name, scalar, parameter) in FAMILIES {
        add(name, family(*scalar, parameter));
    }
    Value::Object(all)
}

/// Numbers that have families of constants: definition, kind, documented name.
const FAMILIES: &[(&str, Scalar, &str)] = &[
    ("grbit", Scalar::Grbit, "grbit"),
    ("cbtyp", Scalar::Cbtyp, "cbtyp"),
    ("paramid", Scalar::ParamId, "paramid"),
    ("prep", Scalar::Ulong, "prep"),
    ("coltyp", Scalar::Ulong, "coltyp"),
    ("objtyp", Scalar::Ulong, "objtyp"),
    ("relop", Scalar::Ulong, "relop"),
    ("cRow", Scalar::Long, "cRow"),
    ("snp", Scalar::Ulong, "snp"),
    ("snt", Scalar::Ulong, "snt"),
];

fn family(scalar: Scalar, name: &str) -> Value {
    let mut examples: Vec<&str> = known_constants("", scalar, name).collect();
    examples.sort_unstable();
    let mut schema = number();
    schema["examples"] = json!(examples);
    schema
}

fn number() -> Value {
    json!({
        "description": "a number, constants or-ed with `|`, a variable, `nil`, `null` or `{raw: …}`",
        "type": ["integer", "string", "null", "object"],
    })
}

fn scenario() -> Value {
    let releases: Vec<&str> = Release::ALL.iter().map(|release| release.name()).collect();
    let profiles = super::document::PROFILES.map(|(name, _)| name);
    let properties = json!({
        "title": {"type": "string", "description": "what the scenario shows, as a sentence"},
        "since": {"enum": releases, "description": "the first release of Windows that it is about"},
        "profiles": list_of(json!({"enum": profiles})),
        "platform": {"enum": ["any", "windows", "unix"]},
        "text": {"enum": ["narrow", "wide", "both"]},
        "fixture": {"type": "string", "description": "the fixture that each case starts from"},
        "callbacks": map_of(reference("callback")),
        "threads": list_of(json!({"type": "string"})),
        "cases": map_of(reference("steps")),
        "matrix": reference("matrix"),
        "steps": reference("steps"),
        "then": reference("steps"),
    });
    debug_assert!(KEYS.iter().all(|key| properties.get(key).is_some()));
    closed(properties, &["title"])
}

fn matrix_schema() -> Value {
    let steps = || reference("steps");
    let reasons = || json!({"type": "string", "description": "reasons, or-ed with `|`"});
    let covers = || one_or_more(&json!({"type": "string"}));
    let cursor = json!({
        "with": {"type": "object", "description": "what `$name` stands for where this cursor is meant"},
        "before": steps(),
        "after": steps(),
        "without": reasons(),
        "covers": covers(),
    });
    let call = json!({
        "setup": steps(),
        "before": steps(),
        "call": reference("step"),
        "then": steps(),
        "after": steps(),
        "fires": reasons(),
        "expect": {"description": "by cursor where there are some, and there by reason; else success"},
        "without": one_or_more(&json!({"type": "string"})),
        "covers": {"anyOf": [covers(), map_of(covers())]},
    });
    let properties = json!({
        "cursors": map_of(closed(cursor, &[])),
        "reasons": map_of(steps()),
        "calls": map_of(closed(call, &["call"])),
    });
    debug_assert!(matrix::KEYS.iter().all(|key| properties.get(key).is_some()));
    closed(properties, &["reasons", "calls"])
}

fn fixture_schema() -> Value {
    let parameter = json!({"anyOf": [
        {"enum": ["required", "optional"]},
        {"type": "object", "required": ["default"]},
    ]});
    let shorthand = closed(
        json!({
            "parameters": map_of(parameter),
            "steps": reference("steps"),
            "judged": {"type": "integer", "minimum": 1},
        }),
        &["steps"],
    );
    let properties = json!({
        "title": {"type": "string"},
        "extends": {"type": "string"},
        "steps": reference("steps"),
        "shorthands": map_of(shorthand),
    });
    debug_assert!(
        fixture::KEYS
            .iter()
            .all(|key| properties.get(key).is_some())
    );
    closed(properties, &["title"])
}

fn step() -> Value {
    let mut properties = Map::new();
    for function in FUNCTIONS {
        properties.insert(function.name.to_owned(), reference(function.name));
    }
    for verb in VERBS {
        properties.insert((*verb).to_owned(), verb_schema(verb));
    }
    let by_profile = |value: Value| {
        let both = json!({"documented": value, "genuine": value});
        json!({"anyOf": [value, closed(both, &["documented", "genuine"])]})
    };
    let modifiers = [
        ("thread", json!({"type": "string"})),
        ("text", json!({"enum": ["narrow", "wide"]})),
        (
            "expect",
            by_profile(json!({"anyOf": [reference("codes"), {"enum": [ERROR, KILLED]}]})),
        ),
        ("out", map_of(json!({}))),
        ("events", by_profile(list_of(reference("event")))),
        ("covers", one_or_more(&json!({"type": "string"}))),
        ("when", json!({"type": "string"})),
    ];
    properties.extend(modifiers.map(|(key, schema)| (key.to_owned(), schema)));
    let names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "propertyNames": {"anyOf": [{"enum": names}, {"not": {"pattern": "^Jet"}}]},
        "additionalProperties": {"type": ["object", "null"], "description": "a shorthand of the fixture"},
    })
}

fn verb_schema(verb: &str) -> Value {
    let path = json!({"type": "string", "description": "relative to the folder of the run"});
    let names = json!({"type": "array", "items": {"type": "string"}, "minItems": 2});
    match verb {
        "start" => json!({"type": "object", "required": ["label"]}),
        "until" => json!({"type": "object", "required": ["codes"]}),
        "await" => closed(
            json!({"callback": {"type": "string"}, "times": {"type": "integer", "minimum": 1}}),
            &["callback"],
        ),
        "repeat" => closed(
            json!({"times": {"type": "integer", "minimum": 1}, "steps": reference("steps")}),
            &["times", "steps"],
        ),
        "copy-file" => closed(json!({"from": path, "to": path}), &["from", "to"]),
        "truncate-file" => closed(
            json!({"path": path, "size": {"type": "integer"}}),
            &["path", "size"],
        ),
        "flip-byte" => closed(
            json!({"path": path, "offset": {"type": "integer"}}),
            &["path", "offset"],
        ),
        "write-file" | "file-holds" => closed(
            json!({"path": path, "bytes": reference("bytes")}),
            &["path", "bytes"],
        ),
        "append-file" => closed(
            json!({"path": path, "bytes": {"type": "string", "description": "a variable that holds bytes"}}),
            &["path", "bytes"],
        ),
        "kill-host" => json!({"const": true}),
        "refuse-writes" => json!({"type": "boolean"}),
        "same" | "distinct" | "less" => names,
        "let" => closed(
            json!({"name": {"type": "string"}, "from": {"type": "string"}, "add": {"type": ["integer", "string"]}}),
            &["name"],
        ),
        "end" | "wait" | "wake" => json!({"type": "string"}),
        _ => path,
    }
}

fn callback() -> Value {
    let mut reasons: Vec<&str> = known_constants("", Scalar::Cbtyp, "cbtyp").collect();
    reasons.extend(known_constants("", Scalar::Ulong, "snt"));
    reasons.sort_unstable();
    reasons.push("any");
    let by_reason = json!({
        "type": "object",
        "propertyNames": {"examples": reasons},
        "additionalProperties": one_or_more(&reference("body")),
    });
    let with_reasons = closed(json!({"reasons": by_reason}), &["reasons"]);
    json!({"anyOf": [reference("body"), with_reasons, list_of(reference("body"))]})
}

fn body() -> Value {
    let writes = json!({"pvArg1": reference("bytes"), "pvArg2": {"type": ["integer", "string"]}});
    let properties = json!({
        "returns": json!({"anyOf": [reference("code"), {"const": "never"}]}),
        "times": {"type": "integer", "minimum": 1},
        "steps": reference("steps"),
        "writes": closed(writes, &[]),
        "raises": {"type": ["integer", "string"]},
    });
    debug_assert!(BODY_KEYS.iter().all(|key| properties.get(key).is_some()));
    closed(properties, &[])
}

fn event() -> Value {
    let mut arguments = Map::new();
    for key in EVENT_KEYS {
        let schema = match *key {
            "thread" => json!({"enum": ["same", "other"]}),
            "cbtyp" => reference("cbtyp"),
            "snp" => reference("snp"),
            "snt" => reference("snt"),
            "times" => json!({"anyOf": [{"type": "integer", "minimum": 1}, words(TIMES)]}),
            "cunitDone" => json!({"anyOf": [reference("number"), words(COURSES)]}),
            "cunitTotal" | "cbStruct" => {
                json!({"anyOf": [reference("number"), words(&COURSES[2..])]})
            }
            _ => json!({}),
        };
        arguments.insert((*key).to_owned(), schema);
    }
    let arguments = closed(Value::Object(arguments), &[]);
    json!({
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": {"anyOf": [reference("cbtyp"), reference("snt"), arguments]},
    })
}

/// Named matchers, each with what it means.
fn words<T>(named: &[(&str, T, &str)]) -> Value {
    let word =
        |(name, _, meaning): &(&str, T, &str)| json!({"const": name, "description": meaning});
    json!({"oneOf": named.iter().map(word).collect::<Vec<_>>()})
}

fn code() -> Value {
    let is_code = |name: &&str| name.starts_with("JET_err") || name.starts_with("JET_wrn");
    let mut names: Vec<&str> = constants::names().filter(is_code).collect();
    names.sort_unstable();
    json!({"anyOf": [{"enum": names}, {"type": "integer"}]})
}

fn bytes_schema() -> Value {
    let mut kinds = Map::new();
    let more = [
        "times",
        "from",
        "structure",
        "at-end",
        "overlaps",
        "at",
        "size",
    ];
    for kind in bytes::KINDS.iter().chain(&more) {
        kinds.insert((*kind).to_owned(), json!({}));
    }
    json!({
        "description": "bytes: `{text: a}`, `{i32: 1}`, `{hex: 00ff}`, `{from: variable}`, a list of such, `{at-end: …}` around one, `{overlaps: parameter, at: 4, size: 10}`, `null`",
        "anyOf": [
            {"type": "null"},
            {"type": "object", "properties": kinds},
            {"type": "array"},
            {"type": "string", "pattern": "^\\$"},
        ],
    })
}

fn text_schema() -> Value {
    json!({
        "description": "a text, `{hex: …}`, `{repeat: a, times: 65}`, `{from: variable}`, `{callback: spy}`, `{callback: spy, module: path}`, `{at-end: …}` around one, `{unended: …}` around one, `{overlaps: parameter, at: 2}` or `null`",
        "type": ["string", "number", "boolean", "null", "object"],
    })
}

fn output() -> Value {
    json!({
        "description": "`->variable`, `{bind: variable, size: 10}`, `{size: 10}`, `{overlaps: parameter, at: 4, size: 10}` or `null`",
        "anyOf": [
            {"type": "null"},
            {"type": "string", "pattern": "^(->|>|\\$)"},
            {"type": "object", "minProperties": 1},
        ],
    })
}

fn call(function: &Function) -> Value {
    let mut properties = Map::new();
    for parameter in function.parameters {
        properties.insert(parameter.name.to_owned(), argument(parameter));
    }
    json!({
        "description": format!("since {}", function.since.name()),
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": false,
    })
}

fn argument(parameter: &Parameter) -> Value {
    let or_pointer = |schema: Value| {
        let word = json!({"type": ["null", "string"]});
        json!({"anyOf": [schema, reference("pointer"), word]})
    };
    match parameter.kind {
        Kind::Scalar(scalar) => scalar_schema(scalar, parameter.name),
        Kind::Text | Kind::NameOrId => reference("text"),
        Kind::KeyText => one_or_more(&reference("text")),
        Kind::Bytes => reference("bytes"),
        Kind::Length | Kind::Count | Kind::Context | Kind::EngineMemory => reference("number"),
        Kind::InOut(_) => reference("number"),
        Kind::Struct(own) | Kind::StructOut(own) | Kind::StructInOut(own) => {
            or_pointer(reference(own.name))
        }
        Kind::Array(own) | Kind::ArrayInOut(own) => or_pointer(list_of(reference(own.name))),
        Kind::ArrayIn(_) | Kind::ArrayOut(_) | Kind::KeyArray | Kind::LengthArray => {
            or_pointer(json!({"type": "array"}))
        }
        Kind::Callback | Kind::Status | Kind::Realloc => or_pointer(json!({"type": "string"})),
        Kind::Out(_)
        | Kind::Actual
        | Kind::Buffer
        | Kind::TextBuffer
        | Kind::TextList
        | Kind::Info
        | Kind::EngineArray(_) => reference("output"),
    }
}

fn scalar_schema(scalar: Scalar, name: &str) -> Value {
    let family = FAMILIES.iter().find(|(_, kind, own)| match scalar {
        Scalar::Grbit | Scalar::Cbtyp | Scalar::ParamId => *kind == scalar,
        _ => *own == name,
    });
    reference(family.map_or("number", |(definition, ..)| definition))
}

fn structure_schema(structure: &Structure) -> Value {
    let mut properties = Map::new();
    properties.insert("structure".into(), json!({"const": structure.name}));
    properties.insert("from".into(), json!({"type": "string"}));
    if !only_written(structure) {
        properties.insert("size".into(), reference("number"));
    }
    for field in structure.fields {
        let schema = match field.role {
            FieldRole::In(scalar) => scalar_schema(scalar, field.name),
            FieldRole::Text | FieldRole::WideText => reference("text"),
            FieldRole::KeyText => one_or_more(&reference("text")),
            FieldRole::Bytes | FieldRole::Raw(_) => reference("bytes"),
            FieldRole::Struct(own) => {
                json!({"anyOf": [reference(own.name), {"type": ["null", "string"]}, reference("pointer")]})
            }
            FieldRole::Array(own) => {
                json!({"anyOf": [list_of(reference(own.name)), {"type": ["null", "string"]}, reference("pointer")]})
            }
            FieldRole::Size | FieldRole::Length | FieldRole::Count => reference("number"),
            _ => json!({}),
        };
        properties.insert(field.name.to_owned(), schema);
    }
    closed(Value::Object(properties), &[])
}
