//! The questions, in order, and what becomes of the answers.

use std::path::Path;

use npm_formats::{license, package_name};
use npm_semver::Version;
use serde_json::{Map, Value, json};

use super::{Dialogue, InitDefaults, InitError, guess};

/// Members to put into the manifest. Nothing is asked about members that are there, but for name,
/// version, license and type.
pub(super) fn ask<'b>(
    directory: &Path,
    members: &Map<String, Value>,
    defaults: &InitDefaults,
    dialogue: &mut Option<&mut (dyn Dialogue + 'b)>,
) -> Result<Map<String, Value>, InitError> {
    let mut form = Form { members, answers: Map::new(), dialogue };
    let text = |key: &str| members.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let or = |configured: &str, fallback: &str| {
        if configured.is_empty() { fallback.to_owned() } else { configured.to_owned() }
    };

    let name = guess::name(text("name"), directory, defaults.scope.as_deref());
    form.ask_checked("name", "package name", &name, check_name)?;
    let version = text("version").map_or_else(|| or(&defaults.version, "1.0.0"), str::to_owned);
    form.ask_checked("version", "version", &version, check_version)?;
    if form.lacks("description") {
        form.ask("description", "description", None)?;
    }
    if form.lacks("main") {
        form.ask("main", "entry point", Some(&guess::main_file(directory)))?;
    }
    if form.lacks("bin") {
        form.put("bin", guess::bin(directory).map(Value::from));
    }
    form.put("directories", guess::directories(directory));
    for (key, for_tests, other) in
        [("dependencies", false, "devDependencies"), ("devDependencies", true, "dependencies")]
    {
        if form.lacks(key) {
            let except = members.get(other);
            form.put(key, guess::dependencies(directory, for_tests, except, &defaults.save_prefix));
        }
    }
    if form.lacks("scripts") {
        let command = form.answer("test command", guess::test_command(directory))?;
        let command = if command.is_empty() { guess::NO_TEST.to_owned() } else { command };
        form.put("scripts", Some(json!({ "test": command })));
    }
    if form.lacks("repository") {
        form.ask("repository", "git repository", guess::repository(directory).as_deref())?;
    }
    if form.lacks("keywords") {
        form.ask_keywords()?;
    }
    if form.lacks("author") {
        form.ask_author(defaults)?;
    }
    let license = text("license").map_or_else(|| or(&defaults.license, "ISC"), str::to_owned);
    form.ask_checked("license", "license", &license, check_license)?;
    let module_type = text("type").map_or_else(|| or(&defaults.module_type, "commonjs"), str::to_owned);
    form.ask("type", "type", Some(&module_type))?;
    if !members.contains_key("private") {
        form.put("private", defaults.private.map(Value::from));
    }
    Ok(form.answers)
}

struct Form<'a, 'b, 'c> {
    members: &'a Map<String, Value>,
    answers: Map<String, Value>,
    dialogue: &'a mut Option<&'c mut (dyn Dialogue + 'b)>,
}

impl Form<'_, '_, '_> {
    fn lacks(&self, key: &str) -> bool {
        match self.members.get(key) {
            None | Some(Value::Null | Value::Bool(false)) => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(_) => false,
        }
    }

    fn put(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.answers.insert(key.to_owned(), value);
        }
    }

    /// The answer, or the default when nobody is there to ask.
    fn answer(&mut self, question: &str, default: Option<&str>) -> Result<String, InitError> {
        match self.dialogue {
            Some(dialogue) => dialogue
                .ask(&format!("{question}:"), default)
                .map_err(|source| InitError::Canceled { source }),
            None => Ok(default.unwrap_or_default().to_owned()),
        }
    }

    fn ask(&mut self, key: &str, question: &str, default: Option<&str>) -> Result<(), InitError> {
        let answer = self.answer(question, default)?;
        self.put(key, Some(Value::from(answer)));
        Ok(())
    }

    /// Asks until the answer is one. A default is taken unseen, as in npm.
    fn ask_checked(
        &mut self,
        key: &str,
        question: &str,
        default: &str,
        check: fn(&str) -> Result<(), String>,
    ) -> Result<(), InitError> {
        loop {
            let answer = self.answer(question, Some(default))?;
            match (check(&answer), &mut *self.dialogue) {
                (Err(complaint), Some(dialogue)) => dialogue.say(&complaint),
                _ => {
                    self.put(key, Some(Value::from(answer)));
                    return Ok(());
                }
            }
        }
    }

    fn ask_keywords(&mut self) -> Result<(), InitError> {
        if self.dialogue.is_none() {
            self.put("keywords", Some(json!([])));
            return Ok(());
        }
        let answer = self.answer("keywords", None)?;
        let words: Vec<&str> =
            answer.split([' ', '\t', ',']).map(str::trim).filter(|word| !word.is_empty()).collect();
        self.put("keywords", (!words.is_empty()).then(|| json!(words)));
        Ok(())
    }

    fn ask_author(&mut self, defaults: &InitDefaults) -> Result<(), InitError> {
        if defaults.author_name.is_empty() {
            return self.ask("author", "author", None);
        }
        let mut author = Map::from_iter([("name".to_owned(), Value::from(defaults.author_name.as_str()))]);
        for (key, value) in [("email", &defaults.author_email), ("url", &defaults.author_url)] {
            if !value.is_empty() {
                author.insert(key.to_owned(), Value::from(value.as_str()));
            }
        }
        self.put("author", Some(Value::Object(author)));
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let report = package_name::validate(name);
    let complaints: Vec<String> =
        report.errors.iter().chain(&report.warnings).map(ToString::to_string).collect();
    if complaints.is_empty() { Ok(()) } else { Err(format!("Sorry, {}.", complaints.join(" and "))) }
}

fn check_version(version: &str) -> Result<(), String> {
    Version::parse(version).map(drop).map_err(|_| format!("Invalid version: \"{version}\""))
}

fn check_license(text: &str) -> Result<(), String> {
    if license::is_valid_for_new_package(text) {
        return Ok(());
    }
    Err("Sorry, the license must be an SPDX license expression, such as MIT".to_owned())
}
