//! 前提 and 操作・出来事: what the words do.

use super::*;
use crate::domain::workflow;

impl Play {
    /// A good case, accepted by the agent, on Tuesday 2026-12-01 at ten.
    pub(super) fn of(procedure: &'static Procedure) -> Self {
        let mut scene = Scene::of(procedure);
        if procedure.vehicle == crate::domain::procedure::VehicleKind::Light {
            scene.vehicle().class = VehicleClass::Light;
        }
        scene.filing.signer.as_mut().unwrap().valid_until = scene.now.plus(900 * 86_400);
        Self { life: Life::of(scene, procedure), procedure, refused: None }
    }

    /// Something of the world is another way than in a good case.
    pub(super) fn change(&mut self, word: &str) -> Result<(), String> {
        let known = match word.split_once('＝') {
            Some((key, value)) => self.set(key, value)?,
            None => self.make(word),
        };
        if known { Ok(()) } else { Err(format!("「{word}」は、前提の言葉ではありません")) }
    }

    fn set(&mut self, key: &str, value: &str) -> Result<bool, String> {
        let scene = &mut self.life.scene;
        match key {
            "今日" => {
                let on = day_of(value)?;
                scene.on(on.number());
                scene.policies[0].from = on.plus_months(-23);
                scene.filing.signer.as_mut().unwrap().valid_until = scene.now.plus(900 * 86_400);
            }
            "時刻" => {
                let (hour, minute) = value.split_once(':').ok_or("時刻")?;
                let part = |text: &str| text.parse().map_err(|_| "時刻".to_owned());
                scene.now = BusinessTime::at(scene.now.day(), part(hour)?, part(minute)?);
            }
            "満了日" => scene.vehicle().expires_on = day_of(value)?,
            "車両重量" => scene.vehicle().weight_kg = number(value, "kg")?,
            "初度登録" => scene.vehicle().first_registered = day_of(&format!("{value}-01"))?,
            "再交付の車検証" => scene.vehicle().reissued = Some(value.to_owned()),
            "検査の日" => scene.conformity.as_mut().ok_or("保適証がありません")?.inspected_on = day_of(value)?,
            "保適証の状態" => {
                let states = [ConformityState::Draft, ConformityState::Finished, ConformityState::Rejected];
                let state = states.into_iter().chain([ConformityState::Deleted]).find(|state| state.label() == value);
                scene.conformity.as_mut().ok_or("保適証がありません")?.state = state.ok_or("保適証の状態")?;
            }
            "自賠責の終期" => scene.policies.last_mut().ok_or("自賠責がありません")?.until = day_of(value)?,
            "次の自賠責の始期" => {
                let until = scene.policies[0].until.max(day(20_290_116));
                scene.policies.push(Policy { from: day_of(value)?, until });
            }
            "補正の日数" => scene.settings.correction_days = number(value, "日")?,
            "口座の残高" => self.account(Means::DirectDebit).balance = number(value, "円")?,
            "立替口座の残高" => self.account(Means::Advance).balance = number(value, "円")?,
            "1手順" => scene.settings.step_seconds = number(value, "秒")?,
            "車台番号" => scene.chassis(value),
            "申請ステータス" => {
                let status = Status::ALL.iter().find(|status| status.label() == value && status.is_request());
                self.life.request.status = *status.ok_or("申請ステータス")?;
            }
            "委託番号" => {
                self.life.scene.field("commission_number", value);
            }
            label => return self.typed(label, value),
        }
        Ok(true)
    }

    /// A field of the request, by its label and as a person types it.
    fn typed(&mut self, label: &str, value: &str) -> Result<bool, String> {
        let Some(field) = self.procedure.fields().find(|field| field.label == label) else { return Ok(false) };
        let text = match field::parse(field, value)? {
            Some(Value::Flag(true)) => "1".to_owned(),
            Some(value) => field::raw(field, &value),
            None => String::new(),
        };
        self.life.scene.field(field.key, &text);
        Ok(true)
    }

