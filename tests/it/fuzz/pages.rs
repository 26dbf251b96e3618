//! What a browser sends: addresses, cookies, and forms of both kinds, to every route, as somebody who may.

use super::spoiled::{Hand, bytes, copies};
use crate::kit::html::{self, Form};
use crate::kit::{Browser, Page, TestApp, rounds};
use crate::routes::{node_with, readers};
use ainas::web::kit::fields::Fields;
use ainas::web::routes::{self, Route};
use axum::http::StatusCode;
use std::collections::BTreeMap;

/// What people type, for every kind of field.
const TYPED: [&str; 12] = [
    "見本　太郎",
    "１－２－３",
    "2026/12/24",
    "100000001",
    "on",
    "yes",
    "c-staff",
    "Kawasemi-2026x",
    "品川",
    "123-4567",
    "A123456789",
    "一行目\n二行目",
];

/// Browsers of the people of a node, each signed in once.
struct People<'a> {
    node: &'a TestApp,
    browsers: BTreeMap<&'static str, Browser<'a>>,
}

impl<'a> People<'a> {
    async fn browser(&mut self, login: &'static str) -> &mut Browser<'a> {
        if !self.browsers.contains_key(login) {
            let browser = self.node.as_user(login).await;
            self.browsers.insert(login, browser);
        }
        self.browsers.get_mut(login).unwrap()
    }
}

fn fine(page: &Page, sent: &str) {
    assert!(!page.status.is_server_error(), "{} {sent:?}: {}", page.status, page.text());
}

fn pages(outside: bool) -> impl Iterator<Item = &'static Route> {
    routes::all().filter(move |route| route.method == "get" && route.is_outside() == outside)
}

