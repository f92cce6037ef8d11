//! Users of a registry over real HTTP: who they are, what they may do, and what everybody else is told.
//!
//! Compared with what npm 11.19.1 sends and reads.

mod accounts;
mod audit_log;
mod authenticator;
mod browser_account;
mod browser_admin;
mod browser_login;
mod browser_packages;
mod bundles;
mod command_line;
mod login;
mod profile;
mod sealing;
mod staging;
mod teams;
mod tokens;
mod trust;
