//! Which published versions of a package an advisory means, be it a registry's own or the consequence of one:
//! a package depends on nothing but vulnerable versions of another. Source: npm 11.19.1
//! (`@npmcli/metavuln-calculator`).
//!
//! Registries publish thousands of prereleases. As in npm the versions of a `major.minor` are halved until both ends
//! of a part agree, and what lies between is taken to be like them.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use npm_formats::packument::Packument;
use npm_semver::{Range, RangeOptions, Version, simplify};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How advisories are held against versions.
pub(super) const OPTIONS: RangeOptions = RangeOptions { loose: true, include_prerelease: true };

/// What a registry has published of a package.
pub(super) struct Published {
    /// `None` where the package is not to be had from a registry.
    pub(super) packument: Option<Packument>,
    /// Lowest first.
    pub(super) versions: Vec<Version>,
}

impl Published {
    pub(super) fn new(packument: Option<Packument>) -> Self {
        let parsed = packument.iter().flat_map(|packument| packument.versions());
        let mut versions: Vec<Version> = parsed.filter_map(|version| version.parsed().cloned()).collect();
        versions.sort();
        Self { packument, versions }
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.versions.iter().map(ToString::to_string).collect()
    }

    fn manifest(&self, version: &str) -> Option<Map<String, Value>> {
        let packument = self.packument.as_ref()?;
        packument.manifest(packument.version(version)?).ok()
    }
}

/// An advisory as a registry writes it, as far as it is shown.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Document {
    #[serde(default)]
    pub(super) id: Value,
    pub(super) title: Option<Value>,
    pub(super) url: Option<Value>,
    severity: Option<String>,
    pub(super) cwe: Option<Value>,
    pub(super) cvss: Option<Value>,
    vulnerable_versions: Option<String>,
}

/// Why versions are vulnerable.
pub(super) enum Cause {
    /// A registry says so.
    Published(Box<Document>),
    /// They depend on what this is about.
    Dependency(Rc<Advisory>),
}

/// An advisory about one package, its versions worked out.
pub(super) struct Advisory {
    pub(super) name: String,
    pub(super) severity: String,
    pub(super) range: String,
    pub(super) cause: Cause,
    pub(super) published: Rc<Published>,
    parsed_range: Option<Range>,
    vulnerable: RefCell<HashSet<String>>,
    tested: RefCell<HashMap<String, bool>>,
    tested_specs: RefCell<HashMap<String, bool>>,
}

impl Advisory {
    /// What a registry says about a package.
    pub(super) fn published(name: &str, document: &Value, published: Rc<Published>) -> Self {
        let document = Document::deserialize(document).unwrap_or_default();
        let severity = document.severity.clone().unwrap_or_else(|| "high".to_owned());
        let range = document.vulnerable_versions.clone().filter(|range| !range.is_empty());
        let range = range.unwrap_or_else(|| "*".to_owned());
        Self::load(name, severity, range, Cause::Published(Box::new(document)), published)
    }

    /// What follows from an advisory for a package that depends on what it is about.
    pub(super) fn of_dependent(name: &str, source: Rc<Advisory>, published: Rc<Published>) -> Self {
        let severity = source.severity.clone();
        let mut advisory = Self::load(name, severity, String::new(), Cause::Dependency(source), published);
        advisory.range = advisory.affected_range();
        advisory.parsed_range = Range::parse(&advisory.range, OPTIONS).ok();
        advisory
    }

    fn load(name: &str, severity: String, range: String, cause: Cause, published: Rc<Published>) -> Self {
        let advisory = Self {
            name: name.to_owned(),
            severity,
            parsed_range: Range::parse(&range, OPTIONS).ok(),
            range,
            cause,
            published,
            vulnerable: RefCell::default(),
            tested: RefCell::default(),
            tested_specs: RefCell::default(),
        };
        advisory.test_all();
        advisory
    }

    /// The package whose advisory this follows from.
    pub(super) fn dependency(&self) -> Option<&str> {
        match &self.cause {
            Cause::Published(_) => None,
            Cause::Dependency(source) => Some(&source.name),
        }
    }

    /// Whether a version is vulnerable. `spec` is how it depends on the vulnerable package, for a version that the
    /// registry does not have.
    pub(super) fn test_version(&self, version: &str, spec: Option<&str>) -> bool {
        if let Some(&known) = self.tested.borrow().get(version) {
            return known;
        }
        let is_vulnerable = self.examine(version, spec);
        if is_vulnerable {
            self.mark(version);
        }
        self.tested.borrow_mut().insert(version.to_owned(), is_vulnerable);
        is_vulnerable
    }

    /// Whether every version that a spec allows is vulnerable.
    fn test_spec(&self, spec: &str) -> bool {
        if let Some(&known) = self.tested_specs.borrow().get(spec) {
            return known;
        }
        let range = Range::parse(spec, OPTIONS).ok();
        let allows = |version: &&Version| range.as_ref().is_some_and(|range| range.satisfies(version));
        // where nothing is allowed, nothing helps
        let has_way_out = self
            .published
            .versions
            .iter()
            .filter(allows)
            .any(|version| !self.test_version(&version.to_string(), None));
        self.tested_specs.borrow_mut().insert(spec.to_owned(), !has_way_out);
        !has_way_out
    }

    fn mark(&self, version: &str) {
        self.vulnerable.borrow_mut().insert(version.to_owned());
    }

