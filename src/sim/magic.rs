//! Chassis numbers that decide what happens, like the card numbers one tests payments with. Their ending is reserved:
//! no real chassis number ends in `-TEST-` and two digits. They are learned on first sight in every profile.

use super::world::Outcome;

/// A reserved ending.
#[derive(Debug)]
pub struct Magic {
    /// The ending of the chassis number.
    pub ending: &'static str,
    /// What it makes happen.
    pub outcome: Outcome,
    /// The same in words, for people who choose one.
    pub description: &'static str,
}

const fn magic(ending: &'static str, outcome: Outcome, description: &'static str) -> Magic {
    Magic { ending, outcome, description }
}

/// All reserved endings. What ends a filing or asks for a correction does so once: the corrected or repeated
/// application goes through.
pub const TABLE: &[Magic] = &[
    magic("-TEST-01", Outcome::Approve, "審査に必ず合格します。"),
    magic("-TEST-02", Outcome::ConformityMissing, "検査補正要求（保適証なし）になります。補正すると合格します。"),
    magic("-TEST-03", Outcome::InsuranceShort, "検査補正要求（自賠責不足）になります。補正すると合格します。"),
    magic("-TEST-04", Outcome::UserMismatch, "却下（使用者相違）になります。再申請すると合格します。"),
    magic("-TEST-05", Outcome::CommissionUnknown, "未受付（委託番号）になります。再申請すると受け付けられます。"),
    magic("-TEST-06", Outcome::DebitRefused, "最初の口座引落しが不可になり、再納付待ちになります。"),
    magic("-TEST-07", Outcome::CardDeclined, "最初のカード決済が不可になり、再納付待ちになります。"),
    magic("-TEST-08", Outcome::PortalDown, "ポータルが最初の3回の送信に応答しません。"),
    magic("-TEST-09", Outcome::Slow, "審査などにかかる時間が10倍になります。"),
    magic(
        "-TEST-10",
        Outcome::AgentBarred,
        "未受付（代理人に認められていない手続）になります。再申請すると受け付けられます。",
    ),
    magic("-TEST-11", Outcome::AtCounter, "交付待ちのままになります。職員が交付すると、交付完了になります。"),
];

/// How often the portal does not answer for [`Outcome::PortalDown`].
pub const DOWN_TIMES: u32 = 3;

/// What this chassis number makes happen, if it is one of these.
pub fn outcome(chassis: &str) -> Option<Outcome> {
    TABLE.iter().find(|magic| chassis.ends_with(magic.ending)).map(|magic| magic.outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_tells_all_of_them() {
        let readme = include_str!("../../README.md");
        for magic in TABLE {
            let row = format!("| `{}` | {} |", magic.ending, magic.description);
            assert!(readme.contains(&row), "{row}");
        }
    }

    #[test]
    fn only_the_reserved_form_is_magic() {
        assert_eq!(outcome("AB12-TEST-04"), Some(Outcome::UserMismatch));
        for ordinary in ["AB12-0000004", "TEST-04", "AB12-TEST-99", "AB12-TEST-041", ""] {
            assert_eq!(outcome(ordinary), None, "{ordinary}");
        }
    }
}
