//! 代行入力: an agent writes down what a garage without a PC asked for.

/// 依頼の方法: how the garage asked. The history keeps its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// By facsimile.
    Fax,
    /// By telephone.
    Telephone,
    /// Somebody came and brought it.
    Visit,
    /// By post, or otherwise.
    Other,
}

/// With which its line in the history begins.
const SAID: &str = "依頼の方法：";

impl Channel {
    /// All, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Fax, Self::Telephone, Self::Visit, Self::Other];

    /// The name in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Fax => "fax",
            Self::Telephone => "telephone",
            Self::Visit => "visit",
            Self::Other => "other",
        }
    }

    /// What a form says.
    pub fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.key() == key)
    }

    /// What pages show.
    pub fn label(self) -> &'static str {
        match self {
            Self::Fax => "FAX",
            Self::Telephone => "電話",
            Self::Visit => "来所・持参",
            Self::Other => "郵送・その他",
        }
    }

    /// What the history says of it.
    pub fn said(self) -> String {
        format!("{SAID}{}", self.label())
    }

    /// The channel of which the history says this.
    pub fn told(detail: &str) -> Option<Self> {
        let label = detail.strip_prefix(SAID)?;
        Self::ALL.into_iter().find(|channel| channel.label() == label)
    }
}
