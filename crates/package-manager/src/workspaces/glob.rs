//! Patterns for paths, as minimatch reads them: `*`, `?`, `[a-z]`, `**`, `{a,b}`, `@(a|b)` and its
//! kin. A name that begins with a dot is matched only by a pattern that does.
//!
//! Matching is by `/`-separated names. Not here: comments, escapes of `{`, POSIX classes.

use std::path::Path;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Glob {
    /// One list of names for each way the braces can be read.
    alternatives: Vec<Vec<String>>,
}

/// More alternatives than this are not read: braces multiply.
const MOST_ALTERNATIVES: usize = 1024;

impl Glob {
    pub fn new(pattern: &str) -> Self {
        let mut expanded = Vec::new();
        expand_braces(pattern, &mut expanded);
        let alternatives = expanded
            .iter()
            .map(|pattern| {
                pattern
                    .split('/')
                    .filter(|name| !name.is_empty() && *name != ".")
                    .map(str::to_owned)
                    .collect()
            })
            .collect();
        Self { alternatives }
    }

    /// Whether the whole path is matched.
    pub fn matches(&self, path: &str) -> bool {
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
        self.alternatives.iter().any(|pattern| matches_names(pattern, &names))
    }

    /// The directories below `root` that are matched, as paths relative to it. Symbolic links are not
    /// followed by `**`; directories named node_modules are not entered.
    pub fn directories(&self, root: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for pattern in &self.alternatives {
            walk(root, "", pattern, &mut found);
        }
        found.sort();
        found.dedup();
        found
    }
}

fn walk(directory: &Path, relative: &str, pattern: &[String], found: &mut Vec<String>) {
    let Some((name, rest)) = pattern.split_first() else {
        if !relative.is_empty() {
            found.push(relative.to_owned());
        }
        return;
    };
    let below = |name: &str| if relative.is_empty() { name.to_owned() } else { format!("{relative}/{name}") };
    if name == "**" {
        walk(directory, relative, rest, found);
        for (child, is_link) in directories_in(directory) {
            if !is_link && !child.starts_with('.') && child != "node_modules" {
                walk(&directory.join(&child), &below(&child), pattern, found);
            }
        }
    } else if name.contains(['*', '?', '[', '(']) {
        for (child, _) in directories_in(directory) {
            if matches_name(name, &child) {
                walk(&directory.join(&child), &below(&child), rest, found);
            }
        }
    } else {
        let child = directory.join(name);
        if child.is_dir() {
            walk(&child, &below(name), rest, found);
        }
    }
}

fn directories_in(directory: &Path) -> Vec<(String, bool)> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let kind = entry.file_type().ok()?;
            let is_directory = kind.is_dir() || (kind.is_symlink() && entry.path().is_dir());
            is_directory.then(|| (entry.file_name().to_string_lossy().into_owned(), kind.is_symlink()))
        })
        .collect()
}

fn matches_names(pattern: &[String], names: &[&str]) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return names.is_empty() };
    if first == "**" {
        // `a/**` is what is below `a`, not `a` itself.
        return (!rest.is_empty() && matches_names(rest, names))
            || (rest.is_empty() && names.len() == 1 && !names[0].starts_with('.'))
            || names
                .split_first()
                .is_some_and(|(name, names)| !name.starts_with('.') && matches_names(pattern, names));
    }
    names.split_first().is_some_and(|(name, names)| matches_name(first, name) && matches_names(rest, names))
}

/// Whether one name is matched by one part of a pattern.
fn matches_name(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    matches_here(&pattern, &name)
}

fn matches_here(pattern: &[char], text: &[char]) -> bool {
    let Some((&first, rest)) = pattern.split_first() else { return text.is_empty() };
    if rest.first() == Some(&'(')
        && let Some((choices, after)) = group(&rest[1..])
    {
        return matches_group(first, &choices, after, pattern, text).unwrap_or(false);
    }
    match first {
        '*' => (0..=text.len()).any(|taken| matches_here(rest, &text[taken..])),
        '?' => !text.is_empty() && matches_here(rest, &text[1..]),
        '[' => match class(rest) {
            Some((matcher, after)) => {
                text.first().is_some_and(|&c| matcher(c)) && matches_here(after, &text[1..])
            }
            None => text.first() == Some(&'[') && matches_here(rest, &text[1..]),
        },
        '\\' if !rest.is_empty() => text.first() == rest.first() && matches_here(&rest[1..], &text[1..]),
        literal => text.first() == Some(&literal) && matches_here(rest, &text[1..]),
    }
}

/// `?(a|b)`, `*(a|b)`, `+(a|b)`, `@(a|b)`, `!(a|b)`; `None` for any other character before the bracket.
fn matches_group(
    kind: char,
    choices: &[&[char]],
    after: &[char],
    whole: &[char],
    text: &[char],
) -> Option<bool> {
    let is_choice = |part: &[char]| choices.iter().any(|choice| matches_here(choice, part));
    let once = |then: &[char]| {
        (0..=text.len()).any(|end| is_choice(&text[..end]) && matches_here(then, &text[end..]))
    };
    Some(match kind {
        '@' => once(after),
        '?' => matches_here(after, text) || once(after),
        '+' | '*' => {
            let again = || {
                // At least one character each time, so that this ends.
                (1..=text.len()).any(|end| is_choice(&text[..end]) && matches_here(whole, &text[end..]))
            };
            (kind == '*' && matches_here(after, text)) || once(after) || again()
        }
        '!' => (0..=text.len()).any(|end| !is_choice(&text[..end]) && matches_here(after, &text[end..])),
        _ => return None,
    })
}

