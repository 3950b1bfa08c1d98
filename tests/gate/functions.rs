//! `jetspec functions`: what a library exports, whatever the library does when it is loaded.

use crate::small;
use crate::support::Place;

fn functions(library: &std::path::Path, more: &[&str]) -> crate::support::Said {
    let library = library.to_str().expect("UTF-8");
    let mut arguments = vec!["functions", "--lib", library];
    arguments.extend(more);
    Place::new().jetspec(&arguments)
}

#[test]
fn what_a_library_exports_and_lacks_is_told() {
    let said = functions(small::library(), &[])
        .is(0, &["1 of 161 functions, 1 in one width only, 159 missing"]);
    for (function, state) in [
        ("JetCreateInstance ", "exported in one width only"),
        ("JetInit ", "exported"),
        ("JetTerm ", "missing"),
    ] {
        let line = said.out.lines().find(|line| line.contains(function));
        assert!(line.is_some_and(|line| line.ends_with(state)), "{line:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_library_that_dies_when_it_is_loaded_takes_its_host_down_and_nothing_else() {
    let (_folder, library) = small::compiled(&["--cfg", "loads"]);
    functions(&library, &[]).is(
        2,
        &["died while it was loading the library: signal SIGABRT (abort)"],
    );
}

#[cfg(unix)]
#[test]
fn hosts_behind_a_launcher_are_asked_like_others() {
    functions(small::library(), &["--launcher", "env A=1 {host}"]).is(0, &["missing"]);
}
