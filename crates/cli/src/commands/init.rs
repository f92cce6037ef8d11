//! `knit init`

use diagnostics::Diagnostic;
use package_manager::exec::{self, ExecRequest};
use package_manager::init::{self, Dialogue, InitDefaults, Initialized};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::dialogue::Console;
use crate::fetching::Fetching;

pub const COMMAND: Command = Command {
    usage: &["", "<initializer> [args...]", "<@scope> [args...]"],
    details: "Without an initializer it asks for the fields of a new package.json; -y takes the defaults.\n\
              An initializer `foo` is the package `create-foo`, which is run; `@scope` is `@scope/create`.",
    options: &[
        "yes",
        "force",
        "scope",
        "workspace",
        "include-workspace-root",
        "init-author-name",
        "init-author-email",
        "init-author-url",
        "init-license",
        "init-type",
        "init-version",
        "init-private",
    ],
    workspaces: Workspaces::Explicit,
    ..Command::new("init", "Create a package.json, or run a create-package", run)
};

const GREETING: &str = "This asks for the most common fields of a package.json and suggests answers.\n\
    Empty answers take the suggestion. `knit help package-json` explains the fields.\n\
    Afterwards, `knit install <package>` adds dependencies. Press ^C to quit.\n";

fn run(invocation: &Invocation<'_>) -> CommandResult {
    if let Some((initializer, rest)) = invocation.arguments.split_first() {
        return run_initializer(invocation, initializer, rest);
    }
    let config = &invocation.configuration.config;
    refuse_module(invocation)?;
    let settings = invocation.settings();
    let defaults = defaults(invocation);
    let takes_defaults = config.flag("yes") || settings.force;
    let mut console = Console::new(invocation.terminal);
    let mut dialogue: Option<&mut dyn Dialogue> = None;
    if !takes_defaults {
        invocation.terminal.print(GREETING);
        dialogue = Some(&mut console);
    }
    let on_workspaces = settings.workspaces.selected() && !settings.workspaces.implicit;
    let results = if on_workspaces {
        init::init_workspaces(&settings, &defaults, dialogue)?
    } else {
        vec![init::init(&invocation.process.working_directory, &defaults, dialogue)?]
    };
    for result in results {
        match result {
            Initialized::Written { file, text } if takes_defaults => {
                invocation.terminal.print(format!("Wrote to {}:\n\n{text}\n\n", file.display()));
            }
            Initialized::Written { .. } => {}
            Initialized::Aborted => invocation.terminal.print("Aborted."),
        }
    }
    if on_workspaces {
        invocation.terminal.notice("Run `knit install` to link the new workspaces.");
    }
    Ok(Outcome::Success)
}

fn defaults(invocation: &Invocation<'_>) -> InitDefaults {
    let config = &invocation.configuration.config;
    // The spelling with dots is older and wins where it is set.
    let text = |key: &str| {
        let dotted = format!("init.{}", key.replace('-', "."));
        let dotted = (!config.is_default(&dotted)).then(|| config.text(&dotted)).flatten();
        dotted.or_else(|| config.text(&format!("init-{key}"))).unwrap_or_default()
    };
    InitDefaults {
        author_name: text("author-name"),
        author_email: text("author-email"),
        author_url: text("author-url"),
        license: text("license"),
        version: text("version"),
        module_type: text("type"),
        private: (!config.is_default("init-private")).then(|| config.flag("init-private")),
        scope: config.scope(),
        save_prefix: config.save_prefix(),
    }
}

/// A module that asks the questions is JavaScript; ignoring it would write a wrong file.
fn refuse_module(invocation: &Invocation<'_>) -> Result<(), Diagnostic> {
    let module = invocation.configuration.config.text("init-module").unwrap_or_default();
    if !std::path::Path::new(&module).is_file() {
        return Ok(());
    }
    Err(Diagnostic::error("EUNSUPPORTED", format!("the init module {module} cannot be run yet"))
        .with_hint("run `knit init --init-module=none` to do without it"))
}

fn run_initializer(invocation: &Invocation<'_>, initializer: &str, rest: &[String]) -> CommandResult {
    let mut arguments = vec![init::initializer_package(initializer)?];
    arguments.extend(rest.iter().cloned());
    let shell = invocation.configuration.config.text("script-shell").unwrap_or_else(|| "sh".to_owned());
    let request = ExecRequest { arguments: &arguments, call: None, packages: &[], interactive_shell: &shell };
    let settings = invocation.settings();
    let environment = invocation.script_environment();
    let terminal = invocation.terminal.without_banners();
    let provider = Fetching::new(invocation);
    let work = exec::exec(&request, &settings, &environment, &provider, &terminal);
    Ok(Outcome::from(invocation.block_on(work)??))
}
