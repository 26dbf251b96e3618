//! What a person saw at the real portal and writes down here. Where no machine reaches the portal, these reports take
//! the place of its events: the same happenings, through the same table. Nothing is filled in that nobody saw.

use super::correction::{self, Matter};
use super::happening::{Commission, Happening};
use super::money::Yen;
use super::payment::{Means, Payment, PaymentKind, PaymentStatus};
use super::problem::Problems;
use super::procedure::inspection::fact;
use super::request::{Filing, ServiceRequest};
use super::text;
use super::time::{BusinessTime, Day};
use super::workflow::PORTAL_RULES;

/// Something that can be seen at the portal.
#[derive(Debug)]
pub struct Observation {
    /// The event it is, as the table of portal statuses names it; also the part of addresses.
    pub event: &'static str,
    /// What the person chooses.
    pub label: &'static str,
    /// What has to be written down with it.
    pub inputs: &'static [Input],
}

/// Something to write down.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// The name of the form field.
    pub key: &'static str,
    /// Its label.
    pub label: &'static str,
    /// How it is typed.
    pub kind: InputKind,
    /// Whether it can be left empty.
    pub required: bool,
    /// The input rule.
    pub rule: &'static str,
}

/// Kinds of inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// 受付番号.
    Receipt,
    /// One of the fees that this can be said of.
    Fee,
    /// Whole yen.
    Amount,
    /// A civil day.
    Day,
    /// How it was paid.
    Means,
    /// A check box with its own label.
    Flag(&'static str),
    /// Sentences, a line each.
    Reasons,
    /// What is to be mended, any number; what is chosen arrives with a line each.
    Matters,
    /// One line of at most so many characters.
    Line(usize),
}

const fn input(key: &'static str, label: &'static str, kind: InputKind, rule: &'static str) -> Input {
    Input { key, label, kind, required: true, rule }
}

const fn optional(input: Input) -> Input {
    Input { required: false, ..input }
}

const RECEIPT_RULE: &str = "ポータルに表示された番号を、半角数字（ハイフン可）で入力します。";
const REASONS_RULE: &str = "ポータルに表示された内容を、1件につき1行で入力します。";
const REASONS: Input = input("reasons", "理由", InputKind::Reasons, REASONS_RULE);
const FEE: Input = input("fee", "手数料・税種別", InputKind::Fee, "");

