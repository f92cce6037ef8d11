//! `knit registry import-verdaccio`

use registry_server::operations::{
    Differences, ImportOptions, ImportOutcome, ImportedPackage, PackageOutcome, Run, Selection,
};

use super::{CommandResult, Invocation, Outcome, counted};
use crate::registry_service;

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
        run: registry_service::kind_of_run(invocation),
    };
    let terminal = invocation.terminal;
    let told = |package: &PackageOutcome| {
        if !terminal.json {
            terminal.print(line(package));
        }
    };
    let imported =
        registry_service::with(&settings, async |registry| registry.import_verdaccio(&options, told).await)?;
    if terminal.json {
        terminal.print_json(&serde_json::json!(imported));
    } else {
        terminal.print(summary(&imported, &options));
    }
    Ok(if imported.is_whole() { Outcome::Success } else { Outcome::Status(1) })
}

fn line(package: &PackageOutcome) -> String {
    let package = match package {
        PackageOutcome::Imported(package) => package,
        PackageOutcome::Refused { name, problem } => return format!("{name} was left behind: {problem}"),
    };
    let ImportedPackage { name, added, present, left_out, removed_here, lost_tags, is_hidden } = package;
    let mut said = vec![match present {
        0 => format!("{name}: {}", counted(added.len() as u64, "version")),
        present => format!("{name}: {}, {present} here before", counted(added.len() as u64, "version")),
    }];
    for (what, which) in [
        ("from other registries, left out", left_out),
        ("removed here, left so", removed_here),
        ("dist-tags of no version", lost_tags),
    ] {
        if !which.is_empty() {
            said.push(format!("{what}: {}", which.join(" ")));
        }
    }
    if *is_hidden {
        said.push("the rules in [names] look for it elsewhere".to_owned());
    }
    said.join("; ")
}

fn summary(imported: &ImportOutcome, options: &ImportOptions) -> String {
    let behind = imported.packages.iter().filter(|one| matches!(one, PackageOutcome::Refused { .. })).count();
    let brought = imported.packages.len() - behind;
    let verb = if options.run == Run::Real { "imported" } else { "would import" };
    let mut lines = vec![format!(
        "{verb} {} and {}; left behind: {behind}",
        counted(brought as u64, "package"),
        counted(imported.users.len() as u64, "user")
    )];
    if options.maintainers.is_empty() && brought > 0 {
        lines.push("only administrators may publish to new ones: --maintainer says who else may".to_owned());
    }
    for user in &imported.refused_users {
        lines.push(format!("the user {} was left behind: {}", user.name, user.problem));
    }
    if !imported.users.is_empty() {
        let users = imported.users.join(" ");
        lines.push(format!(
            "Verdaccio's passwords and tokens cannot be taken over. These users cannot log in yet: {users}"
        ));
        lines.push("`knit registry password <user>` gives one of them a password".to_owned());
    }
    lines.join("\n")
}
