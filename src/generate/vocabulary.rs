//! The constants that a function's page speaks of: what its options, levels and types are chosen
//! from. They are read out of the requirement register, so nothing is said here twice.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::abi::role::Kind;
use crate::abi::{FUNCTIONS, FunctionId, constants};
use crate::scenario::plan::Profile;
use crate::spec::{Genuine, Page, Record, Register};

static REGISTER: LazyLock<Register> = LazyLock::new(|| Register::embedded().unwrap_or_default());

/// Constants by function, then sorted by name.
static WORDS: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    let names: BTreeMap<&'static str, ()> = constants::names().map(|name| (name, ())).collect();
    let of = |function: &crate::abi::Function| {
        let mut words: Vec<&'static str> = pages(function.name)
            .flat_map(|page| &page.records)
            .flat_map(|record| tokens(&record.says))
            .filter_map(|token| names.get_key_value(token).map(|(name, ())| *name))
            .collect();
        words.sort_unstable();
        words.dedup();
        words
    };
    FUNCTIONS.iter().map(of).collect()
});

/// The codes that the register lists for a function: those of its page, and those that any of its
/// records, or a gate before every call, speaks of.
static CODES: LazyLock<Vec<Vec<i32>>> = LazyLock::new(|| {
    let mut codes = by_function(codes_of, spoken);
    for (own, function) in codes.iter_mut().zip(FUNCTIONS) {
        let nameless = NAMELESS.iter().filter(|(name, _)| *name == function.name);
        own.extend(nameless.flat_map(|(_, codes)| codes.iter().copied()));
        own.sort_unstable();
    }
    codes
});

/// The codes that the published engine answers besides, where a record says that it differs.
static DEPARTING: LazyLock<Vec<Vec<i32>>> = LazyLock::new(|| {
    let of_page = |page: &Page| page.records.iter().flat_map(differing).collect();
    by_function(of_page, differing)
});

/// What is found for each function in the pages and the records that bear on it, sorted.
fn by_function(
    of_page: impl Fn(&Page) -> Vec<i32>,
    of_record: impl Fn(&Record) -> Vec<i32>,
) -> Vec<Vec<i32>> {
    let general = REGISTER.pages().iter().filter(|page| {
        !page.file.contains("-function") || page.file == "jet-callback-callback-function.yaml"
    });
    let common = COMMON.iter().filter_map(|id| REGISTER.get(id));
    let gates: Vec<i32> = general
        .flat_map(&of_page)
        .chain(common.flat_map(&of_record))
        .collect();
    let of = |function: &crate::abi::Function| {
        if pages(function.name).next().is_none() {
            return Vec::new();
        }
        let parts = function.parameters.iter().flat_map(|parameter| {
            let mut parts = made_of(&parameter.kind);
            parts.extend(found_by(parameter.name));
            parts
        });
        let own = pages(function.name)
            .chain(parts.flat_map(pages))
            .flat_map(&of_page);
        let more = special(function).into_iter();
        let more = more.filter_map(|id| REGISTER.get(id)).flat_map(&of_record);
        let mut codes: Vec<i32> = own.chain(more).chain(gates.iter().copied()).collect();
        codes.push(0);
        codes.sort_unstable();
        codes.dedup();
        codes
    };
    FUNCTIONS.iter().map(of).collect()
}

/// Codes that have no name, by function (`seek/several-directions`).
const NAMELESS: &[(&str, &[i32])] = &[("JetSeek", &[312, 313])];

/// Records of one function's page that speak of every function.
const COMMON: &[&str] = &[
    "temp/operation-not-allowed",
    "transaction/read-only",
    "table/locked-by-other",
    "table/change-read-only-transaction",
    "table/change-permission",
    "table/fixed-ddl",
    "column/columnid-range",
    "column/columnid-found",
];

