//! Selectors from text.
//!
//! *Shape*: CSS selectors: `#name`, `.type`, `[attribute]`, `:pseudo(...)`, `*`; combinators ` `, `>`, `~`; lists
//! with `,`. A backslash takes the meaning from the character behind it; `/` and `@` have none.

use super::attributes::{AttributeTest, Lookup, read_attribute, read_lookup};
use super::versions::VersionTest;
use npm_semver::Difference;

/// Why a selector cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    #[error("{selector} is no selector: {problem} at character {at}")]
    Syntax { selector: String, problem: &'static str, at: usize },
    #[error("`{text}` is not a supported selector: names are written #name")]
    Tag { text: String },
    #[error("`.{text}` is not a supported dependency type")]
    DependencyType { text: String },
    #[error("`:{text}` is not a supported pseudo selector")]
    Pseudo { text: String },
    #[error("`:outdated({text})` is none of any, in-range, out-of-range, major, minor and patch")]
    OutdatedKind { text: String },
    #[error("`:vuln({text})` may hold [severity=...] and [cwe=...], separated by commas, and nothing else")]
    Vulnerability { text: String },
    #[error("`:{text}` asks a registry, and there is none to be asked here")]
    NeedsRegistry { text: &'static str },
    #[error("`:attr({text})` needs an attribute, such as [name=value], as its last value")]
    Attribute { text: String },
    #[error("`:semver({text})` needs a version or range as its first or second value")]
    VersionValue { text: String },
    #[error("`{text}` is not a valid semver version or range")]
    Version { text: String },
    #[error("`semver.{text}` is not a supported operator")]
    VersionFunction { text: String },
}

impl SelectorError {
    /// npm's code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "EQUERYSYNTAX",
            Self::Tag { .. } => "EQUERYNOSELECTOR",
            Self::DependencyType { .. } => "EQUERYNODEPTYPE",
            Self::Pseudo { .. } => "EQUERYNOPSEUDO",
            Self::NeedsRegistry { .. } => "EUNSUPPORTED",
            Self::OutdatedKind { .. } => "EQUERYOUTDATED",
            Self::Attribute { .. } | Self::Vulnerability { .. } => "EQUERYATTR",
            Self::VersionValue { .. } => "ESEMVERVALUE",
            Self::Version { .. } => "EQUERYINVALIDSEMVER",
            Self::VersionFunction { .. } => "EQUERYINVALIDOPERATOR",
        }
    }

    /// What to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Tag { text } => Some(format!("run `knit query '#{text}'`")),
            Self::DependencyType { .. } => {
                Some("use .prod, .dev, .optional, .peer, .workspace or .bundled".to_owned())
            }
            _ => None,
        }
    }
}

/// One of the selectors of a list: what is looked for, and how it stands to what was found before.
#[derive(Debug, Clone, Default)]
pub(super) struct Selector(pub(super) Vec<Part>);

