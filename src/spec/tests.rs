//! The register's own tests: the embedded pages are whole, and faults name file and line.

use super::{Basis, Effect, Fault, Genuine, Register, Strength};
use crate::abi::release::Release;
use std::path::Path;

const HEAD: &str =
    "page: jetx-function.md\ntitle: X\nurl: https://example.org/\nsince: windows-xp\nrecords:\n";

fn read(records: &str) -> Result<Register, Fault> {
    Register::from_pages([("jetx.yaml", format!("{HEAD}{records}").as_str())])
}

fn fault(records: &str) -> String {
    match read(records) {
        Ok(_) => String::from("no fault"),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn the_embedded_register_is_the_folder() -> Result<(), Fault> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec");
    let on_disk = Register::load(&folder)?;
    let files: Vec<_> = on_disk
        .pages()
        .iter()
        .map(|page| page.file.as_str())
        .collect();
    let embedded: Vec<_> = Register::embedded_files().collect();
    assert_eq!(embedded, files);
    assert_eq!(Register::embedded()?.pages(), on_disk.pages());
    assert!(!on_disk.is_empty());
    Ok(())
}

#[test]
fn every_page_is_published_by_microsoft_under_its_own_name() -> Result<(), Fault> {
    for page in Register::embedded()?.pages() {
        let stem = page.page.trim_end_matches(".md");
        assert!(
            page.page.ends_with(".md"),
            "{}: page {}",
            page.file,
            page.page
        );
        assert!(
            page.url.starts_with("https://learn.microsoft.com/"),
            "{}",
            page.file
        );
        assert!(
            page.url.ends_with(stem),
            "{}: {} is not of {}",
            page.file,
            page.url,
            page.page
        );
        let empty = page.records.is_empty() && page.returns.is_empty();
        assert!(!empty, "{} says nothing", page.file);
    }
    Ok(())
}

#[test]
fn a_record_keeps_what_is_written_and_inherits_the_rest() -> Result<(), Fault> {
    let register = read(
        "- id: register/one\n  says: a\n  strength: must\n  basis: documented\n  genuine: agrees\n\
         - id: register/two\n  says: b\n  strength: may\n  basis: observed\n  since: windows-8.1\n  \
         genuine: {differs: not at all}\n  on-failure: [cursor-moved]\n  untestable: faults\n  \
         source: 'engine: fcb.cxx:ErrX'\n",
    )?;
    let one = register
        .get("register/one")
        .map(|r| (r.strength, r.since, r.source.as_str(), r.line));
    assert_eq!(
        one,
        Some((Strength::Must, Release::WindowsXp, "jetx-function.md", 6))
    );
    let two = register.get("register/two");
    assert_eq!(
        two.map(|r| (r.basis, r.since)),
        Some((Basis::Observed, Release::Windows81))
    );
    assert_eq!(
        two.map(|r| &r.genuine),
        Some(&Genuine::Differs("not at all".into()))
    );
    assert_eq!(
        two.map(|r| r.on_failure.as_slice()),
        Some([Effect::CursorMoved].as_slice())
    );
    assert_eq!(
        register.ids().collect::<Vec<_>>(),
        ["register/one", "register/two"]
    );
    assert_eq!(
        register.page_of("register/two").map(|p| p.title.as_str()),
        Some("X")
    );
    assert!(register.get("register/three").is_none());
    Ok(())
}

#[test]
fn unknown_keys_and_words_are_faults_with_a_place() {
    let base =
        "- id: register/one\n  says: a\n  strength: must\n  basis: documented\n  genuine: agrees\n";
    let unknown_key = fault(&format!("{base}  colour: red\n"));
    assert!(unknown_key.starts_with("jetx.yaml:11:"), "{unknown_key}");
    let strength = fault(&base.replace("must", "shall"));
    assert!(strength.starts_with("jetx.yaml:8:"), "{strength}");
    let basis = fault(&base.replace("documented", "rumour"));
    assert!(basis.starts_with("jetx.yaml:9:"), "{basis}");
    let twice = fault(&format!("{base}  says: again\n"));
    assert!(twice.starts_with("jetx.yaml:11:"), "{twice}");
    assert_eq!(fault(base), "no fault");
}

#[test]
fn a_second_record_of_an_id_names_the_first() {
    let record =
        "- id: register/one\n  says: a\n  strength: must\n  basis: documented\n  genuine: agrees\n";
    assert_eq!(
        fault(&format!("{record}{record}")),
        "jetx.yaml:11: register/one is already a record at jetx.yaml:6"
    );
}

#[test]
fn records_that_say_too_little_are_faults() {
    let base =
        "- id: register/one\n  says: a\n  strength: must\n  basis: documented\n  genuine: agrees\n";
    for (from, to, message) in [
        ("register/one", "RegisterOne", "an id is"),
        ("says: a", "says: ''", "says nothing"),
        ("agrees", "{differs: ''}", "does not say how"),
        ("documented", "observed", "the source of an observed"),
        ("agrees", "agrees\n  untestable: ''", "does not say why"),
        ("agrees", "agrees\n  source: hearsay", "is a page"),
    ] {
        let fault = fault(&base.replace(from, to));
        assert!(fault.starts_with("jetx.yaml:6: "), "{fault}");
        assert!(fault.contains(message), "{fault}");
    }
}

#[test]
fn an_unreadable_folder_is_a_fault() {
    let missing = Register::load(Path::new("no/such/folder"));
    assert!(matches!(missing, Err(Fault::Unreadable { .. })));
}

#[test]
fn the_codes_of_a_page_exist_and_lead_to_records() {
    let record =
        "- id: register/one\n  says: a\n  strength: must\n  basis: documented\n  genuine: agrees\n";
    let page = |returns: &str| {
        let head = HEAD.replace("records:", &format!("returns: {returns}\nrecords:"));
        match Register::from_pages([("jetx.yaml", format!("{head}{record}").as_str())]) {
            Ok(_) => String::from("no fault"),
            Err(fault) => fault.to_string(),
        }
    };
    assert_eq!(page("{JET_errSuccess: register/one}"), "no fault");
    assert_eq!(
        page("{JET_errSuccess: register/two}"),
        "jetx.yaml: returns: JET_errSuccess: register/two is no record of the register"
    );
    assert_eq!(
        page("{JET_errNoSuchCode: register/one}"),
        "jetx.yaml: returns: JET_errNoSuchCode: is no documented return code"
    );
}

#[test]
fn every_rule_of_the_reference_has_a_record() -> Result<(), Fault> {
    let register = Register::embedded()?;
    let missing: Vec<_> = crate::model::rules::all()
        .map(crate::model::rules::Rule::id)
        .filter(|id| register.get(id).is_none())
        .collect();
    assert!(
        missing.is_empty(),
        "rules without a record in spec/: {missing:#?}"
    );
    Ok(())
}

#[test]
fn every_quirk_of_the_reference_has_a_record_that_says_how_the_engines_differ() -> Result<(), Fault>
{
    let register = Register::embedded()?;
    let differs = |id| {
        let record = register.get(id);
        record.is_some_and(|record| matches!(record.genuine, Genuine::Differs(_)))
    };
    let missing: Vec<_> = crate::model::quirks::ALL
        .iter()
        .map(|quirk| quirk.id)
        .filter(|id| !differs(id))
        .collect();
    assert!(
        missing.is_empty(),
        "quirks without a differing record in spec/: {missing:#?}"
    );
    Ok(())
}

/// The names of the interface that a text mentions: `JET_…` and `Jet…`.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("JET_") || is_function_name(word))
}

fn is_function_name(word: &str) -> bool {
    let rest = word.strip_prefix("Jet").unwrap_or_default();
    rest.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Prefixes of constants; other `JET_` names are types and structures.
const CONSTANTS: [&str; 9] = [
    "JET_bit",
    "JET_prep",
    "JET_param",
    "JET_cbtyp",
    "JET_snp",
    "JET_snt",
    "JET_coltyp",
    "JET_Move",
    "JET_DbInfo",
];

fn is_known(name: &str) -> bool {
    if name.starts_with("JET_err") || name.starts_with("JET_wrn") {
        super::register::is_code(name)
    } else if CONSTANTS.iter().any(|prefix| name.starts_with(prefix)) {
        crate::abi::constants::value(name).is_some()
    } else if is_function_name(name) {
        crate::abi::function(name).is_some()
    } else {
        true
    }
}

#[test]
fn the_names_that_records_mention_exist() -> Result<(), Fault> {
    let register = Register::embedded()?;
    let mut unknown = Vec::new();
    for record in register.records() {
        unknown.extend(
            names_in(&record.says)
                .filter(|name| !is_known(name))
                .map(|name| format!("{}: {name}", record.id)),
        );
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    Ok(())
}
