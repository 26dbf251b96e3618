//! What a data folder is for. Written when the folder is made, and never changed.

use std::fmt;
use std::str::FromStr;

/// What a data folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// A look at the product: simulators, printed passwords, loopback.
    Demo,
    /// A class with an instructor.
    Training,
    /// Programs are tested against it.
    Test,
    /// Real work: no simulators, the business clock can't be set.
    Production,
}

impl Profile {
    /// All, as `init` offers them.
    pub const ALL: &'static [Self] = &[Self::Production, Self::Training, Self::Test, Self::Demo];

    /// The word in the file and on the command line.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Training => "training",
            Self::Test => "test",
            Self::Production => "production",
        }
    }

    /// Whether anything real may happen here; then simulators and the settable clock are off.
    pub fn is_production(self) -> bool {
        self == Self::Production
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

/// No such profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("プロファイルは production, training, test, demo のいずれかです")]
pub struct UnknownProfile;

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, UnknownProfile> {
        Self::ALL.iter().copied().find(|profile| profile.slug() == text).ok_or(UnknownProfile)
    }
}
