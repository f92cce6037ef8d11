//! `knit completion`

use super::{Command, CommandResult, Invocation, Outcome};
use crate::completion;

pub const COMMAND: Command = Command {
    usage: &[">> ~/.bashrc", ">> ~/.zshrc"],
    details: "Prints a script that completes commands, options, scripts and keys in bash and zsh.",
    validates: false,
    ..Command::new("completion", "Complete words in the shell", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let process = invocation.process;
    let word = process.text_variable("COMP_CWORD").and_then(|text| text.parse::<usize>().ok());
    match (word, process.variable("COMP_LINE")) {
        (Some(word), Some(_)) => {
            let found = completion::complete(invocation, word);
            if !found.is_empty() {
                invocation.terminal.print(found.join("\n"));
            }
        }
        _ => invocation.terminal.print(completion::SCRIPT.trim_end()),
    }
    Ok(Outcome::Success)
}
