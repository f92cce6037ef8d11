//! Fixture packages, a registry on loopback with faults, and projects to run a package manager in.
//!
//! For tests and benchmarks only; never shipped. A mistake of the test that uses it panics with what is wrong.

pub mod bundle;
pub mod fixture;
pub mod hosted;
mod issuer;
pub mod oracle;
pub mod plain_http;
pub mod project;
pub mod recorded_metadata;
mod recorder;
pub mod registry;
#[cfg(feature = "upstream")]
pub mod upstream;
pub mod visitor;

pub use bundle::{Bundle, BundleEntry};
pub use fixture::{FixturePackage, TarballBuilder, integrity_of};
pub use hosted::{HostedRegistry, Keeping, publication};
pub use issuer::Issuer;
pub use project::{RunOutput, TestProject, snapshot_tree};
pub use recorder::{Answer, RecordedRequest, Recorder};
pub use registry::{Fault, LoggedRequest, NetworkLimits, TestRegistry, Times};
pub use visitor::Visitor;
