//! What a run was: which library, which suite, which options. Two runs are of one piece only if
//! these agree.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::abi::Release;
use crate::scenario::plan::Profile;

/// What was run against what, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Identity {
    /// The library in words: its path, or that it is the reference.
    pub library: String,
    /// The SHA-256 of the library's file, where it can be read here.
    pub library_sha256: Option<String>,
    /// The SHA-256 over every scenario and fixture of the suite.
    pub suite_sha256: String,
    /// The build of jetspec.
    pub build: String,
    /// The system that the hosts ran on: `x86_64-linux`; where a launcher starts them on one of another
    /// family, its family alone: `windows`.
    pub system: String,
    /// The profile.
    pub profile: Profile,
    /// The release of Windows that the library was taken for.
    pub level: Release,
    /// Whether `differs` holds the gate.
    pub strict: bool,
    /// The filters, as they were typed.
    pub filters: Vec<String>,
    /// The part of the cases that was run, where it is not all of them.
    pub shard: Option<Shard>,
    /// How the library was run.
    #[serde(default)]
    pub manner: Manner,
}

/// How a library is run: what a verdict may depend on beside the library and the suite.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Manner {
    /// What starts the hosts, where it is not jetspec itself.
    pub launcher: Option<String>,
    /// How long a step may take, in milliseconds.
    pub step_limit_ms: u64,
    /// How long a case may take, in milliseconds.
    pub case_limit_ms: u64,
    /// How much memory a host may have, in MiB; 0 for as much as there is.
    pub memory_limit_mib: u64,
    /// How often each case is run.
    pub repeat: u32,
    /// Whether each case has a host of its own.
    pub fresh_hosts: bool,
    /// Whether there is no host.
    pub in_process: bool,
}

impl Manner {
    /// Each part with the option that decides about it.
    fn parts(&self) -> [(&'static str, String); 7] {
        let launcher = self.launcher.as_deref().unwrap_or("none");
        [
            ("--launcher", launcher.to_owned()),
            ("--step-limit", format!("{} ms", self.step_limit_ms)),
            ("--case-limit", format!("{} ms", self.case_limit_ms)),
            ("--memory-limit", format!("{} MiB", self.memory_limit_mib)),
            ("--repeat", self.repeat.to_string()),
            ("--fresh-hosts", self.fresh_hosts.to_string()),
            ("--in-process", self.in_process.to_string()),
        ]
    }
}

impl Identity {
    /// The system of this executable: `x86_64-linux`.
    pub fn this_system() -> String {
        format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
    }

    /// The word for the profile.
    pub fn profile_word(&self) -> &'static str {
        self.profile.word()
    }

    /// The first thing in which another run is not of one piece with this one, the shard aside.
    pub fn conflict(&self, other: &Identity) -> Option<Conflict> {
        let short = |digest: &str| digest.get(..16).unwrap_or(digest).to_owned();
        let suite = |identity: &Identity| short(&identity.suite_sha256);
        // What cannot be read here is known by its name alone.
        let library = |identity: &Identity| match &identity.library_sha256 {
            Some(digest) => short(digest),
            None => identity.library.clone(),
        };
        let pairs: [(&'static str, String, String); 8] = [
            (
                "the build of jetspec",
                self.build.clone(),
                other.build.clone(),
            ),
            ("the suite", suite(self), suite(other)),
            ("the library", library(self), library(other)),
            ("the system", self.system.clone(), other.system.clone()),
            (
                "the profile",
                self.profile.word().into(),
                other.profile.word().into(),
            ),
            ("the level", self.level.to_string(), other.level.to_string()),
            (
                "--strict",
                self.strict.to_string(),
                other.strict.to_string(),
            ),
            (
                "the filters",
                format!("{:?}", self.filters),
                format!("{:?}", other.filters),
            ),
        ];
        let manner = self.manner.parts().into_iter().zip(other.manner.parts());
        let manner = manner.map(|((what, one), (_, two))| (what, one, two));
        pairs
            .into_iter()
            .chain(manner)
            .find(|(_, one, two)| one != two)
            .map(|(what, this, other)| Conflict { what, this, other })
    }
}

/// Where two runs are not of one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What is not the same.
    pub what: &'static str,
    /// What it is here.
    pub this: String,
    /// What it is there.
    pub other: String,
}

/// One of several parts of equal size: `2/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    /// Which part, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

/// The most parts that a run can be split into.
const MOST_SHARDS: u32 = 10_000;

impl Shard {
    /// What of a list belongs to the part: of the list in the order of the names, every so-many-eth.
    /// Sizes differ by one at most, and the split depends on nothing but the names.
    pub fn select<T>(self, list: Vec<T>, name: impl Fn(&T) -> String) -> Vec<T> {
        let mut order: Vec<(String, usize)> = list
            .iter()
            .enumerate()
            .map(|(index, item)| (name(item), index))
            .collect();
        order.sort();
        let mut mine = vec![false; list.len()];
        let (first, step) = (
            self.number.saturating_sub(1) as usize,
            self.of.max(1) as usize,
        );
        for (_, index) in order.iter().skip(first).step_by(step) {
            if let Some(mine) = mine.get_mut(*index) {
                *mine = true;
            }
        }
        list.into_iter()
            .zip(mine)
            .filter_map(|(item, mine)| mine.then_some(item))
            .collect()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('/')
            .and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if number >= 1 && number <= of && of <= MOST_SHARDS => {
                Ok(Shard { number, of })
            }
            Some(_) => Err(format!(
                "the first number is from 1 to the second, the second at most {MOST_SHARDS}"
            )),
            None => Err("a shard is written 2/5: the second of five parts".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::report;
    use super::*;

    #[test]
    fn shards_are_written_as_a_fraction() {
        assert_eq!("2/5".parse(), Ok(Shard { number: 2, of: 5 }));
        for bad in [
            "",
            "2",
            "0/5",
            "6/5",
            "1/0",
            "-1/5",
            "1/99999999",
            "a/b",
            "1/2/3",
        ] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_case_is_in_exactly_one_shard_whatever_the_order_of_the_list() {
        let list: Vec<String> = (0..23).map(|n| format!("case {}", n * 7 % 23)).collect();
        let mut backwards = list.clone();
        backwards.reverse();
        let mut all = Vec::new();
        for number in 1..=5 {
            let shard = Shard { number, of: 5 };
            let mut part = shard.select(list.clone(), String::clone);
            assert!((4..=5).contains(&part.len()));
            let mut other = shard.select(backwards.clone(), String::clone);
            part.sort();
            other.sort();
            assert_eq!(part, other);
            all.extend(part);
        }
        all.sort();
        let mut list = list;
        list.sort();
        assert_eq!(all, list);
    }

    #[test]
    fn runs_of_other_libraries_suites_or_options_are_no_piece_of_this_one() {
        let one = report(Vec::new()).identity;
        assert_eq!(one.conflict(&one), None);
        type Change = fn(&mut Identity);
        let changes: [(&str, Change); 8] = [
            ("the build of jetspec", |i| i.build = "x".into()),
            ("the suite", |i| i.suite_sha256 = "x".into()),
            ("the library", |i| i.library_sha256 = None),
            ("the system", |i| i.system = "x".into()),
            ("the profile", |i| i.profile = Profile::Genuine),
            ("the level", |i| i.level = Release::Windows7),
            ("--strict", |i| i.strict = true),
            ("the filters", |i| i.filters.push("x".into())),
        ];
        for (what, change) in changes {
            let mut other = one.clone();
            change(&mut other);
            assert_eq!(one.conflict(&other).map(|c| c.what), Some(what));
        }
    }
}
