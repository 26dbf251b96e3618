//! One chromedriver, whose browsers trust the node's certificate authority as a person's browser does: by their own
//! certificate store, not by a switch that turns checking off.

use super::page::Page;
use super::process::{Guarded, folder};
use fantoccini::ClientBuilder;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use url::Url;

/// Starts browsers.
#[derive(Debug)]
pub(crate) struct Driver {
    address: String,
    folder: PathBuf,
    browsers: AtomicU32,
    _process: Guarded,
}

const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--lang=ja",
];

impl Driver {
    /// Starts one on a free port.
    pub(crate) fn start(group: &str, trusted: Option<&Path>) -> Self {
        let folder = folder(&format!("{group}-browser"));
        if let Some(authority) = trusted {
            trust(&folder, authority);
        }
        let command = [installed("chromedriver", "chromium-driver"), "--port=0".to_owned()];
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let name = format!("{group}-chromedriver");
        let (process, port) =
            Guarded::start(&name, &folder, &command, &[("HOME", &folder), ("LANGUAGE", Path::new("ja"))], port);
        let address = format!("http://127.0.0.1:{port}");
        Self { address, folder, browsers: AtomicU32::new(0), _process: process }
    }

    /// A browser with an empty profile.
    pub(crate) fn browser(&self, test: &str) -> Page {
        let number = self.browsers.fetch_add(1, Ordering::Relaxed);
        let profile = format!("--user-data-dir={}", self.folder.join(format!("profile-{number}")).display());
        let arguments: Vec<&str> = ARGUMENTS.iter().copied().chain([profile.as_str()]).collect();
        let options = json!({
            "goog:chromeOptions": {
                "binary": installed("chromium", "chromium"),
                "args": arguments,
                "prefs": {
                    "intl.accept_languages": "ja",
                    "credentials_enable_service": false,
                    "profile.password_manager_leak_detection": false,
                },
            },
            "goog:loggingPrefs": { "browser": "ALL" },
            "unhandledPromptBehavior": "accept",
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let client = runtime.block_on(async {
            let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
            builder.capabilities(options.as_object().expect("an object").clone());
            builder.connect(&self.address).await
        });
        Page::new(runtime, client.expect("a browser"), test)
    }
}

fn port(line: &str) -> Option<u16> {
    line.strip_prefix("ChromeDriver was started successfully on port ")?.trim_end_matches('.').parse().ok()
}

/// Puts the authority into the store that Chromium reads below its home folder.
fn trust(home: &Path, authority: &Path) {
    let store = home.join(".pki/nssdb");
    std::fs::create_dir_all(&store).expect("a folder for certificates");
    let store = format!("sql:{}", store.display());
    let authority = authority.to_str().expect("a plain path");
    let certutil = installed("certutil", "libnss3-tools");
    for arguments in [
        &["-d", &store, "-N", "--empty-password"][..],
        &["-d", &store, "-A", "-t", "C,,", "-n", "AINAS node", "-i", authority],
    ] {
        let done = Command::new(&certutil).args(arguments).output().expect("certutil");
        assert!(done.status.success(), "certutil {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

/// The path of a program, or a sentence that says what to install.
fn installed(program: &str, package: &str) -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file());
    let Some(found) = found else {
        panic!("{program} is not installed: `apt-get install {package}` (tests/run does it)")
    };
    found.to_str().expect("a plain path").to_owned()
}

/// A command beyond the WebDriver standard: the developer tools' protocol, the console's log.
#[derive(Debug)]
pub(super) struct Extension {
    pub(super) path: &'static str,
    pub(super) body: serde_json::Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (hyper::Method, Option<String>) {
        (hyper::Method::POST, Some(self.body.to_string()))
    }
}
