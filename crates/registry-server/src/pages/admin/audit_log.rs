//! What was changed, by whom and from where.

use jiff::Timestamp;

use super::super::address::Page;
use super::super::frame::Frame;
use super::super::listing::{self, Part, shortened};
use super::super::markup::{Html, html};
use super::super::quantities::time_ago;
use super::{navigation, table};

/// A part of the audit log.
#[derive(Clone, Debug, Default)]
pub struct AuditLogPage {
    /// All entries.
    pub total: u64,
    /// The first that is shown, counted from 0.
    pub from: u64,
    /// Entries in a page.
    pub size: u64,
    /// Newest first.
    pub entries: Vec<AuditRow>,
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
    /// What else is known of it; may be empty.
    pub detail: String,
    /// The address it came from.
    pub address: String,
}

impl AuditLogPage {
    /// The page.
    pub fn render(&self, frame: &Frame) -> Html {
        let part = Part { total: self.total, from: self.from, size: self.size };
        let content = html!(
            "<h1>Administration</h1>\n{}{}{}",
            navigation(frame, &Page::AuditLog { from: 0 }),
            section(frame, &self.entries),
            listing::pager(&part, |from| frame.at(&Page::AuditLog { from }))
        );
        frame.document("Audit log", "", &content)
    }
}

/// A section with entries.
pub(super) fn section(frame: &Frame, entries: &[AuditRow]) -> Html {
    let row = |entry: &AuditRow| {
        let detail = (!entry.detail.is_empty())
            .then(|| html!(r#"<br><span class="quiet">{}</span>"#, shortened(&entry.detail, 300)));
        html!(
            r#"<tr><td>{}</td><td>{}</td><td>{}</td><td class="long">{}{}</td><td><code>{}</code></td></tr>
"#,
            time_ago(entry.time, frame.now),
            entry.user,
            entry.action,
            shortened(&entry.subject, 120),
            detail,
            entry.address
        )
    };
    table(
        "Audit log",
        &["When", "Who", "What", "To", "From"],
        entries.iter().map(row).collect(),
        "Nothing was changed yet.",
    )
}
