//! The executable `knit`: reads arguments, environment and configuration once, calls one function of a
//! library, renders what comes back.
//!
//! Owns rendering and exit codes. Does not own what commands do.

mod access_view;
mod account_holder;
mod approvals;
mod arguments;
mod audit_view;
mod browser;
mod cache_view;
mod commands;
mod completion;
mod config_view;
mod configuration;
mod credentials;
mod dialogue;
mod diff_view;
mod doctor_view;
mod editor;
mod explanation;
mod fetching;
mod funding_view;
mod help;
mod import_view;
mod inspect;
mod installation;
mod javascript_text;
mod listing;
mod names;
mod network;
mod network_imports;
mod node_options;
mod npx;
mod outdated_view;
mod package_check_view;
mod package_view;
mod process;
mod profile_view;
mod program;
mod progress;
mod prompt;
mod publication;
mod publish_config;
mod registry_advisories;
mod registry_service;
mod resolution_view;
mod run;
mod script_environment;
mod scripts_view;
mod search_view;
mod settings;
mod signatures_view;
mod suggestion;
mod table;
mod tarball_view;
mod terminal;
mod token_view;
mod toolchain;
mod tree_view;
mod trust_options;
mod trust_view;
mod trusted_build;

use std::process::ExitCode;

fn main() -> ExitCode {
    run::main()
}
