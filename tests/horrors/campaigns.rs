//! `jetspec fuzz --lib` as a user gives it: against libraries that are bad, and against the reference
//! with one rule switched off.

use std::path::Path;
use std::process::{Command, Output};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::run::{cases, library, nothing_is_left};

/// The prefix of the libraries that are the reference without one rule, and what stands for the
/// slash of its id in a file's name.
const WITHOUT: &str = "without-";
const SLASH: &str = "--";

/// Rules, with the function that a campaign makes much of: what a call does to a cursor's position, a
/// refusal, the order in which callbacks come.
const RULES: &[(&str, &str)] = &[
    ("index/current-no-move", "JetSetCurrentIndex2"),
    ("key/discarded-by-index", "JetMakeKey"),
    ("register/fires-newest-first", "JetRegisterCallback"),
];

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for horror in ["unknown-code", "segmentation-fault"] {
        let name = format!("fuzzed-{horror}");
        trials.push(Trial::test(name, move || {
            let found = campaign(horror, "JetBeginTransaction", 12)?;
            let (seen, sound) = (found.judge(Some(horror))?, found.judge(None)?);
            // What a library that dies has left undone shows only where it dies.
            match failed(&seen.0) > 0 && failed(&sound.0) == 0 {
                true => nothing_is_left(&library(horror)?),
                false => Err(told(&seen, &sound)),
            }
        }));
    }
    for (rule, function) in RULES {
        let name = format!("fuzzed-without-{}", rule.replace('/', SLASH));
        trials.push(Trial::test(name, move || without(rule, function)));
    }
    trials
}

/// A campaign against the reference without a rule finds that, and every scenario that it writes
/// tells the one from the other.
fn without(rule: &str, function: &str) -> Result<(), Failed> {
    let horror = format!("{WITHOUT}{}", rule.replace('/', SLASH));
    let found = campaign(&horror, function, 60)?;
    let (seen, sound) = (found.judge(Some(&horror))?, found.judge(None)?);
    let (bad, good) = (&seen.0, &sound.0);
    let tells = !bad.is_empty() && failed(bad) == bad.len() && failed(good) == 0;
    let codes = (seen.1.status.code(), sound.1.status.code());
    match tells && codes == (Some(1), Some(0)) {
        true => nothing_is_left(&library(&horror)?),
        false => Err(told(&seen, &sound)),
    }
}

/// What a campaign has left.
struct Campaign {
    folder: tempfile::TempDir,
}

/// A campaign of so many programs finds what is bad, ends with exit code 1, and says which scenarios
/// it has written.
fn campaign(horror: &str, function: &str, programs: u32) -> Result<Campaign, Failed> {
    let folder = tempfile::tempdir()?;
    let output = Command::new(env!("CARGO_BIN_EXE_jetspec"))
        .args(["fuzz", "--seed", "1", "--jobs", "1", "--time", "2m"])
        .args(["--programs", &programs.to_string(), "--only", function])
        .arg("--findings")
        .arg(folder.path())
        .arg("--lib")
        .arg(library(horror)?)
        .output()?;
    let campaign = Campaign { folder };
    let said = String::from_utf8_lossy(&output.stdout);
    let named = |file: &str| said.contains(file);
    let files = campaign.files()?;
    match output.status.code() == Some(1) && files.iter().all(|file| named(file)) {
        true => Ok(campaign),
        false => Err(format!("{files:?}\n{output:?}").into()),
    }
}

impl Campaign {
    /// The scenarios.
    fn files(&self) -> Result<Vec<String>, Failed> {
        let entries = std::fs::read_dir(self.folder.path())?;
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect()
    }

    /// What a run of them says of the library, or of the reference.
    fn judge(&self, horror: Option<&str>) -> Result<(Vec<Value>, Output), Failed> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jetspec"));
        command.args(["run", "--report", "json=-"]);
        command.args(self.files()?);
        command.arg("--scenarios").arg(self.folder.path());
        let library = horror.map(library).transpose()?;
        let library = library.as_deref();
        command.args(library.iter().flat_map(|path| [Path::new("--lib"), path]));
        let output = command.output()?;
        Ok((cases(&output)?, output))
    }
}

fn failed(cases: &[Value]) -> usize {
    let failed = cases.iter().filter(|case| case["verdict"] != "pass");
    failed.count()
}

fn told(seen: &(Vec<Value>, Output), sound: &(Vec<Value>, Output)) -> Failed {
    format!(
        "against the library: {:#?}\nthe reference: {:#?}",
        seen.0, sound.0
    )
    .into()
}
