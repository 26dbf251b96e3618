//! Processes beside the tests. They end, and their folder goes, when the test process ends, however that happens: a
//! shell between them waits for the end of its input, which only this process holds.

use super::target;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const GUARD: &str = r#"folder=$1; shift; "$@" </dev/null & child=$!; exec >&- 2>&-
cat >/dev/null; kill "$child"; wait "$child"; rm -rf -- "$folder""#;

/// A running process with a folder of its own.
#[derive(Debug)]
pub(crate) struct Guarded {
    /// Holds the input of the guard.
    _guard: Child,
    /// Where it writes what it has to say.
    pub(crate) log: PathBuf,
}

/// A new folder that a [`Guarded`] process removes.
pub(crate) fn folder(name: &str) -> PathBuf {
    tempfile::Builder::new().prefix(&format!("ainas-{name}-")).tempdir().expect("a temporary folder").keep()
}

impl Guarded {
    /// Starts it and waits for the first line of its output that `wanted` recognises.
    pub(crate) fn start<T: Send + 'static>(
        name: &str,
        folder: &Path,
        command: &[&str],
        environment: &[(&str, &Path)],
        wanted: fn(&str) -> Option<T>,
    ) -> (Self, T) {
        let logs = target().join("browser-logs");
        std::fs::create_dir_all(&logs).expect("a folder for logs");
        let log = logs.join(format!("{name}.log"));
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "sh"])
            .arg(folder)
            .args(command)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log file"))
            .spawn()
            .expect("sh");
        let output = guard.stdout.take().expect("output");
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            // Read to the end, so that the process never waits for a reader.
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(found) = wanted(&line) {
                    let _ = send.send(found);
                }
            }
        });
        match receive.recv_timeout(Duration::from_secs(180)) {
            Ok(found) => (Self { _guard: guard, log }, found),
            Err(_) => {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                panic!("{} did not start: {said}", command.join(" "));
            }
        }
    }
}
