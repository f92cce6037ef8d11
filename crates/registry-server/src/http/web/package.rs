//! The page of a package, from the document that clients get of it.

use std::collections::HashMap;

use bytes::Bytes;
use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::super::failure::Failure;
use super::super::visible::Visible;
use super::described::{Described, dependencies, person, strings};
use super::visit::Visit;
use super::{Reply, lists, sentence};
use crate::downloads::{Days, Numbers};
use crate::identity::permission::{Action, Standing, Visibility};
use crate::names::Place;
use crate::pages::{Dependents, Href, PackagePage, Provider, ShownVersion, Tab, VersionRow, render_readme};
use crate::search::FromWhere;
use crate::server::Registry;
use crate::storage::Explanation;
use crate::{Form, PackageName, RegistryError};

/// Dependents in a page.
const DEPENDENTS: usize = 100;

/// What an address asks for.
pub(super) struct Asked {
    pub name: String,
    pub version: Option<String>,
    pub tab: Tab,
    pub from: u64,
}

/// The document, each part by itself, since an upstream may have sent anything.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow, default, rename = "dist-tags")]
    dist_tags: Option<&'a RawValue>,
    #[serde(borrow, default)]
    versions: IndexMap<String, &'a RawValue>,
    #[serde(borrow, default)]
    time: Option<&'a RawValue>,
    #[serde(borrow, default)]
    maintainers: Option<&'a RawValue>,
    #[serde(borrow, default)]
    readme: Option<&'a RawValue>,
}

/// What the list of versions shows of a manifest.
#[derive(Default, Deserialize)]
struct Row<'a> {
    #[serde(borrow, default, rename = "_npmUser")]
    publisher: Option<&'a RawValue>,
    #[serde(borrow, default)]
    dist: Option<&'a RawValue>,
    #[serde(borrow, default)]
    deprecated: Option<&'a RawValue>,
}

/// The page.
///
/// Errors: there is no such package or version, or the reader may not see it, which is told the same way.
pub(super) async fn page(visit: &mut Visit<'_>, asked: Asked) -> Result<Reply, Failure> {
    let registry = visit.registry;
    let missing = || Failure::not_found(&asked.name);
    let name = PackageName::parse(&asked.name).map_err(|_| missing())?;
    let (provider, visible) = match &registry.hosted {
        Some(hosted) => {
            let mut reader = visit.reader(hosted).await?;
            let standing = reader.may(hosted, Action::Read, &name).await?;
            (provider(registry, &name, &standing), Some(Visible::to(&reader, hosted).await?))
        }
        None => (Provider::Here, None),
    };
    let Some(packument) = registry.storage.packument(&name).await? else { return Err(missing()) };
    let explanation = match &registry.governed {
        Some(governed) => governed.explain(&name).await?,
        None => None,
    };
    let dependents = match (&registry.hosted, &visible) {
        (Some(hosted), Some(visible)) => {
            hosted.search.follow(&hosted.database).await?;
            let from = if asked.tab == Tab::Dependents { asked.from } else { 0 };
            let may_see = |name: &str| visible.has(name);
            let wanted = lists::wanted(from, DEPENDENTS, hosted.now(), &may_see, FromWhere::Here);
            let (total, names) = hosted.search.dependents(name.as_str(), &wanted);
            Dependents { total, names, size: DEPENDENTS as u64 }
        }
        _ => Dependents::default(),
    };
    let publishers = match (&registry.hosted, &provider) {
        (Some(hosted), Provider::Here | Provider::HereRestricted) => {
            hosted.database.publishers(&name).await?
        }
        _ => HashMap::new(),
    };
    let downloads = match &registry.hosted {
        Some(hosted) => Some(hosted.downloads.by_version(&name, &Days::last(7, visit.frame.now)).await?),
        None => None,
    };
    let (document, frame) = (packument.document(Form::Full, &visit.frame.base), visit.frame.clone());
    let no_version = missing();
    // megabytes of JSON and a README: not on a thread that answers requests
    let rendering = tokio::task::spawn_blocking(move || {
        let known = Known { provider, explanation, dependents, publishers, downloads };
        view(&name, &document, asked, known).map(|page| page.map(|page| page.render(&frame)))
    });
    let rendered = rendering.await.map_err(|_| RegistryError::Interrupted)??;
    rendered.map(Reply::page).ok_or(no_version)
}

