//! A user: what they maintain.

use super::frame::Frame;
use super::listing::{self, PackageSummary};
use super::markup::{Html, html};
use super::quantities::counted;

/// What the page of a user shows.
#[derive(Clone, Debug, Default)]
pub struct UserPage {
    pub name: String,
    /// Organisations and teams, `acme` or `acme:developers`.
    pub teams: Vec<String>,
    /// All packages they maintain that the viewer may see.
    pub total: u64,
    /// The first of them.
    pub packages: Vec<PackageSummary>,
}

impl UserPage {
    /// The page.
    pub fn render(&self, frame: &Frame) -> Html {
        let teams: Html = (self.teams.iter().take(50))
            .map(|team| html!(r#"<span class="keyword">{}</span>"#, team))
            .collect();
        let packages = if self.packages.is_empty() {
            html!(r#"<p class="quiet">No packages to see.</p>"#)
        } else {
            listing::list(frame, &self.packages)
        };
        let more = (self.total > self.packages.len() as u64).then(|| {
            let text = format!("maintainer:{}", self.name);
            html!(
                r#"<p><a href="{}">All {}</a></p>"#,
                frame.at(&super::Page::Search { text, from: 0 }),
                counted(self.total, "package", "packages")
            )
        });
        let content = html!(
            r#"<div class="narrow"><h1>{name}</h1><p class="facts">{teams}</p>
<h2>Maintains {total}</h2>{packages}{more}</div>"#,
            name = self.name,
            teams = teams,
            total = counted(self.total, "package", "packages"),
            packages = packages,
            more = more,
        );
        frame.document(&self.name, "", &content)
    }
}
