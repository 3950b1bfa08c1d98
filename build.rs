//! Lists the pages of the requirement register, so that the library carries all of `spec/`
//! and a new page cannot be forgotten; lists the scenarios, so that the executable carries them;
//! and digests the sources into a stamp, so that an executable
//! never runs a shared library of another build unawares.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    embed_register()?;
    list_scenarios()?;
    build_module()?;
    stamp()
}

/// Compiles the small module that the executable carries for libraries that find callbacks by name.
/// Its file has an ending of some kind: without one a linker for Windows would give it another.
fn build_module() -> io::Result<()> {
    let out =
        PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("jetspec_module.library");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let source = root.join("src/run/module_exports.rs");
    let written = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    if written(&out).is_ok_and(|out| written(&source).is_ok_and(|source| source < out)) {
        return Ok(());
    }
    let variable = |name: &str| env::var_os(name).unwrap_or_default();
    let mut rustc = Command::new(variable("RUSTC"));
    rustc
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "cdylib",
            "--crate-name",
            "jetspec_module",
        ])
        .args([
            "-C",
            "opt-level=s",
            "-C",
            "panic=abort",
            "-C",
            "strip=symbols",
            "--target",
        ])
        .arg(variable("TARGET"))
        .arg("-o")
        .arg(&out)
        .arg(&source);
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        rustc.arg("-C").arg(format!("linker={linker}"));
    }
    match rustc.status()?.success() {
        true => Ok(()),
        false => Err(io::Error::other(
            "the module of the callbacks does not compile",
        )),
    }
}

/// Sets `JETSPEC_STAMP`: a digest of everything that the library is made of.
fn stamp() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut digest = Digest::new();
    for name in ["src", "spec", "Cargo.toml", "Cargo.lock", "build.rs"] {
        let path = root.join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        digest.path(&path)?;
    }
    digest.bytes(env::var("PROFILE").unwrap_or_default().as_bytes());
    println!("cargo::rustc-env=JETSPEC_STAMP={:016x}", digest.0);
    Ok(())
}

/// FNV-1a, 64 bits: notices every change that nobody forges.
struct Digest(u64);

impl Digest {
    fn new() -> Digest {
        Digest(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Takes in a file, or a folder with all that is in it, in the order of the names.
    fn path(&mut self, path: &Path) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default();
        self.bytes(name.as_encoded_bytes());
        if !path.is_dir() {
            if path.exists() {
                self.bytes(&fs::read(path)?);
            }
            return Ok(());
        }
        let mut inside = Vec::new();
        for entry in fs::read_dir(path)? {
            inside.push(entry?.path());
        }
        inside.sort();
        inside.iter().try_for_each(|path| self.path(path))
    }
}

/// Folders of `conformance/` that hold no scenarios of the suite and no fixtures.
const SET_APART: [&str; 4] = ["baselines", "ci", "harness", "selftest"];

/// Writes `carried_scenarios.rs`: a slice of (name, text) over the scenarios and fixtures.
///
/// A development build is run in its checkout, where the files themselves are read: there a new file
/// does not cause the library to be built again, and is carried from the next build on.
fn list_scenarios() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let folder = root.join("conformance");
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let mut waiting = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        let apart = SET_APART.iter().any(|own| entry.file_name() == *own);
        if entry.file_type()?.is_dir() && !apart {
            waiting.push(entry.path());
        }
    }
    let mut found = Vec::new();
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => waiting.push(entry.path()),
                false => found.push(entry.path()),
            }
        }
    }
    found.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    found.sort();
    let mut list = String::from("&[\n");
    for path in found {
        let name = path.strip_prefix(&folder).unwrap_or(&path);
        let name = name.to_string_lossy().replace('\\', "/");
        // Writing to a string cannot fail.
        let _ = writeln!(list, "    ({name:?}, include_str!({path:?})),");
    }
    list.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("carried_scenarios.rs"), list)
}

/// Writes `register_pages.rs`: a slice of (file name, text) over `spec/*.yaml`, in file order.
fn embed_register() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let folder = root.join("spec");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut list = String::from("&[\n");
    for path in yaml_files(&folder)? {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Writing to a string cannot fail.
        let _ = writeln!(list, "    ({name:?}, include_str!({path:?})),");
    }
    list.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("register_pages.rs"), list)
}

fn yaml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
