//! What goes wrong, and how it comes to a good end all the same (J4-4); cards, and what an agent may ask.

use super::*;

/// A garage and its agent at one request that was filed.
struct Case {
    garage: Page,
    agent: Page,
    id: String,
}

impl Case {
    fn filed(test: &str, vehicle: &Vehicle, more: impl FnOnce(&Page)) -> Self {
        let garage = enter(test, "client", "staff_send");
        let id = send_with(&garage, vehicle, more);
        let agent = enter(test, "agent", "staff");
        file(&agent, &id);
        let case = Self { garage, agent, id };
        case.look();
        case
    }

    /// Both open the application.
    fn look(&self) {
        for page in [&self.garage, &self.agent] {
            page.menu("継続検査");
            application(page, &self.id);
        }
    }

    /// Until both see this 申請ステータス or OSSステータス.
    fn until(&self, status: &str) {
        for page in [&self.garage, &self.agent] {
            page.reload_until(status, || page.value_of("申請ステータス").contains(status));
        }
    }

    /// Pays these fees as soon as each is waited for.
    fn pay(&self, fees: &[(&str, &str)]) {
        let page = &self.agent;
        for (fee, waiting) in fees {
            page.reload_until(waiting, || page.value_of("申請ステータス").contains(waiting));
            page.menu("登録車OSS納付");
            let table = page.table(None);
            let mut rows = table.column("申請ID").into_iter().zip(table.column("手数料・税種別"));
            assert!(rows.any(|row| row == (self.id.as_str(), *fee)), "{fee}");
            page.check_row(&self.id);
            page.button("納付");
            page.button("確定");
            page.banner("の納付を手続しました");
            application(page, &self.id);
        }
    }

    fn done(&self) {
        self.until("手続完了");
        assert_eq!(self.garage.table(Some("納付情報")).column("納付状況"), ["納付済", "納付済", "納付済"]);
        self.garage.look_over();
    }
}

const FEES: [(&str, &str); 2] =
    [("検査登録手数料", "検査登録手数料納付待ち"), ("技術情報管理手数料", "技術情報管理手数料納付待ち")];
const TAX: [(&str, &str); 1] = [("自動車重量税", "重量税納付待ち")];

/// J4-card: キャッシュレス利用 → no payment step → all three paid by card.
#[test]
fn j4_card_pays_everything_by_card() {
    let case = Case::filed("j4_card_pays_everything_by_card", &Vehicle::fresh(), |page| page.check("有"));
    case.done();
    case.garage.reads("キャッシュレス利用", "有");
    case.garage.says("キャッシュレス（カード）");
}

/// J4-card, declined at first: 再納付待ち until another card is registered.
#[test]
fn j4_card_declined_waits_for_another() {
    let vehicle = Vehicle::magic("-TEST-07");
    let case = Case::filed("j4_card_declined_waits_for_another", &vehicle, |page| page.check("有"));
    case.until("再納付待ち");
    case.garage.says("カードが利用できませんでした");
    case.garage.look_over();
    case.done();
}

/// The garage's certificate in the service that keeps them, as an instructor sees it.
fn conformity(test: &str) -> Page {
    let page = STAGE.browser(&format!("{test}-sim"));
    let who = STAGE.person("sim", "instructor");
    page.open(&who.url);
    page.sign_in(&who.login_id, &who.password);
    page.menu("保適証サービス");
    page.at("保適証サービス");
    page
}

/// J4-4: 補正要求 → 保適証 引戻し → 修正 → 再登録 → 補正 → 手続完了. The garage registered it for another number.
#[test]
fn j4_4_corrects_what_the_office_asks() {
    let test = "j4_4_corrects_what_the_office_asks";
    let vehicle = Vehicle::fresh();
    let service = conformity(test);
    service.link("保適証の登録");
    for (part, value) in [("地名", "練馬"), ("分類", "300"), ("仮名", "さ"), ("番号", vehicle.serial.as_str())]
    {
        service.fill_in("番号", part, value);
    }
    service.fill("車台番号", &vehicle.chassis);
    service.button("登録");
    service.reads("状態", "作成済");

    let case = Case::filed(test, &vehicle, |_| {});
    case.pay(&FEES);
    case.until("補正要求");
    for page in [&case.garage, &case.agent] {
        page.says("補正期限");
        page.says("電子保安基準適合証の自動車登録番号が申請と異なります");
        page.look_over();
    }
    case.garage.says("引戻し・修正・再登録");
    assert!(!case.garage.offers("補正") && !case.garage.offers("取下"));

    // The office let go of it: 作成済 → 引戻し → 作成中 → 修正 → 再登録 → 作成済.
    service.reload();
    service.reads("状態", "作成済");
    service.button("引戻し");
    service.reads("状態", "作成中");
    // Answered too early, the case comes back.
    case.agent.button("補正");
    case.agent.at("【継続検査】申請データ補正");
    case.agent.says("申請データの訂正は求められていません");
    case.agent.look_over();
    case.agent.button("確定");
    case.agent.banner("補正を行いました");
    case.agent.reload_until("asked once more", || case.agent.offers("補正"));
    case.agent.says("状態が「作成中」です");
    service.fill_in("番号", "地名", "品川");
    service.button("修正");
    service.button("再登録");
    service.banner("再登録");
    service.reads("状態", "作成済");

    case.agent.button("補正");
    case.agent.button("確定");
    case.agent.banner("補正を行いました");
    case.pay(&TAX);
    case.done();
    service.reload();
    service.reads("状態", "申請完");
}

