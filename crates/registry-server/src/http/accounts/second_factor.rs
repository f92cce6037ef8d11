//! What `npm profile enable-2fa` and `disable-2fa` send to `/-/npm/v1/user`, and what follows from it wherever it is asked.

use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Failure, document};
use crate::accounts::LoginError;
use crate::database::{audit_log, browser_sessions, users};
use crate::hosted::Hosted;
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
    let hosted = call.hosted;
    if let Value::Array(codes) = &tfa {
        let code = codes.first().and_then(Value::as_str).ok_or_else(unreadable)?;
        let codes = finish(hosted, caller, user, code).await?;
        let codes: Vec<&str> = codes.iter().map(RecoveryCode::expose).collect();
        return Ok(document(StatusCode::OK, &json!({ "tfa": codes })));
    }
    let wanted: Wanted = serde_json::from_value(tfa).map_err(|_| unreadable())?;
    caller.confirm_password(hosted, &wanted.password).await?;
    caller.account_with_second_factor(hosted).await?;
    let told = match wanted.mode.as_str() {
        "disable" => {
            disable(hosted, caller, user).await?;
            Value::Null
        }
        mode => match SecondFactor::parse(mode).filter(|mode| *mode != SecondFactor::Disabled) {
            Some(mode) if user.second_factor == SecondFactor::Disabled => {
                let secret = begin(hosted, user, mode).await?;
                json!(secret.otpauth_uri(issuer(call.base), user.name.as_str()))
            }
            Some(mode) => {
                set_mode(hosted, caller, user, mode).await?;
                json!({ "pending": false, "mode": mode.as_str() })
            }
            None => return Err(Failure::bad_request("the mode is auth-only, auth-and-writes or disable")),
        },
    };
    Ok(document(StatusCode::OK, &json!({ "tfa": told })))
}

/// Begins to set up an authenticator app, which gets the secret that is answered.
pub(in crate::http) async fn begin(
    hosted: &Hosted,
    user: &User,
    mode: SecondFactor,
) -> Result<TotpSecret, Failure> {
    let secret = TotpSecret::generate()?;
    let kept = hosted.sealed_secret(&user.name, &secret)?;
    let mut writing = hosted.database.write().await?;
    users::begin_authenticator(&mut writing, &user.name, &kept, mode).await?;
    writing.commit().await?;
    Ok(secret)
}

/// What an authenticator app calls the registry at an address.
pub(in crate::http) fn issuer(base: &str) -> &str {
    base.split_once("://").map_or(base, |(_, host)| host).trim_end_matches('/')
}

/// Takes an authenticator app into use that shows the right code. Browsers that are logged in without it no longer are.
///
/// Errors: the code is wrong; nothing was begun; there were too many attempts.
pub(in crate::http) async fn finish(
    hosted: &Hosted,
    caller: &Caller,
    user: &User,
    code: &str,
) -> Result<Vec<RecoveryCode>, Failure> {
    hosted.accounts.count_address(caller.address(), hosted.timestamp())?;
    hosted.accounts.count_code(&user.name, hosted.timestamp())?;
    let begun = hosted.database.authenticator(&user.name).await?;
    let begun = begun.and_then(|authenticator| Some((authenticator.pending?, authenticator.secret)));
    let Some((mode, secret)) = begun else {
        return Err(Failure::bad_request("begin with `npm profile enable-2fa`: there is nothing to finish"));
    };
    let secret = hosted.opened_secret(&user.name, &secret)?;
    let step = secret.verify(code, hosted.timestamp(), None).ok_or(LoginError::WrongOneTimePassword)?;
    let codes = generate_codes()?;
    let mut writing = hosted.database.write().await?;
    users::finish_authenticator(&mut writing, &user.name, &codes).await?;
    users::use_step(&mut writing, &user.name, step).await?;
    users::set_second_factor(&mut writing, &user.name, mode, hosted.now()).await?;
    browser_sessions::end_others(&mut writing, &user.name, caller.session()).await?;
    let entry = caller.audit(hosted, "user.second-factor", &user.name, mode.as_str());
    audit_log::append(&mut writing, &entry).await?;
    writing.commit().await?;
    hosted.accounts.welcome_code(&user.name);
    Ok(codes)
}

/// Says when a user with an authenticator app is asked for a code.
pub(in crate::http) async fn set_mode(
    hosted: &Hosted,
    caller: &Caller,
    user: &User,
    mode: SecondFactor,
) -> Result<(), Failure> {
    let mut writing = hosted.database.write().await?;
    users::set_second_factor(&mut writing, &user.name, mode, hosted.now()).await?;
    let entry = caller.audit(hosted, "user.second-factor", &user.name, mode.as_str());
    audit_log::append(&mut writing, &entry).await?;
    writing.commit().await?;
    Ok(())
}

/// Forgets a user's authenticator app and recovery codes.
pub(in crate::http) async fn disable(hosted: &Hosted, caller: &Caller, user: &User) -> Result<(), Failure> {
    let disabled = SecondFactor::Disabled;
    let mut writing = hosted.database.write().await?;
    users::remove_authenticator(&mut writing, &user.name).await?;
    users::set_second_factor(&mut writing, &user.name, disabled, hosted.now()).await?;
    let entry = caller.audit(hosted, "user.second-factor", &user.name, disabled.as_str());
    audit_log::append(&mut writing, &entry).await?;
    writing.commit().await?;
    Ok(())
}

/// Gives a user new recovery codes, with which the old ones are no longer good.
pub(in crate::http) async fn renew_codes(
    hosted: &Hosted,
    caller: &Caller,
    user: &User,
) -> Result<Vec<RecoveryCode>, Failure> {
    let codes = generate_codes()?;
    let mut writing = hosted.database.write().await?;
    users::replace_recovery_codes(&mut writing, &user.name, &codes).await?;
    audit_log::append(&mut writing, &caller.audit(hosted, "user.recovery-codes", &user.name, "")).await?;
    writing.commit().await?;
    Ok(codes)
}

fn generate_codes() -> Result<Vec<RecoveryCode>, Failure> {
    Ok((0..RECOVERY_CODES).map(|_| RecoveryCode::generate()).collect::<Result<_, _>>()?)
}

fn unreadable() -> Failure {
    Failure::bad_request("\"tfa\" must have \"password\" and \"mode\", or be a list of one code")
}
