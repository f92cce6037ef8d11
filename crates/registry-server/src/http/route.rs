//! Addresses of the protocol.

use std::borrow::Cow;

use http::Method;
use npm_formats::package_name::split_range;
use percent_encoding::percent_decode_str;

use super::accounts::AccountRoute;
use super::bundle::Kind;
use super::changes::Target;
use super::{downloads, stage};
use crate::PackageName;
use crate::storage::is_tarball_name;

/// What an address asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// `/-/ping`
    Ping,
    /// `/-/health`: whether the process answers
    Health,
    /// `/-/ready`: whether it can do its work
    Ready,
    /// `/-/metrics`
    Metrics,
    /// `/-/npm/v1/security/advisories/bulk`
    AdvisoriesBulk,
    /// `/-/npm/v1/security/audits` and `/-/npm/v1/security/audits/quick`
    AuditReport,
    /// `/-/v1/search`
    Search,
    /// `/`, `/-/web/...` and `/package/@scope/name`: pages for people
    Web,
    /// `/{pkg}`
    Packument(PackageName),
    /// `/{pkg}/{version or tag}`
    Version { name: PackageName, version: String },
    /// `/-/package/{pkg}/dist-tags`
    DistTags(PackageName),
    /// `/{pkg}/-/{file}.tgz`
    Tarball { name: PackageName, file: String },
    /// What is only ever changed by: `/{pkg}/-rev/{rev}`, `/{pkg}/-/{file}/-rev/{rev}`, `/-/package/{pkg}/dist-tags/{tag}`
    Change(Target),
    /// `/-/knit/explain/{pkg}[@range]`
    Explain { name: PackageName, range: Option<String> },
    /// `/-/knit/v1`: what the registry offers besides npm's protocol
    Features,
    /// `/-/knit/v1/resolve`, `/-/knit/v1/missing`
    Bundle(Kind),
    /// `/-/npm/v1/keys`
    Keys,
    /// `/downloads/...` and `/versions/...`
    Downloads(downloads::Asked),
    /// `/-/stage...`
    Stage(stage::Asked),
    /// Users, tokens, organisations, permissions
    Account(AccountRoute),
    /// `/-/npm/v1/attestations/{pkg}@{version}`
    Attestations { name: PackageName, version: String },
}

impl Route {
    /// The route of a path as it stands in the request line; `None` where the protocol has nothing.
    ///
    /// Shape: a scoped name is `@scope/name`, `@scope%2fname` or `@scope%2Fname`; a slash at the end is ignored.
    pub fn parse(path: &str) -> Option<Route> {
        let path = path.strip_prefix('/')?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let decoded: Vec<Cow<'_, str>> = path
            .split('/')
            .map(|segment| percent_decode_str(segment).decode_utf8().ok())
            .collect::<Option<_>>()?;
        let segments: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
        match segments.as_slice() {
            [""] | ["-", "web", ..] => Some(Route::Web),
            ["package", scope, _] if scope.starts_with('@') => Some(Route::Web),
            ["-", "v1", "search"] => Some(Route::Search),
            ["-", "ping"] => Some(Route::Ping),
            ["-", "health"] => Some(Route::Health),
            ["-", "ready"] => Some(Route::Ready),
            ["-", "metrics"] => Some(Route::Metrics),
            ["-", "npm", "v1", "security", "advisories", "bulk"] => Some(Route::AdvisoriesBulk),
            ["-", "npm", "v1", "security", "audits"] | ["-", "npm", "v1", "security", "audits", "quick"] => {
                Some(Route::AuditReport)
            }
            ["-", "knit", "explain", rest @ ..] => explain(&rest.join("/")),
            ["-", "knit", "v1"] => Some(Route::Features),
            ["-", "knit", "v1", "resolve"] => Some(Route::Bundle(Kind::Resolve)),
            ["-", "knit", "v1", "missing"] => Some(Route::Bundle(Kind::Missing)),
            ["-", "npm", "v1", "keys"] => Some(Route::Keys),
            ["-", "npm", "v1", "attestations", rest @ ..] => attestations(&rest.join("/")),
            ["-", "stage", rest @ ..] => stage::Asked::parse(rest).map(Route::Stage),
            ["-", "package", rest @ ..] => match package(rest)? {
                (name, ["dist-tags"]) => Some(Route::DistTags(name)),
                (name, ["dist-tags", tag]) => Some(Route::Change(Target::Tag { name, tag: (*tag).into() })),
                _ => AccountRoute::parse(&segments[1..]).map(Route::Account),
            },
            ["-", rest @ ..] => AccountRoute::parse(rest).map(Route::Account),
            // longer than addresses of the packages that are called so
            ["downloads", "point" | "range", _, ..] | ["versions", _, _, ..] => {
                let asked = downloads::Asked::parse(&segments);
                asked.map(Route::Downloads).or_else(|| of_package(&segments))
            }
            rest => of_package(rest),
        }
    }

