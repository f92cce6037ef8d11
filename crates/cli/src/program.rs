//! Whether a command line asks for a program rather than for a command of the package manager.
//!
//! Called under the name `node` every command line does, under those of npm's executables none. As `knit` it does when it begins with a file (`knit app.js`) or
//! with options that only a program has (`knit -e 1`): a word that is a command stays one.

use std::path::Path;
use std::process::ExitCode;

use runtime::Program;

use crate::names;
use crate::process::Process;

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
];

/// Options of Node that take the next word as their value.
const WITH_VALUE: &[&str] = &[
    "-C",
    "--conditions",
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "--input-type",
    "--env-file",
    "--env-file-if-exists",
    "--title",
    "--stack-trace-limit",
    "--unhandled-rejections",
    "--watch-path",
    "--icu-data-dir",
    "--disable-warning",
    "--require-module",
    "--max-old-space-size",
];

/// Extensions of files that are programs, whether they exist or not.
const EXTENSIONS: &[&str] = &["js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx", "wasm"];

/// Runs the program that the command line asks for; none when it asks for a command.
pub fn run_if_requested(process: &Process) -> Option<ExitCode> {
    if process.called_as != "node" && process.called_as != "nodejs" && !asks_for_program(process) {
        return None;
    }
    let cache = process
        .text_variable("XDG_CACHE_HOME")
        .map(Into::into)
        .or_else(|| process.home.as_ref().map(|home| home.join(".cache")))
        .map(|cache| cache.join("knit"));
    let program = Program {
        argv0: process.called_as_given.clone(),
        executable: process.executable.clone(),
        arguments: process.arguments.clone(),
        node_options: process.text_variable("NODE_OPTIONS").map(str::to_owned),
        cache_folder: cache,
    };
    runtime::exit(runtime::run(&program))
}

fn asks_for_program(process: &Process) -> bool {
    if process.called_as == "npx" || process.called_as == "npm" {
        return false;
    }
    let mut words = process.arguments.iter();
    let Some(first) = process.arguments.first() else { return false };
    if is_one_of(first, PROGRAM_OPTIONS) {
        return true;
    }
    while let Some(word) = words.next() {
        if is_one_of(word, WITH_VALUE) && !word.contains('=') {
            words.next();
        } else if !word.starts_with('-') {
            return is_program(word, &process.working_directory);
        }
    }
    false
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
