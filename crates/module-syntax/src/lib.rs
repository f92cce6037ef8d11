//! What the source of a module says before it runs: the names a CommonJS module exports, what a module asks for,
//! whether a file without a declared type is an ES module, and TypeScript without its types.
//!
//! Owns the reading of source text. Does not load, resolve or run anything, and knows no engine.

mod blank;
mod commonjs_exports;
mod detection;
mod imports;
mod requests;
mod scanner;
mod string_literal;
mod typescript;

pub use commonjs_exports::{CommonJsExports, commonjs_exports};
pub use detection::has_module_syntax;
pub use imports::static_imports;
pub use requests::{RequestTime, RequestedModule, SourceKind, requested_modules};
pub use typescript::{Transformed, TypeScriptError, TypeScriptErrorKind, strip_types, transform_types};
