//! Password hashes: argon2id on blocking threads, a few at once.

use crate::config::Accounts;
use crate::domain::user::PasswordHash;
use crate::secret;
use crate::service::error::{Error, Result};
use crate::service::turns::Turns;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc};
use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;

/// Sign-ins that may wait for a free hasher; at the default cost the last of them waits about a second.
const QUEUE: usize = 64;

/// Hashes and compares passwords.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    turns: Turns,
    /// A hash that nothing matches: compared for users that do not exist, so that they take as long.
    nobody: PasswordHash,
}

impl Passwords {
    /// With the cost of the configuration.
    ///
    /// # Errors
    /// When the cost makes no sense to argon2.
    pub fn new(accounts: &Accounts) -> Result<Self> {
        let cost = &accounts.argon2;
        let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None).map_err(Error::internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = nobody(argon2.params())?;
        Ok(Self { argon2, turns: Turns::new(accounts.concurrent_hashes.try_into().unwrap_or(1), QUEUE), nobody })
    }

    /// The hash of a password, on this thread: start-up and commands, never an async worker.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn hash_blocking(&self, password: &str) -> Result<PasswordHash> {
        hash(&self.argon2, password)
    }

    /// The hash of a password.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait.
    pub async fn hash(&self, password: String) -> Result<PasswordHash> {
        let argon2 = self.argon2.clone();
        self.turns.run(move || hash(&argon2, &password)).await?
    }

    /// Whether the password belongs to any of these hashes. Without a user the work is the same and the answer no.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait.
    pub async fn matches(&self, password: String, hashes: Vec<PasswordHash>) -> Result<bool> {
        let argon2 = self.argon2.clone();
        let (hashes, known) = if hashes.is_empty() { (vec![self.nobody.clone()], false) } else { (hashes, true) };
        self.turns.run(move || known & hashes.iter().any(|hash| matches(&argon2, &password, hash))).await
    }
}

/// The same characters in another form are the same password.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<PasswordHash> {
    // The salt is ours: the crate's own source of randomness needs /dev/urandom in a static program.
    let salt = secret::random::<16>();
    let hash = argon2.hash_password_with_salt(normal(password).as_bytes(), &salt).map_err(Error::internal)?;
    Ok(PasswordHash(hash.to_string()))
}

/// A hash of this cost that was never made from a password: as good as random, it matches none, and nothing had to be
/// worked out for it.
fn nobody(cost: &Params) -> Result<PasswordHash> {
    let hash = phc::PasswordHash {
        algorithm: phc::Ident::new(Algorithm::Argon2id.as_str()).map_err(Error::internal)?,
        version: Some(Version::V0x13.into()),
        params: cost.try_into().map_err(Error::internal)?,
        salt: Some(phc::Salt::new(&secret::random::<16>()).map_err(Error::internal)?),
        hash: Some(phc::Output::new(&secret::random::<32>()).map_err(Error::internal)?),
    };
    Ok(PasswordHash(hash.to_string()))
}

fn matches(argon2: &Argon2<'_>, password: &str, hash: &PasswordHash) -> bool {
    phc::PasswordHash::new(&hash.0)
        .is_ok_and(|parsed| argon2.verify_password(normal(password).as_bytes(), &parsed).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[tokio::test]
    async fn the_right_password_matches_and_nobody_never_does() {
        let accounts =
            Accounts { argon2: config::Argon2 { memory_kib: 8, iterations: 1, parallelism: 1 }, ..Accounts::default() };
        let passwords = Passwords::new(&accounts).unwrap();
        let hash = passwords.hash("Ａobazora-1".to_owned()).await.unwrap();
        assert!(passwords.matches("Aobazora-1".to_owned(), vec![hash.clone()]).await.unwrap());
        assert!(!passwords.matches("aobazora-1".to_owned(), vec![hash]).await.unwrap());
        assert!(!passwords.matches("Aobazora-1".to_owned(), Vec::new()).await.unwrap());
    }

    #[test]
    fn nobody_costs_as_much_as_somebody() {
        let accounts = Accounts {
            argon2: config::Argon2 { memory_kib: 64, iterations: 2, parallelism: 1 },
            ..Accounts::default()
        };
        for _ in 0..100 {
            let passwords = Passwords::new(&accounts).unwrap();
            let somebody = passwords.hash_blocking("Aobazora-1").unwrap();
            let [nobody, somebody] =
                [&passwords.nobody, &somebody].map(|hash| phc::PasswordHash::new(&hash.0).unwrap());
            assert_eq!((nobody.algorithm, nobody.version), (somebody.algorithm, somebody.version));
            assert_eq!(nobody.params, somebody.params);
            assert_eq!(nobody.hash.unwrap().as_bytes().len(), somebody.hash.unwrap().as_bytes().len());
            // What can't be compared would be refused at once.
            let answer = passwords.argon2.verify_password(b"Aobazora-1", &nobody);
            assert_eq!(answer, Err(argon2::password_hash::Error::PasswordInvalid));
        }
    }
}
