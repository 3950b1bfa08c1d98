//! The files that an instance has from JetInit on: its first log file, the checkpoint, the reserved
//! logs, and the temporary database.
//!
//! (jetinit-function.md, extensible-storage-engine-files.md, temporary-database-parameters.md,
//! jetopentemptable-function.md)

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::durable::image::io_error;
use super::durable::place::LogPlace;
use super::engine::{Engine, State};
use super::handles::Instance;
use super::logging::{checkpoint_path, log_place};
use super::outcome::Jet;
use super::path;
use super::quirks;
use super::rules::rules;
use super::settings::{Settings, id};
use crate::abi::errors::JetError;

rules! {
    /// JetInit makes the first log file and the checkpoint. (jetinit-function.md)
    MADE = "instance/init-makes-files";
    /// Without recovery neither is made. (jetinit-function.md)
    NO_LOG = "instance/init-without-recovery-no-log";
    /// JetInit makes the reserved logs. (jetinit-function.md)
    RESERVED = "instance/init-reserves-logs";
    /// JetInit makes the temporary database. (jetinit-function.md)
    TEMPORARY = "instance/init-makes-temporary-database";
    /// Not where there are to be no temporary tables. (jetinit-function.md)
    NONE = "instance/init-no-temporary-database";
    /// A folder without a name in it gets one. (temporary-database-parameters.md)
    FOLDER = "instance/temporary-path-folder";
    /// A relative path is one from the current folder. (temporary-database-parameters.md)
    RELATIVE = "instance/temporary-path-relative";
    /// It is as large as it is to be at first. (temporary-database-parameters.md)
    SIZE = "instance/temporary-database-size";
    /// The temporary database goes with the instance. (jetopentemptable-function.md)
    REMOVED = "instance/temporary-database-removed";
    /// It is nobody's database. (jetcreatedatabase-function.md)
    SHARED = "instance/temporary-database-shared";
    /// One that was left is made anew. (jetopentemptable-function.md)
    ANEW = "instance/temporary-database-anew";
    /// Its folder must be there. (i-o-parameters.md)
    PATH = "instance/temporary-path-missing";
    /// Or is made where that is asked for. (i-o-parameters.md)
    PATH_MADE = "instance/temporary-path-made";
}

/// The name of a temporary database whose path is a folder.
const TEMPORARY_NAME: &str = "tmp.edb";

/// How many logs are held in reserve.
const RESERVES: u32 = 2;

/// The pages of a temporary database whose size is not set.
const TEMPORARY_PAGES: u64 = 256;

/// Makes the logs in reserve. What they hold is of no importance, and the published engine does not
/// mind either where they cannot be made.
///
/// They are there for who looks at the folder; this engine does not come back to them where the disk
/// is full, and their size is that of a log without its room on the disk.
pub(super) fn reserve_logs(place: &LogPlace, size: u64) {
    if !RESERVED.holds() {
        return;
    }
    for number in 1..=RESERVES {
        let path = place.reserve(number);
        let _ = File::create(path).and_then(|file| file.set_len(size));
    }
}

/// What an instance without recovery does whose rule is broken.
pub(super) fn without_recovery(settings: &Settings) {
    if !NO_LOG.holds() {
        let _ = File::create(log_place(settings).current());
        let _ = File::create(checkpoint_path(settings));
    }
}

/// The file of the temporary database: a folder gets the usual name.
pub(super) fn temporary_file(settings: &Settings) -> PathBuf {
    let temporary = settings.text(id::TEMP_PATH);
    // No name at all is that of the folder.
    let folder = temporary.is_empty() || temporary.ends_with(['\\', '/']);
    let mut path = path::complete(&temporary);
    if !RELATIVE.holds() || quirks::TEMPORARY_BESIDE_SYSTEM.genuine() {
        let written = temporary.replace('\\', std::path::MAIN_SEPARATOR_STR);
        // An absolute path stays what it is.
        path = path::complete(&settings.text(id::SYSTEM_PATH)).join(written);
    }
    if folder && FOLDER.holds() {
        path.push(TEMPORARY_NAME);
    }
    path
}

