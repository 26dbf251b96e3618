//! Somebody was signed in when it happened: removed, out of use with their organization or branch, a password reset, a
//! role taken away. From the next request on it counts, on every route.

use crate::kit::world::{AGENT, AGENT_SIDE, GARAGE, SOUTH};
use crate::kit::{Browser, Page, TestApp};
use crate::routes::{address, node_with};
use ainas::domain::role::{AgentRole, Application, ClientRole};
use ainas::domain::user::Membership;
use ainas::service::error::Error;
use ainas::store::Write;
use ainas::web::routes::{self, Route, Who};
use axum::http::StatusCode;

/// What happens, behind everybody's back.
type Event = fn(&mut Write) -> Result<(), Error>;

/// Whether an answer sends to ログイン.
fn is_out(page: &Page, application: Application) -> bool {
    let sign_in = format!("/{}/sign-in", application.slug());
    page.status == StatusCode::UNAUTHORIZED
        || (page.status == StatusCode::SEE_OTHER && page.header("location").starts_with(&sign_in))
}

async fn ask(route: &Route, node: &TestApp, browser: &mut Browser<'_>) -> Page {
    let path = address(route, node);
    match route.method {
        "get" => browser.get_only(&path).await,
        _ => browser.forge(&path, &[]).await,
    }
}

/// Routes of an application that ask for a session.
fn inside(application: Application) -> impl Iterator<Item = &'static Route> {
    routes::all().filter(move |route| route.who.application() == Some(application))
}

async fn happens(node: &TestApp, event: Event) {
    node.app.store.write(event).await.unwrap();
}

#[tokio::test]
async fn what_goes_out_of_use_takes_its_people_along() {
    let garage: Event = |tx| {
        let found = tx.client_organization(GARAGE)?.ok_or(Error::NotFound)?;
        Ok(tx.put_client_organization(&ainas::domain::organization::ClientOrganization { active: false, ..found })?)
    };
    let south: Event = |tx| {
        let found = tx.branch(SOUTH)?.ok_or(Error::NotFound)?;
        Ok(tx.put_branch(&ainas::domain::organization::Branch { active: false, ..found })?)
    };
    let agent: Event = |tx| {
        let found = tx.agent_organization(AGENT)?.ok_or(Error::NotFound)?;
        Ok(tx.put_agent_organization(&ainas::domain::organization::AgentOrganization { active: false, ..found })?)
    };
    let side: Event = |tx| {
        let found = tx.agent_branch(AGENT_SIDE)?.ok_or(Error::NotFound)?;
        Ok(tx.put_agent_branch(&ainas::domain::organization::AgentBranch { active: false, ..found })?)
    };
    for (event, gone, stays) in [
        (garage, &["c-staff", "c-admin", "c-south-manager"][..], "x-staff"),
        (south, &["c-south", "c-south-manager"][..], "c-staff"),
        (agent, &["a-staff", "a-admin", "a-side"][..], "y-staff"),
        (side, &["a-side"][..], "a-staff"),
    ] {
        let node = node_with(false).await;
        let mut browsers = Vec::new();
        for login in gone {
            browsers.push((*login, node.as_user(login).await));
        }
        let application = node.world.application(stays);
        let home = format!("/{}", application.slug());
        let mut other = node.as_user(stays).await;
        happens(&node, event).await;
        for (login, browser) in &mut browsers {
            for route in inside(application) {
                let page = ask(route, &node, browser).await;
                assert!(is_out(&page, application), "{login} at {}: {}", route.path, page.status);
            }
            let again = node.browser().sign_in(application, login, crate::kit::PASSWORD).await;
            assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{login} comes in again");
        }
        assert_eq!(other.get(&home).await.title(), "お知らせ案内検索", "{stays}");
    }
}

#[tokio::test]
async fn a_reset_password_ends_every_session() {
    let node = node_with(false).await;
    let mut staff = node.as_user("c-north").await;
    let mut admin = node.as_user("c-admin").await;
    let reset = format!("/client/users/{}/reset-password", node.world.user("c-north"));
    let page = admin.get(&reset).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    admin.post(&reset, &[]).await.shows("パスワード");
    for route in inside(Application::Client) {
        let page = ask(route, &node, &mut staff).await;
        assert!(is_out(&page, Application::Client), "{}: {}", route.path, page.status);
    }
}

#[tokio::test]
async fn a_role_that_was_taken_away_counts_at_once() {
    let node = node_with(false).await;
    let (client, agent) = (node.world.user("c-staff"), node.world.user("a-admin"));
    let mut browsers = [("c-staff", node.as_user("c-staff").await), ("a-admin", node.as_user("a-admin").await)];
    node.app
        .store
        .write(move |tx| {
            for (id, membership) in [
                (client, Membership::Client { organization: GARAGE, branch: None, role: ClientRole::StaffMayNotSend }),
                (agent, Membership::Agent { organization: AGENT, branch: None, role: AgentRole::Staff }),
            ] {
                let mut user = tx.user(id)?.ok_or(Error::NotFound)?;
                (user.membership, user.version) = (membership, user.version + 1);
                tx.put_user(&user)?;
            }
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    for (login, browser) in &mut browsers {
        let application = node.world.application(login);
        for route in inside(application).filter(|route| route.method == "get" || !route.path.contains("sign-out")) {
            let admitted = match route.who {
                Who::Client(roles) => roles.contains(&ClientRole::StaffMayNotSend),
                Who::Agent(roles) => roles.contains(&AgentRole::Staff),
                _ => continue,
            };
            if !admitted {
                let page = ask(route, &node, browser).await;
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{login} at {} {}", route.method, route.path);
            }
        }
    }
}
