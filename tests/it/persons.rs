//! A person with several users: adding one by its password, going from one to the other, letting one go. Nobody reaches
//! anybody else's.

use crate::kit::{Browser, INITIAL, PASSWORD, TestApp};
use ainas::domain::ids::UserId;
use ainas::domain::role::Application::{self, Agent, Client};
use ainas::domain::user::{Membership, PasswordState, User};
use ainas::service::error::Error;
use ainas::service::sessions::{self, Current, persons};
use ainas::store::AuditRow;
use axum::http::StatusCode;
use proptest::prelude::*;
use std::collections::BTreeSet;

const MINE: &str = "/client/my-users";

/// Adds a user on the page of the one who is signed in to the client application.
async fn added(browser: &mut Browser<'_>, application: Application, login: &str) {
    browser.get(MINE).await;
    let fields = [("application", application.slug()), ("login_id", login), ("password", PASSWORD)];
    browser.post(&format!("{MINE}/add"), &fields).await.shows("を追加しました。");
}

async fn switched(browser: &mut Browser<'_>, from: Application, to: UserId) -> crate::kit::Page {
    let page = browser.get(&format!("/{}/my-users", from.slug())).await;
    assert_eq!(page.status, StatusCode::OK);
    let path = format!("/{}/my-users/switch", from.slug());
    let page = browser.forge(&path, &[("user", &to.to_string())]).await;
    if page.status != StatusCode::SEE_OTHER {
        return page;
    }
    let to = page.header("location").to_owned();
    browser.get(&to).await
}

fn audited(node: &TestApp, action: &str) -> Vec<AuditRow> {
    let rows = node.app.store.read(|tx| tx.audit_rows(None, 500)).unwrap();
    rows.into_iter().map(|(_, row)| row).filter(|row| row.action == action).collect()
}

