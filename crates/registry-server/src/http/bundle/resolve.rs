//! `POST /-/knit/v1/resolve`: the packuments that a resolution will ask for.
//!
//! Dependencies are followed from package to package: for each the version is chosen as the resolver chooses it, and its
//! dependencies are followed in turn. Peer dependencies come last, as one that a version on the way already meets is
//! not looked up. A client that asks for more finds it by itself; nothing depends on the walk but time.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dependency_resolver::{PickOptions, Requirement, name_matches, pick_manifest};
use futures_util::{Stream, stream};
use http_body_util::BodyExt;
use npm_formats::bundle::{ResolveRequest, WantedPackage, end_frame, head_frame, whole_frame};
use npm_formats::packument::Packument as Index;
use npm_semver::Version;
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::super::failure::Failure;
use super::Bundles;
use super::reader::{Known, Reader, entry_head, form, part_frames};
use crate::{Form, PackageName, Packument};

/// Packages of one answer; the largest trees have some thousands.
const MOST_PACKAGES: usize = 6_000;
/// Different requirements that are followed.
const MOST_REQUIREMENTS: usize = 60_000;
/// How long a walk may take. A client that waits longer has given up.
const LONGEST: Duration = Duration::from_secs(60);
/// Packages read at once: they may have to come from an upstream.
const AT_ONCE: usize = 32;
/// Names and globs that an age does not apply to.
const MOST_EXCLUDED: usize = 200;
/// Characters of a specifier that are looked at.
const LONGEST_SPEC: usize = 1_000;

/// A packument as the walk reads it, and of which document.
#[derive(Clone)]
pub(super) struct Indexed {
    digest: Arc<str>,
    index: Index,
}

/// What the choice of versions depends on.
struct Choice {
    form: Form,
    tag: String,
    before: Option<i64>,
    before_exclude: Vec<String>,
    node_version: Version,
    npm_version: Version,
    legacy_peer_deps: bool,
}

/// What is sent of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Whole,
    /// Which packument there is.
    Tag,
    Nothing,
}

/// The headers of a confirmation: the others are as they were.
const CONFIRMING: [&str; 2] = ["etag", "cache-control"];

/// How far it is with a package.
enum Package {
    /// It is being read; who wants it.
    Coming(Vec<String>),
    /// It is here, and these versions of it were chosen.
    Here(Index, Vec<Version>),
    /// It cannot be had, as far as the caller may know.
    Absent,
}

/// What a task has done.
enum Done {
    Read {
        name: PackageName,
        read: Option<(Index, Vec<Bytes>)>,
    },
    Followed {
        name: PackageName,
        versions: Vec<Version>,
        next: Vec<WantedPackage>,
        peers: Vec<WantedPackage>,
    },
}

/// An answer under way.
pub(super) struct Walk {
    reader: Reader,
    bundles: Arc<Bundles>,
    choice: Arc<Choice>,
    queue: VecDeque<WantedPackage>,
    peers: Vec<WantedPackage>,
    seen: HashSet<WantedPackage>,
    packages: HashMap<PackageName, Package>,
    has: HashSet<String>,
    /// What is sent of those.
    of_known: Sent,
    tasks: JoinSet<Done>,
    frames: VecDeque<Bytes>,
    until: Instant,
    ended: bool,
    _place: OwnedSemaphorePermit,
}

impl Walk {
    /// Errors: versions of engines that are none, and more globs than anybody has.
    pub fn new(
        reader: Reader,
        bundles: Arc<Bundles>,
        place: OwnedSemaphorePermit,
        request: ResolveRequest,
    ) -> Result<Walk, Failure> {
        let version = |text: &str| {
            Version::parse_loose(text)
                .map_err(|_| Failure::bad_request("nodeVersion and npmVersion are versions"))
        };
        if request.before_exclude.len() > MOST_EXCLUDED {
            return Err(Failure::bad_request(format!("beforeExclude has at most {MOST_EXCLUDED} names")));
        }
        let choice = Choice {
            form: form(request.form),
            node_version: version(&request.node_version)?,
            npm_version: version(&request.npm_version)?,
            tag: request.tag,
            before: request.before,
            before_exclude: request.before_exclude,
            legacy_peer_deps: request.legacy_peer_deps,
        };
        Ok(Walk {
            reader,
            bundles,
            choice: Arc::new(choice),
            queue: request.wanted.into(),
            peers: Vec::new(),
            seen: HashSet::new(),
            packages: HashMap::new(),
            has: request.has.into_iter().collect(),
            of_known: if request.confirm { Sent::Tag } else { Sent::Nothing },
            tasks: JoinSet::new(),
            frames: VecDeque::new(),
            until: Instant::now() + LONGEST,
            ended: false,
            _place: place,
        })
    }

