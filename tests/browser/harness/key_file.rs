//! Electronic certificates as files.

use std::path::Path;
use std::process::Command;

/// A certificate as an authority issues it, in a .p12 file.
pub(crate) fn key_file(folder: &Path, subject: &str, name: &str, password: &str) -> String {
    let run = |arguments: &[&str]| {
        let output =
            Command::new("openssl").current_dir(folder).args(arguments).output().expect("openssl is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "730",
        "-utf8",
        "-subj",
        subject,
        "-keyout",
        "key",
        "-out",
        "certificate",
    ]);
    run(&[
        "pkcs12",
        "-export",
        "-inkey",
        "key",
        "-in",
        "certificate",
        "-out",
        name,
        "-passout",
        &format!("pass:{password}"),
    ]);
    folder.join(name).to_string_lossy().into_owned()
}
