//! What a procedure is: data that pages, validation, search, documents and the portal's tables read.
//! Nothing else in the code asks which procedure it has before it. A new procedure is one file and one entry here.

pub mod common;
pub mod inspection;
pub mod light_inspection;

use super::payment::PaymentKind;
use super::request::{PortalStatus, Status};

/// All procedures of this version, in the order of the tabs.
pub const ALL: &[&Procedure] = &[&inspection::PROCEDURE, &light_inspection::PROCEDURE];

/// The procedure with this address part.
pub fn by_slug(slug: &str) -> Option<&'static Procedure> {
    ALL.iter().copied().find(|p| p.slug == slug)
}

/// The procedure with this stored code.
pub fn by_code(code: u8) -> Option<&'static Procedure> {
    ALL.iter().copied().find(|p| p.code == code)
}

/// Registered vehicles (登録車) or light vehicles (軽自動車): plates, offices, fees and accounts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VehicleKind {
    /// 登録車.
    Registered,
    /// 軽自動車.
    Light,
}

/// One procedure.
#[derive(Debug)]
pub struct Procedure {
    /// The stored number, which never changes.
    pub code: u8,
    /// The part of addresses: `inspection`.
    pub slug: &'static str,
    /// The label of the tab and in the titles: 継続検査.
    pub label: &'static str,
    /// Which vehicles.
    pub vehicle: VehicleKind,
    /// 自動車登録番号 or 車両番号.
    pub plate_label: &'static str,
    /// How a plate is typed, with an example.
    pub plate_rule: &'static str,
    /// 登録完了日 or 検査記録完了日.
    pub completed_label: &'static str,
    /// The page on which the agent pays: 登録車OSS納付 or 軽OSS納付.
    pub payment_label: &'static str,
    /// What 申請先 is, shown where it is chosen.
    pub office_rule: &'static str,
    /// What one has to know before a request is registered, besides that it can't be changed.
    pub initial_note: &'static str,
    /// How long the new certificate is valid.
    pub term: Term,
    /// What becomes of vehicles whose fees are waived (公用車).
    pub waiver: Waiver,
    /// The fact that holds what 認証用二次元コード says, where the office's counter asks for one.
    pub counter_code: Option<u16>,
    /// Fields that stand in the head of the pages, not in a section.
    pub head: &'static [Field],
    /// The head of 依頼データ照会, in the manual's order.
    pub request_head: &'static [HeadItem],
    /// The head of 申請データ照会, in the manual's order.
    pub application_head: &'static [HeadItem],
    /// The blocks of 照会 and 更新, in order.
    pub sections: &'static [Section],
    /// 状況照会: fields that portal events set, in the manual's order.
    pub facts: &'static [Fact],
    /// 納付情報: rows in the manual's order, which is also the order of payment.
    pub payments: &'static [PaymentRule],
    /// 申請ステータス boxes of 申請データ検索, in the manual's order.
    pub application_statuses: &'static [Status],
    /// 申請ステータス boxes of 依頼データ検索 (ours).
    pub request_statuses: &'static [Status],
    /// OSSステータス boxes, in the manual's order.
    pub portal_statuses: &'static [PortalStatus],
    /// The portal's way when nothing goes wrong, from the filing to the issue.
    pub portal_path: &'static [PortalStatus],
}

impl VehicleKind {
    /// Whether plates may be 小板, or without 分類番号: two boxes of 初期登録, one line of 照会.
    pub fn has_old_plates(self) -> bool {
        self == Self::Light
    }
}

impl Procedure {
    /// Every field, head first.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        self.head.iter().chain(self.sections.iter().flat_map(|section| section.fields))
    }

    /// The field with this key.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.key == key)
    }

    /// The field with this number.
    pub fn field_by_number(&self, no: u16) -> Option<&'static Field> {
        self.fields().find(|field| field.no == no)
    }

    /// The row of 納付情報 for this fee.
    pub fn payment(&self, kind: PaymentKind) -> Option<&'static PaymentRule> {
        self.payments.iter().find(|rule| rule.kind == kind)
    }

    /// 手数料・税種別 as this procedure calls it.
    pub fn payment_name(&self, kind: PaymentKind) -> &'static str {
        self.payment(kind).map_or("手数料・税", |rule| rule.label)
    }

    /// The fact with this number.
    pub fn fact(&self, no: u16) -> Option<&'static Fact> {
        self.facts.iter().find(|fact| fact.no == no)
    }
}

/// How long the new certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// As chosen in 車検証有効期間.
    Chosen,
    /// Always so many months.
    Months(u32),
}

/// What becomes of vehicles whose fees are waived (公用車; decisions 17 and 18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiver {
    /// With an authority's power of attorney (電子委任状) they pay nothing.
    PowerOfAttorney,
    /// The procedure is not for them. The number is that of the check box that says so.
    Excluded(u16),
}

