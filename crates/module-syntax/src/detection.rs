//! Whether a source without a declared format is an ES module: DETECT_MODULE_SYNTAX.

use memchr::memmem;
use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

/// Words without one of which no text can be an ES module only: statements, `import.meta`, top-level await, and
/// declarations of the variables that CommonJS modules are given.
const SIGNS: [&str; 8] =
    ["import", "export", "await", "__filename", "__dirname", "require", "module", "exports"];

/// Whether the source is valid as an ES module and, as a CommonJS module, is not.
pub fn has_module_syntax(source: &str) -> bool {
    if !SIGNS.iter().any(|sign| memmem::find(source.as_bytes(), sign.as_bytes()).is_some()) {
        return false;
    }
    let source = without_first_line_mark(source);
    let wrapped = format!("(function (exports, require, module, __filename, __dirname) {{{source}\n}})");
    !parses(&wrapped, SourceType::script()) && parses(&source, SourceType::mjs())
}

/// A `#!` line may only stand where the wrapper does.
fn without_first_line_mark(source: &str) -> std::borrow::Cow<'_, str> {
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