/// Where a package is from that may be seen.
fn provider(registry: &Registry, name: &PackageName, standing: &Standing) -> Provider {
    match registry.governed.as_ref().map(|governed| governed.place(name)) {
        Some(Place::Upstream(upstream)) => Provider::Upstream(upstream.to_string()),
        _ if standing.visibility == Visibility::Restricted => Provider::HereRestricted,
        _ => Provider::Here,
    }
}

/// What is known of a package beside its document.
struct Known {
    provider: Provider,
    explanation: Option<Explanation>,
    dependents: Dependents,
    /// Who published which version.
    publishers: HashMap<String, String>,
    /// How often which version was downloaded lately; none where that is not counted.
    downloads: Option<Numbers>,
}

fn view(
    name: &PackageName,
    document: &Bytes,
    asked: Asked,
    known: Known,
) -> Result<Option<PackagePage>, RegistryError> {
    let document: Document<'_> = serde_json::from_slice(document)
        .map_err(|source| RegistryError::Document { name: name.to_string(), source })?;
    let dist_tags: IndexMap<String, Value> = lenient(document.dist_tags);
    let dist_tags: Vec<(String, String)> = (dist_tags.into_iter())
        .filter_map(|(tag, version)| Some((tag, version.as_str()?.to_owned())))
        .collect();
    let latest = dist_tags.iter().find(|(tag, _)| tag == "latest").map(|(_, version)| version.clone());
    let Some(version) =
        (asked.version.clone().or(latest)).or_else(|| document.versions.keys().next_back().cloned())
    else {
        return Ok(None);
    };
    let times: HashMap<String, Value> = lenient(document.time);
    let mut versions: Vec<VersionRow> = (document.versions.iter())
        .map(|(version, manifest)| row(version, manifest, &times, &known.publishers))
        .collect();
    if let Some(explanation) = &known.explanation {
        add_hidden(&mut versions, explanation);
    }
    let counted = known.downloads.as_ref().map(|numbers| numbers.values().sum::<i64>().unsigned_abs());
    let downloads = known.downloads.unwrap_or_default();
    for row in &mut versions {
        row.downloads = downloads.get(&row.version).copied().unwrap_or_default().unsigned_abs();
    }
    versions.reverse();
    // stable: what has no time stays where it was published
    versions.sort_by_key(|row| std::cmp::Reverse(row.published));
    let Some(shown_row) = versions.iter().find(|row| row.version == version) else { return Ok(None) };
    let manifest: Map<String, Value> =
        document.versions.get(&version).map(|manifest| lenient(Some(manifest))).unwrap_or_default();
    let readme = manifest.get("readme").and_then(Value::as_str).map(str::to_owned);
    let readme = readme.or_else(|| document.readme.map(|readme| lenient(Some(readme))));
    let maintainers: Vec<Value> = lenient(document.maintainers);
    let is_readme_shown =
        asked.tab == Tab::Readme && readme.as_ref().is_some_and(|readme| !readme.trim().is_empty());
    Ok(Some(PackagePage {
        name: name.to_string(),
        tab: asked.tab,
        from: asked.from,
        asked: asked.version,
        shown: shown(shown_row, &manifest),
        provider: known.provider,
        readme: readme.filter(|_| is_readme_shown).map(|readme| render_readme(&readme)),
        maintainers: maintainers.iter().filter_map(person).collect(),
        dist_tags,
        versions,
        dependents: known.dependents,
        downloads: counted,
    }))
}

/// A part of a document; its default where it is something else.
fn lenient<T: Default + serde::de::DeserializeOwned>(value: Option<&RawValue>) -> T {
    value.and_then(|value| serde_json::from_str(value.get()).ok()).unwrap_or_default()
}

