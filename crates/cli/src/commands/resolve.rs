//! `knit resolve`

use diagnostics::Diagnostic;
use module_resolver::{Importer, Kind, OsFileSystem, Request, Resolver};

use super::{Command, CommandResult, Invocation, Outcome};
use crate::node_options;
use crate::resolution_view::{self, Explanation};

pub const COMMAND: Command = Command {
    usage: &["<specifier> [--from <file>] [--require | --import] [-C <condition>]"],
    details: "Says where a specifier leads, by Node's algorithms: import's unless --require is given, from a \
              file in the current directory unless --from is given. --explain tells every step: which \
              package.json was read, which key matched, which conditions were tried, and why a target was \
              refused.",
    options: &["from", "import", "require", "conditions", "explain", "json", "unicode"],
    ..Command::new("resolve", "Say where a module specifier leads, and why", run)
};

/// Behind `resolve`, `-C` is Node's and stands for a condition, not for npm's `--prefix`.
pub fn translate(words: &mut [String]) {
    if words.first().is_some_and(|word| word == "resolve") {
        let own = words.iter_mut().take_while(|word| *word != "--").filter(|word| *word == "-C");
        own.for_each(|word| *word = "--conditions".to_owned());
    }
}

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let [specifier] = invocation.arguments else {
        return Err(invocation.usage_error("`resolve` needs one specifier"));
    };
    let config = &invocation.configuration.config;
    let kind = if config.flag("require") { Kind::Require } else { Kind::Import };
    let from = importer(invocation)?;
    let resolver = Resolver::new(OsFileSystem, node_options::resolution(config, invocation.process));
    let request = Request::new(kind, specifier, Importer::File(&from));
    let (found, trace) = resolver.explain(&request);
    let conditions = match kind {
        Kind::Import => resolver.options().import_conditions(),
        Kind::Require | Kind::RequireResolve => resolver.options().require_conditions(),
    };
    // a file that nothing can load is where the specifier leads, and worth saying
    let problem = found.as_ref().ok().and_then(|found| found.load_format(|_| false).err());
    let explanation = Explanation {
        request: &request,
        from: &from,
        conditions: &conditions,
        found: found.as_ref().ok(),
        trace: config.flag("explain").then_some(&trace),
        folder: &invocation.process.working_directory.to_string_lossy(),
        unicode: config.flag("unicode"),
    };
    let terminal = invocation.terminal;
    match found.as_ref().map_err(|error| Diagnostic::from((**error).clone())) {
        Ok(_) if terminal.json => terminal.print_json(&resolution_view::json(&explanation)),
        Ok(_) => terminal.print(resolution_view::text(&explanation, terminal)),
        Err(error) if terminal.json => {
            terminal.fail_with_answer(&error, resolution_view::json(&explanation));
            return Ok(Outcome::Status(error.exit_code));
        }
        Err(error) => {
            if explanation.trace.is_some() {
                terminal.print(resolution_view::text(&explanation, terminal));
            }
            return Err(error);
        }
    }
    for deprecation in found.iter().flat_map(|found| &found.deprecations) {
        terminal.warn(&Diagnostic::warning(deprecation.code, deprecation.message.as_str()));
    }
    if let Some(problem) = problem {
        terminal.warn(&Diagnostic::from(*problem).into_warning());
    }
    Ok(Outcome::Success)
}

/// The absolute path of who asks, with a slash at its end when it is a directory.
fn importer(invocation: &Invocation<'_>) -> Result<String, Diagnostic> {
    let own = &invocation.process.working_directory;
    let path =
        invocation.configuration.config.text("from").map_or_else(|| own.clone(), |from| own.join(from));
    let Some(text) = path.to_str() else {
        let text = format!("{} is not Unicode, and specifiers are", path.display());
        return Err(Diagnostic::error("EINVAL", text));
    };
    let is_directory = path.is_dir() && !text.ends_with('/');
    Ok(if is_directory { format!("{text}/") } else { text.to_owned() })
}
