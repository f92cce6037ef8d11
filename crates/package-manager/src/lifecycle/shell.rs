//! Words of a command line for the shell.

/// A word that the shell reads as exactly this text.
pub fn quote(word: &str) -> String {
    if word.is_empty() {
        return "''".to_owned();
    }
    let is_special = |c: char| "\t\n\r \"#$&'()*;<>?\\`|~![]{}=%^".contains(c) || !c.is_ascii();
    if !word.contains(is_special) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The command with its arguments.
pub(super) fn command_line(command: &str, arguments: &[String]) -> String {
    let mut line = command.to_owned();
    for argument in arguments {
        line.push(' ');
        line.push_str(&quote(argument));
    }
    line
}
