//! One package of a Verdaccio, into this registry whole or not at all.

use std::collections::BTreeMap;

use bytes::Bytes;
use npm_formats::integrity::{Algorithm, Integrity};
use npm_semver::Version;
use serde::Deserialize;

use super::storage::{Document, Origin, PackageFolder};
use super::{Differences, ImportOptions, ImportedPackage, Selection};
use crate::database::audit_log;
use crate::database::imported::{self, ImportedVersion, KnownVersion};
use crate::hosted::Hosted;
use crate::operations::Run;
use crate::publish::{Maintainer, PublishError, inspect, is_tag, manifest};
use crate::{PackageName, RegistryError};

/// Why a package stays behind: the end of a sentence that begins with its name.
pub(super) enum Failure {
    Refused(String),
    /// The registry itself does not work.
    Registry(RegistryError),
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Failure {
        Failure::Registry(error)
    }
}

/// A package on its way.
pub(super) struct Import<'a> {
    pub hosted: &'a Hosted,
    pub options: &'a ImportOptions,
    pub name: PackageName,
}

impl Import<'_> {
    /// Brings a package; `None` where nothing of it was published there.
    pub async fn run(&self, folder: &PackageFolder) -> Result<Option<ImportedPackage>, Failure> {
        let document = Document::read(folder).map_err(Failure::Refused)?;
        let known = self.hosted.database.known_versions(&self.name).await?;
        let mut done = ImportedPackage { name: self.name.to_string(), ..ImportedPackage::default() };
        let mut versions = Vec::new();
        for version in document.versions.keys() {
            let origin = document.origin(&folder.path, &self.name, version).map_err(Failure::Refused)?;
            let is_wanted = match self.options.selection {
                Selection::Published => !origin.from_upstream,
                Selection::Everything => !origin.from_upstream || origin.tarball.is_file(),
            };
            if !is_wanted {
                done.left_out.push(version.clone());
                continue;
            }
            match known.get(version) {
                Some(known) if is_same(&document, version, &origin, known) => match known.is_removed {
                    true => done.removed_here.push(version.clone()),
                    false => done.present += 1,
                },
                Some(_) => {
                    let problem = format!("its version {version} is, or was, here with other contents");
                    return Err(Failure::Refused(problem));
                }
                None => versions.push(self.version(&document, version, origin).await?),
            }
        }
        if versions.is_empty() {
            let is_ours = done.present > 0 || !done.removed_here.is_empty();
            return Ok(is_ours.then_some(done));
        }
        versions
            .sort_by(|a, b| a.published.cmp(&b.published).then_with(|| precedence(a).cmp(&precedence(b))));
        done.added = versions.iter().map(|version| version.version.clone()).collect();
        if self.options.run == Run::Real {
            done.lost_tags = self.keep(&document, versions).await?;
        }
        Ok(Some(done))
    }

    /// Verifies a version's tarball and puts it into the store. Nothing names it yet.
    async fn version(
        &self,
        document: &Document,
        version: &str,
        origin: Origin,
    ) -> Result<ImportedVersion, Failure> {
        let refused = |problem: String| Failure::Refused(format!("its version {version}: {problem}"));
        let of_publishing = |error: PublishError| match error {
            PublishError::Registry(error) => Failure::Registry(error),
            error => refused(error.to_string()),
        };
        if Version::parse(version).is_err() {
            return Err(refused("that is not a version".to_owned()));
        }
        let tarball = tokio::fs::read(&origin.tarball)
            .await
            .map_err(|error| refused(format!("{} cannot be read: {error}", origin.tarball.display())))?;
        let size = i64::try_from(tarball.len()).unwrap_or(i64::MAX);
        let (inspected, digests, digest, tarball): (_, _, _, Bytes) =
            inspect(tarball).await.map_err(of_publishing)?;
        if origin.shasum.is_some_and(|shasum| shasum != digests.shasum) {
            return Err(refused("the tarball does not have the shasum that Verdaccio notes".to_owned()));
        }
        let published = document.versions.get(version).map_or("{}", |raw| raw.get());
        let take = match self.options.differences {
            Differences::Refused => manifest::keep,
            Differences::Taken => manifest::adopt,
        };
        let kept = take(&self.name, version, published, &inspected, &digests).map_err(of_publishing)?;
        let completed = self.hosted.completed(&self.name, version, &digests.integrity, kept.manifest, None);
        let created = document.time_of("created").unwrap_or_else(|| self.hosted.now());
        if self.options.run == Run::Real {
            self.hosted.blobs.put(&digest, tarball).await?;
        }
        Ok(ImportedVersion {
            version: version.to_owned(),
            published: document.time_of(version).unwrap_or(created),
            publisher: publisher(published).unwrap_or_else(|| "verdaccio".to_owned()),
            manifest: completed.map_err(of_publishing)?,
            deprecated: kept.deprecated,
            file: format!("{}-{version}.tgz", self.name.unscoped()),
            digest,
            size,
        })
    }

    /// All rows of a package at once. Answers the tags that were left out.
    async fn keep(
        &self,
        document: &Document,
        versions: Vec<ImportedVersion>,
    ) -> Result<Vec<String>, Failure> {
        let hosted = self.hosted;
        let now = hosted.now();
        let (tags, odd): (BTreeMap<_, _>, BTreeMap<_, _>) =
            document.tags.clone().into_iter().partition(|(tag, _)| is_tag(tag));
        let oldest = versions.iter().map(|version| version.published).min().unwrap_or(now);
        let starred = |(user, stars): (&String, &serde_json::Value)| {
            (stars.as_bool() == Some(true)).then(|| user.clone())
        };
        let maintainer = |name: &String| Maintainer { name: name.clone(), email: String::new() };
        let package = imported::ImportedPackage {
            created: document.time_of("created").unwrap_or(oldest),
            tags,
            readme: document.readme.as_str().filter(|text| !text.is_empty()).map(str::to_owned),
            stars: document.users.iter().filter_map(starred).collect(),
            maintainers: self.options.maintainers.iter().map(maintainer).collect(),
            versions,
        };
        let mut digests: Vec<&str> = package.versions.iter().map(|version| version.digest.as_str()).collect();
        digests.sort_unstable();
        let mut writing = hosted.database.write().await?;
        for digest in digests {
            hosted.database.hold_blob(&mut writing, digest).await?;
            if hosted.blobs.find(digest).await?.is_none() {
                let problem = "garbage was collected meanwhile; import it again";
                return Err(Failure::Refused(problem.to_owned()));
            }
        }
        let mut lost = imported::add(&mut writing, &self.name, &package, now).await?;
        let detail = format!("{} versions of a Verdaccio", package.versions.len());
        audit_log::append(&mut writing, &hosted.operation("import", &self.name, detail)).await?;
        writing.commit().await.map_err(RegistryError::from)?;
        lost.extend(odd.into_keys());
        Ok(lost)
    }
}

