//! Runs jetspec against a horror and holds the report against the table.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use tempfile::TempDir;

use super::table::Horror;

/// The horrors that take down, or hold up, whoever loads or unloads them.
const AROUND: &[(&str, &str, &str)] = &[
    (
        "crash-at-load",
        "crash",
        "in the loading of the library: signal SIGSEGV",
    ),
    (
        "leave-at-load",
        "crash",
        "in the loading of the library: exit code 0",
    ),
    (
        "hang-at-load",
        "timeout",
        "the loading of the library did not end within 6000 ms",
    ),
];

/// The libraries' folder.
pub fn library(name: &str) -> Result<PathBuf, Failed> {
    static COMPILED: OnceLock<Result<TempDir, String>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| compile().map_err(|error| error.to_string()));
    let folder = compiled.as_ref().map_err(String::as_str)?;
    let path = folder.path().join(format!("{name}.so"));
    if path.exists() {
        return Ok(path);
    }
    // Another thread may want the same: nobody finds half of one.
    let thread = format!("{:?}", std::thread::current().id());
    let part = path.with_extension(thread);
    match name {
        "missing-export" => without_export(&part, "JetBeginTransaction")?,
        _ => drop(std::fs::copy(folder.path().join("library"), &part)?),
    }
    std::fs::rename(part, &path)?;
    Ok(path)
}

/// The reference, with one name of its table of names made another: a look-up does not find it.
/// (Whatever the other libraries do not export, the reference behind them does.)
fn without_export(path: &Path, name: &str) -> std::io::Result<()> {
    let mut bytes = std::fs::read(reference())?;
    let name = format!("\0{name}\0").into_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..]
        .windows(name.len())
        .position(|window| window == name)
    {
        at += found + 1;
        bytes[at] = b'X';
    }
    std::fs::write(path, bytes)
}

/// The reference engine's library of this build.
fn reference() -> PathBuf {
    let beside = Path::new(env!("CARGO_BIN_EXE_jetspec"));
    let deps = beside.parent().unwrap_or(Path::new(".")).join("deps");
    deps.join("libjetspec.so")
}

fn compile() -> std::io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let reference = reference();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/horrors/library/main.rs");
    let status = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()))
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "cdylib",
            "-A",
            "warnings",
        ])
        .args(["-C", "link-arg=-Wl,--no-as-needed", "-C"])
        .arg(format!("link-arg={}", reference.display()))
        .arg("-o")
        .arg(folder.path().join("library"))
        .arg(source)
        .env("REFERENCE", &reference)
        .status()?;
    match status.success() {
        true => Ok(folder),
        false => Err(std::io::Error::other("the horrors do not compile")),
    }
}

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/horrors/scenarios")
}

/// Runs three cases: one before, the one in question, one after.
fn jetspec(library: &Path, scenario: &str, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jetspec"));
    command
        .args(["run", "house/a-before", "house/z-after", "--jobs", "1"])
        .arg(format!("house/{scenario}.yaml"))
        .args(["--report", "json=-", "--memory-limit", "256"])
        .args(["--step-limit", "2", "--case-limit", "6"])
        .args(options)
        .arg("--scenarios")
        .arg(scenarios())
        .arg("--lib")
        .arg(library);
    command
}

pub fn cases(output: &Output) -> Result<Vec<Value>, Failed> {
    let report: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {output:?}"))?;
    Ok(report["cases"].as_array().cloned().unwrap_or_default())
}

fn is(case: &Value, verdict: &str, words: &[&str]) -> Result<(), Failed> {
    if case["verdict"] != verdict {
        return Err(format!("expected {verdict}: {case:#}").into());
    }
    // Not the title and the traces, which say what ought to be.
    let parts = ["name", "findings", "last-words", "missing-function"];
    let told = parts.map(|part| (part, case[part].clone()));
    let text = Value::from_iter(told).to_string();
    match words.iter().find(|words| !text.contains(**words)) {
        Some(words) => Err(format!("no `{words}` in {case:#}").into()),
        None => Ok(()),
    }
}

/// The horror has its verdict, in these words, and the cases around it pass.
pub fn judged(horror: &Horror) -> Result<(), Failed> {
    let library = library(horror.name)?;
    let output = jetspec(&library, horror.scenario, horror.options).output()?;
    let cases = cases(&output)?;
    let [before, case, after] = cases.as_slice() else {
        return Err(format!("not three cases: {output:?}").into());
    };
    is(before, "pass", &[])?;
    is(after, "pass", &[])?;
    is(case, horror.verdict, horror.words)?;
    nothing_is_left(&library)
}

