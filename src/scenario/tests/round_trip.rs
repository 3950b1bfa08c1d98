//! What is written back is what was read.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use crate::scenario::canonical::{Part, canonical, same};
use crate::scenario::fault::Faults;
use crate::scenario::node::{self, Node};
use crate::scenario::{fmt, write};

fn read(text: &str) -> Option<Node> {
    let mut faults = Faults::default();
    let root = node::parse(Default::default(), text, &mut faults);
    root.filter(|_| faults.is_empty())
}

/// Words that mean something, words that need quotes, any text.
fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "null", "~", "true", "no", "some", "nil", "0x10", "-1", "1.5", ".inf", "->h", "a: b",
        "a #b", "- a", "-", "", " ", "a, b", "[a]", "{", "a|b", "JetMove", "#", "&a", "*a", "!t",
        "%", "@", "`", "'", "\"", "\\", "---", "...", "a:", ":a", "?", "? a", "=", "\n", "a\nb",
        "\u{1}", "\u{85}", "\u{feff}", "\u{2028}", "$id", "${id}", "+id",
    ]);
    prop_oneof![known.prop_map(str::to_owned), "\\PC{0,12}", any::<String>()]
}

fn key() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "title",
        "cases",
        "then",
        "steps",
        "callbacks",
        "reasons",
        "shorthands",
        "matrix",
        "cursors",
        "calls",
        "call",
        "before",
        "parameters",
        "repeat",
        "events",
        "documented",
        "expect",
        "covers",
        "when",
        "JetMove",
        "start",
        "out",
        "returns",
        "times",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => word()]
}

fn tree() -> impl Strategy<Value = Node> {
    let leaf = (word(), any::<bool>()).prop_map(|(text, quoted)| {
        // A plain scalar can only be what YAML lets stand without quotes.
        let plain = read(&text).filter(|node| node.word() == Some(&*text));
        match plain {
            Some(_) if !quoted => Node::plain(&text),
            _ => Node::quoted(&text),
        }
    });
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Node::list),
            mapping(inner),
        ]
    })
}

fn mapping(inner: impl Strategy<Value = Node>) -> impl Strategy<Value = Node> {
    prop::collection::btree_map(key(), inner, 0..5).prop_map(|entries| {
        Node::map(
            entries
                .iter()
                .map(|(key, node)| (key.as_str(), node.clone())),
        )
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_it_was(root in mapping(tree())) {
        let text = write(&root);
        let again = read(&text);
        prop_assert!(again.is_some(), "does not parse:\n{text}");
        if let Some(again) = again {
            let (again, root) = (canonical(&again, Part::File), canonical(&root, Part::File));
            prop_assert!(same(&again, &root), "{text}\n{again:?}\n{root:?}");
        }
    }

    #[test]
    fn writing_twice_changes_nothing(root in mapping(tree())) {
        let text = write(&root);
        prop_assert_eq!(fmt("again.yaml", &text), Ok(text.clone()));
    }
}

#[test]
fn committed_files_are_written_back_without_a_loss() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|ending| ending == "yaml") => {
                    files.push(path)
                }
                false => {}
            }
        }
    }
    assert!(!files.is_empty());
    for path in files {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let Some(root) = read(&text) else {
            // Files that are faulty on purpose.
            assert!(name.contains("selftest"), "{name}");
            continue;
        };
        let written = fmt(&name, &text);
        let again = written.as_deref().ok().and_then(read);
        let (root, again) = (
            canonical(&root, Part::File),
            again.map(|root| canonical(&root, Part::File)),
        );
        assert!(again.is_some_and(|again| same(&again, &root)), "{name}");
        let twice = written.as_deref().map(|text| fmt(&name, text));
        assert_eq!(twice, Ok(written.clone()), "{name}");
    }
}

#[test]
fn comments_stay_with_what_they_stand_at() {
    let text = "\
# head

title: a # right of title
# above then
then:
  # above the step
  - JetMove: {cRow: 1, # inside
     grbit: 5} # after
    covers: a
    expect: b

# above cases
cases:
  a: {JetMove: {sesid: \">h\"}, expect: 'null'}
  # below everything
# last
";
    insta::with_settings!({snapshot_path => "../../../snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("format-comments", fmt("a.yaml", text).unwrap_or_default());
    });
}
