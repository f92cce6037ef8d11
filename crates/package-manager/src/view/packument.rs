//! `view`: what a registry says of a package. Source of what is selected and how: npm 11.19.1.

use std::borrow::Cow;

use npm_formats::manifest::{self, ShortLists, get_path};
use npm_formats::packument::Packument;
use npm_formats::specifier::{Specifier, SpecifierError, SpecifierKind};
use npm_semver::{Range, RangeOptions, Version};
use registry_client::{MetadataCache, PackumentKind, RegistryClient, RegistryError};
use serde_json::{Map, Value};

use crate::manifest_file::{ManifestError, ManifestFile};
use crate::run::nearest;
use crate::settings::Settings;
use crate::workspaces::{self, WorkspaceError};

/// Why nothing can be shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    #[error("{source}")]
    Specifier { source: Box<SpecifierError> },
    #[error("{text} is a {kind}, of which no registry knows anything")]
    NotInRegistry { text: String, kind: &'static str },
    #[error("global packages have no package.json to take a name from")]
    Global,
    #[error("{} has no name", .file.display())]
    NoName { file: std::path::PathBuf },
    /// The registry's answer, and a package of a similar name that is known here.
    #[error("{source}")]
    Registry { source: Box<RegistryError>, similar: Option<String> },
    #[error("{name} has no version that is {wanted}")]
    NoMatch { name: String, wanted: String, similar: Option<String> },
    #[error("{name} was unpublished on {time}")]
    Unpublished { name: String, time: String },
    #[error("the registry's document for {name} cannot be read")]
    Document { name: String, source: serde_json::Error },
    #[error(transparent)]
    Path(#[from] manifest::ManifestError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Workspaces(#[from] WorkspaceError),
}

impl ViewError {
    /// Whether there is no such thing, rather than something being wrong.
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::Registry { source, .. } => source.code() == "E404",
            Self::NoMatch { .. } | Self::Unpublished { .. } => true,
            _ => false,
        }
    }
}

