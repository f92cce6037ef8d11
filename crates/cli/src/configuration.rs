//! Reads npm's configuration files and the environment into a [`Config`], and finds the project.
//!
//! The order of reading is npm's, because each level may say where the next one lies: command line,
//! environment, project file, user file, machine file. A workspace's own `.npmrc` is not read, with a
//! warning, as in npm: a member of the tree does not configure the tree.
//! Source: npm 11.19.1 (`@npmcli/config`).

use std::path::{Path, PathBuf};

use diagnostics::Diagnostic;
use jiff::tz::TimeZone;
use npm_formats::config::{
    self, AuthenticationProblem, Config, ConfigError, Context, Entry, Invalid, Level, Value,
};
use package_manager::{ManifestFile, workspaces};

use crate::process::Process;
use crate::toolchain;

/// The address of the public registry; a build-time setting, see `build.rs`.
pub const PUBLIC_REGISTRY: Option<&str> = option_env!("KNIT_DEFAULT_REGISTRY");

/// The npm that knit behaves as, for `{npm-version}` and packages that ask.
pub const NPM_VERSION: &str = "11.19.1";

/// The configuration of a run and where it applies.
#[derive(Debug)]
pub struct Configuration {
    pub config: Config,
    pub local_prefix: PathBuf,
    pub global_prefix: PathBuf,
    /// The workspace that the working directory lies in, when the project was found through it.
    pub current_workspace: Option<PathBuf>,
    pub warnings: Vec<Diagnostic>,
}

/// Reads everything. Values are not checked yet: `config` shows and mends what other commands refuse.
///
/// Errors: options that exclude each other.
pub fn load(process: &Process, options: &[Entry]) -> Result<Configuration, Diagnostic> {
    let variable = |name: &str| process.variable(name).map(|value| value.to_string_lossy().into_owned());
    let context = context(process, &variable);
    let global_prefix = default_global_prefix(process);
    let mut config = defaults(process, &global_prefix);
    let failed = |error: ConfigError| config_diagnostic(&error);

    read_file(&mut config, Level::Builtin, &builtin_file(&global_prefix), &context).map_err(failed)?;
    config.load(Level::CommandLine, "command line options", options, &context).map_err(failed)?;
    // Checked for every command: what is typed now is never left over from another time.
    let invalid = config.validate_level(Level::CommandLine, &context);
    config.load_environment(process.texts(), &context).map_err(failed)?;

    let warnings = invalid.iter().map(|problem| invalid_warning(&config, problem)).collect();
    let mut found = Configuration {
        config,
        local_prefix: process.working_directory.clone(),
        global_prefix,
        current_workspace: None,
        warnings,
    };
    found.find_project(process);
    found.read_files(&context).map_err(failed)?;
    if let Some(prefix) = found.config.text("prefix") {
        found.global_prefix = PathBuf::from(prefix);
    }
    Ok(found)
}

/// Drops values that their keys do not accept, with a warning for each.
///
/// Errors: credentials that name no registry.
pub fn validate(configuration: &mut Configuration, process: &Process) -> Result<(), Diagnostic> {
    let variable = |name: &str| process.variable(name).map(|value| value.to_string_lossy().into_owned());
    let context = context(process, &variable);
    let invalid = configuration.config.validate(&context).map_err(|error| config_diagnostic(&error))?;
    let warnings = invalid.iter().map(|problem| invalid_warning(&configuration.config, problem));
    configuration.warnings.extend(warnings.collect::<Vec<_>>());
    Ok(())
}

fn invalid_warning(config: &Config, problem: &Invalid) -> Diagnostic {
    let source = &config.layer(problem.level).source;
    let value = problem.value.to_json();
    let text =
        format!("{}={value}, set in {source}, is ignored: it must be {}", problem.key, problem.expected);
    Diagnostic::warning("EINVALIDCONFIG", text)
}

fn context<'a>(process: &Process, variable: &'a dyn Fn(&str) -> Option<String>) -> Context<'a> {
    Context {
        home: process.home.clone(),
        working_directory: process.working_directory.clone(),
        variable,
        time_zone: &TimeZone::system,
    }
}

/// What a project's own `.npmrc` cannot set: programs, and where other settings are.
const NOT_THE_PROJECTS: &[&str] = &[
    "prefix",
    "userconfig",
    "globalconfig",
    "git",
    "script-shell",
    "shell",
    "node-gyp",
    "runtime",
    "node-options",
    "editor",
    "viewer",
    "browser",
    "init-module",
    "init.module",
];

