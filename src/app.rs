//! Everything a running node is made of, wired once: the only place that knows which parts there are.

use crate::clock::Clocks;
use crate::config::{Config, Profile};
use crate::domain::reference::Tables;
use crate::folder::DataFolder;
use crate::secret::{NodeKey, SecretError};
use crate::service::error::Error;
use crate::service::sessions::LastSeen;
use crate::service::sessions::passwords::Passwords;
use crate::store::{OpenError, Options, Store};
use crate::web::procedure::cache::Fragments;
use std::sync::Arc;

/// A running node.
pub struct App {
    /// Where its files lie.
    pub folder: DataFolder,
    /// How it is set.
    pub config: Config,
    /// What time it is.
    pub clocks: Arc<Clocks>,
    /// Seals secrets, vouches for tokens.
    pub key: NodeKey,
    /// The business data.
    pub store: Store,
    /// Hashes and compares passwords, a few at once.
    pub passwords: Passwords,
    /// When sessions were last seen.
    pub last_seen: LastSeen,
    /// Regions, offices, fees, holidays.
    pub tables: Arc<Tables>,
    /// Lists as drawn, while nothing in them changes.
    pub lists: Fragments,
}

/// What handlers hold.
pub type Shared = Arc<App>;

/// The node can't be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The node key.
    #[error(transparent)]
    Key(#[from] SecretError),
    /// The data file.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The cost of password hashes.
    #[error("accounts.argon2: {0}")]
    Passwords(#[source] Error),
}

impl App {
    /// Opens everything in a data folder.
    ///
    /// # Errors
    /// A sentence for whoever started the node.
    pub fn open(folder: DataFolder, config: Config, clocks: Arc<Clocks>) -> Result<Shared, StartError> {
        let key = NodeKey::load(&folder.node_key())?;
        let options = Options {
            cache_bytes: usize::try_from(config.store.cache_mib).unwrap_or(64) << 20,
            first_request_id: config.store.first_request_id,
            audit_key: key.hmac("audit", b"chain"),
            ..Options::default()
        };
        let store = Store::open(&folder.store(), &options)?;
        let passwords = Passwords::new(&config.accounts).map_err(StartError::Passwords)?;
        Ok(Arc::new(Self {
            folder,
            config,
            clocks,
            key,
            store,
            passwords,
            last_seen: LastSeen::default(),
            tables: Arc::new(Tables::embedded()),
            lists: Fragments::default(),
        }))
    }

    /// Demo, training, test or production; fixed when the folder was made.
    pub fn profile(&self) -> Profile {
        self.folder.profile()
    }
}
