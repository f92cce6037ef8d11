//! How what came from a Verdaccio is shown.

use registry_server::operations::{
    Conflict, Conflicting, Conflicts, ImportOptions, ImportOutcome, PackageOutcome, Run, TagChange,
};

use crate::commands::registry::counted;

/// A package in a line.
pub fn line(package: &PackageOutcome, options: &ImportOptions) -> String {
    let package = match package {
        PackageOutcome::Imported(package) => package,
        PackageOutcome::Refused { name, problem } => return format!("{name} was left behind: {problem}"),
    };
    let name = &package.name;
    let mut said = vec![match package.present {
        0 => format!("{name}: {}", counted(package.added.len() as u64, "version")),
        present => {
            format!("{name}: {}, {present} here before", counted(package.added.len() as u64, "version"))
        }
    }];
    let tags: Vec<String> = package.tags.iter().map(moved).collect();
    for (what, which) in [
        ("dist-tags", &tags),
        ("deprecated", &package.deprecated),
        ("no longer deprecated", &package.undeprecated),
        ("new maintainers", &package.new_maintainers),
        ("unpublished there, removed here", &package.unpublished),
        ("unpublished there, kept here (--unpublish removes them)", &package.unpublished_there),
        ("from other registries, left out", &package.left_out),
        ("removed here, left so", &package.removed_here),
        ("dist-tags of no version", &package.lost_tags),
    ] {
        if !which.is_empty() {
            said.push(format!("{what}: {}", which.join(" ")));
        }
    }
    said.extend(package.conflicts.iter().map(|conflict| changed_twice(conflict, options.conflicts)));
    if package.is_hidden {
        said.push("the rules in [names] look for it elsewhere".to_owned());
    }
    said.join("; ")
}

/// What is said at the end.
pub fn summary(imported: &ImportOutcome, options: &ImportOptions) -> String {
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

/// `latest=1.1.0`, with what it was.
fn moved(change: &TagChange) -> String {
    match (&change.from, &change.to) {
        (Some(from), Some(to)) => format!("{}={to} (was {from})", change.tag),
        (None, Some(to)) => format!("{}={to}", change.tag),
        (_, None) => format!("{} (removed)", change.tag),
    }
}

fn changed_twice(conflict: &Conflict, conflicts: Conflicts) -> String {
    let (what, nothing) = match &conflict.what {
        Conflicting::Tag(tag) => (format!("dist-tag {tag}"), "nothing"),
        Conflicting::Deprecation(version) => (format!("deprecation of {version}"), "none"),
    };
    let value =
        |value: &Option<String>| value.as_ref().map_or(nothing.to_owned(), |text| format!("{text:?}"));
    let (here, there) = (value(&conflict.here), value(&conflict.there));
    match conflicts {
        Conflicts::Kept => {
            format!(
                "{what} was changed here too and stays {here}, there it is {there} (--overwrite takes that)"
            )
        }
        Conflicts::Overwritten => format!("{what} was {here} here, is {there} now"),
    }
}
