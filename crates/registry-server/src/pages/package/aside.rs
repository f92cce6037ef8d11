//! The facts beside a package's README.

use super::super::address::{Href, Page, Tab};
use super::super::frame::Frame;
use super::super::listing;
use super::super::markup::{Html, html};
use super::super::quantities::{bytes, count, counted};
use super::{PackagePage, sentences};

/// Maintainers that are named.
const MAINTAINERS: usize = 30;
/// Tags that are named.
const TAGS: usize = 20;

pub(super) fn render(frame: &Frame, page: &PackagePage) -> Html {
    let shown = &page.shown;
    let facts = [
        fact("Size", size(page)),
        fact(
            "Downloads",
            page.downloads.map(|number| html!("{} in 7 days", count(number))).unwrap_or_default(),
        ),
        fact("Links", links(page)),
        fact("Tags", tags(frame, page)),
        fact("Maintainers", maintainers(frame, page)),
        fact("Keywords", listing::keywords(frame, &shown.keywords, 30)),
        fact("Commands", shown.bin.iter().take(30).map(|name| html!("<code>{}</code> ", name)).collect()),
        fact("Requires", requires(page)),
        fact("Trust", trust(page)),
        fact("Tarball", tarball(page)),
    ];
    html!(
        r#"<aside aria-label="Facts"><dl>{facts}</dl></aside>"#,
        facts = facts.into_iter().collect::<Html>(),
    )
}

fn fact(name: &str, value: Html) -> Html {
    if value.is_empty() { value } else { html!("<dt>{}</dt><dd>{}</dd>\n", name, value) }
}

fn size(page: &PackagePage) -> Html {
    let files = page.shown.files.map(|files| counted(files, "file", "files"));
    match (page.shown.unpacked_size, files) {
        (Some(size), Some(files)) => html!("{} in {}", bytes(size), files),
        (Some(size), None) => html!("{}", bytes(size)),
        (None, files) => html!("{}", files),
    }
}

fn links(page: &PackagePage) -> Html {
    let shown = &page.shown;
    let link = |label: &str, href: &Option<Href>| {
        let link = |href: &Href| {
            html!(
                r#"<a href="{}" rel="nofollow noopener noreferrer">{} <span class="quiet">{}</span></a><br>"#,
                href,
                label,
                site(href)
            )
        };
        href.as_ref().map(link).unwrap_or_default()
    };
    let all = [
        link("Homepage", &shown.homepage),
        link("Repository", &shown.repository),
        link("Issues", &shown.bugs),
    ];
    all.into_iter().collect()
}

/// What a link leads to, so that it can be judged before it is followed.
fn site(href: &Href) -> String {
    let address = href.as_str();
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    listing::shortened(rest.split(['/', '?', '#']).next().unwrap_or(rest), 40)
}

fn tags(frame: &Frame, page: &PackagePage) -> Html {
    page.dist_tags
        .iter()
        .take(TAGS)
        .map(|(tag, version)| {
            let address = frame.at(&Page::Package {
                name: page.name.clone(),
                version: Some(version.clone()),
                tab: Tab::Readme,
                from: 0,
            });
            html!(
                r#"<span class="tag">{}</span> <a class="version" href="{}">{}</a><br>"#,
                listing::shortened(tag, 40),
                address,
                version
            )
        })
        .collect()
}

fn maintainers(frame: &Frame, page: &PackagePage) -> Html {
    let named = page.maintainers.iter().take(MAINTAINERS);
    let named: Html = named.map(|name| html!("<span>{}</span>", listing::user(frame, name))).collect();
    let others = page.maintainers.len().saturating_sub(MAINTAINERS) as u64;
    let others = (others > 0).then(|| html!("<span>and {}</span>", counted(others, "other", "others")));
    if named.is_empty() { named } else { html!(r#"<span class="facts">{}{}</span>"#, named, others) }
}

fn requires(page: &PackagePage) -> Html {
    page.shown
        .requires
        .iter()
        .take(20)
        .map(|(what, range)| {
            html!("{} <code>{}</code><br>", listing::shortened(what, 40), listing::shortened(range, 80))
        })
        .collect()
}

fn trust(page: &PackagePage) -> Html {
    let shown = &page.shown;
    let mut marks = Vec::new();
    if shown.provenance {
        marks.push(html!(r#"<span class="badge good">provenance attested</span> "#));
    }
    if shown.signed {
        marks.push(html!(r#"<span class="badge good">signed</span> "#));
    }
    if shown.install_scripts {
        marks.push(html!(r#"<span class="badge warning">runs install scripts</span> "#));
    }
    if !shown.hidden.is_empty() {
        marks.push(html!(
            r#"<details><summary><span class="badge danger">hidden by policy</span></summary>{}</details>"#,
            sentences(&shown.hidden)
        ));
    }
    marks.into_iter().collect()
}

fn tarball(page: &PackagePage) -> Html {
    let download = (page.shown.tarball.as_ref()).map(|href| html!(r#"<a href="{}">Download</a>"#, href));
    let integrity = (page.shown.integrity.as_ref()).map(|integrity| {
        html!(r#"<details><summary>Integrity</summary><code>{}</code></details>"#, integrity)
    });
    html!("{}{}", download, integrity)
}
