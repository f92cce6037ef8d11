//! What an ES module imports statically.

use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

/// The specifiers of a module's `import` and `export ... from` declarations, without those of types. What does not
/// parse has those before its first error, at most.
pub fn static_imports(source: &str, is_typescript: bool) -> Vec<String> {
    let allocator = Allocator::default();
    let kind = if is_typescript { SourceType::ts().with_module(true) } else { SourceType::mjs() };
    let options = ParseOptions { parse_regular_expression: false, ..ParseOptions::default() };
    let parsed = Parser::new(&allocator, source, kind).with_options(options).parse();
    let requested = parsed.module_record.requested_modules.iter();
    let values = requested.filter(|(_, requests)| requests.iter().any(|request| !request.is_type));
    values.map(|(specifier, _)| specifier.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::static_imports;

    fn sorted(source: &str, is_typescript: bool) -> Vec<String> {
        let mut found = static_imports(source, is_typescript);
        found.sort();
        found
    }

    #[test]
    fn imports_and_reexports_are_found_and_what_runs_later_is_not() {
        let source = "import a, { b } from './a.js';\nimport './b.js';\nexport * from './c.js';\n\
                      export { d } from './d.js';\nimport './b.js';\nawait import('./e.js');\n// import './f.js'\n";
        assert_eq!(sorted(source, false), ["./a.js", "./b.js", "./c.js", "./d.js"]);
        assert_eq!(sorted("const = import './a.js'", false), [""; 0]);
    }

    #[test]
    fn types_are_not_fetched() {
        let source = "import type { A } from './a.ts';\nimport { b } from './b.ts';\nexport type { C } from './c.ts';\n";
        assert_eq!(sorted(source, true), ["./b.ts"]);
    }
}
