//! The two engines that a run can be judged against.

use serde::{Deserialize, Serialize};

/// Which of the two engines a run is judged against.
#[derive(
    Serialize,
    Deserialize,
    schemars::JsonSchema,
    clap::ValueEnum,
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// What the documents say; where they are silent, the genuine engine.
    #[default]
    Documented,
    /// What the engine that Microsoft published does.
    Genuine,
}

impl Profile {
    /// Both.
    pub const ALL: [Profile; 2] = [Profile::Documented, Profile::Genuine];

    /// The word for it, everywhere.
    pub fn word(self) -> &'static str {
        match self {
            Profile::Documented => "documented",
            Profile::Genuine => "genuine",
        }
    }
}