/// The choices up to the closing bracket, and what follows it.
fn group(pattern: &[char]) -> Option<(Vec<&[char]>, &[char])> {
    let mut depth = 0;
    let mut start = 0;
    let mut choices = Vec::new();
    for (at, &c) in pattern.iter().enumerate() {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            ')' => {
                choices.push(&pattern[start..at]);
                return Some((choices, &pattern[at + 1..]));
            }
            '|' if depth == 0 => {
                choices.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

type ClassMatcher = Box<dyn Fn(char) -> bool>;

fn class(pattern: &[char]) -> Option<(ClassMatcher, &[char])> {
    let is_negated = matches!(pattern.first(), Some('!' | '^'));
    let body = if is_negated { &pattern[1..] } else { pattern };
    // A closing bracket in first place is a member.
    let end = body.iter().skip(1).position(|&c| c == ']')? + 1;
    let members = body[..end].to_vec();
    let matcher = move |c: char| {
        let mut at = 0;
        let mut found = false;
        while at < members.len() {
            if at + 2 < members.len() && members[at + 1] == '-' {
                found |= members[at] <= c && c <= members[at + 2];
                at += 3;
            } else {
                found |= members[at] == c;
                at += 1;
            }
        }
        found != is_negated
    };
    Some((Box::new(matcher), &body[end + 1..]))
}

/// `a{b,c}d` is `abd` and `acd`; `{1..3}` is `1`, `2`, `3`; a brace without a comma stays.
pub(crate) fn expand_braces(pattern: &str, out: &mut Vec<String>) {
    if out.len() >= MOST_ALTERNATIVES {
        return;
    }
    let Some((before, choices, after)) = first_brace(pattern) else {
        out.push(pattern.to_owned());
        return;
    };
    for choice in choices {
        expand_braces(&format!("{before}{choice}{after}"), out);
    }
}

fn first_brace(pattern: &str) -> Option<(&str, Vec<String>, &str)> {
    let bytes = pattern.as_bytes();
    for open in (0..bytes.len()).filter(|&at| bytes[at] == b'{') {
        let mut depth = 0;
        let mut start = open + 1;
        let mut choices = Vec::new();
        for at in open + 1..bytes.len() {
            match bytes[at] {
                b'{' => depth += 1,
                b'}' if depth > 0 => depth -= 1,
                b',' if depth == 0 => {
                    choices.push(pattern[start..at].to_owned());
                    start = at + 1;
                }
                b'}' => {
                    choices.push(pattern[start..at].to_owned());
                    if choices.len() == 1 {
                        match range(&choices[0]) {
                            Some(numbers) => choices = numbers,
                            None => break,
                        }
                    }
                    return Some((&pattern[..open], choices, &pattern[at + 1..]));
                }
                _ => {}
            }
        }
    }
    None
}

fn range(text: &str) -> Option<Vec<String>> {
    let (from, to) = text.split_once("..")?;
    let (from, to): (i32, i32) = (from.parse().ok()?, to.parse().ok()?);
    if from.abs_diff(to) > 1000 {
        return None;
    }
    Some(if from <= to {
        (from..=to).map(|n| n.to_string()).collect()
    } else {
        (to..=from).rev().map(|n| n.to_string()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::Glob;

    // Every row was run through the minimatch of npm 11.19.1.
    #[test]
    fn paths_are_matched_as_minimatch_matches_them() {
        let rows = [
            ("packages/*", "packages/a", true),
            ("packages/*", "packages/a/b", false),
            ("packages/*", "packages/.a", false),
            ("packages/.*", "packages/.a", true),
            ("packages/**", "packages/a/b", true),
            ("packages/**", "packages", false),
            ("**/b", "a/x/b", true),
            ("**/b", "b", true),
            ("**/b", ".a/b", false),
            ("{a,b}/*", "b/c", true),
            ("{a,b}/*", "c/c", false),
            ("p{1..3}", "p2", true),
            ("p{1}", "p{1}", true),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[!a-c]x", "dx", true),
            ("packages/!(b)", "packages/a", true),
            ("packages/!(b)", "packages/b", false),
            ("@(a|b)", "a", true),
            ("+(a|b)", "abba", true),
            ("*(a|b)c", "c", true),
            ("?(a)c", "ac", true),
            ("?(a)c", "aac", false),
            ("@scope/*", "@scope/x", true),
            ("*", "@scope", true),
        ];
        for (pattern, path, wanted) in rows {
            assert_eq!(Glob::new(pattern).matches(path), wanted, "{pattern} {path}");
        }
    }
}
