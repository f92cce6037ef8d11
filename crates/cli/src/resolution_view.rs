//! How `resolve` says where a specifier leads, and tells every step on the way.

use module_resolver::{
    Conditions, FileKind, Format, Kind, PackageType, Reason, Request, Resolution, Step, Trace,
};
use serde_json::{Map, Value, json};

use crate::terminal::Terminal;

/// Everything there is to tell.
pub struct Explanation<'a> {
    pub request: &'a Request<'a>,
    pub from: &'a str,
    pub conditions: &'a Conditions,
    pub found: Option<&'a Resolution>,
    /// When every step is wanted.
    pub trace: Option<&'a Trace>,
    /// Paths below it are written relative to it.
    pub folder: &'a str,
    pub unicode: bool,
}

/// The answer for programs; without an answer, what was asked.
pub fn json(explanation: &Explanation<'_>) -> Value {
    let mut answer = Map::new();
    let mut tell = |name: &str, value: Value| _ = answer.insert(name.to_owned(), value);
    tell("specifier", explanation.request.specifier.into());
    tell("from", explanation.from.into());
    tell("kind", json!(explanation.request.kind));
    tell("conditions", explanation.conditions.iter().collect());
    if let Some(found) = explanation.found {
        tell("url", found.location.url().into());
        tell("path", found.location.path().into());
        tell("format", json!(found.format));
        let package = found.package.as_deref();
        let package = package.map(
            |package| json!({"name": package.name, "type": package.package_type, "path": &*package.path}),
        );
        tell("package", package.into());
        tell("deprecations", json!(found.deprecations));
    }
    if let Some(trace) = explanation.trace {
        tell("trace", json!(trace));
    }
    Value::Object(answer)
}

/// The answer for people: the location, or with a trace the whole story.
pub fn text(explanation: &Explanation<'_>, terminal: &Terminal) -> String {
    let Some(trace) = explanation.trace else {
        return explanation.found.map(|found| found.location.to_string()).unwrap_or_default();
    };
    let verb = if explanation.request.kind == Kind::Import { "import" } else { "require" };
    let teller = Teller { explanation, terminal };
    let specifier = terminal.bold(&format!("{:?}", explanation.request.specifier));
    let from = match teller.path(explanation.from).as_str() {
        "" => "this directory".to_owned(),
        from => from.to_owned(),
    };
    let conditions: Vec<&str> = explanation.conditions.iter().collect();
    let mut lines = vec![
        format!("{verb} {specifier} from {from}"),
        terminal.dim(&format!("conditions: {}", conditions.join(", "))),
        String::new(),
    ];
    lines.extend(trace.steps.iter().map(|step| {
        let indentation = "  ".repeat(step.depth);
        format!("{indentation}{}", teller.step(&step.step))
    }));
    lines.join("\n")
}

struct Teller<'a> {
    explanation: &'a Explanation<'a>,
    terminal: &'a Terminal,
}

/// How a step went.
#[derive(Clone, Copy)]
enum Mark {
    Good,
    Bad,
    Neutral,
    Leads,
}

