//! What an audit found, and npm's JSON of it (`auditReportVersion` 2). Source: npm 11.19.1.

use npm_formats::collation;
use serde_json::{Map, Value, json};

/// How bad a vulnerability is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Info,
    Low,
    Moderate,
    High,
    Critical,
}

impl Severity {
    /// All, the least first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Moderate, Self::High, Self::Critical];

    /// npm's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == word)
    }
}

/// What can be done about a vulnerability.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Fix {
    /// `audit fix` replaces it. So it is until something is met that holds it in place.
    #[default]
    Available,
    /// Nothing.
    None,
    /// `audit fix --force` installs this for a package that the project depends on.
    Forced(ForcedFix),
}

/// A version outside what the project allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForcedFix {
    pub name: String,
    pub version: String,
    /// `None` where it is not outside what is allowed after all.
    pub is_semver_major: Option<bool>,
}

/// A fix that was published too late for `before` or `min-release-age`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedFix {
    pub version: String,
    /// In milliseconds since 1970.
    pub before: i64,
}

/// Why a package is vulnerable.
#[derive(Debug, Clone, PartialEq)]
pub enum Via {
    /// A registry's advisory.
    Advisory(Box<AdvisoryView>),
    /// It depends on vulnerable versions of this package.
    Dependency(String),
}

/// An advisory as reports show it; what the registry left out is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct AdvisoryView {
    pub source: Value,
    pub name: String,
    pub title: Option<Value>,
    pub url: Option<Value>,
    pub severity: String,
    pub cwe: Option<Value>,
    pub cvss: Option<Value>,
    pub range: String,
}

/// A vulnerable package.
#[derive(Debug, Clone, PartialEq)]
pub struct Vulnerability {
    pub name: String,
    /// The worst of its advisories'; `None` where none has one that is known.
    pub severity: Option<Severity>,
    /// Whether the project or a workspace depends on it.
    pub is_direct: bool,
    pub via: Vec<Via>,
    /// Names of packages that are vulnerable because of it, sorted.
    pub effects: Vec<String>,
    /// The versions that are vulnerable.
    pub range: String,
    /// Where it is installed, sorted.
    pub nodes: Vec<String>,
    pub fix: Fix,
    pub blocked_fix: Option<BlockedFix>,
}

/// How many packages there are of which kind; one may be of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DependencyCounts {
    pub prod: usize,
    pub dev: usize,
    pub optional: usize,
    pub peer: usize,
    /// Without the project itself, which `prod` counts.
    pub total: usize,
}

/// The answer of an audit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditReport {
    /// Sorted by name.
    pub vulnerabilities: Vec<Vulnerability>,
    pub dependencies: DependencyCounts,
}

impl AuditReport {
    /// How many packages are vulnerable to a degree.
    pub fn count(&self, severity: Severity) -> usize {
        self.vulnerabilities.iter().filter(|found| found.severity == Some(severity)).count()
    }

    /// The vulnerability of a package.
    pub fn of(&self, name: &str) -> Option<&Vulnerability> {
        self.vulnerabilities.iter().find(|found| found.name == name)
    }

    /// npm's `metadata`.
    pub fn metadata_json(&self) -> Value {
        let mut counts: Map<String, Value> = Severity::ALL
            .into_iter()
            .map(|severity| (severity.as_str().to_owned(), self.count(severity).into()))
            .collect();
        counts.insert("total".to_owned(), self.vulnerabilities.len().into());
        let DependencyCounts { prod, dev, optional, peer, total } = self.dependencies;
        json!({
            "vulnerabilities": counts,
            "dependencies": {
                "prod": prod,
                "dev": dev,
                "optional": optional,
                "peer": peer,
                // npm counts nothing here
                "peerOptional": 0,
                "total": total,
            },
        })
    }

    /// The report as `audit --json` prints it.
    pub fn to_json(&self) -> Value {
        let all = self.vulnerabilities.iter().map(|found| (found.name.clone(), found.to_json()));
        json!({
            "auditReportVersion": 2,
            "vulnerabilities": all.collect::<Map<_, _>>(),
            "metadata": self.metadata_json(),
        })
    }
}

impl Vulnerability {
    fn to_json(&self) -> Value {
        let mut members = json!({
            "name": self.name,
            "severity": self.severity.map(Severity::as_str),
            "isDirect": self.is_direct,
            "via": self.via.iter().map(Via::to_json).collect::<Vec<_>>(),
            "effects": self.effects,
            "range": self.range,
            "nodes": self.nodes,
            "fixAvailable": self.fix.to_json(),
        });
        if let Some(BlockedFix { version, before }) = &self.blocked_fix {
            let before = npm_formats::config::print_date(*before);
            members["fixBlockedByReleaseAge"] = json!({ "version": version, "before": before });
        }
        members
    }
}

impl Fix {
    fn to_json(&self) -> Value {
        match self {
            Self::Available => true.into(),
            Self::None => false.into(),
            Self::Forced(fix) => {
                let mut members = json!({ "name": fix.name, "version": fix.version });
                if let Some(is_major) = fix.is_semver_major {
                    members["isSemVerMajor"] = is_major.into();
                }
                members
            }
        }
    }
}

impl Via {
    fn to_json(&self) -> Value {
        let advisory = match self {
            Self::Dependency(name) => return name.clone().into(),
            Self::Advisory(advisory) => advisory,
        };
        let AdvisoryView { source, name, title, url, severity, cwe, cvss, range } = &**advisory;
        let members = [
            ("source", Some(source.clone()).filter(|source| !source.is_null())),
            ("name", Some(name.clone().into())),
            ("dependency", Some(name.clone().into())),
            ("title", title.clone()),
            ("url", url.clone()),
            ("severity", Some(severity.clone().into())),
            ("cwe", cwe.clone()),
            ("cvss", cvss.clone()),
            ("range", Some(range.clone().into())),
        ];
        let present = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Value::Object(present.collect())
    }

    /// npm sorts advisories by their numbers as text, among the names of packages.
    pub(super) fn sort(all: &mut [Self]) {
        let key = |via: &Self| match via {
            Self::Dependency(name) => name.clone(),
            Self::Advisory(advisory) => match &advisory.source {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            },
        };
        all.sort_by(|a, b| collation::compare(&key(a), &key(b)));
    }
}
