//! The names that a CommonJS module exports, as far as its text tells: what `import { name } from './it.cjs'` can
//! find before it has run.
//!
//! The patterns are those of cjs-module-lexer's published grammar, which is frozen, and are named after it. They
//! are matched against tokens, without scopes: any `exports.name =` counts.

use crate::scanner::{Scanner, Token, is_identifier_byte};
use crate::string_literal::unquoted;

/// What was found. Each name once, in order of appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommonJsExports {
    pub exports: Vec<String>,
    /// Specifiers of modules whose exports are exported as well.
    pub reexports: Vec<String>,
}

/// The exports of a CommonJS source. `None` where the source has `import` or `export` statements or `import.meta`.
pub fn commonjs_exports(source: &str) -> Option<CommonJsExports> {
    let mut lexer =
        Lexer { found: CommonJsExports::default(), unsafe_getters: Vec::new(), star_bindings: Vec::new() };
    let mut scanner = Scanner::new(source.as_bytes());
    while let Some(token) = scanner.next() {
        let Token::Identifier { start, is_property } = token else { continue };
        let word = &scanner.source[start..scanner.at];
        if word.len() < 3 {
            continue;
        }
        match word {
            // `tslib.__exportStar` counts, `this.exports` does not
            b"exports" if !is_property => lexer.exports_member(&scanner, scanner.at),
            b"module" if !is_property => lexer.module(&scanner),
            b"Object" if !is_property => lexer.object(&scanner),
            b"__export" | b"__exportStar" if scanner.is_top_level() => lexer.export_star(&scanner),
            b"var" | b"let" | b"const" if scanner.is_top_level() => lexer.binding(&scanner),
            b"import" if !is_property && is_import_statement(&scanner) => return None,
            b"export" if !is_property && is_export_statement(&scanner) => return None,
            _ => {}
        }
    }
    let Lexer { mut found, unsafe_getters, .. } = lexer;
    found.exports.retain(|name| !unsafe_getters.contains(name));
    Some(found)
}

struct Lexer {
    found: CommonJsExports,
    /// Names that some `Object.defineProperty` defines in a way that may have effects.
    unsafe_getters: Vec<String>,
    /// Variables that hold a module, and the specifier.
    star_bindings: Vec<(Vec<u8>, String)>,
}

impl Lexer {
    fn export(&mut self, name: Option<String>) {
        if let Some(name) = name
            && !self.found.exports.contains(&name)
        {
            self.found.exports.push(name);
        }
    }

    fn reexport(&mut self, specifier: String) {
        if !self.found.reexports.contains(&specifier) {
            self.found.reexports.push(specifier);
        }
    }

    /// EXPORTS_MEMBER, from after `exports` or `module.exports`.
    fn exports_member(&mut self, scanner: &Scanner<'_>, at: usize) {
        let mut cursor = Cursor { scanner: scanner.clone() };
        cursor.scanner.at = at;
        let name = if cursor.eat(b".") {
            cursor.space();
            cursor.identifier().map(|name| String::from_utf8_lossy(name).into_owned())
        } else if cursor.eat(b"[") {
            let name = cursor.string();
            if !cursor.eat(b"]") {
                return;
            }
            name.flatten()
        } else {
            return;
        };
        if cursor.eat(b"=") {
            self.export(name);
        }
    }

    /// From after `module`.
    fn module(&mut self, scanner: &Scanner<'_>) {
        let mut cursor = Cursor { scanner: scanner.clone() };
        if !cursor.eat(b".") || !cursor.eat_word(b"exports") {
            return;
        }
        let after = cursor.scanner.at;
        if !cursor.eat(b"=") {
            self.exports_member(scanner, after);
            return;
        }
        // of several assignments the last one holds
        self.found.reexports.clear();
        if cursor.eat(b"{") {
            self.exports_literal(&mut cursor);
        } else if let Some(specifier) = cursor.require() {
            self.reexport(specifier);
        }
    }

