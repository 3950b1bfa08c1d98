//! What the engine tells of its instances. (jetgetinstanceinfo-function.md)

use std::path::PathBuf;

use super::engine::Engine;
use super::handles::Instance;
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

impl Engine {
    /// JetGetInstanceInfo. (jetgetinstanceinfo-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter` where an output is missing.
    pub fn instance_info(&self, wants_both: bool) -> Jet<Vec<InstanceInfo>> {
        if !INFO.holds() {
            return Err(JetError::FeatureNotAvailable);
        }
        INFO_NULL.refuse(!wants_both, JetError::InvalidParameter)?;
        let state = self.lock();
        let listed = state
            .instances
            .values()
            .filter(|instance| instance.initialized || INFO_NOT_INITIALIZED.holds());
        Ok(listed
            .map(|instance| InstanceInfo {
                handle: instance.handle,
                name: instance.name.clone(),
                databases: state
                    .databases
                    .values()
                    .filter(|database| database.instance == instance.handle)
                    .map(|database| database.path.clone())
                    .collect(),
            })
            .collect())
    }
}