/// What stands in the head of 照会.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadItem {
    /// 申請ID.
    Id,
    /// 申請ステータス.
    Status,
    /// 自動車登録番号 or 車両番号.
    Plate,
    /// 小板フラグ.
    SmallPlate,
    /// 車台番号.
    Chassis,
    /// 職権打刻フラグ.
    Stamped,
    /// 依頼人.
    Client,
    /// 代理人.
    Agent,
    /// 申請種別.
    Kind,
    /// 依頼日時.
    RequestedAt,
    /// 申請先.
    Office,
    /// 依頼人更新者.
    ClientUpdatedBy,
    /// 依頼人更新日時.
    ClientUpdatedAt,
    /// 代理人更新日時.
    AgentUpdatedAt,
    /// 申請日時.
    FiledAt,
    /// One of the procedure's fields.
    Field(u16),
    /// A box of the procedure's, only where it is checked.
    WhenSet(u16),
    /// 中断予約.
    Suspension,
    /// Always for the agent, for the garage once the agent has taken the request.
    OnceAccepted(&'static HeadItem),
}

/// A block of a page.
#[derive(Debug)]
pub struct Section {
    /// The anchor of the jump link.
    pub id: &'static str,
    /// The heading.
    pub label: &'static str,
    /// Its fields in order.
    pub fields: &'static [Field],
}

/// A field that client or agent write.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The stored number. Append-only: a number is never used for anything else.
    pub no: u16,
    /// The name in forms, addresses and the API.
    pub key: &'static str,
    /// The label of every page.
    pub label: &'static str,
    /// How it is typed, checked and shown.
    pub kind: FieldKind,
    /// Must be filled when the request is sent (never when it is only saved).
    pub required: bool,
    /// Who may change it.
    pub editor: Editor,
    /// The input rule, shown with the field before anything is wrong.
    pub rule: &'static str,
    /// A mark behind the value: that it is a memo only.
    pub note: Option<&'static str>,
    /// On which pages it stands.
    pub shown: Shown,
    /// An application carries it; the others are notes between garage and agent.
    pub carried: bool,
}

/// Who may change a field (engineering decision E17).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editor {
    /// Client and agent.
    Both,
    /// Set by an action of its own, never typed in 更新.
    Fixed,
}

/// On which pages a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// 依頼データ and 申請データ pages.
    Always,
    /// Only once filed.
    Application,
    /// Only when it has a value, or when it is being edited.
    WhenSet,
}

/// Kinds of fields.
#[derive(Debug, Clone, Copy)]
pub enum FieldKind {
    /// Free text.
    Text {
        /// Which characters.
        width: Width,
        /// Longest, in characters.
        max: usize,
    },
    /// One of a list.
    Choice(&'static [Choice]),
    /// A check box.
    Flag {
        /// The label beside the box.
        label: &'static str,
        /// What 照会 shows when checked.
        on: &'static str,
        /// What 照会 shows when not.
        off: &'static str,
    },
    /// A civil day.
    Date,
    /// 全角 that begins with a prefecture.
    PrefectureAddress {
        /// Longest, in characters.
        max: usize,
    },
    /// Exactly ten half-width alphanumerics.
    CommissionNumber,
    /// 電子車検証管理番号: 13 digits, 5, or 5 and the six of a date of an era.
    ManagementNumber,
    /// Several lines.
    Memo {
        /// Longest, in characters.
        max: usize,
    },
}

/// Which characters a text takes. What is typed in the other width is converted, not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// 全角.
    Full,
    /// 半角英数字.
    HalfAlphanumeric,
    /// Anything printable.
    Any,
}

/// One value of a choice.
#[derive(Debug)]
pub struct Choice {
    /// The stored number, append-only.
    pub code: u8,
    /// The name in addresses and the API.
    pub key: &'static str,
    /// The label.
    pub label: &'static str,
}

/// A field of 状況照会 and the event that sets it.
#[derive(Debug)]
pub struct Fact {
    /// The stored number, append-only.
    pub no: u16,
    /// The label of the page, as printed.
    pub label: &'static str,
    /// Which event sets it first.
    pub set_by: FactSource,
}

/// What sets a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactSource {
    /// The portal's receipt.
    Received,
    /// Every change of status.
    EveryChange,
    /// The portal fetched the conformity certificate.
    ConformityObtained,
    /// The portal fetched the insurance certificate.
    InsuranceObtained,
    /// The office's review began.
    ReviewStarted,
    /// The review ended well.
    Completed,
    /// The review ended well and the office found that the certificate may be rewritten by a commissioned garage.
    Commissioned,
}

/// A row of 納付情報.
#[derive(Debug)]
pub struct PaymentRule {
    /// Which fee or tax.
    pub kind: PaymentKind,
    /// 手数料・税種別 of the pages.
    pub label: &'static str,
    /// The portal status in which it is paid.
    pub awaited_in: PortalStatus,
    /// Who pays first: the garage's account, or the agent in advance.
    pub means: super::payment::Means,
    /// Days until 納付期限日, counting the day of issue as the first; none: the same day one year later.
    pub due_days: Option<i32>,
}
