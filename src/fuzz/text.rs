//! Texts that anybody may hand to jetspec: none makes it fail, loop or use memory without bound, and
//! what it writes it reads again.

use crate::scenario::{fmt, parse};

/// A text in the place of a scenario.
///
/// # Errors
/// What went wrong: a text that was written and cannot be read again, or reads as something else.
pub fn check_scenario_text(text: &str) -> Result<(), String> {
    // Faults are the expected answer to most texts.
    let parsed = parse("fuzz.yaml", text, None);
    if let Ok(scenario) = &parsed {
        // The planner has to get along with whatever the checks let pass.
        let _ = scenario.plans();
    }
    let Ok(written) = fmt("fuzz.yaml", text) else {
        return Ok(());
    };
    let again = fmt("fuzz.yaml", &written).map_err(|faults| {
        let first = faults.first().map(|fault| fault.render(false));
        format!(
            "what was written cannot be read again: {}",
            first.unwrap_or_default()
        )
    })?;
    if again != written {
        return Err("a file in canonical form is written otherwise the second time".to_owned());
    }
    let same = |text: &str| {
        parse("fuzz.yaml", text, None).map(|scenario| without_places(&scenario.plans()))
    };
    match (parsed.is_ok(), same(text), same(&written)) {
        (true, Ok(before), Ok(after)) if before == after => Ok(()),
        (true, ..) => Err("a scenario means something else once it is written back".to_owned()),
        (false, ..) => Ok(()),
    }
}

/// Plans as text, without the places that writing back moves.
fn without_places(plans: &[crate::scenario::plan::Plan]) -> Vec<String> {
    let strip = |plan: &crate::scenario::plan::Plan| {
        let mut value = serde_json::to_value(plan).unwrap_or_default();
        forget_places(&mut value);
        value.to_string()
    };
    plans.iter().map(strip).collect()
}

fn forget_places(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.remove("place");
            fields.values_mut().for_each(forget_places);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(forget_places),
        _ => {}
    }
}

/// Bytes in the place of a report, or of what a host says.
///
/// # Errors
/// What went wrong: a value that was written and cannot be read again.
pub fn check_report(bytes: &[u8]) -> Result<(), String> {
    let trace: Result<crate::run::trace::Trace, _> = serde_json::from_slice(bytes);
    if let Ok(trace) = trace {
        let written = serde_json::to_vec(&trace).map_err(|error| error.to_string())?;
        let again: crate::run::trace::Trace =
            serde_json::from_slice(&written).map_err(|error| error.to_string())?;
        if again != trace {
            return Err("a trace is another one once it is written".to_owned());
        }
    }
    let request: Result<crate::reference::control::Request, _> = serde_json::from_slice(bytes);
    if let Ok(request) = request {
        let written = serde_json::to_vec(&request).map_err(|error| error.to_string())?;
        let again = serde_json::from_slice(&written).map_err(|error| error.to_string())?;
        if request != again {
            return Err("a request is another one once it is written".to_owned());
        }
    }
    Ok(())
}
