//! `/-/package/{pkg}/access`, `/visibility`, `/collaborators`: who may see and change a package.

use axum::response::Response;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, json};

use super::{Call, Failure, document, packages};
use crate::PackageName;
use crate::database::{audit_log, package_access};
use crate::identity::permission::{Action, PublishSecondFactor, Standing, Visibility};
use crate::identity::token_limits::Reach;

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    access: Option<String>,
    #[serde(default)]
    publish_requires_tfa: Option<bool>,
    #[serde(default)]
    automation_token_overrides_tfa: Option<bool>,
}

pub(super) async fn answer(call: &Call<'_>, name: &PackageName) -> Result<Response, Failure> {
    if call.method == Method::POST {
        return change(call, name).await;
    }
    let standing = call.caller().await?.may(call.hosted, Action::Read, name).await?;
    found(&standing, name)?;
    let factor = call.hosted.database.publish_second_factor(name).await?;
    Ok(document(
        StatusCode::OK,
        &json!({
            "access": access_name(standing.visibility),
            "publish_requires_tfa": factor != PublishSecondFactor::NotRequired,
            "automation_token_overrides_tfa": factor == PublishSecondFactor::RequiredUnlessAutomation,
        }),
    ))
}

pub(super) async fn visibility(call: &Call<'_>, name: &PackageName) -> Result<Response, Failure> {
    let standing = call.caller().await?.may(call.hosted, Action::Read, name).await?;
    found(&standing, name)?;
    Ok(document(StatusCode::OK, &json!({ "public": standing.visibility == Visibility::Public })))
}

/// Maintainers and the members of teams, as `npm access list collaborators` reads them.
pub(super) async fn collaborators(call: &Call<'_>, name: &PackageName) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let mut caller = call.caller().await?;
    caller.logged_in()?;
    found(&caller.may(hosted, Action::Read, name).await?, name)?;
    let mut all = hosted.database.granted_users(name).await?;
    let maintainers = hosted.database.maintainers(name).await?;
    all.extend(maintainers.into_keys().map(|user| (user, Reach::Write)));
    let all: Map<_, _> = all.into_iter().map(|(user, reach)| (user, json!(packages::short(reach)))).collect();
    Ok(document(StatusCode::OK, &all.into()))
}

async fn change(call: &Call<'_>, name: &PackageName) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let mut caller = call.caller().await?;
    found(&caller.may(hosted, Action::Administer, name).await?, name)?;
    let wanted: Wanted = call.json()?;
    let visibility = match wanted.access.as_deref() {
        None => None,
        Some("public") => Some(Visibility::Public),
        Some("restricted" | "private") => Some(Visibility::Restricted),
        Some(_) => return Err(Failure::bad_request("the access is public or restricted")),
    };
    let second_factor = match (wanted.publish_requires_tfa, wanted.automation_token_overrides_tfa) {
        (None, _) => None,
        (Some(false), _) => Some(PublishSecondFactor::NotRequired),
        (Some(true), Some(true)) => Some(PublishSecondFactor::RequiredUnlessAutomation),
        (Some(true), _) => Some(PublishSecondFactor::Required),
    };
    if visibility.is_none() && second_factor.is_none() {
        return Err(Failure::bad_request("the body must have \"access\" or \"publish_requires_tfa\""));
    }
    let mut writing = hosted.database.write().await?;
    if let Some(visibility) = visibility {
        package_access::set_visibility(&mut writing, name, visibility).await?;
        let entry = caller.audit(hosted, "access.visibility", name, access_name(visibility));
        audit_log::append(&mut writing, &entry).await?;
    }
    if let Some(second_factor) = second_factor {
        package_access::set_publish_second_factor(&mut writing, name, second_factor).await?;
        let entry = caller.audit(hosted, "access.second-factor", name, format!("{second_factor:?}"));
        audit_log::append(&mut writing, &entry).await?;
    }
    writing.commit().await?;
    Ok(document(StatusCode::OK, &json!({})))
}

fn access_name(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Restricted => "restricted",
    }
}

fn found(standing: &Standing, name: &PackageName) -> Result<(), Failure> {
    if standing.exists { Ok(()) } else { Err(Failure::not_found(name.as_str())) }
}
