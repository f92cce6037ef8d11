//! `/-/whoami` and `/-/npm/v1/user`: who one is, what one says of oneself, the password and the second factor.

use axum::response::Response;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Call, Failure, document, login, second_factor};
use crate::database::{UserRow, audit_log, users};
use crate::hosted::Hosted;
use crate::http::caller::Caller;
use crate::identity::Secret;
use crate::identity::password::NewPassword;
use crate::identity::permission::{Identity, SecondFactor, User};
use crate::identity::redact::read_secret;

/// What users may say of themselves, beside the email address.
pub(in crate::http) const FIELDS: [&str; 5] = ["fullname", "homepage", "freenode", "twitter", "github"];

/// Bytes of what they say in one of them.
const MAX_FIELD: usize = 1024;

pub(super) async fn who_am_i(call: &Call<'_>) -> Result<Response, Failure> {
    let caller = call.caller().await?;
    let username = match caller.identity() {
        Identity::User(user) => user.name.to_string(),
        Identity::TrustedPublisher { .. } => caller.maintainer().name,
        Identity::Anonymous => return Err(login::login_needed()),
    };
    Ok(document(StatusCode::OK, &json!({ "username": username })))
}

pub(super) async fn answer(call: &Call<'_>) -> Result<Response, Failure> {
    if call.method == Method::POST {
        return change(call).await;
    }
    let caller = call.caller().await?;
    let name = &caller.logged_in()?.name;
    let user = call.hosted.database.user(name).await?.ok_or_else(|| Failure::not_found(name.as_str()))?;
    let pending = match call.hosted.database.authenticator(name).await? {
        Some(authenticator) => authenticator.pending,
        None => None,
    };
    Ok(document(StatusCode::OK, &profile(&user, pending)))
}

/// Shape: npm's, with `null` for what was not said.
fn profile(user: &UserRow, pending: Option<SecondFactor>) -> Value {
    let date = |milliseconds| Timestamp::from_millisecond(milliseconds).map(|time| time.to_string()).ok();
    let tfa = match (user.second_factor, pending) {
        (SecondFactor::Disabled, None) => Value::Null,
        (SecondFactor::Disabled, Some(mode)) => json!({ "pending": true, "mode": mode.as_str() }),
        (mode, _) => json!({ "pending": false, "mode": mode.as_str() }),
    };
    let mut profile = json!({
        "tfa": tfa,
        "name": user.name,
        "email": user.email,
        "email_verified": false,
        "created": date(user.created),
        "updated": date(user.updated),
        "cidr_whitelist": null,
    });
    for field in FIELDS {
        profile[field] = json!(user.profile.get(field));
    }
    profile
}

#[derive(Deserialize)]
struct PasswordChange {
    #[serde(deserialize_with = "read_secret")]
    old: Secret,
    #[serde(deserialize_with = "read_secret")]
    new: Secret,
}

async fn change(call: &Call<'_>) -> Result<Response, Failure> {
    let mut caller = call.caller().await?;
    let user = caller.account(call.hosted).await?;
    let mut body: Map<String, Value> = call.json()?;
    // what is about the second factor comes alone
    if let Some(tfa) = body.remove("tfa").filter(|tfa| !tfa.is_null()) {
        return second_factor::change(call, &mut caller, &user, tfa).await;
    }
    if user.second_factor == SecondFactor::AuthAndWrites || body.contains_key("password") {
        caller.account_with_second_factor(call.hosted).await?;
    }
    let hosted = call.hosted;
    let kept = hosted.database.user(&user.name).await?.ok_or_else(login::login_needed)?;
    let password = match body.remove("password").filter(|password| !password.is_null()) {
        Some(password) => {
            let PasswordChange { old, new } = serde_json::from_value(password)
                .map_err(|_| Failure::bad_request("\"password\" must have \"old\" and \"new\""))?;
            Some(checked_password(hosted, &caller, &user, &old, &new).await?)
        }
        None => None,
    };
    save(hosted, &caller, &kept, &body, password).await?;
    let kept = hosted.database.user(&user.name).await?.ok_or_else(login::login_needed)?;
    Ok(document(StatusCode::OK, &profile(&kept, None)))
}

/// A new password, if the old one is right and the new one is not easily guessed.
pub(in crate::http) async fn checked_password(
    hosted: &Hosted,
    caller: &Caller,
    user: &User,
    old: &Secret,
    new: &Secret,
) -> Result<NewPassword, Failure> {
    caller.confirm_password(hosted, old).await?;
    NewPassword::check(new, user.name.as_str()).map_err(|refusal| Failure::bad_request(refusal.to_string()))
}

/// Keeps what a user says of themselves, and with it a new password, which ends what others may have begun by the old.
pub(in crate::http) async fn save(
    hosted: &Hosted,
    caller: &Caller,
    kept: &UserRow,
    body: &Map<String, Value>,
    password: Option<NewPassword>,
) -> Result<(), Failure> {
    let (email, said) = edited(kept, body)?;
    let hash = match password {
        Some(password) => Some(hosted.accounts.hashing.hash(password).await?),
        None => None,
    };
    let name = &kept.name;
    let mut writing = hosted.database.write().await?;
    users::set_profile(&mut writing, name, &email, &said, hosted.now()).await?;
    audit_log::append(&mut writing, &caller.audit(hosted, "user.profile", name, "")).await?;
    if let Some(hash) = hash {
        let detail = hosted.replace_password(&mut writing, name, &hash, caller.token()).await?;
        audit_log::append(&mut writing, &caller.audit(hosted, "user.password", name, detail)).await?;
    }
    writing.commit().await?;
    Ok(())
}

/// The email address and the profile with the fields of a body: a text sets one, null clears it.
fn edited(user: &UserRow, body: &Map<String, Value>) -> Result<(String, users::Profile), Failure> {
    let mut said = user.profile.clone();
    let mut email = user.email.clone();
    for (name, value) in body {
        let text = match value {
            Value::String(text) if text.len() <= MAX_FIELD && !text.chars().any(char::is_control) => {
                text.as_str()
            }
            Value::Null => "",
            _ => return Err(Failure::bad_request(format!("\"{name}\" must be a short text"))),
        };
        match FIELDS.iter().find(|field| *field == name) {
            Some(field) if text.is_empty() => {
                said.remove(*field);
            }
            Some(field) => {
                said.insert((*field).to_owned(), text.to_owned());
            }
            None if name == "email" && (text.contains('@') || text == user.email) => email = text.to_owned(),
            None if name == "email" && text.is_empty() => {}
            None => return Err(Failure::bad_request(format!("\"{name}\" cannot be set to \"{text}\""))),
        }
    }
    Ok((email, said))
}