/// Everything that can be seen, in the order of a filing's way.
pub const OBSERVATIONS: &[Observation] = &[
    Observation {
        event: "received",
        label: "申請受付（受付番号が付いた）",
        inputs: &[input("receipt", "受付番号", InputKind::Receipt, RECEIPT_RULE)],
    },
    Observation { event: "reception_review_started", label: "受付審査の開始", inputs: &[] },
    Observation { event: "conformity_obtained", label: "保安基準適合証の取得", inputs: &[] },
    Observation { event: "insurance_obtained", label: "自賠責保険証の取得", inputs: &[] },
    Observation {
        event: "payment_issued",
        label: "手数料・税の納付情報の発行",
        inputs: &[
            FEE,
            optional(input("waived", "免除", InputKind::Flag("免除された"), "")),
            optional(input("amount", "税手数料額", InputKind::Amount, "円単位で入力します。例：1800")),
            input("due", "納付期限日", InputKind::Day, ""),
            optional(input(
                "carried_over",
                "納付済みの受付番号",
                InputKind::Receipt,
                "以前の申請で納付済みのときだけ、そのときの受付番号を入力します。",
            )),
        ],
    },
    Observation {
        event: "paid",
        label: "納付の完了",
        inputs: &[
            FEE,
            input("paid_on", "納付完了日", InputKind::Day, ""),
            input("means", "納付方法", InputKind::Means, ""),
            optional(input(
                "account",
                "口座・カード",
                InputKind::Line(40),
                "控えておくときだけ入力します。40文字以内です。",
            )),
        ],
    },
    Observation {
        event: "payment_refused",
        label: "納付不可（引落しなどができなかった）",
        inputs: &[FEE, input("reason", "理由", InputKind::Line(200), "ポータルや金融機関の表示を入力します。")],
    },
    Observation { event: "review_started", label: "検査審査の開始", inputs: &[] },
    Observation {
        event: "correction_requested",
        label: "補正要求",
        inputs: &[
            REASONS,
            input("deadline", "補正期限", InputKind::Day, ""),
            optional(input(
                "named",
                "補正を求められた項目",
                InputKind::Matters,
                "わかるときだけ、あてはまるものを選びます。",
            )),
        ],
    },
    Observation { event: "not_accepted", label: "未受付", inputs: &[REASONS] },
    Observation { event: "rejected", label: "却下", inputs: &[REASONS] },
    Observation { event: "voided", label: "無効", inputs: &[REASONS] },
    Observation {
        event: "completed",
        label: "審査完了（交付待ち）",
        inputs: &[
            input("completed_on", "完了日", InputKind::Day, "登録完了日（軽自動車は検査記録完了日）です。"),
            input("ready_on", "交付準備完了日", InputKind::Day, ""),
            input("expires_on", "新しい有効期間満了日", InputKind::Day, ""),
            optional(input(
                "commission_number",
                "記録等事務代行委託番号",
                InputKind::Line(10),
                "整備事業者・代理人が車検証を書き換えられるときだけ入力します。半角英数字10文字です。",
            )),
            optional(input("commission_name", "記録等事務代行名称", InputKind::Line(60), "60文字以内です。")),
            optional(input(
                "commission_result",
                "記録等事務代行交付可能判定結果",
                InputKind::Line(60),
                "60文字以内です。",
            )),
        ],
    },
    Observation {
        event: "issued", label: "交付完了", inputs: &[input("issued_on", "交付日", InputKind::Day, "")]
    },
    Observation { event: "suspended", label: "中断", inputs: &[] },
    Observation { event: "resumed", label: "再開", inputs: &[] },
    Observation { event: "withdrawing", label: "取下の受付（取下中）", inputs: &[] },
    Observation { event: "withdrawn", label: "取下", inputs: &[] },
];

/// The observation with this name.
pub fn by_event(event: &str) -> Option<&'static Observation> {
    OBSERVATIONS.iter().find(|observation| observation.event == event)
}

/// What can be seen next of this filing: what the table allows, less what was seen already.
pub fn possible(request: &ServiceRequest, filing: &Filing) -> Vec<&'static Observation> {
    let procedure = request.procedure();
    let known = |number| filing.facts.contains_key(&number);
    OBSERVATIONS
        .iter()
        .filter(|observation| {
            PORTAL_RULES.iter().any(|rule| {
                rule.event == observation.event
                    && rule.fits(filing.portal_status, request.hold)
                    && rule.to.is_none_or(|to| procedure.portal_statuses.contains(&to))
            })
        })
        .filter(|observation| match observation.event {
            "conformity_obtained" => !known(fact::CONFORMITY),
            "insurance_obtained" => !known(fact::INSURANCE),
            event => !observation.asks(InputKind::Fee) || !fees(event, request, filing).is_empty(),
        })
        .collect()
}

impl Observation {
    /// Whether it asks for an input of this kind.
    fn asks(&self, kind: InputKind) -> bool {
        self.inputs.iter().any(|input| input.kind == kind)
    }
}

/// Fees that this event can be reported of, in the manual's order: not yet issued, or issued and not settled.
pub fn fees(event: &str, request: &ServiceRequest, filing: &Filing) -> Vec<PaymentKind> {
    let open = |payment: &Payment| {
        matches!(payment.status, PaymentStatus::Unpaid | PaymentStatus::Ordered | PaymentStatus::Refused)
    };
    let fits = |kind: PaymentKind| match filing.payment(kind) {
        None => event == "payment_issued",
        Some(payment) => event != "payment_issued" && open(payment),
    };
    request.procedure().payments.iter().map(|rule| rule.kind).filter(|kind| fits(*kind)).collect()
}

