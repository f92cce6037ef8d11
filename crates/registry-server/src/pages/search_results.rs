//! What a search found.

use super::address::Page;
use super::frame::Frame;
use super::listing::{self, PackageSummary, Part};
use super::markup::{Html, html};
use super::quantities::counted;

/// What a page of results shows.
#[derive(Clone, Debug, Default)]
pub struct SearchPage {
    /// What was searched for.
    pub text: String,
    /// All that was found, shown or not.
    pub total: u64,
    /// The first that is shown, counted from 0.
    pub from: u64,
    /// Results in a page.
    pub size: u64,
    pub found: Vec<PackageSummary>,
}

impl SearchPage {
    /// The page.
    pub fn render(&self, frame: &Frame) -> Html {
        let part = Part { total: self.total, from: self.from, size: self.size };
        let pager = listing::pager(&part, |from| frame.at(&Page::Search { text: self.text.clone(), from }));
        let content = html!(
            r#"<div class="narrow">
<h1 class="plain">{total} {found} <q>{text}</q></h1>
{list}{pager}
{help}
</div>"#,
            total = counted(self.total, "package", "packages"),
            found = if self.total == 1 { "matches" } else { "match" },
            text = self.text,
            list = listing::list(frame, &self.found),
            pager = pager,
            help = (self.total == 0).then(help),
        );
        frame.document(&format!("Search: {}", self.text), &self.text, &content)
    }
}

fn help() -> Html {
    html!(
        r#"<p>Every word must occur in a package’s name, its keywords, its description or its maintainers.
A search can also ask for</p>
<dl class="qualifiers">
<dt><code>scope:acme</code></dt><dd>packages of a scope</dd>
<dt><code>keywords:cli,args</code></dt><dd>packages with one of these keywords</dd>
<dt><code>maintainer:jane</code></dt><dd>packages that someone maintains</dd>
<dt><code>author:jane</code></dt><dd>packages that someone wrote</dd>
<dt><code>not:deprecated</code></dt><dd>packages that are not deprecated; <code>is:</code> for the opposite</dd>
</dl>"#
    )
}
