//! The data folder: which files it has, and that only its owner can read it. What the files hold is their modules'
//! business.

use crate::config::Profile;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The data folder can't be made or used; the sentence is for whoever started the node.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It has no profile.
    #[error("{0} はデータフォルダーではありません。先に ainas init で作成してください")]
    Missing(PathBuf),
    /// There is one already.
    #[error("{0} は空ではありません。別のフォルダーを指定してください")]
    NotEmpty(PathBuf),
    /// The profile's file holds something else.
    #[error("{0} の内容が正しくありません。{1}")]
    Profile(PathBuf, crate::config::UnknownProfile),
    /// The machine refused.
    #[error("{path} を扱えません ({cause})")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
}

/// A data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder {
    root: PathBuf,
    profile: Profile,
}

impl DataFolder {
    /// Makes a new one, readable by its owner only; missing parents too.
    ///
    /// # Errors
    /// When it exists with something in it, or can't be made.
    pub fn create(root: &Path, profile: Profile) -> Result<Self, FolderError> {
        let failed = |cause| FolderError::Io { path: root.to_owned(), cause };
        if root.exists() && std::fs::read_dir(root).map_err(failed)?.next().is_some() {
            return Err(FolderError::NotEmpty(root.to_owned()));
        }
        make_private_folder(root).map_err(failed)?;
        let folder = Self { root: root.to_owned(), profile };
        write_private(&folder.file("profile"), format!("{profile}\n").as_bytes())?;
        Ok(folder)
    }

    /// Opens an existing one.
    ///
    /// # Errors
    /// When it has no readable profile.
    pub fn open(root: &Path) -> Result<Self, FolderError> {
        let path = root.join("profile");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(FolderError::Missing(root.to_owned())),
            Err(cause) => return Err(FolderError::Io { path, cause }),
        };
        let profile = text.trim().parse().map_err(|e| FolderError::Profile(path, e))?;
        Ok(Self { root: root.to_owned(), profile })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What it is for.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// The business store.
    pub fn store(&self) -> PathBuf {
        self.file("ainas.redb")
    }

    /// The simulators' store.
    pub fn sim_store(&self) -> PathBuf {
        self.file("sim.redb")
    }

    /// The node key.
    pub fn node_key(&self) -> PathBuf {
        self.file("node.key")
    }

    /// Certificates and their keys.
    pub fn pki(&self) -> PathBuf {
        self.file("pki")
    }

    /// Where files without a name are put while something long is made; made when it is missing.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn scratch(&self) -> std::io::Result<PathBuf> {
        let path = self.file("scratch");
        make_private_folder(&path)?;
        Ok(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

/// Makes a folder (with parents) that only its owner can enter.
///
/// # Errors
/// Those of the machine.
pub fn make_private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    // An existing empty folder may have been open to others.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}

/// Writes a file that only its owner can read; a reader sees the old or the new content, never a half.
///
/// # Errors
/// With the path, when the machine refuses.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), FolderError> {
    use std::os::unix::fs::OpenOptionsExt;
    let failed = |cause| FolderError::Io { path: path.to_owned(), cause };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    match std::fs::remove_file(&new) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(failed(e)),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&new, path).map_err(failed)?;
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    }
    Ok(())
}
