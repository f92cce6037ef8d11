//! What a JavaScript source asks for, whenever it does: `import` in all forms and `require` with a literal.

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    ArrowFunctionExpression, BindingIdentifier, CallExpression, Expression, FormalParameters, Function,
    ImportExpression, TryStatement,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;
use oxc_syntax::scope::ScopeFlags;

use crate::detection::without_first_line_mark;

/// How a source is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    CommonJs,
    Module,
}

/// One literal specifier in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedModule {
    pub specifier: String,
    /// By `require`, not by `import`.
    pub is_require: bool,
    pub when: RequestTime,
}

/// When a module is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestTime {
    /// Always, when the source is loaded.
    Load,
    /// When a function is called, or by `import()`.
    Later,
    /// Within `try`: the source has an answer to its absence.
    Guarded,
}

/// Every module that a source asks for by a literal; `None` where it does not parse.
///
/// A `require` that is a parameter, as in bundles, is not Node's and does not count.
pub fn requested_modules(source: &str, kind: SourceKind) -> Option<Vec<RequestedModule>> {
    let allocator = Allocator::default();
    let source = without_first_line_mark(source);
    let source_type = match kind {
        SourceKind::CommonJs => SourceType::cjs(),
        SourceKind::Module => SourceType::mjs(),
    };
    let options = ParseOptions { parse_regular_expression: false, ..ParseOptions::default() };
    let parsed = Parser::new(&allocator, &source, source_type).with_options(options).parse();
    if parsed.panicked || !parsed.diagnostics.is_empty() {
        return None;
    }
    // the parser lets it pass as what might have been meant
    if kind == SourceKind::CommonJs && parsed.module_record.has_module_syntax {
        return None;
    }
    let requested = parsed.module_record.requested_modules.iter();
    let values = requested.filter(|(_, requests)| requests.iter().any(|request| !request.is_type));
    let mut finder = Finder::default();
    finder.found.extend(values.map(|(specifier, _)| RequestedModule {
        specifier: specifier.to_string(),
        is_require: false,
        when: RequestTime::Load,
    }));
    finder.found.sort_by(|a, b| a.specifier.cmp(&b.specifier));
    finder.visit_program(&parsed.program);
    Some(finder.found)
}

#[derive(Default)]
struct Finder {
    found: Vec<RequestedModule>,
    functions: usize,
    tries: usize,
    /// Functions around with a parameter named `require`.
    shadows: usize,
}

impl Finder {
    fn add(&mut self, specifier: &str, is_require: bool) {
        let when = match (self.tries, self.functions) {
            (0, 0) => RequestTime::Load,
            (0, _) => RequestTime::Later,
            _ => RequestTime::Guarded,
        };
        self.found.push(RequestedModule { specifier: specifier.to_owned(), is_require, when });
    }

    fn within_function(&mut self, parameters: &FormalParameters<'_>, walk: impl FnOnce(&mut Self)) {
        let mut names = Names { has_require: false };
        names.visit_formal_parameters(parameters);
        self.functions += 1;
        self.shadows += usize::from(names.has_require);
        walk(self);
        self.shadows -= usize::from(names.has_require);
        self.functions -= 1;
    }
}

impl<'a> Visit<'a> for Finder {
    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        self.within_function(&it.params, |finder| walk::walk_function(finder, it, flags));
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.within_function(&it.params, |finder| walk::walk_arrow_function_expression(finder, it));
    }

    fn visit_try_statement(&mut self, it: &TryStatement<'a>) {
        self.tries += 1;
        walk::walk_try_statement(self, it);
        self.tries -= 1;
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        if let (Some(literal), 0) = (it.common_js_require(), self.shadows) {
            self.add(&literal.value, true);
        }
        walk::walk_call_expression(self, it);
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        if let Expression::StringLiteral(literal) = &it.source {
            // its failure is a promise's, not that of loading
            self.functions += 1;
            self.add(&literal.value, false);
            self.functions -= 1;
        }
        walk::walk_import_expression(self, it);
    }
}

struct Names {
    has_require: bool,
}

impl<'a> Visit<'a> for Names {
    fn visit_binding_identifier(&mut self, it: &BindingIdentifier<'a>) {
        self.has_require |= it.name == "require";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_found_with_their_time() {
        use RequestTime::{Guarded, Later, Load};
        type Found = &'static [(&'static str, bool, RequestTime)];
        let rows: [(&str, SourceKind, Found); 6] = [
            (
                "import a from 'a'; export * from './b.js'",
                SourceKind::Module,
                &[("./b.js", false, Load), ("a", false, Load)],
            ),
            ("#!/usr/bin/env node\nconst a = require('a')", SourceKind::CommonJs, &[("a", true, Load)]),
            ("module.exports = () => require('a')", SourceKind::CommonJs, &[("a", true, Later)]),
            ("try { require('a') } catch {}", SourceKind::CommonJs, &[("a", true, Guarded)]),
            ("(function (require, module) { require('./1') })()", SourceKind::CommonJs, &[]),
            ("import('a').catch(() => {})", SourceKind::CommonJs, &[("a", false, Later)]),
        ];
        for (source, kind, expected) in rows {
            let found = requested_modules(source, kind).expect("it parses");
            let found: Vec<_> =
                found.iter().map(|each| (each.specifier.as_str(), each.is_require, each.when)).collect();
            assert_eq!(found, expected, "{source}");
        }
        assert_eq!(requested_modules("import a from 'a'", SourceKind::CommonJs).map(|all| all.len()), None);
    }
}
