//! Long work: 一括送信, 一括申請 and 一括納付 from the list to the results, through restarts and lost rights, each item
//! exactly once.

use crate::kit::world::{AGENT, AGENT_MAIN, GARAGE, NORTH, SOUTH};
use crate::kit::{Browser, Page, TestApp};
use crate::pages::filing_node;
use ainas::app::Shared;
use ainas::domain::chassis::ChassisNumber;
use ainas::domain::ids::{BranchId, RequestId, WorkId};
use ainas::domain::money::Yen;
use ainas::domain::organization::ClientOrganization;
use ainas::domain::payment::{PaymentKind, PaymentStatus};
use ainas::domain::plate::Plate;
use ainas::domain::procedure::VehicleKind;
use ainas::domain::procedure::inspection::{PROCEDURE, no};
use ainas::domain::request::{ServiceRequest, Status, Value};
use ainas::domain::role::ClientRole;
use ainas::domain::user::Membership;
use ainas::domain::work::{Outcome, WorkState};
use ainas::service::error::Error;
use ainas::service::payments::garage_account;
use ainas::service::work;
use ainas::store::{Error as StoreError, check};
use axum::http::StatusCode;

const REQUESTS: &str = "/client/inspection/requests";
const SEND: &str = "/client/inspection/requests/send";

/// Saved requests of a branch; complete ones can be sent.
async fn drafts(node: &TestApp, branch: BranchId, count: u16, complete: bool) -> Vec<RequestId> {
    let now = node.clocks.business();
    node.app
        .store
        .write(move |tx| {
            let mut ids = Vec::new();
            for number in 1..=count {
                let place = (GARAGE, branch);
                let mut request =
                    ServiceRequest::draft(tx.next_request_id()?, PROCEDURE.code, place, (AGENT, AGENT_MAIN), now);
                let region = "品川".to_owned();
                let (class, kana) = ("300".to_owned(), "さ".to_owned());
                request.plate = Some(Plate { region, class, kana, serial: number, small: false });
                let chassis = format!("WORK-{}{number:04}", request.id);
                request.chassis = Some(ChassisNumber { number: chassis, officially_stamped: false });
                if complete {
                    for key in ["ownership", "name", "address1", "address2", "term", "renewal_division"] {
                        let field = PROCEDURE.field(key).unwrap();
                        let typed = match key {
                            "ownership" => "individual",
                            "name" => "見本　太郎",
                            "address1" => "東京都みどり区",
                            "address2" => "1-2-3",
                            "term" => "two_years",
                            _ => "office",
                        };
                        let value = ainas::domain::field::parse(field, typed).unwrap().unwrap();
                        request.fields.insert(field.no, value);
                    }
                }
                tx.put_request(&request)?;
                ids.push(request.id);
            }
            Ok::<_, Error>(ids)
        })
        .await
        .unwrap()
}

fn asked(ids: &[RequestId]) -> String {
    let picks: Vec<String> = ids.iter().map(|id| format!("pick={id}")).collect();
    format!("{SEND}?{}", picks.join("&"))
}

/// Chosen, looked at, 確定.
async fn sent(staff: &mut Browser<'_>, ids: &[RequestId]) -> (WorkId, Page) {
    staff.get(&asked(ids)).await.shows("確定してください");
    let page = staff.post(SEND, &[]).await;
    (work_of(&page), page)
}

fn work_of(page: &Page) -> WorkId {
    let number = page.path.split('?').next().unwrap().rsplit('/').next().unwrap();
    number.parse().unwrap_or_else(|()| panic!("no work at {}: {}", page.path, page.text()))
}

fn page_of(id: WorkId) -> String {
    format!("/client/work/{id}")
}

/// How often each of these was sent, by its history, and its status.
fn states(node: &TestApp, ids: &[RequestId]) -> Vec<(Status, usize)> {
    node.app
        .store
        .read(|tx| {
            ids.iter()
                .map(|id| {
                    let times = tx.history(*id)?.iter().filter(|entry| entry.what == "送信").count();
                    Ok((tx.request(*id)?.unwrap().status, times))
                })
                .collect::<Result<_, StoreError>>()
        })
        .unwrap()
}

