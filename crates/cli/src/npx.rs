//! The command line of `npx`, turned into that of `exec`.
//!
//! `npx` ends its own options at the first word that is none: everything from there on belongs to the
//! program. `exec` wants a `--` in that place. Source: npm 11.19.1.

use npm_formats::config::{Type, definition, shorthand};

/// Options of npx that no longer mean anything, with whether a value follows.
const REMOVED: [(&str, bool); 6] = [
    ("always-spawn", false),
    ("ignore-existing", false),
    ("shell-auto-fallback", false),
    ("npm", true),
    ("node-arg", true),
    ("n", true),
];

/// The arguments for `knit`, and the options that were dropped.
pub fn translate(arguments: &[String]) -> (Vec<String>, Vec<String>) {
    let mut out = vec!["exec".to_owned()];
    let mut removed = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == "--" || !word.starts_with('-') {
            out.push("--".to_owned());
            out.extend((word != "--").then(|| word.clone()));
            out.extend(words.cloned());
            return (out, removed);
        }
        let bare = word.trim_start_matches('-');
        let (key, value) = bare.split_once('=').map_or((bare, None), |(key, value)| (key, Some(value)));
        if let Some((_, takes_value)) = REMOVED.iter().find(|(name, _)| *name == key) {
            removed.push(key.to_owned());
            if *takes_value && value.is_none() {
                words.next();
            }
            continue;
        }
        let replaced = match key {
            "p" => Some("--package"),
            "shell" => Some("--script-shell"),
            "no-install" => Some("--yes=false"),
            _ => None,
        };
        out.push(match (replaced, value) {
            (Some(option), Some(value)) if !option.contains('=') => format!("{option}={value}"),
            (Some(option), _) => option.to_owned(),
            (None, _) => word.clone(),
        });
        if value.is_none() && takes_value(key) {
            out.extend(words.next().cloned());
        }
    }
    (out, removed)
}

/// Whether the next word is the option's value.
fn takes_value(key: &str) -> bool {
    if matches!(key, "p" | "shell") {
        return true;
    }
    if key == "no-install" || key.starts_with("no-") {
        return false;
    }
    if let Some(known) = definition(key) {
        return !known.accepts(Type::Boolean);
    }
    // `-c` stands for `--call`, `-q` for `--loglevel warn`, which has its value already.
    match shorthand(key).as_deref() {
        Some([single]) => {
            definition(single.trim_start_matches('-')).is_some_and(|known| !known.accepts(Type::Boolean))
        }
        Some(_) => false,
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::translate;

    // Every row was run through the npx of npm 11.19.1, which also spells short options out.
    #[test]
    fn options_end_at_the_first_word_that_is_none() {
        let rows = [
            ("cowsay -f x hello", "exec -- cowsay -f x hello"),
            ("-y cowsay@2 --help", "exec -y -- cowsay@2 --help"),
            ("-p a --package b c --d", "exec --package a --package b -- c --d"),
            ("--package=a -- c", "exec --package=a -- c"),
            ("-c echo", "exec -c echo"),
            ("--no-install x", "exec --yes=false -- x"),
            ("-q x", "exec -q -- x"),
            ("--shell zsh x", "exec --script-shell zsh -- x"),
            ("--ignore-existing x", "exec -- x"),
            ("-n inspect x", "exec -- x"),
            ("", "exec"),
        ];
        for (line, wanted) in rows {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            assert_eq!(translate(&words).0.join(" "), wanted, "{line}");
        }
    }
}
