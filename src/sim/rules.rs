//! What the office checks, a rule each (lifecycle rules 1–9). A rule sees the case and says what is wrong with it, in
//! the words the applicant reads. Pure.

use super::oss_portal::Facts;
use super::world::{Conformity, ConformityState, Outcome, Policy, PortalFiling, Vehicle};
use crate::domain::correction::Matter;
use crate::domain::procedure::common::no;
use crate::domain::procedure::{self, Procedure, Term, VehicleKind};
use crate::domain::term::{self, NewTerm, Timing};
use crate::domain::text::search_key;
use crate::domain::time::{BusinessTime, Day};
use crate::portal::gateway::ApplicationDocument;

/// One application before the official, with everything the official can look up.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What was applied for.
    pub application: &'a ApplicationDocument,
    /// The filing.
    pub filing: &'a PortalFiling,
    /// The registers.
    pub facts: &'a Facts<'a>,
    /// Now.
    pub now: BusinessTime,
    /// What the instructor or a magic chassis number wants.
    pub forced: Option<Outcome>,
}

impl<'a> Case<'a> {
    /// A value of the application.
    pub fn field(&self, key: &str) -> &'a str {
        field(self.application, key)
    }

    /// The term that was applied for, in months.
    pub fn months(&self) -> Option<u32> {
        match self.procedure().term {
            Term::Months(months) => Some(months),
            Term::Chosen => TERMS.iter().find(|(key, _)| *key == self.field("term")).map(|(_, months)| *months),
        }
    }

    /// The expiry that a completion today would give.
    pub fn new_term(&self) -> Option<NewTerm> {
        let vehicle = self.facts.vehicle?;
        Some(term::new_expiry(&self.facts.tables.early_windows, vehicle.expires_on, self.now.day(), self.months()?))
    }

    /// Which kind of vehicle the procedure is for.
    pub fn kind(&self) -> VehicleKind {
        self.procedure().vehicle
    }

    /// The procedure that was applied for.
    pub fn procedure(&self) -> &'static Procedure {
        procedure_of(Some(self.application))
    }

    fn vehicle(&self) -> Option<&'a Vehicle> {
        self.facts.vehicle
    }
}

/// The procedure of an application; what can't be read is refused before anybody asks.
pub fn procedure_of(application: Option<&ApplicationDocument>) -> &'static Procedure {
    application
        .and_then(|application| procedure::by_code(application.procedure))
        .unwrap_or(&procedure::inspection::PROCEDURE)
}

/// A value of an application, empty when it has none.
pub fn field<'a>(application: &'a ApplicationDocument, key: &str) -> &'a str {
    application.fields.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
}

/// What an application says of its agent, empty when it says nothing.
pub fn agent<'a>(application: &'a ApplicationDocument, key: &str) -> &'a str {
    application.agent.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
}

/// Months of each 車検証有効期間, as documents name it.
const TERMS: &[(&str, u32)] = &[("one_year", 12), ("two_years", 24), ("three_years", 36)];

/// 電子車検証更新区分 that name somebody to rewrite the certificate.
const COMMISSIONED: &[&str] = &["agent", "client", "agent_by_number", "client_by_number"];

/// The commission number of an application that names one.
pub fn commission_number(application: &ApplicationDocument) -> Option<&str> {
    COMMISSIONED.contains(&field(application, "renewal_division")).then(|| field(application, "commission_number"))
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It ends here: 未受付 at the reception, 却下 in the review.
    Refuse(String),
    /// 検査補正要求: a sentence, and what it names.
    Correct(String, Vec<Matter>),
    /// 検査補正要求, because the new term would be shortened; an answer means that the garage agrees.
    AskShortening(String),
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// For tests and drawings.
    pub name: &'static str,
    /// Holds even when the instructor wants the application approved.
    pub always: bool,
    /// What it finds, if anything.
    pub check: fn(&Case<'_>) -> Option<Finding>,
}

const fn rule(name: &'static str, check: fn(&Case<'_>) -> Option<Finding>) -> Rule {
    Rule { name, always: false, check }
}

const fn always(name: &'static str, check: fn(&Case<'_>) -> Option<Finding>) -> Rule {
    Rule { name, always: true, check }
}

fn refuse(sentence: impl Into<String>) -> Option<Finding> {
    Some(Finding::Refuse(sentence.into()))
}