async fn change_user(node: &TestApp, login: &str, mut change: impl FnMut(&mut User) + Send + 'static) {
    let id = node.world.user(login);
    node.app
        .store
        .write(move |tx| {
            let mut user = tx.user(id)?.unwrap();
            change(&mut user);
            tx.put_user(&user)
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_person_goes_from_garage_to_agent_and_back_without_another_sign_in() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    let page = browser.get(MINE).await;
    page.shows("切り替えられるユーザーは、まだありません。").shows("青葉 花子");
    for (fields, says) in [
        ([("application", "agent"), ("login_id", "a-staff"), ("password", "Chigau-0000")], "パスワードが違います"),
        ([("application", "agent"), ("login_id", "nobody"), ("password", PASSWORD)], "パスワードが違います"),
        ([("application", "client"), ("login_id", "c-staff"), ("password", PASSWORD)], "いまログインしているユーザー"),
        ([("application", "agent"), ("login_id", "a-new"), ("password", INITIAL)], "初期パスワードのまま"),
        ([("application", "operator"), ("login_id", "x"), ("password", "y")], "アプリケーションを選んで"),
        ([("application", "agent"), ("login_id", ""), ("password", "")], "ログインIDを入力して"),
    ] {
        let page = browser.post(&format!("{MINE}/add"), &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        page.shows(says).hides("ユーザー切替 ▾");
        assert!(!page.body.contains(PASSWORD), "a password is never sent back");
    }
    added(&mut browser, Agent, "a-staff").await;
    browser.shown().shows("代理 花江").shows("あおぞら行政書士事務所").shows("担当者");

    let before = browser.session(Client).unwrap().to_owned();
    let page = switched(&mut browser, Client, node.world.user("a-staff")).await;
    assert_eq!((page.path.as_str(), page.title().as_str()), ("/agent", "お知らせ案内検索"));
    page.shows("代理人業務アプリケーション").shows("代理 花江").shows("依頼データ検索");
    assert_ne!(browser.session(Agent), None);
    assert_eq!(browser.session(Client), Some(before.as_str()), "each application has its own session");
    browser.get("/client").await.shows("青葉 花子").shows("依頼データ初期登録");

    let page = switched(&mut browser, Agent, node.world.user("c-staff")).await;
    assert_eq!(page.path, "/client");
    assert_ne!(browser.session(Client), Some(before.as_str()), "the one that was held is replaced");
    browser.get("/agent").await.shows("代理 花江");

    // The audit says who, as what, and that it is one person.
    let rows = audited(&node, "user.switch");
    let standings: Vec<_> = rows.iter().map(|row| row.standing.unwrap()).collect();
    assert_eq!(standings.len(), 2);
    assert_eq!(standings[0].person, standings[1].person);
    assert!(matches!(standings[1].membership, Membership::Agent { .. }), "{standings:?}");
    assert!(matches!(standings[0].membership, Membership::Client { .. }), "{standings:?}");
    assert_eq!(audited(&node, "user.link")[0].actor, Some(node.world.user("c-staff")));
}

#[tokio::test]
async fn two_users_of_one_application_share_its_session() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    added(&mut browser, Client, "x-staff").await;
    let mut twin = browser.twin();
    let page = switched(&mut browser, Client, node.world.user("x-staff")).await;
    page.shows("赤根 六郎").shows("あかね整備");
    browser.get("/client/inspection/requests").await.shows("0 件を表示");
    assert_eq!(twin.get("/client").await.title(), "ログイン", "the session before has ended");
}

#[tokio::test]
async fn nobody_reaches_a_user_of_another_person() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    added(&mut browser, Agent, "a-staff").await;
    for login in ["c-admin", "c-north", "x-staff", "a-admin", "y-staff", "c-new", "c-staff"] {
        browser.get(MINE).await;
        for verb in ["switch", "remove"] {
            let user = node.world.user(login).to_string();
            let page = browser.forge(&format!("{MINE}/{verb}"), &[("user", &user)]).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{verb} {login}");
        }
    }
    assert!(browser.session(Agent).is_none());
    // One that was deleted meanwhile is no longer offered, and not reached.
    node.remove_user("a-staff").await;
    browser.get(MINE).await.hides("代理 花江");
    let user = node.world.user("a-staff").to_string();
    assert_eq!(browser.forge(&format!("{MINE}/switch"), &[("user", &user)]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_has_to_change_the_password_does_that_first() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    added(&mut browser, Agent, "a-staff").await;
    let now = node.app.clocks.system();
    change_user(&node, "a-staff", move |user| {
        user.password_state = PasswordState::Chosen { at: now.plus(-100), expires: Some(now.plus(-1)) };
    })
    .await;
    let page = switched(&mut browser, Client, node.world.user("a-staff")).await;
    assert_eq!((page.path.as_str(), page.title().as_str()), ("/agent/password", "パスワード更新"));
    page.hides("ユーザー切替");
    assert_eq!(browser.get("/agent/my-users").await.title(), "パスワード更新");
    let new = "Kawasemi-2026x";
    browser.get("/agent/password").await;
    let page = browser.post("/agent/password", &[("password", new), ("password_again", new)]).await;
    assert_eq!(page.title(), "お知らせ案内検索");
    assert_eq!(node.browser().sign_in(Agent, "a-staff", new).await.title(), "お知らせ案内検索");
}

#[tokio::test]
async fn going_to_and_fro_does_not_make_a_sign_in_last_longer() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    added(&mut browser, Agent, "a-staff").await;
    for step in 0..23 {
        node.clocks.advance(30 * 60);
        let (from, to) = if step % 2 == 0 { (Client, "a-staff") } else { (Agent, "c-staff") };
        assert_eq!(switched(&mut browser, from, node.world.user(to)).await.title(), "お知らせ案内検索", "{step}");
    }
    node.clocks.advance(31 * 60);
    for home in ["/client", "/agent"] {
        assert_eq!(browser.get(home).await.title(), "ログイン", "twelve hours after the sign-in");
    }
}

#[tokio::test]
async fn what_is_let_go_is_out_of_reach_at_once() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    added(&mut browser, Agent, "a-staff").await;
    switched(&mut browser, Client, node.world.user("a-staff")).await;
    // Not the one that this session rests on.
    let page = browser.get("/agent/my-users").await;
    page.shows("ログインに使用中").hides("解除");
    let garage = node.world.user("c-staff").to_string();
    browser.forge("/agent/my-users/remove", &[("user", &garage)]).await;
    browser.get("/agent/my-users").await.shows("ログインに使ったユーザーは解除できません。").shows("青葉 花子");
    // The agent's user, signed in by password, sees who came along and lets go.
    let mut agent = node.as_user("a-staff").await;
    agent.get("/agent/my-users").await.shows("青葉 花子").shows("解除");
    let page = agent.post("/agent/my-users/remove", &[]).await;
    page.shows("「青葉 花子」を解除しました。").shows("まだありません");
    assert_eq!(browser.get("/agent").await.title(), "ログイン", "it rested on the two being one");
    browser.get("/client").await.shows("青葉 花子").hides("ユーザー切替");
    assert_eq!(audited(&node, "user.unlink").len(), 1);
}

#[tokio::test]
async fn wrong_passwords_lock_the_account_here_too() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    browser.get(MINE).await;
    let wrong = [("application", "agent"), ("login_id", "a-staff"), ("password", "Chigau-0000")];
    for _ in 0..10 {
        browser.post(&format!("{MINE}/add"), &wrong).await.shows("パスワードが違います");
    }
    let right = [("application", "agent"), ("login_id", "a-staff"), ("password", PASSWORD)];
    browser.post(&format!("{MINE}/add"), &right).await.shows("約15分後に");
    node.browser().sign_in(Agent, "a-staff", PASSWORD).await.shows("約15分後に");
}