    /// EXPORTS_LITERAL, from after its `{`.
    fn exports_literal(&mut self, cursor: &mut Cursor<'_>) {
        loop {
            cursor.space();
            if cursor.eat(b"...") {
                match cursor.require() {
                    Some(specifier) => self.reexport(specifier),
                    None if cursor.identifier().is_some() => {}
                    None => return,
                }
            } else if matches!(cursor.peek(), Some(b'"' | b'\'')) {
                let Some(name) = cursor.string() else { return };
                if cursor.eat(b":") {
                    if cursor.identifier().is_none() {
                        return;
                    }
                    self.export(name);
                }
            } else if let Some(name) = cursor.identifier() {
                if cursor.eat(b":") && cursor.identifier().is_none() {
                    return;
                }
                self.export(Some(String::from_utf8_lossy(name).into_owned()));
            } else {
                return;
            }
            if !cursor.eat(b",") {
                return;
            }
        }
    }

    /// From after `Object`: EXPORTS_DEFINE_VALUE or EXPORT_STAR_LIB.
    fn object(&mut self, scanner: &Scanner<'_>) {
        let mut cursor = Cursor { scanner: scanner.clone() };
        if !cursor.eat(b".") {
            return;
        }
        cursor.space();
        match cursor.identifier() {
            Some(b"defineProperty") => {
                let Some(name) = cursor.define_start() else { return };
                if cursor.define_value() {
                    self.export(name);
                } else if let Some(name) = name {
                    self.unsafe_getters.push(name);
                }
            }
            Some(b"keys") if scanner.is_top_level() => {
                let Some(variable) = cursor.export_star_lib() else { return };
                let bound = self.star_bindings.iter().rev().find(|(name, _)| *name == variable);
                if let Some((_, specifier)) = bound {
                    self.reexport(specifier.clone());
                }
            }
            _ => {}
        }
    }

    /// EXPORT_STAR, from after its name.
    fn export_star(&mut self, scanner: &Scanner<'_>) {
        let mut cursor = Cursor { scanner: scanner.clone() };
        if cursor.eat(b"(")
            && let Some(specifier) = cursor.require()
        {
            self.reexport(specifier);
        }
    }

    /// EXPORTS_ASSIGN, from after `var`, `let` or `const`.
    fn binding(&mut self, scanner: &Scanner<'_>) {
        let mut cursor = Cursor { scanner: scanner.clone() };
        cursor.space();
        let Some(name) = cursor.identifier() else { return };
        if !cursor.eat(b"=") {
            return;
        }
        cursor.space();
        let is_wrapped =
            cursor.eat_word(b"_interopRequireWildcard") || cursor.eat_word(b"__interopRequireWildcard");
        if is_wrapped && !cursor.eat(b"(") {
            return;
        }
        if let Some(specifier) = cursor.require() {
            self.star_bindings.push((name.to_vec(), specifier));
        }
    }
}

/// Reads tokens of a pattern; a pattern holds no regular expressions, so that a scanner can be asked for its white
/// space alone.
struct Cursor<'s> {
    scanner: Scanner<'s>,
}

impl<'s> Cursor<'s> {
    fn space(&mut self) {
        self.scanner.skip_space();
    }

    /// The next byte after white space.
    fn peek(&mut self) -> Option<u8> {
        self.space();
        self.scanner.peek()
    }

    /// White space, then exactly this.
    fn eat(&mut self, text: &[u8]) -> bool {
        self.space();
        let is_here = self.scanner.rest().starts_with(text);
        if is_here {
            self.scanner.at += text.len();
        }
        is_here
    }

    fn eat_all(&mut self, texts: &[&[u8]]) -> bool {
        texts
            .iter()
            .all(|text| if is_identifier_byte(text[0]) { self.eat_word(text) } else { self.eat(text) })
    }

    /// The same or nothing.
    fn try_all(&mut self, texts: &[&[u8]]) -> bool {
        let start = self.scanner.at;
        let matches = self.eat_all(texts);
        if !matches {
            self.scanner.at = start;
        }
        matches
    }

    fn eat_word(&mut self, word: &[u8]) -> bool {
        let start = self.scanner.at;
        if self.identifier() == Some(word) {
            return true;
        }
        self.scanner.at = start;
        false
    }

