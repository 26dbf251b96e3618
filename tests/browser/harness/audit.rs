//! What every page on the way must stand: axe-core finds nothing, nothing in the console, no scrolling sideways on a
//! phone. And pictures: of all pages when asked for, of the last one when a walk fails.

use super::page::{PHONE, Page};
use super::target;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

/// Kept beside the build by `tests/run`; the version stands there.
const AXE: &str = "axe/node_modules/axe-core/axe.min.js";

static AXE_SOURCE: LazyLock<String> = LazyLock::new(|| {
    let file = target().join(AXE);
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("{}: {error}. `npm install --prefix target/axe axe-core` fetches it (tests/run does it)", file.display())
    })
});

/// How long a page may take to settle at another width.
const SETTLED: Duration = Duration::from_secs(5);

/// Builds of pages that were looked over already: walks share many pages.
static KNOWN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

#[derive(Debug, Deserialize)]
struct Width {
    document: u32,
    window: u32,
    height: u32,
    reach: Vec<String>,
}

/// Looks a page over, unless one of the same build was looked over before.
#[track_caller]
pub(super) fn page(page: &Page) {
    let title = page.heading().unwrap_or_default();
    quiet(page, &title);
    let width = page.width.get();
    let build: String = page.measure("build").unwrap_or_default();
    let new = KNOWN.lock().is_ok_and(|mut known| known.insert(format!("{width} {title} {build}")));
    if !new {
        return;
    }
    page.seen.set(page.seen.get() + 1);
    picture(page, &title, width);
    // As tall as the page: what the bar at the lower edge covers here and now is a matter of scrolling.
    page.stretch(width, height(page));
    accessible(page, &title);
    assert_eq!(page.measure("helped"), Some(true), "{title} has no page in assets/help");
    page.resize(PHONE);
    fits(page, &title);
    if width != PHONE {
        picture(page, &title, PHONE);
        page.resize(width);
    }
}

/// Nothing that a script or the browser complains about. Refused forms are no complaint.
#[track_caller]
fn quiet(page: &Page, title: &str) {
    let loud = |entry: &Value| entry["level"] == "SEVERE" && entry["source"] != "network";
    let said: Vec<String> = page.console().iter().filter(|entry| loud(entry)).map(Value::to_string).collect();
    assert!(said.is_empty(), "{title}: the console says {said:#?}");
}

#[track_caller]
pub(super) fn accessible(page: &Page, title: &str) {
    let found = violations(page);
    assert!(found.is_empty(), "{title}: axe finds\n{}", found.join("\n"));
}

/// What axe-core finds, with all its rules and the size of targets.
pub(super) fn violations(page: &Page) -> Vec<String> {
    // A script of the driver is not held back by the page's content policy.
    page.run(&AXE_SOURCE, Vec::new()).expect("axe-core in the page");
    let script = "const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })
            .then((found) => done(found.violations.map((v) =>
                `  ${v.id} (${v.help}): ` + v.nodes.slice(0, 4).map((n) => `${n.html.slice(0, 200)} — ${n.failureSummary}`).join('; '))))
            .catch((error) => done([`axe failed: ${error}`]));";
    let found = page.run_async(script).expect("axe-core runs");
    serde_json::from_value(found).expect("a list of findings")
}

/// No scrolling sideways, once the page's own script has seen the new width.
#[track_caller]
fn fits(page: &Page, title: &str) {
    let begun = Instant::now();
    loop {
        let width = page.measure::<Width>("width");
        match width {
            Some(width) if width.document <= width.window => return,
            _ if begun.elapsed() < SETTLED => page.pause(),
            Some(Width { document, reach, .. }) => {
                panic!("{title} scrolls sideways on a phone, {document} pixels: {reach:#?}")
            }
            None => panic!("{title}: the page went away"),
        }
    }
}

/// How far the page is wider than its window, in pixels.
pub(super) fn overflow(page: &Page) -> u32 {
    page.measure::<Width>("width").map_or(0, |width| width.document.saturating_sub(width.window))
}

/// How tall the page is, within reason.
fn height(page: &Page) -> u32 {
    page.measure::<Width>("width").map_or(900, |measured| measured.height.clamp(300, 6000))
}

/// What a sheet of paper must stand, while the page is shown as on one.
#[track_caller]
pub(super) fn paper(page: &Page) {
    page.says("現在");
    assert_eq!(page.pressables("menu").len(), 2, "the system's and the reader's name, and nothing to go to");
    for label in ["戻る", "一覧に戻る", "確定", "検索", "印刷", "ダウンロード", "この画面の使い方", "使い方の一覧"]
    {
        assert!(!page.offers(label), "{label} on paper");
    }
    assert_eq!(overflow(page), 0, "what is wider than the sheet makes all of it small");
}

/// Keeps a picture of the whole page when pictures are wanted.
fn picture(page: &Page, title: &str, width: u32) {
    let Some(folder) = kept() else { return };
    page.stretch(width, height(page));
    let Some(png) = page.picture() else { return };
    page.resize(width);
    std::fs::write(folder.join(format!("{}-{width}.png", name(page, title))), png).expect("a picture");
}

/// Keeps what was printed when pictures are wanted.
pub(super) fn keep_print(page: &Page, pdf: &[u8]) {
    let Some(folder) = kept() else { return };
    page.seen.set(page.seen.get() + 1);
    let title = page.heading().unwrap_or_default();
    std::fs::write(folder.join(format!("{}.pdf", name(page, &title))), pdf).expect("a printed page");
}

/// Where pictures go when they are wanted.
fn kept() -> Option<PathBuf> {
    let folder = std::env::var_os("AINAS_SCREENSHOTS").map(PathBuf::from)?;
    std::fs::create_dir_all(&folder).expect("the folder for pictures");
    Some(folder)
}

/// Test, number and title, as the beginning of a file's name.
fn name(page: &Page, title: &str) -> String {
    let title: String = title.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    format!("{}-{:02}-{title}", page.test, page.seen.get())
}

/// Keeps picture and source of the page on which a walk failed, and says where.
pub(super) fn failure(page: &Page, source: &str) {
    let folder = target().join("browser-failures");
    let kept = std::fs::create_dir_all(&folder).is_ok()
        && std::fs::write(folder.join(format!("{}.html", page.test)), source).is_ok()
        && page.picture().is_some_and(|png| std::fs::write(folder.join(format!("{}.png", page.test)), png).is_ok());
    let whether = if kept { "see" } else { "could not write all of" };
    eprintln!("{}: {whether} {}/{}.png and .html", page.test, folder.display(), page.test);
}