/// No process that has the library, or was started with its name, is left.
pub fn nothing_is_left(library: &Path) -> Result<(), Failed> {
    let library = library.to_string_lossy().into_owned();
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        let Some(process) = processes().find(|process| {
            let names_it = |file: &str| {
                let text = std::fs::read(process.join(file)).unwrap_or_default();
                String::from_utf8_lossy(&text).contains(&library)
            };
            names_it("maps") || names_it("cmdline")
        }) else {
            return Ok(());
        };
        if Instant::now() > until {
            return Err(format!("{} is left", process.display()).into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn processes() -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
        .map(|entry| entry.path())
}

/// The tests that are about more than one case.
pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = AROUND
        .iter()
        .map(|(name, verdict, words)| {
            Trial::test(*name, move || {
                let output = jetspec(&library(name)?, "transaction", &[]).output()?;
                let cases = cases(&output)?;
                for case in &cases {
                    is(case, verdict, &[words])?;
                }
                if cases.len() == 3 && output.status.code() == Some(1) {
                    return nothing_is_left(&library(name)?);
                }
                Err(format!("{output:?}").into())
            })
        })
        .collect();
    trials.push(Trial::test("interrupted-by-ctrl-c", || interrupted("-INT")));
    trials.push(Trial::test("interrupted-by-the-system", || {
        interrupted("-TERM")
    }));
    trials.push(Trial::test("killed-without-a-word", killed));
    trials.push(Trial::test("launcher-env", || {
        launched("launcher-env", "env A=1 {host}")
    }));
    trials.push(Trial::test("launcher-with-noise-and-delay", || {
        let script = scenarios().with_file_name("noise.sh");
        let launcher = format!("sh '{}' {{host}}", script.display());
        launched("launcher-with-noise-and-delay", &launcher)
    }));
    trials.push(Trial::test("launcher-that-is-none", no_launcher));
    trials.push(Trial::test("crash-at-second-load", second_load));
    trials.push(Trial::test("crash-later", crash_later));
    trials.push(Trial::test("deaf-to-its-children", deaf_to_its_children));
    trials.push(Trial::test("interrupted-while-it-is-unloaded", || {
        interrupted_at_the_end("-INT")
    }));
    for (name, how) in [
        ("crash-at-unload", "signal SIGSEGV (segmentation fault)"),
        ("hang-at-unload", "did not end within 2000 ms"),
        (
            "crash-at-last-load",
            "while it loaded it once more: signal SIGSEGV (segmentation fault)",
        ),
    ] {
        trials.push(Trial::test(name, move || unload(name, how)));
    }
    trials
}

/// What happens when the library is unloaded happens after everything else.
fn unload(name: &str, how: &str) -> Result<(), Failed> {
    let library = library(name)?;
    let output = jetspec(&library, "transaction", &[]).output()?;
    let cases = cases(&output)?;
    let [rest @ .., last] = cases.as_slice() else {
        return Err(format!("no case: {output:?}").into());
    };
    for case in rest {
        is(case, "pass", &[])?;
    }
    is(last, "crash", &["library::unload", how])?;
    nothing_is_left(&library)
}

/// A host that dies when it is loaded costs the case that it was started for, and none of the others.
fn second_load() -> Result<(), Failed> {
    let library = library("crash-at-second-load")?;
    let output = jetspec(&library, "transaction", &[]).output()?;
    let cases = cases(&output)?;
    let [first, rest @ ..] = cases.as_slice() else {
        return Err(format!("no case: {output:?}").into());
    };
    let how = "in the loading of the library: signal SIGSEGV";
    is(first, "crash", &["house/a-before.yaml", how])?;
    for case in rest {
        is(case, "pass", &[])?;
    }
    if rest.len() != 2 || output.status.code() != Some(1) {
        return Err(format!("{output:?}").into());
    }
    nothing_is_left(&library)
}

/// A library that dies when no case calls it is told of, and no case is blamed.
fn crash_later() -> Result<(), Failed> {
    let library = library("crash-later")?;
    let output = jetspec(&library, "transaction", &[]).output()?;
    let cases = cases(&output)?;
    let [before, case, after, between] = cases.as_slice() else {
        return Err(format!("not three cases and one more: {output:?}").into());
    };
    for case in [before, case, after] {
        is(case, "pass", &[])?;
    }
    let words = ["library::between-cases", "signal SIGSEGV", "house/"];
    is(between, "crash", &words)?;
    if output.status.code() != Some(1) {
        return Err(format!("{output:?}").into());
    }
    nothing_is_left(&library)
}

/// Whoever starts jetspec may take no interest in how its own children end; jetspec does.
fn deaf_to_its_children() -> Result<(), Failed> {
    let library = library("exit")?;
    let plain = jetspec(&library, "transaction", &[]);
    let output = Command::new("sh")
        .args(["-c", "trap '' CHLD; exec \"$@\"", "sh"])
        .arg(plain.get_program())
        .args(plain.get_args())
        .output()?;
    let cases = cases(&output)?;
    let [before, case, after] = cases.as_slice() else {
        return Err(format!("not three cases: {output:?}").into());
    };
    is(before, "pass", &[])?;
    is(case, "crash", &["exit code 0"])?;
    is(after, "pass", &[])
}

/// A run whose cases have all ended is whole, whatever the unloading would have come to.
fn interrupted_at_the_end(signal: &str) -> Result<(), Failed> {
    let (child, library) = hanging("hang-at-unload", "unloading")?;
    Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()?;
    let output = child.wait_with_output()?;
    let cases = cases(&output)?;
    for case in &cases {
        is(case, "pass", &[])?;
    }
    if cases.len() != 3 || output.status.code() != Some(0) {
        return Err(format!("{output:?}").into());
    }
    nothing_is_left(&library)
}

/// A file that no other test knows: others run the same horror at the same time.
fn library_of_its_own(horror: &str, folder: &str) -> Result<PathBuf, Failed> {
    let original = library(horror)?;
    let folder = original.with_file_name(folder);
    std::fs::create_dir(&folder)?;
    let library = folder.join(format!("{horror}.so"));
    std::fs::copy(&original, &library)?;
    Ok(library)
}

/// Starts jetspec on a library that never comes back, and waits until it is there.
fn hanging(horror: &str, name: &str) -> Result<(std::process::Child, PathBuf), Failed> {
    let library = library_of_its_own(horror, name)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_jetspec"));
    let child = command
        .args([
            "run",
            "house/a-before",
            "house/transaction",
            "house/z-after",
        ])
        .args(["--jobs", "1", "--report", "json=-", "--scenarios"])
        .arg(scenarios())
        .arg("--lib")
        .arg(&library)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()?;
    let until = Instant::now() + Duration::from_secs(60);
    while !spinning(&library) {
        if Instant::now() > until {
            return Err("the library does not hang".into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok((child, library))
}

/// Whether a process with the library has used the processor for longer than any case takes.
fn spinning(library: &Path) -> bool {
    const TICKS: u64 = 100;
    let library = library.to_string_lossy();
    processes().any(|process| {
        let maps = std::fs::read_to_string(process.join("maps")).unwrap_or_default();
        let stat = std::fs::read_to_string(process.join("stat")).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let used = after_name.split_whitespace().nth(11);
        let used = used.and_then(|ticks| ticks.parse::<u64>().ok());
        maps.contains(&*library) && used > Some(TICKS)
    })
}

/// What had ended is reported, what was going on is not, and no process stays.
fn interrupted(signal: &str) -> Result<(), Failed> {
    let (child, library) = hanging("endless-loop", &format!("interrupted{signal}"))?;
    Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()?;
    let output = child.wait_with_output()?;
    let report: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {output:?}"))?;
    let cases = cases(&output)?;
    let [before] = cases.as_slice() else {
        return Err(format!("not one case: {output:?}").into());
    };
    is(before, "pass", &["house/a-before.yaml"])?;
    if report["selected"] != 3 || output.status.code() != Some(130) {
        return Err(format!("{output:?}").into());
    }
    nothing_is_left(&library)
}

/// The hosts of a jetspec that is killed end with it.
fn killed() -> Result<(), Failed> {
    let (mut child, library) = hanging("endless-loop", "killed")?;
    child.kill()?;
    child.wait()?;
    nothing_is_left(&library)
}

/// Through a launcher everything is as without.
fn launched(name: &str, launcher: &str) -> Result<(), Failed> {
    let options = ["--launcher", launcher];
    let output = jetspec(&library("none")?, "callback", &options).output()?;
    let cases = cases(&output)?;
    for case in &cases {
        is(case, "pass", &[])?;
    }
    if cases.len() != 3 || output.status.code() != Some(0) {
        return Err(format!("{output:?}").into());
    }
    let library = library_of_its_own("abort", name)?;
    let output = jetspec(&library, "transaction", &options).output()?;
    let cases = self::cases(&output)?;
    let [before, case, after] = cases.as_slice() else {
        return Err(format!("not three cases: {output:?}").into());
    };
    is(before, "pass", &[])?;
    is(
        case,
        "crash",
        &["house/transaction.yaml:4 in JetBeginTransaction"],
    )?;
    is(after, "pass", &[])?;
    nothing_is_left(&library)
}

/// A launcher that starts no host is the user's mistake and not the library's.
fn no_launcher() -> Result<(), Failed> {
    for (launcher, words) in [
        ("/no/such/program {host}", "cannot be started"),
        ("true", "the host process said nothing"),
    ] {
        let options = ["--launcher", launcher];
        let output = jetspec(&library("none")?, "transaction", &options).output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(2) || !text.contains(words) {
            return Err(format!("{output:?}").into());
        }
    }
    Ok(())
}
