//! `PUT` and `GET /-/user/org.couchdb.user:{user}`: logging in, making an account, and looking a user up.

use axum::response::Response;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::super::caller::{self, Caller};
use super::{Call, Failure, account_name, document};
use crate::accounts::{Account, LoginError};
use crate::database::{AuditEntry, TokenOwner, audit_log};
use crate::identity::password::NewPassword;
use crate::identity::permission::Refusal;
use crate::identity::redact::read_secret;
use crate::identity::{AccountName, Secret, Token, TokenLimits};

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    name: Option<String>,
    #[serde(deserialize_with = "read_secret")]
    password: Secret,
    #[serde(default)]
    email: Option<String>,
}

pub(super) async fn answer(call: &Call<'_>, user: &str) -> Result<Response, Failure> {
    let name = account_name(user)?;
    if call.method == Method::PUT { log_in(call, &name).await } else { look_up(call, &name).await }
}

/// What `npm owner add` asks before it writes a maintainer into a packument.
async fn look_up(call: &Call<'_>, name: &AccountName) -> Result<Response, Failure> {
    let caller = Caller::of(call.hosted, &call.headers, call.address).await?;
    if !call.hosted.accounts.access.anonymous_read {
        caller.logged_in()?;
    }
    let user = call.hosted.database.user(name).await?.ok_or_else(|| Failure::not_found(name.as_str()))?;
    let date = Timestamp::from_millisecond(user.created).map(|time| time.to_string()).unwrap_or_default();
    Ok(document(
        StatusCode::OK,
        &json!({
            "_id": format!("org.couchdb.user:{name}"),
            "_rev": format!("1-{:x}", user.updated),
            "name": name,
            "email": user.email,
            "type": "user",
            "roles": [],
            "date": date,
        }),
    ))
}

/// A login where there is such a user, else a new account where a registry lets people make one.
async fn log_in(call: &Call<'_>, name: &AccountName) -> Result<Response, Failure> {
    let body: Body = call.json()?;
    if body.name.as_deref().is_some_and(|found| found != name.as_str()) {
        return Err(Failure::bad_request("the body is about another user"));
    }
    let hosted = call.hosted;
    if hosted.database.user(name).await?.is_none()
        && hosted.accounts.registers()
        && let Some(email) = body.email.filter(|email| !email.is_empty())
    {
        register(call, name, &email, &body.password).await?;
    }
    let code = caller::one_time_password(&call.headers);
    let logged_in = hosted.check_login(name, &body.password, code.as_ref(), call.address).await;
    if let Err(LoginError::Wrong) = logged_in {
        tracing::info!(user = %name, address = %call.address, "a login with a wrong name or password");
    }
    logged_in?;
    let token = session_token(call, name, "login").await?;
    Ok(document(
        StatusCode::CREATED,
        &json!({
            "ok": true,
            "id": format!("org.couchdb.user:{name}"),
            "rev": "1",
            "token": token.expose(),
        }),
    ))
}

async fn register(
    call: &Call<'_>,
    name: &AccountName,
    email: &str,
    password: &Secret,
) -> Result<(), Failure> {
    call.hosted.accounts.count_address(call.address, call.hosted.timestamp())?;
    check_email(email)?;
    let password = NewPassword::check(password, name.as_str())
        .map_err(|refusal| Failure::bad_request(refusal.to_string()))?;
    let account = Account { name, email, password: &password, administrator: false };
    let made = call.hosted.create_user(&account, name.as_str(), &call.address.to_string()).await?;
    if made { Ok(()) } else { Err(Failure::told(StatusCode::CONFLICT, format!("the name {name} is taken"))) }
}

/// Whether a text can be an email address.
pub(in crate::http) fn check_email(email: &str) -> Result<(), Failure> {
    if email.len() > 254 || !email.contains('@') || email.chars().any(char::is_control) {
        return Err(Failure::bad_request(format!("\"{email}\" is not an email address")));
    }
    Ok(())
}

/// The token of a login: it may do whatever its user may.
pub(super) async fn session_token(
    call: &Call<'_>,
    name: &AccountName,
    action: &str,
) -> Result<Token, Failure> {
    let hosted = call.hosted;
    let mut writing = hosted.database.write().await?;
    let owner = TokenOwner::User(name.clone());
    let token = hosted.issue_token(&mut writing, &owner, "login", "", &TokenLimits::none()).await?;
    let entry = AuditEntry {
        at: hosted.now(),
        actor: name.to_string(),
        address: call.address.to_string(),
        action: action.to_owned(),
        object: name.to_string(),
        detail: String::new(),
    };
    audit_log::append(&mut writing, &entry).await?;
    writing.commit().await?;
    Ok(token)
}

/// An anonymous request where a login is needed.
pub(super) fn login_needed() -> Failure {
    Failure::Refused(Refusal::LoginNeeded)
}
