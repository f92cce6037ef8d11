//! `knit search`

use package_manager::search::{self, Request};
use url::form_urlencoded;

use super::{Command, CommandResult, Invocation, Outcome};
use crate::search_view;

pub const COMMAND: Command = Command {
    usage: &["<word> [<word> ...]"],
    options: &[
        "json",
        "color",
        "parseable",
        "description",
        "searchlimit",
        "searchopts",
        "searchexclude",
        "registry",
        "prefer-online",
        "prefer-offline",
        "offline",
    ],
    ..Command::new("search", "Search a registry for packages", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let config = &invocation.configuration.config;
    let words: Vec<String> =
        invocation.arguments.iter().filter(|word| !word.is_empty()).map(|word| word.to_lowercase()).collect();
    if words.is_empty() {
        return Err(invocation.usage_error("`search` needs a word"));
    }
    let parameters = config.text("searchopts").unwrap_or_default();
    let exclude = config.text("searchexclude").unwrap_or_default().to_lowercase();
    let request = Request {
        words: words.clone(),
        limit: config.number("searchlimit").filter(|limit| *limit > 0.0).unwrap_or(20.0),
        exclude: exclude.split_whitespace().map(str::to_owned).collect(),
        parameters: form_urlencoded::parse(parameters.as_bytes()).into_owned().collect(),
    };
    let found = invocation.block_on(search::search(&invocation.client()?, &request))??;
    search_view::show(invocation, &found, &words);
    Ok(Outcome::Success)
}
