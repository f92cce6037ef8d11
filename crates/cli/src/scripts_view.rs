//! The list that `knit run` shows: scripts that commands run by themselves first, then the others.
//! Source: npm 11.19.1.

use package_manager::run::PackageScripts;

use crate::terminal::Terminal;

/// Scripts that have a moment of their own.
const LIFECYCLE: &[&str] = &[
    "prepare",
    "prepublishOnly",
    "prepack",
    "postpack",
    "dependencies",
    "preinstall",
    "install",
    "postinstall",
    "prepublish",
    "publish",
    "postpublish",
    "prerestart",
    "restart",
    "postrestart",
    "prestart",
    "start",
    "poststart",
    "prestop",
    "stop",
    "poststop",
    "pretest",
    "test",
    "posttest",
    "preuninstall",
    "uninstall",
    "postuninstall",
    "preversion",
    "version",
    "postversion",
];

/// The block for one package.
pub fn render(package: &PackageScripts, terminal: &Terminal) -> String {
    let (lifecycle, others): (Vec<_>, Vec<_>) =
        package.scripts.iter().partition(|(name, _)| LIFECYCLE.contains(&name.as_str()));
    let name = terminal.paint("36", &package.package);
    let via = format!("via `{}`:", terminal.paint("34", "knit run"));
    let mut lines = Vec::new();
    let scripts = |lines: &mut Vec<String>, list: &[&(String, String)]| {
        for (name, script) in list {
            lines.push(format!("  {name}"));
            lines.push(format!("    {}", terminal.dim(script)));
        }
    };
    if !lifecycle.is_empty() {
        lines.push(format!("{} included in {name}:", terminal.bold("Lifecycle scripts")));
        scripts(&mut lines, &lifecycle);
    }
    if !others.is_empty() {
        lines.push(if lifecycle.is_empty() {
            format!("{} available in {name} {via}", terminal.bold("Scripts"))
        } else {
            format!("available {via}")
        });
        scripts(&mut lines, &others);
    }
    lines.join("\n")
}
