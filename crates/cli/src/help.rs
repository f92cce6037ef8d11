//! Help: an overview, a page a command, made from its entry, and pages about files and ideas.

use npm_formats::config::{DEFINITIONS, definition};

use crate::commands::{COMMANDS, Command};
use crate::names;

/// Pages that are not about a command: name, other names, first line, text.
pub struct Topic {
    pub name: &'static str,
    pub also: &'static [&'static str],
    pub about: &'static str,
    pub text: &'static str,
}

/// All of them.
pub static TOPICS: &[Topic] = &[
    Topic {
        name: "package-json",
        also: &["json", "package.json"],
        about: "The fields of package.json",
        text: include_str!("help/topics/package-json.txt"),
    },
    Topic {
        name: "npmrc",
        also: &[".npmrc"],
        about: "Configuration files, and what overrules what",
        text: include_str!("help/topics/npmrc.txt"),
    },
    Topic {
        name: "programs",
        also: &["node", "repl", "runtime", "watch"],
        about: "Running JavaScript and TypeScript",
        text: include_str!("help/topics/programs.txt"),
    },
    Topic {
        name: "scripts",
        also: &["lifecycle"],
        about: "Scripts: when they run and what they see",
        text: include_str!("help/topics/scripts.txt"),
    },
    Topic {
        name: "workspaces",
        also: &["workspace"],
        about: "Several packages in one project",
        text: include_str!("help/topics/workspaces.txt"),
    },
    Topic {
        name: "folders",
        also: &["prefixes", "directories"],
        about: "Where things are kept",
        text: include_str!("help/topics/folders.txt"),
    },
    Topic { name: "options", also: &["flags"], about: "Every configuration key", text: "" },
];

/// What `knit help` and `knit` without a command show.
pub fn overview() -> String {
    let width = COMMANDS.iter().map(|command| command.name.len()).max().unwrap_or(0);
    let mut lines = vec![
        "knit: package manager and runtime for JavaScript".to_owned(),
        String::new(),
        "Usage: knit <command> [arguments] [options]".to_owned(),
        "       knit <file> [arguments]                  a program; see `knit help programs`".to_owned(),
        String::new(),
        "Commands:".to_owned(),
    ];
    lines.extend(COMMANDS.iter().map(|command| format!("  {:width$}  {}", command.name, command.about)));
    lines.push(String::new());
    lines.push("Topics:".to_owned());
    lines.extend(TOPICS.iter().map(|topic| format!("  {:width$}  {}", topic.name, topic.about)));
    lines.push(String::new());
    lines.push("`knit help <command or topic>` says more; `knit <command> -h` is the same.".to_owned());
    lines.join("\n")
}

/// The page of a command.
pub fn command_page(command: &Command) -> String {
    let name = command.name;
    let mut lines = vec![format!("knit {name}: {}", command.about), String::new(), "Usage:".to_owned()];
    lines.extend(command.usage.iter().map(|usage| format!("  knit {name} {usage}").trim_end().to_owned()));
    if !command.details.is_empty() {
        lines.push(String::new());
        lines.push(command.details.trim().to_owned());
    }
    let options: Vec<(String, &str)> = command
        .options
        .iter()
        .filter_map(|key| definition(key))
        .map(|known| (known.usage(), known.about))
        .collect();
    if !options.is_empty() {
        lines.push(String::new());
        lines.push("Options:".to_owned());
        lines.extend(columns(&options));
    }
    let aliases: Vec<&str> =
        names::ALIASES.iter().filter(|(_, meant)| *meant == name).map(|(alias, _)| *alias).collect();
    if !aliases.is_empty() {
        lines.push(String::new());
        lines.push(format!("Also: {}", aliases.join(", ")));
    }
    lines.join("\n")
}

fn columns(rows: &[(String, &str)]) -> Vec<String> {
    const WIDEST: usize = 34;
    let width = rows.iter().map(|(left, _)| left.len()).filter(|len| *len <= WIDEST).max().unwrap_or(0);
    let lines = rows.iter().map(|(left, right)| {
        if left.len() > width {
            format!("  {left}\n  {:width$}  {right}", "")
        } else {
            format!("  {left:width$}  {right}")
        }
    });
    lines.collect()
}

/// The page of a topic by any of its names.
pub fn topic_page(word: &str) -> Option<String> {
    let topic = TOPICS.iter().find(|topic| topic.name == word || topic.also.contains(&word))?;
    if topic.name == "options" {
        return Some(every_option());
    }
    Some(topic.text.trim_end().to_owned())
}

fn every_option() -> String {
    let rows: Vec<(String, &str)> = DEFINITIONS
        .iter()
        .filter(|known| known.deprecated.is_none())
        .map(|known| (known.usage(), known.about))
        .collect();
    format!("Every configuration key, as an option\n\n{}", columns(&rows).join("\n"))
}

/// Names of pages that mention a word, for `knit help-search`.
pub fn search(words: &[String]) -> Vec<(&'static str, &'static str)> {
    let mentions = |text: String| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(&word.to_lowercase()))
    };
    let commands = COMMANDS.iter().filter(|command| mentions(command_page(command)));
    let topics = TOPICS.iter().filter(|topic| mentions(format!("{} {}", topic.about, topic.text)));
    commands
        .map(|command| (command.name, command.about))
        .chain(topics.map(|topic| (topic.name, topic.about)))
        .collect()
}