/// Records of another function's page that speak of every function like this one.
fn special(function: &crate::abi::Function) -> Vec<&'static str> {
    let name = function.name;
    let mut ids = Vec::new();
    let with_instance = [name, "Instance"].concat();
    if FUNCTIONS.iter().any(|other| other.name == with_instance) {
        // It names no instance, so there has to be only one.
        ids.push("backup/legacy-mode");
    }
    let changes = [
        "JetAdd",
        "JetCreate",
        "JetDelete",
        "JetRename",
        "JetSetColumnDefault",
    ];
    let of_schema = ["Column", "Index", "Table"];
    if changes.iter().any(|verb| name.starts_with(verb))
        && of_schema.iter().any(|what| name.contains(what))
    {
        ids.push("table/schema-write-conflict");
    }
    if ["JetUpdate", "JetGrowDatabase", "JetResizeDatabase"]
        .iter()
        .any(|own| name.starts_with(own))
    {
        // It is a change that may need more pages than the file may have.
        ids.push("database/attach-size-limit");
    }
    if name.starts_with("JetInit") {
        // Where it is given no instance it makes one.
        ids.push("instance/name-in-use");
    }
    if name.starts_with("JetExternalRestore") {
        ids.push("restore/damaged-log");
    }
    if name.starts_with("JetBackup") {
        ids.push("backup/missing-full");
    }
    if name.starts_with("JetSetColumn") {
        ids.push("update/autoincrement-not-set");
    }
    if name == "JetMove" {
        ids.push("cursor/filter-secondary");
    }
    if name == "JetInit3" || name == "JetInit4" {
        // Its map tells the databases where to go.
        ids.extend(["database/create-path", "database/create-path-length"]);
    }
    if name.starts_with("JetGetColumnInfo") {
        ids.push("column/info-buffer");
    }
    if name.starts_with("JetGetIndexInfo") {
        ids.push("index/info-buffer");
    }
    ids
}

/// The functions that do one by one what a structure asks for all at once.
fn made_of(kind: &Kind) -> Vec<&'static str> {
    let Some(structure) = super::pairs::structure_of(kind) else {
        return Vec::new();
    };
    let name = structure
        .name
        .trim_end_matches(|c: char| c.is_ascii_digit());
    match name {
        "JET_TABLECREATE" => vec![
            "JetCreateTable",
            "JetAddColumn",
            "JetCreateIndex",
            "JetOpenTable",
        ],
        "JET_COLUMNDEF" | "JET_COLUMNCREATE" => vec!["JetAddColumn"],
        "JET_OPENTEMPORARYTABLE" => vec!["JetOpenTempTable", "JetAddColumn"],
        "JET_INDEXCREATE" => vec!["JetCreateIndex"],
        "JET_SETCOLUMN" => vec!["JetSetColumn"],
        "JET_RETRIEVECOLUMN" => vec!["JetRetrieveColumn"],
        _ => Vec::new(),
    }
}

/// The functions whose page says what a parameter of that name may find wrong.
fn found_by(parameter: &str) -> &'static [&'static str] {
    match parameter {
        "szTableName" | "szObjectName" => &["JetOpenTable"],
        "szColumnName" => &["JetAddColumn"],
        "szFilename" | "szDatabaseSrc" | "szDatabaseDest" | "szDatabaseName" => {
            &["JetCreateDatabase", "JetAttachDatabase", "JetOpenDatabase"]
        }
        _ => &[],
    }
}

fn code(name: &str) -> Option<i32> {
    let is_code = name.starts_with("JET_err") || name.starts_with("JET_wrn");
    let value = is_code.then(|| constants::value(name)).flatten();
    value.map(|value| value as i32)
}

/// The pages of a function: its own, those of the same name with another number, for a younger
/// function promises what the older one did, and those of the form that names its instance or does
/// not.
fn pages(function: &str) -> impl Iterator<Item = &'static Page> {
    let stem = stem(&function.to_lowercase()).to_owned();
    REGISTER.pages().iter().filter(move |page| {
        let name = page.file.strip_suffix("-function.yaml");
        name.is_some_and(|name| self::stem(name) == stem)
    })
}

/// What forms of one function have in common, of a name in small letters.
fn stem(name: &str) -> &str {
    let numberless = |name: &'_ str| name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let name = &name[..numberless(name)];
    let name = name.strip_suffix("instance").unwrap_or(name);
    &name[..numberless(name)]
}

fn codes_of(page: &Page) -> Vec<i32> {
    let listed = page.returns.keys().filter_map(|name| code(name));
    listed.chain(page.records.iter().flat_map(spoken)).collect()
}

