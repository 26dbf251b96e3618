//! `ainas bench` measures all it names, on a folder of its own and on one that was kept. How quick anything was is none
//! of a test's business.

use std::process::Command;

#[test]
fn everything_is_measured_and_nothing_stays_behind() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let bench = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ainas"));
        command.args(["bench", "--size", "200", "--rounds", "1", "--milliseconds", "50", "--clients", "2", "--json"]);
        let done = command.arg("--data").arg(&kept).env("TMPDIR", folder.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice::<serde_json::Value>(&done.stdout).unwrap()
    };
    let new = bench();
    let lines = new["lines"].as_array().unwrap();
    assert!(lines.len() > 15);
    for line in lines {
        assert!(
            ["rate", "reference", "ratio", "p99_ms"].iter().all(|key| line[*key].as_f64().unwrap() > 0.0),
            "{line}"
        );
    }
    assert!(new["load_rate"].as_f64().unwrap() > 0.0 && new["compacted_ratio"].as_f64().unwrap() > 1.0);
    let again = bench();
    assert_eq!(again["lines"].as_array().unwrap().len(), lines.len());
    assert!(again["load_rate"].is_null());
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["kept"]);
}
