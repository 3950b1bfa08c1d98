//! Shards, and what `merge` makes of their reports.

use crate::support::Place;

fn shard(place: &Place, shard: &str, file: &str) {
    let report = format!("json={file}");
    let said = place.run(&["--shard", shard, "--report", &report]);
    assert!(said.code < 2, "{said:?}");
}

#[test]
fn merged_shards_say_what_the_whole_run_says() {
    let place = Place::new();
    place.run(&["--report", "json=whole.json"]).is(1, &[]);
    for number in ["1", "2", "3"] {
        shard(&place, &format!("{number}/3"), &format!("{number}.json"));
    }
    let files = ["3.json", "1.json", "2.json"];
    let mut arguments = vec!["merge", "--report", "json=merged.json"];
    arguments.extend(files);
    place
        .jetspec(&arguments)
        .is(1, &["3 of 4 cases are not as expected"]);
    let (mut whole, mut merged) = (place.json("whole.json"), place.json("merged.json"));
    for report in [&mut whole, &mut merged] {
        report["elapsed-ms"] = 0.into();
        for case in report["cases"].as_array_mut().expect("cases") {
            case["time-us"] = 0.into();
        }
    }
    assert_eq!(merged, whole);
    place
        .run(&["--baseline", "known.yaml", "--bless"])
        .is(0, &[]);
    let mut arguments = vec!["merge", "--baseline", "known.yaml"];
    arguments.extend(files);
    place.jetspec(&arguments).is(0, &["3 departures are known"]);
}

#[test]
fn reports_that_do_not_belong_together_are_refused() {
    let place = Place::new();
    shard(&place, "1/2", "1.json");
    shard(&place, "2/2", "2.json");
    place
        .jetspec(&["merge", "1.json"])
        .is(2, &["no report of shard 2/2"]);
    place
        .jetspec(&["merge", "1.json", "1.json"])
        .is(2, &["are both of shard 1/2"]);
    place.write(
        "other.json",
        &place
            .read("2.json")
            .replace("\"strict\": false", "\"strict\": true"),
    );
    place.jetspec(&["merge", "1.json", "other.json"]).is(
        2,
        &["1.json and other.json are of different runs: --strict is false here and true there"],
    );
    place.write("none.json", "{}");
    place
        .jetspec(&["merge", "none.json"])
        .is(2, &["none.json", "no JSON report"]);
    place
        .jetspec(&["merge", "nowhere.json"])
        .is(2, &["nowhere.json: cannot be read"]);
    place.run(&["--shard", "3/2"]).is(2, &["--shard"]);
}

/// Every shard unloads the library when its cases are over; of the whole it is said once.
#[cfg(target_os = "linux")]
#[test]
fn a_library_that_dies_when_it_is_unloaded_is_told_of_once() {
    let place = Place::new();
    let (_folder, library) = crate::small::compiled(&["--cfg", "unloads"]);
    let library = library.to_str().expect("UTF-8");
    for number in ["1", "2", "3"] {
        let (shard, report) = (format!("{number}/3"), format!("json={number}.json"));
        let mut arguments = vec!["run", "mine/small", "--lib", library];
        arguments.extend(["--scenarios", "scenarios", "--shard", &shard]);
        arguments.extend(["--report", &report]);
        place.jetspec(&arguments).is(1, &["library::unload"]);
    }
    let merge = ["merge", "2.json", "1.json", "3.json"];
    place
        .jetspec(&[&merge[..], &["--report", "json=merged.json"]].concat())
        .is(1, &["library::unload"]);
    let merged = place.json("merged.json");
    let cases = merged["cases"].as_array().expect("cases");
    let unloads = cases.iter().filter(|case| case["file"] == "library");
    assert_eq!((cases.len(), unloads.count()), (5, 1));
    let baseline = ["--baseline", "known.yaml"];
    place
        .jetspec(&[&merge[..], &baseline, &["--bless"]].concat())
        .is(0, &[]);
    assert!(place.read("known.yaml").contains("library::unload"));
    place
        .jetspec(&[&merge[..], &baseline].concat())
        .is(0, &["4 departures are known"]);
}
