//! The registry's health for those who run it.

use jiff::Timestamp;

use super::frame::Frame;
use super::markup::{Html, html};
use super::quantities::{bytes, count, time_ago};

/// What the page of the administration shows.
#[derive(Clone, Debug, Default)]
pub struct AdminPage {
    pub storage: StorageFacts,
    pub upstreams: Vec<UpstreamRow>,
    pub policies: Vec<PolicyRow>,
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
    /// When it last answered.
    pub answered: Option<Timestamp>,
    /// Packages kept of it.
    pub packages: u64,
    /// Bytes kept of it.
    pub size: u64,
}

/// Whether an upstream answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpstreamState {
    Answers,
    /// Why it does not.
    Fails(String),
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
    /// Versions that it hides, or would.
    pub versions: u64,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyMode {
    Enforced,
    Observed,
}

/// An entry of the audit log.
#[derive(Clone, Debug)]
pub struct AuditRow {
    pub time: Timestamp,
    pub user: String,
    /// Such as `publish`.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// The address it came from.
    pub address: String,
}

impl AdminPage {
    /// The page.
    pub fn render(&self, frame: &Frame) -> Html {
        let content = html!(
            "<h1>Administration</h1>\n{}{}{}{}",
            self.storage(),
            self.upstreams(frame),
            self.policies(),
            self.audit(frame)
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
                UpstreamState::Fails(reason) => {
                    html!(r#"<span class="badge danger">fails</span> {}"#, reason)
                }
            };
            html!(
                r#"<tr><th scope="row">{}<br><span class="quiet">{}</span></th><td>{}</td><td>{}</td><td class="number">{}</td><td class="number">{}</td></tr>
"#,
                upstream.name,
                upstream.address,
                state,
                upstream.answered.map_or_else(|| html!("never"), |time| time_ago(time, frame.now)),
                count(upstream.packages),
                bytes(upstream.size)
            )
        };
        table(
            "Upstreams",
            &["Name", "State", "Last answer", "#Packages", "#Size"],
            self.upstreams.iter().map(row).collect(),
            "No upstream: only what is published here is served.",
        )
    }

    fn policies(&self) -> Html {
        let row = |policy: &PolicyRow| {
            let mode = match policy.mode {
                PolicyMode::Enforced => html!(r#"<span class="badge good">enforced</span>"#),
                PolicyMode::Observed => html!(r#"<span class="badge">observed only</span>"#),
            };
            html!(
                r#"<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td class="number">{}</td></tr>
"#,
                policy.name,
                policy.rule,
                mode,
                count(policy.versions)
            )
        };
        table(
            "Policies",
            &["Name", "Rule", "Mode", "#Versions hidden"],
            self.policies.iter().map(row).collect(),
            "No policy: every version is shown.",
        )
    }

    fn audit(&self, frame: &Frame) -> Html {
        let row = |entry: &AuditRow| {
            html!(
                r#"<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>
"#,
                time_ago(entry.time, frame.now),
                entry.user,
                entry.action,
                entry.subject,
                entry.address
            )
        };
        table(
            "Audit log",
            &["When", "Who", "What", "To", "From"],
            self.audit.iter().map(row).collect(),
            "Nothing was changed yet.",
        )
    }
}

/// A section with a table; a heading that starts with `#` is that of a column of numbers.
fn table(heading: &str, columns: &[&str], rows: Html, empty: &str) -> Html {
    if rows.is_empty() {
        return html!("<section><h2>{}</h2><p class=\"quiet\">{}</p></section>\n", heading, empty);
    }
    let head: Html = (columns.iter())
        .map(|column| match column.strip_prefix('#') {
            Some(column) => html!(r#"<th scope="col" class="number">{}</th>"#, column),
            None => html!(r#"<th scope="col">{}</th>"#, column),
        })
        .collect();
    html!(
        r#"<section><h2>{heading}</h2>
<div class="scroll" role="region" aria-label="{heading}" tabindex="0"><table><thead><tr>{head}</tr></thead>
<tbody>{rows}</tbody></table></div></section>
"#,
        heading = heading,
        head = head,
        rows = rows,
    )
}
