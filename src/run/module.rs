//! Callbacks that a library finds by name: `szCallback` says `module!function`, and the library loads
//! the module (jet-userdefineddefault-structure.md). The module is jetspec's own shared library, or,
//! where there is none beside the executable that can be loaded, a small one that the executable
//! carries: it exports one function for each position of the pool, and each hands over to the
//! trampoline that the process which runs the plan has attached.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::abi::own_libraries;

use super::callbacks::{self, POOL};
use super::prepare::PlanError;

/// The longest `szCallback` that engines accept, without its terminator.
const LONGEST_NAME: usize = 254;

/// The name under which a library finds the function at a position of the pool.
pub(super) fn export_name(slot: usize) -> Result<String, PlanError> {
    let path = module()
        .map_err(missing)?
        .to_str()
        .ok_or_else(|| missing("its path is not Unicode"))?;
    if path.contains('!') {
        return Err(missing("its path contains `!`, which ends a module's name"));
    }
    let name = format!("{path}!jetspec_callback_{}", slot % POOL);
    if name.len() > LONGEST_NAME {
        return Err(missing("its path is longer than engines accept"));
    }
    Ok(name)
}

/// The module that the trampolines are attached to, or why there is none.
fn module() -> Result<&'static Path, &'static str> {
    static MODULE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let module = MODULE.get_or_init(|| attach(own_libraries())).as_ref();
    module.map(PathBuf::as_path).map_err(String::as_str)
}

/// The name of that function in a module in the current folder. It begins with a dot, so that no
/// system looks for it anywhere else, and has the number of the run in it: what an earlier run of the
/// process has loaded under a name would be found again, file or no file.
pub(super) fn export_name_in(slot: usize, module: &str) -> String {
    let path = of_this_run(Path::new(module));
    format!("./{}!jetspec_callback_{}", path.display(), slot % POOL)
}

/// The path with the number of the run before its last part.
fn of_this_run(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{}-{name}", callbacks::taken()))
}

/// Puts a copy of the module somewhere else and attaches the trampolines to that copy, too. It stays
/// loaded like the other.
pub(super) fn copy_to(path: &Path) -> Result<(), String> {
    let module = module()?;
    let path = of_this_run(path);
    std::fs::copy(module, &path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    attach_to(&path).map(drop)
}

fn missing(reason: &str) -> PlanError {
    PlanError::NoModule {
        reason: reason.to_owned(),
    }
}

type Attach = unsafe extern "system" fn(*const usize, usize);

/// Loads the module into this process and attaches the trampolines. It stays loaded, so that the
/// library under test finds the very same copy. A library of our own that cannot be loaded, as one
/// that is instrumented for another program, is left aside for the module that is carried.
fn attach(own: Vec<PathBuf>) -> Result<PathBuf, String> {
    let mut own = own.into_iter();
    if let Some(path) = own.find(|path| attach_to(path).is_ok()) {
        return Ok(path);
    }
    let path = unpacked()?;
    attach_to(&path).map(|()| path)
}

/// The small module as the build made it.
const CARRIED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/jetspec_module.library"));

/// Puts the module that the executable carries where every host of this build finds it: a database
/// keeps the name, and the next host has to find the same.
fn unpacked() -> Result<PathBuf, String> {
    let name = format!("jetspec_module-{}-{}", env!("JETSPEC_STAMP"), user());
    let folder = std::env::temp_dir().join(name);
    let path = folder.join(format!("jetspec_module{}", std::env::consts::DLL_SUFFIX));
    unpack(&folder, &path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

fn unpack(folder: &Path, path: &Path) -> io::Result<()> {
    make_own(folder)?;
    let is_there = || fs::read(path).is_ok_and(|content| content == CARRIED);
    if is_there() {
        return Ok(());
    }
    // Several threads and processes may be at it: each writes a file of its own, and whichever comes
    // last replaces what is the same.
    let mut part = tempfile::NamedTempFile::new_in(folder)?;
    part.write_all(CARRIED)?;
    match part.persist(path) {
        // Windows replaces no module that somebody has loaded.
        Err(_) if is_there() => Ok(()),
        Err(error) => Err(error.error),
        Ok(_) => Ok(()),
    }
}

#[cfg(unix)]
fn user() -> u32 {
    rustix::process::getuid().as_raw()
}

#[cfg(not(unix))]
fn user() -> u32 {
    0
}

/// Makes a folder that nobody else can write to, or refuses one that somebody else has made: what is
/// in it is going to be run.
#[cfg(unix)]
fn make_own(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) | Ok(()) => {}
    }
    let data = fs::symlink_metadata(folder)?;
    match data.is_dir() && data.uid() == user() && data.mode() & 0o022 == 0 {
        true => Ok(()),
        false => Err(io::Error::other("the folder belongs to somebody else")),
    }
}

/// The temporary files of Windows are each user's own.
#[cfg(not(unix))]
fn make_own(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn attach_to(path: &Path) -> Result<(), String> {
    // SAFETY: it is our own; loading it runs nothing but the start of its runtime.
    let library = unsafe { libloading::Library::new(path) };
    let library = library.map_err(|error| format!("{}: {error}", path.display()))?;
    // SAFETY: only our own library exports this name, and always with this signature.
    let function = unsafe { library.get::<Attach>(b"jetspec_attach_callbacks") };
    let function = *function.map_err(|_| format!("{}: is of another build", path.display()))?;
    // The library under test finds the very same copy as long as the process lives.
    std::mem::forget(library);
    let trampolines: Vec<usize> = (0..POOL)
        .map(|slot| callbacks::callback_address(slot) as usize)
        .collect();
    // SAFETY: the addresses are those of functions that live as long as the process.
    unsafe { function(trampolines.as_ptr(), trampolines.len()) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_module_and_a_function() {
        let name =
            export_name(3).expect("a library beside the tests, or the module that is carried");
        let (module, function) = name.split_once('!').expect("a separator");
        assert!(Path::new(module).is_file());
        assert_eq!(function, "jetspec_callback_3");
    }

    #[test]
    fn a_library_that_cannot_be_loaded_is_left_aside() {
        // Beside a fuzz target stands one that only the target's own runtime completes.
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("libjetspec.so");
        fs::write(&path, "needs what nobody has").expect("a file");
        assert_eq!(attach(vec![path]), unpacked());
    }

    #[test]
    fn several_threads_can_unpack_the_module_at_once() {
        let home = tempfile::tempdir().expect("a folder");
        for round in 0..20 {
            let folder = home.path().join(format!("{round}"));
            let path = folder.join("module");
            let together = std::sync::Barrier::new(4);
            let one = || {
                together.wait();
                unpack(&folder, &path).map_err(|error| error.to_string())
            };
            let done = std::thread::scope(|scope| {
                let threads = [(); 4].map(|()| scope.spawn(one));
                threads.map(|thread| thread.join().expect("no panic"))
            });
            assert_eq!(done, [Ok(()), Ok(()), Ok(()), Ok(())]);
            assert_eq!(fs::read(&path).expect("the module"), CARRIED);
            let left = fs::read_dir(&folder).expect("the folder").count();
            assert_eq!(left, 1, "nothing but the module");
        }
    }

    #[test]
    fn the_module_that_is_carried_can_be_loaded_and_attached() {
        let path = unpacked().expect("a place for it");
        assert_eq!(attach_to(&path), Ok(()));
        assert_eq!(unpacked(), Ok(path));
    }
}
