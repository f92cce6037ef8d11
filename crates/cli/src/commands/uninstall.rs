//! `knit uninstall`, `knit remove`

use package_manager::ManifestFile;
use package_manager::install::Operation;

use super::{Command, CommandResult, Invocation, Workspaces};
use crate::installation;

pub const COMMAND: Command = Command {
    usage: &["<name> ..."],
    options: &[
        "save",
        "global",
        "workspace",
        "workspaces",
        "include-workspace-root",
        "package-lock-only",
        "dry-run",
        "json",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("uninstall", "Remove packages from the project", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let settings = invocation.settings();
    let mut request = installation::request(invocation, &settings)?;
    request.remove = invocation.arguments.to_vec();
    if request.remove.is_empty() {
        // the folder's own package is what `link` and `install -g` made global
        let own = ManifestFile::read_if_there(&settings.places.local_prefix)?;
        let name = own.filter(|_| settings.places.is_global).and_then(|own| own.name().map(str::to_owned));
        let nameless = || invocation.usage_error("which package is to be removed?");
        request.remove.push(name.ok_or_else(nameless)?);
    }
    installation::run(invocation, &settings, &Operation::Change(request))
}