impl Teller<'_> {
    fn step(&self, step: &Step) -> String {
        match step {
            Step::Enter { algorithm, subject } => {
                let subject = self.paths_in(subject);
                format!("{} {}", self.terminal.paint("36", algorithm), self.terminal.dim(&subject))
            }
            Step::Builtin { name } => self.line(Mark::Good, &format!("{name} is a module of the runtime")),
            Step::Address { url, .. } => self.line(Mark::Leads, &self.paths_in(url)),
            Step::ReadPackage { path, found: None } => {
                self.line(Mark::Neutral, &self.looked("read", path, "not there"))
            }
            Step::ReadPackage { path, found: Some(package) } => {
                let mut facts = vec![match &package.name {
                    Some(name) => format!("{name:?}"),
                    None => "no name".to_owned(),
                }];
                let word = |is_so: bool, word: &str| is_so.then(|| word.to_owned());
                facts.extend(word(package.package_type == PackageType::Module, "type module"));
                facts.extend(word(package.package_type == PackageType::CommonJs, "type commonjs"));
                facts.extend(package.main.as_ref().map(|main| format!("main {main:?}")));
                facts.extend(word(package.has_exports, "exports"));
                facts.extend(word(package.has_imports, "imports"));
                self.line(Mark::Good, &self.looked("read", path, &facts.join(", ")))
            }
            Step::ScopeEnds { folder } => {
                self.line(Mark::Bad, &format!("no package: {} ends the search", self.path(folder)))
            }
            Step::SelfReference { name, package } => {
                let text = format!("{name:?} is the package that asks, {}", self.path(package));
                self.line(Mark::Good, &text)
            }
            Step::Looked { path, kind } => match kind {
                FileKind::File => self.line(Mark::Good, &self.looked("look", path, "a file")),
                FileKind::Directory => self.line(Mark::Good, &self.looked("look", path, "a directory")),
                FileKind::Missing => self.line(Mark::Neutral, &self.looked("look", path, "not there")),
            },
            Step::RealPath { path, real } => {
                let text = format!("{} is a link to {}", self.path(path), self.path(real));
                self.line(Mark::Leads, &text)
            }
            Step::Deprecated(told) => {
                self.line(Mark::Bad, &self.terminal.paint("33", &self.paths_in(&told.to_string())))
            }
            Step::Decided { format, reason } => {
                let format = format.map_or("no format that Node knows", format_name);
                self.line(
                    Mark::Leads,
                    &format!("{}, because {}", self.terminal.bold(format), self.reason(reason)),
                )
            }
            Step::Found { location } => {
                format!("\n{}", self.line(Mark::Good, &self.terminal.paint("32", &self.path(location))))
            }
            Step::Failed { code, .. } => {
                format!("\n{}", self.line(Mark::Bad, &self.terminal.paint("31", code)))
            }
            mapping => self.mapping(mapping),
        }
    }

    /// Steps within "exports", "imports" and "main".
    fn mapping(&self, step: &Step) -> String {
        match step {
            Step::MainSugar { .. } => {
                self.line(Mark::Neutral, "\"exports\" has no subpaths: all of it is the target of \".\"")
            }
            Step::KeyMatched { field, key, captured } => {
                let captured = match captured {
                    Some(captured) => format!(", * is {captured:?}"),
                    None => String::new(),
                };
                let key = self.terminal.bold(&format!("{key:?}"));
                self.line(Mark::Good, &format!("key {key} of \"{field}\" matches{captured}"))
            }
            Step::NoKeyMatched { field, subpath, keys } => {
                let keys: Vec<String> = keys.iter().map(|key| format!("{key:?}")).collect();
                let among = if keys.is_empty() { "it has none".to_owned() } else { keys.join(", ") };
                let among = self.terminal.dim(&among);
                self.line(Mark::Bad, &format!("no key of \"{field}\" matches {subpath:?}: {among}"))
            }
            Step::Condition { name, holds: true } => {
                self.line(Mark::Good, &format!("condition {}", self.terminal.bold(&format!("{name:?}"))))
            }
            Step::Condition { name, holds: false } => {
                self.line(Mark::Neutral, &self.terminal.dim(&format!("condition {name:?} does not hold")))
            }
            Step::NoCondition { keys, .. } => {
                let keys: Vec<String> = keys.iter().map(|key| format!("{key:?}")).collect();
                self.line(Mark::Bad, &format!("none of {} led anywhere", keys.join(", ")))
            }
            Step::Alternative { index, of } => {
                self.line(Mark::Neutral, &format!("alternative {} of {of}", index + 1))
            }
            Step::Closed => self.line(Mark::Bad, "the target is null: the package keeps this to itself"),
            Step::Target { target, leads_to } => {
                self.line(Mark::Leads, &format!("target {target:?}: {}", self.path(leads_to)))
            }
            Step::TargetRefused { target, reason } => {
                self.line(Mark::Bad, &format!("target {target:?} refused: {reason}"))
            }
            Step::Main { main: Some(main) } => self.line(Mark::Leads, &format!("\"main\" is {main:?}")),
            _ => self.line(Mark::Neutral, "no \"main\": the index is looked for"),
        }
    }

    fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::Extension { extension } if extension.is_empty() => "it has no extension".to_owned(),
            Reason::Extension { extension } => format!("the extension is {extension}"),
            Reason::PackageType { path } => format!("{} has that \"type\"", self.path(path)),
            Reason::NoType { path: Some(path) } => format!("{} has no \"type\"", self.path(path)),
            Reason::NoType { path: None } => "it is in no package".to_owned(),
            Reason::WasmHeader => "it starts as WebAssembly does".to_owned(),
            Reason::MediaType { media_type } => format!("the media type is {media_type:?}"),
            Reason::Scheme { scheme } => format!("the scheme is {scheme}"),
        }
    }

    fn line(&self, mark: Mark, text: &str) -> String {
        let (sign, colour) = match (mark, self.explanation.unicode) {
            (Mark::Good, true) => ("✔", "32"),
            (Mark::Good, false) => ("+", "32"),
            (Mark::Bad, true) => ("✘", "31"),
            (Mark::Bad, false) => ("x", "31"),
            (Mark::Neutral, true) => ("·", "2"),
            (Mark::Neutral, false) => ("-", "2"),
            (Mark::Leads, true) => ("→", "36"),
            (Mark::Leads, false) => (">", "36"),
        };
        format!("{} {text}", self.terminal.paint(colour, sign))
    }

    fn looked(&self, verb: &str, path: &str, what: &str) -> String {
        format!("{verb} {}  {}", self.path(path), self.terminal.dim(what))
    }

    /// A path below the working directory without it; other paths as they are.
    fn path(&self, path: &str) -> String {
        let rest = path.strip_prefix(self.explanation.folder);
        rest.and_then(|rest| rest.strip_prefix('/')).unwrap_or(path).to_owned()
    }

    /// The same for paths inside a sentence.
    fn paths_in(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.explanation.folder), "")
    }
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Ambiguous => "commonjs or module, as the source says",
        Format::AmbiguousTypeScript => "commonjs-typescript or module-typescript, as the source says",
        decided => decided.name().unwrap_or("builtin"),
    }
}
