//! `knit fund`

use diagnostics::Diagnostic;
use package_manager::ping::registry_problem;
use package_manager::view::fund::{self, FundingSource};
use registry_client::RegistryClient;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::{browser, funding_view, installation};

pub const COMMAND: Command = Command {
    usage: &["[<package-spec>]"],
    options: &["json", "browser", "unicode", "workspace", "which"],
    workspaces: Workspaces::Implicit,
    ..Command::new("fund", "Show which packages ask for funding, or open the page of one", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let (config, terminal) = (&invocation.configuration.config, invocation.terminal);
    let which = config.number("which");
    if which.is_some_and(|which| which < 1.0) {
        let text = "--which must be given a positive number";
        return Err(Diagnostic::error("EFUNDNUMBER", text).with_hint("run `knit fund <package> --which=1`"));
    }
    if config.is_global() {
        return Err(Diagnostic::error("EFUNDGLOBAL", "`fund` does not look at global packages"));
    }
    if let Some(package) = invocation.arguments.first() {
        open(invocation, package, which)?;
        return Ok(Outcome::Success);
    }
    let report = fund::report(&invocation.settings())?;
    if terminal.json {
        terminal.print_json(&funding_view::json(&report));
    } else {
        terminal.print(funding_view::tree(&report, terminal, config.flag("unicode")));
    }
    Ok(Outcome::Success)
}

fn open(invocation: &Invocation<'_>, package: &str, which: Option<f64>) -> Result<(), Diagnostic> {
    let sources = sources(invocation, package)?;
    let chosen = match which {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturating, and at least one"
        )]
        Some(which) => sources.get(which as usize - 1),
        None => sources.first().filter(|_| sources.len() == 1),
    };
    match chosen {
        Some(source) => browser::open(invocation, &title(source), &source.url),
        None if sources.is_empty() => {
            Err(Diagnostic::error("ENOFUND", format!("{package} names no address for funding")))
        }
        None => {
            let terminal = invocation.terminal;
            if let Some(which) = which {
                terminal.print(format!("--which={which} is not a valid index"));
            }
            for (at, source) in sources.iter().enumerate() {
                terminal.print(format!("{}: {}: {}", at + 1, title(source), source.url));
            }
            terminal.print(format!(
                "Run `knit fund {package} --which=1`, for example, to open the first of them"
            ));
            Ok(())
        }
    }
}

fn sources(invocation: &Invocation<'_>, package: &str) -> Result<Vec<FundingSource>, Diagnostic> {
    let settings = invocation.settings();
    if let Some(sources) = fund::installed_sources(&settings, package)? {
        return Ok(sources);
    }
    let client =
        RegistryClient::new(invocation.client_options()?).map_err(|error| registry_problem(&error))?;
    let platform = installation::platform(invocation);
    let asked = invocation.block_on(fund::registry_sources(&settings, package, &client, &platform))?;
    asked.map_err(|error| {
        let text = format!("{package} is not installed, and no registry told its funding");
        Diagnostic::error("ENOFUND", text).with_cause(error.to_string())
    })
}

fn title(source: &FundingSource) -> String {
    match &source.kind {
        Some(kind) => format!("{kind} funding available at the following URL"),
        None => "Funding available at the following URL".to_owned(),
    }
}
