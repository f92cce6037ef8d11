//! `profile`: what the registry knows of the account we are logged in with, and its second factor.
//!
//! Does not own rendering. Source: npm 11.19.1.

use diagnostics::Diagnostic;
use http::Method;
use registry_client::{ApiBody, ApiRequest, RegistryClient, Secret};
use serde_json::{Map, Value, json};
use url::Url;

use crate::account::{AccountDialogue, ask_code, ask_password, call, credential, user_and_password};
use crate::token::{self, NewToken};

/// What can be set.
pub const WRITABLE: [&str; 7] =
    ["email", "password", "fullname", "homepage", "freenode", "twitter", "github"];

/// The profile as the registry tells it.
///
/// *Errors*: what the registry refuses.
pub async fn get(client: &RegistryClient) -> Result<Map<String, Value>, Diagnostic> {
    match call(client, &ApiRequest::new(Method::GET, "/-/npm/v1/user")).await? {
        Value::Object(profile) => Ok(profile),
        _ => Err(Diagnostic::error("EINVALIDRESPONSE", "the registry's answer is no profile")),
    }
}

async fn post(client: &RegistryClient, body: Value) -> Result<Value, Diagnostic> {
    let request = ApiRequest { body: ApiBody::Json(body), ..ApiRequest::new(Method::POST, "/-/npm/v1/user") };
    call(client, &request).await
}

/// Whether a profile has a second factor that is in use, and of which mode.
pub fn second_factor(profile: &Map<String, Value>) -> Option<&str> {
    let factor = profile.get("tfa").filter(|factor| factor.is_object())?;
    let pending =
        factor.get("pending").is_some_and(|pending| pending.as_bool() != Some(false) && !pending.is_null());
    (!pending).then(|| factor.get("mode").and_then(Value::as_str).unwrap_or_default())
}

fn is_pending(profile: &Map<String, Value>) -> bool {
    profile.get("tfa").is_some_and(Value::is_object) && second_factor(profile).is_none()
}

/// A change of one property.
pub enum Change<'a> {
    Text(&'a str),
    /// The password, old and new, which are asked for.
    Password,
}

/// Sets one property and leaves the others as they are. Answers its new value.
///
/// *Errors*: questions that nobody answers, what the registry refuses.
pub async fn set(
    client: &RegistryClient,
    property: &str,
    change: Change<'_>,
    dialogue: &mut dyn AccountDialogue,
) -> Result<Option<Value>, Diagnostic> {
    let value = match change {
        Change::Text(text) => Value::from(text),
        Change::Password => {
            let old = ask_password(dialogue, "Current password: ")?;
            let new = ask_new_password(dialogue)?;
            json!({ "old": old.reveal(), "new": new.reveal() })
        }
    };
    // the registry takes what is not sent for cleared
    let known = get(client).await?;
    let mut body = Map::new();
    for name in WRITABLE {
        let value = if name == property { Some(&value) } else { known.get(name) };
        if let Some(value) = value {
            let cleared = value.as_str() == Some("");
            body.insert(name.to_owned(), if cleared { Value::Null } else { value.clone() });
        }
    }
    let mut answer = post(client, body.into()).await?;
    Ok(answer.get_mut(property).map(Value::take).filter(|value| !value.is_null()))
}

fn ask_new_password(dialogue: &mut dyn AccountDialogue) -> Result<Secret, Diagnostic> {
    loop {
        let first = ask_password(dialogue, "New password: ")?;
        let second = ask_password(dialogue, "       Again: ")?;
        if first == second {
            return Ok(first);
        }
        dialogue.say("Passwords do not match, please try again.");
    }
}

/// How a second factor was enabled.
pub enum Enabled {
    /// It was so before.
    Already,
    /// It is in use already, and now for what was asked.
    Changed,
    /// It is in use from now on. What lets its holder in without it.
    New { recovery_codes: Vec<String> },
}

/// What happens on the way of enabling a second factor.
pub trait Enabling: AccountDialogue {
    /// Keeps a token in place of the name and password in the configuration, which do not suffice any more.
    ///
    /// *Errors*: the configuration cannot be written.
    fn keep(&mut self, token: &Secret) -> Result<(), Diagnostic>;
    /// Shows the secret that goes into an authenticator: as a URL, and as it is typed.
    fn show_secret(&mut self, url: &str, secret: &str);
}

/// Enables a second factor: `auth-only` or `auth-and-writes`.
///
/// *Errors*: `ENEEDAUTH`, questions that nobody answers, what the registry refuses.
pub async fn enable_second_factor(
    client: &RegistryClient,
    mode: &str,
    user: &mut dyn Enabling,
) -> Result<Enabled, Diagnostic> {
    let profile = get(client).await?;
    if second_factor(&profile) == Some(mode) {
        return Ok(Enabled::Already);
    }
    let Some(credential) = credential(client) else {
        return Err(Diagnostic::error(
            "ENEEDAUTH",
            "a second factor belongs to an account, and you are in none",
        )
        .with_hint("run `knit login`"));
    };
    if let Some((_, password)) = user_and_password(&credential) {
        let made = token::create(client, &NewToken::default(), &password).await?;
        let Some(token) = made.get("token").and_then(Value::as_str) else {
            let text = "the registry gives no tokens, without which there is no second factor";
            return Err(Diagnostic::error("ENOTOKEN", text));
        };
        user.keep(&Secret::new(token))?;
    }
    let password = ask_password(user, "Password: ")?;
    if is_pending(&profile) {
        post(client, json!({ "tfa": { "password": password.reveal(), "mode": "disable" } })).await?;
    }
    let wanted = json!({ "tfa": { "mode": mode, "password": password.reveal() } });
    let challenge = post(client, wanted).await?;
    let challenge = challenge.get("tfa").cloned().unwrap_or_default();
    if challenge.get("mode").is_some_and(|mode| !mode.is_null()) {
        return Ok(Enabled::Changed);
    }
    let url = challenge.as_str().filter(|url| url.starts_with("otpauth://")).ok_or_else(|| {
        let text = "the registry's answer has no otpauth: address for the authenticator";
        Diagnostic::error("EINVALIDRESPONSE", text)
    })?;
    let secret = Url::parse(url).ok().and_then(|url| {
        url.query_pairs().find(|(name, _)| name == "secret").map(|(_, secret)| secret.into_owned())
    });
    user.show_secret(url, &secret.unwrap_or_default());
    let code = ask_code(user, "And an OTP code from your authenticator: ")?;
    let answer = post(client, json!({ "tfa": [code.reveal()] })).await?;
    let codes = answer.get("tfa").and_then(Value::as_array).into_iter().flatten();
    let recovery_codes = codes.filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(Enabled::New { recovery_codes })
}

/// Disables the second factor. Answers whether there was one.
///
/// *Errors*: nobody gives the password, what the registry refuses.
pub async fn disable_second_factor(
    client: &RegistryClient,
    dialogue: &mut dyn AccountDialogue,
) -> Result<bool, Diagnostic> {
    if second_factor(&get(client).await?).is_none() {
        return Ok(false);
    }
    let password = ask_password(dialogue, "Password: ")?;
    post(client, json!({ "tfa": { "password": password.reveal(), "mode": "disable" } })).await?;
    Ok(true)
}
