//! What `npm profile enable-2fa` and `disable-2fa` send to `/-/npm/v1/user`.

use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Failure, document, login};
use crate::accounts::LoginError;
use crate::database::{audit_log, users};
use crate::http::caller::Caller;
use crate::identity::permission::{SecondFactor, User};
use crate::identity::recovery_code::RECOVERY_CODES;
use crate::identity::redact::read_secret;
use crate::identity::totp::TotpSecret;
use crate::identity::{RecoveryCode, Secret};

#[derive(Deserialize)]
struct Wanted {
    #[serde(deserialize_with = "read_secret")]
    password: Secret,
    mode: String,
}

/// Answers the `tfa` of a body: `{password, mode}` begins, changes or ends, a list of one code finishes what was begun.
pub(super) async fn change(
    call: &Call<'_>,
    caller: &mut Caller,
    user: &User,
    tfa: Value,
) -> Result<Response, Failure> {
    if let Value::Array(codes) = &tfa {
        let code = codes.first().and_then(Value::as_str).ok_or_else(unreadable)?;
        return finish(call, caller, user, code).await;
    }
    let wanted: Wanted = serde_json::from_value(tfa).map_err(|_| unreadable())?;
    login::confirm_password(call, &user.name, &wanted.password).await?;
    caller.account_with_second_factor(call.hosted).await?;
    match wanted.mode.as_str() {
        "disable" => disable(call, caller, user).await,
        mode => match SecondFactor::parse(mode).filter(|mode| *mode != SecondFactor::Disabled) {
            Some(mode) if user.second_factor == SecondFactor::Disabled => begin(call, user, mode).await,
            Some(mode) => set_mode(call, caller, user, mode).await,
            None => Err(Failure::bad_request("the mode is auth-only, auth-and-writes or disable")),
        },
    }
}

async fn begin(call: &Call<'_>, user: &User, mode: SecondFactor) -> Result<Response, Failure> {
    let secret = TotpSecret::generate()?;
    let mut writing = call.hosted.database.write().await?;
    users::begin_authenticator(&mut writing, &user.name, &secret, mode).await?;
    writing.commit().await?;
    let host = call.base.split_once("://").map_or(call.base, |(_, host)| host).trim_end_matches('/');
    Ok(document(StatusCode::OK, &json!({ "tfa": secret.otpauth_uri(host, user.name.as_str()) })))
}

async fn finish(call: &Call<'_>, caller: &Caller, user: &User, code: &str) -> Result<Response, Failure> {
    let hosted = call.hosted;
    hosted.accounts.count_address(call.address, hosted.timestamp())?;
    hosted.accounts.count_user(&user.name, hosted.timestamp())?;
    let begun = hosted.database.authenticator(&user.name).await?;
    let begun = begun.and_then(|authenticator| Some((authenticator.pending?, authenticator.secret)));
    let Some((mode, secret)) = begun else {
        return Err(Failure::bad_request("begin with `npm profile enable-2fa`: there is nothing to finish"));
    };
    let step = secret.verify(code, hosted.timestamp(), None).ok_or(LoginError::WrongOneTimePassword)?;
    let codes = (0..RECOVERY_CODES).map(|_| RecoveryCode::generate()).collect::<Result<Vec<_>, _>>()?;
    let mut writing = hosted.database.write().await?;
    users::finish_authenticator(&mut writing, &user.name, &codes).await?;
    users::use_step(&mut writing, &user.name, step).await?;
    users::set_second_factor(&mut writing, &user.name, mode, hosted.now()).await?;
    let entry = caller.audit(hosted, "user.second-factor", &user.name, mode.as_str());
    audit_log::append(&mut writing, &entry).await?;
    writing.commit().await?;
    hosted.accounts.welcome(&user.name);
    let codes: Vec<&str> = codes.iter().map(RecoveryCode::expose).collect();
    Ok(document(StatusCode::OK, &json!({ "tfa": codes })))
}

async fn set_mode(
    call: &Call<'_>,
    caller: &Caller,
    user: &User,
    mode: SecondFactor,
) -> Result<Response, Failure> {
    let mut writing = call.hosted.database.write().await?;
    users::set_second_factor(&mut writing, &user.name, mode, call.hosted.now()).await?;
    let entry = caller.audit(call.hosted, "user.second-factor", &user.name, mode.as_str());
    audit_log::append(&mut writing, &entry).await?;
    writing.commit().await?;
    Ok(document(StatusCode::OK, &json!({ "tfa": { "pending": false, "mode": mode.as_str() } })))
}

async fn disable(call: &Call<'_>, caller: &Caller, user: &User) -> Result<Response, Failure> {
    let disabled = SecondFactor::Disabled;
    let mut writing = call.hosted.database.write().await?;
    users::remove_authenticator(&mut writing, &user.name).await?;
    users::set_second_factor(&mut writing, &user.name, disabled, call.hosted.now()).await?;
    let entry = caller.audit(call.hosted, "user.second-factor", &user.name, disabled.as_str());
    audit_log::append(&mut writing, &entry).await?;
    writing.commit().await?;
    Ok(document(StatusCode::OK, &json!({ "tfa": null })))
}

fn unreadable() -> Failure {
    Failure::bad_request("\"tfa\" must have \"password\" and \"mode\", or be a list of one code")
}
