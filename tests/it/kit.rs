//! A node inside the test: the real router on a real store in a temporary folder, with standing clocks, cheap password
//! hashes and a small known world. Browsers keep cookies and read the tokens out of the forms they send.

pub(crate) mod html;
pub(crate) mod world;

use ainas::app::{App, Shared};
use ainas::clock::Clocks;
use ainas::config::{Argon2, Config, Profile};
use ainas::domain::role::Application;
use ainas::domain::time::{BusinessTime, Day};
use ainas::folder::DataFolder;
use ainas::secret::NodeKey;
use ainas::store::{Options, Store};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use html::Form;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;
use world::World;

/// Where the node in the test is found.
pub(crate) const HOST: &str = "ainas.test:8443";

/// The password of every user of the world.
pub(crate) const PASSWORD: &str = "Aobazora-7";

/// The initial password of users who have to change it.
pub(crate) const INITIAL: &str = "Hatsumode-3";

/// Everything that has to be there before a request can be sent.
pub(crate) const COMPLETE: [(&str, &str); 6] = [
    ("ownership", "individual"),
    ("name", "見本 太郎"),
    ("address1", "東京都みどり区あおば町"),
    ("address2", "1-2-3"),
    ("term", "two_years"),
    ("renewal_division", "office"),
];

/// How many times as long the random tests go on as in the plain run: `AINAS_TEST_ROUNDS`.
pub(crate) fn rounds() -> usize {
    std::env::var("AINAS_TEST_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// A node inside the test.
pub(crate) struct TestApp {
    /// The node.
    pub(crate) app: Shared,
    /// Its clocks, standing at 2026-12-01 10:00.
    pub(crate) clocks: Arc<Clocks>,
    /// Who and what is there.
    pub(crate) world: World,
    router: Router,
    _folder: tempfile::TempDir,
}

impl TestApp {
    /// A node with a fresh world.
    pub(crate) async fn new() -> Self {
        Self::configured(|_| {}).await
    }

    /// The same with changes of the configuration.
    pub(crate) async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let start = BusinessTime::at(Day::new(2026, 12, 1).unwrap(), 10, 0);
        let clocks = Arc::new(Clocks::standing_at(start.unix()));
        let root = tempfile::tempdir().unwrap();
        let folder = DataFolder::create(&root.path().join("data"), Profile::Test).unwrap();
        NodeKey::generate().save(&folder.node_key()).unwrap();
        drop(Store::open(&folder.store(), &Options::default()).unwrap());
        let mut config = Config::on_loopback(8443);
        config.accounts.argon2 = Argon2 { memory_kib: 8, iterations: 1, parallelism: 1 };
        config.hours.enabled = false;
        change(&mut config);
        let app = App::open(folder, config, Arc::clone(&clocks)).unwrap();
        let world = world::seed(&app).await;
        let router = ainas::web::router(&app).unwrap();
        Self { app, clocks, world, router, _folder: root }
    }

    /// The process ends as if it were killed, and the node starts again on the same data.
    pub(crate) fn restarted(self) -> Self {
        self.restarted_after(|_| {})
    }

    /// The same, and meanwhile something else has the folder.
    pub(crate) fn restarted_after(self, meanwhile: impl FnOnce(&Path)) -> Self {
        let Self { app, clocks, world, router, _folder } = self;
        let (root, config) = (app.folder.root().to_owned(), app.config.clone());
        drop(router);
        app.close();
        drop(app);
        meanwhile(&root);
        let app = App::open(DataFolder::open(&root).unwrap(), config, Arc::clone(&clocks)).unwrap();
        let router = ainas::web::router(&app).unwrap();
        Self { app, clocks, world, router, _folder }
    }

    /// A browser that has not been here before.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { node: self, cookies: BTreeMap::new(), page: None, path: String::new() }
    }

    /// A browser signed in as this user of the world.
    pub(crate) async fn as_user(&self, login: &str) -> Browser<'_> {
        let application = self.world.application(login);
        let password = if self.world.must_change(login) { INITIAL } else { PASSWORD };
        let mut browser = self.browser();
        let page = browser.sign_in(application, login, password).await;
        assert_ne!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{login} can't sign in: {}", page.text());
        browser
    }
}

