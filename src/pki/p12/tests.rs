//! Files of OpenSSL are made here, by the OpenSSL of this machine; those of Java and NSS are kept in
//! `tests/fixtures/p12`.

use super::*;
use crate::pki::certificate::Subject;
use proptest::prelude::*;
use std::path::Path;
use std::process::Command;

const PASSWORD: &str = "Himitsu-1";
const SUBJECT: &str = "/C=JP/ST=東京都/L=品川区/street=東大井一丁目１２番１７号/O=髙橋行政書士事務所/CN=髙橋　花子";

struct Bench(tempfile::TempDir);

impl Bench {
    /// Two pairs, `one` and `two`.
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        for name in ["one", "two"] {
            bench.run(&[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "30",
                "-utf8",
                "-subj",
                SUBJECT,
                "-keyout",
                &format!("{name}.key"),
                "-out",
                &format!("{name}.pem"),
            ]);
        }
        bench
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str]) {
        let output = Command::new("openssl").current_dir(self.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// `openssl pkcs12 -export` with these further arguments.
    fn export(&self, password: &str, arguments: &[&str]) -> Vec<u8> {
        let password = format!("pass:{password}");
        let fixed = ["pkcs12", "-export", "-out", "out.p12", "-passout", &password];
        self.run(&[&fixed, arguments].concat());
        self.file("out.p12")
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).unwrap()
    }
}

fn expect(file: &KeyFile) {
    let subject = Subject {
        common_name: "髙橋　花子".to_owned(),
        organization: "髙橋行政書士事務所".to_owned(),
        prefecture: "東京都".to_owned(),
        locality: "品川区".to_owned(),
        street: "東大井一丁目１２番１７号".to_owned(),
        serial_number: String::new(),
    };
    assert_eq!(file.details.subject, subject);
    let at = crate::domain::time::BusinessTime::from_unix(file.details.not_before + 60);
    let signature = signing::sign(b"document", &file.certificate, file.key.reveal(), at).unwrap();
    assert_eq!(signing::verify(b"document", &signature).unwrap().certificate, file.certificate);
}

#[test]
fn files_of_openssl_are_read_whatever_their_encryption() {
    let bench = Bench::new();
    let pair = ["-inkey", "one.key", "-in", "one.pem"];
    for more in [
        vec![],
        vec!["-legacy"],
        vec!["-nomac"],
        vec!["-keypbe", "NONE", "-certpbe", "NONE"],
        vec!["-name", "行政書士電子証明書"],
        // The other certificate stands for those of the authorities.
        vec!["-certfile", "two.pem"],
    ] {
        expect(&read(&bench.export(PASSWORD, &[&pair[..], &more].concat()), PASSWORD).unwrap());
    }
    expect(&read(&bench.export("ひみつ１", &pair), "ひみつ１").unwrap());
}

#[test]
fn files_of_java_are_read() {
    expect(&read(include_bytes!("../../../tests/fixtures/p12/java-rsa.p12"), PASSWORD).unwrap());
    // Java leaves the public half out of the key.
    expect(&read(include_bytes!("../../../tests/fixtures/p12/java-ec.p12"), PASSWORD).unwrap());
    let legacy = read(include_bytes!("../../../tests/fixtures/p12/java-legacy.p12"), PASSWORD).unwrap();
    assert_eq!(legacy.details.subject.organization, "髙橋行政書士事務所");
}

#[test]
fn every_other_file_has_a_sentence_of_its_own() {
    let bench = Bench::new();
    let wrong = |content: &[u8], password: &str| read(content, password).unwrap_err();
    let pair = ["-inkey", "one.key", "-in", "one.pem"];
    let good = bench.export(PASSWORD, &pair);
    assert_eq!(wrong(&good, "himitsu-1"), P12Error::WrongPassword);
    assert_eq!(wrong(&good, ""), P12Error::WrongPassword);
    for more in [vec!["-legacy"], vec!["-nomac"]] {
        assert_eq!(wrong(&bench.export(PASSWORD, &[&pair[..], &more].concat()), "x"), P12Error::WrongPassword);
    }
    // What a wrong password makes of the content looks whole once in a few hundred times.
    let unsealed = bench.export(PASSWORD, &[&pair[..], &["-nomac"]].concat());
    for turn in 0..100 {
        assert_eq!(wrong(&unsealed, &turn.to_string()), P12Error::WrongPassword, "{turn}");
    }
    assert_eq!(wrong(&bench.export(PASSWORD, &["-nokeys", "-in", "one.pem"]), PASSWORD), P12Error::NoKey);
    assert_eq!(wrong(&bench.export(PASSWORD, &["-nocerts", "-inkey", "one.key"]), PASSWORD), P12Error::NoCertificate);
    assert_eq!(wrong(&good[..good.len() - 9], PASSWORD), P12Error::Damaged);
    assert!(matches!(wrong(&bench.file("one.pem"), PASSWORD), P12Error::NotP12(what) if what.contains("PEM")));
    bench.run(&["x509", "-in", "one.pem", "-outform", "DER", "-out", "one.cer"]);
    assert!(matches!(wrong(&bench.file("one.cer"), PASSWORD), P12Error::NotP12(what) if what.contains(".cer")));
    assert!(matches!(wrong(b"hello", PASSWORD), P12Error::NotP12(_)));
    assert_eq!(wrong(&vec![0x30; LARGEST + 1], PASSWORD), P12Error::TooLarge);
    assert_eq!(wrong(include_bytes!("../../../tests/fixtures/p12/nss.p12"), PASSWORD), P12Error::Streamed);
    let short =
        ["-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=x", "-keyout", "short.key", "-out", "short.pem"];
    bench.run(&[&["req"][..], &short].concat());
    let short = bench.export(PASSWORD, &["-inkey", "short.key", "-in", "short.pem"]);
    assert_eq!(wrong(&short, PASSWORD), P12Error::OtherKey);
}

