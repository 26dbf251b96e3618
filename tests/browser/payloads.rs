//! What people, files and other systems send is shown and never run: every stored text of a whole world is replaced by
//! payloads behind the back of every rule, and every page is opened in a real browser as everybody whom it is for.

mod stored;

use crate::harness::{Page, Stage};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{LazyLock, OnceLock};

/// Each would call `ran()`, or change the page, were it ever taken for more than text.
const PAYLOADS: [&str; 48] = [
    "<script>ran()</script>",
    "</script><script data-payload>ran()</script>",
    "</title><script>ran()</script>",
    "</textarea><script>ran()</script>",
    "</option></select><script>ran()</script>",
    "<ScRiPt\n>ran()</sCrIpT\t>",
    "<img src=x onerror=ran()>",
    "<img src=x:x\tonerror\n=\"ran()\">",
    "<svg onload=ran()>",
    "<svg><script>ran()</script></svg>",
    "<svg><animate onbegin=ran() attributeName=x dur=1s>",
    "<body onload=ran()>",
    "<details open ontoggle=ran()>",
    "<input autofocus onfocus=ran()>",
    "<video><source onerror=ran()></video>",
    "<audio src=x onerror=ran()>",
    "<iframe srcdoc=\"<script>parent.ran()</script>\"></iframe>",
    "<iframe src=\"javascript:parent.ran()\"></iframe>",
    "<object data=\"javascript:ran()\"></object>",
    "<embed src=\"javascript:ran()\">",
    "<math><mtext><table><mglyph><style><img src=x onerror=ran()>",
    "<noscript><p title=\"</noscript><img src=x onerror=ran()>\">",
    "<base href=\"https://evil.example/\">",
    "<meta http-equiv=refresh content=\"0;url=javascript:ran()\">",
    "<link rel=stylesheet href=\"data:text/css,*{display:none}\">",
    "<style>*{background:url(https://evil.example/)}</style>",
    "<form action=\"https://evil.example/\"><button>確定</button></form>",
    "<a href=\"javascript:ran()\" data-payload>押す</a>",
    "\" onmouseover=\"ran()\" data-payload=\"",
    "' onmouseover='ran()' data-payload='",
    "\" autofocus onfocus=ran() data-payload x=\"",
    "` onmouseover=ran() data-payload `",
    "x onmouseover=ran() data-payload",
    "\"><script>ran()</script>",
    "'><img src=x onerror=ran()>",
    "--><script>ran()</script><!--",
    "]]><script>ran()</script>",
    "javascript:ran()",
    " \u{1}java\tscript:ran()",
    "data:text/html,<script>ran()</script>",
    "https://a.example/\" onmouseover=\"ran()",
    "//evil.example/",
    "＜script＞ran()＜／script＞",
    "\u{202e}>tpircs/<)(nar>tpircs<",
    "&lt;script&gt;ran()&lt;/script&gt;&#60;img src=x onerror=ran()&#62;",
    "{{constructor.constructor('ran()')()}}${ran()}<%= ran() %>#{ran()}",
    "expression(ran());background:url('javascript:ran()')",
    "=HYPERLINK(\"javascript:ran()\",\"=cmd|' /C calc'!A0\")\r\n+1\t@SUM(1)",
];

/// Before any script of a page: notes down what runs, and what the content policy has to stop.
const EARS: &str = "
    const heard = [];
    const hear = (what) => heard.push(String(what));
    for (const name of ['ran', 'alert', 'confirm', 'prompt']) {
        Object.defineProperty(window, name, { value: () => hear(`${name}()`) });
    }
    Object.defineProperty(window, 'heard', { value: heard });
    document.addEventListener('securitypolicyviolation', (e) => hear(`${e.violatedDirective} ${e.blockedURI}`));
";

