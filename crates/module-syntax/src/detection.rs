//! Whether a source without a declared format is an ES module: DETECT_MODULE_SYNTAX.

use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

use crate::scanner::{Scanner, Token};

/// What CommonJS modules are given; declaring one again is an error there.
const WRAPPER: [&[u8]; 5] = [b"exports", b"require", b"module", b"__filename", b"__dirname"];

/// Whether the source is valid as an ES module and, as a CommonJS module, is not.
pub fn has_module_syntax(source: &str) -> bool {
    if !may_be_module(source.as_bytes()) {
        return false;
    }
    let source = without_first_line_mark(source);
    let wrapped = format!("(function (exports, require, module, __filename, __dirname) {{{source}\n}})");
    !parses(&wrapped, SourceType::script()) && parses(&source, SourceType::mjs())
}

/// Whether there is any sign that CommonJS would not do, which spares parsing most of what is imported.
fn may_be_module(source: &[u8]) -> bool {
    let mut scanner = Scanner::new(source);
    while let Some(token) = scanner.next() {
        let Token::Identifier { start, is_property: false } = token else { continue };
        match &source[start..scanner.at] {
            b"await" => return true,
            b"export" if scanner.is_top_level() => return true,
            b"import" if next_byte(&scanner) != Some(b'(') => return true,
            b"const" | b"let" | b"class" if scanner.is_top_level() && declares_wrapper(&scanner) => {
                return true;
            }
            _ => {}
        }
    }
    false
}

fn next_byte(scanner: &Scanner<'_>) -> Option<u8> {
    let mut ahead = scanner.clone();
    ahead.skip_space();
    ahead.peek()
}

/// Whether a declaration may be of one of the wrapper's variables, from after its keyword.
fn declares_wrapper(scanner: &Scanner<'_>) -> bool {
    let mut ahead = scanner.clone();
    // several names, or a pattern, may come before the one in question
    while let Some(token) = ahead.next() {
        match token {
            Token::Identifier { start, is_property } => {
                let word = &ahead.source[start..ahead.at];
                if !is_property && WRAPPER.contains(&word) && !matches!(next_byte(&ahead), Some(b'(' | b'.'))
                {
                    return true;
                }
            }
            Token::Punctuator(b';') => return false,
            Token::Punctuator(_) => {}
        }
        if ahead.is_top_level() && ahead.rest().starts_with(b"\n") && next_byte(&ahead) != Some(b',') {
            return false;
        }
    }
    false
}

/// A `#!` line may only stand where the wrapper does.
pub(crate) fn without_first_line_mark(source: &str) -> std::borrow::Cow<'_, str> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    if source.starts_with("#!") { format!("//{source}").into() } else { source.into() }
}

fn parses(source: &str, kind: SourceType) -> bool {
    let allocator = Allocator::default();
    let options = ParseOptions { parse_regular_expression: false, ..ParseOptions::default() };
    let parsed = Parser::new(&allocator, source, kind).with_options(options).parse();
    if parsed.panicked || !parsed.diagnostics.is_empty() {
        return false;
    }
    let checked = SemanticBuilder::new().with_check_syntax_error(true).build(&parsed.program);
    checked.diagnostics.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_commonjs_cannot_be_is_an_es_module() {
        let modules = [
            "import x from 'y'",
            "export {}",
            "export default 1",
            "console.log(import.meta.url)",
            "await Promise.resolve()",
            "for await (const x of y) {}",
            "const require = 1; await 0",
            "let __filename",
            "const module = 1",
            "#!/usr/bin/env node\nimport 'x'",
        ];
        for source in modules {
            assert!(has_module_syntax(source), "{source}");
        }
        let others = [
            "require('x')",
            "import('x')",
            "const x = { export: 1 }",
            "return; export {}",
            "await",
            "var require = 1",
            "let x = 1; let x = 2; import 'y'",
            "with (x) {}",
            "this is no JavaScript; import 'x'",
            "async function f() { await 0 }",
            "",
        ];
        for source in others {
            assert!(!has_module_syntax(source), "{source}");
        }
    }
}
