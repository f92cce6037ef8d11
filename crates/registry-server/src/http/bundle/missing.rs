//! `POST /-/knit/v1/missing`: tarballs and manifests, in the order in which they can be had.

use std::collections::VecDeque;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream;
use http_body_util::BodyExt;
use npm_formats::bundle::{
    EntryHead, ManifestName, MissingRequest, TarballName, broken_frame, end_frame, head_frame, whole_frame,
};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;

use super::super::failure::Failure;
use super::reader::{Reader, entry_head, part_frames};
use crate::PackageName;
use crate::storage::is_tarball_name;

/// Tarballs and manifests of one request.
const MOST: usize = 10_000;
/// Tarballs that are opened while one is sent: those from an upstream have to come first. Each holds a mebibyte at most,
/// as longer ones are read while they are sent.
const AT_ONCE: usize = 12;

/// One thing that is asked for.
enum Wanted {
    Tarball { name: PackageName, file: String },
    Manifest { name: PackageName, version: String },
}

/// An answer under way.
pub(super) struct Packing {
    reader: Reader,
    wanted: VecDeque<Wanted>,
    opening: JoinSet<(EntryHead, Response)>,
    /// The content that is being sent.
    content: Option<Body>,
    frames: VecDeque<Bytes>,
    ended: bool,
    _place: OwnedSemaphorePermit,
}

impl Packing {
    /// Errors: a request for too much, or for what can be no tarball or manifest.
    pub fn new(
        reader: Reader,
        place: OwnedSemaphorePermit,
        request: MissingRequest,
    ) -> Result<Packing, Failure> {
        if request.tarballs.len() + request.manifests.len() > MOST {
            return Err(Failure::bad_request(format!("a bundle has at most {MOST} entries")));
        }
        let manifests = request.manifests.into_iter().map(|ManifestName { name, version }| {
            Some(Wanted::Manifest { name: PackageName::parse(&name).ok()?, version })
        });
        let tarballs = request.tarballs.into_iter().map(|TarballName { name, file }| {
            let name = PackageName::parse(&name).ok().filter(|_| is_tarball_name(&file))?;
            Some(Wanted::Tarball { name, file })
        });
        let wanted: Option<VecDeque<Wanted>> = manifests.chain(tarballs).collect();
        let nonsense = || Failure::bad_request("what is asked for is neither a tarball nor a manifest");
        Ok(Packing {
            reader,
            wanted: wanted.ok_or_else(nonsense)?,
            opening: JoinSet::new(),
            content: None,
            frames: VecDeque::new(),
            ended: false,
            _place: place,
        })
    }

    /// The frames, made while they are read.
    pub fn stream(self) -> impl Stream<Item = Bytes> + Send {
        stream::unfold(self, |mut packing| async move {
            loop {
                if let Some(frame) = packing.frames.pop_front() {
                    return Some((frame, packing));
                }
                if packing.ended {
                    return None;
                }
                packing.step().await;
            }
        })
    }

    async fn step(&mut self) {
        if let Some(content) = &mut self.content {
            match content.frame().await {
                Some(Ok(frame)) => self.frames.extend(frame.into_data().into_iter().flat_map(part_frames)),
                Some(Err(_)) => self.close(broken_frame()),
                None => self.close(whole_frame()),
            }
            return;
        }
        self.open_more();
        match self.opening.join_next().await {
            Some(Ok((head, response))) => {
                self.frames.push_back(head_frame(&head));
                self.content = Some(response.into_body());
            }
            // it panicked: the client will ask for that one by itself
            Some(Err(_)) => {}
            None => {
                self.ended = true;
                self.frames.push_back(end_frame(true));
            }
        }
    }

    fn close(&mut self, frame: Bytes) {
        self.content = None;
        self.frames.push_back(frame);
    }

    /// Each on a task of its own: who reads slowly holds neither an upstream nor the database.
    fn open_more(&mut self) {
        while self.opening.len() < AT_ONCE
            && let Some(wanted) = self.wanted.pop_front()
        {
            let reader = self.reader.clone();
            self.opening.spawn(async move {
                match wanted {
                    Wanted::Tarball { name, file } => {
                        let response = reader.tarball(&name, &file).await;
                        (EntryHead { file: Some(file), ..entry_head(name.as_str(), &response) }, response)
                    }
                    Wanted::Manifest { name, version } => {
                        let response = reader.manifest(&name, &version).await;
                        (
                            EntryHead { version: Some(version), ..entry_head(name.as_str(), &response) },
                            response,
                        )
                    }
                }
            });
        }
    }
}
