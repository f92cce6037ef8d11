//! `knit link`

use std::path::PathBuf;

use diagnostics::Diagnostic;
use package_manager::install::Operation;
use package_manager::link::{self, GlobalPackage};
use package_manager::workspaces;

use super::{Command, CommandResult, Invocation, Workspaces};
use crate::installation;

pub const COMMAND: Command = Command {
    usage: &["", "<package-spec> ..."],
    details: "Without a package it links the package here into the global ones.\n\
              With packages it links those from the global ones into the project here, and installs them\n\
              there first if need be.",
    options: &[
        "save",
        "save-exact",
        "global",
        "install-strategy",
        "strict-peer-deps",
        "package-lock",
        "omit",
        "include",
        "ignore-scripts",
        "bin-links",
        "fund",
        "dry-run",
        "workspace",
        "workspaces",
        "include-workspace-root",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("link", "Symlink a package folder", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let mut settings = invocation.settings();
    if settings.places.is_global {
        let problem =
            Diagnostic::error("ELINKGLOBAL", "`link` is never --global: it goes both ways by itself");
        return Err(problem.with_hint("run `knit link` without --global"));
    }
    settings.install.install_links = false;
    let prefix = settings.places.local_prefix.clone();
    let started_in = settings.places.working_directory.clone();
    let arguments: Vec<String> = invocation
        .arguments
        .iter()
        .filter(|argument| workspaces::lexical_join(&started_in, argument) != prefix)
        .cloned()
        .collect();
    let mut global = settings.clone();
    global.places.is_global = true;
    let mut request = installation::request(invocation, &settings)?;
    if arguments.is_empty() {
        let folders = if settings.workspaces.selected() {
            workspaces::targets(&settings)?.into_iter().map(|target| target.directory).collect()
        } else {
            vec![prefix]
        };
        request.workspaces.clear();
        request.add = folders.iter().map(|folder: &PathBuf| format!("file:{}", folder.display())).collect();
        return installation::run(invocation, &global, &Operation::Change(request));
    }
    let missing = link::missing(&global, &arguments)?;
    if !missing.is_empty() {
        let mut add = request.clone();
        add.workspaces.clear();
        add.add = missing.iter().map(|argument| installation::anchored(argument, &global)).collect();
        installation::carry_out(invocation, &global, &Operation::Change(add))?;
    }
    settings.save.save = saves(invocation);
    let packages = link::packages(&global, &arguments)?;
    request.add = packages
        .iter()
        .map(|GlobalPackage { name, folder }| format!("{name}@file:{}", folder.display()))
        .collect();
    installation::run(invocation, &settings, &Operation::Link(request))
}

/// A link is for a while: it is saved only where somebody says so.
fn saves(invocation: &Invocation<'_>) -> bool {
    let config = &invocation.configuration.config;
    (!config.is_default("save") && config.flag("save"))
        || ["save-optional", "save-peer", "save-dev", "save-prod"].into_iter().any(|key| config.flag(key))
}