/// An address takes bytes from `!` to `~`; everything else arrives percent-encoded.
fn address(query: &[u8]) -> String {
    let plain = |byte: &u8| {
        (b'!'..=b'~').contains(byte)
            && !matches!(byte, b'"' | b'#' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
    };
    let encoded =
        query.iter().map(|byte| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") });
    encoded.collect::<String>().chars().take(8_000).collect()
}

#[tokio::test]
async fn addresses_of_every_page() {
    let good = [
        "page=2&size=50&order=oldest&id=100000001&status=4&portal=3&plate.region=%E5%93%81&plate.serial=12-34&beside=100000001",
        "name=a&login_id=b&role=staff&branch=1&active=yes&organization=102400005&published_from=2026-11-30&show=bad&format=csv",
        "kind=requests&from=2026-01&to=2026-12&by=branch&procedure=inspection&receipt=1&client=1&q=%E4%B8%80%E6%8B%AC&next=%2Fclient",
    ]
    .map(str::as_bytes);
    for outside in [false, true] {
        let node = node_with(outside).await;
        let mut people = People { node: &node, browsers: BTreeMap::new() };
        for (number, route) in pages(outside).enumerate() {
            let Some((login, path)) = readers(route, &node).next() else { continue };
            let browser = people.browser(login).await;
            for turn in 0..4 * rounds() {
                let query = address(&Hand::new(u64::try_from(number * 1_000 + turn).unwrap()).spoil(&good));
                let page = browser.get_only(&format!("{path}?{query}")).await;
                fine(&page, &format!("{path}?{query}"));
            }
        }
    }
}

/// Sends a form of a page with some of its fields spoiled: as an address when it searches.
async fn send(browser: &mut Browser<'_>, form: &Form, hand: &mut Hand) -> (Page, String) {
    let mut fields = form.fields.clone();
    for (name, value) in &mut fields {
        if !matches!(name.as_str(), "csrf" | "once") && hand.below(2) == 0 {
            let mut good = TYPED.to_vec();
            good.push(value.as_str());
            *value =
                if hand.below(3) == 0 { TYPED[hand.below(TYPED.len())].to_owned() } else { hand.spoil_text(&good) };
        }
    }
    let spoiled = Form { action: form.action.clone(), fields };
    let sent = format!("{} {:.3000}", spoiled.action, spoiled.encoded());
    let page = if form.value("csrf").is_some() {
        browser.raw_post(&spoiled.action, spoiled.encoded(), &[]).await
    } else {
        let query: String = spoiled.encoded().chars().take(8_000).collect();
        browser.get_only(&format!("{}?{query}", spoiled.action)).await
    };
    (page, sent)
}

#[tokio::test]
async fn forms_of_every_page() {
    let mut sent = 0;
    for outside in [false, true] {
        let node = node_with(outside).await;
        let mut people = People { node: &node, browsers: BTreeMap::new() };
        for (number, route) in pages(outside).enumerate() {
            // Whoever changes a password or leaves is gone.
            let away =
                |action: &str| ["sign-out", "/password", "sign-in", "/my-users"].iter().any(|end| action.contains(end));
            let Some((login, path)) = readers(route, &node).next().filter(|(_, path)| !away(path)) else { continue };
            let browser = people.browser(login).await;
            for turn in 0..2 * rounds() {
                let mut hand = Hand::new(u64::try_from(number * 1_000 + turn).unwrap());
                let page = browser.get(&path).await;
                fine(&page, &path);
                for form in html::forms(&page.body).iter().filter(|form| !form.action.is_empty() && !away(&form.action))
                {
                    let (page, what) = send(browser, form, &mut hand).await;
                    fine(&page, &what);
                    sent += 1;
                }
            }
        }
        // What was taken can be shown to everybody, and the data holds together.
        for route in pages(outside) {
            for (login, path) in readers(route, &node) {
                fine(&people.browser(login).await.get(&path).await, &path);
            }
        }
        assert_eq!(node.app.store.read(ainas::store::check::check).unwrap(), []);
    }
    assert!(sent > 100, "{sent} forms");
}

#[tokio::test]
async fn cookies() {
    let node = TestApp::new().await;
    let token = {
        let browser = node.as_user("c-staff").await;
        browser.session(ainas::domain::role::Application::Client).unwrap().to_owned()
    };
    let name = "__Host-ainas-client-test00";
    let good = format!("{name}={token}; other=1");
    for copy in copies(&[good.as_bytes(), b"__Host-ainas-agent-test00=x; =; ;;"], 250) {
        let cookie: String =
            copy.iter().map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '_' }).collect();
        let page = node.browser().get_with("/client", &[("cookie", &cookie)]).await;
        // Whoever brings the whole token is let in, and nobody else.
        let whole = cookie.split(';').filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name);
        let expected = if whole == Some((name, &token)) { StatusCode::OK } else { StatusCode::SEE_OTHER };
        assert_eq!(page.status, expected, "{cookie:?}");
    }
}

#[tokio::test]
async fn forms_with_files() {
    let node = TestApp::new().await;
    let mut browser = node.as_user("c-staff").await;
    let path = "/client/inspection/requests/import";
    browser.get(path).await;
    let csrf = browser.token().unwrap();
    let good = format!(
        "--ainas\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
         --ainas\r\nContent-Disposition: form-data; name=\"once\"\r\n\r\n0123456789abcdef0123456789abcdef\r\n\
         --ainas\r\nContent-Disposition: form-data; name=\"file\"; filename=\"表.csv\"\r\nContent-Type: text/csv\r\n\r\n車台番号\r\nA-1\r\n\
         --ainas--\r\n"
    );
    for copy in copies(&[good.as_bytes()], 300) {
        let page = browser.raw_post(path, &copy, &[("content-type", "multipart/form-data; boundary=ainas")]).await;
        fine(&page, &copy.escape_ascii().to_string());
    }
    for copy in copies(&[b"multipart/form-data; boundary=ainas", b"multipart/form-data; boundary=\"a b\""], 150) {
        let kind: String =
            copy.iter().map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '_' }).collect();
        fine(&browser.raw_post(path, &good, &[("content-type", &kind)]).await, &kind);
    }
    browser.get(path).await.shows("依頼データ一括登録");
}

#[test]
fn pairs_of_a_form() {
    bytes(&[b"csrf=0&name=%E9%AB%98+x&status=1&status=2", b"=&&=&%zz%4"], 1_500, |body| {
        let fields = Fields::parse_bytes(body);
        // A byte that is no UTF-8 becomes a character of three.
        assert!(fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= body.len() * 3);
    });
}
