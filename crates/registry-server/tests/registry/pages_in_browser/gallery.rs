//! Pages in all their states, filled with what registries hold and with what attackers would publish.

mod accounts;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use accounts::{
    account, administration, audit_log, authenticator, command_line, let_in, login, new_user, no_tokens, otp,
    recovery_codes, tokens, user_settings, users,
};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use jiff::{Span, Timestamp};
use registry_server::Secret;
use registry_server::pages::{
    AdminPage, CONTENT_SECURITY_POLICY, Dependencies, DependencyKind, Dependents, Frame, HomePage, Href,
    Html, MessagePage, PackagePage, PackageSummary, Page, Provider, Purpose, SearchPage, SecondFactorUse,
    ShownVersion, Tab, UserPage, VersionRow, Viewer, asset, render_readme,
};
use tokio::runtime::Runtime;

const README: &str = include_str!("readme.md");
const HOSTILE_README: &str = include_str!("hostile.md");
const FAULTY: &str = include_str!("faulty.html");

/// The pages, served on loopback while this lives.
pub struct Gallery {
    address: SocketAddr,
    pages: Arc<BTreeMap<&'static str, String>>,
    _runtime: Runtime,
}

impl Gallery {
    pub fn serve() -> Gallery {
        let pages: BTreeMap<&'static str, String> =
            pages().into_iter().map(|(path, html)| (path, html.into_string())).collect();
        let pages = Arc::new(pages);
        let runtime = Runtime::new().expect("a runtime");
        let router = Router::new().fallback(answer).with_state(pages.clone());
        let address = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
            let address = listener.local_addr().expect("an address");
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        Gallery { address, pages, _runtime: runtime }
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn paths(&self) -> Vec<&'static str> {
        self.pages.keys().copied().collect()
    }
}

