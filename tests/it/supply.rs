//! What is inside that others wrote, and what goes out: licences that may be passed on, one source, no code of ours
//! that could break memory, and no connection that the node opens by itself.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use toml_edit::ImDocument;

fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// What is linked into the program, its build and its tests, on the platform it is made for.
fn packages() -> Vec<Value> {
    let arguments = ["metadata", "--locked", "--offline", "--format-version", "1"];
    let platform = ["--filter-platform", "x86_64-unknown-linux-gnu"];
    let done =
        Command::new(env!("CARGO")).args(arguments).args(platform).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let done = done.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut all: Value = serde_json::from_slice(&done.stdout).unwrap();
    all["packages"].as_array_mut().map(std::mem::take).unwrap()
}

/// Whether an SPDX expression can be met with these licences. `/` is how `OR` was written once; an exception behind
/// `WITH` only allows more.
fn met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    let met = any(&mut words, allowed);
    assert!(words.is_empty(), "{expression}");
    met
}

fn any(words: &mut Vec<&str>, allowed: &BTreeSet<String>) -> bool {
    let mut met = every(words, allowed);
    while words.last() == Some(&"OR") {
        words.pop();
        met |= every(words, allowed);
    }
    met
}

fn every(words: &mut Vec<&str>, allowed: &BTreeSet<String>) -> bool {
    let mut met = one(words, allowed);
    while words.last() == Some(&"AND") {
        words.pop();
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Vec<&str>, allowed: &BTreeSet<String>) -> bool {
    let word = words.pop().unwrap();
    if word == "(" {
        let met = any(words, allowed);
        assert_eq!(words.pop(), Some(")"));
        return met;
    }
    if words.last() == Some(&"WITH") {
        words.truncate(words.len() - 2);
    }
    allowed.contains(word)
}

#[test]
fn every_licence_may_be_passed_on_and_every_package_has_one_source() {
    let rules = ImDocument::parse(text(".cargo/deny.toml")).unwrap();
    let allowed: BTreeSet<String> =
        rules["licenses"]["allow"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect();
    assert!(met("(MIT OR GPL-3.0) AND Unicode-3.0", &allowed) && met("Apache-2.0 WITH LLVM-exception", &allowed));
    assert!(!met("MIT AND GPL-3.0", &allowed) && !met("GPL-3.0/AGPL-3.0", &allowed), "this test can fail");
    let packages = packages();
    assert!(packages.len() > 100);
    let (mut wrong, mut used, mut sources) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for package in &packages {
        let (name, licence) = (&package["name"], package["license"].as_str().unwrap_or_default());
        if licence.is_empty() || !met(licence, &allowed) {
            wrong.push(format!("{name}: {licence:?}"));
        }
        used.extend(allowed.iter().filter(|one| licence.contains(one.as_str())).cloned());
        if package["name"] != "ainas" {
            sources.insert(package["source"].as_str().unwrap_or_default());
        }
    }
    assert!(sources.len() == 1 && sources.iter().all(|source| source.starts_with("registry+")), "{sources:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(used, allowed, "nobody needs the others");
}

#[test]
fn our_own_code_breaks_no_memory() {
    let manifest = ImDocument::parse(text("Cargo.toml")).unwrap();
    // A lint that is forbidden can't be allowed again anywhere.
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
}

/// Files below a folder.
fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { sources(&path, found) } else { found.push(path) }
    }
}

#[test]
fn the_node_opens_no_connection_by_itself() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let ways = [
        "TcpStream::connect",
        "UdpSocket",
        "UnixStream",
        "lookup_host",
        "to_socket_addrs",
        "client::conn",
        "client::legacy",
    ];
    let mut found = BTreeSet::new();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        if ways.iter().any(|way| text.contains(way)) {
            found.insert(file.strip_prefix(&root).unwrap().to_string_lossy().into_owned());
        }
    }
    // The bench asks a node on this machine, which it started itself.
    assert_eq!(found, BTreeSet::from(["cli/bench/load.rs".to_owned()]));
}
