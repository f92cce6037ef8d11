//! Pages for those who run the registry.

mod audit_log;
mod overview;
mod user;
mod users;

pub use audit_log::{AuditLogPage, AuditRow};
pub use overview::{
    AdminPage, HiddenVersions, PolicyMode, PolicyRow, StorageFacts, UpstreamRow, UpstreamState,
};
pub use user::{UserPasswordPage, UserSettingsPage};
pub use users::{UserRow, UsersPage};

use super::address::Page;
use super::frame::Frame;
use super::markup::{Html, html};

/// The way between the pages of the administration.
fn navigation(frame: &Frame, current: &Page) -> Html {
    let pages = [
        ("Health", Page::Admin),
        ("Users", Page::AdminUsers { from: 0 }),
        ("Audit log", Page::AuditLog { from: 0 }),
    ];
    let links: Html = (pages.iter())
        .map(|(label, page)| {
            let mark = (page == current).then(|| html!(r#" aria-current="page""#));
            html!(r#"<a href="{}"{}>{}</a>"#, frame.at(page), mark, label)
        })
        .collect();
    html!(
        r#"<nav class="tabs" aria-label="Administration">{}</nav>
"#,
        links
    )
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
