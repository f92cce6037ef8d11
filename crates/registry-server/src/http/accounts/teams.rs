//! `/-/org/{org}/team` and `/-/team/{org}/{team}`: teams and who is in them.
//!
//! Lists are of names for npm, which says `?format=cli`, and of objects for pnpm, which does not. What is taken away is
//! answered with an empty object: npm 6 to 8 fail where there is nothing to parse.

use axum::response::Response;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::{Call, Failure, account_name, document, members};
use crate::database::{TeamId, audit_log, teams};
use crate::http::caller::Caller;
use crate::identity::TeamName;
use crate::identity::permission::Role;

#[derive(Deserialize)]
struct NewTeam {
    name: String,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    user: String,
}

/// The name of a team in a body or an address.
fn team_name(text: &str) -> Result<TeamName, Failure> {
    TeamName::parse(text).map_err(|refusal| Failure::bad_request(format!("\"{text}\": {refusal}")))
}

fn lists_names(call: &Call<'_>) -> bool {
    call.parameter("format").as_deref() == Some("cli")
}

/// Who asks about a team that there is, in a role that they need in its organisation.
pub(super) async fn known(
    call: &Call<'_>,
    organisation: &str,
    team: &str,
    needed: Role,
) -> Result<(Caller, TeamId), Failure> {
    let id = TeamId { organisation: account_name(organisation)?, team: team_name(team)? };
    let mut caller = call.caller().await?;
    caller.logged_in()?;
    members::known(call, &id.organisation).await?;
    let admitted = caller.in_organisation(call.hosted, &id.organisation, needed).await;
    admitted.map_err(|failure| members::hide(failure, &id.organisation))?;
    if !call.hosted.database.has_team(&id).await? {
        return Err(Failure::not_found(&format!("the team {id}")));
    }
    Ok((caller, id))
}

pub(super) async fn answer(call: &Call<'_>, organisation: &str) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let organisation = account_name(organisation)?;
    let mut caller = call.caller().await?;
    caller.logged_in()?;
    members::known(call, &organisation).await?;
    if call.method != Method::PUT {
        let admitted = caller.in_organisation(hosted, &organisation, Role::Developer).await;
        admitted.map_err(|failure| members::hide(failure, &organisation))?;
        let teams = hosted.database.teams(&organisation).await?;
        let listed = teams.iter().map(|team| match lists_names(call) {
            true => json!(format!("{organisation}:{team}")),
            false => json!({ "name": team }),
        });
        return Ok(document(StatusCode::OK, &listed.collect()));
    }
    caller.in_organisation(hosted, &organisation, Role::Admin).await?;
    let body: NewTeam = call.json()?;
    let id = TeamId { team: team_name(&body.name)?, organisation };
    let description = body.description.unwrap_or_default();
    let mut writing = hosted.database.write().await?;
    if !teams::create(&mut writing, &id, &description, hosted.now()).await? {
        return Err(Failure::told(StatusCode::CONFLICT, format!("there is a team {id} already")));
    }
    audit_log::append(&mut writing, &caller.audit(hosted, "team.create", &id, "")).await?;
    writing.commit().await?;
    let told = json!({ "name": id.team, "scope_name": id.organisation, "description": description });
    Ok(document(StatusCode::CREATED, &told))
}

pub(super) async fn remove(call: &Call<'_>, organisation: &str, team: &str) -> Result<Response, Failure> {
    let (caller, id) = known(call, organisation, team, Role::Admin).await?;
    let mut writing = call.hosted.database.write().await?;
    teams::remove(&mut writing, &id).await?;
    audit_log::append(&mut writing, &caller.audit(call.hosted, "team.remove", &id, "")).await?;
    writing.commit().await?;
    Ok(document(StatusCode::OK, &json!({})))
}

pub(super) async fn members(call: &Call<'_>, organisation: &str, team: &str) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let reads = matches!(call.method, Method::GET | Method::HEAD);
    let needed = if reads { Role::Developer } else { Role::Admin };
    let (caller, id) = known(call, organisation, team, needed).await?;
    if reads {
        let members = hosted.database.team_members(&id).await?;
        let listed = members.iter().map(|user| match lists_names(call) {
            true => json!(user),
            false => json!({ "name": user }),
        });
        return Ok(document(StatusCode::OK, &listed.collect()));
    }
    let body: Member = call.json()?;
    let user = account_name(&body.user)?;
    let mut writing = hosted.database.write().await?;
    if call.method == Method::DELETE {
        if !teams::remove_member(&mut writing, &id, &user).await? {
            return Err(Failure::not_found(&format!("{user} in {id}")));
        }
        audit_log::append(&mut writing, &caller.audit(hosted, "team.remove-member", &id, &user)).await?;
        writing.commit().await?;
        return Ok(document(StatusCode::OK, &json!({})));
    }
    // who is taken out of the organisation is taken out of its teams, so nobody is in a team alone
    if hosted.database.role(&id.organisation, &user).await?.is_none() {
        let message = format!("{user} is not in {0}; run `npm org set {0} {user}` first", id.organisation);
        return Err(Failure::told(StatusCode::FORBIDDEN, message));
    }
    teams::add_member(&mut writing, &id, &user).await?;
    audit_log::append(&mut writing, &caller.audit(hosted, "team.add-member", &id, &user)).await?;
    writing.commit().await?;
    Ok(document(StatusCode::CREATED, &json!({})))
}
