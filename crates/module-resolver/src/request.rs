//! What is asked, and what holds for all that is asked.

/// How a module was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `import`, `import()` and `import.meta.resolve`.
    Import,
    /// `require()`.
    Require,
    /// `require.resolve()`: as `require()`, but an unknown `node:` name is looked for on the disk like any other.
    RequireResolve,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importer<'a> {
    /// Absolute path of a file that need not exist; with a `/` at its end, a folder.
    File(&'a str),
    /// A `file:`, `data:` or `https:` URL. Only `import` has importers that are no files.
    Url(&'a str),
}

/// One question.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub specifier: &'a str,
    pub importer: Importer<'a>,
    pub kind: Kind,
    /// Instead of the [`Options`]' own conditions, as a resolve hook may give them.
    pub conditions: Option<&'a Conditions>,
    /// The program's entry point: `preserve_symlinks_main` holds instead of `preserve_symlinks`.
    pub is_main: bool,
    /// For `require`: the folders to search instead of those above the importer (`require.resolve`'s `paths`,
    /// a changed `module.paths`). For a relative specifier they are the folders it is relative to.
    pub paths: Option<&'a [String]>,
    /// For `require`: the endings that are tried, in order; `None` for `.js`, `.json` and `.node`.
    pub extensions: Option<&'a [String]>,
    /// For `require`: the files that led here, innermost first, for the message of MODULE_NOT_FOUND; `None` for
    /// just the importer.
    pub require_stack: Option<&'a [String]>,
}

impl<'a> Request<'a> {
    pub fn new(kind: Kind, specifier: &'a str, importer: Importer<'a>) -> Self {
        Self {
            specifier,
            importer,
            kind,
            conditions: None,
            is_main: false,
            paths: None,
            extensions: None,
            require_stack: None,
        }
    }

    pub fn import(specifier: &'a str, importer: Importer<'a>) -> Self {
        Self::new(Kind::Import, specifier, importer)
    }

    pub fn require(specifier: &'a str, importer: Importer<'a>) -> Self {
        Self::new(Kind::Require, specifier, importer)
    }
}

/// A set of names that may stand as keys in "exports" and "imports"; `default` always matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions(Vec<Box<str>>);

impl Conditions {
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        Self(names.into_iter().map(|name| name.as_ref().into()).collect())
    }

    pub fn contains(&self, name: &str) -> bool {
        name == "default" || self.0.iter().any(|own| **own == *name)
    }

    /// In the order in which Node lists them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| &**name)
    }
}

/// What Node takes from its command line and environment.
#[derive(Clone, Debug)]
pub struct Options {
    /// `--conditions`, `-C`.
    pub conditions: Vec<String>,
    /// Off with `--no-addons`: the condition `node-addons`.
    pub node_addons: bool,
    /// Off with `--no-require-module`: the condition `module-sync`.
    pub require_module: bool,
    /// `--preserve-symlinks`.
    pub preserve_symlinks: bool,
    /// `--preserve-symlinks-main`.
    pub preserve_symlinks_main: bool,
    /// Folders searched by `require` when node_modules had nothing: those of NODE_PATH, `$HOME/.node_modules`,
    /// `$HOME/.node_libraries`, `$PREFIX/lib/node`.
    pub global_folders: Vec<String>,
    /// Off with `--no-strip-types`: the formats of `.ts`, `.mts` and `.cts`.
    pub strip_types: bool,
    /// Off with `--no-experimental-addon-modules`: `import` of `.node` files.
    pub addon_modules: bool,
}

impl Default for Options {
    /// Node's own, with an empty environment.
    fn default() -> Self {
        Self {
            conditions: Vec::new(),
            node_addons: true,
            require_module: true,
            preserve_symlinks: false,
            preserve_symlinks_main: false,
            global_folders: Vec::new(),
            strip_types: true,
            addon_modules: true,
        }
    }
}

impl Options {
    /// The conditions of `import`, in Node's order.
    pub fn import_conditions(&self) -> Conditions {
        let own = ["node", "import"].into_iter();
        let module_sync = self.require_module.then_some("module-sync");
        let addons = self.node_addons.then_some("node-addons");
        Conditions::new(
            own.chain(module_sync).chain(addons).chain(self.conditions.iter().map(String::as_str)),
        )
    }

    /// The conditions of `require`, in Node's order.
    pub fn require_conditions(&self) -> Conditions {
        let own = ["require", "node"].into_iter();
        let addons = self.node_addons.then_some("node-addons");
        let module_sync = self.require_module.then_some("module-sync");
        Conditions::new(
            own.chain(addons).chain(self.conditions.iter().map(String::as_str)).chain(module_sync),
        )
    }
}
