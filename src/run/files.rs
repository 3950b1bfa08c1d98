//! What a scenario does to files, as an application's surroundings do. Paths are relative to the
//! scratch folder of the run and cannot leave it.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};

use crate::scenario::plan::FileAction;

use super::execute::Failure;
use super::journal::Tag;
use super::state::{Context, Run};

/// Does it, or says why it could not be done or did not hold.
pub(super) fn act(run: &Run, context: &Context, action: &FileAction) -> Result<(), Failure> {
    let inside = |path: &str| resolve(&run.scratch, path);
    match action {
        FileAction::Remove(path) => told(path, remove(&inside(path)?)),
        FileAction::Copy { from, to } => told(from, fs::copy(inside(from)?, inside(to)?).map(drop)),
        FileAction::CopyModule(path) => super::module::copy_to(&inside(path)?),
        FileAction::Truncate { path, size } => told(path, truncate(&inside(path)?, *size)),
        FileAction::FlipByte { path, offset } => told(path, flip(&inside(path)?, *offset)),
        FileAction::Write { path, bytes } => told(path, fs::write(inside(path)?, bytes)),
        FileAction::Append { path, bytes } => {
            let target = inside(path)?;
            let state = run.lock();
            let held = state.variables.get(bytes.0 as usize);
            let held = held.filter(|held| held.bound);
            let held = held.ok_or_else(|| format!("nothing was read that `{path}` could take"))?;
            told(path, append(&target, &held.bytes))
        }
        FileAction::MakeFolder(path) => told(path, fs::create_dir_all(inside(path)?)),
        FileAction::MakeReadOnly(path) => told(path, allow_writing(&inside(path)?, false)),
        FileAction::MakeWritable(path) => told(path, allow_writing(&inside(path)?, true)),
        FileAction::RefuseWrites(true) => super::refusal::begin(),
        FileAction::RefuseWrites(false) => {
            super::refusal::end();
            Ok(())
        }
        FileAction::Exists { path, exists } => match (inside(path)?.exists(), exists) {
            (true, false) => Err(format!("`{path}` exists")),
            (false, true) => Err(format!("`{path}` does not exist")),
            _ => Ok(()),
        },
        FileAction::Holds { path, bytes } => {
            let content = fs::read(inside(path)?).map_err(|error| format!("`{path}`: {error}"))?;
            let holds = bytes.is_empty() || content.windows(bytes.len()).any(|part| part == bytes);
            match holds {
                true => Ok(()),
                false => Err(format!(
                    "`{path}` does not hold those {} bytes",
                    bytes.len()
                )),
            }
        }
        FileAction::Unchanged { path, compare } => {
            let digest = digest(&inside(path)?).map_err(|error| format!("`{path}`: {error}"))?;
            unchanged(run, context, path, digest, *compare)
        }
    }
}

fn told(path: &str, result: std::io::Result<()>) -> Result<(), Failure> {
    result.map_err(|error| format!("`{path}`: {error}"))
}

/// The path within the scratch folder.
fn resolve(scratch: &Path, path: &str) -> Result<PathBuf, Failure> {
    let relative = Path::new(path);
    let plain = |component| matches!(component, Component::Normal(_) | Component::CurDir);
    if relative.components().all(plain) {
        return Ok(scratch.join(relative));
    }
    Err(format!("`{path}` is outside of the scratch folder"))
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return fs::remove_dir_all(path);
    }
    fs::remove_file(path)
}

fn append(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(bytes)
}

fn truncate(path: &Path, size: i64) -> std::io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(from_end(&file, size)?)
}

/// A position in a file; a negative one counts from its end.
fn from_end(file: &File, position: i64) -> std::io::Result<u64> {
    match u64::try_from(position) {
        Ok(position) => Ok(position),
        Err(_) => Ok(file
            .metadata()?
            .len()
            .saturating_sub(position.unsigned_abs())),
    }
}

fn flip(path: &Path, offset: i64) -> std::io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let offset = from_end(&file, offset)?;
    let mut byte = [0];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut byte)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(&[!byte[0]])
}

#[cfg(unix)]
fn allow_writing(path: &Path, allow: bool) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = fs::metadata(path)?.permissions();
    let mode = permissions.mode();
    permissions.set_mode(if allow { mode | 0o200 } else { mode & !0o222 });
    fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
fn allow_writing(path: &Path, allow: bool) -> std::io::Result<()> {
    let mut permissions = fs::metadata(path)?.permissions();
    permissions.set_readonly(!allow);
    fs::set_permissions(path, permissions)
}

/// A digest of a file's bytes, enough to notice a change that nobody forges.
fn digest(path: &Path) -> std::io::Result<u64> {
    let mut file = File::open(path)?;
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut size: u64 = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(u64::from(hasher.finalize()) | size << 32);
        }
        hasher.update(&buffer[..read]);
        size += read as u64;
    }
}

fn unchanged(
    run: &Run,
    context: &Context,
    path: &str,
    digest: u64,
    compare: bool,
) -> Result<(), Failure> {
    let mut state = run.lock();
    if compare {
        return match state.digests.get(path) {
            None => Err(format!("`{path}` was never remembered")),
            Some(before) if *before == digest => Ok(()),
            Some(_) => Err(format!("`{path}` has changed")),
        };
    }
    state.digests.insert(path.to_owned(), digest);
    let record = state.journal.begin(Tag::Digest, context.thread);
    record.long(digest).bytes(path.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_scratch_folder() {
        let scratch = Path::new("/scratch");
        assert_eq!(resolve(scratch, "a/b.edb"), Ok("/scratch/a/b.edb".into()));
        assert!(resolve(scratch, "../a").is_err());
        assert!(resolve(scratch, "/etc/passwd").is_err());
    }

    #[test]
    fn bytes_are_flipped_and_cut_from_either_end() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a");
        fs::write(&path, [1, 2, 3, 4])?;
        let before = digest(&path)?;
        flip(&path, -1)?;
        flip(&path, 0)?;
        assert_eq!(fs::read(&path)?, [0xFE, 2, 3, 0xFB]);
        assert_ne!(digest(&path)?, before);
        truncate(&path, -3)?;
        assert_eq!(fs::read(&path)?, [0xFE]);
        truncate(&path, 2)?;
        assert_eq!(fs::read(&path)?, [0xFE, 0]);
        assert!(flip(&path, 2).is_err());
        Ok(())
    }
}
