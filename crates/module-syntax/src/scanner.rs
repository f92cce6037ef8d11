//! Walks over JavaScript source without parsing it: white space, comments, strings, templates, regular expressions
//! and brackets are told apart, everything else is left to the caller. Sources that are no JavaScript are walked
//! over, too, to the wrong places but always to the end.

use memchr::{memchr2, memchr3};

/// What a bracket was opened as, so that a `/` after it closes can be told to divide or to start a regular
/// expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bracket {
    /// `(` of `if`, `while`, `for` and `with`: a statement follows its end.
    Control,
    /// `{` where a statement or the body of a function stands.
    Block,
    /// `${` in a template.
    Template,
    /// Any other: its end is the end of a value.
    Value,
}

#[derive(Clone, Debug)]
pub(crate) struct Scanner<'s> {
    pub source: &'s [u8],
    pub at: usize,
    brackets: Vec<Bracket>,
    /// Whether what was read last ends a value, so that `/` divides.
    after_value: bool,
    /// Whether the last token was one of `)`, `=>`, `;`, `else` and the like, after which `{` opens a block.
    block_may_follow: bool,
    /// Whether the last token was `if`, `while`, `for` or `with`.
    control_may_follow: bool,
    /// Whether the head of a class was read and its body was not.
    class_may_follow: bool,
    after_dot: bool,
}

/// What the walk stops at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// From `start` to the scanner's position; `is_property` after a dot.
    Identifier {
        start: usize,
        is_property: bool,
    },
    Punctuator(u8),
}

impl<'s> Scanner<'s> {
    pub fn new(source: &'s [u8]) -> Self {
        let mut scanner = Self {
            source,
            at: 0,
            brackets: Vec::new(),
            after_value: false,
            block_may_follow: true,
            control_may_follow: false,
            class_may_follow: false,
            after_dot: false,
        };
        if source.starts_with(b"\xef\xbb\xbf") {
            scanner.at = 3;
        }
        if scanner.rest().starts_with(b"#!") {
            scanner.skip_line();
        }
        scanner
    }

    /// No bracket is open.
    pub fn is_top_level(&self) -> bool {
        self.brackets.is_empty()
    }

