//! How the profile of an account is shown, and what is shown while a second factor is enabled.

use std::io;

use diagnostics::Diagnostic;
use package_manager::account::AccountDialogue;
use package_manager::profile::{self, Enabling};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use registry_client::Secret;
use serde_json::{Map, Value, json};

use crate::account_holder::Questions;
use crate::commands::Invocation;
use crate::credentials::{self, AccountRegistry};
use crate::javascript_text::{member, print};

const SECOND_FACTOR: &str = "two-factor auth";
/// The order of the known ones; what else the registry tells comes after them.
const KEYS: [&str; 10] = [
    "name",
    "email",
    SECOND_FACTOR,
    "fullname",
    "homepage",
    "freenode",
    "twitter",
    "github",
    "created",
    "updated",
];

/// Everything, or the properties named, separated by commas or spaces: their values with tabs between.
pub fn show(invocation: &Invocation<'_>, mut profile: Map<String, Value>, names: &[String]) {
    let terminal = invocation.terminal;
    if member(&profile, "cidr_whitelist").is_none() {
        profile.shift_remove("cidr_whitelist");
    }
    if terminal.json {
        terminal.print_json(&Value::Object(profile));
        return;
    }
    let rows = rows(&profile);
    let value = |name: &str| rows.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if !names.is_empty() {
        let names = names.iter().flat_map(|names| names.split(',')).filter(|name| !name.trim().is_empty());
        let values: Vec<&str> = names.map(|name| value(name).unwrap_or_default()).collect();
        terminal.print(values.join("\t"));
    } else if invocation.configuration.config.flag("parseable") {
        for (name, told) in &profile {
            let told = match name.as_str() {
                "tfa" => value(SECOND_FACTOR).unwrap_or_default().to_owned(),
                _ => print(told),
            };
            terminal.print(format!("{name}\t{told}"));
        }
    } else {
        for (name, value) in &rows {
            terminal.print(format!("{name}: {value}"));
        }
    }
}

fn rows(profile: &Map<String, Value>) -> Vec<(String, String)> {
    let others = profile.keys().map(String::as_str).filter(|name| !KEYS.contains(name));
    let others = others.filter(|name| !matches!(*name, "tfa" | "email_verified"));
    let row = |name: &str| {
        let mut value = member(profile, name).map(print).unwrap_or_default();
        match name {
            "email" if member(profile, "email_verified").is_some() => value.push_str(" (verified)"),
            "email" => value.push_str("(unverified)"),
            SECOND_FACTOR => value = profile::second_factor(profile).unwrap_or("disabled").to_owned(),
            _ => {}
        }
        (name.to_owned(), value)
    };
    KEYS.into_iter().chain(others).map(row).collect()
}

pub fn changed(invocation: &Invocation<'_>, property: &str, value: Option<Value>) {
    let terminal = invocation.terminal;
    let text = value.as_ref().map(print);
    if terminal.json {
        terminal.print_json(&json!({ property: value }));
    } else if invocation.configuration.config.flag("parseable") {
        terminal.print(format!("{property}\t{}", text.unwrap_or_else(|| "null".to_owned())));
    } else {
        let to = text.map(|text| format!(" to {text}")).unwrap_or_default();
        terminal.print(format!("Set {property}{to}"));
    }
}

pub fn disabled(invocation: &Invocation<'_>, was_on: bool) {
    let terminal = invocation.terminal;
    if !was_on {
        terminal.print("Two factor authentication not enabled.");
    } else if terminal.json {
        terminal.print_json(&json!({ "tfa": false }));
    } else if invocation.configuration.config.flag("parseable") {
        terminal.print("tfa\tfalse");
    } else {
        terminal.print("Two factor authentication disabled.");
    }
}

pub fn enabled(invocation: &Invocation<'_>, recovery_codes: &[String]) {
    let terminal = invocation.terminal;
    terminal.print("2FA successfully enabled. Below are your recovery codes, please print these out.");
    terminal.print(
        "You will need these to recover access to your account if you lose your authentication device.",
    );
    for code in recovery_codes {
        terminal.print(format!("\t{code}"));
    }
}

/// The user while a second factor is enabled.
pub struct Enrolment<'a> {
    invocation: &'a Invocation<'a>,
    registry: AccountRegistry,
}

impl<'a> Enrolment<'a> {
    /// *Errors*: no registry is configured.
    pub fn new(invocation: &'a Invocation<'a>) -> Result<Self, Diagnostic> {
        let registry = credentials::registry(invocation, &invocation.client_options()?, false)?;
        Ok(Self { invocation, registry })
    }
}

impl AccountDialogue for Enrolment<'_> {
    fn ask(&mut self, question: &str) -> io::Result<String> {
        Questions.ask(question)
    }

    fn ask_hidden(&mut self, question: &str) -> io::Result<Secret> {
        Questions.ask_hidden(question)
    }

    fn say(&mut self, text: &str) {
        Questions.say(text);
    }
}

impl Enabling for Enrolment<'_> {
    fn keep(&mut self, token: &Secret) -> Result<(), Diagnostic> {
        credentials::keep(self.invocation, &self.registry, None, token)
    }

    fn show_secret(&mut self, url: &str, secret: &str) {
        let terminal = self.invocation.terminal;
        let picture = picture(url).filter(|_| self.invocation.configuration.config.flag("unicode"));
        match picture {
            Some(picture) => terminal.print(format!("Scan into your authenticator app:\n{picture}")),
            None => terminal.print(format!("Add this to your authenticator app:\n{url}")),
        }
        terminal.print(format!("\n Or enter code: {secret}"));
    }
}

/// A URL as a picture for cameras, light on dark as terminals mostly are, two rows a line. `None` for one too long.
fn picture(url: &str) -> Option<String> {
    let code = QrCode::new(url).ok()?;
    Some(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}