/// Whether an option for Node has it load or write no file: those that projects do set, for memory mostly.
fn loads_nothing(option: &str) -> bool {
    let name = option.split('=').next().unwrap_or_default().replace('_', "-");
    name.starts_with("--max-")
        || name.starts_with("--no-")
        || matches!(
            &*name,
            "--disable-warning"
                | "--dns-result-order"
                | "--enable-source-maps"
                | "--experimental-vm-modules"
                | "--openssl-legacy-provider"
                | "--preserve-symlinks"
                | "--stack-trace-limit"
                | "--throw-deprecation"
                | "--trace-deprecation"
                | "--trace-uncaught"
                | "--trace-warnings"
                | "--unhandled-rejections"
                | "--use-openssl-ca"
                | "--use-system-ca"
        )
}

impl Configuration {
    /// The nearest directory upward with a package.json or node_modules; from there the root that
    /// declares it a workspace, if one does.
    fn find_project(&mut self, process: &Process) {
        if let Some(prefix) = self.config.get_at("prefix", Level::CommandLine) {
            self.local_prefix = PathBuf::from(prefix.to_string());
            return;
        }
        let looks_for_root = self.config.workspaces_enabled() && !self.config.is_global();
        let mut nearest: Option<&Path> = None;
        for directory in process.working_directory.ancestors() {
            let has_manifest = directory.join("package.json").is_file();
            match nearest {
                None if has_manifest || directory.join("node_modules").is_dir() => {
                    nearest = Some(directory);
                    if !looks_for_root {
                        break;
                    }
                }
                Some(member) if has_manifest => {
                    // A manifest above that does not parse is no reason to fail below it.
                    let Ok(root) = ManifestFile::read(directory) else { continue };
                    if workspaces::is_workspace_of(&root, member) {
                        self.enter_workspace(member, directory);
                        return;
                    }
                }
                _ => {}
            }
        }
        self.local_prefix = nearest.unwrap_or(&process.working_directory).to_owned();
    }

    fn enter_workspace(&mut self, member: &Path, root: &Path) {
        let file = member.join(".npmrc");
        if file.is_file() {
            self.warnings.push(
                Diagnostic::warning("EWORKSPACECONFIG", format!("{} is not read", file.display()))
                    .with_hint(format!("move its settings to {}", root.join(".npmrc").display())),
            );
        }
        let path = member.to_string_lossy().into_owned();
        self.config.set_default("workspace", Value::List(vec![Value::Text(path)]));
        self.current_workspace = Some(member.to_owned());
        self.local_prefix = root.to_owned();
    }

    /// Whoever clones a repository and runs a command in it has not agreed to run its programs: which ones knit
    /// starts, and which other files of settings it reads, is for the user to say. (npm 11.19.1 refuses `prefix`
    /// only.)
    fn ignore_what_is_not_the_projects(&mut self, file: &Path) {
        for key in NOT_THE_PROJECTS {
            let Some(value) = self.config.get_at(key, Level::Project) else { continue };
            if *key == "node-options" && value.to_string().split_whitespace().all(loads_nothing) {
                continue;
            }
            self.config.unset(key, Level::Project);
            let code = if *key == "prefix" { "EPROJECTPREFIX" } else { "EPROJECTCONFIG" };
            let text = format!("`{key}` in {} is ignored: a project cannot set it", file.display());
            let mut warning = Diagnostic::warning(code, text);
            if *key != "prefix" {
                warning = warning.with_hint(format!(
                    "if you trust it, set it for yourself: knit config set {key} {value} --location=user"
                ));
            }
            self.warnings.push(warning);
        }
    }

    fn read_files(&mut self, context: &Context<'_>) -> Result<(), ConfigError> {
        let project_file = self.local_prefix.join(".npmrc");
        if self.config.is_global() {
            self.config.set_source(Level::Project, "(global mode enabled, ignored)");
        } else if self.config.text("userconfig").is_some_and(|user| Path::new(&user) == project_file) {
            self.config.set_source(Level::Project, "(same as \"user\" config, ignored)");
        } else {
            read_file(&mut self.config, Level::Project, &project_file, context)?;
            self.ignore_what_is_not_the_projects(&project_file);
        }
        if let Some(file) = self.config.text("userconfig") {
            read_file(&mut self.config, Level::User, Path::new(&file), context)?;
        }
        // The prefix set so far decides where the machine's file is, as in npm.
        if self.config.is_default("globalconfig")
            && let Some(prefix) = self.config.text("prefix")
        {
            let file = Path::new(&prefix).join("etc").join("npmrc");
            self.config.set_default("globalconfig", file.to_string_lossy().into_owned());
        }
        if let Some(file) = self.config.text("globalconfig") {
            read_file(&mut self.config, Level::Global, Path::new(&file), context)?;
        }
        Ok(())
    }
}