    pub fn rest(&self) -> &'s [u8] {
        &self.source[self.at.min(self.source.len())..]
    }

    pub fn peek(&self) -> Option<u8> {
        self.source.get(self.at).copied()
    }

    /// The next token, strings, templates and regular expressions passed over; `None` at the end.
    pub fn next(&mut self) -> Option<Token> {
        loop {
            self.skip_space();
            let byte = self.peek()?;
            match byte {
                b'"' | b'\'' => {
                    self.skip_string();
                    self.value_ends();
                }
                b'`' => {
                    self.at += 1;
                    self.skip_template();
                }
                b'}' if self.brackets.last() == Some(&Bracket::Template) => {
                    self.brackets.pop();
                    self.at += 1;
                    self.skip_template();
                }
                b'/' if !self.after_value => {
                    self.skip_regular_expression();
                    self.value_ends();
                }
                b'0'..=b'9' => {
                    self.skip_number();
                    self.value_ends();
                }
                _ if is_identifier_byte(byte) => return Some(self.identifier()),
                _ => {
                    self.punctuator(byte);
                    return Some(Token::Punctuator(byte));
                }
            }
        }
    }

    fn identifier(&mut self) -> Token {
        let start = self.at;
        self.skip_identifier();
        let is_property = self.after_dot;
        let word = &self.source[start..self.at];
        let keyword = if is_property { Keyword::None } else { keyword(word) };
        self.after_dot = false;
        self.after_value = keyword == Keyword::None;
        self.block_may_follow = keyword == Keyword::BeforeBlock;
        self.control_may_follow = keyword == Keyword::Control;
        self.class_may_follow = match word {
            b"class" => !is_property,
            // between a class's name and its body
            _ => self.class_may_follow,
        };
        Token::Identifier { start, is_property }
    }

    fn punctuator(&mut self, byte: u8) {
        let after_value = match byte {
            b'(' => {
                let is_control = self.control_may_follow;
                self.brackets.push(if is_control { Bracket::Control } else { Bracket::Value });
                false
            }
            b'[' => {
                self.brackets.push(Bracket::Value);
                false
            }
            b'{' => {
                let is_block = self.block_may_follow || std::mem::take(&mut self.class_may_follow);
                self.brackets.push(if is_block { Bracket::Block } else { Bracket::Value });
                false
            }
            b')' | b']' | b'}' => {
                let opened = self.brackets.pop();
                !matches!(opened, Some(Bracket::Control | Bracket::Block))
            }
            // `i++ / 2` is written, `++/x/` is not
            b'+' | b'-' => {
                self.source.get(self.at + 1) == Some(&byte) && self.after_value || {
                    let is_second = self.at > 0 && self.source[self.at - 1] == byte;
                    is_second && self.after_value
                }
            }
            _ => false,
        };
        let opens_block = matches!(byte, b')' | b';' | b'}')
            || (byte == b'{' && self.brackets.last() == Some(&Bracket::Block))
            || (byte == b'>' && self.at > 0 && self.source[self.at - 1] == b'=');
        self.after_value = after_value;
        self.block_may_follow = opens_block;
        self.control_may_follow = false;
        // the dots of a spread are no member access
        self.after_dot =
            byte == b'.' && self.at.checked_sub(1).is_none_or(|before| self.source[before] != b'.');
        self.at += 1;
    }

    fn value_ends(&mut self) {
        self.after_value = true;
        self.block_may_follow = false;
        self.control_may_follow = false;
        self.after_dot = false;
    }

    /// What of an identifier is left, if one stands here.
    pub fn skip_identifier(&mut self) {
        while self.peek().is_some_and(is_identifier_byte) && !self.is_wide_space() {
            self.at += 1;
        }
    }

    /// U+00A0, U+FEFF, U+2028 or U+2029 stands here.
    fn is_wide_space(&self) -> bool {
        const SPACES: [&str; 4] = ["\u{a0}", "\u{feff}", "\u{2028}", "\u{2029}"];
        matches!(self.peek(), Some(0xc2 | 0xef | 0xe2))
            && SPACES.iter().any(|space| self.rest().starts_with(space.as_bytes()))
    }

    /// White space and comments.
    pub fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.at += 1,
                b'/' => match self.source.get(self.at + 1) {
                    Some(b'/') => self.skip_line(),
                    Some(b'*') => {
                        let body = self.at + 2;
                        let end = memchr::memmem::find(&self.source[body.min(self.source.len())..], b"*/");
                        self.at = end.map_or(self.source.len(), |end| body + end + 2);
                    }
                    _ => return,
                },
                0xc2 if self.is_wide_space() => self.at += 2,
                _ if self.is_wide_space() => self.at += 3,
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        self.at = memchr2(b'\n', b'\r', self.rest()).map_or(self.source.len(), |end| self.at + end);
    }

    /// A string from its opening quote past its closing one. `false` where a line ends within it.
    pub fn skip_string(&mut self) -> bool {
        let quote = self.source[self.at];
        self.at += 1;
        while let Some(found) = memchr3(quote, b'\\', b'\n', self.rest()) {
            self.at += found;
            match self.source[self.at] {
                b'\\' => self.at += 2,
                b'\n' => return false,
                _ => {
                    self.at += 1;
                    return true;
                }
            }
        }
        self.at = self.source.len();
        false
    }

    /// The rest of a template, up to its end or to the `${` of its next substitution.
    fn skip_template(&mut self) {
        while let Some(found) = memchr3(b'`', b'\\', b'$', self.rest()) {
            self.at += found;
            match self.source[self.at] {
                b'\\' => self.at += 2,
                b'$' if self.source.get(self.at + 1) == Some(&b'{') => {
                    self.at += 2;
                    self.brackets.push(Bracket::Template);
                    self.after_value = false;
                    self.block_may_follow = false;
                    self.control_may_follow = false;
                    return;
                }
                b'$' => self.at += 1,
                _ => {
                    self.at += 1;
                    self.value_ends();
                    return;
                }
            }
        }
        self.at = self.source.len();
    }

    fn skip_regular_expression(&mut self) {
        self.at += 1;
        let mut in_class = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.at += 1;
                    return;
                }
                b'\n' | b'\r' => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    fn skip_number(&mut self) {
        while self.peek().is_some_and(|byte| is_identifier_byte(byte) || byte == b'.') {
            self.at += 1;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    /// A name, or a word after which `/` divides.
    None,
    /// An operator or statement in letters: a value follows.
    Operator,
    Control,
    /// A value, or a block, follows.
    BeforeBlock,
}

fn keyword(word: &[u8]) -> Keyword {
    match word {
        b"if" | b"while" | b"for" | b"with" => Keyword::Control,
        b"else" | b"do" | b"try" | b"finally" => Keyword::BeforeBlock,
        b"return" | b"typeof" | b"case" | b"in" | b"instanceof" | b"new" | b"void" | b"delete" | b"throw"
        | b"yield" | b"await" | b"of" | b"default" | b"extends" => Keyword::Operator,
        _ => Keyword::None,
    }
}

/// Part of an identifier; everything beyond ASCII is taken for one.
pub(crate) fn is_identifier_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'\\') || byte >= 0x80
}