/// Whether a version that is known here is the one that is kept there.
fn is_same(document: &Document, version: &str, origin: &Origin, known: &KnownVersion) -> bool {
    #[derive(Deserialize)]
    struct Manifest {
        dist: Dist,
    }
    #[derive(Deserialize)]
    struct Dist {
        integrity: Option<String>,
    }
    let manifest =
        document.versions.get(version).and_then(|raw| serde_json::from_str::<Manifest>(raw.get()).ok());
    let said = manifest.and_then(|manifest| Integrity::parse(&manifest.dist.integrity?).ok());
    match said.and_then(|integrity| integrity.of(Algorithm::Sha512).next()?.hex()) {
        Some(digest) => digest == known.digest,
        None => std::fs::read(&origin.tarball).is_ok_and(|bytes| {
            use sha2::Digest as _;
            crate::publish::hex(&sha2::Sha512::digest(bytes)) == known.digest
        }),
    }
}

/// Who published a version, where its manifest says so.
fn publisher(manifest: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Manifest {
        #[serde(rename = "_npmUser")]
        user: User,
    }
    #[derive(Deserialize)]
    struct User {
        name: String,
    }
    serde_json::from_str::<Manifest>(manifest).ok().map(|manifest| manifest.user.name)
}

/// Versions published at one moment are in the order of their precedence.
fn precedence(version: &ImportedVersion) -> Option<Version> {
    Version::parse(&version.version).ok()
}