/// Six users, each with a session of its own, who add and let go of each other at random.
const LOGINS: [&str; 6] = ["c-staff", "c-north", "x-staff", "a-staff", "a-side", "y-staff"];

#[derive(Debug, Clone, Copy)]
enum Step {
    Add(usize, usize),
    Remove(usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<bool>(), 0..LOGINS.len(), 0..LOGINS.len())
        .prop_map(|(add, who, whom)| if add { Step::Add(who, whom) } else { Step::Remove(who, whom) });
    prop::collection::vec(step, 1..14)
}

async fn current(node: &TestApp, login: &str) -> Current {
    let application = node.world.application(login);
    let signed_in = sessions::sign_in(&node.app, application, login, PASSWORD.to_owned(), "here").await.unwrap();
    sessions::current(&node.app, application, &signed_in.token).unwrap().unwrap()
}

async fn follows_the_model(steps: Vec<Step>) {
    let node = TestApp::new().await;
    let mut sessions = Vec::new();
    for login in LOGINS {
        sessions.push(current(&node, login).await);
    }
    let mut groups: Vec<BTreeSet<usize>> = (0..LOGINS.len()).map(|at| BTreeSet::from([at])).collect();
    let group = |groups: &[BTreeSet<usize>], at: usize| groups.iter().position(|g| g.contains(&at)).unwrap();
    for step in steps {
        match step {
            Step::Add(who, whom) => {
                let (of, login) = (node.world.application(LOGINS[whom]), LOGINS[whom]);
                let done = persons::add(&node.app, &sessions[who], of, login, PASSWORD.to_owned(), "here").await;
                let (own, other) = (group(&groups, who), group(&groups, whom));
                assert_eq!(done.is_ok(), own != other, "{step:?}");
                if own != other {
                    let joining = std::mem::take(&mut groups[other]);
                    groups[own].extend(joining);
                }
            }
            Step::Remove(who, whom) => {
                let user = node.world.user(LOGINS[whom]);
                let done = persons::remove(&node.app, &sessions[who], user, "here").await;
                let together = who != whom && group(&groups, who) == group(&groups, whom);
                assert_eq!(done.is_ok(), together, "{step:?}");
                if together {
                    let own = group(&groups, who);
                    groups[own].remove(&whom);
                    groups.push(BTreeSet::from([whom]));
                }
            }
        }
    }
    for (who, own) in LOGINS.iter().enumerate() {
        for (whom, login) in LOGINS.iter().enumerate() {
            let session = current(&node, own).await;
            let together = who != whom && group(&groups, who) == group(&groups, whom);
            match persons::switch(&node.app, &session, node.world.user(login), None, "here").await {
                Ok(_) => assert!(together, "{own} reaches {login}"),
                Err(error) => {
                    assert!(!together && matches!(error, Error::NotFound), "{own} {login}: {error}");
                }
            }
        }
    }
    let found = node.app.store.read(ainas::store::check::check).unwrap();
    assert_eq!(found, []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn only_those_who_proved_a_password_are_together(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(follows_the_model(steps));
    }
}
