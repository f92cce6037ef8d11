//! Opening a page for the user, or saying where it is.

use std::process::Command;

use diagnostics::Diagnostic;
use npm_formats::config::{Config, Value};
use serde_json::json;
use url::Url;

use crate::commands::Invocation;
use crate::terminal::Terminal;

/// How pages are opened, by the configuration.
#[derive(Clone)]
pub struct Browser {
    /// `None` with `--browser=false`.
    program: Option<String>,
    terminal: Terminal,
}

/// Opens an address in the program that `browser` names, else in the system's. With `--browser=false`, and where
/// there is no such program, the address is printed below the title.
///
/// *Errors*: an address that is not one of the web, a program that fails.
pub fn open(invocation: &Invocation<'_>, title: &str, address: &str) -> Result<(), Diagnostic> {
    Browser::new(&invocation.configuration.config, invocation.terminal).open(title, address)
}

impl Browser {
    pub fn new(config: &Config, terminal: &Terminal) -> Self {
        let program = match config.get("browser") {
            Some(Value::Boolean(false)) => None,
            Some(Value::Text(program)) if !program.is_empty() => Some(program),
            _ => Some(default_program().to_owned()),
        };
        Self { program, terminal: terminal.clone() }
    }

    /// Whether a program is started at all.
    pub fn opens(&self) -> bool {
        self.program.is_some()
    }

    /// As the function of this name.
    pub fn open(&self, title: &str, address: &str) -> Result<(), Diagnostic> {
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "https" | "http" | "mailto"));
        let Some(url) = url else {
            return Err(Diagnostic::error("EINVALIDURL", format!("{address} is no address of the web")));
        };
        let Some(program) = &self.program else {
            self.print(title, address);
            return Ok(());
        };
        let hint = "name another program with --browser, or print the address with --browser=false";
        match Command::new(program).arg(url.as_str()).status() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                self.print(title, address);
                Ok(())
            }
            Err(error) => {
                let text = format!("could not start {program}");
                Err(Diagnostic::error(diagnostics::io_code(&error), text).with_hint(hint))
            }
            Ok(status) if status.success() => Ok(()),
            Ok(_) => {
                let text = format!("{program} could not open {address}");
                Err(Diagnostic::error("EBROWSER", text).with_hint(hint))
            }
        }
    }

    /// Says where a page is while something else is the answer: with `--json` on standard error.
    pub fn tell(&self, title: &str, address: &str) {
        if self.terminal.json {
            self.terminal.print_error(format!("{title}:\n{address}"));
        } else {
            self.terminal.print(format!("{title}:\n{address}"));
        }
    }

    fn print(&self, title: &str, address: &str) {
        if self.terminal.json {
            self.terminal.print_json(&json!({ "title": title, "url": address }));
        } else {
            self.terminal.print(format!("{title}:\n{address}"));
        }
    }
}

fn default_program() -> &'static str {
    if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    }
}
