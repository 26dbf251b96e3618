//! Every route as every kind of visitor. What a row of the list promises is tried against the running router: nobody
//! else gets in, and an object of another organization or branch answers as if it did not exist.

use crate::kit::world::{AGENT, GARAGE, KEY, NORTH, TEMPLATE};
use crate::kit::{Browser, Page, TestApp};
use ainas::config::PortalGateway;
use ainas::domain::ids::SubmissionNumber;
use ainas::domain::role::Application;
use ainas::portal::gateway::Command;
use ainas::web::routes::{self, Foreign, Route, Who};
use axum::http::StatusCode;

/// Everybody of the world, and whether the request, the branch or the user in the address is theirs to see.
const VISITORS: [(&str, bool); 20] = [
    ("x-staff", false),
    ("x-admin", false),
    ("c-south-manager", false),
    ("c-south", false),
    ("y-staff", false),
    ("y-admin", false),
    ("a-side", false),
    ("c-new", true),
    ("a-new", true),
    ("c-removed", true),
    ("a-removed", true),
    ("c-admin", true),
    ("a-admin", true),
    ("c-manager", true),
    ("c-nosend", true),
    ("c-north", true),
    ("c-staff", true),
    ("a-staff", true),
    ("s-instructor", true),
    ("s-official", true),
];

/// What was filed in the simulated world.
const FILED: SubmissionNumber = SubmissionNumber([7; 16]);

/// How a route answers a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The page, or whatever the handler decides.
    Open,
    /// ログイン, or 401 for a form.
    SignIn,
    /// パスワード更新.
    ChangePassword,
    /// 403.
    Forbidden,
    /// 404, the same as for something that does not exist.
    NotFound,
}

fn expected(route: &Route, node: &TestApp, visitor: Option<(&str, bool)>) -> Answer {
    let Some(application) = route.who.application() else { return Answer::Open };
    let Some((login, own)) = visitor.map(|(login, own)| (login, owns(route, (login, own)))) else {
        return Answer::SignIn;
    };
    if node.world.application(login) != application || login.ends_with("-removed") {
        return Answer::SignIn;
    }
    let admitted = match route.who {
        Who::Anyone | Who::Arriving(_) => true,
        Who::Client(roles) => node.world.client_role(login).is_some_and(|role| roles.contains(&role)),
        Who::Agent(roles) => node.world.agent_role(login).is_some_and(|role| roles.contains(&role)),
        Who::Simulator(roles) => node.world.simulator_role(login).is_some_and(|role| roles.contains(&role)),
    };
    let arriving = node.world.must_change(login) && !matches!(route.who, Who::Anyone | Who::Arriving(_));
    if !admitted || (arriving && route.method == "post") {
        Answer::Forbidden
    } else if arriving {
        Answer::ChangePassword
    } else if !own && route.foreign == Foreign::NotFound && !(login.starts_with("c-") && whole(route)) {
        Answer::NotFound
    } else {
        Answer::Open
    }
}

/// What belongs to the garage as a whole: each of its branches may see it, if the role may.
fn whole(route: &Route) -> bool {
    route.path.contains("{organization}") || route.path.contains("{api_key}")
}

fn answered(route: &Route, page: &Page) -> Answer {
    let to = page.header("location");
    let application = route.who.application().map_or("", Application::slug);
    match page.status {
        StatusCode::UNAUTHORIZED => Answer::SignIn,
        StatusCode::SEE_OTHER if to.starts_with(&format!("/{application}/sign-in")) && !to.contains("?left") => {
            Answer::SignIn
        }
        StatusCode::SEE_OTHER if to == format!("/{application}/password") => Answer::ChangePassword,
        StatusCode::FORBIDDEN => Answer::Forbidden,
        StatusCode::NOT_FOUND => Answer::NotFound,
        _ => Answer::Open,
    }
}

/// Long work is nobody's but its owner's; everything else in these addresses is the request's.
fn owns(route: &Route, (login, own): (&str, bool)) -> bool {
    if is_work(route) || is_import(route) { matches!(login, "c-staff" | "a-staff") } else { own }
}

fn is_work(route: &Route) -> bool {
    route.path.split('/').nth(2) == Some("work")
}

/// Uploads are their owner's too.
fn is_import(route: &Route) -> bool {
    route.path.contains("/requests/import")
}

/// The address of a request of 北工場 to 本所 (for the agent one that has arrived), of 北工場 itself, of one of its users.
pub(crate) fn address(route: &Route, node: &TestApp) -> String {
    let request = match (route.who.application(), is_work(route)) {
        (Some(Application::Agent), true) => node.world.agent_work.to_string(),
        (_, true) => node.world.work.to_string(),
        (_, false) if is_import(route) => node.world.import.to_string(),
        (Some(Application::Agent), false) => node.world.sent.to_string(),
        (_, false) => node.world.draft.to_string(),
    };
    let login = if route.who.application() == Some(Application::Agent) { "a-staff" } else { "c-north" };
    let user = node.world.user(login).to_string();
    let [branch, agent, garage] = [NORTH.to_string(), AGENT.to_string(), GARAGE.to_string()];
    let template = TEMPLATE.to_string();
    address_of(route, [&request, &branch, &agent, &user, &garage, KEY, &template])
}