/// Whether this can follow on what is known of the filing: a fee is issued once, and settled only when it was issued.
pub fn fits(what: &Happening, request: &ServiceRequest, filing: &Filing) -> bool {
    match what {
        Happening::PaymentIssued { kind, .. } => fees("payment_issued", request, filing).contains(kind),
        Happening::Paid { kind, .. } | Happening::PaymentRefused { kind, .. } => {
            fees("paid", request, filing).contains(kind)
        }
        _ => true,
    }
}

/// Sentences of the portal, typed a line each.
///
/// # Errors
/// What is wrong, about the field with this label.
pub fn reasons(label: &str, typed: &str) -> Result<Vec<String>, String> {
    const MOST: usize = 20;
    const LONGEST: usize = 200;
    let lines: Vec<String> =
        typed.lines().map(|line| text::trim(line).to_owned()).filter(|line| !line.is_empty()).collect();
    let bad = |line: &String| line.chars().count() > LONGEST || text::unprintable(line, false).is_some();
    if lines.is_empty() {
        return Err(format!("{label}を入力してください。"));
    }
    if lines.len() > MOST || lines.iter().any(bad) {
        return Err(format!("{label}は、1行{LONGEST}文字以内、{MOST}行までで入力してください。"));
    }
    Ok(lines)
}

/// Day and clock time at which something was seen, not before the filing and not in the future.
///
/// # Errors
/// What to correct, under `on` and `time`.
pub fn moment(input: &dyn Fn(&str) -> String, filing: &Filing, now: BusinessTime) -> Result<BusinessTime, Problems> {
    let mut problems = Problems::new();
    let day = problems.take("on", day("確認した日", &input("on")));
    let time = problems.take("time", clock_time(&input("time")));
    let (Some(day), Some((hour, minute))) = (day, time) else { return Err(problems) };
    let at = BusinessTime::at(day, hour, minute);
    // A clock time has no seconds: the minute of the filing itself is not before it.
    if at.plus(59) < filing.filed_at {
        problems.add("on", format!("申請日時（{}）より前の日時は入力できません。", filing.filed_at));
    }
    if at > now {
        problems.add("on", format!("いま（{now}）より後の日時は入力できません。"));
    }
    problems.or(at)
}

/// What happened, from what was typed.
///
/// # Errors
/// Everything to correct, under the keys of the inputs.
pub fn parse(
    observation: &Observation,
    input: &dyn Fn(&str) -> String,
    request: &ServiceRequest,
) -> Result<Happening, Problems> {
    let mut typed = Typed { observation, input, problems: Problems::new() };
    let happening = match observation.event {
        "received" => typed.receipt("receipt").map(|receipt| Happening::Received { receipt }),
        "reception_review_started" => Some(Happening::ReceptionReviewStarted),
        "conformity_obtained" => Some(Happening::ConformityObtained),
        "insurance_obtained" => Some(Happening::InsuranceObtained),
        "payment_issued" => typed.issued(request),
        "paid" => typed.paid(request),
        "payment_refused" => {
            let kind = typed.fee(request);
            let reason = typed.line("reason");
            kind.zip(reason).map(|(kind, reason)| Happening::PaymentRefused { kind, reason })
        }
        "review_started" => Some(Happening::ReviewStarted),
        "correction_requested" => {
            let reasons = typed.reasons();
            let deadline = typed.day("deadline");
            let named = typed.named(request);
            reasons.zip(deadline).map(|(reasons, deadline)| Happening::CorrectionRequested { reasons, deadline, named })
        }
        "not_accepted" => typed.reasons().map(|reasons| Happening::NotAccepted { reasons }),
        "rejected" => typed.reasons().map(|reasons| Happening::Rejected { reasons }),
        "voided" => typed.reasons().map(|reasons| Happening::Voided { reasons }),
        "completed" => typed.completed(),
        "issued" => typed.day("issued_on").map(|on| Happening::Issued { on }),
        "suspended" => Some(Happening::Suspended),
        "resumed" => Some(Happening::Resumed),
        "withdrawing" => Some(Happening::Withdrawing),
        "withdrawn" => Some(Happening::Withdrawn),
        _ => None,
    };
    match happening {
        Some(happening) => typed.problems.or(happening),
        None => Err(typed.problems),
    }
}