fn row(
    version: &str,
    manifest: &RawValue,
    times: &HashMap<String, Value>,
    publishers: &HashMap<String, String>,
) -> VersionRow {
    let row: Row<'_> = serde_json::from_str(manifest.get()).unwrap_or_default();
    let dist: Map<String, Value> = lenient(row.dist);
    let time = times.get(version).and_then(Value::as_str);
    let said: Value = lenient(row.publisher);
    let deprecated: String = lenient(row.deprecated);
    VersionRow {
        version: version.to_owned(),
        published: time.and_then(|time| time.parse::<Timestamp>().ok()),
        publisher: publishers.get(version).cloned().or_else(|| person(&said)),
        unpacked_size: dist.get("unpackedSize").and_then(Value::as_u64),
        deprecated: (!deprecated.is_empty()).then_some(deprecated),
        hidden: Vec::new(),
        downloads: 0,
    }
}

/// The versions that clients do not see, in the order of publication, with the reasons.
fn add_hidden(versions: &mut Vec<VersionRow>, explanation: &Explanation) {
    for facts in &explanation.facts.versions {
        let Some(reasons) = explanation.decision.hidden(&facts.version) else { continue };
        let hidden = reasons.iter().map(|reason| sentence(&reason.to_string())).collect();
        match versions.iter_mut().find(|row| row.version == facts.version) {
            Some(row) => row.hidden = hidden,
            None => versions.push(VersionRow {
                version: facts.version.clone(),
                published: facts.published,
                hidden,
                ..VersionRow::default()
            }),
        }
    }
}

fn shown(row: &VersionRow, manifest: &Map<String, Value>) -> ShownVersion {
    let Described { description, keywords, license, homepage, repository, bugs, .. } =
        Described::of_members(manifest);
    let dist = manifest.get("dist").and_then(Value::as_object);
    let in_dist = |key: &str| dist.and_then(|dist| dist.get(key));
    let scripts = manifest.get("scripts").and_then(Value::as_object);
    let runs = |name: &&str| scripts.is_some_and(|scripts| scripts.contains_key(*name));
    let is_true = |key: &str| manifest.get(key).and_then(Value::as_bool).unwrap_or(false);
    ShownVersion {
        version: row.version.clone(),
        description,
        keywords,
        license,
        homepage,
        repository,
        bugs,
        published: row.published,
        publisher: row.publisher.clone(),
        deprecated: row.deprecated.clone(),
        hidden: row.hidden.clone(),
        unpacked_size: row.unpacked_size,
        files: in_dist("fileCount").and_then(Value::as_u64),
        bin: bin(manifest),
        requires: requires(manifest),
        install_scripts: is_true("hasInstallScript")
            || ["preinstall", "install", "postinstall"].iter().any(runs),
        signed: in_dist("signatures").and_then(Value::as_array).is_some_and(|all| !all.is_empty()),
        provenance: in_dist("attestations").is_some(),
        integrity: in_dist("integrity").and_then(Value::as_str).map(str::to_owned),
        tarball: in_dist("tarball").and_then(Value::as_str).and_then(Href::external),
        dependencies: dependencies(manifest),
    }
}

/// The commands: one may be named after its package.
fn bin(manifest: &Map<String, Value>) -> Vec<String> {
    match manifest.get("bin") {
        Some(Value::Object(commands)) => commands.keys().cloned().collect(),
        Some(Value::String(_)) => {
            let name = manifest.get("name").and_then(Value::as_str).unwrap_or_default();
            vec![name.rsplit('/').next().unwrap_or(name).to_owned()]
        }
        _ => Vec::new(),
    }
}

fn requires(manifest: &Map<String, Value>) -> Vec<(String, String)> {
    let engines = manifest.get("engines").and_then(Value::as_object).into_iter().flatten();
    let engines = engines.filter_map(|(name, range)| Some((name.clone(), range.as_str()?.to_owned())));
    let platforms = ["os", "cpu", "libc"].into_iter().filter_map(|key| {
        let values = strings(manifest.get(key));
        (!values.is_empty()).then(|| (key.to_owned(), values.join(", ")))
    });
    engines.chain(platforms).collect()
}
