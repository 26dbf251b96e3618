//! Uploaded .p12 files: opened a few at once, because the file itself says how much work its password is. What is wrong
//! with one is told at the field that has to be mended.

use super::error::{Error, Result};
use super::turns::Turns;
use crate::app::App;
use crate::domain::problem::Problems;
use crate::domain::time::BusinessTime;
use crate::pki::certificate::Subject;
use crate::pki::p12::{self, KeyFile, P12Error};
use crate::pki::signing;
use crate::secret::Secret;

/// Files that are opened at once.
const AT_ONCE: usize = 2;
/// Files that may wait.
const QUEUE: usize = 16;

/// The field of the file in forms that take one.
pub const FILE: &str = "file";
/// The field of its password.
pub const PASSWORD: &str = "certificate_password";

/// A file as it was uploaded.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
    /// 証明書パスワード.
    pub password: Secret<String>,
}

/// Opens key files.
#[derive(Debug, Clone)]
pub struct KeyFiles(Turns);

impl Default for KeyFiles {
    fn default() -> Self {
        Self(Turns::new(AT_ONCE, QUEUE))
    }
}

impl KeyFiles {
    /// What is in a file that was chosen under this name. Whether its certificate is valid now is [`check_dates`].
    ///
    /// # Errors
    /// `Invalid` with the sentence at [`FILE`] or [`PASSWORD`]; `Busy` when too many wait.
    pub async fn open(&self, name: &str, content: Vec<u8>, password: Secret<String>) -> Result<KeyFile> {
        p12::check_name(name).map_err(problem)?;
        self.reopen(content, password).await
    }

    /// The same for a file that was taken before, to verify a password against it.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub async fn reopen(&self, content: Vec<u8>, password: Secret<String>) -> Result<KeyFile> {
        if password.reveal().is_empty() {
            return Err(Problems::one(PASSWORD, "証明書パスワードを入力してください。").into());
        }
        self.0.run(move || p12::read(&content, password.reveal())).await?.map_err(problem)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the end of `map_err`")]
fn problem(error: P12Error) -> Error {
    Problems::one(if error.is_password() { PASSWORD } else { FILE }, error.to_string()).into()
}

/// Whether a certificate can be used at this moment.
///
/// # Errors
/// `Invalid` at [`FILE`] when it has expired or has not begun.
pub fn check_dates(file: &KeyFile, now: BusinessTime) -> Result<()> {
    let (from, until) =
        (BusinessTime::from_unix(file.details.not_before), BusinessTime::from_unix(file.details.not_after));
    let sentence = if now > until {
        format!(
            "この電子証明書は有効期限（{}）が切れています。新しい電子証明書のファイルを選んでください。",
            until.day()
        )
    } else if now < from {
        format!(
            "この電子証明書はまだ使えません。有効期間は{}からです。その日になってから登録してください。",
            from.day()
        )
    } else {
        return Ok(());
    };
    Err(Problems::one(FILE, sentence).into())
}

/// The password of files for practice.
pub const PRACTICE_PASSWORD: &str = "Renshu-2026";

/// A certificate to practise with, as a .p12 file: valid for two years from now. Demo, training and test only.
///
/// # Errors
/// `NotFound` in production.
pub(super) async fn practice(app: &App, subject: Subject) -> Result<Vec<u8>> {
    if app.profile().is_production() {
        return Err(Error::NotFound);
    }
    let now = app.clocks.business();
    let make =
        move || practice_file(&subject, now.plus(-3_600), now.plus(2 * 365 * 86_400)).map(|(_, content)| content);
    tokio::task::spawn_blocking(make).await.map_err(Error::internal)?
}

/// A signing certificate for practice, as it is read and as a file under [`PRACTICE_PASSWORD`].
///
/// # Errors
/// When the machine can't make keys.
pub fn practice_file(subject: &Subject, from: BusinessTime, until: BusinessTime) -> Result<(KeyFile, Vec<u8>)> {
    let identity = signing::generate_agent_certificate(subject, from, until).map_err(Error::internal)?;
    let file = KeyFile::of(identity.certificate, identity.key).map_err(Error::internal)?;
    let content =
        p12::write(&file, &identity.authority, "訓練用電子証明書", PRACTICE_PASSWORD).map_err(Error::internal)?;
    Ok((file, content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::turns::tests::all_taken;
    use futures_util::future::{join, join_all};

    const JAVA: &[u8] = include_bytes!("../../tests/fixtures/p12/java-ec.p12");

    async fn open(files: &KeyFiles, name: &str, password: &str) -> Result<KeyFile> {
        files.open(name, JAVA.to_vec(), Secret::new(password.to_owned())).await
    }

    #[tokio::test]
    async fn what_is_wrong_stands_at_the_field_that_has_to_be_mended() {
        let files = KeyFiles::default();
        let at = |result: Result<KeyFile>| match result.unwrap_err() {
            Error::Invalid(problems) => problems.iter().next().unwrap().field.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(at(open(&files, "a.pfx", "Himitsu-1").await), FILE);
        assert_eq!(at(open(&files, "a.p12", "").await), PASSWORD);
        assert_eq!(at(open(&files, "a.p12", "Himitsu").await), PASSWORD);
        let file = open(&files, "a.p12", "Himitsu-1").await.unwrap();
        let (from, until) =
            (BusinessTime::from_unix(file.details.not_before), BusinessTime::from_unix(file.details.not_after));
        check_dates(&file, from).unwrap();
        check_dates(&file, until).unwrap();
        for (moment, word) in [(from.plus(-1), "まだ使えません"), (until.plus(1), "切れています")] {
            let Err(Error::Invalid(problems)) = check_dates(&file, moment) else { panic!("{word}") };
            assert!(problems.of(FILE).unwrap().contains(word));
        }
    }

    #[tokio::test]
    async fn a_flood_is_refused_instead_of_piling_up() {
        let files = KeyFiles::default();
        let busy = all_taken(&files.0).await;
        let tries = join_all((0..QUEUE + 5).map(|_| open(&files, "a.p12", "chigau")));
        let (answers, ()) = join(tries, async move { drop(busy) }).await;
        assert_eq!(answers.iter().filter(|answer| matches!(answer, Err(Error::Busy))).count(), 5);
        open(&files, "a.p12", "Himitsu-1").await.unwrap();
    }
}
