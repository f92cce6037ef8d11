//! `doctor`: whether what knit needs is there and works, and what to do where it is not.
//!
//! Owns the checks. What only the command line knows (PATH, the programs on it) is handed over. Source of the
//! checks: npm 11.19.1; those of knit's own store are added, and a registry other than the public one is no fault.

mod permissions;

use std::path::PathBuf;
use std::time::SystemTime;

use diagnostics::Diagnostic;
use npm_semver::Version;
use registry_client::{PackumentKind, RegistryClient};

use crate::cache::{self, CacheVerified};
use crate::ping::{ping, registry_problem};
use crate::settings::Settings;
use permissions::{Needs, Place};

/// One check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    Connection,
    Registry,
    KnitVersion,
    NodeVersion,
    Git,
    GlobalBin,
    CachePermissions,
    StorePermissions,
    ModulesPermissions,
    GlobalModulesPermissions,
    BinPermissions,
    GlobalBinPermissions,
    Cache,
}

impl Check {
    /// All of them, in the order in which they are made.
    pub const ALL: [Self; 13] = [
        Self::Connection,
        Self::Registry,
        Self::KnitVersion,
        Self::NodeVersion,
        Self::Git,
        Self::GlobalBin,
        Self::CachePermissions,
        Self::StorePermissions,
        Self::ModulesPermissions,
        Self::GlobalModulesPermissions,
        Self::BinPermissions,
        Self::GlobalBinPermissions,
        Self::Cache,
    ];

    /// The words that ask for it. `ping` is npm's older word for the first.
    pub fn groups(self) -> &'static [&'static str] {
        match self {
            Self::Connection => &["connection", "ping", "registry"],
            Self::Registry => &["registry"],
            Self::KnitVersion | Self::NodeVersion => &["versions"],
            Self::Git | Self::GlobalBin => &["environment"],
            Self::CachePermissions | Self::StorePermissions => &["permissions", "cache"],
            Self::ModulesPermissions
            | Self::GlobalModulesPermissions
            | Self::BinPermissions
            | Self::GlobalBinPermissions => &["permissions"],
            Self::Cache => &["cache"],
        }
    }

    /// What is checked, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Connection => "connection to the registry",
            Self::Registry => "configured registry",
            Self::KnitVersion => "version of knit",
            Self::NodeVersion => "version of node",
            Self::Git => "git executable",
            Self::GlobalBin => "global executables in PATH",
            Self::CachePermissions => "permissions of the cache",
            Self::StorePermissions => "permissions of the store",
            Self::ModulesPermissions => "permissions of node_modules",
            Self::GlobalModulesPermissions => "permissions of global packages",
            Self::BinPermissions => "permissions of executables",
            Self::GlobalBinPermissions => "permissions of global executables",
            Self::Cache => "contents of cache and store",
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Good,
    /// Something has to be done.
    Bad,
    /// It cannot be told, for a reason that is no fault.
    Unknown,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub check: Check,
    pub standing: Standing,
    /// One phrase.
    pub found: String,
    /// The files or folders in question, when there are any.
    pub details: Vec<String>,
    /// What to do where it is bad.
    pub advice: Option<String>,
}

/// What the command line knows about its surroundings.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub knit_version: String,
    /// The npm that knit behaves as.
    pub npm_version: String,
    pub node: Option<PathBuf>,
    pub node_version: Option<String>,
    /// Where the configured git was found.
    pub git: Option<PathBuf>,
    /// Whether the folder of global executables is in PATH.
    pub has_global_bin_in_path: bool,
    pub now: SystemTime,
}

/// Makes checks, one after the other. `client` is why there is none, where there is none.
pub async fn examine(
    checks: &[Check],
    settings: &Settings,
    surroundings: &Surroundings,
    client: &Result<RegistryClient, Diagnostic>,
) -> Vec<Finding> {
    let doctor = Doctor { settings, surroundings, client: client.as_ref() };
    let mut findings = Vec::with_capacity(checks.len());
    for check in checks {
        findings.push(doctor.check(*check).await);
    }
    findings
}

