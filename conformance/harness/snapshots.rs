//! The reference's trace of every scenario, one reviewed file for each in `snapshots/`.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jetspec::abi::Release;
use jetspec::host::System;
use jetspec::judge::{Reach, never_reached, reach, render};
use jetspec::scenario::plan::Profile;
use jetspec::suite::{Bench, Case, Setting};
use libtest_mimic::{Failed, Trial};

use super::benches::{Benches, Copy};
use super::matrix;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots")
}

/// The test that no snapshot is left of a scenario that is gone.
pub fn orphans(cases: &[Arc<Case>]) -> Trial {
    let names: BTreeSet<String> = cases.iter().map(|case| snapshot(&case.plan.file)).collect();
    Trial::test("suite::every-snapshot-has-a-scenario", move || {
        no_orphans(&names)
    })
}

/// One test for each file.
pub fn of_files(cases: &[Arc<Case>], benches: &Arc<Benches>) -> Vec<Trial> {
    let mut files: BTreeMap<String, Vec<Arc<Case>>> = BTreeMap::new();
    for case in cases {
        files
            .entry(case.plan.file.to_string())
            .or_default()
            .push(case.clone());
    }
    let mut trials = Vec::new();
    for (file, cases) in files {
        let benches = benches.clone();
        let name = format!("snapshot::{file}");
        trials.push(Trial::test(name, move || {
            unchanged(&file, &cases, &benches)
        }));
    }
    trials
}

/// `callback/register/veto.yaml` is kept in `callback__register__veto.snap`.
fn snapshot(file: &str) -> String {
    file.trim_end_matches(".yaml").replace(['/', '\\'], "__")
}

fn unchanged(file: &str, cases: &[Arc<Case>], benches: &Benches) -> Result<(), Failed> {
    if cases.iter().any(|case| {
        case.gate(case.profiles[0], Release::Windows10, System::HERE)
            .is_some()
    }) {
        // What cannot run here cannot be compared here.
        return Ok(());
    }
    let mut reaches = Vec::new();
    let text = benches.with(Copy::Library, |bench| traces(cases, bench, &mut reaches))?;
    all_reached(&reaches)?;
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    if let Some(case) = cases.first() {
        settings.set_description(case.plan.title.clone());
    }
    settings.bind(|| insta::assert_snapshot!(snapshot(file), text));
    Ok(())
}

/// Refuses a scenario with covering steps that none of its cases reaches.
fn all_reached(reaches: &[(Profile, Reach)]) -> Result<(), Failed> {
    for profile in [Profile::Documented, Profile::Genuine] {
        let here = |(of, reach): &'_ (Profile, Reach)| (*of == profile).then_some(reach.clone());
        let reaches: Vec<Reach> = reaches.iter().filter_map(here).collect();
        if let Some((place, covers)) = never_reached(reaches.iter()).first() {
            return Err(Failed::from(format!(
                "no case reaches {}:{}:{}, which covers {} ({profile:?})",
                place.file,
                place.line,
                place.column,
                covers.join(", "),
            )));
        }
    }
    Ok(())
}

fn traces(
    cases: &[Arc<Case>],
    bench: &mut dyn Bench,
    reaches: &mut Vec<(Profile, Reach)>,
) -> String {
    let mut text = String::new();
    for case in cases {
        let mut before: Option<String> = None;
        for profile in &case.profiles {
            let setting = Setting {
                profile: *profile,
                without: None,
            };
            let trace = bench.run(&case.plan, &setting);
            reaches.push((*profile, reach(&case.plan, &trace)));
            let trace = match case.is_cell {
                true => matrix::cells(&case.plan, &trace),
                false => render(&case.plan, &trace),
            };
            let head = head(case, *profile);
            if before.as_ref() == Some(&trace) {
                text.push_str(&format!("{head}: the same\n\n"));
            } else {
                text.push_str(&format!("{head}\n{trace}\n"));
            }
            before = Some(trace);
        }
    }
    text
}

fn head(case: &Case, profile: Profile) -> String {
    let profile = profile.word();
    let form = case
        .width()
        .map_or_else(String::new, |width| format!(", {width}"));
    let name = if case.plan.case.is_empty() {
        "the scenario"
    } else {
        &case.plan.case
    };
    format!("## {name} ({profile}{form})")
}

fn no_orphans(names: &BTreeSet<String>) -> Result<(), Failed> {
    for entry in std::fs::read_dir(folder())? {
        let path = entry?.path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        // Traces are named after folder and file; what other tests keep here is not.
        let is_trace =
            name.contains("__") && path.extension().is_some_and(|ending| ending == "snap");
        if is_trace && !names.contains(&name) {
            return Err(Failed::from(format!(
                "{} belongs to no scenario",
                path.display()
            )));
        }
    }
    Ok(())
}