    fn examine(&self, version: &str, spec: Option<&str>) -> bool {
        if self.vulnerable.borrow().contains(version) {
            return true;
        }
        let Cause::Dependency(source) = &self.cause else {
            let parsed = Version::parse_loose(version).ok();
            return parsed
                .zip(self.parsed_range.as_ref())
                .is_some_and(|(version, range)| range.satisfies(&version));
        };
        let manifest = self.published.manifest(version);
        let declared = || dependency_spec(manifest.as_ref()?, &source.name);
        let Some(spec) = spec.filter(|spec| !spec.is_empty()).or_else(declared) else { return false };
        // of a tag, an address or an alias nothing can be hoped
        let Ok(range) = Range::parse(spec, OPTIONS) else { return true };
        let bundled = manifest.as_ref().and_then(|manifest| manifest.get("bundleDependencies")?.as_array());
        if bundled.is_some_and(|names| names.iter().any(|name| name == source.name.as_str())) {
            return source.parsed_range.as_ref().is_some_and(|avoid| range.intersects(avoid));
        }
        source.test_spec(spec)
    }

    /// Tests as many of the published versions as it takes to know about all.
    fn test_all(&self) {
        let mut parts: Vec<Vec<&Version>> = Vec::new();
        for version in &self.published.versions {
            match parts.last_mut() {
                Some(part) if part[0].major() == version.major() && part[0].minor() == version.minor() => {
                    part.push(version);
                }
                _ => parts.push(vec![version]),
            }
        }
        let mut at = 0;
        while at < parts.len() {
            let part = std::mem::take(&mut parts[at]);
            parts.extend(self.test_part(&part));
            at += 1;
        }
    }

    /// Tests the ends of a part. Where they do not agree, gives its halves.
    fn test_part<'v>(&self, part: &[&'v Version]) -> Vec<Vec<&'v Version>> {
        let test = |version: &Version| self.test_version(&version.to_string(), None);
        let mark =
            |versions: &[&Version]| versions.iter().for_each(|version| self.mark(&version.to_string()));
        let last = part.len() - 1;
        let (first_is_vulnerable, last_is_vulnerable) = (test(part[0]), test(part[last]));
        // prereleases at the ends are like the end, and the releases next to them are looked at instead
        let mut head = part.iter().position(|version| !version.is_prerelease()).unwrap_or(part.len());
        if head == part.len() {
            head = 0;
        } else if first_is_vulnerable {
            mark(&part[..head]);
        }
        let mut tail = last;
        while tail > head && part[tail].is_prerelease() {
            tail -= 1;
        }
        if tail == head {
            tail = last;
        } else if last_is_vulnerable {
            mark(&part[tail + 1..]);
        }
        let head_is_vulnerable = if head == 0 { first_is_vulnerable } else { test(part[head]) };
        let tail_is_vulnerable = if tail == last { last_is_vulnerable } else { test(part[tail]) };
        if head_is_vulnerable && tail_is_vulnerable {
            mark(&part[head..tail]);
            return Vec::new();
        }
        if tail < head + 2 {
            return Vec::new();
        }
        let (mut low, mut high) = part.split_at(part.len() / 2);
        if let [first, .., end] = low
            && !first.is_prerelease()
            && end.is_prerelease()
        {
            let is_vulnerable = test(end);
            let releases = low.iter().rposition(|version| !version.is_prerelease()).map_or(0, |at| at + 1);
            if is_vulnerable {
                mark(&low[releases..]);
            }
            low = &low[..releases];
        }
        if let [start, .., end] = high
            && !end.is_prerelease()
            && start.is_prerelease()
        {
            let is_vulnerable = test(start);
            let releases = high.iter().position(|version| !version.is_prerelease()).unwrap_or(high.len());
            if is_vulnerable {
                mark(&high[..releases]);
            }
            high = &high[releases..];
        }
        vec![low.to_vec(), high.to_vec()]
    }

    /// The vulnerable versions as the shortest range that means them; prereleases between them are no gap.
    fn affected_range(&self) -> String {
        let versions = self.published.texts();
        let vulnerable = self.vulnerable.borrow();
        let mut runs: Vec<String> = Vec::new();
        let mut at = 0;
        while at < versions.len() {
            let start = &versions[at];
            let mut end = None;
            while let Some(version) = versions.get(at) {
                if vulnerable.contains(version) {
                    end = Some(version);
                } else if !version.contains('-') {
                    break;
                }
                at += 1;
            }
            if let Some(end) = end {
                runs.push(match end {
                    end if versions.last() == Some(end) => format!(">={start}"),
                    end if end == start => start.clone(),
                    end => format!("{start} - {end}"),
                });
            }
            at += 1;
        }
        let runs = runs.join(" || ");
        if runs.is_empty() { "<0.0.0-0".to_owned() } else { simplified(&versions, &runs) }
    }
}

/// The shorter of a range and one that means the same of these versions.
pub(super) fn simplified(versions: &[String], range: &str) -> String {
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    simplify(&versions, range, OPTIONS).unwrap_or_else(|_| range.to_owned())
}

/// How a manifest depends on a package. What it needs for development is nobody else's business.
fn dependency_spec<'m>(manifest: &'m Map<String, Value>, name: &str) -> Option<&'m str> {
    ["dependencies", "optionalDependencies", "peerDependencies"]
        .into_iter()
        .find_map(|section| manifest.get(section)?.get(name)?.as_str())
}
