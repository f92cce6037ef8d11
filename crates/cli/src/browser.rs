//! Opening a page for the user, or saying where it is.

use std::process::Command;

use diagnostics::Diagnostic;
use npm_formats::config::Value;
use serde_json::json;
use url::Url;

use crate::commands::Invocation;

/// Opens an address in the program that `browser` names, else in the system's. With `--browser=false`, and where
/// there is no such program, the address is printed below the title.
///
/// *Errors*: an address that is not one of the web, a program that fails.
pub fn open(invocation: &Invocation<'_>, title: &str, address: &str) -> Result<(), Diagnostic> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    let Some(url) = url else {
        return Err(Diagnostic::error("EINVALIDURL", format!("{address} is no address of the web")));
    };
    let program = match invocation.configuration.config.get("browser") {
        Some(Value::Boolean(false)) => {
            print(invocation, title, address);
            return Ok(());
        }
        Some(Value::Text(program)) if !program.is_empty() => program,
        _ => default_program().to_owned(),
    };
    match Command::new(&program).arg(url.as_str()).status() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            print(invocation, title, address);
            Ok(())
        }
        Err(error) => {
            Err(Diagnostic::error(diagnostics::io_code(&error), format!("could not start {program}"))
                .with_hint("name another program with --browser, or print the address with --browser=false"))
        }
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Diagnostic::error("EBROWSER", format!("{program} could not open {address}"))
            .with_hint("name another program with --browser, or print the address with --browser=false")),
    }
}

fn print(invocation: &Invocation<'_>, title: &str, address: &str) {
    let terminal = invocation.terminal;
    if terminal.json {
        terminal.print_json(&json!({ "title": title, "url": address }));
    } else {
        terminal.print(format!("{title}:\n{address}"));
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
