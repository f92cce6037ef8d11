//! TypeScript as the runtime takes it: with its types blanked out, so that every other character keeps its place, or
//! transformed, with a source map, where enums, namespaces and parameter properties have to become code.
//!
//! Owns no configuration: tsconfig.json is not looked at, and imports are never taken for unused.

use std::path::Path;

use oxc_allocator::Allocator;
use oxc_ast::ast::{Declaration, Program, Statement, TSNamespaceDeclarationKind};
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use oxc_transformer::{TransformOptions, Transformer, TypeScriptOptions};

use crate::blank::{Blanks, module_keyword};

/// Why a source was refused. Offsets are bytes in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeScriptError {
    pub kind: TypeScriptErrorKind,
    pub message: String,
    pub start: usize,
    pub end: usize,
}

impl TypeScriptError {
    /// Node's code.
    pub fn code(&self) -> &'static str {
        match self.kind {
            TypeScriptErrorKind::Invalid => "ERR_INVALID_TYPESCRIPT_SYNTAX",
            TypeScriptErrorKind::Unsupported => "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
        }
    }

    /// The number of the line, counted from 1, the line, and carets below what is wrong in it.
    pub fn excerpt<'s>(&self, source: &'s str) -> (usize, &'s str, String) {
        let start = self.start.min(source.len());
        let line_start = source[..start].rfind('\n').map_or(0, |found| found + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |found| start + found);
        let number = source[..line_start].matches('\n').count() + 1;
        let line = source[line_start..line_end].trim_end_matches('\r');
        let indent = source[line_start..start].chars().count();
        let width =
            source.get(start..self.end.min(line_end).max(start)).map_or(0, |wrong| wrong.chars().count());
        let mark = if width == 0 { String::new() } else { " ".repeat(indent) + &"^".repeat(width) };
        (number, line, mark)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeScriptErrorKind {
    /// Not TypeScript at all.
    Invalid,
    /// TypeScript that is more than types, where only types are taken out.
    Unsupported,
}

/// A transformed source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transformed {
    pub code: String,
    /// JSON of the source map, if one was asked for.
    pub source_map: Option<String>,
}

/// The source with spaces in place of types.
pub fn strip_types(source: &str) -> Result<String, TypeScriptError> {
    let allocator = Allocator::default();
    let parsed = parse(&allocator, source)?;
    Blanks::of(&parsed.program, source).map(|blanks| blanks.apply(source))
}

/// The source as JavaScript. `source_map_name` is what the source map calls it; `None` for no map.
pub fn transform_types(source: &str, source_map_name: Option<&str>) -> Result<Transformed, TypeScriptError> {
    let allocator = Allocator::default();
    let mut program = parse(&allocator, source)?.program;
    refuse_module_keyword(&program, source)?;
    let semantic = SemanticBuilder::new().with_excess_capacity(2.0).with_enum_eval(true).build(&program);
    if let Some(error) = first_error(&semantic.diagnostics) {
        return Err(error);
    }
    let scoping = semantic.semantic.into_scoping();
    let options = TransformOptions {
        typescript: TypeScriptOptions { only_remove_type_imports: true, ..TypeScriptOptions::default() },
        ..TransformOptions::default()
    };
    let path = Path::new(source_map_name.unwrap_or_default());
    let transformed = Transformer::new(&allocator, path, &options).build_with_scoping(scoping, &mut program);
    if let Some(error) = first_error(&transformed.diagnostics) {
        return Err(error);
    }
    let options = CodegenOptions {
        source_map_path: source_map_name.map(|name| Path::new(name).to_owned()),
        ..CodegenOptions::default()
    };
    let printed = Codegen::new().with_options(options).with_source_text(source).build(&program);
    Ok(Transformed { code: printed.code, source_map: printed.map.map(|map| map.to_json_string()) })
}

/// `module Name {}` is spelled `namespace` nowadays, and not taken any more.
fn refuse_module_keyword(program: &Program<'_>, source: &str) -> Result<(), TypeScriptError> {
    for statement in &program.body {
        let declaration = match statement {
            Statement::ExportDeclaration(export) => Some(&export.declaration),
            other => other.as_declaration(),
        };
        if let Some(Declaration::TSNamespaceDeclaration(it)) = declaration
            && it.kind == TSNamespaceDeclarationKind::Module
        {
            let keyword = module_keyword(it, source);
            return Err(TypeScriptError {
                kind: TypeScriptErrorKind::Unsupported,
                message: "`module` keyword is not supported. Use `namespace` instead.".to_owned(),
                start: keyword.start as usize,
                end: keyword.end as usize,
            });
        }
    }
    Ok(())
}

fn parse<'a>(allocator: &'a Allocator, source: &'a str) -> Result<ParserReturn<'a>, TypeScriptError> {
    let options = ParseOptions {
        parse_regular_expression: false,
        allow_return_outside_function: true,
        ..ParseOptions::default()
    };
    let parsed = Parser::new(allocator, source, SourceType::ts()).with_options(options).parse();
    match first_error(&parsed.diagnostics) {
        Some(error) => Err(error),
        None => Ok(parsed),
    }
}

fn first_error(diagnostics: &[oxc_diagnostics::OxcDiagnostic]) -> Option<TypeScriptError> {
    let error = diagnostics.first()?;
    let label = error.labels.first();
    let start = label.map_or(0, |label| label.offset() as usize);
    Some(TypeScriptError {
        kind: TypeScriptErrorKind::Invalid,
        message: error.message.to_string(),
        start,
        end: start + label.map_or(0, |label| label.len() as usize),
    })
}