    /// What it is counted as.
    pub fn kind(&self) -> &'static str {
        match self {
            Route::Ping | Route::Health | Route::Ready | Route::Metrics | Route::Features => "service",
            Route::Bundle(Kind::Resolve) => "resolve",
            Route::Bundle(Kind::Missing) => "missing",
            Route::AdvisoriesBulk | Route::AuditReport => "advisories",
            Route::Search => "search",
            Route::Web => "page",
            Route::Packument(_) => "packument",
            Route::Version { .. } => "version",
            Route::DistTags(_) => "dist-tags",
            Route::Tarball { .. } => "tarball",
            Route::Downloads(_) => "downloads",
            Route::Stage(_) => "stage",
            Route::Account(_) => "account",
            Route::Change(_) => "change",
            Route::Keys => "keys",
            Route::Attestations { .. } => "attestations",
            Route::Explain { .. } => "explain",
        }
    }

    /// Whether the route answers a method.
    pub fn allows(&self, method: &Method) -> bool {
        self.allowed_methods().split(", ").any(|allowed| allowed == method.as_str())
    }

    /// What a request with that method changes; none where it only reads.
    pub fn change(&self, method: &Method) -> Option<Target> {
        match self {
            Route::Change(target) => Some(target.clone()),
            _ if method == Method::GET || method == Method::HEAD => None,
            Route::Packument(name) => Some(Target::Package { name: name.clone(), revision: None }),
            Route::DistTags(name) => Some(Target::Tags(name.clone())),
            _ => None,
        }
    }

    /// The methods it answers, as the `Allow` header has them.
    pub fn allowed_methods(&self) -> &'static str {
        match self {
            Route::AdvisoriesBulk | Route::AuditReport | Route::Bundle(_) => "POST",
            Route::Web => "GET, HEAD, POST",
            Route::Account(route) => route.allowed_methods(),
            Route::Stage(asked) => asked.allowed_methods(),
            Route::Packument(_) => "GET, HEAD, PUT",
            Route::DistTags(_) => "GET, HEAD, POST, PUT",
            Route::Change(Target::Tarball { .. }) => "DELETE",
            Route::Change(Target::Tag { .. }) => "DELETE, POST, PUT",
            Route::Change(_) => "DELETE, PUT",
            _ => "GET, HEAD",
        }
    }
}

/// What begins with a package's name.
fn of_package(segments: &[&str]) -> Option<Route> {
    match package(segments)? {
        (name, []) => Some(Route::Packument(name)),
        (name, ["-", file]) => tarball(name, file),
        (name, ["-rev", revision]) => {
            Some(Route::Change(Target::Package { name, revision: Some((*revision).into()) }))
        }
        (name, ["-", file, "-rev", _] | ["-", _, file, "-rev", _]) => {
            tarball(name.clone(), file).map(|_| Route::Change(Target::Tarball { name }))
        }
        (name, ["-", scope, file]) if scope.starts_with('@') => tarball(name, file),
        (name, [version]) => Some(Route::Version { name, version: (*version).into() }),
        _ => None,
    }
}

/// The package the first one or two segments name, and the segments after it.
pub(super) fn package<'a, 'b>(segments: &'b [&'a str]) -> Option<(PackageName, &'b [&'a str])> {
    match segments {
        [scope, name, rest @ ..] if scope.starts_with('@') && !scope.contains('/') => {
            Some((PackageName::parse(&format!("{scope}/{name}")).ok()?, rest))
        }
        [name, rest @ ..] => Some((PackageName::parse(name).ok()?, rest)),
        [] => None,
    }
}

/// A version that stands behind its package's name.
fn attestations(spec: &str) -> Option<Route> {
    let (name, version) = spec.rsplit_once('@')?;
    Some(Route::Attestations { name: PackageName::parse(name).ok()?, version: version.into() })
}

/// A range, or a dist-tag, may stand behind the name.
fn explain(spec: &str) -> Option<Route> {
    let (name, range) = split_range(spec);
    Some(Route::Explain { name: PackageName::parse(name).ok()?, range: range.map(str::to_owned) })
}

/// Some clients repeat the scope before the file, as one segment or two.
fn tarball(name: PackageName, file: &str) -> Option<Route> {
    let file =
        file.rsplit_once('/').map_or(file, |(scope, file)| if scope.starts_with('@') { file } else { "" });
    is_tarball_name(file).then(|| Route::Tarball { name, file: file.into() })
}

#[cfg(test)]
mod tests {
    use http::Method;
    use proptest::prelude::*;

