//! `knit view`, `knit info`, `knit show`

use diagnostics::Diagnostic;
use npm_formats::manifest::ShortLists;
use package_manager::ping::registry_problem;
use package_manager::settings::Settings;
use package_manager::view::packument::{self, Subject};
use registry_client::{CachePolicy, RegistryClient};
use serde_json::{Map, Value};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::package_view;

pub const COMMAND: Command = Command {
    usage: &["[<package-spec>] [<field>[.subfield]...]"],
    details: include_str!("../help/view.txt"),
    options: &["json", "tag", "registry", "workspace", "workspaces", "include-workspace-root"],
    workspaces: Workspaces::Implicit,
    ..Command::new("view", "Show what the registry knows of a package", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let (terminal, mut settings) = (invocation.terminal, invocation.settings());
    let (spec, fields) = match invocation.arguments.split_first() {
        Some((spec, fields)) => (Some(spec.as_str()), fields),
        None => (None, &[][..]),
    };
    let subject = packument::subject(&settings, spec)?;
    if matches!(subject, Subject::Named(_)) {
        if settings.workspaces.selected() && !settings.workspaces.implicit {
            let text = "a package was named, so workspaces are not looked at";
            terminal.warn(&Diagnostic::warning("EWORKSPACES", text));
        }
        settings.workspaces.all = false;
        settings.workspaces.filters.clear();
    }
    let mut options = invocation.client_options()?;
    if options.cache_policy == CachePolicy::Default {
        options.cache_policy = CachePolicy::PreferOnline;
    }
    let client = RegistryClient::new(options).map_err(|error| registry_problem(&error))?;
    let asking = Asking { invocation, settings: &settings, client: &client, fields };
    match subject {
        Subject::Local { names, spec } if settings.workspaces.selected() => asking.each(&names, &spec),
        Subject::Local { names, spec } => asking.one(&format!("{}{spec}", names.concat())),
        Subject::Named(spec) => asking.one(&spec),
    }
}

struct Asking<'a> {
    invocation: &'a Invocation<'a>,
    settings: &'a Settings,
    client: &'a RegistryClient,
    fields: &'a [String],
}

/// What there is to be shown of one package.
enum Answer {
    Text(String),
    /// Nothing where a version has none of the fields.
    Json(Option<Value>),
}

impl Asking<'_> {
    fn one(&self, package: &str) -> CommandResult {
        match self.ask(package)?? {
            Answer::Text(text) if text.is_empty() => {}
            Answer::Text(text) => self.invocation.terminal.print(text),
            Answer::Json(json) => json.iter().for_each(|json| self.invocation.terminal.print_json(json)),
        }
        Ok(Outcome::Success)
    }

    /// Several packages: what one of them lacks is said of it, and the others are shown all the same.
    fn each(&self, names: &[String], spec: &str) -> CommandResult {
        let terminal = self.invocation.terminal;
        let (mut all, mut outcome) = (Map::new(), Outcome::Success);
        for name in names {
            match self.ask(&format!("{name}{spec}"))? {
                Ok(Answer::Text(text)) if self.fields.is_empty() => terminal.print(text),
                Ok(Answer::Text(text)) => terminal.print(format!("{name}:\n{text}").trim_end()),
                Ok(Answer::Json(json)) => all.extend(json.map(|json| (name.clone(), json))),
                Err(error) if error.is_not_found() => {
                    let problem = Diagnostic::from(error);
                    if terminal.json {
                        all.insert(name.clone(), problem.to_json());
                    } else {
                        terminal.fail(&problem);
                    }
                    outcome = Outcome::Status(problem.exit_code);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if terminal.json {
            terminal.print_json(&Value::Object(all));
        }
        Ok(outcome)
    }

    fn ask(&self, package: &str) -> Result<Result<Answer, packument::ViewError>, Diagnostic> {
        let terminal = self.invocation.terminal;
        let wants_readme = self.fields.iter().any(|field| field == "readme");
        let found = self.invocation.block_on(async {
            let found = packument::view(self.settings, self.client, package, wants_readme).await;
            self.client.flush().await;
            found
        })?;
        Ok(found.and_then(|viewed| {
            Ok(match (self.fields, terminal.json) {
                ([], true) => Answer::Json(package_view::whole_json(&viewed)),
                ([], false) => Answer::Text(package_view::page(&viewed, terminal)),
                (fields, true) => {
                    Answer::Json(package_view::fields_json(viewed.fields(fields, ShortLists::Kept)?))
                }
                (fields, false) => {
                    let rows = viewed.fields(fields, ShortLists::Unwrapped)?;
                    Answer::Text(package_view::fields_text(&viewed.name, &rows, terminal.style))
                }
            })
        }))
    }
}
