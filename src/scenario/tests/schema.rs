//! The committed schema is the one that the function list gives.

use std::path::Path;

use serde_json::Value;

use crate::scenario::{schema, schema_text};

#[test]
fn the_committed_schema_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/scenario.schema.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == schema_text(),
        "run `jetspec schema > conformance/scenario.schema.json`"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let schema = schema();
    let mut nodes = vec![&schema];
    let mut references = 0;
    while let Some(node) = nodes.pop() {
        match node {
            Value::Object(entries) => nodes.extend(entries.values()),
            Value::Array(items) => nodes.extend(items),
            Value::String(text) => {
                if let Some(pointer) = text.strip_prefix('#') {
                    references += 1;
                    assert!(schema.pointer(pointer).is_some(), "{pointer}");
                }
            }
            _ => {}
        }
    }
    assert!(references > 229);
}

#[test]
fn every_function_and_parameter_is_there() {
    let schema = schema();
    for function in crate::abi::FUNCTIONS {
        assert!(
            schema["$defs"]["step"]["properties"]
                .get(function.name)
                .is_some()
        );
        for parameter in function.parameters {
            let properties = &schema["$defs"][function.name]["properties"];
            assert!(
                properties.get(parameter.name).is_some(),
                "{}",
                function.name
            );
        }
    }
}