fn correct(matter: Matter, sentence: impl Into<String>) -> Option<Finding> {
    Some(Finding::Correct(sentence.into(), vec![matter]))
}

impl Finding {
    /// What it says to the applicant.
    pub fn sentence(&self) -> &str {
        match self {
            Self::Refuse(sentence) | Self::Correct(sentence, _) | Self::AskShortening(sentence) => sentence,
        }
    }

    /// What it names as to be mended.
    pub fn named(&self) -> &[Matter] {
        match self {
            Self::Refuse(_) => &[],
            Self::Correct(_, named) => named,
            Self::AskShortening(_) => &[Matter::Field(no::SHORTENING_ALLOWED)],
        }
    }
}

/// 受付審査: what ends as 未受付, before any fee.
pub const RECEPTION: &[Rule] = &[
    rule("signature", signature),
    rule("certificate dates", certificate_dates),
    rule("signer", signer),
    rule("agent", barred),
    always("data", data),
    rule("commission number", commission),
];

/// 検査審査.
pub const REVIEW: &[Rule] = &[
    always("vehicle", vehicle),
    rule("user", user),
    rule("conformity certificate", conformity),
    rule("insurance", insurance),
    rule("shortening", shortening),
    rule("unpaid fine", fine),
    rule("reissued certificate", reissued),
];

/// Everything that these rules find, in their order.
pub fn findings(rules: &[Rule], case: &Case<'_>) -> Vec<Finding> {
    let approved = case.forced == Some(Outcome::Approve);
    rules.iter().filter(|rule| rule.always || !approved).filter_map(|rule| (rule.check)(case)).collect()
}

fn signature(case: &Case<'_>) -> Option<Finding> {
    if case.filing.signer.is_some() {
        None
    } else {
        refuse("電子署名を検証できません。署名し直して申請してください。")
    }
}

fn certificate_dates(case: &Case<'_>) -> Option<Finding> {
    let signer = case.filing.signer.as_ref()?;
    let valid = (signer.valid_from..=signer.valid_until).contains(&case.now);
    if valid { None } else { refuse("署名に使った電子証明書が有効期間内ではありません。") }
}

fn signer(case: &Case<'_>) -> Option<Finding> {
    let signer = case.filing.signer.as_ref()?;
    let agent = |key: &str| agent(case.application, key);
    let alike = same(agent("trade_name"), &signer.trade_name)
        && same(agent("person_name"), &signer.person_name)
        && same(agent("address"), &signer.address);
    if alike { None } else { refuse("代理人の氏名・住所が電子証明書の記載と異なります。") }
}

fn barred(case: &Case<'_>) -> Option<Finding> {
    if case.facts.barred || case.forced == Some(Outcome::AgentBarred) {
        refuse("この代理人は、この手続の申請を認められていません。")
    } else {
        None
    }
}

fn data(case: &Case<'_>) -> Option<Finding> {
    let mut required = case.procedure().fields().filter(|field| field.required && field.carried);
    let empty = required.any(|field| case.field(field.key).is_empty());
    if empty || case.months().is_none() {
        refuse("申請データに必須項目の不足または誤りがあります。")
    } else {
        None
    }
}

fn commission(case: &Case<'_>) -> Option<Finding> {
    let forced = case.forced == Some(Outcome::CommissionUnknown);
    let unknown = commission_number(case.application).is_some() && case.facts.commission.is_none();
    if forced || unknown {
        refuse("記録等事務代行者の委託番号が、申請先に登録されていません。")
    } else {
        None
    }
}

fn vehicle(case: &Case<'_>) -> Option<Finding> {
    match case.vehicle() {
        None => refuse("車台番号に該当する自動車が登録されていません。新しい依頼データで申請し直してください。"),
        Some(vehicle) if vehicle.plate != case.application.plate => refuse(format!(
            "{}と車台番号の組合せが登録と異なります。新しい依頼データで申請し直してください。",
            case.procedure().plate_label
        )),
        Some(_) => None,
    }
}

fn user(case: &Case<'_>) -> Option<Finding> {
    let vehicle = case.vehicle()?;
    let address = format!("{}{}", case.field("address1"), case.field("address2"));
    let alike = same(case.field("name"), &vehicle.user_name) && same(&address, &vehicle.user_address);
    let forced = case.forced == Some(Outcome::UserMismatch);
    if forced || !alike { refuse("使用者の氏名・住所が登録と異なります。") } else { None }
}

