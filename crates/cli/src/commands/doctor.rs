//! `knit doctor`

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use diagnostics::Diagnostic;
use package_manager::doctor::{self, Check, Standing, Surroundings};
use package_manager::ping::registry_problem;
use package_manager::settings::Settings;
use registry_client::RegistryClient;

use super::{Command, CommandResult, Invocation, Outcome};
use crate::configuration::NPM_VERSION;
use crate::{doctor_view, suggestion, toolchain};

pub const COMMAND: Command = Command {
    usage: &["[connection] [registry] [versions] [environment] [permissions] [cache]"],
    details: "Without arguments everything is checked; with some, what they name. What is damaged in the cache \
              is removed. Where something is wrong, it says what to do, and exits with 1.",
    options: &["registry", "json"],
    ..Command::new("doctor", "Check that everything knit needs is there and works", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let (terminal, settings) = (invocation.terminal, invocation.settings());
    let checks = chosen(invocation)?;
    let surroundings = surroundings(invocation, &settings);
    let findings = invocation.block_on(async {
        let client = client(invocation);
        doctor::examine(&checks, &settings, &surroundings, &client).await
    })?;
    if terminal.json {
        terminal.print_json(&doctor_view::json(&findings));
    } else {
        terminal.print(doctor_view::text(&findings, terminal));
    }
    let failed = findings.iter().filter(|finding| finding.standing == Standing::Bad).count();
    if failed == 0 {
        return Ok(Outcome::Success);
    }
    if !terminal.json {
        let text = format!("{failed} of {} checks failed", findings.len());
        terminal.fail(&Diagnostic::error("EDOCTOR", text));
    }
    Ok(Outcome::Status(1))
}

/// The checks that the arguments name; all without any.
fn chosen(invocation: &Invocation<'_>) -> Result<Vec<Check>, Diagnostic> {
    let groups = || Check::ALL.iter().flat_map(|check| check.groups().iter().copied());
    for word in invocation.arguments {
        if !groups().any(|group| group == word) {
            let problem = invocation.usage_error(format!("there is no check `{word}`"));
            return Err(match suggestion::nearest(word, groups()) {
                Some(meant) => problem.with_hint(format!("did you mean `knit doctor {meant}`?")),
                None => problem,
            });
        }
    }
    let is_meant = |check: &Check| {
        invocation.arguments.is_empty()
            || invocation.arguments.iter().any(|word| check.groups().contains(&word.as_str()))
    };
    Ok(Check::ALL.into_iter().filter(is_meant).collect())
}

/// One try has to do: the question is whether there is a connection now.
fn client(invocation: &Invocation<'_>) -> Result<RegistryClient, Diagnostic> {
    let mut options = invocation.client_options()?;
    options.retry.retries = 0;
    RegistryClient::new(options).map_err(|error| registry_problem(&error))
}

fn surroundings(invocation: &Invocation<'_>, settings: &Settings) -> Surroundings {
    let tools = invocation.toolchain();
    let process = invocation.process;
    let git = Path::new(&settings.install.git);
    let git: Option<PathBuf> = match git.components().count() {
        1 => toolchain::find_on_path(process, &settings.install.git),
        _ => toolchain::is_executable(git).then(|| git.to_owned()),
    };
    let bin = settings.places.global_bin();
    let is_bin = |folder: &PathBuf| {
        *folder == bin || (bin.exists() && folder.canonicalize().ok() == bin.canonicalize().ok())
    };
    let path = process.variable("PATH").unwrap_or_default();
    Surroundings {
        knit_version: env!("CARGO_PKG_VERSION").to_owned(),
        npm_version: NPM_VERSION.to_owned(),
        node: tools.node,
        node_version: tools.node_version,
        git,
        has_global_bin_in_path: std::env::split_paths(path).any(|folder| is_bin(&folder)),
        now: SystemTime::now(),
    }
}
