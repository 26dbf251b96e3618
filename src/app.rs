//! Everything a running node is made of, wired once: the only place that knows which parts there are.

use crate::clock::Clocks;
use crate::config::{Config, PortalGateway, Profile, Review};
use crate::domain::reference::Tables;
use crate::folder::DataFolder;
use crate::job::Bell;
use crate::portal::gateway::Gateway;
use crate::portal::simulated::Simulated;
use crate::secret::{NodeKey, SecretError};
use crate::service::downloads::Workbooks;
use crate::service::error::Error;
use crate::service::key_files::KeyFiles;
use crate::service::requests::view::Names;
use crate::service::sessions::passwords::Passwords;
use crate::service::sessions::{Known, LastSeen};
use crate::service::statistics::Counting;
use crate::sim::Sim;
use crate::sim::world::{Settings, Speed};
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
    /// Opens uploaded .p12 files, a few at once.
    pub key_files: KeyFiles,
    /// When sessions were last seen.
    pub last_seen: LastSeen,
    /// Sessions as they were last read.
    pub known_sessions: Known,
    /// Regions, offices, fees, holidays.
    pub tables: Arc<Tables>,
    /// The portal; none while a person files there by hand.
    pub gateway: Option<Arc<dyn Gateway>>,
    /// The simulated outside world behind the gateway. Its calls wait for the disk.
    pub sim: Option<Sim>,
    /// Wakes the job runner.
    pub bell: Bell,
    /// Lists as drawn, while nothing in them changes.
    pub lists: Fragments,
    /// Workbooks being made, a few at once.
    pub workbooks: Workbooks,
    /// Statistics being counted, one at a time.
    pub statistics: Counting,
    /// Names that lists show.
    pub names: Names,
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
        let store = Store::open(&folder.store(), &store_options(&key, &config))?;
        let passwords = Passwords::new(&config.accounts).map_err(StartError::Passwords)?;
        let tables = Arc::new(Tables::embedded());
        let sim = open_world(&folder, &config, &tables, &clocks)?;
        Ok(Arc::new(Self {
            gateway: sim.clone().map(|sim| Arc::new(Simulated::new(sim)) as Arc<dyn Gateway>),
            sim,
            bell: Bell::default(),
            folder,
            config,
            clocks,
            key,
            store,
            passwords,
            key_files: KeyFiles::default(),
            last_seen: LastSeen::default(),
            known_sessions: Known::default(),
            tables,
            lists: Fragments::default(),
            workbooks: Workbooks::default(),
            statistics: Counting::default(),
            names: Names::default(),
        }))
    }

    /// Finishes the writes that wait and closes the data files. Takes a while: never on an async worker.
    pub fn close(&self) {
        self.store.shutdown();
        if let Some(sim) = &self.sim {
            sim.shutdown();
        }
    }

    /// Demo, training, test or production; fixed when the folder was made.
    pub fn profile(&self) -> Profile {
        self.folder.profile()
    }
}

/// How the data file of a node is opened.
pub fn store_options(key: &NodeKey, config: &Config) -> Options {
    Options {
        cache_bytes: usize::try_from(config.store.cache_mib).unwrap_or(64) << 20,
        first_request_id: config.store.first_request_id,
        audit_key: key.hmac("audit", b"chain"),
        // It was made with the folder: one that is gone must not begin anew in silence.
        create: false,
        ..Options::default()
    }
}

/// The simulated outside world, where the configuration asks for one. Never in production.
fn open_world(
    folder: &DataFolder,
    config: &Config,
    tables: &Arc<Tables>,
    clocks: &Clocks,
) -> Result<Option<Sim>, OpenError> {
    if config.portal.gateway != PortalGateway::Simulated || folder.profile() == Profile::Production {
        return Ok(None);
    }
    let settings = Settings {
        speed: match config.portal.review {
            Review::Instant => Speed::Instant,
            Review::Realistic => Speed::Realistic,
            Review::Manual => Speed::Manual,
        },
        step_seconds: config.portal.step_seconds,
        learn: folder.profile() == Profile::Demo,
        ..Settings::default()
    };
    let sim = Sim::open(&folder.sim_store(), Arc::clone(tables), &settings)?;
    clocks.run_ahead(sim.settings()?.clock_ahead);
    Ok(Some(sim))
}
