//! A user's own account: profile, password, second factor.

use http::StatusCode;
use serde_json::{Map, Value};

use super::Reply;
use super::form::Form;
use super::sign_in;
use super::visit::Visit;
use crate::database::UserRow;
use crate::http::accounts::{profile, second_factor};
use crate::http::caller::Caller;
use crate::http::failure::Failure;
use crate::identity::permission::{SecondFactor, User};
use crate::identity::totp::TotpSecret;
use crate::identity::{RecoveryCode, Secret};
use crate::pages::{
    AccountPage, AuthenticatorPage, Href, RecoveryCodesPage, SecondFactorUse, picture_of_text,
};

/// What a form came to.
enum Done {
    /// Words for the account's page.
    Told(&'static str),
    /// A page of its own.
    Shown(Reply),
}

/// The page of the account.
pub(super) async fn show(visit: &mut Visit<'_>) -> Result<Reply, Failure> {
    let (user, _) = visit.signed_in()?;
    Ok(Reply::page(page(&user).render(&visit.frame)))
}

/// Does what one of the page's forms asks for.
pub(super) async fn change(visit: &mut Visit<'_>, form: &Form) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    let (row, caller) = visit.signed_in()?;
    let mut caller = caller.with_one_time_password(form.code());
    let user = caller.account(hosted).await?;
    let done = match form.text("form") {
        "profile" => save_profile(visit, form, &mut caller, &row).await,
        "password" => change_password(visit, form, &mut caller, &row, &user).await,
        "second-factor" => change_second_factor(visit, form, &mut caller, &user).await,
        "authenticator" => finish_authenticator(visit, form, &caller, &user).await,
        "recovery-codes" => renew_codes(visit, form, &mut caller, &user).await,
        _ => Err(Failure::bad_request("there is no such form")),
    };
    let (status, told, failure) = match done {
        Ok(Done::Shown(reply)) => return Ok(reply),
        Ok(Done::Told(told)) => (StatusCode::OK, Some(told.to_owned()), None),
        Err(failure) => {
            let (status, failure) = visit.explained(failure)?;
            (status, None, Some(failure))
        }
    };
    let row = hosted.database.user(&row.name).await?.unwrap_or(row);
    let page = AccountPage { done: told, failure, ..page(&row) };
    Ok(Reply::Page(status, page.render(&visit.frame)))
}

async fn save_profile(
    visit: &Visit<'_>,
    form: &Form,
    caller: &mut Caller,
    row: &UserRow,
) -> Result<Done, Failure> {
    let hosted = visit.hosted()?;
    if row.second_factor == SecondFactor::AuthAndWrites {
        caller.account_with_second_factor(hosted).await?;
    }
    let fields = profile::FIELDS.into_iter().chain(["email"]);
    let said: Map<String, Value> =
        fields.map(|field| (field.to_owned(), form.text(field).trim().into())).collect();
    profile::save(hosted, caller, row, &said, None).await?;
    Ok(Done::Told("The profile is saved."))
}

async fn change_password(
    visit: &mut Visit<'_>,
    form: &Form,
    caller: &mut Caller,
    row: &UserRow,
    user: &User,
) -> Result<Done, Failure> {
    let hosted = visit.hosted()?;
    if form.text("new") != form.text("again") {
        return Err(Failure::bad_request("the new password was not written the same way twice"));
    }
    let (old, new) = (form.secret("password"), form.secret("new"));
    let password = profile::checked_password(hosted, caller, user, &old, &new).await?;
    caller.account_with_second_factor(hosted).await?;
    profile::save(hosted, caller, row, &Map::new(), Some(password)).await?;
    // that ended every session; this browser begins another
    sign_in::stay(visit, hosted, &user.name).await?;
    Ok(Done::Told("The password is changed. Other browsers are signed out, and your tokens revoked."))
}

async fn change_second_factor(
    visit: &Visit<'_>,
    form: &Form,
    caller: &mut Caller,
    user: &User,
) -> Result<Done, Failure> {
    let hosted = visit.hosted()?;
    caller.confirm_password(hosted, &form.secret("password")).await?;
    caller.account_with_second_factor(hosted).await?;
    let mode = match form.text("mode") {
        "disable" => SecondFactor::Disabled,
        mode => SecondFactor::parse(mode)
            .filter(|mode| *mode != SecondFactor::Disabled)
            .ok_or_else(|| Failure::bad_request("say when a one-time password is to be asked for"))?,
    };
    match (user.second_factor, mode) {
        (SecondFactor::Disabled, SecondFactor::Disabled) => Ok(Done::Told("There is no authenticator.")),
        (SecondFactor::Disabled, mode) => {
            let secret = second_factor::begin(hosted, user, mode).await?;
            let page = authenticator(visit, user, &secret, None);
            Ok(Done::Shown(Reply::page(page.render(&visit.frame))))
        }
        (_, SecondFactor::Disabled) => {
            second_factor::disable(hosted, caller, user).await?;
            Ok(Done::Told("The authenticator is forgotten: the password alone lets you in."))
        }
        (_, mode) => {
            second_factor::set_mode(hosted, caller, user, mode).await?;
            Ok(Done::Told("The second factor is changed."))
        }
    }
}

/// The secret comes back with the form, so that only who began can see it again where the code was wrong.
async fn finish_authenticator(
    visit: &mut Visit<'_>,
    form: &Form,
    caller: &Caller,
    user: &User,
) -> Result<Done, Failure> {
    let hosted = visit.hosted()?;
    let begun = hosted.database.authenticator(&user.name).await?.filter(|begun| begun.pending.is_some());
    let secret = begun.map(|begun| hosted.opened_secret(&user.name, &begun.secret)).transpose()?;
    let secret = secret.filter(|secret| secret.to_base32() == form.text("secret"));
    let Some(secret) = secret else {
        return Err(Failure::bad_request("another authenticator was begun with since; begin again"));
    };
    match second_factor::finish(hosted, caller, user, form.text("otp")).await {
        Ok(codes) => {
            let told = "The authenticator is set up, and asked for from now on.";
            Ok(Done::Shown(codes_page(visit, codes, told)))
        }
        Err(failure) => {
            let (status, failure) = visit.explained(failure)?;
            let page = authenticator(visit, user, &secret, Some(failure));
            Ok(Done::Shown(Reply::Page(status, page.render(&visit.frame))))
        }
    }
}

async fn renew_codes(
    visit: &Visit<'_>,
    form: &Form,
    caller: &mut Caller,
    user: &User,
) -> Result<Done, Failure> {
    let hosted = visit.hosted()?;
    if user.second_factor == SecondFactor::Disabled {
        return Err(Failure::bad_request("there is no authenticator that codes could stand for"));
    }
    caller.confirm_password(hosted, &form.secret("password")).await?;
    caller.account_with_second_factor(hosted).await?;
    let codes = second_factor::renew_codes(hosted, caller, user).await?;
    Ok(Done::Shown(codes_page(visit, codes, "The codes you had are no longer good.")))
}

fn codes_page(visit: &Visit<'_>, codes: Vec<RecoveryCode>, done: &str) -> Reply {
    let codes = codes.iter().map(|code| Secret::new(code.expose())).collect();
    Reply::page(RecoveryCodesPage { codes, done: done.to_owned() }.render(&visit.frame))
}

fn authenticator(
    visit: &Visit<'_>,
    user: &User,
    secret: &TotpSecret,
    failure: Option<String>,
) -> AuthenticatorPage {
    let uri = secret.otpauth_uri(second_factor::issuer(&visit.frame.base), user.name.as_str());
    AuthenticatorPage {
        secret: Secret::new(secret.to_base32()),
        link: Href::authenticator(&uri),
        picture: picture_of_text(&uri, "The secret, for the camera of a telephone"),
        failure,
    }
}

fn page(user: &UserRow) -> AccountPage {
    let label = |field: &str| match field {
        "fullname" => "Name",
        "homepage" => "Homepage",
        "freenode" => "IRC",
        "twitter" => "Twitter",
        _ => "GitHub",
    };
    let said = |field: &str| user.profile.get(field).cloned().unwrap_or_default();
    AccountPage {
        email: user.email.clone(),
        profile: profile::FIELDS.into_iter().map(|field| (field, label(field), said(field))).collect(),
        second_factor: match user.second_factor {
            SecondFactor::Disabled => SecondFactorUse::Never,
            SecondFactor::AuthOnly => SecondFactorUse::Logins,
            SecondFactor::AuthAndWrites => SecondFactorUse::LoginsAndWrites,
        },
        ..AccountPage::default()
    }
}
