//! `link`: which global packages arguments mean.
//!
//! Linking itself is an installation of folders. Source: npm 11.19.1.

use std::path::PathBuf;

use npm_formats::specifier::{Specifier, SpecifierError, SpecifierKind};
use npm_semver::{Range, RangeOptions, Version};

use crate::manifest_file::{ManifestError, ManifestFile};
use crate::settings::Settings;

/// Why packages cannot be linked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("{source}")]
    Argument { source: SpecifierError },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("{argument} has no name by which it could be linked")]
    Nameless { argument: String },
    #[error("{name} is not among the global packages")]
    Missing { name: String, source: std::io::Error },
}

impl diagnostics::Report for LinkError {
    fn code(&self) -> std::borrow::Cow<'static, str> {
        match self {
            Self::Argument { source } => source.code().into(),
            Self::Manifest(error) => error.code(),
            Self::Nameless { .. } => "EUSAGE".into(),
            Self::Missing { source, .. } => diagnostics::io_code(source).into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Manifest(error) => error.hints(),
            Self::Nameless { .. } => vec!["run `knit pkg set name=<name>` there".to_owned()],
            Self::Argument { .. } | Self::Missing { .. } => Vec::new(),
        }
    }
}

/// A package that is installed globally, or linked there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalPackage {
    /// Its name.
    pub name: String,
    /// Its folder, links followed.
    pub folder: PathBuf,
}

/// Arguments that no global package fits, by name and where one is given by version.
///
/// *Errors*: arguments that are no specifiers, folders without a name.
pub fn missing(global: &Settings, arguments: &[String]) -> Result<Vec<String>, LinkError> {
    let mut missing = Vec::new();
    for argument in arguments {
        let specifier = parse(global, argument)?;
        let folder = global.places.global_modules().join(name_of(&specifier, argument)?);
        let installed = ManifestFile::read_if_there(&folder).ok().flatten();
        let range = match specifier.kind() {
            SpecifierKind::Version | SpecifierKind::Range => {
                specifier.fetch_spec().and_then(|range| Range::parse(range, RangeOptions::LOOSE).ok())
            }
            _ => None,
        };
        let fits = installed.is_some_and(|manifest| {
            let version = manifest.version().and_then(|version| Version::parse_loose(version).ok());
            range.is_none_or(|range| {
                range.is_any() || version.is_some_and(|version| range.satisfies(&version))
            })
        });
        if !fits {
            missing.push(argument.clone());
        }
    }
    Ok(missing)
}

/// The global packages that arguments mean.
///
/// *Errors*: as [`missing`], and packages that are not there.
pub fn packages(global: &Settings, arguments: &[String]) -> Result<Vec<GlobalPackage>, LinkError> {
    let package = |argument: &String| {
        let name = name_of(&parse(global, argument)?, argument)?;
        let folder = global.places.global_modules().join(&name).canonicalize();
        let folder = folder.map_err(|source| LinkError::Missing { name: name.clone(), source })?;
        Ok(GlobalPackage { name, folder })
    };
    arguments.iter().map(package).collect()
}

fn parse(global: &Settings, argument: &str) -> Result<Specifier, LinkError> {
    let place = global.places.working_directory.to_string_lossy();
    Specifier::parse(argument, &*place).map_err(|source| LinkError::Argument { source })
}

fn name_of(specifier: &Specifier, argument: &str) -> Result<String, LinkError> {
    if let Some(name) = specifier.name() {
        return Ok(name.to_owned());
    }
    let nameless = || LinkError::Nameless { argument: argument.to_owned() };
    let folder = match specifier.kind() {
        SpecifierKind::Directory => specifier.fetch_spec().ok_or_else(nameless)?,
        _ => return Err(nameless()),
    };
    let manifest = ManifestFile::read(folder.as_ref())?;
    manifest.name().map(str::to_owned).ok_or_else(nameless)
}
