//! Which parts of a TypeScript source are types, found on its syntax tree, and the source without them.
//!
//! Blanks keep the width that a character has in UTF-16 and every line break, so that no position changes. Where a
//! statement would run into the next one, a blank becomes a semicolon.

use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};
use oxc_syntax::scope::ScopeFlags;

use crate::scanner::Scanner;
use crate::typescript::{TypeScriptError, TypeScriptErrorKind};

/// What is blanked, and the few characters that change instead.
pub(crate) struct Blanks {
    ranges: Vec<(usize, usize)>,
    replaced: Vec<(usize, u8)>,
}

impl Blanks {
    pub fn of(program: &Program<'_>, source: &str) -> Result<Self, TypeScriptError> {
        let mut finder =
            Finder { source, blanks: Self { ranges: Vec::new(), replaced: Vec::new() }, refused: None };
        finder.visit_program(program);
        match finder.refused {
            Some(error) => Err(error),
            None => Ok(finder.blanks),
        }
    }

    pub fn apply(mut self, source: &str) -> String {
        self.ranges.sort_unstable();
        let mut result = String::with_capacity(source.len());
        let mut at = 0;
        for (start, end) in self.ranges {
            let start = start.max(at);
            if start >= end {
                continue;
            }
            result.push_str(&source[at..start]);
            for char in source[start..end].chars() {
                match char {
                    '\n' | '\r' | '\u{2028}' | '\u{2029}' => result.push(char),
                    _ => result.extend(std::iter::repeat_n(' ', char.len_utf16())),
                }
            }
            at = end;
        }
        result.push_str(&source[at..]);
        if self.replaced.is_empty() {
            return result;
        }
        // positions in bytes are those of the source; the result has its own where characters were wide
        let mut units: Vec<u16> = result.encode_utf16().collect();
        for (position, byte) in self.replaced {
            let unit = source[..position].encode_utf16().count();
            units[unit] = u16::from(byte);
        }
        String::from_utf16_lossy(&units)
    }
}

struct Finder<'s> {
    source: &'s str,
    blanks: Blanks,
    refused: Option<TypeScriptError>,
}

