//! Packages in a list, and the way through long lists.

use jiff::Timestamp;

use super::address::{Href, Page};
use super::frame::Frame;
use super::markup::{Html, html};
use super::quantities::{count, counted, time_ago};

/// A package in a list.
#[derive(Clone, Debug, Default)]
pub struct PackageSummary {
    pub name: String,
    pub version: String,
    pub description: String,
    pub keywords: Vec<String>,
    /// When the version was published.
    pub published: Option<Timestamp>,
    /// Who published it.
    pub publisher: Option<String>,
    /// The upstream that it comes from; none where it is published here.
    pub upstream: Option<String>,
    /// How many packages here depend on it.
    pub dependents: u64,
    pub deprecated: bool,
}

/// Keywords beyond these are left out of lists.
const KEYWORDS: usize = 6;

pub(super) fn list(frame: &Frame, packages: &[PackageSummary]) -> Html {
    let rows: Html = packages.iter().map(|package| row(frame, package)).collect();
    html!(r#"<ol class="packages">{}</ol>"#, rows)
}

fn row(frame: &Frame, package: &PackageSummary) -> Html {
    let badge = package.deprecated.then(|| html!(r#" <span class="badge warning">deprecated</span>"#));
    let description = (!package.description.is_empty())
        .then(|| html!(r#"<p dir="auto">{}</p>"#, shortened(&package.description, 280)));
    let mut facts = Vec::new();
    if let Some(published) = package.published {
        facts.push(html!("{}", time_ago(published, frame.now)));
    }
    if let Some(publisher) = &package.publisher {
        facts.push(html!("by {}", user(frame, publisher)));
    }
    if let Some(upstream) = &package.upstream {
        facts.push(html!("from {}", upstream));
    }
    if package.dependents > 0 {
        facts.push(html!("{}", counted(package.dependents, "dependent", "dependents")));
    }
    let facts: Html = facts.into_iter().map(|fact| html!("<span>{}</span>", fact)).collect();
    html!(
        r#"<li><h3><a href="{address}">{name}</a> <span class="version">{version}</span>{badge}</h3>
{description}<p class="facts">{facts}{keywords}</p></li>
"#,
        address = frame.at(&Page::package(&package.name)),
        name = package.name,
        version = package.version,
        badge = badge,
        description = description,
        facts = facts,
        keywords = keywords(frame, &package.keywords, KEYWORDS),
    )
}

/// Links to the search for each of the first `most` keywords.
pub(super) fn keywords(frame: &Frame, keywords: &[String], most: usize) -> Html {
    let link = |keyword: &String| {
        let text = if keyword.contains(char::is_whitespace) {
            format!("keywords:\"{keyword}\"")
        } else {
            format!("keywords:{keyword}")
        };
        html!(
            r#"<a class="keyword" href="{}">{}</a> "#,
            frame.at(&Page::Search { text, from: 0 }),
            shortened(keyword, 40)
        )
    };
    keywords.iter().take(most).map(link).collect()
}

/// A link to a user's page.
pub(super) fn user(frame: &Frame, name: &str) -> Html {
    html!(r#"<a href="{}">{}</a>"#, frame.at(&Page::User(name.to_owned())), shortened(name, 60))
}

/// A text of at most so many characters.
pub(super) fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// A part of a long list.
pub(super) struct Part {
    pub total: u64,
    pub from: u64,
    /// Rows in a part.
    pub size: u64,
}

/// Links to the parts before and after; nothing where the list is shown whole.
pub(super) fn pager(part: &Part, address: impl Fn(u64) -> Href) -> Html {
    let Part { total, from, size } = *part;
    if total <= size && from == 0 {
        return Html::default();
    }
    let last = (from + size).min(total);
    let before = (from > 0)
        .then(|| html!(r#"<a rel="prev" href="{}">← Previous</a>"#, address(from.saturating_sub(size))));
    let after = (last < total).then(|| html!(r#"<a rel="next" href="{}">Next →</a>"#, address(last)));
    let shown = if from < total {
        format!("{} to {} of {}", count(from + 1), count(last), count(total))
    } else {
        format!("beyond the last of {}", count(total))
    };
    html!(r#"<nav class="pager" aria-label="Pages">{}<span>{}</span>{}</nav>"#, before, shown, after)
}
