//! Node's module resolution as a library: specifier, importer, kind and conditions in; location, format,
//! package scope or Node's error out; on request every step that was taken.
//!
//! The code follows the algorithms that Node publishes ("ECMAScript modules: resolution algorithm",
//! "CommonJS modules: all together", "Modules: Packages") and quotes their step names. Where Node 26 does
//! something else than its page says, Node 26 is followed and a comment says so.
//!
//! Owns the algorithms and the caches of what was seen on the disk. Does not load, parse JavaScript, print, or
//! read the environment: NODE_PATH, flags and the working directory are [`Options`]. Paths are POSIX paths.
//!
//! ```
//! use module_resolver::{Importer, MemoryFileSystem, Options, Request, Resolver};
//!
//! let files = MemoryFileSystem::new([
//!     ("/app/main.mjs", ""),
//!     ("/app/node_modules/pkg/package.json", r#"{"exports": {"import": "./a.mjs", "default": "./a.cjs"}}"#),
//!     ("/app/node_modules/pkg/a.mjs", ""),
//! ]);
//! let resolver = Resolver::new(files, Options::default());
//! let found = resolver.resolve(&Request::import("pkg", Importer::File("/app/main.mjs"))).unwrap();
//! assert_eq!(found.location.to_string(), "/app/node_modules/pkg/a.mjs");
//! ```

mod builtins;
mod commonjs;
mod deprecation;
mod error;
mod esm;
mod exports;
mod facts;
mod file_system;
mod format;
mod imports;
mod legacy_main;
mod memory;
mod package_json;
mod package_name;
mod pieces;
mod reference;
mod request;
mod resolution;
mod resolver;
mod target;
mod trace;
mod walk;

pub use builtins::{BUILTINS, SCHEME_ONLY_BUILTINS, is_builtin};
pub use deprecation::Deprecation;
pub use error::{ErrorClass, ResolveError};
pub use file_system::{FileKind, FileSystem, Glimpse, OsFileSystem};
pub use format::Format;
pub use memory::MemoryFileSystem;
pub use package_json::{PackageJson, PackageType};
pub use request::{Conditions, Importer, Kind, Options, Request};
pub use resolution::{Location, Resolution};
pub use resolver::Resolver;
pub use trace::{Reason, Step, Trace, TraceStep};