async fn some(app: &Shared, id: WorkId, most: u32) -> u32 {
    let app = app.clone();
    tokio::task::spawn_blocking(move || work::advance(&app, id, most).unwrap()).await.unwrap()
}

#[track_caller]
fn assert_clean(node: &TestApp) {
    assert_eq!(node.app.store.read::<_, StoreError>(check::check).unwrap(), []);
}

#[tokio::test]
async fn chosen_requests_are_looked_at_then_sent_each_with_its_result() {
    let node = TestApp::new().await;
    let ready = drafts(&node, NORTH, 3, true).await;
    let incomplete = drafts(&node, NORTH, 1, false).await;
    let mut staff = node.as_user("c-staff").await;
    let list = staff.get(REQUESTS).await;
    list.shows("選択した依頼データを").shows("検索結果をすべて一括送信");
    assert_eq!(list.body.matches("name=\"pick\"").count(), 5, "boxes before what is 依頼前, not before what is sent");

    let all = [ready.as_slice(), &incomplete, &[node.world.sent]].concat();
    let page = staff.get(&format!("{}&size=50", asked(&all))).await;
    page.shows("【継続検査】一括送信").shows("次の3件を代理人に送信します。送信できない2件は送信しません。");
    page.shows("氏名又は名称（漢字）を入力してください。").shows("申請ステータスが「受付前」のため");
    assert!(states(&node, &ready).iter().all(|state| *state == (Status::Draft, 0)), "looking changes nothing");

    let page = staff.post(SEND, &[]).await;
    page.shows("一括送信を始めました。").shows("処理しています。").shows("0 / 3 件").shows("順番待ち");
    assert!(page.header("refresh").starts_with("3;url=/client/work/"), "{}", page.header("refresh"));
    let id = work_of(&page);
    let live = staff.get(&format!("{}?live=1", page_of(id))).await;
    assert_eq!(live.header("refresh"), "", "the script looks for itself");

    node.app.run_due_jobs().await.unwrap();
    let page = staff.get(&page_of(id)).await;
    page.shows("終わりました。3件を送信しました。").shows("3 / 3 件").shows("できました").hides("中止");
    assert_eq!(page.header("refresh"), "");
    assert!(states(&node, &ready).iter().all(|state| *state == (Status::Sent, 1)));
    staff.get(&format!("{REQUESTS}/{}", ready[0])).await.shows("受付前").shows("青葉 花子");
    staff.get("/client/work").await.shows("【継続検査】一括送信 完了 3 3 0");

    for login in ["c-north", "c-admin", "x-staff"] {
        let mut other = node.as_user(login).await;
        assert_eq!(other.get(&page_of(id)).await.status, StatusCode::NOT_FOUND, "{login}");
        other.get("/client/work").await.shows("一括処理はまだありません。");
    }
    assert_clean(&node);
}