/// J4-4: 却下 → 再申請 under the same 申請ID; the fees that were paid are carried over.
#[test]
fn j4_4_applies_again_after_a_rejection() {
    let case = Case::filed("j4_4_applies_again_after_a_rejection", &Vehicle::magic("-TEST-04"), |_| {});
    case.pay(&FEES);
    case.until("却下");
    case.garage.says("使用者の氏名・住所が登録と異なります");
    case.garage.says("再登録");
    case.garage.look_over();
    let first = case.agent.value_in("状況照会", "受付番号");
    case.agent.button("再申請");
    case.agent.at("【継続検査】依頼データ照会");
    case.agent.reads("申請種別", "再申請");
    case.agent.look_over();
    case.agent.button("依頼データ更新");
    case.agent.fill("氏名又は名称（漢字）", "株式会社見本運輸サービス");
    case.agent.button("確定");
    case.agent.banner("更新しました");
    case.agent.button("申請");
    case.agent.button("確定");
    case.agent.banner("申請しました");
    case.look();
    case.pay(&TAX);
    case.done();
    assert_eq!(case.garage.value_of("申請ID"), case.id);
    assert_ne!(case.garage.value_in("状況照会", "受付番号"), first);
    assert_eq!(case.garage.value_in("状況照会", "以前の受付番号"), first);
}

/// J4-4: 未受付 → the garage's 再申請 → 送信 → 手続完了.
#[test]
fn j4_4_sends_again_what_was_not_accepted() {
    let case = Case::filed("j4_4_sends_again_what_was_not_accepted", &Vehicle::magic("-TEST-05"), |_| {});
    case.until("未受付");
    case.garage.says("委託番号");
    case.garage.look_over();
    case.garage.button("再申請");
    case.garage.at("【継続検査】依頼データ照会");
    case.garage.reads("申請ステータス", "依頼前");
    case.garage.button("依頼データ更新");
    case.garage.check("送信");
    case.garage.button("確定");
    case.garage.reads("申請ステータス", "受付前");
    file(&case.agent, &case.id);
    case.look();
    case.pay(&FEES);
    case.pay(&TAX);
    case.done();
}

/// 中断予約 → 中断中 → 再開 → 申請中 → 取下 → エラー（取下）.
#[test]
fn an_agent_suspends_resumes_and_withdraws() {
    let case = Case::filed("an_agent_suspends_resumes_and_withdraws", &Vehicle::fresh(), |_| {});
    case.until("検査登録手数料納付待ち");
    case.agent.reads("中断予約", "可");
    case.agent.button("中断予約");
    case.agent.banner("中断を予約しました");
    case.until("中断中");
    assert_eq!(case.agent.value_in("状況照会", "手続再開ステータス"), "再開依頼実施可");
    case.agent.look_over();
    case.garage.look_over();
    case.agent.button("再開");
    case.agent.banner("再開を依頼しました");
    case.until("申請中");
    case.agent.button("取下");
    case.agent.at("【継続検査】申請データ取下");
    case.agent.says("取り下げると元に戻せません");
    case.agent.look_over();
    case.agent.button("戻る");
    case.agent.at("【継続検査】申請データ照会");
    case.agent.button("取下");
    case.agent.button("確定");
    case.agent.banner("取下げを依頼しました");
    case.until("取下");
    case.until("エラー");
    case.agent.look_over();
    assert!(case.agent.offers("再申請") && case.garage.offers("再申請"));
}

/// 電子委任状設定: refused without a kind, set, shown, cleared.
#[test]
fn a_power_of_attorney_is_set_and_cleared() {
    let page = enter("a_power_of_attorney_is_set_and_cleared", "client", "staff_send");
    register(&page, &Vehicle::fresh());
    page.button("電子委任状設定");
    page.at("【継続検査】電子委任状設定");
    page.look_over();
    page.check_in("検査手数料無料化", "有");
    page.button("確定");
    assert!(page.problems().join(" ").contains("委任状種別"), "{:?}", page.problems());
    page.look_over();
    page.choose("委任状種別", "官職証明書");
    page.button("確定");
    page.at("【継続検査】依頼データ照会");
    page.banner("設定しました");
    page.reads("委任状種別", "官職証明書");
    page.reads("検査手数料無料化", "有");
    page.look_over();
    register(&page, &Vehicle::fresh());
    page.button("電子委任状設定");
    page.choose("委任状種別", "職責証明書");
    page.button("確定");
    page.reads("委任状種別", "職責証明書");
    page.button("電子委任状設定");
    page.choose("委任状種別", "選択してください");
    page.button("確定");
    page.banner("解除しました");
}
