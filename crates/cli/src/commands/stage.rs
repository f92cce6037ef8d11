//! `knit stage`

use diagnostics::Diagnostic;
use package_manager::publish::Sending;
use package_manager::stage::{self, Staged};
use serde_json::{Value, json};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces, publish};

pub const COMMAND: Command = Command {
    usage: &[
        "publish [<package-spec>]",
        "list [<package>]",
        "view <stage-id>",
        "approve <stage-id>",
        "reject <stage-id>",
        "download <stage-id>",
    ],
    details: include_str!("../help/stage.txt"),
    options: &[
        "tag",
        "access",
        "dry-run",
        "otp",
        "provenance-file",
        "json",
        "registry",
        "workspace",
        "workspaces",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("stage", "Have a version wait for approval before it is published", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let words: Vec<&str> = invocation.arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["publish", ..] => {
            let arguments = invocation.arguments.get(1..).unwrap_or_default();
            return publish::send(&Invocation { arguments, ..*invocation }, Sending::Stage);
        }
        ["list"] => list(invocation, None)?,
        ["list", package] => list(invocation, Some(package))?,
        ["view", id] => {
            stage::check_id(id)?;
            show(invocation, &invocation.block_on(stage::view(&invocation.client()?, id))??);
        }
        ["approve", id] => {
            stage::check_id(id)?;
            invocation.block_on(stage::approve(&invocation.client()?, id))??;
            say(invocation, id, "approved", "is approved and published");
        }
        ["reject", id] => {
            stage::check_id(id)?;
            invocation.block_on(stage::reject(&invocation.client()?, id))??;
            say(invocation, id, "rejected", "is rejected and gone for good");
        }
        ["download", id] => download(invocation, id)?,
        [action @ ("list" | "view" | "approve" | "reject" | "download"), ..] => {
            return Err(invocation.usage_error(format!("`stage {action}` needs other arguments")));
        }
        _ => {
            let text = "`stage` needs one of publish, list, view, approve, reject, download";
            return Err(invocation.usage_error(text));
        }
    }
    Ok(Outcome::Success)
}

fn list(invocation: &Invocation<'_>, package: Option<&str>) -> Result<(), Diagnostic> {
    let (terminal, client) = (invocation.terminal, invocation.client()?);
    let staged = invocation.block_on(stage::list(&client, package))??;
    if terminal.json {
        terminal.print_json(&Value::Array(staged.iter().map(|one| one.json().clone()).collect()));
        return Ok(());
    }
    if staged.is_empty() {
        let of = package.map(|package| format!(" of {package}")).unwrap_or_default();
        terminal.print(format!("No versions{of} wait for approval."));
    }
    for (index, one) in staged.iter().enumerate() {
        if index > 0 {
            terminal.print("");
        }
        show(invocation, one);
    }
    Ok(())
}

fn show(invocation: &Invocation<'_>, staged: &Staged) {
    let terminal = invocation.terminal;
    if terminal.json {
        terminal.print_json(staged.json());
    } else {
        staged.shown().iter().for_each(|(name, value)| terminal.print(format!("{name}: {value}")));
    }
}

fn say(invocation: &Invocation<'_>, id: &str, done: &str, text: &str) {
    match invocation.terminal.json {
        true => invocation.terminal.print_json(&json!({ done: true, "id": id })),
        false => invocation.terminal.print(format!("The staged version {id} {text}.")),
    }
}

fn download(invocation: &Invocation<'_>, id: &str) -> Result<(), Diagnostic> {
    stage::check_id(id)?;
    let (file, bytes) = invocation.block_on(stage::download(&invocation.client()?, id))??;
    let path = invocation.process.working_directory.join(&file);
    std::fs::write(&path, &bytes).map_err(|error| {
        Diagnostic::error(diagnostics::io_code(&error), format!("cannot write {}", path.display()))
            .with_cause(error.to_string())
    })?;
    match invocation.terminal.json {
        true => invocation.terminal.print_json(&json!({ "file": file, "size": bytes.len() })),
        false => invocation.terminal.print(file),
    }
    Ok(())
}
