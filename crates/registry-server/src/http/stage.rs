//! `/-/stage`: versions that wait for approval.
//!
//! Source: what npm 11.19.1 and 12.2.0 (`npm stage`) send and read.

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::caller::{self, Caller};
use super::failure::Failure;
use super::part::Part;
use super::{receiving, respond, tarball};
use crate::PackageName;
use crate::database::StagedVersion;
use crate::hooks::Event;
use crate::hosted::Hosted;
use crate::identity::permission::{Action, Identity, Refusal};
use crate::pages::query_parameter;
use crate::publish::{Asked as Body, Stager, document};

/// Versions on one page of the list.
const PAGE: usize = 100;

/// What an address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// `/-/stage`
    List,
    /// `/-/stage/package/{pkg}`
    Publish(PackageName),
    /// `/-/stage/{id}`
    One(String),
    /// `/-/stage/{id}/approve`
    Approve(String),
    /// `/-/stage/{id}/tarball`
    Tarball(String),
}

impl Asked {
    /// What is asked by a path's decoded segments after `/-/stage`.
    pub fn parse(segments: &[&str]) -> Option<Asked> {
        Some(match segments {
            [] => Asked::List,
            ["package", rest @ ..] => match super::route::package(rest)? {
                (name, []) => Asked::Publish(name),
                _ => return None,
            },
            [id] => Asked::One((*id).to_owned()),
            [id, "approve"] => Asked::Approve((*id).to_owned()),
            [id, "tarball"] => Asked::Tarball((*id).to_owned()),
            _ => return None,
        })
    }

    pub fn allowed_methods(&self) -> &'static str {
        match self {
            Asked::List | Asked::Tarball(_) => "GET, HEAD",
            Asked::Publish(_) | Asked::Approve(_) => "POST",
            Asked::One(_) => "DELETE, GET, HEAD",
        }
    }
}

