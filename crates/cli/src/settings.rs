//! From configuration to the types commands want.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use npm_formats::config::{Config, Level, Value};
use package_manager::settings::{
    Allow, AllowKinds, InstallSettings, Places, SaveSettings, ScriptSettings, Settings, WorkspaceSettings,
};

use crate::configuration::Configuration;
use crate::process::Process;

/// Resolves everything once. The clock is read here, for `min-release-age`.
pub fn resolve(configuration: &Configuration, process: &Process) -> Settings {
    let config = &configuration.config;
    Settings {
        places: places(configuration, process),
        install: install(config),
        save: SaveSettings {
            save: config.flag("save"),
            kind: config.save_type(),
            prefix: config.save_prefix(),
            bundle: config.save_bundle(),
        },
        scripts: ScriptSettings {
            ignore: config.flag("ignore-scripts"),
            foreground: config.flag("foreground-scripts"),
            shell: config.text("script-shell"),
            if_present: config.flag("if-present"),
            allow: config.allow_scripts_of(|level| level < Level::Environment),
            allow_here: config.allow_scripts_of(|level| level >= Level::Environment),
            allow_all: config.flag("dangerously-allow-all-scripts"),
            strict: config.flag("strict-allow-scripts"),
        },
        workspaces: WorkspaceSettings {
            enabled: config.workspaces_enabled(),
            all: config.flag("workspaces"),
            filters: config.texts("workspace"),
            implicit: config.is_default("workspace") && !config.flag("workspaces"),
            include_root: config.flag("include-workspace-root"),
        },
        force: config.flag("force"),
        dry_run: config.flag("dry-run"),
        json: config.flag("json"),
    }
}

fn places(configuration: &Configuration, process: &Process) -> Places {
    let config = &configuration.config;
    let path = |key: &str| config.text(key).map(PathBuf::from).unwrap_or_default();
    Places {
        working_directory: process.working_directory.clone(),
        home: process.home.clone(),
        local_prefix: configuration.local_prefix.clone(),
        global_prefix: configuration.global_prefix.clone(),
        is_global: config.is_global(),
        cache: path("cache"),
        store: path("store-dir"),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "validated: 0 to 0o777")]
fn install(config: &Config) -> InstallSettings {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    InstallSettings {
        omit: config.omit(),
        strategy: config.install_strategy(),
        before: config.before(i64::try_from(now.as_millis()).unwrap_or(i64::MAX)),
        before_exclude: config.min_release_age_exclude(),
        tag: config.text("tag").unwrap_or_else(|| "latest".to_owned()),
        package_lock: config.package_lock(),
        package_lock_only: config.flag("package-lock-only"),
        lockfile_version: config.lockfile_version(),
        format_package_lock: config.flag("format-package-lock"),
        omit_lockfile_registry_resolved: config.flag("omit-lockfile-registry-resolved"),
        legacy_peer_deps: config.flag("legacy-peer-deps"),
        strict_peer_deps: config.flag("strict-peer-deps"),
        prefer_dedupe: config.flag("prefer-dedupe"),
        engine_strict: config.flag("engine-strict"),
        install_links: config.flag("install-links"),
        bin_links: config.flag("bin-links"),
        rebuild_bundle: config.flag("rebuild-bundle"),
        workspaces_update: config.flag("workspaces-update"),
        audit: config.flag("audit"),
        fund: config.flag("fund"),
        os: config.text("os"),
        cpu: config.text("cpu"),
        libc: config.text("libc"),
        allow: AllowKinds {
            git: allow(config, "allow-git"),
            remote: allow(config, "allow-remote"),
            file: allow(config, "allow-file"),
            directory: allow(config, "allow-directory"),
        },
        git: config.text("git").unwrap_or_else(|| "git".to_owned()),
        umask: config.number("umask").unwrap_or(0.0) as u32,
    }
}

fn allow(config: &Config, key: &str) -> Allow {
    match config.text(key).as_deref() {
        Some("none") => Allow::None,
        Some("root") => Allow::Root,
        _ => Allow::All,
    }
}

/// Whether a key was written on this command line, which some commands treat differently from the same
/// value in a file.
pub fn on_command_line(config: &Config, key: &str) -> Option<Value> {
    config.get_at(key, Level::CommandLine)
}