    fn make(&mut self, word: &str) -> bool {
        let scene = &mut self.life.scene;
        match word {
            "申請データを読めない" => scene.readable = false,
            "署名が正しくない" => scene.filing.signer = None,
            "電子証明書の期限切れ" => scene.filing.signer.as_mut().unwrap().valid_until = scene.now.plus(-1),
            "電子証明書の開始前" => scene.filing.signer.as_mut().unwrap().valid_from = scene.now.plus(1),
            "代理人の氏名が証明書と異なる" => scene.document.agent[1].1 = "海野　晴".into(),
            "代理人の氏名を証明書に合わせる" => scene.document.agent[1].1 = "空野　晴".into(),
            "代理人の住所が証明書と異なる" => scene.document.agent[2].1 = "東京都港区２".into(),
            "代理人の住所の全角・半角だけが異なる" => {
                scene.document.agent[2].1 = "東京都 港区1".into();
            }
            "代理人にこの手続が認められていない" => scene.barred = true,
            "委託番号が申請先に届出済" => {
                scene.commission = Some(Commissioned { number: "A123456789".into(), name: "工場".into() });
            }
            "車両が台帳にない" => scene.vehicle = None,
            "標板の番号が台帳と異なる" => scene.vehicle().plate.serial = 2,
            "申請の番号を変える" => scene.document.plate.serial = 2,
            "放置違反金が未納" => scene.vehicle().unpaid_fine = true,
            "放置違反金を納付" => scene.vehicle().unpaid_fine = false,
            "公用車" => scene.vehicle().public = true,
            "重量税の免税車" => scene.vehicle().tax = TaxCategory::Exempt,
            "重量税の本則税率" => scene.vehicle().tax = TaxCategory::Reduced,
            "事業用" => scene.vehicle().class = VehicleClass::LightBusiness,
            "貨物" => scene.vehicle().class = VehicleClass::Cargo,
            "保適証なし" => scene.conformity = None,
            "保適証の番号が申請と異なる" => scene.conformity.as_mut().unwrap().plate.serial = 2,
            "自賠責なし" => scene.policies.clear(),
            "口座が開通していない" => self.account(Means::DirectDebit).open = false,
            "口座がない" => drop(self.life.accounts.remove("debit")),
            "カード登録済" => self.life.new_card(),
            "カードが利用できない" => {
                scene.card = Some(Card { chassis: String::new(), accepts: false, charged: 0 });
            }
            "開庁時間どおり" => scene.settings.speed = Speed::Realistic,
            "審査は講師が行う" => scene.settings.speed = Speed::Manual,
            "講師が合格を指定" => scene.filing.outcome = Some(Outcome::Approve),
            "講師が台帳どおりを指定" => scene.filing.outcome = Some(Outcome::ByRegister),
            _ => return false,
        }
        true
    }

    fn account(&mut self, means: Means) -> &mut Account {
        self.life.accounts.values_mut().find(|account| account.means == means).unwrap()
    }

    /// Somebody does something, or time passes. What follows at once follows.
    pub(super) fn act(&mut self, word: &str) -> Result<(), String> {
        let outcome = if let Some((who, what)) = word.split_once('が').filter(|(who, _)| actor(who).is_some()) {
            self.deed(who, what)?
        } else if let Some(kind) = self.fee(word.strip_suffix("を納付").unwrap_or_default()) {
            self.pay(kind)
        } else if word == "手数料を納付" {
            self.pay(PaymentKind::InspectionFee).and_then(|()| {
                self.settle();
                self.pay(PaymentKind::InformationFee)
            })
        } else if let Some(deed) = self.certificate(word) {
            let chassis = self.life.scene.document.chassis.number.clone();
            conformity::perform(self.life.scene.conformity.as_ref(), &chassis, &deed)
                .map(|after| self.life.scene.conformity = Some(after))
        } else if let Some(until) = self.later(word) {
            self.life.advance_to(until);
            Ok(())
        } else {
            self.portal(word)?
        };
        self.refused = outcome.err();
        self.settle();
        Ok(())
    }

    fn settle(&mut self) {
        if self.life.request.portal_status.is_some() {
            self.life.advance_to(self.life.scene.now);
        }
    }

    pub(super) fn fee(&self, label: &str) -> Option<PaymentKind> {
        self.procedure.payments.iter().find(|rule| rule.label == label).map(|rule| rule.kind)
    }

    fn pay(&mut self, kind: PaymentKind) -> Result<(), String> {
        let (now, means) = (self.life.scene.now, self.life.filing.payment(kind).map(|payment| payment.means));
        let number = SubmissionNumber([9; 16]);
        let by = (crate::domain::ids::UserId(1), "代理");
        let Life { request, filing, .. } = &mut self.life;
        let ordered = workflow::order_payment(request, filing, kind, number, by, now);
        if ordered.is_none() {
            return Err("納付を待っていません".to_owned());
        }
        let account = if means == Some(Means::Advance) { "advance" } else { "debit" };
        let step = self
            .life
            .tell(|filing, facts, now| order(filing, (kind, means.unwrap_or(Means::Card), account), facts, now))?;
        self.life.take(step);
        Ok(())
    }

