//! A page as a person sees and uses it: by visible labels, in sentences such as `page.button("確定")`. Everything waits
//! until it is there, and fails with what was there instead.

use super::audit;
use fantoccini::elements::Element;
use fantoccini::wd::PrintConfiguration;
use fantoccini::{Client, error::CmdError};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::cell::Cell;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const EYES: &str = include_str!("../eyes.js");
/// How long a person would wait for a page.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long for the portal, which takes a few seconds for each step of a demo.
const PORTAL: Duration = Duration::from_secs(120);

/// Widths that pages must work at, in CSS pixels.
pub(super) const DESKTOP: u32 = 1280;
pub(super) const PHONE: u32 = 375;

/// A browser window.
#[derive(Debug)]
pub(crate) struct Page {
    runtime: Runtime,
    client: Client,
    /// The test, and who sits here.
    pub(super) test: String,
    pub(super) width: Cell<u32>,
    scripts: Cell<bool>,
    /// Pages seen so far, for the names of pictures.
    pub(super) seen: Cell<u32>,
}

/// A table: its headings, and its rows by them.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The cells below a heading.
    pub(crate) fn column(&self, heading: &str) -> Vec<&str> {
        let Some(at) = self.columns.iter().position(|column| *column == plain(heading)) else {
            panic!("no column {heading}: {:?}", self.columns)
        };
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }
}

/// NFKC, as the page's own words come back.
pub(crate) fn plain(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfkc().collect()
}

impl Page {
    pub(super) fn new(runtime: Runtime, client: Client, test: &str) -> Self {
        let page = Self {
            runtime,
            client,
            test: test.to_owned(),
            width: Cell::new(0),
            scripts: Cell::new(true),
            seen: Cell::new(0),
        };
        page.resize(DESKTOP);
        page
    }

    /// Makes the window as narrow as a phone.
    pub(crate) fn narrow(&self) {
        self.resize(PHONE);
    }

    /// Makes it as wide as a desk's again.
    pub(crate) fn widen(&self) {
        self.resize(DESKTOP);
    }

    /// Presses keys where the keyboard is: text, and the codes of WebDriver for the others.
    #[track_caller]
    pub(crate) fn keys(&self, keys: &str) {
        self.act("a place for keys", || {
            self.wait(async { self.client.active_element().await?.send_keys(keys).await }).ok()
        });
    }