/// A file that cannot be read counts as absent, as in npm.
fn read_file(
    config: &mut Config,
    level: Level,
    file: &Path,
    context: &Context<'_>,
) -> Result<(), ConfigError> {
    let source = file.to_string_lossy().into_owned();
    match std::fs::read(file) {
        Ok(bytes) => {
            let entries = config::parse(&String::from_utf8_lossy(&bytes));
            config.load(level, source, &entries, context)
        }
        Err(_) => {
            config.set_source(level, source);
            Ok(())
        }
    }
}

/// `PREFIX`, else the directory above the one that `node` is in, else above this executable's.
fn default_global_prefix(process: &Process) -> PathBuf {
    if let Some(prefix) = process.text_variable("PREFIX") {
        return PathBuf::from(prefix);
    }
    let node = toolchain::find_on_path(process, "node").and_then(|node| node.canonicalize().ok());
    let executable = node.as_deref().unwrap_or(&process.executable);
    let directory = executable.parent().unwrap_or(Path::new("/"));
    let prefix = if cfg!(windows) { directory } else { directory.parent().unwrap_or(directory) };
    match process.text_variable("DESTDIR") {
        Some(root) if cfg!(unix) => Path::new(root).join(prefix.strip_prefix("/").unwrap_or(prefix)),
        _ => prefix.to_owned(),
    }
}

/// The file beside an installed npm: distributions set `prefix` in it, and both must agree on that.
fn builtin_file(global_prefix: &Path) -> PathBuf {
    global_prefix.join("lib").join("node_modules").join("npm").join("npmrc")
}

/// Defaults that depend on the machine, over those of the table.
fn defaults(process: &Process, global_prefix: &Path) -> Config {
    let mut config = Config::default();
    let home = process.home.as_deref().unwrap_or(Path::new("/"));
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let xdg = |variable: &str, fallback: &str| {
        let set = process.text_variable(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        set.unwrap_or_else(|| home.join(fallback)).join("knit")
    };
    if let Some(registry) = PUBLIC_REGISTRY {
        config.set_default("registry", registry);
    }
    config.set_default("cache", text(xdg("XDG_CACHE_HOME", ".cache")));
    config.set_default("store-dir", text(xdg("XDG_DATA_HOME", ".local/share").join("store")));
    config.set_default("prefix", text(global_prefix.to_owned()));
    config.set_default("globalconfig", text(global_prefix.join("etc").join("npmrc")));
    config.set_default("userconfig", text(home.join(".npmrc")));
    config.set_default("init-module", text(home.join(".npm-init.js")));
    config.set_default("init.module", text(home.join(".npm-init.js")));
    let editor = process.text_variable("EDITOR").or_else(|| process.text_variable("VISUAL"));
    config.set_default("editor", editor.unwrap_or("vi"));
    config.set_default("shell", process.text_variable("SHELL").unwrap_or("sh"));
    config.set_default("color", matches!(process.text_variable("NO_COLOR"), None | Some("0")));
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| process.text_variable(name));
    let locale = locale.unwrap_or_default().to_ascii_lowercase();
    config.set_default("unicode", locale.ends_with("utf-8") || locale.ends_with("utf8"));
    let shows_progress = process.stderr_is_terminal
        && process.stdout_is_terminal
        && process.text_variable("TERM") != Some("dumb")
        && !process.is_build_server();
    config.set_default("progress", shows_progress);
    config.set_default(
        "user-agent",
        "npm/{npm-version} knit/{knit-version} node/{node-version} {platform} {arch} \
         workspaces/{workspaces} {ci}",
    );
    if process.text_variable("NODE_ENV") == Some("production") {
        config.set_default("omit", Value::List(vec![Value::from("dev")]));
    }
    config
}

fn config_diagnostic(error: &ConfigError) -> Diagnostic {
    match error {
        ConfigError::Exclusive { .. } => Diagnostic::error("EUSAGE", error.to_string()),
        ConfigError::Authentication { problems } => {
            let renames =
                problems.iter().any(|problem| matches!(problem, AuthenticationProblem::Rename { .. }));
            let hint = if renames {
                "run `knit config fix` to bind each credential to its registry"
            } else {
                "run `knit config fix` to remove them"
            };
            Diagnostic::error("ERR_INVALID_AUTH", error.to_string()).with_hint(hint)
        }
    }
}
