//! Ours is read by OpenSSL, and OpenSSL's by ours.

use super::*;
use std::path::Path;
use std::process::Command;

const FROM: BusinessTime = BusinessTime::from_unix(1_760_000_000);
const UNTIL: BusinessTime = FROM.plus(730 * 86_400);
const DOCUMENT: &[u8] = "<申請書><使用者>髙橋　太郎</使用者>\r\n</申請書>\n".as_bytes();

fn subject() -> Subject {
    Subject {
        common_name: "髙橋　花子".to_owned(),
        organization: "髙橋行政書士事務所".to_owned(),
        prefecture: "東京都".to_owned(),
        locality: "品川区".to_owned(),
        street: "東大井一丁目１２番１７号".to_owned(),
        serial_number: String::new(),
    }
}

fn identity() -> AgentIdentity {
    generate_agent_certificate(&subject(), FROM, UNTIL).unwrap()
}

fn openssl(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("openssl").current_dir(folder).args(arguments).output().expect("openssl is installed");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[test]
fn a_signature_names_its_signer_and_breaks_with_any_change() {
    let identity = identity();
    let cms = sign(DOCUMENT, &identity.certificate, identity.key.reveal(), FROM.plus(60)).unwrap();
    let signer = verify(DOCUMENT, &cms).unwrap();
    assert_eq!(signer.details.subject, subject());
    assert_eq!(signer.details.subject.address(), "東京都品川区東大井一丁目１２番１７号");
    assert_eq!(signer.signed_at, Some(FROM.plus(60)));
    assert_eq!(signer.certificate, identity.certificate);
    let altered = [DOCUMENT, b" "].concat();
    assert!(matches!(verify(&altered, &cms), Err(PkiError::BadSignature("document was altered"))));
    // A changed byte is refused, or touches only what nobody signed: then the facts are the same, or the certificate
    // differs, which callers compare with the registered one.
    for index in 0..cms.len() {
        let mut changed = cms.clone();
        changed[index] ^= 0x01;
        if let Ok(other) = verify(DOCUMENT, &changed) {
            assert!(other == signer || other.certificate != signer.certificate, "byte {index}");
            assert_eq!(other.signed_at, signer.signed_at);
        }
        assert!(verify(DOCUMENT, &cms[..index]).is_err(), "cut at {index}");
    }
    let another = self::identity();
    assert!(matches!(sign(DOCUMENT, &identity.certificate, another.key.reveal(), FROM), Err(PkiError::NotAPair)));
}

#[test]
fn openssl_accepts_our_signature() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let identity = identity();
    file("document.xml", DOCUMENT);
    file("altered.xml", &[DOCUMENT, b" "].concat());
    file("signature.der", &sign(DOCUMENT, &identity.certificate, identity.key.reveal(), FROM).unwrap());
    file("ca.der", &identity.authority);
    openssl(folder.path(), &["x509", "-inform", "DER", "-in", "ca.der", "-out", "ca.pem"]).unwrap();
    let at = FROM.plus(3_600).unix().to_string();
    let verify = |content: &str| {
        openssl(
            folder.path(),
            &[
                "cms",
                "-verify",
                "-binary",
                "-inform",
                "DER",
                "-in",
                "signature.der",
                "-content",
                content,
                "-CAfile",
                "ca.pem",
                "-purpose",
                "any",
                "-attime",
                &at,
                "-out",
                "out.xml",
            ],
        )
    };
    verify("document.xml").unwrap();
    assert!(verify("altered.xml").is_err());
}

#[test]
fn rsa_keys_sign_too_and_openssl_signatures_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let run = |line: &str| openssl(folder.path(), &line.split(' ').collect::<Vec<_>>()).unwrap();
    let file = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    std::fs::write(folder.path().join("document.xml"), DOCUMENT).unwrap();
    run(
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -utf8 -subj /C=JP/O=髙橋行政書士事務所/CN=髙橋",
    );
    run("pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der");
    run("x509 -in cert.pem -outform DER -out cert.der");
    let cms = sign(DOCUMENT, &file("cert.der"), &file("key.der"), FROM).unwrap();
    assert_eq!(verify(DOCUMENT, &cms).unwrap().details.subject.organization, "髙橋行政書士事務所");
    std::fs::write(folder.path().join("signature.der"), cms).unwrap();
    run("cms -verify -binary -inform DER -in signature.der -content document.xml -noverify -out out.xml");
    run("cms -sign -binary -md sha256 -in document.xml -signer cert.pem -inkey key.pem -outform DER -out theirs.der");
    assert_eq!(verify(DOCUMENT, &file("theirs.der")).unwrap().details.subject.common_name, "髙橋");
}