/// Whether an instance with these settings has a temporary database.
pub(super) fn has_temporary(settings: &Settings) -> bool {
    settings.number(id::MAX_TEMPORARY_TABLES) > 0 || !NONE.holds()
}

impl Engine {
    /// Makes the temporary database of an instance that has just been initialised.
    ///
    /// # Errors
    /// `JET_errInvalidPath` without its folder, what is wrong with the file.
    pub(super) fn make_temporary(&self, handle: Instance) -> Jet<()> {
        let mut state = self.lock();
        if !TEMPORARY.holds() || quirks::TEMPORARY_WHEN_NEEDED.genuine() {
            return Ok(());
        }
        state.need_temporary(handle)
    }
}

impl State {
    /// Makes the temporary database where it is not there yet.
    ///
    /// # Errors
    /// As [`Engine::make_temporary`].
    pub(super) fn need_temporary(&mut self, handle: Instance) -> Jet<()> {
        let instance = self.instance(handle)?;
        let settings = &instance.settings;
        if instance.temporary.is_some() || !has_temporary(settings) {
            return Ok(());
        }
        check_folder(settings)?;
        let path = PathBuf::from(settings.text(id::TEMP_PATH));
        let pages = match settings.number(id::PAGE_TEMP_DB_MIN) {
            0 => TEMPORARY_PAGES,
            pages => pages,
        };
        let pages = if SIZE.holds() { pages } else { 1 };
        let size = pages.saturating_mul(settings.number(id::DATABASE_PAGE_SIZE));
        let attached = self.databases.values().any(|one| one.path == path);
        SHARED.refuse(attached, JetError::DatabaseSharingViolation)?;
        create(&path, size)?;
        self.instance_mut(handle)?.temporary = Some(path);
        Ok(())
    }

    /// Refuses a file that is the temporary database of an instance.
    ///
    /// # Errors
    /// `JET_errDatabaseSharingViolation`
    pub(super) fn check_not_temporary(&self, path: &Path) -> Jet<()> {
        let mut instances = self.instances.values();
        let is_it = instances.any(|instance| instance.temporary.as_deref() == Some(path));
        SHARED.refuse(is_it, JetError::DatabaseSharingViolation)
    }

    /// Removes the temporary database of an instance that ends.
    pub(super) fn remove_temporary(&mut self, handle: Instance) {
        let Ok(instance) = self.instance_mut(handle) else {
            return;
        };
        if let Some(path) = instance.temporary.take().filter(|_| REMOVED.holds()) {
            // Whoever holds it open keeps it; the next JetInit makes it anew.
            let _ = fs::remove_file(path);
        }
    }
}

/// Refuses a temporary database whose folder is missing, unless it is to be made.
///
/// # Errors
/// `JET_errInvalidPath`
fn check_folder(settings: &Settings) -> Jet<()> {
    let path = PathBuf::from(settings.text(id::TEMP_PATH));
    let folder = path.parent().filter(|folder| !folder.is_dir());
    let Some(folder) = folder else {
        return Ok(());
    };
    let makes = settings.flag(id::CREATE_PATH_IF_NOT_EXIST) && PATH_MADE.holds();
    let made = makes && fs::create_dir_all(folder).is_ok();
    PATH.refuse(!made, JetError::InvalidPath)
}

/// The same where JetInit makes the temporary database, before it has made anything else.
pub(super) fn check_temporary_folder(settings: &Settings) -> Jet<()> {
    if quirks::TEMPORARY_WHEN_NEEDED.genuine() || !has_temporary(settings) {
        return Ok(());
    }
    check_folder(settings)
}

/// The first bytes of a temporary database.
const MAGIC: [u8; 8] = *b"jettemp\n";

/// Whether a file that begins with these bytes is a temporary database.
pub(super) fn is_temporary(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

fn create(path: &Path, size: u64) -> Jet<()> {
    ANEW.allow(path.exists(), JetError::DatabaseDuplicate)?;
    let make = || -> io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(&MAGIC)?;
        file.set_len(size.max(MAGIC.len() as u64))
    };
    make().map_err(|error| match error.kind() {
        // A size that no file can have is more than the disk has.
        io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidInput => JetError::DiskFull,
        _ => io_error(path)(error).code(),
    })
}
