//! Somebody who asks for pages and sends forms as a browser does.

use super::data;
use super::load::{self, Answer, Target, header};
use crate::domain::ids::RequestId;
use crate::domain::role::Application;
use std::io;
use std::net::SocketAddr;

/// Somebody signed in, and where.
pub(super) struct Browser {
    pub(super) target: Target,
    cookie: String,
    csrf: String,
}

/// 申請データ検索.
pub(super) const APPLICATIONS: &str = "/client/inspection/applications";
const REQUESTS: &str = "/client/inspection/requests";

impl Browser {
    /// Signs in to an application as a browser does.
    pub(super) fn sign_in(target: impl Into<Target>, application: Application) -> io::Result<Self> {
        let target = target.into();
        let (login, first) = match application {
            Application::Agent => (data::AGENT_LOGIN, "/agent".to_owned()),
            _ => (data::LOGIN, format!("{REQUESTS}/new")),
        };
        let answer = load::once(target.clone(), &sign_in(target.address, application, login))?;
        let cookie = header(&answer.head, "set-cookie").and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.ok_or_else(|| io::Error::other(format!("no session: {}", answer.status)))?.to_owned();
        let mut browser = Self { target, cookie, csrf: String::new() };
        let page = browser.get(&first)?;
        browser.csrf = hidden(&String::from_utf8_lossy(&page.body), "csrf");
        Ok(browser)
    }

    /// The same person by another way to the node.
    pub(super) fn by(&self, target: impl Into<Target>) -> Self {
        Self { target: target.into(), cookie: self.cookie.clone(), csrf: self.csrf.clone() }
    }

    /// Opens a page.
    pub(super) fn get(&self, path: &str) -> io::Result<Answer> {
        let answer = load::once(self.target.clone(), &self.asking(path))?;
        if answer.status == 200 { Ok(answer) } else { Err(io::Error::other(format!("{path}: {}", answer.status))) }
    }

    /// The request for a page.
    pub(super) fn asking(&self, path: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\n\r\n", self.target.address, self.cookie).into_bytes()
    }

    /// 送信 of a complete draft, as 依頼データ更新 sends it.
    pub(super) fn sending(&self, id: RequestId) -> Vec<u8> {
        let body = format!(
            "csrf={}&once={:032x}&version=1&send=on&ownership=individual&name=%E8%A6%8B%E6%9C%AC&address1=%E6%9D%B1%E4%BA%AC\
             &address2=%EF%BC%91&term=two_years&renewal_division=office",
            self.csrf,
            data::scattered(id.0)
        );
        post(self.target.address, &format!("{REQUESTS}/{id}/edit"), &self.cookie, &body)
    }
}

/// The form of ログイン.
pub(super) fn sign_in(address: SocketAddr, application: Application, login: &str) -> Vec<u8> {
    let path = format!("/{}/sign-in", application.slug());
    post(address, &path, "", &format!("login_id={login}&password={}", data::PASSWORD))
}

fn post(address: SocketAddr, path: &str, cookie: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\norigin: https://{address}\r\nsec-fetch-site: same-origin\r\n\
         cookie: {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let after = page.split_once(&format!("name=\"{name}\" value=\"")).map_or("", |(_, rest)| rest);
    after.split('"').next().unwrap_or_default().to_owned()
}

/// Text as it stands in an address.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