/// What was typed, and what is wrong with it.
struct Typed<'a> {
    observation: &'a Observation,
    input: &'a dyn Fn(&str) -> String,
    problems: Problems,
}

impl Typed<'_> {
    fn text(&self, key: &str) -> String {
        text::trim(&(self.input)(key)).to_owned()
    }

    fn described(&self, key: &str) -> (&'static str, &'static str) {
        let found = self.observation.inputs.iter().find(|input| input.key == key);
        found.map_or(("", ""), |input| (input.key, input.label))
    }

    fn wrong<T>(&mut self, key: &str, message: impl FnOnce(&str) -> String) -> Option<T> {
        let (name, label) = self.described(key);
        self.problems.add(name, message(label));
        None
    }

    fn receipt(&mut self, key: &str) -> Option<String> {
        match receipt(&self.text(key)) {
            Ok(receipt) => Some(receipt),
            Err(message) => self.wrong(key, |_| message),
        }
    }

    fn day(&mut self, key: &str) -> Option<Day> {
        let (_, label) = self.described(key);
        match day(label, &self.text(key)) {
            Ok(day) => Some(day),
            Err(message) => self.wrong(key, |_| message),
        }
    }

    fn named(&self, request: &ServiceRequest) -> Vec<Matter> {
        let (procedure, chosen) = (request.procedure(), self.text("named"));
        let mut named = correction::matters(procedure);
        named.retain(|matter| chosen.lines().any(|key| key == matter.key(procedure)));
        named
    }

    fn line(&mut self, key: &str) -> Option<String> {
        let value = self.text(key);
        let max = self.observation.inputs.iter().find(|input| input.key == key).map(|input| match input.kind {
            InputKind::Line(max) => max,
            _ => usize::MAX,
        });
        if value.is_empty() {
            return self.wrong(key, |label| format!("{label}を入力してください。"));
        }
        if text::unprintable(&value, false).is_some() {
            return self.wrong(key, |label| format!("{label}に、表示できない文字が含まれています。"));
        }
        if max.is_some_and(|max| value.chars().count() > max) {
            let max = max.unwrap_or_default();
            return self.wrong(key, |label| format!("{label}が長すぎます。{max}文字以内で入力してください。"));
        }
        Some(value)
    }

    /// An input that may stay empty.
    fn line_if_any(&mut self, key: &str) -> Option<String> {
        if self.text(key).is_empty() { None } else { self.line(key) }
    }

    fn reasons(&mut self) -> Option<Vec<String>> {
        let (_, label) = self.described("reasons");
        match reasons(label, &(self.input)("reasons")) {
            Ok(reasons) => Some(reasons),
            Err(message) => self.wrong("reasons", |_| message),
        }
    }

    fn fee(&mut self, request: &ServiceRequest) -> Option<PaymentKind> {
        let chosen = self.text("fee").parse().ok().and_then(PaymentKind::from_code);
        let charged = |kind: &PaymentKind| request.procedure().payments.iter().any(|rule| rule.kind == *kind);
        match chosen.filter(charged) {
            Some(kind) => Some(kind),
            None => self.wrong("fee", |label| format!("{label}を一覧から選んでください。")),
        }
    }

    fn amount(&mut self) -> Option<Yen> {
        const MOST: u32 = 10_000_000;
        let digits = text::normalise(&self.text("amount")).replace([',', '円', '¥'], "");
        match digits.parse::<u32>() {
            Ok(yen) if (1..=MOST).contains(&yen) => Some(Yen(yen)),
            _ => self.wrong("amount", |label| {
                format!("{label}は、1円から{}までの円単位で入力してください。例：1800", Yen(MOST))
            }),
        }
    }

    fn issued(&mut self, request: &ServiceRequest) -> Option<Happening> {
        let kind = self.fee(request);
        let waived = !self.text("waived").is_empty();
        let amount = if waived { Some(Yen(0)) } else { self.amount() };
        let due = self.day("due");
        let carried_over =
            if self.text("carried_over").is_empty() { None } else { Some(self.receipt("carried_over")?) };
        if waived && carried_over.is_some() {
            return self.wrong("carried_over", |_| "免除のときは、納付済みの受付番号を入力できません。".to_owned());
        }
        Some(Happening::PaymentIssued {
            kind: kind?,
            amount: amount?,
            due: due?,
            source: "ポータルの表示".to_owned(),
            inferred: false,
            expected: false,
            waived,
            carried_over,
        })
    }

    fn paid(&mut self, request: &ServiceRequest) -> Option<Happening> {
        let kind = self.fee(request);
        let on = self.day("paid_on");
        let means = match means(&self.text("means")) {
            Some(means) => Some(means),
            None => self.wrong("means", |label| format!("{label}を一覧から選んでください。")),
        };
        let account = self.line_if_any("account").unwrap_or_default();
        Some(Happening::Paid { kind: kind?, on: on?, means: means?, account })
    }

    fn completed(&mut self) -> Option<Happening> {
        let completed_on = self.day("completed_on");
        let ready_on = self.day("ready_on");
        let expires_on = self.day("expires_on");
        if let (Some(completed), Some(expires)) = (completed_on, expires_on)
            && expires <= completed
        {
            return self.wrong("expires_on", |label| format!("{label}は、完了日より後の日を入力してください。"));
        }
        let number = text::normalise(&self.text("commission_number"));
        let name = self.line_if_any("commission_name");
        let result = self.line_if_any("commission_result");
        let commission = if number.is_empty() {
            if name.is_some() || result.is_some() {
                return self.wrong("commission_number", |label| format!("{label}も入力してください。"));
            }
            None
        } else if number.len() == 10 && number.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Some(Commission { number, name: name.unwrap_or_default(), result: result.unwrap_or_default() })
        } else {
            return self.wrong("commission_number", |label| {
                format!("{label}は、半角英数字10文字で入力してください。例：A123456789")
            });
        };
        Some(Happening::Completed {
            completed_on: completed_on?,
            ready_on: ready_on?,
            expires_on: expires_on?,
            commission,
            counter_code: None,
        })
    }
}

