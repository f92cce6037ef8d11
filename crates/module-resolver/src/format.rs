//! What a module is: ESM_FILE_FORMAT for `import`, the handlers of `require.extensions` for `require`.

use std::path::Path;
use std::sync::Arc;

use crate::facts::Id;
use crate::file_system::FileSystem;
use crate::package_json::{PackageJson, PackageType};
use crate::request::Kind;
use crate::trace::{Reason, Step};
use crate::walk::{Located, Outcome, Walk};

/// How a module is loaded. Node's names in [`Format::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    Builtin,
    #[serde(rename = "commonjs")]
    CommonJs,
    Module,
    Json,
    Wasm,
    Addon,
    #[serde(rename = "commonjs-typescript")]
    CommonJsTypeScript,
    #[serde(rename = "module-typescript")]
    ModuleTypeScript,
    /// CommonJS or ES module: the package has no "type", so the source decides.
    Ambiguous,
    /// The same, under TypeScript's types.
    #[serde(rename = "ambiguous-typescript")]
    AmbiguousTypeScript,
}

impl Format {
    /// The name that Node's hooks know it by; none while it is not decided.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Builtin => "builtin",
            Self::CommonJs => "commonjs",
            Self::Module => "module",
            Self::Json => "json",
            Self::Wasm => "wasm",
            Self::Addon => "addon",
            Self::CommonJsTypeScript => "commonjs-typescript",
            Self::ModuleTypeScript => "module-typescript",
            Self::Ambiguous | Self::AmbiguousTypeScript => return None,
        })
    }

    /// The format once the source has been looked at.
    #[must_use]
    pub fn settled(self, has_module_syntax: impl FnOnce() -> bool) -> Self {
        let (module, commonjs) = match self {
            Self::Ambiguous => (Self::Module, Self::CommonJs),
            Self::AmbiguousTypeScript => (Self::ModuleTypeScript, Self::CommonJsTypeScript),
            decided => return decided,
        };
        if has_module_syntax() { module } else { commonjs }
    }
}

impl<F: FileSystem> Walk<'_, F> {
    /// The format of what was found, and its package.
    pub fn format(
        &mut self,
        located: &Located,
        kind: Kind,
    ) -> Outcome<(Option<Format>, Option<Arc<PackageJson>>)> {
        match located {
            Located::Builtin(_) => {
                let format = Some(Format::Builtin);
                self.note(|| Step::Decided { format, reason: Reason::Scheme { scheme: "node:".to_owned() } });
                Ok((format, None))
            }
            Located::Url(url) => {
                let (format, reason) = url_format(url);
                self.note(|| Step::Decided { format, reason });
                Ok((format, None))
            }
            Located::File { id, .. } => {
                let path = Arc::clone(self.facts.path(*id));
                let subject = || path.to_string();
                let (format, why, package) = match kind {
                    Kind::Import => self.within("ESM_FILE_FORMAT", subject, |walk| {
                        walk.import_format(&path, |walk, matters| walk.scope_of(*id, matters))
                    })?,
                    // `require.resolve` loads nothing, so no package.json is wrong for it
                    Kind::Require | Kind::RequireResolve => {
                        self.within("MAYBE_DETECT_AND_LOAD", subject, |walk| {
                            let loads = kind == Kind::Require;
                            walk.require_format(&path, |walk, matters| walk.scope_of(*id, matters && loads))
                        })?
                    }
                };
                self.note(|| Step::Decided { format, reason: why.reason(&path, package.as_deref()) });
                Ok((format, package))
            }
        }
    }

    /// ESM_FILE_FORMAT(url)
    fn import_format(
        &mut self,
        path: &str,
        scope: impl FnOnce(&mut Self, bool) -> Outcome<Option<Arc<PackageJson>>>,
    ) -> Outcome<Judgement> {
        let ending = extension(path);
        let typed = matches!(ending, "" | ".js") || (ending == ".ts" && self.options.strip_types);
        let package = scope(self, typed)?;
        if !typed {
            let format = match ending {
                ".mjs" => Some(Format::Module),
                ".cjs" => Some(Format::CommonJs),
                ".json" => Some(Format::Json),
                ".wasm" => Some(Format::Wasm),
                ".node" if self.options.addon_modules => Some(Format::Addon),
                ".mts" if self.options.strip_types => Some(Format::ModuleTypeScript),
                ".cts" if self.options.strip_types => Some(Format::CommonJsTypeScript),
                // "Return undefined and throw during load phase."
                _ => None,
            };
            return Ok((format, Why::Extension, package));
        }
        let package_type = package.as_ref().map_or(PackageType::None, |package| package.package_type);
        // "If url does not have any extension and the file contains the header for a WebAssembly module": Node
        // looks only where it would otherwise be an ES module, or where the source decides
        if ending.is_empty() && package_type != PackageType::CommonJs {
            let start = self.facts.system.read_start(Path::new(path), 4);
            if start.is_ok_and(|start| start == b"\0asm") {
                return Ok((Some(Format::Wasm), Why::WasmHeader, package));
            }
        }
        Ok((Some(by_type(package_type, ending == ".ts")), Why::Type, package))
    }

    /// The handler that `require` picks by extension, and what it takes the file for.
    fn require_format(
        &mut self,
        path: &str,
        scope: impl FnOnce(&mut Self, bool) -> Outcome<Option<Arc<PackageJson>>>,
    ) -> Outcome<Judgement> {
        let name = &path[path.rfind('/').map_or(0, |slash| slash + 1)..];
        // "Skip dotfiles": `.json` is a name, not an ending
        let ends_with = |ending: &str| name.len() > ending.len() && name.ends_with(ending);
        let types = self.options.strip_types;
        let format = match () {
            () if ends_with(".json") => Some(Format::Json),
            () if ends_with(".node") => Some(Format::Addon),
            () if name.ends_with(".cjs") => Some(Format::CommonJs),
            () if name.ends_with(".mjs") => Some(Format::Module),
            () if types && name.ends_with(".mts") => Some(Format::ModuleTypeScript),
            () if types && name.ends_with(".cts") => Some(Format::CommonJsTypeScript),
            () => None,
        };
        let is_typescript = types && name.ends_with(".ts");
        let typed =
            format.is_none() && (name.ends_with(".js") || is_typescript || extension(path).is_empty());
        let package = scope(self, typed)?.filter(|package| package.folder() != "/");
        if let Some(format) = format {
            return Ok((Some(format), Why::Extension, package));
        }
        if !typed {
            // any other extension is JavaScript without a type
            return Ok((Some(Format::Ambiguous), Why::Extension, package));
        }
        let package_type = package.as_ref().map_or(PackageType::None, |package| package.package_type);
        Ok((Some(by_type(package_type, is_typescript)), Why::Type, package))
    }

    /// The package a file belongs to; where nothing depends on it, one that cannot be read is none.
    fn scope_of(&mut self, file: Id, matters: bool) -> Outcome<Option<Arc<PackageJson>>> {
        let folder = self.facts.parent(file).unwrap_or(file);
        let path = Arc::clone(self.facts.path(folder));
        let scope =
            self.within("LOOKUP_PACKAGE_SCOPE", || path.to_string(), |walk| walk.package_scope(folder));
        if matters { scope } else { Ok(scope.unwrap_or_default()) }
    }
}

