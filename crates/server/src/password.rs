//! Passwords: argon2id, off the async threads and few at a time, because each takes 19 MiB and tens of milliseconds.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use rand::RngExt as _;
use tokio::sync::Semaphore;

use crate::config::Secret;

/// Longer passwords are refused before any work.
pub const MOST_CHARACTERS: usize = 256;
/// What a person may choose.
pub const LEAST_CHARACTERS: usize = 12;
/// Hashes at once: 38 MiB at most.
const AT_ONCE: usize = 2;
/// Compared against when there is no such user, so that the answer takes as long as for a wrong password. No password
/// has this hash; its parameters are those of new hashes.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2ltcHVsLm5vYm9keS5z$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashing could not be done; says nothing of the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("password hashing failed")]
pub struct PasswordError;

/// Hashes and checks passwords; clones share one limit.
#[derive(Debug, Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Passwords {
    /// The hash to store, as a PHC string with its own salt.
    ///
    /// # Errors
    /// The system gives no randomness, or the process is stopping.
    pub async fn hash(&self, password: Secret) -> Result<String, PasswordError> {
        self.apart(move || {
            let hash: PasswordHash =
                Argon2::default().hash_password(password.expose().as_bytes()).map_err(|_| PasswordError)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password fits the stored hash. Pass `None` for a user that does not exist: it takes as long.
    ///
    /// # Errors
    /// The stored hash cannot be read, or the process is stopping.
    pub async fn verify(&self, password: Secret, stored: Option<String>) -> Result<bool, PasswordError> {
        if password.expose().chars().count() > MOST_CHARACTERS {
            return Ok(false);
        }
        self.apart(move || {
            let is_known = stored.is_some();
            let hash = PasswordHash::new(stored.as_deref().unwrap_or(NOBODY)).map_err(|_| PasswordError)?;
            let fits = Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok();
            Ok(fits && is_known)
        })
        .await
    }

    /// Runs costly work on a thread of its own. The permit goes with it: a caller that hangs up does not free it early.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| PasswordError)?;
        let outcome = tokio::task::spawn_blocking(move || {
            let outcome = work();
            drop(permit);
            outcome
        });
        outcome.await.map_err(|_| PasswordError)?
    }
}

/// A password to be printed once: 20 characters that are hard to confuse, in groups of five (about 99 bits).
#[must_use]
pub fn generate() -> Secret {
    const LETTERS: &[u8; 31] = b"abcdefghijkmnpqrstuvwxyz2345678";
    let mut random = rand::rng();
    let mut password = String::with_capacity(23);
    for position in 0..20 {
        if position > 0 && position % 5 == 0 {
            password.push('-');
        }
        password.push(char::from(LETTERS[random.random_range(0..LETTERS.len())]));
    }
    Secret::new(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_fits_its_hash() {
        let passwords = Passwords::default();
        let hash = passwords.hash(Secret::new("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$"));
        assert_eq!(passwords.verify(Secret::new("correct horse"), Some(hash.clone())).await, Ok(true));
        assert_eq!(passwords.verify(Secret::new("correct hors"), Some(hash.clone())).await, Ok(false));
        assert_eq!(passwords.verify(Secret::new("x".repeat(10_000)), Some(hash)).await, Ok(false));
        assert_eq!(passwords.verify(Secret::new("x"), Some("not a hash".to_owned())).await, Err(PasswordError));
    }

    #[tokio::test]
    async fn an_unknown_user_costs_the_same_work_and_never_fits() {
        let passwords = Passwords::default();
        assert_eq!(passwords.verify(Secret::new("anything"), None).await, Ok(false));
        let real = passwords.hash(Secret::new("anything")).await.unwrap();
        let cost = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(cost(&real), cost(NOBODY));
    }

    #[test]
    fn generated_passwords_differ_and_are_long_enough() {
        let (one, other) = (generate(), generate());
        assert_ne!(one, other);
        assert_eq!(one.expose().len(), 23);
        assert!(one.expose().chars().count() >= LEAST_CHARACTERS);
    }
}
