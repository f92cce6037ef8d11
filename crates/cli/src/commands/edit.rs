//! `knit edit`

use diagnostics::Diagnostic;
use package_manager::edit;
use package_manager::install::rebuild;

use super::{Command, CommandResult, Invocation, Outcome};
use crate::{editor, installation};

pub const COMMAND: Command = Command {
    usage: &["<package>[/<package> ...]"],
    details: "Opens the folder of an installed package in the editor, and rebuilds the package afterwards. \
              `a/b` is the package b inside of a.",
    options: &["editor"],
    ..Command::new("edit", "Edit an installed package", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let [package] = invocation.arguments else {
        return Err(invocation.usage_error("`edit` needs one package"));
    };
    let settings = invocation.settings();
    let folder = edit::folder(&settings, package)?;
    editor::open(invocation, &folder)?;
    let arguments = [folder.to_string_lossy().into_owned()];
    let done = installation::with_context(invocation, &settings, |context| rebuild(context, &arguments))?;
    let unreviewed = done.map_err(Diagnostic::from)?;
    if let Some(warning) = installation::unreviewed_warning(&settings, &unreviewed) {
        invocation.terminal.warn(&warning);
    }
    invocation.terminal.print("rebuilt dependencies successfully");
    Ok(Outcome::Success)
}