/// 受付番号 as a person copies it: digits, perhaps with hyphens, which are dropped.
///
/// # Errors
/// What is allowed.
pub fn receipt(typed: &str) -> Result<String, String> {
    let digits: String = text::hyphens(&text::normalise(typed)).chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    if (1..=30).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(digits);
    }
    Err("受付番号は、半角数字30桁以内で入力してください。例：2024010400000012345".to_owned())
}

/// The means with this form value.
fn means(value: &str) -> Option<Means> {
    MEANS.iter().copied().find(|means| means_key(*means) == value)
}

/// All means, in the order of the form.
pub const MEANS: &[Means] = &[Means::DirectDebit, Means::Advance, Means::Card];

/// The form value of a means.
pub fn means_key(means: Means) -> &'static str {
    match means {
        Means::DirectDebit => "direct_debit",
        Means::Advance => "advance",
        Means::Card => "card",
    }
}

fn day(label: &str, typed: &str) -> Result<Day, String> {
    Day::parse(&text::normalise(typed))
        .ok_or_else(|| format!("{label}を、年・月・日で入力してください。例：2025/01/06"))
}

fn clock_time(typed: &str) -> Result<(i8, i8), String> {
    let text = text::normalise(typed).replace('時', ":").replace('分', "");
    let part = |part: &str, most: i8| part.parse::<i8>().ok().filter(|number| (0..=most).contains(number));
    text.split_once(':')
        .and_then(|(hour, minute)| part(hour, 23).zip(part(minute, 59)))
        .ok_or_else(|| "時刻を、24時間制の時:分で入力してください。例：16:22".to_owned())
}

#[cfg(test)]
mod tests;