/// A format, why, and the package of the file.
type Judgement = (Option<Format>, Why, Option<Arc<PackageJson>>);

#[derive(Clone, Copy)]
enum Why {
    Extension,
    Type,
    WasmHeader,
}

impl Why {
    fn reason(self, path: &str, package: Option<&PackageJson>) -> Reason {
        match (self, package) {
            (Self::Extension, _) => Reason::Extension { extension: extension(path).to_owned() },
            (Self::WasmHeader, _) => Reason::WasmHeader,
            (Self::Type, Some(package)) if package.package_type != PackageType::None => {
                Reason::PackageType { path: package.path.to_string() }
            }
            (Self::Type, package) => Reason::NoType { path: package.map(|package| package.path.to_string()) },
        }
    }
}

fn by_type(kind: PackageType, is_typescript: bool) -> Format {
    match (kind, is_typescript) {
        (PackageType::None, false) => Format::Ambiguous,
        (PackageType::None, true) => Format::AmbiguousTypeScript,
        (PackageType::CommonJs, false) => Format::CommonJs,
        (PackageType::CommonJs, true) => Format::CommonJsTypeScript,
        (PackageType::Module, false) => Format::Module,
        (PackageType::Module, true) => Format::ModuleTypeScript,
    }
}

fn url_format(url: &str) -> (Option<Format>, Reason) {
    if !url.starts_with("data:") {
        let scheme = url.split_inclusive(':').next().unwrap_or_default().to_owned();
        return (None, Reason::Scheme { scheme });
    }
    let media_type = media_type(url).unwrap_or_default().to_owned();
    let format = match media_type.trim_start() {
        "application/json" if media_type == "application/json" => Some(Format::Json),
        "application/wasm" if media_type == "application/wasm" => Some(Format::Wasm),
        other => {
            let other = other.trim_end();
            let is_javascript = ["text/javascript", "application/javascript"]
                .iter()
                .any(|known| other.eq_ignore_ascii_case(known));
            is_javascript.then_some(Format::Module)
        }
    };
    (format, Reason::MediaType { media_type })
}

/// The media type of a `data:` URL without its parameters: `/^([^/]+\/[^;,]+)(?:;[^,]*)?,/`.
pub(crate) fn media_type(url: &str) -> Option<&str> {
    let (head, _) = url.strip_prefix("data:")?.split_once(',')?;
    let media_type = head.split(';').next()?;
    let (kind, subtype) = media_type.split_once('/')?;
    (!kind.is_empty() && !subtype.is_empty()).then_some(media_type)
}

/// From the last dot of the last segment, unless the name starts with it.
pub(crate) fn extension(path: &str) -> &str {
    let start = path.rfind('/').map_or(0, |slash| slash + 1);
    match path[start..].rfind('.') {
        None | Some(0) => "",
        Some(dot) => &path[start + dot..],
    }
}
