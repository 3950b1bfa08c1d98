//! Steps about files.

use super::example::{plan, step};
use super::execute_tests::go;
use super::trace::Outcome;
use crate::scenario::plan::{Action, FileAction};

#[test]
fn files_are_in_the_scratch_folder() {
    let file = |id, action| step(id, Action::File(action));
    let path = || "sub/a.edb".to_owned();
    let exists = |exists| FileAction::Exists {
        path: path(),
        exists,
    };
    let unchanged = |compare| FileAction::Unchanged {
        path: path(),
        compare,
    };
    let bytes = b"hello".to_vec();
    let trace = go(&plan(vec![
        file(0, FileAction::MakeFolder("sub".into())),
        file(1, exists(false)),
        file(
            2,
            FileAction::Write {
                path: path(),
                bytes,
            },
        ),
        file(3, exists(true)),
        file(4, unchanged(false)),
        file(5, unchanged(true)),
        file(
            6,
            FileAction::FlipByte {
                path: path(),
                offset: 0,
            },
        ),
        file(7, unchanged(true)),
    ]));
    let failed: Vec<u32> = trace
        .steps
        .iter()
        .filter(|step| step.outcome != Outcome::Done)
        .map(|step| step.step.0)
        .collect();
    assert_eq!(failed, [7]);
}
