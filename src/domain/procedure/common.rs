//! What procedures have in common: numbers, fields and facts that mean the same in all of them.

use super::{Choice, Editor, Fact, FactSource, Field, FieldKind, Shown, Width};
use crate::domain::request::{Value, Values};

/// Field numbers that rules refer to.
pub mod no {
    /// キャッシュレス利用.
    pub const CASHLESS: u16 = 1;
    /// 検査手数料無料化.
    pub const INSPECTION_FEE_WAIVED: u16 = 2;
    /// 技術情報管理手数料無料化.
    pub const INFORMATION_FEE_WAIVED: u16 = 3;
    /// 検査手数料等無料化 (light vehicles: both fees).
    pub const FEES_WAIVED: u16 = 4;
    /// 委任状種別.
    pub const POWER_OF_ATTORNEY: u16 = 10;
    /// 名義.
    pub const OWNERSHIP: u16 = 11;
    /// 氏名又は名称（漢字）.
    pub const NAME: u16 = 12;
    /// 代表者名（漢字）.
    pub const REPRESENTATIVE: u16 = 13;
    /// 住所1.
    pub const ADDRESS_1: u16 = 14;
    /// 住所2.
    pub const ADDRESS_2: u16 = 15;
    /// 車検証有効期間.
    pub const TERM: u16 = 20;
    /// 車検証有効期間短縮可否.
    pub const SHORTENING_ALLOWED: u16 = 21;
    /// 放置違反金納付確認.
    pub const FINE_RECEIPT: u16 = 22;
    /// 申請予定日.
    pub const PLANNED_ON: u16 = 23;
    /// 申込欄.
    pub const DECLARATION: u16 = 24;
    /// 電子車検証更新区分.
    pub const RENEWAL_DIVISION: u16 = 25;
    /// 記録等事務代行者委託番号（申請個別指定）.
    pub const COMMISSION_NUMBER: u16 = 26;
    /// オプションコード.
    pub const OPTION_CODE: u16 = 27;
    /// 独自項目1; the others follow.
    pub const CUSTOM_1: u16 = 28;
    /// メモ.
    pub const MEMO: u16 = 33;
    /// 車検証等受取区分.
    pub const RECEIVING: u16 = 34;
    /// 電子車検証管理番号.
    pub const MANAGEMENT_NUMBER: u16 = 35;
    /// 口座ID.
    pub const ACCOUNT_ID: u16 = 36;
}

/// Codes of 電子車検証更新区分.
pub mod division {
    /// 運輸支局等 or 軽検協事務所等.
    pub const OFFICE: u8 = 1;
    /// 代理人.
    pub const AGENT: u8 = 2;
    /// 依頼人.
    pub const CLIENT: u8 = 3;
    /// 代理人（申請個別指定）.
    pub const AGENT_BY_NUMBER: u8 = 4;
    /// 依頼人（申請個別指定）.
    pub const CLIENT_BY_NUMBER: u8 = 5;
}

/// What a new request starts with: the office rewrites the certificate unless somebody says otherwise.
pub fn initial_values() -> Values {
    Values::from([(no::RENEWAL_DIVISION, Value::Choice(division::OFFICE))])
}

/// Numbers of the facts of 状況照会.
pub mod fact {
    /// 受付番号.
    pub const RECEIPT: u16 = 1;
    /// 状況更新日時.
    pub const UPDATED: u16 = 2;
    /// 申請状況ステータス.
    pub const DETAIL: u16 = 3;
    /// 手続再開ステータス.
    pub const RESUMPTION: u16 = 4;
    /// 保安基準適合証取得.
    pub const CONFORMITY: u16 = 5;
    /// 自賠責保険証取得.
    pub const INSURANCE: u16 = 6;
    /// 登録完了日 or 検査記録完了日.
    pub const COMPLETED: u16 = 7;
    /// 交付準備完了日 or 返付（交付）準備完了日.
    pub const READY: u16 = 8;
    /// 車台番号.
    pub const CHASSIS: u16 = 9;
    /// 記録等事務代行委託番号.
    pub const COMMISSION_NUMBER: u16 = 10;
    /// 記録等事務代行名称.
    pub const COMMISSION_NAME: u16 = 11;
    /// 記録等事務代行交付可能判定結果.
    pub const COMMISSION_RESULT: u16 = 12;
    /// メッセージ.
    pub const MESSAGE: u16 = 13;
    /// 軽検協事務所等お知らせ.
    pub const OFFICE_NOTICE: u16 = 14;
    /// 期限等お知らせ.
    pub const DEADLINE_NOTICE: u16 = 15;
    /// 検査記録審査依頼日時.
    pub const REVIEW_REQUESTED: u16 = 16;
    /// 認証用二次元コード: what the code says.
    pub const COUNTER_CODE: u16 = 17;
}

const MEMO_ONLY: Option<&str> = Some("※メモ機能（申請には反映されません）");

pub(super) const fn field(
    no: u16,
    key: &'static str,
    label: &'static str,
    kind: FieldKind,
    rule: &'static str,
) -> Field {
    Field {
        no,
        key,
        label,
        kind,
        required: false,
        editor: Editor::Both,
        rule,
        note: None,
        shown: Shown::Always,
        carried: true,
    }
}

pub(super) const fn text(
    no: u16,
    key: &'static str,
    label: &'static str,
    width: Width,
    max: usize,
    rule: &'static str,
) -> Field {
    field(no, key, label, FieldKind::Text { width, max }, rule)
}

