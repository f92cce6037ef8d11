//! One package of a Verdaccio, into this registry whole or not at all.

use std::collections::BTreeSet;
use std::path::Path;

use bytes::Bytes;
use npm_formats::integrity::{Algorithm, Integrity};
use npm_semver::Version;
use serde::Deserialize;

use super::changes::{self, Changes, Sides, TagChange};
use super::storage::{Document, Origin, PackageFolder};
use super::{Differences, ImportOptions, ImportedPackage, Selection};
use crate::database::imported::{self, ImportedVersion, KnownVersion, Standing};
use crate::database::{Writing, audit_log};
use crate::hosted::Hosted;
use crate::operations::Run;
use crate::publish::{Maintainer, PublishError, Readme, inspect, is_tag, manifest};
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
    /// What the import is remembered by.
    pub source: &'a str,
    pub name: PackageName,
}

/// What a package has there.
#[derive(Default)]
struct Brought {
    /// Versions that are new here, in the order of publication.
    versions: Vec<ImportedVersion>,
    there: Standing,
    /// All versions, wanted or not.
    listed: BTreeSet<String>,
    created: Option<i64>,
    readme: Option<String>,
}

impl Import<'_> {
    /// Brings a package, or what has changed of it; `None` where nothing of it was published there.
    pub async fn run(&self, folder: &PackageFolder) -> Result<Option<ImportedPackage>, Failure> {
        let mut done = ImportedPackage { name: self.name.to_string(), ..ImportedPackage::default() };
        let brought = match &folder.path {
            Some(path) => self.read(path, &mut done).await?,
            None => Brought::default(),
        };
        let before = self.hosted.database.remembered(self.source, &self.name).await?;
        let is_ours = done.present > 0 || !done.removed_here.is_empty();
        if brought.versions.is_empty() && !is_ours && before.is_none() {
            return Ok(None);
        }
        done.added = brought.versions.iter().map(|version| version.version.clone()).collect();
        self.settle(&brought, before, &mut done).await?;
        // that it is gone is said as long as something of it is here
        let is_told =
            folder.path.is_some() || !done.unpublished.is_empty() || !done.unpublished_there.is_empty();
        Ok(is_told.then_some(done))
    }

    /// Reads what is there, and verifies what is new.
    async fn read(&self, path: &Path, done: &mut ImportedPackage) -> Result<Brought, Failure> {
        let document = Document::read(self.name.as_str(), path).map_err(Failure::Refused)?;
        let known = self.hosted.database.known_versions(&self.name).await?;
        let mut brought = Brought {
            there: Standing {
                maintainers: self.options.maintainers.iter().cloned().collect(),
                ..document.standing()
            },
            listed: document.versions.keys().cloned().collect(),
            created: document.time_of("created"),
            readme: Readme::sent(document.readme.as_str(), None).map(|readme| readme.text),
            ..Brought::default()
        };
        for version in document.versions.keys() {
            let origin = document.origin(path, &self.name, version).map_err(Failure::Refused)?;
            let is_wanted = match self.options.selection {
                Selection::Published => !origin.from_upstream,
                Selection::Everything => !origin.from_upstream || origin.tarball.is_file(),
            };
            if !is_wanted {
                brought.there.versions.remove(version);
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
                None => brought.versions.push(self.version(&document, version, origin).await?),
            }
        }
        brought
            .versions
            .sort_by(|a, b| a.published.cmp(&b.published).then_with(|| precedence(a).cmp(&precedence(b))));
        done.lost_tags = document.tags.keys().filter(|tag| !is_tag(tag)).cloned().collect();
        Ok(brought)
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

    /// All rows of a package at once, or what of them has changed; in a dry run, only says what that would be.
    async fn settle(
        &self,
        brought: &Brought,
        before: Option<Standing>,
        done: &mut ImportedPackage,
    ) -> Result<(), Failure> {
        let (hosted, is_real) = (self.hosted, self.options.run == Run::Real);
        let now = hosted.now();
        let mut writing = hosted.database.write().await?;
        if is_real {
            self.hold(&mut writing, &brought.versions).await?;
        }
        let oldest = brought.versions.iter().map(|version| version.published).min().unwrap_or(now);
        let created = brought.created.unwrap_or(oldest);
        let (is_new, here) = imported::take(&mut writing, &self.name, created, now).await?;
        let sides = Sides {
            before: before.as_ref(),
            there: &brought.there,
            here: &here,
            listed: &brought.listed,
            added: &done.added.iter().cloned().collect(),
            is_new,
        };
        let changes = changes::between(&sides, self.options.conflicts, self.options.unpublished);
        tell(done, &changes, is_new, &brought.there);
        let is_settled = brought.versions.is_empty() && changes.are_none();
        if !is_real || is_settled {
            // the package's revision stays what it was
            writing.rollback().await.map_err(RegistryError::from)?;
            if is_real && before.as_ref() != Some(&changes.remembered) {
                let mut writing = hosted.database.write().await?;
                imported::remember(&mut writing, self.source, &self.name, &changes.remembered).await?;
                writing.commit().await.map_err(RegistryError::from)?;
            }
            return Ok(());
        }
        imported::add(&mut writing, &self.name, &brought.versions, now).await?;
        self.change(&mut writing, brought, &changes, is_new).await?;
        imported::remember(&mut writing, self.source, &self.name, &changes.remembered).await?;
        let detail = format!("{} versions of a Verdaccio{}", brought.versions.len(), changes.summary());
        audit_log::append(&mut writing, &hosted.operation("import", &self.name, detail)).await?;
        writing.commit().await.map_err(RegistryError::from)?;
        Ok(())
    }

    /// Has the blobs of versions stay until there are rows that name them.
    async fn hold(&self, writing: &mut Writing, versions: &[ImportedVersion]) -> Result<(), Failure> {
        let mut digests: Vec<&str> = versions.iter().map(|version| version.digest.as_str()).collect();
        digests.sort_unstable();
        for digest in digests {
            self.hosted.database.hold_blob(writing, digest).await?;
            if self.hosted.blobs.find(digest).await?.is_none() {
                let problem = "garbage was collected meanwhile; import it again";
                return Err(Failure::Refused(problem.to_owned()));
            }
        }
        Ok(())
    }

    async fn change(
        &self,
        writing: &mut Writing,
        brought: &Brought,
        changes: &Changes,
        is_new: bool,
    ) -> Result<(), RegistryError> {
        let mut change = imported::begin(writing, &self.name, self.hosted.now()).await?;
        for (version, message) in &changes.deprecations {
            change.deprecate(version, message.as_deref()).await?;
        }
        for TagChange { tag, to, .. } in &changes.tags {
            match to {
                Some(version) => change.set_tag(tag, version).await?,
                None => change.remove_tag(tag).await?,
            };
        }
        for version in &changes.removals {
            change.remove_version(version).await?;
        }
        let Some(newest) = change.visible_versions().await?.pop() else {
            return change.remove_package().await;
        };
        if !change.tags().await?.contains_key("latest") {
            change.set_tag("latest", &newest).await?;
        }
        for (user, is_starred) in &changes.stars {
            change.star(user, *is_starred).await?;
        }
        if !changes.maintainers.is_empty() {
            let mut maintainers = change.maintainers().await?;
            let maintainer = |name: &String| Maintainer { name: name.clone(), email: String::new() };
            maintainers.extend(changes.maintainers.iter().map(maintainer));
            change.set_maintainers(&maintainers).await?;
        }
        // it is that of the version which is the latest there
        let is_latest = change.tags().await?.get("latest") == brought.there.tags.get("latest");
        if let Some(readme) = brought.readme.as_ref().filter(|_| is_new || is_latest)
            && !brought.versions.is_empty()
        {
            change.set_readme(readme, None).await?;
        }
        Ok(())
    }
}

/// Has the outcome say what has changed of a package that was here.
fn tell(done: &mut ImportedPackage, changes: &Changes, is_new: bool, there: &Standing) {
    // of versions that were taken away here, so were their tags
    let is_lost =
        |tag: &&String| there.tags.get(*tag).is_none_or(|version| !done.removed_here.contains(version));
    let lost: Vec<String> = changes.lost_tags.iter().filter(is_lost).cloned().collect();
    done.lost_tags.splice(0..0, lost);
    done.unpublished = changes.removals.clone();
    done.unpublished_there = changes.gone.clone();
    done.conflicts = changes.conflicts.clone();
    for (version, message) in &changes.deprecations {
        match message {
            Some(_) => done.deprecated.push(version.clone()),
            None => done.undeprecated.push(version.clone()),
        }
    }
    if !is_new {
        done.tags = changes.tags.clone();
        done.new_maintainers = changes.maintainers.clone();
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
