//! The built program is one static file, and runs where there is nothing else: no libraries, no resolver, no /etc, no
//! /dev, no time zones. As root in an empty root folder; otherwise with an empty environment.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ainas");
/// Program header that names a dynamic loader.
const PT_INTERP: u32 = 3;

/// Kinds of the program headers of a 64-bit little-endian ELF file.
fn program_headers(elf: &[u8]) -> Vec<u32> {
    let number = |at: usize, length: usize| {
        elf[at..at + length].iter().rev().fold(0_u64, |value, &byte| value << 8 | u64::from(byte))
    };
    let index = |value: u64| usize::try_from(value).unwrap();
    assert_eq!(&elf[..6], b"\x7fELF\x02\x01", "a 64-bit little-endian ELF file");
    let (start, size, count) = (index(number(32, 8)), index(number(54, 2)), index(number(56, 2)));
    (0..count).map(|header| u32::try_from(number(start + header * size, 4)).unwrap()).collect()
}

#[test]
fn the_program_needs_no_loader() {
    let mut start = vec![0; 4096];
    std::fs::File::open(PROGRAM).unwrap().read_exact(&mut start).unwrap();
    assert!(!program_headers(&start).contains(&PT_INTERP), "ainas is linked dynamically; was RUSTFLAGS set?");
    // The check sees a dynamic program when it is given one.
    let shell = std::fs::canonicalize("/bin/sh").unwrap();
    std::fs::File::open(shell).unwrap().read_exact(&mut start).unwrap();
    assert!(program_headers(&start).contains(&PT_INTERP));
}

fn is_root(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(folder).unwrap().uid() == 0
}

#[test]
fn the_program_runs_where_there_is_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (alone, data) = if is_root(root) {
        std::fs::copy(PROGRAM, root.join("ainas")).unwrap();
        (true, "/data".to_owned())
    } else {
        (false, root.join("data").to_string_lossy().into_owned())
    };
    let ainas = |arguments: &[&str]| {
        let mut command = if alone {
            let mut command = Command::new("chroot");
            command.arg(root).arg("/ainas");
            command
        } else {
            Command::new(PROGRAM)
        };
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // chroot itself is found by PATH, so that stays.
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path);
        command
    };
    let version = ainas(&["--version"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&version.stdout).trim(), concat!("ainas ", env!("CARGO_PKG_VERSION")));

    let cheap = ["--set", "accounts.argon2.memory_kib=7168", "--set", "accounts.argon2.iterations=1"];
    let init: Vec<&str> = ["init", "--json", "--profile", "test", "--data", &data].into_iter().chain(cheap).collect();
    let made = ainas(&init).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(made["data"], data);
    assert_eq!(made["operator"]["initial_password"].as_str().unwrap().len(), 12);
    // What exists is not overwritten, and the exit code says which kind of mistake it is.
    assert_eq!(ainas(&init).output().unwrap().status.code(), Some(4));
    assert_eq!(ainas(&["serve", "--data", "/nowhere"]).output().unwrap().status.code(), Some(4));
    assert_eq!(ainas(&["serve", "--set", "hours.open=\"08:00\""]).output().unwrap().status.code(), Some(3));
    assert_eq!(ainas(&["sevre"]).output().unwrap().status.code(), Some(2));

    let listener = "listeners=[{address=\"127.0.0.1:0\",client_certificate=\"off\",applications=[\"client\"],public_url=\"https://localhost:0\"}]";
    let mut node = ainas(&["serve", "--data", &data, "--set", listener]).spawn().unwrap();
    let mut log = BufReader::new(node.stderr.take().unwrap()).lines();
    let mut wait_for = |message: &str| loop {
        let line = log.next().unwrap_or_else(|| panic!("the node ended before {message:?}")).unwrap();
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        if line["message"] == message {
            return line;
        }
    };
    let address: SocketAddr = wait_for("serving")["addresses"].as_str().unwrap().parse().unwrap();
    // Plain HTTP on the TLS port is sent on to https, which shows that somebody listens.
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(&format!("location: https://localhost:{}/", address.port())), "{answer}");
    let stopped = Command::new("kill").args(["-TERM", &node.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    wait_for("stopped");
    assert_eq!(node.wait().unwrap().code(), Some(0));

    // The demo makes certificates, files of keys and a world of its own.
    let world = format!("{data}-demo");
    let mut demo = ainas(&["demo", "--json", "--port", "0", "--data", &world]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(demo.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
    assert!(ready["url"].as_str().unwrap().starts_with("https://"), "{ready}");
    assert!(Command::new("kill").args(["-TERM", &demo.id().to_string()]).status().unwrap().success());
    assert_eq!(demo.wait().unwrap().code(), Some(0));
}