/// What a key and certificates of different files give, without a program that would write such a file.
#[test]
fn the_certificate_is_the_one_of_the_key() {
    let bench = Bench::new();
    let archive = |name: &str| {
        let file = bench.export(PASSWORD, &["-inkey", &format!("{name}.key"), "-in", &format!("{name}.pem")]);
        Pkcs12Archive::from_pkcs12(&file, PASSWORD).unwrap()
    };
    let (one, two) = (archive("one"), archive("two"));
    let with = |keys: &[&Pkcs12Archive], certificates: &[&Pkcs12Archive]| {
        let keys = keys.iter().flat_map(|archive| archive.keys.clone()).collect();
        let certs = certificates.iter().flat_map(|archive| archive.certs.clone()).collect();
        choose(&Pkcs12Archive { keys, certs, secrets: Vec::new() })
    };
    let certificate = one.certs[0].cert.as_der();
    assert_eq!(with(&[&one], &[&two, &one, &one]).unwrap().certificate, certificate);
    assert_eq!(with(&[&one], &[&two]).unwrap_err(), P12Error::NotAPair);
    assert_eq!(with(&[&one, &two], &[&one, &two]).unwrap_err(), P12Error::Several(2));
    // Renewed for the same key: which one is meant can't be known.
    bench.run(&["req", "-x509", "-key", "one.key", "-days", "60", "-subj", "/CN=renewed", "-out", "two.pem"]);
    bench.run(&["ec", "-in", "one.key", "-out", "two.key"]);
    assert_eq!(with(&[&one], &[&one, &archive("two")]).unwrap_err(), P12Error::Several(2));
}

#[test]
fn a_file_that_wants_too_much_work_is_refused() {
    let bench = Bench::new();
    let pair = ["-inkey", "one.key", "-in", "one.pem"];
    let bomb = bench.export(PASSWORD, &[&pair[..], &["-iter", "1000001", "-nomac"]].concat());
    assert_eq!(read(&bomb, PASSWORD).unwrap_err(), P12Error::Unsupported);
    let mut many = bench.export(PASSWORD, &pair);
    let (head, length, rest) = header(&many).unwrap();
    let more = PBES2.repeat(MOST_ENCRYPTED);
    let rest = [rest, &more].concat();
    let size = u16::try_from(length + more.len()).unwrap().to_be_bytes();
    assert_eq!(head, 4);
    many = [&[0x30, 0x82], &size[..], &rest].concat();
    assert_eq!(read(&many, PASSWORD).unwrap_err(), P12Error::Unsupported);
}

#[test]
fn the_ending_is_p12() {
    check_name("行政書士電子証明書.P12").unwrap();
    assert_eq!(check_name("a.pfx"), Err(P12Error::Pfx));
    assert!(P12Error::Pfx.to_string().contains(".p12"));
    for name in ["a.p12.pem", "p12", ""] {
        assert_eq!(check_name(name), Err(P12Error::OtherEnding), "{name}");
    }
}

proptest! {
    // Each case costs what a password costs.
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_bytes_are_refused(bytes: Vec<u8>, at in 0_usize..1_300, change: u8) {
        let _ = read(&bytes, PASSWORD);
        let mut file = include_bytes!("../../../tests/fixtures/p12/java-ec.p12").to_vec();
        file[at] = change;
        // Nothing but what the file says is in it, or a refusal.
        if let Ok(read) = read(&file, PASSWORD) {
            prop_assert_eq!(read.details.subject.organization, "髙橋行政書士事務所");
        }
    }
}
