//! The built executable, run as a person runs it: in a directory of its own, with a home, an environment
//! and a `node` of its own. What it says and how it ends is compared with snapshots.

mod approvals;
mod config;
mod exec;
mod fetching;
mod general;
mod global;
mod init;
mod network;
mod pkg;
mod run;
mod sandbox;
