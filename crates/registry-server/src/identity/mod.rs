//! Who somebody is, how they show it, and what they may do: rules without a database or a socket.
//!
//! Owns: names of accounts, passwords, tokens, sessions of browsers, one-time passwords, permissions, limits of attempts, id-tokens.
//! Does not own: where any of it is kept, and the requests in which it arrives. The time is always passed in.

pub mod address;
pub mod browser_session;
pub mod limit;
pub mod name;
pub mod oidc;
pub mod password;
pub mod permission;
pub mod random;
pub mod recovery_code;
pub mod redact;
pub(crate) mod sealing;
pub mod token;
pub mod token_limits;
pub mod totp;

pub use browser_session::SessionKey;
pub use name::{AccountName, TeamName};
pub use recovery_code::RecoveryCode;
pub use redact::Secret;
pub use token::{Token, TokenDigest};
pub use token_limits::TokenLimits;
