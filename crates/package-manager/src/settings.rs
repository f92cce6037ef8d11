//! Settings of a run, resolved once from configuration, in the types that commands want.
//!
//! What only the registry client needs is not here: the caller builds its options.

use std::path::PathBuf;

use dependency_resolver::{Options, Platform};
use npm_formats::config::{InstallStrategy, OmitSet};
use npm_formats::manifest::SaveType;

pub use dependency_resolver::{Allow, AllowKinds};

/// Everything that commands read instead of the environment.
#[derive(Clone, Debug)]
pub struct Settings {
    pub places: Places,
    pub install: InstallSettings,
    pub save: SaveSettings,
    pub scripts: ScriptSettings,
    pub workspaces: WorkspaceSettings,
    pub force: bool,
    pub dry_run: bool,
    pub json: bool,
}

impl Settings {
    /// The same for the resolver, on a machine.
    pub fn resolver_options(&self, platform: Platform) -> Options {
        let install = &self.install;
        Options {
            install_strategy: install.strategy,
            legacy_peer_deps: install.legacy_peer_deps,
            strict_peer_deps: install.strict_peer_deps,
            force: self.force,
            prefer_dedupe: install.prefer_dedupe,
            install_links: install.install_links,
            engine_strict: install.engine_strict,
            save: self.save.save,
            global: self.places.is_global,
            before: install.before,
            before_exclude: install.before_exclude.clone(),
            default_tag: install.tag.clone(),
            omit: install.omit,
            allow: install.allow,
            ..Options::new(platform)
        }
    }
}

/// Directories. All absolute.
#[derive(Clone, Debug)]
pub struct Places {
    pub working_directory: PathBuf,
    pub home: Option<PathBuf>,
    /// The project: the nearest directory upward with a package.json or node_modules; the workspace root
    /// when that directory is one of its workspaces.
    pub local_prefix: PathBuf,
    /// Where global packages live: `lib/node_modules` and `bin` below it.
    pub global_prefix: PathBuf,
    pub is_global: bool,
    pub cache: PathBuf,
    pub store: PathBuf,
}

impl Places {
    /// The directory the command acts on.
    pub fn prefix(&self) -> &PathBuf {
        if self.is_global { &self.global_prefix } else { &self.local_prefix }
    }

    /// The node_modules directory the command acts on.
    pub fn modules(&self) -> PathBuf {
        if self.is_global { self.global_modules() } else { self.local_prefix.join("node_modules") }
    }

    pub fn global_modules(&self) -> PathBuf {
        if cfg!(windows) {
            self.global_prefix.join("node_modules")
        } else {
            self.global_prefix.join("lib").join("node_modules")
        }
    }

    /// The directory of global executables.
    pub fn global_bin(&self) -> PathBuf {
        if cfg!(windows) { self.global_prefix.clone() } else { self.global_prefix.join("bin") }
    }

    /// The directory of executables the command acts on.
    pub fn bin(&self) -> PathBuf {
        if self.is_global { self.global_bin() } else { self.modules().join(".bin") }
    }
}

/// How a tree is resolved and laid out.
#[derive(Clone, Debug)]
pub struct InstallSettings {
    pub omit: OmitSet,
    pub strategy: InstallStrategy,
    /// Versions published after this moment (milliseconds since 1970) are not used.
    pub before: Option<i64>,
    /// Names and patterns that `before` does not apply to.
    pub before_exclude: Vec<String>,
    pub tag: String,
    /// Whether the lockfile is read and written.
    pub package_lock: bool,
    pub package_lock_only: bool,
    pub lockfile_version: Option<u8>,
    pub format_package_lock: bool,
    pub omit_lockfile_registry_resolved: bool,
    pub legacy_peer_deps: bool,
    pub strict_peer_deps: bool,
    pub prefer_dedupe: bool,
    pub engine_strict: bool,
    pub install_links: bool,
    pub bin_links: bool,
    pub rebuild_bundle: bool,
    pub workspaces_update: bool,
    pub audit: bool,
    pub fund: bool,
    /// Platform to install for, where it is not this machine.
    pub os: Option<String>,
    pub cpu: Option<String>,
    pub libc: Option<String>,
    /// Which kinds of sources may be used, and where.
    pub allow: AllowKinds,
    pub git: String,
    /// Permission bits taken away from installed files.
    pub umask: u32,
}

/// How package.json is written after an install.
#[derive(Clone, Debug)]
pub struct SaveSettings {
    pub save: bool,
    /// `None` leaves a dependency in the field it is in.
    pub kind: Option<SaveType>,
    /// Written before versions; empty for exact ones.
    pub prefix: String,
    pub bundle: bool,
}

/// How scripts are run.
#[derive(Clone, Debug)]
pub struct ScriptSettings {
    /// Run nothing but the script that was asked for.
    pub ignore: bool,
    /// Show output of install scripts as it comes.
    pub foreground: bool,
    pub shell: Option<String>,
    pub if_present: bool,
    /// Packages whose install scripts configuration files allow.
    pub allow: Vec<String>,
    /// Packages whose install scripts the command line or the environment allows.
    pub allow_here: Vec<String>,
    pub allow_all: bool,
    pub strict: bool,
}

/// Which workspaces a command acts on.
#[derive(Clone, Debug)]
pub struct WorkspaceSettings {
    /// False for `--no-workspaces`.
    pub enabled: bool,
    /// `--workspaces`.
    pub all: bool,
    /// `--workspace`, and the workspace that the working directory is in.
    pub filters: Vec<String>,
    /// Whether `filters` is only the directory the command was started in.
    pub implicit: bool,
    pub include_root: bool,
}

impl WorkspaceSettings {
    /// Whether the command acts on workspaces rather than on the root.
    pub fn selected(&self) -> bool {
        self.all || !self.filters.is_empty()
    }
}