    /// The name of what has the keyboard: its label, or what stands on it.
    pub(crate) fn focused(&self) -> String {
        let script = "const one = document.activeElement;
            return one.getAttribute('aria-label') || [...(one.labels ?? [])].map((label) => label.innerText).join(' ') || one.innerText || ''";
        let said = self.run(script, Vec::new()).unwrap_or_default();
        let words = plain(said.as_str().unwrap_or_default());
        words.replace("※必須", "").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Waits for the page with this title without looking it over.
    #[track_caller]
    pub(crate) fn until_heading(&self, title: &str) {
        let wanted = plain(title);
        self.until(&format!("the page {title}"), || Some(self.heading()? == wanted && self.ask("ready", &[])?));
    }

    /// Scheme, host and port of the address.
    pub(crate) fn origin(&self) -> String {
        self.address().splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
    }

    /// Turns scripts off: the pages' own, and with them what looks pages over.
    pub(crate) fn without_scripts(&self) {
        self.scripts.set(false);
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    }

    /// Makes the window this wide, and as high as such windows are.
    pub(super) fn resize(&self, width: u32) {
        self.stretch(width, if width == PHONE { 812 } else { 900 });
        self.width.set(width);
    }

    /// Makes the window as high as the page, for a picture of all of it.
    pub(super) fn stretch(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Looks at the page on paper: whose of when, no menus and buttons, at most so many sheets, all of them across or
    /// upright.
    #[track_caller]
    pub(crate) fn print(&self, across: bool, most: usize) {
        self.on_paper(across);
        let sheets = self.sheets();
        assert!(!sheets.is_empty() && sheets.len() <= most, "{:?}: {} sheets", self.heading(), sheets.len());
        assert!(sheets.iter().all(|sheet| *sheet == across), "{:?}: {sheets:?}", self.heading());
    }

    /// Prints the page. For each sheet, whether it lies across.
    fn sheets(&self) -> Vec<bool> {
        let pdf = self.wait(self.client.print(PrintConfiguration::default())).expect("a printed page");
        audit::keep_print(self, &pdf);
        let pdf = String::from_utf8_lossy(&pdf);
        let sizes = pdf.split("/MediaBox [0 0 ").skip(1).filter_map(|rest| rest.split(']').next());
        let sheet = |size: &str| {
            let (width, height) = size.split_once(' ')?;
            Some(width.parse::<f64>().ok()? > height.trim().parse().ok()?)
        };
        sizes.map(|size| sheet(size).expect("a size")).collect()
    }

    /// Whether the browser would ask before this page is left.
    pub(crate) fn would_ask_before_leaving(&self) -> bool {
        let script = "return !dispatchEvent(new Event('beforeunload', { cancelable: true }));";
        self.run(script, Vec::new()).is_ok_and(|asked| asked == json!(true))
    }

    /// Looks at the page as paper shows it, as wide as between the sheet's margins.
    #[track_caller]
    fn on_paper(&self, across: bool) {
        self.devtools("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
        self.stretch(if across { 1031 } else { 702 }, 900);
        audit::paper(self);
        self.resize(self.width.get());
        self.devtools("Emulation.setEmulatedMedia", &json!({ "media": "" }));
    }

    /// Types an address.
    #[track_caller]
    pub(crate) fn open(&self, address: &str) {
        self.wait(self.client.goto(address)).unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// ログイン, from its page on.
    pub(crate) fn sign_in(&self, login_id: &str, password: &str) {
        self.at("ログイン");
        self.fill("ログインID", login_id);
        self.fill("パスワード", password);
        self.button("ログイン");
    }

    /// F5.
    #[track_caller]
    pub(crate) fn reload(&self) {
        self.wait(self.client.refresh()).expect("reload");
    }

    /// The browser's own way back.
    #[track_caller]
    pub(crate) fn back(&self) {
        self.wait(self.client.back()).expect("back");
    }

    /// The address bar.
    #[track_caller]
    pub(crate) fn address(&self) -> String {
        self.wait(self.client.current_url()).expect("an address").to_string()
    }

    /// Waits for the page with this title and looks it over: see [`audit`].
    #[track_caller]
    pub(crate) fn at(&self, title: &str) {
        let wanted = plain(title);
        self.until(&format!("the page {title}"), || Some(self.heading()? == wanted && self.ask("ready", &[])?));
        self.look_over();
    }

    /// Looks the page over as it stands: accessibility, console, width, picture.
    #[track_caller]
    pub(crate) fn look_over(&self) {
        if self.scripts.get() {
            audit::page(self);
        }
    }

    /// What axe-core finds on the page.
    pub(crate) fn violations(&self) -> Vec<String> {
        audit::violations(self)
    }

    /// How far the page is wider than its window, in pixels.
    pub(crate) fn overflow(&self) -> u32 {
        audit::overflow(self)
    }

    /// What a script in the page returns.
    #[track_caller]
    pub(crate) fn evaluate<T: DeserializeOwned>(&self, script: &str) -> T {
        let said = self.run(script, Vec::new()).unwrap_or_else(|error| panic!("{}: {error}", self.address()));
        serde_json::from_value(said).expect("what the script promised")
    }

    /// Runs a script at the start of every page from here on, before any of the page's own.
    pub(crate) fn at_every_start(&self, script: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }));
    }

    /// Runs a script that leads to another page, and waits for that.
    #[track_caller]
    pub(crate) fn leave(&self, script: &str) {
        self.evaluate::<()>(&format!("window.stays = true; {script}"));
        let arrived = "return !window.stays && document.readyState === 'complete'";
        self.until("another page", || Some(self.run(arrived, Vec::new()).ok()? == json!(true)));
    }

    /// Waits for an address.
    #[track_caller]
    pub(crate) fn until_address(&self, wanted: impl Fn(&str) -> bool) {
        self.until("another address", || Some(wanted(&self.address())));
    }

    /// The page's title.
    pub(crate) fn heading(&self) -> Option<String> {
        self.ask::<Option<String>>("heading", &[])?
    }

    /// Clicks an item of the menu or the header.
    #[track_caller]
    pub(crate) fn menu(&self, label: &str) {
        self.press("menu", label);
    }

    /// Clicks a button, or a link that looks like one.
    #[track_caller]
    pub(crate) fn button(&self, label: &str) {
        self.press("page", label);
    }

    /// Clicks a link.
    #[track_caller]
    pub(crate) fn link(&self, label: &str) {
        self.press("page", label);
    }

    /// Types into a box, replacing what stood there.
    #[track_caller]
    pub(crate) fn fill(&self, label: &str, text: &str) {
        self.fill_any(label, None, text);
    }

    /// Types into a box of a group, such as （番号） of 自動車登録番号（標板）.
    #[track_caller]
    pub(crate) fn fill_in(&self, group: &str, label: &str, text: &str) {
        self.fill_any(label, Some(group), text);
    }

    /// Chooses from a list.
    #[track_caller]
    pub(crate) fn choose(&self, label: &str, option: &str) {
        self.act(&format!("{option} in the list {label}"), || {
            let list = self.element("control", &[json!("select"), json!(label)])?;
            let option = self.element("option", &[handle(&list), json!(option)])?;
            self.wait(option.click()).ok()
        });
    }

    /// The words of a list's options.
    #[track_caller]
    pub(crate) fn options(&self, label: &str) -> Vec<String> {
        self.act(&format!("the list {label}"), || {
            let list = self.element("control", &[json!("select"), json!(label)])?;
            self.ask("options", &[handle(&list)])
        })
    }

    /// What is chosen in a list.
    #[track_caller]
    pub(crate) fn chosen(&self, label: &str) -> String {
        self.act(&format!("the list {label}"), || {
            let list = self.element("control", &[json!("select"), json!(label)])?;
            self.ask("chosen", &[handle(&list)])
        })
    }

    /// Waits until this is chosen in a list.
    #[track_caller]
    pub(crate) fn holds(&self, label: &str, option: &str) {
        self.until(&format!("{option} chosen in the list {label}"), || {
            let list = self.element("control", &[json!("select"), json!(label)])?;
            Some(self.ask::<String>("chosen", &[handle(&list)])? == plain(option))
        });
    }

    /// What stands in a box.
    #[track_caller]
    pub(crate) fn typed(&self, label: &str) -> String {
        self.act(&format!("a box {label}"), || {
            let field = self.element("control", &[json!("text"), json!(label)])?;
            self.wait(field.prop("value")).ok()?
        })
    }

    /// Checks a box.
    #[track_caller]
    pub(crate) fn check(&self, label: &str) {
        self.check_any(label, None);
    }

    /// Checks a box of a group, or in the row with these words.
    #[track_caller]
    pub(crate) fn check_in(&self, group: &str, label: &str) {
        self.check_any(label, Some(group));
    }

    /// Checks the only box of the row with these words.
    #[track_caller]
    pub(crate) fn check_row(&self, words: &str) {
        self.act(&format!("a check box in the row of {words}"), || {
            let field = self.element("box_of_row", &[json!(words)])?;
            if self.wait(field.is_selected()).ok()? { Some(()) } else { self.click(&field) }
        });
    }

    /// Checks the box of the row that has both of these.
    pub(crate) fn check_row_of(&self, words: &str, others: &str) {
        self.act(&format!("a check box in the row of {words} {others}"), || {
            let field = self.element("box_of_row", &[json!(words), json!(others)])?;
            if self.wait(field.is_selected()).ok()? { Some(()) } else { self.click(&field) }
        });
    }

    /// Whether there is such a box, and whether it is checked.
    pub(crate) fn checked(&self, label: &str) -> Option<bool> {
        let field = self.element("control", &[json!("check"), json!(label)])?;
        self.wait(field.is_selected()).ok()
    }

    /// Whether something of this name can be clicked now, outside the menu.
    pub(crate) fn offers(&self, label: &str) -> bool {
        self.pressables("page").contains(&plain(label))
    }

    /// Everything that can be clicked in the menu or on the page, in order.
    pub(crate) fn pressables(&self, place: &str) -> Vec<String> {
        self.ask("pressables", &[json!(place)]).unwrap_or_default()
    }

    /// The value beside a label.
    #[track_caller]
    pub(crate) fn value_of(&self, label: &str) -> String {
        self.act(&format!("the value of {label}"), || self.ask::<Option<String>>("value", &[json!(label)])?)
    }

    /// The value beside a label of a block.
    #[track_caller]
    pub(crate) fn value_in(&self, block: &str, label: &str) -> String {
        self.act(&format!("the value of {label} in {block}"), || {
            self.ask::<Option<String>>("value", &[json!(label), json!(block)])?
        })
    }

    /// Waits until the value beside a label reads like this.
    #[track_caller]
    pub(crate) fn reads(&self, label: &str, value: &str) {
        let wanted = plain(value);
        self.until(&format!("{label}: {value}"), || {
            Some(self.ask::<Option<String>>("value", &[json!(label)])?? == wanted)
        });
    }

    /// Waits until the value beside a label begins like this: a status has the portal's own behind it.
    #[track_caller]
    pub(crate) fn begins(&self, label: &str, words: &str) {
        self.until(&format!("{label}: {words} …"), || self.has(label, words));
    }

    /// Whether the value beside a label begins like this now.
    pub(crate) fn has(&self, label: &str, words: &str) -> Option<bool> {
        Some(self.ask::<Option<String>>("value", &[json!(label)])??.starts_with(&plain(words)))
    }

    /// Reloads, as a person does who waits for the portal, until the condition holds.
    #[track_caller]
    pub(crate) fn reload_until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < PORTAL, "in vain waited for: {what}\n{}", self.scene());
            self.pause();
            self.reload();
        }
    }

    /// The only table, or the one of a block.
    #[track_caller]
    pub(crate) fn table(&self, block: Option<&str>) -> Table {
        self.act("a table", || self.ask::<Option<Table>>("table", &[json!(block)])?)
    }

    /// All labels in reading order, each with the heading of its block (`head` before the first).
    pub(crate) fn labels(&self) -> Vec<(String, String)> {
        self.ask("labels", &[]).unwrap_or_default()
    }

    /// Waits for a message of the page that contains these words.
    #[track_caller]
    pub(crate) fn banner(&self, words: &str) {
        let wanted = plain(words);
        self.until(&format!("the message {words}"), || {
            Some(self.ask::<Vec<String>>("banners", &[])?.iter().any(|banner| banner.contains(&wanted)))
        });
    }

    /// Waits for these words anywhere on the page.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) {
        let wanted = plain(words);
        self.until(&format!("the words {words}"), || Some(self.ask::<String>("words", &[])?.contains(&wanted)));
    }

    /// Waits for the list of what has to be corrected, and returns it.
    #[track_caller]
    pub(crate) fn problems(&self) -> Vec<String> {
        self.act("a list of problems", || {
            self.ask::<Vec<String>>("problems", &[]).filter(|problems| !problems.is_empty())
        })
    }

    #[track_caller]
    fn press(&self, place: &str, label: &str) {
        let (root, leaves) = self.act(&format!("{label} to click ({place})"), || {
            let found = self.element("pressable", &[json!(place), json!(label)])?;
            let root = self.element("root", &[])?;
            let leaves: bool = self.ask("leaves", &[handle(&found)])?;
            self.click(&found)?;
            Some((root, leaves))
        });
        if leaves {
            // What is read next must not be the old page, which looks the same when a form comes back.
            let gone = || self.run("return arguments[0].isConnected", vec![handle(&root)]).is_err();
            self.until(&format!("another page after {label}"), || Some(gone()));
        }
    }

    #[track_caller]
    fn fill_any(&self, label: &str, group: Option<&str>, text: &str) {
        self.act(&format!("a box {label}"), || {
            let field = self.element("control", &[json!("text"), json!(label), json!(group)])?;
            self.type_into(&field, text)
        });
    }

    #[track_caller]
    fn check_any(&self, label: &str, group: Option<&str>) {
        self.act(&format!("a check box {label}"), || {
            let field = self.element("control", &[json!("check"), json!(label), json!(group)])?;
            if self.wait(field.is_selected()).ok()? { Some(()) } else { self.click(&field) }
        });
    }

    fn type_into(&self, field: &Element, text: &str) -> Option<()> {
        // Days are picked, not typed: the order of their parts is the browser's own.
        if self.wait(field.attr("type")).ok()?.as_deref() == Some("date") {
            let pick = "arguments[0].value = arguments[1];
                for (const type of ['input', 'change']) arguments[0].dispatchEvent(new Event(type, { bubbles: true }))";
            return self.wait(self.client.execute(pick, vec![handle(field), json!(text)])).ok().map(|_| ());
        }
        // A file is named, not typed: there is nothing to clear.
        let file = self.wait(field.attr("type")).ok()?.as_deref() == Some("file");
        self.wait(async {
            if !file {
                field.clear().await?;
            }
            field.send_keys(text).await
        })
        .ok()
    }

    /// Brings it to the middle of the window, as people do, so that nothing that sticks to an edge covers it.
    fn click(&self, element: &Element) -> Option<()> {
        let script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.wait(self.client.execute(script, vec![handle(element)])).ok()?;
        self.wait(element.click()).ok()
    }

    fn element(&self, question: &str, arguments: &[Value]) -> Option<Element> {
        let found = self.ask::<Value>(question, arguments)?;
        self.known(&found)
    }

    fn known(&self, reference: &Value) -> Option<Element> {
        let id = reference.as_object()?.values().next()?.as_str()?;
        Some(Element::from_element_id(self.client.clone(), id.to_owned().into()))
    }

    /// Asks the eyes. None while the page changes; what the eyes find ambiguous is an error of the page.
    #[track_caller]
    fn ask<T: DeserializeOwned>(&self, question: &str, arguments: &[Value]) -> Option<T> {
        let script = format!("return (() => {{ {EYES} }})().{question}(...arguments)");
        match self.wait(self.client.execute(&script, arguments.to_vec())) {
            Ok(answer) => serde_json::from_value(answer).ok(),
            Err(error) => {
                let said = error.to_string();
                assert!(!said.contains("javascript error") || said.contains("reading"), "{question}: {said}");
                None
            }
        }
    }

    /// Runs a script in the page: what [`audit`] needs beyond the eyes.
    pub(super) fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value, CmdError> {
        self.wait(self.client.execute(script, arguments))
    }

    /// The same for a script that calls back.
    pub(super) fn run_async(&self, script: &str) -> Result<Value, CmdError> {
        self.wait(self.client.execute_async(script, Vec::new()))
    }

    /// What the eyes say about the build and the width of the page.
    pub(super) fn measure<T: DeserializeOwned>(&self, question: &str) -> Option<T> {
        self.ask(question, &[])
    }

    /// What the window shows, as PNG.
    pub(super) fn picture(&self) -> Option<Vec<u8>> {
        self.wait(self.client.screenshot()).ok()
    }

    /// Messages in the browser's console since the last call.
    pub(super) fn console(&self) -> Vec<Value> {
        let said = self.command("se/log", json!({ "type": "browser" }));
        said.as_ref().and_then(Value::as_array).cloned().unwrap_or_default()
    }

    fn devtools(&self, method: &str, parameters: &Value) {
        let sent = self.command("goog/cdp/execute", json!({ "cmd": method, "params": parameters }));
        assert!(sent.is_some(), "{method}");
    }

    fn command(&self, path: &'static str, body: Value) -> Option<Value> {
        self.wait(self.client.issue_cmd(super::driver::Extension { path, body })).ok()
    }

    /// Tries until it works: pages load, scripts run, the machine is busy.
    #[track_caller]
    fn act<T>(&self, what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(done) = attempt() {
                return done;
            }
            assert!(begun.elapsed() < PATIENCE, "not found: {what}\n{}", self.scene());
            self.pause();
        }
    }

    #[track_caller]
    fn until(&self, what: &str, mut holds: impl FnMut() -> Option<bool>) {
        self.act(what, || holds().filter(|holds| *holds));
    }

    /// Between two looks.
    pub(super) fn pause(&self) {
        self.wait(async { tokio::time::sleep(Duration::from_millis(60)).await });
    }

    /// What is there instead, for messages.
    fn scene(&self) -> String {
        let words: String = self.ask::<String>("words", &[]).unwrap_or_default().chars().take(1500).collect();
        format!("  on {}\n  reading: {words}", self.address())
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

/// An element as an argument for a script.
fn handle(element: &Element) -> Value {
    json!({ "element-6066-11e4-a52e-4f735466cecf": element.element_id().to_string() })
}

impl Drop for Page {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let source = self.wait(self.client.source()).unwrap_or_default();
            audit::failure(self, &source);
        }
        let _ = self.wait(self.client.clone().close());
    }
}
