//! 結果: what the words look at.

use super::words::day_of;
use super::*;
use crate::domain::payment::Payment;

impl Play {
    /// Whether what a word of 結果 says is so.
    pub(super) fn holds(&self, word: &str) -> Result<(), String> {
        let unknown = || format!("「{word}」は、結果の言葉ではありません");
        if let Some((key, text)) = word.strip_suffix('」').and_then(|word| word.split_once('「')) {
            let found = match key {
                "理由" => self.reasons(),
                "できない" => self.refused.clone().unwrap_or_default(),
                _ => {
                    let kind = key.strip_suffix("の備考").and_then(|fee| self.fee(fee)).ok_or_else(unknown)?;
                    self.payment(kind).map(|payment| payment.source.clone()).unwrap_or_default()
                }
            };
            let holds = !text.is_empty() && found.contains(text);
            return if holds { Ok(()) } else { Err(format!("{key}は「{found}」です（表は「{text}」）")) };
        }
        let (key, wanted) = word.split_once('＝').ok_or_else(unknown)?;
        let found = self.found(key).ok_or_else(unknown)?;
        // Days and amounts have to be written as such, so that a slip of the pen does not pass for a difference.
        if found == wanted { Ok(()) } else { Err(format!("{key}は「{found}」です（表は「{wanted}」）")) }
    }

    fn payment(&self, kind: PaymentKind) -> Option<&Payment> {
        self.life.filing.payment(kind)
    }

    /// What is said to the applicant, by the portal through the node.
    fn reasons(&self) -> String {
        let filing = &self.life.filing;
        let asked = filing.correction.iter().flat_map(|correction| correction.reasons.iter().cloned());
        let refused = filing.payments.iter().filter_map(|payment| payment.refusal.clone());
        filing.failure.iter().cloned().chain(asked).chain(refused).collect()
    }

    fn found(&self, key: &str) -> Option<String> {
        let Life { scene, request, filing, .. } = &self.life;
        let taken = |means: Means| {
            let yen = self.life.taken.get(means.label()).copied().unwrap_or_default();
            Yen(u32::try_from(yen).unwrap()).to_string()
        };
        Some(match key {
            "OSSステータス" => request.portal_status.map_or("なし", PortalStatus::label).to_owned(),
            "申請ステータス" => request.status.label().to_owned(),
            "申請種別" => request.kind.label().to_owned(),
            "経過" => self.life.way.iter().map(|status| status.label()).collect::<Vec<_>>().join("→"),
            "申請ID" => request.id.to_string(),
            "補正期限" => day_or_none(filing.correction.as_ref().map(|correction| correction.deadline)),
            "台帳の満了日" => day_or_none(scene.vehicle.as_ref().map(|vehicle| vehicle.expires_on)),
            "保適証" => scene.conformity.as_ref().map_or("なし", |certificate| certificate.state.label()).to_owned(),
            "口座引落しの合計" => taken(Means::DirectDebit),
            "立替の合計" => taken(Means::Advance),
            "カード決済の合計" => taken(Means::Card),
            "書換えのお知らせ" => {
                self.life.notices.last().map_or_else(|| "なし".to_owned(), |notice| notice.commission.clone())
            }
            "次の審査" => scene.filing.due.map_or_else(|| "なし".to_owned(), clock),
            "認証用二次元コード" => {
                let code = self.procedure.counter_code.and_then(|number| filing.facts.get(&number));
                if code.is_some() { "あり" } else { "なし" }.to_owned()
            }
            "前の受付番号" => {
                scene.earlier.as_ref().and_then(|before| before.receipt.clone()).unwrap_or_default()
            }
            _ => return self.fact(key).or_else(|| self.fee_says(key)),
        })
    }

    /// A field of 状況照会, by its label.
    fn fact(&self, label: &str) -> Option<String> {
        let fact = self.procedure.facts.iter().find(|fact| fact.label == label)?;
        Some(match self.life.filing.facts.get(&fact.no) {
            None => "空欄".to_owned(),
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Day(day)) => day.iso(),
            Some(Value::Moment(moment)) => clock(*moment),
            Some(other) => format!("{other:?}"),
        })
    }

    /// A column of 納付情報 of a fee.
    fn fee_says(&self, key: &str) -> Option<String> {
        let (label, column) = key.rsplit_once('の').map_or((key, ""), |(label, column)| (label, column));
        let kind = self.fee(label).or_else(|| self.fee(key))?;
        let Some(payment) = self.payment(kind) else { return Some("なし".to_owned()) };
        Some(match column {
            "" => payment.amount.to_string(),
            "納付期限日" => payment.due.iso(),
            "納付状況" => payment.status.label().to_owned(),
            "納付完了日" => day_or_none(payment.paid_on),
            "納付方法" => payment.means.label().to_owned(),
            "推定" => if payment.inferred { "あり" } else { "なし" }.to_owned(),
            _ => return None,
        })
    }
}

fn day_or_none(day: Option<Day>) -> String {
    day.map_or_else(|| "なし".to_owned(), Day::iso)
}

fn clock(moment: BusinessTime) -> String {
    format!("{} {}", moment.day().iso(), moment.to_string().split(' ').next_back().unwrap_or_default())
}

/// The same expectation with something wrong in it.
pub(super) fn wrong(word: &str) -> Vec<String> {
    if let Some((key, text)) = word.split_once('「') {
        return vec![format!("{key}「{}ではない」", text.trim_end_matches('」'))];
    }
    let Some((key, value)) = word.split_once('＝') else { return vec![format!("{word}「ではない」")] };
    let mut all = vec![format!("{key}＝{value}ではない"), format!("{key}＝")];
    if let Ok(day) = day_of(value) {
        all.extend([day.plus_days(1), day.plus_days(-1)].map(|day| format!("{key}＝{}", day.iso())));
    }
    if let Some(yen) = value.strip_suffix('円').and_then(|digits| digits.replace(',', "").parse::<u32>().ok()) {
        all.push(format!("{key}＝{}", Yen(yen + 1)));
    }
    for label in PortalStatus::ALL.iter().map(|status| status.label()).chain(Status::ALL.iter().map(|s| s.label())) {
        if key != "経過" && label != value {
            all.push(format!("{key}＝{label}"));
        }
    }
    all
}
