//! Associations of garages that file as agents (inspection manual P72–73): third parties, offered as branches and used by
//! nobody until somebody takes them.

use super::table::{self, TableError};

/// An association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Association {
    /// Part of its 代理人拠点ID, never reused.
    pub number: u16,
    /// 運輸局等.
    pub bureau: String,
    /// 事業場管轄 運輸支局等.
    pub office: String,
    /// Its name, without the legal form.
    pub name: String,
}

impl Association {
    /// The 代理人拠点ID of a branch that stands for it: `SK18`.
    pub fn branch_code(&self) -> String {
        format!("SK{:02}", self.number)
    }

    /// At most ten characters: 東京都振興会.
    pub fn short_name(&self) -> String {
        self.name.replace("地方自動車整備振興会", "振興会").replace("自動車整備振興会", "振興会")
    }
}

pub(super) fn load(text: &str) -> Result<Vec<Association>, TableError> {
    table::rows("associations", text, |row| {
        Ok(Association {
            number: row.read("number", |text| text.parse().ok())?,
            bureau: row.text("bureau")?.to_owned(),
            office: row.text("office")?.to_owned(),
            name: row.text("name")?.to_owned(),
        })
    })
}