    /// An identifier without escapes.
    fn identifier(&mut self) -> Option<&'s [u8]> {
        self.space();
        if self.scanner.peek()?.is_ascii_digit() {
            return None;
        }
        let start = self.scanner.at;
        self.scanner.skip_identifier();
        let name = &self.scanner.source[start..self.scanner.at];
        if name.is_empty() || name.contains(&b'\\') {
            self.scanner.at = start;
            return None;
        }
        Some(name)
    }

    /// A string literal; the inner `None` if its value is no well-formed text.
    fn string(&mut self) -> Option<Option<String>> {
        let start = match self.peek()? {
            b'"' | b'\'' => self.scanner.at,
            _ => return None,
        };
        if !self.scanner.skip_string() {
            return None;
        }
        Some(unquoted(&self.scanner.source[start..self.scanner.at]))
    }

    /// REQUIRE
    fn require(&mut self) -> Option<String> {
        let start = self.scanner.at;
        let specifier =
            (self.eat_word(b"require") && self.eat(b"(")).then(|| self.string().flatten()).flatten();
        let specifier = specifier.filter(|_| self.eat(b")"));
        if specifier.is_none() {
            self.scanner.at = start;
        }
        specifier
    }

    /// EXPORTS_IDENTIFIER
    fn exports(&mut self) -> bool {
        self.try_all(&[b"module", b".", b"exports"]) || self.eat_word(b"exports")
    }

    /// EXPORTS_DEFINE, from after `defineProperty`.
    fn define_start(&mut self) -> Option<Option<String>> {
        if !self.eat(b"(") || !self.exports() || !self.eat(b",") {
            return None;
        }
        let name = self.string()?;
        self.eat(b",").then_some(name)
    }

    /// What follows of EXPORTS_DEFINE_VALUE.
    fn define_value(&mut self) -> bool {
        if !self.eat(b"{") {
            return false;
        }
        if self.eat_word(b"enumerable") && !self.eat_all(&[b":", b"true", b","]) {
            return false;
        }
        if self.eat_word(b"value") {
            return self.eat(b":");
        }
        if !self.eat_word(b"get") || !self.getter_start() || !self.eat_word(b"return") {
            return false;
        }
        if self.identifier().is_none() {
            return false;
        }
        if self.eat(b".") {
            if self.identifier().is_none() {
                return false;
            }
        } else if self.eat(b"[") && !(self.string().is_some() && self.eat(b"]")) {
            return false;
        }
        self.getter_end()
    }

    /// `(`: function` IDENTIFIER?)? `() {`
    fn getter_start(&mut self) -> bool {
        if self.eat(b":") {
            if !self.eat_word(b"function") {
                return false;
            }
            self.identifier();
        }
        self.eat_all(&[b"(", b")", b"{"])
    }

    /// `;`? `}` `,`? `})`
    fn getter_end(&mut self) -> bool {
        self.eat(b";");
        if !self.eat(b"}") {
            return false;
        }
        self.eat(b",");
        self.eat_all(&[b"}", b")"])
    }

    /// EXPORT_STAR_LIB, from after `keys`; its IDENTIFIER$1.
    fn export_star_lib(&mut self) -> Option<Vec<u8>> {
        if !self.eat(b"(") {
            return None;
        }
        let module = self.identifier()?;
        if !self.eat_all(&[b")", b".", b"forEach", b"(", b"function", b"("]) {
            return None;
        }
        let key = self.identifier()?;
        if !self.eat_all(&[b")", b"{", b"if", b"(", key]) {
            return None;
        }
        let guarded =
            if self.eat(b"===") { self.returning_guards(module, key) } else { self.skipping_guard(key) };
        let done = guarded && self.star_assignment(module, key) && self.eat_all(&[b"}", b")"]);
        done.then(|| module.to_vec())
    }

    fn quoted(&mut self, text: &str) -> bool {
        self.string().flatten().is_some_and(|value| value == text)
    }

    /// `if (k === 'default' || k === '__esModule') return;` and what may follow it.
    fn returning_guards(&mut self, module: &[u8], key: &[u8]) -> bool {
        if !self.quoted("default") || !self.eat_all(&[b"||", key, b"==="]) || !self.quoted("__esModule") {
            return false;
        }
        if !self.eat_all(&[b")", b"return"]) {
            return false;
        }
        self.eat(b";");
        if self.try_all(&[b"if", b"(", b"Object"]) {
            self.try_all(&[b".", b"prototype"]);
            if !self.eat_all(&[b".", b"hasOwnProperty", b".", b"call", b"("])
                || self.identifier().is_none()
                || !self.eat_all(&[b",", key, b")", b")", b"return"])
            {
                return false;
            }
            self.eat(b";");
        }
        if self.try_all(&[b"if", b"(", key, b"in"]) {
            let same = self.exports()
                && self.eat(b"&&")
                && self.exports()
                && self.eat_all(&[b"[", key, b"]", b"===", module, b"[", key, b"]", b")", b"return"]);
            if !same {
                return false;
            }
            self.eat(b";");
        }
        true
    }

    /// `if (k !== 'default' && !exports.hasOwnProperty(k))`, from after its `k`.
    fn skipping_guard(&mut self, key: &[u8]) -> bool {
        if !self.eat(b"!==") || !self.quoted("default") {
            return false;
        }
        if self.eat(b"&&") {
            if !self.eat(b"!") {
                return false;
            }
            let by_prototype =
                self.try_all(&[b"Object", b".", b"prototype", b".", b"hasOwnProperty", b".", b"call", b"("])
                    || self.try_all(&[b"Object", b".", b"hasOwnProperty", b".", b"call", b"("]);
            let asked = if by_prototype {
                self.identifier().is_some() && self.eat_all(&[b",", key, b")"])
            } else {
                self.identifier().is_some() && self.eat_all(&[b".", b"hasOwnProperty", b"(", key, b")"])
            };
            if !asked {
                return false;
            }
        }
        self.eat(b")")
    }

    fn star_assignment(&mut self, module: &[u8], key: &[u8]) -> bool {
        let done = if self.try_all(&[b"Object", b".", b"defineProperty", b"("]) {
            self.exports()
                && self.eat_all(&[b",", key, b",", b"{", b"enumerable", b":", b"true", b",", b"get"])
                && self.getter_start()
                && self.eat_all(&[b"return", module, b"[", key, b"]"])
                && self.getter_end()
        } else {
            self.exports() && self.eat_all(&[b"[", key, b"]", b"=", module, b"[", key, b"]"])
        };
        self.eat(b";");
        done
    }
}

