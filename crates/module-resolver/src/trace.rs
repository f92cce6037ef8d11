//! The steps of a resolution as data: written by the same code that resolves, when asked to.

use crate::deprecation::{Deprecation, Field};
use crate::file_system::FileKind;
use crate::format::Format;
use crate::package_json::PackageType;

/// What was done, in order.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub struct Trace {
    pub steps: Vec<TraceStep>,
}

/// One step and how deep it lies: it belongs to the last [`Step::Enter`] of less depth.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct TraceStep {
    pub depth: usize,
    #[serde(flatten)]
    pub step: Step,
}

/// What one step did or saw.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// A named algorithm of Node's pages begins. `subject` is what it was given.
    Enter {
        algorithm: &'static str,
        subject: String,
    },
    /// The specifier is a name of the runtime's own.
    Builtin {
        name: String,
    },
    /// The specifier is a URL, or became one against its importer.
    Address {
        specifier: String,
        url: String,
    },
    /// The package.json of a folder was asked for. What stands in it when there is one.
    ReadPackage {
        path: String,
        found: Option<PackageSummary>,
    },
    /// A scope ends at a node_modules folder.
    ScopeEnds {
        folder: String,
    },
    /// The importer's own package has the name that is looked for, and "exports".
    SelfReference {
        name: String,
        package: String,
    },
    /// A path was looked at.
    Looked {
        path: String,
        kind: FileKind,
    },
    /// "exports" is no list of subpaths: all of it is the target of `.`.
    MainSugar {
        package: String,
    },
    /// A key of "exports" or "imports" matches; `captured` is what stands for its `*`.
    KeyMatched {
        field: Field,
        key: String,
        captured: Option<String>,
    },
    /// No key matches.
    NoKeyMatched {
        field: Field,
        subpath: String,
        keys: Vec<String>,
    },
    /// A key of a conditional target.
    Condition {
        name: String,
        holds: bool,
    },
    /// No condition of a conditional target led to a result.
    NoCondition {
        keys: Vec<String>,
        conditions: Vec<String>,
    },
    /// An item of a list of targets is tried.
    Alternative {
        index: usize,
        of: usize,
    },
    /// A `null` target: the subpath is closed.
    Closed,
    /// A target leads here.
    Target {
        target: String,
        leads_to: String,
    },
    /// A target is against the rules.
    TargetRefused {
        target: String,
        reason: &'static str,
    },
    /// The "main" of a package is followed.
    Main {
        main: Option<String>,
    },
    /// A symbolic link was followed.
    RealPath {
        path: String,
        real: String,
    },
    Deprecated(Deprecation),
    /// What the file is, and why.
    Decided {
        format: Option<Format>,
        reason: Reason,
    },
    Found {
        location: String,
    },
    Failed {
        code: String,
        message: String,
    },
}

/// What a package.json says that matters.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageSummary {
    pub name: Option<String>,
    pub main: Option<String>,
    #[serde(rename = "type")]
    pub package_type: PackageType,
    pub has_exports: bool,
    pub has_imports: bool,
}

/// Why a format.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum Reason {
    /// The extension alone decides, or is not known.
    Extension { extension: String },
    /// The "type" of the package.
    PackageType { path: String },
    /// No "type": the source has to decide.
    NoType { path: Option<String> },
    /// A file without extension that starts as WebAssembly does.
    WasmHeader,
    /// The media type of a `data:` URL.
    MediaType { media_type: String },
    /// The scheme of the URL.
    Scheme { scheme: String },
}