/// The same of what does not exist.
fn nowhere(route: &Route) -> String {
    address_of(route, ["999999999"; 7])
}

fn address_of(route: &Route, [request, branch, agent, user, garage, api_key, template]: [&str; 7]) -> String {
    let path = route
        .path
        .replace("{procedure}", "inspection")
        .replace("{id}", request)
        .replace("{branch}", branch)
        .replace("{agent}", agent)
        .replace("{agent_branch}", branch)
        .replace("{certificate}", "1")
        .replace("{user}", user)
        .replace("{organization}", garage)
        .replace("{api_key}", api_key)
        .replace("{template}", template)
        .replace("{name}", "app.css")
        .replace("{event}", "received")
        .replace("{proof}", "1")
        .replace("{key}", &FILED.to_string());
    assert!(!path.contains('{'), "teach this test what stands for the part of {}", route.path);
    path
}

/// Those whom a page of an application is for, with its address.
pub(crate) fn readers<'a>(route: &'a Route, node: &'a TestApp) -> impl Iterator<Item = (&'static str, String)> + 'a {
    let open = |visitor: &(&str, bool)| expected(route, node, Some(*visitor)) == Answer::Open;
    let settled = |login: &str| !login.ends_with("-new") && !login.ends_with("-removed");
    let inside = route.who.application().is_some();
    let there = VISITORS.into_iter().filter(move |(login, own)| inside && *own && settled(login));
    there.filter(open).map(|(login, _)| (login, address(route, node)))
}

async fn ask(route: &Route, browser: &mut Browser<'_>, path: &str) -> Page {
    match route.method {
        "get" => browser.get_only(path).await,
        _ => browser.forge(path, &[]).await,
    }
}

/// A visitor at a route: what is wrong with the answer, if anything is.
async fn visit(
    node: &TestApp,
    route: &Route,
    visitor: Option<(&str, bool)>,
    browser: &mut Browser<'_>,
    acted: bool,
) -> Option<String> {
    let path = address(route, node);
    let page = ask(route, browser, &path).await;
    let (answer, expected) = (answered(route, &page), expected(route, node, visitor));
    assert!(!page.status.is_server_error(), "{} {path} as {visitor:?}: {}", route.method, page.text());
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
    if expected == Answer::NotFound {
        let missing = ask(route, browser, &nowhere(route)).await;
        let plain = |page: &Page| page.text().replace(page.header("x-request-id"), "");
        assert_eq!(plain(&page), plain(&missing), "{path} tells that it exists");
    }
    // What somebody did to it may have taken it away from those who come later.
    let gone = acted && expected == Answer::Open && answer == Answer::NotFound;
    // An address of the node itself may lead on, and an asset without its hash is not found.
    let own_business = route.who == Who::Anyone && !matches!(answer, Answer::Forbidden | Answer::ChangePassword);
    let fine = answer == expected || gone || own_business;
    (!fine).then(|| {
        let (method, status, to) = (route.method, page.status, page.header("location"));
        format!("{method} {path} as {visitor:?}: {answer:?} instead of {expected:?} ({status}, {to})")
    })
}

/// A node that has this part of the routes: with a simulated world, in which something was filed, or without.
pub(crate) async fn node_with(outside: bool) -> TestApp {
    if !outside {
        return TestApp::new().await;
    }
    let node = TestApp::configured(|config| config.portal.gateway = PortalGateway::Simulated).await;
    let (sim, request, now) = (node.app.sim.clone().unwrap(), node.world.sent, node.app.clocks.business());
    let filed = Command::File { request, document: b"?".to_vec(), signature: Vec::new(), earlier: None };
    tokio::task::spawn_blocking(move || sim.submit(&filed, FILED, now)).await.unwrap().unwrap();
    node
}

/// Whether this visitor has an application to sign in to on such a node.
pub(crate) fn is_there(login: &str, outside: bool) -> bool {
    outside || !login.starts_with("s-")
}

#[tokio::test]
async fn every_route_admits_whom_its_row_says_and_nobody_else() {
    for outside in [false, true] {
        every_route(outside).await;
    }
}