/// What is on a page that is none of ours: elements, attributes, addresses, comments.
const FOREIGN: &str = r#"
    const foreign = (root) => {
        const own = new Set(('a article aside b body br button caption circle code col colgroup datalist dd details div dl dt em fieldset figcaption figure ' +
            'footer form g h1 h2 h3 h4 head header hr html i img input kbd label legend li line link main mark menu meta nav noscript ol optgroup ' +
            'option output p path polyline pre progress rect script section select small span strong summary sup svg table tbody td ' +
            'text textarea tfoot th thead time title tr tspan ul defs desc use symbol').split(' '));
        const found = [];
        const walker = root.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT);
        while (walker.nextNode()) {
            const node = walker.currentNode;
            if (node.nodeType === Node.COMMENT_NODE) { found.push(`a comment: ${node.data}`); continue; }
            const name = node.localName;
            if (!own.has(name)) found.push(`<${name}>`);
            if (name === 'script' && !/^\/assets\//.test(node.getAttribute('src') ?? '')) found.push('a script of no file of ours');
            if (name === 'link' && !/^\/assets\//.test(node.getAttribute('href') ?? '')) found.push('a link to no file of ours');
            if (name === 'meta' && node.hasAttribute('http-equiv') && !/^\d+;url=\//.test(node.content)) found.push('<meta http-equiv>');
            if (name === 'form' && !/^\//.test(node.getAttribute('action') ?? '/')) found.push(`a form to ${node.getAttribute('action')}`);
            for (const { name: attribute, value } of node.attributes) {
                if (/^on|^style$|^srcdoc$|^data-payload$|[^a-zA-Z:_0-9-]/.test(attribute)) found.push(`<${name} ${attribute}>`);
                const leads = ['href', 'src', 'action', 'formaction', 'data', 'poster', 'xlink:href', 'cite', 'ping'].includes(attribute);
                if (leads && /^(javascript|data|vbscript):/i.test(value.replace(/[\u0000-\u0020]/g, ''))) found.push(`<${name} ${attribute}="${value}">`);
            }
        }
        return found;
    };
"#;

/// Roles that see the pages of the garage, the agent and the outside world.
const READERS: [(&str, &str); 5] = [
    ("client", "staff_send"),
    ("agent", "staff"),
    ("sim", "instructor"),
    ("client", "administrator"),
    ("agent", "administrator"),
];

/// Pages of the same kind that are opened; the third is of a record whose texts are one bare payload each.
const OF_A_KIND: usize = 3;

static STAGE: LazyLock<Stage> =
    LazyLock::new(|| Stage::prepared("payloads", &[], |data| COPY.set(stored::poison(data)).expect("once")));
/// The same world, before anybody opened it.
static COPY: OnceLock<PathBuf> = OnceLock::new();
static BY_HAND: LazyLock<Stage> = LazyLock::new(|| {
    LazyLock::force(&STAGE);
    let copy = COPY.get().expect("a copy");
    Stage::prepared("payloads_by_hand", &["--by-hand"], |data| std::fs::rename(copy, data).expect("the copy"))
});

/// What a page has to say about itself.
#[derive(Debug, Deserialize)]
struct Seen {
    heard: Vec<String>,
    foreign: Vec<String>,
    /// Labels of poisoned fields, such as `User.3`.
    labels: BTreeSet<String>,
    links: Vec<String>,
    /// Addresses of its forms with something to type.
    forms: Vec<String>,
}

/// What was found on all pages.
#[derive(Debug, Default)]
struct Found {
    pages: usize,
    labels: BTreeSet<String>,
    /// What ran, and what is on a page that is none of ours.
    wrong: Vec<String>,
}

impl Found {
    fn note(&mut self, page: &Page, place: &str) -> Seen {
        let seen = look(page);
        self.pages += 1;
        self.labels.extend(seen.labels.iter().cloned());
        self.wrong.extend(seen.heard.iter().chain(&seen.foreign).map(|what| format!("{place}: {what}")));
        seen
    }
}

fn look(page: &Page) -> Seen {
    let script = format!(
        r#"{FOREIGN}
        const typed = 'input:not([type]), input[type=text], input[type=search], textarea';
        const here = (address) => new URL(address, location.href);
        return {{
            heard: window.heard,
            foreign: foreign(document),
            labels: [...new Set([...document.documentElement.outerHTML.matchAll(/‹([A-Za-z]+\.\d+)›/g)].map((found) => found[1]))],
            links: [...document.querySelectorAll('a[href]')].map((a) => here(a.getAttribute('href')))
                .filter((to) => to.origin === location.origin).map((to) => to.pathname + to.search),
            forms: [...document.forms].filter((form) => form.querySelector(typed)).map((form) => form.getAttribute('action') ?? ''),
        }};"#
    );
    page.evaluate(&script)
}

/// Addresses that are files, or that lead out.
fn is_page(address: &str) -> bool {
    let path = address.split('?').next().unwrap_or_default();
    let left_out = [
        "/assets/",
        "/help",
        "/trust",
        "/sign-out",
        "/sign-in",
        "/password",
        "/file",
        "/proofs/",
        ".p12",
        "/template",
        "/transcript",
    ];
    let inside = ["/client", "/agent", "/sim"].iter().any(|start| path.starts_with(start));
    inside
        && !left_out.iter().any(|part| path.contains(part) && !path.contains("/templates"))
        && !address.contains("format=")
}

/// What is of the same kind: numbers and values don't matter.
fn kind(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let plain =
        |part: &str| if part.bytes().any(|byte| byte.is_ascii_digit()) { "#".to_owned() } else { part.to_owned() };
    let path: Vec<String> = path.split('/').map(plain).collect();
    let names: BTreeSet<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    format!("{}?{names:?}", path.join("/"))
}

/// Everything that can be reached by links, a few pages of each kind, and the first form of each kind sent with payloads
/// in its boxes.
fn walk(page: &Page, home: &str, within: fn(&str) -> bool, found: &mut Found) {
    let (mut open, mut opened) = (vec![home.to_owned()], BTreeMap::<String, usize>::new());
    let (mut known, mut sent) = (BTreeSet::new(), BTreeSet::new());
    while let Some(address) = open.pop() {
        let of_a_kind = opened.entry(kind(&address)).or_default();
        let most = if address.contains('?') { 1 } else { OF_A_KIND };
        if *of_a_kind >= most {
            continue;
        }
        *of_a_kind += 1;
        page.open(&format!("{}{address}", page.origin()));
        let seen = found.note(page, &address);
        open.extend(
            seen.links.into_iter().rev().filter(|link| is_page(link) && within(link) && known.insert(link.clone())),
        );
        for (number, action) in seen.forms.iter().enumerate() {
            if is_page(action) && within(action) && sent.insert(kind(action)) {
                page.open(&format!("{}{address}", page.origin()));
                page.leave(&fill_and_send(number));
                found.note(page, &format!("sent to {action}"));
            }
        }
    }
}

/// Puts payloads into every box of the form with this number among those with boxes, whatever the boxes allow.
fn fill_and_send(number: usize) -> String {
    let payloads = serde_json::to_string(PAYLOADS.as_slice()).expect("texts");
    format!(
        "const payloads = {payloads};
        const typed = 'input:not([type]), input[type=text], input[type=search], textarea';
        const form = [...document.forms].filter((form) => form.querySelector(typed))[{number}];
        [...form.querySelectorAll(typed)].forEach((box, at) => {{
            box.value = [0, 1, 2, 3].map((more) => payloads[(at * 4 + more + {number}) % payloads.length]).join(' ');
        }});
        HTMLFormElement.prototype.submit.call(form);"
    )
}

fn enter(stage: &Stage, page: &Page, (application, role): (&str, &str)) -> String {
    let who = stage.person(application, role);
    page.open(&who.url);
    page.sign_in(&who.login_id, &who.password);
    page.until_address(|address| !address.contains("/sign-in"));
    format!("/{application}")
}

/// Every payload in every stored text, on every page of everybody.
#[test]
fn nothing_that_is_stored_is_ever_run() {
    let mut found = Found::default();
    // Three at a time, since one browser holds one session of each application.
    for (number, readers) in READERS.chunks(3).enumerate() {
        let page = STAGE.browser(&format!("nothing_that_is_stored_is_ever_run-{number}"));
        page.at_every_start(EARS);
        for reader in readers {
            let home = enter(&STAGE, &page, *reader);
            walk(&page, &home, |_| true, &mut found);
        }
    }
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    let kinds: BTreeSet<&str> = found.labels.iter().filter_map(|label| label.split('.').next()).collect();
    let unseen: Vec<&str> = stored::KINDS.iter().copied().filter(|kind| !kinds.contains(kind)).collect();
    assert!(unseen.is_empty(), "no page shows {unseen:?}, only {:?}", found.labels);
    assert!(found.pages > 200, "{} pages", found.pages);
    // What was logged meanwhile: one line for each event, and nothing of what people typed.
    for line in STAGE.log().lines() {
        let begins = line.get(..11).is_some_and(|day| day.starts_with("20") && day.ends_with('T'));
        assert!(begins && !line.contains("ran("), "{line}");
    }
}

/// The same for what only those see who file by hand: 転記 and 証拠ファイル.
#[test]
fn nothing_that_is_stored_is_run_where_people_file_by_hand() {
    let page = BY_HAND.browser("nothing_that_is_stored_is_run_where_people_file_by_hand");
    page.at_every_start(EARS);
    let home = enter(&BY_HAND, &page, ("agent", "staff"));
    let mut found = Found::default();
    walk(&page, &home, |address| address.contains("/inspection/applications"), &mut found);
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    assert!(found.labels.iter().any(|label| label.starts_with("Proof.")), "{:?}", found.labels);
}

/// The tests above can fail: a page that takes the same payloads for more than text is found out, one by one.
#[test]
fn a_page_that_runs_what_is_stored_is_found_out() {
    let page = STAGE.browser("a_page_that_runs_what_is_stored_is_found_out");
    page.at_every_start(EARS);
    page.open("about:blank");
    let payloads = serde_json::to_string(PAYLOADS.as_slice()).expect("texts");
    let script = format!(
        r#"{FOREIGN}
        return {payloads}.filter((payload) => {{
            const places = [`<div>${{payload}}</div>`, `<textarea>${{payload}}</textarea>`, `<select><option>${{payload}}</option></select>`,
                `<title>${{payload}}</title>`, `<input value="${{payload}}">`, `<input value='${{payload}}'>`, `<input value=${{payload}}>`,
                `<a href="${{payload}}">x</a>`, `<p class="a" style="${{payload}}">x</p>`, `<!--${{payload}}-->`, `<svg><text><![CDATA[${{payload}}]]></text></svg>`];
            return places.every((place) => foreign(new DOMParser().parseFromString(place, 'text/html')).length === 0);
        }});"#
    );
    let unnoticed: Vec<String> = page.evaluate(&script);
    assert!(unnoticed.is_empty(), "{unnoticed:?}");
    // And what runs is heard.
    let folder = tempfile::tempdir().expect("a folder");
    for (name, head, wanted) in [
        ("open", "", "ran()"),
        ("closed", "<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\">", "script-src"),
    ] {
        let file = folder.path().join(format!("{name}.html"));
        let body: String = PAYLOADS
            .iter()
            .filter(|payload| !payload.contains("refresh") && !payload.contains("<base"))
            .copied()
            .collect();
        std::fs::write(&file, format!("<!doctype html><meta charset=utf-8>{head}<div>{body}</div>")).expect("a page");
        page.open(&format!("file://{}", file.display()));
        let heard: Vec<String> = page.evaluate("return window.heard");
        assert!(heard.iter().any(|what| what.contains(wanted)), "{name}: {heard:?}");
    }
}
