//! One package: its numbers, its tags, its manifests, its tarballs, and the packument that is made of them.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt};
use npm_semver::Version;
use serde_json::{Map, Value, json};

use super::{AT_ONCE, Check, blob};
use crate::database::inspection::{self, KeptVersion};
use crate::database::{Change, DistTags};
use crate::packument::assemble;
use crate::storage::read_rows;
use crate::{PackageName, Packument, RegistryError};

impl Check<'_> {
    /// Looks at everything about a package.
    pub(super) async fn package(&mut self, name: &PackageName) -> Result<(), RegistryError> {
        let database = &self.hosted.database;
        // its rows as they are at one revision
        let (package, versions, tags) = loop {
            let Some(package) = database.package(name).await? else { return Ok(()) };
            let versions = database.kept_versions(name).await?;
            let tags = database.dist_tags(name).await?;
            if database.package(name).await?.is_some_and(|again| again.revision == package.revision) {
                break (package, versions, tags);
            }
        };
        let live: Vec<&KeptVersion> = versions.iter().filter(|version| version.removed.is_none()).collect();
        self.outcome.packages += 1;
        self.outcome.versions += live.len() as u64;
        self.numbers(name, package.revision, &versions).await?;
        if package.removed.is_some() && !live.is_empty() {
            let message = format!("is removed, but {} of its versions are not", live.len());
            self.tell("removed", name, message);
        }
        self.tags(name, &tags, &live).await?;
        for version in &live {
            self.manifest(name, version).await?;
        }
        self.tarballs(name, &live).await?;
        if package.removed.is_none() {
            self.packument(name).await?;
        }
        Ok(())
    }

    /// Revisions go up with every change, and each version has one of its own.
    async fn numbers(
        &mut self,
        name: &PackageName,
        revision: i64,
        versions: &[KeptVersion],
    ) -> Result<(), RegistryError> {
        let newest = versions.iter().map(|version| version.ordinal).max().unwrap_or(0);
        if newest > revision {
            if self.options.repair {
                let mut writing = self.hosted.database.write().await?;
                inspection::raise_revision(&mut writing, name).await?;
                writing.commit().await?;
            }
            let message = format!("is at revision {revision}, but has a version of revision {newest}");
            self.tell_repaired("counter", name, message);
        }
        let distinct: BTreeSet<i64> = versions.iter().map(|version| version.ordinal).collect();
        if distinct.len() < versions.len() {
            let message = "has several versions of one revision: nobody knows which came first".to_owned();
            self.tell("counter", name, message);
        }
        Ok(())
    }

    /// Tags stand for versions that are there, and whoever asks for no version gets one.
    async fn tags(
        &mut self,
        name: &PackageName,
        tags: &DistTags,
        live: &[&KeptVersion],
    ) -> Result<(), RegistryError> {
        let is_there = |version: &str| live.iter().any(|live| live.version == version);
        let mut wrong: Vec<(&str, String)> = tags
            .iter()
            .filter(|(_, version)| !is_there(version))
            .map(|(tag, version)| (tag.as_str(), format!("stands for {version}, which is not there")))
            .collect();
        if !live.is_empty() && !tags.contains_key("latest") {
            wrong.push(("latest", "is missing".to_owned()));
        }
        if wrong.is_empty() {
            return Ok(());
        }
        if self.options.repair {
            let mut writing = self.hosted.database.write().await?;
            if let Some(mut change) = Change::begin(&mut writing, name, self.hosted.now()).await? {
                for (tag, _) in &wrong {
                    change.remove_tag(tag).await?;
                    if *tag == "latest"
                        && let Some(newest) = newest(live)
                    {
                        change.set_tag(tag, newest).await?;
                    }
                }
            }
            writing.commit().await?;
        }
        for (tag, message) in wrong {
            self.tell_repaired("dist-tag", format!("{name}@{tag}"), message);
        }
        Ok(())
    }

    /// A manifest is of its version, names its tarball as the row does, and is signed by this registry.
    async fn manifest(&mut self, name: &PackageName, version: &KeptVersion) -> Result<(), RegistryError> {
        let object = format!("{name}@{}", version.version);
        let Ok(mut manifest) = serde_json::from_str::<Map<String, Value>>(&version.manifest) else {
            self.tell("manifest", object, "has a manifest that is no JSON object".to_owned());
            return Ok(());
        };
        let text = |field: &str| manifest.get(field).and_then(Value::as_str);
        if text("name") != Some(name.as_str()) || text("version").is_none() {
            self.tell("manifest", &object, "has the manifest of something else".to_owned());
        }
        let dist = manifest.get("dist").cloned().unwrap_or_default();
        let integrity = integrity_of(&version.digest);
        if dist["integrity"].as_str() != integrity.as_deref() {
            self.tell("manifest", &object, "has a manifest with another integrity than its row".to_owned());
        }
        let file = dist["tarball"].as_str().and_then(|address| address.rsplit('/').next());
        if file != Some(version.file.as_str()) {
            self.tell("manifest", &object, "has a manifest with another tarball than its row".to_owned());
        }
        let Some(integrity) = integrity else { return Ok(()) };
        let message = format!("{object}:{integrity}");
        let signing = &self.hosted.signing;
        let is_ours = |signature: &Value| {
            signature["keyid"].as_str() == Some(signing.key_id())
                && signature["sig"].as_str().is_some_and(|sig| signing.verifies(&message, sig))
        };
        if dist["signatures"].as_array().is_some_and(|all| all.iter().any(is_ours)) {
            return Ok(());
        }
        if self.options.repair {
            let signature = json!([{ "keyid": signing.key_id(), "sig": signing.sign(&message)? }]);
            if let Some(dist) = manifest.get_mut("dist").and_then(Value::as_object_mut) {
                dist.insert("signatures".into(), signature);
            }
            let manifest = Value::Object(manifest).to_string();
            let mut writing = self.hosted.database.write().await?;
            if Change::begin(&mut writing, name, self.hosted.now()).await?.is_some() {
                inspection::set_manifest(&mut writing, name, &version.version, &manifest).await?;
            }
            writing.commit().await?;
        }
        let message = "has no signature by the key that this registry has".to_owned();
        self.tell_repaired("signature", object, message);
        Ok(())
    }

    /// Every version's tarball is there, as long as its row says, with the bytes that were published.
    async fn tarballs(&mut self, name: &PackageName, live: &[&KeptVersion]) -> Result<(), RegistryError> {
        let contents = self.options.contents;
        let blobs = &self.hosted.blobs;
        let looking = futures_util::stream::iter(live.iter().copied()).map(|version| async move {
            let length = u64::try_from(version.size).unwrap_or(0);
            let looked = blob::look_at(blobs, &version.digest, Some(length), contents).await?;
            Ok::<_, RegistryError>((version, looked))
        });
        let looked: Vec<_> = looking.buffered(AT_ONCE).try_collect().await?;
        for (version, looked) in looked {
            let object = format!("{name}@{}", version.version);
            match looked {
                Ok(sound) => {
                    self.outcome.blobs.add(sound.length);
                    let said: Value = serde_json::from_str(&version.manifest).unwrap_or_default();
                    if let (Some(found), Some(said)) = (&sound.shasum, said["dist"]["shasum"].as_str())
                        && found != said
                    {
                        let message = "has a manifest with another shasum than its tarball";
                        self.tell("manifest", object, message.to_owned());
                    }
                }
                Err(damage) => self.tell(damage.code(), object, damage.to_string()),
            }
        }
        Ok(())
    }

    /// The packument that clients get says what the rows say.
    async fn packument(&mut self, name: &PackageName) -> Result<(), RegistryError> {
        let Some(rows) = read_rows(&self.hosted.database, name).await? else { return Ok(()) };
        let rendered = Packument::render(name, assemble::document(name, &rows).as_bytes());
        let packument = match rendered {
            Ok(packument) => packument,
            Err(error) => {
                self.tell("packument", name, format!("cannot be rendered: {error}"));
                return Ok(());
            }
        };
        for version in rows.versions.iter().filter(|version| version.removed.is_none()) {
            if packument.manifest(&version.version, "").is_none() {
                let message = "is not in the packument that clients get".to_owned();
                self.tell("packument", format!("{name}@{}", version.version), message);
            }
        }
        let told: DistTags = serde_json::from_slice(&packument.dist_tags()).unwrap_or_default();
        if told != rows.tags {
            self.tell("packument", name, "has other dist-tags in the packument that clients get".to_owned());
        }
        Ok(())
    }
}

/// `sha512-` and base64, of a digest in hexadecimal.
fn integrity_of(digest: &str) -> Option<String> {
    let byte = |place: usize| u8::from_str_radix(digest.get(place..place + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..digest.len()).step_by(2).map(byte).collect::<Option<_>>()?;
    Some(format!("sha512-{}", base64_simd::STANDARD.encode_to_string(bytes)))
}

/// The newest release, or where there is none, the newest version.
fn newest<'a>(live: &[&'a KeptVersion]) -> Option<&'a str> {
    let parsed = live.iter().filter_map(|live| Some((Version::parse(&live.version).ok()?, live)));
    let newest =
        parsed.max_by(|(a, _), (b, _)| b.is_prerelease().cmp(&a.is_prerelease()).then_with(|| a.cmp(b)));
    newest.map(|(_, live)| live.version.as_str())
}