#[tokio::test]
async fn all_that_a_search_finds_is_what_was_shown_or_is_asked_again() {
    let node = TestApp::new().await;
    let north = drafts(&node, NORTH, 2, true).await;
    let south = drafts(&node, SOUTH, 2, true).await;
    let mut staff = node.as_user("c-staff").await;
    let only_south = format!("{SEND}?branch={SOUTH}&all=1");
    staff.get(&only_south).await.shows("次の2件を代理人に送信します。");
    let later = drafts(&node, SOUTH, 1, true).await;
    let page = staff.post(SEND, &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.shows("検索結果が変わりました。まだ送信していません。").shows("次の3件を代理人に送信します。");
    staff.post(SEND, &[]).await.shows("0 / 3 件");
    node.app.run_due_jobs().await.unwrap();
    let done = states(&node, &[south.as_slice(), &later].concat());
    assert!(done.iter().all(|state| *state == (Status::Sent, 1)), "{done:?}");
    assert!(states(&node, &north).iter().all(|state| *state == (Status::Draft, 0)), "what the search leaves out");
    staff.get(&only_south).await.shows("送信できる「依頼前」の依頼データはありません。");
    staff.get(SEND).await.shows("依頼データが選ばれていません。");
}

#[tokio::test]
async fn who_may_not_send_or_not_see_sends_nothing() {
    let node = TestApp::new().await;
    let ids = drafts(&node, NORTH, 2, true).await;
    let mut typist = node.as_user("c-nosend").await;
    typist.get(REQUESTS).await.hides("一括送信");
    assert_eq!(typist.get(&asked(&ids)).await.status, StatusCode::FORBIDDEN);
    for login in ["c-south", "x-staff"] {
        let mut stranger = node.as_user(login).await;
        stranger.get(&asked(&ids)).await.hides(&ids[0].to_string());
        stranger.get(REQUESTS).await;
        let pick = ids[0].to_string();
        let page = stranger.forge(SEND, &[("pick", &pick)]).await;
        node.app.run_due_jobs().await.unwrap();
        stranger.get(page.header("location")).await.shows("データが見つかりません。").hides("見本");
    }
    assert!(states(&node, &ids).iter().all(|state| *state == (Status::Draft, 0)));
}

#[tokio::test]
async fn a_restart_in_the_middle_goes_on_where_it_stopped() {
    let node = TestApp::new().await;
    let ids = drafts(&node, NORTH, 7, true).await;
    let mut staff = node.as_user("c-staff").await;
    let (id, page) = sent(&mut staff, &ids).await;
    page.shows("0 / 7 件");
    // Sent twice by an impatient hand: one piece of work.
    staff.get(&asked(&ids)).await;
    let form = staff.shown().form(SEND).encoded();
    let first = staff.raw_post(SEND, &form, &[]).await;
    let second = staff.raw_post(SEND, &form, &[]).await;
    assert_eq!(first.header("location"), second.header("location"));
    drop(staff);
    assert_eq!(some(&node.app, id, 3).await, 3);
    assert_eq!(states(&node, &ids).iter().filter(|state| state.0 == Status::Sent).count(), 3);

    let node = node.restarted();
    let mut staff = node.as_user("c-staff").await;
    staff.get(&page_of(id)).await.shows("3 / 7 件");
    node.app.run_due_jobs().await.unwrap();
    staff.get(&page_of(id)).await.shows("終わりました。7件を送信しました。");
    assert!(states(&node, &ids).iter().all(|state| *state == (Status::Sent, 1)), "{:?}", states(&node, &ids));
    // The second piece finds nothing left to do, and says so seven times.
    let page = staff.get(&format!("{}?show=failed", first.header("location"))).await;
    page.shows("7件はできませんでした").shows("できなかったもの（7件）");
    assert_eq!(page.text().matches("申請ステータスが「受付前」のため").count(), 7);
    assert_clean(&node);
}

#[tokio::test]
async fn one_item_that_cannot_be_done_does_not_stop_the_others() {
    let node = TestApp::new().await;
    let ids = drafts(&node, NORTH, 3, true).await;
    let mut staff = node.as_user("c-staff").await;
    let (id, _) = sent(&mut staff, &ids).await;
    let changed = ids[1];
    node.app
        .store
        .write(move |tx| {
            let mut request = tx.request(changed)?.unwrap();
            request.fields.remove(&no::NAME);
            request.fields.insert(no::MEMO, Value::Text("消した".to_owned()));
            tx.put_request(&request)
        })
        .await
        .unwrap();
    node.app.run_due_jobs().await.unwrap();
    let page = staff.get(&page_of(id)).await;
    page.shows("2件を送信しました。1件はできませんでした。").shows("氏名又は名称（漢字）を入力してください。");
    page.shows("すべて（3件）");
    let page = staff.get(&format!("{}?show=failed", page_of(id))).await;
    page.shows("全 1 件").shows(&changed.to_string());
    assert_eq!(states(&node, &ids)[1], (Status::Draft, 0));
    assert_clean(&node);
}

#[tokio::test]
async fn work_stops_between_items_when_its_owner_says_so_or_loses_the_right() {
    let node = TestApp::new().await;
    let ids = drafts(&node, NORTH, 4, true).await;
    let mut staff = node.as_user("c-staff").await;
    let (id, _) = sent(&mut staff, &ids).await;
    some(&node.app, id, 1).await;
    staff.get(&page_of(id)).await;
    let page = staff.post(&format!("{}/cancel", page_of(id)), &[]).await;
    page.shows("中止しました。すでに処理したものは、そのまま有効です。").shows("残りの3件は処理していません。");
    node.app.run_due_jobs().await.unwrap();
    assert_eq!(states(&node, &ids).iter().filter(|state| state.0 == Status::Sent).count(), 1);

    let left = &ids[1..];
    let (id, _) = sent(&mut staff, left).await;
    some(&node.app, id, 1).await;
    let user = node.world.user("c-staff");
    node.app
        .store
        .write(move |tx| {
            let mut user = tx.user(user)?.unwrap();
            let role = ClientRole::StaffMayNotSend;
            user.membership = Membership::Client { organization: GARAGE, branch: None, role };
            tx.put_user(&user)
        })
        .await
        .unwrap();
    node.app.run_due_jobs().await.unwrap();
    let work = node.app.store.read(|tx| tx.work(id)).unwrap().unwrap();
    assert_eq!((work.state, work.done, work.left()), (WorkState::Stopped, 1, 2));
    let last = node.app.store.read(|tx| tx.work_item(id, 2)).unwrap().unwrap();
    assert_eq!(last.outcome, None::<Outcome>);
    staff.get(&page_of(id)).await.shows("権限がなくなったため、止まりました。").shows("処理していません");
    assert_clean(&node);
}

#[tokio::test]
async fn results_are_kept_for_thirty_days() {
    let node = TestApp::new().await;
    let ids = drafts(&node, NORTH, 2, true).await;
    let mut staff = node.as_user("c-staff").await;
    let (id, _) = sent(&mut staff, &ids).await;
    node.app.run_due_jobs().await.unwrap();
    let kept = |node: &TestApp| node.app.store.read(|tx| tx.work(id)).unwrap().is_some();
    node.clocks.advance(29 * 86_400);
    node.app.run_due_jobs().await.unwrap();
    assert!(kept(&node));
    node.clocks.advance(2 * 86_400);
    node.app.run_due_jobs().await.unwrap();
    assert!(!kept(&node));
    assert_clean(&node);
}

#[tokio::test]
async fn too_much_at_once_is_refused_before_anything_is_written() {
    let node = TestApp::new().await;
    let actor = node.app.store.read(|tx| tx.client_actor(node.world.user("c-staff"))).unwrap().unwrap();
    let subject = ainas::domain::work::Subject::Request(node.world.draft);
    let kind = ainas::domain::work::WorkKind::Send { procedure: PROCEDURE.code };
    let begin = async |count: usize| {
        let once = ainas::service::once::Token::random();
        work::begin(&node.app, &actor.clone().into(), kind.clone(), vec![subject.clone(); count], once).await
    };
    assert!(matches!(begin(0).await, Err(Error::Refused(_))));
    assert!(matches!(begin(work::MOST + 1).await, Err(Error::Refused(_))));
    assert!(begin(1).await.is_ok());
    let closed = node.app.store.write(|tx| {
        let garage = tx.client_organization(GARAGE)?.unwrap();
        tx.put_client_organization(&ClientOrganization { registered_account_open: false, ..garage })
    });
    closed.await.unwrap();
    let ids = drafts(&node, NORTH, 1, true).await;
    let mut staff = node.as_user("c-staff").await;
    staff.get(&asked(&ids)).await.shows("口座がまだ開通していないため").hides("確定");
}

const ARRIVED: &str = "/agent/inspection/requests";
const PAYMENTS: &str = "/agent/inspection/payments";

/// Accepted requests that can be filed.
async fn accepted(node: &TestApp, count: u16) -> Vec<RequestId> {
    let ids = drafts(node, NORTH, count, true).await;
    let those = ids.clone();
    node.app
        .store
        .write(move |tx| {
            for id in &those {
                let mut request = tx.request(*id)?.unwrap();
                request.chassis =
                    Some(ChassisNumber { number: format!("SX31-{:07}", id.0 % 10_000_000), officially_stamped: false });
                (request.status, request.office) = (Status::Accepted, Some(1));
                tx.put_request(&request)?;
            }
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    ids
}

async fn change(node: &TestApp, id: RequestId, change: fn(&mut ServiceRequest)) {
    let put = node.app.store.write(move |tx| {
        let mut request = tx.request(id)?.unwrap();
        change(&mut request);
        tx.put_request(&request)
    });
    put.await.unwrap();
}

/// Of each request, its filings and how its first fee stands.
fn filed(node: &TestApp, ids: &[RequestId]) -> Vec<(usize, Option<PaymentStatus>)> {
    let read = node.app.store.read(|tx| {
        ids.iter()
            .map(|id| {
                let filings = tx.filings(*id)?;
                let fee = filings.last().and_then(|filing| filing.payment(PaymentKind::InspectionFee));
                Ok((filings.len(), fee.map(|fee| fee.status)))
            })
            .collect::<Result<_, StoreError>>()
    });
    read.unwrap()
}

#[tokio::test]
async fn many_are_filed_and_paid_each_once_through_restarts() {
    let node = filing_node().await;
    let ids = accepted(&node, 4).await;
    let numbers: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut chosen: Vec<(&str, &str)> = numbers.iter().map(|id| ("pick", id.as_str())).collect();
    chosen.push(("do", "file"));
    let mut agent = node.as_user("a-staff").await;
    agent.get(ARRIVED).await.shows("一括処理の一覧");
    agent.post(&format!("{ARRIVED}/chosen"), &chosen).await.shows("次の4件を申請します。").shows("申込欄");
    let form = agent.shown().form(&format!("{ARRIVED}/file")).encoded();
    let first = agent.raw_post(&format!("{ARRIVED}/file"), &form, &[]).await;
    let second = agent.raw_post(&format!("{ARRIVED}/file"), &form, &[]).await;
    let address = first.header("location").to_owned();
    assert_eq!(address, second.header("location"), "sent twice by an impatient hand");
    agent.get(&address).await.shows("【継続検査】一括申請の結果").shows("0 / 4 件").shows("順番待ち");
    change(&node, ids[1], |request| drop(request.fields.remove(&no::NAME))).await;
    drop(agent);
    let id: WorkId = address.rsplit('/').next().unwrap().parse().unwrap();
    assert_eq!(some(&node.app, id, 3).await, 3);

    let node = node.restarted();
    assert_eq!(filed(&node, &ids).iter().map(|state| state.0).collect::<Vec<_>>(), [1, 0, 1, 0]);
    node.app.run_due_jobs().await.unwrap();
    let mut agent = node.as_user("a-staff").await;
    let page = agent.get(&address).await;
    page.shows("3件を申請しました。1件はできませんでした。").shows("氏名又は名称（漢字）を入力してください。");
    let unpaid = (1, Some(PaymentStatus::Unpaid));
    assert_eq!(filed(&node, &ids), [unpaid, (0, None), unpaid, unpaid]);

    // 納付 of what was agreed to: one amount is another by the time its turn comes.
    let items: Vec<String> = numbers.iter().map(|id| format!("{id}:1")).collect();
    let items: Vec<(&str, &str)> = items.iter().map(|item| ("item", item.as_str())).collect();
    agent.get(PAYMENTS).await.shows("一括処理の一覧");
    // What somebody else has seen to meanwhile is said, not dropped.
    let gone = [("item", "999:1")];
    agent.post(&format!("{PAYMENTS}/confirm"), &gone).await.shows("いまは納付できません。納付状況を確認");
    // One of the four was not filed.
    let page = agent.post(&format!("{PAYMENTS}/confirm"), &items).await;
    page.shows("選んだもののうち1件は").shows("次の3件、合計4,350円").shows("合計（3件）");
    let form = agent.shown().form(PAYMENTS).encoded();
    let first = agent.raw_post(PAYMENTS, &form, &[]).await;
    let second = agent.raw_post(PAYMENTS, &form, &[]).await;
    let address = first.header("location").to_owned();
    assert_eq!(address, second.header("location"));
    let dearer = ids[2];
    let put = node.app.store.write(move |tx| {
        let mut filing = tx.filings(dearer)?.pop().unwrap();
        filing.payment_mut(PaymentKind::InspectionFee).unwrap().amount = Yen(1_451);
        tx.put_filing(&filing)
    });
    put.await.unwrap();
    drop(agent);
    let id: WorkId = address.rsplit('/').next().unwrap().parse().unwrap();
    assert_eq!(some(&node.app, id, 1).await, 1);

    let node = node.restarted();
    node.app.run_due_jobs().await.unwrap();
    let mut agent = node.as_user("a-staff").await;
    let page = agent.get(&address).await;
    page.shows("【継続検査】一括納付の結果").shows("2件を納付手続に進めました。1件はできませんでした。");
    page.shows("検査登録手数料 1,450円 できました").shows("税手数料額が変わりました（現在1,451円）");
    let paid = (1, Some(PaymentStatus::Paid));
    assert_eq!(filed(&node, &ids), [paid, (0, None), unpaid, paid]);
    let garage = node.app.store.read(|tx| tx.client_organization(GARAGE)).unwrap().unwrap();
    let account = node.app.sim.as_ref().unwrap().account(&garage_account(&garage, VehicleKind::Registered));
    assert_eq!(account.unwrap().unwrap().taken, 2 * 1_450);

    // Another's work is nobody's business.
    let mut other = node.as_user("y-staff").await;
    assert_eq!(other.get(&address).await.status, StatusCode::NOT_FOUND);
    assert_clean(&node);
}

#[tokio::test]
async fn everything_that_a_search_finds_is_filed_if_it_is_what_was_shown() {
    let node = filing_node().await;
    let ids = accepted(&node, 4).await;
    change(&node, ids[1], |request| drop(request.fields.insert(no::MEMO, Value::Text("急ぎ".to_owned())))).await;
    change(&node, ids[2], |request| drop(request.fields.insert(no::MEMO, Value::Text("急ぎ".to_owned())))).await;
    let mut agent = node.as_user("a-staff").await;
    let page = agent.get(&format!("{ARRIVED}?memo=%E6%80%A5%E3%81%8E")).await;
    page.shows("全 2 件").shows("検索結果をすべて一括申請");
    let all = format!("{ARRIVED}/file?memo=%E6%80%A5%E3%81%8E&all=1");
    assert!(page.body.contains(&all.replace('&', "&amp;")), "the conditions go along");
    agent.get(&all).await.shows("次の2件を申請します。").hides(&ids[0].to_string());
    // Meanwhile one lacks something.
    change(&node, ids[2], |request| drop(request.fields.remove(&no::NAME))).await;
    let file = format!("{ARRIVED}/file");
    let page = agent.post(&file, &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    page.shows("確認している間に検索結果が変わりました。まだ申請していません。");
    page.shows("次の1件を申請します。申請できない1件は申請しません。");
    agent.post(&file, &[]).await.shows("1件を申請しました。");
    assert_eq!(filed(&node, &ids).iter().map(|state| state.0).collect::<Vec<_>>(), [0, 1, 0, 0]);
    agent
        .get(&format!("{ARRIVED}/file?memo=%E3%81%AA%E3%81%97&all=1"))
        .await
        .shows("申請できる「受付済」の依頼データはありません。");
    agent.get(&format!("{ARRIVED}/file?status=2&all=1")).await.shows("申請できる「受付済」の依頼データはありません。");
    // Others' requests are left out without a word.
    let mut side = node.as_user("a-side").await;
    side.get(&format!("{ARRIVED}/file?all=1")).await.hides(&ids[0].to_string());
    side.get(&format!("{ARRIVED}/file?pick={}", ids[0])).await.shows("依頼データが選ばれていません。");
    assert_clean(&node);
}
