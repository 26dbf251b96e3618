//! 補正: what the portal can name as to be mended, who mends it, and which fields of an application may still change.
//! No source lists them; what is chosen: everything that the application says, except the vehicle itself (never to be
//! changed: facts §5.2) and what the reception settled — office, way of payment and who rewrites the certificate.

use super::procedure::common::no;
use super::procedure::{Editor, Field, Procedure};
use super::request::Side;
use super::time::{BusinessTime, Day};
use minicbor::{Decode, Encode};

/// Something that the portal names as to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Matter {
    /// 電子保安基準適合証: taken back, mended and registered again by the garage.
    #[n(1)]
    Conformity,
    /// 自賠責: the garage sees to it that it covers the new term.
    #[n(2)]
    Insurance,
    /// A field of the application, by its stored number.
    #[n(3)]
    Field(#[n(0)] u16),
}

/// 補正要求 of the portal, until answered.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Correction {
    /// What is to be corrected, a sentence each.
    #[n(0)]
    pub reasons: Vec<String>,
    /// The last day for it.
    #[n(1)]
    pub deadline: Day,
    /// When the portal asked.
    #[n(2)]
    pub at: BusinessTime,
    /// What the portal named; empty when it named nothing in particular.
    #[cbor(n(3), default)]
    pub named: Vec<Matter>,
}

/// Whether a correction may change this field.
pub fn correctable(field: &Field) -> bool {
    let settled = [no::CASHLESS, no::RENEWAL_DIVISION, no::COMMISSION_NUMBER].contains(&field.no);
    field.carried && field.editor == Editor::Both && !settled
}

/// Everything that can be named in this procedure, in the order of the pages.
pub fn matters(procedure: &Procedure) -> Vec<Matter> {
    let fields = procedure.fields().filter(|field| correctable(field)).map(|field| Matter::Field(field.no));
    [Matter::Conformity, Matter::Insurance].into_iter().chain(fields).collect()
}

impl Matter {
    /// The name in forms.
    pub fn key(self, procedure: &Procedure) -> &'static str {
        match self {
            Self::Conformity => "conformity",
            Self::Insurance => "insurance",
            Self::Field(number) => procedure.field_by_number(number).map_or("", |field| field.key),
        }
    }

    /// What people call it.
    pub fn label(self, procedure: &Procedure) -> &'static str {
        match self {
            Self::Conformity => "電子保安基準適合証（保適証）",
            Self::Insurance => "自動車損害賠償責任保険（自賠責）",
            Self::Field(number) => procedure.field_by_number(number).map_or("", |field| field.label),
        }
    }

    /// Who mends it, and how.
    pub fn task(self) -> (Side, &'static str) {
        match self {
            Self::Conformity => (
                Side::Client,
                "保適証サービスで、登録内容を確認します。誤りがあるときは引戻し・修正・再登録、登録がないときは登録を行います。",
            ),
            Self::Insurance => {
                (Side::Client, "新しい有効期間を満たす契約になっているか確認し、不足するときは保険会社で手続します。")
            }
            Self::Field(no::SHORTENING_ALLOWED) => {
                (Side::Agent, "有効期間が短縮されてよいかを依頼人に確認し、よければ「短縮可」にチェックを入れます。")
            }
            Self::Field(no::FINE_RECEIPT) => {
                (Side::Agent, "依頼人に放置違反金の納付を確認し、領収書があればチェックを入れます。")
            }
            Self::Field(_) => (Side::Agent, "車検証の記載を依頼人に確認し、申請データを訂正します。"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::procedure;

    #[test]
    fn what_can_be_named_can_be_mended_and_the_vehicle_never() {
        for procedure in procedure::ALL {
            let all = matters(procedure);
            let labels: Vec<&str> = all.iter().map(|matter| matter.label(procedure)).collect();
            assert!(labels.iter().all(|label| !label.is_empty()), "{labels:?}");
            assert!(labels.contains(&"氏名又は名称（漢字）") && labels.contains(&"住所2"), "{labels:?}");
            for never in
                ["キャッシュレス利用", "車台番号", procedure.plate_label, "電子車検証更新区分", "メモ", "申込欄"]
            {
                assert!(!labels.contains(&never), "{never}");
            }
            let keys: std::collections::BTreeSet<&str> = all.iter().map(|matter| matter.key(procedure)).collect();
            assert_eq!(keys.len(), all.len());
        }
    }
}
