//! Packages that `exec` needs and nobody installed: asked about, and fetched for the run.

use std::io::{BufRead as _, Write as _};

use diagnostics::Diagnostic;
use npm_formats::config::Value;
use package_manager::exec::{PackageProvider, Provided};
use package_manager::exec_packages::ExecPackages;

use crate::commands::Invocation;
use crate::installation;

/// Fetches what is not installed, once the user agrees.
pub struct Fetching<'a> {
    invocation: &'a Invocation<'a>,
}

impl<'a> Fetching<'a> {
    pub fn new(invocation: &'a Invocation<'a>) -> Self {
        Self { invocation }
    }

    fn fetch(&self, packages: &[String]) -> Result<Provided, Diagnostic> {
        let settings = self.invocation.settings();
        let found = installation::with_context(self.invocation, &settings, |context| {
            ExecPackages::find(context, packages)
        })??;
        if found.needs_consent() {
            self.ask(&found.missing)?;
        }
        let provided =
            installation::with_context(self.invocation, &settings, |context| found.provide(context))?;
        Ok(provided?)
    }

    /// `--yes` agrees, `--no` does not, and where nobody can be asked it is only said.
    fn ask(&self, missing: &[String]) -> Result<(), Diagnostic> {
        let names = missing.join(", ");
        let process = self.invocation.process;
        match self.invocation.configuration.config.get("yes") {
            Some(Value::Boolean(true)) => Ok(()),
            Some(Value::Boolean(false)) => {
                let text = format!("{names} would have to be installed, and --no answers that");
                Err(Diagnostic::error("ECANCELED", text).with_hint("run it with --yes"))
            }
            _ if !process.stdin_is_terminal || process.is_build_server() => {
                let has = if missing.len() == 1 { "package was" } else { "packages were" };
                let text = format!("the following {has} not found and will be installed: {names}");
                self.invocation.terminal.warn(&Diagnostic::warning("EFETCHED", text));
                Ok(())
            }
            _ => confirm(missing),
        }
    }
}

/// On standard error: standard output is the program's.
fn confirm(missing: &[String]) -> Result<(), Diagnostic> {
    let canceled = || Diagnostic::error("ECANCELED", "canceled");
    let question =
        format!("Need to install the following packages:\n{}\nOk to proceed? (y) ", missing.join("\n"));
    let mut output = std::io::stderr().lock();
    let shown = output.write_all(question.as_bytes()).and_then(|()| output.flush());
    let mut answer = String::new();
    let read = shown.and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    match read {
        Ok(0) | Err(_) => Err(canceled()),
        Ok(_) => match answer.trim().chars().next() {
            None | Some('y' | 'Y') => Ok(()),
            Some(_) => Err(canceled()),
        },
    }
}

impl PackageProvider for Fetching<'_> {
    /// On a thread of its own, as an installation drives its own event loop.
    async fn provide(&self, packages: &[String]) -> Result<Provided, Diagnostic> {
        std::thread::scope(|scope| match scope.spawn(|| self.fetch(packages)).join() {
            Ok(provided) => provided,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }
}
