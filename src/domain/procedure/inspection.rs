//! 継続検査 of registered vehicles (inspection manual P40–47; screen reference 2).

use super::{
    Choice, Editor, Fact, FactSource, Field, FieldKind, PaymentRule, Procedure, Section, Shown, VehicleKind, Width,
};
use crate::domain::payment::{Means, PaymentKind};
use crate::domain::request::{PortalStatus as Portal, Status};

/// Field numbers that rules refer to.
pub mod no {
    /// キャッシュレス利用.
    pub const CASHLESS: u16 = 1;
    /// 検査手数料無料化.
    pub const INSPECTION_FEE_WAIVED: u16 = 2;
    /// 技術情報管理手数料無料化.
    pub const INFORMATION_FEE_WAIVED: u16 = 3;
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
}

/// Codes of 電子車検証更新区分.
pub mod division {
    /// 運輸支局等.
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
    /// 登録完了日.
    pub const COMPLETED: u16 = 7;
    /// 交付準備完了日.
    pub const READY: u16 = 8;
    /// 車台番号.
    pub const CHASSIS: u16 = 9;
    /// 記録等事務代行委託番号.
    pub const COMMISSION_NUMBER: u16 = 10;
    /// 記録等事務代行名称.
    pub const COMMISSION_NAME: u16 = 11;
    /// 記録等事務代行交付可能判定結果.
    pub const COMMISSION_RESULT: u16 = 12;
}

const MEMO_ONLY: Option<&str> = Some("※メモ機能（申請には反映されません）");

const fn text(no: u16, key: &'static str, label: &'static str, width: Width, max: usize, rule: &'static str) -> Field {
    Field {
        no,
        key,
        label,
        kind: FieldKind::Text { width, max },
        required: false,
        editor: Editor::Both,
        rule,
        note: None,
        shown: Shown::Always,
    }
}

