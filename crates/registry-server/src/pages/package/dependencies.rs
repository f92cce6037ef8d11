//! What a version depends on, and what depends on the package.

use super::super::address::{Page, Tab};
use super::super::frame::Frame;
use super::super::listing::{self, Part};
use super::super::markup::{Html, html};
use super::super::quantities::count;
use super::PackagePage;

/// Dependencies of one kind that are shown.
const MOST: usize = 500;

/// Dependencies of one kind.
#[derive(Clone, Debug)]
pub struct Dependencies {
    pub kind: DependencyKind,
    /// Names and what is wanted of them.
    pub packages: Vec<(String, String)>,
}

/// For what a package is depended on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependencyKind {
    Runtime,
    Peer,
    Optional,
    Development,
}

impl DependencyKind {
    fn heading(self) -> &'static str {
        match self {
            DependencyKind::Runtime => "Dependencies",
            DependencyKind::Peer => "Peer dependencies",
            DependencyKind::Optional => "Optional dependencies",
            DependencyKind::Development => "For its development",
        }
    }
}

/// The packages that depend on one.
#[derive(Clone, Debug, Default)]
pub struct Dependents {
    pub total: u64,
    /// Those from the page's `from`th on.
    pub names: Vec<String>,
    /// How many are in a page.
    pub size: u64,
}

pub(super) fn render(frame: &Frame, groups: &[Dependencies]) -> Html {
    let sections: Html = groups
        .iter()
        .filter(|group| !group.packages.is_empty())
        .map(|group| {
            let rows: Html = (group.packages.iter().take(MOST))
                .map(|(name, wanted)| {
                    html!(
                        r#"<li><a href="{}">{}</a> <code>{}</code></li>
"#,
                        frame.at(&Page::package(name)),
                        name,
                        listing::shortened(wanted, 120)
                    )
                })
                .collect();
            let left_out = group.packages.len().saturating_sub(MOST) as u64;
            let left_out =
                (left_out > 0).then(|| html!(r#"<p class="quiet">and {} more</p>"#, count(left_out)));
            html!(
                r#"<section><h2>{} <small>{}</small></h2><ul class="names">{}</ul>{}</section>"#,
                group.kind.heading(),
                count(group.packages.len() as u64),
                rows,
                left_out
            )
        })
        .collect();
    if sections.is_empty() { html!(r#"<p class="quiet">It depends on nothing.</p>"#) } else { sections }
}

pub(super) fn render_dependents(frame: &Frame, page: &PackagePage) -> Html {
    let dependents = &page.dependents;
    if dependents.total == 0 {
        return html!(r#"<p class="quiet">No package here depends on it.</p>"#);
    }
    let rows: Html = (dependents.names.iter())
        .map(|name| html!("<li><a href=\"{}\">{}</a></li>\n", frame.at(&Page::package(name)), name))
        .collect();
    let part = Part { total: dependents.total, from: page.from, size: dependents.size };
    let pager = listing::pager(&part, |from| page.at(frame, Tab::Dependents, from));
    html!(r#"<ul class="names">{}</ul>{}"#, rows, pager)
}
