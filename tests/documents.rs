//! What the documents show is so: the scenario that README prints, its numbers, the links, the example
//! of a baseline.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).expect("a document")
}

fn jetspec(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_jetspec"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("jetspec starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The blocks of a document in that language.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while lines.any(|line| line == format!("```{language}")) {
        let block = lines.by_ref().take_while(|line| *line != "```");
        blocks.push(block.map(|line| format!("{line}\n")).collect());
    }
    blocks
}

/// A text without what stands behind `#`.
fn without_comments(text: &str) -> String {
    let lines = text.lines();
    let lines = lines.map(|line| line.split(" #").next().unwrap_or_default().trim_end());
    lines.map(|line| format!("{line}\n")).collect()
}

/// The cases of each area, as `jetspec list` names them.
fn areas(list: &str) -> BTreeMap<&str, usize> {
    let mut areas = BTreeMap::new();
    let cases = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    for case in cases {
        let area = case.trim().split('/').next().unwrap_or_default();
        *areas.entry(area).or_default() += 1;
    }
    areas
}

#[test]
fn the_scenario_in_the_readme_is_the_one_in_the_suite() {
    let readme = read("README.md");
    let shown = blocks(&readme, "yaml");
    let kept = without_comments(&read("conformance/callbacks/first.yaml"));
    assert!(
        shown.iter().any(|block| without_comments(block) == kept),
        "{kept}\nis not among\n{shown:#?}"
    );
    // The report that it shows points at a line of that file.
    let line = kept.lines().position(|line| line.contains("events:"));
    let place = format!("--> callbacks/first.yaml:{}:18\n", line.unwrap_or(0) + 1);
    assert!(readme.contains(&place), "no {place}");
}

#[test]
fn the_numbers_of_the_readme_are_those_of_the_suite() {
    let readme = read("README.md");
    let first = blocks(&readme, "text").remove(0);
    let list = jetspec(&["list"]);
    let mut wrong = Vec::new();
    for (area, cases) in areas(&list) {
        let row = first
            .lines()
            .find(|line| line.split_whitespace().next() == Some(area));
        let numbers = row.unwrap_or_default().split_whitespace().skip(1);
        let sum: usize = numbers
            .filter_map(|number| number.parse::<usize>().ok())
            .sum();
        if sum != cases {
            wrong.push(format!("{area}: {cases}"));
        }
    }
    let sum = list.lines().last().unwrap_or_default();
    if !first.contains(&format!("{sum} cover")) {
        wrong.push(sum.to_owned());
    }
    assert!(wrong.is_empty(), "README.md is to say {wrong:#?}");
}

#[test]
fn every_link_leads_to_a_file() {
    let documents = [
        "README.md",
        "CONTRIBUTING.md",
        "conformance/README.md",
        "conformance/CONTRACT.md",
        "conformance/ci/README.md",
        "fuzz/README.md",
        "spec/README.md",
    ];
    for name in documents {
        let text = read(name);
        let links = text.split("](").skip(1);
        for link in links.filter_map(|rest| rest.split(')').next()) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            if path.contains("://") {
                continue;
            }
            let here = root().join(name);
            let target: PathBuf = match path {
                "" => here,
                path => here.with_file_name("").join(path),
            };
            assert!(target.exists(), "{name}: {link}");
            let headings = || -> Vec<String> {
                let text = std::fs::read_to_string(&target).unwrap_or_default();
                let lines = text.lines().filter(|line| line.starts_with('#'));
                let slug = |line: &str| {
                    let words = line.trim_start_matches('#').trim().to_lowercase();
                    words.replace(' ', "-").replace(['`', ':', '\''], "")
                };
                lines.map(slug).collect()
            };
            assert!(
                heading.is_empty() || headings().iter().any(|own| own == heading),
                "{name}: {link}"
            );
        }
    }
}

/// Entries that name no case make the run under Wine fail: they are taken out with the change that
/// moves or removes the case.
#[test]
fn every_entry_of_the_example_of_a_baseline_names_a_case() {
    let baseline = read("conformance/ci/wine-esent/baseline.yaml");
    let names = baseline.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("- case: ")?;
        Some(name.trim_matches(['"', '\'']).split('[').next()?.to_owned())
    });
    let list = jetspec(&["list"]);
    let known: Vec<String> = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| {
            let mut words = line.trim().splitn(2, ' ');
            let file = words.next().and_then(|place| place.rsplit_once(':'));
            let case = words.next().unwrap_or_default();
            let case = case.split([' ', '(', '[']).next().unwrap_or_default();
            let file = file.map_or("", |(file, _)| file);
            match case {
                "" => file.to_owned(),
                case => format!("{file}::{case}"),
            }
        })
        .collect();
    let strange: Vec<String> = names.filter(|name| !known.contains(name)).collect();
    assert!(strange.is_empty(), "no case is called {strange:#?}");
}

/// Functions that no scenario may call, with the reason.
const NOT_TO_BE_CALLED: &[&str] = &[
    // "Do not use" says its page.
    "JetDefragment3",
];

/// The suite's scenarios and fixtures, as one text.
fn scenarios(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "ci" && name != "selftest" {
            scenarios(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            into.push_str(&std::fs::read_to_string(&path).expect("a scenario"));
        }
    }
}

#[test]
fn every_function_of_the_documents_is_called_by_a_scenario() {
    let mut text = String::new();
    scenarios(&root().join("conformance"), &mut text);
    let called: std::collections::BTreeSet<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != ':')
        .filter_map(|word| word.strip_suffix(':'))
        .collect();
    let documented = jetspec::abi::FUNCTIONS.iter().map(|function| function.name);
    let missing: Vec<&str> = documented
        .filter(|name| !called.contains(name) && !NOT_TO_BE_CALLED.contains(name))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
