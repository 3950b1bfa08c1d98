//! What the engine tells of its instances. (jetgetinstanceinfo-function.md)

use std::path::PathBuf;

use super::engine::{Engine, State};
use super::handles::Instance;
use super::instance::InstanceState;
use super::outcome::Jet;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// Both outputs are needed. (jetgetinstanceinfo-function.md)
    INFO_NULL = "instance/info-null";
    /// Every instance is listed. (jetgetinstanceinfo-function.md)
    INFO = "instance/info";
    /// One that is not initialised as well.
    INFO_NOT_INITIALIZED = "instance/info-not-initialized";
    /// The signature of the log is told. (jetgetinstancemiscinfo-function.md)
    SIGNATURE = "instance/misc-info";
    /// The buffer has room. (jetgetinstancemiscinfo-function.md)
    MISC_BUFFER = "instance/misc-info-buffer";
    /// The instance and the level exist. (jetgetinstancemiscinfo-function.md)
    MISC_LEVEL = "instance/misc-info-level";
    /// The instance was initialised.
    MISC_NOT_INITIALIZED = "instance/misc-info-not-initialized";
    /// The options exist, and there is one.
    CRASH_GRBIT = "crash-dump/grbit";
    /// The process is prepared. (jetconfigureprocessforcrashdump-function.md)
    CRASH_DUMP = "crash-dump/configures";
}

/// An instance as JetGetInstanceInfo lists it. (jet-instance-info-structure.md)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceInfo {
    /// Its handle.
    pub handle: Instance,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The files of its databases.
    pub databases: Vec<PathBuf>,
}

/// `JET_InstanceMiscInfoLogSignature`
const LOG_SIGNATURE: u32 = 0;
/// The size of JET_SIGNATURE in bytes.
const SIGNATURE_SIZE: usize = 28;
/// Every option of JetConfigureProcessForCrashDump. (crashdumpgrbit-enumeration.md)
const CRASH_DUMP_OPTIONS: u32 = 0xff;

impl Engine {
    /// JetGetInstanceMiscInfo: the bytes for a buffer with that much room. An instance that does
    /// not log has a signature of zeros. (jetgetinstancemiscinfo-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`, `JET_errNotInitialized`, `JET_errBufferTooSmall`.
    pub fn instance_misc_info(&self, instance: Instance, level: u32, room: usize) -> Jet<Vec<u8>> {
        let state = self.lock();
        let found = state.instances.get(&instance);
        let wrong = found.is_none() || level != LOG_SIGNATURE;
        MISC_LEVEL.refuse(wrong, JetError::InvalidParameter)?;
        let early = found.is_some_and(|found| !found.initialized);
        MISC_NOT_INITIALIZED.refuse(early, JetError::NotInitialized)?;
        MISC_BUFFER.refuse(room < SIGNATURE_SIZE, JetError::BufferTooSmall)?;
        let log = found.and_then(|found| found.log.as_ref());
        let log = log.filter(|_| SIGNATURE.holds());
        Ok(log.map_or_else(
            || vec![0; SIGNATURE_SIZE],
            |log| log.signature().bytes().to_vec(),
        ))
    }

    /// JetConfigureProcessForCrashDump. Nothing of a process that crashes is of interest here.
    /// (jetconfigureprocessforcrashdump-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidGrbit`.
    pub fn configure_for_crash_dump(&self, grbit: u32) -> Jet<()> {
        let wrong = grbit == 0 || grbit & !CRASH_DUMP_OPTIONS != 0;
        CRASH_GRBIT.refuse(wrong, JetError::InvalidGrbit)?;
        CRASH_DUMP.allow(!wrong, JetError::FeatureNotAvailable)
    }

    /// JetGetInstanceInfo. (jetgetinstanceinfo-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter` where an output is missing.
    pub fn instance_info(&self, wants_both: bool) -> Jet<Vec<InstanceInfo>> {
        if !INFO.holds() {
            return Err(JetError::FeatureNotAvailable);
        }
        INFO_NULL.refuse(!wants_both, JetError::InvalidParameter)?;
        Ok(self.lock().all_instance_info())
    }
}

impl State {
    /// Every instance with its databases.
    pub(super) fn all_instance_info(&self) -> Vec<InstanceInfo> {
        let instances = self.instances.values();
        let listed =
            instances.filter(|instance| instance.initialized || INFO_NOT_INITIALIZED.holds());
        let info = |instance: &InstanceState| {
            let databases = self.databases.values();
            let ours = databases.filter(|database| database.instance == instance.handle);
            InstanceInfo {
                handle: instance.handle,
                name: instance.name.clone(),
                databases: ours.map(|database| database.path.clone()).collect(),
            }
        };
        listed.map(info).collect()
    }
}