/// A browser: cookies, and the page it shows.
pub(crate) struct Browser<'a> {
    node: &'a TestApp,
    cookies: BTreeMap<String, String>,
    page: Option<Page>,
    path: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body as text.
    pub(crate) body: String,
    /// Its body.
    pub(crate) bytes: Vec<u8>,
    /// The address it was found at, after redirects.
    pub(crate) path: String,
}

impl Page {
    /// What a person reads on it, without markup, one space between words.
    pub(crate) fn text(&self) -> String {
        html::text(&self.body)
    }

    /// Whether a person can read this on it.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "the page does not show {text:?}:\n{}", self.text());
        self
    }

    /// Whether a person can't read this on it.
    #[track_caller]
    pub(crate) fn hides(&self, text: &str) -> &Self {
        assert!(!self.text().contains(text), "the page shows {text:?}:\n{}", self.text());
        self
    }

    /// The heading.
    pub(crate) fn title(&self) -> String {
        self.body
            .split_once("<h1>")
            .and_then(|(_, rest)| rest.split_once("</h1>"))
            .map_or_else(String::new, |(h, _)| html::text(h))
    }

    /// The form that is sent to this address.
    #[track_caller]
    pub(crate) fn form(&self, action: &str) -> Form {
        html::forms(&self.body)
            .into_iter()
            .find(|form| form.action == action)
            .unwrap_or_else(|| panic!("no form to {action} on {}:\n{}", self.path, self.text()))
    }

    /// A header, empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Browser<'_> {
    /// Opens an address; redirects are followed.
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let page = self.send(Method::GET, path, None, &[]).await;
        self.follow(page).await
    }

    /// Opens an address and stays where it answers.
    pub(crate) async fn get_only(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, None, &[]).await
    }

    /// Opens an address with further headers and stays where it answers.
    pub(crate) async fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Page {
        self.send(Method::GET, path, None, headers).await
    }

    /// Fills in the form to this address that the page shown has, and sends it; redirects are followed. What is not
    /// named here keeps what the form shows.
    #[track_caller]
    pub(crate) fn post<'b>(
        &'b mut self,
        action: &'b str,
        fields: &'b [(&'b str, &'b str)],
    ) -> impl Future<Output = Page> + 'b {
        let form = self.page.as_ref().expect("open the page with the form first").form(action).filled(fields);
        async move {
            let page = self.send(Method::POST, action, Some(form.encoded().as_bytes()), &[]).await;
            self.follow(page).await
        }
    }

    /// Sends a form body to an address with this session's token, whatever the page shown looks like; redirects are
    /// not followed. For those who do not keep to the buttons.
    pub(crate) async fn forge(&mut self, action: &str, fields: &[(&str, &str)]) -> Page {
        let form = self.forged(action).filled(fields);
        self.send(Method::POST, action, Some(form.encoded().as_bytes()), &[]).await
    }

    fn forged(&self, action: &str) -> Form {
        let csrf = self.token().unwrap_or_default();
        let once = "0123456789abcdef0123456789abcdef".to_owned();
        Form { action: action.to_owned(), fields: vec![("csrf".to_owned(), csrf), ("once".to_owned(), once)] }
    }

    /// Fills in the form with files to this address that the page shown has, and sends it: (field, name, content).
    /// Redirects are followed.
    pub(crate) async fn post_files(
        &mut self,
        action: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Page {
        let form = self.page.as_ref().expect("open the page with the form first").form(action).filled(fields);
        let page = self.send_form(action, &form, files).await;
        self.follow(page).await
    }

    /// Sends a form with files to an address with this session's token, whatever the page shown looks like.
    pub(crate) async fn forge_files(
        &mut self,
        action: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Page {
        let form = self.forged(action).filled(fields);
        self.send_form(action, &form, files).await
    }

    async fn send_form(&mut self, action: &str, form: &Form, files: &[(&str, &str, &[u8])]) -> Page {
        let chosen = |name: &str| files.iter().any(|(field, ..)| *field == name);
        let mut body = Vec::new();
        for (name, value) in form.fields.iter().filter(|(name, _)| !chosen(name)) {
            body.extend(
                format!("--ainas\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        for (field, name, content) in files {
            let head =
                format!("--ainas\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
            body.extend([head.as_bytes(), content, b"\r\n"].concat());
        }
        body.extend(b"--ainas--\r\n");
        let headers = [("content-type", "multipart/form-data; boundary=ainas")];
        self.send(Method::POST, action, Some(&body), &headers).await
    }

    /// Sends a form body exactly so, with further headers; an empty value removes a header that a browser would send.
    pub(crate) async fn raw_post(&mut self, action: &str, body: impl AsRef<[u8]>, headers: &[(&str, &str)]) -> Page {
        self.send(Method::POST, action, Some(body.as_ref()), headers).await
    }

    /// Fills in ログイン and sends it.
    pub(crate) async fn sign_in(&mut self, application: Application, login: &str, password: &str) -> Page {
        let path = format!("/{}/sign-in", application.slug());
        self.get(&path).await;
        self.post(&path, &[("login_id", login), ("password", password)]).await
    }

    /// The token of this session's forms, as the page shown carries it.
    pub(crate) fn token(&self) -> Option<String> {
        let forms = html::forms(&self.page.as_ref()?.body);
        forms
            .into_iter()
            .find_map(|form| form.fields.into_iter().find(|(name, _)| name == "csrf").map(|(_, value)| value))
    }

    /// The page shown.
    pub(crate) fn shown(&self) -> &Page {
        self.page.as_ref().expect("no page yet")
    }

    /// The value of the session cookie of an application.
    pub(crate) fn session(&self, application: Application) -> Option<&str> {
        let start = format!("__Host-ainas-{}-", application.slug());
        self.cookies.iter().find(|(name, _)| name.starts_with(&start)).map(|(_, value)| value.as_str())
    }

    /// A second browser with the same cookies.
    pub(crate) fn twin(&self) -> Self {
        Self { node: self.node, cookies: self.cookies.clone(), page: None, path: String::new() }
    }

    async fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..5 {
            let Some(to) = page.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned()) else { break };
            page = self.send(Method::GET, &to, None, &[]).await;
        }
        page
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<&[u8]>, headers: &[(&str, &str)]) -> Page {
        let mut request = Request::builder().method(method).uri(path);
        let mut all: BTreeMap<String, String> = BTreeMap::new();
        all.insert("host".to_owned(), HOST.to_owned());
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            all.insert("cookie".to_owned(), cookies.join("; "));
        }
        if !self.path.is_empty() {
            all.insert("referer".to_owned(), format!("https://{HOST}{}", self.path));
        }
        if body.is_some() {
            all.insert("origin".to_owned(), format!("https://{HOST}"));
            all.insert("sec-fetch-site".to_owned(), "same-origin".to_owned());
            all.insert("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        }
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        for (name, value) in all.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(name, value);
        }
        let request = request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_vec()))).unwrap();
        let response = self.node.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 16 << 20).await.unwrap().to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let page = Page { status: parts.status, headers: parts.headers, body, bytes, path: path.to_owned() };
        if !page.headers.contains_key(header::LOCATION) {
            self.path = path.to_owned();
            self.page = Some(page.clone());
        }
        page
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl TestApp {
    /// Deletes a user, as an administrator does.
    pub(crate) async fn remove_user(&self, login: &str) {
        let id = self.world.user(login);
        self.app
            .store
            .write(move |tx| {
                let mut user = tx.user(id)?.unwrap();
                user.active = false;
                user.version += 1;
                tx.put_user(&user)
            })
            .await
            .unwrap();
    }
}
