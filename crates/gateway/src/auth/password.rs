//! Passwords: Argon2id with the second recommendation of RFC 9106, section 4 (64 MiB, 3 passes, 4 lanes), on threads
//! of their own, few at a time.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use slipway_protocol::Problem;
use tokio::sync::Semaphore;

use crate::api::ApiError;

/// Memory of one computation, in KiB.
const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// Computations at once: each takes 64 MiB and a processor for about a tenth of a second.
const AT_ONCE: usize = 2;
/// Requests that may wait for their turn.
const WAITING: usize = 32;
/// Shortest and longest password, in characters.
pub const LENGTHS: std::ops::RangeInclusive<usize> = 10..=256;
/// Letters and digits of a password that is made here: none looks like another.
const SYMBOLS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What is compared with where there is no password: a wrong name takes the time that a wrong password takes.
static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| computed(&super::random_token()).ok());

/// Computes hashes of passwords.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let of = |count| Arc::new(Semaphore::new(count));
        Self { turns: of(AT_ONCE), places: of(AT_ONCE + WAITING) }
    }
}

impl Passwords {
    /// The hash to keep of a password, with its parameters and a salt of its own.
    ///
    /// # Errors
    /// When too many others wait (429).
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        self.compute(move || computed(&password)).await?.map_err(ApiError::internal)
    }

    /// Whether a password is the one of which `kept` was made. It takes the same time when nothing is kept.
    ///
    /// # Errors
    /// When too many others wait (429).
    pub async fn verify(&self, password: String, kept: Option<String>) -> Result<bool, ApiError> {
        let is_right = move || {
            let (hash, counts) = match &kept {
                Some(hash) => (Some(hash), true),
                None => (NOBODYS.as_ref(), false),
            };
            hash.is_some_and(|hash| is_of(&password, hash)) && counts
        };
        self.compute(is_right).await
    }

    async fn compute<T: Send + 'static>(
        &self,
        computation: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let _place = self.places.try_acquire().map_err(|_full| busy())?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(ApiError::internal)?;
        let computed = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            computation()
        });
        computed.await.map_err(ApiError::internal)
    }
}

/// Refuses a password that is too short or too long (422).
///
/// # Errors
/// When it is.
pub fn check(password: &str) -> Result<(), ApiError> {
    if LENGTHS.contains(&password.chars().count()) {
        return Ok(());
    }
    let (least, most) = (LENGTHS.start(), LENGTHS.end());
    Err(Problem::new(422, "password_unfit", "This password cannot be used")
        .detail(format!("A password has {least} to {most} characters."))
        .hint("Several words are easy to remember and hard to guess.")
        .into())
}

/// A password of 100 random bits.
pub fn made() -> String {
    let groups = rand::random::<[[u8; 5]; 4]>().map(|group| {
        let symbols =
            group.map(|byte| char::from(SYMBOLS.get(usize::from(byte % 32)).copied().unwrap_or(b'x')));
        symbols.iter().collect::<String>()
    });
    groups.join("-")
}

fn argon2() -> Result<Argon2<'static>, argon2::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn computed(password: &str) -> Result<String, argon2::password_hash::Error> {
    let argon2 = argon2().map_err(|_parameters| argon2::password_hash::Error::ParamsInvalid)?;
    let hash: PasswordHash = argon2.hash_password(password.as_bytes())?;
    Ok(hash.to_string())
}

fn is_of(password: &str, hash: &str) -> bool {
    Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
}

fn busy() -> ApiError {
    let mut problem = Problem::new(429, "too_many_logins", "Too many people log in at the moment")
        .hint("Try again in a few seconds.");
    problem.retry_after_ms = Some(3_000);
    problem.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other_is() {
        let passwords = Passwords::default();
        let kept = passwords.hash("correct horse battery".to_owned()).await.expect("computed");
        assert!(kept.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"), "{kept}");
        assert_ne!(kept, passwords.hash("correct horse battery".to_owned()).await.expect("computed"));
        assert!(
            passwords.verify("correct horse battery".to_owned(), Some(kept.clone())).await.expect("computed")
        );
        assert!(!passwords.verify("correct horse batterx".to_owned(), Some(kept)).await.expect("computed"));
        assert!(!passwords.verify("correct horse battery".to_owned(), None).await.expect("computed"));
        assert!(!passwords.verify("x".to_owned(), Some("not a hash".to_owned())).await.expect("computed"));
    }

    #[test]
    fn who_is_not_known_costs_as_much_as_who_is() {
        let nobodys = NOBODYS.clone().expect("there is one");
        assert!(nobodys.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"), "{nobodys}");
    }

    #[test]
    fn passwords_that_are_made_can_be_used_and_differ() {
        let (one, other) = (made(), made());
        assert_ne!(one, other);
        assert!(check(&one).is_ok());
        assert_eq!(one.len(), 23);
    }
}