/// `import` that is neither `import()` nor a property nor part of a label.
fn is_import_statement(scanner: &Scanner<'_>) -> bool {
    let mut cursor = Cursor { scanner: scanner.clone() };
    let had_space = cursor.scanner.peek().is_some_and(|byte| byte.is_ascii_whitespace() || byte == b'/');
    match cursor.peek() {
        Some(b'(') => false,
        Some(b'.') => {
            cursor.eat(b".");
            cursor.eat_word(b"meta") && scanner.peek() == Some(b'.')
        }
        Some(b'"' | b'\'' | b'{' | b'*') => scanner.is_top_level(),
        Some(byte) => had_space && scanner.is_top_level() && is_identifier_byte(byte),
        None => false,
    }
}

fn is_export_statement(scanner: &Scanner<'_>) -> bool {
    let mut cursor = Cursor { scanner: scanner.clone() };
    let had_space = cursor.scanner.peek().is_some_and(|byte| byte.is_ascii_whitespace() || byte == b'/');
    match cursor.peek() {
        Some(b'{' | b'*') => scanner.is_top_level(),
        Some(byte) => had_space && scanner.is_top_level() && is_identifier_byte(byte),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[(&str, &[&str], &[&str])]) {
        for (source, exports, reexports) in rows {
            let found = commonjs_exports(source).expect("no module syntax");
            assert_eq!(found.exports, *exports, "exports of {source}");
            assert_eq!(found.reexports, *reexports, "reexports of {source}");
        }
    }

    #[test]
    fn assignments_to_members_export() {
        check(&[
            ("exports.a = exports.b = void 0", &["a", "b"], &[]),
            ("(function (exports) { exports['a b'] = 1; exports[\"\\u{64}\"] = 2 })()", &["a b", "d"], &[]),
            ("module . exports /**/ . a = 1; this.exports.b = 1; exports.c", &["a"], &[]),
            ("exports['\\ud800'] = 1; exports[`t`] = 1; exports.x.y = 1", &[], &[]),
            ("`${exports.a = 1}`; 'exports.b = 1'; /* exports.c = 1 */ // exports.d = 1", &["a"], &[]),
        ]);
    }

    #[test]
    fn object_literals_export_until_a_value_is_no_name() {
        check(&[
            ("module.exports = { a, 'b': b, c: c, ...d }", &["a", "b", "c"], &[]),
            ("module.exports = { a, ...d, b: require('c'), e }", &["a", "b"], &[]),
            ("module.exports = { a: 1, b }", &[], &[]),
            ("module.exports = { ...require('a'), b, ...require('c') }", &["b"], &["a", "c"]),
            ("0 && (module.exports = { a, b })", &["a", "b"], &[]),
        ]);
    }

    #[test]
    fn definitions_export_unless_a_getter_may_have_effects() {
        check(&[
            ("Object.defineProperty(exports, '__esModule', { value: true })", &["__esModule"], &[]),
            (
                "Object.defineProperty(exports, 'a', { enumerable: true, get: function () { return q.p; } })",
                &["a"],
                &[],
            ),
            ("Object.defineProperty(exports, 'a', { get() { return q['p'] }, })", &["a"], &[]),
            ("Object.defineProperty(exports, 'a', { get() { return f() } }); exports.a = 1", &[], &[]),
            ("Object.defineProperty(exports, 'a', { enumerable: false, get() { return p } })", &[], &[]),
        ]);
    }

    #[test]
    fn the_last_assignment_of_a_required_module_reexports() {
        check(&[
            ("module.exports = require('a'); module.exports = require('b')", &[], &["b"]),
            ("module.exports = require('a'); module.exports = 1", &[], &[]),
        ]);
    }

    #[test]
    fn what_transpilers_write_for_stars_reexports() {
        let babel = "var _x = require('x'); Object.keys(_x).forEach(function (key) {
            if (key === 'default' || key === '__esModule') return;
            if (key in exports && exports[key] === _x[key]) return;
            Object.defineProperty(exports, key, { enumerable: true, get: function () { return _x[key]; } });
        });";
        let rollup = "var x = _interopRequireWildcard(require('x')); Object.keys(x).forEach(function (k) {
            if (k !== 'default' && !exports.hasOwnProperty(k)) exports[k] = x[k]; });";
        check(&[
            (babel, &[], &["x"]),
            (rollup, &[], &["x"]),
            ("tslib_1.__exportStar(require('a'), exports); __export(require('b'))", &[], &["a", "b"]),
            ("{ __export(require('a')) }", &[], &[]),
        ]);
    }

    #[test]
    fn a_slash_divides_or_starts_a_regular_expression() {
        check(&[
            ("if (x) /exports.a = 1/.test(y); exports.b = 1", &["b"], &[]),
            ("x = a / exports.b; exports.c = 1 / 2", &["c"], &[]),
            ("return /[/]exports.a = 1/", &[], &[]),
            ("class A {}\n/exports.a = 1/.x; x = {} / 2; exports.b = 1", &["b"], &[]),
        ]);
    }

    #[test]
    fn module_syntax_is_told() {
        for source in
            ["import x from 'y'", "export { a }", "export default 1", "import 'x'", "f(import.meta)"]
        {
            assert_eq!(commonjs_exports(source), None, "{source}");
        }
        for source in ["import('x')", "x.import('y')", "({ import: 1, export: 2 })"] {
            assert!(commonjs_exports(source).is_some(), "{source}");
        }
    }
}
