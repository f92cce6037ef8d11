//! What `:outdated` and `:vuln` ask a registry, only once it is known of which packages.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use dependency_resolver::published_at;
use diagnostics::Diagnostic;
use npm_formats::packument::PackumentVersion;
use npm_semver::{Range, RangeOptions, Version};
use registry_client::{ClientOptions, PackumentKind, RegistryClient, RegistryError};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use super::parse::VulnerabilityTest;
use crate::audit::bulk;
use crate::settings::Settings;
use crate::view::outdated::packuments;

/// A registry, and what it answered so far.
pub(super) struct RegistryFacts<'a> {
    settings: &'a Settings,
    runtime: Runtime,
    client: RegistryClient,
    /// By package, sorted, lowest first; none for a package that could not be asked about.
    versions: RefCell<HashMap<String, Vec<Version>>>,
    advisories: RefCell<HashMap<String, Vec<Advisory>>>,
    /// Packages and versions whose advisories are known, there being some or not.
    examined: RefCell<HashMap<String, Vec<String>>>,
    warnings: RefCell<Vec<Diagnostic>>,
}

/// An advisory as registries write it, and the fields of it that are looked at.
#[derive(Debug, Clone)]
pub(super) struct Advisory {
    document: Value,
    read: AdvisoryFields,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct AdvisoryFields {
    #[serde(default)]
    severity: String,
    #[serde(default)]
    cwe: Vec<String>,
    #[serde(default)]
    vulnerable_versions: String,
}

impl<'a> RegistryFacts<'a> {
    /// Nothing is asked yet.
    pub(super) fn new(settings: &'a Settings, options: ClientOptions) -> Result<Self, RegistryError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| RegistryError::InvalidSetting {
            setting: "registry",
            problem: format!("no asynchronous input and output: {error}"),
        })?;
        let client = {
            let _inside = runtime.enter();
            RegistryClient::new(options)?
        };
        Ok(Self {
            settings,
            runtime,
            client,
            versions: RefCell::default(),
            advisories: RefCell::default(),
            examined: RefCell::default(),
            warnings: RefCell::default(),
        })
    }

    /// What went wrong and did not end the query.
    pub(super) fn into_warnings(self) -> Vec<Diagnostic> {
        self.runtime.block_on(self.client.flush());
        self.warnings.into_inner()
    }

    /// Learns the versions of packages that are not known yet, beside each other. What cannot be had has none, with
    /// a warning.
    pub(super) fn learn_versions(&self, names: impl IntoIterator<Item = String>) {
        let mut unknown: Vec<String> = {
            let known = self.versions.borrow();
            names.into_iter().filter(|name| !known.contains_key(name)).collect()
        };
        unknown.sort_unstable();
        unknown.dedup();
        let install = &self.settings.install;
        let kind = match install.before {
            Some(_) => PackumentKind::Full,
            None => PackumentKind::Abbreviated,
        };
        let answers = self.runtime.block_on(packuments(&self.client, unknown, kind));
        let mut known = self.versions.borrow_mut();
        for (name, answer) in answers {
            let packument = match answer {
                Ok(packument) => packument,
                Err(error) => {
                    let text =
                        format!("the versions of {name} are not known, so it does not count as outdated");
                    let warning = Diagnostic::warning(error.code(), text).with_cause(error.to_string());
                    self.warnings.borrow_mut().push(warning);
                    known.insert(name, Vec::new());
                    continue;
                }
            };
            let excluded = &install.before_exclude;
            let is_exempt = excluded.iter().any(|pattern| dependency_resolver::name_matches(pattern, &name));
            let before = install.before.filter(|_| !is_exempt);
            let mut versions: Vec<Version> = packument
                .versions()
                .iter()
                .filter(|version| before.is_none_or(|before| was_published(version, before)))
                .filter_map(|version| version.parsed().cloned())
                .collect();
            versions.sort_unstable();
            known.insert(name, versions);
        }
    }

    /// What was learned.
    pub(super) fn versions(&self, name: &str) -> Vec<Version> {
        self.versions.borrow().get(name).cloned().unwrap_or_default()
    }

    /// Learns the advisories about packages, all in one request.
    ///
    /// *Errors*: what the registry answers; one that knows no advisories is no answer.
    pub(super) fn learn_advisories(
        &self,
        packages: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), RegistryError> {
        let mut asked: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut examined = self.examined.borrow_mut();
        for (name, version) in packages {
            let known = examined.entry(name.clone()).or_default();
            if !known.contains(&version) {
                known.push(version.clone());
                asked.entry(name).or_default().push(version);
            }
        }
        if asked.is_empty() {
            return Ok(());
        }
        let answer = self.runtime.block_on(bulk::advisories(&self.client, &asked))?;
        let mut advisories = self.advisories.borrow_mut();
        for (name, documents) in answer {
            let known = advisories.entry(name).or_default();
            for document in documents {
                let read = AdvisoryFields::deserialize(&document).unwrap_or_default();
                if !known.iter().any(|advisory: &Advisory| advisory.document == document) {
                    known.push(Advisory { document, read });
                }
            }
        }
        Ok(())
    }

    /// The advisories about a version that a test means; all of them without a test.
    pub(super) fn advisories(&self, name: &str, version: &str, tests: &[VulnerabilityTest]) -> Vec<Value> {
        let exact = Range::parse(version, RangeOptions::default()).ok();
        let advisories = self.advisories.borrow();
        let about = advisories.get(name).into_iter().flatten().filter(|advisory| {
            let affected = Range::parse(&advisory.read.vulnerable_versions, RangeOptions::default()).ok();
            let is_affected =
                affected.zip(exact.as_ref()).is_some_and(|(affected, exact)| affected.intersects(exact));
            is_affected && (tests.is_empty() || tests.iter().any(|test| advisory.passes(test)))
        });
        about.map(|advisory| advisory.document.clone()).collect()
    }
}

impl Advisory {
    fn passes(&self, test: &VulnerabilityTest) -> bool {
        let is_any = |words: &[String]| words.iter().any(|word| word == "*");
        let severity =
            test.severity.is_empty() || is_any(&test.severity) || test.severity.contains(&self.read.severity);
        let has = |number: &String| self.read.cwe.contains(&format!("CWE-{number}"));
        let weakness = match is_any(&test.cwe) {
            true => !self.read.cwe.is_empty(),
            false => test.cwe.iter().all(has),
        };
        severity && weakness
    }
}

/// A version of which the registry does not say when it was published does not count.
fn was_published(version: &PackumentVersion, before: i64) -> bool {
    published_at(version).is_some_and(|time| time <= before)
}

/// Texts of versions, for answers.
pub(super) fn texts(versions: &[Version]) -> Value {
    versions.iter().map(|version| Value::from(version.to_string())).collect()
}

/// A list below `key` of an object below `outer`, made as needed.
pub(super) fn put_nested(context: &mut Map<String, Value>, outer: &str, key: &str, value: Value) {
    let inner = context.entry(outer).or_insert_with(|| json!({}));
    if let Some(members) = inner.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}