pub(super) async fn answer(hosted: &Hosted, asked: Asked, request: Request) -> Response {
    let answered = match asked {
        Asked::Publish(name) => publish(hosted, &name, request).await,
        asked => {
            let query = request.uri().query().unwrap_or_default().to_owned();
            let (parts, _) = request.into_parts();
            let address = caller::address(&parts.extensions);
            match known_caller(hosted, &parts.headers, address).await {
                Ok(caller) => match asked {
                    Asked::List => list(hosted, caller, &query).await,
                    Asked::One(id) if parts.method == Method::DELETE => reject(hosted, caller, &id).await,
                    Asked::One(id) => {
                        find(hosted, caller, &id).await.map(|(_, staged)| document_of(&told(&staged)))
                    }
                    Asked::Approve(id) => approve(hosted, caller, &id).await,
                    Asked::Tarball(id) => download(hosted, caller, &id).await,
                    Asked::Publish(_) => Err(Failure::not_found("")),
                },
                Err(failure) => Err(failure),
            }
        }
    };
    let mut response = answered.unwrap_or_else(|failure| failure.response());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Somebody, before anything else is looked at.
async fn known_caller(
    hosted: &Hosted,
    headers: &HeaderMap,
    address: std::net::IpAddr,
) -> Result<Caller, Failure> {
    let caller = Caller::of(hosted, headers, address).await?;
    match caller.identity() {
        Identity::Anonymous => Err(Refusal::LoginNeeded.into()),
        _ => Ok(caller),
    }
}

async fn publish(hosted: &Hosted, name: &PackageName, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let mut caller = known_caller(hosted, &parts.headers, caller::address(&parts.extensions)).await?;
    let limit = hosted.max_publication as u64;
    let received = receiving::receive(hosted, &parts.headers, body, limit).await?;
    let Body::Publish(publication) = document::parse(name, &received.document, received.tarballs)? else {
        return Err(Failure::bad_request("a version is staged with its tarball"));
    };
    caller.may(hosted, Action::Stage, name).await?;
    let version = publication.version.clone();
    let kind = match caller.user() {
        Some(user) => {
            hosted.accounts.count_change(&user.name, hosted.timestamp())?;
            "user"
        }
        None => "trusted publisher",
    };
    let checked = hosted.check(name, *publication).await?;
    let entry = caller.audit(hosted, "stage", format!("{name}@{version}"), "");
    let stager = Stager { name: caller.maintainer().name, kind };
    let id = hosted.stage(name, &checked, &stager, &entry).await?;
    Ok(respond::json(StatusCode::CREATED, json!({ "ok": true, "stageId": id }).to_string()))
}

/// Shape: `{"items": [], "total"}` for `?package=&page=&perPage=`: those that the caller could have staged.
async fn list(hosted: &Hosted, mut caller: Caller, query: &str) -> Result<Response, Failure> {
    let package = match query_parameter(query, "package").filter(|package| !package.is_empty()) {
        Some(text) => Some(
            PackageName::parse(&text)
                .map_err(|_| Failure::bad_request(format!("\"{text}\" is no package's name")))?,
        ),
        None => None,
    };
    let mut seen = Vec::new();
    for staged in hosted.database.staged_versions(package.as_ref()).await? {
        match caller.may(hosted, Action::Stage, &staged.package).await {
            Ok(_) => seen.push(told(&staged)),
            Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    let total = seen.len();
    let items: Vec<Value> = Part::in_pages(|name| query_parameter(query, name), PAGE).of(seen).collect();
    Ok(document_of(&json!({ "items": items, "total": total })))
}

/// A version that the caller could have staged; for others there is none.
async fn find(hosted: &Hosted, mut caller: Caller, id: &str) -> Result<(Caller, StagedVersion), Failure> {
    // what a workflow staged is for people to look at
    let user = caller.user().cloned().ok_or(Refusal::PublisherOnly)?;
    let staged = hosted.database.staged_version(id).await?;
    let missing = || Failure::not_found("a staged version of that id");
    let staged = staged.ok_or_else(missing)?;
    match caller.may(hosted, Action::Stage, &staged.package).await {
        Ok(_) => Ok((caller, staged)),
        Err(Failure::Refused(refusal)) => {
            tracing::debug!(user = %user.name, %refusal, "a staged version is not shown");
            Err(missing())
        }
        Err(failure) => Err(failure),
    }
}

async fn approve(hosted: &Hosted, caller: Caller, id: &str) -> Result<Response, Failure> {
    let (mut caller, staged) = find(hosted, caller, id).await?;
    caller.may(hosted, Action::Publish, &staged.package).await?;
    caller.second_factor(hosted).await?;
    let entry = caller.audit(hosted, "stage.approve", what(&staged), format!("staged by {}", staged.actor));
    hosted.approve(&staged, &caller.maintainer(), &entry).await?;
    hosted.hooks.notify(&Event::published(&staged.package, staged.version)).await;
    Ok(document_of(&json!({ "ok": true })))
}

async fn reject(hosted: &Hosted, caller: Caller, id: &str) -> Result<Response, Failure> {
    let (mut caller, staged) = find(hosted, caller, id).await?;
    caller.may(hosted, Action::Publish, &staged.package).await?;
    caller.second_factor(hosted).await?;
    let entry = caller.audit(hosted, "stage.reject", what(&staged), format!("staged by {}", staged.actor));
    hosted.reject(&staged, &entry).await?;
    Ok(document_of(&json!({ "ok": true })))
}

async fn download(hosted: &Hosted, caller: Caller, id: &str) -> Result<Response, Failure> {
    let (_, staged) = find(hosted, caller, id).await?;
    let length = staged.checked.size.unsigned_abs();
    let blob = hosted.blobs.get(&staged.checked.digest, length)?;
    let mut response = tarball::content(blob, 0..length, StatusCode::OK).await?;
    let kind = HeaderValue::from_static("application/octet-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

fn what(staged: &StagedVersion) -> String {
    format!("{}@{}", staged.package, staged.version)
}

/// A staged version as npm shows it.
fn told(staged: &StagedVersion) -> Value {
    let created = Timestamp::from_millisecond(staged.created).map(|time| time.to_string()).ok();
    let tags: Vec<&str> = staged.checked.tags.keys().map(String::as_str).collect();
    json!({
        "id": staged.id,
        "packageName": staged.package.as_str(),
        "version": staged.version,
        "tag": tags.join(", "),
        "createdAt": created,
        "actor": staged.actor,
        "actorType": staged.actor_kind,
        "shasum": staged.checked.shasum,
    })
}

fn document_of(value: &Value) -> Response {
    respond::json(StatusCode::OK, value.to_string())
}
