//! The executable alone, in an empty folder, has everything with it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::small;

/// The executable, copied once. While it is written no other thread may start a process, which would
/// keep it open for writing: hence the copy by another process.
fn copied() -> &'static Path {
    static COPY: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = Alone::program(folder.path());
        let jetspec = env!("CARGO_BIN_EXE_jetspec");
        let copy = match cfg!(windows) {
            true => std::fs::copy(jetspec, &path).is_ok(),
            false => {
                let status = Command::new("cp").arg(jetspec).arg(&path).status();
                status.is_ok_and(|status| status.success())
            }
        };
        assert!(copy);
        (folder, path)
    });
    &COPY.1
}

/// The executable alone in a folder, and an empty folder as the current one.
struct Alone {
    here: TempDir,
}

impl Alone {
    fn new() -> Alone {
        let here = tempfile::tempdir().expect("a folder");
        Alone { here }
    }

    fn program(folder: &Path) -> PathBuf {
        folder.join(format!("jetspec{}", std::env::consts::EXE_SUFFIX))
    }

    fn says(&self, arguments: &[&str], code: i32, words: &[&str]) -> String {
        let output: Output = Command::new(copied())
            .args(arguments)
            .env("XDG_STATE_HOME", copied().with_file_name("state"))
            .current_dir(self.here.path())
            .output()
            .expect("jetspec starts");
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {out}{err}"
        );
        for word in words {
            assert!(
                out.contains(word) || err.contains(word),
                "no `{word}` in {out}{err}"
            );
        }
        out
    }
}

#[test]
fn everything_works_in_an_empty_folder() {
    let alone = Alone::new();
    alone.says(
        &["run", "registration/", "stored/calling"],
        0,
        &["as linked into jetspec", "Everything as expected."],
    );
    let library = small::library().to_str().expect("UTF-8");
    alone.says(
        &["run", "--lib", library, "instances/creating"],
        1,
        &[
            "instance/pointer-null (must, documented)",
            "12 |     - JetCreateInstance: {",
        ],
    );
    alone.says(
        &["explain", "register/cbtyp-zero"],
        0,
        &["registration/arguments.yaml:"],
    );
    alone.says(
        &["coverage", "registration/arguments"],
        0,
        &["register/cbtyp-zero", "total"],
    );
    alone.says(
        &["trace", "registration/arguments.yaml"],
        0,
        &["JetRegisterCallback("],
    );
    alone.says(&["contract"], 0, &["Exit codes"]);
    let left = std::fs::read_dir(alone.here.path()).expect("the folder");
    assert_eq!(left.count(), 0, "nothing is left in the current folder");
}

#[test]
fn every_scenario_of_the_checkout_is_carried_as_it_is() {
    let alone = Alone::new();
    let carried = alone.says(&["list"], 0, &[]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checkout = Command::new(env!("CARGO_BIN_EXE_jetspec"))
        .arg("list")
        .current_dir(root)
        .output()
        .expect("jetspec starts");
    let checkout = String::from_utf8_lossy(&checkout.stdout).into_owned();
    // A development build carries what has changed since from its next build on; a release is never
    // without.
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    let built = changed(Path::new(env!("CARGO_BIN_EXE_jetspec")));
    let is_newer = |line: &&str| {
        let file = line.trim().split(':').next().unwrap_or_default();
        cfg!(debug_assertions) && changed(&root.join("conformance").join(file)) > built
    };
    let cases = |list: &str| -> Vec<String> {
        let lines = list.lines().filter(|line| line.contains(".yaml:"));
        lines
            .filter(|line| !is_newer(line))
            .map(str::to_owned)
            .collect()
    };
    assert!(!cases(&carried).is_empty());
    assert_eq!(cases(&carried), cases(&checkout));
}

#[test]
fn scenarios_of_ones_own_are_added_and_replace_those_of_the_same_path() {
    let alone = Alone::new();
    let own = alone.here.path().join("own");
    std::fs::create_dir_all(own.join("mine")).expect("a folder");
    std::fs::create_dir_all(own.join("registration")).expect("a folder");
    let scenario = |title: &str| {
        format!(
            "title: {title}\nfixture: table\nsteps:\n  - JetMove: {{ cRow: 0 }}\n    expect: JET_errNoCurrentRecord\n"
        )
    };
    // The fixture is one that the program carries.
    std::fs::write(own.join("mine/one.yaml"), scenario("My own")).expect("a file");
    std::fs::write(
        own.join("registration/arguments.yaml"),
        scenario("Replaced"),
    )
    .expect("a file");
    let with = |arguments: &[&str], words: &[&str]| {
        let mut all = vec!["list", "--scenarios", "own"];
        all.extend(arguments);
        alone.says(&all, 0, words)
    };
    with(&["mine/"], &["My own", "1 case of 1 scenario"]);
    let replaced = with(&["registration/arguments.yaml"], &["Replaced"]);
    assert!(replaced.contains("1 case of 1 scenario"), "{replaced}");
    with(&["registration/"], &["registration/"]);
    alone.says(
        &["run", "--scenarios", "own", "mine/"],
        0,
        &["1 case of 1 scenario"],
    );
    alone.says(&["check", "own/mine/one.yaml"], 0, &[]);
    std::fs::write(own.join("mine/two.yaml"), "title: [\n").expect("a file");
    alone.says(&["run", "--scenarios", "own"], 2, &["mine/two.yaml:"]);
}

#[test]
fn another_projects_folder_of_the_same_name_is_not_the_suite() {
    let alone = Alone::new();
    std::fs::create_dir_all(alone.here.path().join("conformance")).expect("a folder");
    std::fs::write(
        alone.here.path().join("conformance/linux.yaml"),
        "version: 1\n",
    )
    .expect("a file");
    alone.says(
        &["list", "registration/arguments"],
        0,
        &["registration/arguments.yaml"],
    );
}
