//! Which names are whose: patterns over package names, and the place each name belongs to.
//!
//! Owns the rule that a name belongs to exactly one place. Does not own where the rules come from (`settings`) and
//! what is done at a place (`proxy`, storage).

mod pattern;
mod place;

pub use pattern::{InvalidPattern, NamePattern, PackagePattern};
pub use place::{NameRule, NameRules, Place, RuleProblem};