async fn answer(State(pages): State<Arc<BTreeMap<&'static str, String>>>, request: Request) -> Response {
    let path = request.uri().path();
    if let Some(Page::Asset(name)) = Page::parse(path, "") {
        return match asset(&name) {
            Some(asset) => ([(header::CONTENT_TYPE, asset.media_type)], asset.content).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        };
    }
    let page = match path {
        "/faulty" => Some(FAULTY),
        _ => pages.get(path).map(String::as_str),
    };
    match page {
        Some(page) => (
            [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
            ],
            page.to_owned(),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a time")
}

fn hours_ago(hours: i64) -> Timestamp {
    now() - Span::new().hours(hours)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn frame(viewer: Option<(&str, bool)>) -> Frame {
    Frame {
        base: "https://registry.example/".to_owned(),
        viewer: viewer.map(|(name, admin)| Viewer { name: name.to_owned(), admin }),
        form_seal: viewer.map(|_| Secret::new("c2VhbA")),
        now: now(),
    }
}

fn pages() -> Vec<(&'static str, Html)> {
    let visitor = frame(None);
    let member = frame(Some(("jane", false)));
    let admin = frame(Some(("admin", true)));
    let package = |tab| PackagePage { tab, ..package() };
    vec![
        ("/home", home().render(&visitor)),
        ("/empty-home", HomePage::default().render(&visitor)),
        ("/search", search().render(&member)),
        (
            "/nothing-found",
            SearchPage { text: "xylophne \"><b>".to_owned(), size: 20, ..SearchPage::default() }
                .render(&visitor),
        ),
        ("/package", package(Tab::Readme).render(&visitor)),
        ("/versions", package(Tab::Versions).render(&member)),
        ("/dependencies", package(Tab::Dependencies).render(&visitor)),
        ("/dependents", package(Tab::Dependents).render(&visitor)),
        ("/hidden", hidden().render(&admin)),
        ("/hostile", hostile().render(&visitor)),
        ("/user", user().render(&visitor)),
        ("/tokens", tokens().render(&member)),
        ("/no-tokens", no_tokens().render(&member)),
        ("/account", account(SecondFactorUse::Never).render(&member)),
        ("/account-secured", account(SecondFactorUse::LoginsAndWrites).render(&admin)),
        ("/authenticator", authenticator().render(&member)),
        ("/recovery-codes", recovery_codes().render(&member)),
        ("/command-line", let_in().render(&member)),
        ("/users", users().render(&admin)),
        ("/user-settings", user_settings().render(&admin)),
        ("/new-user", new_user().render(&admin)),
        ("/audit-log", audit_log().render(&admin)),
        ("/login", login(Purpose::Browser, None).render(&visitor)),
        (
            "/login-again",
            login(Purpose::CommandLine(command_line()), Some("This is not the password of \"jane\"."))
                .render(&visitor),
        ),
        ("/otp", otp().render(&visitor)),
        ("/admin", administration().render(&admin)),
        ("/empty-admin", AdminPage::default().render(&admin)),
        ("/not-found", not_found().render(&visitor)),
    ]
}

fn summaries() -> Vec<PackageSummary> {
    type Words<'a> = &'a [&'a str];
    let rows: [(&str, &str, &str, Words<'_>, i64, u64); 5] = [
        (
            "@acme/forms",
            "4.2.0",
            "Accessible form controls for the design system, with validation that speaks.",
            &["forms", "react", "a11y", "validation"],
            2,
            48,
        ),
        ("@acme/eslint-config", "12.0.1", "The rules we agreed on.", &["eslint", "eslintconfig"], 26, 131),
        (
            "quay",
            "0.9.3",
            "A tiny task queue over PostgreSQL: at-least-once, ordered by key, no daemon.",
            &["queue", "postgres", "jobs", "worker"],
            24 * 9,
            7,
        ),
        ("left-margin", "1.0.0", "", &[], 24 * 120, 0),
        (
            "@acme/tokens",
            "3.0.0-beta.2",
            "Design tokens as CSS, JSON and TypeScript.",
            &["design", "tokens", "css"],
            24 * 800,
            1204,
        ),
    ];
    rows.into_iter()
        .map(|(name, version, description, keywords, hours, dependents)| PackageSummary {
            name: name.to_owned(),
            version: version.to_owned(),
            description: description.to_owned(),
            keywords: texts(keywords),
            published: Some(hours_ago(hours)),
            publisher: (name != "quay").then(|| "jane".to_owned()),
            upstream: (name == "quay").then(|| "public".to_owned()),
            dependents,
            deprecated: name == "left-margin",
        })
        .collect()
}

fn home() -> HomePage {
    HomePage { packages: 1248, newest: summaries(), scopes: texts(&["@acme", "@acme-labs"]) }
}

fn search() -> SearchPage {
    SearchPage { text: "forms keywords:react".to_owned(), total: 312, from: 20, size: 20, found: summaries() }
}

fn versions() -> Vec<VersionRow> {
    let row = |index: i64| VersionRow {
        version: format!("{}.{}.0", 4 - index / 50, 49 - index % 50),
        published: Some(hours_ago(2 + index * 90)),
        publisher: Some(if index % 3 == 0 { "ci-release" } else { "jane" }.to_owned()),
        unpacked_size: Some(184_320 - 512 * index.unsigned_abs()),
        downloads: 12_345 / (index.unsigned_abs() + 1),
        deprecated: (index == 3)
            .then(|| "validate() loses errors of nested groups: use 4.47 or newer".to_owned()),
        hidden: match index {
            0 => texts(&[
                "It was published 2 hours ago; the policy “fresh” shows versions from 3 days on, at 2026-11-25 10:00 UTC.",
            ]),
            5 => texts(&[
                "The policy “advisories” blocks it: ACME-2026-12, a validator can be made to run for minutes.",
            ]),
            _ => Vec::new(),
        },
    };
    (0..180).map(row).collect()
}

fn package() -> PackagePage {
    PackagePage {
        name: "@acme/forms".to_owned(),
        provider: Provider::Here,
        shown: ShownVersion {
            version: "4.48.0".to_owned(),
            description: "Accessible form controls for the design system, with validation that speaks."
                .to_owned(),
            keywords: texts(&["forms", "react", "a11y", "validation", "design system", "inputs"]),
            license: Some("MIT".to_owned()),
            homepage: Href::external("https://forms.acme.example/guide"),
            repository: Href::external("https://git.acme.example/web/forms"),
            bugs: Href::external("https://git.acme.example/web/forms/issues"),
            published: Some(hours_ago(92)),
            publisher: Some("jane".to_owned()),
            unpacked_size: Some(183_808),
            files: Some(46),
            bin: texts(&["acme-forms", "acme-forms-migrate"]),
            requires: vec![
                ("node".to_owned(), ">=20.11".to_owned()),
                ("os".to_owned(), "linux, darwin".to_owned()),
            ],
            install_scripts: true,
            signed: true,
            provenance: true,
            integrity: Some(format!("sha512-{}==", "Zm9ybXM3".repeat(10) + "abcdef")),
            tarball: Href::external("https://registry.example/@acme/forms/-/forms-4.48.0.tgz"),
            dependencies: vec![
                Dependencies {
                    kind: DependencyKind::Runtime,
                    packages: [("@acme/tokens", "^3.0.0"), ("clsx", "^2.1.0"), ("zod", ">=3.22 <5")]
                        .map(|(name, range)| (name.to_owned(), range.to_owned()))
                        .to_vec(),
                },
                Dependencies {
                    kind: DependencyKind::Peer,
                    packages: vec![("react".to_owned(), "^18.2.0 || ^19.0.0".to_owned())],
                },
            ],
            ..ShownVersion::default()
        },
        readme: Some(render_readme(README)),
        maintainers: texts(&["jane", "ci-release", "mohammed.al-farsi"]),
        dist_tags: [("latest", "4.48.0"), ("next", "4.49.0"), ("legacy-v3", "3.49.0")]
            .map(|(tag, version)| (tag.to_owned(), version.to_owned()))
            .to_vec(),
        versions: versions(),
        dependents: Dependents {
            total: 250,
            names: (0..100).map(|index| format!("@acme/page-{index}")).collect(),
            size: 100,
        },
        downloads: Some(61_204),
        ..PackagePage::default()
    }
}

fn hidden() -> PackagePage {
    let mut page = package();
    page.asked = Some("4.49.0".to_owned());
    page.provider = Provider::Upstream("public".to_owned());
    page.shown.version = "4.49.0".to_owned();
    page.shown.hidden = versions()[0].hidden.clone();
    page.shown.deprecated = Some("Use @acme/forms-next instead.".to_owned());
    page.readme = None;
    page
}

fn hostile() -> PackagePage {
    let nasty = "\"><script>alert(1)</script><img src=https://elsewhere.example/x onerror=alert(1)>";
    let long = "W".repeat(3000);
    PackagePage {
        name: format!("@acme/{}", "very-long-name-".repeat(14)),
        provider: Provider::HereRestricted,
        shown: ShownVersion {
            version: format!("1.0.0-{}", "alpha.".repeat(30)),
            description: format!("{nasty} \u{202e}drawkcab {long}"),
            keywords: vec![nasty.to_owned(), long.clone()],
            license: Some(long.clone()),
            homepage: Href::external(&format!("https://elsewhere.example/{}", "a".repeat(1000))),
            publisher: Some(nasty.to_owned()),
            deprecated: Some(long.clone()),
            bin: vec![nasty.to_owned(), long.clone()],
            requires: vec![(long.clone(), nasty.to_owned())],
            dependencies: vec![Dependencies {
                kind: DependencyKind::Optional,
                packages: vec![(nasty.to_owned(), long.clone())],
            }],
            ..ShownVersion::default()
        },
        readme: Some(render_readme(HOSTILE_README)),
        maintainers: (0..400).map(|index| format!("{nasty}{index}")).collect(),
        dist_tags: (0..300).map(|index| (format!("{nasty}{index}"), "1.0.0".to_owned())).collect(),
        ..PackagePage::default()
    }
}

fn user() -> UserPage {
    UserPage {
        name: "jane".to_owned(),
        teams: texts(&["acme:developers", "acme:release"]),
        total: 83,
        packages: summaries(),
    }
}

fn not_found() -> MessagePage {
    MessagePage {
        title: "Not found".to_owned(),
        text: "There is no package “@acme/frms” here, or you may not see it. Signing in may help.".to_owned(),
        onward: Some(("Sign in".to_owned(), Page::Login { next: None }.href("/"))),
    }
}
