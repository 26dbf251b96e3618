//! A new data folder: profile, node key, certificate authority, server certificate, store, first operator. It appears
//! complete or not at all.

use crate::config::{Config, Profile};
use crate::domain::time::SystemTime;
use crate::domain::user::{Membership, PasswordState, User};
use crate::folder::{DataFolder, FolderError};
use crate::pki::{Authority, PkiError};
use crate::secret::{self, NodeKey, Secret, SecretError};
use crate::service::error::Error;
use crate::service::sessions::passwords::Passwords;
use crate::store::{self, AuditRow, OpenError, Store};
use std::path::Path;

/// An initial password can be used this long (the registration notice's term).
const INITIAL_DAYS: i64 = 90;

/// The folder can't be made; nothing of it is left.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The folder or a file in it.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The node key.
    #[error(transparent)]
    Key(#[from] SecretError),
    /// Certificates.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// The store.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What was written into it.
    #[error("データファイルに書き込めません ({0})")]
    Write(#[from] store::Error),
    /// The first password.
    #[error("最初のパスワードを作成できません ({0})")]
    Password(#[from] Error),
    /// The configuration does not go with the profile.
    #[error("設定に誤りがあります。{0}")]
    Config(String),
}

/// A new data folder.
#[derive(Debug)]
pub struct Created {
    /// The folder.
    pub folder: DataFolder,
    /// ログインID of the first operator.
    pub operator: String,
    /// Its initial password, shown once and kept nowhere.
    pub password: Secret<String>,
}

/// Makes a data folder at `root`, which must not exist or be empty.
///
/// # Errors
/// A sentence for whoever asked; nothing is left behind.
pub fn create(root: &Path, profile: Profile, config: &Config, now: SystemTime) -> Result<Created, CreateError> {
    config.check_profile(profile).map_err(CreateError::Config)?;
    let failed = |cause| FolderError::Io { path: root.to_owned(), cause };
    let root = std::path::absolute(root).map_err(failed)?;
    if root.exists() && std::fs::read_dir(&root).map_err(failed)?.next().is_some() {
        return Err(FolderError::NotEmpty(root).into());
    }
    let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let staging = root.with_file_name(format!(".{name}.{}", secret::hex(&secret::random::<4>())));
    let made = fill(&staging, profile, config, now).and_then(|(operator, password)| {
        std::fs::rename(&staging, &root).map_err(failed)?;
        Ok(Created { folder: DataFolder::open(&root)?, operator, password: Secret::new(password) })
    });
    if made.is_err() {
        // Best effort: the first failure is what the person has to know.
        let _ = std::fs::remove_dir_all(&staging);
    }
    made
}

fn fill(root: &Path, profile: Profile, config: &Config, now: SystemTime) -> Result<(String, String), CreateError> {
    let folder = DataFolder::create(root, profile)?;
    let key = NodeKey::generate();
    key.save(&folder.node_key())?;
    let hosts = config.host_names();
    let authority = Authority::create(&config.node.name, &hosts, now)?;
    authority.save(&folder.pki())?;
    authority.server_identity(&folder.pki(), &hosts, now)?;

    let (login_id, password) = (format!("operator-{}", secret::readable(6).to_lowercase()), secret::initial_password());
    let hash = Passwords::new(&config.accounts)?.hash_blocking(&password)?;
    let options = store::Options {
        first_request_id: config.store.first_request_id,
        audit_key: key.hmac("audit", b"chain"),
        ..store::Options::default()
    };
    let store = Store::open(&folder.store(), &options)?;
    let node_id = secret::hex(&secret::random::<8>());
    let login = login_id.clone();
    store.write_blocking(move |tx| -> Result<(), store::Error> {
        tx.set_node_id(&node_id)?;
        tx.set_profile(profile.slug())?;
        let user = User {
            id: tx.next_user_id()?,
            person: tx.next_person_id()?,
            login_id: login.clone(),
            name: "運営者".to_owned(),
            membership: Membership::Operator,
            password: hash.clone(),
            password_state: PasswordState::Initial {
                since: now,
                until: now.plus(INITIAL_DAYS * 86_400),
                by: None,
                failures: 0,
                used: false,
            },
            password_history: Vec::new(),
            last_sign_in: None,
            active: true,
            version: 1,
        };
        tx.put_user(&user)?;
        tx.audit(&AuditRow {
            at: now,
            business: None,
            actor: None,
            source: "command line".to_owned(),
            action: "node.create".to_owned(),
            subject: format!("user {}", user.id),
            details: vec![profile.slug().to_owned()],
            standing: None,
        })
    })?;
    store.shutdown();
    Ok((login_id, password))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::role::Application;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_folder_is_complete_and_private_or_not_there() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("deep/data");
        let mut config = Config::default();
        let now = SystemTime::from_unix(1_760_000_000);
        config.accounts.argon2.memory_kib = 8;
        config.accounts.argon2.iterations = 1;
        let created = create(&root, Profile::Production, &config, now).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&root), 0o700);
        assert_eq!(mode(&created.folder.node_key()), 0o600);
        assert_eq!(mode(&created.folder.pki().join("ca.key")), 0o600);
        let key = NodeKey::load(&created.folder.node_key()).unwrap();
        let options = store::Options { audit_key: key.hmac("audit", b"chain"), ..store::Options::default() };
        let store = Store::open(&created.folder.store(), &options).unwrap();
        store
            .read(|tx| {
                let user = tx.user_by_login(Application::Operator, &created.operator)?.unwrap();
                assert!(user.active && matches!(user.password_state, PasswordState::Initial { used: false, .. }));
                assert_eq!(tx.profile()?.as_deref(), Some("production"));
                Ok::<_, store::Error>(())
            })
            .unwrap();
        // A second time nothing is touched, and nothing lies around.
        assert!(matches!(
            create(&root, Profile::Demo, &config, now),
            Err(CreateError::Folder(FolderError::NotEmpty(_)))
        ));
        config.portal.gateway = crate::config::PortalGateway::Simulated;
        let production = create(&outer.path().join("other"), Profile::Production, &config, now);
        assert!(matches!(production, Err(CreateError::Config(_))));
        // Half-way it fails because the folder's name is taken by a file.
        std::fs::write(outer.path().join("file"), "").unwrap();
        assert!(create(&outer.path().join("file/data"), Profile::Demo, &config, now).is_err());
        let left: Vec<_> = std::fs::read_dir(outer.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }
}
