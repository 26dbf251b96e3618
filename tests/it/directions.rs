//! Who may use whom: the direction of the house, read from the sources. A new edge is added to the table on purpose, or
//! the code goes the right way.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Module, and the modules of this crate it may use beside itself. `config`, `secret`, `folder`, `clock`, `telemetry`
/// and `pki` are tools below everything but the domain.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("clock", &["domain"]),
    ("config", &["domain"]),
    ("folder", &["config"]),
    ("secret", &["folder"]),
    ("telemetry", &["config", "secret"]),
    ("pki", &["domain", "folder", "secret"]),
    ("listener", &["config", "pki", "telemetry"]),
    ("store", &["domain", "service::error"]),
    (
        "sim",
        &["domain", "portal", "pki", "store::kit", "store::codec", "store::error", "store::Error", "store::OpenError"],
    ),
    ("portal", &["domain", "sim"]),
    ("report", &["domain"]),
    ("service", &["app", "domain", "store", "portal", "pki", "report", "secret", "config", "clock"]),
    ("job", &["app", "domain", "store", "portal", "service"]),
    (
        "web",
        &["app", "domain", "service", "store", "config", "listener", "report", "secret", "telemetry", "folder", "pki"],
    ),
    // The outside world's own pages, and no others, look into it.
    ("web/outside", &["app", "domain", "service", "store", "secret", "portal", "sim"]),
    ("api", &["app", "domain", "service", "store", "config", "listener", "secret", "telemetry"]),
    ("app", &["clock", "config", "domain", "folder", "job", "portal", "secret", "service", "sim", "store", "web"]),
    ("demo", &["app", "domain", "service", "store", "sim", "pki", "secret", "clock", "config"]),
    (
        "node",
        &["app", "clock", "config", "domain", "folder", "job", "listener", "pki", "secret", "service", "store", "web"],
    ),
    (
        "cli",
        &[
            "app",
            "clock",
            "config",
            "demo",
            "domain",
            "folder",
            "listener",
            "node",
            "pki",
            "secret",
            "service",
            "store",
            "telemetry",
            "web",
            "job",
        ],
    ),
];

/// Crates and calls with the only places that may use them.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("redb::", &["store", "sim/tables.rs"]),
    ("maud::", &["web"]),
    // The bench compares with a bare page of the same framework.
    ("axum::", &["web", "api", "listener", "cli/bench"]),
    ("hyper::", &["listener"]),
    // The bench is a client of the listener.
    ("rustls::", &["listener", "cli/bench"]),
    ("jiff::", &["domain/time.rs", "domain/calendar.rs", "clock.rs"]),
    ("figment::", &["config"]),
    ("clap::", &["cli"]),
    ("rcgen::", &["pki"]),
    ("std::process::exit", &[]),
    // The number of rounds of random tests.
    ("std::env::var", &["cli", "sim/oss_portal/tests/lifecycle.rs"]),
];

/// What makes the domain impure: it receives values.
const NOT_IN_DOMAIN: &[&str] = &[
    "tokio::",
    "tracing::",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::sync::Mutex",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "ring::",
];

struct Source {
    /// `web/kit/form.rs`.
    path: String,
    /// Without comments and needless blanks.
    code: String,
}

fn sources(folder: &Path, root: &Path, found: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, root, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            found.push(Source { path, code: code(&text) });
        }
    }
}

/// Without line comments and needless blanks, so that a path broken over lines is one again.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    words.join(" ").replace(":: ", "::").replace("{ ", "{").replace(", ", ",")
}

fn module(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

/// Every `crate::…` path, a `use` with braces taken apart at its first level.
fn crate_paths(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names = |text: &str| -> String {
            text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect()
        };
        let head = names(rest);
        match rest[head.len()..].strip_prefix('{') {
            Some(inside) => {
                let mut depth = 1;
                let mut start = 0;
                for (index, c) in inside.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ => {}
                    }
                    if (c == ',' && depth == 1) || depth == 0 {
                        found.insert(format!("{head}{}", names(&inside[start..index])));
                        start = index + 1;
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            None => {
                found.insert(head.trim_end_matches(':').to_owned());
            }
        }
    }
    found
}

fn contains_word(code: &str, word: &str) -> bool {
    code.match_indices(word)
        .any(|(at, _)| !code[..at].chars().next_back().is_some_and(|before| before.is_alphanumeric() || before == '_'))
}

fn is_under(path: &str, place: &str) -> bool {
    path == place || path == format!("{place}.rs") || path.starts_with(&format!("{place}/"))
}

fn violations(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let (path, own) = (&source.path, module(&source.path));
        if matches!(own, "lib" | "main") {
            continue;
        }
        let line = MAY_USE.iter().filter(|(name, _)| is_under(path, name)).max_by_key(|(name, _)| name.len());
        match line {
            None => found.push(format!("{path}: module {own} has no line in the table")),
            Some((_, allowed)) => found.extend(
                crate_paths(&source.code)
                    .into_iter()
                    .filter(|used| module(&used.replace("::", "/")) != own)
                    .filter(|used| !allowed.iter().any(|ok| used == ok || used.starts_with(&format!("{ok}::"))))
                    .map(|used| format!("{path}: uses crate::{used}")),
            ),
        }
        for (word, places) in ONLY_IN {
            if contains_word(&source.code, word) && !places.iter().any(|place| is_under(path, place)) {
                found.push(format!("{path}: uses {word}"));
            }
        }
        if own == "domain" {
            let impure = NOT_IN_DOMAIN.iter().filter(|word| contains_word(&source.code, word));
            found.extend(impure.map(|word| format!("{path}: uses {word}")));
        }
    }
    found
}

#[test]
fn modules_use_each_other_in_one_direction() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &root, &mut found);
    assert!(found.len() > 50, "sources are read");
    let wrong = violations(&found);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The check itself: it sees what it is there to see.
#[test]
fn a_wrong_direction_is_seen() {
    for (path, text, expected) in [
        ("domain/plate.rs", "use crate::store::Store;", "uses crate::store::Store"),
        ("domain/plate.rs", "let now = std::time::SystemTime::now();", "uses SystemTime::now"),
        ("domain/plate.rs", "tokio::spawn(x);", "uses tokio::"),
        (
            "service/a.rs",
            "use crate::{\n    domain::ids::Id,\n    web::kit::{form::Form, list},\n};",
            "uses crate::web::kit::",
        ),
        ("service/a.rs", "use redb::\n    TableDefinition;", "uses redb::"),
        ("sim/world.rs", "use crate::store::requests;", "uses crate::store::requests"),
        ("sim/world.rs", "fn f(app: &crate::app::App) {}", "uses crate::app::App"),
        ("web/client/a.rs", "use crate::api::Problem;", "uses crate::api::Problem"),
        ("api/a.rs", "use crate::web::kit;", "uses crate::web::kit"),
        ("job.rs", "use axum::Router;", "uses axum::"),
        ("helpers.rs", "", "has no line in the table"),
    ] {
        let source = Source { path: path.to_owned(), code: code(text) };
        let seen = violations(&[source]).join("\n");
        assert!(seen.contains(expected), "{path}: {text}: {seen:?}");
    }
    for (path, text) in [
        ("web/a.rs", "use crate::service::{error::Error, requests}; // crate::api is elsewhere"),
        ("domain/a.rs", "/// See [`crate::store`].\nuse crate::domain::ids::UserId;"),
        ("sim/a.rs", "use crate::store::kit::Database;"),
    ] {
        let source = Source { path: path.to_owned(), code: code(text) };
        assert_eq!(violations(&[source]), Vec::<String>::new());
    }
}
