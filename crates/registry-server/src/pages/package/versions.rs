//! The versions of a package, and why some are hidden.

use jiff::Timestamp;

use super::super::address::{Page, Tab};
use super::super::frame::Frame;
use super::super::listing::{self, Part};
use super::super::markup::{Html, html};
use super::super::quantities::{ago, bytes, count, time_day};
use super::{PackagePage, sentences};

/// Rows in a page.
const ROWS: u64 = 100;

/// A version in the list of all.
#[derive(Clone, Debug, Default)]
pub struct VersionRow {
    pub version: String,
    pub published: Option<Timestamp>,
    pub publisher: Option<String>,
    /// Bytes when unpacked.
    pub unpacked_size: Option<u64>,
    /// Downloads in the last seven days.
    pub downloads: u64,
    pub deprecated: Option<String>,
    /// Why installations do not get it: one sentence for each policy.
    pub hidden: Vec<String>,
}

pub(super) fn render(frame: &Frame, page: &PackagePage) -> Html {
    let part = Part { total: page.versions.len() as u64, from: page.from, size: ROWS };
    let pager = listing::pager(&part, |from| page.at(frame, Tab::Versions, from));
    let skipped = usize::try_from(page.from).unwrap_or(usize::MAX);
    let rows: Html = (page.versions.iter().skip(skipped).take(ROWS as usize))
        .map(|version| row(frame, page, version))
        .collect();
    html!(
        r#"<div class="scroll" role="region" aria-label="Versions" tabindex="0"><table class="versions">
<thead><tr><th scope="col">Version</th><th scope="col">Published</th><th scope="col">By</th><th scope="col" class="number">Size</th>{}</tr></thead>
<tbody>{}</tbody></table></div>{}"#,
        page.downloads
            .map(|_| html!(r#"<th scope="col" class="number">Downloads <small>7 days</small></th>"#)),
        rows,
        pager
    )
}

fn row(frame: &Frame, page: &PackagePage, row: &VersionRow) -> Html {
    let address = frame.at(&Page::Package {
        name: page.name.clone(),
        version: Some(row.version.clone()),
        tab: Tab::Readme,
        from: 0,
    });
    let tags: Html = (page.dist_tags.iter().filter(|(_, version)| *version == row.version).take(5))
        .map(|(tag, _)| html!(r#" <span class="tag">{}</span>"#, listing::shortened(tag, 40)))
        .collect();
    let published = row
        .published
        .map(|time| html!(r#"{} <span class="quiet">{}</span>"#, time_day(time), ago(time, frame.now)));
    let deprecated = row.deprecated.as_ref().map(|reason| {
        html!(
            r#"<p><span class="badge warning">deprecated</span> <span dir="auto">{}</span></p>"#,
            listing::shortened(reason, 200)
        )
    });
    let hidden = (!row.hidden.is_empty()).then(|| {
        html!(
            r#"<details><summary><span class="badge danger">hidden</span> why?</summary>{}</details>"#,
            sentences(&row.hidden)
        )
    });
    html!(
        r#"<tr{class}><th scope="row"><a class="version" href="{address}">{version}</a>{tags}{deprecated}{hidden}</th>
<td>{published}</td><td>{publisher}</td><td class="number">{size}</td>{downloads}</tr>
"#,
        class = (!row.hidden.is_empty()).then(|| html!(r#" class="hidden-version""#)),
        address = address,
        version = row.version,
        tags = tags,
        deprecated = deprecated,
        hidden = hidden,
        published = published,
        publisher = row.publisher.as_ref().map(|name| listing::user(frame, name)),
        size = row.unpacked_size.map(bytes),
        downloads = page.downloads.map(|_| html!(r#"<td class="number">{}</td>"#, count(row.downloads))),
    )
}
