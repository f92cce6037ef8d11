//! What Node takes from its environment and command line, for those who do as Node does.

use module_resolver::Options;
use npm_formats::config::Config;

use crate::process::Process;

/// How modules are found.
pub fn resolution(config: &Config, process: &Process) -> Options {
    Options {
        conditions: config.texts("conditions"),
        preserve_symlinks: process.text_variable("NODE_PRESERVE_SYMLINKS") == Some("1"),
        preserve_symlinks_main: process.text_variable("NODE_PRESERVE_SYMLINKS_MAIN") == Some("1"),
        global_folders: global_folders(process),
        ..Options::default()
    }
}

/// Those of NODE_PATH, and those that Node searches after them.
fn global_folders(process: &Process) -> Vec<String> {
    let node_path = process.text_variable("NODE_PATH").unwrap_or_default();
    let named = node_path.split(':').filter(|folder| !folder.is_empty());
    let named = named.map(|folder| process.working_directory.join(folder));
    let home =
        process.home.iter().flat_map(|home| [".node_modules", ".node_libraries"].map(|name| home.join(name)));
    let prefix = process.executable.ancestors().nth(2).map(|prefix| prefix.join("lib/node"));
    named.chain(home).chain(prefix).filter_map(|folder| folder.to_str().map(str::to_owned)).collect()
}