pub(super) const fn full_width(
    no: u16,
    key: &'static str,
    label: &'static str,
    max: usize,
    rule: &'static str,
) -> Field {
    text(no, key, label, Width::Full, max, rule)
}

/// `words`: beside the box, shown when checked, shown when not.
pub(super) const fn flag(
    no: u16,
    key: &'static str,
    label: &'static str,
    words: [&'static str; 3],
    rule: &'static str,
) -> Field {
    let [beside, on, off] = words;
    field(no, key, label, FieldKind::Flag { label: beside, on, off }, rule)
}

pub(super) const fn choice(
    no: u16,
    key: &'static str,
    label: &'static str,
    choices: &'static [Choice],
    rule: &'static str,
) -> Field {
    field(no, key, label, FieldKind::Choice(choices), rule)
}

pub(super) const fn required(field: Field) -> Field {
    Field { required: true, ..field }
}

pub(super) const fn fixed(field: Field) -> Field {
    Field { editor: Editor::Fixed, ..field }
}

pub(super) const fn shown(shown: Shown, field: Field) -> Field {
    Field { shown, ..field }
}

/// A note between garage and agent, which no application carries.
const fn kept(field: Field) -> Field {
    Field { carried: false, ..field }
}

/// The same, where the page has to say so.
pub(super) const fn memo_only(field: Field) -> Field {
    kept(Field { note: MEMO_ONLY, ..field })
}

/// 氏名又は名称（漢字）.
pub(super) const NAME: Field = required(full_width(
    no::NAME,
    "name",
    "氏名又は名称（漢字）",
    60,
    "車検証の記載どおりに、全角60文字以内で入力します。",
));

/// 住所2.
pub(super) const ADDRESS_2: Field = required(full_width(
    no::ADDRESS_2,
    "address2",
    "住所2",
    80,
    "丁目・番地などを車検証の記載どおりに、全角80文字以内で入力します。",
));

/// 車検証有効期間短縮可否.
pub(super) const fn shortening_allowed(rule: &'static str) -> Field {
    flag(no::SHORTENING_ALLOWED, "shortening_allowed", "車検証有効期間短縮可否", ["短縮可", "短縮可", "短縮否"], rule)
}

/// 放置違反金納付確認.
pub(super) const fn fine_receipt(rule: &'static str) -> Field {
    flag(
        no::FINE_RECEIPT,
        "fine_receipt",
        "放置違反金納付確認",
        ["放置違反金の領収書あり", "放置違反金の領収書あり", "放置違反金の領収書なし"],
        rule,
    )
}

/// 申請予定日.
pub(super) const PLANNED_ON: Field = kept(field(
    no::PLANNED_ON,
    "planned_on",
    "申請予定日",
    FieldKind::Date,
    "代理人への目安です。この日まで申請を止めるものではありません。",
));

/// 申込欄: what the agent declares.
pub(super) const DECLARATION: Field =
    fixed(shown(Shown::Application, text(no::DECLARATION, "declaration", "申込欄", Width::Any, 200, "")));

/// 電子車検証更新区分 with these choices; the office's name differs.
pub(super) const fn renewal_division(choices: &'static [Choice]) -> Field {
    required(choice(
        no::RENEWAL_DIVISION,
        "renewal_division",
        "電子車検証更新区分",
        choices,
        "電子車検証を書き換える者を選びます。「依頼人」では拠点の委託番号が自動で設定されます。",
    ))
}

/// The choices of 電子車検証更新区分, the first under the office's name.
pub(super) const fn divisions(office: &'static str) -> [Choice; 5] {
    [
        Choice { code: division::OFFICE, key: "office", label: office },
        Choice { code: division::AGENT, key: "agent", label: "代理人" },
        Choice { code: division::CLIENT, key: "client", label: "依頼人" },
        Choice { code: division::AGENT_BY_NUMBER, key: "agent_by_number", label: "代理人（申請個別指定）" },
        Choice {
            code: division::CLIENT_BY_NUMBER, key: "client_by_number", label: "依頼人（申請個別指定）"
        },
    ]
}

/// 記録等事務代行者委託番号（申請個別指定）. The application carries the number of whoever rewrites in the end.
pub(super) const COMMISSION_NUMBER: Field = kept(shown(
    Shown::WhenSet,
    field(
        no::COMMISSION_NUMBER,
        "commission_number",
        "記録等事務代行者委託番号（申請個別指定）",
        FieldKind::CommissionNumber,
        "申請個別指定のときだけ、半角英数字10文字で入力します。例：A123456789",
    ),
));

/// オプションコード.
pub(super) const OPTION_CODE: Field = kept(text(
    no::OPTION_CODE,
    "option_code",
    "オプションコード",
    Width::HalfAlphanumeric,
    20,
    "半角英数字20文字以内です。",
));

/// 独自項目1 to 独自項目5, by their place from 0.
pub(super) const CUSTOM: [Field; 5] = [
    custom(0, "custom1", "独自項目1"),
    custom(1, "custom2", "独自項目2"),
    custom(2, "custom3", "独自項目3"),
    custom(3, "custom4", "独自項目4"),
    custom(4, "custom5", "独自項目5"),
];

const fn custom(place: u16, key: &'static str, label: &'static str) -> Field {
    kept(text(no::CUSTOM_1 + place, key, label, Width::Any, 40, "40文字以内です。"))
}

/// メモ.
pub(super) const MEMO: Field = kept(field(no::MEMO, "memo", "メモ", FieldKind::Memo { max: 400 }, "400文字以内です。"));

pub(super) const fn fact(no: u16, label: &'static str, set_by: FactSource) -> Fact {
    Fact { no, label, set_by }
}
