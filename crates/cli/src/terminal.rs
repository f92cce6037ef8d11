//! Writes to the two output streams: answers to standard output, everything said on the way to
//! standard error, in colour where that is wanted.

use std::io::Write as _;

use diagnostics::{Diagnostic, Style};
use npm_formats::config::{Config, Value};
use package_manager::{Event, Reporter};

use crate::process::Process;

/// How much is said, least first. npm's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Silent,
    Error,
    Warn,
    Notice,
    Http,
    Info,
    Verbose,
    Silly,
}

impl LogLevel {
    fn read(word: &str) -> Self {
        match word {
            "silent" => Self::Silent,
            "error" => Self::Error,
            "warn" => Self::Warn,
            "http" => Self::Http,
            "info" => Self::Info,
            "verbose" => Self::Verbose,
            "silly" => Self::Silly,
            _ => Self::Notice,
        }
    }
}

/// The output streams and how to write to them.
#[derive(Clone, Debug)]
pub struct Terminal {
    pub level: LogLevel,
    pub json: bool,
    /// Colour on standard output.
    pub style: Style,
    /// Colour on standard error.
    pub log_style: Style,
    /// `exec` does not announce what it runs.
    pub hides_banners: bool,
}

impl Terminal {
    pub fn new(config: &Config, process: &Process) -> Self {
        let colour = config.get("color");
        let style = |is_terminal: bool| match &colour {
            Some(Value::Text(word)) if word == "always" => Style::Colour,
            Some(value) if value.is_truthy() && is_terminal => Style::Colour,
            _ => Style::Plain,
        };
        Self {
            level: LogLevel::read(&config.text("loglevel").unwrap_or_default()),
            json: config.flag("json"),
            style: style(process.stdout_is_terminal),
            log_style: style(process.stderr_is_terminal),
            hides_banners: false,
        }
    }

    /// Before the configuration is known.
    pub fn plain() -> Self {
        Self {
            level: LogLevel::Notice,
            json: false,
            style: Style::Plain,
            log_style: Style::Plain,
            hides_banners: false,
        }
    }

    /// A line of the answer. A closed pipe (`knit ls | head`) is no error.
    pub fn print(&self, text: impl AsRef<str>) {
        write_line(&mut std::io::stdout().lock(), text.as_ref());
    }

    /// The answer as JSON, indented by two.
    pub fn print_json(&self, value: &serde_json::Value) {
        self.print(npm_formats::json::print(value, "  "));
    }

    /// A line beside the answer, always shown.
    pub fn print_error(&self, text: impl AsRef<str>) {
        write_line(&mut std::io::stderr().lock(), text.as_ref());
    }

    pub fn warn(&self, warning: &Diagnostic) {
        if self.level >= LogLevel::Warn {
            self.write_error(&warning.render(self.log_style));
        }
    }

    /// The same, without announcing scripts.
    #[must_use]
    pub fn without_banners(&self) -> Self {
        Self { hides_banners: true, ..self.clone() }
    }

    /// Something to know, on standard error.
    pub fn notice(&self, text: &str) {
        if self.level >= LogLevel::Notice {
            self.print_error(text);
        }
    }

    /// A remark, shown at `--loglevel info` and above.
    pub fn inform(&self, text: &str) {
        if self.level >= LogLevel::Info {
            self.print_error(format!("info: {text}"));
        }
    }

    /// The error that ends a command: text on standard error, and with `--json` npm's object on
    /// standard output too.
    pub fn fail(&self, error: &Diagnostic) {
        if self.level > LogLevel::Silent {
            self.write_error(&error.render(self.log_style));
        }
        if self.json {
            self.print_json(&error.to_json());
        }
    }

    /// The same beside an answer: with `--json` both are one object, as npm has it.
    pub fn fail_with_answer(&self, error: &Diagnostic, answer: serde_json::Value) {
        if self.level > LogLevel::Silent {
            self.write_error(&error.render(self.log_style));
        }
        let mut merged = answer;
        if let (Some(members), serde_json::Value::Object(error)) = (merged.as_object_mut(), error.to_json()) {
            members.extend(error);
        }
        self.print_json(&merged);
    }

    fn write_error(&self, text: &str) {
        let mut stream = std::io::stderr().lock();
        let _ = stream.write_all(text.as_bytes());
    }

    /// Text in bold, where colour is on.
    pub fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    pub fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    pub fn paint(&self, sequence: &str, text: &str) -> String {
        match self.style {
            Style::Plain => text.to_owned(),
            Style::Colour => format!("\u{1b}[{sequence}m{text}\u{1b}[0m"),
        }
    }
}

fn write_line(stream: &mut impl std::io::Write, text: &str) {
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.write_all(b"\n");
    let _ = stream.flush();
}

impl Reporter for Terminal {
    fn report(&self, event: Event<'_>) {
        match event {
            Event::Warning(warning) => self.warn(warning),
            Event::Information(text) => self.inform(text),
            // Shown by `progress`, where anything is.
            Event::Step(_) => {}
            Event::ScriptStarted { package, event, command, arguments } => {
                if self.level == LogLevel::Silent || self.hides_banners {
                    return;
                }
                let banner = script_banner(package, event, command, arguments);
                // With --json, standard output belongs to the answer.
                if self.json { self.print_error(banner) } else { self.print(banner) }
            }
        }
    }
}

/// Shape: an empty line, `> name@1.0.0 event`, `> command arguments`, an empty line, as npm prints it.
fn script_banner(package: Option<&str>, event: &str, command: &str, arguments: &[String]) -> String {
    let mut banner = String::from("\n> ");
    if let Some(package) = package {
        banner.push_str(package);
        banner.push(' ');
    }
    banner.push_str(event);
    banner.push_str("\n> ");
    banner.push_str(&command.trim().replace('\n', "\n> "));
    for argument in arguments {
        banner.push(' ');
        banner.push_str(argument);
    }
    banner.push('\n');
    banner
}
