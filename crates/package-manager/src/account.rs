//! Accounts as the commands about them share them: who we are at a registry, and what is asked of the user.
//!
//! Does not own the terminal: questions go through [`AccountDialogue`]. Source of rules: npm 11.19.1.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diagnostics::Diagnostic;
use http::Method;
use registry_client::{ApiRequest, Credential, RegistryClient, Secret};
use serde_json::Value;

use crate::ping::registry_problem;

/// Questions to the user.
pub trait AccountDialogue {
    /// *Errors*: nobody answers.
    fn ask(&mut self, question: &str) -> io::Result<String>;
    /// Asks for what is not to be seen.
    ///
    /// *Errors*: nobody answers.
    fn ask_hidden(&mut self, question: &str) -> io::Result<Secret>;
    /// Says why a question comes again.
    fn say(&mut self, text: &str);
}

/// The error of a question that nobody answered.
fn unanswered(error: &io::Error, what: &str, hint: &str) -> Diagnostic {
    let text = format!("no {what} was given");
    if error.kind() == io::ErrorKind::Interrupted {
        return Diagnostic::error("ECANCELED", text);
    }
    Diagnostic::error("ENOINPUT", text).with_cause(error.to_string()).with_hint(hint)
}

/// Asks for a user name until it is one: lower case, and safe in URLs.
///
/// *Errors*: nobody answers.
pub fn ask_username(dialogue: &mut dyn AccountDialogue) -> Result<String, Diagnostic> {
    loop {
        let hint = "run `knit login` at a terminal, or write the answers to its standard input, a line each";
        let typed = dialogue.ask("Username: ").map_err(|error| unanswered(&error, "user name", hint))?;
        let name = typed.trim();
        match username_problem(name) {
            _ if name.is_empty() => {}
            Some(problem) => dialogue.say(problem),
            None => return Ok(name.to_owned()),
        }
    }
}

fn username_problem(name: &str) -> Option<&'static str> {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_.!~*()".contains(c);
    if name != name.to_lowercase() {
        Some("A user name is written in lower case")
    } else if name.contains('\'') || !name.chars().all(is_safe) {
        Some("A user name has only characters that are safe in URLs")
    } else if name.starts_with('.') {
        Some("A user name does not begin with a dot")
    } else if name.len() > 214 {
        Some("A user name has at most 214 characters")
    } else {
        None
    }
}

/// Asks for an address of electronic mail until it looks like one.
///
/// *Errors*: nobody answers.
pub fn ask_email(dialogue: &mut dyn AccountDialogue) -> Result<String, Diagnostic> {
    loop {
        let hint = "run `knit adduser` at a terminal";
        let typed = dialogue
            .ask("Email (this will be public): ")
            .map_err(|error| unanswered(&error, "email address", hint))?;
        let typed = typed.trim();
        let parts = typed.split_once('@').and_then(|(user, host)| Some((user, host.rsplit_once('.')?)));
        let is_address = typed.len() <= 254
            && parts
                .is_some_and(|(user, (host, top))| !user.is_empty() && !host.is_empty() && !top.is_empty());
        if is_address {
            return Ok(typed.to_owned());
        }
        if !typed.is_empty() {
            dialogue.say("An email address has the form name@host.example, and at most 254 characters");
        }
    }
}

/// Asks for a password until there is one.
///
/// *Errors*: nobody answers.
pub fn ask_password(dialogue: &mut dyn AccountDialogue, question: &str) -> Result<Secret, Diagnostic> {
    loop {
        let hint = "run the command at a terminal, or write the password to its standard input";
        let typed = dialogue.ask_hidden(question).map_err(|error| unanswered(&error, "password", hint))?;
        if !typed.reveal().is_empty() {
            return Ok(typed);
        }
    }
}

/// Asks for the code of an authenticator until it is one.
///
/// *Errors*: nobody answers.
pub fn ask_code(dialogue: &mut dyn AccountDialogue, question: &str) -> Result<Secret, Diagnostic> {
    loop {
        let hint = "run the command at a terminal";
        let typed = dialogue.ask(question).map_err(|error| unanswered(&error, "code", hint))?;
        if let Some(code) = one_time_password(&typed) {
            return Ok(code);
        }
    }
}

/// The code in what was typed: digits, with spaces anywhere, or a recovery code of 64 hexadecimal digits.
pub fn one_time_password(typed: &str) -> Option<Secret> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let is_recovery = code.len() == 64 && code.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    (is_code || is_recovery).then(|| Secret::new(code))
}

/// The credential that requests to the command's registry carry.
pub(crate) fn credential(client: &RegistryClient) -> Option<Credential> {
    let options = client.options();
    let registry = options.registry_for_scope(None)?;
    options.credentials.nearest(registry).map(|(_, credential)| credential)
}

/// The name and the password of a credential that consists of them.
pub(crate) fn user_and_password(credential: &Credential) -> Option<(String, Secret)> {
    let basic = credential.authorization()?.reveal().strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(basic.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    (!user.is_empty()).then(|| (user.to_owned(), Secret::new(password)))
}

/// Who we are at the registry: the name of the credentials, else what the registry says.
///
/// *Errors*: `ENEEDAUTH` without credentials, and what the registry refuses.
pub async fn identity(client: &RegistryClient) -> Result<String, Diagnostic> {
    let credential = credential(client);
    if let Some((user, _)) = credential.as_ref().and_then(user_and_password) {
        return Ok(user);
    }
    if credential.is_some() {
        let request = ApiRequest::new(Method::GET, "/-/whoami");
        let said: Value = call(client, &request).await?;
        if let Some(name) = said.get("username").and_then(Value::as_str) {
            return Ok(name.to_owned());
        }
    }
    Err(needs_login(client))
}

fn needs_login(client: &RegistryClient) -> Diagnostic {
    let registry = client.options().registry_for_scope(None);
    let place = registry.map(|url| format!(" at {}", diagnostics::redact_url(url.as_str())));
    let text = format!("you are not logged in{}", place.unwrap_or_default());
    Diagnostic::error("ENEEDAUTH", text).with_hint("run `knit login`")
}

/// Makes a call and reads its answer; an empty one is null.
pub(crate) async fn call(client: &RegistryClient, request: &ApiRequest) -> Result<Value, Diagnostic> {
    let response = client.request(request).await.map_err(|error| registry_problem(&error))?;
    if response.body.is_empty() {
        return Ok(Value::Null);
    }
    response.json().map_err(|error| registry_problem(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_digits_or_recovery_codes() {
        let recovery = "0123456789abcdef".repeat(4);
        let rows = [
            ("123456", Some("123456")),
            (" 123 456 ", Some("123456")),
            (recovery.as_str(), Some(recovery.as_str())),
            ("", None),
            ("abc", None),
            ("12345a", None),
        ];
        for (typed, code) in rows {
            assert_eq!(one_time_password(typed).as_ref().map(Secret::reveal), code, "{typed}");
        }
    }

    #[test]
    fn user_names_are_npms() {
        for name in ["ann", "ann-b.c_d", "a1"] {
            assert_eq!(username_problem(name), None, "{name}");
        }
        for name in ["Ann", "a b", ".ann", "a/b", "a'b", "é"] {
            assert!(username_problem(name).is_some(), "{name}");
        }
        assert!(username_problem(&"a".repeat(215)).is_some());
    }
}