    use super::{Kind, PackageName, Route, Target};

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_address_leads_out_of_where_packages_lie(
            words in prop::collection::vec(prop::sample::select(vec![
                "-", "@a", "b", "..", ".", "%2f", "%2e", "%5c", "%00", "%ff", "%40", "-rev", "v1", "npm", "package",
                "dist-tags", "x.tgz", "1-a", "/", "/", "/", "%", "user", "team", "org", "knit", "explain", "web", "é",
            ]), 0..12),
            noise in "\\PC{0,4}",
        ) {
            let path = format!("/{}{noise}", words.concat());
            let Some(route) = Route::parse(&path) else { return Ok(()) };
            let climbs = |file: &str| file.contains(['/', '\\', '\0']) || file.starts_with('.');
            match &route {
                Route::Tarball { name, file } => {
                    prop_assert!(!climbs(file) && !name.unscoped().starts_with('.'), "{}", path);
                }
                Route::Packument(name) => prop_assert!(!climbs(name.unscoped()), "{}", path),
                _ => {}
            }
            for method in [Method::GET, Method::PUT, Method::POST, Method::DELETE] {
                let _ = (route.allows(&method), route.change(&method), route.kind());
            }
        }
    }

    #[test]
    fn every_spelling_of_an_address_is_understood() {
        let name = |text| PackageName::parse(text).expect("a package name");
        let packument = |text| Some(Route::Packument(name(text)));
        let version =
            |text, version: &str| Some(Route::Version { name: name(text), version: version.into() });
        let tarball = |text, file: &str| Some(Route::Tarball { name: name(text), file: file.into() });
        for (path, route) in [
            ("/a", packument("a")),
            ("/a/", packument("a")),
            ("/@s/p", packument("@s/p")),
            ("/@s%2fp", packument("@s/p")),
            ("/@s%2Fp", packument("@s/p")),
            ("/%40s%2fp", packument("@s/p")),
            ("/a/1.0.0", version("a", "1.0.0")),
            ("/@s/p/latest", version("@s/p", "latest")),
            ("/@s%2fp/1.0.0-a%2bb", version("@s/p", "1.0.0-a+b")),
            ("/a/-/a-1.0.0.tgz", tarball("a", "a-1.0.0.tgz")),
            ("/@s/p/-/p-1.0.0.tgz", tarball("@s/p", "p-1.0.0.tgz")),
            ("/@s%2fp/-/p-1.0.0.tgz", tarball("@s/p", "p-1.0.0.tgz")),
            ("/@s/p/-/@s/p-1.0.0.tgz", tarball("@s/p", "p-1.0.0.tgz")),
            ("/@s/p/-/@s%2fp-1.0.0.tgz", tarball("@s/p", "p-1.0.0.tgz")),
            ("/package/@s/p", Some(Route::Web)),
            ("/package/1.0.0", version("package", "1.0.0")),
            ("/-/ping", Some(Route::Ping)),
            ("/-/npm/v1/security/advisories/bulk", Some(Route::AdvisoriesBulk)),
            ("/-/package/@s%2fp/dist-tags", Some(Route::DistTags(name("@s/p")))),
            ("/-/package/a/dist-tags", Some(Route::DistTags(name("a")))),
            (
                "/-/package/@s%2fp/dist-tags/next",
                Some(Route::Change(Target::Tag { name: name("@s/p"), tag: "next".into() })),
            ),
            (
                "/@s%2fp/-rev/3-a",
                Some(Route::Change(Target::Package { name: name("@s/p"), revision: Some("3-a".into()) })),
            ),
            ("/@s/p/-/p-1.0.0.tgz/-rev/3-a", Some(Route::Change(Target::Tarball { name: name("@s/p") }))),
            (
                "/-/npm/v1/attestations/@s%2fp@1.0.0",
                Some(Route::Attestations { name: name("@s/p"), version: "1.0.0".into() }),
            ),
            ("/-/npm/v1/keys", Some(Route::Keys)),
            ("/versions/-/versions-1.0.0.tgz", tarball("versions", "versions-1.0.0.tgz")),
            ("/downloads/point", version("downloads", "point")),
            ("/-/knit/v1", Some(Route::Features)),
            ("/-/knit/v1/resolve", Some(Route::Bundle(Kind::Resolve))),
            ("/-/knit/v1/missing", Some(Route::Bundle(Kind::Missing))),
            ("/-/knit/explain/a", Some(Route::Explain { name: name("a"), range: None })),
            (
                "/-/knit/explain/@s%2fp@%5e1.0",
                Some(Route::Explain { name: name("@s/p"), range: Some("^1.0".into()) }),
            ),
        ] {
            assert_eq!(Route::parse(path), route, "{path}");
        }
    }

    #[test]
    fn addresses_that_climb_or_mean_nothing_have_no_route() {
        for path in [
            "",
            "/..",
            "/%2e%2e/x",
            "/@s",
            "/@s%2f..%2fp",
            "/a%2fb",
            "/a/-/..%2fb.tgz",
            "/a/-/b.txt",
            "/a/-/.tgz",
            "/a/-/x/y.tgz",
            "/-/unknown",
            "/-/package/a",
            "/-/knit/v1/other",
            "/-/knit",
            "/a/b/c",
            "/%ff",
            "/a/-/..%5cb.tgz",
        ] {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }
}