async fn every_route(outside: bool) {
    let node = node_with(outside).await;
    let mut visitors: Vec<(Option<(&str, bool)>, Browser<'_>)> = vec![(None, node.browser())];
    for visitor in VISITORS.into_iter().filter(|(login, _)| is_there(login, outside)) {
        visitors.push((Some(visitor), node.as_user(visitor.0).await));
    }
    node.remove_user("c-removed").await;
    node.remove_user("a-removed").await;
    let mut wrong = Vec::new();
    for (visitor, browser) in &mut visitors {
        for route in routes::all().filter(|route| route.is_outside() == outside) {
            // Forms that are admitted change the world; they get one of their own.
            if route.method == "get" || expected(route, &node, *visitor) != Answer::Open {
                wrong.extend(visit(&node, route, *visitor, browser, false).await);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_form_admits_whom_its_row_says() {
    let mut wrong = Vec::new();
    for route in routes::all().filter(|route| route.method == "post") {
        let node = node_with(route.is_outside()).await;
        let mut acted = false;
        let here = |login: &str| is_there(login, route.is_outside()) && !login.ends_with("-removed");
        for visitor in VISITORS.into_iter().filter(|(login, own)| *own && here(login)) {
            if expected(route, &node, Some(visitor)) == Answer::Open {
                let mut browser = node.as_user(visitor.0).await;
                wrong.extend(visit(&node, route, Some(visitor), &mut browser, acted).await);
                acted = true;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_form_needs_our_own_page() {
    let node = node_with(true).await;
    for route in routes::all().filter(|route| route.method != "get") {
        let path = address(route, &node);
        let admitted = |(login, own): &(&str, bool)| {
            !login.ends_with("-removed") && expected(route, &node, Some((*login, *own))) == Answer::Open
        };
        let login = VISITORS.iter().find(|visitor| admitted(visitor)).map_or("c-staff", |(login, _)| *login);
        let mut browser = node.as_user(login).await;
        let token = format!("csrf={}", browser.token().unwrap());
        let elsewhere = browser
            .raw_post(&path, &token, &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")])
            .await;
        assert_eq!(elsewhere.status, StatusCode::FORBIDDEN, "{path} from elsewhere");
        if route.who != Who::Anyone {
            let bare = browser.raw_post(&path, "", &[]).await;
            assert_eq!(bare.status, StatusCode::FORBIDDEN, "{path} without a token");
        }
    }
}

#[tokio::test]
async fn files_go_only_where_they_are_taken_and_pass_the_same_checks() {
    let node = node_with(true).await;
    let file: [(&str, &str, &[u8]); 1] = [("file", "a.bin", b"content")];
    let mut stranger = node.browser();
    stranger.get("/client/sign-in").await;
    let sign_in = stranger.post_files("/client/sign-in", &[("login_id", "c-staff")], &file).await;
    assert_eq!(sign_in.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for route in routes::all().filter(|route| route.method != "get" && route.who != Who::Anyone) {
        let path = address(route, &node);
        let stranger = node.browser().forge_files(&path, &[], &file).await;
        assert_eq!(stranger.status, StatusCode::UNAUTHORIZED, "{path} as nobody");
        for (login, _) in VISITORS.into_iter().filter(|(login, _)| !login.ends_with("-removed")) {
            if expected(route, &node, Some((login, true))) == Answer::Open {
                let bare = node.as_user(login).await.forge_files(&path, &[("csrf", "")], &file).await;
                let fitting = if route.file == 0 { StatusCode::UNSUPPORTED_MEDIA_TYPE } else { StatusCode::FORBIDDEN };
                assert_eq!(bare.status, fitting, "{path} as {login} without a token");
                break;
            }
        }
    }
}

#[tokio::test]
async fn no_menu_item_leads_nowhere() {
    let node = node_with(true).await;
    for (login, _) in VISITORS.into_iter().filter(|(login, _)| !login.ends_with("-new") && !login.ends_with("-removed"))
    {
        let mut browser = node.as_user(login).await;
        let page = browser.shown().body.clone();
        let header = page.split("<main").next().unwrap();
        for link in header.split("<a ").skip(1).filter_map(|link| link.split_once("href=\"/")?.1.split('"').next()) {
            let target = browser.get(&format!("/{link}")).await;
            assert_eq!(target.status, StatusCode::OK, "{login}: /{link}");
        }
    }
}

#[test]
fn get_changes_nothing_and_every_row_is_told_apart() {
    let mut seen = std::collections::BTreeSet::new();
    for route in routes::all() {
        assert!(seen.insert((route.method, route.path)), "{} {} is there twice", route.method, route.path);
        assert!(matches!(route.method, "get" | "post"), "{}", route.path);
        let names_object =
            ["{id}", "{branch}", "{agent}", "{agent_branch}", "{user}", "{organization}", "{api_key}", "{template}"]
                .iter()
                .any(|part| route.path.contains(part));
        assert_eq!(
            names_object,
            route.foreign == Foreign::NotFound,
            "{} {}: say how a foreign object answers",
            route.method,
            route.path
        );
    }
}
