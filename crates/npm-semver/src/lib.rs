//! npm's versions and ranges: the semantics of node-semver 7.8.5, strict and loose, with and without
//! prereleases.
//!
//! Owns parsing, printing, precedence, increments, coercion and the algebra of ranges (satisfies, intersects,
//! subset, lowest version, outside). Knows nothing of packages, dist-tags or registries: choosing a version of a
//! package is the resolver's business.
//!
//! Neither comparing two [`Version`]s nor testing one against a [`Range`] allocates; parsing an ordinary version
//! or range does not either.

mod coerce;
mod comparator;
mod diff;
mod error;
mod increment;
mod precedence;
mod range;
mod scan;
mod select;
mod version;

pub use coerce::{CoerceDirection, CoerceOptions, clean, coerce};
pub use comparator::{Comparator, Operator};
pub use diff::{Difference, diff};
pub use error::SemverError;
pub use increment::{Increment, PrereleaseBase, ReleaseType};
pub use range::{Range, RangeOptions, Side, valid_range};
pub use select::simplify;
pub use version::Version;

/// The largest number a version may hold: the largest integer that a JavaScript number holds exactly.
pub const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;

/// The longest version text that is accepted, in UTF-16 code units.
pub const MAX_LENGTH: usize = 256;
