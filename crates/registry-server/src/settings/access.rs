//! `[access]`: who may read and publish.

use npm_formats::package_name::PackageName;

use super::reader::{Misfit, Section, Setting};
use super::values::{text, words};
use crate::names::NamePattern;

/// Who may read and publish, before the grants that packages and teams have in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessSettings {
    /// Whether packages are read without logging in.
    pub anonymous_read: bool,
    /// Who gets an account.
    pub registration: Registration,
    /// Who may publish new packages of which names: the first rule that matches decides, and no rule refuses.
    pub publish: Vec<PublishRule>,
}

/// Who gets an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// Whom an administrator makes one.
    #[default]
    Closed,
    /// Everybody who asks for one.
    Open,
}

words!(Registration, "\"closed\" or \"open\"", "closed" => Registration::Closed, "open" => Registration::Open);

/// Who may publish new packages of some names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishRule {
    /// Which names.
    pub names: NamePattern,
    /// By whom.
    pub by: Vec<Publisher>,
}

/// Who may publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Publisher {
    /// Everybody who is logged in.
    Users,
    /// Administrators.
    Admins,
    /// One user.
    User(String),
    /// A team, without the `@` of its organisation.
    Team { organisation: String, team: String },
}

impl AccessSettings {
    /// Who may publish new packages of a name.
    pub fn publishers(&self, name: &PackageName) -> &[Publisher] {
        let rule = self.publish.iter().find(|rule| rule.names.matches(name));
        rule.map_or(&[], |rule| &rule.by)
    }
}

impl Default for AccessSettings {
    fn default() -> Self {
        let everybody = PublishRule { names: NamePattern::any(), by: vec![Publisher::Users] };
        AccessSettings { anonymous_read: true, registration: Registration::Closed, publish: vec![everybody] }
    }
}

impl Setting for Publisher {
    const FORM: &'static str = "\"users\", \"admins\", \"user:name\" or \"team:organisation:name\"";

    fn read(value: &toml::de::DeValue<'_>) -> Result<Self, Misfit> {
        let text = text(value)?;
        let parts: Vec<&str> = text.split(':').collect();
        match parts.as_slice() {
            ["users"] => Ok(Publisher::Users),
            ["admins"] => Ok(Publisher::Admins),
            ["user", name] if !name.is_empty() => Ok(Publisher::User((*name).into())),
            ["team", organisation, team] if !organisation.is_empty() && !team.is_empty() => {
                Ok(Publisher::Team {
                    organisation: organisation.trim_start_matches('@').into(),
                    team: (*team).into(),
                })
            }
            _ => Err(Misfit::Value(format!("has \"{text}\""))),
        }
    }
}

pub(super) fn read(section: &Section<'_, '_>) -> AccessSettings {
    let default = AccessSettings::default();
    let rules = section.sections("publish");
    let mut publish = Vec::with_capacity(rules.len());
    for rule in &rules {
        let names = rule.required::<NamePattern>("names");
        let by = rule.values("by");
        if rule.is_empty_list("by") {
            rule.report(&rule.span(), "nobody is named who may publish", "write by = [\"users\"]");
        }
        rule.finish();
        let Some(names) = names else { continue };
        if let Some(covering) =
            publish.iter().find(|earlier: &&PublishRule| earlier.names.covers(&names.value))
        {
            let message =
                format!("\"{}\": \"{}\" before it means these names already", names.value, covering.names);
            rule.report(&names.span, message, "the first rule that matches decides: move this one before it");
        }
        publish.push(PublishRule { names: names.value, by });
    }
    let settings = AccessSettings {
        anonymous_read: section.or("anonymous_read", default.anonymous_read),
        registration: section.or("registration", default.registration),
        publish: if rules.is_empty() { default.publish } else { publish },
    };
    section.finish();
    settings
}
