//! The runner's own tests: scenarios that must pass, that must fail in a certain way, and files that
//! must be refused. What is expected stands in comments at the top of each file:
//!
//! - `# verdict: fail` — the verdict of every case,
//! - `# without: register/cbtyp-zero` — the rule that the library lacks,
//! - `# profile: genuine` — the profile, else the documented one,
//! - `# message: …` — text that the report, or the fault, must hold; any number of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jetspec::judge::Verdict;
use jetspec::scenario::plan::Profile;
use jetspec::scenario::{self, Scenario};
use jetspec::suite::{Case, Setting, WholeFiles, fault_unreached};
use libtest_mimic::{Failed, Trial};

use super::benches::Benches;
use super::cases::{judged, text};
use super::folder;

type Check = fn(&Path, &Benches) -> Result<(), Failed>;

/// The tests.
pub fn trials(benches: &Arc<Benches>) -> Vec<Trial> {
    let kinds: [(&str, Check); 3] = [
        ("valid-pass", must_pass),
        ("valid-fail", must_fail),
        ("invalid", must_be_refused),
    ];
    let mut trials = Vec::new();
    for (kind, check) in kinds {
        let files = files(kind);
        if files.is_empty() {
            let none = || Err("the folder holds no file".into());
            trials.push(Trial::test(format!("selftest::{kind}"), none));
        }
        for path in files {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("selftest::{kind}/{file}");
            let (benches, path) = (benches.clone(), path.clone());
            trials.push(Trial::test(name, move || check(&path, &benches)));
        }
    }
    trials
}

fn files(kind: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder().join("selftest").join(kind));
    let mut paths: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect();
    paths.sort();
    paths
}

fn must_pass(path: &Path, benches: &Benches) -> Result<(), Failed> {
    let expected = Expected::read(path)?;
    for (case, profile) in runs(path)? {
        let setting = Setting {
            profile,
            ..expected.setting()
        };
        let report = judged(&case, setting, benches)?;
        if report.verdict() != Verdict::Pass {
            return Err(Failed::from(text(&report)?));
        }
    }
    Ok(())
}

fn must_fail(path: &Path, benches: &Benches) -> Result<(), Failed> {
    let expected = Expected::read(path)?;
    let verdict = expected.verdict.ok_or("the file says no `# verdict:`")?;
    if expected.messages.is_empty() {
        return Err("the file says no `# message:`".into());
    }
    let cases = Case::of(&read(path)?);
    let mut reports = Vec::new();
    for case in &cases {
        reports.push(judged(case, expected.setting(), benches)?);
    }
    fault_unreached(&WholeFiles::of(&cases), &mut reports);
    for report in reports {
        let seen = text(&report)?;
        if report.verdict() != verdict {
            let verdicts = format!("expected {verdict}, got {}", report.verdict());
            return Err(Failed::from(format!("{verdicts}\n{seen}")));
        }
        expected.all_in(&seen)?;
    }
    Ok(())
}

fn must_be_refused(path: &Path, _benches: &Benches) -> Result<(), Failed> {
    let expected = Expected::read(path)?;
    if expected.messages.is_empty() {
        return Err("the file says no `# message:`".into());
    }
    match parse(path)? {
        Ok(_) => Err("the file was not refused".into()),
        Err(faults) => expected.all_in(&faults),
    }
}

/// The cases of a file, each in each of its profiles.
fn runs(path: &Path) -> Result<Vec<(Case, Profile)>, Failed> {
    let mut runs = Vec::new();
    for case in Case::of(&read(path)?) {
        for profile in case.profiles.clone() {
            runs.push((case.clone(), profile));
        }
    }
    Ok(runs)
}

fn read(path: &Path) -> Result<Scenario, Failed> {
    parse(path)?.map_err(Failed::from)
}

/// The scenario of a file, or its faults as text.
fn parse(path: &Path) -> Result<Result<Scenario, String>, Failed> {
    let bytes = std::fs::read_to_string(path)?;
    let name = path
        .strip_prefix(folder())
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/");
    let parsed = scenario::parse(&name, &bytes, Some(&folder()));
    Ok(parsed.map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(|fault| fault.render(false)).collect();
        faults.join("\n\n")
    }))
}

/// What the comments at the top of a file say.
#[derive(Default)]
struct Expected {
    verdict: Option<Verdict>,
    without: Option<Arc<str>>,
    profile: Profile,
    messages: Vec<String>,
}

impl Expected {
    fn read(path: &Path) -> Result<Self, Failed> {
        let text = std::fs::read_to_string(path)?;
        let mut expected = Self::default();
        for line in text.lines().map_while(|line| line.strip_prefix('#')) {
            let Some((key, value)) = line.trim().split_once(':') else {
                continue;
            };
            let value = value.trim();
            match key {
                "verdict" => {
                    let verdict = Verdict::named(value).ok_or("no such verdict")?;
                    expected.verdict = Some(verdict);
                }
                "without" => expected.without = Some(value.into()),
                "profile" if value == "genuine" => expected.profile = Profile::Genuine,
                "message" => expected.messages.push(value.to_owned()),
                _ => return Err(Failed::from(format!("what does `# {key}:` mean?"))),
            }
        }
        Ok(expected)
    }

    fn setting(&self) -> Setting {
        Setting {
            profile: self.profile,
            without: self.without.clone(),
        }
    }

    fn all_in(&self, text: &str) -> Result<(), Failed> {
        for message in &self.messages {
            if !text.contains(message) {
                return Err(Failed::from(format!("`{message}` is not said in:\n{text}")));
            }
        }
        Ok(())
    }
}
