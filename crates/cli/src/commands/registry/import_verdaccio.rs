//! `knit registry import-verdaccio`

use registry_server::operations::{
    Conflicts, Differences, ImportOptions, PackageOutcome, Selection, Unpublished,
};

use super::{CommandResult, Invocation, Outcome};
use crate::{import_view, registry_service};

pub(super) fn run(invocation: &Invocation<'_>, folder: &str) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let config = &invocation.configuration.config;
    let here = &invocation.process.working_directory;
    let options = ImportOptions {
        storage: here.join(folder),
        htpasswd: config.text("htpasswd").map(|path| here.join(path)),
        maintainers: config.texts("maintainer"),
        selection: if config.flag("all") { Selection::Everything } else { Selection::Published },
        differences: if config.flag("force") { Differences::Taken } else { Differences::Refused },
        conflicts: if config.flag("overwrite") { Conflicts::Overwritten } else { Conflicts::Kept },
        unpublished: if config.flag("unpublish") { Unpublished::Removed } else { Unpublished::Kept },
        run: registry_service::kind_of_run(invocation),
    };
    let terminal = invocation.terminal;
    let told = |package: &PackageOutcome| {
        if !terminal.json {
            terminal.print(import_view::line(package, &options));
        }
    };
    let imported =
        registry_service::with(&settings, async |registry| registry.import_verdaccio(&options, told).await)?;
    if terminal.json {
        terminal.print_json(&serde_json::json!(imported));
    } else {
        terminal.print(import_view::summary(&imported, &options));
    }
    Ok(if imported.is_whole() { Outcome::Success } else { Outcome::Status(1) })
}