impl Finder<'_> {
    fn refuse(&mut self, span: Span, message: &str) {
        let (start, end) = (span.start as usize, span.end as usize);
        if self.refused.as_ref().is_none_or(|error| start < error.start) {
            self.refused = Some(TypeScriptError {
                kind: TypeScriptErrorKind::Unsupported,
                message: message.to_owned(),
                start,
                end,
            });
        }
    }

    fn blank(&mut self, start: u32, end: u32) {
        self.blanks.ranges.push((start as usize, end as usize));
    }

    fn blank_span(&mut self, span: Span) {
        self.blank(span.start, span.end);
    }

    fn rest(&self, at: u32) -> &[u8] {
        &self.source.as_bytes()[at as usize..]
    }

    /// Past white space and comments.
    fn skip_space(&self, at: u32) -> u32 {
        let mut scanner = Scanner::new(self.source.as_bytes());
        scanner.at = at as usize;
        scanner.skip_space();
        u32::try_from(scanner.at).unwrap_or(u32::MAX)
    }

    fn byte_at(&self, at: u32) -> Option<u8> {
        self.source.as_bytes().get(at as usize).copied()
    }

    /// The position of a character that is the next token but for white space, comments and types.
    fn find(&self, byte: u8, from: u32, until: u32) -> Option<u32> {
        let mut at = from;
        while at < until {
            at = self.skip_space(at);
            if self.byte_at(at)? == byte {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// Blanks a statement, or a member of a class.
    fn blank_statement(&mut self, span: Span) {
        self.blank_span(span);
        let next = self.byte_at(self.skip_space(span.end));
        let runs_on = matches!(next, Some(b'(' | b'[' | b'`' | b'+' | b'-' | b'/' | b'*'));
        let before = self.source[..span.start as usize].trim_end().as_bytes().last().copied();
        if runs_on && !matches!(before, None | Some(b';' | b'{')) {
            self.blanks.replaced.push((span.start as usize, b';'));
        }
    }

    /// Blanks a type at the end of an expression or declaration. A line break after it ended the statement, which
    /// it no longer does before a bracket.
    fn blank_tail(&mut self, start: u32, end: u32) {
        self.blank(start, end);
        let next = self.skip_space(end);
        let breaks = self.source[end as usize..next as usize].contains(['\n', '\r', '\u{2028}', '\u{2029}']);
        if breaks && matches!(self.byte_at(next), Some(b'(' | b'[' | b'`')) {
            let first = self.skip_space(start);
            self.blanks.replaced.push((first as usize, b';'));
        }
    }

    /// Blanks words that stand one after the other, each if it is the next.
    fn blank_words(&mut self, from: u32, words: &[&str], until: u32) {
        let mut at = self.skip_space(from);
        while at < until {
            let rest = self.rest(at);
            let length = rest.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(rest.len());
            let word = std::str::from_utf8(&rest[..length]).unwrap_or_default();
            let end = at + u32::try_from(length).unwrap_or(0);
            if length == 0 || !(words.contains(&word) || KEPT_MODIFIERS.contains(&word)) {
                return;
            }
            if words.contains(&word) {
                self.blank(at, end);
            }
            at = self.skip_space(end);
        }
    }

    /// Blanks a `?` or `!` that follows a name.
    fn blank_mark(&mut self, mark: u8, from: u32, until: u32) {
        if let Some(at) = self.find(mark, from, until) {
            self.blank(at, at + 1);
        }
    }

    fn annotation(&mut self, annotation: Option<&TSTypeAnnotation<'_>>) {
        if let Some(annotation) = annotation {
            self.blank_span(annotation.span);
        }
    }

    fn arguments(&mut self, arguments: Option<&TSTypeParameterInstantiation<'_>>) {
        if let Some(arguments) = arguments {
            self.blank_span(arguments.span);
        }
    }

    fn has_line_break(&self, span: Span) -> bool {
        self.source[span.start as usize..span.end as usize].contains(['\n', '\r'])
    }

    /// A specifier of a list, with the comma after it.
    fn blank_specifier(&mut self, span: Span) {
        let after = self.skip_space(span.end);
        let end = if self.byte_at(after) == Some(b',') { after + 1 } else { span.end };
        self.blank(span.start, end);
    }

    fn namespace(&mut self, it: &TSNamespaceDeclaration<'_>, whole: Span) {
        if it.kind == TSNamespaceDeclarationKind::Module {
            let message = "`module` keyword is not supported. Use `namespace` instead.";
            self.refuse(module_keyword(it, self.source), message);
        } else if it.declare {
            self.blank_statement(whole);
        } else if is_instantiated(it) {
            self.refuse(it.span, "TypeScript namespace declaration is not supported in strip-only mode");
        } else {
            self.blank_statement(whole);
        }
    }

    /// A declaration; `whole` includes an `export` before it. Returns whether it is gone or refused.
    fn declaration(&mut self, declaration: &Declaration<'_>, whole: Span) -> bool {
        match declaration {
            Declaration::TSTypeAliasDeclaration(_)
            | Declaration::TSInterfaceDeclaration(_)
            | Declaration::TSExternalModuleDeclaration(_)
            | Declaration::TSGlobalDeclaration(_) => self.blank_statement(whole),
            Declaration::TSNamespaceDeclaration(it) => self.namespace(it, whole),
            Declaration::TSEnumDeclaration(it) if it.declare => self.blank_statement(whole),
            Declaration::TSEnumDeclaration(it) => {
                self.refuse(it.span, "TypeScript enum is not supported in strip-only mode");
            }
            Declaration::TSImportEqualsDeclaration(it) if it.import_kind.is_type() => {
                self.blank_statement(whole)
            }
            Declaration::TSImportEqualsDeclaration(_) => {
                self.refuse(
                    whole,
                    "TypeScript import equals declaration is not supported in strip-only mode",
                );
            }
            Declaration::VariableDeclaration(it) if it.declare => self.blank_statement(whole),
            Declaration::ClassDeclaration(it) if it.declare => self.blank_statement(whole),
            Declaration::FunctionDeclaration(it) if it.declare || it.body.is_none() => {
                self.blank_statement(whole)
            }
            _ => return false,
        }
        true
    }

    fn method_modifiers(&mut self, from: u32, key: u32) {
        self.blank_words(
            from,
            &["public", "private", "protected", "override", "abstract", "readonly", "declare"],
            key,
        );
    }
}

/// Words that may stand among modifiers and stay.
const KEPT_MODIFIERS: [&str; 5] = ["static", "async", "get", "set", "accessor"];

/// From the keyword, which `declare` may stand before, to the name.
pub(crate) fn module_keyword(namespace: &TSNamespaceDeclaration<'_>, source: &str) -> Span {
    let (start, name) = (namespace.span.start, namespace.id.span);
    let before = source.get(start as usize..name.start as usize).unwrap_or_default();
    let keyword = before.rfind("module").and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
    Span::new(start + keyword, name.end)
}

/// Whether a namespace has anything that exists at run time.
fn is_instantiated(namespace: &TSNamespaceDeclaration<'_>) -> bool {
    match &namespace.body {
        TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => is_instantiated(inner),
        TSNamespaceDeclarationBody::TSModuleBlock(block) => block.body.iter().any(|statement| {
            let declaration = match statement {
                Statement::ExportDeclaration(export) => Some(&export.declaration),
                other => other.as_declaration(),
            };
            match declaration {
                Some(Declaration::TSTypeAliasDeclaration(_) | Declaration::TSInterfaceDeclaration(_)) => {
                    false
                }
                Some(Declaration::TSNamespaceDeclaration(inner)) => is_instantiated(inner),
                Some(Declaration::TSImportEqualsDeclaration(it)) => !it.import_kind.is_type(),
                _ => true,
            }
        }),
    }
}

impl<'a> Visit<'a> for Finder<'_> {
    fn visit_statement(&mut self, it: &Statement<'a>) {
        let is_gone = match it {
            Statement::ExportDeclaration(export) => self.declaration(&export.declaration, export.span),
            Statement::ExportDefaultDeclaration(export) => match &export.declaration {
                ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => {
                    self.blank_statement(export.span);
                    true
                }
                ExportDefaultDeclarationKind::FunctionDeclaration(function) if function.body.is_none() => {
                    self.blank_statement(export.span);
                    true
                }
                _ => false,
            },
            Statement::ImportDeclaration(import) if import.import_kind.is_type() => {
                self.blank_statement(import.span);
                true
            }
            Statement::ExportNamedDeclaration(export) if export.export_kind.is_type() => {
                self.blank_statement(export.span);
                true
            }
            Statement::ExportFromDeclaration(export) if export.export_kind.is_type() => {
                self.blank_statement(export.span);
                true
            }
            Statement::ExportAllDeclaration(export) if export.export_kind.is_type() => {
                self.blank_statement(export.span);
                true
            }
            Statement::TSExportAssignment(export) => {
                self.refuse(export.span, "TypeScript export assignment is not supported in strip-only mode");
                true
            }
            Statement::TSNamespaceExportDeclaration(export) => {
                self.blank_statement(export.span);
                true
            }
            other => match other.as_declaration() {
                Some(declaration) => self.declaration(declaration, declaration.span()),
                None => false,
            },
        };
        if !is_gone {
            walk::walk_statement(self, it);
        }
    }

    fn visit_import_specifier(&mut self, it: &ImportSpecifier<'a>) {
        if it.import_kind.is_type() {
            self.blank_specifier(it.span);
        }
    }

    fn visit_export_specifier(&mut self, it: &ExportSpecifier<'a>) {
        if it.export_kind.is_type() {
            self.blank_specifier(it.span);
        }
    }

    fn visit_ts_type_annotation(&mut self, it: &TSTypeAnnotation<'a>) {
        self.blank_span(it.span);
    }

    fn visit_ts_type_parameter_declaration(&mut self, it: &TSTypeParameterDeclaration<'a>) {
        self.blank_span(it.span);
    }

    fn visit_ts_type_parameter_instantiation(&mut self, it: &TSTypeParameterInstantiation<'a>) {
        self.blank_span(it.span);
    }

    fn visit_ts_as_expression(&mut self, it: &TSAsExpression<'a>) {
        self.visit_expression(&it.expression);
        self.blank_tail(it.expression.span().end, it.span.end);
    }

    fn visit_ts_satisfies_expression(&mut self, it: &TSSatisfiesExpression<'a>) {
        self.visit_expression(&it.expression);
        self.blank_tail(it.expression.span().end, it.span.end);
    }

    fn visit_ts_non_null_expression(&mut self, it: &TSNonNullExpression<'a>) {
        self.visit_expression(&it.expression);
        self.blank(it.span.end - 1, it.span.end);
    }

    fn visit_ts_instantiation_expression(&mut self, it: &TSInstantiationExpression<'a>) {
        self.visit_expression(&it.expression);
        self.blank_tail(it.type_arguments.span.start, it.type_arguments.span.end);
    }

    fn visit_ts_type_assertion(&mut self, it: &TSTypeAssertion<'a>) {
        let message = "The angle-bracket syntax for type assertions, `<T>expr`, is not supported in type strip mode. \
                       Instead, use the 'as' syntax: `expr as T`.";
        self.refuse(it.span, message);
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        self.visit_binding_pattern(&it.id);
        if it.definite {
            self.blank_mark(b'!', it.id.span().end, it.span.end);
        }
        if let Some(annotation) = &it.type_annotation {
            if it.init.is_none() {
                self.blank_tail(annotation.span.start, annotation.span.end);
            } else {
                self.blank_span(annotation.span);
            }
        }
        if let Some(init) = &it.init {
            self.visit_expression(init);
        }
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        if it.accessibility.is_some() || it.readonly || it.r#override {
            let name = it.pattern.span();
            self.refuse(name, "TypeScript parameter property is not supported in strip-only mode");
        }
        self.visit_decorators(&it.decorators);
        self.visit_binding_pattern(&it.pattern);
        if it.optional {
            self.blank_mark(b'?', it.pattern.span().end, it.span.end);
        }
        self.annotation(it.type_annotation.as_deref());
        if let Some(initializer) = &it.initializer {
            self.visit_expression(initializer);
        }
    }

    fn visit_ts_this_parameter(&mut self, it: &TSThisParameter<'a>) {
        self.blank_specifier(it.span);
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        if it.body.is_some() {
            walk::walk_function(self, it, flags);
        }
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        walk::walk_arrow_function_expression(self, it);
        if let Some(parameters) = &it.type_parameters
            && it.r#async
            && self.has_line_break(parameters.span)
        {
            // `async` and `(` belong on one line: the parenthesis moves to where the `<` was
            self.blanks.replaced.push((parameters.span.start as usize, b'('));
            self.blank(it.params.span.start, it.params.span.start + 1);
        }
        if let Some(result) = &it.return_type
            && self.has_line_break(result.span)
        {
            // so do `)` and `=>`: the parenthesis moves to the end of the type
            self.blank(it.params.span.end - 1, it.params.span.end);
            self.blanks.replaced.push((result.span.end as usize - 1, b')'));
        }
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        self.visit_decorators(&it.decorators);
        if it.r#abstract {
            let from = it.decorators.last().map_or(it.span.start, |last| last.span.end);
            self.blank_words(from, &["abstract"], it.body.span.start);
        }
        if let Some(parameters) = &it.type_parameters {
            self.blank_span(parameters.span);
        }
        if let Some(heritage) = &it.heritage {
            self.visit_expression(&heritage.expression);
            self.arguments(heritage.type_arguments.as_deref());
        }
        if let (Some(first), Some(last)) = (it.implements.first(), it.implements.last()) {
            let before = &self.source[..first.span.start as usize];
            let start = before.rfind("implements").unwrap_or(before.len());
            self.blank(u32::try_from(start).unwrap_or(first.span.start), last.span.end);
        }
        self.visit_class_body(&it.body);
    }

    fn visit_class_element(&mut self, it: &ClassElement<'a>) {
        let is_type = match it {
            ClassElement::TSIndexSignature(_) => true,
            ClassElement::MethodDefinition(method) => {
                method.value.body.is_none()
                    || method.r#type == MethodDefinitionType::TSAbstractMethodDefinition
            }
            ClassElement::PropertyDefinition(property) => {
                property.declare || property.r#type == PropertyDefinitionType::TSAbstractPropertyDefinition
            }
            ClassElement::AccessorProperty(property) => {
                property.r#type == AccessorPropertyType::TSAbstractAccessorProperty
            }
            ClassElement::StaticBlock(_) => false,
        };
        if is_type {
            self.blank_statement(it.span());
        } else {
            walk::walk_class_element(self, it);
        }
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        self.visit_decorators(&it.decorators);
        let from = it.decorators.last().map_or(it.span.start, |last| last.span.end);
        let key = it.key.span();
        self.method_modifiers(from, key.start);
        self.visit_property_key(&it.key);
        if it.optional {
            self.blank_mark(b'?', key.end, it.value.span.start.max(key.end + 1));
        }
        self.visit_function(&it.value, ScopeFlags::Function);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        self.visit_decorators(&it.decorators);
        let from = it.decorators.last().map_or(it.span.start, |last| last.span.end);
        self.method_modifiers(from, it.key.span().start);
        self.visit_property_key(&it.key);
        let after = if it.computed { self.find(b']', it.key.span().end, it.span.end) } else { None };
        let after = after.map_or(it.key.span().end, |bracket| bracket + 1);
        if it.optional {
            self.blank_mark(b'?', after, it.span.end);
        }
        if it.definite {
            self.blank_mark(b'!', after, it.span.end);
        }
        self.annotation(it.type_annotation.as_deref());
        if let Some(value) = &it.value {
            self.visit_expression(value);
        }
    }

    fn visit_accessor_property(&mut self, it: &AccessorProperty<'a>) {
        self.visit_decorators(&it.decorators);
        let from = it.decorators.last().map_or(it.span.start, |last| last.span.end);
        self.method_modifiers(from, it.key.span().start);
        self.visit_property_key(&it.key);
        if it.definite {
            self.blank_mark(b'!', it.key.span().end, it.span.end);
        }
        self.annotation(it.type_annotation.as_deref());
        if let Some(value) = &it.value {
            self.visit_expression(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::typescript::{TypeScriptErrorKind, strip_types, transform_types};

    #[test]
    fn types_become_spaces() {
        let rows = [
            ("const a: number = 1;", "const a         = 1;"),
            ("let x = y as any\n(foo)", "let x = y ;     \n(foo)"),
            ("let a = 1\ntype X = 1\n(foo)()", "let a = 1\n;         \n(foo)()"),
            ("const f = (a: number): \n string => a", "const f = (a           \n      ) => a"),
            ("const f = async <\nT>(x) => x", "const f = async (\n   x) => x"),
            ("import {type B, C} from 'c'", "import {        C} from 'c'"),
            ("import type A from 'a'; b", "                        b"),
            ("export { type A as B, type C } from 'd'", "export {                     } from 'd'"),
            ("declare enum A {B}", "                  "),
            ("namespace A {export type b=1}", "                             "),
            ("function f(a?: any): void\nfunction f() {}", "                         \nfunction f() {}"),
            ("a!.b!()[c!] = d as any as number satisfies X", "a .b ()[c ] = d                             "),
            ("new F<T>(); t<T>`a`; g<T>;", "new F   (); t   `a`; g   ;"),
            (
                "class A<T> extends B<T> implements C, D<E> {}",
                "class A    extends B                       {}",
            ),
            (
                "class A { private y!: string; readonly z?: number = 1 }",
                "class A {         y         ;          z          = 1 }",
            ),
            (
                "class A { static override a(b?: any): void {} }",
                "class A { static          a(b      )       {} }",
            ),
            ("/*a*/type A = \"é😀ü\"; b", "/*a*/                 b"),
        ];
        for (source, expected) in rows {
            assert_eq!(strip_types(source).as_deref(), Ok(expected), "{source}");
        }
    }

    #[test]
    fn what_is_more_than_types_is_refused() {
        let rows = [
            ("enum A {B}", "TypeScript enum is not supported in strip-only mode"),
            (
                "namespace A {export const b=1}",
                "TypeScript namespace declaration is not supported in strip-only mode",
            ),
            ("import a = b.c", "TypeScript import equals declaration is not supported in strip-only mode"),
            (
                "class A{constructor(private x){}}",
                "TypeScript parameter property is not supported in strip-only mode",
            ),
            ("module A {}", "`module` keyword is not supported. Use `namespace` instead."),
            ("declare module A {}", "`module` keyword is not supported. Use `namespace` instead."),
        ];
        for (source, message) in rows {
            let error = strip_types(source).expect_err(source);
            assert_eq!((error.kind, &*error.message), (TypeScriptErrorKind::Unsupported, message));
        }
        let error = strip_types("let x = 1\nlet y = ;").expect_err("no expression");
        assert_eq!(error.kind, TypeScriptErrorKind::Invalid);
        assert_eq!(error.excerpt("let x = 1\nlet y = ;"), (2, "let y = ;", "        ^".to_owned()));
    }

    #[test]
    fn enums_and_parameter_properties_are_transformed_with_a_map() {
        let source = "enum A {B}\nclass C { constructor(private x: number) {} }";
        let transformed = transform_types(source, Some("a.ts")).expect("valid");
        assert!(transformed.code.contains("this.x = x"), "{}", transformed.code);
        assert!(transformed.source_map.expect("a map").contains("a.ts"));
        assert_eq!(
            transform_types("import { T } from 'x'", None).expect("valid").code,
            "import { T } from \"x\";\n"
        );
    }
}
