//! 依頼データ一括登録: how rows of a table become requests.

use super::procedure::Procedure;

/// Headings of the columns that are no fields of the procedure. Lists that are downloaded carry the same.
pub mod heading {
    use super::Procedure;

    /// 車台番号.
    pub const CHASSIS: &str = "車台番号";
    /// 職権打刻フラグ.
    pub const STAMPED: &str = "職権打刻フラグ";
    /// 小板フラグ (light vehicles).
    pub const SMALL: &str = "小板フラグ";
    /// 依頼人拠点コード.
    pub const BRANCH_CODE: &str = "依頼人拠点コード";
    /// 拠点（略称）.
    pub const BRANCH: &str = "拠点";
    /// 代理人拠点ID.
    pub const AGENT_BRANCH_ID: &str = "代理人拠点ID";
    /// 代理人: organization and branch.
    pub const AGENT: &str = "代理人";

    /// 地名, （分類）, （仮名）, （番号） of the plate.
    pub fn plate(procedure: &Procedure) -> [String; 4] {
        ["地名", "分類", "仮名", "番号"].map(|part| format!("{}（{part}）", procedure.plate_label))
    }
}