/// The codes that a record's sentence names.
fn spoken(record: &Record) -> Vec<i32> {
    tokens(&record.says).into_iter().filter_map(code).collect()
}

/// The codes of what the engine that Microsoft published does otherwise.
fn differing(record: &Record) -> Vec<i32> {
    match &record.genuine {
        Genuine::Differs(how) => tokens(how).into_iter().filter_map(code).collect(),
        _ => Vec::new(),
    }
}

/// The words of a text that may be constants.
fn tokens(text: &str) -> Vec<&str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("JET_"))
        .collect()
}

/// The constants of a function's page that begin with one of these.
pub(super) fn words(
    function: FunctionId,
    prefix: &str,
) -> impl Iterator<Item = &'static str> + use<'_> {
    let all = WORDS.get(usize::from(function.0));
    let all = all.map_or(&[][..], Vec::as_slice);
    all.iter()
        .copied()
        .filter(move |word| word.starts_with(prefix))
}

/// The options that a function's page names.
pub(super) fn options(function: FunctionId) -> &'static [&'static str] {
    static OPTIONS: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
        let functions = (0u16..).zip(FUNCTIONS).map(|(index, _)| FunctionId(index));
        let options = |function| words(function, "JET_bit").collect();
        functions.map(options).collect()
    });
    let own = OPTIONS.get(usize::from(function.0));
    own.map_or(&[], Vec::as_slice)
}

/// The levels of information that a function's page names.
pub(super) fn levels(function: FunctionId) -> &'static [&'static str] {
    static LEVELS: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
        let functions = (0u16..).zip(FUNCTIONS).map(|(index, _)| FunctionId(index));
        let levels = |function| words(function, "JET_").filter(|word| word.contains("Info"));
        functions.map(|own| levels(own).collect()).collect()
    });
    let own = LEVELS.get(usize::from(function.0));
    own.map_or(&[], Vec::as_slice)
}

/// Every constant that begins so, sorted.
pub(super) fn family(prefix: &'static str) -> &'static [&'static str] {
    /// The families that programs choose from.
    const CHOSEN: [&str; 6] = [
        "JET_param",
        "JET_sesparam",
        "JET_prep",
        "JET_coltyp",
        "JET_objtyp",
        "JET_relop",
    ];
    static FAMILIES: LazyLock<[&'static [&'static str]; 6]> = LazyLock::new(|| CHOSEN.map(found));
    match CHOSEN.iter().position(|own| *own == prefix) {
        Some(chosen) => FAMILIES[chosen],
        None => found(prefix),
    }
}

fn found(prefix: &str) -> &'static [&'static str] {
    static SORTED: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let mut names: Vec<&'static str> = constants::names().collect();
        names.sort_unstable();
        names
    });
    let start = SORTED.partition_point(|name| *name < prefix);
    let from = &SORTED[start..];
    &from[..from.partition_point(|name| name.starts_with(prefix))]
}

/// The return codes that the register lists for a function and for the gates before every call, with
/// those that the published engine has besides in its profile; none for a function that has no page
/// in it.
pub(super) fn listed(function: FunctionId, profile: Profile) -> impl Iterator<Item = i32> {
    let [own, departing] = codes(function, profile);
    own.iter().chain(departing).copied()
}

/// Whether a function may answer a code: the register lists it, or lists none for the function.
pub fn may_answer(function: FunctionId, profile: Profile, code: i32) -> bool {
    let codes = codes(function, profile);
    let lists = |list: &[i32]| list.binary_search(&code).is_ok();
    codes.iter().any(|list| lists(list)) || codes.iter().all(|list| list.is_empty())
}

/// The codes that are listed, and those that the published engine has besides; each sorted.
fn codes(function: FunctionId, profile: Profile) -> [&'static [i32]; 2] {
    let own = |codes: &'static [Vec<i32>]| {
        let own = codes.get(usize::from(function.0));
        own.map_or(&[][..], Vec::as_slice)
    };
    let departing = match profile {
        Profile::Documented => &[],
        Profile::Genuine => own(&DEPARTING),
    };
    [own(&CODES), departing]
}
