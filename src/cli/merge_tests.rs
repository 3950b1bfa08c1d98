//! Shards that belong together, and those that do not.

use std::time::Duration;

use jetspec::abi::{Form, Release};
use jetspec::judge::{CaseVerdict, Reach, Verdict};
use jetspec::report::{CaseReport, Identity, Manner};
use jetspec::scenario::plan::{Place, Profile};

use super::*;

fn case(name: &str) -> CaseReport {
    CaseReport {
        file: "a/b.yaml".into(),
        case: name.to_owned(),
        form: Form::Narrow,
        both_forms: false,
        title: "an example".to_owned(),
        place: Place {
            file: "a/b.yaml".into(),
            line: 4,
            column: 3,
        },
        profile: Profile::Documented,
        judged: CaseVerdict::plain(Verdict::Pass),
        pinned: None,
        skipped: None,
        covers: Vec::new(),
        reach: Reach::default(),
        steps: 1,
        deaths: Vec::new(),
        time: Duration::ZERO,
    }
}

fn shard(number: u32, of: u32, names: &[&str]) -> (PathBuf, RunReport) {
    let report = RunReport {
        identity: Identity {
            library: "libx.so".to_owned(),
            library_sha256: Some("ab".repeat(32)),
            suite_sha256: "cd".repeat(32),
            build: "build".to_owned(),
            system: "x86_64-linux".to_owned(),
            profile: Profile::Documented,
            level: Release::Windows10,
            strict: false,
            filters: Vec::new(),
            shard: Some(Shard { number, of }),
            manner: Manner::default(),
        },
        selected: names.len(),
        baseline: None,
        cases: names.iter().map(|name| case(name)).collect(),
        elapsed: Duration::from_secs(1),
        requirements: 3,
    };
    (format!("{number}.json").into(), report)
}

fn refused(parts: Vec<(PathBuf, RunReport)>) -> String {
    match join(parts) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("the parts were joined"),
    }
}

#[test]
fn shards_become_one_report_in_the_order_of_the_suite() {
    let parts = vec![shard(2, 2, &["b", "d"]), shard(1, 2, &["a", "c"])];
    let whole = join(parts).expect("one run");
    let names: Vec<_> = whole.cases.iter().map(|case| &*case.case).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    assert_eq!((whole.selected, whole.identity.shard), (4, None));
}

#[test]
fn a_library_that_dies_when_it_is_unloaded_is_told_of_once() {
    let mut parts = vec![shard(1, 2, &["a"]), shard(2, 2, &["b"])];
    for (_, report) in &mut parts {
        let unload = library_case::unloading("libx.so", Profile::Documented, "signal");
        report.cases.push(unload);
    }
    let whole = join(parts).expect("one run");
    assert_eq!((whole.cases.len(), whole.selected), (3, 2));
}

#[test]
fn a_shard_that_is_missing_or_there_twice_is_refused() {
    let said = refused(vec![shard(1, 3, &["a"])]);
    assert_eq!(said, "no report of shard 2/3, shard 3/3");
    let said = refused(vec![shard(1, 2, &["a"]), shard(1, 2, &["a"])]);
    assert_eq!(said, "1.json and 1.json are both of shard 1/2");
    let said = refused(vec![shard(1, 2, &["a"]), shard(2, 3, &["b"])]);
    assert!(
        said.contains("the number of shards is 2 here and 3 there"),
        "{said}"
    );
    let said = refused(vec![shard(1, 2, &["a"]), shard(2, 2, &["a"])]);
    assert!(
        said.contains("a/b.yaml::a[documented] is in another shard"),
        "{said}"
    );
}

#[test]
fn another_library_or_suite_a_whole_run_and_a_stopped_one_are_refused() {
    let mut other = shard(2, 2, &["b"]);
    other.1.identity.library_sha256 = Some("ef".repeat(32));
    let said = refused(vec![shard(1, 2, &["a"]), other]);
    assert!(
        said.contains("1.json and 2.json are of different runs: the library is"),
        "{said}"
    );
    let mut other = shard(2, 2, &["b"]);
    other.1.identity.suite_sha256 = "x".to_owned();
    assert!(refused(vec![shard(1, 2, &["a"]), other]).contains("the suite is"));
    let mut whole = shard(1, 1, &["a"]);
    whole.1.identity.shard = None;
    assert!(refused(vec![whole]).contains("the report of a whole run"));
    let mut stopped = shard(1, 1, &["a"]);
    stopped.1.selected = 3;
    assert!(refused(vec![stopped]).contains("2 cases have no verdict"));
}
