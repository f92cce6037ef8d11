//! `knit help` and `knit help-search`

use diagnostics::Diagnostic;

use super::{Command, CommandResult, Invocation, Outcome};
use crate::{help, names};

pub const COMMAND: Command =
    Command { usage: &["[<command or topic>]"], ..Command::new("help", "Explain a command or a topic", run) };

pub const SEARCH: Command = Command {
    usage: &["<words>"],
    ..Command::new("help-search", "Find pages of help that mention words", search)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let text = match invocation.arguments {
        [] => help::overview(),
        [word] => page(word)?,
        words => return find(invocation, words),
    };
    invocation.terminal.print(text);
    Ok(Outcome::Success)
}

/// Topics come first: `json` is package.json, whatever commands begin so.
fn page(word: &str) -> Result<String, Diagnostic> {
    if let Some(text) = help::topic_page(word) {
        return Ok(text);
    }
    match names::command(word) {
        Ok(command) => Ok(help::command_page(command)),
        Err(problem) if problem.code == "EUNSUPPORTED" => Err(problem),
        Err(_) => {
            let text = format!("there is no help about `{word}`");
            Err(Diagnostic::error("ENOHELP", text).with_hint(format!("run `knit help-search {word}`")))
        }
    }
}

fn search(invocation: &Invocation<'_>) -> CommandResult {
    if invocation.arguments.is_empty() {
        return Err(invocation.usage_error("`help-search` needs words to look for"));
    }
    find(invocation, invocation.arguments)
}

fn find(invocation: &Invocation<'_>, words: &[String]) -> CommandResult {
    let found = help::search(words);
    if found.is_empty() {
        let text = format!("no page of help mentions {}", words.join(" "));
        return Err(Diagnostic::error("ENOHELP", text).with_hint("run `knit help` for a list of pages"));
    }
    let lines: Vec<String> =
        found.iter().map(|(name, about)| format!("knit help {name:15}  {about}")).collect();
    invocation.terminal.print(lines.join("\n"));
    Ok(Outcome::Success)
}
