//! Everything that changes packages: `PUT` and `DELETE` below `/{pkg}` and its dist-tags.

use axum::extract::Request;
use axum::response::Response;
use http::{Method, StatusCode};
use indexmap::IndexMap;
use serde_json::json;

use super::caller::{self, Caller};
use super::failure::Failure;
use super::{receiving, respond};
use crate::PackageName;
use crate::hooks::Event;
use crate::hosted::Hosted;
use crate::identity::permission::{Action, Identity, Refusal};
use crate::publish::{Asked, PublishError, Received, document};

/// A change of a package, by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// `/{pkg}`, and `/{pkg}/-rev/{rev}`
    Package { name: PackageName, revision: Option<String> },
    /// `/{pkg}/-/{file}/-rev/{rev}`
    Tarball { name: PackageName },
    /// `/-/package/{pkg}/dist-tags`
    Tags(PackageName),
    /// `/-/package/{pkg}/dist-tags/{tag}`
    Tag { name: PackageName, tag: String },
}

impl Target {
    /// The package that it is about.
    pub fn name(&self) -> &PackageName {
        match self {
            Target::Package { name, .. }
            | Target::Tarball { name }
            | Target::Tags(name)
            | Target::Tag { name, .. } => name,
        }
    }
}

/// Bytes of a body that carries no tarball: the largest packuments have some twenty megabytes.
const MAX_EDIT: u64 = 64 << 20;

pub(super) async fn answer(hosted: &Hosted, target: Target, request: Request) -> Response {
    let address = caller::address(request.extensions());
    let caller = match Caller::of(hosted, request.headers(), address).await {
        Ok(caller) if *caller.identity() != Identity::Anonymous => caller,
        // before the body is read, which may be long
        Ok(_) => return Failure::Refused(Refusal::LoginNeeded).response(),
        Err(failure) => return failure.response(),
    };
    let limit = match target {
        Target::Package { revision: None, .. } => hosted.max_publication as u64,
        _ => MAX_EDIT,
    };
    let (parts, body) = request.into_parts();
    let method = parts.method;
    let changed = match receiving::receive(hosted, &parts.headers, body, limit).await {
        Ok(received) => change(hosted, &target, &method, received, caller).await,
        Err(failure) => Err(failure),
    };
    match changed {
        Ok(event) => {
            if let Some(event) = event {
                hosted.hooks.notify(&event).await;
            }
            let status = if method == Method::DELETE { StatusCode::OK } else { StatusCode::CREATED };
            respond::json(status, json!({ "ok": true, "success": true }).to_string())
        }
        Err(failure) => failure.response(),
    }
}

/// Does it; what hooks are told of it.
async fn change(
    hosted: &Hosted,
    target: &Target,
    method: &Method,
    received: Received,
    mut caller: Caller,
) -> Result<Option<Event>, Failure> {
    let body = received.document.as_slice();
    let name = target.name();
    let event = match target {
        Target::Package { revision: Some(revision), .. } if method == Method::DELETE => {
            caller.may(hosted, Action::Edit, name).await?;
            let entry = caller.audit(hosted, "unpublish", name, "");
            hosted.unpublish(name, revision, &entry).await?;
            Event::new("package:unpublish", name, json!({}))
        }
        Target::Package { revision, .. } => put(hosted, name, revision.as_deref(), received, caller).await?,
        // the version went with the packument that was put before; what nothing names is collected
        Target::Tarball { .. } => {
            caller.may(hosted, Action::Edit, name).await?;
            return Ok(None);
        }
        Target::Tags(_) => {
            let tags: IndexMap<String, String> = read(body)?;
            caller.may(hosted, Action::Edit, name).await?;
            let entry = caller.audit(hosted, "dist-tag.set", name, json!(tags));
            hosted.tag(name, &tags, method == Method::PUT, &entry).await?;
            Event::new("package:dist-tag", name, json!({ "dist-tags": tags }))
        }
        Target::Tag { tag, .. } if method == Method::DELETE => {
            caller.may(hosted, Action::Edit, name).await?;
            hosted.untag(name, tag, &caller.audit(hosted, "dist-tag.remove", name, tag)).await?;
            Event::new("package:dist-tag-rm", name, json!({ "dist-tag": tag }))
        }
        Target::Tag { tag, .. } => {
            let version: String = read(body)?;
            caller.may(hosted, Action::Edit, name).await?;
            let tags = IndexMap::from([(tag.clone(), version)]);
            let entry = caller.audit(hosted, "dist-tag.set", name, json!(tags));
            hosted.tag(name, &tags, false, &entry).await?;
            Event::new("package:dist-tag", name, json!({ "dist-tag": tag }))
        }
    };
    Ok(Some(event))
}

/// One address for many changes: what the body has in it tells which one, and what it takes to be allowed.
async fn put(
    hosted: &Hosted,
    name: &PackageName,
    revision: Option<&str>,
    received: Received,
    mut caller: Caller,
) -> Result<Event, Failure> {
    Ok(match document::parse(name, &received.document, received.tarballs)? {
        Asked::Publish(publication) => {
            caller.may(hosted, Action::Publish, name).await?;
            let version = publication.version.clone();
            let entry = caller.audit(hosted, "publish", format!("{name}@{version}"), "");
            let checked = hosted.check(name, *publication).await?;
            hosted.publish(name, &checked, &caller.maintainer(), &entry).await?;
            Event::published(name, version)
        }
        Asked::Edit { versions, tags } => {
            caller.may(hosted, Action::Edit, name).await?;
            let entry = caller.audit(hosted, "edit", name, "");
            hosted.edit(name, &versions, &tags, revision, &entry).await?;
            let kind = if revision.is_some() { "package:unpublish" } else { "package:change" };
            Event::new(kind, name, json!({}))
        }
        Asked::Maintainers(maintainers) => {
            caller.may(hosted, Action::Administer, name).await?;
            let names: Vec<&str> = maintainers.iter().map(|one| one.name.as_str()).collect();
            let entry = caller.audit(hosted, "owner", name, names.join(" "));
            hosted.set_maintainers(name, &maintainers, revision, &entry).await?;
            Event::new("package:owner", name, json!({ "maintainers": names }))
        }
        Asked::Stars(stars) => {
            let user = caller.logged_in()?.name.clone();
            caller.may(hosted, Action::Read, name).await?;
            let is_starred = stars.get(user.as_str()).copied().unwrap_or(false);
            hosted.star(name, user.as_str(), is_starred).await?;
            Event::star(name.clone(), user.as_str(), is_starred)
        }
    })
}

fn read<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> Result<T, PublishError> {
    serde_json::from_slice(body).map_err(|error| PublishError::Malformed { problem: error.to_string() })
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Failure {
        let status = match error {
            PublishError::Registry(error) => return Failure::Registry(error),
            PublishError::Exists { .. } | PublishError::Staged { .. } => StatusCode::FORBIDDEN,
            PublishError::Missing { .. } => StatusCode::NOT_FOUND,
            PublishError::Stale { .. } => StatusCode::CONFLICT,
            PublishError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        };
        Failure::told(status, error.to_string())
    }
}
