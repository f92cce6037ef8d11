//! Whose install scripts may run: the policy `allowScripts`, and the record of what was decided.
//!
//! Owns how a policy is put together from configuration and package.json, how it is held against packages, and
//! how `package.json` records decisions. Does not run scripts. A script of a package that nobody decided about
//! does not run. Source: npm 11.19.1 for everything but that, which npm 11 only announces.

mod command;
mod identity;
mod policy;
mod record;
mod scripts;

pub use command::{
    ApprovalError, DecidedPackage, Decision, Named, PruneReport, PrunedEntry, decide, pending, prune,
};
pub use identity::{Identity, displayed, identity};
pub use policy::{PolicyError, PolicyScope, ScriptPolicy, Verdict};
pub use record::{Change, UnusedReason};
pub use scripts::{Unreviewed, install_scripts, unreviewed};
