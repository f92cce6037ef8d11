//! Whether a command line asks for a program rather than for a command of the package manager.
//!
//! Called under the name `node` every command line does, under those of npm's executables none. As `knit` it does when it
//! begins with a file (`knit app.js`) or with options that only a program has (`knit -e 1`), and when there is nothing on it
//! but a text in standard input: a word that is a command stays one. Alone on a terminal, and with the word `repl`, it asks
//! for a session with the user.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use npm_formats::config;
use runtime::Program;

use crate::names;
use crate::network_imports::ProgramImports;
use crate::process::Process;
use crate::toolchain::find_on_path;

/// Options that ask for a program by themselves.
const PROGRAM_OPTIONS: &[&str] = &[
    "-",
    "-e",
    "--eval",
    "-p",
    "--print",
    "-pe",
    "-c",
    "--check",
    "-i",
    "--interactive",
    "-r",
    "--require",
    "--import",
    "--input-type",
    "--env-file",
    "--env-file-if-exists",
    "--watch",
    "--v8-options",
    "--stack-trace-limit",
    "--title",
    "--test",
    "--run",
];

/// Extensions of files that are programs, whether they exist or not.
const EXTENSIONS: &[&str] = &["js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx", "wasm"];

/// Runs the program that the command line asks for; none when it asks for a command.
pub fn run_if_requested(process: &Process) -> Option<ExitCode> {
    let is_node = process.called_as == "node" || process.called_as == "nodejs";
    let arguments = match process.called_as.as_str() {
        "npm" | "npx" => return None,
        _ if is_node || asks_for_program(process) => process.arguments.clone(),
        _ => session(process)?,
    };
    let cache = process
        .text_variable("XDG_CACHE_HOME")
        .map(Into::into)
        .or_else(|| process.home.as_ref().map(|home| home.join(".cache")))
        .map(|cache| cache.join("knit"));
    let called = if is_node {
        path_called_by(process)
    } else {
        cache.as_deref().and_then(|cache| node_link(process, cache))
    };
    let program = Program {
        argv0: process.called_as_given.clone(),
        executable: called.unwrap_or_else(|| process.executable.clone()),
        arguments,
        node_options: process.text_variable("NODE_OPTIONS").map(str::to_owned),
        cache_folder: cache,
        network: Arc::new(ProgramImports::new(process)),
    };
    runtime::exit(runtime::run(&program))
}

/// The path by which knit was called as `node`: what the program starts with `process.execPath` is to be called so, too.
fn path_called_by(process: &Process) -> Option<PathBuf> {
    let given = Path::new(&process.called_as_given);
    let path = match given.components().count() {
        1 => find_on_path(process, &process.called_as_given),
        _ => Some(process.working_directory.join(given)),
    };
    path.filter(|path| path.canonicalize().is_ok_and(|real| real == process.executable))
}

/// A link called `node` to this executable, in the cache. Programs start `process.execPath` with node's command line, in
/// which no word is a command of the package manager; some also look whether its name is `node`. None where no link can be.
#[cfg(unix)]
fn node_link(process: &Process, cache: &Path) -> Option<PathBuf> {
    let name = process.executable.to_string_lossy().replace('/', "_");
    let link = cache.join("node").join(name).join("node");
    let is_right = || std::fs::read_link(&link).is_ok_and(|target| target == process.executable);
    if !is_right() {
        let folder = link.parent()?;
        std::fs::create_dir_all(folder).ok()?;
        // in one step, as other processes may be at it
        let fresh = folder.join(format!("node.{}", std::process::id()));
        std::os::unix::fs::symlink(&process.executable, &fresh).ok()?;
        std::fs::rename(&fresh, &link).ok()?;
    }
    Some(link)
}

#[cfg(not(unix))]
fn node_link(_: &Process, _: &Path) -> Option<PathBuf> {
    None
}

/// The arguments of a program that is a session with the user.
fn session(process: &Process) -> Option<Vec<String>> {
    let interactive = || std::iter::once("--interactive".to_owned());
    match process.arguments.split_first() {
        None => (process.stdin_is_terminal && process.stdout_is_terminal).then(|| interactive().collect()),
        Some((word, rest)) => (word == "repl").then(|| interactive().chain(rest.iter().cloned()).collect()),
    }
}

fn asks_for_program(process: &Process) -> bool {
    let mut words = process.arguments.iter();
    if words.len() == 0 {
        return process.has_input();
    }
    let mut is_refused = false;
    while let Some(word) = words.next() {
        if is_one_of(word, PROGRAM_OPTIONS) || is_of_programs_only(word) {
            return true;
        }
        if !word.starts_with('-') {
            return is_program(word, &process.working_directory);
        }
        match runtime::takes_next_word(word) {
            Some(false) => {}
            Some(true) => drop(words.next()),
            // what follows belongs to it
            None if is_of_package_manager(word) => return false,
            // nobody knows it, as programs say
            None => is_refused = true,
        }
    }
    is_refused
}

/// Whether Node has this option and the package manager does not.
fn is_of_programs_only(word: &str) -> bool {
    word.starts_with("--")
        && !is_of_package_manager(word)
        && runtime::takes_next_word(&format!("--{}", name_of(word))).is_some()
}

fn is_of_package_manager(word: &str) -> bool {
    let name = name_of(word);
    config::definition(&name).is_some() || config::shorthand(&name).is_some()
}

/// `warnings` of `--no-warnings`, `title` of `--title=x`.
fn name_of(word: &str) -> String {
    let option = word.trim_start_matches('-');
    let name = option.split_once('=').map_or(option, |(name, _)| name).replace('_', "-");
    name.strip_prefix("no-").map(str::to_owned).unwrap_or(name)
}

fn is_one_of(word: &str, options: &[&str]) -> bool {
    let name = word.split_once('=').map_or(word, |(name, _)| name);
    options.contains(&name)
}

fn is_program(word: &str, folder: &Path) -> bool {
    let path = Path::new(word);
    let named =
        path.extension().and_then(|extension| extension.to_str()).is_some_and(|e| EXTENSIONS.contains(&e));
    if named || word.starts_with("./") || word.starts_with("../") || word.starts_with('/') {
        return true;
    }
    names::command(word).is_err() && folder.join(path).exists()
}

#[cfg(test)]
mod tests {
    use super::is_of_programs_only;

    #[test]
    fn options_that_the_package_manager_knows_do_not_ask_for_a_program() {
        for word in
            ["--no-warnings", "--experimental-loader", "--input-type=module", "--use-strict", "--expose_gc"]
        {
            assert!(is_of_programs_only(word), "{word}");
        }
        for word in
            ["--version", "--help", "--no-audit", "--conditions=x", "--loglevel=silly", "-g", "--unheard-of"]
        {
            assert!(!is_of_programs_only(word), "{word}");
        }
    }
}
