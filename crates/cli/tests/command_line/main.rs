//! The built executable, run as a person runs it: in a directory of its own, with a home, an environment
//! and a `node` of its own. What it says and how it ends is compared with snapshots.

mod accounts;
mod answers;
mod approvals;
mod audit;
mod audit_signatures;
mod cache;
mod config;
mod doctor;
mod exec;
mod explain;
mod fetching;
mod fund;
mod general;
mod global;
mod init;
mod ls;
mod network;
mod organizations;
mod outdated;
mod pack;
mod pack_check;
mod packages;
mod pkg;
mod publish;
mod query;
mod registry;
mod repositories;
mod resolve;
mod run;
mod sandbox;
mod sbom;
mod trees;
mod unpublish;
mod version;
mod view;