struct Doctor<'a> {
    settings: &'a Settings,
    surroundings: &'a Surroundings,
    client: Result<&'a RegistryClient, &'a Diagnostic>,
}

impl Doctor<'_> {
    async fn check(&self, check: Check) -> Finding {
        let places = &self.settings.places;
        let needs_of = |own, needs| Place { must_own: own, needs, whole: true };
        match check {
            Check::Connection => self.connection().await,
            Check::Registry => self.registry(),
            Check::KnitVersion => self.knit_version().await,
            Check::NodeVersion => self.node_version().await,
            Check::Git => self.git(),
            Check::GlobalBin => self.global_bin(),
            Check::CachePermissions => needs_of(true, Needs::Read).check(check, &places.cache),
            Check::StorePermissions => needs_of(true, Needs::Read).check(check, &places.store),
            Check::ModulesPermissions => {
                let modules = places.local_prefix.join("node_modules");
                needs_of(true, Needs::ReadAndWrite).check(check, &modules)
            }
            Check::GlobalModulesPermissions => {
                needs_of(false, Needs::Read).check(check, &places.global_modules())
            }
            Check::BinPermissions => {
                let place = Place { must_own: false, needs: Needs::Everything, whole: false };
                place.check(check, &places.local_prefix.join("node_modules").join(".bin"))
            }
            Check::GlobalBinPermissions => Place { must_own: false, needs: Needs::Enter, whole: false }
                .check(check, &places.global_bin()),
            Check::Cache => self.contents(),
        }
    }

    async fn connection(&self) -> Finding {
        let check = Check::Connection;
        let client = match self.client {
            Ok(client) => client,
            Err(problem) => return Finding::of_problem(check, problem),
        };
        match ping(client).await {
            Ok(pong) => Finding::good(check, format!("answered in {} ms", pong.time.as_millis())),
            Err(problem) => Finding::of_problem(check, &problem),
        }
    }

    fn registry(&self) -> Finding {
        let check = Check::Registry;
        let options = match self.client {
            Ok(client) => client.options(),
            Err(problem) => return Finding::of_problem(check, problem),
        };
        let Some(registry) = &options.registry else {
            return Finding::bad(check, "none is configured", "run `knit config set registry <address>`");
        };
        let address = diagnostics::redact_url(registry.as_str());
        if options.public_registry.as_ref().is_some_and(|public| {
            public.as_str().trim_end_matches('/') == registry.as_str().trim_end_matches('/')
        }) {
            return Finding::good(check, format!("{address}, the public one"));
        }
        Finding::good(check, address)
    }

    /// Nothing says which knit is current, so what it is measured by is npm.
    async fn knit_version(&self) -> Finding {
        let Surroundings { knit_version, npm_version, .. } = self.surroundings;
        let own = format!("{knit_version}, works as npm {npm_version}");
        let newest = match self.newest("npm", |_| true).await {
            Ok(Some(newest)) => format!("{own}; the newest npm is {newest}"),
            Ok(None) | Err(_) => own,
        };
        Finding::good(Check::KnitVersion, newest)
    }

    /// The newest release of the same line is what has its security fixes.
    async fn node_version(&self) -> Finding {
        let check = Check::NodeVersion;
        let text = self.surroundings.node_version.as_deref();
        let Some(version) = text.and_then(|text| Version::parse_loose(text).ok()) else {
            return match &self.surroundings.node {
                None => Finding::unknown(check, "there is no node in PATH".to_owned()),
                Some(node) => {
                    let found = format!("{} does not tell its version", node.display());
                    Finding::bad(
                        check,
                        &found,
                        "install node again, or point the setting `runtime` elsewhere",
                    )
                }
            };
        };
        let is_of_line = |other: &Version| other.major() == version.major();
        match self.newest("node", is_of_line).await {
            Err(reason) => Finding::unknown(check, format!("{version}; {reason}")),
            Ok(Some(newest)) if newest > version => {
                let advice = format!("install node {newest} or a newer line: older ones lack its fixes");
                Finding::bad(check, &format!("{version}, while {newest} is out"), &advice)
            }
            Ok(_) => Finding::good(check, version.to_string()),
        }
    }

    /// The newest release of a package that the registry has; why that cannot be told.
    async fn newest(
        &self,
        name: &str,
        is_meant: impl Fn(&Version) -> bool,
    ) -> Result<Option<Version>, String> {
        let client = self.client.map_err(|problem| problem.message.clone())?;
        let packument = client.packument(name, PackumentKind::Abbreviated).await;
        let packument = packument.map_err(|error| {
            let problem = registry_problem(&error);
            format!("which one is current cannot be told ({})", problem.code)
        })?;
        let parsed = packument.versions().iter().filter_map(|version| version.parsed());
        Ok(parsed.filter(|version| !version.is_prerelease() && is_meant(version)).max().cloned())
    }

    fn git(&self) -> Finding {
        match &self.surroundings.git {
            Some(path) => Finding::good(Check::Git, path.display().to_string()),
            None => {
                let found = format!("`{}` was not found", self.settings.install.git);
                let advice =
                    "install git, or point the setting `git` at it; packages in repositories need it";
                Finding::bad(Check::Git, &found, advice)
            }
        }
    }

    fn global_bin(&self) -> Finding {
        let folder = self.settings.places.global_bin();
        let folder = folder.display();
        if self.surroundings.has_global_bin_in_path {
            return Finding::good(Check::GlobalBin, folder.to_string());
        }
        let advice = format!("add {folder} to PATH, or set `prefix` to a folder whose bin is in PATH");
        Finding::bad(Check::GlobalBin, &format!("{folder} is not in PATH"), &advice)
    }

    /// What is damaged is gone afterwards, so that there is nothing left to do.
    fn contents(&self) -> Finding {
        let check = Check::Cache;
        match cache::verify(&self.settings.places, self.surroundings.now) {
            Ok(found) => Finding::good(check, verified(&found)),
            Err(error) => Finding::of_problem(check, &Diagnostic::from(error)),
        }
    }
}