    /// The frames, made while they are read.
    pub fn stream(self) -> impl Stream<Item = Bytes> + Send {
        stream::unfold(self, |mut walk| async move {
            loop {
                if let Some(frame) = walk.frames.pop_front() {
                    return Some((frame, walk));
                }
                if walk.ended {
                    return None;
                }
                walk.step().await;
            }
        })
    }

    async fn step(&mut self) {
        while self.tasks.len() < AT_ONCE
            && let Some(wanted) = self.queue.pop_front()
        {
            self.follow(wanted);
        }
        let limits = self.packages.len() <= MOST_PACKAGES && self.seen.len() <= MOST_REQUIREMENTS;
        if !limits {
            return self.end(false);
        }
        match tokio::time::timeout_at(self.until, self.tasks.join_next()).await {
            Ok(Some(Ok(done))) => self.take(done),
            // it panicked: the client will ask for that package by itself
            Ok(Some(Err(_))) => {}
            Ok(None) if self.queue.is_empty() => {
                let unmet: Vec<WantedPackage> = self.peers.drain(..).collect();
                self.queue.extend(unmet.into_iter().filter(|peer| !is_met(&self.packages, peer)));
                if self.queue.is_empty() {
                    self.end(true);
                }
            }
            Ok(None) => {}
            Err(_) => self.end(false),
        }
    }

    fn end(&mut self, complete: bool) {
        self.tasks.abort_all();
        self.frames.push_back(end_frame(complete));
        self.ended = true;
    }

    fn follow(&mut self, wanted: WantedPackage) {
        if wanted.spec.len() > LONGEST_SPEC || self.seen.contains(&wanted) {
            return;
        }
        let Ok(name) = PackageName::parse(&wanted.name) else { return };
        self.seen.insert(wanted.clone());
        match self.packages.get_mut(&name) {
            Some(Package::Absent) => {}
            Some(Package::Coming(specs)) => specs.push(wanted.spec),
            Some(Package::Here(index, _)) => {
                let index = index.clone();
                self.choose(name, index, vec![wanted.spec]);
            }
            None => {
                self.packages.insert(name.clone(), Package::Coming(vec![wanted.spec]));
                let sent = if self.has.contains(&wanted.name) { self.of_known } else { Sent::Whole };
                let (reader, bundles, form) = (self.reader.clone(), self.bundles.clone(), self.choice.form);
                self.tasks.spawn(async move {
                    let read = read(&reader, &bundles, (&name, form), sent).await;
                    Done::Read { name, read }
                });
            }
        }
    }

    fn choose(&mut self, name: PackageName, index: Index, specs: Vec<String>) {
        let choice = self.choice.clone();
        self.tasks.spawn_blocking(move || {
            let (mut versions, mut next, mut peers) = (Vec::new(), Vec::new(), Vec::new());
            for spec in specs {
                let Some((version, manifest)) = choice.manifest(&name, &index, &spec) else { continue };
                versions.extend(version);
                next.extend(dependencies(&manifest, &["dependencies", "optionalDependencies"]));
                if !choice.legacy_peer_deps {
                    peers.extend(dependencies(&manifest, &["peerDependencies"]));
                }
            }
            Done::Followed { name, versions, next, peers }
        });
    }

    fn take(&mut self, done: Done) {
        match done {
            Done::Read { name, read: None } => {
                self.packages.insert(name, Package::Absent);
            }
            Done::Read { name, read: Some((index, frames)) } => {
                self.frames.extend(frames);
                let here = Package::Here(index.clone(), Vec::new());
                if let Some(Package::Coming(specs)) = self.packages.insert(name.clone(), here) {
                    self.choose(name, index, specs);
                }
            }
            Done::Followed { name, versions, next, peers } => {
                if let Some(Package::Here(_, chosen)) = self.packages.get_mut(&name) {
                    chosen.extend(versions);
                }
                self.queue.extend(next);
                self.peers.extend(peers);
            }
        }
    }
}

