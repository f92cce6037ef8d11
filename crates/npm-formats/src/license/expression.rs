//! SPDX license expressions.
//!
//! Source: the grammar of SPDX 2.1, appendix IV, with the deviations of npm 11.19.1's parser: operators in any case,
//! and `+` after any license.

/// How deep parentheses may be nested.
const MAX_DEPTH: usize = 64;

/// A license that is not an SPDX expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicenseError {
    /// A word that is neither in the SPDX list nor an operator.
    #[error("license \"{license}\" has \"{word}\" where an SPDX identifier or operator should be")]
    UnknownWord {
        /// The license as given.
        license: String,
        /// The word, or the rest of the text when it starts with no word.
        word: String,
    },
    /// Known words in an order that makes no expression.
    #[error("license \"{license}\" is not a complete SPDX expression")]
    Syntax {
        /// The license as given.
        license: String,
    },
}

/// An SPDX license expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// A license of the SPDX list, by its identifier.
    License {
        /// The identifier.
        id: String,
        /// Whether later versions are meant as well (`+`).
        or_later: bool,
        /// The exception after `WITH`.
        exception: Option<String>,
    },
    /// `LicenseRef-…`, with or without `DocumentRef-…:` before it.
    Reference(String),
    /// All of them apply.
    All(Vec<Expression>),
    /// Any one may be chosen.
    Any(Vec<Expression>),
}

impl Expression {
    /// Reads an expression. Errors: [`LicenseError`].
    pub fn parse(text: &str) -> Result<Self, LicenseError> {
        let tokens = scan(text)?;
        let mut parser = Parser { tokens: &tokens, depth: 0 };
        match parser.any() {
            Some(expression) if parser.tokens.is_empty() => Ok(expression),
            _ => Err(LicenseError::Syntax { license: text.to_owned() }),
        }
    }

    /// Whether it refers to a license outside the SPDX list.
    pub fn has_reference(&self) -> bool {
        match self {
            Self::License { .. } => false,
            Self::Reference(_) => true,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::has_reference),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    With,
    And,
    Or,
    Open,
    Close,
    Colon,
    Plus,
    DocumentReference(&'a str),
    LicenseReference(&'a str),
    License(&'a str),
    Exception(&'a str),
}

fn scan(license: &str) -> Result<Vec<Token<'_>>, LicenseError> {
    let mut tokens = Vec::new();
    let mut rest = license;
    loop {
        let trimmed = rest.trim_start_matches(' ');
        if trimmed.is_empty() {
            return Ok(tokens);
        }
        let (token, length) = next_token(trimmed)
            .filter(|(token, _)| *token != Token::Plus || trimmed.len() == rest.len())
            .ok_or_else(|| {
                let word = id_string(trimmed);
                let word = if word.is_empty() { trimmed } else { word };
                LicenseError::UnknownWord { license: license.to_owned(), word: word.to_owned() }
            })?;
        tokens.push(token);
        rest = trimmed.get(length..).unwrap_or("");
    }
}

/// The token at the start of a text and its length in bytes.
fn next_token(text: &str) -> Option<(Token<'_>, usize)> {
    const OPERATORS: [(&str, Token<'static>); 7] = [
        ("WITH", Token::With),
        ("AND", Token::And),
        ("OR", Token::Or),
        ("(", Token::Open),
        (")", Token::Close),
        (":", Token::Colon),
        ("+", Token::Plus),
    ];
    for (word, token) in OPERATORS {
        if text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            return Some((token, word.len()));
        }
    }
    if let Some(id) = reference(text, "DocumentRef-") {
        return Some((Token::DocumentReference(id), "DocumentRef-".len() + id.len()));
    }
    if let Some(id) = reference(text, "LicenseRef-") {
        return Some((Token::LicenseReference(id), "LicenseRef-".len() + id.len()));
    }
    let id = id_string(text);
    // The crate lists the GNU documentation licenses without `-only` too, which SPDX does not.
    let is_listed = !id.ends_with("invariants") && id != "NOASSERTION" && spdx::license_id(id).is_some();
    if is_listed {
        Some((Token::License(id), id.len()))
    } else {
        spdx::exception_id(id).map(|_| (Token::Exception(id), id.len()))
    }
}

fn reference<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.strip_prefix(prefix).map(id_string).filter(|id| !id.is_empty())
}

fn id_string(text: &str) -> &str {
    let end =
        text.find(|character: char| !character.is_ascii_alphanumeric() && !matches!(character, '-' | '.'));
    text.get(..end.unwrap_or(text.len())).unwrap_or("")
}

/// `None` from any method is a syntax error.
struct Parser<'a> {
    tokens: &'a [Token<'a>],
    depth: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Option<Expression> {
        self.joined(Token::Or, Self::all, Expression::Any)
    }

    fn all(&mut self) -> Option<Expression> {
        self.joined(Token::And, Self::atom, Expression::All)
    }

    fn joined(
        &mut self,
        operator: Token<'_>,
        part: fn(&mut Self) -> Option<Expression>,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Option<Expression> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.take(operator) {
            parts.push(part(self)?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(join(parts)) }
    }

    fn atom(&mut self) -> Option<Expression> {
        match self.next()? {
            Token::Open if self.depth < MAX_DEPTH => {
                self.depth += 1;
                let expression = self.any()?;
                self.depth -= 1;
                self.take(Token::Close).then_some(expression)
            }
            Token::DocumentReference(document) if self.take(Token::Colon) => match self.next()? {
                Token::LicenseReference(license) => {
                    Some(Expression::Reference(format!("DocumentRef-{document}:LicenseRef-{license}")))
                }
                _ => None,
            },
            Token::LicenseReference(license) => Some(Expression::Reference(format!("LicenseRef-{license}"))),
            Token::License(id) => {
                let or_later = self.take(Token::Plus);
                let exception = if self.take(Token::With) { Some(self.exception()?) } else { None };
                Some(Expression::License { id: id.to_owned(), or_later, exception })
            }
            _ => None,
        }
    }

    fn exception(&mut self) -> Option<String> {
        match self.next()? {
            Token::Exception(id) => Some(id.to_owned()),
            _ => None,
        }
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(*first)
    }

    fn take(&mut self, wanted: Token<'_>) -> bool {
        match self.tokens.split_first() {
            Some((first, rest)) if *first == wanted => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }
}