impl diagnostics::Report for ViewError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Specifier { source } => source.code().into(),
            Self::NotInRegistry { .. } | Self::Global => "EUSAGE".into(),
            Self::NoName { .. } => "EPACKAGEJSON".into(),
            Self::Registry { source, .. } => source.code().into(),
            Self::NoMatch { .. } | Self::Unpublished { .. } => "E404".into(),
            Self::Document { .. } => "EINVALIDRESPONSE".into(),
            Self::Path(error) => error.code().unwrap_or("EINVALIDSYNTAX").into(),
            Self::Manifest(error) => error.code(),
            Self::Workspaces(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        let meant = |similar: &Option<String>| {
            similar.as_ref().map(|similar| format!("did you mean `knit view {similar}`?"))
        };
        match self {
            Self::NotInRegistry { .. } => vec!["run `knit view <name>@<version>`".to_owned()],
            Self::Global => vec!["run `knit view <name>`".to_owned()],
            Self::NoName { .. } => vec!["run `knit view <name>`, or `knit pkg set name=<name>`".to_owned()],
            Self::Registry { source, similar } => meant(similar).into_iter().chain(source.hint()).collect(),
            Self::NoMatch { name, similar, .. } => {
                let all = format!("run `knit view {name} versions dist-tags` to see what there is");
                meant(similar).into_iter().chain([all]).collect()
            }
            Self::Path(error) => error.hint().map(str::to_owned).into_iter().collect(),
            Self::Manifest(error) => error.hints(),
            Self::Workspaces(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// `name`, or `name@` and a version, range or tag.
    Named(String),
    /// The packages of this folder or of the selected workspaces, with what follows their names.
    Local { names: Vec<String>, spec: String },
}

/// Reads the first argument. `.`, and nothing, is the package of this folder; `.@1` a version of it.
///
/// *Errors*: a package.json that cannot be read or has no name.
pub fn subject(settings: &Settings, argument: Option<&str>) -> Result<Subject, ViewError> {
    let argument = argument.unwrap_or(".");
    let Some(spec) = argument.strip_prefix('.').filter(|rest| rest.is_empty() || rest.starts_with('@'))
    else {
        return Ok(Subject::Named(argument.to_owned()));
    };
    if settings.places.is_global {
        return Err(ViewError::Global);
    }
    let names = if settings.workspaces.selected() {
        workspaces::targets(settings)?.into_iter().filter_map(|target| target.workspace).collect()
    } else {
        let manifest = ManifestFile::read(&settings.places.local_prefix)?;
        let name = manifest.name().ok_or_else(|| ViewError::NoName { file: manifest.path().to_owned() })?;
        vec![name.to_owned()]
    };
    Ok(Subject::Local { names, spec: spec.to_owned() })
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Viewed {
    /// The package's name.
    pub name: String,
    /// The packument; `versions` is the sorted list of versions.
    pub packument: Map<String, Value>,
    /// The versions that were asked for, in the registry's order: each the packument's members, overlaid with the
    /// version's manifest.
    pub versions: Vec<(String, Map<String, Value>)>,
}

/// The fields of one version: what they are called, and what they hold.
pub type Fields = (String, Vec<(String, Value)>);

impl Viewed {
    /// Looks fields up. Versions that have none of them are left out.
    ///
    /// *Errors*: [`ViewError::Path`] for `[]`.
    pub fn fields(&self, paths: &[String], short_lists: ShortLists) -> Result<Vec<Fields>, ViewError> {
        let mut rows = Vec::new();
        for (version, members) in &self.versions {
            let mut found: Vec<(String, Value)> = Vec::new();
            for path in paths {
                for (label, value) in get_path(members, path, short_lists)? {
                    match found.iter_mut().find(|(known, _)| *known == label) {
                        Some(known) => known.1 = value,
                        None => found.push((label, value)),
                    }
                }
            }
            if !found.is_empty() {
                rows.push((version.clone(), found));
            }
        }
        Ok(rows)
    }
}

/// Asks the registry about a package. `wants_readme` because that is the largest part of most packuments.
///
/// *Errors*: [`ViewError`]; with the nearest name, tag or version that is known where there is none as asked for.
pub async fn view(
    settings: &Settings,
    client: &RegistryClient,
    package: &str,
    wants_readme: bool,
) -> Result<Viewed, ViewError> {
    let directory = settings.places.working_directory.to_string_lossy();
    let specifier = Specifier::parse(package, &*directory)
        .map_err(|source| ViewError::Specifier { source: Box::new(source) })?;
    let specifier = specifier.alias_target().unwrap_or(&specifier);
    let (true, Some(name)) = (specifier.is_registry(), specifier.name()) else {
        let kind = specifier.kind().as_str();
        return Err(ViewError::NotInRegistry { text: package.to_owned(), kind });
    };
    let packument = match client.packument(name, PackumentKind::Full).await {
        Ok(packument) => packument,
        Err(source) if source.code() == "E404" => {
            let similar = known_name(settings, name);
            return Err(ViewError::Registry { source: Box::new(source), similar });
        }
        Err(source) => return Err(ViewError::Registry { source: Box::new(source), similar: None }),
    };
    let wanted = match specifier.kind() {
        SpecifierKind::Range if specifier.raw_spec() == "*" => settings.install.tag.as_str(),
        _ => specifier.fetch_spec().unwrap_or("*"),
    };
    select(&packument, wanted, wants_readme)
}

fn select(packument: &Packument, wanted: &str, wants_readme: bool) -> Result<Viewed, ViewError> {
    let name = packument.name();
    let unreadable = |source| ViewError::Document { name: name.to_owned(), source };
    let mut members: Map<String, Value> = serde_json::from_slice(&packument.text()).map_err(unreadable)?;
    if let Some(time) = members.get("time").and_then(|times| times.get("unpublished")?.get("time")?.as_str())
    {
        return Err(ViewError::Unpublished { name: name.to_owned(), time: time.to_owned() });
    }
    let manifests = match members.remove("versions") {
        Some(Value::Object(manifests)) => manifests,
        _ => Map::new(),
    };
    if !wants_readme {
        members.remove("readme");
    }
    let mut known: Vec<(Version, &String)> =
        manifests.keys().filter_map(|text| Some((Version::parse_loose(text).ok()?, text))).collect();
    known.sort_by(|a, b| a.0.cmp(&b.0));
    let names: Vec<Value> = known.iter().map(|(_, text)| Value::from(text.as_str())).collect();
    members.insert("versions".to_owned(), names.into());
    let exact = packument.dist_tag(wanted).unwrap_or(wanted);
    let range = Range::parse(exact, RangeOptions::LOOSE).ok();
    let is_wanted =
        |text: &str| text == exact || range.as_ref().is_some_and(|range| range.satisfies_str(text));
    let overlaid = |(text, manifest): (&String, &Value)| {
        let mut all = members.clone();
        all.extend(manifest.as_object().cloned().unwrap_or_default());
        if !wants_readme {
            all.remove("readme");
        }
        (text.clone(), all)
    };
    let versions: Vec<_> = manifests.iter().filter(|(text, _)| is_wanted(text)).map(overlaid).collect();
    if versions.is_empty() {
        let tags = packument.dist_tags().iter().map(|(tag, _)| tag.clone());
        let words: Vec<String> = tags.chain(manifests.keys().cloned()).collect();
        let similar = nearest(wanted, &words).map(|word| format!("{name}@{word}"));
        return Err(ViewError::NoMatch { name: name.to_owned(), wanted: wanted.to_owned(), similar });
    }
    Ok(Viewed { name: name.to_owned(), packument: members, versions })
}

/// The name nearest to one that the registry does not have, among those that the project depends on and those that
/// were ever asked for.
fn known_name(settings: &Settings, name: &str) -> Option<String> {
    let mut names = MetadataCache::new(&settings.places.cache).names().unwrap_or_default();
    if let Ok(Some(manifest)) = ManifestFile::read_if_there(&settings.places.local_prefix) {
        for section in ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] {
            let entries = manifest.members().get(section).and_then(Value::as_object);
            names.extend(entries.into_iter().flat_map(|entries| entries.keys().cloned()));
        }
    }
    names.retain(|known| known != name);
    nearest(name, &names).map(str::to_owned)
}
