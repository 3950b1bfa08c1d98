//! The scratch folder of a run: made before it, removed with everything in it afterwards.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A folder of our own among the system's temporary files.
#[derive(Debug)]
pub struct Folder(Option<PathBuf>);

static COUNT: AtomicU64 = AtomicU64::new(0);

impl Folder {
    /// Makes one.
    pub fn new() -> io::Result<Folder> {
        let temporary = std::env::temp_dir();
        loop {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("jetspec-{}-{number}", std::process::id());
            match fs::create_dir(temporary.join(&name)) {
                Ok(()) => return Ok(Folder(Some(temporary.join(name).canonicalize()?))),
                // Left by a process of the same number that was killed.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new("."))
    }

    /// Leaves it to whoever knows its path.
    pub fn keep(mut self) -> PathBuf {
        self.0.take().unwrap_or_default()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // What a library still holds open on Windows stays for the system to clean.
            let _ = remove(path);
        }
    }
}

/// Removes a folder that was kept, if it is one of ours.
pub(super) fn discard(path: &Path) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with("jetspec-")
        && path
            .parent()
            .is_some_and(|above| !above.as_os_str().is_empty())
    {
        // What cannot be removed stays for the system to clean.
        let _ = remove(path);
    }
}

/// Empties a folder; whether it is empty now, and as good as new.
pub(super) fn empty(path: &Path) -> bool {
    // To make a new one costs the system more than many a run: so it is the last resort.
    empty_this(path).is_ok() || (remove(path).is_ok() && fs::create_dir(path).is_ok())
}

/// Empties a folder that is one and may be written to, with nothing in it that may not.
fn empty_this(path: &Path) -> io::Result<()> {
    // A link would lead to what is not ours.
    let data = fs::symlink_metadata(path)?;
    if !data.is_dir() || data.permissions().readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

/// Removes a folder, also where a scenario has taken the right to write away.
fn remove(path: &Path) -> io::Result<()> {
    if fs::remove_dir_all(path).is_ok() {
        return Ok(());
    }
    allow_writing(path)?;
    fs::remove_dir_all(path)
}

fn allow_writing(path: &Path) -> io::Result<()> {
    let data = fs::symlink_metadata(path)?;
    if data.is_symlink() {
        return Ok(());
    }
    let mut permissions = data.permissions();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        permissions.set_mode(permissions.mode() | 0o700);
    }
    #[cfg(not(unix))]
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "only Windows comes here, where this is the attribute and nothing else"
    )]
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions)?;
    if data.is_dir() {
        for entry in fs::read_dir(path)? {
            allow_writing(&entry?.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_away_with_what_is_in_it_unwritable_or_not() -> io::Result<()> {
        let folder = Folder::new()?;
        let path = folder.path().to_owned();
        fs::create_dir(path.join("a"))?;
        fs::write(path.join("a/b"), "c")?;
        let mut permissions = fs::metadata(path.join("a"))?.permissions();
        permissions.set_readonly(true);
        fs::set_permissions(path.join("a"), permissions)?;
        assert!(empty(&path));
        assert_eq!(fs::read_dir(&path)?.count(), 0);
        drop(folder);
        assert!(!path.exists());
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_is_left_alone() -> io::Result<()> {
        let folder = Folder::new()?;
        let (work, other) = (folder.path().join("work"), folder.path().join("other"));
        fs::create_dir(&other)?;
        fs::write(other.join("kept"), "")?;
        std::os::unix::fs::symlink(&other, &work)?;
        // Whether or not the link itself can be replaced.
        empty(&work);
        assert!(other.join("kept").exists());
        Ok(())
    }
}
