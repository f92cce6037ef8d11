//! `/-/npm/v1/tokens` and `/-/user/token/{token}`: making tokens, listing and revoking them.

use axum::response::Response;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::token_request::TokenRequest;
use super::{Call, Failure, document, no_content};
use crate::database::{NewToken, TokenOwner, TokenRow, audit_log, tokens};
use crate::hosted::Hosted;
use crate::http::caller::Caller;
use crate::http::part::Part;
use crate::identity::permission::{Refusal, SecondFactor};
use crate::identity::token_limits::{Reach, SelectedPackages};
use crate::identity::{AccountName, Token, TokenDigest, TokenLimits};

/// Tokens on one page of the list.
const PAGE: usize = 100;

pub(super) async fn answer(call: &Call<'_>) -> Result<Response, Failure> {
    if call.method == Method::POST { create(call).await } else { list(call).await }
}

async fn list(call: &Call<'_>) -> Result<Response, Failure> {
    let mut caller = call.caller().await?;
    let user = caller.account(call.hosted).await?;
    let part = Part::in_pages(|name| call.parameter(name), PAGE);
    let [size, from] = [part.size, part.from].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    let (rows, total) = call.hosted.database.tokens_of(&user.name, size, from).await?;
    let objects: Vec<Value> = rows.iter().map(listed).collect();
    let next = part.next_page(usize::try_from(total).unwrap_or(0));
    let next = next.map(|page| format!("/-/npm/v1/tokens?page={page}&perPage={}", part.size));
    let urls = next.map_or_else(|| json!({}), |next| json!({ "next": next }));
    Ok(document(StatusCode::OK, &json!({ "objects": objects, "total": total, "urls": urls })))
}

async fn create(call: &Call<'_>) -> Result<Response, Failure> {
    let mut caller = call.caller().await?;
    let (token, row) = make(call.hosted, &mut caller, &call.json()?).await?;
    let mut told = listed(&row);
    told["token"] = json!(token.expose());
    Ok(document(StatusCode::OK, &told))
}

/// Makes the token that a user asks for with the password, and with a one-time password where they have an authenticator.
pub(in crate::http) async fn make(
    hosted: &Hosted,
    caller: &mut Caller,
    request: &TokenRequest,
) -> Result<(Token, TokenRow), Failure> {
    let user = caller.account(hosted).await?;
    let limits = request.limits(hosted.timestamp())?;
    let (name, description) = request.texts()?;
    caller.confirm_password(hosted, &request.password).await?;
    caller.account_with_second_factor(hosted).await?;

    let token = Token::generate()?;
    let owner = TokenOwner::User(user.name.clone());
    let new = NewToken { token: &token, owner: &owner, name, description, limits: &limits };
    let mut writing = hosted.database.write().await?;
    tokens::create(&mut writing, &new, hosted.now()).await?;
    let entry = caller.audit(hosted, "token.create", token.digest().as_str(), limits.to_stored());
    audit_log::append(&mut writing, &entry).await?;
    writing.commit().await?;
    let row = TokenRow {
        digest: token.digest(),
        owner,
        name: name.to_owned(),
        description: description.to_owned(),
        shown: String::new(),
        limits,
        created: hosted.now(),
    };
    Ok((token, row))
}

/// One token as npm lists it.
fn listed(row: &TokenRow) -> Value {
    let created = Timestamp::from_millisecond(row.created).map(|time| time.to_string()).ok();
    let TokenLimits { packages, packages_reach, organisations, organisations_reach, .. } = &row.limits;
    let (packages, scopes) = match packages {
        SelectedPackages::All => (None, None),
        SelectedPackages::Only { packages, scopes } => (Some(packages), Some(scopes)),
    };
    let ranges: Vec<String> = row.limits.addresses.iter().map(ToString::to_string).collect();
    json!({
        "key": row.digest.as_str(),
        "token": row.shown,
        "name": row.name,
        "description": row.description,
        "cidr_whitelist": (!ranges.is_empty()).then_some(ranges),
        "readonly": *packages_reach < Reach::Write,
        "automation": row.limits.bypasses_one_time_password,
        "bypass_2fa": row.limits.bypasses_one_time_password,
        "packages": packages,
        "scopes": scopes,
        "packages_and_scopes_permission": packages_reach.as_str(),
        "orgs": organisations,
        "orgs_permission": organisations_reach.as_str(),
        "created": created,
        "updated": created,
        "expires": row.limits.expires.map(|time| time.to_string()),
    })
}

/// Revokes one of the caller's tokens, by its key or, as npm sends what it does not find in the list, by itself.
pub(super) async fn revoke(call: &Call<'_>, key: &str) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let mut caller = call.caller().await?;
    let user = caller.account(hosted).await?;
    if user.second_factor == SecondFactor::AuthAndWrites {
        caller.account_with_second_factor(hosted).await?;
    }
    let digest = TokenDigest::parse(key).or_else(|| Token::parse(key).map(|token| token.digest()));
    let digest = digest.ok_or_else(unknown)?;
    end(hosted, &caller, &user.name, &digest).await?;
    Ok(no_content())
}

/// Revokes a token of a user.
///
/// Errors: it is none of theirs.
pub(in crate::http) async fn end(
    hosted: &Hosted,
    caller: &Caller,
    user: &AccountName,
    digest: &TokenDigest,
) -> Result<(), Failure> {
    let row = hosted.database.token(digest).await?.ok_or_else(unknown)?;
    if row.owner != TokenOwner::User(user.clone()) {
        return Err(unknown());
    }
    let mut writing = hosted.database.write().await?;
    tokens::revoke(&mut writing, digest).await?;
    audit_log::append(&mut writing, &caller.audit(hosted, "token.revoke", digest.as_str(), row.name)).await?;
    writing.commit().await?;
    Ok(())
}

fn unknown() -> Failure {
    Failure::not_found("the token")
}

/// `npm logout`: a token revokes itself. Having it is enough, wherever it is and whatever it may do.
pub(super) async fn log_out(call: &Call<'_>, token: &str) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let caller = call.caller().await?;
    let digest = Token::parse(token).ok_or_else(|| Failure::not_found("the token"))?.digest();
    if caller.token() != Some(&digest) {
        return Err(Refusal::TokenAccount.into());
    }
    let mut writing = hosted.database.write().await?;
    tokens::revoke(&mut writing, &digest).await?;
    audit_log::append(&mut writing, &caller.audit(hosted, "logout", digest.as_str(), "")).await?;
    writing.commit().await?;
    Ok(document(StatusCode::OK, &json!({ "ok": true })))
}
