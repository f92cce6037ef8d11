//! The registry's health for those who run it.

use std::time::Duration;

use jiff::Timestamp;

use super::super::address::{Page, Tab};
use super::super::frame::Frame;
use super::super::listing::shortened;
use super::super::markup::{Html, html};
use super::super::quantities::{bytes, count, counted, latency, time_ago};
use super::audit_log::{self, AuditRow};
use super::{navigation, table};

/// What the page of the administration shows.
#[derive(Clone, Debug, Default)]
pub struct AdminPage {
    pub storage: StorageFacts,
    pub upstreams: Vec<UpstreamRow>,
    pub policies: Vec<PolicyRow>,
    /// Packages that the policies were applied to lately: what is hidden is counted in these.
    pub judged: u64,
    /// The last entries of the audit log, newest first.
    pub audit: Vec<AuditRow>,
}

/// What is kept, and where.
#[derive(Clone, Debug, Default)]
pub struct StorageFacts {
    pub packages: u64,
    pub versions: u64,
    pub tarballs: u64,
    /// Bytes of the tarballs.
    pub size: u64,
    /// The database, without credentials: `SQLite`, `PostgreSQL at db.example`.
    pub database: String,
    /// Where tarballs are.
    pub blobs: String,
}

/// Another registry that packages come from.
#[derive(Clone, Debug)]
pub struct UpstreamRow {
    pub name: String,
    pub address: String,
    pub state: UpstreamState,
    /// When it last answered, and how long its last answer took.
    pub answered: Option<Timestamp>,
    pub latency: Option<Duration>,
    /// When it last failed, and why.
    pub failed: Option<(Timestamp, String)>,
    /// Packages kept of it.
    pub packages: u64,
    /// Bytes of its packuments and tarballs that are kept.
    pub packuments: u64,
    pub tarballs: u64,
}

/// Whether an upstream answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpstreamState {
    Answers,
    Fails,
    /// It was not asked yet.
    Unknown,
}

/// A rule by which versions are hidden.
#[derive(Clone, Debug)]
pub struct PolicyRow {
    pub name: String,
    /// What it says, in words.
    pub rule: String,
    pub mode: PolicyMode,
    /// Versions that it hides, or would; none where it is not about hiding.
    pub hidden: Option<HiddenVersions>,
}

/// What a rule hides, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct HiddenVersions {
    pub total: u64,
    /// Some of them, names and versions.
    pub some: Vec<(String, String)>,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyMode {
    Enforced,
    Observed,
}

impl AdminPage {
    /// The page.
    pub fn render(&self, frame: &Frame) -> Html {
        let content = html!(
            "<h1>Administration</h1>\n{}{}{}{}{}",
            navigation(frame, &Page::Admin),
            self.storage(),
            self.upstreams(frame),
            self.policies(frame),
            audit_log::section(frame, &self.audit)
        );
        frame.document("Administration", "", &content)
    }

    fn storage(&self) -> Html {
        let facts = &self.storage;
        html!(
            r#"<section><h2>Storage</h2>
<dl class="figures">
<div><dt>Packages</dt><dd>{packages}</dd></div>
<div><dt>Versions</dt><dd>{versions}</dd></div>
<div><dt>Tarballs</dt><dd>{tarballs}</dd></div>
<div><dt>Size</dt><dd>{size}</dd></div>
</dl>
<p class="quiet">Database: {database}. Tarballs: {blobs}.</p></section>
"#,
            packages = count(facts.packages),
            versions = count(facts.versions),
            tarballs = count(facts.tarballs),
            size = bytes(facts.size),
            database = facts.database,
            blobs = facts.blobs,
        )
    }

    fn upstreams(&self, frame: &Frame) -> Html {
        let row = |upstream: &UpstreamRow| {
            let state = match &upstream.state {
                UpstreamState::Answers => html!(r#"<span class="badge good">answers</span>"#),
                UpstreamState::Unknown => html!(r#"<span class="badge">not asked yet</span>"#),
                UpstreamState::Fails => html!(r#"<span class="badge danger">fails</span>"#),
            };
            let failed = upstream.failed.as_ref().map(|(time, reason)| {
                html!(
                    r#"{} <span class="quiet">{}</span>"#,
                    time_ago(*time, frame.now),
                    shortened(reason, 300)
                )
            });
            html!(
                r#"<tr><th scope="row">{}<br><span class="quiet">{}</span></th><td>{}</td><td>{}</td><td class="number">{}</td><td>{}</td><td class="number">{}</td><td class="number">{}</td><td class="number">{}</td></tr>
"#,
                upstream.name,
                upstream.address,
                state,
                upstream.answered.map_or_else(|| html!("never"), |time| time_ago(time, frame.now)),
                upstream.latency.map(latency),
                failed.unwrap_or_else(|| html!("never")),
                count(upstream.packages),
                bytes(upstream.packuments),
                bytes(upstream.tarballs)
            )
        };
        table(
            "Upstreams",
            &[
                "Name",
                "State",
                "Last answer",
                "#It took",
                "Last failure",
                "#Packages",
                "#Packuments",
                "#Tarballs",
            ],
            self.upstreams.iter().map(row).collect(),
            "No upstream: only what is published here is served.",
        )
    }

    fn policies(&self, frame: &Frame) -> Html {
        let row = |policy: &PolicyRow| {
            let mode = match policy.mode {
                PolicyMode::Enforced => html!(r#"<span class="badge good">enforced</span>"#),
                PolicyMode::Observed => html!(r#"<span class="badge">observed only</span>"#),
            };
            html!(
                r#"<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>
"#,
                policy.name,
                policy.rule,
                mode,
                policy.hidden.as_ref().map(|hidden| hidden_versions(frame, hidden))
            )
        };
        let judged = (!self.policies.is_empty()).then(|| {
            html!(
                r#"<p class="quiet">Counted in the {} that somebody asked for lately.</p>
"#,
                counted(self.judged, "package", "packages")
            )
        });
        let policies = table(
            "Policies",
            &["Name", "Rule", "Mode", "Hides"],
            self.policies.iter().map(row).collect(),
            "No policy: every version is shown.",
        );
        html!("{}{}", policies, judged)
    }
}

fn hidden_versions(frame: &Frame, hidden: &HiddenVersions) -> Html {
    let total = counted(hidden.total, "version", "versions");
    if hidden.some.is_empty() {
        return html!("{}", total);
    }
    let some: Html = (hidden.some.iter())
        .map(|(name, version)| {
            let address =
                frame.at(&Page::Package { name: name.clone(), version: None, tab: Tab::Versions, from: 0 });
            html!(r#"<li><a href="{}">{}</a> {}</li>"#, address, name, version)
        })
        .collect();
    let more = (hidden.total > hidden.some.len() as u64).then(|| html!("<li>…</li>"));
    html!("<details><summary>{}</summary><ul class=\"names\">{}{}</ul></details>", total, some, more)
}
