//! A package: one of its versions, and what is known of all.

mod aside;
mod dependencies;
mod install_commands;
mod versions;

use jiff::Timestamp;

use super::address::{Href, Page, Tab};
use super::frame::Frame;
use super::listing;
use super::markup::{Html, html};
use super::quantities::{count, time_ago};

pub use dependencies::{Dependencies, DependencyKind, Dependents};
pub use versions::VersionRow;

/// What the page of a package shows.
#[derive(Clone, Debug, Default)]
pub struct PackagePage {
    pub name: String,
    /// Which of the tabs is open.
    pub tab: Tab,
    /// The row of the open tab's list that is shown first.
    pub from: u64,
    /// The version that was asked for by name; `None` where it is the one a visitor sees first.
    pub asked: Option<String>,
    pub provider: Provider,
    /// The version that is shown.
    pub shown: ShownVersion,
    /// The README, rendered; of the package where the version has none.
    pub readme: Option<Html>,
    pub maintainers: Vec<String>,
    /// Tags and the versions they stand for.
    pub dist_tags: Vec<(String, String)>,
    /// All versions, newest first.
    pub versions: Vec<VersionRow>,
    pub dependents: Dependents,
    /// Downloads of all versions in the last seven days; none where they are not counted.
    pub downloads: Option<u64>,
}

/// Where a package is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Provider {
    /// Published here; everyone who may read here may read it.
    #[default]
    Here,
    /// Published here, for those who were let in.
    HereRestricted,
    /// From the upstream of this name.
    Upstream(String),
}

/// A version, as its manifest tells it.
#[derive(Clone, Debug, Default)]
pub struct ShownVersion {
    pub version: String,
    pub description: String,
    pub keywords: Vec<String>,
    pub license: Option<String>,
    pub homepage: Option<Href>,
    pub repository: Option<Href>,
    pub bugs: Option<Href>,
    pub published: Option<Timestamp>,
    pub publisher: Option<String>,
    /// Why it should not be used.
    pub deprecated: Option<String>,
    /// Why installations do not get it: one sentence for each policy.
    pub hidden: Vec<String>,
    /// Bytes when unpacked.
    pub unpacked_size: Option<u64>,
    pub files: Option<u64>,
    /// Commands it brings.
    pub bin: Vec<String>,
    /// `engines`, and `os`, `cpu` and `libc` where they are limited.
    pub requires: Vec<(String, String)>,
    /// Whether something of it runs when it is installed.
    pub install_scripts: bool,
    /// Whether it has the registry's signature.
    pub signed: bool,
    /// Whether where it was built is attested.
    pub provenance: bool,
    /// Subresource integrity of the tarball.
    pub integrity: Option<String>,
    /// Where the tarball is.
    pub tarball: Option<Href>,
    pub dependencies: Vec<Dependencies>,
}

impl PackagePage {
    /// The page.
    pub fn render(&self, frame: &Frame) -> Html {
        let open = match self.tab {
            Tab::Readme => self.readme(),
            Tab::Versions => versions::render(frame, self),
            Tab::Dependencies => dependencies::render(frame, &self.shown.dependencies),
            Tab::Dependents => dependencies::render_dependents(frame, self),
        };
        let content = html!(
            r#"<article class="package">
{heading}
{notices}
<div class="columns">
<section class="install" aria-label="Install">{install}</section>
<div class="open">{tabs}
{open}</div>
{aside}
</div>
</article>"#,
            heading = self.heading(frame),
            notices = self.notices(),
            tabs = self.tabs(frame),
            open = open,
            install = install_commands::render(self),
            aside = aside::render(frame, self),
        );
        frame.document(&self.name, "", &content)
    }

    /// Where a tab of this package is.
    fn at(&self, frame: &Frame, tab: Tab, from: u64) -> Href {
        frame.at(&Page::Package { name: self.name.clone(), version: self.asked.clone(), tab, from })
    }

    fn heading(&self, frame: &Frame) -> Html {
        let shown = &self.shown;
        let published = shown.published.map(|time| html!("<span>{}</span>", time_ago(time, frame.now)));
        let publisher =
            (shown.publisher.as_ref()).map(|name| html!("<span>by {}</span>", listing::user(frame, name)));
        let license =
            (shown.license.as_ref()).map(|license| html!("<span>{}</span>", listing::shortened(license, 60)));
        let origin = match &self.provider {
            Provider::Here => html!("<span>public</span>"),
            Provider::HereRestricted => html!(r#"<span class="badge">restricted</span>"#),
            Provider::Upstream(name) => html!("<span>from {}</span>", name),
        };
        html!(
            r#"<header class="heading"><h1>{name}</h1>
<p class="facts"><span class="version">{version}</span>{origin}{license}{published}{publisher}</p>
<p class="lead" dir="auto">{description}</p></header>"#,
            name = self.name,
            version = shown.version,
            origin = origin,
            license = license,
            published = published,
            publisher = publisher,
            description = listing::shortened(&shown.description, 1000),
        )
    }

    fn notices(&self) -> Html {
        let deprecated = self.shown.deprecated.as_ref().map(|reason| {
            html!(
                r#"<div class="notice warning"><strong>Deprecated</strong><p dir="auto">{}</p></div>"#,
                listing::shortened(reason, 2000)
            )
        });
        let hidden = (!self.shown.hidden.is_empty()).then(|| {
            html!(
                r#"<div class="notice danger"><strong>{} is not installed from here</strong>{}</div>"#,
                self.shown.version,
                sentences(&self.shown.hidden)
            )
        });
        html!("{}{}", hidden, deprecated)
    }

    fn tabs(&self, frame: &Frame) -> Html {
        let dependencies: usize = self.shown.dependencies.iter().map(|group| group.packages.len()).sum();
        let tabs: Html = Tab::ALL
            .into_iter()
            .map(|tab| {
                let (label, number) = match tab {
                    Tab::Readme => ("Readme", None),
                    Tab::Versions => ("Versions", Some(self.versions.len() as u64)),
                    Tab::Dependencies => ("Dependencies", Some(dependencies as u64)),
                    Tab::Dependents => ("Dependents", Some(self.dependents.total)),
                };
                let current = (tab == self.tab).then(|| html!(r#" aria-current="page""#));
                let number = number.map(|number| html!(" <small>{}</small>", count(number)));
                html!(r#"<a href="{}"{}>{}{}</a>"#, self.at(frame, tab, 0), current, label, number)
            })
            .collect();
        html!(r#"<nav class="tabs" aria-label="About {}">{}</nav>"#, self.name, tabs)
    }

    fn readme(&self) -> Html {
        match &self.readme {
            Some(readme) => html!(r#"<div class="readme">{}</div>"#, readme),
            None => html!(r#"<p class="quiet">This package has no README.</p>"#),
        }
    }
}

/// Sentences below each other.
fn sentences(sentences: &[String]) -> Html {
    sentences.iter().map(|sentence| html!("<p>{}</p>", sentence)).collect()
}