const fn flag(no: u16, key: &'static str, label: &'static str, words: [&'static str; 3], rule: &'static str) -> Field {
    let [beside, on, off] = words;
    Field {
        no,
        key,
        label,
        kind: FieldKind::Flag { label: beside, on, off },
        required: false,
        editor: Editor::Both,
        rule,
        note: None,
        shown: Shown::Always,
    }
}

const fn choice(
    no: u16,
    key: &'static str,
    label: &'static str,
    choices: &'static [Choice],
    rule: &'static str,
) -> Field {
    Field {
        no,
        key,
        label,
        kind: FieldKind::Choice(choices),
        required: false,
        editor: Editor::Both,
        rule,
        note: None,
        shown: Shown::Always,
    }
}

const fn required(field: Field) -> Field {
    Field { required: true, ..field }
}

const fn fixed(field: Field) -> Field {
    Field { editor: Editor::Fixed, ..field }
}

const fn shown(shown: Shown, field: Field) -> Field {
    Field { shown, ..field }
}

const fn memo_only(field: Field) -> Field {
    Field { note: MEMO_ONLY, ..field }
}

/// 継続検査.
pub const PROCEDURE: Procedure = Procedure {
    code: 1,
    slug: "inspection",
    label: "継続検査",
    vehicle: VehicleKind::Registered,
    plate_label: "自動車登録番号",
    completed_label: "登録完了日",
    payment_label: "登録車OSS納付",
    head: &[
        flag(
            no::CASHLESS,
            "cashless",
            "キャッシュレス利用",
            ["有", "有", "無"],
            "クレジットカード決済を希望する場合だけ「有」にします。事前にカードの登録が必要です。",
        ),
        fixed(shown(
            Shown::Application,
            flag(
                no::INSPECTION_FEE_WAIVED,
                "inspection_fee_waived",
                "検査手数料無料化",
                ["有", "有", "無"],
                "検査登録手数料が免除されるときだけ「有」にします。",
            ),
        )),
        fixed(shown(
            Shown::Application,
            flag(
                no::INFORMATION_FEE_WAIVED,
                "information_fee_waived",
                "技術情報管理手数料無料化",
                ["有", "有", "無"],
                "技術情報管理手数料が免除されるときだけ「有」にします。",
            ),
        )),
    ],
    sections: &[
        Section {
            id: "user",
            label: "使用者",
            fields: &[
                fixed(choice(
                    no::POWER_OF_ATTORNEY,
                    "power_of_attorney",
                    "委任状種別",
                    &[
                        Choice { code: 1, key: "office_certificate", label: "官職証明書" },
                        Choice { code: 2, key: "duty_certificate", label: "職責証明書" },
                    ],
                    "電子委任状の署名に使った証明書の種類を選びます。",
                )),
                required(choice(
                    no::OWNERSHIP,
                    "ownership",
                    "名義",
                    &[
                        Choice { code: 1, key: "individual", label: "個人" },
                        Choice { code: 2, key: "corporation", label: "法人" },
                    ],
                    "車検証の使用者が個人か法人かを選びます。",
                )),
                required(text(
                    no::NAME,
                    "name",
                    "氏名又は名称（漢字）",
                    Width::Full,
                    60,
                    "車検証の記載どおりに、全角60文字以内で入力します。",
                )),
                shown(
                    Shown::WhenSet,
                    text(
                        no::REPRESENTATIVE,
                        "representative",
                        "代表者名（漢字）",
                        Width::Full,
                        60,
                        "全角60文字以内です（任意）。",
                    ),
                ),
                required(text(
                    no::ADDRESS_1,
                    "address1",
                    "住所1",
                    Width::Full,
                    80,
                    "車検証の記載どおりに、全角80文字以内で入力します。",
                )),
                required(text(
                    no::ADDRESS_2,
                    "address2",
                    "住所2",
                    Width::Full,
                    80,
                    "丁目・番地などを車検証の記載どおりに、全角80文字以内で入力します。",
                )),
            ],
        },
        Section {
            id: "vehicle",
            label: "自動車及び諸条件",
            fields: &[
                required(choice(
                    no::TERM,
                    "term",
                    "車検証有効期間",
                    &[
                        Choice { code: 2, key: "two_years", label: "2年指定整備車" },
                        Choice { code: 1, key: "one_year", label: "1年指定整備車" },
                        Choice { code: 3, key: "three_years", label: "3年指定整備車" },
                    ],
                    "新しい車検証の有効期間を選びます。",
                )),
                memo_only(flag(
                    no::SHORTENING_ALLOWED,
                    "shortening_allowed",
                    "車検証有効期間短縮可否",
                    ["短縮可", "短縮可", "短縮否"],
                    "",
                )),
                memo_only(flag(
                    no::FINE_RECEIPT,
                    "fine_receipt",
                    "放置違反金納付確認",
                    ["放置違反金の領収書あり", "放置違反金の領収書あり", "放置違反金の領収書なし"],
                    "",
                )),
                Field {
                    no: no::PLANNED_ON,
                    key: "planned_on",
                    label: "申請予定日",
                    kind: FieldKind::Date,
                    required: false,
                    editor: Editor::Both,
                    rule: "代理人への目安です。この日まで申請を止めるものではありません。",
                    note: None,
                    shown: Shown::Always,
                },
                fixed(shown(Shown::Application, text(no::DECLARATION, "declaration", "申込欄", Width::Any, 200, ""))),
                required(choice(
                    no::RENEWAL_DIVISION,
                    "renewal_division",
                    "電子車検証更新区分",
                    &[
                        Choice { code: division::OFFICE, key: "office", label: "運輸支局等" },
                        Choice { code: division::AGENT, key: "agent", label: "代理人" },
                        Choice { code: division::CLIENT, key: "client", label: "依頼人" },
                        Choice {
                            code: division::AGENT_BY_NUMBER,
                            key: "agent_by_number",
                            label: "代理人（申請個別指定）",
                        },
                        Choice {
                            code: division::CLIENT_BY_NUMBER,
                            key: "client_by_number",
                            label: "依頼人（申請個別指定）",
                        },
                    ],
                    "電子車検証を書き換える者を選びます。「依頼人」では拠点の委託番号が自動で設定されます。",
                )),
                shown(
                    Shown::WhenSet,
                    Field {
                        no: no::COMMISSION_NUMBER,
                        key: "commission_number",
                        label: "記録等事務代行者委託番号（申請個別指定）",
                        kind: FieldKind::CommissionNumber,
                        required: false,
                        editor: Editor::Both,
                        rule: "申請個別指定のときだけ、半角英数字10文字で入力します。例：A123456789",
                        note: None,
                        shown: Shown::WhenSet,
                    },
                ),
                text(
                    no::OPTION_CODE,
                    "option_code",
                    "オプションコード",
                    Width::HalfAlphanumeric,
                    20,
                    "半角英数字20文字以内です。",
                ),
                text(no::CUSTOM_1, "custom1", "独自項目1", Width::Any, 40, "40文字以内です。"),
                text(no::CUSTOM_1 + 1, "custom2", "独自項目2", Width::Any, 40, "40文字以内です。"),
                text(no::CUSTOM_1 + 2, "custom3", "独自項目3", Width::Any, 40, "40文字以内です。"),
                text(no::CUSTOM_1 + 3, "custom4", "独自項目4", Width::Any, 40, "40文字以内です。"),
                text(no::CUSTOM_1 + 4, "custom5", "独自項目5", Width::Any, 40, "40文字以内です。"),
                Field {
                    no: no::MEMO,
                    key: "memo",
                    label: "メモ",
                    kind: FieldKind::Memo { max: 400 },
                    required: false,
                    editor: Editor::Both,
                    rule: "400文字以内です。",
                    note: None,
                    shown: Shown::Always,
                },
            ],
        },
    ],
    facts: &[
        Fact { no: fact::RECEIPT, label: "受付番号", set_by: FactSource::Received },
        Fact { no: fact::UPDATED, label: "状況更新日時", set_by: FactSource::EveryChange },
        Fact { no: fact::DETAIL, label: "申請状況ステータス", set_by: FactSource::EveryChange },
        Fact { no: fact::RESUMPTION, label: "手続再開ステータス", set_by: FactSource::EveryChange },
        Fact { no: fact::CONFORMITY, label: "保安基準適合証取得", set_by: FactSource::ConformityObtained },
        Fact { no: fact::INSURANCE, label: "自賠責保険証取得", set_by: FactSource::InsuranceObtained },
        Fact { no: fact::COMPLETED, label: "登録完了日", set_by: FactSource::Completed },
        Fact { no: fact::READY, label: "交付準備完了日", set_by: FactSource::Completed },
        Fact { no: fact::CHASSIS, label: "車台番号", set_by: FactSource::Received },
        Fact {
            no: fact::COMMISSION_NUMBER, label: "記録等事務代行委託番号", set_by: FactSource::Commissioned
        },
        Fact { no: fact::COMMISSION_NAME, label: "記録等事務代行名称", set_by: FactSource::Commissioned },
        Fact {
            no: fact::COMMISSION_RESULT, label: "記録等事務代行交付可能判定結果", set_by: FactSource::Commissioned
        },
    ],
    payments: &[
        PaymentRule {
            kind: PaymentKind::InspectionFee,
            awaited_in: Portal::AwaitingInspectionFee,
            means: Means::DirectDebit,
            due_days: Some(30),
        },
        PaymentRule {
            kind: PaymentKind::InformationFee,
            awaited_in: Portal::AwaitingInformationFee,
            means: Means::Advance,
            due_days: Some(30),
        },
        PaymentRule {
            kind: PaymentKind::WeightTax,
            awaited_in: Portal::AwaitingWeightTax,
            means: Means::DirectDebit,
            due_days: None,
        },
    ],
    application_statuses: &[
        Status::Filed,
        Status::CorrectionRequested,
        Status::Suspended,
        Status::Withdrawing,
        Status::Resuming,
        Status::Completed,
        Status::Failed,
    ],
    request_statuses: &[Status::Draft, Status::Sent, Status::Accepted],
    portal_statuses: &[
        Portal::Processing,
        Portal::Received,
        Portal::ReceptionReview,
        Portal::AwaitingInspectionFee,
        Portal::AwaitingInformationFee,
        Portal::Review,
        Portal::AwaitingWeightTax,
        Portal::AwaitingRepayment,
        Portal::CorrectionRequested,
        Portal::Withdrawing,
        Portal::AwaitingIssue,
        Portal::Issued,
        Portal::Void,
        Portal::Rejected,
        Portal::Withdrawn,
        Portal::NotAccepted,
    ],
    portal_path: &[
        Portal::Processing,
        Portal::Received,
        Portal::ReceptionReview,
        Portal::AwaitingInspectionFee,
        Portal::AwaitingInformationFee,
        Portal::Review,
        Portal::AwaitingWeightTax,
        Portal::AwaitingIssue,
        Portal::Issued,
    ],
};
