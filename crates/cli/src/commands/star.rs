//! `knit star`, `knit unstar` and `knit stars`

use diagnostics::Diagnostic;
use package_manager::account;
use package_manager::named_package::NamedPackage;
use package_manager::star::{self, Mark};

use super::{Command, CommandResult, Invocation, Outcome};

pub const COMMAND: Command = Command {
    usage: &["<package> [<package> ...]"],
    options: &["registry", "unicode", "otp"],
    ..Command::new("star", "Mark packages that you like", |invocation| mark(invocation, Mark::Star))
};

pub const UNSTAR: Command = Command {
    usage: &["<package> [<package> ...]"],
    options: &["registry", "unicode", "otp"],
    ..Command::new("unstar", "Take your mark from packages", |invocation| mark(invocation, Mark::Unstar))
};

pub const STARS: Command = Command {
    usage: &["[<user>]"],
    options: &["registry"],
    ..Command::new("stars", "Show the packages that a user has marked", stars)
};

fn mark(invocation: &Invocation<'_>, mark: Mark) -> CommandResult {
    if invocation.arguments.is_empty() {
        return Err(invocation.usage_error(format!("`{}` needs a package", invocation.command.name)));
    }
    let settings = invocation.settings();
    let packages = invocation
        .arguments
        .iter()
        .map(|name| NamedPackage::parse(&settings, Some(name)))
        .collect::<Result<Vec<_>, _>>()?;
    let sign = match (mark, invocation.configuration.config.flag("unicode")) {
        (Mark::Star, true) => "\u{2605} ",
        (Mark::Star, false) => "(*)",
        (Mark::Unstar, true) => "\u{2606} ",
        (Mark::Unstar, false) => "( )",
    };
    let client = invocation.client()?;
    let user = invocation.block_on(account::identity(&client))??;
    for package in packages {
        invocation.block_on(star::mark(&client, &package, &user, mark))??;
        invocation.terminal.print(format!("{sign} {}", package.name()));
    }
    Ok(Outcome::Success)
}

fn stars(invocation: &Invocation<'_>) -> CommandResult {
    let client = invocation.client()?;
    let user = invocation.arguments.first().map(String::as_str);
    let packages = invocation.block_on(star::marked(&client, user))??;
    if packages.is_empty() {
        invocation.terminal.warn(&Diagnostic::warning("ENOSTARS", "the user has marked no packages"));
    }
    packages.iter().for_each(|name| invocation.terminal.print(name));
    Ok(Outcome::Success)
}
