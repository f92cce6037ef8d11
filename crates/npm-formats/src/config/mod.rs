//! npm's configuration: the `.npmrc` format, the table of keys, the levels they come from, and what
//! follows from them (registry of a scope, credentials of a URL, omitted dependency kinds).
//!
//! Pure: the caller reads files and the environment and hands over texts and pairs. Deliberately
//! not here: the command line's grammar (crate `cli`), and any decision that needs the clock.
//! Source: npm 11.19.1 (`@npmcli/config`, `ini`, `nopt`, `npm-registry-fetch`).

mod coerce;
mod credentials;
mod date;
mod definition;
mod definitions;
mod derived;
mod ini;
mod levels;
mod substitute;
mod validate;
mod value;

#[cfg(test)]
mod tests;

pub use coerce::Context;
pub use credentials::{Authorization, ClientCertificate, Credentials, Secret, nerf_dart};
pub use date::{parse_date, print_date};
pub use definition::{Default, Definition, Type};
pub use definitions::{ALIASES, AUTHENTICATION_KEYS, DEFINITIONS, Shorthand, definition, shorthand};
pub use derived::{InstallStrategy, OmitSet};
pub use ini::{Entry, EntryValue, edit, parse};
pub use levels::{Config, ConfigError, Layer, Level};
pub use substitute::substitute;
pub use validate::{AuthenticationProblem, Invalid};
pub use value::Value;
