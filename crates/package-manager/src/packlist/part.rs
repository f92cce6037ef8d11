//! One name of a path against one part of a pattern: `*`, `?`, `[a-z]`, `!(a|b)` and its kin, whatever the case.
//!
//! All positions that a beginning of the pattern can reach are followed at once, so that no pattern takes long.
//! Source: minimatch 10.2.5 with `dot` and `nocase`.

/// A compiled part.
#[derive(Debug, Clone)]
pub(super) struct Part {
    tokens: Vec<Token>,
    /// `*` alone does not match an empty name.
    is_star: bool,
}

#[derive(Debug, Clone)]
enum Token {
    Literal(char),
    /// One character.
    Any,
    /// Any number of them.
    Star,
    Class {
        members: Vec<(char, char)>,
        negated: bool,
    },
    Group {
        kind: GroupKind,
        choices: Vec<Vec<Token>>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GroupKind {
    Once,
    Optional,
    Repeated,
    AnyNumber,
    Not,
}

/// Groups in groups beyond this are plain text.
const DEEPEST: usize = 8;

impl Part {
    pub(super) fn new(pattern: &str) -> Self {
        let signs: Vec<char> = pattern.chars().collect();
        Self {
            tokens: tokens(&signs, 0),
            is_star: !signs.is_empty() && signs.iter().all(|&sign| sign == '*'),
        }
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        if matches!(name, "." | "..") {
            let literal: Option<String> = self.tokens.iter().map(Token::literal).collect();
            return literal.as_deref() == Some(name);
        }
        if self.is_star {
            return !name.is_empty();
        }
        let text: Vec<char> = name.chars().map(folded).collect();
        let mut start = vec![false; text.len() + 1];
        start[0] = true;
        advance(&self.tokens, &text, start).last() == Some(&true)
    }
}

impl Token {
    fn literal(&self) -> Option<char> {
        match self {
            Self::Literal(sign) => Some(*sign),
            _ => None,
        }
    }
}

fn folded(sign: char) -> char {
    let mut lower = sign.to_lowercase();
    lower.next().filter(|_| lower.next().is_none()).unwrap_or(sign)
}

/// The positions reached from some positions.
fn advance(tokens: &[Token], text: &[char], mut at: Vec<bool>) -> Vec<bool> {
    for (index, token) in tokens.iter().enumerate() {
        at = match token {
            Token::Star => {
                let mut reached = false;
                at.iter()
                    .map(|&here| {
                        reached |= here;
                        reached
                    })
                    .collect()
            }
            Token::Any => step(&at, text, |_| true),
            Token::Literal(wanted) => step(&at, text, |sign| folded(*wanted) == sign),
            Token::Class { members, negated } => step(&at, text, |sign| is_member(members, sign) != *negated),
            Token::Group { kind, choices } => group(*kind, choices, tokens.get(index + 1..), text, &at),
        };
    }
    at
}

fn step(at: &[bool], text: &[char], accepts: impl Fn(char) -> bool) -> Vec<bool> {
    let mut next = vec![false; at.len()];
    for (position, &sign) in text.iter().enumerate() {
        next[position + 1] = at[position] && accepts(sign);
    }
    next
}

fn union(mut first: Vec<bool>, second: &[bool]) -> Vec<bool> {
    first.iter_mut().zip(second).for_each(|(a, b)| *a |= b);
    first
}

fn group(
    kind: GroupKind,
    choices: &[Vec<Token>],
    rest: Option<&[Token]>,
    text: &[char],
    at: &[bool],
) -> Vec<bool> {
    let once = |from: &[bool]| {
        choices.iter().fold(vec![false; from.len()], |reached, choice| {
            union(advance(choice, text, from.to_vec()), &reached)
        })
    };
    match kind {
        GroupKind::Once => once(at),
        GroupKind::Optional => union(once(at), at),
        GroupKind::Repeated | GroupKind::AnyNumber => {
            let mut reached = once(at);
            loop {
                let further = union(once(&reached), &reached);
                if further == reached {
                    break;
                }
                reached = further;
            }
            if kind == GroupKind::AnyNumber { union(reached, at) } else { reached }
        }
        GroupKind::Not => {
            let mut reached = vec![false; at.len()];
            for (start, _) in at.iter().enumerate().filter(|(_, here)| **here) {
                let mut from = vec![false; at.len()];
                from[start] = true;
                // what is ruled out is a choice and all that follows it
                let chosen = advance(rest.unwrap_or_default(), text, once(&from));
                if chosen.last() != Some(&true) {
                    reached[start..].fill(true);
                }
            }
            reached
        }
    }
}

fn is_member(members: &[(char, char)], sign: char) -> bool {
    let is_between = |sign: char| members.iter().any(|&(first, last)| first <= sign && sign <= last);
    is_between(sign) || sign.to_uppercase().any(is_between)
}

fn tokens(signs: &[char], depth: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&sign) = signs.get(at) {
        let rest = &signs[at + 1..];
        if let Some(kind) = group_kind(sign)
            && rest.first() == Some(&'(')
            && depth < DEEPEST
            && let Some((choices, length)) = choices(&rest[1..], depth)
        {
            tokens.push(Token::Group { kind, choices });
            at += length + 2;
            continue;
        }
        at += 1;
        match sign {
            '*' if !matches!(tokens.last(), Some(Token::Star)) => tokens.push(Token::Star),
            '*' => {}
            '?' => tokens.push(Token::Any),
            '\\' if !rest.is_empty() => {
                tokens.push(Token::Literal(rest[0]));
                at += 1;
            }
            '[' => match class(rest) {
                Some((class, length)) => {
                    tokens.push(class);
                    at += length;
                }
                None => tokens.push(Token::Literal('[')),
            },
            literal => tokens.push(Token::Literal(literal)),
        }
    }
    tokens
}

fn group_kind(sign: char) -> Option<GroupKind> {
    Some(match sign {
        '@' => GroupKind::Once,
        '?' => GroupKind::Optional,
        '+' => GroupKind::Repeated,
        '*' => GroupKind::AnyNumber,
        '!' => GroupKind::Not,
        _ => return None,
    })
}

/// The choices up to the closing bracket, and how many signs they and it take.
fn choices(signs: &[char], depth: usize) -> Option<(Vec<Vec<Token>>, usize)> {
    let mut open = 0;
    let mut start = 0;
    let mut found = Vec::new();
    let mut escaped = false;
    for (at, &sign) in signs.iter().enumerate() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match sign {
            '\\' => escaped = true,
            '(' => open += 1,
            ')' if open > 0 => open -= 1,
            ')' => {
                found.push(tokens(&signs[start..at], depth + 1));
                return Some((found, at + 1));
            }
            '|' if open == 0 => {
                found.push(tokens(&signs[start..at], depth + 1));
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// The class behind an opening bracket, and how many signs it takes with the closing one.
fn class(signs: &[char]) -> Option<(Token, usize)> {
    let negated = matches!(signs.first(), Some('!' | '^'));
    let first = usize::from(negated);
    let mut members = Vec::new();
    let mut at = first;
    loop {
        let sign = *signs.get(at)?;
        if sign == ']' && at > first {
            return Some((Token::Class { members, negated }, at + 1));
        }
        if let Some((ranges, length)) = named_class(signs.get(at..)?) {
            members.extend_from_slice(ranges);
            at += length;
            continue;
        }
        let (low, next) = member(signs, at)?;
        let range = (signs.get(next) == Some(&'-') && signs.get(next + 1).is_some_and(|&sign| sign != ']'))
            .then(|| member(signs, next + 1))
            .flatten();
        match range {
            Some((high, after)) => {
                members.push((low, high));
                at = after;
            }
            None => {
                members.push((low, low));
                at = next;
            }
        }
    }
}

fn member(signs: &[char], at: usize) -> Option<(char, usize)> {
    match *signs.get(at)? {
        '\\' => Some((*signs.get(at + 1)?, at + 2)),
        sign => Some((sign, at + 1)),
    }
}

type Ranges = &'static [(char, char)];

/// `[:digit:]` and the others.
fn named_class(signs: &[char]) -> Option<(Ranges, usize)> {
    const NAMED: [(&str, Ranges); 9] = [
        ("[:alnum:]", &[('0', '9'), ('a', 'z'), ('A', 'Z')]),
        ("[:alpha:]", &[('a', 'z'), ('A', 'Z')]),
        ("[:digit:]", &[('0', '9')]),
        ("[:xdigit:]", &[('0', '9'), ('a', 'f'), ('A', 'F')]),
        ("[:lower:]", &[('a', 'z')]),
        ("[:upper:]", &[('A', 'Z')]),
        ("[:blank:]", &[(' ', ' '), ('\t', '\t')]),
        ("[:space:]", &[(' ', ' '), ('\t', '\r')]),
        ("[:word:]", &[('0', '9'), ('a', 'z'), ('A', 'Z'), ('_', '_')]),
    ];
    let begins =
        |name: &str| name.chars().zip(signs).filter(|(a, b)| a == *b).count() == name.chars().count();
    NAMED.iter().find(|(name, _)| begins(name)).map(|(name, ranges)| (*ranges, name.len()))
}