fn verified(found: &CacheVerified) -> String {
    let mut text =
        format!("{} packages and {} packuments are whole", found.packages.whole, found.packuments.whole);
    let damaged = found.packages.removed.len() + found.packages.unreadable + found.packuments.removed;
    if damaged > 0 {
        text.push_str(&format!("; {damaged} damaged ones were removed"));
    }
    match found.collected.map(|collected| collected.removed) {
        Some(0) | None => {}
        Some(unused) => text.push_str(&format!("; {unused} unused ones were removed")),
    }
    text
}

impl Finding {
    fn new(check: Check, standing: Standing, found: String) -> Self {
        Self { check, standing, found, details: Vec::new(), advice: None }
    }

    fn good(check: Check, found: String) -> Self {
        Self::new(check, Standing::Good, found)
    }

    fn unknown(check: Check, found: String) -> Self {
        Self::new(check, Standing::Unknown, found)
    }

    fn bad(check: Check, found: &str, advice: &str) -> Self {
        Self { advice: Some(advice.to_owned()), ..Self::new(check, Standing::Bad, found.to_owned()) }
    }

    fn of_problem(check: Check, problem: &Diagnostic) -> Self {
        let advice = match &problem.hints[..] {
            [] => "run `knit ping` to see more".to_owned(),
            hints => hints.join("; "),
        };
        let mut finding = Self::bad(check, &format!("{}: {}", problem.code, problem), &advice);
        finding.details.extend(problem.causes.iter().cloned());
        finding
    }
}
