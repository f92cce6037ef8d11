//! Passwords: which are taken, how they are kept, and checking them without holding up other requests.

use std::sync::Arc;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use super::{Secret, random};
use crate::RegistryError;

/// Characters a new password has at least.
const MIN_LENGTH: usize = 10;

/// Bytes a password has at most: more is an attempt to keep the processor busy.
const MAX_BYTES: usize = 1024;

/// Why a text is not taken as a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    #[error("password must have at least {} characters", MIN_LENGTH)]
    TooShort,
    #[error("password cannot be longer than {} bytes", MAX_BYTES)]
    TooLong,
    #[error("password cannot be the user's name")]
    IsName,
}

/// A password that may be set.
#[derive(Clone, Debug)]
pub struct NewPassword(Secret);

impl NewPassword {
    /// `password` for `user`, if it is not one of those that are guessed first.
    pub fn check(password: &Secret, user: &str) -> Result<NewPassword, PasswordRefusal> {
        let text = password.reveal();
        if text.len() > MAX_BYTES {
            Err(PasswordRefusal::TooLong)
        } else if text.chars().count() < MIN_LENGTH {
            Err(PasswordRefusal::TooShort)
        } else if text.eq_ignore_ascii_case(user) {
            Err(PasswordRefusal::IsName)
        } else {
            Ok(NewPassword(password.clone()))
        }
    }

    /// An unguessable one, of 24 letters and digits that are told apart in every typeface.
    pub fn generate() -> Result<NewPassword, RegistryError> {
        Ok(NewPassword(Secret::new(random::text(b"abcdefghjkmnpqrstuvwxyz23456789", 24)?)))
    }

    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

/// A password as it is kept: argon2id in the PHC format.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// What [`as_str`](Self::as_str) gave.
    pub fn from_stored(text: String) -> PasswordHash {
        PasswordHash(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// What making one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    /// Of memory, in KiB.
    pub kibibytes: u32,
    /// Over that memory.
    pub passes: u32,
}

impl Default for HashCost {
    /// The first recommendation of OWASP's password storage sheet for argon2id.
    fn default() -> HashCost {
        HashCost { kibibytes: 19 * 1024, passes: 2 }
    }
}

/// Makes and checks hashes on threads of their own, a few at a time.
///
/// Each takes megabytes and tens of milliseconds by design: a storm of logins must wait, not use up the machine.
#[derive(Clone)]
pub struct PasswordHashing {
    argon2: Argon2<'static>,
    at_once: Arc<Semaphore>,
    /// Checked where there is no user, so that the time an answer takes does not tell who exists.
    nobody: PasswordHash,
}

impl PasswordHashing {
    /// Errors: a cost that argon2 does not have; no randomness.
    pub fn new(cost: HashCost, at_once: usize) -> Result<PasswordHashing, RegistryError> {
        let params = Params::new(cost.kibibytes, cost.passes, 1, None).map_err(password_error)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = make(&argon2, &NewPassword::generate()?)?;
        Ok(PasswordHashing { argon2, at_once: Arc::new(Semaphore::new(at_once.max(1))), nobody })
    }

    /// Errors: no randomness.
    pub async fn hash(&self, password: NewPassword) -> Result<PasswordHash, RegistryError> {
        let argon2 = self.argon2.clone();
        self.on_a_thread(move || make(&argon2, &password)).await
    }

    /// Whether `password` is the one that `hash` was made of; with no hash, `false` after the same time.
    ///
    /// Errors: a hash that is not one.
    pub async fn verify(
        &self,
        password: &Secret,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, RegistryError> {
        if password.reveal().len() > MAX_BYTES {
            return Ok(false);
        }
        let exists = hash.is_some();
        let hash = hash.unwrap_or(&self.nobody).clone();
        let argon2 = self.argon2.clone();
        let password = password.clone();
        self.on_a_thread(move || {
            let parsed = phc::PasswordHash::new(hash.as_str()).map_err(password_error)?;
            match argon2.verify_password(password.reveal().as_bytes(), &parsed) {
                Ok(()) => Ok(exists),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(password_error(error)),
            }
        })
        .await
    }

    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        // The permit goes with the work: a client that leaves does not let another begin beside it.
        let permit = self.at_once.clone().acquire_owned().await.map_err(password_error)?;
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        })
        .await
        .map_err(password_error)?
    }
}

fn make(argon2: &Argon2<'static>, password: &NewPassword) -> Result<PasswordHash, RegistryError> {
    let salt = random::bytes::<16>()?;
    let text = password.secret().reveal();
    let hash: phc::PasswordHash =
        argon2.hash_password_with_salt(text.as_bytes(), &salt).map_err(password_error)?;
    Ok(PasswordHash(hash.to_string()))
}

fn password_error(source: impl std::error::Error + Send + Sync + 'static) -> RegistryError {
    RegistryError::Password { source: Box::new(source) }
}

#[cfg(test)]
mod tests {
    use super::{HashCost, NewPassword, PasswordHash, PasswordHashing, PasswordRefusal};
    use crate::identity::Secret;

    #[test]
    fn passwords_that_are_guessed_first_are_not_taken() {
        let long = "x".repeat(1025);
        for (text, expected) in [
            ("correct horse", Ok(())),
            ("пароль-пароль", Ok(())),
            ("short", Err(PasswordRefusal::TooShort)),
            ("", Err(PasswordRefusal::TooShort)),
            (long.as_str(), Err(PasswordRefusal::TooLong)),
            ("Administrator", Err(PasswordRefusal::IsName)),
        ] {
            let checked = NewPassword::check(&Secret::new(text), "administrator");
            assert_eq!(checked.map(|_| ()), expected, "{text}");
        }
    }

    #[test]
    fn only_the_password_itself_is_let_in() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let cost = HashCost { kibibytes: 64, passes: 1 };
            let hashing = PasswordHashing::new(cost, 2).expect("a cost that argon2 has");
            let password = NewPassword::check(&Secret::new("correct horse"), "ada").expect("a good password");
            let hash = hashing.hash(password.clone()).await.expect("a hash");
            assert!(hash.as_str().starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", hash.as_str());
            assert_ne!(hashing.hash(password).await.expect("a hash").as_str(), hash.as_str());
            let verify = async |text: &str, hash: Option<&PasswordHash>| {
                hashing.verify(&Secret::new(text), hash).await.expect("a hash that can be read")
            };
            assert!(verify("correct horse", Some(&hash)).await);
            assert!(!verify("correct horsf", Some(&hash)).await);
            assert!(!verify("", Some(&hash)).await);
            assert!(!verify("correct horse", None).await);
            let broken = PasswordHash::from_stored("$argon2id$nonsense".into());
            assert!(hashing.verify(&Secret::new("x"), Some(&broken)).await.is_err());

            // A hash says what it cost, so it is still good when the cost has been raised.
            let dearer = PasswordHashing::new(HashCost { kibibytes: 128, passes: 2 }, 1).expect("a cost");
            assert!(dearer.verify(&Secret::new("correct horse"), Some(&hash)).await.expect("a hash"));
        });
    }
}
