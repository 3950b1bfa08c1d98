//! The releases of Windows that the documents name in their availability notes.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A release of Windows, in order of time. A record or a scenario that says `since: windows-vista`
/// is about that release and all later ones. Server releases stand at the client release that
/// brought the same engine, except Windows Server 2003, which has one of its own.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
pub enum Release {
    /// The first release with a public engine.
    #[default]
    #[serde(rename = "windows-2000")]
    Windows2000,
    /// Windows XP.
    #[serde(rename = "windows-xp")]
    WindowsXp,
    /// Windows Server 2003.
    #[serde(rename = "windows-server-2003")]
    WindowsServer2003,
    /// Windows Vista, Windows Server 2008.
    #[serde(rename = "windows-vista")]
    WindowsVista,
    /// Windows 7, Windows Server 2008 R2.
    #[serde(rename = "windows-7")]
    Windows7,
    /// Windows 8, Windows Server 2012.
    #[serde(rename = "windows-8")]
    Windows8,
    /// Windows 8.1, Windows Server 2012 R2.
    #[serde(rename = "windows-8.1")]
    Windows81,
    /// Windows 10 and everything after it.
    #[serde(rename = "windows-10")]
    Windows10,
}

impl Release {
    /// The latest.
    pub const LAST: Self = Self::Windows10;

    /// Every release, oldest first.
    pub const ALL: [Self; 8] = [
        Self::Windows2000,
        Self::WindowsXp,
        Self::WindowsServer2003,
        Self::WindowsVista,
        Self::Windows7,
        Self::Windows8,
        Self::Windows81,
        Self::Windows10,
    ];

    /// The name that data files and the command line use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Windows2000 => "windows-2000",
            Self::WindowsXp => "windows-xp",
            Self::WindowsServer2003 => "windows-server-2003",
            Self::WindowsVista => "windows-vista",
            Self::Windows7 => "windows-7",
            Self::Windows8 => "windows-8",
            Self::Windows81 => "windows-8.1",
            Self::Windows10 => "windows-10",
        }
    }

    /// The release of that name, `None` where there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|release| release.name() == name)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Release;

    #[test]
    fn releases_are_in_order_of_time_and_keep_their_names() {
        assert!(Release::ALL.is_sorted());
        for release in Release::ALL {
            assert_eq!(Release::named(release.name()), Some(release));
            let quoted = serde_json::to_string(&release).unwrap_or_default();
            assert_eq!(quoted, format!("{:?}", release.name()));
        }
        assert_eq!(Release::named("windows-95"), None);
    }
}