impl Choice {
    /// The version that a specifier leads to, and its manifest.
    fn manifest(
        &self,
        name: &PackageName,
        index: &Index,
        spec: &str,
    ) -> Option<(Option<Version>, Map<String, Value>)> {
        let is_exempt = self.before_exclude.iter().any(|pattern| name_matches(pattern, name.as_str()));
        let options = PickOptions {
            default_tag: &self.tag,
            before: self.before.filter(|_| !is_exempt),
            node_version: &self.node_version,
            npm_version: &self.npm_version,
            avoid: None,
        };
        let version = pick_manifest(index, &Requirement::parse(name.as_str(), spec), &options).ok()?;
        Some((version.parsed().cloned(), index.manifest(version).ok()?))
    }
}

/// A packument, read for the walk and, where it is to be sent, as frames.
async fn read(
    reader: &Reader,
    bundles: &Bundles,
    (name, form): (&PackageName, Form),
    sent: Sent,
) -> Option<(Index, Vec<Bytes>)> {
    let known = if sent == Sent::Whole { Known::Nothing } else { Known::All };
    let (packument, response) = reader.packument(name, form, known).await?;
    let mut frames = Vec::new();
    match sent {
        Sent::Whole => {
            frames.push(head_frame(&entry_head(name.as_str(), &response)));
            let content = response.into_body().collect().await.ok()?.to_bytes();
            frames.extend(part_frames(content));
            frames.push(whole_frame());
        }
        Sent::Tag => {
            let mut head = entry_head(name.as_str(), &response);
            head.headers.retain(|(name, _)| CONFIRMING.contains(&name.as_str()));
            frames.extend([head_frame(&head), whole_frame()]);
        }
        Sent::Nothing => {}
    }
    Some((indexed(bundles, name, &packument, form).await?, frames))
}

/// The index of a packument, made once while it stays as it is.
async fn indexed(
    bundles: &Bundles,
    name: &PackageName,
    packument: &Arc<Packument>,
    form: Form,
) -> Option<Index> {
    let digest: Arc<str> = packument.digest(form).into();
    if let Some(known) = bundles.indexed().get(name).filter(|known| known.digest == digest) {
        return Some(known.index);
    }
    let (of, packument) = (name.clone(), packument.clone());
    let reading = tokio::task::spawn_blocking(move || {
        let document = packument.document(form, "");
        Index::parse(of.as_str(), &document).ok().map(|index| (index, document.len()))
    });
    let (index, length) = reading.await.ok()??;
    // it is kept packed
    bundles.indexed().put(name, Indexed { digest, index: index.clone() }, length / 4);
    Some(index)
}

/// What of a manifest a registry is asked for. Optional peers are not.
fn dependencies(manifest: &Map<String, Value>, sections: &[&str]) -> Vec<WantedPackage> {
    let is_optional = |name: &str| {
        let meta = manifest.get("peerDependenciesMeta").and_then(|all| all.get(name)?.get("optional"));
        meta.is_some_and(|flag| flag.as_bool().unwrap_or(true))
    };
    let mut wanted = Vec::new();
    for section in sections {
        let Some(entries) = manifest.get(*section).and_then(Value::as_object) else { continue };
        for (name, spec) in entries {
            let Some(spec) = spec.as_str().filter(|spec| spec.len() <= LONGEST_SPEC) else { continue };
            if *section == "peerDependencies" && is_optional(name) {
                continue;
            }
            let request = Requirement::parse(name, spec).registry_request(name);
            wanted.extend(request.map(|(name, spec)| WantedPackage { name, spec }));
        }
    }
    wanted
}

/// Whether a version that was chosen meets a peer dependency.
fn is_met(packages: &HashMap<PackageName, Package>, peer: &WantedPackage) -> bool {
    let Some(name) = PackageName::parse(&peer.name).ok() else { return true };
    let Some(Package::Here(_, chosen)) = packages.get(&name) else { return false };
    match Requirement::parse(&peer.name, &peer.spec) {
        Requirement::Range { range, .. } => chosen.iter().any(|version| range.satisfies(version)),
        _ => false,
    }
}
