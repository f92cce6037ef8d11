//! The environment that scripts are run with, as npm sets it up: configuration that is not the
//! default as `npm_config_*`, and the paths of npm's own programs.
//!
//! Source: npm 11.19.1 (`set-envs.js`, `npm.js`).

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use npm_formats::config::{Config, Level, Value, definition};
use package_manager::lifecycle::ScriptEnvironment;

use crate::commands::Invocation;
use crate::configuration::NPM_VERSION;
use crate::toolchain::{self, Toolchain};

/// Paths that npm always exports, default or not. `cache` is left out: an npm called by a script would
/// take our cache for its own.
const ALWAYS_EXPORTED: [&str; 4] = ["globalconfig", "init-module", "prefix", "userconfig"];

/// Builds it for a command.
pub fn build(invocation: &Invocation<'_>) -> ScriptEnvironment {
    build_with(invocation, &invocation.toolchain())
}

/// Builds it with programs that were looked for already.
pub fn build_with(invocation: &Invocation<'_>, tools: &Toolchain) -> ScriptEnvironment {
    let process = invocation.process;
    let configuration = invocation.configuration;
    let config = &configuration.config;
    let mut out = Variables { all: process.environment.to_vec() };

    export_configuration(config, &mut out);
    out.set("INIT_CWD", &process.working_directory);
    out.set_all("npm_config_global_prefix", &configuration.global_prefix);
    out.set_all("npm_config_local_prefix", &configuration.local_prefix);
    out.set_all("npm_config_npm_version", NPM_VERSION);
    out.set("npm_config_user_agent", user_agent(invocation, tools.node_version.as_deref()));
    out.set("npm_command", invocation.command.name);
    out.set("npm_execpath", &process.executable);
    if let Some(home) = &process.home {
        out.set("HOME", home);
    }
    if let Some(node_gyp) = &tools.node_gyp {
        out.set_all("npm_config_node_gyp", node_gyp);
    }
    if let Some(node) = &tools.node {
        out.set("NODE", node);
        out.set("npm_node_execpath", node);
    }
    if let Some(editor) = config.text("editor") {
        out.set("EDITOR", editor);
    }
    if let Some(options) = config.text("node-options") {
        out.set("NODE_OPTIONS", options);
    }
    if config.omit().dev {
        out.set("NODE_ENV", "production");
    }
    out.set("COLOR", if invocation.terminal.style == diagnostics::Style::Colour { "1" } else { "0" });
    ScriptEnvironment {
        variables: out.all,
        tools: tools.directory.clone(),
        shell: config.text("script-shell"),
        forwards_interrupt: !process.stdin_is_terminal,
    }
}

struct Variables {
    all: Vec<(OsString, OsString)>,
}

impl Variables {
    fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        let value = value.as_ref().to_owned();
        match self.all.iter_mut().find(|(known, _)| known == name) {
            Some(known) => known.1 = value,
            None => self.all.push((name.into(), value)),
        }
    }

    /// Also takes away other spellings of the name: `NPM_CONFIG_X` must not contradict `npm_config_x`.
    fn set_all(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.all.retain(|(known, _)| known == name || !known.eq_ignore_ascii_case(name));
        self.set(name, value);
    }
}

fn export_configuration(config: &Config, out: &mut Variables) {
    for key in config.keys() {
        let (is_exported, is_deprecated) =
            definition(key).map_or((true, false), |known| (known.exported, known.deprecated.is_some()));
        if !is_exported || is_deprecated || key.starts_with(['/', '@', '_']) || key.contains('=') {
            continue;
        }
        let value = config.get(key);
        let is_default = value == config.get_at(key, Level::Default);
        let from_environment = config.get_at(key, Level::Environment);
        let is_needed = if is_default {
            // Set back what the environment says otherwise.
            ALWAYS_EXPORTED.contains(&key) || (from_environment.is_some() && from_environment != value)
        } else {
            config.find(key) != Level::Environment
        };
        if is_needed && let Some(text) = value.as_ref().and_then(variable_text) {
            out.set_all(&format!("npm_config_{}", key.replace('-', "_").to_lowercase()), text);
        }
    }
}

/// Lists are separated by empty lines; null and false are empty; dates are not exported.
fn variable_text(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Boolean(false) => Some(String::new()),
        Value::Date(_) => None,
        Value::List(items) => {
            let texts: Option<Vec<String>> = items.iter().map(variable_text).collect();
            texts.map(|texts| texts.join("\n\n"))
        }
        other => Some(other.to_string()),
    }
}

/// The `user-agent` template filled in. npm's name and version come first, as in npm: packages look at
/// them to see whose layout of node_modules they are in; knit's follow.
///
/// Without a version of Node that field is left out: finding it out means starting Node.
pub fn user_agent(invocation: &Invocation<'_>, node_version: Option<&str>) -> String {
    let config = &invocation.configuration.config;
    let in_workspaces = config.flag("workspaces") || !config.texts("workspace").is_empty();
    let ci = invocation.process.build_server().filter(|name| !name.is_empty());
    let template = config.text("user-agent").unwrap_or_default();
    let template =
        if node_version.is_none() { template.replace("node/{node-version} ", "") } else { template };
    let node = node_version.unwrap_or("unknown");
    let fields = [
        ("{npm-version}", NPM_VERSION.to_owned()),
        ("{knit-version}", env!("CARGO_PKG_VERSION").to_owned()),
        ("{node-version}", format!("v{node}")),
        ("{platform}", toolchain::platform().to_owned()),
        ("{arch}", toolchain::architecture().to_owned()),
        ("{workspaces}", in_workspaces.to_string()),
        ("{ci}", ci.map(|name| format!("ci/{name}")).unwrap_or_default()),
    ];
    let filled = fields.iter().fold(template, |text, (field, value)| text.replace(field, value));
    filled.trim().to_owned()
}

/// Where tools that knit makes for scripts are kept.
pub fn tools_directory(config: &Config) -> Option<PathBuf> {
    Some(PathBuf::from(config.text("cache")?).join("tools"))
}
