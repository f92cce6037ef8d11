//! Everything that changes packages: `PUT` and `DELETE` below `/{pkg}` and its dist-tags.

use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Limited};
use indexmap::IndexMap;
use serde_json::json;

use super::caller::caller;
use super::respond;
use crate::PackageName;
use crate::hosted::Hosted;
use crate::publish::{Asked, Maintainer, PublishError, document};

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
const MAX_EDIT: usize = 64 << 20;

pub(super) async fn answer(hosted: &Hosted, target: Target, request: Request) -> Response {
    let Some(caller) = caller(hosted, request.headers()) else {
        return respond::error(StatusCode::UNAUTHORIZED, "log in first: this changes a package");
    };
    let method = request.method().clone();
    let limit = match target {
        Target::Package { revision: None, .. } => hosted.max_publication,
        _ => MAX_EDIT,
    };
    let body = match Limited::new(request.into_body(), limit).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            let message = format!("the body was cut off or has more than {limit} bytes");
            return respond::error(StatusCode::PAYLOAD_TOO_LARGE, &message);
        }
    };
    match change(hosted, &target, &method, &body, &caller).await {
        Ok(status) => respond::json(status, json!({ "ok": true, "success": true }).to_string()),
        Err(error) => refused(&error),
    }
}

async fn change(
    hosted: &Hosted,
    target: &Target,
    method: &Method,
    body: &Bytes,
    caller: &Maintainer,
) -> Result<StatusCode, PublishError> {
    match target {
        Target::Package { name, revision: Some(revision) } if method == Method::DELETE => {
            hosted.unpublish(name, revision).await?;
        }
        Target::Package { name, revision } => put(hosted, name, revision.as_deref(), body, caller).await?,
        // the version went with the packument that was put before; what nothing names is collected
        Target::Tarball { .. } => {}
        Target::Tags(name) => {
            let tags: IndexMap<String, String> = read(body)?;
            hosted.tag(name, &tags, method == Method::PUT).await?;
        }
        Target::Tag { name, tag } if method == Method::DELETE => hosted.untag(name, tag).await?,
        Target::Tag { name, tag } => {
            let version: String = read(body)?;
            hosted.tag(name, &IndexMap::from([(tag.clone(), version)]), false).await?;
        }
    }
    Ok(if method == Method::DELETE { StatusCode::OK } else { StatusCode::CREATED })
}

async fn put(
    hosted: &Hosted,
    name: &PackageName,
    revision: Option<&str>,
    body: &Bytes,
    caller: &Maintainer,
) -> Result<(), PublishError> {
    match document::parse(name, body)? {
        Asked::Publish(publication) => hosted.publish(name, *publication, caller).await,
        Asked::Edit { versions, tags } => hosted.edit(name, &versions, &tags, revision).await,
        Asked::Maintainers(maintainers) => hosted.set_maintainers(name, &maintainers).await,
        Asked::Stars(stars) => {
            hosted.star(name, &caller.name, stars.get(&caller.name).copied().unwrap_or(false)).await
        }
    }
}

fn read<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> Result<T, PublishError> {
    serde_json::from_slice(body).map_err(|error| PublishError::Malformed { problem: error.to_string() })
}

fn refused(error: &PublishError) -> Response {
    let status = match error {
        PublishError::Exists { .. } => StatusCode::FORBIDDEN,
        PublishError::Missing { .. } => StatusCode::NOT_FOUND,
        PublishError::Stale { .. } => StatusCode::CONFLICT,
        PublishError::Registry(error) => return respond::failure(error),
        _ => StatusCode::BAD_REQUEST,
    };
    respond::error(status, &error.to_string())
}