/// Whether this certificate can be used on this day at all.
pub fn usable(conformity: &Conformity, today: Day) -> bool {
    matches!(conformity.state, ConformityState::Registered | ConformityState::Reported)
        && term::conformity_valid(conformity.inspected_on, today)
}

fn conformity(case: &Case<'_>) -> Option<Finding> {
    if case.forced == Some(Outcome::ConformityMissing) {
        return correct(Matter::Conformity, "電子保安基準適合証が登録されていません。");
    }
    let Some(conformity) = case.facts.conformity else {
        return correct(Matter::Conformity, "電子保安基準適合証が登録されていません。");
    };
    let today = case.now.day();
    match conformity.state {
        ConformityState::Registered | ConformityState::Reported => {}
        other => {
            return correct(
                Matter::Conformity,
                format!("電子保安基準適合証の状態が「{}」です。登録し直してください。", other.label()),
            );
        }
    }
    if conformity.plate != case.application.plate {
        return correct(
            Matter::Conformity,
            format!("電子保安基準適合証の{}が申請と異なります。", case.procedure().plate_label),
        );
    }
    if !usable(conformity, today) {
        return correct(Matter::Conformity, "電子保安基準適合証が有効期間（検査の日から15日間）内ではありません。");
    }
    None
}

/// Whether the insurance covers a term from today up to and including the new expiry.
pub fn insured_for(policies: &[Policy], today: Day, expires: Day) -> bool {
    let policies: Vec<term::Policy> =
        policies.iter().map(|policy| term::Policy { from: policy.from, to: policy.until }).collect();
    term::insurance_covers(&policies, today, expires)
}

fn insurance(case: &Case<'_>) -> Option<Finding> {
    if case.facts.policies.is_empty() {
        return correct(Matter::Insurance, "自動車損害賠償責任保険が登録されていません。");
    }
    let term = case.new_term()?;
    let forced = case.forced == Some(Outcome::InsuranceShort);
    if forced || !insured_for(case.facts.policies, case.now.day(), term.expires) {
        return correct(
            Matter::Insurance,
            format!(
                "自動車損害賠償責任保険の期間が不足しています。新しい有効期間満了日（{}）の翌日以降まで必要です。",
                term.expires
            ),
        );
    }
    None
}

fn shortening(case: &Case<'_>) -> Option<Finding> {
    let vehicle = case.vehicle()?;
    let term = case.new_term()?;
    let filed = case.filing.filed_at.day();
    let agreed = case.field("shortening_allowed") == "1";
    if !term.shortened || agreed || (case.filing.shortening_asked && case.filing.corrections > 0) {
        return None;
    }
    let window = term::early_window(&case.facts.tables.early_windows, filed);
    (window.timing(vehicle.expires_on, filed) == Timing::Asks).then(|| {
        Finding::AskShortening(format!(
            "新しい有効期間が短縮されます（満了日 {}）。短縮してよければ、そのまま補正してください。",
            term.expires
        ))
    })
}

fn fine(case: &Case<'_>) -> Option<Finding> {
    if case.vehicle()?.unpaid_fine && case.field("fine_receipt") != "1" {
        correct(Matter::Field(no::FINE_RECEIPT), "放置違反金が納付されていません。納付してから補正してください。")
    } else {
        None
    }
}

/// A reissued certificate is known by its number. The five digits of a paper one may stand alone.
fn reissued(case: &Case<'_>) -> Option<Finding> {
    let given = case.field("management_number");
    let number = case.vehicle()?.reissued.as_deref()?;
    let same = given == number || (given.len() == 5 && number.len() == 11 && number.starts_with(given));
    if given.is_empty() || same {
        return None;
    }
    correct(
        Matter::Field(no::MANAGEMENT_NUMBER),
        "電子車検証管理番号が、再交付した車検証と異なります。車検証を確認して訂正してください。",
    )
}

/// Whether an official has to look up a reissued certificate that the application does not name.
pub fn checked_by_hand(facts: &Facts<'_>) -> bool {
    let asks = |application: &ApplicationDocument| {
        procedure_of(Some(application)).field("management_number").is_some()
            && field(application, "management_number").is_empty()
    };
    facts.application.is_some_and(asks) && facts.vehicle.is_some_and(|vehicle| vehicle.reissued.is_some())
}

/// Whether two texts are the same to an official: width and spaces don't matter.
fn same(left: &str, right: &str) -> bool {
    search_key(left) == search_key(right)
}