    /// A button of the client's or the agent's application.
    fn deed(&mut self, who: &str, what: &str) -> Result<Result<(), String>, String> {
        let actor = actor(who).ok_or("だれか")?;
        let kind = ActionKind::ALL.iter().find(|kind| kind.label() == what);
        let action = match kind.ok_or_else(|| format!("「{what}」は、操作の言葉ではありません"))? {
            ActionKind::Update => Action::Update(self.life.request.fields.clone()),
            ActionKind::SetPowerOfAttorney => Action::SetPowerOfAttorney(self.life.request.fields.clone()),
            ActionKind::Send => Action::Send,
            ActionKind::Delete => Action::Delete,
            ActionKind::Cancel => Action::Cancel,
            ActionKind::Accept => Action::Accept,
            ActionKind::SendBack => Action::SendBack("理由".to_owned()),
            ActionKind::File => Action::File,
            ActionKind::Correct => Action::Correct(self.life.request.fields.clone()),
            ActionKind::Reapply => Action::Reapply,
            ActionKind::UpdateMemo => Action::UpdateMemo("メモ".to_owned()),
            ActionKind::Suspend => Action::Ask(Ask::Suspend),
            ActionKind::CancelSuspension => Action::Ask(Ask::CancelSuspension),
            ActionKind::Resume => Action::Ask(Ask::Resume),
            ActionKind::Withdraw => Action::Ask(Ask::Withdraw),
            ActionKind::Reuse => Action::Reuse,
        };
        if let Err(refusal) = self.life.perform(&action, &actor) {
            let sentence = match refusal {
                Refusal::WrongStatus => format!("申請ステータスが「{}」のため", self.life.request.status.label()),
                Refusal::NotTheirs => "権限がない".to_owned(),
                Refusal::AlreadyFiled => "申請したことがある".to_owned(),
            };
            return Ok(Err(sentence));
        }
        Ok(match action {
            Action::File => {
                self.life.hand_over();
                Ok(())
            }
            Action::Correct(_) => self.life.hand_over_correction(),
            Action::Ask(asked) => {
                workflow::note_hold(&self.life.request, &mut self.life.filing);
                ask_of(&mut self.life, asked)
            }
            Action::Reuse => {
                self.life.reuse();
                Ok(())
            }
            _ => Ok(()),
        })
    }

    /// A deed of the garage in the certificate service.
    fn certificate(&self, word: &str) -> Option<Deed> {
        let (plate, inspected_on) = (self.life.scene.document.plate.clone(), self.life.scene.now.day());
        Some(match word.strip_prefix("保適証を")? {
            "登録" => Deed::Create { plate, inspected_on },
            "引戻し" => Deed::Withdraw,
            "修正" => Deed::Correct { plate },
            "再登録" => Deed::Register,
            "削除" => Deed::Delete,
            _ => return None,
        })
    }

    fn later(&self, word: &str) -> Option<BusinessTime> {
        let now = self.life.scene.now;
        if let Some(days) = word.strip_suffix("日後").and_then(|text| text.parse::<i64>().ok()) {
            return Some(now.plus(days * 86_400));
        }
        if let Some(minutes) = word.strip_suffix("分後").and_then(|text| text.parse::<i64>().ok()) {
            return Some(now.plus(minutes * 60));
        }
        let (date, time) = word.strip_suffix("まで待つ")?.split_once(' ')?;
        let (hour, minute) = time.split_once(':')?;
        Some(BusinessTime::at(Day::parse(date)?, hour.parse().ok()?, minute.parse().ok()?))
    }

    /// What happens at the portal and around it.
    fn portal(&mut self, word: &str) -> Result<Result<(), String>, String> {
        let step = match word {
            "カードを登録" => {
                self.life.new_card();
                self.life.tell(charge_again)
            }
            "車検証を書き換え" => {
                let step = self.life.tell(hand_out);
                if step.is_none() {
                    return Ok(Err("書き換えできる車検証ではありません".to_owned()));
                }
                step
            }
            "講師が次へ進める" => {
                let filing = &mut self.life.scene.filing;
                filing.outcome = Some(filing.outcome.unwrap_or(Outcome::ByRegister));
                filing.released = waits_for_official(filing);
                self.life.scene.filing.due = self.life.tell(|filing, facts, _| due(filing, facts));
                None
            }
            other => {
                self.change(other)?;
                None
            }
        };
        if let Some(step) = step {
            self.life.take(step);
        }
        Ok(Ok(()))
    }
}

fn actor(who: &str) -> Option<crate::domain::actor::Actor> {
    Some(match who {
        "依頼人" => client(ClientRole::StaffMaySend),
        "依頼人（送信不可）" => client(ClientRole::StaffMayNotSend),
        "依頼人の管理者" => client(ClientRole::Administrator),
        "代理人" => agent(AgentRole::Staff),
        "代理人の管理者" => agent(AgentRole::Administrator),
        _ => return None,
    })
}

pub(super) fn day_of(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| format!("「{text}」は、日付ではありません"))
}

fn number<T: std::str::FromStr>(text: &str, unit: &str) -> Result<T, String> {
    let digits = text.strip_suffix(unit).unwrap_or_default().replace(',', "");
    digits.parse().map_err(|_| format!("「{text}」は、数ではありません"))
}