#[derive(Debug, Clone)]
pub(super) enum Part {
    Combinator(Combinator),
    Simple(Box<Simple>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Combinator {
    /// ` `
    Descendant,
    /// `>`
    Child,
    /// `~`
    Sibling,
}

#[derive(Debug, Clone)]
pub(super) enum Simple {
    Any,
    Name(String),
    Type(DependencyType),
    Attribute(AttributeTest),
    Pseudo(Pseudo),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DependencyType {
    Prod,
    Dev,
    Optional,
    Peer,
    Workspace,
    Bundled,
}

#[derive(Debug, Clone)]
pub(super) enum Pseudo {
    Attribute(Lookup),
    Deduped,
    Empty,
    Extraneous,
    Has(Vec<Selector>),
    Invalid,
    Is(Vec<Selector>),
    Link,
    Missing,
    Not(Vec<Selector>),
    Outdated(OutdatedKind),
    Overridden,
    Path(String),
    Private,
    Root,
    Scope,
    Semver(VersionTest),
    Type(String),
    Vulnerable(Vec<VulnerabilityTest>),
}

/// Which newer versions there have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutdatedKind {
    Any,
    /// One that a dependent accepts.
    InRange,
    /// One that a dependent does not accept.
    OutOfRange,
    /// One that differs in this.
    By(Difference),
}

/// What an advisory has to say. Empty lists accept everything; `*` in them, everything that says anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct VulnerabilityTest {
    /// One of these.
    pub(super) severity: Vec<String>,
    /// Numbers of weaknesses, all of these.
    pub(super) cwe: Vec<String>,
}

/// Reads a list of selectors; nothing for an empty text.
pub(super) fn parse(text: &str) -> Result<Vec<Selector>, SelectorError> {
    let mut reader = Reader { text, at: 0 };
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut selectors = vec![Selector::default()];
    loop {
        let had_space = reader.skip_space();
        let Some(next) = reader.peek() else { break };
        let combinator = match next {
            '>' => Some(Combinator::Child),
            '~' => Some(Combinator::Sibling),
            ',' => {
                reader.end(&selectors)?;
                reader.take();
                selectors.push(Selector::default());
                continue;
            }
            _ => None,
        };
        let Some(Selector(parts)) = selectors.last_mut() else { break };
        if let Some(combinator) = combinator {
            reader.take();
            if matches!(parts.last(), Some(Part::Combinator(_))) {
                return Err(reader.error("a second combinator"));
            }
            parts.push(Part::Combinator(combinator));
            continue;
        }
        if had_space && matches!(parts.last(), Some(Part::Simple(_))) {
            parts.push(Part::Combinator(Combinator::Descendant));
        }
        parts.push(Part::Simple(Box::new(reader.simple()?)));
    }
    reader.end(&selectors)?;
    Ok(selectors)
}

/// Whether the answer depends on what a registry says.
pub(super) fn asks_registry(selectors: &[Selector]) -> bool {
    let asks = |part: &Part| match part {
        Part::Simple(simple) => match simple.as_ref() {
            Simple::Pseudo(Pseudo::Outdated(_) | Pseudo::Vulnerable(_)) => true,
            Simple::Pseudo(Pseudo::Has(inner) | Pseudo::Is(inner) | Pseudo::Not(inner)) => {
                asks_registry(inner)
            }
            _ => false,
        },
        Part::Combinator(_) => false,
    };
    selectors.iter().any(|Selector(parts)| parts.iter().any(asks))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn skip_space(&mut self) -> bool {
        let before = self.at;
        while self.peek().is_some_and(char::is_whitespace) {
            self.take();
        }
        self.at > before
    }

    fn error(&self, problem: &'static str) -> SelectorError {
        let at = self.text.get(..self.at).map_or(0, |before| before.chars().count());
        SelectorError::Syntax { selector: self.text.to_owned(), problem, at }
    }

    /// A selector may begin with a combinator, but not end with one.
    fn end(&self, selectors: &[Selector]) -> Result<(), SelectorError> {
        match selectors.last().and_then(|selector| selector.0.last()) {
            Some(Part::Simple(_)) => Ok(()),
            Some(Part::Combinator(_)) => Err(self.error("nothing behind a combinator")),
            None => Err(self.error("nothing before a comma or the end")),
        }
    }

    fn simple(&mut self) -> Result<Simple, SelectorError> {
        match self.peek() {
            Some('*') => {
                self.take();
                Ok(Simple::Any)
            }
            Some('#') => {
                self.take();
                Ok(Simple::Name(self.name()?))
            }
            Some('.') => {
                self.take();
                dependency_type(self.name()?).map(Simple::Type)
            }
            Some('[') => {
                let inside = self.enclosed('[', ']')?;
                let test = read_attribute(&inside).ok_or_else(|| self.error("no attribute in brackets"))?;
                Ok(Simple::Attribute(test))
            }
            Some(':') => {
                self.take();
                let name = self.name()?;
                let inside = match self.peek() {
                    Some('(') => Some(self.enclosed('(', ')')?),
                    _ => None,
                };
                pseudo(name, inside.as_deref()).map(Simple::Pseudo)
            }
            Some('+' | '|' | '&' | ')' | ']' | '(') => Err(self.error("a character that means nothing here")),
            _ => Err(SelectorError::Tag { text: self.name()? }),
        }
    }

    fn name(&mut self) -> Result<String, SelectorError> {
        let mut name = String::new();
        while let Some(next) = self.peek() {
            if next.is_whitespace() || ",>~+:.[]#()*|&".contains(next) {
                break;
            }
            self.take();
            match next {
                '\\' => name.extend(self.take()),
                next => name.push(next),
            }
        }
        if name.is_empty() { Err(self.error("a name is missing")) } else { Ok(name) }
    }

    /// What stands between brackets, other brackets and quoted text within included.
    fn enclosed(&mut self, open: char, close: char) -> Result<String, SelectorError> {
        let begin = self.at + open.len_utf8();
        let mut depth = 0_usize;
        let mut quote = None;
        while let Some(next) = self.take() {
            if next == '\\' {
                self.take();
            } else if quote.is_some() {
                quote = quote.filter(|&quote| quote != next);
            } else if next == '"' || next == '\'' {
                quote = Some(next);
            } else if next == open {
                depth += 1;
            } else if next == close {
                depth -= 1;
                if depth == 0 {
                    return Ok(self
                        .text
                        .get(begin..self.at - close.len_utf8())
                        .unwrap_or_default()
                        .to_owned());
                }
            }
        }
        Err(self.error("a bracket that is not closed"))
    }
}

fn dependency_type(text: String) -> Result<DependencyType, SelectorError> {
    Ok(match text.as_str() {
        "prod" => DependencyType::Prod,
        "dev" => DependencyType::Dev,
        "optional" => DependencyType::Optional,
        "peer" => DependencyType::Peer,
        "workspace" => DependencyType::Workspace,
        "bundled" => DependencyType::Bundled,
        _ => return Err(SelectorError::DependencyType { text }),
    })
}

fn pseudo(name: String, inside: Option<&str>) -> Result<Pseudo, SelectorError> {
    let text = inside.unwrap_or_default().trim();
    Ok(match name.as_str() {
        "attr" => Pseudo::Attribute(read_lookup(text)?),
        "deduped" => Pseudo::Deduped,
        "empty" => Pseudo::Empty,
        "extraneous" => Pseudo::Extraneous,
        "has" => Pseudo::Has(parse(text)?),
        "invalid" => Pseudo::Invalid,
        "is" => Pseudo::Is(parse(text)?),
        "link" => Pseudo::Link,
        "missing" => Pseudo::Missing,
        "not" => Pseudo::Not(parse(text)?),
        "overridden" => Pseudo::Overridden,
        "path" => Pseudo::Path(text.to_owned()),
        "private" => Pseudo::Private,
        "root" => Pseudo::Root,
        "scope" => Pseudo::Scope,
        "semver" => Pseudo::Semver(VersionTest::read(text)?),
        "type" => Pseudo::Type(text.to_owned()),
        "outdated" => Pseudo::Outdated(outdated_kind(text)?),
        "vuln" => Pseudo::Vulnerable(vulnerability_tests(text)?),
        _ => return Err(SelectorError::Pseudo { text: name }),
    })
}

fn outdated_kind(text: &str) -> Result<OutdatedKind, SelectorError> {
    Ok(match text {
        "" | "any" => OutdatedKind::Any,
        "in-range" => OutdatedKind::InRange,
        "out-of-range" => OutdatedKind::OutOfRange,
        "major" => OutdatedKind::By(Difference::Major),
        "minor" => OutdatedKind::By(Difference::Minor),
        "patch" => OutdatedKind::By(Difference::Patch),
        _ => return Err(SelectorError::OutdatedKind { text: text.to_owned() }),
    })
}

/// `[severity=high][cwe=79], [severity=critical]`: of the tests one must hold, within a test every weakness.
fn vulnerability_tests(text: &str) -> Result<Vec<VulnerabilityTest>, SelectorError> {
    let wrong = || SelectorError::Vulnerability { text: text.to_owned() };
    let mut tests = Vec::new();
    for value in values(text) {
        let mut test = VulnerabilityTest::default();
        let mut reader = Reader { text: value, at: 0 };
        while reader.peek() == Some('[') {
            let inside = reader.enclosed('[', ']')?;
            let attribute = read_attribute(&inside).ok_or_else(wrong)?;
            let word = match &attribute.comparison {
                None => "*".to_owned(),
                Some(comparison) => comparison.equal_to().ok_or_else(wrong)?.to_owned(),
            };
            match attribute.name.as_str() {
                "severity" => test.severity.push(word),
                "cwe" => test.cwe.push(word),
                _ => return Err(wrong()),
            }
            reader.skip_space();
        }
        if reader.peek().is_some() {
            return Err(wrong());
        }
        tests.push(test);
    }
    Ok(tests)
}

/// The values of a pseudo selector, divided by commas that stand in no brackets or quotes.
pub(super) fn values(text: &str) -> Vec<&str> {
    let (mut values, mut begin, mut depth, mut quote) = (Vec::new(), 0, 0_i32, None);
    for (at, next) in text.char_indices() {
        match (quote, next) {
            (Some(open), _) => quote = Some(open).filter(|&open| open != next),
            (None, '"' | '\'') => quote = Some(next),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (None, ',') if depth == 0 => {
                values.push(text.get(begin..at).unwrap_or_default().trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    values.push(text.get(begin..).unwrap_or_default().trim());
    values.retain(|value| !value.is_empty());
    values
}
